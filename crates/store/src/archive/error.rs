//! What can go wrong with archives, backups and the saving of damaged data. Texts are for the operator at the terminal,
//! say what to do, and name files and tables, never a stored value.

use std::path::PathBuf;

use kernel::{ErrorKind, Fault};

use crate::{StoreError, blob::BlobError};

/// A fault of an archive or a backup.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file or folder cannot be read or written.
    #[error("{path}: {source}; {remedy}", path = path.display(), remedy = crate::remedy(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The refusal.
        source: std::io::Error,
    },
    /// Something is there already, and would be overwritten or mixed with.
    #[error("{0} is not empty; name a new one")]
    NotEmpty(String),
    /// It is no archive or backup, or one of a form this program does not know.
    #[error("{what}: {reason}")]
    BadForm {
        /// The file, or the entry in it.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// It ends before its end.
    #[error("the archive was cut off: its manifest is missing")]
    CutOff,
    /// Its contents are not those that were written.
    #[error("{what} is damaged: {reason}")]
    Damaged {
        /// The table or file.
        what: String,
        /// What does not fit.
        reason: String,
    },
    /// It was made with another schema.
    #[error(
        "the archive has another schema: {0}; import it into a database that is still empty, with the program that made it \
         or a newer one"
    )]
    OtherSchema(String),
    /// Its sealed values belong to another key file.
    #[error("the archive was sealed with other keys; use the key file of the province it came from")]
    OtherKeys,
    /// The store that is imported into has rows.
    #[error("table {0} has rows; an archive is imported into an empty store only")]
    StoreNotEmpty(String),
    /// An import broke off here before.
    #[error("an import into this store broke off; remove it and import into a new one")]
    HalfImported,
    /// A fault of the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A fault of the blobs.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl ArchiveError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> ArchiveError {
        let path = path.into();
        move |source| ArchiveError::Io { path, source }
    }

    pub(crate) fn bad(what: impl Into<String>, reason: impl std::fmt::Display) -> ArchiveError {
        ArchiveError::BadForm {
            what: what.into(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn damaged(what: impl Into<String>, reason: impl std::fmt::Display) -> ArchiveError {
        ArchiveError::Damaged {
            what: what.into(),
            reason: reason.to_string(),
        }
    }
}

impl Fault for ArchiveError {
    fn kind(&self) -> ErrorKind {
        match self {
            ArchiveError::Io { .. } => ErrorKind::Unavailable,
            ArchiveError::NotEmpty(_) | ArchiveError::StoreNotEmpty(_) | ArchiveError::HalfImported => {
                ErrorKind::Conflict
            }
            ArchiveError::BadForm { .. }
            | ArchiveError::CutOff
            | ArchiveError::Damaged { .. }
            | ArchiveError::OtherSchema(_)
            | ArchiveError::OtherKeys => ErrorKind::Invalid,
            ArchiveError::Store(fault) => fault.kind(),
            ArchiveError::Blob(fault) => fault.kind(),
        }
    }

    fn code(&self) -> &'static str {
        "internal"
    }
}
