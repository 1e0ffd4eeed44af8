//! The map page, and what its script asks for: records in a box or a ring, and places by name. Everybody may ask; the answer is what
//! whoever asks may see.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;
use identity::Caller;
use identity::routes::{Access, Routes, get};
use kernel::Date;
use register::place::store::beginning_with;
use register::{Record, RecordId};
use serde_json::json;
use web::table::TableQuery;
use web::{Page, Reply, Shell};

use super::config::{self, Layer};
use super::still::{self, Frame};
use super::view::{self, Chosen, Hit, Hits, View};
use super::within::{self, Answer, Inside};
use crate::area;
use crate::area::read::{Stored, stored};
use crate::area::{FoundArea, Tier};
use crate::error::MapError;
use crate::house::Map;
use crate::tile::http::filters;

/// Areas and records of each kind that a search shows.
const AREAS_FOUND: i64 = 8;
const RECORDS_FOUND: u64 = 5;
/// Shortest and longest text that is searched, in characters.
const TYPED: std::ops::RangeInclusive<usize> = 2..=100;

pub(crate) fn routes(routes: Routes<Map>) -> Routes<Map> {
    routes
        .page(get("/map", page), Access::Public)
        .page(get("/map/search", search), Access::Public)
        .page(get("/map/records/{system}/{kind}", records), Access::Public)
}

/// Places by name: areas and records that whoever asks may see.
async fn hits(map: &Map, caller: &Caller, text: &str, shell: &Shell) -> Result<Hits, MapError> {
    let mut hits = Hits::default();
    if !TYPED.contains(&text.chars().count()) {
        return Ok(hits);
    }
    let words = text.to_owned();
    hits.areas = map
        .store()
        .read(move |tx| area::store::search(tx, &words, AREAS_FOUND))
        .await?;
    for kind in map.kinds() {
        let sight = match map.sight(caller, kind).await {
            Ok(sight) => sight,
            Err(MapError::NotFound) => continue,
            Err(error) => return Err(error),
        };
        let (read, words, today) = (kind.clone(), text.to_owned(), map.world().now().local_date());
        let (units, open, is_own) = (sight.units.clone(), sight.public.clone(), sight.is_own());
        let found: Vec<(Record, bool)> = map
            .store()
            .read(move |tx| {
                let mut found = Vec::new();
                if is_own {
                    let all: Vec<&str> = read.columns.iter().map(|column| column.field.name.as_str()).collect();
                    let own = beginning_with(tx, &read, &words, units.as_deref(), None, &all, RECORDS_FOUND)?;
                    found.extend(own.into_iter().map(|record| (record, true)));
                }
                if let Some(open) = &open {
                    let shown = open.columns.iter().map(|at| read.columns[*at].field.name.as_str());
                    let also = open.condition(&read, tx.engine(), today);
                    let more =
                        beginning_with(tx, &read, &words, None, also, &shown.collect::<Vec<_>>(), RECORDS_FOUND)?;
                    let known: Vec<RecordId> = found.iter().map(|(record, _): &(Record, bool)| record.id).collect();
                    let new = more.into_iter().filter(|record| !known.contains(&record.id));
                    found.extend(new.map(|record| (record, false)));
                }
                Ok::<_, ::store::StoreError>(found)
            })
            .await?;
        let open = sight.public.as_ref().map(|rule| &rule.columns[..]);
        hits.records.extend(found.iter().filter_map(|(record, is_own)| {
            let [west, south, east, north] = record.shape.as_ref()?.bounds();
            let at = [f64::midpoint(west, east), f64::midpoint(south, north)];
            let item = within::item(map, kind, record, (at, *is_own), open, shell.lang);
            Some(Hit {
                kind: kind.words(shell.lang, "name"),
                title: item.title,
                at,
                href: item.href,
            })
        }));
    }
    Ok(hits)
}

async fn search(State(map): State<Map>, caller: Caller, shell: Shell, query: TableQuery) -> Reply<Response> {
    let hits = hits(&map, &caller, query.filter("q"), &shell).await?;
    let areas: Vec<_> = hits
        .areas
        .iter()
        .map(|area| {
            json!({ "title": view::area_name(area, &shell), "bounds": area.bounds, "href": view::area_href(area),
                    "on": area.valid_from.to_string() })
        })
        .collect();
    Ok(private(json!({ "areas": areas, "records": hits.records })))
}

/// An answer for one person's eyes.
fn private(answer: impl serde::Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], web::Json(answer)).into_response()
}

async fn records(
    State(map): State<Map>,
    caller: Caller,
    shell: Shell,
    Path((system, kind)): Path<(String, String)>,
    query: TableQuery,
) -> Reply<Response> {
    let kind = map.kind(&system, &kind)?;
    let inside = Inside::parse(query.filter("bbox"), query.filter("ring"))?;
    let filters = filters(&kind, &query)?;
    Ok(private(
        within::answer(&map, &caller, &kind, filters, inside, shell.lang).await?,
    ))
}

