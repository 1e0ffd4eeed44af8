//! The pages of filing: begin, one step a page, papers, review, send. Everything here is the citizen's own; a draft of
//! somebody else is not found.

mod files;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use identity::routes::{Access, Routes, get, post};
use identity::{Caller, CitizenCaller, Purpose, Resource, person};
use store::keys::Sealed;
use web::form::{Errors, Form, Values};
use web::submitted::Limits;
use web::{Failure, Page, Reply, Shell, Submitted, see_other};

use definition::expression::Facts;

use super::rules::{self, Known, OwnRead};
use super::store as table;
use super::view::{self, NamedFile, Papers, Review};
use super::{Answers, DRAFTS_MAX, Draft, DraftId, Step, known, lookup, moved};
use crate::definitions::Defined;
use crate::dossier::{DossierError, state::Entered, submit};
use crate::file::{self, transfer};
use crate::line::http::held::Work;
use crate::line::{self, Class};
use crate::procedure::form::answered::{self, Filing};
use crate::procedure::{ChannelKind, Procedure, form};
use crate::{Casework, PortalMode, place, procedure};

/// Registers the pages without uploads, and that of who waits in the line.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    line::http::routes(routes)
        .page(get("/procedures/{code}/start", start), Access::Citizen)
        .page(post("/procedures/{code}/start", begin), Access::Citizen)
        .page(get("/my/drafts", list), Access::Citizen)
        .page(get("/my/drafts/{id}", resume), Access::Citizen)
        .page(get("/my/drafts/{id}/{step}", show), Access::Citizen)
        .page(post("/my/drafts/{id}/{step}", answer), Access::Citizen)
        .page(get("/my/drafts/{id}/files/{file}", files::download), Access::Citizen)
        .page(
            post("/my/drafts/{id}/files/{file}/remove", files::remove),
            Access::Citizen,
        )
}

/// Registers the page that takes files; its router carries the bounds of uploads.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(post("/my/drafts/{id}/files/add", files::add), Access::Citizen)
}

/// The bounds of one sending of files.
pub(crate) fn upload_limits(house: &Casework) -> Limits {
    Limits::files(rules::FILES_AT_ONCE, house.settings().files.bytes_max)
}

/// The citizen behind a guarded route.
pub(crate) fn citizen(caller: &Caller) -> Result<&CitizenCaller, Failure> {
    caller.citizen().ok_or_else(Failure::forbidden)
}

async fn start(State(house): State<Casework>, shell: Shell, caller: Caller, Path(code): Path<String>) -> Reply {
    let citizen = citizen(&caller)?;
    let (procedure, _) = procedure::http::current(&house, &procedure::http::code_of(&code)?).await?;
    let title = shell.text("draft-start-title");
    let page = Page::new(&shell, title).crumbs(procedure::view::crumbs(&shell, &procedure));
    if house.settings().mode == PortalMode::Guide {
        let portal = procedure::http::portal_address(&house, &procedure.code);
        return Ok(page
            .status(StatusCode::FORBIDDEN)
            .body(view::guide(&shell, &procedure, &portal)));
    }
    let account = citizen.account();
    let mut drafts = house.store().read(move |tx| table::of_account(tx, account)).await?;
    drafts.retain(|draft| draft.procedure == procedure.code);
    let begun = match house.definitions().of(&procedure.code).await? {
        Some((defined, _)) => {
            let facts = Facts::new(house.now().local_date());
            Arc::new(form::under::definition(&procedure, &defined, &facts))
        }
        None => procedure,
    };
    Ok(page.body(view::start(&shell, &begun, &drafts)))
}

async fn begin(
    State(house): State<Casework>,
    shell: Shell,
    caller: Caller,
    Path(code): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let action = format!("/procedures/{code}/start");
    let sent = Arc::new((house, caller, code, submitted));
    let asked = sent.clone();
    let work: Work = Arc::new(move || {
        let asked = asked.clone();
        Box::pin(async move { begun(&asked.0, &asked.1, &asked.2, &asked.3).await })
    });
    let (house, caller, _, submitted) = &*sent;
    line::http::through(house, &shell, caller, (submitted, Class::New, &action), work).await
}

