//! Owns what can go wrong with a sign-in. One public answer stands for wrong name, wrong password and locked account, so that
//! nobody learns which names exist.

use kernel::{ErrorKind, Fault};
use store::StoreError;

/// What can go wrong with a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No live session with this id belongs to the account.
    #[error("no such session")]
    Unknown,
    /// The assignment to act under is not the officer's, or does not hold today.
    #[error("the assignment does not hold")]
    NotHeld,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record of the request lacks what the session layer puts there: the route is outside the layer.
    #[error("the session layer does not cover this route")]
    LayerMissing,
}

impl Fault for SessionError {
    fn kind(&self) -> ErrorKind {
        match self {
            SessionError::Unknown => ErrorKind::NotFound,
            SessionError::NotHeld => ErrorKind::Forbidden,
            SessionError::Store(error) => error.kind(),
            SessionError::LayerMissing => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            SessionError::Unknown => "session-unknown",
            SessionError::NotHeld => "session-not-held",
            SessionError::Store(error) => error.code(),
            SessionError::LayerMissing => "session-layer-missing",
        }
    }
}
