//! What may be done with a dossier: the process says which step follows which and who does it, the law what must come with
//! it, when the clock stands still, and when late is late. Pure: no clock, no table. Whoever wants to know what may happen next asks here, pages included.
//! Law: NĐ 118/2025/NĐ-CP (reception, one supplement request, return), NĐ 45/2020 (8 working hours to check).

use definition::expression::{Facts, Value};
use definition::machine::{
    self, Child, Command, Consultation, Decision, Instance, Moment, Pause, Refusal, Reply, Target,
};
use identity::AccountId;
use kernel::Timestamp;
use kernel::calendar::{CutOff, Deadline, TimeLimit, WorkingCalendar};

use super::state::{Action, Capacity, Delivery, Outcome, State};
use super::{Dossier, DossierError};
use crate::coordination::{Coordination, CoordinationKind, CoordinationState};
use crate::process::places::Places;
use crate::process::rules::{self as flow, Turn};
use crate::process::{Position, Process};

/// Working hours within which the desk must have looked at what came in (NĐ 45/2020/NĐ-CP).
pub const CHECK_WORKING_HOURS: i32 = 8;

/// Most defects one request may list; more is a refusal in disguise.
pub const DEFECTS_MAX: usize = 20;

/// What a dossier moves by: its process, what other units owe it, and which units its steps lie at.
#[derive(Debug, Clone, Copy)]
pub struct Course<'a> {
    process: &'a Process,
    requests: &'a [Coordination],
    places: Option<&'a Places>,
}

impl<'a> Course<'a> {
    /// The process alone: enough to say what might be done.
    #[must_use]
    pub const fn new(process: &'a Process) -> Self {
        Self {
            process,
            requests: &[],
            places: None,
        }
    }

    /// With what other units were asked, and where the steps lie: what a move needs.
    pub(crate) const fn with(process: &'a Process, requests: &'a [Coordination], places: &'a Places) -> Self {
        Self {
            process,
            requests,
            places: Some(places),
        }
    }
}

/// Where an action leads.
///
/// # Errors
/// `WrongState` when the action does not exist in this state, `NotYours` when it does but in none of `capacities`.
pub fn next_state(
    dossier: &Dossier,
    process: &Process,
    action: Action,
    capacities: &[Capacity],
) -> Result<State, DossierError> {
    let mut exists = false;
    for &capacity in Capacity::ALL {
        let Some(target) = edge(dossier, process, action, capacity) else {
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
        DossierError::WrongState {
            state: dossier.state,
            action,
        }
    })
}

/// Where an action of a capacity leads, or none. Taking, giving out and extending work moves nothing in the machine; every
/// other action is an arrow of the process, if the law has it too.
fn edge(dossier: &Dossier, process: &Process, action: Action, capacity: Capacity) -> Option<State> {
    use State::{Approved, Processing, Proposed, Received};
    let at = process.position(&dossier.position.step)?;
    let step = process.step(at)?;
    let is_work = matches!(flow::turn(process, at), Turn::Work { .. });
    let works_here = is_work && step.by.role == capacity.word();
    match (action, dossier.state, capacity) {
        (Action::Claim, Received | Processing, _) if works_here && dossier.assignee.is_none() => Some(Processing),
        (Action::Assign, Received | Processing, Capacity::Leader) if is_work => Some(Processing),
        (Action::AttachResult, Processing, _) if works_here => Some(Processing),
        (Action::AttachResult, Approved, Capacity::Desk) => Some(Approved),
        (Action::Extend, Received | Processing | Proposed, Capacity::Leader) => Some(dossier.state),
        (Action::Claim | Action::Assign | Action::AttachResult | Action::Extend, ..) => None,
        _ => {
            let arrow = flow::arrow(process, at, action)?;
            let machine = process.machine();
            let here = machine.state_named(flow::machine_state(dossier.state, &step.name))?;
            let may = flow::is_for(arrow, capacity) && flow::is_lawful(step, action, dossier.state, capacity);
            if !may || !arrow.from.contains(&here) {
                return None;
            }
            match arrow.to {
                Target::Resume => dossier.resume,
                Target::State(to) => {
                    let has_officer = action == Action::SendBack && dossier.assignee.is_some();
                    Some(flow::state_of(process, machine.state(to), has_officer))
                }
            }
        }
    }
}

