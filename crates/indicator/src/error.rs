//! What can go wrong when figures are asked for, each as something that the person can act on.
//! The public text of each stands in `text/*.ftl` under `error-` + code.

use kernel::{ErrorKind, Fault};
use store::StoreError;

/// A figure was not told.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// No such set of rows, report or unit, or none that this person may know of.
    #[error("no such figure, set or report")]
    NotFound,
    /// Facts were never made from the dossiers.
    #[error("the figures were not made yet")]
    NotBuilt,
    /// Nothing was counted in the period, so that there is nothing to keep.
    #[error("there is no data in the period")]
    NoData,
    /// The data of an index cannot be read.
    #[error("the index cannot be read: {0}")]
    Index(String),
    /// The catalogue of procedures could not be read.
    #[error(transparent)]
    Dossier(#[from] casework::dossier::DossierError),
    /// The policy says no, or the record of an export could not be written.
    #[error(transparent)]
    Refused(#[from] identity::IdentityError),
    /// A file of the export could not be written.
    #[error("the export cannot be written: {0}")]
    Write(String),
    /// The table said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for FigureError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotBuilt => ErrorKind::Busy { retry_after_s: 60 },
            Self::NoData => ErrorKind::Invalid,
            Self::Index(_) | Self::Write(_) => ErrorKind::Internal,
            Self::Dossier(error) => error.kind(),
            Self::Refused(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "figure-not-found",
            Self::NotBuilt => "figure-not-built",
            Self::NoData => "figure-no-data",
            Self::Index(_) | Self::Write(_) => "internal",
            Self::Dossier(error) => error.code(),
            Self::Refused(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Dossier(error) => error.args(),
            Self::Refused(error) => error.args(),
            Self::Store(error) => error.args(),
            Self::NotFound | Self::NotBuilt | Self::NoData | Self::Index(_) | Self::Write(_) => Vec::new(),
        }
    }
}
