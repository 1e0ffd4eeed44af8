//! Pages of coordination: what other units ask of ours, one request with what it is about, and asking from a dossier.
//! Every view of a request shows the dossier it is about to another unit, so it is a recorded use like the dossier itself.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::unit::UnitKind;
use identity::{Action as Right, Caller, OfficerCaller, Purpose, Resource, UnitId};
use kernel::calendar::TimeLimit;
use kernel::{Lang, Timestamp};
use web::components::Crumb;
use web::form::{Choice, Errors, Field, FieldKind, Form, Values, Width};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::rules::{self, Move};
use super::store as table;
use super::view;
use super::{Coordination, CoordinationId, CoordinationKind, CoordinationState, Opinion, Sealed};
use crate::dossier::{Dossier, DossierError, DossierId, store as dossiers};
use crate::track::mine;
use crate::{Casework, child};

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(get("/desk/coordination", list), Access::Action(Right::DossierList))
        .page(get("/desk/coordination/{id}", one), Access::Action(Right::DossierRead))
        .page(
            post("/desk/coordination/{id}/{step}", done),
            Access::Action(Right::DossierRead),
        )
        .page(
            get("/desk/dossiers/{id}/coordinate", ask),
            Access::Action(Right::DossierRead),
        )
        .page(
            post("/desk/dossiers/{id}/coordinate", asked),
            Access::Action(Right::DossierRead),
        )
}

/// Requests on one page.
const ROWS: i64 = 100;

async fn list(State(house): State<Casework>, shell: Shell, officer: OfficerCaller) -> Reply {
    let caller = Caller::Officer(officer);
    let units = house.identity().policy().scope(&caller, Right::DossierList);
    let after = (Timestamp::MIN, CoordinationId::from_uuid(uuid::Uuid::nil()));
    let (rows, total) = house
        .store()
        .read(move |tx| {
            let rows = table::open_of_units(tx, &units, after, ROWS)?;
            Ok::<_, DossierError>((rows, table::open_count(tx, &units)?))
        })
        .await?;
    let body = view::list(&shell, &rows, total, house.now(), house.calendar());
    Ok(Page::new(&shell, shell.text("coordination-title"))
        .crumbs(crumbs(&shell))
        .wide()
        .body(body))
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/desk", shell.text("desk-title"))]
}

/// A request and its dossier, if the officer belongs to the asked or the asking unit.
async fn open(
    house: &Casework,
    officer: &OfficerCaller,
    id: &str,
) -> Result<(Sealed, mine::Sheaf, Purpose), DossierError> {
    let id: CoordinationId = id.parse().map_err(|_| DossierError::NotFound)?;
    let found = house
        .store()
        .read(move |tx| Ok::<_, DossierError>(table::find(tx, id)?))
        .await?;
    let sealed = found.ok_or(DossierError::NotFound)?;
    let sheaf = mine::sheaf(house, sealed.request.dossier).await?;
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let at = place(&sheaf.dossier, sealed.request.unit);
    if !policy.decide(&caller, Right::DossierRead, &at) {
        return Err(DossierError::NotFound);
    }
    let allowed = policy
        .require(&caller, Right::PersonDisclose, &at)
        .map_err(identity::IdentityError::from)?;
    let code = sheaf.dossier.code.to_string();
    let purpose = Purpose::for_dossier(&caller, sheaf.dossier.id.uuid(), &allowed).about(code);
    house.identity().record_use(&purpose, &sheaf.subjects()).await?;
    Ok((sealed, sheaf, purpose))
}

/// Where a dossier lies for those whom a request concerns.
fn place(dossier: &Dossier, asked: Option<UnitId>) -> Resource {
    let here = crate::desk::resource(dossier);
    match asked {
        Some(unit) => here.and_at(unit),
        None => here,
    }
}

/// Whether the officer answers for the asked unit, or asks for the unit that has the dossier.
struct Hands {
    answers: bool,
    asks: bool,
}

fn hands(house: &Casework, officer: &OfficerCaller, dossier: &Dossier, request: &Coordination) -> Hands {
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let works_at = |unit: UnitId| {
        let at = Resource::at(unit).in_state(4);
        policy.decide(&caller, Right::DossierProcess, &at) || policy.decide(&caller, Right::DossierApprove, &at)
    };
    let asks = works_at(dossier.at);
    Hands {
        // An agency that does not work in this program answers by letter, and whoever asked enters it.
        answers: request.unit.map_or(asks, works_at),
        asks,
    }
}

