//! Pages of child dossiers: the work list of the unit that has them, one of them with all that it is about, and the forms of its
//! actions. Both sides open the same page; what one side says among its own is not shown to the other.
//! Every view shows the dossier to another unit, so it is a recorded use like the dossier itself.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{AccountId, Action as Right, Caller, OfficerCaller, Purpose, Resource, Role, UnitId};
use kernel::{Lang, Timestamp};
use serde::Deserialize;
use web::components::Crumb;
use web::form::{Errors, Form, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::act::{self, Command, Next};
use super::form::{self, Around};
use super::rules::{self, Actor, Deed};
use super::{Child, ChildAction, ChildEvent, ChildId, ChildStop, files, note_context, store as table, view};
use crate::Casework;
use crate::coordination::{self, Coordination, CoordinationId, CoordinationKind, CoordinationState, Sealed};
use crate::desk::capacity;
use crate::dossier::state::Capacity;
use crate::dossier::{DossierError, FileId};
use crate::draft::view::NamedFile;
use crate::file::kept::{self, Brought, Keeper};
use crate::file::{self, FileRow};
use crate::process::Process;
use crate::track::mine;

/// Rows of one part of the list.
const ROWS: i64 = 50;

/// Registers the pages without uploads.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    let read = || Access::Action(Right::DossierRead);
    routes
        .page(get("/desk/child-dossiers", list), Access::Action(Right::DossierList))
        .page(get("/desk/child-dossiers/{id}", one), read())
        .page(get("/desk/child-dossiers/{id}/{action}", ask), read())
        .page(get("/desk/child-dossiers/{id}/files/{file}", download), read())
}

/// Registers the page that takes files, as many as an action on a dossier.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(
        post("/desk/child-dossiers/{id}/{action}", done),
        Access::Action(Right::DossierRead),
    )
}

/// What the list is asked for.
#[derive(Debug, Default, Deserialize)]
struct ListQuery {
    /// `mine`, `over`, or all.
    #[serde(default)]
    view: String,
    #[serde(default)]
    after: String,
}

