//! One dossier as an officer sees it, its files and receipt, and the forms of its actions.
//! Every view of its contents writes one use row, durable before the page leaves.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use identity::{Action as Right, Caller, OfficerCaller, Purpose};
use serde::Deserialize;
use web::form::{Errors, Form, Values};
use web::{Failure, Page, Reply, Shell, Submitted, format, see_other};

use super::crumbs;
use crate::desk::view;
use crate::desk::{act, acting, actions, capacity, defects, open_actions, resource};
use crate::dossier::state::Action;
use crate::dossier::store as dossiers;
use crate::dossier::{Dossier, DossierError, DossierId, FileId};
use crate::file;
use crate::file::kept::{self, Keeper};
use crate::procedure::form::{FormSchema, under};
use crate::track::mine::{self, Sheaf};
use crate::{Casework, absence, comment, handover};

/// A dossier that this officer may read, with the purpose under which it is opened; the use is recorded.
pub(crate) async fn disclosed(
    house: &Casework,
    officer: &OfficerCaller,
    id: &str,
) -> Result<(Sheaf, Purpose), DossierError> {
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
    house.identity().record_use(&purpose, &sheaf.subjects()).await?;
    Ok((sheaf, purpose))
}

/// The form that was answered, with which answers are read.
pub(crate) async fn schema_of(house: &Casework, sheaf: &Sheaf, opened: &mine::Opened) -> Result<FormSchema, Failure> {
    let found = house
        .catalogue()
        .find(&sheaf.dossier.procedure, Some(sheaf.dossier.procedure_version))
        .await?;
    let Some((procedure, _)) = found else {
        return Ok(FormSchema::default());
    };
    let (content, relation) = (&opened.content, sheaf.dossier.representation);
    let today = house.now().local_date();
    let procedure = under::of_dossier(procedure, content, relation, today, house.store()).await?;
    Ok(procedure.form_or_generic())
}

/// Which action was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

pub(super) async fn one(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Reply {
    let (sheaf, purpose) = disclosed(&house, &officer, &id).await?;
    let opened = mine::open(&house, &purpose, &sheaf)?;
    let schema = schema_of(&house, &sheaf, &opened).await?;
    let me = officer.account();
    let offer = handover::http::section(&house, &shell, &officer, &sheaf.dossier).await?;
    let comments = comment::of_dossier(&house, &purpose, sheaf.dossier.id).await?;
    let comment_allowed = comment::http::may(&house, &officer, &sheaf.dossier);
    let caller = Caller::Officer(officer);
    let process = house.processes().of(&sheaf.dossier).await?;
    let stands_in = absence::stands_in(&house, me, &sheaf.dossier).await?;
    let mut open = open_actions(&house, &caller, &sheaf.dossier, &process, stands_in);
    // What is late already cannot be put off any more.
    let is_late = sheaf.dossier.due_at.is_none_or(|due| due < house.now());
    open.retain(|action| *action != Action::Extend || !is_late);
    let body = view::dossier(
        &shell,
        &view::Page {
            dossier: &sheaf.dossier,
            content: &opened.content,
            schema: &schema,
            events: &sheaf.events,
            notes: &opened.notes,
            comments: &comments,
            may_comment: comment_allowed,
            may_give_back: offer.may_give_back,
            files: &opened.files,
            supplements: &opened.supplements,
            requests: &sheaf.requests,
            children: &sheaf.children,
            process: &process,
            actions: &open,
            grounds: &opened.grounds,
            hand_over: opened.hand_over.as_ref(),
            now: house.now(),
            calendar: house.calendar(),
        },
    );
    let banner = done
        .done
        .parse::<Action>()
        .ok()
        .map(|action| crate::track::http::done_banner(&shell, &shell.text(&format!("desk-done-{action}"))));
    let deceased = crate::bereavement::section(&house, &shell, &sheaf).await?;
    let fees = crate::fee::http::desk_section(&house, &shell, &sheaf.dossier).await?;
    let papers = crate::result::http::desk_section(&house, &shell, &caller, &sheaf).await?;
    let effects = match caller.officer() {
        Some(officer) => crate::effect::http::section(&house, &shell, officer, (&sheaf.dossier, &process)).await?,
        None => maud::html! {},
    };
    let body = maud::html! { @if let Some(banner) = banner { (banner) } (offer.note) (deceased) (body) (effects) (fees) (papers) };
    Ok(Page::new(&shell, sheaf.dossier.code.to_string())
        .crumbs(crumbs(&shell))
        .wide()
        .body(body))
}

pub(super) async fn receipt(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(id): Path<String>,
) -> Reply {
    let (sheaf, purpose) = disclosed(&house, &officer, &id).await?;
    let body = crate::track::http::receipt_body(&house, &shell, &purpose, &sheaf, false, false).await?;
    Ok(Page::new(&shell, shell.text("receipt-title"))
        .crumbs(crumbs(&shell))
        .body(body))
}

pub(super) async fn download(
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
pub(crate) async fn check_open(
    house: &Casework,
    officer: &OfficerCaller,
    dossier: &Dossier,
    action: Action,
) -> Result<(), DossierError> {
    let caller = Caller::Officer(officer.clone());
    let process = house.processes().of(dossier).await?;
    let stands_in = absence::stands_in(house, officer.account(), dossier).await?;
    if open_actions(house, &caller, dossier, &process, stands_in).contains(&action) {
        return Ok(());
    }
    let capacities = capacity(&caller).into_iter().collect::<Vec<_>>();
    let actor = crate::dossier::rules::Actor {
        account: Some(officer.account()),
        capacities: &capacities,
        stands_in,
    };
    crate::dossier::rules::decide(dossier, &process, action, &actor)?;
    let right = crate::dossier::policy_action(action, dossier.state);
    let caller = Caller::Officer(officer.clone());
    let refused = house.identity().policy().require(&caller, right, &acting(dossier));
    refused
        .map(|_| ())
        .map_err(|error| identity::IdentityError::from(error).into())
}

pub(crate) async fn ask(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, action)): Path<(String, String)>,
) -> Reply {
    let (dossier, action) = at(&house, &officer, &id, &action).await?;
    check_open(&house, &officer, &dossier, action).await?;
    let around = act::around(&house, &dossier, action).await?;
    let drawn = Drawn {
        dossier: &dossier,
        action,
        around: &around,
        submitted: None,
    };
    Ok(action_page(
        &house,
        &shell,
        &drawn,
        &actions::values(&dossier, action),
        &Errors::none(),
    ))
}

