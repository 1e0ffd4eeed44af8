//! What a citizen is told about her dossiers: one row a change that concerns her, shown at `/my/notices` and counted in the
//! masthead. Refuses personal data: the words are made from the kind when the page is drawn. E-mail, SMS and Zalo listen to
//! the outbox event of the same change (`told`); officers have the same rows for deadlines (`inbox`).

pub mod contact;
pub mod http;
pub mod inbox;
pub(crate) mod store;
pub mod told;

use ::store::{StoreError, Tx};
use identity::AccountId;
use kernel::{Timestamp, World};

use crate::dossier::state::Action;
use crate::dossier::{Dossier, DossierId};
use kernel::words;

/// How many notices an account has not read, at most 100: what the masthead shows beside "Notices".
///
/// # Errors
/// When the store fails.
pub(crate) fn unread(tx: &mut Tx, account: AccountId) -> Result<u64, StoreError> {
    Ok(u64::try_from(store::unread(tx, account)?).unwrap_or(0))
}

kernel::define_id!(
    /// One notice.
    pub struct NoticeId
);

/// What is told of dossiers by e-mail, SMS, Zalo, push and letter.
pub const TEMPLATES: &[::notice::Source] = &[
    ::notice::Source {
        name: "casework/data/notices/dossier.toml",
        text: include_str!("../../data/notices/dossier.toml"),
    },
    ::notice::Source {
        name: "casework/data/notices/officer.toml",
        text: include_str!("../../data/notices/officer.toml"),
    },
];

words! {
    /// What happened.
    NoticeKind {
        /// We have it.
        Submitted = "submitted",
        /// The desk received it; there is a due date.
        Received = "received",
        /// The desk refused it.
        Refused = "refused",
        /// Something is missing.
        SupplementAsked = "supplement-asked",
        /// A fee is to be paid.
        FeeAsked = "fee-asked",
        /// The result is there.
        ResultReady = "result-ready",
        /// The result was handed over.
        Returned = "returned",
        /// The due date was put off, with an apology.
        Extended = "extended",
        /// The procedure was stopped.
        Stopped = "stopped",
        /// Taken back, as asked.
        Withdrawn = "withdrawn",
        /// The applicant has not answered what was asked.
        SupplementWaits = "supplement-waits",
        /// To an officer: reception is due within two working hours.
        ReceiptNear = "receipt-near",
        /// To an officer: reception is late.
        ReceiptLate = "receipt-late",
        /// To officer and leader: the result is due soon.
        DueNear = "due-near",
        /// To officer and leader: the result is over.
        DueOver = "due-over",
        /// To the unit above: over by two working days.
        Escalated = "escalated",
        /// To officer and leader: nothing has happened for days.
        LiesStill = "lies-still",
        /// To an officer: work is offered to her.
        WorkOffered = "work-offered",
        /// To an officer: work was given to her.
        WorkGiven = "work-given",
        /// To who had the work: somebody took it over.
        WorkAccepted = "work-accepted",
        /// To who offered it: she did not take it.
        WorkDeclined = "work-declined",
        /// To the leaders: an officer gave her work back.
        WorkGivenBack = "work-given-back",
        /// To an officer: somebody whom her dossier is about was marked as deceased.
        PersonDeceased = "person-deceased",
        /// To leaders, or to the officer whom it is given to: another unit handed work over.
        ChildArrived = "child-arrived",
        /// To the leaders: the answer is laid before them.
        ChildProposed = "child-proposed",
        /// To the officer who works on it: the leader wants it done again.
        ChildSentBack = "child-sent-back",
        /// To who sent it: the other unit asks for something.
        ChildAsks = "child-asks",
        /// To who works on it: what she asked for is answered.
        ChildReplied = "child-replied",
        /// To who sent it: the answer is there.
        ChildAnswered = "child-answered",
        /// To who sent it: it was given back.
        ChildGivenBack = "child-given-back",
        /// To who sent it: it went on to a third unit.
        ChildSentOn = "child-sent-on",
        /// To who works on it: nobody needs it any more.
        ChildEnded = "child-ended",
        /// To both units: nobody has accepted it in time.
        ChildAcceptLate = "child-accept-late",
        /// To the unit that has it: it is due soon.
        ChildNear = "child-near",
        /// To both units: it is over.
        ChildOver = "child-over",
        /// To the unit above the one that has it: over by two working days.
        ChildEscalated = "child-escalated",
    }
}

impl NoticeKind {
    /// Whether an action is told to the applicant, and as what.
    #[must_use]
    pub const fn of(action: Action) -> Option<Self> {
        match action {
            Action::Receive => Some(Self::Received),
            Action::Refuse => Some(Self::Refused),
            Action::AskSupplement => Some(Self::SupplementAsked),
            Action::AskFee => Some(Self::FeeAsked),
            Action::Approve => Some(Self::ResultReady),
            Action::Return => Some(Self::Returned),
            Action::Extend => Some(Self::Extended),
            Action::Stop => Some(Self::Stopped),
            Action::Withdraw => Some(Self::Withdrawn),
            Action::AnswerSupplement
            | Action::ConfirmFee
            | Action::Assign
            | Action::Claim
            | Action::Forward
            | Action::Propose
            | Action::SendBack
            | Action::AttachResult => None,
        }
    }

    /// It is about a child dossier, whose id it carries.
    #[must_use]
    pub fn is_of_child(self) -> bool {
        self.word().starts_with("child-")
    }

    /// Who reads it has to do something.
    #[must_use]
    pub const fn asks(self) -> bool {
        match self {
            Self::SupplementAsked
            | Self::FeeAsked
            | Self::SupplementWaits
            | Self::ReceiptNear
            | Self::ReceiptLate
            | Self::DueNear
            | Self::DueOver
            | Self::Escalated
            | Self::LiesStill
            | Self::WorkOffered
            | Self::WorkGiven
            | Self::WorkDeclined
            | Self::WorkGivenBack
            | Self::PersonDeceased
            | Self::ChildArrived
            | Self::ChildProposed
            | Self::ChildSentBack
            | Self::ChildAsks
            | Self::ChildReplied
            | Self::ChildAnswered
            | Self::ChildGivenBack
            | Self::ChildAcceptLate
            | Self::ChildNear
            | Self::ChildOver
            | Self::ChildEscalated => true,
            Self::ChildSentOn | Self::ChildEnded => false,
            Self::WorkAccepted
            | Self::Submitted
            | Self::Received
            | Self::Refused
            | Self::ResultReady
            | Self::Returned
            | Self::Extended
            | Self::Stopped
            | Self::Withdrawn => false,
        }
    }
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// Whom it is for.
    pub account: AccountId,
    /// The dossier, or the child dossier that a kind of those is about.
    pub dossier: DossierId,
    /// The dossier's code as text; empty until the code is given.
    pub dossier_code: String,
    /// The procedure.
    pub procedure_name: String,
    /// What happened.
    pub kind: NoticeKind,
    /// When.
    pub at: Timestamp,
    /// When it was read.
    pub read_at: Option<Timestamp>,
}

impl Notice {
    /// A notice about `dossier` for `account`.
    #[must_use]
    pub fn new(world: &dyn World, account: AccountId, dossier: &Dossier, kind: NoticeKind, at: Timestamp) -> Self {
        Self {
            id: NoticeId::new(world),
            account,
            dossier: dossier.id,
            dossier_code: String::new(),
            procedure_name: dossier.procedure_name.clone(),
            kind,
            at,
            read_at: None,
        }
    }
}
