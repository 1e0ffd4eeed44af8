//! Keys of other programs. A token acts at one unit, within the actions that it was given and never beyond what a specialist of
//! that unit may do; it has a rate and a quota for each day. Its secret is shown once, and only its hash is kept.
//! Refuses to see people in full: no scope holds that action, because a program has no purpose of its own.

pub mod http;
mod meter;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ::store::StoreError;
use kernel::{Date, ErrorKind, Fault, Timestamp, World};
use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::account::{AccountId, Assignment, AssignmentId, Role};
use crate::audit;
use crate::policy::{Action, PolicyError};
use crate::session::{Caller, Level, OfficerCaller, SessionId};
use crate::unit::UnitId;
use crate::{Identity, IdentityError};

pub(crate) use meter::Meter;

kernel::define_id!(
    /// A token, as lists and the audit log name it. Knowing it grants nothing.
    pub struct TokenId
);

/// What a secret begins with, so that one that leaked is recognised.
const PREFIX: &str = "tinhso_";

/// The actions that a token may be given.
pub const SCOPES: &[Action] = &[
    Action::RegisterRead,
    Action::RegisterWrite,
    Action::RegisterImport,
    Action::OpenCatalogue,
];

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// The unit at which it acts.
    pub unit: UnitId,
    /// Which program it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Action>,
    /// Requests in a minute.
    pub per_minute: i64,
    /// Requests in a day.
    pub per_day: i64,
    /// Who made it.
    pub account: Option<AccountId>,
    /// Her name.
    pub who: String,
    /// When.
    pub created_at: Timestamp,
    /// The last day on which it holds.
    pub expires_on: Option<Date>,
    /// The day that `used_count` counts.
    pub used_on: Option<Date>,
    /// Requests of that day.
    pub used_count: i64,
    /// When it was used last, to the minute.
    pub used_at: Option<Timestamp>,
    /// When it was taken back, and by whom.
    pub revoked: Option<(Timestamp, String)>,
}

