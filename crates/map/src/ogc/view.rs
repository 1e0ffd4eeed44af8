//! The pages of these interfaces: the same documents for people, in both languages.
//! They show what JSON shows, and nothing else.

use definition::FieldKind;
use definition::expression::Value;
use kernel::Lang;
use maud::{Markup, html};
use register::Record;
use register::geometry::Shape;
use register::kind::Column;
use register::record::value::text_of;
use web::components::{self, Crumb, SummaryRow};
use web::{Page, Shell, format};

use super::ask::Parameters;
use super::collection::{Collection, View};
use super::store::Page as Found;
use super::{CONFORMANCE, ROOT};
use crate::cql::Kind as FieldType;
use crate::house::Map;

/// Columns of the table of features; the page of one feature has all.
const COLUMNS_MAX: usize = 6;

fn page(shell: &Shell, title: &str, crumbs: &[(String, String)], body: Markup) -> Page {
    let crumbs = crumbs.iter().map(|(href, label)| Crumb::new(href, label)).collect();
    Page::new(shell, title).crumbs(crumbs).body(body)
}

fn home(shell: &Shell) -> (String, String) {
    (ROOT.to_owned(), shell.text("ogc-landing-title"))
}

fn list_of(shell: &Shell) -> (String, String) {
    (format!("{ROOT}/collections"), shell.text("ogc-collections-title"))
}

fn path(collection: &Collection) -> String {
    format!("{ROOT}/collections/{}", collection.id())
}

fn json_link(shell: &Shell, href: &str) -> Markup {
    html! { p { a href=(href) { (shell.text("ogc-as-json")) } } }
}

pub(super) fn landing(shell: &Shell) -> Page {
    let title = shell.text("ogc-landing-title");
    let body = html! {
        h1 { (title) }
        p.lead { (shell.text("ogc-landing-lead")) }
        ul {
            li { a href={(ROOT) "/collections"} { (shell.text("ogc-collections-title")) } }
            li { a href={(ROOT) "/conformance"} { (shell.text("ogc-conformance-title")) } }
            li { a href="/docs/api" { (shell.text("ogc-documentation")) } }
        }
        (json_link(shell, "/ogc?f=json"))
    };
    page(shell, &title, &[], body).public()
}

pub(super) fn conformance(shell: &Shell) -> Page {
    let title = shell.text("ogc-conformance-title");
    let body = html! {
        h1 { (title) }
        ul { @for class in CONFORMANCE { li { code.kept { (class) } } } }
        (json_link(shell, "/ogc/conformance?f=json"))
    };
    page(shell, &title, &[home(shell)], body).public()
}

pub(super) fn collections(shell: &Shell, all: &[(Collection, Option<[f64; 4]>)]) -> Page {
    let title = shell.text("ogc-collections-title");
    let body = html! {
        h1 { (title) }
        @if all.is_empty() { (components::empty(&shell.text("ogc-no-collections"), None)) }
        @for (one, _) in all {
            section {
                h2 { a href=(path(one)) { (one.title().get(shell.lang)) } }
                p { (one.description().get(shell.lang)) }
            }
        }
        (json_link(shell, "/ogc/collections?f=json"))
    };
    page(shell, &title, &[home(shell)], body)
}

fn sides(extent: Option<[f64; 4]>) -> String {
    extent.map_or_else(String::new, |[west, south, east, north]| {
        format!("{west:.5}, {south:.5}, {east:.5}, {north:.5}")
    })
}

