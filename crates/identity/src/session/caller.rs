//! Owns `Caller`: who asks, as every handler sees it. Only this crate makes one, from a live session.
//! Refuses callers from request text: fields that grant something are private and have no public constructor.

use crate::account::{AccountId, AccountKind, Assignment, Role};
use crate::person::{OrganisationId, PersonRef};
use crate::unit::UnitId;

use super::{Level, SessionId};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody signed in.
    Anonymous,
    /// A citizen, or somebody acting for an organisation.
    Citizen(CitizenCaller),
    /// An officer acting in one role at one unit.
    Officer(OfficerCaller),
}

/// A signed-in citizen or organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitizenCaller {
    pub(crate) account: AccountId,
    pub(crate) kind: AccountKind,
    pub(crate) person: PersonRef,
    /// Other records of the same person, merged into hers.
    pub(crate) also: Vec<PersonRef>,
    pub(crate) organisation: Option<OrganisationId>,
    pub(crate) session: SessionId,
    pub(crate) level: Level,
}

/// A signed-in officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerCaller {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) acting: Option<usize>,
    pub(crate) session: SessionId,
    pub(crate) level: Level,
    /// Grows with each change of this account's roles; part of the key of cached scopes.
    pub(crate) roles_version: i64,
    /// The only actions that a program may ask for with a token; none for an officer who signed in herself.
    pub(crate) scopes: Option<std::sync::Arc<[crate::policy::Action]>>,
}

impl Caller {
    /// The account, if somebody is signed in.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Caller::Anonymous => None,
            Caller::Citizen(citizen) => Some(citizen.account),
            Caller::Officer(officer) => Some(officer.account),
        }
    }

    /// The officer, if one asks.
    #[must_use]
    pub fn officer(&self) -> Option<&OfficerCaller> {
        if let Caller::Officer(officer) = self {
            Some(officer)
        } else {
            None
        }
    }

    /// The citizen, if one asks.
    #[must_use]
    pub fn citizen(&self) -> Option<&CitizenCaller> {
        if let Caller::Citizen(citizen) = self {
            Some(citizen)
        } else {
            None
        }
    }

    /// The session, if somebody is signed in.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Caller::Anonymous => None,
            Caller::Citizen(citizen) => Some(citizen.session),
            Caller::Officer(officer) => Some(officer.session),
        }
    }
}

impl CitizenCaller {
    /// The account signed in.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Citizen or organisation.
    #[must_use]
    pub fn kind(&self) -> AccountKind {
        self.kind
    }

    /// The person record behind the account.
    #[must_use]
    pub fn person(&self) -> PersonRef {
        self.person
    }

    /// Whether a record is hers: the one behind the account, or one that was merged into it.
    #[must_use]
    pub fn is(&self, person: PersonRef) -> bool {
        self.person == person || self.also.contains(&person)
    }

    /// The organisation the person acts for.
    #[must_use]
    pub fn organisation(&self) -> Option<OrganisationId> {
        self.organisation
    }

    /// How she proved who she is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }
}

impl OfficerCaller {
    /// The account signed in.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The officer's name as shown at work.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every assignment that holds today.
    #[must_use]
    pub fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    /// The assignment acted under now; `None` when none holds (such an officer may do nothing).
    #[must_use]
    pub fn acting(&self) -> Option<&Assignment> {
        self.acting.and_then(|index| self.assignments.get(index))
    }

    /// The unit acted at.
    #[must_use]
    pub fn unit(&self) -> Option<UnitId> {
        self.acting().map(|assignment| assignment.unit)
    }

    /// The role acted in.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.acting().map(|assignment| assignment.role)
    }

    /// Whether a program asks with a token, not a person.
    #[must_use]
    pub fn is_token(&self) -> bool {
        self.scopes.is_some()
    }

    /// How the officer proved who she is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }
}
