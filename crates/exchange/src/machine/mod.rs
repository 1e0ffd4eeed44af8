//! The sync of one dossier with the portal as a machine without I/O: what it knows, what happens to it, what is to be done
//! next. The background work and the simulation of ten thousand seeds run this same code.
//! Refuses clock, chance, database and network: `now` and a byte of chance are arguments.

mod batch;
pub mod rules;
#[cfg(test)]
mod tests;

pub use batch::{Outgoing, group};

use kernel::{SignedDuration, Timestamp};

use kernel::words;

words! {
    /// What a transfer carries.
    Kind {
        /// The whole dossier, for the first time.
        Register = "register",
        /// The dossier's state and dates.
        Update = "update",
        /// A step that leaves state and dates as they were told, or moves the state alone.
        Progress = "progress",
        /// The state and dates of today, because the other side showed something else.
        Mend = "mend",
        /// A dossier that came from the portal.
        Arrival = "arrival",
    }
}

impl Kind {
    /// What the change that `event` names is told as: an event of the outbox, `dossier.receive`. None for what nobody beyond
    /// the office is told.
    #[must_use]
    pub fn of_event(event: &str) -> Option<Self> {
        Some(match event {
            "dossier.submitted" => Self::Register,
            "dossier.receive" | "dossier.refuse" | "dossier.approve" | "dossier.return" | "dossier.extend"
            | "dossier.stop" | "dossier.withdraw" => Self::Update,
            // What they tell are papers and fees, which only whole items carry.
            "dossier.answer-supplement" | "dossier.ask-fee" | "bill.paid" => Self::Update,
            "dossier.ask-supplement"
            | "dossier.confirm-fee"
            | "dossier.assign"
            | "dossier.claim"
            | "dossier.forward"
            | "dossier.propose"
            | "dossier.send-back"
            | "dossier.attach-result" => Self::Progress,
            _ => return None,
        })
    }
}

words! {
    /// How a transfer stands.
    Stand {
        /// To be sent, or sent without a clear answer and to be sent again.
        Waiting = "waiting",
        /// The other side said yes.
        Accepted = "accepted",
        /// The other side showed it when it was asked.
        Confirmed = "confirmed",
        /// Refused for good: a person looks at it.
        Failed = "failed",
        /// A later transfer carried what this one would have.
        Superseded = "superseded",
    }
}

words! {
    /// In what the portal differs from us.
    Drift {
        /// It has not yet said yes to our last change.
        Behind = "behind",
        /// It said yes, and does not have the dossier.
        Missing = "missing",
        /// It said yes, and shows another state.
        Differs = "differs",
        /// It shows a state that nobody knows.
        Unknown = "unknown",
        /// It shows what has not happened here: the applicant took the dossier back there.
        Ahead = "ahead",
        /// It refused our last change for good.
        Refused = "refused",
        /// A change here never came to the exchange.
        Unheard = "unheard",
    }
}

/// How the other side was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// State 1-10; none for a code that nobody knows.
    pub state: Option<u8>,
    /// When we saw it.
    pub at: Timestamp,
    /// Since when the other side holds that it has ended, by its own clock.
    pub ended_at: Option<Timestamp>,
}

/// What is known of one dossier between us and the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Our state, 1-10.
    pub ours: u8,
    /// Number of the last transfer that was made.
    pub last: i64,
    /// Transfers up to this number are settled.
    pub settled: i64,
    /// The state that the portal last said yes to.
    pub told: Option<u8>,
    /// How the portal was last seen.
    pub seen: Option<Seen>,
    /// When the next transfer may be sent; none when there is none.
    pub send_at: Option<Timestamp>,
    /// Tries of the transfer at the head that were refused.
    pub refusals: u32,
    /// It was refused together with others: it is sent alone.
    pub is_alone: bool,
    /// When the portal is to be asked.
    pub check_at: Option<Timestamp>,
    /// Times it was asked since the last transfer.
    pub checks: u32,
    /// Times it was mended since it was last in step.
    pub mends: u32,
    /// In what the portal differs.
    pub drift: Option<Drift>,
    /// Since when.
    pub drift_since: Option<Timestamp>,
}

impl Track {
    /// A dossier of which nothing was told yet.
    #[must_use]
    pub const fn new(ours: u8) -> Self {
        Self {
            ours,
            last: 0,
            settled: 0,
            told: None,
            seen: None,
            send_at: None,
            refusals: 0,
            is_alone: false,
            check_at: None,
            checks: 0,
            mends: 0,
            drift: None,
            drift_since: None,
        }
    }

    /// A dossier that was filed at the portal, and that it shows as new.
    #[must_use]
    pub fn arrived(now: Timestamp) -> Self {
        Self {
            told: Some(1),
            seen: Some(Seen {
                state: Some(1),
                at: now,
                ended_at: None,
            }),
            check_at: Some(now + rules::CHECKS[0]),
            ..Self::new(1)
        }
    }

    /// Nothing waits to be sent.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.settled >= self.last
    }
}

/// What becomes of a transfer after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Taken.
    Accepted,
    /// Sent again later.
    Waits,
    /// Refused for good.
    Failed,
}

/// What follows from how the other side was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It shows what we told it: what it took is confirmed.
    InStep,
    /// Something is on its way.
    Wait,
    /// The applicant took the dossier back there: the rules of dossiers say whether that is carried out here.
    TakenBack,
    /// Send this; what still waits is carried by it.
    Mend(Kind),
}

/// What is known of the other side's clock: it is ahead of ours by at least so much (behind, when that is negative).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Ahead of ours by at least so much.
    pub ahead_at_least: SignedDuration,
    /// When that was known.
    pub at: Timestamp,
}

/// How the line to the portal fares: one fault pauses it, so that an outage is not met by every dossier on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Line {
    /// Faults of the line in a row.
    pub faults: u32,
    /// Nothing is sent before that.
    pub paused_until: Option<Timestamp>,
}
