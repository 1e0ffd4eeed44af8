//! Carrying out an officer's action: decide by policy, read the form, take the files, make the order, perform it.
//! It decides nothing by itself: what may happen is in `dossier::rules`, who may do it in the policies.

use identity::{Caller, OfficerCaller, Role};
use web::Submitted;
use web::form::Values;

use super::actions::{self, Around};
use super::defects::Prepared;
use super::{acting, capacity};
use crate::Casework;
use crate::dossier::command::{self, By, Order};
use crate::dossier::rules;
use crate::dossier::state::{Action, Capacity, State};
use crate::dossier::{Dossier, DossierError, SupplementId, policy_action};
use crate::effect;
use crate::file::kept::{Brought, Keeper};
use crate::file::{FilePurpose, transfer};
use crate::handover;
use crate::procedure::ChannelKind;
use crate::procedure::form::under;

/// What the forms of a dossier's actions need to know.
pub(crate) async fn around(house: &Casework, dossier: &Dossier, action: Action) -> Result<Around, DossierError> {
    let mut around = Around {
        files: house.settings().files,
        ..Around::default()
    };
    if action == Action::Receive {
        let found = house
            .catalogue()
            .find(&dossier.procedure, Some(dossier.procedure_version))
            .await?;
        around.limit = found.and_then(|(procedure, _)| procedure.time_limit(ChannelKind::Online));
    }
    if matches!(
        action,
        Action::AskSupplement | Action::Refuse | Action::Propose | Action::Forward
    ) {
        around.prepared = prepared(house, dossier).await?;
    }
    if action == Action::Forward {
        let process = house.processes().of(dossier).await?;
        let capacities = [capacity_of_step(&process, dossier)];
        let target = rules::next_state(dossier, &process, action, &capacities);
        around.decides = matches!(target, Ok(State::Approved));
    }
    if action == Action::Assign {
        around.officers = officers(house, dossier).await?;
    }
    Ok(around)
}

/// What can be wrong with the papers of a dossier's procedure. All of them, needed here or not: which are needed follows from
/// answers, and those are not opened for a list.
async fn prepared(house: &Casework, dossier: &Dossier) -> Result<Prepared, DossierError> {
    let found = house
        .catalogue()
        .find(&dossier.procedure, Some(dossier.procedure_version))
        .await?;
    let Some((procedure, _)) = found else {
        return Ok(Prepared::default());
    };
    Ok(match house.definitions().of(&dossier.procedure).await? {
        Some((defined, _)) => Prepared::of(&under::listed(&procedure, &defined)),
        None => Prepared::of(&procedure),
    })
}

/// The capacity that does the step at which a dossier stands.
fn capacity_of_step(process: &crate::process::Process, dossier: &Dossier) -> Capacity {
    let at = process.position(&dossier.position.step);
    let role = at.and_then(|at| process.step(at)).map(|step| step.by.role.as_str());
    role.and_then(|role| role.parse().ok()).unwrap_or(Capacity::Specialist)
}

/// Specialists who may work on a dossier: those at the competent unit and above it inside the same agency.
async fn officers(house: &Casework, dossier: &Dossier) -> Result<Vec<(identity::AccountId, String)>, DossierError> {
    let day = house.now().local_date();
    let book = house.identity().units();
    let mut units = vec![dossier.at];
    if let Some(agency) = book.agency_of(dossier.at, day) {
        units.push(agency.id);
    }
    units.dedup();
    let found = house
        .store()
        .read(move |tx| identity::account::holders(tx, &units, Role::Specialist, day, 0))
        .await?;
    let mut officers: Vec<_> = found.into_iter().map(|(id, name, _, _)| (id, name)).collect();
    officers.dedup();
    // Who has it already is given nothing.
    officers.retain(|(id, _)| dossier.assignee != Some(*id));
    Ok(officers)
}

