//! The work list of a desk, its search box and its export. Names are masked, so no use of personal data is recorded;
//! a person's number is looked for by the form alone, because an address ends up in logs.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use identity::{AccountId, Action as Right, Caller, OfficerCaller, UnitId, audit};
use kernel::calendar::WorkingCalendar;
use kernel::{DossierCode, PersonId, Timestamp};
use store::Tx;
use web::table::{Paging, Row, TableQuery};
use web::{Page, Reply, Shell, Submitted, download::Csv, format, see_other};

use super::{PAGE_ROWS, scope};
use crate::bulk::{self, view::Bar};
use crate::desk::choices::Choices;
use crate::desk::store::{self as table, Filter, Officers, TabCounts};
use crate::desk::view::{self, List};
use crate::desk::{Colour, Scope, Tab, resource};
use crate::dossier::state::State as DossierState;
use crate::dossier::store as dossiers;
use crate::dossier::{Dossier, DossierError, DossierId, submit};
use crate::procedure::search::Index;
use crate::{Casework, absence, child, handover};

/// Most rows of an export.
const EXPORT_ROWS: i64 = 5_000;

fn day_end(now: Timestamp) -> Timestamp {
    Timestamp::start_of_day(now.local_date().tomorrow().unwrap_or(now.local_date()))
}

/// Who asks, when, and for whom she stands in: what the address of a work list is read by.
pub(crate) struct Reading<'a> {
    pub(crate) officer: AccountId,
    /// Those for whom she stands in today.
    pub(crate) away: &'a [(AccountId, String)],
    pub(crate) now: Timestamp,
    pub(crate) calendar: &'a WorkingCalendar,
}

/// The word of the filter by officer for what nobody has.
pub(crate) const NOBODY: &str = "nobody";

/// What the address of the work list asks for.
pub(crate) fn filter_of(tab: Tab, query: &TableQuery, by: &Reading<'_>, limit: i64) -> Filter {
    let mut states = tab.states();
    if let Ok(state) = query.filter("state").parse::<DossierState>() {
        states.retain(|one| *one == state);
    }
    let now = by.now;
    let (mut from, mut until) = match tab {
        Tab::Overdue => (Timestamp::MIN, now),
        Tab::Today => (now, day_end(now)),
        Tab::All | Tab::Mine | Tab::StandIn | Tab::Waiting | Tab::ToReturn | Tab::Closed => {
            (Timestamp::MIN, Timestamp::MAX)
        }
    };
    if let Ok(colour) = query.filter("colour").parse::<Colour>() {
        let soon = by.calendar.add_working_hours(now, SOON_HOURS);
        let bounds = match colour {
            Colour::Late => (Timestamp::MIN, now),
            Colour::Soon => (now, soon),
            Colour::InTime => (soon, Timestamp::MAX),
            Colour::Stopped => (Timestamp::MIN, Timestamp::MAX),
        };
        (from, until) = (from.max(bounds.0), until.min(bounds.1));
        states.retain(|state| match colour {
            Colour::Stopped => state.waits_for_applicant(),
            _ => state.clock_runs() || *state == DossierState::Submitted,
        });
    }
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
        officers: officers_of(tab, query, by),
        after: query.after_key().and_then(key_of).unwrap_or(first),
        limit,
    }
}

/// Working hours below which a deadline is near: as the colour of the tag says.
const SOON_HOURS: i32 = 8;

/// Whose work: the view's, narrowed by the filter.
fn officers_of(tab: Tab, query: &TableQuery, by: &Reading<'_>) -> Officers {
    let asked = query.filter("officer");
    match tab {
        Tab::Mine => Officers::These(vec![by.officer]),
        Tab::StandIn => {
            let away = by.away.iter().map(|(officer, _)| *officer);
            Officers::These(
                away.filter(|officer| asked.is_empty() || officer.to_string() == asked)
                    .collect(),
            )
        }
        _ if asked == NOBODY => Officers::Nobody,
        _ => asked
            .parse()
            .map_or(Officers::Any, |officer| Officers::These(vec![officer])),
    }
}

/// The scope of a list, narrowed to the unit that its address names if that is one of the officer's.
pub(crate) fn narrowed(scope: Scope, query: &TableQuery) -> Scope {
    let asked = query.filter("unit").parse::<UnitId>();
    match asked {
        Ok(unit) if scope.units.contains(&unit) => Scope {
            units: vec![unit],
            ..scope
        },
        _ => scope,
    }
}

/// For whom an officer stands in today.
pub(crate) async fn away(house: &Casework, officer: &OfficerCaller) -> Result<Vec<(AccountId, String)>, DossierError> {
    let (me, day) = (officer.account(), house.now().local_date());
    let found = house
        .store()
        .read(move |tx| absence::store::stood_in_for(tx, me, day))
        .await?;
    Ok(found)
}