/// The actions open to somebody now, in the order of the machine. Pages draw exactly these.
#[must_use]
pub fn open_actions(dossier: &Dossier, process: &Process, capacities: &[Capacity], is_assignee: bool) -> Vec<Action> {
    Action::ALL
        .iter()
        .copied()
        .filter(|&action| next_state(dossier, process, action, capacities).is_ok())
        .filter(|&action| {
            is_assignee || !needs_assignee(dossier.state, action) || capacities.contains(&Capacity::Leader)
        })
        .filter(|&action| !matches!(action, Action::Propose | Action::Forward) || is_assignee)
        .filter(|&action| {
            !(action == Action::AskSupplement && dossier.supplements > 0) || capacities.contains(&Capacity::Leader)
        })
        .collect()
}

/// While an officer works on a dossier, only that officer (or a leader) asks the applicant for more.
pub(crate) const fn needs_assignee(state: State, action: Action) -> bool {
    matches!(
        (state, action),
        (
            State::Processing,
            Action::Propose | Action::Forward | Action::AskSupplement | Action::AskFee | Action::AttachResult
        )
    )
}

/// Decides a whole action: the arrow, then what must come with it. `who` is compared with the assignee and the proposer.
///
/// # Errors
/// Each variant of [`DossierError`] says what to do about it.
pub fn decide(dossier: &Dossier, process: &Process, action: Action, by: &Actor<'_>) -> Result<State, DossierError> {
    let target = next_state(dossier, process, action, by.capacities)?;
    let is_leader = by.capacities.contains(&Capacity::Leader);
    let is_assignee = by.works_on(dossier);
    if matches!(action, Action::Propose | Action::Forward) && !is_assignee {
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
    /// She stands in for the officer who works on it and is away.
    pub stands_in: bool,
}

impl Actor<'_> {
    /// Whether the work on `dossier` is hers, or that of somebody for whom she stands in.
    fn works_on(&self, dossier: &Dossier) -> bool {
        dossier.assignee.is_some() && (dossier.assignee == self.account || self.stands_in)
    }
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
    /// How many of them name no clause or give no example.
    pub defects_bare: usize,
    /// What proves the hand-over is given: for the post the number of the item, at the desk what showed who came.
    pub has_proof: bool,
    /// A result file is attached, now or before.
    pub has_result: bool,
}

/// A dossier after an action, and what else happened to its process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The dossier, one revision later.
    pub dossier: Dossier,
    /// Agencies asked, silences noticed, work handed over.
    pub(crate) happened: Vec<Happened>,
}

/// The dossier after `action`, one revision later, or why it cannot be.
///
/// # Errors
/// Each variant of [`DossierError`] says what to do about it.
pub fn apply(
    dossier: &Dossier,
    course: Course<'_>,
    action: Action,
    deed: &Deed,
    by: &Actor<'_>,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Result<Applied, DossierError> {
    let target = decide(dossier, course.process, action, by)?;
    check_deed(dossier, action, target, deed, now)?;
    let decision = run(dossier, course, action, by, now, calendar)?;
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
        Action::Forward => {
            (after.assignee, after.assignee_name) = (None, None);
            if target == State::Approved {
                after.outcome = deed.outcome;
                end(&mut after, now, calendar);
            }
        }
        Action::SendBack if target == State::Proposed => {}
        Action::SendBack => (after.proposed_by, after.outcome) = (None, None),
        // Another leader decides next, or another officer works on it.
        Action::Approve if target == State::Proposed => {}
        Action::Approve if target == State::Processing => {
            (after.assignee, after.assignee_name, after.proposed_by) = (None, None, None);
        }
        Action::Approve | Action::Refuse | Action::Stop | Action::Withdraw => end(&mut after, now, calendar),
        Action::Return => {
            after.returned_at = Some(now);
            after.delivery = deed.delivery.unwrap_or(dossier.delivery);
        }
        Action::Extend => extend(&mut after, deed, calendar)?,
        Action::AttachResult => {}
    }
    let happened = decision.map_or_else(Vec::new, |decision| follow(&mut after, course, decision));
    Ok(Applied {
        dossier: after,
        happened,
    })
}

/// What a move did to the process besides the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happened {
    /// An agency is asked by the process.
    Asked {
        /// What of it.
        kind: CoordinationKind,
        /// Its word.
        agency: String,
        /// Until when.
        due_at: Timestamp,
    },
    /// The time of a request ran out.
    Silent(String),
}

