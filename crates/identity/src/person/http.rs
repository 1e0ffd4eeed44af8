//! Pages of people: look-up by exact number, or by name and birth, with a reason, and the questions that claims raised.
//!
//! The number is posted, so that it stands in no address and no log; each view is on record before it is answered.

use super::{OldNumber, PersonDetails, PersonError, PersonRecord, PersonRef, Question, QuestionId, view};
use crate::Identity;
use crate::policy::{Action, Allowed, Resource};
use crate::purpose::Purpose;
use crate::routes::{Access, Routes, get, post};
use crate::session::Caller;
use crate::session::http::with_notice;
use ::store::Once;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use kernel::PersonId;
use web::form::{Errors, Values};
use web::{Failure, Page, Reply, Shell, Submitted, see_other};

/// Registers the pages.
#[must_use]
pub fn routes(identity: &Identity) -> Routes<Identity> {
    let access = Access::Action(Action::PersonDisclose);
    Routes::new(identity)
        .page(get("/admin/people", search), access)
        .page(post("/admin/people", look_up), access)
        .page(get("/admin/people/questions", questions), access)
        .page(get("/admin/people/questions/{id}", one_question), access)
        .page(post("/admin/people/questions/{id}", decide), access)
}

/// Policy's word that this officer may see people's data at the unit she acts for.
fn allowed(identity: &Identity, caller: &Caller) -> Result<Allowed, Failure> {
    let unit = caller
        .officer()
        .and_then(|officer| officer.acting())
        .map(|acting| acting.unit);
    let resource = unit.map_or_else(Resource::system, Resource::at);
    Ok(identity.policy().require(caller, Action::PersonDisclose, &resource)?)
}

async fn search(State(identity): State<Identity>, shell: Shell, caller: Caller) -> Reply {
    allowed(&identity, &caller)?;
    Ok(search_page(&shell, &Values::none(), &Errors::none()))
}

fn search_page(shell: &Shell, values: &Values, errors: &Errors) -> Page {
    let form = view::search_form().render(shell, values, errors);
    Page::new(shell, shell.text("person-search-title"))
        .errors(errors)
        .body(view::search(shell, &form))
}

/// Whom an officer looks for: by number, by the nine digits of an old card, or by name and day of birth.
struct Wanted {
    number: Option<PersonId>,
    old_number: Option<OldNumber>,
    name_birth: Option<(String, kernel::Date)>,
}

impl Wanted {
    fn read(values: &Values) -> Result<Self, Errors> {
        let typed: String = values.text("number").split_whitespace().collect();
        let mut wanted = Self {
            number: typed.parse().ok(),
            old_number: typed.parse().ok(),
            name_birth: None,
        };
        let name = values.text("name").trim();
        if let (false, Some(born)) = (name.is_empty(), values.date("born")) {
            wanted.name_birth = Some((name.to_owned(), born));
        }
        let mut errors = Errors::none();
        if !typed.is_empty() && wanted.number.is_none() && wanted.old_number.is_none() {
            errors.add("number", "person-number-form");
        } else if typed.is_empty() && wanted.name_birth.is_none() {
            errors.add("number", "person-search-what");
        }
        if errors.is_empty() { Ok(wanted) } else { Err(errors) }
    }
}

async fn look_up(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    submitted: Submitted,
) -> Reply<Response> {
    let allowed = allowed(&identity, &caller)?;
    let form = view::search_form();
    let refused = |errors: &Errors| search_page(&shell, &form.typed(&submitted), errors).into_response();
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return Ok(refused(&errors)),
    };
    let chosen: Option<PersonRef> = submitted.text("person").parse().ok();
    let wanted = match Wanted::read(&values) {
        Ok(wanted) => wanted,
        Err(errors) if chosen.is_none() => return Ok(refused(&errors)),
        Err(_) => Wanted {
            number: None,
            old_number: None,
            name_birth: None,
        },
    };
    let keys = identity.keys();
    let found = identity
        .store()
        .read(move |tx| {
            if let Some(id) = chosen {
                return Ok::<_, PersonError>(super::record(tx, id)?.into_iter().collect());
            }
            let by_name = wanted.name_birth.as_ref().map(|(name, born)| (name.as_str(), *born));
            let (number, old) = (wanted.number.as_ref(), wanted.old_number.as_ref());
            Ok(super::candidates(tx, &keys, number, old, by_name)?)
        })
        .await?;
    let record = match found.as_slice() {
        [] => {
            let mut errors = Errors::none();
            errors.add("number", "person-nobody");
            return Ok(refused(&errors));
        }
        [record] => record.clone(),
        several => {
            let body = view::several(&shell, several, values.text("reason"));
            let page = Page::new(&shell, shell.text("person-several-title")).crumbs(view::crumbs(&shell));
            return Ok(page.body(body).into_response());
        }
    };
    let purpose = Purpose::for_legal_basis(&caller, values.text("reason"), &allowed);
    let details = open(&identity, &purpose, &record).await?;
    let around = around(&identity, &caller, record.id).await?;
    let title = shell.text("person-title");
    Ok(Page::new(&shell, title)
        .crumbs(view::crumbs(&shell))
        .body(view::person(&shell, &record, &details, &around))
        .into_response())
}

