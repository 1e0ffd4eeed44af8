//! What the page of a dataset looks like: what it is, how fresh, its files, the first rows, charts, what each column means, how to ask
//! for rows by program.

use kernel::{Bilingual, Lang, Timestamp};
use maud::{Markup, PreEscaped, html};
use web::components::{self, Fact, Tone};
use web::table::encode;
use web::{Shell, format};

use super::facet_words;
use super::list::words;
use crate::ckan::licence_url;
use crate::dataset::{Dataset, Facet, Origin};
use crate::rows::{Cell, ID, OpenField, Sheet, Ty};

/// Bars of a chart.
const BARS: usize = 6;

/// What the page knows.
pub(crate) struct About<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) publisher: &'a Bilingual,
    /// What leaves, with the first rows; none for data elsewhere.
    pub(crate) rows: Option<(&'a Sheet, &'a [Vec<Cell>])>,
    /// The page of the map, where there is one.
    pub(crate) map: Option<String>,
    pub(crate) now: Timestamp,
    pub(crate) json_ld: String,
}

pub(crate) fn page(shell: &Shell, page: &About<'_>) -> Markup {
    let (dataset, lang) = (page.dataset, shell.lang);
    let about = &dataset.about;
    html! {
        h1 class=[components::title_class(about.title.get(lang))] { (words(lang, &about.title)) }
        @if !about.notes.get(lang).is_empty() { p.lead { (words(lang, &about.notes)) } }
        @if about.synthetic {
            (components::note(Tone::Soon, &shell.text("open-synthetic-tag"), &html! { p { (shell.text("open-synthetic")) } }))
        }
        @if let Some(least) = about.suppress_below {
            (components::note(Tone::Info, &shell.text("open-counted-title"),
                &html! { p { (shell.text_with("open-counted", &[("n", u64::from(least).into())])) } }))
        }
        (facts(shell, page))
        (files(shell, page))
        @if let Some((sheet, rows)) = page.rows {
            (charts(shell, dataset, sheet))
            (preview(shell, dataset, sheet, rows))
            (columns(shell, sheet))
            (console(shell, dataset, sheet))
        }
        (around(shell, page))
        // A data block: no browser runs it, search engines read it.
        script type="application/ld+json" { (PreEscaped(&page.json_ld)) }
    }
}

fn facts(shell: &Shell, page: &About<'_>) -> Markup {
    let (dataset, lang) = (page.dataset, shell.lang);
    let about = &dataset.about;
    let mut facts = vec![Fact::new(shell.text("open-facet-publisher"), page.publisher.get(lang))];
    if let Some(rows) = about.rows {
        facts.push(Fact::new(shell.text("open-rows"), format::number(lang, rows)));
    }
    let changed = about.changed_at.unwrap_or(dataset.modified_at);
    let mut last = Fact::new(shell.text("open-last-change"), format::date_time(lang, changed));
    if let Some(measured) = about.measured_at {
        let seen = shell.text_with("open-measured-at", &[("at", format::date_time(lang, measured).into())]);
        last = last.more(seen);
    }
    facts.push(last);
    if let Some(until) = about.fresh_until {
        let words = shell.text(&format!("open-freshness-{}", dataset.freshness(page.now)));
        let promise = shell.text_with(
            "open-fresh-until",
            &[("day", format::date(lang, until.local_date()).into())],
        );
        facts.push(Fact::new(shell.text("open-facet-freshness"), words).more(promise));
    }
    facts.push(Fact::new(shell.text("open-facet-licence"), &about.licence));
    components::facts(&facts)
}

fn files(shell: &Shell, page: &About<'_>) -> Markup {
    let dataset = page.dataset;
    html! {
        h2 { (shell.text(if dataset.origin == Origin::External { "open-links" } else { "open-files" })) }
        @if dataset.about.resources.is_empty() { p { (shell.text("open-no-files")) } }
        ul.kept-files {
            @for one in &dataset.about.resources {
                li {
                    a href=(one.url) rel=[(dataset.origin == Origin::External).then_some("nofollow noopener")] {
                        @if one.name.is_empty() { (one.url) } @else { (one.name) }
                    }
                    @if !one.format.is_empty() { " " (components::tag(Tone::Plain, &one.format)) }
                    @if let Some(size) = one.size { " " span.small.muted { (format::file_size(shell.lang, size.unsigned_abs())) } }
                    @if !one.description.is_empty() { p.small { (one.description) } }
                }
            }
        }
        @if let Some(map) = &page.map { p { a href=(map) { (shell.text("open-on-map")) } } }
    }
}

