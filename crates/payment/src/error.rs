//! What can go wrong with bills, statements, tills and refunds, each as something that the person can act on.
//! The public text of each stands in `text/*.ftl` under `error-` + code; personal data is in none of them.

use kernel::{Date, Dong, ErrorKind, Fault};
use store::StoreError;

use crate::reconcile::{ReconcileError, ReferenceError};
use crate::statement::StatementError;
use crate::tariff::TariffError;
use crate::vietqr::{IssueError, NumberError};

/// A command about money was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// No such bill, line, till, refund, account or receipt, or none that this person may know of.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Somebody changed it since the page was drawn.
    #[error("it was changed meanwhile")]
    Stale,
    /// A bill over nothing, or below.
    #[error("a bill is over more than nothing")]
    NothingDue,
    /// The bill waits for nothing any more: paid or cancelled.
    #[error("the bill is paid or cancelled already")]
    BillEnded,
    /// The till of that day is closed; nothing of it changes.
    #[error("the till of {0} is closed")]
    TillClosed(Date),
    /// An earlier day's till is still open.
    #[error("the till of {0} must be closed first")]
    EarlierTill(Date),
    /// What was counted is not what is expected, and nobody said why.
    #[error("the difference of {0} has no explanation")]
    Difference(Dong),
    /// More was handed over than was counted, or less than nothing.
    #[error("more cannot be handed over than was counted")]
    HandedOver,
    /// The statement is another account's.
    #[error("the statement is of the account {0}")]
    AccountDiffers(String),
    /// The account is closed.
    #[error("the account is closed")]
    AccountClosed,
    /// Another row has this account at this bank.
    #[error("the account is entered already")]
    AccountTaken,
    /// How statements are read is not said rightly.
    #[error("the format of statements is not readable: {0}")]
    Format(String),
    /// More lines than are taken in at once.
    #[error("a file of more than {0} lines is not taken in at once")]
    TooManyLines(usize),
    /// Somebody decided what it is already.
    #[error("the part is decided already")]
    PartDecided,
    /// More would go back than came.
    #[error("at most {0} can go back")]
    RefundTooLarge(Dong),
    /// Nothing can go back of a bill.
    #[error("nothing can go back")]
    NothingToRefund(Nothing),
    /// The refund was sent or cancelled already.
    #[error("the refund was sent or cancelled already")]
    RefundEnded,
    /// Nobody approved the refund yet.
    #[error("the refund is not approved")]
    RefundUnapproved,
    /// Who ordered a refund does not approve it.
    #[error("who ordered a refund does not approve it")]
    RefundOwn,
    /// The refund was approved, refused or cancelled already.
    #[error("somebody decided about the refund already")]
    RefundDecided,
    /// A reason is missing.
    #[error("a reason is needed")]
    ReasonMissing,
    /// The signature of a bank's notice does not fit, or its time is too far off.
    #[error("the notice is not signed rightly: {0}")]
    Signature(&'static str),
    /// A notice of the bank that says nothing readable.
    #[error("the notice cannot be read: {0}")]
    Notice(String),
    /// The statement file.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// Bills that cannot be told apart.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// The tariff.
    #[error(transparent)]
    Tariff(#[from] TariffError),
    /// No code can be drawn.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// A number of a bank or an account.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A payment reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The policy says no, or a seal does not open.
    #[error(transparent)]
    Refused(#[from] identity::IdentityError),
    /// The table said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored value does not read back.
    #[error("a stored value does not read back: {0}")]
    Damaged(String),
}

impl PaymentError {
    /// The fault of a part, when it is one.
    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            Self::Statement(error) => Some(error),
            Self::Reconcile(error) => Some(error),
            Self::Tariff(error) => Some(error),
            Self::Issue(error) => Some(error),
            Self::Number(error) => Some(error),
            Self::Reference(error) => Some(error),
            Self::Refused(error) => Some(error),
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// Why nothing can go back of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// Nothing was ever paid.
    Came,
    /// All that was paid went back, or is ordered back.
    Left,
}

impl Fault for PaymentError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Stale
            | Self::BillEnded
            | Self::TillClosed(_)
            | Self::EarlierTill(_)
            | Self::AccountTaken
            | Self::AccountClosed
            | Self::PartDecided
            | Self::RefundUnapproved
            | Self::RefundDecided
            | Self::NothingToRefund(_)
            | Self::RefundEnded => ErrorKind::Conflict,
            Self::RefundOwn => ErrorKind::Forbidden,
            Self::NothingDue
            | Self::Difference(_)
            | Self::HandedOver
            | Self::AccountDiffers(_)
            | Self::Format(_)
            | Self::RefundTooLarge(_)
            | Self::ReasonMissing
            | Self::Notice(_) => ErrorKind::Invalid,
            Self::TooManyLines(_) => ErrorKind::TooLarge,
            Self::Signature(_) => ErrorKind::Unauthenticated,
            Self::Damaged(_) => ErrorKind::Internal,
            Self::Statement(error) => error.kind(),
            Self::Reconcile(error) => error.kind(),
            Self::Tariff(error) => error.kind(),
            Self::Issue(error) => error.kind(),
            Self::Number(error) => error.kind(),
            Self::Reference(error) => error.kind(),
            Self::Refused(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "payment-not-found",
            Self::Stale => "payment-stale",
            Self::NothingDue => "bill-nothing-due",
            Self::BillEnded => "bill-ended",
            Self::TillClosed(_) => "till-closed",
            Self::EarlierTill(_) => "till-earlier-open",
            Self::Difference(_) => "till-difference",
            Self::HandedOver => "till-handed-over",
            Self::AccountDiffers(_) => "statement-account-differs",
            Self::AccountClosed => "payment-account-closed",
            Self::AccountTaken => "payment-account-taken",
            Self::Format(_) => "payment-account-format",
            Self::TooManyLines(_) => "import-too-many-lines",
            Self::PartDecided => "line-part-decided",
            Self::RefundTooLarge(_) => "refund-too-large",
            Self::NothingToRefund(Nothing::Came) => "refund-nothing-came",
            Self::NothingToRefund(Nothing::Left) => "refund-nothing-left",
            Self::RefundEnded => "refund-ended",
            Self::RefundUnapproved => "refund-unapproved",
            Self::RefundOwn => "refund-own",
            Self::RefundDecided => "refund-decided",
            Self::ReasonMissing => "payment-reason-missing",
            Self::Signature(_) => "bank-notice-signature",
            Self::Notice(_) => "bank-notice-unreadable",
            Self::Damaged(_) => "internal",
            Self::Statement(error) => error.code(),
            Self::Reconcile(error) => error.code(),
            Self::Tariff(error) => error.code(),
            Self::Issue(error) => error.code(),
            Self::Number(error) => error.code(),
            Self::Reference(error) => error.code(),
            Self::Refused(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TillClosed(day) | Self::EarlierTill(day) => vec![("day", web::format::date(kernel::Lang::Vi, *day))],
            Self::Difference(amount) | Self::RefundTooLarge(amount) => vec![("amount", amount.to_string())],
            Self::AccountDiffers(number) => vec![("number", number.clone())],
            Self::Format(why) | Self::Notice(why) => vec![("why", why.clone())],
            Self::TooManyLines(max) => vec![("max", max.to_string())],
            other => other.inner().map(Fault::args).unwrap_or_default(),
        }
    }
}
