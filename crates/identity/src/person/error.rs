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
    /// The pair is not open any more: somebody decided it, or it never was.
    #[error("the pair of records is decided already")]
    PairDecided,
    /// The two records have different numbers: they are two people.
    #[error("records with different numbers are never merged")]
    DifferentNumbers,
    /// The two records are merged already, directly or over others.
    #[error("the records are of one person already")]
    OneAlready,
    /// More records would be one person than anybody has.
    #[error("too many records of one person")]
    Crowd,
    /// No such merge, or it was undone already.
    #[error("no such merge that holds")]
    NoLink,
    /// The person is marked as deceased: nobody acts as her or for her, but her heirs.
    #[error("the person is marked as deceased")]
    Deceased,
    /// The person is not marked as deceased, or not any more.
    #[error("the person is not marked as deceased")]
    NotDeceased,
    /// The day of death lies in the future or before the birth.
    #[error("a day of death lies in the past and after the birth")]
    DeathDay,
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
            Self::NoPerson | Self::NoQuestion | Self::NoLink | Self::NotDeceased => ErrorKind::NotFound,
            Self::Changed | Self::PairDecided | Self::OneAlready | Self::Deceased => ErrorKind::Conflict,
            Self::Name | Self::NoReason | Self::DifferentNumbers | Self::Crowd | Self::DeathDay => ErrorKind::Invalid,
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
            Self::PairDecided => "person-pair-decided",
            Self::DifferentNumbers => "person-different-numbers",
            Self::OneAlready => "person-one-already",
            Self::Crowd => "person-crowd",
            Self::NoLink => "person-no-link",
            Self::Deceased => "person-deceased",
            Self::NotDeceased => "person-not-deceased",
            Self::DeathDay => "person-death-day",
            Self::Damaged => "person-damaged",
            Self::Purpose(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
