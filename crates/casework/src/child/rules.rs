//! What may be done with a child dossier, by whom, and where it leads: the steps are those of a process, the sides are the unit
//! that has it and the unit that sent it. Pure. It refuses what has ended, work of somebody else, and an approval by who proposed.

use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;

use super::{Child, ChildAction, ChildId, ChildState, Handed, StopCause, clock};
use crate::coordination::{Coordination, CoordinationState};
use crate::dossier::state::Capacity;
use crate::dossier::{Dossier, DossierError};
use crate::process::rules::{Turn, turn};
use crate::process::{Position, Process};
use identity::{AccountId, UnitId};

/// Most units through which one part is sent on.
pub(crate) const CHAIN_MAX: usize = 5;

/// Who acts, reduced to what the rules look at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Actor {
    pub(crate) account: Option<AccountId>,
    pub(crate) name: String,
    /// She works for the unit that has it, in this capacity.
    pub(crate) receiver: Option<Capacity>,
    /// She works for the unit that sent it.
    pub(crate) is_sender: bool,
    /// The work is hers, or that of somebody for whom she stands in.
    pub(crate) is_assignee: bool,
}

/// What comes with an action.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deed {
    /// Words are given: a reason, a question, an answer.
    pub(crate) has_words: bool,
    /// To whom the work goes.
    pub(crate) assignee: Option<(AccountId, String)>,
}

/// The child of a request at the moment it is sent.
pub(crate) fn opened(
    parent: &Dossier,
    request: &Coordination,
    (unit, number): (UnitId, i64),
    handed: &Handed,
    calendar: &WorkingCalendar,
) -> Child {
    let now = request.asked_at;
    let due = calendar.deadline(now, handed.quota);
    let accept_by = clock::accept_by(now, request.due_at, calendar);
    Child {
        id: ChildId::from_uuid(request.id.uuid()),
        dossier: parent.id,
        number,
        code: format!("{}/{number}", parent.code),
        previous: None,
        unit,
        unit_name: request.agency_name.clone(),
        from_name: request.asked_unit.clone(),
        procedure: handed.procedure.clone(),
        process: handed.process.version(),
        quota: handed.quota.to_string(),
        position: position(&handed.process, 0, now, request.due_at, calendar),
        state: ChildState::Sent,
        resume: None,
        assignee: None,
        assignee_name: None,
        proposed_by: None,
        sent_at: now,
        accept_by,
        accepted_at: None,
        is_late_accept: false,
        due_at: request.due_at,
        is_due_confirmed: due.confirmed,
        is_held: false,
        stopped_at: None,
        stopped_minutes: 0,
        late_paused_minutes: 0,
        ended_at: None,
        is_late: false,
        late_minutes: 0,
        worked_minutes: None,
        changed_at: now,
        revision: 1,
    }
}

/// A step that is entered now: its own time, and never longer than what is left of the whole.
fn position(process: &Process, at: usize, now: Timestamp, due: Timestamp, calendar: &WorkingCalendar) -> Position {
    let step = process.step(at);
    Position {
        step: step.map(|step| step.name.clone()).unwrap_or_default(),
        since: now,
        due_at: step.map(|step| calendar.deadline(now, step.quota).at.min(due)),
    }
}

/// Whose turn the step is at which a child stands. Before it is accepted it stands at reception.
fn turn_of(child: &Child, process: &Process) -> Turn {
    let at = process.position(&child.position.step);
    at.map_or(Turn::Work { before_decision: true }, |at| turn(process, at))
}