/// Asks the machine of the process. Whoever goes on must have heard those who still have time.
fn run(
    dossier: &Dossier,
    course: Course<'_>,
    action: Action,
    by: &Actor<'_>,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Result<Option<Decision>, DossierError> {
    let process = course.process;
    let at = process.position(&dossier.position.step);
    let Some(arrow) = at.and_then(|at| flow::arrow(process, at, action)) else {
        return Ok(None);
    };
    // What an action asks for was checked by `check_deed`, which knows the form.
    let given = arrow
        .asks
        .iter()
        .map(|field| (field.name.clone(), Value::Text("given".to_owned())));
    let command = Command::Act {
        action: arrow.name.clone(),
        answers: given.collect(),
    };
    let performers = flow::performers(arrow, by.capacities);
    let facts = Facts::new(now.local_date());
    let moment = Moment {
        actor: &performers,
        facts: &facts,
        calendar,
        now,
    };
    let instance = instance(dossier, course, now)?;
    match process.machine().decide(&instance, &command, moment) {
        Ok(decision) => Ok(Some(decision)),
        Err(refusal) => Err(refused(refusal, dossier, course, action)),
    }
}

/// The dossier as the machine sees it. The clock of the law stays with the dossier: the machine keeps that of the step.
fn instance(dossier: &Dossier, course: Course<'_>, now: Timestamp) -> Result<Instance, DossierError> {
    let machine = course.process.machine();
    let named = |name: &str| {
        let found = machine.state_named(name);
        found.ok_or_else(|| DossierError::Damaged(format!("the process has no state {name}")))
    };
    let position = &dossier.position;
    let since = position.since.min(now);
    let deadline = |at: Timestamp| Deadline { at, confirmed: true };
    let pause = dossier.stopped_at.map(|stopped_at| {
        Ok::<_, DossierError>(Pause {
            since: stopped_at.min(now),
            resume: named(&position.step)?,
            entered_at: since,
            state_due: position.due_at.map(deadline),
        })
    });
    let asked = course.requests.iter();
    let asked = asked.filter(|one| one.step == position.step && one.asked_at >= position.since);
    let opinions = asked.clone().filter(|one| one.kind == CoordinationKind::Opinion);
    let step = course
        .process
        .position(&position.step)
        .and_then(|at| course.process.step(at));
    let child = step.and_then(|step| step.hand_over.as_ref()).map(|hand_over| Child {
        procedure: hand_over.procedure.clone(),
        unit: hand_over.unit.clone(),
        opened_at: since,
        due: None,
        ended_at: work_done(asked.clone()),
    });
    let own = asked.filter(|one| one.kind == CoordinationKind::HandOver && one.state.is_open());
    let waiting = own.map(|one| consultation(one, Timestamp::MAX));
    Ok(Instance {
        state: named(flow::machine_state(dossier.state, &position.step))?,
        opened_at: dossier.submitted_at.min(now),
        entered_at: dossier.stopped_at.unwrap_or(since).min(now),
        state_due: position.due_at.map(deadline),
        due: None,
        pause: pause.transpose()?,
        consultations: opinions
            .map(|one| consultation(one, one.due_at))
            .chain(waiting)
            .collect(),
        child,
        taken: flow::taken(dossier.supplements),
        ended_at: dossier.state.is_final().then_some(dossier.changed_at),
        is_late: dossier.is_late,
    })
}

/// When the work that another unit took over came back.
fn work_done<'a>(asked: impl Iterator<Item = &'a Coordination>) -> Option<Timestamp> {
    let done = asked.filter(|one| one.kind == CoordinationKind::HandOver && one.state == CoordinationState::Answered);
    done.last().and_then(|one| one.ended_at)
}

fn consultation(request: &Coordination, due_at: Timestamp) -> Consultation {
    let ended_at = request.ended_at.unwrap_or(request.asked_at);
    Consultation {
        agency: request.id.to_string(),
        asked_at: request.asked_at,
        due: Deadline {
            at: due_at,
            confirmed: true,
        },
        reply: match request.state {
            CoordinationState::Asked | CoordinationState::Accepted => Reply::Open,
            CoordinationState::Silent => Reply::Silent(ended_at),
            CoordinationState::Answered
            | CoordinationState::GivenBack
            | CoordinationState::TakenBack
            | CoordinationState::SentOn => Reply::Answered(ended_at),
        },
    }
}