/// Why a token is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is no such token; it has expired or was taken back.
    #[error("no such token")]
    Unknown,
    /// Too many requests in a minute.
    #[error("too many requests of a token in a minute")]
    Rate {
        /// Seconds until the next one.
        retry_after_s: u32,
    },
    /// The quota of the day is used up.
    #[error("the daily quota of a token is used up")]
    Quota {
        /// Seconds until the next day.
        retry_after_s: u32,
    },
    /// Who asks may not.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for TokenError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown => ErrorKind::Unauthenticated,
            Self::Rate { retry_after_s } | Self::Quota { retry_after_s } => ErrorKind::TooMany {
                retry_after_s: *retry_after_s,
            },
            Self::Policy(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "token-unknown",
            Self::Rate { .. } => "token-rate",
            Self::Quota { .. } => "token-quota",
            Self::Policy(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// What a new token is to be.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The unit at which it acts.
    pub unit: UnitId,
    /// Which program it is for.
    pub name: String,
    /// What it may do; others than [`SCOPES`] are left out.
    pub scopes: Vec<Action>,
    /// Requests in a minute.
    pub per_minute: i64,
    /// Requests in a day.
    pub per_day: i64,
    /// The last day on which it holds.
    pub expires_on: Option<Date>,
}

/// The secret of a token: shown once, kept nowhere.
pub struct Secret(Zeroizing<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    fn new(world: &dyn World) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        world.fill(bytes.as_mut());
        Self(Zeroizing::new(format!("{PREFIX}{}", hex::encode(bytes.as_ref()))))
    }

    /// What the program sends: `Authorization: Bearer …`.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// What is kept of a secret.
fn key_of(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

impl Token {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.revoked.is_none() && self.expires_on.is_none_or(|last| day <= last)
    }

    /// Who asks with it: a specialist of its unit who may do what the scopes say and nothing else.
    fn caller(&self) -> Caller {
        let account = self.account.unwrap_or(AccountId::from_uuid(self.id.uuid()));
        let assignment = Assignment {
            id: AssignmentId::from_uuid(self.id.uuid()),
            account,
            role: Role::Specialist,
            unit: self.unit,
            valid_from: self.created_at.local_date(),
            valid_to: self.expires_on,
            granted_by: self.account,
            granted_at: self.created_at,
            reason: String::new(),
            withdrawn_at: None,
        };
        Caller::Officer(OfficerCaller {
            account,
            name: self.name.clone(),
            assignments: vec![assignment],
            acting: Some(0),
            session: SessionId::from_uuid(self.id.uuid()),
            level: Level::Password,
            roles_version: 0,
            scopes: Some(Arc::from(self.scopes.as_slice())),
        })
    }
}

impl Identity {
    /// Makes a token for a unit. The secret is given once.
    ///
    /// # Errors
    /// `Policy` when the officer does not administer that unit; what the store says.
    pub async fn open_token(&self, officer: &OfficerCaller, new: NewToken) -> Result<(Token, Secret), TokenError> {
        let caller = Caller::Officer(officer.clone());
        let resource = crate::Resource::at(new.unit);
        self.policy().require(&caller, Action::InterfaceManage, &resource)?;
        let (now, secret) = (self.now(), Secret::new(self.world().as_ref()));
        let token = Token {
            id: TokenId::new(self.world().as_ref()),
            unit: new.unit,
            name: new.name,
            scopes: SCOPES
                .iter()
                .copied()
                .filter(|action| new.scopes.contains(action))
                .collect(),
            per_minute: new.per_minute.max(1),
            per_day: new.per_day.max(1),
            account: Some(officer.account()),
            who: officer.name().to_owned(),
            created_at: now,
            expires_on: new.expires_on,
            used_on: None,
            used_count: 0,
            used_at: None,
            revoked: None,
        };
        let (row, key, by) = (token.clone(), key_of(secret.reveal()), officer.account());
        self.store()
            .write(move |tx| {
                store::insert(tx, &row, &key)?;
                let detail = audit::detail([
                    ("unit", row.unit.to_string()),
                    ("scopes", store::scopes_text(&row.scopes)),
                ]);
                audit::append(
                    tx,
                    audit::Actor::Account(by),
                    "token.open",
                    &row.id.to_string(),
                    detail,
                    now,
                )?;
                Ok::<_, TokenError>(())
            })
            .await?;
        Ok((token, secret))
    }

    /// Takes a token back, at once and for good.
    ///
    /// # Errors
    /// `Unknown` when there is none that the officer administers; what the store says.
    pub async fn revoke_token(&self, officer: &OfficerCaller, id: TokenId) -> Result<(), TokenError> {
        let token = self
            .store()
            .read(move |tx| store::get(tx, id))
            .await?
            .ok_or(TokenError::Unknown)?;
        let caller = Caller::Officer(officer.clone());
        let resource = crate::Resource::at(token.unit).living_on(&self.units(), self.now().local_date());
        self.policy().require(&caller, Action::InterfaceManage, &resource)?;
        let (now, by, who) = (self.now(), officer.account(), officer.name().to_owned());
        self.store()
            .write(move |tx| {
                if store::revoke(tx, id, &who, now)? {
                    let actor = audit::Actor::Account(by);
                    audit::append(tx, actor, "token.revoke", &id.to_string(), audit::Detail::new(), now)?;
                }
                Ok::<_, TokenError>(())
            })
            .await
    }

    /// The tokens of units, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tokens(&self, units: Vec<UnitId>) -> Result<Vec<Token>, IdentityError> {
        Ok(self.store().read(move |tx| store::of_units(tx, &units)).await?)
    }

    /// Who asks with a secret. Counts the request.
    ///
    /// # Errors
    /// `Unknown`, `Rate`, `Quota`; what the store says.
    pub async fn token_caller(&self, secret: &str) -> Result<Caller, TokenError> {
        let (now, key) = (self.now(), key_of(secret));
        let found = self.store().look_up(move |tx| store::find(tx, &key)).await?;
        let token = found
            .filter(|token| token.holds_on(now.local_date()))
            .ok_or(TokenError::Unknown)?;
        if let Some(used) = self.meter().take(&token, now)? {
            let id = token.id;
            let total = self
                .store()
                .write(move |tx| store::used(tx, id, now.local_date(), used, now))
                .await?;
            self.meter().seen(id, now, total);
        }
        Ok(token.caller())
    }
}

/// The secret of a header, when it is one of ours.
pub(crate) fn secret_of(header: &str) -> Option<&str> {
    let (scheme, secret) = header.trim().split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && secret.starts_with(PREFIX)).then_some(secret)
}