/// Begins a draft.
async fn begun(house: &Casework, caller: &Caller, code: &str, submitted: &Submitted) -> Reply<Response> {
    let citizen = citizen(caller)?;
    check_filing(house)?;
    let own = Resource::of(citizen.person());
    house
        .identity()
        .policy()
        .require(caller, identity::Action::DossierSubmit, &own)?;
    let (procedure, version) = procedure::http::current(house, &procedure::http::code_of(code)?).await?;
    if !procedure.is_online() {
        return Err(DossierError::NotFiledHere.into());
    }
    let now = house.now();
    // The form's key is the draft's id: pressing twice begins one draft.
    let draft = Draft {
        id: DraftId::from_uuid(submitted.once),
        account: citizen.account(),
        person: citizen.person(),
        procedure: procedure.code.clone(),
        procedure_version: version,
        procedure_name: procedure.title().vi.clone(),
        step: Step::Who,
        revision: 1,
        created_at: now,
        changed_at: now,
    };
    let answers = Answers {
        definition: house.definitions().of(&draft.procedure).await?.and_then(|(_, pin)| pin),
        ..Answers::default()
    };
    let content = sealed(house, draft.id, &answers);
    let id = draft.id;
    house
        .store()
        .write(move |tx| {
            if table::find(tx, draft.id, draft.account)?.is_some() {
                return Ok(());
            }
            if table::count(tx, draft.account)? >= i64::try_from(DRAFTS_MAX).unwrap_or(i64::MAX) {
                return Err(DossierError::TooMany("drafts"));
            }
            if let Some(pin) = &answers.definition {
                pin.keep(tx, now)?;
            }
            table::insert(tx, &draft, &content)?;
            Ok(())
        })
        .await?;
    Ok(see_other(&format!("/my/drafts/{id}/who")))
}

/// Filing is open here.
pub(crate) fn check_filing(house: &Casework) -> Result<(), DossierError> {
    match house.settings().mode {
        PortalMode::Full => Ok(()),
        PortalMode::Guide => Err(DossierError::GuideMode),
    }
}

async fn list(State(house): State<Casework>, shell: Shell, caller: Caller) -> Reply {
    let account = citizen(&caller)?.account();
    let drafts = house.store().read(move |tx| table::of_account(tx, account)).await?;
    Ok(Page::new(&shell, shell.text("draft-list-title")).body(view::list(&shell, &drafts)))
}

async fn resume(State(house): State<Casework>, caller: Caller, Path(id): Path<String>) -> Reply<Response> {
    let at = load(&house, &caller, &id).await?;
    Ok(see_other(&format!(
        "/my/drafts/{}/{}",
        at.draft.id,
        rules::first_open(&at.answers)
    )))
}

/// A draft opened for its owner, with the procedure of its version.
struct Open {
    draft: Draft,
    answers: Answers,
    procedure: Arc<Procedure>,
    schema: form::FormSchema,
    known: Known,
    files: Vec<NamedFile>,
    /// As it was when it was begun, with its form and papers, when that no longer holds.
    begun: Option<Arc<Procedure>>,
    /// It was carried over to another version just now: nobody has read what changed yet.
    is_news: bool,
}

async fn load(house: &Casework, caller: &Caller, id: &str) -> Result<Open, Failure> {
    let citizen = citizen(caller)?;
    let id: DraftId = id.parse().map_err(|_| DossierError::DraftNotFound)?;
    let account = citizen.account();
    let person = citizen.person();
    let (draft, content, files, record) = house
        .store()
        .look_up(move |tx| {
            let (draft, content) = table::opened(tx, id, account)?.ok_or(DossierError::DraftNotFound)?;
            let files = file::store::of_draft(tx, id)?;
            Ok::<_, DossierError>((draft, content, files, person::record(tx, person)?))
        })
        .await?;
    let purpose = Purpose::own_data(citizen);
    let plain = house
        .identity()
        .open_sealed(&purpose, &content_context(id), &Sealed::from_bytes(content))
        .map_err(identity::IdentityError::from)?;
    let answers: Answers = serde_json::from_slice(&plain).map_err(|error| DossierError::Damaged(error.to_string()))?;
    let files = named(house, &purpose, files)?;
    let known = known::open(house, &purpose, record.as_ref())?;
    let moved::Held {
        draft,
        answers,
        files,
        procedure,
        begun,
        is_news,
    } = moved::held(house, draft, answers, files, &known).await?;
    let mut schema = procedure.form_or_generic();
    let asked = match &schema.defined {
        Some(defined) => lookup::ask(house, citizen, defined, &answers.looked, None).await?,
        None => lookup::Asked::default(),
    };
    lookup::fill(&mut schema, &asked);
    let answers = Answers {
        looked: asked.looked,
        ..answers
    };
    Ok(Open {
        draft,
        answers,
        procedure,
        schema,
        known,
        files,
        begun,
        is_news,
    })
}

