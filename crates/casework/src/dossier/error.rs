//! What can go wrong with a dossier, each as something that the person can act on.
//! The public text of each stands in `text/*.ftl` under `error-` + code; personal data is in none of them.

use kernel::{ErrorKind, Fault};
use store::StoreError;

use super::state::{Action, State};

/// A command on a dossier was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// No such dossier, or none that this person may know of.
    #[error("no such dossier")]
    NotFound,
    /// No such draft of this person, or it was sent already.
    #[error("no such draft")]
    DraftNotFound,
    /// No such file.
    #[error("no such file")]
    FileNotFound,
    /// The scanner has not looked at the file yet.
    #[error("the file waits for the scanner")]
    FileChecking,
    /// The scanner found something in the file; its bytes are gone.
    #[error("the scanner found something in the file")]
    FileInfected,
    /// The action does not exist in this state.
    #[error("{action} is not possible in state {state}")]
    WrongState {
        /// State of the dossier.
        state: State,
        /// What was asked.
        action: Action,
    },
    /// The action exists in this state, for somebody else.
    #[error("{action} belongs to another role")]
    NotYours {
        /// What was asked.
        action: Action,
    },
    /// Somebody changed the dossier since the page was drawn.
    #[error("the dossier was changed meanwhile (revision {found}, not {expected})")]
    Stale {
        /// Revision the page showed.
        expected: i64,
        /// Revision in the table.
        found: i64,
    },
    /// Another officer works on it.
    #[error("another officer works on this dossier")]
    NotAssignee,
    /// A second request for papers needs a leader.
    #[error("a second supplement request needs a leader")]
    SecondSupplementNeedsLeader,
    /// Who proposed may not approve.
    #[error("the officer who proposed may not approve")]
    SamePerson,
    /// A reason is missing.
    #[error("the action needs a reason")]
    ReasonMissing,
    /// The list of defects is empty or too long.
    #[error("a supplement request lists 1 to 20 defects")]
    DefectsMissing,
    /// A defect without its clause or its example.
    #[error("a defect names no clause or gives no example")]
    DefectBare,
    /// A hand-over by post without the number of the item, or at the desk without what proved who came.
    #[error("the hand-over has no proof")]
    ProofMissing,
    /// The procedure has ended, or can no longer be filed here.
    #[error("the procedure has ended")]
    ProcedureEnded,
    /// The catalogue states no time limit, and the officer gave none.
    #[error("the procedure states no time limit")]
    LimitMissing,
    /// An electronic result needs a file.
    #[error("an electronic result needs its file")]
    ResultMissing,
    /// The officer to whom it is assigned is none of the unit.
    #[error("the chosen officer does not work at this unit")]
    AssigneeUnknown,
    /// Another unit still has time to answer.
    #[error("still waiting for another unit")]
    StillAsking(String),
    /// The internal note was struck out already.
    #[error("the note was struck out already")]
    CommentStruck,
    /// The work that was offered is not on offer any more.
    #[error("the work is not on offer any more")]
    OfferEnded,
    /// The request to another unit has ended.
    #[error("the request to the other unit has ended")]
    CoordinationEnded,
    /// The child dossier is not at a step at which this is done.
    #[error("the child dossier stands elsewhere")]
    ChildState,
    /// The unit had this part before, or sent it.
    #[error("the unit had this part before")]
    SentBefore,
    /// A file that was kept from an earlier sending of the form is no more.
    #[error("a kept file is gone")]
    FilesGone,
    /// The date that was promised has passed.
    #[error("a due date is extended before it passes")]
    ExtensionTooLate,
    /// This procedure is not filed here.
    #[error("the procedure cannot be filed here")]
    NotFiledHere,
    /// Public pages run in mode `guide`.
    #[error("submission is closed here; the national portal takes it")]
    GuideMode,
    /// No unit settles this procedure in the chosen area.
    #[error("no competent unit")]
    UnitMissing,
    /// Required answers or papers are missing from the draft.
    #[error("the draft is incomplete: {0}")]
    Incomplete(&'static str),
    /// A bound was passed: too many files, drafts.
    #[error("too many: {0}")]
    TooMany(&'static str),
    /// The code and the digits do not fit together.
    #[error("the check digits do not fit")]
    CheckFailed,
    /// Too many wrong checks for this dossier.
    #[error("too many wrong checks")]
    CheckLocked,
    /// A typed value is none.
    #[error("the value of {0} is not valid")]
    BadValue(&'static str),
    /// The policy says no.
    #[error(transparent)]
    Refused(#[from] identity::IdentityError),
    /// What was taken with the line down is not taken over.
    #[error(transparent)]
    Offline(#[from] crate::offline::Refusal),
    /// A register refuses what the step would write.
    #[error(transparent)]
    Effect(#[from] crate::effect::EffectError),
    /// The table said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored value does not read back.
    #[error("a stored dossier does not read back: {0}")]
    Damaged(String),
}

impl Fault for DossierError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::DraftNotFound | Self::FileNotFound => ErrorKind::NotFound,
            Self::WrongState { .. }
            | Self::Stale { .. }
            | Self::StillAsking(_)
            | Self::CoordinationEnded
            | Self::ChildState
            | Self::FilesGone
            | Self::OfferEnded
            | Self::CommentStruck
            | Self::ExtensionTooLate => ErrorKind::Conflict,
            Self::NotYours { .. }
            | Self::NotAssignee
            | Self::SecondSupplementNeedsLeader
            | Self::SamePerson
            | Self::GuideMode
            | Self::NotFiledHere => ErrorKind::Forbidden,
            Self::ReasonMissing
            | Self::DefectsMissing
            | Self::DefectBare
            | Self::ProofMissing
            | Self::LimitMissing
            | Self::ResultMissing
            | Self::AssigneeUnknown
            | Self::SentBefore
            | Self::UnitMissing
            | Self::Incomplete(_)
            | Self::CheckFailed
            | Self::BadValue(_) => ErrorKind::Invalid,
            Self::TooMany(_) => ErrorKind::TooLarge,
            Self::FileChecking => ErrorKind::Busy { retry_after_s: 30 },
            Self::FileInfected | Self::ProcedureEnded => ErrorKind::Gone,
            Self::CheckLocked => ErrorKind::TooMany { retry_after_s: 3600 },
            Self::Refused(error) => error.kind(),
            Self::Offline(refusal) => refusal.kind(),
            Self::Effect(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::Damaged(_) => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "dossier-not-found",
            Self::DraftNotFound => "draft-not-found",
            Self::FileNotFound => "dossier-file-not-found",
            Self::FileChecking => "dossier-file-checking",
            Self::FileInfected => "dossier-file-infected",
            Self::WrongState { .. } => "dossier-wrong-state",
            Self::NotYours { .. } => "dossier-not-yours",
            Self::Stale { .. } => "dossier-stale",
            Self::NotAssignee => "dossier-not-assignee",
            Self::SecondSupplementNeedsLeader => "dossier-second-supplement",
            Self::SamePerson => "dossier-same-person",
            Self::ReasonMissing => "dossier-reason-missing",
            Self::DefectsMissing => "dossier-defects-missing",
            Self::DefectBare => "dossier-defect-bare",
            Self::ProofMissing => "dossier-proof-missing",
            Self::ProcedureEnded => "dossier-procedure-ended",
            Self::LimitMissing => "dossier-limit-missing",
            Self::ResultMissing => "dossier-result-missing",
            Self::AssigneeUnknown => "dossier-assignee-unknown",
            Self::StillAsking(_) => "dossier-still-asking",
            Self::CoordinationEnded => "coordination-ended",
            Self::ChildState => "child-wrong-state",
            Self::SentBefore => "child-sent-before",
            Self::FilesGone => "kept-file-gone",
            Self::OfferEnded => "dossier-offer-ended",
            Self::CommentStruck => "comment-struck",
            Self::ExtensionTooLate => "dossier-extension-too-late",
            Self::NotFiledHere => "dossier-not-filed-here",
            Self::GuideMode => "dossier-guide-mode",
            Self::UnitMissing => "dossier-unit-missing",
            Self::Incomplete(_) => "dossier-incomplete",
            Self::TooMany(_) => "dossier-too-many",
            Self::CheckFailed => "dossier-check-failed",
            Self::CheckLocked => "dossier-check-locked",
            Self::BadValue(_) => "dossier-bad-value",
            Self::Refused(error) => error.code(),
            Self::Offline(refusal) => refusal.code(),
            Self::Effect(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Damaged(_) => "internal",
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Refused(error) => error.args(),
            Self::Effect(error) => error.args(),
            Self::Store(error) => error.args(),
            Self::StillAsking(whom) => vec![("whom", whom.clone())],
            _ => Vec::new(),
        }
    }
}
