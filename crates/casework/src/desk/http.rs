//! The officers' pages: work list, export, one dossier, one action, the day's registers.
//! Every view of a dossier's contents writes one use row, durable before the page leaves.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, Caller, OfficerCaller, Purpose, audit};
use kernel::{Date, DossierCode, PersonId, SignedDuration, Timestamp};
use serde::Deserialize;
use web::components::Crumb;
use web::form::{Errors, Values};
use web::submitted::Limits;
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, Submitted, download::Csv, format, see_other};

use super::store::{self as table, Filter};
use super::view::{self, List};
use super::{Register, Scope, Tab, act, actions, open_actions, resource};
use crate::Casework;
use crate::dossier::state::{Action, State as DossierState};
use crate::dossier::store as dossiers;
use crate::dossier::{Dossier, DossierError, DossierId, FileId, command, submit};
use crate::file;
use crate::track::mine::{self, Sheaf};

/// Rows of one part of a list.
pub(crate) const PAGE_ROWS: i64 = 50;

/// Most rows of an export.
const EXPORT_ROWS: i64 = 5_000;

/// Registers the pages without uploads.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(get("/desk", list), Access::Action(Right::DossierList))
        .page(post("/desk", find), Access::Action(Right::DossierList))
        .page(get("/desk/export.csv", export), Access::Action(Right::DossierList))
        .page(get("/desk/dossiers/{id}", one), Access::Action(Right::DossierRead))
        .page(
            get("/desk/dossiers/{id}/receipt", receipt),
            Access::Action(Right::DossierRead),
        )
        .page(
            get("/desk/dossiers/{id}/files/{file}", download),
            Access::Action(Right::DossierRead),
        )
        .page(
            get("/desk/dossiers/{id}/{action}", ask),
            Access::Action(Right::DossierRead),
        )
        .page(get("/desk/figures", figures), Access::Action(Right::DossierList))
        .page(
            get("/desk/register/{register}", register),
            Access::Action(Right::DossierList),
        )
}

/// Registers the page that takes files.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(
        post("/desk/dossiers/{id}/{action}", done),
        Access::Action(Right::DossierRead),
    )
}

/// The bounds of one action's form.
pub(crate) fn upload_limits(house: &Casework) -> Limits {
    Limits::files(actions::FILES_MAX, house.settings().files.bytes_max)
}

fn scope(house: &Casework, officer: &OfficerCaller) -> Scope {
    Scope::of(
        house,
        &house.identity().units(),
        &Caller::Officer(officer.clone()),
        Right::DossierList,
    )
}

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