fn key_of(text: &str) -> Option<(Timestamp, ChildId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

async fn list(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Query(query): Query<ListQuery>,
) -> Reply {
    let (me, now) = (officer.account(), house.now());
    let caller = Caller::Officer(officer);
    let units = house.identity().policy().scope(&caller, Right::DossierList);
    let (is_mine, is_over) = (query.view == "mine", query.view == "over");
    let first = (Timestamp::MIN, ChildId::from_uuid(uuid::Uuid::nil()));
    let after = key_of(&query.after).unwrap_or(first);
    let (mut rows, total) = house
        .store()
        .read(move |tx| {
            let officers = if is_mine {
                let away = crate::absence::store::stood_in_for(tx, me, now.local_date())?;
                let all = std::iter::once(me).chain(away.into_iter().map(|(officer, _)| officer));
                Some(all.collect())
            } else {
                None
            };
            let asked = table::Asked {
                units: units.clone(),
                officers,
                before: if is_over { now } else { Timestamp::MAX },
                after,
                limit: ROWS + 1,
            };
            Ok::<_, DossierError>((table::list(tx, &asked)?, table::open_count(tx, &units)?))
        })
        .await?;
    let most = usize::try_from(ROWS).unwrap_or(0);
    let more = rows.len() > most;
    rows.truncate(most);
    let body = view::list(
        &shell,
        &view::List {
            rows: &rows,
            total,
            view: query.view.as_str(),
            more,
            now,
            calendar: house.calendar(),
        },
    );
    Ok(Page::new(&shell, shell.text("child-title"))
        .crumbs(vec![Crumb::new("/desk", shell.text("desk-title"))])
        .wide()
        .body(body))
}

/// A child dossier with what it is part of, opened for an officer of one of the two sides.
struct Opened {
    child: Child,
    request: Sealed,
    sheaf: mine::Sheaf,
    purpose: Purpose,
    process: Process,
    events: Vec<ChildEvent>,
    stops: Vec<ChildStop>,
    files: Vec<FileRow>,
    actor: Actor,
}

async fn open(house: &Casework, officer: &OfficerCaller, id: &str) -> Result<Opened, DossierError> {
    let id: ChildId = id.parse().map_err(|_| DossierError::NotFound)?;
    let (me, day) = (officer.account(), house.now().local_date());
    let (child, request, events, stops, files, away) = house
        .store()
        .read(move |tx| {
            let child = table::find(tx, id)?.ok_or(DossierError::NotFound)?;
            let request = coordination::store::find(tx, CoordinationId::from_uuid(id.uuid()))?;
            let request = request.ok_or(DossierError::NotFound)?;
            let (events, stops) = (table::events(tx, id)?, table::stops(tx, id)?);
            let files = file::store::of_child(tx, id)?;
            let away = crate::absence::store::stood_in_for(tx, me, day)?;
            Ok::<_, DossierError>((child, request, events, stops, files, away))
        })
        .await?;
    let sheaf = mine::sheaf(house, child.dossier).await?;
    let caller = Caller::Officer(officer.clone());
    let policy = house.identity().policy();
    let at = crate::desk::resource(&sheaf.dossier).and_at(child.unit);
    if !policy.decide(&caller, Right::DossierRead, &at) {
        return Err(DossierError::NotFound);
    }
    let allowed = policy
        .require(&caller, Right::PersonDisclose, &at)
        .map_err(identity::IdentityError::from)?;
    let purpose = Purpose::for_dossier(&caller, sheaf.dossier.id.uuid(), &allowed).about(child.code.clone());
    house.identity().record_use(&purpose, &sheaf.subjects()).await?;
    let is_hers = |who: AccountId| who == me || away.iter().any(|(absent, _)| *absent == who);
    let actor = Actor {
        account: Some(me),
        name: officer.name().to_owned(),
        receiver: receiver(house, &caller, child.unit),
        is_sender: works_at(house, &caller, sheaf.dossier.at),
        is_assignee: child.assignee.is_some_and(is_hers),
    };
    let process = house.process_of_child(&child).await?;
    Ok(Opened {
        child,
        request,
        sheaf,
        purpose,
        process,
        events,
        stops,
        files,
        actor,
    })
}

fn works_at(house: &Casework, caller: &Caller, unit: UnitId) -> bool {
    let policy = house.identity().policy();
    let at = Resource::at(unit).in_state(4);
    policy.decide(caller, Right::DossierProcess, &at) || policy.decide(caller, Right::DossierApprove, &at)
}

/// In which capacity the officer works for the unit that has it.
fn receiver(house: &Casework, caller: &Caller, unit: UnitId) -> Option<Capacity> {
    let found = capacity(caller)?;
    let right = match found {
        Capacity::Specialist => Right::DossierProcess,
        Capacity::Leader => Right::DossierApprove,
        Capacity::Desk | Capacity::Applicant => return None,
    };
    let at = Resource::at(unit).in_state(4);
    house.identity().policy().decide(caller, right, &at).then_some(found)
}

impl Opened {
    /// Whether the officer may know what the unit that has it says among its own.
    fn is_inside(&self) -> bool {
        self.actor.receiver.is_some()
    }

    /// The answer, once it went back; before that for who works on it.
    fn shows_answer(&self) -> bool {
        self.is_inside() || !self.child.is_open()
    }

    fn text(&self, house: &Casework, context: &str, sealed: Option<&Vec<u8>>) -> Result<Option<String>, DossierError> {
        let keys = house.keys();
        let open = |sealed: &Vec<u8>| mine::open_text(&keys, &self.purpose, context, sealed);
        sealed.map(open).transpose()
    }

    /// The words of its steps that this officer may read, in their order.
    fn notes(&self, house: &Casework) -> Result<Vec<Option<String>>, DossierError> {
        let all = self.events.iter().map(|event| {
            if !self.is_inside() && is_internal(&event.action) {
                return Ok(None);
            }
            self.text(house, &note_context(self.child.id, event.seq), event.note.as_ref())
        });
        all.collect()
    }
}

/// What the unit that has it says among its own.
fn is_internal(action: &str) -> bool {
    let read: Result<ChildAction, _> = action.parse();
    matches!(
        read,
        Ok(ChildAction::Claim
            | ChildAction::Assign
            | ChildAction::Forward
            | ChildAction::Propose
            | ChildAction::SendBack
            | ChildAction::Approve)
    )
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
    let open = open(&house, &officer, &id).await?;
    let parts = mine::open(&house, &open.purpose, &open.sheaf)?;
    let schema = crate::desk::http::schema_of(&house, &open.sheaf, &parts).await?;
    let id = CoordinationId::from_uuid(open.child.id.uuid());
    let question = open.text(
        &house,
        &coordination::http::question_context(id),
        open.request.question.as_ref(),
    )?;
    let answer = open.request.answer.as_ref().filter(|_| open.shows_answer());
    let answer = open.text(&house, &coordination::http::answer_context(id), answer)?;
    let answer_files: Vec<FileRow> = open.files.iter().filter(|_| open.shows_answer()).cloned().collect();
    let answer_files: Vec<NamedFile> = crate::draft::http::named(&house, &open.purpose, answer_files)?;
    let notes = open.notes(&house)?;
    let body = view::one(
        &shell,
        &view::One {
            child: &open.child,
            request: &open.request.request,
            dossier: &open.sheaf.dossier,
            siblings: &open.sheaf.children,
            content: &parts.content,
            schema: &schema,
            files: &parts.files,
            answer_files: &answer_files,
            question,
            answer,
            process: &open.process,
            events: &open.events,
            notes: &notes,
            stops: &open.stops,
            actions: &rules::open_actions(&open.child, &open.process, &open.actor),
            reads_parent: open.actor.is_sender,
            now: house.now(),
            calendar: house.calendar(),
        },
    );
    let done: Option<ChildAction> = done.done.parse().ok();
    let banner =
        done.map(|action| crate::track::http::done_banner(&shell, &shell.text(&format!("child-done-{action}"))));
    Ok(Page::new(&shell, open.child.code.clone())
        .crumbs(crumbs(&shell))
        .wide()
        .body(maud::html! { @if let Some(banner) = banner { (banner) } (body) }))
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![
        Crumb::new("/desk", shell.text("desk-title")),
        Crumb::new("/desk/child-dossiers", shell.text("child-title")),
    ]
}

async fn download(
    State(house): State<Casework>,
    officer: OfficerCaller,
    Path((id, file)): Path<(String, String)>,
) -> Reply<Response> {
    let open = open(&house, &officer, &id).await?;
    let file: FileId = file.parse().map_err(|_| DossierError::FileNotFound)?;
    let own = open.files.iter().filter(|_| open.shows_answer());
    let mut all = open.sheaf.files.iter().chain(own);
    let row = all.find(|row| row.id == file).ok_or(DossierError::FileNotFound)?;
    file::http::send(&house, &open.purpose, row).await
}

/// What the form of an action offers.
async fn around(house: &Casework, open: &Opened, action: ChildAction) -> Result<Around, DossierError> {
    let mut around = Around {
        files: house.settings().files,
        answers: rules::answers(&open.child, &open.process, action),
        ..Around::default()
    };
    let day = house.now().local_date();
    match action {
        ChildAction::Assign => {
            let unit = open.child.unit;
            let found = house
                .store()
                .read(move |tx| identity::account::holders(tx, &[unit], Role::Specialist, day, 0))
                .await?;
            let mut officers: Vec<_> = found.into_iter().map(|(id, name, _, _)| (id, name)).collect();
            officers.dedup();
            officers.retain(|(id, _)| open.child.assignee != Some(*id));
            around.officers = officers;
        }
        ChildAction::SendOn => {
            let mut units = coordination::http::others_of(house, open.child.unit);
            units.retain(|_, unit| *unit != open.sheaf.dossier.at && *unit != open.sheaf.dossier.unit);
            around.units = units;
        }
        _ => {}
    }
    Ok(around)
}

async fn ask(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, action)): Path<(String, String)>,
) -> Reply {
    let action: ChildAction = action.parse().map_err(|_| DossierError::NotFound)?;
    let open = open(&house, &officer, &id).await?;
    rules::may(&open.child, &open.process, action, &open.actor)?;
    let around = around(&house, &open, action).await?;
    let form = built(&shell, &open, action, &around, None);
    Ok(action_page(
        &shell,
        &open,
        action,
        &form,
        &Values::none(),
        &Errors::none(),
    ))
}