/// Whether `actor` may take `action` now.
///
/// # Errors
/// `CoordinationEnded` when it has ended, `ChildState` when the action does not exist here, `NotYours`, `NotAssignee`,
/// `SamePerson`.
pub(crate) fn may(child: &Child, process: &Process, action: ChildAction, actor: &Actor) -> Result<(), DossierError> {
    use ChildAction as Do;
    use ChildState::{Accepted, Processing, Proposed, Sent, Waiting};
    if !child.is_open() {
        return Err(DossierError::CoordinationEnded);
    }
    let turn = turn_of(child, process);
    let works = matches!(turn, Turn::Work { .. });
    let exists = match action {
        Do::Accept => child.state == Sent,
        Do::Claim => child.state == Accepted && works,
        Do::Assign => matches!(child.state, Accepted | Processing) && works,
        Do::AskBack => matches!(child.state, Accepted | Processing),
        Do::Reply => child.state == Waiting,
        Do::Forward => child.state == Processing && matches!(turn, Turn::Work { before_decision: false }),
        Do::Propose => child.state == Processing && matches!(turn, Turn::Work { before_decision: true }),
        Do::SendBack | Do::Approve => child.state == Proposed,
        Do::GiveBack => matches!(child.state, Sent | Accepted | Processing),
        // A clock that stands still has no time that could be taken along.
        Do::SendOn => matches!(child.state, Sent | Accepted | Processing) && child.stopped_at.is_none(),
        Do::TakeBack => true,
    };
    if !exists {
        return Err(DossierError::ChildState);
    }
    let foreign = DossierError::NotYours {
        action: crate::dossier::state::Action::Forward,
    };
    if action.is_senders() {
        return if actor.is_sender { Ok(()) } else { Err(foreign) };
    }
    let is_leader = match actor.receiver {
        Some(Capacity::Leader) => true,
        Some(Capacity::Specialist) => false,
        _ => return Err(foreign),
    };
    match action {
        Do::Assign | Do::SendBack | Do::Approve if !is_leader => Err(foreign),
        Do::Claim if is_leader => Err(foreign),
        Do::Approve if child.proposed_by.is_some() && child.proposed_by == actor.account => {
            Err(DossierError::SamePerson)
        }
        Do::Forward | Do::Propose if !actor.is_assignee => Err(DossierError::NotAssignee),
        Do::AskBack | Do::GiveBack | Do::SendOn if child.assignee.is_some() && !actor.is_assignee && !is_leader => {
            Err(DossierError::NotAssignee)
        }
        _ => Ok(()),
    }
}

/// What `actor` may do now, in the order of the machine. Pages draw exactly these.
pub(crate) fn open_actions(child: &Child, process: &Process, actor: &Actor) -> Vec<ChildAction> {
    let all = ChildAction::ALL.iter().copied();
    all.filter(|action| may(child, process, *action, actor).is_ok())
        .collect()
}

/// Whether an action says something that must be written down.
pub(crate) const fn needs_words(action: ChildAction) -> bool {
    matches!(
        action,
        ChildAction::AskBack
            | ChildAction::Reply
            | ChildAction::Propose
            | ChildAction::SendBack
            | ChildAction::GiveBack
            | ChildAction::SendOn
            | ChildAction::TakeBack
    )
}

/// Whether an action carries the answer: it is laid before a leader, or goes back without one.
pub(crate) fn answers(child: &Child, process: &Process, action: ChildAction) -> bool {
    match action {
        ChildAction::Propose => true,
        ChildAction::Forward => leads_to(child, process) == Turn::Giving,
        _ => false,
    }
}

/// Whose turn comes after the step at which it stands.
fn leads_to(child: &Child, process: &Process) -> Turn {
    let at = process.position(&child.position.step).unwrap_or(0);
    turn(process, at + 1)
}