async fn one(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply<Response> {
    let (sealed, sheaf, purpose) = open(&house, &officer, &id).await?;
    if let Some(child) = child::http::moved(&sheaf.children, sealed.request.id) {
        return Ok(child);
    }
    let page = page(
        &house,
        &shell,
        &officer,
        &sealed,
        &sheaf,
        &purpose,
        &Values::none(),
        &Errors::none(),
    )?;
    Ok(page.into_response())
}

#[expect(clippy::too_many_arguments, reason = "one page, called from its two handlers")]
fn page(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    sealed: &Sealed,
    sheaf: &mine::Sheaf,
    purpose: &Purpose,
    values: &Values,
    errors: &Errors,
) -> Result<Page, DossierError> {
    let opened = mine::open(house, purpose, sheaf)?;
    let keys = house.keys();
    let text = |sealed_text: &Option<Vec<u8>>, context: String| {
        let text = sealed_text.as_ref();
        text.map(|text| mine::open_text(&keys, purpose, &context, text))
            .transpose()
    };
    let id = sealed.request.id;
    let question = text(&sealed.question, question_context(id))?;
    let answer = text(&sealed.answer, answer_context(id))?;
    let hands = hands(house, officer, &sheaf.dossier, &sealed.request);
    let is_open = sealed.request.state.is_open();
    let may_answer = hands.answers && (is_open || sealed.request.state == CoordinationState::Silent);
    let body = view::one(
        shell,
        &view::One {
            request: &sealed.request,
            dossier: &sheaf.dossier,
            content: &opened.content,
            files: &opened.files,
            question,
            answer,
            may_accept: hands.answers && sealed.request.state == CoordinationState::Asked,
            take_form: (hands.asks && is_open).then(|| take_form(&sealed.request).render(shell, values, errors)),
            answer_form: may_answer.then(|| answer_form(&sealed.request).render(shell, values, errors)),
            back_form: (hands.answers && is_open).then(|| back_form(&sealed.request).render(shell, values, errors)),
            now: house.now(),
            calendar: house.calendar(),
        },
    );
    Ok(Page::new(shell, shell.text("coordination-one"))
        .crumbs(vec![
            Crumb::new("/desk", shell.text("desk-title")),
            Crumb::new("/desk/coordination", shell.text("coordination-title")),
        ])
        .errors(errors)
        .wide()
        .body(body))
}

fn answer_form(request: &Coordination) -> Form {
    let form =
        Form::new("answer", format!("/desk/coordination/{}/answer", request.id)).submit("coordination-do-answer");
    let note = Field::multiline("note", "coordination-answer", 5_000);
    match request.kind {
        CoordinationKind::HandOver => form.field(note),
        CoordinationKind::Opinion => {
            let ways = Opinion::ALL
                .iter()
                .map(|one| Choice::new(one.word(), format!("coordination-opinion-{one}").as_str()))
                .collect();
            form.field(Field::radios("opinion", "coordination-opinion", ways))
                .field(note)
        }
    }
}

fn back_form(request: &Coordination) -> Form {
    Form::new("back", format!("/desk/coordination/{}/give-back", request.id))
        .submit("coordination-do-give-back")
        .field(Field::multiline("reason", "coordination-give-back-reason", 2_000))
}

fn take_form(request: &Coordination) -> Form {
    Form::new("take", format!("/desk/coordination/{}/take-back", request.id))
        .submit("coordination-do-take-back")
        .field(Field::multiline("reason", "coordination-take-back-reason", 2_000))
}

async fn done(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, step)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let (sealed, sheaf, purpose) = open(&house, &officer, &id).await?;
    if child::http::moved(&sheaf.children, sealed.request.id).is_some() {
        // What is done with it is done on its own page.
        return Err(DossierError::ChildState.into());
    }
    let hands = hands(&house, &officer, &sheaf.dossier, &sealed.request);
    let form = match step.as_str() {
        "answer" => answer_form(&sealed.request),
        "give-back" => back_form(&sealed.request),
        "take-back" => take_form(&sealed.request),
        _ => Form::new("plain", ""),
    };
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let typed = form.typed(&submitted);
            let page = page(&house, &shell, &officer, &sealed, &sheaf, &purpose, &typed, &errors)?;
            return Ok(page.into_response());
        }
    };
    let (step, may) = match step.as_str() {
        "accept" => (Move::Accept, hands.answers),
        "answer" => (Move::Answer(values.text("opinion").parse().ok()), hands.answers),
        "give-back" => (Move::GiveBack, hands.answers),
        "take-back" => (Move::TakeBack, hands.asks),
        _ => return Err(DossierError::NotFound.into()),
    };
    if !may {
        return Err(DossierError::NotYours {
            action: crate::dossier::state::Action::Forward,
        }
        .into());
    }
    let words = [values.text("note"), values.text("reason")].concat();
    move_on(&house, &officer, sealed.request, step, &words).await?;
    Ok(see_other(&format!("/desk/coordination/{id}")))
}

