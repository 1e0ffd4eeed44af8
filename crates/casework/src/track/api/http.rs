//! The citizen's own dossiers as an API: send, list, follow. The same rules as the pages; the body's `once` makes a repeated
//! send harmless.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use identity::routes::{Access, Routes};
use identity::{Caller, CitizenCaller, Resource};
use kernel::{ErrorKind, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use web::form::{Errors, Form};
use web::{Failure, Json, Reply, Submitted};

use super::super::mine;
use crate::Casework;
use crate::definitions;
use crate::dossier::state::{Delivery, Entered, Representation};
use crate::dossier::store as table;
use crate::dossier::{Content, Dossier, DossierError, submit};
use crate::draft::rules::{self, Known, OwnRead};
use crate::draft::{http as drafts, known};
use crate::line::{self, Class};
use crate::place;
use crate::procedure::cases;
use crate::procedure::form::FormSchema;
use crate::procedure::form::answered::Filing;
use crate::procedure::http::code_of;

/// Registers the operations.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .api(routes!(submit_one), Access::Citizen)
        .api(routes!(list), Access::Citizen)
        .api(routes!(one), Access::Citizen)
}

/// A dossier to be sent.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDossierBody {
    /// Key of this send; the same key again gives the same dossier.
    once: Uuid,
    /// National code of the procedure.
    procedure: String,
    /// Id of the agency that settles it (`GET /procedures/{code}` names the choices on its pages).
    agency: Uuid,
    /// In which relation the sender stands; herself when left out.
    #[serde(default)]
    representation: Option<Representation>,
    /// Telephone.
    phone: String,
    /// E-mail; may be empty.
    #[serde(default)]
    email: String,
    /// Address.
    address: String,
    /// Answers to the procedure's form, by field name.
    answers: BTreeMap<String, String>,
    /// How the result is wanted.
    delivery: Delivery,
    /// Postal address, for delivery by post.
    #[serde(default)]
    post_address: String,
}

/// What became of a send.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmittedBody {
    /// Id of the dossier.
    id: Uuid,
    /// Path of its receipt.
    receipt: String,
    /// The same send came before.
    again: bool,
}

/// Send a dossier without attachments.
#[utoipa::path(post, path = "/api/my/dossiers", tag = "dossiers", request_body = NewDossierBody,
    responses((status = 200, body = SubmittedBody), (status = 403, description = "Filing is closed here, or this procedure is not filed on line"),
        (status = 422, description = "Answers are missing or wrong"),
        (status = 503, description = "Many submit at once: how many are before this one, and after how long to send it again (`Retry-After`). Nothing was recorded")))]
async fn submit_one(
    State(house): State<Casework>,
    citizen: CitizenCaller,
    Json(body): Json<NewDossierBody>,
) -> Reply<Json<SubmittedBody>> {
    let sent = send(&house, &citizen, &body);
    line::http::within(&house, Class::New, Box::pin(sent)).await?
}

async fn send(house: &Casework, citizen: &CitizenCaller, body: &NewDossierBody) -> Reply<Json<SubmittedBody>> {
    drafts::check_filing(house)?;
    let own = Resource::of(citizen.person());
    let caller = Caller::Citizen(citizen.clone());
    house
        .identity()
        .policy()
        .require(&caller, identity::Action::DossierSubmit, &own)?;
    let (procedure, version) = crate::procedure::http::current(house, &code_of(&body.procedure)?).await?;
    if !procedure.is_online() {
        return Err(DossierError::NotFiledHere.into());
    }
    let book = house.identity().units();
    let place = place::resolve(
        &book,
        &procedure,
        identity::UnitId::from_uuid(body.agency),
        house.now().local_date(),
    )?;
    let known = known::of(house, citizen).await?;
    let (schema, pin) = match house.definitions().of(&procedure.code).await? {
        Some((defined, pin)) => (crate::procedure::form::of_definition(&defined), pin),
        None => (procedure.form_or_generic(), None),
    };
    let filed = content(body, &known, &schema, pin, house.now().local_date())?;
    let submission = submit::Submission {
        once: body.once,
        procedure: (procedure.code.clone(), version, procedure.title().vi.clone()),
        way: house.way_in(&procedure).await?,
        place,
        person: citizen.person(),
        account: Some(citizen.account()),
        representation: body.representation.unwrap_or(Representation::Own),
        entered: Entered::SelfFiled,
        delivery: body.delivery,
        content: filed,
        draft: None,
        parties: submit::Parties::default(),
        taking: None,
    };
    let sealed = submit::seal(&submission, house.world().as_ref(), &house.keys(), house.calendar());
    let done = house.store().write(move |tx| submit::submit(tx, &sealed)).await?;
    let receipt = format!("/my/dossiers/{}/receipt", done.id);
    Ok(Json(SubmittedBody {
        id: done.id.uuid(),
        receipt,
        again: done.is_again,
    }))
}

/// Reads the answers by the same forms as the pages; everything that is wrong is told at once.
fn content(
    body: &NewDossierBody,
    known: &Known,
    schema: &FormSchema,
    pin: Option<definitions::Pin>,
    today: kernel::Date,
) -> Result<Content, Failure> {
    let relation = body.representation.unwrap_or(Representation::Own);
    let own = own_answers(body, known, schema, today)?;
    if relation != Representation::Own {
        // Filing for somebody else needs the questions of the pages.
        return Err(Failure::new(ErrorKind::Invalid, "dossier-bad-value").field("representation", "own"));
    }
    let who = parse(
        &rules::who_form("", known),
        body.once,
        &[
            ("representation", relation.word()),
            ("applicant", crate::intake::ApplicantKind::Person.word()),
            ("phone", &body.phone),
            ("email", &body.email),
            ("address", &body.address),
        ],
    )?;
    let delivery = parse(
        &rules::delivery_form(""),
        body.once,
        &[("delivery", body.delivery.word()), ("post-address", &body.post_address)],
    )?;
    let mut answers = crate::draft::Answers {
        definition: pin,
        ..crate::draft::Answers::default()
    };
    answers.set(crate::draft::Step::Who, who);
    answers.set(crate::draft::Step::Form, own);
    answers.set(crate::draft::Step::Delivery, delivery);
    Ok(rules::content(&answers, known, schema)?)
}

