//! What can go wrong when somebody decides about the dossiers of a unit that is no more.
//! The public text of each stands in `text/*/work.ftl` under `error-` + code.

use kernel::{ErrorKind, Fault};
use store::StoreError;

use crate::dossier::DossierError;

/// A decision was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum SuccessionError {
    /// There is nothing to decide about such a unit, or this person may not know of it.
    #[error("no such unit, or nothing to decide about it")]
    NotFound,
    /// Somebody decided about all its dossiers already.
    #[error("somebody decided already")]
    Decided,
    /// The chosen unit is none that may take over.
    #[error("the chosen unit is no heir")]
    NoHeir,
    /// No dossier was marked.
    #[error("no dossier was marked")]
    NothingMarked,
    /// The policy says no.
    #[error(transparent)]
    Refused(#[from] identity::IdentityError),
    /// What a dossier says.
    #[error(transparent)]
    Dossier(#[from] DossierError),
    /// The table said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for SuccessionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Decided => ErrorKind::Conflict,
            Self::NoHeir | Self::NothingMarked => ErrorKind::Invalid,
            Self::Refused(error) => error.kind(),
            Self::Dossier(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "succession-not-found",
            Self::Decided => "succession-decided",
            Self::NoHeir => "succession-no-heir",
            Self::NothingMarked => "succession-nothing-marked",
            Self::Refused(error) => error.code(),
            Self::Dossier(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Refused(error) => error.args(),
            Self::Dossier(error) => error.args(),
            Self::Store(error) => error.args(),
            _ => Vec::new(),
        }
    }
}
