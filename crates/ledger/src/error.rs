//! What can go wrong with the log, for the operator and for pages. Owns no words for the public: those stand in the texts.
//! Refuses personal data: every variant may end in a log of the program.

use kernel::{ErrorKind, Fault};
use store::StoreError;

/// A fault of the log.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The configuration names something that is faulty.
    #[error("{0}")]
    Config(String),
    /// There is no such entry, tile or checkpoint.
    #[error("the log has no such entry, tile or checkpoint")]
    NotFound,
    /// The stored tree is not the one that was signed: nothing is added to it.
    #[error("the stored log is not the one that was signed: {0}; nothing more is signed until it is mended")]
    Damaged(String),
    /// A folder cannot be written.
    #[error("{0}")]
    Folder(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for LedgerError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Config(_) | Self::Damaged(_) | Self::Folder(_) => ErrorKind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "ledger-config",
            Self::NotFound => "ledger-not-found",
            Self::Damaged(_) => "ledger-damaged",
            Self::Folder(_) => "ledger-folder",
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Store(error) => error.args(),
            Self::Config(_) | Self::NotFound | Self::Damaged(_) | Self::Folder(_) => Vec::new(),
        }
    }
}