/// Performs an action from its parsed form.
///
/// # Errors
/// What policy, rules and store say.
pub(crate) async fn act(
    house: &Casework,
    officer: &OfficerCaller,
    dossier: &Dossier,
    action: Action,
    around: &Around,
    (submitted, values): (&Submitted, &Values),
) -> Result<Dossier, DossierError> {
    let seen = values.integer("revision").unwrap_or(dossier.revision);
    if seen != dossier.revision {
        // Told first: what the rules say of a dossier that moved on would puzzle whoever looked at the old page.
        return Err(DossierError::Stale {
            expected: seen,
            found: dossier.revision,
        });
    }
    let caller = Caller::Officer(officer.clone());
    let right = policy_action(action, dossier.state);
    house
        .identity()
        .policy()
        .require(&caller, right, &acting(dossier))
        .map_err(identity::IdentityError::from)?;
    let capacity = capacity(&caller).ok_or(DossierError::NotYours { action })?;
    if action == Action::Assign && dossier.assignee.is_some() {
        return reassign(house, officer, dossier, around, (submitted.once, values)).await;
    }
    let way = house.way_of(dossier).await?;
    let mut order = Order::new(submitted.once, dossier, action, way);
    order.deed.cut_off = house.settings().cut_off;
    actions::fill(&mut order, values, around)?;
    if action == Action::Claim {
        order.deed.assignee = Some((officer.account(), officer.name().to_owned()));
    }
    bring(house, officer, dossier, &mut order, submitted).await?;
    let by = By {
        account: officer.account(),
        capacity,
        name: Some(officer.name().to_owned()),
        unit: officer.unit().map(|unit| (unit, unit_name(house, unit))),
    };
    // What is decided with this step, or was before.
    let outcome = match action {
        Action::Forward => order.deed.outcome,
        _ => dossier.outcome,
    };
    order.effects = effect::prepare(house, officer, dossier, (&order.way, action), (outcome, &by)).await?;
    let command = command::prepare(order, by, house.world().as_ref(), &house.keys());
    let calendar = house.calendar().clone();
    house
        .store()
        .write(move |tx| command::perform(tx, &command, &calendar))
        .await
}

/// Takes work from one officer and gives it to another: it waits for her word while the first one is there.
async fn reassign(
    house: &Casework,
    officer: &OfficerCaller,
    dossier: &Dossier,
    around: &Around,
    (once, values): (uuid::Uuid, &Values),
) -> Result<Dossier, DossierError> {
    let chosen = actions::chosen(values, around)?;
    let at_once = !handover::is_there(house, dossier).await?;
    let step = handover::Step::of(house, officer, once, values.text("note"))?;
    let seen = (dossier.id, dossier.revision);
    house
        .store()
        .write(move |tx| handover::reassign(tx, &step, seen, &chosen, at_once))
        .await
}

fn unit_name(house: &Casework, unit: identity::UnitId) -> String {
    house.identity().unit_name(unit, kernel::Lang::Vi)
}

/// Where the files of an action belong, and the request they answer; none for an action that takes no files.
pub(crate) async fn place(
    house: &Casework,
    dossier: &Dossier,
    action: Action,
) -> Result<Option<(transfer::Place, Option<SupplementId>)>, DossierError> {
    let (purpose, supplement) = match action {
        Action::Forward | Action::Propose | Action::Approve | Action::AttachResult | Action::Return => {
            (FilePurpose::Result, None)
        }
        Action::AnswerSupplement => {
            let id = dossier.id;
            let rows = house
                .store()
                .read(move |tx| crate::dossier::store::supplements(tx, id))
                .await?;
            let open = rows.iter().find(|row| row.answered_at.is_none()).map(|row| row.id);
            (FilePurpose::Supplement, open)
        }
        _ => return Ok(None),
    };
    let place = transfer::Place {
        purpose,
        component: None,
        supplement,
    };
    Ok(Some((place, supplement)))
}

/// Puts into an order the files that came with its form: fresh ones, and those that were kept from an earlier sending of it.
async fn bring(
    house: &Casework,
    officer: &OfficerCaller,
    dossier: &Dossier,
    order: &mut Order,
    submitted: &Submitted,
) -> Result<(), DossierError> {
    let Some((place, supplement)) = place(house, dossier, order.action).await? else {
        return Ok(());
    };
    order.answers = supplement;
    let keeper = Keeper::of(house, officer.account(), submitted);
    let mut brought = Brought::of(house, keeper, (actions::FILES, submitted), dossier.id.uuid(), place).await?;
    order.files = std::mem::take(&mut brought.fresh);
    order.kept = brought;
    Ok(())
}
