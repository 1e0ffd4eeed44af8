//! What happens to one made-up dossier and when. Hours are working hours of the calendar; the last step lies in the past.
//! It goes through the same commands as officers do, and writes no row of its own.

use kernel::calendar::{TimeLimit, WorkingCalendar};
use kernel::{SignedDuration, Timestamp};

use super::Chance;
use crate::dossier::state::{Action, Capacity, Delivery, Entered, Outcome};
use crate::procedure::{ChannelKind, Procedure};

/// One step of a life.
pub(super) struct Step {
    pub(super) action: Action,
    pub(super) capacity: Capacity,
    pub(super) at: Timestamp,
    pub(super) note: String,
    /// Another limit than that of the procedure, for an extension.
    pub(super) limit: Option<TimeLimit>,
    /// What is proposed or decided.
    pub(super) outcome: Outcome,
    /// How the result went out; none leaves it as it was wanted.
    pub(super) delivery: Option<Delivery>,
}

impl Step {
    /// A step of the usual kind.
    pub(super) const fn new(action: Action, capacity: Capacity, at: Timestamp, note: String) -> Self {
        Self {
            action,
            capacity,
            at,
            note,
            limit: None,
            outcome: Outcome::Granted,
            delivery: None,
        }
    }
}

/// A whole life.
pub(super) struct Life {
    pub(super) start: Timestamp,
    pub(super) entered: Entered,
    pub(super) delivery: Delivery,
    pub(super) steps: Vec<Step>,
}

type Plan = &'static [(Action, Capacity)];

use Capacity::{Applicant, Desk, Leader, Specialist};

const RECEIVED: Plan = &[(Action::Receive, Desk)];
const CLAIMED: Plan = &[(Action::Receive, Desk), (Action::Claim, Specialist)];
const ASSIGNED: Plan = &[(Action::Receive, Desk), (Action::Assign, Leader)];
const PROPOSED: Plan = &[
    (Action::Receive, Desk),
    (Action::Claim, Specialist),
    (Action::Propose, Specialist),
];
const SENT_BACK: Plan = &[
    (Action::Receive, Desk),
    (Action::Claim, Specialist),
    (Action::Propose, Specialist),
    (Action::SendBack, Leader),
];
const APPROVED: Plan = &[
    (Action::Receive, Desk),
    (Action::Claim, Specialist),
    (Action::Propose, Specialist),
    (Action::Approve, Leader),
];
const RETURNED: Plan = &[
    (Action::Receive, Desk),
    (Action::Claim, Specialist),
    (Action::Propose, Specialist),
    (Action::Approve, Leader),
    (Action::Return, Desk),
];
const RETURNED_SUPPLEMENTED: Plan = &[
    (Action::AskSupplement, Desk),
    (Action::AnswerSupplement, Applicant),
    (Action::Receive, Desk),
    (Action::Claim, Specialist),
    (Action::Propose, Specialist),
    (Action::Approve, Leader),
    (Action::Return, Desk),
];
const WAITS_EARLY: Plan = &[(Action::AskSupplement, Desk)];
const WAITS_LATE: Plan = &[
    (Action::Receive, Desk),
    (Action::Claim, Specialist),
    (Action::AskSupplement, Specialist),
];
const WAITS_FEE: Plan = &[(Action::Receive, Desk), (Action::AskFee, Specialist)];
const REFUSED: Plan = &[(Action::Refuse, Desk)];
const WITHDRAWN: Plan = &[(Action::Receive, Desk), (Action::Withdraw, Applicant)];
const STOPPED: Plan = &[
    (Action::Receive, Desk),
    (Action::Claim, Specialist),
    (Action::Stop, Leader),
];

