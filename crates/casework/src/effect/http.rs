//! The effects of a dossier on the officers' page, and the page on which an officer looks at a record before its step enters it and
//! writes what the answers do not say. Every view of answers is a recorded use.

use std::collections::BTreeMap;

use ::register::record::effect as registers;
use ::register::{Kind, Register};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use definition::effect::Entry;
use definition::expression::Value;
use definition::machine::Effect;
use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, Caller, OfficerCaller, Purpose};
use kernel::{Bilingual, Lang};
use web::components::Crumb;
use web::form::{Errors, Form, Label, Values};
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::answers::{self, Answered};
use super::view::{self, Ahead, EntryPage, Shown};
use super::{EffectError, EffectState, Row, rules, store};
use crate::Casework;
use crate::desk::http::disclosed;
use crate::desk::{acting, resource};
use crate::dossier::state::Outcome;
use crate::dossier::{Dossier, DossierError};
use crate::process::Process;
use crate::result::store as papers;
use crate::track::mine::{self, Opened, Sheaf};

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let read = || Access::Action(Right::DossierRead);
    routes
        .page(get("/desk/dossiers/{id}/entry/{step}/{place}", show), read())
        .page(post("/desk/dossiers/{id}/entry/{step}/{place}", save), read())
}

/// What the steps of a dossier brought about, and what is still to come.
pub(crate) async fn section(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    (dossier, process): (&Dossier, &Process),
) -> Result<web::Markup, DossierError> {
    let id = dossier.id;
    let rows = house.store().read(move |tx| store::of_dossier(tx, id)).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        shown.push(one(house, shell.lang, officer, dossier, row).await?);
    }
    let ahead = ahead(house, officer, dossier, process, &shown);
    Ok(view::section(shell, dossier, &shown, &ahead))
}

/// Effects of the steps from here on that are not done.
fn ahead(
    house: &Casework,
    officer: &OfficerCaller,
    dossier: &Dossier,
    process: &Process,
    shown: &[Shown],
) -> Vec<Ahead> {
    let from = process.position(&dossier.position.step);
    let is_open = dossier.is_open() && dossier.outcome != Some(Outcome::Denied);
    let (Some(from), true) = (from, is_open) else {
        return Vec::new();
    };
    let is_done = |step: &str, place: i64| shown.iter().any(|one| one.row.step == step && one.row.place == place);
    let may = may_write(house, officer, dossier) && dossier.received_at.is_some();
    let steps = process.steps().skip(from);
    steps
        .flat_map(|(step, _)| rules::due(step).map(move |(place, effect)| (step, place, effect)))
        .filter(|(step, place, _)| !is_done(&step.name, *place))
        .map(|(step, place, effect)| Ahead {
            step: step.name.clone(),
            place,
            may_write: may && matches!(effect, Effect::Register(entry) if !entry.is_by_hand()),
            effect: effect.clone(),
        })
        .collect()
}

/// Who works on a dossier or decides it looks at its records, and mends them.
fn may_write(house: &Casework, officer: &OfficerCaller, dossier: &Dossier) -> bool {
    let (caller, at) = (Caller::Officer(officer.clone()), acting(dossier));
    let policy = house.identity().policy();
    [Right::DossierProcess, Right::DossierApprove]
        .into_iter()
        .any(|right| policy.decide(&caller, right, &at))
}

/// One effect with what it is called and where it is.
async fn one(
    house: &Casework,
    lang: Lang,
    officer: &OfficerCaller,
    dossier: &Dossier,
    row: Row,
) -> Result<Shown, DossierError> {
    if let Some(paper) = row.paper {
        let found = house.store().read(move |tx| papers::find(tx, paper)).await?;
        let is_printed = found.as_ref().is_some_and(|paper| paper.blob.is_some());
        let caller = Caller::Officer(officer.clone());
        let may_sign = house
            .identity()
            .policy()
            .decide(&caller, Right::PaperIssue, &resource(dossier));
        return Ok(Shown {
            name: found
                .map(|paper| format!("{} {}", paper.title, paper.number))
                .unwrap_or_default(),
            href: is_printed.then(|| format!("/desk/papers/{paper}")),
            unsigned: (!is_printed).then_some(may_sign),
            row,
        });
    }
    let (name, href) = record(house, lang, officer, dossier, &row).await?;
    Ok(Shown {
        name,
        href,
        unsigned: None,
        row,
    })
}

