//! The internal process of a procedure: which steps a dossier takes, who does each in which time, who is asked. Owns its
//! versions (a dossier keeps the one it was sent in under), the process that follows from the catalogue where nobody wrote
//! one, and the step at which a dossier stands. Refuses a text that the checker of `definition` finds any fault in.
//! Law: NĐ 118/2025/NĐ-CP (internal processes with the time of each step are approved and published).

pub(crate) mod agencies;
mod form;
pub mod http;
#[cfg(test)]
mod journeys;
mod moving;
pub(crate) mod places;
mod registry;
pub(crate) mod rules;
mod seed;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use std::sync::Arc;

use ::store::StoreError;
use definition::machine::Machine;
use definition::procedure::{Process as Steps, Step};
use identity::UnitId;
use kernel::calendar::TimeLimit;
use kernel::{Bilingual, Timestamp};

use crate::Casework;
use crate::child::HandedBySteps;
use crate::dossier::Dossier;
use crate::procedure::{ChannelKind, Procedure};
use places::Places;

pub use agencies::agency_names;
pub use registry::Processes;
pub(crate) use seed::seed_in;
pub use seed::{Shipped, seed, seed_shipped, shipped};

/// Version of the process that follows from the catalogue; it is no row.
pub const GENERIC: i64 = 0;

/// One version of a process.
#[derive(Debug, Clone)]
pub struct Process {
    version: i64,
    steps: Arc<Steps>,
}

impl Process {
    /// The process of every procedure for which nobody wrote one: reception, examination, decision, giving the result, with
    /// shares of the time to settle.
    #[must_use]
    pub fn generic(limit: Option<TimeLimit>) -> Self {
        Self {
            version: GENERIC,
            steps: Arc::new(rules::generic(limit)),
        }
    }

    pub(crate) const fn new(version: i64, steps: Arc<Steps>) -> Self {
        Self { version, steps }
    }

    /// Its version; [`GENERIC`] where nobody wrote one.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// The steps with their labels.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (&Step, &Bilingual)> {
        self.steps.steps()
    }

    /// The machine that the steps compile to.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        self.steps.machine()
    }

    /// The position of a step.
    #[must_use]
    pub fn position(&self, step: &str) -> Option<usize> {
        self.steps.position(step)
    }

    /// The step at a position.
    #[must_use]
    pub fn step(&self, at: usize) -> Option<&Step> {
        self.steps.step(at)
    }

    /// The label of a step, or its name where this version does not have it.
    #[must_use]
    pub fn label(&self, step: &str) -> Bilingual {
        let found = self.position(step).and_then(|at| self.steps.label(at));
        found.cloned().unwrap_or_else(|| Bilingual::vi(step))
    }

    /// The step at which a dossier begins.
    #[must_use]
    pub fn first(&self) -> &str {
        self.step(0).map(|step| step.name.as_str()).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        self.steps.write()
    }
}

/// The process of a dossier and where its steps lie: asked for before a transaction, because a version never changes.
#[derive(Debug, Clone)]
pub struct Way {
    pub(crate) process: Process,
    pub(crate) places: Places,
    /// What its steps hand over to other units.
    pub(crate) handed: HandedBySteps,
}

impl Way {
    /// The way of the generic process, every step at the competent unit.
    #[must_use]
    pub fn generic() -> Self {
        Self {
            process: Process::generic(None),
            places: Places::default(),
            handed: HandedBySteps::new(),
        }
    }
}

impl Casework {
    /// The way of a dossier that is sent in now. Where its steps lie is found when somebody receives it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn way_in(&self, procedure: &Procedure) -> Result<Way, StoreError> {
        let day = self.now().local_date();
        let limit = procedure.time_limit(ChannelKind::Online);
        let process = self.processes().current(&procedure.code, limit, day).await?;
        Ok(Way {
            process,
            places: Places::default(),
            handed: HandedBySteps::new(),
        })
    }

    /// The way of a dossier that a desk takes in, which may be received at once.
    ///
    /// # Errors
    /// As [`Casework::way_in`].
    pub async fn way_at_desk(&self, procedure: &Procedure, unit: UnitId) -> Result<Way, StoreError> {
        let way = self.way_in(procedure).await?;
        self.way(way.process, unit, &procedure.sector.vi).await
    }

    /// The way of a running dossier.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn way_of(&self, dossier: &Dossier) -> Result<Way, StoreError> {
        let process = self.processes().of(dossier).await?;
        let version = Some(dossier.procedure_version);
        let found = self.catalogue().find(&dossier.procedure, version).await?;
        let sector = found
            .map(|(procedure, _)| procedure.sector.vi.clone())
            .unwrap_or_default();
        self.way(process, dossier.unit, &sector).await
    }

    async fn way(&self, process: Process, unit: UnitId, sector: &str) -> Result<Way, StoreError> {
        let day = self.now().local_date();
        let places = Places::of(&self.identity().units(), &process, unit, sector, day);
        let handed = self.handed_by(&process).await?;
        Ok(Way {
            process,
            places,
            handed,
        })
    }
}

/// Where a dossier stands in its process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Name of the step; while the applicant has the turn, that of the interrupted one.
    pub step: String,
    /// When it was entered.
    pub since: Timestamp,
    /// When it must be done by the process; the law's date is the dossier's.
    pub due_at: Option<Timestamp>,
}

/// A version as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The procedure.
    pub procedure: kernel::ProcedureCode,
    /// Its number, from 1.
    pub version: i64,
    /// The folder of definitions it came from, or `province`.
    pub origin: String,
    /// The steps as TOML.
    pub text: String,
    /// Why it was made.
    pub note: String,
    /// By whom.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Who let it into force, when, and from which day; `None` while it is being written.
    pub approval: Option<Approval>,
}

/// How a version came into force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who approved it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The first day.
    pub valid_from: kernel::Date,
}

/// Origin of versions written on a page.
pub const PROVINCE: &str = "province";

/// A process could not be read, written or approved.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// No such version.
    #[error("no such version of a process")]
    NotFound,
    /// The text has faults.
    #[error("the process has faults: {0}")]
    Faulty(definition::Faults),
    /// The version is in force already, and what is in force is not changed.
    #[error("this version is in force")]
    InForce,
    /// Somebody else changed it since the page was drawn.
    #[error("the version was changed meanwhile")]
    Stale,
    /// Who wrote it may not approve it.
    #[error("who wrote a version may not let it into force")]
    SamePerson,
    /// A first day that is past.
    #[error("a process cannot come into force in the past")]
    PastDay,
    /// The table said no.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
    /// The policy said no.
    #[error(transparent)]
    Refused(#[from] identity::IdentityError),
    /// A dossier could not be moved.
    #[error(transparent)]
    Dossier(#[from] crate::dossier::DossierError),
}

impl kernel::Fault for ProcessError {
    fn kind(&self) -> kernel::ErrorKind {
        use kernel::ErrorKind;
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Faulty(_) | Self::PastDay => ErrorKind::Invalid,
            Self::InForce | Self::Stale => ErrorKind::Conflict,
            Self::SamePerson => ErrorKind::Forbidden,
            Self::Store(error) => error.kind(),
            Self::Refused(error) => error.kind(),
            Self::Dossier(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "process-not-found",
            Self::Faulty(_) => "process-faulty",
            Self::InForce => "process-in-force",
            Self::Stale => "process-stale",
            Self::SamePerson => "process-same-person",
            Self::PastDay => "process-past-day",
            Self::Store(error) => error.code(),
            Self::Refused(error) => error.code(),
            Self::Dossier(error) => error.code(),
        }
    }
}
