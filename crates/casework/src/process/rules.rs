//! What a step means for a dossier: whose turn it is, which action of the machine stands behind an action of the desk, and
//! which state of the law a step is. Pure. It refuses nothing itself: the machine does.
//! Law: NĐ 118/2025/NĐ-CP; state codes 1-10 of the national portal.

use std::collections::BTreeMap;

use definition::machine::{Action as Arrow, Performer, State as MachineState};
use definition::procedure::{Process as Steps, Step};
use kernel::calendar::TimeLimit;

use super::{Process, agencies};
use crate::dossier::state::{Action, Capacity, State};

/// Names of the machine's states for waits and ends.
const AWAITING_SUPPLEMENT: &str = "awaiting-supplement";
const AWAITING_FEE: &str = "awaiting-fee";

/// Whose turn a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The desk looks at what came in.
    Reception,
    /// Somebody works; the next step is a leader's or not.
    Work {
        /// The result is laid before a leader next.
        before_decision: bool,
    },
    /// A leader decides.
    Decision,
    /// The result is handed over.
    Giving,
}

/// Whose turn the step at `at` is.
pub(crate) fn turn(process: &Process, at: usize) -> Turn {
    let is_leader = |at: usize| {
        let step = process.step(at);
        step.is_some_and(|step| step.by.role == Capacity::Leader.word())
    };
    let count = process.steps().len();
    match at {
        0 => Turn::Reception,
        at if at + 1 >= count => Turn::Giving,
        at if is_leader(at) => Turn::Decision,
        at => Turn::Work {
            before_decision: at + 2 < count && is_leader(at + 1),
        },
    }
}

/// The action of the machine behind an action at the step `at`, or none. Taking and giving out work is none of its business.
pub(crate) fn arrow(process: &Process, at: usize, action: Action) -> Option<&Arrow> {
    let step = process.step(at)?;
    let send_back;
    let name = match (action, turn(process, at)) {
        (Action::Receive, Turn::Reception)
        | (Action::Propose, Turn::Work { before_decision: true })
        | (Action::Forward, Turn::Work { before_decision: false })
        | (Action::Approve, Turn::Decision)
        | (Action::Return, Turn::Giving) => step.name.as_str(),
        (Action::SendBack, Turn::Decision) => {
            send_back = format!("send-back-{}", step.name);
            send_back.as_str()
        }
        (
            Action::Refuse
            | Action::AskSupplement
            | Action::AnswerSupplement
            | Action::AskFee
            | Action::ConfirmFee
            | Action::Stop
            | Action::Withdraw,
            _,
        ) => action.word(),
        _ => return None,
    };
    process.machine().action(name)
}

/// Whether the law lets an action be taken in a state by a capacity, whatever the process says.
pub(crate) fn is_lawful(step: &Step, action: Action, state: State, capacity: Capacity) -> bool {
    let works_here = step.by.role == capacity.word();
    let before_decision = matches!(state, State::Submitted | State::Received | State::Processing);
    match action {
        Action::AskSupplement => before_decision && (works_here || capacity == Capacity::Leader),
        Action::AskFee => before_decision && works_here,
        // Somebody has it in hand before it goes on.
        Action::Propose | Action::Forward => state == State::Processing,
        Action::Stop => state != State::Submitted,
        _ => true,
    }
}

/// Whether a capacity is among those who may take an arrow. Where its step lies was decided by policy.
pub(crate) fn is_for(arrow: &Arrow, capacity: Capacity) -> bool {
    arrow.by.iter().any(|by| by.role == capacity.word())
}

/// What the machine calls somebody with these capacities who takes an arrow.
pub(crate) fn performers(arrow: &Arrow, capacities: &[Capacity]) -> Vec<Performer> {
    let holds = |by: &&Performer| capacities.iter().any(|capacity| capacity.word() == by.role);
    arrow.by.iter().chain(&arrow.again_by).filter(holds).cloned().collect()
}

/// The name of the machine's state in which a dossier is.
pub(crate) fn machine_state(state: State, step: &str) -> &str {
    match state {
        State::AwaitingSupplement => AWAITING_SUPPLEMENT,
        State::AwaitingFee => AWAITING_FEE,
        State::Refused | State::Withdrawn | State::Stopped | State::Returned => state.word(),
        State::Submitted | State::Received | State::Processing | State::Proposed | State::Approved => step,
    }
}

/// The state of the law that a state of the machine is. `has_officer` tells work that somebody has from work that waits.
pub(crate) fn state_of(process: &Process, found: &MachineState, has_officer: bool) -> State {
    if let Some(at) = process.position(&found.name) {
        return match turn(process, at) {
            Turn::Reception => State::Submitted,
            Turn::Giving => State::Approved,
            Turn::Decision => State::Proposed,
            Turn::Work { .. } if at == 1 && !has_officer => State::Received,
            Turn::Work { .. } => State::Processing,
        };
    }
    match found.name.as_str() {
        AWAITING_SUPPLEMENT => State::AwaitingSupplement,
        AWAITING_FEE => State::AwaitingFee,
        "refused" => State::Refused,
        "withdrawn" => State::Withdrawn,
        "stopped" => State::Stopped,
        _ => State::Returned,
    }
}

/// How often an action that may not be repeated by everybody was taken.
pub(crate) fn taken(supplements: i64) -> BTreeMap<String, u32> {
    let count = u32::try_from(supplements).unwrap_or(u32::MAX);
    let asked = (count > 0).then(|| (Action::AskSupplement.word().to_owned(), count));
    asked.into_iter().collect()
}

/// Time to settle that the shares of the generic process are made for when nobody knows it yet.
const USUAL: TimeLimit = TimeLimit::WorkingDays(10);

/// Longer limits are none of a working process; a duration says at most 36,500.
const HOURS_MAX: u64 = 30_000;

/// The generic process as text: shares of the time to settle, whole hours, none below one.
pub(crate) fn generic_text(limit: Option<TimeLimit>) -> String {
    let hours = working_hours(limit.unwrap_or(USUAL)).clamp(4, HOURS_MAX);
    let share = |part: u64, most: u64| (hours / part).clamp(1, most);
    let (receive, decide, give) = (share(6, 4), share(4, 16), share(8, 4));
    let examine = hours - receive - decide - give;
    let steps = [
        ("receive", "Tiếp nhận", "Reception", "desk", receive),
        ("examine", "Thẩm định", "Examination", "specialist", examine),
        ("decide", "Phê duyệt", "Decision", "leader", decide),
        ("give", "Trả kết quả", "Giving the result", "desk", give),
    ];
    let written = steps.map(|(name, vi, en, by, quota)| {
        format!(
            "[[step]]\nname = \"{name}\"\nlabel.vi = \"{vi}\"\nlabel.en = \"{en}\"\nby = \"{by}\"\nquota = \"{quota} working_hours\"\n"
        )
    });
    written.join("\n")
}

pub(crate) fn generic(limit: Option<TimeLimit>) -> Steps {
    let text = generic_text(limit);
    Steps::read(&text, None, None, &agencies::surroundings()).expect("a test reads the generic process for every limit")
}

/// Whole working hours in a limit; five working days in a week of the calendar, twenty in a month.
pub(crate) fn working_hours(limit: TimeLimit) -> u64 {
    match limit {
        TimeLimit::WorkingHours(hours) => u64::from(hours),
        TimeLimit::WorkingDays(days) => u64::from(days) * 8,
        TimeLimit::Days(days) => u64::from(days) * 8 * 5 / 7,
        TimeLimit::Months(months) => u64::from(months) * 160,
    }
}
