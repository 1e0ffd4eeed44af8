//! The pages of one record: all of it with its history, as it was at two times, its form for a new one, a change or a
//! correction, and whom it names, for a purpose that is recorded.

use ::store::StoreError;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use definition::expression::Value;
use identity::person::{self, PersonDetails};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, Caller, OfficerCaller, PersonRef, Purpose, Resource};
use kernel::{Date, Timestamp};
use maud::{Markup, html};
use web::components::{self, ButtonKind, Crumb};
use web::form::{Errors, Field, Form, Values};
use web::table::TableQuery;
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::view::{self, Names};
use super::{Act, Command, Record, RecordId, Source, Version, form, rules, store, value::text_of};
use crate::error::RegisterError;
use crate::house::{By, Register};
use crate::kind::Kind;
use crate::page::http::crumbs;

/// Longest reason for which names are shown, in characters.
const PURPOSE_CHARS_MAX: usize = 200;

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let (read, write) = (
        Access::Action(Action::RegisterRead),
        Access::Action(Action::RegisterWrite),
    );
    routes
        .page(get("/registers/{system}/{kind}/new", new), write)
        .page(post("/registers/{system}/{kind}/new", add), write)
        .page(get("/registers/{system}/{kind}/{id}", one), read)
        .page(
            post("/registers/{system}/{kind}/{id}/names", names),
            Access::Action(Action::PersonDisclose),
        )
        .page(get("/registers/{system}/{kind}/{id}/{act}", edit), write)
        .page(post("/registers/{system}/{kind}/{id}/{act}", save), write)
}

/// All versions of a record that the officer may do this to; one of another unit is not there for her.
pub(crate) async fn load(
    register: &Register,
    kind: &std::sync::Arc<Kind>,
    officer: &OfficerCaller,
    id: &str,
    action: Action,
) -> Result<Vec<Version>, RegisterError> {
    let id: RecordId = id.parse().map_err(|_| RegisterError::NotFound)?;
    let read = kind.clone();
    let versions = register.store().read(move |tx| store::versions(tx, &read, id)).await?;
    match versions.first() {
        Some(last) if register.may(officer, action, last.record.unit) => Ok(versions),
        _ => Err(RegisterError::NotFound),
    }
}

/// The version of a record that holds, under the same right as [`load`], without its history.
pub(crate) async fn load_last(
    register: &Register,
    kind: &std::sync::Arc<Kind>,
    officer: &OfficerCaller,
    id: &str,
    action: Action,
) -> Result<Record, RegisterError> {
    let id: RecordId = id.parse().map_err(|_| RegisterError::NotFound)?;
    let read = kind.clone();
    let last = register.store().read(move |tx| store::find(tx, &read, id)).await?;
    last.filter(|record| register.may(officer, action, record.unit))
        .ok_or(RegisterError::NotFound)
}

