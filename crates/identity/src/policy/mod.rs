//! Owns the decision: may this caller do this to that? The policies are Cedar files an auditor can read, all of one shape
//! (role, action, unit subtree, state), embedded, validated at the start. Refuses by default: what no policy permits is
//! forbidden. `Allowed` is the proof of a decision, and only this module makes one. Law 116/2025, TCVN 14423 (level 3).

mod action;
mod engine;
pub mod http;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Date, ErrorKind, Fault};
use parking_lot::{Mutex, RwLock};

pub use action::Action;
pub use engine::{PolicyFile, PolicyText};
pub use tree::UnitTree;

use crate::account::{AccountId, AssignmentId};
use crate::person::PersonRef;
use crate::session::Caller;
use crate::unit::{UnitBook, UnitId};
use engine::{Engine, Principal};

/// Scopes kept before the cache starts afresh: one per (assignment, action) in use.
const SCOPES_MAX: usize = 20_000;

/// What the action touches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resource {
    pub(crate) units: Vec<UnitId>,
    pub(crate) state: i64,
    pub(crate) owner: Option<PersonRef>,
    pub(crate) system: bool,
}

impl Resource {
    /// Something that lies at `unit`.
    #[must_use]
    pub fn at(unit: UnitId) -> Self {
        Self {
            units: vec![unit],
            ..Self::default()
        }
    }

    /// The same thing after units were merged or split: it lies at the units in force on `day` in which its units live on.
    #[must_use]
    pub fn living_on(mut self, book: &UnitBook, day: Date) -> Self {
        let units = self.units.iter().flat_map(|unit| book.living_on(*unit, day));
        self.units = units.collect();
        self
    }

    /// Something of the whole province: policies, the audit log, jobs. It lies at the root of the unit tree.
    #[must_use]
    pub fn system() -> Self {
        Self {
            system: true,
            ..Self::default()
        }
    }

    /// Something that belongs to a person and to no unit yet, such as a dossier about to be submitted.
    #[must_use]
    pub fn of(owner: PersonRef) -> Self {
        Self {
            owner: Some(owner),
            ..Self::default()
        }
    }

    /// It also lies at `unit` (a dossier lies at the desk that received it and at the unit that works on it).
    #[must_use]
    pub fn and_at(mut self, unit: UnitId) -> Self {
        self.units.push(unit);
        self
    }

    /// Its state as the national code 1-10; 0 when it has none.
    #[must_use]
    pub fn in_state(mut self, code: u8) -> Self {
        self.state = i64::from(code);
        self
    }

    /// It belongs to this person.
    #[must_use]
    pub fn owned_by(mut self, owner: PersonRef) -> Self {
        self.owner = Some(owner);
        self
    }
}

/// Proof that policy permitted one action to one caller. Cannot be made elsewhere; `Purpose` asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    account: AccountId,
    action: Action,
    unit: Option<UnitId>,
    /// In which capacity, for an officer: what the record of use names.
    pub(crate) officer: Option<Capacity>,
}

/// The role, unit and name an officer acted under when policy said yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Capacity {
    pub(crate) role: crate::account::Role,
    pub(crate) unit: UnitId,
    pub(crate) name: String,
}

impl Capacity {
    fn of(caller: &Caller) -> Option<Self> {
        let officer = caller.officer()?;
        let acting = officer.acting()?;
        Some(Self {
            role: acting.role,
            unit: acting.unit,
            name: officer.name.clone(),
        })
    }
}

impl Allowed {
    /// Who was permitted.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// What was permitted.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// At which unit, where the thing lies at one.
    #[must_use]
    pub fn unit(&self) -> Option<UnitId> {
        self.unit
    }
}

/// Why policy said no, or could not start.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Nobody is signed in.
    #[error("nobody is signed in, {action} asked")]
    SignInNeeded {
        /// What was asked.
        action: Action,
    },
    /// No policy permits it.
    #[error("{action} is not permitted to account {account}")]
    Forbidden {
        /// What was asked.
        action: Action,
        /// Who asked.
        account: AccountId,
    },
    /// The policy files do not hold together; the program must not start.
    #[error("policies are faulty: {0}")]
    Faulty(String),
}

impl Fault for PolicyError {
    fn kind(&self) -> ErrorKind {
        match self {
            PolicyError::SignInNeeded { .. } => ErrorKind::Unauthenticated,
            PolicyError::Forbidden { .. } => ErrorKind::Forbidden,
            PolicyError::Faulty(_) => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            PolicyError::SignInNeeded { .. } => "policy-sign-in-needed",
            PolicyError::Forbidden { .. } => "policy-forbidden",
            PolicyError::Faulty(_) => "policy-faulty",
        }
    }
}

/// Which cached scope: an account's assignment, its version of roles, and the action.
type ScopeKey = (AccountId, AssignmentId, i64, Action);

/// A cached scope: the tree it was computed on, and the units.
type Scope = (u64, Arc<[UnitId]>);

/// Whether a token may ask for an action at all; an officer who signed in herself may ask for every one.
fn is_in_scopes(caller: &Caller, action: Action) -> bool {
    let scopes = caller.officer().and_then(|officer| officer.scopes.as_ref());
    scopes.is_none_or(|scopes| scopes.contains(&action))
}

/// Decides. One per process, shared; policies never change while it runs, the unit tree may.
#[derive(Debug)]
pub struct Policy {
    engine: Engine,
    tree: RwLock<(u64, Arc<UnitTree>)>,
    scopes: Mutex<HashMap<ScopeKey, Scope>>,
    /// What every citizen may do to what is her own: the same for all, decided once.
    of_citizens: Vec<Action>,
}

