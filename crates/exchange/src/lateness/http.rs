//! The leaders' page of late dossiers: each put down to people or to the systems, with what that rests on. A leader sees the
//! units of her own scope; the evidence is the rows of the transfers, or the day on which it was settled.

use axum::extract::{Path, State};
use casework::dossier::DossierId;
use identity::routes::{Access, Routes, get};
use identity::{Action, Caller, OfficerCaller, Resource, UnitId};
use kernel::{SignedDuration, Timestamp};
use maud::html;
use store::StoreError;
use store::sql::UuidList;
use uuid::Uuid;
use web::components::{self, Crumb, Fact, SummaryRow, Tone};
use web::table::{Column, Filter, Paging, Row, Table, TableQuery};
use web::{Markup, Page, Reply, Shell, format};

use super::Cause;
use crate::Exchange;
use crate::error::ExchangeError;
use crate::link::Link;
use crate::link::store as links;
use crate::transfer::store as transfers;
use crate::transfer::view;

const LIST: &str = "/desk/lateness";
/// Rows of one page.
const PAGE_ROWS: usize = 50;
/// Counts are of what was due in this time.
const COUNTED: SignedDuration = SignedDuration::from_hours(24 * 365);
/// Transfers shown as evidence.
const EVIDENCE: i64 = 200;

pub(crate) fn routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    let read = Access::Action(Action::DossierReport);
    routes
        .page(get("/desk/lateness", list), read)
        .page(get("/desk/lateness/{id}", one), read)
}

/// The units whose figures this officer sees, and those that live on in them.
fn scope(exchange: &Exchange, officer: &OfficerCaller) -> Vec<UnitId> {
    let identity = exchange.casework().identity();
    let mut units = identity
        .policy()
        .scope(&Caller::Officer(officer.clone()), Action::DossierReport);
    let (book, mut at) = (identity.units(), 0);
    // The list grows while it is walked: what was merged may itself have followed others.
    while let Some(unit) = units.get(at).copied() {
        for (gone, _) in book.predecessors(unit) {
            if !units.contains(&gone) {
                units.push(gone);
            }
        }
        at += 1;
    }
    units
}

async fn list(State(exchange): State<Exchange>, shell: Shell, officer: OfficerCaller, query: TableQuery) -> Reply {
    let shown = table_of(&shell);
    let cause: Option<Cause> = query.chosen(&shown, "cause").and_then(|word| word.parse().ok());
    let first = (Timestamp::MAX, DossierId::from_uuid(Uuid::max()));
    let before = query.after_key().and_then(key_of).unwrap_or(first);
    let units = UuidList::new(scope(&exchange, &officer).into_iter().map(UnitId::uuid));
    let since = exchange.now() - COUNTED;
    let (counts, mut rows) = exchange
        .store()
        .read(move |tx| {
            let most = i64::try_from(PAGE_ROWS).unwrap_or(0) + 1;
            Ok::<_, StoreError>((
                links::causes(tx, &units, since)?,
                links::late(tx, &units, cause, before, most)?,
            ))
        })
        .await?;
    let more = rows.len() > PAGE_ROWS;
    rows.truncate(PAGE_ROWS);
    let last = rows.last().filter(|_| more);
    let next = last.and_then(|link| Some(format!("{}_{}", link.due_at?.as_micros(), link.dossier)));
    let paging = Paging::Keyset {
        started: query.after_key().is_some(),
        next,
        total: None,
    };
    let rows: Vec<Row> = rows.iter().map(|link| row(&shell, link)).collect();
    let title = shell.text("exchange-late-title");
    let body = html! {
        h1 { (title) }
        p { (shell.text("exchange-late-words")) }
        (facts(&shell, &counts))
        (shown.render(&shell, &query, &rows, &paging))
    };
    Ok(Page::new(&shell, title).wide().body(body))
}

