//! The machine of a dossier: which action leads from which state to which, for whom, and what must come with it.
//! Pure: no clock, no table. Whoever wants to know what may happen next asks here, pages included.
//! Law: NĐ 118/2025/NĐ-CP (reception, one supplement request, return), NĐ 45/2020 (8 working hours to check).

use identity::AccountId;
use kernel::Timestamp;
use kernel::calendar::{CutOff, Deadline, TimeLimit, WorkingCalendar};

use super::state::{Action, Capacity, Delivery, Outcome, State};
use super::{Dossier, DossierError};

/// Working hours within which the desk must have looked at what came in (NĐ 45/2020/NĐ-CP).
pub const CHECK_WORKING_HOURS: i32 = 8;

/// Most defects one request may list; more is a refusal in disguise.
pub const DEFECTS_MAX: usize = 20;

/// Where the machine goes. `resume` is the state that a wait interrupted.
///
/// # Errors
/// `WrongState` when the action does not exist in this state, `NotYours` when it does but in none of `capacities`.
pub fn next_state(
    state: State,
    resume: Option<State>,
    action: Action,
    capacities: &[Capacity],
) -> Result<State, DossierError> {
    let mut exists = false;
    for &capacity in Capacity::ALL {
        let Some(target) = edge(state, resume, action, capacity) else {
            continue;
        };
        if capacities.contains(&capacity) {
            return Ok(target);
        }
        exists = true;
    }
    Err(if exists {
        DossierError::NotYours { action }
    } else {
        DossierError::WrongState { state, action }
    })
}

/// One arrow of the machine, or none. The only place where arrows are written down.
fn edge(state: State, resume: Option<State>, action: Action, capacity: Capacity) -> Option<State> {
    use Capacity::{Applicant, Desk, Leader, Specialist};
    use State::{
        Approved, AwaitingFee, AwaitingSupplement, Processing, Proposed, Received, Refused, Returned, Stopped,
        Submitted, Withdrawn,
    };
    let to = match (action, state, capacity) {
        (Action::Receive, Submitted, Desk) => Received,
        (Action::Refuse, Submitted, Desk) => Refused,
        (Action::AskSupplement, Submitted, Desk)
        | (Action::AskSupplement, Received | Processing, Specialist)
        | (Action::AskSupplement, Submitted | Received | Processing, Leader) => AwaitingSupplement,
        (Action::AskFee, Submitted, Desk) | (Action::AskFee, Received | Processing, Specialist) => AwaitingFee,
        (Action::AnswerSupplement, AwaitingSupplement, Applicant | Desk) | (Action::ConfirmFee, AwaitingFee, Desk) => {
            resume?
        }
        (Action::Assign, Received | Processing, Leader) | (Action::Claim, Received, Specialist) => Processing,
        (Action::Propose, Processing, Specialist) => Proposed,
        (Action::SendBack, Proposed, Leader) => Processing,
        (Action::Approve, Proposed, Leader) => Approved,
        (Action::AttachResult, Processing, Specialist) => Processing,
        (Action::AttachResult, Approved, Desk) => Approved,
        (Action::Return, Approved, Desk) => Returned,
        (Action::Stop, Received | Processing | Proposed | AwaitingSupplement | AwaitingFee, Leader) => Stopped,
        (
            Action::Withdraw,
            Submitted | Received | Processing | Proposed | AwaitingSupplement | AwaitingFee,
            Applicant,
        ) => Withdrawn,
        _ => return None,
    };
    Some(to)
}

/// The actions open to somebody now, in the order of the machine. Pages draw exactly these.
#[must_use]
pub fn open_actions(dossier: &Dossier, capacities: &[Capacity], is_assignee: bool) -> Vec<Action> {
    Action::ALL
        .iter()
        .copied()
        .filter(|&action| next_state(dossier.state, dossier.resume, action, capacities).is_ok())
        .filter(|&action| {
            is_assignee || !needs_assignee(dossier.state, action) || capacities.contains(&Capacity::Leader)
        })
        .filter(|&action| action != Action::Propose || is_assignee)
        .filter(|&action| {
            !(action == Action::AskSupplement && dossier.supplements > 0) || capacities.contains(&Capacity::Leader)
        })
        .collect()
}

