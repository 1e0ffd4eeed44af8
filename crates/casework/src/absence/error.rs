//! What can go wrong with an absence, each as something that the person can act on.
//! The public text of each stands in `text/*/work.ftl` under `error-` + code.

use kernel::{ErrorKind, Fault};
use store::StoreError;

/// An absence was not entered or ended.
#[derive(Debug, thiserror::Error)]
pub enum AbsenceError {
    /// No such absence, or none that this officer may know of.
    #[error("no such absence")]
    NotFound,
    /// It ends before it begins.
    #[error("the last day lies before the first")]
    Order,
    /// Its last day has passed.
    #[error("the last day has passed")]
    Past,
    /// More than a year.
    #[error("an absence is at most {0} days long")]
    TooLong(i64),
    /// Who is away cannot stand in for herself.
    #[error("nobody stands in for herself")]
    OwnDeputy,
    /// The deputy does not hold the same role at the same unit.
    #[error("the deputy does not do the same work at the same unit")]
    DeputyElsewhere,
    /// She is away on some of these days already.
    #[error("an absence of these days is entered already")]
    Overlaps,
    /// It was ended already.
    #[error("the absence was ended already")]
    Ended,
    /// The policy says no.
    #[error(transparent)]
    Refused(#[from] identity::IdentityError),
    /// The table said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for AbsenceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Order | Self::Past | Self::TooLong(_) | Self::OwnDeputy | Self::DeputyElsewhere => ErrorKind::Invalid,
            Self::Overlaps | Self::Ended => ErrorKind::Conflict,
            Self::Refused(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "absence-not-found",
            Self::Order => "absence-order",
            Self::Past => "absence-past",
            Self::TooLong(_) => "absence-too-long",
            Self::OwnDeputy => "absence-own-deputy",
            Self::DeputyElsewhere => "absence-deputy-elsewhere",
            Self::Overlaps => "absence-overlaps",
            Self::Ended => "absence-ended",
            Self::Refused(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooLong(days) => vec![("days", days.to_string())],
            Self::Refused(error) => error.args(),
            Self::Store(error) => error.args(),
            _ => Vec::new(),
        }
    }
}
