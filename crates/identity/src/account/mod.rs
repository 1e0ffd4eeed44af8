//! Owns accounts (citizen, organisation, officer), the roles of officers at units, their passwords and second factors.
//! Refuses citizen passwords: citizens come by OpenID Connect only. Duties: TCVN 14423 level 3 (five failures lock, 45 idle
//! days disable, a second factor for administrators), Law 91/2025 (no personal data in logs: ids only).

pub mod admin;
pub mod approval;
pub(crate) mod common;
pub(crate) mod detail;
mod error;
pub mod http;
pub mod jobs;
pub(crate) mod list;
pub mod password;
mod role;
pub mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub mod totp;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

pub use admin::{By, NewOfficer, NewRole, Opened};
pub use approval::{Given, ProposalId};
pub use error::AccountError;
pub use role::{Assignment, AssignmentId, Role, UnknownRole};
pub use store::{citizen_of, holders, working};

use crate::person::{OrganisationId, PersonRef};

kernel::define_id!(
    /// One account: who may sign in.
    pub struct AccountId
);

/// The three kinds of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// A person, by the national electronic identity.
    Citizen,
    /// An organisation, by its electronic identity; a person stands behind it.
    Organisation,
    /// An officer, by password and second factor.
    Officer,
}

impl AccountKind {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            AccountKind::Citizen => "citizen",
            AccountKind::Organisation => "organisation",
            AccountKind::Officer => "officer",
        }
    }

    /// The kind of a stored name; unknown text is no kind.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Citizen, Self::Organisation, Self::Officer]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// An account as rules and pages see it. Secrets (password hash, second factor) are not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its kind.
    pub kind: AccountKind,
    /// Name to sign in with; officers only.
    pub login: Option<String>,
    /// Name at work; empty for citizens, whose name is in the sealed person record.
    pub name: String,
    /// The person behind it; citizens and organisations.
    pub person: Option<PersonRef>,
    /// The organisation it acts for.
    pub organisation: Option<OrganisationId>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was disabled, and why (`idle`, `left`, or an administrator's words).
    pub disabled: Option<(Timestamp, String)>,
    /// Failures since the last success.
    pub failures: i64,
    /// Locked until.
    pub locked_until: Option<Timestamp>,
    /// Last sign-in, or the day it was opened or enabled again.
    pub used_at: Timestamp,
    /// Whether it ever signed in.
    pub signed_in_at: Option<Timestamp>,
    /// Whether the password was set by somebody else and must be changed.
    pub password_must_change: bool,
    /// When the second factor was confirmed.
    pub totp_confirmed_at: Option<Timestamp>,
    /// Grows with each change of its roles.
    pub roles_version: i64,
}

impl Account {
    /// Whether it is locked at `now`.
    #[must_use]
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }
}
