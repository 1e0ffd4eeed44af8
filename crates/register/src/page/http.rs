//! The pages of lists: all registers, and one. An officer sees the records of her own units and below; nobody is named in
//! full here.

use std::sync::Arc;

use ::store::search::Query;
use axum::extract::{Path, State};
use identity::routes::{Access, Routes, get};
use identity::{Action, OfficerCaller};
use kernel::Timestamp;
use kernel::fold::fold;
use maud::{Markup, html};
use web::components::{self, ButtonKind, Crumb};
use web::table::{Paging, Row, TableQuery, encode};
use web::{Page, Reply, Shell, format};

use super::{PAGE_ROWS, asked, key_text, saved, table};
use crate::error::RegisterError;
use crate::house::Register;
use crate::kind::Kind;
use crate::record::store::{self, Asked, COUNT_MAX};
use crate::record::value::text_of;
use crate::record::{Record, view};
use crate::{digest, feed};

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let read = Access::Action(Action::RegisterRead);
    routes
        .page(get("/registers", all), read)
        .page(get("/registers/{system}/{kind}", list), read)
}

/// What the index says of a register.
struct Shelf {
    kind: Arc<Kind>,
    count: i64,
    changed: Option<Timestamp>,
}

/// Counts and last changes of every register, of the units that the officer sees.
async fn shelves(register: &Register, officer: &OfficerCaller) -> Result<Vec<Shelf>, RegisterError> {
    let (kinds, units) = (register.kinds().to_vec(), register.scope(officer, Action::RegisterRead));
    register
        .store()
        .read(move |tx| {
            let shelf = |kind: Arc<Kind>| {
                let counts = digest::store::tally(tx, &kind, digest::ALL, units.as_deref())?;
                Ok(Shelf {
                    count: counts.iter().map(|(_, n)| n).sum(),
                    changed: feed::store::last_change(tx, &kind)?,
                    kind,
                })
            };
            kinds.into_iter().map(shelf).collect()
        })
        .await
}

async fn all(State(register): State<Register>, shell: Shell, officer: OfficerCaller, query: TableQuery) -> Reply {
    let title = shell.text("reg-title");
    let wanted = fold(query.filter("q"));
    let mut systems: Vec<(String, Vec<Shelf>)> = Vec::new();
    for shelf in shelves(&register, &officer).await? {
        let name = shelf.kind.system_name().get(shell.lang).to_owned();
        let words = fold(&format!("{name} {}", shelf.kind.words(shell.lang, "name")));
        if !wanted.split_whitespace().all(|word| words.contains(word)) {
            continue;
        }
        match systems.iter_mut().find(|(known, _)| *known == name) {
            Some((_, shelves)) => shelves.push(shelf),
            None => systems.push((name, vec![shelf])),
        }
    }
    systems.sort_by_cached_key(|(name, _)| kernel::fold::sort_key(name));
    let (label, typed) = (shell.text("reg-index-find"), query.filter("q"));
    let body = html! {
        h1 { (title) }
        p.lead { (shell.text("reg-lead")) }
        (components::search_box(shell.lang, "/registers", "q", &label, "", typed, Some("registers")))
        div #registers {
            @if systems.is_empty() { (components::empty(&shell.text("reg-index-none"), None)) }
            @for (system, shelves) in &systems {
                h2 { (system) }
                div.grid { @for shelf in shelves { (card(&register, shelf, &shell)) } }
            }
        }
    };
    Ok(Page::new(&shell, title).wide().live().body(body))
}

