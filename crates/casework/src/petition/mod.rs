//! Complaints, denunciations and recommendations: told apart by plain questions, kept in registers of their own, routed to who
//! stands above what they are against. Refuses to be a dossier, and to show who denounces to anybody without that right.
//! Law: Luật Khiếu nại 2011, Luật Tố cáo 2018 (Điều 8, 56), Luật Tiếp công dân 2013, TT 05/2021/TT-TTCP.

pub(crate) mod files;
pub mod http;
pub(crate) mod keep;
pub(crate) mod rules;
pub(crate) mod store;
pub(crate) mod terms;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use ::store::StoreError;
use identity::{AccountId, PersonRef, UnitId};
use kernel::{ErrorKind, Fault, Timestamp};
use serde::{Deserialize, Serialize};

use kernel::words;

kernel::define_id!(
    /// Id of a petition.
    pub struct PetitionId
);

kernel::define_id!(
    /// Id of one step of a petition.
    pub struct PetitionEventId
);

words! {
    /// Under which law it falls.
    Kind {
        /// Khiếu nại: somebody asks that a decision or act that touches her be looked at again.
        Complaint = "complaint",
        /// Tố cáo: somebody reports that a person broke the law.
        Denunciation = "denunciation",
        /// Kiến nghị, phản ánh: everything else.
        Recommendation = "recommendation",
    }
}

words! {
    /// How it stands.
    State {
        /// In the register; nobody has looked.
        Registered = "registered",
        /// Somebody said what it is.
        Classified = "classified",
        /// Thụ lý: it is being looked into.
        Accepted = "accepted",
        /// Refused, with the reason.
        NotAccepted = "not-accepted",
        /// Sent to the competent agency, with the letter's words.
        Forwarded = "forwarded",
        /// Settled, with the outcome.
        Resolved = "resolved",
        /// Taken back by who filed it.
        Withdrawn = "withdrawn",
    }
}

impl State {
    /// Whether something is still to be done.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Registered | Self::Classified | Self::Accepted)
    }
}

words! {
    /// What can be done with it.
    Step {
        /// Entered into the register.
        Register = "register",
        /// Said what it is.
        Classify = "classify",
        /// Taken up.
        Accept = "accept",
        /// Not taken up.
        Decline = "decline",
        /// Sent to the competent agency.
        Forward = "forward",
        /// Settled.
        Resolve = "resolve",
        /// Taken back.
        Withdraw = "withdraw",
    }
}

words! {
    /// How it came out.
    Outcome {
        /// Đúng.
        Upheld = "upheld",
        /// Đúng một phần.
        Partly = "partly",
        /// Sai.
        Unfounded = "unfounded",
        /// Answered: a recommendation is neither right nor wrong.
        Answered = "answered",
    }
}

words! {
    /// Against what of the unit it is.
    Target {
        /// A decision, a rule, an act in the unit's name.
        Decision = "decision",
        /// The conduct of an officer.
        Officer = "officer",
        /// The conduct of its head.
        Head = "head",
    }
}

words! {
    /// How it came in.
    Channel {
        /// Online, by who signed in.
        Online = "online",
        /// At a counter, typed by an officer.
        Desk = "desk",
    }
}

