//! What can go wrong with the exchange, for the operator and for pages. Owns no words for the public: those stand in the texts.
//! Refuses personal data: every variant may end in a log.

use kernel::{ErrorKind, Fault};
use store::StoreError;

/// A fault of the exchange.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The configuration names something that is faulty.
    #[error("{0}")]
    Config(String),
    /// No portal is set up here.
    #[error("no portal is set up")]
    NotSetUp,
    /// There is no such transfer or link.
    #[error("no transfer that this can be done to")]
    NotFound,
    /// Who speaks in the portal's name does not know the password.
    #[error("no such user and password of the portal")]
    Inbound,
    /// A body that is no JSON, or too long.
    #[error("the body cannot be read")]
    Unreadable,
    /// A file that the scanner has not looked at yet.
    #[error("the file was not looked at yet")]
    NotLookedAt,
    /// A receipt that is none of ours, or was changed.
    #[error("the receipt does not hold: {0}")]
    Receipt(&'static str),
    /// Who asks may not.
    #[error(transparent)]
    Policy(#[from] identity::policy::PolicyError),
    /// A dossier that cannot be filed.
    #[error(transparent)]
    Dossier(#[from] casework::dossier::DossierError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for ExchangeError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Config(_) => ErrorKind::Internal,
            Self::NotSetUp | Self::NotFound => ErrorKind::NotFound,
            Self::Inbound => ErrorKind::Unauthenticated,
            Self::NotLookedAt => ErrorKind::Conflict,
            Self::Receipt(_) | Self::Unreadable => ErrorKind::Invalid,
            Self::Policy(error) => error.kind(),
            Self::Dossier(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "exchange-config",
            Self::NotSetUp => "exchange-not-set-up",
            Self::NotFound => "exchange-not-found",
            Self::Inbound => "exchange-inbound",
            Self::NotLookedAt => "exchange-not-looked-at",
            Self::Unreadable => "exchange-unreadable",
            Self::Receipt(_) => "exchange-receipt",
            Self::Policy(error) => error.code(),
            Self::Dossier(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Policy(error) => error.args(),
            Self::Dossier(error) => error.args(),
            Self::Store(error) => error.args(),
            _ => Vec::new(),
        }
    }
}