/// The form of an action, and what was sent with it.
struct Drawn<'a> {
    dossier: &'a Dossier,
    action: Action,
    around: &'a actions::Around,
    submitted: Option<&'a Submitted>,
}

impl Drawn<'_> {
    /// The form; where it takes files it finds those that it brought before.
    fn form(&self, shell: &Shell) -> Form {
        let form = actions::form(self.dossier, self.action, self.around);
        if form.get(actions::FILES).is_some() {
            kept::carried(form, shell, self.submitted)
        } else {
            form
        }
    }
}

/// The page again with what was typed, what is wrong with it, and the files that came along, kept.
async fn again(
    house: &Casework,
    shell: &Shell,
    officer: &OfficerCaller,
    drawn: &Drawn<'_>,
    mut errors: Errors,
) -> Reply<Response> {
    check_open(house, officer, drawn.dossier, drawn.action).await?;
    let Some(submitted) = drawn.submitted else {
        return Err(DossierError::NotFound.into());
    };
    let form = drawn.form(shell);
    let mut typed = form.typed(submitted);
    if let Some(field) = form.get(actions::FILES) {
        let keeper = Keeper::of(house, officer.account(), submitted);
        let caller = Caller::Officer(officer.clone());
        let allowed = house
            .identity()
            .policy()
            .require(&caller, Right::PersonDisclose, &resource(drawn.dossier))?;
        let purpose = Purpose::for_dossier(&caller, drawn.dossier.id.uuid(), &allowed);
        let place = act::place(house, drawn.dossier, drawn.action).await?;
        if let Some((place, _)) = place {
            let lost = kept::keep(house, keeper, (field, submitted), place, (&purpose, &mut typed)).await?;
            kept::tell_lost(&mut errors, lost);
        }
    }
    Ok(action_page(house, shell, drawn, &typed, &errors).into_response())
}

fn action_page(house: &Casework, shell: &Shell, drawn: &Drawn<'_>, values: &Values, errors: &Errors) -> Page {
    let (dossier, action, around) = (drawn.dossier, drawn.action, drawn.around);
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
    let form = drawn.form(shell).render(shell, values, errors);
    let title = shell.text(&format!("desk-do-{action}"));
    Page::new(shell, title)
        .errors(errors)
        .body(view::act(shell, dossier, action, &form, about))
}

pub(crate) async fn done(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path((id, action)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let (dossier, action) = at(&house, &officer, &id, &action).await?;
    let mut around = act::around(&house, &dossier, action).await?;
    around.rows = defects::rows_of(&submitted);
    let form = actions::form(&dossier, action, &around);
    let asks_more = form.asks_more(&submitted);
    around.rows += usize::from(asks_more);
    let drawn = Drawn {
        dossier: &dossier,
        action,
        around: &around,
        submitted: Some(&submitted),
    };
    if asks_more {
        return again(&house, &shell, &officer, &drawn, Errors::none()).await;
    }
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => return again(&house, &shell, &officer, &drawn, errors).await,
    };
    let wrong = actions::check(&dossier, action, &values, &around);
    if !wrong.is_empty() {
        return again(&house, &shell, &officer, &drawn, wrong).await;
    }
    let result = act::act(&house, &officer, &dossier, action, &around, (&submitted, &values)).await;
    match result {
        Ok(after) => Ok(see_other(&format!("/desk/dossiers/{}?done={action}", after.id))),
        Err(error) => match error_field(&error) {
            Some(field) => {
                let mut errors = Errors::none();
                match &error {
                    DossierError::Effect(refused) => errors.add_words(field, refused.words()),
                    error => errors.add_fault(field, error),
                }
                again(&house, &shell, &officer, &drawn, errors).await
            }
            None => Err(error.into()),
        },
    }
}

/// The field beside which a refusal of the rules is shown; others are pages of their own.
const fn error_field(error: &DossierError) -> Option<&'static str> {
    match error {
        DossierError::ReasonMissing => Some("note"),
        DossierError::DefectsMissing | DossierError::DefectBare => Some("what-1"),
        DossierError::ProofMissing => Some("taken-by"),
        DossierError::LimitMissing => Some("days"),
        DossierError::ResultMissing | DossierError::FilesGone => Some(actions::FILES),
        DossierError::AssigneeUnknown => Some("officer"),
        DossierError::Effect(_) => Some(""),
        _ => None,
    }
}