/// A petition as stored; nothing of it is open but a mask, and that only where the identity is not protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Petition {
    /// Its id.
    pub id: PetitionId,
    /// Its code.
    pub code: String,
    /// Under which law it falls.
    pub kind: Kind,
    /// What the questions led to.
    pub stated_kind: Kind,
    /// How it stands.
    pub state: State,
    /// Whether the identity needs its own right.
    pub is_protected: bool,
    /// How it came in.
    pub channel: Channel,
    /// Who handles it.
    pub unit: UnitId,
    /// That unit's name on the day.
    pub unit_name: String,
    /// It can only be forwarded.
    pub is_outside: bool,
    /// Whose decision or conduct it is against.
    pub against: UnitId,
    /// That unit's name on the day.
    pub against_name: String,
    /// Against what of it.
    pub target: Target,
    /// That unit must keep its hands off.
    pub is_conflicting: bool,
    /// Keyed index of the person's name it is against.
    pub against_index: Vec<u8>,
    /// Masked name of who filed.
    pub filer_mask: Option<String>,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// When the next step is due.
    pub due_at: Option<Timestamp>,
    /// Whether the calendar of that day is confirmed.
    pub is_due_confirmed: bool,
    /// How it came out.
    pub outcome: Option<Outcome>,
    /// To whom it was forwarded.
    pub forwarded_to: Option<String>,
    /// Grows with each step.
    pub revision: i64,
}

/// What it says. Sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// In one line.
    pub subject: String,
    /// What happened.
    pub story: String,
    /// What is asked for.
    pub wish: String,
    /// The person it is against, where one is named.
    pub against_person: String,
}

/// Who filed it. Sealed apart from the content.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filer {
    /// The person's record, where there is one.
    pub person: Option<PersonRef>,
    /// The account, where it came online.
    pub account: Option<AccountId>,
    /// Full name.
    pub name: String,
    /// 12-digit number; may be empty at the counter.
    pub number: String,
    /// Telephone.
    pub phone: String,
    /// Address.
    pub address: String,
}

impl std::fmt::Debug for Content {
    /// Shows nothing: it may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content(…)")
    }
}

impl std::fmt::Debug for Filer {
    /// Shows nothing: it may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Filer(…)")
    }
}

/// One step, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: PetitionEventId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub step: Step,
    /// What it was afterwards.
    pub to_state: State,
    /// Its kind afterwards.
    pub to_kind: Kind,
    /// The officer, where one did it.
    pub actor_name: Option<String>,
    /// Her unit.
    pub unit_name: Option<String>,
    /// Sealed words.
    pub note: Option<Vec<u8>>,
}

/// What went wrong with a petition.
#[derive(Debug, thiserror::Error)]
pub enum PetitionError {
    /// No such petition, or none that this person may know of.
    #[error("no such petition")]
    NotFound,
    /// The step does not exist in this state.
    #[error("{step} is not possible in state {state}")]
    WrongState {
        /// How it stands.
        state: State,
        /// What was asked.
        step: Step,
    },
    /// Somebody changed it since the page was drawn.
    #[error("the petition was changed meanwhile")]
    Stale,
    /// A reason, the words of a letter or an outcome is missing.
    #[error("the step needs {0}")]
    Missing(&'static str),
    /// It is against the unit to which it would be forwarded.
    #[error("a petition is never sent to whom it is against")]
    ToTheAccused,
    /// No unit in the province can take it.
    #[error("no unit is there for it")]
    NoUnit,
    /// A file that was kept from an earlier sending of the form is no more.
    #[error("a kept file is gone")]
    FilesGone,
    /// A stored value does not read back.
    #[error("a stored petition does not read back")]
    Damaged,
    /// Policy, purpose or person said no.
    #[error(transparent)]
    Refused(#[from] identity::IdentityError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for PetitionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::WrongState { .. } | Self::Stale | Self::FilesGone => ErrorKind::Conflict,
            Self::Missing(_) | Self::ToTheAccused | Self::NoUnit => ErrorKind::Invalid,
            Self::Damaged => ErrorKind::Internal,
            Self::Refused(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "petition-not-found",
            Self::WrongState { .. } => "petition-wrong-state",
            Self::Stale => "petition-stale",
            Self::Missing(_) => "petition-missing",
            Self::ToTheAccused => "petition-to-the-accused",
            Self::NoUnit => "petition-no-unit",
            Self::FilesGone => "kept-file-gone",
            Self::Damaged => "internal",
            Self::Refused(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Refused(error) => error.args(),
            Self::Store(error) => error.args(),
            _ => Vec::new(),
        }
    }
}
