//! The catalogue in memory: the search index, held as `held` says, and the versions that people file under.
//! Refuses to be the truth: a page about one procedure reads that procedure's row.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{ProcedureCode, World};
use parking_lot::RwLock;
use store::{Store, StoreError};

use super::Procedure;
use super::search::Index;
use super::store as table;
use super::version;
use crate::held::{Held, Known};

/// Shared by all handlers of one process.
pub struct Catalogue {
    store: Store,
    held: Held<Index>,
    versions: RwLock<HashMap<(String, i64), Arc<Procedure>>>,
}

/// Versions kept before they are forgotten: those that people file under.
const VERSIONS_MAX: usize = 400;

impl Catalogue {
    /// An empty catalogue that fills itself at the first question.
    #[must_use]
    pub fn new(store: Store, world: Arc<dyn World>) -> Self {
        Self {
            store,
            held: Held::new("the catalogue", world, Index::new(-1, Vec::new())),
            versions: RwLock::default(),
        }
    }

    /// The index, not older than two seconds.
    ///
    /// # Errors
    /// When the store does not answer and nothing was read yet; later the last index goes on serving.
    pub async fn index(&self) -> Result<Arc<Index>, StoreError> {
        self.held.get(|known| self.read(known)).await
    }

    /// Reads what changed; on a new day it first lets the versions hold whose day has come.
    async fn read(&self, known: Known) -> Result<(i64, Option<Index>), StoreError> {
        // Beside a serving process that process does so.
        if known.is_new_day && self.store.config().mode != store::Mode::Beside {
            let now = known.now;
            self.store
                .write(move |tx| {
                    if version::activate(tx, now.local_date())? > 0 {
                        table::bump_revision(tx, now)?;
                    }
                    Ok::<_, StoreError>(())
                })
                .await?;
        }
        let read = self.store.read(move |tx| {
            let revision = table::revision(tx)?;
            let rows = (revision != known.revision).then(|| table::summaries(tx)).transpose()?;
            Ok::<_, StoreError>((revision, rows))
        });
        let (revision, rows) = read.await?;
        Ok((revision, rows.map(|rows| Index::new(revision, rows))))
    }

    /// Looks again at the next question: somebody has just brought a version or let one hold.
    pub fn look_again(&self) {
        self.held.look_again();
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