/// While an officer works on a dossier, only that officer (or a leader) asks the applicant for more.
const fn needs_assignee(state: State, action: Action) -> bool {
    matches!(
        (state, action),
        (
            State::Processing,
            Action::Propose | Action::AskSupplement | Action::AskFee | Action::AttachResult
        )
    )
}

/// Decides a whole action: the arrow, then what must come with it. `who` is compared with the assignee and the proposer.
///
/// # Errors
/// Each variant of [`DossierError`] says what to do about it.
pub fn decide(dossier: &Dossier, action: Action, by: &Actor<'_>) -> Result<State, DossierError> {
    let target = next_state(dossier.state, dossier.resume, action, by.capacities)?;
    let is_leader = by.capacities.contains(&Capacity::Leader);
    let is_assignee = dossier.assignee.is_some() && dossier.assignee == by.account;
    if action == Action::Propose && !is_assignee {
        return Err(DossierError::NotAssignee);
    }
    if needs_assignee(dossier.state, action) && !is_assignee && !is_leader {
        return Err(DossierError::NotAssignee);
    }
    if action == Action::AskSupplement && dossier.supplements > 0 && !is_leader {
        return Err(DossierError::SecondSupplementNeedsLeader);
    }
    if action == Action::Approve && dossier.proposed_by.is_some() && dossier.proposed_by == by.account {
        return Err(DossierError::SamePerson);
    }
    Ok(target)
}

/// Who acts, reduced to what the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// Account of the actor.
    pub account: Option<AccountId>,
    /// Capacities held at the dossier's unit.
    pub capacities: &'a [Capacity],
}

/// What comes with an action, reduced to what the rules look at; texts and files themselves are none of their business.
#[derive(Debug, Clone, Default)]
pub struct Deed {
    /// Time limit that starts with reception.
    pub limit: Option<TimeLimit>,
    /// Hour after which reception counts as the next day's.
    pub cut_off: Option<CutOff>,
    /// Who is to work on it.
    pub assignee: Option<(AccountId, String)>,
    /// What is proposed or decided.
    pub outcome: Option<Outcome>,
    /// How the result is handed over.
    pub delivery: Option<Delivery>,
    /// A reason is given.
    pub has_reason: bool,
    /// Number of defects listed.
    pub defects: usize,
    /// A result file is attached, now or before.
    pub has_result: bool,
}

/// The dossier after `action`, one revision later, or why it cannot be.
///
/// # Errors
/// Each variant of [`DossierError`] says what to do about it.
pub fn apply(
    dossier: &Dossier,
    action: Action,
    deed: &Deed,
    by: &Actor<'_>,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Result<Dossier, DossierError> {
    let target = decide(dossier, action, by)?;
    check_deed(dossier, action, deed)?;
    let mut after = dossier.clone();
    after.state = target;
    after.revision += 1;
    after.changed_at = now;
    match action {
        Action::Receive => receive(&mut after, deed, now, calendar)?,
        Action::AskSupplement | Action::AskFee => {
            after.resume = Some(dossier.state);
            after.stopped_at = Some(now);
            after.supplements += i64::from(action == Action::AskSupplement);
        }
        Action::AnswerSupplement | Action::ConfirmFee => go_on(&mut after, now, calendar),
        Action::Assign => {
            let (account, name) = deed.assignee.clone().ok_or(DossierError::AssigneeUnknown)?;
            (after.assignee, after.assignee_name) = (Some(account), Some(name));
        }
        Action::Claim => {
            let name = deed.assignee.as_ref().map(|(_, name)| name.clone());
            (after.assignee, after.assignee_name) = (by.account, name);
        }
        Action::Propose => (after.proposed_by, after.outcome) = (by.account, deed.outcome),
        Action::SendBack => (after.proposed_by, after.outcome) = (None, None),
        Action::Approve | Action::Refuse | Action::Stop | Action::Withdraw => end(&mut after, now, calendar),
        Action::Return => {
            after.returned_at = Some(now);
            after.delivery = deed.delivery.unwrap_or(dossier.delivery);
        }
        Action::AttachResult => {}
    }
    Ok(after)
}