/// What the formulas of the definition may read, given these answers to its form.
pub(super) fn facts_of(
    house: &Casework,
    defined: &Defined,
    answers: &Answers,
    known: &Known,
    own: Option<&Values>,
) -> Facts {
    let none = Values::none();
    answered::facts(defined, own.unwrap_or(&none), &filing(house, answers, known))
}

fn filing<'a>(house: &Casework, answers: &'a Answers, known: &'a Known) -> Filing<'a> {
    let who = answers.of(Step::Who);
    Filing {
        today: house.now().local_date(),
        channel: definition::procedure::Channel::Online,
        representation: who.and_then(|who| who.opt("representation")),
        known,
    }
}

/// Files with their names opened.
pub(crate) fn named(
    house: &Casework,
    purpose: &Purpose,
    files: Vec<file::FileRow>,
) -> Result<Vec<NamedFile>, DossierError> {
    files
        .into_iter()
        .map(|row| {
            Ok(NamedFile {
                name: transfer::name(house, purpose, &row)?,
                row,
            })
        })
        .collect()
}

fn content_context(id: DraftId) -> String {
    format!("draft.content:{id}")
}

pub(super) fn sealed(house: &Casework, id: DraftId, answers: &Answers) -> Vec<u8> {
    let plain = serde_json::to_vec(answers).unwrap_or_default();
    house
        .keys()
        .seal(house.world().as_ref(), &content_context(id), &plain)
        .into_bytes()
}

fn step_of(text: &str) -> Result<Step, Failure> {
    text.parse().map_err(|_| Failure::not_found())
}

async fn show(
    State(house): State<Casework>,
    shell: Shell,
    caller: Caller,
    Path((id, step)): Path<(String, String)>,
) -> Reply<Response> {
    let step = step_of(&step)?;
    let open = load(&house, &caller, &id).await?;
    if !rules::is_reachable(&open.answers, step) {
        return Ok(see_other(&format!(
            "/my/drafts/{}/{}",
            open.draft.id,
            rules::first_open(&open.answers)
        )));
    }
    let page = render(&house, &shell, &open, step, None).await?;
    Ok(page.into_response())
}

/// What was wrong with the last sending of a step: what was typed, and the errors.
struct Wrong {
    typed: Values,
    errors: Errors,
    missing: Vec<usize>,
    refused: Option<(usize, Errors)>,
    /// Nothing is wrong: the answers ask for more.
    more: bool,
}

async fn render(
    house: &Casework,
    shell: &Shell,
    open: &Open,
    step: Step,
    wrong: Option<Wrong>,
) -> Result<Page, Failure> {
    let draft = &open.draft;
    let wrong = wrong.unwrap_or_else(|| Wrong {
        typed: open.answers.of(step).cloned().unwrap_or_else(|| beginning(open, step)),
        errors: Errors::none(),
        missing: Vec::new(),
        refused: None,
        more: false,
    });
    let (values, errors) = (&wrong.typed, &wrong.errors);
    let body = match step {
        Step::Who => view::who(
            shell,
            draft,
            &open.known,
            &rules::who_form(&path(draft, step), &open.known),
            values,
            errors,
        ),
        Step::Form | Step::Unit | Step::Delivery => {
            let form = form_of(house, open, step, values).await?;
            let fixed = if step == Step::Form {
                view::fixed(shell, &open.schema)
            } else {
                maud::html! {}
            };
            view::step(shell, draft, step, &form, (values, errors), (wrong.more, &fixed))
        }
        Step::Files => view::papers(
            shell,
            draft,
            &Papers {
                procedure: &open.procedure,
                files: &open.files,
                promised: values,
                missing: &wrong.missing,
                either: &files::either(open),
                refused: wrong.refused.clone(),
                limits: house.settings().files,
            },
        ),
        Step::Review => {
            let review = review(house, open).await?;
            view::review(shell, draft, &review, &rules::review_form(&path(draft, step)), errors)
        }
    };
    let told = open
        .begun
        .as_ref()
        .map(|begun| view::moved(shell, begun, &open.procedure));
    let body = maud::html! { @if let Some(told) = told { (told) } (body) };
    let page = Page::new(shell, shell.text(&format!("draft-title-{step}"))).body(body);
    Ok(if !wrong.missing.is_empty() || wrong.refused.is_some() {
        page.status(StatusCode::UNPROCESSABLE_ENTITY)
    } else {
        page.errors(errors)
    })
}

