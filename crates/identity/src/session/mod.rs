//! Owns live sign-ins: a 256-bit token in a `__Host-` cookie, its SHA-256 as the key in the database, the level of proof, idle
//! and absolute expiry, rotation, the list a person sees and revokes from.
//! Refuses to store a token, an address or a place: the list says device kind and times only. TCVN 14423 (15 and 5 idle minutes).

mod caller;
mod error;
pub mod http;
pub mod jobs;
pub mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use kernel::{Timestamp, World};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use caller::{Caller, CitizenCaller, OfficerCaller};
pub use error::SessionError;

use crate::account::{AccountId, AssignmentId};

kernel::define_id!(
    /// One live sign-in, as lists and the audit log name it. Not the token: knowing it grants nothing.
    pub struct SessionId
);

/// How the person proved who she is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A password alone.
    Password,
    /// A password and a one-time code.
    PasswordTotp,
    /// An identity provider.
    Oidc,
}

impl Level {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Level::Password => "password",
            Level::PasswordTotp => "password-totp",
            Level::Oidc => "oidc",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Level::Password, Level::PasswordTotp, Level::Oidc]
            .into_iter()
            .find(|level| level.name() == name)
    }
}

/// What still stands between a password and the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Nothing: signed in.
    Full,
    /// The one-time code.
    Totp,
    /// A password set by somebody else must be changed.
    ChangePassword,
    /// The role asks for a second factor and there is none yet.
    EnrolTotp,
}

impl Stage {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Full => "full",
            Stage::Totp => "totp",
            Stage::ChangePassword => "change-password",
            Stage::EnrolTotp => "enrol-totp",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Stage::Full, Stage::Totp, Stage::ChangePassword, Stage::EnrolTotp]
            .into_iter()
            .find(|stage| stage.name() == name)
    }
}

/// The secret in the cookie: 256 random bits, shown as 64 hex letters.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

impl SessionToken {
    /// A new token.
    #[must_use]
    pub fn new(world: &dyn World) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        world.fill(bytes.as_mut());
        Self(bytes)
    }

    /// Reads the cookie's text; anything else is no token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text, bytes.as_mut()).ok()?;
        Some(Self(bytes))
    }

    /// What the cookie holds.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex::encode(self.0.as_ref())
    }

    /// What the database holds.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        ring::digest::digest(&ring::digest::SHA256, self.0.as_ref())
            .as_ref()
            .to_vec()
    }

    /// The secret that form tokens of this session are made of.
    pub(crate) fn secret(&self) -> &[u8] {
        self.0.as_ref()
    }
}

/// One live sign-in as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its public id.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// How she proved who she is.
    pub level: Level,
    /// What still stands before the work.
    pub stage: Stage,
    /// Kind of device in words, from the user agent, such as `Firefox, Windows`.
    pub device: String,
    /// When she signed in.
    pub created_at: Timestamp,
    /// Last use, to the minute.
    pub seen_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// The assignment acted under, once chosen.
    pub acting: Option<AssignmentId>,
    /// Where the identity provider ends its own sign-in; OpenID Connect only.
    pub provider: Option<String>,
}