impl Policy {
    /// Reads and strictly validates the embedded policies.
    /// # Errors
    /// `Faulty` names each policy that does not parse, validate or keep the template shape.
    pub fn embedded() -> Result<Self, PolicyError> {
        let engine = Engine::new(engine::EMBEDDED)?;
        let person = PersonRef::from_uuid(uuid::Uuid::nil());
        let (anybody, own) = (Principal::Citizen { person }, Resource::of(person));
        let permitted = |action: &Action| engine.decide(&UnitTree::default(), &anybody, *action, &own);
        let of_citizens = Action::ALL.iter().copied().filter(permitted).collect();
        Ok(Self {
            engine,
            tree: RwLock::new((0, Arc::default())),
            scopes: Mutex::default(),
            of_citizens,
        })
    }

    /// The SHA-256 of the policy text: what "the policy in force" means in the audit log.
    #[must_use]
    pub fn version(&self) -> &str {
        self.engine.version()
    }

    /// The policy files as written, for the policy page.
    #[must_use]
    pub fn files(&self) -> &'static [PolicyFile] {
        engine::EMBEDDED
    }

    /// Each policy with its plain words in both languages.
    #[must_use]
    pub fn texts(&self) -> &[PolicyText] {
        self.engine.texts()
    }

    /// Takes over the unit tree of today; scopes computed before are forgotten when it differs.
    pub fn set_tree(&self, tree: UnitTree) {
        let mut held = self.tree.write();
        if *held.1 != tree {
            *held = (held.0 + 1, Arc::new(tree));
        }
    }

    /// The unit tree in use.
    #[must_use]
    pub fn tree(&self) -> Arc<UnitTree> {
        self.tree.read().1.clone()
    }

    /// Whether `caller` may do `action` to `resource`.
    #[must_use]
    pub fn decide(&self, caller: &Caller, action: Action, resource: &Resource) -> bool {
        let Some(principal) = Principal::of(caller) else {
            return false;
        };
        if !is_in_scopes(caller, action) {
            return false;
        }
        // What belongs to a record that was merged into hers is her own.
        if let Caller::Citizen(citizen) = caller
            && let Some(owner) = resource.owner
            && owner != citizen.person
            && citizen.is(owner)
        {
            let own = resource.clone().owned_by(citizen.person);
            return self.decide(caller, action, &own);
        }
        match &principal {
            // The question that was asked once for all citizens.
            Principal::Citizen { person } if *resource == Resource::of(*person) => self.of_citizens.contains(&action),
            _ => self.engine.decide(&self.tree(), &principal, action, resource),
        }
    }

    /// Decides, and gives the proof.
    /// # Errors
    /// `SignInNeeded` for an anonymous caller, `Forbidden` when no policy permits it.
    pub fn require(&self, caller: &Caller, action: Action, resource: &Resource) -> Result<Allowed, PolicyError> {
        let Some(account) = caller.account() else {
            return Err(PolicyError::SignInNeeded { action });
        };
        if self.decide(caller, action, resource) {
            Ok(Allowed {
                account,
                action,
                unit: resource.units.first().copied(),
                officer: Capacity::of(caller),
            })
        } else {
            Err(PolicyError::Forbidden { action, account })
        }
    }

    /// The units at which `caller` may do `action` in at least one state, in the order of their ids: what a list filters by.
    /// Each unit is decided once per (assignment, action); the answer is kept until the tree, the roles or the program change.
    #[must_use]
    pub fn scope(&self, caller: &Caller, action: Action) -> Vec<UnitId> {
        self.scope_shared(caller, action).to_vec()
    }

    /// As `scope`, without the copy.
    #[must_use]
    pub fn scope_shared(&self, caller: &Caller, action: Action) -> Arc<[UnitId]> {
        let Some(officer) = caller.officer() else {
            return Arc::from([]);
        };
        let Some(acting) = officer.acting() else {
            return Arc::from([]);
        };
        let (epoch, tree) = self.tree.read().clone();
        let key = (officer.account, acting.id, officer.roles_version, action);
        if let Some((kept, units)) = self.scopes.lock().get(&key)
            && *kept == epoch
        {
            return units.clone();
        }
        let units = self.compute_scope(&tree, caller, action);
        let mut scopes = self.scopes.lock();
        if scopes.len() >= SCOPES_MAX {
            scopes.clear();
        }
        scopes.insert(key, (epoch, units.clone()));
        units
    }

    fn compute_scope(&self, tree: &UnitTree, caller: &Caller, action: Action) -> Arc<[UnitId]> {
        if !is_in_scopes(caller, action) {
            return Arc::from([]);
        }
        let Some(principal) = Principal::of(caller) else {
            return Arc::from([]);
        };
        let states = self.engine.states_permitted(&principal, action);
        let permitted = |unit: UnitId| {
            states.iter().any(|state| {
                let resource = Resource {
                    units: vec![unit],
                    state: *state,
                    ..Resource::default()
                };
                self.engine.decide(tree, &principal, action, &resource)
            })
        };
        tree.units().iter().copied().filter(|unit| permitted(*unit)).collect()
    }

    /// Whether `caller` may do `action` to anything at all: what the guard of a route asks before the handler decides.
    #[must_use]
    pub fn somewhere(&self, caller: &Caller, action: Action) -> bool {
        match caller {
            Caller::Anonymous => false,
            Caller::Citizen(_) => self.of_citizens.contains(&action),
            Caller::Officer(_) => !self.scope_shared(caller, action).is_empty(),
        }
    }
}