fn path(draft: &Draft, step: Step) -> String {
    format!("/my/drafts/{}/{step}", draft.id)
}

fn beginning(open: &Open, step: Step) -> Values {
    match step {
        Step::Who => rules::who_values(&open.known),
        Step::Form => rules::own_values(&open.schema, &open.known),
        Step::Files | Step::Unit | Step::Delivery | Step::Review => Values::none(),
    }
}

async fn form_of(house: &Casework, open: &Open, step: Step, values: &Values) -> Result<Form, Failure> {
    let action = path(&open.draft, step);
    Ok(match step {
        Step::Who => rules::who_form(&action, &open.known),
        Step::Form => {
            let asked = open.schema.defined.map_or_else(
                || open.schema.clone(),
                |defined| {
                    let facts = facts_of(house, &defined, &open.answers, &open.known, Some(values));
                    open.schema.asked(&facts)
                },
            );
            rules::own_form(&action, &asked, &open.known)
        }
        Step::Unit => {
            let book = house.identity().units();
            rules::unit_form(
                &action,
                &place::agencies(&book, &open.procedure, house.now().local_date()),
            )
        }
        Step::Delivery => rules::delivery_form(&action),
        Step::Files | Step::Review => rules::review_form(&action),
    })
}

async fn review<'a>(house: &Casework, open: &'a Open) -> Result<Review<'a>, Failure> {
    let place = place_of(house, open).await?;
    let now = house.now();
    let limit = open.procedure.time_limit(ChannelKind::Online);
    let due = limit.map(|limit| {
        (
            limit,
            house.calendar().deadline_with(now, limit, house.settings().cut_off),
        )
    });
    Ok(Review {
        procedure: &open.procedure,
        schema: &open.schema,
        known: &open.known,
        answers: &open.answers,
        files: &open.files,
        unit_name: place.unit_name,
        desk_name: place.desk_name,
        due,
    })
}

async fn place_of(house: &Casework, open: &Open) -> Result<submit::Place, DossierError> {
    let chosen = open.answers.of(Step::Unit).ok_or(DossierError::Incomplete("unit"))?;
    let unit = chosen.text("unit").parse().map_err(|_| DossierError::UnitMissing)?;
    let book = house.identity().units();
    place::resolve(&book, &open.procedure, unit, house.now().local_date())
}