/// Counts by the words of a field, as they stood when the dataset was looked at.
fn charts(shell: &Shell, dataset: &Dataset, sheet: &Sheet) -> Markup {
    let lang = shell.lang;
    let drawn = dataset.about.charts.iter().filter_map(|(name, bars)| {
        let field = sheet.field(name)?;
        let bars: Vec<_> = bars
            .iter()
            .take(BARS)
            .map(|(word, count)| {
                let label = Cell::Text(word.clone()).words(field, lang);
                (short(&label), count.unsigned_abs(), format::number(lang, *count), None)
            })
            .collect();
        let title = shell.text_with("open-chart", &[("field", field.label.get(lang).into())]);
        (bars.len() > 1).then(|| components::bar_chart(lang, &title, &bars))
    });
    let drawn: Vec<Markup> = drawn.collect();
    html! { @if !drawn.is_empty() { h2 { (shell.text("open-charts")) } @for chart in drawn { (chart) } } }
}

/// A label that fits under a bar.
fn short(label: &str) -> String {
    if label.chars().count() <= 12 {
        return label.to_owned();
    }
    let cut: String = label.chars().take(11).collect();
    format!("{cut}…")
}

/// The first rows, as a table that scrolls by itself.
pub(crate) fn preview(shell: &Shell, dataset: &Dataset, sheet: &Sheet, rows: &[Vec<Cell>]) -> Markup {
    let title = shell.text("open-preview");
    html! {
        h2 { (title) }
        @if rows.is_empty() { p { (shell.text("open-no-rows")) } } @else {
            @if let Some(total) = dataset.about.rows.filter(|total| *total > rows.len() as i64) {
                p.small.muted { (shell.text_with("open-first-rows", &[("n", (rows.len() as u64).into()), ("total", format::number(shell.lang, total).into())])) }
            }
            (table(shell, sheet, rows, &title))
        }
    }
}

/// Rows as a table.
pub(crate) fn table(shell: &Shell, sheet: &Sheet, rows: &[Vec<Cell>], caption: &str) -> Markup {
    let shown: Vec<(usize, &OpenField)> = sheet
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.name != ID)
        .collect();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                caption.hidden { (caption) }
                thead { tr { @for (_, field) in &shown { th.r[is_number(field)] scope="col" { (field.label.get(shell.lang)) } } } }
                tbody { @for row in rows { tr { @for (at, field) in &shown {
                    td.r[is_number(field)] { @match &row[*at] {
                        Cell::Null => span.muted { (shell.text("open-nothing")) },
                        cell => (cell.words(field, shell.lang)),
                    } }
                } } } }
            }
        }
    }
}

fn is_number(field: &OpenField) -> bool {
    matches!(field.ty, Ty::Number(_) | Ty::Degrees | Ty::Mean)
}

/// What each column means.
fn columns(shell: &Shell, sheet: &Sheet) -> Markup {
    let lang = shell.lang;
    let rows = html! {
        div.scroll tabindex="0" role="region" aria-label=(shell.text("open-columns")) { table {
            thead { tr {
                th scope="col" { (shell.text("open-column-name")) }
                th scope="col" { (shell.text("open-column-label")) }
                th scope="col" { (shell.text("open-column-type")) }
                th scope="col" { (shell.text("open-column-unit")) }
            } }
            tbody { @for field in &sheet.fields { tr {
                th scope="row" { code { (field.name) } }
                td { (words(lang, &field.label)) }
                td { code { (field.ty.ckan()) } }
                td { (field.unit.as_deref().unwrap_or("")) }
            } } }
        } }
    };
    html! { h2 { (shell.text("open-columns")) } (rows) }
}

/// Addresses to try, each a link that answers.
fn console(shell: &Shell, dataset: &Dataset, sheet: &Sheet) -> Markup {
    let Some(resource) = dataset.about.resources.iter().find(|one| one.datastore) else {
        return html! {};
    };
    html! {
        h2 { (shell.text("open-api-rows")) }
        p { (shell.text("open-api-rows-lead")) " " a href="/data/api" { (shell.text("open-api-title")) } }
        dl.summary {
            @for (label, address) in examples(shell, dataset, sheet, &resource.id.to_string()) {
                div { dt { (label) } dd { a href=(address) rel="nofollow" { code { (address) } } } }
            }
        }
    }
}

fn examples(shell: &Shell, dataset: &Dataset, sheet: &Sheet, resource: &str) -> Vec<(String, String)> {
    let group = sheet.fields.iter().find(|field| !field.words.is_empty());
    let sql = match group {
        Some(field) if sheet.has_records() => shell.text_with(
            "open-statement-groups",
            &[("field", field.name.as_str().into()), ("resource", resource.into())],
        ),
        _ => shell.text_with("open-statement-all", &[("resource", resource.into())]),
    };
    let api = "/api/3/action";
    vec![
        (
            shell.text("open-api-search"),
            format!("{api}/datastore_search?resource_id={resource}&limit=5"),
        ),
        (
            shell.text("open-api-sql"),
            format!("{api}/datastore_search_sql?sql={}", encode(&sql)),
        ),
        (
            shell.text("open-api-info"),
            format!("{api}/datastore_info?id={resource}"),
        ),
        (
            shell.text("open-api-about"),
            format!("{api}/package_show?id={}", dataset.name),
        ),
    ]
}

