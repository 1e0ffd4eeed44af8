//! What can go wrong with blobs. Owns the distinction between a body that is refused, a place that
//! fails and an object that is not what came in.

use kernel::{ErrorKind, Fault};

use super::BlobId;
use crate::keys::KeyError;

/// A fault of a body, an object or the place where objects lie.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// The body is longer than allowed.
    #[error("the body is longer than {size_max} bytes")]
    TooLarge {
        /// What was allowed, in bytes.
        size_max: u64,
    },
    /// The body broke off before its end.
    #[error("the body broke off: {0}")]
    Source(#[source] std::io::Error),
    /// The disk, or the quota, is full.
    #[error("no space is left where blobs are stored; free some, the data is unharmed ({0})")]
    Full(#[source] object_store::Error),
    /// The place refused or failed.
    #[error("where blobs are stored: {0}; check that the folder can be written, or that the S3 service answers")]
    Storage(#[source] object_store::Error),
    /// A folder for blobs cannot be made.
    #[error("{path}: {source}; {remedy}", path = path.display(), remedy = crate::remedy(source))]
    Io {
        /// The folder.
        path: std::path::PathBuf,
        /// The refusal.
        source: std::io::Error,
    },
    /// The settings cannot be.
    #[error("blob storage: {0}")]
    Config(String),
    /// A row names an object that is not there.
    #[error("the object of blob {0} is missing")]
    Missing(BlobId),
    /// The blob was erased, as the law or its owner asked.
    #[error("blob {0} was erased")]
    Erased(BlobId),
    /// The object is not what came in.
    #[error("the object of blob {id} is damaged: {reason}")]
    Corrupt {
        /// The blob.
        id: BlobId,
        /// What does not fit.
        reason: &'static str,
    },
    /// Its data key does not open.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Fault for BlobError {
    fn kind(&self) -> ErrorKind {
        match self {
            BlobError::TooLarge { .. } => ErrorKind::TooLarge,
            BlobError::Source(_) => ErrorKind::Invalid,
            BlobError::Full(_) | BlobError::Storage(_) => ErrorKind::Unavailable,
            BlobError::Erased(_) => ErrorKind::Gone,
            BlobError::Io { .. }
            | BlobError::Config(_)
            | BlobError::Missing(_)
            | BlobError::Corrupt { .. }
            | BlobError::Key(_) => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            BlobError::TooLarge { .. } => "blob-too-large",
            BlobError::Source(_) => "blob-broken-off",
            BlobError::Full(_) | BlobError::Storage(_) => "blob-storage",
            BlobError::Erased(_) => "blob-erased",
            BlobError::Io { .. }
            | BlobError::Config(_)
            | BlobError::Missing(_)
            | BlobError::Corrupt { .. }
            | BlobError::Key(_) => "internal",
        }
    }
}

impl From<object_store::Error> for BlobError {
    fn from(fault: object_store::Error) -> BlobError {
        if is_full(&fault) {
            BlobError::Full(fault)
        } else {
            BlobError::Storage(fault)
        }
    }
}

fn is_full(fault: &(dyn std::error::Error + 'static)) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    let mut next = Some(fault);
    while let Some(fault) = next {
        let io = fault.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| matches!(io.kind(), StorageFull | QuotaExceeded)) {
            return true;
        }
        next = fault.source();
    }
    false
}
