//! What can go wrong with keys. Owns the words an operator reads.
//! Never carries a secret or a plain value, not even in `Debug`.

use std::path::PathBuf;

use kernel::{ErrorKind, Fault};

use super::KeyId;

/// A fault of the key file, the ring or a sealed value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no key file where the configuration says.
    #[error("there is no key file at {path}; `tinhso init` makes one, and a restored province needs its old one")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A key file would be overwritten.
    #[error("{path} exists already; a key file is never overwritten, because what it sealed would be lost")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner may read or write the key file.
    #[error("{path} has mode {mode:03o}: others may read the keys; run `chmod 600 {path}`", path = path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file lies inside the data folder, so that a copy of the data would carry the keys.
    #[error("{path} lies inside the data folder; keep the keys elsewhere, so that a copy of the data holds none")]
    InsideData {
        /// The file.
        path: PathBuf,
    },
    /// The key file is no key file of a known form.
    #[error("{path}: {reason}")]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused an access to the key file.
    #[error("{path}: {source}; {remedy}", remedy = crate::remedy(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// The refusal.
        source: std::io::Error,
    },
    /// No sealing key is marked as the active one.
    #[error("the key file names no active sealing key")]
    NoActiveKey,
    /// There is no index root, or more than one.
    #[error("the key file needs exactly one key with purpose \"index\"")]
    NoIndexKey,
    /// The active key cannot be retired.
    #[error("key {id} is the active one; rotate first")]
    StillActive {
        /// The key.
        id: KeyId,
    },
    /// A value was sealed by a key that the ring does not hold.
    #[error("key {id} is not in the key file; this value, or the whole database, was sealed with other keys")]
    UnknownKey {
        /// The key the envelope names.
        id: KeyId,
    },
    /// The key file does not belong to this database.
    #[error("the key file does not fit this database: {reason}; start with the key file the province was made with")]
    WrongKeys {
        /// Which check failed.
        reason: &'static str,
    },
    /// The bytes are no sealed value.
    #[error("this is not a sealed value")]
    Malformed,
    /// The sealed value was changed, or is not for this place.
    #[error("a sealed value does not open at {context}: it was changed or moved")]
    Tampered {
        /// The place it was read at.
        context: String,
    },
}

impl Fault for KeyError {
    fn kind(&self) -> ErrorKind {
        match self {
            KeyError::Missing { .. }
            | KeyError::Exists { .. }
            | KeyError::Exposed { .. }
            | KeyError::InsideData { .. }
            | KeyError::BadFile { .. }
            | KeyError::Io { .. }
            | KeyError::NoActiveKey
            | KeyError::NoIndexKey
            | KeyError::StillActive { .. }
            | KeyError::UnknownKey { .. }
            | KeyError::WrongKeys { .. }
            | KeyError::Malformed
            | KeyError::Tampered { .. } => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        "internal"
    }
}
