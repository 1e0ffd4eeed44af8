//! Pure decisions about ratings: who may rate when, and how the index is counted.
//! It refuses to show an index of few ratings: one could tell whose they are.

use kernel::Timestamp;

use super::{CHANGEABLE, Rating, RatingError, SHOWN_FROM};
use crate::dossier::state::State;

/// Whether a dossier in `state` may be rated at `now`, given the rating there is.
pub(crate) fn may_rate(state: State, earlier: Option<&Rating>, now: Timestamp) -> Result<(), RatingError> {
    if state != State::Returned {
        return Err(RatingError::TooEarly);
    }
    match earlier {
        Some(rating) if now > rating.rated_at + CHANGEABLE => Err(RatingError::TooLate),
        _ => Ok(()),
    }
}

/// Scores of one factor: how many there are, how many satisfied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) scores: i64,
    pub(crate) satisfied: i64,
}

impl Tally {
    /// The share of satisfied answers in tenths of a per cent, rounded half up; `None` when there are too few to be shown.
    pub(crate) const fn index(self) -> Option<i64> {
        if self.scores < SHOWN_FROM {
            return None;
        }
        Some((self.satisfied * 2_000 + self.scores) / (self.scores * 2))
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            scores: self.scores + other.scores,
            satisfied: self.satisfied + other.satisfied,
        }
    }
}
