//! The pages of following a dossier. The public page tells a stranger nothing private; everything else is the applicant's own.
//! A code alone is no right: details need her sign-in, or the secret of the receipt.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action as PolicyAction, Caller, CitizenCaller, Purpose};
use kernel::{DossierCode, ErrorKind, SignedDuration};
use maud::html;
use serde::Deserialize;
use web::components::Tone;
use web::form::{Errors, Field, FieldKind, Form, Values, Width};
use web::submitted::Limits;
use web::{Failure, Page, Reply, Shell, Submitted, see_other};

use super::mine::{self, Sheaf};
use super::receipt::{Receipt, receipt as receipt_page};
use super::rules::{CHECK_WINDOW_HOURS, CHECKS_MAX};
use super::view::{self, Track};
use crate::dossier::command::{self, By, Order};
use crate::dossier::state::{Action, Capacity, Outcome};
use crate::dossier::store as table;
use crate::dossier::{Defect, Dossier, DossierError, Event, EventId, FileId, submit};
use crate::file::kept::{self, Brought, Keeper};
use crate::file::{self, FilePurpose, transfer};
use crate::line::{self, Class};
use crate::procedure::form::under;
use crate::{Casework, child};

/// Dossiers shown in one's own list.
const OWN_MAX: i64 = 200;

/// Files that one answer to a request brings at most.
const ANSWER_FILES: usize = 10;

/// Registers the pages without uploads.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(get("/track", by_code), Access::Public)
        .page(post("/track", check), Access::Public)
        .page(get("/my/dossiers", list), Access::Citizen)
        .page(get("/my/dossiers/{id}", one), Access::Citizen)
        .page(get("/my/dossiers/{id}/receipt", receipt), Access::Citizen)
        .page(get("/my/dossiers/{id}/supplement", supplement), Access::Citizen)
        .page(post("/my/dossiers/{id}/withdraw", withdraw), Access::Citizen)
        .page(get("/my/dossiers/{id}/files/{file}", download), Access::Citizen)
}

/// Registers the page that takes files.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(post("/my/dossiers/{id}/supplement", answer), Access::Citizen)
}

/// The bounds of one answer.
pub(crate) fn upload_limits(house: &Casework) -> Limits {
    Limits::files(ANSWER_FILES, house.settings().files.bytes_max)
}

/// What the public page is asked for.
#[derive(Debug, Default, Deserialize)]
struct ByCode {
    /// The code as typed.
    #[serde(default)]
    code: String,
    /// The secret of the receipt, from its QR code.
    #[serde(default)]
    s: String,
}

fn code_form() -> Form {
    Form::new("track", "/track").field(
        Field::text("code", "track-code-label")
            .hint("track-where")
            .width(Width::W20),
    )
}

fn ask(shell: &Shell, typed: &str, wrong: Option<&str>) -> Page {
    let (form, values) = (code_form(), Values::none().with("code", typed));
    let mut errors = Errors::none();
    if let Some(key) = wrong {
        errors.add("code", key);
    }
    let body = html! {
        h1 { (shell.text("track-title")) }
        (web::form::error_summary(shell.lang, &form, &errors))
        form method="get" action="/track" {
            (form.render_fields(shell.lang, &values, &errors))
            (web::components::button(web::components::ButtonKind::Main, &shell.text("track-show")))
        }
        p { a href="/verify" { (shell.text("verify-title")) } }
    };
    Page::new(shell, shell.text("track-title")).errors(&errors).body(body)
}

async fn find(house: &Casework, typed: &str) -> Result<Option<Dossier>, DossierError> {
    let Ok(code) = typed.parse::<DossierCode>() else {
        return Ok(None);
    };
    Ok(house.store().read(move |tx| table::find_by_code(tx, &code)).await?)
}

async fn by_code(State(house): State<Casework>, shell: Shell, Query(query): Query<ByCode>) -> Reply {
    if query.code.trim().is_empty() {
        return Ok(ask(&shell, "", None));
    }
    let Some(dossier) = find(&house, &query.code).await? else {
        return Ok(ask(&shell, &query.code, Some("track-unknown")));
    };
    if !query.s.is_empty() && query.s == submit::receipt_secret(&house.keys(), dossier.id) {
        return details(&house, &shell, dossier).await;
    }
    Ok(bare(&shell, &dossier, &Errors::none()))
}

