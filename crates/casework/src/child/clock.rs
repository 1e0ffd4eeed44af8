//! The clock of a child dossier: it runs from being sent, stands still while its dossier waits for the applicant or the sender
//! was asked, and says how late it is. Pure. It refuses to count a minute as late that stood still.

use kernel::Timestamp;
use kernel::calendar::{Deadline, WorkingCalendar};

use super::{Child, ChildState, StopCause};
use crate::dossier::DossierError;
use crate::dossier::rules::CHECK_WORKING_HOURS;

/// Until when the other unit must have accepted what is sent at `at` and due at `due`: as long as a desk has to look at what
/// came in, and never longer than the work itself. So whoever lets the whole time pass is late herself.
pub(super) fn accept_by(at: Timestamp, due: Timestamp, calendar: &WorkingCalendar) -> Timestamp {
    calendar.add_working_hours(at, CHECK_WORKING_HOURS).min(due)
}

/// The clock stands still from `now` on. A second cause changes nothing: it stands still already.
pub(super) fn stop(child: &mut Child, cause: StopCause, now: Timestamp) {
    match cause {
        StopCause::Parent => child.is_held = true,
        StopCause::Asked => {
            child.resume = Some(child.state);
            child.state = ChildState::Waiting;
        }
    }
    child.stopped_at.get_or_insert(now);
}

/// A cause is over; the clock goes on with what was left when none remains.
///
/// # Errors
/// `Damaged` when the stored quota is no time limit.
pub(super) fn start(
    child: &mut Child,
    cause: StopCause,
    now: Timestamp,
    calendar: &WorkingCalendar,
) -> Result<(), DossierError> {
    match cause {
        StopCause::Parent => child.is_held = false,
        StopCause::Asked => child.state = child.resume.take().unwrap_or(ChildState::Accepted),
    }
    if child.is_held || child.state == ChildState::Waiting {
        return Ok(());
    }
    let Some(stopped_at) = child.stopped_at.take() else {
        return Ok(());
    };
    let stood = calendar.working_time_between(stopped_at, now).as_mins().max(0);
    child.stopped_minutes += stood;
    if stopped_at >= child.due_at {
        child.late_paused_minutes += stood;
    }
    let limit = child.limit()?;
    let go_on = |at: Timestamp, confirmed: bool| calendar.resumed(limit, Deadline { at, confirmed }, stopped_at, now);
    let due = go_on(child.due_at, child.is_due_confirmed);
    (child.due_at, child.is_due_confirmed) = (due.at, due.confirmed);
    if child.state == ChildState::Sent && stopped_at < child.accept_by {
        let left = calendar.working_time_between(stopped_at, child.accept_by);
        child.accept_by = calendar.add_working_time(now, left).min(child.due_at);
    }
    if let Some(step_due) = child.position.due_at.filter(|due| stopped_at < *due) {
        let left = calendar.working_time_between(stopped_at, step_due);
        child.position.due_at = Some(calendar.add_working_time(now, left).min(child.due_at));
    }
    Ok(())
}

/// Working minutes over at `now`: what passed after the due date while this unit had it and its clock ran.
pub(super) fn late_minutes(child: &Child, now: Timestamp, calendar: &WorkingCalendar) -> i64 {
    let stood_at = child.stopped_at.unwrap_or(now);
    let from = child.due_at.max(child.sent_at);
    if stood_at <= from {
        return 0;
    }
    (calendar.working_time_between(from, stood_at).as_mins() - child.late_paused_minutes).max(0)
}

/// It ends in `state`. Late is late only while its own clock ran.
pub(super) fn end(child: &mut Child, state: ChildState, now: Timestamp, calendar: &WorkingCalendar) {
    let stood_at = child.stopped_at.unwrap_or(now);
    child.late_minutes = late_minutes(child, now, calendar);
    child.is_late = child.due_at.max(child.sent_at) < stood_at;
    let whole = calendar.working_time_between(child.sent_at, stood_at).as_mins();
    child.worked_minutes = Some((whole - child.stopped_minutes).max(0));
    child.state = state;
    child.ended_at = Some(now);
    (child.stopped_at, child.resume, child.is_held) = (None, None, false);
}