async fn answer(
    State(house): State<Casework>,
    shell: Shell,
    caller: Caller,
    Path((id, step)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    if step == "discard" {
        return discard(&house, &caller, &id).await;
    }
    let step = step_of(&step)?;
    let draft: DraftId = id.parse().map_err(|_| DossierError::DraftNotFound)?;
    let action = format!("/my/drafts/{draft}/{step}");
    let sent = Arc::new((house, shell, caller, submitted));
    let asked = sent.clone();
    let work: Work = Arc::new(move || {
        let (asked, id) = (asked.clone(), id.clone());
        Box::pin(async move {
            let (house, shell, caller, submitted) = &*asked;
            answered_step(house, shell, caller, (&id, step), submitted).await
        })
    });
    let (house, shell, caller, submitted) = &*sent;
    line::http::through(house, shell, caller, (submitted, Class::UnderWay, &action), work).await
}

async fn answered_step(
    house: &Casework,
    shell: &Shell,
    caller: &Caller,
    (id, step): (&str, Step),
    submitted: &Submitted,
) -> Reply<Response> {
    if step == Step::Review {
        return Box::pin(send(house, shell, caller, id, submitted)).await;
    }
    let open = load(house, caller, id).await?;
    if step == Step::Files {
        return files::papers_done(house, shell, open, submitted).await;
    }
    if step == Step::Form {
        return own_answered(house, shell, citizen(caller)?, open, submitted).await;
    }
    let form = form_of(house, &open, step, &Values::none()).await?;
    match form
        .parse(submitted)
        .and_then(|values| fitting(house, &open, step, values))
    {
        Ok(values) => save(house, open, step, values).await,
        Err(errors) => {
            let wrong = Wrong {
                typed: form.typed(submitted),
                errors,
                missing: Vec::new(),
                refused: None,
                more: false,
            };
            Ok(render(house, shell, &open, step, Some(wrong)).await?.into_response())
        }
    }
}

/// The answers to the procedure's own form.
async fn own_answered(
    house: &Casework,
    shell: &Shell,
    citizen: &CitizenCaller,
    open: Open,
    submitted: &Submitted,
) -> Reply<Response> {
    let open = match looked_up(house, shell, citizen, open, submitted).await? {
        Looking::Shown(page) => return Ok(page),
        Looking::Nothing(open) => *open,
    };
    let read = rules::read_own(
        &open.schema,
        &open.known,
        &filing(house, &open.answers, &open.known),
        submitted,
    );
    let (typed, errors, more) = match read {
        OwnRead::Whole(values) => return save(house, open, Step::Form, values).await,
        OwnRead::More(typed, _) => (typed, Errors::none(), true),
        OwnRead::Wrong(typed, errors) => (typed, errors, false),
    };
    let wrong = Wrong {
        typed,
        errors,
        missing: Vec::new(),
        refused: None,
        more,
    };
    Ok(render(house, shell, &open, Step::Form, Some(wrong))
        .await?
        .into_response())
}

/// What asking registers with the answers that were sent came to.
enum Looking {
    /// Nothing is new.
    Nothing(Box<Open>),
    /// Something is: the page again, with what it fills in.
    Shown(Response),
}

/// Looks up what the key that was typed, or the record that was chosen, leads to. What is new is kept with the draft at once, so that
/// the next sending is held against it, and the page comes back with it; nothing that was typed is lost.
async fn looked_up(
    house: &Casework,
    shell: &Shell,
    citizen: &CitizenCaller,
    mut open: Open,
    submitted: &Submitted,
) -> Result<Looking, Failure> {
    let Some(defined) = open
        .schema
        .defined
        .filter(|defined| !defined.procedure.lookups.is_empty())
    else {
        return Ok(Looking::Nothing(Box::new(open)));
    };
    let mut typed = rules::own_form("", &open.schema, &open.known).typed(submitted);
    let before = open.answers.looked.clone();
    let asked = lookup::ask(house, citizen, &defined, &before, Some(&typed)).await?;
    if asked.looked == before {
        return Ok(Looking::Nothing(Box::new(open)));
    }
    lookup::over(&mut typed, &asked, &before);
    open.answers.looked.clone_from(&asked.looked);
    open.schema = open.procedure.form_or_generic();
    lookup::fill(&mut open.schema, &asked);
    if asked.fresh.is_empty() {
        return Ok(Looking::Nothing(Box::new(open)));
    }
    let content = sealed(house, open.draft.id, &open.answers);
    let (now, draft) = (house.now(), open.draft.clone());
    let kept = house
        .store()
        .write(move |tx| table::save(tx, &draft, draft.step, &content, now))
        .await?;
    if !kept {
        return Err(DossierError::Stale { expected: 0, found: 0 }.into());
    }
    open.draft.revision += 1;
    let form = form_of(house, &open, Step::Form, &typed).await?;
    let body = view::looked(shell, &open.draft, &open.schema, &asked.fresh, &form, &typed);
    let page = Page::new(shell, shell.text("draft-title-form")).body(body);
    Ok(Looking::Shown(page.into_response()))
}

/// What the form alone cannot say of the answers of a step.
fn fitting(house: &Casework, open: &Open, step: Step, values: Values) -> Result<Values, Errors> {
    let errors = match step {
        Step::Who => rules::check_who(&values, &open.known, house.now().local_date()),
        _ => Errors::none(),
    };
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

async fn save(house: &Casework, open: Open, step: Step, values: Values) -> Reply<Response> {
    let Open { draft, mut answers, .. } = open;
    answers.set(step, values);
    let mut all = Step::ALL.iter().filter(|&&one| one != Step::Review);
    let next = if all.all(|&one| answers.of(one).is_some()) {
        rules::first_open(&answers)
    } else {
        rules::after(step)
    };
    let content = sealed(house, draft.id, &answers);
    let (now, target) = (house.now(), path(&draft, next));
    let saved = house
        .store()
        .write(move |tx| table::save(tx, &draft, next, &content, now))
        .await?;
    if !saved {
        return Err(DossierError::Stale { expected: 0, found: 0 }.into());
    }
    Ok(see_other(&target))
}

async fn discard(house: &Casework, caller: &Caller, id: &str) -> Reply<Response> {
    let account = citizen(caller)?.account();
    let draft: DraftId = id.parse().map_err(|_| DossierError::DraftNotFound)?;
    let now = house.now();
    house
        .store()
        .write(move |tx| super::jobs::discard(tx, draft, account, now))
        .await?;
    Ok(see_other("/my/drafts"))
}

async fn send(house: &Casework, shell: &Shell, caller: &Caller, id: &str, submitted: &Submitted) -> Reply<Response> {
    let citizen = citizen(caller)?;
    check_filing(house)?;
    let own = Resource::of(citizen.person());
    house
        .identity()
        .policy()
        .require(caller, identity::Action::DossierSubmit, &own)?;
    let once = submitted.once;
    let open = match load(house, caller, id).await {
        Ok(open) => open,
        // A second press of the button finds no draft any more, and the dossier that the first one made.
        Err(failure) if failure.code() == "draft-not-found" => {
            let (now, account) = (house.now(), caller.account());
            let first = house
                .store()
                .write(move |tx| submit::sent_before(tx, account, once, now))
                .await?;
            return Ok(see_other(&format!("/my/dossiers/{first}/receipt?again=yes")));
        }
        Err(failure) => return Err(failure),
    };
    if open.is_news {
        return Ok(see_other(&path(&open.draft, rules::first_open(&open.answers))));
    }
    let form = rules::review_form(&path(&open.draft, Step::Review));
    if let Err(errors) = form.parse(submitted) {
        let wrong = Wrong {
            typed: Values::none(),
            errors,
            missing: Vec::new(),
            refused: None,
            more: false,
        };
        return Ok(render(house, shell, &open, Step::Review, Some(wrong))
            .await?
            .into_response());
    }
    let open_step = rules::first_open(&open.answers);
    if open_step != Step::Review {
        return Ok(see_other(&path(&open.draft, open_step)));
    }
    if let Some(again) = files::step_again(&open) {
        return Ok(see_other(&path(&open.draft, again)));
    }
    let submission = submission(house, citizen, &open, once).await?;
    let sealed = submit::seal(&submission, house.world().as_ref(), &house.keys(), house.calendar());
    let done = house.store().write(move |tx| submit::submit(tx, &sealed)).await?;
    let again = if done.is_again { "?again=yes" } else { "" };
    Ok(see_other(&format!("/my/dossiers/{}/receipt{again}", done.id)))
}

/// The dossier that a draft makes.
async fn submission(
    house: &Casework,
    citizen: &CitizenCaller,
    open: &Open,
    once: uuid::Uuid,
) -> Result<submit::Submission, Failure> {
    let place = place_of(house, open).await?;
    let content = rules::content(&open.answers, &open.known, &open.schema)?;
    Ok(submit::Submission {
        once,
        procedure: (
            open.draft.procedure.clone(),
            open.draft.procedure_version,
            open.draft.procedure_name.clone(),
        ),
        way: house.way_in(&open.procedure).await?,
        place,
        person: citizen.person(),
        account: Some(citizen.account()),
        representation: rules::representation(&open.answers)?,
        entered: Entered::SelfFiled,
        delivery: rules::delivery(&open.answers)?,
        parties: crate::intake::parties(house, &content)?,
        content,
        draft: Some(open.draft.id),
        taking: None,
    })
}
