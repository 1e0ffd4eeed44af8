//! Which reminders a dossier has earned at an instant: pure, by the working calendar.
//! Refuses to remind of a clock that stands still, but for the applicant who can start it.

use kernel::calendar::WorkingCalendar;
use kernel::{SignedDuration, Timestamp};

use super::{Reached, Stage};
use crate::dossier::Dossier;
use crate::dossier::state::State;

/// Reception is near this long before it is due.
const RECEIPT_NEAR: SignedDuration = SignedDuration::from_hours(2);
/// A result is near at most this long before it is due: a working day.
pub const NEAR_MAX: SignedDuration = SignedDuration::from_hours(8);
/// A short procedure is near in the last quarter of its time.
pub const NEAR_PART: i32 = 4;
/// The unit above is told after this much working time.
pub const ESCALATED: SignedDuration = SignedDuration::from_hours(16);
/// The applicant is reminded after this much working time.
pub const SUPPLEMENT: SignedDuration = SignedDuration::from_hours(40);

/// Working days without a step after which a dossier lies still, unless the operator says otherwise.
pub const STILL_DAYS: u32 = 5;

/// Whether `dossier` has lain still for `days` working days: somebody should be working on it and nobody did anything. Whether
/// another unit is waited for is known to the caller.
#[must_use]
pub fn still(dossier: &Dossier, calendar: &WorkingCalendar, days: u32, now: Timestamp) -> Option<Reached> {
    // What is late is told as late.
    let is_late = dossier.due_at.is_some_and(|due| due <= now);
    if !dossier.state.clock_runs() || is_late {
        return None;
    }
    let (last, today) = (dossier.changed_at.local_date(), now.local_date());
    (calendar.working_days_between(last, today) >= i64::from(days)).then_some(Reached {
        stage: Stage::Still,
        about: dossier.changed_at,
    })
}

/// Every stage that `dossier` has reached at `now`, the first one first. Told ones are left out by the caller.
#[must_use]
pub fn reached(dossier: &Dossier, calendar: &WorkingCalendar, now: Timestamp) -> Vec<Reached> {
    let mut reached = Vec::new();
    let mut at = |stage, about| reached.push(Reached { stage, about });
    match dossier.state {
        State::Submitted => {
            let due = dossier.check_by;
            if now >= due {
                at(Stage::ReceiptLate, due);
            } else if calendar.working_time_between(now, due) <= RECEIPT_NEAR {
                at(Stage::ReceiptNear, due);
            }
        }
        State::AwaitingSupplement => {
            if let Some(since) = dossier.stopped_at
                && calendar.working_time_between(since, now) >= SUPPLEMENT
            {
                at(Stage::Supplement, since);
            }
        }
        state if state.clock_runs() => {
            if let Some(due) = dossier.due_at {
                running(dossier, due, calendar, now, &mut at);
            }
        }
        _ => {}
    }
    reached
}

fn running(
    dossier: &Dossier,
    due: Timestamp,
    calendar: &WorkingCalendar,
    now: Timestamp,
    at: &mut impl FnMut(Stage, Timestamp),
) {
    if now >= due {
        at(Stage::Over, due);
        if calendar.working_time_between(due, now) >= ESCALATED {
            at(Stage::Escalated, due);
        }
        return;
    }
    let whole = calendar.working_time_between(dossier.received_at.unwrap_or(dossier.submitted_at), due);
    let near = NEAR_MAX.min(whole / NEAR_PART);
    if calendar.working_time_between(now, due) <= near {
        at(Stage::Near, due);
    }
}