async fn list(
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

async fn find(
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

async fn export(
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

/// A dossier that this officer may read, with the purpose under which it is opened; the use is recorded.
async fn disclosed(house: &Casework, officer: &OfficerCaller, id: &str) -> Result<(Sheaf, Purpose), DossierError> {
    let id: DossierId = id.parse().map_err(|_| DossierError::NotFound)?;
    let sheaf = mine::sheaf(house, id).await?;
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let at = resource(&sheaf.dossier);
    if !policy.decide(&caller, Right::DossierRead, &at) {
        return Err(DossierError::NotFound);
    }
    let allowed = policy
        .require(&caller, Right::PersonDisclose, &at)
        .map_err(identity::IdentityError::from)?;
    let code = sheaf.dossier.code.to_string();
    let purpose = Purpose::for_dossier(&caller, id.uuid(), &allowed).about(code);
    house.identity().record_use(&purpose, &[sheaf.dossier.person]).await?;
    Ok((sheaf, purpose))
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/desk", shell.text("desk-title"))]
}

/// Which action was just done.
#[derive(Debug, Default, Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

async fn one(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Reply {
    let (sheaf, purpose) = disclosed(&house, &officer, &id).await?;
    let opened = mine::open(&house, &purpose, &sheaf)?;
    let found = house
        .catalogue()
        .find(&sheaf.dossier.procedure, Some(sheaf.dossier.procedure_version))
        .await?;
    let schema = found
        .map(|(procedure, _)| procedure.form_or_generic())
        .unwrap_or_default();
    let caller = Caller::Officer(officer);
    let open = open_actions(&house, &caller, &sheaf.dossier);
    let taken_by = taken_by(&house, &purpose, sheaf.dossier.id).await?;
    let body = view::dossier(
        &shell,
        &view::Page {
            dossier: &sheaf.dossier,
            content: &opened.content,
            schema: &schema,
            events: &sheaf.events,
            notes: &opened.notes,
            files: &opened.files,
            supplements: &opened.supplements,
            actions: &open,
            taken_by,
            now: house.now(),
            calendar: house.calendar(),
        },
    );
    let banner = done
        .done
        .parse::<Action>()
        .ok()
        .map(|action| crate::track::http::done_banner(&shell, &shell.text(&format!("desk-done-{action}"))));
    let body = maud::html! { @if let Some(banner) = banner { (banner) } (body) };
    Ok(Page::new(&shell, sheaf.dossier.code.to_string())
        .crumbs(crumbs(&shell))
        .wide()
        .body(body))
}

async fn taken_by(house: &Casework, purpose: &Purpose, id: DossierId) -> Result<Option<String>, DossierError> {
    let Some(row) = house.store().read(move |tx| dossiers::delivery(tx, id)).await? else {
        return Ok(None);
    };
    let text = mine::open_text(&house.keys(), purpose, &command::taken_context(id), &row.detail)?;
    Ok(Some(text))
}

async fn receipt(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let (sheaf, purpose) = disclosed(&house, &officer, &id).await?;
    let body = crate::track::http::receipt_body(&house, &shell, &purpose, &sheaf, false, false).await?;
    Ok(Page::new(&shell, shell.text("receipt-title"))
        .crumbs(crumbs(&shell))
        .body(body))
}

async fn download(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path((id, file)): Path<(String, String)>,
) -> Reply<Response> {
    let (sheaf, purpose) = disclosed(&house, &officer, &id).await?;
    let file: FileId = file.parse().map_err(|_| DossierError::FileNotFound)?;
    let row = sheaf
        .files
        .iter()
        .find(|row| row.id == file)
        .ok_or(DossierError::FileNotFound)?;
    file::http::send(&house, &purpose, row).await
}

/// A dossier and an action that may be open to this officer. Lists and masks only: nothing is opened here.
async fn at(
    house: &Casework,
    officer: &OfficerCaller,
    id: &str,
    action: &str,
) -> Result<(Dossier, Action), DossierError> {
    let id: DossierId = id.parse().map_err(|_| DossierError::NotFound)?;
    let action: Action = action.parse().map_err(|_| DossierError::NotFound)?;
    let dossier = house.store().read(move |tx| dossiers::find(tx, id)).await?;
    let caller = Caller::Officer(officer.clone());
    if !house
        .identity()
        .policy()
        .decide(&caller, Right::DossierRead, &resource(&dossier))
    {
        return Err(DossierError::NotFound);
    }
    Ok((dossier, action))
}

/// Whether the action is open to this officer now; if not, why.
fn check_open(
    house: &Casework,
    officer: &OfficerCaller,
    dossier: &Dossier,
    action: Action,
) -> Result<(), DossierError> {
    let caller = Caller::Officer(officer.clone());
    if open_actions(house, &caller, dossier).contains(&action) {
        return Ok(());
    }
    let capacities = super::capacity(&caller).into_iter().collect::<Vec<_>>();
    let actor = crate::dossier::rules::Actor {
        account: Some(officer.account()),
        capacities: &capacities,
    };
    crate::dossier::rules::decide(dossier, action, &actor)?;
    let right = crate::dossier::policy_action(action, dossier.state);
    let caller = Caller::Officer(officer.clone());
    let refused = house.identity().policy().require(&caller, right, &resource(dossier));
    refused
        .map(|_| ())
        .map_err(|error| identity::IdentityError::from(error).into())
}

async fn ask(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, action)): Path<(String, String)>,
) -> Reply {
    let (dossier, action) = at(&house, &officer, &id, &action).await?;
    check_open(&house, &officer, &dossier, action)?;
    let around = act::around(&house, &dossier, action).await?;
    Ok(action_page(
        &house,
        &shell,
        &dossier,
        action,
        &around,
        &actions::values(&dossier, action),
        &Errors::none(),
    ))
}

fn action_page(
    house: &Casework,
    shell: &Shell,
    dossier: &Dossier,
    action: Action,
    around: &actions::Around,
    values: &Values,
    errors: &Errors,
) -> Page {
    let about = (action == Action::Receive)
        .then_some(around.limit)
        .flatten()
        .map(|limit| {
            let due = house
                .calendar()
                .deadline_with(house.now(), limit, house.settings().cut_off);
            let key = if due.confirmed {
                "desk-receive-due"
            } else {
                "desk-receive-due-unconfirmed"
            };
            let day = format::long_date_time(shell.lang, due.at);
            shell.text_with(key, &[("limit", limit.text(shell.lang).into()), ("at", day.into())])
        });
    let form = actions::form(dossier, action, around).render(shell, values, errors);
    let title = shell.text(&format!("desk-do-{action}"));
    Page::new(shell, title)
        .errors(errors)
        .body(view::act(shell, dossier, action, &form, about))
}

async fn done(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, action)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let (dossier, action) = at(&house, &officer, &id, &action).await?;
    let around = act::around(&house, &dossier, action).await?;
    let form = actions::form(&dossier, action, &around);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            check_open(&house, &officer, &dossier, action)?;
            let typed = form.typed(&submitted);
            return Ok(action_page(&house, &shell, &dossier, action, &around, &typed, &errors).into_response());
        }
    };
    let result = act::act(&house, &officer, &dossier, action, &around, (&submitted, &values)).await;
    match result {
        Ok(after) => Ok(see_other(&format!("/desk/dossiers/{}?done={action}", after.id))),
        Err(error) => match error_field(&error) {
            Some(field) => {
                let mut errors = Errors::none();
                errors.add_fault(field, &error);
                let typed = form.typed(&submitted);
                Ok(action_page(&house, &shell, &dossier, action, &around, &typed, &errors).into_response())
            }
            None => Err(error.into()),
        },
    }
}