/// The answers to the procedure's own form; what the record knows need not be sent.
fn own_answers(
    body: &NewDossierBody,
    known: &Known,
    schema: &FormSchema,
    today: kernel::Date,
) -> Result<web::form::Values, Failure> {
    let filled = rules::own_values(schema, known);
    // Several cases are several lines of one answer.
    let given = body.answers.iter().flat_map(|(name, text)| {
        let lines: Vec<&str> = if name == cases::FIELD {
            text.lines().collect()
        } else {
            vec![text]
        };
        lines.into_iter().map(move |text| (name.as_str(), text))
    });
    let rest = filled.names().filter(|name| !body.answers.contains_key(*name));
    let pairs: Vec<(&str, &str)> = given.chain(rest.map(|name| (name, filled.text(name)))).collect();
    let filing = Filing {
        today,
        channel: definition::procedure::Channel::Online,
        representation: Some(body.representation.unwrap_or(Representation::Own).word()),
        known,
    };
    match rules::read_own(schema, known, &filing, &Submitted::of_texts(body.once, &pairs)) {
        OwnRead::Whole(values) => Ok(values),
        OwnRead::More(_, errors) | OwnRead::Wrong(_, errors) => Err(refusal(&errors)),
    }
}

fn parse(form: &Form, once: Uuid, pairs: &[(&str, &str)]) -> Result<web::form::Values, Failure> {
    form.parse(&Submitted::of_texts(once, pairs))
        .map_err(|errors| refusal(&errors))
}

fn refusal(errors: &Errors) -> Failure {
    let start = Failure::new(ErrorKind::Invalid, "dossier-incomplete");
    errors.iter().fold(start, |failure, error| {
        failure.field(error.field.clone(), error.words(kernel::Lang::En))
    })
}

/// A dossier as its applicant sees it in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnDossier {
    /// Its id.
    id: Uuid,
    /// Its code.
    code: String,
    /// Code of the procedure.
    procedure: String,
    /// Name of the procedure.
    procedure_name: String,
    /// Competent unit.
    unit: String,
    /// State.
    state: crate::dossier::state::State,
    /// The same as national code, 1 to 10.
    national_code: u8,
    /// Sent.
    #[schema(value_type = String, format = DateTime)]
    submitted_at: Timestamp,
    /// Received.
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Timestamp>,
    /// Due.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// Handed over.
    #[schema(value_type = Option<String>, format = DateTime)]
    returned_at: Option<Timestamp>,
}

impl From<&Dossier> for OwnDossier {
    fn from(dossier: &Dossier) -> Self {
        Self {
            id: dossier.id.uuid(),
            code: dossier.code.to_string(),
            procedure: dossier.procedure.to_string(),
            procedure_name: dossier.procedure_name.clone(),
            unit: dossier.unit_name.clone(),
            state: dossier.state,
            national_code: dossier.state.national_code(),
            submitted_at: dossier.submitted_at,
            received_at: dossier.received_at,
            due_at: dossier.due_at,
            returned_at: dossier.returned_at,
        }
    }
}

/// A step in the history of one's own dossier.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnStep {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What was done.
    action: String,
    /// State after it.
    state: crate::dossier::state::State,
    /// Name of the officer; none for the applicant.
    officer: Option<String>,
    /// Unit of the officer.
    unit: Option<String>,
}

/// One's own dossier with its history.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnDossierDetail {
    /// The dossier.
    #[serde(flatten)]
    dossier: OwnDossier,
    /// Its steps, first one first.
    steps: Vec<OwnStep>,
}

/// One's own dossiers, newest first, at most 200.
#[utoipa::path(get, path = "/api/my/dossiers", tag = "dossiers", responses((status = 200, body = Vec<OwnDossier>)))]
async fn list(State(house): State<Casework>, citizen: CitizenCaller) -> Reply<Json<Vec<OwnDossier>>> {
    let (person, account) = (citizen.person(), citizen.account());
    let rows = house
        .store()
        .read(move |tx| table::of_citizen(tx, person, account, 200))
        .await?;
    Ok(Json(rows.iter().map(OwnDossier::from).collect()))
}

/// One dossier of one's own.
#[utoipa::path(get, path = "/api/my/dossiers/{id}", tag = "dossiers", params(("id" = Uuid, Path, description = "Id of the dossier")),
    responses((status = 200, body = OwnDossierDetail), (status = 404, description = "No such dossier of one's own")))]
async fn one(
    State(house): State<Casework>,
    citizen: CitizenCaller,
    Path(id): Path<String>,
) -> Reply<Json<OwnDossierDetail>> {
    let sheaf = mine::own(&house, &citizen, &id).await?;
    let steps = sheaf
        .events
        .iter()
        .map(|event| OwnStep {
            at: event.at,
            action: event.action.clone(),
            state: event.to,
            officer: event.actor_name.clone(),
            unit: event.unit_name.clone(),
        })
        .collect();
    Ok(Json(OwnDossierDetail {
        dossier: OwnDossier::from(&sheaf.dossier),
        steps,
    }))
}