async fn move_on(
    house: &Casework,
    officer: &OfficerCaller,
    before: Coordination,
    step: Move,
    words: &str,
) -> Result<(), DossierError> {
    let (world, keys) = (house.world(), house.keys());
    let answer = (!words.trim().is_empty()).then(|| {
        let sealed = keys.seal(world.as_ref(), &answer_context(before.id), words.trim().as_bytes());
        sealed.into_bytes()
    });
    let after = rules::apply(&before, step, officer.name(), house.now())?;
    let event = store::Event {
        id: kernel::id::uuid_v7(world.as_ref()),
        kind: format!("coordination.{}", after.state).into(),
        subject: before.dossier.uuid(),
        at: house.now(),
        payload: serde_json::json!({ "request": before.id, "agency": before.agency, "state": after.state }),
    };
    house
        .store()
        .write(move |tx| {
            if !table::update(tx, &after, before.state, answer.as_deref())? {
                return Err(DossierError::CoordinationEnded);
            }
            tx.emit(&event)?;
            Ok(())
        })
        .await
}

/// Where a question is sealed.
pub(crate) fn question_context(id: CoordinationId) -> String {
    format!("coordination.question:{id}")
}

/// Where its answer is sealed.
pub(crate) fn answer_context(id: CoordinationId) -> String {
    format!("coordination.answer:{id}")
}

/// The dossier, if the officer works on it now.
async fn at(house: &Casework, officer: &OfficerCaller, id: &str) -> Result<Dossier, DossierError> {
    let id: DossierId = id.parse().map_err(|_| DossierError::NotFound)?;
    let dossier = house.store().read(move |tx| dossiers::find(tx, id)).await?;
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    if !policy.decide(&caller, Right::DossierRead, &crate::desk::resource(&dossier)) {
        return Err(DossierError::NotFound);
    }
    let acting = crate::desk::acting(&dossier);
    if !policy.decide(&caller, Right::DossierApprove, &acting) {
        policy
            .require(&caller, Right::DossierProcess, &acting)
            .map_err(identity::IdentityError::from)?;
    }
    if !dossier.state.clock_runs() {
        return Err(DossierError::WrongState {
            state: dossier.state,
            action: crate::dossier::state::Action::Forward,
        });
    }
    Ok(dossier)
}

/// The units that can be asked: departments of the province, and those of the asking unit's own commune.
pub(crate) fn others_of(house: &Casework, at: UnitId) -> BTreeMap<String, UnitId> {
    let day = house.now().local_date();
    let book = house.identity().units();
    let mut found = Vec::new();
    if let Some(root) = book.root(day) {
        found.push(root.id);
        let below = book.children(root.id, day).into_iter();
        found.extend(
            below
                .filter(|unit| unit.kind == UnitKind::Department)
                .map(|unit| unit.id),
        );
    }
    if let Some(own) = book.agency_of(at, day) {
        let below = book.children(own.id, day).into_iter();
        found.extend(below.filter(|unit| unit.kind == UnitKind::Division).map(|unit| unit.id));
        found.push(own.id);
    }
    found.retain(|unit| *unit != at);
    let named = found
        .into_iter()
        .map(|unit| (book.name(unit, Lang::Vi, day).to_owned(), unit));
    named.collect()
}

fn ask_form(dossier: &Dossier, others: &BTreeMap<String, UnitId>) -> Form {
    let units = others
        .iter()
        .map(|(name, unit)| Choice::named(unit.to_string(), name.as_str()))
        .collect();
    let kinds = CoordinationKind::ALL
        .iter()
        .map(|kind| Choice::new(kind.word(), format!("coordination-kind-{kind}").as_str()))
        .collect();
    let hours = FieldKind::Integer {
        min: Some(1),
        max: Some(400),
        unit: None,
    };
    Form::new("coordinate", format!("/desk/dossiers/{}/coordinate", dossier.id))
        .submit("coordination-do-ask")
        .cancel(format!("/desk/dossiers/{}", dossier.id))
        .field(Field::select("unit", "coordination-unit", units))
        .field(Field::radios("kind", "coordination-kind", kinds))
        .field(
            Field::new("hours", "coordination-hours", hours)
                .hint("coordination-hours-hint")
                .width(Width::W4),
        )
        .field(Field::multiline("question", "coordination-question", 5_000))
}

