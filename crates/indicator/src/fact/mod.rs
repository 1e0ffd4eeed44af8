//! Facts: one row a dossier without personal data, from which cells (`cell`) follow. Both are written in one transaction, from
//! the dossier as it is when an event of it is read, so that an event read twice changes nothing.
//! Refuses names, numbers and contents of people; refuses a cell that is not the sum of its facts (`checks`).

pub mod jobs;
mod rebuild;
pub(crate) mod store;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use rebuild::{ensure, months, years};
pub use rebuild::{load, rebuild};

use casework::dossier::DossierId;
use identity::UnitId;
use kernel::{Date, Timestamp, words};

use crate::cause::PutTo;
use crate::cell::Measures;

words! {
    /// Who typed a dossier, and on which way it came.
    Channel {
        /// The applicant alone, online.
        SelfFiled = "self",
        /// The applicant with help.
        Assisted = "assisted",
        /// An officer, from what was brought to the desk.
        Officer = "officer",
        /// An officer, from what the post brought.
        Post = "post",
    }
}

words! {
    /// How a dossier ended.
    Ending {
        /// Granted or denied on its merits.
        Decided = "decided",
        /// Not received.
        Refused = "refused",
        /// Stopped by the authority.
        Stopped = "stopped",
        /// Taken back by the applicant.
        Withdrawn = "withdrawn",
    }
}

::store::value_via_display!(Channel, Ending);

/// What is known of one dossier for figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The dossier.
    pub dossier: DossierId,
    /// Its code.
    pub code: String,
    /// The competent unit.
    pub unit: UnitId,
    /// The desk that received it.
    pub desk: UnitId,
    /// Code of the procedure.
    pub procedure: String,
    /// Who typed it.
    pub channel: Channel,
    /// Its state, a word of `casework`.
    pub state: String,
    /// Not decided yet.
    pub is_open: bool,
    /// What must be kept next while the authority's clock runs.
    pub until_at: Option<Timestamp>,
    /// Came in.
    pub filed_at: Timestamp,
    /// The day of that.
    pub filed_on: Date,
    /// Was received.
    pub received_at: Option<Timestamp>,
    /// The day of that.
    pub received_on: Option<Date>,
    /// The result is due.
    pub due_at: Option<Timestamp>,
    /// Ended for the authority.
    pub ended_at: Option<Timestamp>,
    /// The day of that.
    pub ended_on: Option<Date>,
    /// How.
    pub ending: Option<Ending>,
    /// Where the clock stood at the end.
    pub stood_at: Option<Timestamp>,
    /// The result was handed over.
    pub returned_at: Option<Timestamp>,
    /// Decided, and had a due date.
    pub is_counted: bool,
    /// Decided on a day before the due day.
    pub is_early: bool,
    /// Decided after the due date.
    pub is_late: bool,
    /// Received later than eight working hours.
    pub is_late_receipt: bool,
    /// How often the applicant was asked for more.
    pub requests: i64,
    /// How often the due date was put off.
    pub extensions: i64,
    /// Working minutes from reception to the end, without waits for the applicant.
    pub worked_minutes: i64,
    /// Working minutes of waits for the applicant.
    pub stopped_minutes: i64,
    /// To whom a lateness is put down, here or at the national portal; none where nobody has said so.
    pub attributed: Option<PutTo>,
    /// A result lies there as a file or a paper with a code.
    pub has_result: bool,
    /// At least one component lies there as a file.
    pub has_papers: bool,
    /// A fee is or was asked of the applicant.
    pub owes: bool,
    /// Some of it came by transfer.
    pub paid_online: bool,
}

impl Fact {
    /// The days on which this fact counts, and what it adds to each: filed, received, ended.
    #[must_use]
    pub fn parts(&self) -> Vec<(Date, Measures)> {
        let mut parts = vec![(self.filed_on, Measures::of_filing(self))];
        if let Some(day) = self.received_on {
            parts.push((day, Measures::of_receipt(self)));
        }
        if let (Some(day), Some(ending)) = (self.ended_on, self.ending) {
            parts.push((day, Measures::of_end(self, ending)));
        }
        parts
    }
}
