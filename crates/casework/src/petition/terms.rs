//! Within which time what is due, by kind, with the source of each limit: data of the country, read once.
//! It owns no number: whatever nobody has read in the source is marked in the file, and shown so.

use std::sync::LazyLock;

use kernel::calendar::TimeLimit;
use serde::{Deserialize, Deserializer};

use super::{Kind, State};

/// One limit and where it stands.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Term {
    /// How long.
    #[serde(deserialize_with = "limit")]
    pub(crate) limit: TimeLimit,
    /// Law and article.
    pub(crate) source: String,
    /// Whether somebody has read it there.
    pub(crate) verified: bool,
}

/// The limits of one kind.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct KindTerms {
    pub(crate) kind: Kind,
    pub(crate) law: String,
    pub(crate) classify: Term,
    pub(crate) accept: Term,
    pub(crate) resolve: Term,
}

/// Who forwards what nobody in the province may judge.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Outside {
    /// A word in the unit's name.
    pub(crate) unit_named: String,
}

/// Everything that is data.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Terms {
    #[serde(rename = "kind")]
    pub(crate) kinds: Vec<KindTerms>,
    pub(crate) outside: Outside,
}

fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeLimit, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

impl Terms {
    /// The limits of a kind.
    pub(crate) fn of(&self, kind: Kind) -> Option<&KindTerms> {
        self.kinds.iter().find(|terms| terms.kind == kind)
    }

    /// What is due next in a state.
    pub(crate) fn next(&self, kind: Kind, state: State) -> Option<&Term> {
        let terms = self.of(kind)?;
        match state {
            State::Registered => Some(&terms.classify),
            State::Classified => Some(&terms.accept),
            State::Accepted => Some(&terms.resolve),
            State::NotAccepted | State::Forwarded | State::Resolved | State::Withdrawn => None,
        }
    }
}

/// The terms in force; the file comes with the program.
pub(crate) static TERMS: LazyLock<Terms> = LazyLock::new(|| {
    let text = include_str!("../../../../provinces/_country/petitions.toml");
    toml::from_str(text).expect("a test reads the file of the terms")
});
