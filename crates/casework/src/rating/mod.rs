//! What applicants say of how it went: after the result is handed over, once, to be changed for a while. The factors are data.
//! Refuses to show an officer who said what: figures count, units with few ratings are not told apart.
//! Source: SIPAS, the five factors on a scale of five; the share of the two best answers is the index.

pub mod http;
mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use ::store::StoreError;
use kernel::{Bilingual, ErrorKind, Fault, SignedDuration, Timestamp};
use serde::Deserialize;

use crate::dossier::DossierError;

/// The best score.
pub(crate) const SCORE_MAX: i64 = 5;

/// The lowest score that counts as satisfied.
pub(crate) const SATISFIED: i64 = 4;

/// Ratings below which a unit's figures are not shown: one could tell whose they are.
pub(crate) const SHOWN_FROM: i64 = 5;

/// For how long a rating can be changed.
pub(crate) const CHANGEABLE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// One factor that is asked about.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Factor {
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) words: Bilingual,
}

/// What is asked.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Factors {
    pub(crate) version: String,
    #[serde(rename = "factor")]
    pub(crate) list: Vec<Factor>,
}

/// The factors in force; the file comes with the program.
pub(crate) static FACTORS: LazyLock<Factors> = LazyLock::new(|| {
    let text = include_str!("../../../../provinces/_country/rating.toml");
    toml::from_str(text).expect("a test reads the file of the factors")
});

/// A rating was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RatingError {
    /// The result was not handed over yet.
    #[error("the dossier is not returned yet")]
    TooEarly,
    /// The time in which it can be changed has passed.
    #[error("the rating can no longer be changed")]
    TooLate,
    /// The dossier said no.
    #[error(transparent)]
    Dossier(#[from] DossierError),
    /// The table said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for RatingError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooEarly => ErrorKind::Conflict,
            Self::TooLate => ErrorKind::Gone,
            Self::Dossier(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooEarly => "rating-too-early",
            Self::TooLate => "rating-too-late",
            Self::Dossier(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// A rating as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rating {
    pub(crate) rated_at: Timestamp,
    pub(crate) scores: Vec<(String, i64)>,
}
