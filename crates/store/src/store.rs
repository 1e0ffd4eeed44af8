//! The store that the rest of the program holds: opens an engine, runs reads and writes, wakes consumers and workers after
//! a commit, and closes in order. It refuses to start on a schema, a folder or keys that do not fit, with words that help.

use std::{path::Path, sync::Arc};

use kernel::World;
use tokio::sync::Notify;

use crate::{
    archive,
    blob::Blobs,
    config::{Database, KeySource, Mode, StoreConfig},
    engine::{
        postgres::Postgres,
        sqlite::{self, OnCommit, Sqlite},
        work::{erased, erased_once},
    },
    error::StoreError,
    keys::{self, KeyRing},
    measures,
    migrate::{self, MigrationSet},
    tx::{EngineKind, Signals, Tx},
};

/// The database, the keys and the blobs of one province. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    engine: Engine,
    world: Arc<dyn World>,
    keys: Arc<KeyRing>,
    blobs: Blobs,
    wakers: Arc<Wakers>,
    config: StoreConfig,
}

enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Those who wait for rows of a commit.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    pub(crate) outbox: Notify,
    pub(crate) jobs: Notify,
}

impl Wakers {
    fn wake(&self, signals: Signals) {
        if signals.outbox {
            self.outbox.notify_waiters();
        }
        if signals.jobs {
            self.jobs.notify_waiters();
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("database", &self.inner.config.database)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store: locks the folder or connects, migrates the schema (in [`Mode::Serve`]), holds the keys to the
    /// data. The store's own migrations come first; `migrations` are those of the crates above, in order.
    ///
    /// # Errors
    /// `InUse`, `ReadOnly`, `DiskFull`, `Missing`, `Unavailable`, `Newer`, `Older`, `Changed`, `Migration`, `Corrupt`,
    /// and faults of keys and blobs; each says what to do.
    pub async fn open(
        config: StoreConfig,
        migrations: &[MigrationSet],
        world: Arc<dyn World>,
    ) -> Result<Self, StoreError> {
        measures::describe();
        let keys = match &config.keys {
            KeySource::File(path) => {
                if let Database::Sqlite { folder } = &config.database {
                    keys::refuse_inside(folder, path)?;
                }
                Arc::new(KeyRing::load(path)?)
            }
            KeySource::Ring(ring) => ring.clone(),
        };
        let mut sets = migrations.to_vec();
        if sets.iter().all(|set| set.name != crate::MIGRATIONS.name) {
            sets.insert(0, crate::MIGRATIONS);
        }
        let wakers = Arc::new(Wakers::default());
        let engine = Engine::open(&config, sets, &world, wakers.clone()).await?;
        let blobs = Blobs::open(&config.blobs, keys.clone())?;
        let store = Self {
            inner: Arc::new(Inner {
                engine,
                world,
                keys,
                blobs,
                wakers,
                config,
            }),
        };
        store.hold_keys_to_data().await?;
        Ok(store)
    }

    /// Runs a write. The closure may run more than once, so that it borrows its command, and makes no id, salt or time of
    /// its own. The answer comes after the commit; an error or a panic leaves nothing behind.
    ///
    /// # Errors
    /// The closure's own; `Busy` when too many writes wait; `Unavailable`, `DiskFull`, `Contention`, `Panicked`, `Closed`.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Fn(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        let (work, slot) = erased(work);
        slot.after(match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.write(work).await,
            Engine::Postgres(postgres) => postgres.write(work).await,
        })
    }