/// What must come with an action besides the right to do it.
fn check_deed(dossier: &Dossier, action: Action, deed: &Deed) -> Result<(), DossierError> {
    let denied = deed.outcome == Some(Outcome::Denied);
    let needs_reason = match action {
        Action::Refuse | Action::SendBack | Action::Stop | Action::AskFee | Action::ConfirmFee => true,
        Action::Propose => denied,
        _ => false,
    };
    if needs_reason && !deed.has_reason {
        return Err(DossierError::ReasonMissing);
    }
    match action {
        Action::AskSupplement if !(1..=DEFECTS_MAX).contains(&deed.defects) => Err(DossierError::DefectsMissing),
        Action::Propose if deed.outcome.is_none() => Err(DossierError::BadValue("outcome")),
        Action::AttachResult if !deed.has_result => Err(DossierError::ResultMissing),
        Action::Return => {
            let electronic = deed.delivery.unwrap_or(dossier.delivery) == Delivery::Electronic;
            if electronic && !deed.has_result {
                Err(DossierError::ResultMissing)
            } else {
                Ok(())
            }
        }
        _ => Ok(()),
    }
}

fn receive(after: &mut Dossier, deed: &Deed, now: Timestamp, calendar: &WorkingCalendar) -> Result<(), DossierError> {
    let limit = deed.limit.ok_or(DossierError::LimitMissing)?;
    let due = calendar.deadline_with(now, limit, deed.cut_off);
    after.received_at = Some(now);
    after.is_late_receipt = now > after.check_by;
    after.time_limit = Some(limit.to_string());
    after.due_at = Some(due.at);
    after.is_due_confirmed = due.confirmed;
    Ok(())
}

/// The applicant has done her part: the clock goes on with what was left of the time.
fn go_on(after: &mut Dossier, now: Timestamp, calendar: &WorkingCalendar) {
    let stopped_at = after.stopped_at.take().unwrap_or(now);
    after.resume = None;
    if after.received_at.is_some() {
        after.stopped_minutes += calendar.working_time_between(stopped_at, now).as_mins().max(0);
    }
    if after.state == State::Submitted {
        after.check_by = check_by(now, calendar);
    }
    let limit = after
        .time_limit
        .as_deref()
        .and_then(|text| text.parse::<TimeLimit>().ok());
    if let (Some(due), Some(limit)) = (after.due_at, limit) {
        let due = calendar.resumed(
            limit,
            Deadline {
                at: due,
                confirmed: after.is_due_confirmed,
            },
            stopped_at,
            now,
        );
        after.due_at = Some(due.at);
        after.is_due_confirmed = due.confirmed;
    }
}

/// The authority has decided, or need not any more. Late is late only while the authority's own clock ran.
fn end(after: &mut Dossier, now: Timestamp, calendar: &WorkingCalendar) {
    let stood_at = after.stopped_at.take().unwrap_or(now);
    after.resume = None;
    after.decided_at = Some(now);
    after.is_late = after.due_at.is_some_and(|due| due < stood_at);
    after.worked_minutes = after
        .received_at
        .map(|received| (calendar.working_time_between(received, stood_at).as_mins() - after.stopped_minutes).max(0));
}

/// When the desk must have looked at what came in at `at`.
#[must_use]
pub fn check_by(at: Timestamp, calendar: &WorkingCalendar) -> Timestamp {
    calendar.add_working_hours(at, CHECK_WORKING_HOURS)
}
