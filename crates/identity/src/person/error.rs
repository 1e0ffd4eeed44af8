//! What can go wrong with records of people. No message carries a name or a number.
//! What went wrong is said by field and by key, for the log as for the page.

use crate::purpose::PurposeError;
use kernel::{ErrorKind, Fault};

/// A fault of records of people and organisations.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// Nobody with this number or id is on record.
    #[error("no such person")]
    NoPerson,
    /// No such question, or it is decided already.
    #[error("no such open question")]
    NoQuestion,
    /// The record changed since it was read.
    #[error("the record was changed by somebody else")]
    Changed,
    /// A name is empty or longer than 200 characters.
    #[error("a name must have 1 to 200 characters")]
    Name,
    /// A decision needs a reason.
    #[error("a decision needs a reason")]
    NoReason,
    /// The sealed document is no record of a person.
    #[error("a sealed record cannot be read")]
    Damaged,
    /// The sealed document does not open.
    #[error(transparent)]
    Purpose(#[from] PurposeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
}

impl Fault for PersonError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoPerson | Self::NoQuestion => ErrorKind::NotFound,
            Self::Changed => ErrorKind::Conflict,
            Self::Name | Self::NoReason => ErrorKind::Invalid,
            Self::Damaged => ErrorKind::Internal,
            Self::Purpose(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoPerson => "person-none",
            Self::NoQuestion => "person-no-question",
            Self::Changed => "person-changed",
            Self::Name => "person-name",
            Self::NoReason => "person-no-reason",
            Self::Damaged => "person-damaged",
            Self::Purpose(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
