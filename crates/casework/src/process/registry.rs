//! The processes in memory: those that were ever in force, read again when the table's revision grew (looked at once in two
//! seconds). It refuses a text that no longer reads: the dossiers on it are not moved, and the log says which.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use definition::procedure::Process as Steps;
use kernel::calendar::TimeLimit;
use kernel::{Date, ProcedureCode, Timestamp, World};
use parking_lot::RwLock;
use store::{Store, StoreError};

use super::{GENERIC, Process, Version, agencies, store as table};
use crate::dossier::Dossier;

/// How old an answer may be.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Shared by all handlers of one process of the program.
pub struct Processes {
    store: Store,
    world: Arc<dyn World>,
    held: RwLock<Held>,
    reading: tokio::sync::Mutex<()>,
    generic: RwLock<HashMap<Option<TimeLimit>, Process>>,
}

struct Held {
    revision: i64,
    looked_at: Timestamp,
    book: Arc<Book>,
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
        let held = Held {
            revision: -1,
            looked_at: Timestamp::from_micros(0),
            book: Arc::default(),
        };
        Self {
            store,
            world,
            held: RwLock::new(held),
            reading: tokio::sync::Mutex::new(()),
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
        let key = (dossier.procedure.clone(), dossier.process);
        if let Some(found) = self.held.read().book.versions.get(&key) {
            return Ok(found.clone());
        }
        let found = self.read_again(true).await?.versions.get(&key).cloned();
        found
            .ok_or_else(|| StoreError::Corrupt(format!("version {} of the process of {} does not exist", key.1, key.0)))
    }

    /// Looks again at the next question: this node has just let a version into force.
    pub(crate) fn forget(&self) {
        self.held.write().looked_at = Timestamp::MIN;
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
        let now = self.world.now();
        {
            let held = self.held.read();
            if held.revision >= 0 && held.is_fresh(now) {
                return Ok(held.book.clone());
            }
        }
        self.read_again(false).await
    }

    async fn read_again(&self, at_once: bool) -> Result<Arc<Book>, StoreError> {
        let _one_reader = self.reading.lock().await;
        let now = self.world.now();
        let known = {
            let held = self.held.read();
            if held.revision >= 0 && held.is_fresh(now) && !at_once {
                return Ok(held.book.clone());
            }
            held.revision
        };
        let read = self.store.read(move |tx| {
            let revision = table::revision(tx)?;
            let rows = (revision != known).then(|| table::approved(tx)).transpose()?;
            Ok::<_, StoreError>((revision, rows))
        });
        match read.await {
            Ok((revision, rows)) => {
                let mut held = self.held.write();
                if let Some(rows) = rows {
                    held.book = Arc::new(Book::of(&rows));
                }
                held.revision = revision;
                held.looked_at = now;
                Ok(held.book.clone())
            }
            Err(error) if known >= 0 => {
                tracing::warn!(%error, "processes cannot be read; serving the last ones");
                let mut held = self.held.write();
                held.looked_at = now;
                Ok(held.book.clone())
            }
            Err(error) => Err(error),
        }
    }
}

impl Held {
    fn is_fresh(&self, now: Timestamp) -> bool {
        let age = now.as_micros().saturating_sub(self.looked_at.as_micros());
        (0..i64::try_from(LOOK_AGAIN.as_micros()).unwrap_or(i64::MAX)).contains(&age)
    }
}