fn built(shell: &Shell, open: &Opened, action: ChildAction, around: &Around, submitted: Option<&Submitted>) -> Form {
    let form = form::form(&open.child, action, around);
    if around.answers {
        kept::carried(form, shell, submitted)
    } else {
        form
    }
}

fn action_page(
    shell: &Shell,
    open: &Opened,
    action: ChildAction,
    form: &Form,
    values: &Values,
    errors: &Errors,
) -> Page {
    let body = view::act(
        shell,
        &open.child,
        (&open.sheaf.dossier, action),
        &form.render(shell, values, errors),
    );
    Page::new(shell, shell.text(&format!("child-do-{action}")))
        .crumbs(crumbs(shell))
        .errors(errors)
        .body(body)
}

async fn done(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, action)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let action: ChildAction = action.parse().map_err(|_| DossierError::NotFound)?;
    let open = open(&house, &officer, &id).await?;
    let around = around(&house, &open, action).await?;
    let form = built(&shell, &open, action, &around, Some(&submitted));
    let keeper = Keeper::of(&house, officer.account(), &submitted).filter(|_| around.answers);
    let (values, errors) = match form.parse(&submitted) {
        Ok(values) => match carry_out(
            &house,
            &officer,
            &open,
            (action, &around),
            (&submitted, &values, keeper),
        )
        .await
        {
            Ok(after) => return Ok(see_other(&format!("/desk/child-dossiers/{}?done={action}", after.id))),
            Err(error @ (DossierError::FilesGone | DossierError::ReasonMissing | DossierError::AssigneeUnknown)) => {
                let field = match error {
                    DossierError::FilesGone => "file",
                    DossierError::AssigneeUnknown => "officer",
                    _ => "note",
                };
                let mut errors = Errors::none();
                errors.add_fault(field, &error);
                (form.typed(&submitted), errors)
            }
            Err(DossierError::SentBefore) => {
                let mut errors = Errors::none();
                errors.add_fault("unit", &DossierError::SentBefore);
                (form.typed(&submitted), errors)
            }
            Err(error) => return Err(error.into()),
        },
        Err(errors) => {
            rules::may(&open.child, &open.process, action, &open.actor)?;
            (form.typed(&submitted), errors)
        }
    };
    let (mut values, mut errors) = (values, errors);
    if let Some(field) = form.get("file") {
        let shown = (&open.purpose, &mut values);
        let lost = kept::keep(&house, keeper, (field, &submitted), files::PLACE, shown).await?;
        kept::tell_lost(&mut errors, lost);
    }
    Ok(action_page(&shell, &open, action, &form, &values, &errors).into_response())
}