/// Plans with their shares in a hundred; the rest were just sent.
const SHARES: &[(usize, Plan)] = &[
    (30, RETURNED),
    (5, RETURNED_SUPPLEMENTED),
    (9, APPROVED),
    (8, PROPOSED),
    (2, SENT_BACK),
    (10, CLAIMED),
    (5, ASSIGNED),
    (8, RECEIVED),
    (4, WAITS_EARLY),
    (4, WAITS_LATE),
    (2, WAITS_FEE),
    (3, REFUSED),
    (1, WITHDRAWN),
    (1, STOPPED),
];

impl Life {
    /// Draws a life that ends before `now`. Without a full cast nothing happens after sending.
    pub(super) fn draw(
        chance: &mut Chance,
        now: Timestamp,
        procedure: &Procedure,
        calendar: &WorkingCalendar,
        is_staffed: bool,
    ) -> Self {
        let plan = if is_staffed { plan(chance) } else { &[] };
        let limit = working_minutes(procedure.time_limit(ChannelKind::Online));
        // One in twenty takes longer than it may.
        let late = chance.percent(5);
        let share = if late {
            105 + chance.below(60)
        } else {
            15 + chance.below(75)
        };
        let work = limit.saturating_mul(i64::try_from(share).unwrap_or(50)) / 100;
        let rest = if plan.len() >= 5 {
            i64::try_from(chance.below(120 * 60)).unwrap_or(0)
        } else {
            0
        };
        let fresh = i64::try_from(chance.below(7 * 60)).unwrap_or(0);
        let age = if plan.is_empty() { fresh } else { work.max(30) + rest };
        let start = back(calendar, now, age + 10);
        let steps = steps(chance, plan, start, work, calendar);
        let entered = match chance.below(100) {
            0..55 => Entered::SelfFiled,
            55..80 => Entered::Assisted,
            _ => Entered::Officer,
        };
        // A made-up result has no file, so that it is handed over by hand or by post.
        let delivery = if chance.percent(80) {
            Delivery::PickUp
        } else {
            Delivery::Post
        };
        Self {
            start,
            entered,
            delivery,
            steps,
        }
    }
}

fn plan(chance: &mut Chance) -> Plan {
    let mut at = chance.below(100);
    for (share, plan) in SHARES {
        if at < *share {
            return plan;
        }
        at -= share;
    }
    &[]
}

fn back(calendar: &WorkingCalendar, now: Timestamp, minutes: i64) -> Timestamp {
    calendar.add_working_time(now, SignedDuration::from_mins(-minutes))
}

/// Places the steps at growing shares of the working time.
fn steps(chance: &mut Chance, plan: Plan, start: Timestamp, work: i64, calendar: &WorkingCalendar) -> Vec<Step> {
    let parts = i64::try_from(plan.len()).unwrap_or(1).max(1);
    let mut at = start;
    let mut steps = Vec::with_capacity(plan.len());
    for (index, (action, capacity)) in plan.iter().enumerate() {
        // Reception comes within the morning; the rest of the time is shared evenly, with some chance in it.
        let share = if index == 0 {
            (work / 10).clamp(5, 400)
        } else {
            work * 9 / (10 * parts)
        };
        let jitter = i64::try_from(chance.below(usize::try_from(share.max(4)).unwrap_or(4))).unwrap_or(0) / 3;
        at = calendar.add_working_time(at, SignedDuration::from_mins((share - jitter).max(2)));
        let note = super::words::note(*action, chance);
        steps.push(Step::new(*action, *capacity, at, note));
    }
    steps
}

/// A limit as working minutes of a plain week, for planning alone.
fn working_minutes(limit: Option<TimeLimit>) -> i64 {
    match limit {
        Some(TimeLimit::WorkingHours(hours)) => i64::from(hours) * 60,
        Some(TimeLimit::WorkingDays(days)) => i64::from(days.clamp(1, 20)) * 480,
        Some(TimeLimit::Days(days)) => i64::from(days.clamp(1, 28)) * 340,
        Some(TimeLimit::Months(_)) | None => 20 * 480,
    }
}