/// The area that an address names: `commune/19009/2025-07-01`.
async fn named(map: &Map, text: &str) -> Result<Option<(FoundArea, Option<Inside>)>, MapError> {
    let mut parts = text.split('/');
    let (Some(tier), Some(code), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let (Ok(tier), Ok(day)) = (tier.parse::<Tier>(), day.parse::<Date>()) else {
        return Ok(None);
    };
    let code = code.to_owned();
    let found = map
        .store()
        .read(move |tx| area::store::one(tx, tier, &code, day))
        .await?;
    Ok(found.map(|(area, geometry)| {
        let rings = match stored(&geometry) {
            Some(Stored::Rings(rings)) => Some(rings.into_iter().map(|(ring, _)| ring).collect()),
            _ => None,
        };
        (area, rings.map(Inside::rings))
    }))
}

async fn chosen(
    map: &Map,
    caller: &Caller,
    text: &str,
    layers: &[Layer],
    shell: &Shell,
) -> Result<Option<Chosen>, MapError> {
    let Some((area, rings)) = named(map, text).await? else {
        return Ok(None);
    };
    let mut inside: Vec<(Layer, Option<Answer>)> = Vec::new();
    if let Some(rings) = &rings {
        for (kind, layer) in map.kinds().filter_map(|kind| {
            let id = format!("{}/{}", kind.system.code, kind.record.name);
            Some((kind, layers.iter().find(|layer| layer.id == id)?))
        }) {
            let answer = match within::answer(map, caller, kind, Vec::new(), rings.clone(), shell.lang).await {
                Ok(answer) => Some(answer),
                Err(MapError::TooLarge { .. }) => None,
                Err(error) => return Err(error),
            };
            inside.push((layer.clone(), answer));
        }
    }
    Ok(Some(Chosen {
        area,
        inside,
        has_boundary: rings.is_some(),
    }))
}

/// The picture of what the page is about.
async fn picture(
    map: &Map,
    caller: &Caller,
    layers: &[Layer],
    (bounds, on): ([f64; 4], Date),
    shell: &Shell,
) -> Result<maud::Markup, MapError> {
    let frame = Frame::around(bounds);
    // Communes where few of them fill the picture.
    let is_near = (bounds[2] - bounds[0]).max(bounds[3] - bounds[1]) < 1.0;
    let tier = if is_near { Tier::Commune } else { Tier::Province };
    let (_, areas) = area::http::drawn(map, tier, on).await?;
    let everything = area::http::everything();
    let outlines = tokio::task::spawn_blocking(move || still::outlines(&areas, &everything, &frame)).await;
    let outlines = outlines.map_err(|_| MapError::Drawing)?;
    let mut dots = Vec::new();
    for kind in map.kinds() {
        let id = format!("{}/{}", kind.system.code, kind.record.name);
        let Some(layer) = layers
            .iter()
            .find(|layer| layer.id == id && layer.count.is_some_and(|n| n > 0))
        else {
            continue;
        };
        let (drawn, view) = within::seen(map, caller, kind, Vec::new()).await?;
        let found = tokio::task::spawn_blocking(move || still::dots(&drawn, &view, &frame)).await;
        dots.push((layer, found.map_err(|_| MapError::Drawing)?));
    }
    Ok(still::picture(&outlines, &dots, &shell.text("map-picture")))
}

async fn page(State(map): State<Map>, caller: Caller, shell: Shell, query: TableQuery) -> Reply {
    let layers = config::layers(&map, &caller, shell.lang).await?;
    let typed = query.filter("q");
    let hits = if typed.is_empty() {
        None
    } else {
        Some(hits(&map, &caller, typed, &shell).await?)
    };
    let on = area::http::day(&map, query.filter("on"))?;
    let chosen = chosen(&map, &caller, query.filter("area"), &layers, &shell).await?;
    // An area of the past is shown among those of its days.
    let on = match &chosen {
        Some(chosen) if query.filter("on").is_empty() && chosen.area.valid_to.is_some() => chosen.area.valid_from,
        _ => on,
    };
    let bounds = chosen
        .as_ref()
        .map_or_else(|| config::extent(&layers), |chosen| roomy(chosen.area.bounds));
    let picture = picture(&map, &caller, &layers, (bounds, on), &shell).await?;
    let mut days: Vec<Date> = map.days(Tier::Province).await?.to_vec();
    days.extend(map.days(Tier::Commune).await?.iter());
    days.sort_unstable();
    days.dedup();
    let today = map.world().now().local_date();
    let days = steps(&days, today);
    let sources = map.store().read(area::store::sources).await.map_err(MapError::from)?;
    let script = config::script(&map, &layers, bounds, &on.to_string()).await?;
    let view = View {
        layers: &layers,
        query: typed,
        hits,
        chosen,
        on,
        days,
        sources,
        picture,
        script,
    };
    let title = shell.text("map-title");
    Ok(Page::new(&shell, title)
        .wide()
        .description(shell.text("map-lead"))
        .body(view::body(&view, &shell)))
}

/// Bounds with room around a point.
fn roomy([west, south, east, north]: [f64; 4]) -> [f64; 4] {
    if east - west > 0.001 {
        return [west, south, east, north];
    }
    [west - 0.05, south - 0.05, east + 0.05, north + 0.05]
}

/// The last days of changes up to today, oldest first.
fn steps(days: &[Date], today: Date) -> Vec<Date> {
    const STEPS_MAX: usize = 12;
    let past: Vec<Date> = days.iter().copied().filter(|day| *day <= today).collect();
    past[past.len().saturating_sub(STEPS_MAX)..].to_vec()
}