pub(super) fn collection(shell: &Shell, map: &Map, one: &Collection, extent: Option<[f64; 4]>) -> Page {
    let (title, href) = (one.title().get(shell.lang).to_owned(), path(one));
    let whose = match &one.view {
        View::Own(_) => shell.text("ogc-view-own"),
        View::Public(published) => {
            shell.text_with("ogc-view-public", &[("licence", published.rule.licence.clone().into())])
        }
    };
    let mut rows = vec![
        SummaryRow::new(shell.text("ogc-id"), one.id()),
        SummaryRow::new(shell.text("ogc-rows"), whose),
    ];
    if extent.is_some() {
        rows.push(SummaryRow::new(shell.text("ogc-extent"), sides(extent)));
    }
    let tiles = format!("/map/tiles/{}/{}", one.kind.system.code, one.kind.record.name);
    let origin = &map.identity().config().origin;
    let body = html! {
        h1 { (title) }
        p.lead { (one.description().get(shell.lang)) }
        (components::summary_list(&rows))
        p { a.btn href={(href) "/items"} { (shell.text("ogc-items-title")) } }
        h2 { (shell.text("ogc-queryables-title")) }
        (queryables(shell, one))
        h2 { (shell.text("ogc-use-title")) }
        p { (shell.text("ogc-use-lead")) }
        dl.summary {
            div { dt { "GDAL" } dd { code.kept { "ogrinfo OAPIF:" (origin) (ROOT) " " (one.id()) } } }
            div { dt { "QGIS" } dd { code.kept { (origin) (ROOT) } } }
            div { dt { "TileJSON" } dd { a href=(tiles) { (tiles) } } }
        }
        (json_link(shell, &format!("{href}?f=json")))
    };
    page(shell, &title, &[home(shell), list_of(shell)], body)
}

fn label(one: &Collection, name: &str, lang: Lang) -> String {
    match one.kind.column(name) {
        Some(_) => one.kind.words(lang, &format!("field.{name}")),
        None => web::i18n::maybe(lang, &format!("ogc-own-{}", name.replace('_', "-")), &[])
            .unwrap_or_else(|| name.to_owned()),
    }
}

fn queryables(shell: &Shell, one: &Collection) -> Markup {
    let words = |kind: FieldType| match kind {
        FieldType::Bool => shell.text("ogc-type-bool"),
        FieldType::Number(_) => shell.text("ogc-type-number"),
        FieldType::Text => shell.text("ogc-type-text"),
        FieldType::Date => shell.text("ogc-type-date"),
        FieldType::Instant => shell.text("ogc-type-instant"),
        FieldType::Place { .. } => shell.text("ogc-type-place"),
    };
    html! {
        dl.summary {
            @for field in &one.fields {
                div {
                    dt { code { (field.name) } }
                    dd { (label(one, &field.name, shell.lang)) " " span.muted { "(" (words(field.kind)) ")" } }
                }
            }
        }
    }
}

/// A value in words of the page's language.
fn words(map: &Map, one: &Collection, column: &Column, value: &Value, lang: Lang) -> String {
    match (&column.field.kind, value) {
        (_, Value::Bool(yes)) => web::text(lang, if *yes { "reg-yes" } else { "reg-no" }),
        (_, Value::Number(number)) if number.scale() == 0 => format::number(lang, number.units()),
        (_, Value::Number(number)) => format::decimal(lang, number.units(), number.scale()),
        (_, Value::Date(day)) => format::date(lang, *day),
        (FieldKind::Choice(_), Value::Text(word)) => {
            one.kind.words(lang, &format!("choice.{}.{word}", column.field.name))
        }
        (FieldKind::Code(list), Value::Text(code)) => {
            let codes = map.register().codes(list);
            let known = codes.and_then(|codes| codes.iter().find(|(known, _)| known == code));
            known.map_or_else(|| code.clone(), |(_, name)| name.get(lang).to_owned())
        }
        (_, value) => text_of(value),
    }
}

fn cell(map: &Map, one: &Collection, column: &Column, record: &Record, lang: Lang) -> String {
    let found = record.values.get(&column.field.name);
    found.map_or_else(String::new, |value| words(map, one, column, value, lang))
}

fn place(shell: &Shell, record: &Record) -> String {
    match &record.shape {
        None => shell.text("ogc-no-place"),
        Some(Shape::Point([x, y])) => format!("{x:.6}, {y:.6}"),
        Some(shape) => sides(Some(shape.bounds())),
    }
}

