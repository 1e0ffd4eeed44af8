//! Owns `Register`, the handle that the binary makes once: the kinds of record that hold, the lists of codes, who may see what.
//! Refuses to start over a definition that would lose data, and says which field of which system it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::store::{Mode, Store, StoreError};
use definition::System;
use identity::{AccountId, Action, Caller, Identity, OfficerCaller, Resource, UnitId};
use kernel::{Bilingual, Date, Lang};

use crate::error::RegisterError;
use crate::kind::{self, Kind, store as tables};

/// Codes of a list with their names.
pub type Codes = Vec<(String, Bilingual)>;

/// What the binary tells.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Lists of codes by name. A list that is not here takes any code.
    pub lists: BTreeMap<String, Codes>,
}

/// In whose name something is recorded.
#[derive(Debug, Clone)]
pub struct By {
    /// The account.
    pub account: Option<AccountId>,
    /// Her name.
    pub who: String,
    /// The unit that keeps what she enters.
    pub unit: UnitId,
}

impl By {
    /// An officer in the capacity in which she acts; none when she acts in none.
    #[must_use]
    pub fn officer(officer: &OfficerCaller) -> Option<Self> {
        Some(Self {
            account: Some(officer.account()),
            who: officer.name().to_owned(),
            unit: officer.unit()?,
        })
    }
}

/// The registers of one province. Cheap to clone.
#[derive(Clone)]
pub struct Register(Arc<Inner>);

struct Inner {
    identity: Identity,
    kinds: Vec<Arc<Kind>>,
    lists: BTreeMap<String, Codes>,
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Register")
            .field("kinds", &self.0.kinds.len())
            .finish_non_exhaustive()
    }
}

identity::room!(Register);

impl Register {
    /// Brings the tables to the definitions that hold, and takes away what a killed import left.
    ///
    /// # Errors
    /// `Definition` names every field that a definition retypes or drops; what the store says.
    pub async fn open(
        identity: &Identity,
        systems: &[&'static System],
        settings: Settings,
    ) -> Result<Self, RegisterError> {
        web::i18n::register(&[crate::TEXT]);
        systems.iter().for_each(|system| kind::register_words(system));
        let register = Self(Arc::new(Inner {
            identity: identity.clone(),
            kinds: kinds(systems),
            lists: settings.lists,
        }));
        if register.store().config().mode == Mode::Serve {
            register.take_over().await?;
            register.clear_up().await?;
        }
        Ok(register)
    }

    async fn take_over(&self) -> Result<(), RegisterError> {
        let (kinds, now) = (self.0.kinds.clone(), self.now());
        self.store()
            .write(move |tx| {
                let mut refused = Vec::new();
                for kind in &kinds {
                    if let Err(faults) = tables::take_over(tx, kind, now)? {
                        refused.extend(faults.iter().map(|fault| line(kind, fault)));
                    }
                }
                if refused.is_empty() {
                    Ok(())
                } else {
                    Err(RegisterError::Definition(refused.join("; ")))
                }
            })
            .await
    }

    /// The kinds of record, by system and in the order of the definition.
    #[must_use]
    pub fn kinds(&self) -> &[Arc<Kind>] {
        &self.0.kinds
    }

    /// A kind by system and name.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn kind(&self, system: &str, name: &str) -> Result<Arc<Kind>, RegisterError> {
        let found = self
            .0
            .kinds
            .iter()
            .find(|kind| kind.system.code == system && kind.record.name == name);
        found.cloned().ok_or(RegisterError::NotFound)
    }

    /// The codes of a list; none when any code is taken.
    #[must_use]
    pub fn codes(&self, list: &str) -> Option<&Codes> {
        self.0.lists.get(list)
    }

    /// The day.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().local_date()
    }

    /// The units whose records an officer may see; none when she may see those of all.
    pub(crate) fn scope(&self, officer: &OfficerCaller, action: Action) -> Option<Vec<UnitId>> {
        let (policy, caller) = (self.identity().policy(), Caller::Officer(officer.clone()));
        if policy.decide(&caller, action, &Resource::system()) {
            return None;
        }
        let (mut units, book, mut at) = (policy.scope(&caller, action), self.identity().units(), 0);
        // The list grows while it is walked: what was merged may itself have followed others.
        while let Some(unit) = units.get(at).copied() {
            for (gone, _) in book.predecessors(unit) {
                if !units.contains(&gone) {
                    units.push(gone);
                }
            }
            at += 1;
        }
        Some(units)
    }

    /// Whether an officer may do something to a record of a unit, or of the units in which it lives on.
    pub(crate) fn may(&self, officer: &OfficerCaller, action: Action, unit: UnitId) -> bool {
        let resource = Resource::at(unit).living_on(&self.identity().units(), self.today());
        let caller = Caller::Officer(officer.clone());
        self.identity().policy().decide(&caller, action, &resource)
    }

    /// The name of a unit today.
    pub(crate) fn unit_name(&self, unit: UnitId, lang: Lang) -> String {
        self.identity().unit_name(unit, lang)
    }
}

fn line(kind: &Kind, fault: &kind::rules::PlanFault) -> String {
    format!("systems/{}: {}: {fault}", kind.system.code, kind.record.name)
}

/// The kinds that can be kept. What cannot be is told to the log, and has no page.
fn kinds(systems: &[&'static System]) -> Vec<Arc<Kind>> {
    let all = systems
        .iter()
        .flat_map(|system| system.records.iter().map(move |record| (*system, record)));
    all.filter_map(|(system, record)| match Kind::of(system, record) {
        Ok(kind) => Some(Arc::new(kind)),
        Err(reason) => {
            tracing::warn!(system = %system.code, %reason, "this kind of record is not kept yet");
            None
        }
    })
    .collect()
}

/// Why these systems could not be taken over by what is stored, line by line: for whoever is about to apply them.
///
/// # Errors
/// What the store says.
pub async fn refusals(store: &Store, systems: &[&'static System]) -> Result<Vec<String>, StoreError> {
    let kinds = kinds(systems);
    store
        .read(move |tx| {
            let mut refused = Vec::new();
            for kind in &kinds {
                if let Err(faults) = tables::look(tx, kind)? {
                    refused.extend(faults.iter().map(|fault| line(kind, fault)));
                }
            }
            Ok(refused)
        })
        .await
}
