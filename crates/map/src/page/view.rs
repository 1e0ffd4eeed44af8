//! The markup of the map page. What needs the script is hidden until it runs; everything else stands without it.
//! Owns every word that the script shows. Standard: WCAG 2.2.

use kernel::{Date, Lang};
use maud::{Markup, html};
use serde_json::Value as Json;
use web::components::{self, SummaryRow};
use web::{Shell, assets, format};

use super::config::Layer;
use super::within::Answer;
use crate::area::{FoundArea, Tier};

/// What the script says, by the end of its key.
const WORDS: [&str; 19] = [
    "attribution",
    "close",
    "count",
    "records-here",
    "none-here",
    "more",
    "open",
    "distance",
    "surface",
    "measure-hint",
    "draw-hint",
    "drawing-off",
    "failed",
    "loading",
    "shown",
    "map-label",
    "none-found",
    "zoom-in",
    "zoom-out",
];

/// A record or an area that was found.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// Areas.
    pub(crate) areas: Vec<FoundArea>,
    /// Records: layer, title, place, its page.
    pub(crate) records: Vec<Hit>,
}

/// A record that was found.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Hit {
    /// What its kind is called.
    pub(crate) kind: String,
    /// How it is called.
    pub(crate) title: String,
    /// Its middle.
    pub(crate) at: [f64; 2],
    /// Its page, for whoever may open it.
    pub(crate) href: Option<String>,
}

/// An area that was chosen, with what lies in it.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The area.
    pub(crate) area: FoundArea,
    /// What of each layer lies in it; none where the layer does not fit into memory.
    pub(crate) inside: Vec<(Layer, Option<Answer>)>,
    /// Whether a boundary is known: else nothing can lie in it.
    pub(crate) has_boundary: bool,
}

/// Everything that the page shows.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) layers: &'a [Layer],
    pub(crate) query: &'a str,
    pub(crate) hits: Option<Hits>,
    pub(crate) chosen: Option<Chosen>,
    pub(crate) on: Date,
    pub(crate) days: Vec<Date>,
    pub(crate) sources: Vec<String>,
    pub(crate) picture: Markup,
    pub(crate) script: Json,
}

/// The address at which the page shows an area.
pub(crate) fn area_href(area: &FoundArea) -> String {
    format!("/map?area={}/{}/{}", area.tier, area.code, area.valid_from)
}

/// What an area is called, with the days on which it was there when that is over.
pub(crate) fn area_name(area: &FoundArea, shell: &Shell) -> String {
    let name = match (shell.lang, &area.name_en) {
        (Lang::En, Some(name)) => name,
        _ => &area.name,
    };
    match area.valid_to.and_then(|day| day.yesterday().ok()) {
        Some(last) => shell.text_with(
            "map-area-until",
            &[
                ("name", name.as_str().into()),
                ("day", format::date(shell.lang, last).into()),
            ],
        ),
        None => name.clone(),
    }
}

/// The page.
pub(crate) fn body(view: &View<'_>, shell: &Shell) -> Markup {
    html! {
        link rel="stylesheet" href=(assets::url("maplibre.css"));
        link rel="stylesheet" href=(assets::url("map.css"));
        h1 { (shell.text("map-title")) }
        p.lead { (shell.text("map-lead")) }
        (search(view, shell))
        @if let Some(chosen) = &view.chosen { (area(chosen, shell)) }
        div.map-page #map-page data-config=(view.script.to_string()) {
            section.map-where aria-labelledby="map-heading" {
                h2.hidden #map-heading { (shell.text("map-canvas")) }
                div.map-tools #map-tools role="toolbar" aria-label=(shell.text("map-tools")) hidden { (tools(shell)) }
                div.map-canvas #map { (view.picture) }
                p.map-status #map-status role="status" {}
                div.map-out #map-out tabindex="-1" hidden {}
            }
            div.map-side {
                (layers(view, shell))
                (time(view, shell))
            }
        }
        (sources(view, shell))
        ul #map-words hidden { @for word in WORDS { li data-word=(word) { (shell.text(&format!("map-js-{word}"))) } } }
        script type="module" src=(assets::url("map.js")) {}
    }
}