/// The record of an effect: its title and its page, or where it is entered by hand.
async fn record(
    house: &Casework,
    lang: Lang,
    officer: &OfficerCaller,
    dossier: &Dossier,
    row: &Row,
) -> Result<(String, Option<String>), DossierError> {
    let Some((system, register)) = &row.register else {
        return Ok((String::new(), None));
    };
    let label = view::register_label(register).get(lang).to_owned();
    let all = house.registers();
    let Some((all, kind)) = all.and_then(|all| Some((all, all.kind(system, register).ok()?))) else {
        return Ok((label, None));
    };
    if row.state == EffectState::ByHand {
        let may = all.may(officer, Right::RegisterWrite, dossier.unit);
        return Ok((label, may.then(|| format!("{}/new", kind.path()))));
    }
    let Some((id, ..)) = row.record else {
        return Ok((label, None));
    };
    let versions = all.versions(&kind, id).await?;
    Ok(match versions.first() {
        Some(last) => {
            let title = registers::title(all, &kind, &last.record, lang);
            let may = all.may(officer, Right::RegisterRead, last.record.unit);
            (title, may.then(|| format!("{}/{id}", kind.path())))
        }
        None => (label, None),
    })
}

/// An effect of a dossier that writes a record, opened for an officer.
struct Open {
    sheaf: Sheaf,
    opened: Opened,
    purpose: Purpose,
    entry: Entry,
    kind: std::sync::Arc<Kind>,
    read: Answered,
    step: String,
    place: i64,
}

async fn open(
    house: &Casework,
    officer: &OfficerCaller,
    (id, step, place): (&str, &str, &str),
) -> Result<Open, DossierError> {
    let place: i64 = place.parse().map_err(|_| DossierError::NotFound)?;
    let (sheaf, purpose) = disclosed(house, officer, id).await?;
    if !may_write(house, officer, &sheaf.dossier) {
        return Err(DossierError::NotFound);
    }
    let process = house.processes().of(&sheaf.dossier).await?;
    let found = process.position(step).and_then(|at| process.step(at));
    let entry = found
        .and_then(|step| rules::due(step).find(|(at, _)| *at == place))
        .and_then(|(_, effect)| match effect {
            Effect::Register(entry) if !entry.is_by_hand() => Some((**entry).clone()),
            _ => None,
        })
        .ok_or(DossierError::NotFound)?;
    let opened = mine::open(house, &purpose, &sheaf)?;
    let defined = answers::defined(house, &sheaf.dossier, &opened.content).await?;
    let defined = defined.ok_or(DossierError::NotFound)?;
    let all = house.registers().ok_or(DossierError::NotFound)?;
    let kind = all
        .kind(&defined.system.code, &entry.register)
        .map_err(|_| DossierError::NotFound)?;
    let (dossier, at_step) = (sheaf.dossier.id, step.to_owned());
    let done = house.store().read(move |tx| store::of_dossier(tx, dossier)).await?;
    let is_done = done.iter().any(|row| row.step == at_step && row.place == place);
    if is_done || !sheaf.dossier.is_open() {
        return Err(DossierError::Effect(EffectError::CarriedOut));
    }
    let read = answers::read(house, &sheaf.dossier, &opened.content, defined);
    Ok(Open {
        sheaf,
        opened,
        purpose,
        entry,
        kind,
        read,
        step: step.to_owned(),
        place,
    })
}

impl Open {
    fn path(&self) -> String {
        format!(
            "/desk/dossiers/{}/entry/{}/{}",
            self.sheaf.dossier.id, self.step, self.place
        )
    }

    /// What the answers alone say.
    fn answered(&self) -> BTreeMap<String, Value> {
        let none = BTreeMap::new();
        let mapped = rules::mapped(&self.kind, &self.entry, &self.read.facts, &self.read.claims, &none);
        mapped.map(|mapped| mapped.values).unwrap_or_default()
    }

    /// What is known of the record, people as they will be, for what its rules would say.
    fn faults(&self, values: &BTreeMap<String, Value>, house: &Casework) -> Vec<Bilingual> {
        let mut whole = values.clone();
        // People are found when it is entered; a number of a result is drawn then.
        for (name, expr) in &self.entry.fields {
            let value = expr.evaluate(&self.read.facts);
            let column = self.kind.column(name);
            let is_many = column.is_some_and(|column| column.field.many.is_some());
            if column.is_some_and(|column| column.shape.is_personal()) && value != Value::Null {
                let value = match value {
                    Value::Text(_) if is_many => Value::Many(vec![value]),
                    other => other,
                };
                whole.insert(name.clone(), value);
            } else if expr.to_string().contains(definition::effect::RESULT_NUMBER) {
                whole.entry(name.clone()).or_insert_with(|| Value::Text("…".to_owned()));
            }
        }
        let today = house.now().local_date();
        let wrong = registers::faults(&self.kind, &whole, today);
        wrong
            .iter()
            .map(|one| registers::wrong_words(&self.kind, one))
            .collect()
    }

