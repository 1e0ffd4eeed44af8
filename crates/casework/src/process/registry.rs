//! The processes in memory: those that were ever in force, held as `held` says.
//! It refuses a text that no longer reads: the dossiers on it are not moved, and the log says which.

use std::collections::HashMap;
use std::sync::Arc;

use definition::procedure::Process as Steps;
use kernel::calendar::TimeLimit;
use kernel::{Date, ProcedureCode, World};
use parking_lot::RwLock;
use store::{Store, StoreError};

use super::{GENERIC, Process, Version, agencies, store as table};
use crate::dossier::Dossier;
use crate::held::{Held, Known};

/// Shared by all handlers of one process of the program.
pub struct Processes {
    store: Store,
    held: Held<Book>,
    generic: RwLock<HashMap<Option<TimeLimit>, Process>>,
}

#[derive(Default)]
struct Book {
    versions: HashMap<(ProcedureCode, i64), Process>,
    in_force: HashMap<ProcedureCode, Vec<(Date, i64)>>,
}

impl Book {
    fn of(rows: &[Version]) -> Self {
        let mut book = Self::default();
        for row in rows {
            let read = Steps::read(&row.text, None, None, &agencies::surroundings());
            let steps = match read {
                Ok(steps) => steps,
                Err(faults) => {
                    tracing::error!(procedure = %row.procedure, version = row.version, %faults, "a process does not read");
                    continue;
                }
            };
            let key = (row.procedure.clone(), row.version);
            book.versions.insert(key, Process::new(row.version, Arc::new(steps)));
            if let Some(approval) = &row.approval {
                let days = book.in_force.entry(row.procedure.clone()).or_default();
                days.push((approval.valid_from, row.version));
            }
        }
        book
    }

    /// The version in force on a day: of those that have begun, the one that began last, the newer one of two.
    fn on(&self, procedure: &ProcedureCode, day: Date) -> Option<&Process> {
        let days = self.in_force.get(procedure)?.iter();
        let (_, version) = days.filter(|(from, _)| *from <= day).max()?;
        self.versions.get(&(procedure.clone(), *version))
    }
}

impl Processes {
    /// An empty registry that fills itself at the first question.
    #[must_use]
    pub fn new(store: Store, world: Arc<dyn World>) -> Self {
        Self {
            store,
            held: Held::new("processes", world, Book::default()),
            generic: RwLock::default(),
        }
    }

    /// The process under which a dossier of `procedure` is sent in on `day`.
    ///
    /// # Errors
    /// When the store does not answer and nothing was read yet.
    pub async fn current(
        &self,
        procedure: &ProcedureCode,
        limit: Option<TimeLimit>,
        day: Date,
    ) -> Result<Process, StoreError> {
        let book = self.book().await?;
        Ok(book.on(procedure, day).cloned().unwrap_or_else(|| self.generic(limit)))
    }

    /// The process that a dossier runs under.
    ///
    /// # Errors
    /// As [`Processes::current`]; `Corrupt` when its version does not exist.
    pub async fn of(&self, dossier: &Dossier) -> Result<Process, StoreError> {
        if dossier.process == GENERIC {
            let limit = dossier.time_limit.as_deref().and_then(|text| text.parse().ok());
            return Ok(self.generic(limit));
        }
        self.version(&dossier.procedure, dossier.process).await
    }

    /// One version of a process, whether it is in force or was.
    ///
    /// # Errors
    /// As [`Processes::of`].
    pub(crate) async fn version(&self, procedure: &ProcedureCode, version: i64) -> Result<Process, StoreError> {
        let key = (procedure.clone(), version);
        if let Some(found) = self.held.last().versions.get(&key) {
            return Ok(found.clone());
        }
        let found = self.held.at_once(|known| self.read(known)).await?;
        let found = found.versions.get(&key).cloned();
        found
            .ok_or_else(|| StoreError::Corrupt(format!("version {} of the process of {} does not exist", key.1, key.0)))
    }

    /// Looks again at the next question: this node has just let a version into force.
    pub(crate) fn forget(&self) {
        self.held.look_again();
    }

    /// The procedures that have a process of their own, with the version that came into force last.
    ///
    /// # Errors
    /// As [`Processes::current`].
    pub(crate) async fn written(&self) -> Result<HashMap<ProcedureCode, i64>, StoreError> {
        let book = self.book().await?;
        let newest = book.in_force.iter().filter_map(|(code, days)| {
            let (_, version) = days.iter().max()?;
            Some((code.clone(), *version))
        });
        Ok(newest.collect())
    }

    fn generic(&self, limit: Option<TimeLimit>) -> Process {
        if let Some(known) = self.generic.read().get(&limit) {
            return known.clone();
        }
        let made = Process::generic(limit);
        let mut generic = self.generic.write();
        // Officers type limits; whoever types a thousand makes them again.
        if generic.len() >= 200 {
            generic.clear();
        }
        generic.insert(limit, made.clone());
        made
    }

    async fn book(&self) -> Result<Arc<Book>, StoreError> {
        self.held.get(|known| self.read(known)).await
    }

    async fn read(&self, known: Known) -> Result<(i64, Option<Book>), StoreError> {
        let read = self.store.read(move |tx| {
            let revision = table::revision(tx)?;
            let rows = (revision != known.revision).then(|| table::approved(tx)).transpose()?;
            Ok::<_, StoreError>((revision, rows))
        });
        let (revision, rows) = read.await?;
        Ok((revision, rows.map(|rows| Book::of(&rows))))
    }
}