/// The people that versions name.
fn people_of(kind: &Kind, versions: &[Version]) -> Vec<PersonRef> {
    let columns: Vec<_> = kind
        .columns
        .iter()
        .filter(|column| column.shape.is_personal())
        .collect();
    let mut found: Vec<PersonRef> = Vec::new();
    for version in versions {
        for column in &columns {
            let ids = match version.record.values.get(&column.field.name) {
                Some(Value::Many(all)) => all.iter().map(text_of).collect(),
                Some(one) => vec![text_of(one)],
                None => Vec::new(),
            };
            found.extend(ids.iter().filter_map(|id| id.parse::<PersonRef>().ok()));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The masked names of the people that versions name.
pub(crate) async fn masked(register: &Register, kind: &Kind, versions: &[Version]) -> Result<Names, StoreError> {
    let people = people_of(kind, versions);
    let read = move |tx: &mut ::store::Tx| {
        let mut names = Names::new();
        for id in people {
            if let Some(record) = person::record(tx, id)? {
                names.insert(id.to_string(), record.name_masked);
            }
        }
        Ok(names)
    };
    register.store().read(read).await
}

/// The two times that the address asks for: the day on which it held, the day until which it was known.
fn times(query: &TableQuery) -> (Option<Date>, Option<Date>) {
    (query.filter("on").parse().ok(), query.filter("known").parse().ok())
}

async fn one(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind, id)): Path<(String, String, String)>,
    query: TableQuery,
) -> Reply {
    let kind = register.kind(&system, &kind)?;
    let versions = match load(&register, &kind, &officer, &id, Action::RegisterRead).await {
        Err(RegisterError::NotFound) => return gone(&register, &kind, &officer, &id, &shell).await,
        loaded => loaded?,
    };
    let names = masked(&register, &kind, &versions).await?;
    let (on, known) = times(&query);
    let linked = cases(&register, &officer, &versions[0].record, &shell).await?;
    Ok(record_page(
        &register,
        &kind,
        &officer,
        &versions,
        &names,
        (on, known),
        &shell,
        &Errors::none(),
        &linked,
    ))
}

/// A record that was taken back with the import that brought it: why, by whom, and what was recorded.
async fn gone(
    register: &Register,
    kind: &std::sync::Arc<Kind>,
    officer: &OfficerCaller,
    id: &str,
    shell: &Shell,
) -> Reply {
    let id: RecordId = id.parse().map_err(|_| RegisterError::NotFound)?;
    let read = kind.clone();
    let (versions, import) = register
        .store()
        .read(move |tx| {
            // One that holds and is hidden is no record of the past.
            let holds = store::is_there(tx, &read, id)?;
            let versions = if holds { Vec::new() } else { store::past(tx, &read, id)? };
            let batch = versions.first().and_then(|version| version.record.batch);
            let import = batch
                .map(|batch| crate::import::store::batch(tx, batch))
                .transpose()?
                .flatten();
            Ok::<_, StoreError>((versions, import))
        })
        .await?;
    let last = versions
        .first()
        .filter(|last| register.may(officer, Action::RegisterRead, last.record.unit));
    let last = last.ok_or(RegisterError::NotFound)?;
    let names = masked(register, kind, &versions).await?;
    let title = view::title(register, kind, &last.record, shell.lang);
    let told = import.and_then(|import| Some((import.undone_by?, import.reason?, import.file_name)));
    let body = html! {
        h1 { (title) }
        (components::notification(shell.lang, components::Tone::Late, &shell.text("reg-gone")))
        @if let Some((who, reason, file)) = told {
            p { (shell.text_with("reg-gone-because", &[("who", who.into()), ("file", file.into()), ("reason", reason.into())])) }
        }
        (view::history(register, kind, &versions, &names, shell))
    };
    Ok(Page::new(shell, title).crumbs(kind_crumbs(kind, shell)).body(body))
}

/// The cases that wrote the record, each with a link for whoever may see it.
async fn cases(
    register: &Register,
    officer: &OfficerCaller,
    record: &Record,
    shell: &Shell,
) -> Result<Markup, RegisterError> {
    let found = match register.cases() {
        Some(cases) => cases.of(officer, record.id).await?,
        None => Vec::new(),
    };
    let revisions = |all: &[i64]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Ok(html! {
        @if !found.is_empty() {
            h2 { (shell.text("reg-cases")) }
            ul { @for one in &found { li {
                @match &one.href {
                    Some(href) => a.num href=(href) { (one.code) },
                    None => span.num { (one.code) },
                }
                " " span.small.muted { (shell.text_with("reg-cases-versions", &[("n", revisions(&one.revisions).into())])) }
            } } }
        }
    })
}

#[expect(clippy::too_many_arguments, reason = "one page, drawn from two handlers")]
fn record_page(
    register: &Register,
    kind: &Kind,
    officer: &OfficerCaller,
    versions: &[Version],
    names: &Names,
    (on, known): (Option<Date>, Option<Date>),
    shell: &Shell,
    errors: &Errors,
    linked: &Markup,
) -> Page {
    let record = &versions[0].record;
    let title = view::title(register, kind, record, shell.lang);
    let is_past = on.is_some() || known.is_some();
    let known_at = known.map_or(Timestamp::MAX, |day| {
        Timestamp::start_of_day(day.tomorrow().unwrap_or(day))
    });
    let shown = rules::as_of(versions, on.unwrap_or_else(|| register.today()), known_at);
    let body = html! {
        h1 { (title) }
        p.muted { (kind.words(shell.lang, "name")) }
        (acts(register, kind, officer, record, shell))
        @if is_past { (past_words(on, known, shown.is_some(), shell)) }
        @if let Some(shown) = shown {
            (view::fields(register, kind, &shown.record, names, shell))
            h2 { (shell.text("reg-provenance")) }
            (view::provenance(register, &shown.record, shell))
        }
        (linked)
        (names_form(register, kind, officer, record, shell, errors))
        (as_of_form(kind, record, (on, known), shell))
        (view::history(register, kind, versions, names, shell))
    };
    Page::new(shell, title)
        .crumbs(kind_crumbs(kind, shell))
        .errors(errors)
        .body(body)
}

fn kind_crumbs(kind: &Kind, shell: &Shell) -> Vec<Crumb> {
    let mut all = crumbs(shell);
    all.push(Crumb::new(kind.path(), kind.words(shell.lang, "name")));
    all
}

fn acts(register: &Register, kind: &Kind, officer: &OfficerCaller, record: &Record, shell: &Shell) -> Markup {
    let here = format!("{}/{}", kind.path(), record.id);
    html! {
        @if register.may(officer, Action::RegisterWrite, record.unit) {
            div.row.actions {
                (components::button_link(ButtonKind::Main, &format!("{here}/change"), &shell.text("reg-change")))
                (components::button_link(ButtonKind::Quiet, &format!("{here}/correct"), &shell.text("reg-correct")))
            }
        }
    }
}

fn past_words(on: Option<Date>, known: Option<Date>, is_there: bool, shell: &Shell) -> Markup {
    let day = |day: Option<Date>| day.map_or_else(|| shell.text("reg-today"), |day| format::date(shell.lang, day));
    let key = if is_there { "reg-as-of" } else { "reg-as-of-none" };
    let words = shell.text_with(key, &[("on", day(on).into()), ("known", day(known).into())]);
    components::inset(&html! { p { (words) } })
}

fn as_of_form(kind: &Kind, record: &Record, (on, known): (Option<Date>, Option<Date>), shell: &Shell) -> Markup {
    let value = |day: Option<Date>| day.map(|day| day.to_string());
    html! {
        h2 { (shell.text("reg-look-back")) }
        p.hint { (shell.text("reg-look-back-words")) }
        form.bar method="get" action={ (kind.path()) "/" (record.id) } {
            div { label for="as-on" { (shell.text("reg-as-on")) } input type="date" id="as-on" name="on" value=[value(on)]; }
            div { label for="as-known" { (shell.text("reg-as-known")) } input type="date" id="as-known" name="known" value=[value(known)]; }
            div.row { button.btn.quiet { (shell.text("reg-look-back-do")) } }
        }
    }
}

fn purpose_form(kind: &Kind, record: &Record) -> Form {
    Form::new("names", format!("{}/{}/names", kind.path(), record.id))
        .submit("reg-names-show")
        .field(
            Field::text("purpose", "reg-names-purpose")
                .hint("reg-names-hint")
                .max_len(PURPOSE_CHARS_MAX),
        )
}

/// Where names are asked for, when the record names somebody and the officer may see it.
fn names_form(
    register: &Register,
    kind: &Kind,
    officer: &OfficerCaller,
    record: &Record,
    shell: &Shell,
    errors: &Errors,
) -> Markup {
    let named = kind
        .columns
        .iter()
        .any(|column| column.shape.is_personal() && record.values.contains_key(&column.field.name));
    let may = named && register.may(officer, Action::PersonDisclose, record.unit);
    html! {
        @if may {
            h2 { (shell.text("reg-names-title")) }
            (purpose_form(kind, record).render(shell, &Values::none(), errors))
        }
    }
}

/// Whom the record names, in full: for a purpose, which is on record before the answer leaves.
async fn names(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind, id)): Path<(String, String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let kind = register.kind(&system, &kind)?;
    let versions = load(&register, &kind, &officer, &id, Action::RegisterRead).await?;
    let record = versions[0].record.clone();
    let none = (None, None);
    let values = match purpose_form(&kind, &record).parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let names = masked(&register, &kind, &versions).await?;
            return Ok(record_page(
                &register,
                &kind,
                &officer,
                &versions,
                &names,
                none,
                &shell,
                &errors,
                &html! {},
            )
            .into_response());
        }
    };
    let caller = Caller::Officer(officer.clone());
    let resource = Resource::at(record.unit).living_on(&register.identity().units(), register.today());
    let policy = register.identity().policy();
    let allowed = policy
        .require(&caller, Action::PersonDisclose, &resource)
        .map_err(RegisterError::from)?;
    let about = format!(
        "{}: {}",
        kind.label("name").get(kernel::Lang::Vi),
        values.text("purpose")
    );
    let purpose = Purpose::for_task(&caller, record.id.uuid(), &allowed).about(about);
    let names = in_full(&register, &kind, &versions[..1], &purpose).await?;
    Ok(record_page(
        &register,
        &kind,
        &officer,
        &versions,
        &names,
        none,
        &shell,
        &Errors::none(),
        &html! {},
    )
    .into_response())
}