fn card(register: &Register, shelf: &Shelf, shell: &Shell) -> Markup {
    let (kind, lang) = (&shelf.kind, shell.lang);
    let count = if shelf.count == 0 {
        shell.text("reg-index-none-yet")
    } else {
        shell.text_with("reg-index-count-of", &[("n", format::number(lang, shelf.count).into())])
    };
    let changed = shelf.changed.map_or_else(
        || shell.text("reg-index-never"),
        |at| format!("{}: {}", shell.text("reg-index-changed"), format::date_time(lang, at)),
    );
    let path = kind.path();
    html! {
        div.card {
            h3.first { a href=(path) { (kind.words(lang, "name")) } }
            p.num { (count) }
            p.muted { (changed) }
            @if let Some(steward) = register.steward(kind, lang) {
                p.muted { (shell.text("reg-index-steward")) ": " (steward) }
            }
            p {
                a href={ (path) "/charts" } { (shell.text("reg-index-charts")) span.hidden { " " (kind.words(lang, "name")) } } " · "
                @if kind.geometry().is_some() { a href="/map" { (shell.text("reg-index-map")) } " · " }
                a href={ (path) "/export" } { (shell.text("reg-export")) span.hidden { " " (kind.words(lang, "name")) } } " · "
                a href={ "/docs/api#register_list_" (kind.system.code.replace('-', "_")) "_" (kind.record.name) } {
                    (shell.text("reg-index-interface")) span.hidden { " " (kind.words(lang, "name")) }
                }
            }
        }
    }
}

pub(crate) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/registers", shell.text("reg-title"))]
}

/// Records of a page with where the next one begins, and how many there are where that is known.
struct Found {
    records: Vec<Record>,
    next: Option<String>,
    count: Option<u64>,
}

async fn list(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    query: TableQuery,
) -> Reply {
    let kind = register.kind(&system, &kind)?;
    let shown = table(&register, &kind, shell.lang);
    let mut asked = asked(&kind, &shown, &query);
    asked.units = register.scope(&officer, Action::RegisterRead);
    let words = query.filter("q").to_owned();
    let (of, account, unit) = (kind.clone(), officer.account(), officer.unit());
    let views = register
        .store()
        .look_up(move |tx| saved::store::of(tx, &of, account, unit))
        .await?;
    let found = if words.is_empty() {
        listed(&register, &kind, asked).await?
    } else {
        searched(&register, &kind, asked, &words, query.after_key()).await?
    };
    let paging = Paging::Keyset {
        started: query.after_key().is_some(),
        next: found.next.clone(),
        total: found.count.filter(|count| *count <= COUNT_MAX),
    };
    let no_names = view::Names::new();
    let rows: Vec<Row> = found
        .records
        .iter()
        .map(|record| {
            let title = view::title(&register, &kind, record, shell.lang);
            let mut cells = vec![html! { (title) }];
            let columns = kind.shown.iter().map(|at| &kind.columns[*at]);
            cells.extend(columns.map(|column| view::shown(&register, &kind, column, record, &no_names, &shell)));
            Row::new(cells).link(format!("{}/{}", kind.path(), record.id))
        })
        .collect();
    let title = kind.words(shell.lang, "name");
    let more_than = found.count.is_some_and(|count| count > COUNT_MAX);
    let body = html! {
        h1 { (title) }
        p.muted { (kind.system_name().get(shell.lang))
            @if more_than { " · " (shell.text_with("reg-more-than", &[("n", format::number(shell.lang, 10_000).into())])) } }
        (actions(&register, &kind, &officer, &query, &shell))
        (saved::http::part(&kind, &views, &officer, &query, &shell))
        (shown.render(&shell, &query, &rows, &paging))
    };
    Ok(Page::new(&shell, title).wide().crumbs(crumbs(&shell)).body(body))
}

/// A page in the order of the list.
async fn listed(register: &Register, kind: &Arc<Kind>, asked: Asked) -> Result<Found, RegisterError> {
    let (order, read) = (asked.order, kind.clone());
    let (mut records, count) = register
        .store()
        .read(move |tx| {
            let records = store::list(tx, &read, &asked)?;
            Ok::<_, RegisterError>((records, store::count(tx, &read, &asked)?))
        })
        .await?;
    let more = records.len() > PAGE_ROWS;
    records.truncate(PAGE_ROWS);
    let last = records.last().filter(|_| more);
    Ok(Found {
        next: last.map(|record| key_text(&store::key_of(kind, order, record))),
        records,
        count,
    })
}