fn check_form(code: &str) -> Form {
    let kind = FieldKind::Text {
        max_len: 20,
        min_len: 4,
        check: None,
    };
    Form::new("check", "/track")
        .hidden("code", code)
        .submit("track-check")
        .field(
            Field::new("digits", "track-digits", kind)
                .hint("track-digits-hint")
                .width(Width::W10),
        )
}

fn bare(shell: &Shell, dossier: &Dossier, errors: &Errors) -> Page {
    let form = check_form(&dossier.code.to_string()).render(shell, &Values::none(), errors);
    Page::new(shell, shell.text("track-title"))
        .errors(errors)
        .body(view::bare(shell, dossier, &form))
}

/// The way of a dossier for somebody who proved to hold its receipt or to know the applicant's number: no name, no answer,
/// no file.
async fn details(house: &Casework, shell: &Shell, dossier: Dossier) -> Reply {
    let id = dossier.id;
    let (events, children) = house
        .store()
        .read(move |tx| Ok::<_, DossierError>((table::events(tx, id)?, child::store::of_dossier(tx, id)?)))
        .await?;
    let process = house.processes().of(&dossier).await?;
    let track = Track {
        dossier: &dossier,
        events: &events,
        notes: &[],
        files: &[],
        supplements: &[],
        grounds: &[],
        hand_over: None,
        process: &process,
        uses: &[],
        now: house.now(),
        calendar: house.calendar(),
        is_own: false,
        may_withdraw: false,
        fees: html! {},
        children: &children,
    };
    Ok(Page::new(shell, shell.text("track-title")).body(view::track(shell, &track)))
}

async fn check(State(house): State<Casework>, shell: Shell, submitted: Submitted) -> Reply {
    let typed = submitted.text("code").to_owned();
    let Some(dossier) = find(&house, &typed).await? else {
        return Ok(ask(&shell, &typed, Some("track-unknown")));
    };
    let given = submitted.text("digits").trim().to_owned();
    let (id, now) = (dossier.id, house.now());
    let since = now + -SignedDuration::from_hours(CHECK_WINDOW_HOURS);
    let (failures, checks) = house
        .store()
        .read(move |tx| Ok::<_, DossierError>((table::track_failures(tx, id, since)?, table::checks(tx, id)?)))
        .await?;
    if failures >= CHECKS_MAX {
        return Err(DossierError::CheckLocked.into());
    }
    let digits: String = given.chars().filter(char::is_ascii_digit).collect();
    let digest = submit::check_digest(&house.keys(), id, &digits);
    let fits = digits.len() == 4 && (checks.0 == digest || checks.1.as_deref() == Some(digest.as_slice()));
    let has_secret = given.to_uppercase() == submit::receipt_secret(&house.keys(), id);
    if fits || has_secret {
        return details(&house, &shell, dossier).await;
    }
    house
        .store()
        .write(move |tx| table::count_track_failure(tx, id, now, since))
        .await?;
    let mut errors = Errors::none();
    errors.add_fault("digits", &DossierError::CheckFailed);
    Ok(bare(&shell, &dossier, &errors))
}

async fn list(State(house): State<Casework>, shell: Shell, citizen: CitizenCaller) -> Reply {
    let (person, account) = (citizen.person(), citizen.account());
    let rows = house
        .store()
        .read(move |tx| table::of_citizen(tx, person, account, OWN_MAX))
        .await?;
    let body = view::list(&shell, &rows, house.now(), house.calendar());
    Ok(Page::new(&shell, shell.text("track-list-title")).body(body))
}