async fn in_full(
    register: &Register,
    kind: &Kind,
    versions: &[Version],
    purpose: &Purpose,
) -> Result<Names, RegisterError> {
    let mut names = Names::new();
    let people = people_of(kind, versions);
    register.identity().record_use(purpose, &people).await?;
    let keys = register.store().keys();
    let records = register
        .store()
        .read(move |tx| {
            people
                .iter()
                .map(|id| person::record(tx, *id))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
    for record in records.into_iter().flatten() {
        let details: PersonDetails = person::open(&keys, purpose, &record)?;
        let number = details.number.map(|number| format!(" · {number}")).unwrap_or_default();
        names.insert(record.id.to_string(), format!("{}{number}", details.name));
    }
    Ok(names)
}

async fn new(State(register): State<Register>, shell: Shell, Path((system, kind)): Path<(String, String)>) -> Reply {
    let kind = register.kind(&system, &kind)?;
    Ok(form_page(
        &register,
        &kind,
        None,
        Act::Add,
        &form::defaults(&kind),
        &Errors::none(),
        &shell,
    ))
}

fn action_of(kind: &Kind, current: Option<&Record>, act: Act) -> (String, String) {
    match current {
        None => (format!("{}/new", kind.path()), kind.path()),
        Some(record) => {
            let here = format!("{}/{}", kind.path(), record.id);
            (format!("{here}/{act}"), here)
        }
    }
}

fn form_page(
    register: &Register,
    kind: &Kind,
    current: Option<&Record>,
    act: Act,
    values: &Values,
    errors: &Errors,
    shell: &Shell,
) -> Page {
    let (action, cancel) = action_of(kind, current, act);
    let form = form::form(register, kind, act, &action, &cancel);
    let name = kind.words(shell.lang, "name");
    let title = shell.text_with(&format!("reg-title-{act}"), &[("kind", name.as_str().into())]);
    let mut all = kind_crumbs(kind, shell);
    if let Some(record) = current {
        all.push(Crumb::new(cancel, view::title(register, kind, record, shell.lang)));
    }
    let body = html! {
        h1 { (title) }
        p.lead { (shell.text(&format!("reg-words-{act}"))) }
        (form.render(shell, values, errors))
    };
    Page::new(shell, title).crumbs(all).errors(errors).body(body)
}

async fn add(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let kind = register.kind(&system, &kind)?;
    take(&register, &kind, &officer, None, Act::Add, &submitted, &shell).await
}

fn act_of(text: &str) -> Result<Act, RegisterError> {
    let act: Act = text.parse().map_err(|_| RegisterError::NotFound)?;
    if act == Act::Add {
        Err(RegisterError::NotFound)
    } else {
        Ok(act)
    }
}

async fn edit(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind, id, act)): Path<(String, String, String, String)>,
) -> Reply {
    let (kind, act) = (register.kind(&system, &kind)?, act_of(&act)?);
    let record = load_last(&register, &kind, &officer, &id, Action::RegisterWrite).await?;
    let mut values = form::values(&kind, &record);
    let day = if act == Act::Correct {
        record.valid_from
    } else {
        register.today()
    };
    values.set("valid-from", day.to_string());
    Ok(form_page(
        &register,
        &kind,
        Some(&record),
        act,
        &values,
        &Errors::none(),
        &shell,
    ))
}