fn around(shell: &Shell, page: &About<'_>) -> Markup {
    let (dataset, lang) = (page.dataset, shell.lang);
    let about = &dataset.about;
    let licence = licence_url(&about.licence);
    html! {
        h2 { (shell.text("open-about")) }
        dl.summary {
            div { dt { (shell.text("open-facet-licence")) } dd {
                @match licence { Some(url) => a href=(url) rel="license noopener" { (about.licence) }, None => (about.licence) }
            } }
            @if let Some(theme) = &about.theme { div {
                dt { (shell.text("open-facet-theme")) }
                dd { a href={ "/data?theme=" (theme) } { (facet_words(Facet::Theme, theme, &[], lang)) } }
            } }
            @if let Some(frequency) = &about.frequency { div {
                dt { (shell.text("open-frequency")) } dd { (shell.text(&format!("open-frequency-{frequency}"))) }
            } }
            @if !about.keywords.is_empty() { div {
                dt { (shell.text("open-facet-tag")) }
                dd { @for (at, word) in about.keywords.iter().enumerate() {
                    @if at > 0 { " · " } a href={ "/data?tag=" (encode(&word.vi)) } { (words(lang, word)) }
                } }
            } }
            @for (name, value) in &about.contacts { div { dt { (shell.text(&format!("open-contact-{}", name.replace('_', "-")))) } dd { (value) } } }
            @if let Some(url) = &about.url { div { dt { (shell.text("open-source")) } dd { a href=(url) rel="nofollow noopener" { (url) } } } }
            div { dt { (shell.text("open-first-published")) } dd { (format::date(lang, dataset.created_at.local_date())) } }
            div { dt { (shell.text("open-described-as")) } dd {
                a href={ "/data/" (dataset.name) "/dcat.ttl" } { "DCAT-AP (Turtle)" } " · "
                a href={ "/data/" (dataset.name) "/dcat.jsonld" } { "DCAT-AP (JSON-LD)" } " · "
                a href={ "/data/" (dataset.name) "/datapackage.json" } { "Data Package" }
            } }
        }
    }
}

/// The page of the interface: which actions there are and how statements look.
pub(crate) fn console_page(shell: &Shell, datasets: &[Dataset], origin: &str) -> Markup {
    let title = shell.text("open-api-title");
    html! {
        h1 { (title) }
        p.lead { (shell.text("open-api-lead")) }
        h2 { (shell.text("open-api-ask")) }
        form method="get" action="/api/3/action/datastore_search_sql" {
            div.field {
                label for="sql" { (shell.text("open-api-statement")) }
                p.hint #sql-hint { (shell.text("open-api-statement-hint")) }
                textarea #sql name="sql" rows="4" aria-describedby="sql-hint" spellcheck="false" autocomplete="off" { (example(shell, datasets)) }
            }
            div.row { button.btn { (shell.text("open-api-run")) } }
        }
        h2 { (shell.text("open-api-resources")) }
        @if datasets.is_empty() { p { (shell.text("open-none")) } }
        div.scroll tabindex="0" role="region" aria-label=(shell.text("open-api-resources")) { table {
            thead { tr { th scope="col" { (shell.text("open-api-dataset")) } th scope="col" { "resource_id" } } }
            tbody { @for dataset in datasets { @if let Some(one) = dataset.about.resources.iter().find(|one| one.datastore) {
                tr { th scope="row" { a href={ "/data/" (dataset.name) } { (words(shell.lang, &dataset.about.title)) } } td { code { (one.id) } } }
            } } }
        } }
        h2 { (shell.text("open-api-actions")) }
        p { (shell.text("open-api-actions-lead")) }
        pre.code tabindex="0" { "pip install ckanapi\npython3 - <<'PY'\nfrom ckanapi import RemoteCKAN\nportal = RemoteCKAN('" (origin) "')\nprint(portal.action.package_search(q='', rows=5)['count'])\nPY" }
    }
}

fn example(shell: &Shell, datasets: &[Dataset]) -> String {
    let resource = datasets
        .iter()
        .flat_map(|one| &one.about.resources)
        .find(|one| one.datastore);
    resource.map_or_else(String::new, |one| {
        shell.text_with("open-statement-all", &[("resource", one.id.to_string().into())])
    })
}

/// A document for a data block: nothing in it ends the block.
#[must_use]
pub(crate) fn in_block(json: &serde_json::Value) -> String {
    json.to_string().replace('<', "\\u003c")
}

/// The language in which titles of pages are.
pub(crate) fn title(dataset: &Dataset, lang: Lang) -> String {
    dataset.about.title.get(lang).to_owned()
}