    /// The controls of the record, those that answers fill with their source.
    fn form(&self, all: &Register, seen: &str) -> Form {
        let start = Form::new("entry", self.path())
            .submit("effect-entry-save")
            .cancel(format!("/desk/dossiers/{}", self.sheaf.dossier.id))
            .hidden("seen", seen.to_owned());
        let controls = registers::controls(all, &self.kind).into_iter();
        controls.fold(start, |form, (name, mut field)| {
            if let Some((_, expr)) = self.entry.fields.iter().find(|(of, _)| *of == name) {
                let words = |lang| web::text_with(lang, "effect-entry-from", &[("from", expr.to_string().into())]);
                field.source = Some(Label::Text(Bilingual::new(words(Lang::Vi), words(Lang::En))));
            }
            form.field(field)
        })
    }
}

/// The record that is changed.
#[derive(Default)]
struct Current {
    values: BTreeMap<String, Value>,
    /// Its title and page, or why there is none; nothing where a record is entered.
    named: Option<Result<(String, String), String>>,
}

/// The record that is changed, as the page names it.
async fn current(house: &Casework, open: &Open, lang: Lang) -> Result<Current, DossierError> {
    if !open.entry.is_change() {
        return Ok(Current::default());
    }
    let key = rules::key(&open.kind, &open.entry, &open.read.facts);
    let kind = open.kind.clone();
    let found = house
        .store()
        .read(move |tx| registers::with_key(tx, &kind, &key))
        .await?;
    let all = house.registers().ok_or(DossierError::NotFound)?;
    Ok(match found {
        Some(record) => {
            let title = registers::title(all, &open.kind, &record, lang);
            let href = format!("{}/{}", open.kind.path(), record.id);
            Current {
                values: record.values,
                named: Some(Ok((title, href))),
            }
        }
        None => {
            let missing = EffectError::NoRecord {
                register: open.kind.label("name"),
            };
            Current {
                values: BTreeMap::new(),
                named: Some(Err(missing.words().get(lang).to_owned())),
            }
        }
    })
}

async fn page(
    house: &Casework,
    shell: &Shell,
    open: &Open,
    typed: Option<(&Values, &Errors)>,
) -> Result<Page, DossierError> {
    let (dossier, step, place) = (open.sheaf.dossier.id, open.step.clone(), open.place);
    let kept = house
        .store()
        .read(move |tx| store::entry(tx, dossier, &step, place))
        .await?;
    let written = store::written(house, &open.purpose, dossier, (&open.step, open.place)).await?;
    let Current { mut values, named } = current(house, open, shell.lang).await?;
    values.extend(open.answered());
    for (name, text) in &written {
        if let Some(column) = open.kind.column(name) {
            let read = ::register::record::value::parse(column.field, text).unwrap_or(Value::Null);
            values.insert(name.clone(), read);
        }
    }
    let faults = open.faults(&values, house);
    let names = answers::names(&open.opened.content, open.read.defined);
    let people = open.entry.fields.iter().filter_map(|(name, expr)| {
        let column = open.kind.column(name).filter(|column| column.shape.is_personal())?;
        let path = match expr.evaluate(&open.read.facts) {
            Value::Text(path) => path,
            Value::Many(all) => all.into_iter().find_map(|one| match one {
                Value::Text(path) => Some(path),
                _ => None,
            })?,
            _ => return None,
        };
        let label = open.kind.label(&format!("field.{}", column.field.name));
        Some((label.get(shell.lang).to_owned(), names.get(&path)?.clone()))
    });
    let all = house.registers().ok_or(DossierError::NotFound)?;
    let seen = kept.as_ref().map_or_else(String::new, |row| row.id.to_string());
    let form = open.form(all, &seen);
    let mut drawn = Values::none();
    for (name, value) in &values {
        if open.kind.column(name).is_some_and(|column| !column.shape.is_personal()) {
            drawn.set(registers::control_name(name), registers::typed_text(value));
        }
    }
    let none = Errors::none();
    let (drawn, errors) = typed.map_or((&drawn, &none), |(values, errors)| (values, errors));
    let shown = EntryPage {
        dossier: &open.sheaf.dossier,
        entry: &open.entry,
        register: open.kind.label("name").get(shell.lang).to_owned(),
        current: named,
        people: people.collect(),
        faults,
        written: kept.map(|row| {
            let at = format::date_time(shell.lang, row.written_at);
            shell.text_with(
                "effect-entry-written",
                &[("who", row.written_by.into()), ("at", at.into())],
            )
        }),
    };
    let body = view::entry(shell, &shown, &form, drawn, errors);
    let crumbs = vec![
        Crumb::new("/desk", shell.text("desk-title")),
        Crumb::new(format!("/desk/dossiers/{dossier}"), open.sheaf.dossier.code.to_string()),
    ];
    let title = shell.text_with("effect-entry-title", &[("register", shown.register.as_str().into())]);
    Ok(Page::new(shell, title).crumbs(crumbs).errors(errors).body(body))
}