    /// Runs a read on one consistent snapshot. It cannot write.
    ///
    /// # Errors
    /// The closure's own; `Busy` when too many reads wait; `Unavailable`, `Closed`.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        let (work, slot) = erased_once(work);
        slot.after(match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.read(work).await,
            Engine::Postgres(postgres) => postgres.read(work).await,
        })
    }

    /// As [`Store::read`], for look-ups by key that touch a handful of pages. On SQLite it runs on the calling thread, which
    /// saves the way to another thread and back. What may read more belongs into [`Store::read`], because a thread that
    /// serves requests waits meanwhile.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn look_up<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        let (work, slot) = erased_once(work);
        slot.after(match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.look_up(work).await,
            Engine::Postgres(postgres) => postgres.read(work).await,
        })
    }

    /// Makes sure that the store answers: one read, and a living writer.
    ///
    /// # Errors
    /// `Unavailable`, `Busy`, `Closed` and what the engine says.
    pub async fn ready(&self) -> Result<(), StoreError> {
        if let Engine::Sqlite(sqlite) = &self.inner.engine
            && !sqlite.writer_lives()
        {
            return Err(StoreError::Closed);
        }
        self.read(|tx| tx.one("SELECT count(*) FROM schema_migration", &[], |row| row.get::<i64>(0)))
            .await
            .map(|_| ())
    }

    /// How many more writes could wait now before the next one is answered with "busy". Others take places meanwhile.
    #[must_use]
    pub fn room(&self) -> usize {
        let waiting = match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.waiting(),
            Engine::Postgres(postgres) => postgres.waiting(),
        };
        self.inner.config.limits.queue_max.saturating_sub(waiting)
    }

    /// Lets the engine look at its tables anew, so that it finds good ways through them; after rows came in by the
    /// thousand.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn analyze(&self) -> Result<(), StoreError> {
        self.claim(|tx| match tx.engine() {
            EngineKind::Sqlite => tx.script("PRAGMA analysis_limit = 1000; ANALYZE"),
            EngineKind::Postgres => tx.script("ANALYZE"),
        })
        .await
    }

    /// Takes no more writes, finishes those that wait, and lets go of the folder or the connections.
    pub async fn close(&self) {
        match &self.inner.engine {
            Engine::Sqlite(_) => {
                let store = self.clone();
                let closing = tokio::task::spawn_blocking(move || {
                    if let Engine::Sqlite(sqlite) = &store.inner.engine {
                        sqlite.close();
                    }
                });
                // A panic of a thread that ends leaves nothing to do here.
                let _ = closing.await;
            }
            Engine::Postgres(postgres) => postgres.close(),
        }
    }

    /// The keys of the province.
    pub fn keys(&self) -> Arc<KeyRing> {
        self.inner.keys.clone()
    }

    /// The blobs of the province.
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    /// The clock and the chance the store was opened with.
    pub fn world(&self) -> &Arc<dyn World> {
        &self.inner.world
    }

    /// The engine the store runs on.
    pub fn engine(&self) -> EngineKind {
        match &self.inner.engine {
            Engine::Sqlite(_) => EngineKind::Sqlite,
            Engine::Postgres(_) => EngineKind::Postgres,
        }
    }

    /// How the store was opened.
    pub fn config(&self) -> &StoreConfig {
        &self.inner.config
    }

    /// The data folder of a SQLite store.
    pub fn folder(&self) -> Option<&Path> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => Some(sqlite.folder()),
            Engine::Postgres(_) => None,
        }
    }

    pub(crate) fn wakers(&self) -> &Arc<Wakers> {
        &self.inner.wakers
    }

    /// On PostgreSQL a transaction whose statements may see what others commit meanwhile: for claims of jobs and events,
    /// which lock the rows they take. On SQLite an ordinary write.
    pub(crate) async fn claim<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Fn(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        let (work, slot) = erased(work);
        slot.after(match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.write(work).await,
            Engine::Postgres(postgres) => postgres.claim(work).await,
        })
    }

    async fn hold_keys_to_data(&self) -> Result<(), StoreError> {
        let keys = self.keys();
        match self.inner.config.mode {
            Mode::Serve => {
                let fresh = keys::CheckValue::new(&keys, self.world().as_ref());
                self.write(move |tx| {
                    archive::refuse_half_imported(tx)?;
                    keys::ensure_fits(tx, &keys, Some(&fresh))
                })
                .await
            }
            Mode::Beside => self.read(move |tx| keys::ensure_fits(tx, &keys, None)).await,
        }
    }
}

impl Engine {
    async fn open(
        config: &StoreConfig,
        sets: Vec<MigrationSet>,
        world: &Arc<dyn World>,
        wakers: Arc<Wakers>,
    ) -> Result<Self, StoreError> {
        let on_commit: OnCommit = Arc::new(move |signals| wakers.wake(signals));
        let now = world.now();
        match &config.database {
            Database::Sqlite { folder } => {
                let (folder, config) = (folder.clone(), config.clone());
                let open = move || {
                    let mut opened = sqlite::open::open(&folder, config.mode)?;
                    match config.mode {
                        Mode::Serve => migrate::run(&mut opened.tx, &sets, now)?,
                        Mode::Beside => migrate::check_current(&mut opened.tx, &sets)?,
                    }
                    Sqlite::start(opened, &config.limits, config.double_run, on_commit)
                };
                let opened = tokio::task::spawn_blocking(open)
                    .await
                    .map_err(|_| StoreError::Closed)?;
                opened.map(Self::Sqlite)
            }
            Database::Postgres { url, root_certificate } => {
                let postgres =
                    Postgres::open(url, root_certificate.as_deref(), config, world.clone(), on_commit).await?;
                postgres.migrate(sets, config.mode, now).await?;
                Ok(Self::Postgres(postgres))
            }
        }
    }
}