fn key_of(text: &str) -> Option<(Timestamp, DossierId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

pub(crate) fn key_after(rows: &[Dossier]) -> Option<String> {
    let last = rows.last()?;
    Some(format!("{}.{}", last.sort_at().as_micros(), last.id))
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
    let (found, search_note) = match search(house, officer, &scope, typed).await? {
        Search::One(id) => return Ok(see_other(&format!("/desk/dossiers/{id}"))),
        Search::Rows(rows) => (Some(rows), None),
        Search::Nothing => (Some(Vec::new()), Some("desk-search-note")),
        Search::NotAsked => (None, None),
    };
    let asked = Asked {
        house: house.clone(),
        officer: officer.clone(),
        catalogue: house.catalogue().index().await.map_err(DossierError::from)?,
        scope,
        tab: query.filter("tab").parse().unwrap_or(Tab::All),
        query: query.clone(),
        now: house.now(),
        found,
    };
    let tab = asked.tab;
    let read = house.store().read(move |tx| asked.read(tx)).await?;
    let body = draw(house, shell, officer, query, (tab, search_note), read);
    Ok(Page::new(shell, shell.text("desk-title"))
        .wide()
        .body(body)
        .into_response())
}

/// What a work list is asked for.
struct Asked {
    house: Casework,
    officer: OfficerCaller,
    catalogue: Arc<Index>,
    scope: Scope,
    tab: Tab,
    query: TableQuery,
    now: Timestamp,
    /// The dossiers that a search found: they are listed, whatever the view.
    found: Option<Vec<Dossier>>,
}

/// What was read for a work list.
struct Read {
    counts: TabCounts,
    choices: Arc<Choices>,
    rows: Vec<Dossier>,
    stands_in: bool,
    /// Work that is offered to her.
    waiting: Vec<Dossier>,
    /// Child dossiers that her units work on.
    children: i64,
    bar: Bar,
}

impl Asked {
    /// Reads all of it in one transaction.
    fn read(&self, tx: &mut Tx) -> Result<Read, DossierError> {
        let (me, day) = (self.officer.account(), self.now.local_date());
        let away = absence::store::stood_in_for(tx, me, day)?;
        let reading = Reading {
            officer: me,
            away: &away,
            now: self.now,
            calendar: self.house.calendar(),
        };
        let filter = filter_of(self.tab, &self.query, &reading, PAGE_ROWS + 1);
        Ok(Read {
            counts: table::counts(tx, &self.scope, me, self.now, day_end(self.now))?,
            choices: self.choices(tx)?,
            rows: match &self.found {
                Some(rows) => rows.clone(),
                None => table::list(tx, &narrowed(self.scope.clone(), &self.query), &filter)?,
            },
            stands_in: !away.is_empty(),
            waiting: handover::waiting_for(tx, me, &away)?,
            children: child::store::open_count(tx, &self.scope.units)?,
            bar: match self.tab {
                Tab::Closed | Tab::ToReturn => Bar::default(),
                _ => bulk::http::offered(tx, &self.house, &self.officer)?,
            },
        })
    }

    fn choices(&self, tx: &mut Tx) -> Result<Arc<Choices>, DossierError> {
        let kept = self.house.desk_choices();
        if let Some(fresh) = kept.fresh(&self.scope, self.now) {
            return Ok(fresh);
        }
        let (book, day) = (self.house.identity().units(), self.now.local_date());
        let read = Arc::new(Choices::read(tx, &self.scope, (&self.catalogue, &book, day))?);
        kept.keep(self.scope.clone(), self.now, read.clone());
        Ok(read)
    }
}

fn draw(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    query: &TableQuery,
    (tab, search_note): (Tab, Option<&'static str>),
    read: Read,
) -> maud::Markup {
    let caller = Caller::Officer(officer.clone());
    let arranges = house.identity().policy().somewhere(&caller, Right::WorkArrange);
    let schema = view::table(shell, &read.choices, tab);
    let picked = (!read.bar.is_empty()).then(|| query.filter("pick") == "all");
    let (rows, paging) = part(shell, house, read.rows, query, picked);
    view::list(
        shell,
        &List {
            tab,
            stands_in: read.stands_in,
            counts: &read.counts,
            table: &schema,
            query,
            rows,
            paging,
            search_note,
            waiting: &read.waiting,
            children: read.children,
            bar: &read.bar,
            arranges,
        },
    )
}

/// The rows of one part and where the next one begins.
fn part(
    shell: &Shell,
    house: &Casework,
    mut rows: Vec<Dossier>,
    query: &TableQuery,
    picked: Option<bool>,
) -> (Vec<Row>, Paging) {
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let more = rows.len() > most;
    rows.truncate(most);
    let next = if more { key_after(&rows) } else { None };
    let now = house.now();
    let shown = rows
        .iter()
        .map(|row| match picked {
            Some(checked) => view::marked_row(shell, row, now, house.calendar(), checked),
            None => view::row(shell, row, now, house.calendar()),
        })
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
    let scope = narrowed(scope(&house, &officer), &query);
    let away = away(&house, &officer).await?;
    let tab = query.filter("tab").parse().unwrap_or(Tab::All);
    let (now, account) = (house.now(), officer.account());
    let reading = Reading {
        officer: account,
        away: &away,
        now,
        calendar: house.calendar(),
    };
    let filter = filter_of(tab, &query, &reading, EXPORT_ROWS);
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