fn tools(shell: &Shell) -> Markup {
    let toggle = |tool: &str, key: &str| {
        html! { button.btn.quiet.small type="button" data-tool=(tool) aria-pressed="false" { (shell.text(key)) } }
    };
    let act =
        |tool: &str, key: &str| html! { button.btn.quiet.small type="button" data-tool=(tool) { (shell.text(key)) } };
    html! {
        (act("view", "map-tool-view"))
        (toggle("draw", "map-tool-draw"))
        (toggle("measure", "map-tool-measure"))
        (act("centre", "map-tool-centre"))
        (act("clear", "map-tool-clear"))
        (act("print", "map-tool-print"))
    }
}

fn search(view: &View<'_>, shell: &Shell) -> Markup {
    html! {
        form.bar role="search" method="get" action="/map" #map-search {
            div {
                label for="map-q" { (shell.text("map-search")) }
                input #map-q type="search" name="q" value=(view.query) maxlength="100" autocomplete="off";
            }
            div.row { button.btn { (shell.text("map-search-do")) } }
        }
        div #map-found {
            @if let Some(hits) = &view.hits { (found(hits, shell)) }
        }
    }
}

fn found(hits: &Hits, shell: &Shell) -> Markup {
    html! {
        @if hits.areas.is_empty() && hits.records.is_empty() { p { (shell.text("map-search-none")) } }
        @if !hits.areas.is_empty() {
            h2 { (shell.text("map-search-areas")) }
            ul { @for area in &hits.areas { li { a href=(area_href(area)) { (area_name(area, shell)) } } } }
        }
        @if !hits.records.is_empty() {
            h2 { (shell.text("map-search-records")) }
            ul {
                @for hit in &hits.records {
                    li {
                        @match &hit.href { Some(href) => a href=(href) { (hit.title) }, None => (hit.title) }
                        " " span.muted { (hit.kind) " · " span.num { (format!("{:.5}, {:.5}", hit.at[0], hit.at[1])) } }
                    }
                }
            }
        }
    }
}

fn area(chosen: &Chosen, shell: &Shell) -> Markup {
    let name = area_name(&chosen.area, shell);
    let rows: Vec<SummaryRow> = chosen
        .inside
        .iter()
        .map(|(layer, answer)| {
            let words = match answer {
                Some(answer) => shell.text_with("map-records", &[("n", answer.count.into())]),
                None => shell.text("map-uncounted"),
            };
            SummaryRow::new(&layer.name, words)
        })
        .collect();
    html! {
        section aria-labelledby="map-area" {
            h2 #map-area { (shell.text_with("map-area-title", &[("name", name.as_str().into())])) }
            @if chosen.has_boundary {
                (components::summary_list(&rows))
                @for (layer, answer) in &chosen.inside { @if let Some(answer) = answer { (inside(layer, answer, shell)) } }
            } @else {
                p { (shell.text("map-area-point")) }
            }
        }
    }
}

fn inside(layer: &Layer, answer: &Answer, shell: &Shell) -> Markup {
    html! {
        @if !answer.items.is_empty() {
            details {
                summary { (shell.text_with("map-area-records", &[("name", layer.name.as_str().into()), ("n", (answer.items.len() as u64).into())])) }
                ul {
                    @for item in &answer.items {
                        li { @match &item.href { Some(href) => a href=(href) { (item.title) }, None => (item.title) } }
                    }
                }
            }
        }
    }
}

fn layers(view: &View<'_>, shell: &Shell) -> Markup {
    html! {
        section aria-labelledby="map-layers" {
            h2.first #map-layers { (shell.text("map-layers")) }
            @if view.layers.is_empty() { p { (shell.text("map-no-layers")) } }
            ul.map-layers { @for (at, layer) in view.layers.iter().enumerate() { li { (one(at, layer, shell)) } } }
        }
    }
}