fn refused(refusal: Refusal, dossier: &Dossier, course: Course<'_>, action: Action) -> DossierError {
    match refusal {
        Refusal::Consulting(ids) => {
            let open = course.requests.iter().filter(|one| ids.contains(&one.id.to_string()));
            let names: Vec<&str> = open.map(|one| one.agency_name.as_str()).collect();
            DossierError::StillAsking(names.join(", "))
        }
        Refusal::HandedOver(procedure) => DossierError::StillAsking(procedure),
        Refusal::NeedsLeader(_) => DossierError::SecondSupplementNeedsLeader,
        Refusal::WrongRole { .. } => DossierError::NotYours { action },
        Refusal::Ended | Refusal::WrongState { .. } | Refusal::Guard => DossierError::WrongState {
            state: dossier.state,
            action,
        },
        Refusal::UnknownAction(_) | Refusal::Answers(_) | Refusal::NotAsked(_) | Refusal::Foreign => {
            DossierError::Damaged(format!("the process refuses {action}: {refusal}"))
        }
    }
}

/// Takes over from the machine where the dossier stands now, and what other units are asked.
fn follow(after: &mut Dossier, course: Course<'_>, decision: Decision) -> Vec<Happened> {
    let instance = decision.instance;
    let state = course.process.machine().state(instance.state);
    if course.process.position(&state.name).is_some() {
        after.position = Position {
            step: state.name.clone(),
            since: instance.entered_at,
            due_at: instance.state_due.map(|due| due.at),
        };
        let place = course.places.and_then(|places| places.of_step(&state.name));
        (after.at, after.at_name) = place.cloned().unwrap_or_else(|| (after.unit, after.unit_name.clone()));
    }
    let due_at = instance.state_due.map_or(instance.entered_at, |due| due.at);
    let happened = decision.events.into_iter().filter_map(|event| match event {
        machine::Event::Consulted { agency, due } => Some(Happened::Asked {
            kind: CoordinationKind::Opinion,
            agency,
            due_at: due.at,
        }),
        machine::Event::HandedOver { unit, .. } => Some(Happened::Asked {
            kind: CoordinationKind::HandOver,
            agency: unit,
            due_at,
        }),
        machine::Event::Silent { agency } => Some(Happened::Silent(agency)),
        _ => None,
    });
    happened.collect()
}

/// What must come with an action besides the right to do it.
fn check_deed(
    dossier: &Dossier,
    action: Action,
    target: State,
    deed: &Deed,
    now: Timestamp,
) -> Result<(), DossierError> {
    let denied = deed.outcome == Some(Outcome::Denied);
    let needs_reason = match action {
        Action::SendBack | Action::Stop | Action::AskFee | Action::ConfirmFee | Action::Extend => true,
        Action::Propose | Action::Forward => denied,
        Action::Approve => dossier.outcome == Some(Outcome::Denied),
        // Whoever takes work from one officer and gives it to another says why.
        Action::Assign => dossier.assignee.is_some(),
        _ => false,
    };
    if needs_reason && !deed.has_reason {
        return Err(DossierError::ReasonMissing);
    }
    let lists_defects = match action {
        Action::AskSupplement | Action::Refuse => true,
        Action::Propose | Action::Forward => denied,
        _ => false,
    };
    if lists_defects && !(1..=DEFECTS_MAX).contains(&deed.defects) {
        return Err(DossierError::DefectsMissing);
    }
    if lists_defects && deed.defects_bare > 0 {
        return Err(DossierError::DefectBare);
    }
    match action {
        Action::Propose if deed.outcome.is_none() => Err(DossierError::BadValue("outcome")),
        Action::Forward if target == State::Approved && deed.outcome.is_none() => {
            Err(DossierError::BadValue("outcome"))
        }
        Action::Extend if deed.limit.is_none() => Err(DossierError::LimitMissing),
        // The law wants the apology before the day that was promised has passed, not after it.
        Action::Extend if dossier.due_at.is_none_or(|due| due < now) => Err(DossierError::ExtensionTooLate),
        Action::AttachResult if !deed.has_result => Err(DossierError::ResultMissing),
        Action::Return => {
            let electronic = deed.delivery.unwrap_or(dossier.delivery) == Delivery::Electronic;
            if electronic && !deed.has_result {
                Err(DossierError::ResultMissing)
            } else if !electronic && !deed.has_proof {
                Err(DossierError::ProofMissing)
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

/// A new date, counted from the one that was promised.
fn extend(after: &mut Dossier, deed: &Deed, calendar: &WorkingCalendar) -> Result<(), DossierError> {
    let limit = deed.limit.ok_or(DossierError::LimitMissing)?;
    let before = after.due_at.ok_or(DossierError::ExtensionTooLate)?;
    let due = calendar.deadline(before, limit);
    after.due_at = Some(due.at);
    after.is_due_confirmed = due.confirmed;
    after.extensions += 1;
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
