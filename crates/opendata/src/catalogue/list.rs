//! What the list of datasets looks like: search, facets with true counts, results. Works without scripts.
//! Refuses to offer a choice that finds nothing, but for the one that is chosen.

use kernel::{Bilingual, Lang};
use maud::{Markup, html};
use web::components::{self, Tone};
use web::table::pagination;
use web::{Shell, format};

use super::{Asked, PAGE, SHOWN, WORDS_SHOWN, facet_words};
use crate::dataset::{Dataset, Facet, Found, Freshness, Sort};

/// What the page knows.
pub(crate) struct Listed<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) found: &'a Found,
    pub(crate) datasets: &'a [Dataset],
    pub(crate) publishers: &'a [(String, Bilingual)],
    pub(crate) now: kernel::Timestamp,
}

/// Text in the language it has, marked up when that is not the page's.
pub(crate) fn words(lang: Lang, text: &Bilingual) -> Markup {
    let own = text.lang_of(lang);
    html! { @if own == lang { (text.get(lang)) } @else { span lang=(own.tag()) { (text.get(lang)) } } }
}

pub(crate) fn page(shell: &Shell, listed: &Listed<'_>) -> Markup {
    let asked = listed.asked;
    html! {
        h1 { (shell.text("open-title")) }
        p.lead { (shell.text("open-lead")) }
        (components::search_box(shell.lang, "/data", "q", &shell.text("open-search"), &shell.text("open-search-example"), &asked.text, None))
        (facets(shell, listed))
        (results(shell, listed))
        (more(shell))
    }
}

/// Each facet is a list; one form, so that it works without scripts.
fn facets(shell: &Shell, listed: &Listed<'_>) -> Markup {
    let asked = listed.asked;
    html! {
        form.bar method="get" action="/data" {
            input type="hidden" name="q" value=(asked.text);
            @for facet in SHOWN { (facet_select(shell, listed, facet)) }
            div {
                label for="sort" { (shell.text("open-sort")) }
                select #sort name="sort" {
                    option value="" { (shell.text("open-sort-usual")) }
                    @for sort in [Sort::Modified, Sort::Title] {
                        option value=(sort) selected[asked.sort == Some(sort)] { (shell.text(&format!("open-sort-{sort}"))) }
                    }
                }
            }
            @if let Some(tag) = asked.chosen(Facet::Tag) { input type="hidden" name="tag" value=(tag); }
            div.row {
                button.btn.quiet { (shell.text("open-narrow")) }
                @if !asked.facets.is_empty() || !asked.text.is_empty() { a href="/data" { (shell.text("open-all")) } }
            }
        }
    }
}

fn facet_select(shell: &Shell, listed: &Listed<'_>, facet: Facet) -> Markup {
    let chosen = listed.asked.chosen(facet);
    let counts = listed.found.counts.iter().find(|(of, _)| *of == facet);
    let mut words: Vec<(String, usize)> = counts
        .iter()
        .flat_map(|(_, words)| words.iter().take(WORDS_SHOWN).cloned())
        .collect();
    if let Some(chosen) = chosen
        && !words.iter().any(|(word, _)| word == chosen)
    {
        words.push((chosen.to_owned(), 0));
    }
    let id = format!("facet-{facet}");
    html! {
        div {
            label for=(id) { (shell.text(&format!("open-facet-{facet}"))) }
            select id=(id) name=(facet) {
                option value="" { (shell.text("open-any")) }
                @for (word, count) in &words {
                    option value=(word) selected[chosen == Some(word.as_str())] {
                        (facet_words(facet, word, listed.publishers, shell.lang)) " (" (format::number(shell.lang, *count as i64)) ")"
                    }
                }
            }
        }
    }
}

fn results(shell: &Shell, listed: &Listed<'_>) -> Markup {
    let (asked, found) = (listed.asked, listed.found);
    let last = u32::try_from(found.total.div_ceil(PAGE).max(1)).unwrap_or(u32::MAX);
    let page = u32::try_from(asked.page).unwrap_or(u32::MAX);
    html! {
        h2 #results { (shell.text_with("open-found", &[("n", (found.total as u64).into())])) }
        @if let Some(tag) = asked.chosen(Facet::Tag) { p { (shell.text("open-facet-tag")) ": " b { (tag) } } }
        @if listed.datasets.is_empty() {
            (components::empty(&shell.text("open-none"), Some(("/data", &shell.text("open-all")))))
        } @else {
            ul.kept-files { @for dataset in listed.datasets { li.card { (result(shell, listed, dataset)) } } }
            (pagination(shell.lang, page, last, |page| asked.href(page)))
        }
    }
}

fn result(shell: &Shell, listed: &Listed<'_>, dataset: &Dataset) -> Markup {
    let (about, lang) = (&dataset.about, shell.lang);
    let publisher = facet_words(Facet::Publisher, &dataset.publisher, listed.publishers, lang);
    html! {
        h3.first { a href={ "/data/" (dataset.name) } { (words(lang, &about.title)) } }
        @if !about.notes.get(lang).is_empty() { p { (words(lang, &shortened(&about.notes))) } }
        p.small.muted {
            (publisher)
            @if let Some(theme) = &about.theme { " · " (facet_words(Facet::Theme, theme, &[], lang)) }
            " · " (shell.text_with("open-changed-on", &[("day", format::date(lang, dataset.modified_at.local_date()).into())]))
        }
        div.row {
            (freshness(shell, dataset.freshness(listed.now)))
            @if about.synthetic { (components::tag(Tone::Soon, &shell.text("open-synthetic-tag"))) }
            @for format in dataset.formats() { (components::tag(Tone::Plain, &format)) }
        }
    }
}

/// Whether a dataset keeps what it promises, as a tag.
pub(crate) fn freshness(shell: &Shell, freshness: Freshness) -> Markup {
    let tone = match freshness {
        Freshness::Fresh => Tone::Ok,
        Freshness::Late => Tone::Late,
        Freshness::Unmeasured => return html! {},
    };
    components::tag(tone, &shell.text(&format!("open-freshness-{freshness}")))
}

/// The beginning of a description.
fn shortened(text: &Bilingual) -> Bilingual {
    let short = |text: &str| {
        if text.chars().count() <= 240 {
            return text.to_owned();
        }
        let cut: String = text.chars().take(240).collect();
        let end = cut.rfind(' ').unwrap_or(cut.len());
        format!("{}…", &cut[..end])
    };
    Bilingual {
        vi: short(&text.vi),
        en: text.en.as_deref().map(short),
    }
}

/// How else the catalogue can be read.
fn more(shell: &Shell) -> Markup {
    html! {
        h2 { (shell.text("open-machines")) }
        ul {
            li { a href="/data/api" { (shell.text("open-api-title")) } }
            li { a href="/catalog.ttl" { "DCAT-AP (Turtle)" } " · " a href="/catalog.jsonld" { "DCAT-AP (JSON-LD)" } }
            li { a href="/data/changes.atom" { (shell.text("open-feed")) } }
        }
    }
}