fn ask_page(shell: &Shell, dossier: &Dossier, form: &Form, values: &Values, errors: &Errors) -> Page {
    let body = view::ask(shell, dossier, &form.render(shell, values, errors));
    Page::new(shell, shell.text("coordination-do-ask"))
        .errors(errors)
        .body(body)
}

async fn ask(State(house): State<Casework>, shell: Shell, officer: OfficerCaller, Path(id): Path<String>) -> Reply {
    let dossier = at(&house, &officer, &id).await?;
    let form = ask_form(&dossier, &others_of(&house, dossier.at));
    let values = Values::none()
        .with("kind", CoordinationKind::Opinion.word())
        .with("hours", "16");
    Ok(ask_page(&shell, &dossier, &form, &values, &Errors::none()))
}

async fn asked(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let dossier = at(&house, &officer, &id).await?;
    let others = others_of(&house, dossier.at);
    let form = ask_form(&dossier, &others);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(ask_page(&shell, &dossier, &form, &form.typed(&submitted), &errors).into_response()),
    };
    let unit: UnitId = values.typed("unit").ok_or(DossierError::UnitMissing)?;
    let name = others
        .iter()
        .find(|(_, known)| **known == unit)
        .map(|(name, _)| name.clone());
    let kind: CoordinationKind = values
        .text("kind")
        .parse()
        .map_err(|_| DossierError::BadValue("kind"))?;
    let hours = values
        .integer("hours")
        .and_then(|hours| u32::try_from(hours).ok())
        .unwrap_or(1);
    let request = Coordination {
        id: CoordinationId::new(house.world().as_ref()),
        dossier: dossier.id,
        kind,
        step: dossier.position.step.clone(),
        agency: unit.to_string(),
        agency_name: name.ok_or(DossierError::UnitMissing)?,
        unit: Some(unit),
        state: CoordinationState::Asked,
        asked_at: house.now(),
        asked_by: officer.name().to_owned(),
        asked_unit: dossier.at_name.clone(),
        due_at: house
            .calendar()
            .deadline(house.now(), TimeLimit::WorkingHours(hours))
            .at,
        accepted_at: None,
        accepted_by: None,
        ended_at: None,
        ended_by: None,
        opinion: None,
    };
    let handed = house
        .handed(None, TimeLimit::WorkingHours(hours))
        .await
        .map_err(DossierError::from)?;
    send(&house, submitted.once, (request, handed), values.text("question")).await?;
    Ok(see_other(&format!("/desk/dossiers/{}", dossier.id)))
}

/// Scope of the idempotency keys of requests.
const ONCE: &str = "coordination.ask";

async fn send(
    house: &Casework,
    once: uuid::Uuid,
    (request, handed): (Coordination, child::Handed),
    question: &str,
) -> Result<(), DossierError> {
    let calendar = house.calendar().clone();
    let world = house.world();
    let context = question_context(request.id);
    let question = house
        .keys()
        .seal(world.as_ref(), &context, question.trim().as_bytes())
        .into_bytes();
    let event = store::Event {
        id: kernel::id::uuid_v7(world.as_ref()),
        kind: "coordination.asked".into(),
        subject: request.dossier.uuid(),
        at: request.asked_at,
        payload: serde_json::json!({ "request": request.id, "agency": request.agency, "unit": request.unit }),
    };
    house
        .store()
        .write(move |tx| {
            if let store::Once::Again(_) = tx.once(ONCE, once, request.asked_at)? {
                return Ok(());
            }
            if table::of_dossier(tx, request.dossier)?.len() >= usize::try_from(table::REQUESTS_MAX).unwrap_or(0) {
                return Err(DossierError::TooMany("requests of one dossier"));
            }
            let dossier = dossiers::find(tx, request.dossier)?;
            if !dossier.state.clock_runs() {
                // It was decided, or began to wait for its applicant, since the page was drawn.
                return Err(DossierError::WrongState {
                    state: dossier.state,
                    action: crate::dossier::state::Action::Forward,
                });
            }
            table::insert(tx, &request, Some(&question))?;
            child::open(tx, &dossier, &request, &handed, &calendar)?;
            tx.emit(&event)?;
            tx.once_done(ONCE, once, &request.id.to_string())?;
            Ok(())
        })
        .await
}
