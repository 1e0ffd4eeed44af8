//! The work list of a desk, its search box and its export. Names are masked, so no use of personal data is recorded;
//! a person's number is looked for by the form alone, because an address ends up in logs.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use identity::{Action as Right, Caller, OfficerCaller, audit};
use kernel::{DossierCode, PersonId, Timestamp};
use web::table::{Paging, Row, TableQuery};
use web::{Page, Reply, Shell, Submitted, download::Csv, format, see_other};

use super::{PAGE_ROWS, scope};
use crate::Casework;
use crate::desk::store::{self as table, Filter};
use crate::desk::view::{self, List};
use crate::desk::{Scope, Tab, resource};
use crate::dossier::state::State as DossierState;
use crate::dossier::store as dossiers;
use crate::dossier::{Dossier, DossierError, DossierId, submit};

/// Most rows of an export.
const EXPORT_ROWS: i64 = 5_000;

fn day_end(now: Timestamp) -> Timestamp {
    Timestamp::start_of_day(now.local_date().tomorrow().unwrap_or(now.local_date()))
}

/// What the address of the work list asks for.
pub(crate) fn filter_of(tab: Tab, query: &TableQuery, officer: &OfficerCaller, now: Timestamp, limit: i64) -> Filter {
    let mut states = tab.states();
    if let Ok(state) = query.filter("state").parse::<DossierState>() {
        states.retain(|one| *one == state);
    }
    let (from, until) = match tab {
        Tab::Overdue => (Timestamp::MIN, now),
        Tab::Today => (now, day_end(now)),
        Tab::All | Tab::Mine | Tab::Waiting | Tab::ToReturn | Tab::Closed => (Timestamp::MIN, Timestamp::MAX),
    };
    let closed = tab == Tab::Closed;
    let first = if closed {
        (Timestamp::MAX, DossierId::from_uuid(uuid::Uuid::max()))
    } else {
        (Timestamp::MIN, DossierId::from_uuid(uuid::Uuid::nil()))
    };
    Filter {
        is_open: !closed,
        states,
        from,
        until,
        procedure: query.filter("procedure").parse().ok(),
        assignee: (tab == Tab::Mine).then(|| officer.account()),
        after: query.after_key().and_then(key_of).unwrap_or(first),
        limit,
    }
}