async fn one(State(house): State<Casework>, shell: Shell, citizen: CitizenCaller, Path(id): Path<String>) -> Reply {
    let sheaf = mine::own(&house, &citizen, &id).await?;
    let opened = mine::open(&house, &Purpose::own_data(&citizen), &sheaf)?;
    let uses = mine::uses(&house, &sheaf.dossier).await?;
    let process = house.processes().of(&sheaf.dossier).await?;
    let withdraw =
        crate::dossier::rules::next_state(&sheaf.dossier, &process, Action::Withdraw, &[Capacity::Applicant]);
    let grounds = told_grounds(&sheaf, &opened);
    let track = Track {
        dossier: &sheaf.dossier,
        events: &sheaf.events,
        notes: &opened.notes,
        files: &opened.files,
        supplements: &opened.supplements,
        grounds: &grounds,
        hand_over: opened.hand_over.as_ref(),
        process: &process,
        uses: &uses,
        now: house.now(),
        calendar: house.calendar(),
        is_own: true,
        may_withdraw: withdraw.is_ok(),
        fees: crate::fee::http::own_section(&house, &shell, &sheaf.dossier).await?,
        children: &sheaf.children,
    };
    let papers = crate::result::http::own_section(&house, &shell, &sheaf).await?;
    let rating = crate::rating::http::invitation(&shell, &sheaf.dossier);
    let beside = house.section_beside(&shell, sheaf.dossier.id).await?;
    let body = html! { (view::track(&shell, &track)) (beside) (rating) (papers) };
    Ok(Page::new(&shell, sheaf.dossier.procedure_name.clone()).body(body))
}

/// Why a dossier was refused or denied, as its applicant may know it: a denial stands with the decision, and what was laid
/// before a leader who has not decided is none.
fn told_grounds(sheaf: &Sheaf, opened: &mine::Opened) -> Vec<(EventId, Vec<Defect>)> {
    let named = |action: Action| move |event: &&Event| event.action == action.word();
    let refusals = sheaf.events.iter().filter(named(Action::Refuse));
    let mut told: Vec<_> = refusals
        .map(|event| (event.id, opened.grounds_of(event.id).to_vec()))
        .collect();
    let denied = sheaf.dossier.decided_at.is_some() && sheaf.dossier.outcome == Some(Outcome::Denied);
    let decision = sheaf
        .events
        .iter()
        .rev()
        .filter(|_| denied)
        .find(|event| event.action == Action::Approve.word() || event.action == Action::Forward.word());
    if let (Some(decision), Some((_, defects))) = (decision, opened.grounds.last()) {
        told.push((decision.id, defects.clone()));
    }
    told
}

/// Marks of the receipt page's address.
#[derive(Debug, Default, Deserialize)]
struct ReceiptQuery {
    #[serde(default)]
    again: String,
}

async fn receipt(
    State(house): State<Casework>,
    shell: Shell,
    citizen: CitizenCaller,
    Path(id): Path<String>,
    Query(query): Query<ReceiptQuery>,
) -> Reply {
    let sheaf = mine::own(&house, &citizen, &id).await?;
    let purpose = Purpose::own_data(&citizen);
    let body = receipt_body(&house, &shell, &purpose, &sheaf, true, query.again == "yes").await?;
    Ok(Page::new(&shell, shell.text("receipt-title")).body(body))
}

/// The receipt for its applicant or for the officer who prints it.
pub(crate) async fn receipt_body(
    house: &Casework,
    shell: &Shell,
    purpose: &Purpose,
    sheaf: &Sheaf,
    is_own: bool,
    is_again: bool,
) -> Result<web::Markup, Failure> {
    let dossier = &sheaf.dossier;
    let opened = mine::open(house, purpose, sheaf)?;
    let found = house
        .catalogue()
        .find(&dossier.procedure, Some(dossier.procedure_version))
        .await?;
    let found = match found {
        Some((procedure, _)) => {
            let (content, relation) = (&opened.content, dossier.representation);
            let today = house.now().local_date();
            Some(under::of_dossier(procedure, content, relation, today, house.store()).await?)
        }
        None => None,
    };
    let papers = found.map(|procedure| {
        let promised = crate::draft::rules::papers(&procedure).filter(|(at, paper)| {
            let at = i64::try_from(*at).ok();
            paper.required && !sheaf.files.iter().any(|file| file.component == at && at.is_some())
        });
        promised.map(|(_, paper)| paper.name.vi.clone()).collect()
    });
    let secret = submit::receipt_secret(&house.keys(), dossier.id);
    let address = format!("{}/track?code={}&s={secret}", house.settings().origin, dossier.code);
    let files: Vec<_> = opened
        .files
        .into_iter()
        .filter(|file| file.row.purpose == FilePurpose::Component)
        .collect();
    Ok(receipt_page(
        shell,
        &Receipt {
            dossier,
            content: &opened.content,
            files: &files,
            events: &sheaf.events,
            // What an officer took in says itself what was brought.
            papers: papers.filter(|_| opened.content.papers.is_empty()).unwrap_or_default(),
            address,
            secret,
            is_again,
            is_own,
        },
    ))
}

