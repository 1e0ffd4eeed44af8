//! What we know of one dossier between us and the portal: the vector of states, the dates that count, who works on it now. Owns
//! the rows of it. Refuses personal data: codes, states and hours.

pub(crate) mod store;

use casework::dossier::DossierId;
use identity::UnitId;
use kernel::Timestamp;

use crate::lateness::{self, Cause, Facts};
use crate::machine::Track;

/// What a ministry's own system told of a dossier that it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ministry {
    /// Code of the ministry's agency.
    pub agency: String,
    /// State 1-10.
    pub state: u8,
    /// When it told it.
    pub at: Timestamp,
}

/// One dossier between us and the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The dossier.
    pub dossier: DossierId,
    /// Our code.
    pub code: String,
    /// Its code at the portal.
    pub national_code: String,
    /// It was filed at the portal.
    pub is_from_portal: bool,
    /// The competent unit.
    pub unit: UnitId,
    /// When our state was reached.
    pub our_at: Timestamp,
    /// The machine.
    pub track: Track,
    /// What a ministry told.
    pub ministry: Option<Ministry>,
    /// The result is due.
    pub due_at: Option<Timestamp>,
    /// Processing ended here.
    pub ended_at: Option<Timestamp>,
    /// Filed at the portal.
    pub filed_at: Option<Timestamp>,
    /// Arrived from the portal.
    pub arrived_at: Option<Timestamp>,
    /// When lateness is looked at again.
    pub judge_at: Option<Timestamp>,
    /// To whom its lateness is put down.
    pub cause: Option<Cause>,
    /// Its applicant took it back at the portal at this hour, and that was not looked at yet.
    pub taken_back_at: Option<Timestamp>,
    /// What came of it.
    pub taken_back_answer: Option<TakenBack>,
}

kernel::words! {
    /// What came of a withdrawal at the portal.
    TakenBack {
        /// It was carried out here.
        Done = "done",
        /// The dossier was decided, refused or ended before.
        Decided = "decided",
        /// At this step its process does not let the applicant withdraw.
        Step = "step",
        /// There is no such dossier here any more.
        Gone = "gone",
    }
}

impl Link {
    /// A dossier of which the portal was told nothing.
    #[must_use]
    pub const fn new(dossier: DossierId, code: String, unit: UnitId, state: u8, at: Timestamp) -> Self {
        Self {
            dossier,
            national_code: String::new(),
            code,
            is_from_portal: false,
            unit,
            our_at: at,
            track: Track::new(state),
            ministry: None,
            due_at: None,
            ended_at: None,
            filed_at: None,
            arrived_at: None,
            judge_at: None,
            cause: None,
            taken_back_at: None,
            taken_back_answer: None,
        }
    }

    /// Its applicant took it back at the portal.
    pub fn taken_back(&mut self, at: Timestamp) {
        self.taken_back_at = self.taken_back_at.or(Some(at));
    }

    /// To whom its lateness is put down at `now`, and when that is to be looked at again. `began_at` is since when the exchange runs.
    #[must_use]
    pub fn judged(&self, now: Timestamp, began_at: Timestamp) -> (Option<Cause>, Option<Timestamp>) {
        let Some(due_at) = self.due_at else {
            return (None, None);
        };
        // The clock stands still for the applicant: nobody is late meanwhile.
        if matches!(self.track.ours, 5 | 6) {
            return (None, Some(now + lateness::AGAIN));
        }
        let ended_there = self.track.seen.and_then(|seen| seen.ended_at);
        let facts = Facts {
            due_at,
            ended_at: self.ended_at,
            ended_there,
            way: self.filed_at.zip(self.arrived_at),
            began_at,
        };
        let is_done = self.ended_at.is_some() && ended_there.is_some() && self.track.drift.is_none();
        let again = if due_at > now { due_at } else { now + lateness::AGAIN };
        (lateness::cause(&facts, now), (!is_done).then_some(again))
    }
}
