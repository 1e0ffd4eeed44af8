//! Owns the audit log: one row per administrative change, policy change and security event, each chained to the one before by
//! SHA-256, so that a changed, removed or inserted row shows. It can be verified and exported with the head hash.
//! Refuses names and numbers of persons: ids, roles, units and reasons only. Law 116/2025 (logs kept at least 12 months).

pub mod http;
pub mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ::store::StoreError;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

pub use rules::{AuditFault, AuditReport};
pub use store::{append, check_newest, export_page, head, newest_of, verify};

use crate::account::AccountId;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// An account.
    Account(AccountId),
    /// The program itself: a job, the command line, the demo.
    System,
    /// Somebody not signed in (a failed sign-in).
    Nobody,
}

impl Actor {
    pub(crate) fn account(self) -> Option<AccountId> {
        match self {
            Actor::Account(account) => Some(account),
            Actor::System | Actor::Nobody => None,
        }
    }
}

/// Details of one entry: short words by name, such as `role` = `desk`.
pub type Detail = BTreeMap<String, String>;

/// Makes a `Detail` from pairs.
pub fn detail<const N: usize>(pairs: [(&str, String); N]) -> Detail {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number: 1, 2, 3… without a gap.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who; `None` for the program itself and for nobody.
    pub actor: Option<AccountId>,
    /// What, as `concept.act`, for example `role.grant`.
    pub action: String,
    /// To what: an id, or a name such as `policies`.
    pub subject: String,
    /// More words.
    pub detail: Detail,
    /// Hash of the entry before; 64 zeros for the first. Hex.
    pub previous: String,
    /// SHA-256 over the content and `previous`. Hex.
    pub hash: String,
}

/// The end of the chain: its length and last hash. Kept outside, it proves later that nothing before it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the last entry; 0 for an empty log.
    pub seq: i64,
    /// Its hash, hex.
    pub hash: String,
}

/// What pages and exports filter by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this action, or actions beginning with it and a dot.
    pub action: Option<String>,
    /// Only this actor.
    pub actor: Option<AccountId>,
    /// Only this subject.
    pub subject: Option<String>,
    /// Only entries before this number (paging, newest first).
    pub before: Option<i64>,
}

/// A verification that `tinhso verify` can run: what is wrong in words, nothing when all is well.
/// # Errors
/// When the log cannot be read.
pub fn verify_in_words(tx: &mut ::store::Tx) -> Result<Vec<String>, StoreError> {
    Ok(verify(tx)?.faults.iter().map(ToString::to_string).collect())
}