fn answer_form(house: &Casework, shell: &Shell, dossier: &Dossier, submitted: Option<&Submitted>) -> Form {
    let kind = FieldKind::Files {
        accept: file::http::KINDS.to_vec(),
        max_count: ANSWER_FILES,
        max_bytes: house.settings().files.bytes_max,
    };
    let form = Form::new("answer", format!("/my/dossiers/{}/supplement", dossier.id));
    kept::carried(form, shell, submitted)
        .hidden("revision", dossier.revision.to_string())
        .submit("track-supplement-send")
        .field(Field::multiline("note", "track-supplement-note", 10_000))
        .field(Field::new("file", "track-supplement-files", kind).optional())
}

async fn supplement(
    State(house): State<Casework>,
    shell: Shell,
    citizen: CitizenCaller,
    Path(id): Path<String>,
) -> Reply {
    let sheaf = mine::own(&house, &citizen, &id).await?;
    let form = answer_form(&house, &shell, &sheaf.dossier, None);
    supplement_page(
        &house,
        &shell,
        &citizen,
        &sheaf,
        (&form, &Values::none(), &Errors::none()),
    )
    .await
}

async fn supplement_page(
    house: &Casework,
    shell: &Shell,
    citizen: &CitizenCaller,
    sheaf: &Sheaf,
    (form, values, errors): (&Form, &Values, &Errors),
) -> Reply {
    let opened = mine::open(house, &Purpose::own_data(citizen), sheaf)?;
    let open = opened.supplements.iter().find(|one| one.answered_at.is_none());
    let open = open.ok_or_else(|| Failure::new(ErrorKind::Gone, "dossier-supplement-closed"))?;
    let form = form.render(shell, values, errors);
    let process = house.processes().of(&sheaf.dossier).await?;
    let body = view::supplement(shell, &sheaf.dossier, open, &process, &form);
    Ok(Page::new(shell, shell.text("track-supplement-answer"))
        .errors(errors)
        .body(body))
}

async fn answer(
    State(house): State<Casework>,
    shell: Shell,
    citizen: CitizenCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let answered = answered(&house, &shell, &citizen, (&id, &submitted));
    line::http::within(&house, Class::UnderWay, Box::pin(answered)).await?
}

async fn answered(
    house: &Casework,
    shell: &Shell,
    citizen: &CitizenCaller,
    (id, submitted): (&str, &Submitted),
) -> Reply<Response> {
    let sheaf = mine::own(house, citizen, id).await?;
    let form = answer_form(house, shell, &sheaf.dossier, Some(submitted));
    let open = sheaf.supplements.iter().find(|row| row.answered_at.is_none());
    let open = open
        .ok_or_else(|| Failure::new(ErrorKind::Gone, "dossier-supplement-closed"))?
        .id;
    let place = transfer::Place {
        purpose: FilePurpose::Supplement,
        component: None,
        supplement: Some(open),
    };
    let keeper = Keeper::of(house, citizen.account(), submitted);
    let values = match form.parse(submitted) {
        Ok(values) => values,
        Err(errors) => {
            let asked = (submitted, keeper, place);
            return faulty(house, shell, citizen, (&sheaf, &form), asked, errors).await;
        }
    };
    let owner = sheaf.dossier.id.uuid();
    let mut brought = Brought::of(house, keeper, ("file", submitted), owner, place).await?;
    let mut order = Order::new(
        submitted.once,
        &sheaf.dossier,
        Action::AnswerSupplement,
        house.way_of(&sheaf.dossier).await?,
    );
    order.revision = values.integer("revision").unwrap_or(sheaf.dossier.revision);
    order.note = values.text("note").to_owned();
    order.answers = Some(open);
    order.files = std::mem::take(&mut brought.fresh);
    order.kept = brought;
    match carry_out(house, citizen, order).await {
        Err(DossierError::FilesGone) => {
            let asked = (submitted, keeper, place);
            faulty(house, shell, citizen, (&sheaf, &form), asked, Errors::none()).await
        }
        carried => Ok(see_other(&format!("/my/dossiers/{}", carried?.id))),
    }
}