/// The words that a record must hold: those that were typed, the sign of the kind, of a unit, and of what is filtered by.
fn wanted(kind: &Kind, asked: &Asked, words: &str, made_of: &str) -> Query {
    let mut wanted = Query::typing(words).and_any([digest::kind_sign(kind)]);
    if let Some(units) = &asked.units {
        wanted = wanted.and_any(units.iter().map(|unit| digest::unit_sign(unit.uuid())));
    }
    let counted = digest::counted(kind);
    for (at, value) in &asked.filters {
        let column = &kind.columns[*at];
        let name = &column.field.name;
        let is_counted = counted.iter().any(|counted| counted.field.name == *name) && !column.is_folded();
        wanted = if is_counted {
            wanted.and_any([digest::value_sign(
                made_of,
                kind,
                name,
                &digest::counted_value(Some(value)),
            )])
        } else {
            // A text is looked for by its words.
            wanted.and_all(&text_of(value))
        };
    }
    wanted
}

/// A page of records that hold all words, the last that came first; choices that are filtered by stand among the words.
async fn searched(
    register: &Register,
    kind: &Arc<Kind>,
    asked: Asked,
    words: &str,
    after: Option<&str>,
) -> Result<Found, RegisterError> {
    let words = words.to_owned();
    let before = after.and_then(|after| after.parse().ok());
    // Nobody sees a record of no unit.
    let nobody = asked.units.as_ref().is_some_and(Vec::is_empty);
    let read = kind.clone();
    let most = u32::try_from(PAGE_ROWS).unwrap_or(50) + 1;
    register
        .store()
        .read(move |tx| {
            let made_of = digest::store::stand(tx, &read)?
                .map(|stand| stand.made_of)
                .unwrap_or_default();
            let wanted = wanted(&read, &asked, &words, &made_of);
            let mut places = if nobody {
                Vec::new()
            } else {
                digest::store::find(tx, &wanted, before, most)?
            };
            let more = places.len() > PAGE_ROWS;
            places.truncate(PAGE_ROWS);
            let next = places.last().filter(|_| more).map(|(place, _)| place.to_string());
            let mut records = Vec::with_capacity(places.len());
            for (_, id) in places {
                records.extend(store::find(tx, &read, id)?);
            }
            let count = (before.is_none() && next.is_none()).then_some(records.len() as u64);
            Ok(Found { records, next, count })
        })
        .await
}

/// What may be done here beside looking.
fn actions(register: &Register, kind: &Kind, officer: &OfficerCaller, query: &TableQuery, shell: &Shell) -> Markup {
    let may = |action: Action| officer.unit().is_some_and(|unit| register.may(officer, action, unit));
    let (add, import) = (
        may(Action::RegisterWrite),
        may(Action::RegisterImport) && kind.is_importable(),
    );
    // The file keeps the filters of the list.
    let kept: Vec<String> = kind
        .filters
        .iter()
        .map(|at| kind.columns[*at].field.name.as_str())
        .filter(|name| !query.filter(name).is_empty())
        .map(|name| format!("{name}={}", encode(query.filter(name))))
        .collect();
    let export = format!("{}/export?{}", kind.path(), kept.join("&"));
    let bulk = format!("{}/bulk?{}", kind.path(), kept.join("&"));
    html! {
        div.row.actions {
            @if add { (components::button_link(ButtonKind::Main, &format!("{}/new", kind.path()), &shell.text("reg-add"))) }
            @if import { (components::button_link(ButtonKind::Quiet, &format!("{}/import", kind.path()), &shell.text("reg-import"))) }
            @if add { (components::button_link(ButtonKind::Quiet, bulk.trim_end_matches('?'), &shell.text("reg-bulk"))) }
            (components::button_link(ButtonKind::Quiet, export.trim_end_matches('?'), &shell.text("reg-export")))
            (components::button_link(ButtonKind::Quiet, &format!("{}/charts", kind.path()), &shell.text("reg-index-charts")))
        }
    }
}
