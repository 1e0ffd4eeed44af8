//! The catalogue in memory: the search index, read again when the table's revision grew (looked at once in two seconds).
//! Refuses to be the truth: a page about one procedure reads that procedure's row.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Date, ProcedureCode, SignedDuration, Timestamp, World};
use parking_lot::RwLock;
use store::{Store, StoreError};
use tokio::sync::Mutex;

use super::Procedure;
use super::search::Index;
use super::store as table;
use super::version;

/// How old an answer of the index may be.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Shared by all handlers of one process.
pub struct Catalogue {
    store: Store,
    world: Arc<dyn World>,
    held: RwLock<Held>,
    reading: Mutex<()>,
    versions: RwLock<HashMap<(String, i64), Arc<Procedure>>>,
}

/// Versions kept before they are forgotten: those that people file under.
const VERSIONS_MAX: usize = 400;

struct Held {
    index: Arc<Index>,
    looked_at: Timestamp,
    /// The day for which versions were last looked at: some begin to hold at its midnight.
    day: Option<Date>,
}

impl Held {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.index.revision >= 0 && is_fresh(self.looked_at, now) && self.day == Some(now.local_date())
    }
}

impl Catalogue {
    /// An empty catalogue that fills itself at the first question.
    #[must_use]
    pub fn new(store: Store, world: Arc<dyn World>) -> Self {
        let held = Held {
            index: Arc::new(Index::new(-1, Vec::new())),
            looked_at: Timestamp::from_micros(0),
            day: None,
        };
        Self {
            store,
            world,
            held: RwLock::new(held),
            reading: Mutex::new(()),
            versions: RwLock::default(),
        }
    }

    /// The index, not older than two seconds.
    ///
    /// # Errors
    /// When the store does not answer and nothing was read yet; later the last index goes on serving.
    pub async fn index(&self) -> Result<Arc<Index>, StoreError> {
        let now = self.world.now();
        {
            let held = self.held.read();
            if held.is_fresh(now) {
                return Ok(held.index.clone());
            }
        }
        let _one_reader = self.reading.lock().await;
        let (held_index, day) = {
            let held = self.held.read();
            if held.is_fresh(now) {
                return Ok(held.index.clone());
            }
            (held.index.clone(), held.day)
        };
        let today = now.local_date();
        match self.read_again(&held_index, (day != Some(today)).then_some(now)).await {
            Ok(index) => {
                *self.held.write() = Held {
                    index: index.clone(),
                    looked_at: now,
                    day: Some(today),
                };
                Ok(index)
            }
            Err(error) if held_index.revision >= 0 => {
                tracing::warn!(%error, "the catalogue cannot be read; serving the last one");
                self.held.write().looked_at = now;
                Ok(held_index)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads what changed; on a new day it first lets the versions hold whose day has come.
    async fn read_again(&self, held: &Arc<Index>, new_day: Option<Timestamp>) -> Result<Arc<Index>, StoreError> {
        if let Some(now) = new_day {
            self.store
                .write(move |tx| {
                    if version::activate(tx, now.local_date())? > 0 {
                        table::bump_revision(tx, now)?;
                    }
                    Ok::<_, StoreError>(())
                })
                .await?;
        }
        let known = held.revision;
        let found = self
            .store
            .read(move |tx| {
                let revision = table::revision(tx)?;
                let rows = if revision == known {
                    None
                } else {
                    Some(table::summaries(tx)?)
                };
                Ok::<_, StoreError>((revision, rows))
            })
            .await?;
        Ok(match found {
            (revision, Some(rows)) => Arc::new(Index::new(revision, rows)),
            (_, None) => held.clone(),
        })
    }

    /// Looks again at the next question: somebody has just brought a version or let one hold.
    pub fn look_again(&self) {
        self.held.write().day = None;
    }

    /// One procedure with its version; the current one when `version` is `None`. A version never changes, so that it is
    /// read once.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn find(
        &self,
        code: &ProcedureCode,
        version: Option<i64>,
    ) -> Result<Option<(Arc<Procedure>, i64)>, StoreError> {
        let name = code.to_string();
        let version = match version {
            Some(version) => version,
            None => match self.index().await?.get(&name) {
                Some(row) => row.version,
                None => return Ok(None),
            },
        };
        let key = (name, version);
        if let Some(known) = self.versions.read().get(&key) {
            return Ok(Some((known.clone(), version)));
        }
        let wanted = code.clone();
        let Some((found, _)) = self
            .store
            .read(move |tx| table::find(tx, &wanted, Some(version)))
            .await?
        else {
            return Ok(None);
        };
        let found = Arc::new(found);
        let mut versions = self.versions.write();
        if versions.len() >= VERSIONS_MAX {
            versions.clear();
        }
        versions.insert(key, found.clone());
        Ok(Some((found, version)))
    }
}

fn is_fresh(looked_at: Timestamp, now: Timestamp) -> bool {
    // A clock that jumped back makes everything stale, never fresh for ever.
    let age = now.since(looked_at);
    age >= SignedDuration::ZERO && age < SignedDuration::try_from(LOOK_AGAIN).unwrap_or(SignedDuration::ZERO)
}