/// The field beside which a refusal of the rules is shown; others are pages of their own.
const fn error_field(error: &DossierError) -> Option<&'static str> {
    match error {
        DossierError::ReasonMissing => Some("note"),
        DossierError::DefectsMissing => Some("what-1"),
        DossierError::LimitMissing => Some("days"),
        DossierError::ResultMissing => Some("file"),
        DossierError::AssigneeUnknown => Some("officer"),
        _ => None,
    }
}

/// The day that a register is asked for.
#[derive(Debug, Default, Deserialize)]
struct Day {
    #[serde(default)]
    day: String,
    #[serde(default)]
    after: String,
}

impl Day {
    fn date(&self, now: Timestamp) -> Date {
        self.day.parse().unwrap_or_else(|_| now.local_date())
    }
}

fn bounds(day: Date) -> (Timestamp, Timestamp) {
    let start = Timestamp::start_of_day(day);
    (
        start,
        day.tomorrow()
            .map_or(start + SignedDuration::from_hours(24), Timestamp::start_of_day),
    )
}

async fn figures(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Query(asked): Query<Day>,
) -> Reply {
    let scope = scope(&house, &officer);
    let day = asked.date(house.now());
    let (from, until) = bounds(day);
    let counts = house
        .store()
        .read(move |tx| {
            let count =
                |&register: &Register| Ok((register, table::register_count(tx, &scope, register, from, until)?));
            Register::ALL
                .iter()
                .map(count)
                .collect::<Result<Vec<_>, store::StoreError>>()
        })
        .await?;
    let title = shell.text("desk-figures-title");
    Ok(Page::new(&shell, title)
        .crumbs(crumbs(&shell))
        .body(view::figures(&shell, day, &counts)))
}

async fn register(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(register): Path<String>,
    Query(asked): Query<Day>,
    query: TableQuery,
) -> Reply {
    let register: Register = register.parse().map_err(|_| DossierError::NotFound)?;
    let scope = scope(&house, &officer);
    let now = house.now();
    let day = asked.date(now);
    let begin = asked.after.parse().unwrap_or(DossierId::from_uuid(uuid::Uuid::nil()));
    let (mut rows, total) = house
        .store()
        .read(move |tx| {
            let (from, until) = bounds(day);
            let rows = table::register_rows(tx, &scope, register, (from, until), begin, PAGE_ROWS + 1)?;
            Ok::<_, DossierError>((rows, table::register_count(tx, &scope, register, from, until)?))
        })
        .await?;
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let next = (rows.len() > most)
        .then(|| rows.get(most - 1).map(|row| row.id.to_string()))
        .flatten();
    rows.truncate(most);
    let schema = Table::new(
        format!("/desk/register/{register}"),
        "desk-caption-register",
        vec![
            Column::new("code", "desk-code"),
            Column::new("procedure", "desk-procedure"),
            Column::new("person", "desk-person"),
            Column::new("state", "desk-state"),
            Column::new("due", "desk-due").plain_on_phones(),
            Column::new("entered", "desk-entered"),
        ],
    )
    .empty("desk-empty")
    .keep(&["day"]);
    let shown: Vec<Row> = rows
        .iter()
        .map(|row| view::row(&shell, row, now, house.calendar()))
        .collect();
    let paging = Paging::Keyset {
        next,
        started: !asked.after.is_empty(),
        total: u64::try_from(total).ok(),
    };
    let title = shell.text(&format!("desk-register-{register}"));
    let body = maud::html! {
        h1 { (title) ", " (format::long_date(shell.lang, day)) }
        p { (shell.text(&format!("desk-register-about-{register}"))) }
        (schema.render(&shell, &query, &shown, &paging))
        p { a href={ "/desk/figures?day=" (day) } { (shell.text("desk-figures-title")) } }
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}
