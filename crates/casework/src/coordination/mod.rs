//! Coordination between units about one dossier: an opinion that is asked for, or work that another unit takes over.
//! Owns the request, its acceptance and its answer. Who asks stays responsible until the other unit has accepted; silence
//! after the time is recorded as silence, never as consent. Refuses questions and answers in plain columns.
//! Law: NĐ 118/2025/NĐ-CP (coordination between agencies, each with its time), TT 21/2023/TT-BTTTT functions 6 and 15.

pub mod http;
pub(crate) mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use identity::UnitId;
use kernel::Timestamp;

use crate::dossier::DossierId;
use kernel::words;

kernel::define_id!(
    /// A request to another unit.
    pub struct CoordinationId
);

words! {
    /// What is asked of the other unit.
    CoordinationKind {
        /// Its opinion (lấy ý kiến); after its time nobody waits for it.
        Opinion = "opinion",
        /// Its work (chuyển xử lý): the dossier goes on only when it is done.
        HandOver = "hand-over",
    }
}

words! {
    /// What became of a request.
    CoordinationState {
        /// Sent; the asking unit is still responsible.
        Asked = "asked",
        /// The other unit has it.
        Accepted = "accepted",
        /// Answered.
        Answered = "answered",
        /// Not its business; given back with the reason.
        GivenBack = "given-back",
        /// Its time ran out without an answer.
        Silent = "silent",
        /// The asking unit took it back.
        TakenBack = "taken-back",
        /// The other unit sent it on to a third one, which has a request of its own.
        SentOn = "sent-on",
    }
}

impl CoordinationState {
    /// Somebody still has to do something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Accepted)
    }
}

words! {
    /// What the other unit says.
    Opinion {
        /// Agrees.
        Agree = "agree",
        /// Agrees under conditions, which it names.
        Conditions = "conditions",
        /// Does not agree, with the reason.
        Disagree = "disagree",
    }
}

/// A request to another unit, without its sealed texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coordination {
    /// Its id.
    pub id: CoordinationId,
    /// The dossier.
    pub dossier: DossierId,
    /// What is asked.
    pub kind: CoordinationKind,
    /// The step of the process that asks.
    pub step: String,
    /// The agency's word in the process, or the unit's id when an officer asked on her own.
    pub agency: String,
    /// How it is called.
    pub agency_name: String,
    /// The unit that answers; `None` when the agency does not work in this program, and the asking officer enters its letter.
    pub unit: Option<UnitId>,
    /// What became of it.
    pub state: CoordinationState,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The officer who asked, or the process.
    pub asked_by: String,
    /// Her unit.
    pub asked_unit: String,
    /// Until when an answer is due; this clock does not stop.
    pub due_at: Timestamp,
    /// When the other unit accepted.
    pub accepted_at: Option<Timestamp>,
    /// Who accepted.
    pub accepted_by: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// What the other unit says.
    pub opinion: Option<Opinion>,
}

/// A request with its sealed texts.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) request: Coordination,
    pub(crate) question: Option<Vec<u8>>,
    pub(crate) answer: Option<Vec<u8>>,
}
