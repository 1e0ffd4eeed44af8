//! For what a late dossier waited: working time at another agency, at the officer, at the leader, and, beside these and not
//! counted by the law, at the applicant. Found from the dossier's history and the requests to other units.
//! Refuses to name a person, and to put lateness down to anybody: that needs evidence, which other rooms bring by an event.

pub(crate) mod cell;
pub(crate) mod child;
pub mod http;
mod rules;
pub(crate) mod store;

pub use rules::{Segment, Span, Waited, waited};

use ::store::{StoreError, Tx};
use kernel::calendar::WorkingCalendar;

use crate::fact::Fact;
use kernel::words;

words! {
    /// At whom the most working time of a late dossier went by.
    Cause {
        /// Another agency that was asked, or that had taken the work over.
        Agency = "agency",
        /// The officer's step.
        Officer = "officer",
        /// The leader's step.
        Leader = "leader",
    }
}

words! {
    /// To whom a lateness is put down, by a room that has the evidence.
    PutTo {
        /// To people.
        Person = "person",
        /// To the systems between them: the dossier was in time, and told late.
        System = "system",
    }
}

::store::value_via_display!(Cause, PutTo);

/// Finds for what the dossier of `fact` waited.
pub(crate) fn of(tx: &mut Tx, fact: &Fact, calendar: &WorkingCalendar) -> Result<Waited, StoreError> {
    let segments = store::segments(tx, fact.dossier)?;
    let asked = store::asked(tx, fact.dossier)?;
    let span = Span {
        from: fact.received_at.unwrap_or(fact.filed_at),
        to: fact.stood_at.or(fact.ended_at).unwrap_or(fact.filed_at),
    };
    Ok(waited(&segments, &asked, span, calendar))
}