async fn carry_out(
    house: &Casework,
    officer: &OfficerCaller,
    open: &Opened,
    (action, around): (ChildAction, &Around),
    (submitted, values, keeper): (&Submitted, &Values, Option<Keeper>),
) -> Result<Child, DossierError> {
    rules::may(&open.child, &open.process, action, &open.actor)?;
    let revision = values.integer("revision").unwrap_or(open.child.revision);
    let (world, words) = (house.world(), values.text("note").trim());
    let chosen: Option<AccountId> = values.typed("officer");
    let assignee = match action {
        ChildAction::Claim => Some((officer.account(), officer.name().to_owned())),
        ChildAction::Assign => around.officers.iter().find(|(id, _)| Some(*id) == chosen).cloned(),
        _ => None,
    };
    let next = match action {
        ChildAction::SendOn => Some(next(house, officer, open, around, values).await?),
        _ => None,
    };
    let seal = |context: &str| {
        let sealed = house.keys().seal(world.as_ref(), context, words.as_bytes());
        sealed.into_bytes()
    };
    let request = CoordinationId::from_uuid(open.child.id.uuid());
    let says = matches!(action, ChildAction::GiveBack | ChildAction::TakeBack) || around.answers;
    let answer = (says && !words.is_empty()).then(|| seal(&coordination::http::answer_context(request)));
    let note = (!words.is_empty() && !around.answers).then(|| seal(&note_context(open.child.id, revision + 1)));
    let brought = if around.answers {
        Brought::of(house, keeper, ("file", submitted), open.child.id.uuid(), files::PLACE).await?
    } else {
        Brought::default()
    };
    let command = Command {
        once: submitted.once,
        child: open.child.id,
        revision,
        action,
        deed: Deed {
            has_words: !words.is_empty(),
            assignee,
        },
        actor: open.actor.clone(),
        account: officer.account(),
        unit_name: officer.unit().map(|unit| house.identity().unit_name(unit, Lang::Vi)),
        now: house.now(),
        note,
        answer,
        files: brought,
        process: open.process.clone(),
        next,
        outbox: kernel::id::uuid_v7(world.as_ref()),
    };
    let calendar = house.calendar().clone();
    house
        .store()
        .write(move |tx| act::perform(tx, &command, &calendar))
        .await
}