fn key_of(text: &str) -> Option<(Timestamp, DossierId)> {
    let (at, id) = text.split_once('_')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

fn facts(shell: &Shell, counts: &[(Cause, i64)]) -> Markup {
    let fact = |cause: &Cause| {
        let count = counts.iter().find(|(of, _)| of == cause).map_or(0, |(_, count)| *count);
        Fact::new(
            shell.text(&format!("exchange-cause-{cause}")),
            format::number(shell.lang, count),
        )
        .link(&format!("{LIST}?cause={cause}"))
    };
    components::facts(&Cause::ALL.iter().map(fact).collect::<Vec<_>>())
}

fn table_of(shell: &Shell) -> Table {
    let causes = Cause::ALL
        .iter()
        .map(|one| (one.word().to_owned(), shell.text(&format!("exchange-cause-{one}"))));
    Table::new(
        LIST,
        "exchange-late-caption",
        vec![
            Column::new("code", "exchange-code"),
            Column::new("due", "exchange-due"),
            Column::new("ended", "exchange-ended"),
            Column::new("there", "exchange-ended-there"),
            Column::new("cause", "exchange-cause").plain_on_phones(),
        ],
    )
    .filter(Filter::choice("cause", "exchange-cause", causes.collect()))
    .empty("exchange-late-empty")
}

fn when(shell: &Shell, at: Option<Timestamp>) -> Markup {
    html! { @match at { Some(at) => { (format::date_time(shell.lang, at)) }, None => { (shell.text("exchange-not-yet")) } } }
}

fn tag(shell: &Shell, cause: Cause) -> Markup {
    let tone = match cause {
        Cause::Person => Tone::Late,
        Cause::System => Tone::Info,
    };
    components::tag(tone, &shell.text(&format!("exchange-cause-{cause}")))
}

fn row(shell: &Shell, link: &Link) -> Row {
    Row::new(vec![
        html! { a.num.whole href={ (LIST) "/" (link.dossier) } { (link.code) } },
        when(shell, link.due_at),
        when(shell, link.ended_at),
        when(shell, link.track.seen.and_then(|seen| seen.ended_at)),
        html! { @if let Some(cause) = link.cause { (tag(shell, cause)) } },
    ])
}

async fn one(State(exchange): State<Exchange>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let id: DossierId = id.parse().map_err(|_| ExchangeError::NotFound)?;
    let (link, rows) = exchange
        .store()
        .read(move |tx| {
            let link = links::find(tx, id)?.ok_or(ExchangeError::NotFound)?;
            Ok::<_, ExchangeError>((link, transfers::of_dossier(tx, id, EVIDENCE)?))
        })
        .await?;
    if !scope(&exchange, &officer).contains(&link.unit) {
        return Err(ExchangeError::NotFound.into());
    }
    let identity = exchange.casework().identity();
    let may_open = identity
        .policy()
        .require(&Caller::Officer(officer), Action::DossierRead, &Resource::at(link.unit))
        .is_ok();
    let title = link.code.clone();
    let body = html! {
        h1.num { (title) }
        (components::summary_list(&dates(&shell, &link)))
        p { (shell.text(words(link.cause))) }
        @if may_open { p { a href={ "/desk/dossiers/" (link.dossier) } { (shell.text("exchange-late-open")) } } }
        h2 { (shell.text("exchange-late-evidence")) }
        (view::of_dossier(&shell, &rows))
    };
    Ok(Page::new(&shell, title)
        .wide()
        .crumbs(vec![Crumb::new(LIST, shell.text("exchange-late-title"))])
        .body(body))
}

const fn words(cause: Option<Cause>) -> &'static str {
    match cause {
        None => "exchange-late-none",
        Some(Cause::Person) => "exchange-late-person",
        Some(Cause::System) => "exchange-late-system",
    }
}

fn dates(shell: &Shell, link: &Link) -> Vec<SummaryRow> {
    let mut rows = Vec::new();
    if let Some(cause) = link.cause {
        rows.push(SummaryRow::markup(shell.text("exchange-cause"), tag(shell, cause)));
    }
    rows.extend([
        SummaryRow::markup(shell.text("exchange-due"), when(shell, link.due_at)),
        SummaryRow::markup(shell.text("exchange-ended"), when(shell, link.ended_at)),
        SummaryRow::markup(
            shell.text("exchange-ended-there"),
            when(shell, link.track.seen.and_then(|seen| seen.ended_at)),
        ),
    ]);
    if link.is_from_portal {
        let way = html! { (when(shell, link.filed_at)) " → " (when(shell, link.arrived_at)) };
        rows.push(SummaryRow::markup(shell.text("exchange-way"), way));
    }
    rows
}