/// The form of an answer with what is wrong in it, and the files that came along, kept. A kept one that is no more is told.
async fn faulty(
    house: &Casework,
    shell: &Shell,
    citizen: &CitizenCaller,
    (sheaf, form): (&Sheaf, &Form),
    (submitted, keeper, place): (&Submitted, Option<Keeper>, transfer::Place),
    mut errors: Errors,
) -> Reply<Response> {
    let mut typed = form.typed(submitted);
    let mut lost = errors.is_empty();
    if let Some(field) = form.get("file") {
        let own = Purpose::own_data(citizen);
        lost |= kept::keep(house, keeper, (field, submitted), place, (&own, &mut typed)).await?;
    }
    kept::tell_lost(&mut errors, lost);
    let page = supplement_page(house, shell, citizen, sheaf, (form, &typed, &errors)).await?;
    Ok(page.into_response())
}

async fn withdraw(
    State(house): State<Casework>,
    citizen: CitizenCaller,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Reply<Response> {
    let sheaf = mine::own(&house, &citizen, &id).await?;
    let caller = Caller::Citizen(citizen.clone());
    let resource = crate::desk::resource(&sheaf.dossier);
    house
        .identity()
        .policy()
        .require(&caller, PolicyAction::DossierWithdraw, &resource)?;
    let mut order = Order::new(
        submitted.once,
        &sheaf.dossier,
        Action::Withdraw,
        house.way_of(&sheaf.dossier).await?,
    );
    order.revision = submitted.text("revision").parse().unwrap_or(sheaf.dossier.revision);
    carry_out(&house, &citizen, order).await?;
    Ok(see_other(&format!("/my/dossiers/{}", sheaf.dossier.id)))
}

async fn carry_out(house: &Casework, citizen: &CitizenCaller, order: Order) -> Result<Dossier, DossierError> {
    let by = By {
        account: citizen.account(),
        capacity: Capacity::Applicant,
        name: None,
        unit: None,
    };
    let command = command::prepare(order, by, house.world().as_ref(), &house.keys());
    let calendar = house.calendar().clone();
    house
        .store()
        .write(move |tx| command::perform(tx, &command, &calendar))
        .await
}

async fn download(
    State(house): State<Casework>,
    citizen: CitizenCaller,
    Path((id, file)): Path<(String, String)>,
) -> Reply<Response> {
    let sheaf = mine::own(&house, &citizen, &id).await?;
    let file: FileId = file.parse().map_err(|_| DossierError::FileNotFound)?;
    let row = sheaf
        .files
        .iter()
        .find(|row| row.id == file)
        .ok_or(DossierError::FileNotFound)?;
    // A result is the applicant's once it is decided, not while it is a draft on an officer's table.
    let decided = sheaf.dossier.decided_at.is_some();
    let is_hers = match row.purpose {
        FilePurpose::Result => decided,
        FilePurpose::Answer => false,
        FilePurpose::Component | FilePurpose::Supplement => true,
    };
    if !is_hers {
        return Err(DossierError::FileNotFound.into());
    }
    if row.purpose == FilePurpose::Result {
        crate::result::http::fetched(&house, row.blob).await?;
    }
    file::http::send(&house, &Purpose::own_data(&citizen), row).await
}

/// Words at the head of a page after an action.
pub(crate) fn done_banner(shell: &Shell, words: &str) -> web::Markup {
    web::components::notification(shell.lang, Tone::Ok, words)
}