/// The request to the third unit, with the first question and why it was sent on.
async fn next(
    house: &Casework,
    officer: &OfficerCaller,
    open: &Opened,
    around: &Around,
    values: &Values,
) -> Result<Next, DossierError> {
    let chosen: UnitId = values.typed("unit").ok_or(DossierError::UnitMissing)?;
    let found = around.units.iter().find(|(_, unit)| **unit == chosen);
    let (name, unit) = found.ok_or(DossierError::UnitMissing)?;
    let world = house.world();
    let id = CoordinationId::new(world.as_ref());
    let first = CoordinationId::from_uuid(open.child.id.uuid());
    let asked = open.text(
        house,
        &coordination::http::question_context(first),
        open.request.question.as_ref(),
    )?;
    let words = [asked.unwrap_or_default(), values.text("note").trim().to_owned()];
    let question = words.join("\n\n").trim().to_owned();
    let question = house.keys().seal(
        world.as_ref(),
        &coordination::http::question_context(id),
        question.as_bytes(),
    );
    let request = Coordination {
        id,
        dossier: open.sheaf.dossier.id,
        kind: CoordinationKind::HandOver,
        step: open.request.request.step.clone(),
        agency: unit.to_string(),
        agency_name: name.clone(),
        unit: Some(*unit),
        state: CoordinationState::Asked,
        asked_at: house.now(),
        asked_by: officer.name().to_owned(),
        asked_unit: open.child.unit_name.clone(),
        due_at: open.child.due_at,
        accepted_at: None,
        accepted_by: None,
        ended_at: None,
        ended_by: None,
        opinion: None,
    };
    let procedure = open.child.procedure.as_ref().map(ToString::to_string);
    let handed = house.handed(procedure.as_deref(), open.child.limit()?).await?;
    Ok(Next {
        request,
        handed,
        question: question.into_bytes(),
    })
}

/// The page of a child, for a request that has one.
pub(crate) fn moved(children: &[Child], request: CoordinationId) -> Option<Response> {
    let found = children.iter().find(|child| child.id.uuid() == request.uuid());
    found.map(|child| see_other(&format!("/desk/child-dossiers/{}", child.id)))
}
