//! Stores for tests: on SQLite in a temporary folder, on PostgreSQL in a fresh database, both with the test's own world,
//! fresh keys and `double_run` (each write runs twice and must do the same). A test that passes on one engine only has
//! not passed: write it once, as the body of [`engines`].

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use store::keys::KeyFile;
use store::{BlobConfig, Database, EngineKind, KeyRing, KeySource, Limits, MigrationSet, Mode, Store, StoreConfig};

use crate::pg::{self, TestDatabase};
use crate::world::ManualWorld;

/// A store with what it stands on. It is a `Store` by `Deref`; folder and database go with it.
#[derive(Debug)]
pub struct TestStore {
    store: Store,
    world: Arc<ManualWorld>,
    config: StoreConfig,
    folder: tempfile::TempDir,
    database: Option<TestDatabase>,
}

impl Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    /// The store itself, to clone.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The world it was opened with.
    #[must_use]
    pub fn world(&self) -> &Arc<ManualWorld> {
        &self.world
    }

    /// How it was opened, to open it again.
    #[must_use]
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// The temporary folder in which its data folder and blobs lie.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The PostgreSQL database, when it stands on one.
    #[must_use]
    pub fn database(&self) -> Option<&TestDatabase> {
        self.database.as_ref()
    }

    /// Closes the store and opens it again on the same data, as a restart does.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn reopen(&mut self, migrations: &[MigrationSet]) {
        self.store.close().await;
        let opened = Store::open(self.config.clone(), migrations, self.world.clone()).await;
        self.store = opened.expect("a store that was closed opens again");
    }
}

/// Runs `body` on a fresh store on SQLite, then on PostgreSQL where a cluster is at hand.
///
/// ```no_run
/// # async fn sample() {
/// testkit::engines(&[], async |store| {
///     store.ready().await.expect("a fresh store answers");
/// })
/// .await;
/// # }
/// ```
pub async fn engines(migrations: &[MigrationSet], body: impl AsyncFn(&TestStore)) {
    let store = sqlite(migrations).await;
    crate::say("on SQLite");
    body(&store).await;
    store.close().await;
    if let Some(store) = postgres(migrations).await {
        crate::say("on PostgreSQL");
        body(&store).await;
        store.close().await;
    }
}

/// A fresh store on SQLite.
///
/// # Panics
/// When it does not open: nothing can be tested then.
pub async fn sqlite(migrations: &[MigrationSet]) -> TestStore {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let database = Database::sqlite(folder.path().join("data"));
    open(database, folder, None, migrations).await
}

/// A fresh store on PostgreSQL, when a cluster is at hand.
///
/// # Panics
/// When it does not open.
pub async fn postgres(migrations: &[MigrationSet]) -> Option<TestStore> {
    let database = pg::database()?;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    Some(open(Database::postgres(database.url()), folder, Some(database), migrations).await)
}

/// A fresh store on the engine that is named.
pub async fn on(engine: EngineKind, migrations: &[MigrationSet]) -> Option<TestStore> {
    match engine {
        EngineKind::Sqlite => Some(sqlite(migrations).await),
        EngineKind::Postgres => postgres(migrations).await,
    }
}

async fn open(
    place: Database,
    folder: tempfile::TempDir,
    database: Option<TestDatabase>,
    migrations: &[MigrationSet],
) -> TestStore {
    let world = ManualWorld::new();
    let config = config(place, folder.path(), &world);
    let store = Store::open(config.clone(), migrations, world.clone())
        .await
        .expect("a fresh store opens");
    TestStore {
        store,
        world,
        config,
        folder,
        database,
    }
}

/// A configuration for tests: fresh keys, blobs below `root`, double runs, few connections.
///
/// # Panics
/// When no keys can be made.
#[must_use]
pub fn config(database: Database, root: &Path, world: &ManualWorld) -> StoreConfig {
    let keys = KeyRing::from_keys(&KeyFile::generate(world)).expect("fresh keys make a ring");
    StoreConfig {
        database,
        keys: KeySource::Ring(Arc::new(keys)),
        blobs: BlobConfig::Folder(root.join("blobs")),
        mode: Mode::Serve,
        limits: Limits {
            readers: 2,
            connections_max: 6,
            ..Limits::default()
        },
        double_run: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_engines_open_and_open_again() {
        engines(&[], async |store| {
            store.ready().await.expect("it answers");
        })
        .await;
        let mut store = sqlite(&[]).await;
        store.reopen(&[]).await;
        store.ready().await.expect("it answers again");
    }
}