/// What else is known around a person: ties, a mark of death, and whether the officer may make one.
async fn around(identity: &Identity, caller: &Caller, id: PersonRef) -> Result<view::Around, PersonError> {
    let may_mark = identity.policy().somewhere(caller, Action::PersonDecease);
    identity
        .store()
        .read(move |tx| {
            Ok(view::Around {
                guardians: super::guardians(tx, id)?,
                wards: super::wards(tx, id)?,
                is_deceased: super::death::deceased(tx, id)?.is_some(),
                may_mark,
            })
        })
        .await
}

/// Writes down the use, then opens: nothing is shown whose use is not on record.
async fn open(identity: &Identity, purpose: &Purpose, record: &PersonRecord) -> Result<PersonDetails, Failure> {
    identity
        .record_use(purpose, &[record.id])
        .await
        .map_err(PersonError::Store)?;
    Ok(super::open(&identity.keys(), purpose, record)?)
}

async fn questions(State(identity): State<Identity>, shell: Shell, caller: Caller) -> Reply {
    allowed(&identity, &caller)?;
    let questions = identity
        .store()
        .read(move |tx| super::open_questions(tx, None))
        .await
        .map_err(PersonError::Store)?;
    let title = shell.text("person-questions-title");
    Ok(Page::new(&shell, title)
        .crumbs(view::crumbs(&shell))
        .body(view::questions(&shell, &questions)))
}

/// A question with both sides opened for the task of deciding it.
struct Opened {
    question: Question,
    record: PersonDetails,
    claim: PersonDetails,
}

async fn open_question(identity: &Identity, caller: &Caller, id: &str) -> Result<Opened, Failure> {
    let allowed = allowed(identity, caller)?;
    let id: QuestionId = id.parse().map_err(|_| Failure::not_found())?;
    let found = identity
        .store()
        .read(move |tx| {
            let Some(question) = super::question(tx, id)? else {
                return Ok(None);
            };
            let record = super::record(tx, question.person)?;
            Ok::<_, PersonError>(record.map(|record| (question, record)))
        })
        .await?;
    let (question, record) = found.ok_or(PersonError::NoQuestion)?;
    let purpose = Purpose::for_task(caller, id.uuid(), &allowed).about("person.question");
    let details = open(identity, &purpose, &record).await?;
    let claim = super::open_claim(&identity.keys(), &purpose, id, &question.claim)?;
    Ok(Opened {
        question,
        record: details,
        claim,
    })
}

fn question_page(shell: &Shell, opened: &Opened, values: &Values, errors: &Errors) -> Page {
    let form = view::decision_form(opened.question.id).render(shell, values, errors);
    let body = view::question(shell, &opened.question, &opened.record, &opened.claim, &form);
    Page::new(shell, shell.text("person-question-title"))
        .crumbs(view::crumbs_to_questions(shell))
        .errors(errors)
        .body(body)
}

async fn one_question(State(identity): State<Identity>, shell: Shell, caller: Caller, Path(id): Path<String>) -> Reply {
    let opened = open_question(&identity, &caller, &id).await?;
    Ok(question_page(&shell, &opened, &Values::none(), &Errors::none()))
}

async fn decide(
    State(identity): State<Identity>,
    shell: Shell,
    caller: Caller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let by = allowed(&identity, &caller)?.account();
    let opened = open_question(&identity, &caller, &id).await?;
    let form = view::decision_form(opened.question.id);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let typed = form.typed(&submitted);
            return Ok(question_page(&shell, &opened, &typed, &errors).into_response());
        }
    };
    let (keys, world) = (identity.keys(), identity.world().clone());
    let question = opened.question;
    let accept = if values.text("decision") == "accept" {
        let prepared = super::accepted(&keys, &*world, question.person, &opened.record, &opened.claim)?;
        Some((prepared, question.version))
    } else {
        None
    };
    let (reason, now, once) = (values.text("reason").to_owned(), identity.now(), submitted.once);
    identity
        .store()
        .write(move |tx| {
            if let Once::Again(_) = tx.once("person.question", once, now)? {
                return Ok(());
            }
            super::decide(tx, question.id, accept.as_ref(), &reason, by, now)?;
            tx.once_done("person.question", once, "")?;
            Ok::<(), PersonError>(())
        })
        .await?;
    Ok(with_notice(
        see_other("/admin/people/questions"),
        "person-notice-decided",
    ))
}