async fn show(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, step, place)): Path<(String, String, String)>,
) -> Reply {
    let open = open(&house, &officer, (&id, &step, &place)).await?;
    Ok(page(&house, &shell, &open, None).await?)
}

/// Keeps what the officer wrote where it differs from what the answers say.
async fn save(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, step, place)): Path<(String, String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let open = open(&house, &officer, (&id, &step, &place)).await?;
    let all = house.registers().ok_or(DossierError::NotFound)?;
    let form = open.form(all, "");
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let typed = form.typed(&submitted);
            let again = page(&house, &shell, &open, Some((&typed, &errors))).await?;
            return Ok(again.into_response());
        }
    };
    let typed = match registers::typed(&open.kind, &values) {
        Ok(typed) => typed,
        Err(wrong) => {
            let (typed, errors) = (form.typed(&submitted), wrong_fields(&open.kind, &wrong));
            let again = page(&house, &shell, &open, Some((&typed, &errors))).await?;
            return Ok(again.into_response());
        }
    };
    let held = current(&house, &open, shell.lang).await?.values;
    let written = differing(&typed, &open.answered(), &held);
    keep(&house, &officer, &open, &written, submitted.text("seen")).await?;
    Ok(see_other(&format!("/desk/dossiers/{}#effects", open.sheaf.dossier.id)))
}

/// What cannot be read, each beside its control.
fn wrong_fields(kind: &Kind, wrong: &[::register::Wrong]) -> Errors {
    let mut errors = Errors::none();
    for one in wrong {
        errors.add_words(registers::control_name(&one.field), registers::wrong_words(kind, one));
    }
    errors
}

/// What was typed where it is something else than the record would have without it.
fn differing(
    typed: &BTreeMap<String, Value>,
    answered: &BTreeMap<String, Value>,
    held: &BTreeMap<String, Value>,
) -> BTreeMap<String, String> {
    let usual = |name: &str| answered.get(name).or_else(|| held.get(name)).unwrap_or(&Value::Null);
    let all = typed.iter().filter(|(name, value)| *value != usual(name));
    all.map(|(name, value)| (name.clone(), ::register::record::value::text_of(value)))
        .collect()
}

async fn keep(
    house: &Casework,
    officer: &OfficerCaller,
    open: &Open,
    written: &BTreeMap<String, String>,
    seen: &str,
) -> Result<(), DossierError> {
    let world = house.world().as_ref();
    let id = kernel::id::uuid_v7(world);
    let plain = serde_json::to_vec(written).unwrap_or_default();
    let sealed = house.keys().seal(world, &store::entry_context(id), &plain);
    let (content, seen) = (sealed.into_bytes(), seen.to_owned());
    let (dossier, step, place) = (open.sheaf.dossier.id, open.step.clone(), open.place);
    let (by, now) = (officer.name().to_owned(), house.now());
    let account = officer.account();
    house
        .store()
        .write(move |tx| {
            let held = store::entry(tx, dossier, &step, place)?;
            if held.is_some_and(|row| row.id.to_string() != seen && row.id != id) {
                return Err(DossierError::Effect(EffectError::Stale));
            }
            let new = store::EntryRow {
                id,
                content: content.clone(),
                written_by: by.clone(),
                written_at: now,
            };
            store::write_entry(tx, dossier, (&step, place), &new)?;
            let detail = identity::audit::detail([("step", step.clone())]);
            let actor = identity::audit::Actor::Account(account);
            identity::audit::append(tx, actor, "dossier.entry", &dossier.to_string(), detail, now)?;
            Ok(())
        })
        .await
}