async fn save(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind, id, act)): Path<(String, String, String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let (kind, act) = (register.kind(&system, &kind)?, act_of(&act)?);
    let record = load_last(&register, &kind, &officer, &id, Action::RegisterWrite).await?;
    take(&register, &kind, &officer, Some(&record), act, &submitted, &shell).await
}

/// Reads a form and writes a version; what is wrong comes back beside its field.
async fn take(
    register: &Register,
    kind: &std::sync::Arc<Kind>,
    officer: &OfficerCaller,
    current: Option<&Record>,
    act: Act,
    submitted: &Submitted,
    shell: &Shell,
) -> Reply<Response> {
    let (action, cancel) = action_of(kind, current, act);
    let form = form::form(register, kind, act, &action, &cancel);
    let again = |errors: &Errors| {
        form_page(register, kind, current, act, &form.typed(submitted), errors, shell).into_response()
    };
    let values = match form.parse(submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(again(&errors)),
    };
    let typed = match form::typed(register, kind, &values, (act, current)) {
        Ok(typed) => typed,
        Err(wrong) => return Ok(again(&form::errors(kind, &wrong))),
    };
    let by = By::officer(officer).ok_or(RegisterError::NotFound)?;
    let id = current.map_or_else(|| RecordId::new(register.world().as_ref()), |record| record.id);
    let command = Command {
        id,
        act,
        seen: values.integer("revision"),
        valid_from: typed.valid_from,
        source: Source::Typed,
        origin: None,
        account: by.account,
        who: by.who,
        reason: typed.reason,
        unit: by.unit,
        shape: typed.shape,
        values: typed.values,
        people: typed.people,
    };
    match register.record(kind, command, Some(submitted.once)).await {
        Ok((id, _)) => Ok(see_other(&format!("{}/{id}", kind.path()))),
        Err(RegisterError::Invalid(wrong)) => Ok(again(&form::errors(kind, &wrong))),
        Err(error @ (RegisterError::ReasonMissing | RegisterError::Day)) => {
            let field = if matches!(error, RegisterError::Day) {
                "valid-from"
            } else {
                "reason"
            };
            let mut errors = Errors::none();
            errors.add_fault(field, &error);
            Ok(again(&errors))
        }
        Err(error @ (RegisterError::Stale { .. } | RegisterError::Duplicate | RegisterError::Same)) => {
            let mut errors = Errors::none();
            errors.add_fault("", &error);
            Ok(again(&errors))
        }
        Err(error) => Err(error.into()),
    }
}
