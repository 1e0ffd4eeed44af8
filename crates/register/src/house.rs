//! Owns `Register`, the handle that the binary makes once: the kinds of record that hold, the lists of codes, who may see what.
//! Refuses to start over a definition that would lose data, and says which field of which system it is.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use ::store::{Mode, Store, StoreError};
use definition::System;
use identity::{AccountId, Action, Caller, Identity, OfficerCaller, Resource, UnitId};
use kernel::{Bilingual, Date, Lang};

use crate::error::RegisterError;
use crate::export::{Quota, Spool};
use crate::kind::{self, Kind, store as tables};
use crate::record::effect::Cases;

/// Codes of a list with their names.
pub type Codes = Vec<(String, Bilingual)>;

/// What the binary tells.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Lists of codes by name. A list that is not here takes any code.
    pub lists: BTreeMap<String, Codes>,
    /// The room in which files are made that records leave in.
    pub exports: Quota,
    /// Whether other programs may be told at addresses inside networks of ours.
    pub hooks_inside: bool,
    /// Names of the agencies that systems name as their stewards, by their words.
    pub stewards: BTreeMap<String, Bilingual>,
    /// How files come in.
    pub imports: crate::import::Settings,
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
    spool: Spool,
    hooks_inside: bool,
    stewards: BTreeMap<String, Bilingual>,
    imports: crate::import::Settings,
    cases: OnceLock<Arc<dyn Cases>>,
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
        web::i18n::register(&[crate::TEXT, crate::LEAVING_TEXT]);
        systems.iter().for_each(|system| kind::register_words(system));
        let register = Self(Arc::new(Inner {
            identity: identity.clone(),
            kinds: kinds(systems),
            lists: settings.lists,
            spool: Spool::new(settings.exports),
            hooks_inside: settings.hooks_inside,
            stewards: settings.stewards,
            imports: settings.imports,
            cases: OnceLock::new(),
        }));
        if register.store().config().mode == Mode::Serve {
            register.take_over().await?;
            register.spool().clear();
            crate::digest::plan_all(&register).await?;
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

    /// Who knows the cases that write records; the first one who says so stays.
    pub fn ask_of_cases(&self, cases: Arc<dyn Cases>) {
        let _ = self.0.cases.set(cases);
    }

    pub(crate) fn cases(&self) -> Option<&Arc<dyn Cases>> {
        self.0.cases.get()
    }

    /// How files come in.
    pub(crate) fn imports(&self) -> &crate::import::Settings {
        &self.0.imports
    }

    /// The agency that answers for a kind, where its name is known.
    pub(crate) fn steward(&self, kind: &Kind, lang: Lang) -> Option<String> {
        self.0
            .stewards
            .get(&kind.system.steward)
            .map(|name| name.get(lang).to_owned())
    }

    /// Whether other programs may be told at addresses inside networks of ours.
    pub(crate) fn private_hooks(&self) -> bool {
        self.0.hooks_inside
    }

    /// Where files are made that records leave in.
    pub(crate) fn spool(&self) -> &Spool {
        &self.0.spool
    }

    /// The day.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().local_date()
    }

    /// The units whose records an officer may see; none when she may see those of all.
    #[must_use]
    pub fn scope(&self, officer: &OfficerCaller, action: Action) -> Option<Vec<UnitId>> {
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
    #[must_use]
    pub fn may(&self, officer: &OfficerCaller, action: Action, unit: UnitId) -> bool {
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
