//! The way of a dossier as the applicant sees it: which steps are behind, which one is now, which are to come. Pure.
//! It invents no step: what is to come is what the machine allows from here.

use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use web::components::Tone;

use crate::dossier::state::{Action, State};
use crate::dossier::{Dossier, Event};
use crate::handover;

/// Wrong checks of one code in [`CHECK_WINDOW_HOURS`] before it is locked for everybody but the applicant.
pub const CHECKS_MAX: i64 = 5;

/// Hours after which wrong checks are forgotten.
pub const CHECK_WINDOW_HOURS: i64 = 1;

/// Steps to come, as keys of texts under `track-next-`.
#[must_use]
pub fn ahead(state: State) -> &'static [&'static str] {
    match state {
        State::Submitted => &["receive", "process", "approve", "return"],
        State::AwaitingSupplement | State::AwaitingFee | State::Received => &["process", "approve", "return"],
        State::Processing => &["approve", "return"],
        State::Proposed | State::Approved => &["return"],
        State::Refused | State::Withdrawn | State::Stopped | State::Returned => &[],
    }
}

/// The tone of a state.
#[must_use]
pub const fn tone(state: State) -> Tone {
    match state {
        State::Submitted | State::Received | State::Processing | State::Proposed => Tone::Info,
        State::AwaitingSupplement | State::AwaitingFee => Tone::Soon,
        State::Approved | State::Returned => Tone::Ok,
        State::Refused | State::Stopped => Tone::Late,
        State::Withdrawn => Tone::Plain,
    }
}

/// How a deadline stands, for a tag beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Working minutes left.
    Left(i64),
    /// Working minutes over.
    Over(i64),
    /// The clock stands still.
    Stopped,
    /// Ended in time.
    InTime,
    /// Ended late.
    Late,
    /// There is no deadline to speak of.
    None,
}

/// How the dossier's deadline stands at `now`.
#[must_use]
pub fn pace(dossier: &Dossier, now: Timestamp, calendar: &WorkingCalendar) -> Pace {
    if dossier.state.waits_for_applicant() {
        return Pace::Stopped;
    }
    if let Some(until) = dossier.runs_until() {
        let minutes = calendar.working_time_between(now, until).as_mins();
        return if now > until {
            Pace::Over((-minutes).max(1))
        } else {
            Pace::Left(minutes)
        };
    }
    match (dossier.state, dossier.due_at) {
        (State::Approved | State::Returned, Some(_)) if dossier.is_late => Pace::Late,
        (State::Approved | State::Returned, Some(_)) => Pace::InTime,
        _ => Pace::None,
    }
}

impl Pace {
    /// Its tone: less than a working day left is "soon".
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Left(minutes) if minutes < 8 * 60 => Tone::Soon,
            Self::Left(_) | Self::InTime => Tone::Ok,
            Self::Over(_) | Self::Late => Tone::Late,
            Self::Stopped => Tone::Info,
            Self::None => Tone::Plain,
        }
    }
}

/// The steps that an applicant reads: handing a dossier on inside the office is no news.
#[must_use]
pub fn told(events: &[Event]) -> Vec<&Event> {
    events
        .iter()
        .filter(|event| {
            !matches!(
                event.action.as_str(),
                "attach-result" | handover::OFFER | handover::ACCEPT | handover::DECLINE | handover::GIVE_BACK
            )
        })
        .collect()
}

/// Whether the applicant reads the words of a step: why work went from one officer to another is the office's own.
#[must_use]
pub fn is_for_applicant(event: &Event) -> bool {
    event.action != Action::Assign.word()
}
