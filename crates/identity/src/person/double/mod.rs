//! Records that may be of one person: found by keyed indexes without opening anything, shown side by side and masked, joined
//! by a link that reads follow, parted again exactly as they were. Nothing of a record is ever overwritten.
//! Refuses to join different numbers: those are two people. Law 91/2025 (accuracy, right to know), NĐ 69/2024/NĐ-CP.

pub mod http;
pub(crate) mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

pub use store::{apart, group, is_same, join, kept, part};

pub(super) use store::{marked, note_marks, renew_marks};

use kernel::Timestamp;

use super::PersonRef;
use crate::account::AccountId;

kernel::define_id!(
    /// Id of the link between two records of one person.
    pub struct LinkId
);

/// Records that one person may have at most: what is read at once.
pub(crate) const GROUP_MAX: usize = 50;

/// Why two records may be of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Both state the same number of an old card.
    OldNumber,
    /// Both state the same name and day of birth.
    NameBirth,
}

impl Why {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OldNumber => "old-number",
            Self::NameBirth => "name-birth",
        }
    }

    fn from_name(name: &str) -> Self {
        if name == "old-number" {
            Self::OldNumber
        } else {
            Self::NameBirth
        }
    }
}

/// How a pair stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairState {
    /// Nobody has decided.
    Open,
    /// They are of one person and were joined.
    Joined,
    /// They are two people.
    Apart,
}

impl PairState {
    /// Every state, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Open, Self::Joined, Self::Apart];

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Joined => "joined",
            Self::Apart => "apart",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Two records, the smaller id first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The smaller id.
    pub one: PersonRef,
    /// The other.
    pub other: PersonRef,
}

impl Pair {
    /// The pair of two records, in whichever order they are named.
    #[must_use]
    pub fn of(a: PersonRef, b: PersonRef) -> Self {
        if a <= b {
            Self { one: a, other: b }
        } else {
            Self { one: b, other: a }
        }
    }
}

/// A pair as a list shows it: masked names, nothing opened.
#[derive(Debug, Clone)]
pub struct Double {
    /// The records.
    pub pair: Pair,
    /// Masked names, in the order of the pair.
    pub names: [String; 2],
    /// Whether each has a 12-digit number.
    pub numbered: [bool; 2],
    /// Why they may be of one person.
    pub why: Why,
    /// When that was seen.
    pub found_at: Timestamp,
    /// How it stands.
    pub state: PairState,
    /// The reason of the decision.
    pub decision: Option<String>,
}

/// A link between two records of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// The record that reads do not stop at.
    pub person: PersonRef,
    /// The record that is kept.
    pub into: PersonRef,
    /// The pair on which it was decided.
    pub pair: Pair,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: String,
}

/// The word of an officer on a pair.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Why, without names and numbers: it stands in the audit log.
    pub reason: String,
    /// Who.
    pub by: AccountId,
}