pub(super) fn items(shell: &Shell, map: &Map, one: &Collection, found: &Found, parameters: &Parameters) -> Page {
    let (title, href) = (one.title().get(shell.lang).to_owned(), path(one));
    let columns: Vec<&Column> = one.shown().take(COLUMNS_MAX).collect();
    let count = match found.matched {
        Some(count) => shell.text_with("ogc-matched", &[("n", count.into())]),
        None => shell.text_with("ogc-returned", &[("n", (found.records.len() as u64).into())]),
    };
    let bbox = parameters.get("bbox").unwrap_or_default();
    let filter = parameters.get("filter").unwrap_or_default();
    let body = html! {
        h1 { (title) }
        form.bar method="get" action={(href) "/items"} role="search" aria-label=(shell.text("ogc-search")) {
            div { label for="bbox" { (shell.text("ogc-bbox")) } input #bbox name="bbox" value=(bbox) placeholder="105.8,18.2,106.0,18.4" autocomplete="off"; }
            div { label for="filter" { (shell.text("ogc-filter")) } input #filter name="filter" value=(filter) autocomplete="off" spellcheck="false"; }
            div.row { button.btn.quiet { (shell.text("ogc-search")) } a href={(href) "/items"} { (shell.text("ogc-clear")) } }
        }
        p role="status" { (count) }
        @if found.records.is_empty() { (components::empty(&shell.text("ogc-no-items"), None)) }
        @else { (rows(shell, map, one, found, &columns)) }
        @if let Some(next) = &found.next {
            p { a.btn.quiet rel="next" href={(href) "/items?" (parameters.with("cursor", &next.text()))} { (shell.text("ogc-next")) } }
        }
        (json_link(shell, &format!("{href}/items?{}", parameters.with("f", "json"))))
    };
    let crumbs = [home(shell), list_of(shell), (href.clone(), title.clone())];
    page(
        shell,
        &shell.text_with("ogc-items-of", &[("title", title.into())]),
        &crumbs,
        body,
    )
    .wide()
}

fn rows(shell: &Shell, map: &Map, one: &Collection, found: &Found, columns: &[&Column]) -> Markup {
    let href = path(one);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(shell.text("ogc-items-title")) {
            table {
                thead { tr {
                    th scope="col" { (shell.text("ogc-feature")) }
                    @for column in columns { th scope="col" { (label(one, &column.field.name, shell.lang)) } }
                    th scope="col" { (shell.text("ogc-type-place")) }
                } }
                tbody { @for record in &found.records { tr {
                    th scope="row" { a href={(href) "/items/" (record.id)} { (short(record)) } }
                    @for column in columns { td { (cell(map, one, column, record, shell.lang)) } }
                    td.num { (place(shell, record)) }
                } } }
            }
        }
    }
}

/// The end of an id: enough to tell the rows of a page apart.
fn short(record: &Record) -> String {
    let id = record.id.to_string();
    format!("…{}", id.get(id.len().saturating_sub(8)..).unwrap_or(&id))
}

pub(super) fn item(shell: &Shell, map: &Map, one: &Collection, record: &Record) -> Page {
    let (title, href) = (one.title().get(shell.lang).to_owned(), path(one));
    let mut list: Vec<SummaryRow> = one
        .shown()
        .map(|column| {
            SummaryRow::new(
                label(one, &column.field.name, shell.lang),
                cell(map, one, column, record, shell.lang),
            )
        })
        .collect();
    list.push(SummaryRow::new(shell.text("ogc-type-place"), place(shell, record)));
    list.push(SummaryRow::new(
        shell.text("ogc-own-valid-from"),
        format::date(shell.lang, record.valid_from),
    ));
    if let Some(at) = one.touched(record) {
        list.push(SummaryRow::new(
            shell.text("ogc-own-known-at"),
            format::date_time(shell.lang, at),
        ));
    }
    let own = format!("{href}/items/{}", record.id);
    let name = format!("{title} {}", short(record));
    let body = html! {
        h1 { (name) }
        (components::summary_list(&list))
        (json_link(shell, &format!("{own}?f=json")))
    };
    let crumbs = [
        home(shell),
        list_of(shell),
        (href.clone(), title),
        (format!("{href}/items"), shell.text("ogc-items-title")),
    ];
    page(shell, &name, &crumbs, body)
}