fn key_of(text: &str) -> Option<(Timestamp, DossierId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

pub(crate) fn key_after(rows: &[Dossier]) -> Option<String> {
    let last = rows.last()?;
    let sort_at = last.due_at.unwrap_or(last.check_by);
    Some(format!("{}.{}", sort_at.as_micros(), last.id))
}

pub(super) async fn list(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    query: TableQuery,
) -> Reply<Response> {
    let typed = query.filter("q").trim();
    // A code may stand in an address, a person's number may not: it is looked for by the form alone.
    let typed = if typed.is_empty() || typed.parse::<DossierCode>().is_ok() {
        typed
    } else {
        "-"
    };
    work_list(&house, &shell, &officer, &query, typed).await
}

pub(super) async fn find(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    query: TableQuery,
    submitted: Submitted,
) -> Reply<Response> {
    work_list(&house, &shell, &officer, &query, submitted.text("q")).await
}

async fn work_list(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    query: &TableQuery,
    typed: &str,
) -> Reply<Response> {
    let scope = scope(house, officer);
    let tab = query.filter("tab").parse().unwrap_or(Tab::All);
    let now = house.now();
    let (found, search_note) = match search(house, officer, &scope, typed).await? {
        Search::One(id) => return Ok(see_other(&format!("/desk/dossiers/{id}"))),
        Search::Rows(rows) => (Some(rows), None),
        Search::Nothing => (Some(Vec::new()), Some("desk-search-note")),
        Search::NotAsked => (None, None),
    };
    let filter = filter_of(tab, query, officer, now, PAGE_ROWS + 1);
    let me = officer.account();
    let (counts, procedures, rows) = house
        .store()
        .read(move |tx| {
            let counts = table::counts(tx, &scope, me, now, day_end(now))?;
            let procedures = table::procedures(tx, &scope)?;
            let rows = match found {
                Some(rows) => rows,
                None => table::list(tx, &scope, &filter)?,
            };
            Ok::<_, DossierError>((counts, procedures, rows))
        })
        .await?;
    let page = part(shell, house, rows, query);
    let schema = view::table(shell, procedures, tab);
    let body = view::list(
        shell,
        &List {
            tab,
            counts: &counts,
            table: &schema,
            query,
            rows: page.0,
            paging: page.1,
            search_note,
        },
    );
    Ok(Page::new(shell, shell.text("desk-title"))
        .wide()
        .body(body)
        .into_response())
}

/// The rows of one part and where the next one begins.
fn part(shell: &Shell, house: &Casework, mut rows: Vec<Dossier>, query: &TableQuery) -> (Vec<Row>, Paging) {
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let more = rows.len() > most;
    rows.truncate(most);
    let next = if more { key_after(&rows) } else { None };
    let now = house.now();
    let shown = rows
        .iter()
        .map(|row| view::row(shell, row, now, house.calendar()))
        .collect();
    (
        shown,
        Paging::Keyset {
            next,
            started: query.after_key().is_some(),
            total: None,
        },
    )
}

/// What the search box found.
enum Search {
    /// Nothing was typed.
    NotAsked,
    /// A code that this officer may open.
    One(DossierId),
    /// Dossiers of a person.
    Rows(Vec<Dossier>),
    /// Neither a code nor a number, or nothing there.
    Nothing,
}

/// Exact look-ups alone: a code, or a personal number by its keyed index. Names are sealed and cannot be searched.
async fn search(house: &Casework, officer: &OfficerCaller, scope: &Scope, typed: &str) -> Result<Search, DossierError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Search::NotAsked);
    }
    if let Ok(code) = typed.parse::<DossierCode>() {
        let found = house.store().read(move |tx| dossiers::find_by_code(tx, &code)).await?;
        let caller = Caller::Officer(officer.clone());
        let seen = found.filter(|one| {
            house
                .identity()
                .policy()
                .decide(&caller, Right::DossierRead, &resource(one))
        });
        return Ok(seen.map_or(Search::Nothing, |one| Search::One(one.id)));
    }
    if let Ok(number) = typed.replace(' ', "").parse::<PersonId>() {
        let index = house.keys().blind_index(submit::PERSON_INDEX, number.as_str());
        let scope = scope.clone();
        let rows = house
            .store()
            .read(move |tx| table::of_person(tx, &scope, &index))
            .await?;
        return Ok(if rows.is_empty() {
            Search::Nothing
        } else {
            Search::Rows(rows)
        });
    }
    Ok(Search::Nothing)
}

pub(super) async fn export(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    query: TableQuery,
) -> Reply<Response> {
    let scope = scope(&house, &officer);
    let tab = query.filter("tab").parse().unwrap_or(Tab::All);
    let (now, account) = (house.now(), officer.account());
    let filter = filter_of(tab, &query, &officer, now, EXPORT_ROWS);
    let rows = house.store().read(move |tx| table::list(tx, &scope, &filter)).await?;
    let count = rows.len().to_string();
    house
        .store()
        .write(move |tx| {
            let detail = audit::detail([("rows", count.clone()), ("tab", tab.word().to_owned())]);
            audit::append(
                tx,
                audit::Actor::Account(account),
                "dossier.export",
                "desk",
                detail,
                now,
            )
        })
        .await?;
    let columns = [
        "desk-code",
        "desk-procedure",
        "desk-person",
        "desk-state",
        "desk-submitted",
        "desk-received",
        "desk-due",
        "desk-assignee",
    ];
    let headings: Vec<String> = columns.iter().map(|key| shell.text(key)).collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut csv = Csv::new(&headings);
    let at = |at: Option<Timestamp>| at.map(|at| format::date_time(shell.lang, at)).unwrap_or_default();
    for row in &rows {
        csv.row(&[
            row.code.to_string(),
            row.procedure_name.clone(),
            row.person_mask.clone(),
            shell.text(&format!("dossier-state-{}", row.state)),
            at(Some(row.submitted_at)),
            at(row.received_at),
            at(row.due_at),
            row.assignee_name.clone().unwrap_or_default(),
        ]);
    }
    Ok(csv.into_response(&format!("ho-so-{}.csv", now.local_date())))
}