fn one(at: usize, layer: &Layer, shell: &Shell) -> Markup {
    let id = format!("map-layer-{at}");
    html! {
        div.map-layer {
            input type="checkbox" id=(id) data-layer=(layer.id) checked[at == 0 || layer.count.is_some_and(|n| n > 0)] hidden;
            label for=(id) {
                svg.map-swatch viewBox="0 0 12 12" aria-hidden="true" { circle cx="6" cy="6" r="5" fill=(layer.colour) {} }
                span { (layer.name) }
            }
            p.small.muted {
                (layer.system) " · "
                @match layer.count {
                    Some(count) => (shell.text_with("map-records", &[("n", count.into())])),
                    None => (shell.text("map-uncounted")),
                }
                @if let Some(list) = &layer.list { " · " a href=(list) { (shell.text("map-list")) } }
            }
            @if layer.synthetic { p.small { strong { (shell.text("map-synthetic")) } } }
            @if let Some(by) = &layer.by {
                ul.map-legend aria-label=(by.label) {
                    @for choice in &by.choices {
                        li {
                            svg.map-swatch viewBox="0 0 12 12" aria-hidden="true" { circle cx="6" cy="6" r="5" fill=(choice.colour.unwrap_or(layer.colour)) {} }
                            (choice.label)
                        }
                    }
                }
            }
            @for (which, filter) in layer.filters.iter().enumerate() {
                div.map-filter hidden {
                    label.small for=(format!("{id}-{which}")) { (filter.label) }
                    select id=(format!("{id}-{which}")) data-filter=(filter.field) data-of=(layer.id) {
                        option value="" { (shell.text("map-all")) }
                        @for choice in &filter.choices { option value=(choice.value) { (choice.label) } }
                    }
                }
            }
        }
    }
}

/// The days between which boundaries differ: before the first change, and since each.
fn time(view: &View<'_>, shell: &Shell) -> Markup {
    let last = view.days.len().saturating_sub(1);
    let current = view.days.iter().rposition(|day| *day <= view.on).unwrap_or(0);
    html! {
        section aria-labelledby="map-areas" {
            h2 #map-areas { (shell.text("map-areas")) }
            p.row #map-tiers hidden {
                label { input type="checkbox" data-areas=(Tier::Province) checked hidden; " " (shell.text("map-provinces")) }
                label { input type="checkbox" data-areas=(Tier::Commune) checked hidden; " " (shell.text("map-communes")) }
            }
            @if view.days.len() > 1 {
                div #map-slider hidden {
                    label for="map-time" { (shell.text("map-time")) }
                    input #map-time type="range" min="0" max=(last) step="1" value=(current) aria-describedby="map-time-words";
                }
                p.small #map-time-words aria-live="polite" { (since(view.days[current], shell)) }
                ul.map-days {
                    @for (at, day) in view.days.iter().enumerate() {
                        li data-day=(day.to_string()) data-words=(since(*day, shell)) {
                            a href=(format!("/map?on={day}")) aria-current=[(at == current).then_some("true")] { (since(*day, shell)) }
                        }
                    }
                }
            }
        }
    }
}

fn since(day: Date, shell: &Shell) -> String {
    shell.text_with("map-since", &[("day", format::date(shell.lang, day).into())])
}

fn sources(view: &View<'_>, shell: &Shell) -> Markup {
    html! {
        div.map-sources.small.muted {
            @if !view.sources.is_empty() {
                p { (shell.text_with("map-boundaries-from", &[("sources", view.sources.join("; ").into())])) }
            }
            @for layer in view.layers.iter().filter(|layer| layer.licence.is_some()) {
                p { (layer.name) ": " (layer.licence.as_deref().unwrap_or_default()) }
            }
        }
    }
}