/// The child after an action, one revision later.
///
/// # Errors
/// As [`may`]; `ReasonMissing` without words, `AssigneeUnknown` without an officer.
pub(crate) fn apply(
    before: &Child,
    process: &Process,
    action: ChildAction,
    deed: &Deed,
    actor: &Actor,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Result<Child, DossierError> {
    may(before, process, action, actor)?;
    let must_say = needs_words(action) || answers(before, process, action);
    if must_say && !deed.has_words {
        return Err(DossierError::ReasonMissing);
    }
    let mut after = touched(before, now);
    match action {
        ChildAction::Accept => {
            after.state = ChildState::Accepted;
            after.accepted_at = Some(now);
            after.is_late_accept = before.stopped_at.unwrap_or(now) > before.accept_by;
            enter_next(&mut after, process, now, calendar);
        }
        ChildAction::Claim => {
            after.state = ChildState::Processing;
            (after.assignee, after.assignee_name) = (actor.account, Some(actor.name.clone()));
        }
        ChildAction::Assign => {
            let (account, name) = deed.assignee.clone().ok_or(DossierError::AssigneeUnknown)?;
            after.state = ChildState::Processing;
            (after.assignee, after.assignee_name) = (Some(account), Some(name));
        }
        ChildAction::AskBack => clock::stop(&mut after, StopCause::Asked, now),
        ChildAction::Reply => clock::start(&mut after, StopCause::Asked, now, calendar)?,
        ChildAction::Forward => {
            (after.assignee, after.assignee_name) = (None, None);
            enter_next(&mut after, process, now, calendar);
        }
        ChildAction::Propose => {
            after.proposed_by = actor.account;
            enter_next(&mut after, process, now, calendar);
        }
        ChildAction::SendBack => back(&mut after, process, now, calendar),
        ChildAction::Approve => {
            enter_next(&mut after, process, now, calendar);
            if after.state == ChildState::Processing {
                // Another officer works on the next step.
                after.state = ChildState::Accepted;
                (after.assignee, after.assignee_name, after.proposed_by) = (None, None, None);
            }
        }
        ChildAction::GiveBack => clock::end(&mut after, ChildState::GivenBack, now, calendar),
        ChildAction::SendOn => clock::end(&mut after, ChildState::SentOn, now, calendar),
        ChildAction::TakeBack => clock::end(&mut after, ChildState::TakenBack, now, calendar),
    }
    Ok(after)
}

/// The same one revision later.
pub(crate) fn touched(before: &Child, now: Timestamp) -> Child {
    let mut after = before.clone();
    after.revision += 1;
    after.changed_at = now;
    after
}

/// The next step begins; where that would be giving the result, the answer goes back and it ends.
fn enter_next(child: &mut Child, process: &Process, now: Timestamp, calendar: &WorkingCalendar) {
    let at = process.position(&child.position.step).map_or(1, |at| at + 1);
    match turn(process, at) {
        Turn::Giving => clock::end(child, ChildState::Answered, now, calendar),
        Turn::Decision => enter(child, process, (at, ChildState::Proposed), now, calendar),
        Turn::Work { .. } | Turn::Reception => {
            let state = if child.assignee.is_some() {
                ChildState::Processing
            } else {
                ChildState::Accepted
            };
            enter(child, process, (at, state), now, calendar);
        }
    }
}

/// Back to the last step of work before the decision.
fn back(child: &mut Child, process: &Process, now: Timestamp, calendar: &WorkingCalendar) {
    let at = process.position(&child.position.step).unwrap_or(1);
    let is_work = |at: &usize| matches!(turn(process, *at), Turn::Work { .. });
    let work = (1..at).rev().find(is_work).unwrap_or(1);
    child.proposed_by = None;
    let state = if child.assignee.is_some() {
        ChildState::Processing
    } else {
        ChildState::Accepted
    };
    enter(child, process, (work, state), now, calendar);
}

fn enter(
    child: &mut Child,
    process: &Process,
    (at, state): (usize, ChildState),
    now: Timestamp,
    calendar: &WorkingCalendar,
) {
    child.state = state;
    child.position = position(process, at, now, child.due_at, calendar);
}

/// The dossier began to wait for its applicant.
pub(crate) fn held(before: &Child, now: Timestamp) -> Child {
    let mut after = touched(before, now);
    clock::stop(&mut after, StopCause::Parent, now);
    after
}

/// The dossier waits no more.
///
/// # Errors
/// `Damaged` when the stored quota is no time limit.
pub(crate) fn released(before: &Child, now: Timestamp, calendar: &WorkingCalendar) -> Result<Child, DossierError> {
    let mut after = touched(before, now);
    clock::start(&mut after, StopCause::Parent, now, calendar)?;
    Ok(after)
}

/// The dossier was decided or ended: nobody needs the answer.
pub(crate) fn ended(before: &Child, now: Timestamp, calendar: &WorkingCalendar) -> Child {
    let mut after = touched(before, now);
    clock::end(&mut after, ChildState::Ended, now, calendar);
    after
}

/// It goes to the unit that followed its own. Who worked on it goes on if she works there.
pub(crate) fn succeeded(before: &Child, heir: (UnitId, &str), works_there: bool, now: Timestamp) -> Child {
    let mut after = touched(before, now);
    (after.unit, after.unit_name) = (heir.0, heir.1.to_owned());
    if !works_there {
        (after.assignee, after.assignee_name) = (None, None);
        match after.state {
            ChildState::Processing => after.state = ChildState::Accepted,
            ChildState::Waiting if after.resume == Some(ChildState::Processing) => {
                after.resume = Some(ChildState::Accepted);
            }
            _ => {}
        }
    }
    after
}

/// What its request says after a change.
pub(crate) fn request_state(state: ChildState) -> CoordinationState {
    match state {
        ChildState::Sent => CoordinationState::Asked,
        ChildState::Accepted | ChildState::Processing | ChildState::Proposed | ChildState::Waiting => {
            CoordinationState::Accepted
        }
        ChildState::Answered => CoordinationState::Answered,
        ChildState::GivenBack => CoordinationState::GivenBack,
        ChildState::SentOn => CoordinationState::SentOn,
        ChildState::TakenBack | ChildState::Ended => CoordinationState::TakenBack,
    }
}
