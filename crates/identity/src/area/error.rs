//! What can go wrong with lists of areas.
//! Each says which line of which list, so that the list can be corrected.

use kernel::{ErrorKind, Fault};
use store::StoreError;

/// A fault of areas and their lists.
#[derive(Debug, thiserror::Error)]
pub enum AreaError {
    /// A file of a list could not be read.
    #[error("{file}: {reason}")]
    File {
        /// The name of the file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A row of a list is wrong.
    #[error("{file}, line {line}: {reason}")]
    Row {
        /// The name of the file.
        file: String,
        /// The line, counted from one.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// No area has this id.
    #[error("no area {0}")]
    NoArea(super::AreaId),
    /// The code has neither two, three nor five digits.
    #[error(transparent)]
    Code(#[from] kernel::code::area::AreaCodeError),
    /// The date is none.
    #[error("not a date: {0}")]
    Date(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for AreaError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::File { .. } | Self::Row { .. } => ErrorKind::Internal,
            Self::NoArea(_) => ErrorKind::NotFound,
            Self::Code(_) | Self::Date(_) => ErrorKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::File { .. } | Self::Row { .. } => "area-list",
            Self::NoArea(_) => "area-none",
            Self::Code(_) => "area-code-invalid",
            Self::Date(_) => "area-date",
            Self::Store(error) => error.code(),
        }
    }
}
