//! For the tests of this crate: a clock set by hand, seeded chance, a fresh database on either engine. The test kit offers
//! the same to other crates; it stands above this one and cannot be used here.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use kernel::{SignedDuration, Timestamp, World};
use parking_lot::Mutex;
use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use tokio_postgres::NoTls;

use crate::{
    BlobConfig, Database, KeyRing, KeySource, Limits, MigrationSet, Mode, Store, StoreConfig, StoreError, keys::KeyFile,
};

/// Time and chance of a test.
pub(crate) struct TestWorld {
    now: Mutex<Timestamp>,
    chance: Mutex<ChaCha20Rng>,
}

impl TestWorld {
    pub(crate) fn new() -> Arc<Self> {
        // UUIDs of tests that share a cluster may be equal: each test has its own database.
        let start = "2026-11-18T02:00:00Z".parse().expect("an instant");
        Arc::new(Self {
            now: Mutex::new(start),
            chance: Mutex::new(ChaCha20Rng::seed_from_u64(20_261_118)),
        })
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        let mut now = self.now.lock();
        *now += time;
    }
}

impl World for TestWorld {
    fn now(&self) -> Timestamp {
        *self.now.lock()
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.chance.lock().fill_bytes(bytes);
    }
}

/// A fresh database and what it takes to open it, several times if need be.
pub(crate) struct TestDb {
    pub(crate) world: Arc<TestWorld>,
    pub(crate) ring: Arc<KeyRing>,
    folder: tempfile::TempDir,
    postgres: Option<Cluster>,
}

struct Cluster {
    url: String,
    name: String,
}

impl TestDb {
    pub(crate) fn sqlite() -> Self {
        let world = TestWorld::new();
        let ring = KeyRing::from_keys(&KeyFile::generate(world.as_ref())).expect("fresh keys are whole");
        Self {
            world,
            ring: Arc::new(ring),
            folder: tempfile::tempdir().expect("a temporary folder"),
            postgres: None,
        }
    }

    /// A database in the cluster that `TINHSO_TEST_POSTGRES` names; without it the test is left out with a printed line.
    pub(crate) fn postgres() -> Option<Self> {
        let Ok(url) = std::env::var("TINHSO_TEST_POSTGRES") else {
            assert!(
                std::env::var_os("TINHSO_TEST_POSTGRES_REQUIRED").is_none(),
                "TINHSO_TEST_POSTGRES is not set"
            );
            say("left out on PostgreSQL: TINHSO_TEST_POSTGRES is not set");
            return None;
        };
        let name = format!("store_test_{}_{:016x}", std::process::id(), rand::random::<u64>());
        batch(&url, &format!("CREATE DATABASE {name}")).expect("the cluster makes a database");
        let mut db = Self::sqlite();
        db.postgres = Some(Cluster { url, name });
        Some(db)
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A path beside the data folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The URL of the database, on PostgreSQL.
    pub(crate) fn url(&self) -> Option<String> {
        self.postgres
            .as_ref()
            .map(|cluster| in_cluster(&cluster.url, &cluster.name))
    }

    pub(crate) fn config(&self) -> StoreConfig {
        StoreConfig {
            database: match self.url() {
                Some(url) => Database::postgres(url),
                None => Database::sqlite(self.folder()),
            },
            keys: KeySource::Ring(self.ring.clone()),
            blobs: BlobConfig::Folder(self.beside("blobs")),
            mode: Mode::Serve,
            limits: Limits {
                connections_max: 10,
                ..Limits::default()
            },
            double_run: true,
        }
    }

    pub(crate) async fn open(&self, sets: &[MigrationSet]) -> Store {
        self.try_open(self.config(), sets).await.expect("the store opens")
    }

    pub(crate) async fn try_open(&self, config: StoreConfig, sets: &[MigrationSet]) -> Result<Store, StoreError> {
        Store::open(config, sets, self.world.clone()).await
    }

    /// Runs statements past the store, as an operator would.
    pub(crate) fn outside(&self, sql: &str) {
        match self.url() {
            Some(url) => batch(&url, sql).expect("the statements run"),
            None => {
                let raw = rusqlite::Connection::open(self.folder().join(crate::DATABASE_FILE)).expect("the file opens");
                raw.busy_timeout(Duration::from_secs(5)).expect("a setting");
                raw.execute_batch(sql).expect("the statements run");
            }
        }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some(cluster) = &self.postgres {
            let drop_it = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", cluster.name);
            if let Err(error) = batch(&cluster.url, &drop_it) {
                say(&format!("a test database stays: {error}"));
            }
        }
    }
}

pub(crate) fn say(line: &str) {
    eprintln!("store: {line}");
}

fn in_cluster(url: &str, name: &str) -> String {
    let (address, options) = url
        .split_once('?')
        .map_or((url, String::new()), |(a, o)| (a, format!("?{o}")));
    let base = address.find("://").map_or(0, |at| at + 3);
    let end = address[base..].find('/').map_or(address.len(), |at| base + at);
    format!("{}/{name}{options}", &address[..end])
}

/// On a thread of its own: a test already stands in a runtime.
fn batch(url: &str, sql: &str) -> Result<(), String> {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    let work = move || -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| e.to_string())?;
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.map_err(|e| e.to_string())?;
            let driver = tokio::spawn(connection);
            let done = client.batch_execute(&sql).await.map_err(|e| format!("{e:?}"));
            drop(client);
            driver.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
            done
        })
    };
    std::thread::spawn(work)
        .join()
        .map_err(|_| "the thread panicked".to_owned())?
}

/// Waits until `done` says so, at most ten seconds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, done: impl Fn() -> F) {
    for _ in 0..1_000 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited ten seconds in vain: {what}");
}

/// A folder whose files are removed with it; for tests without a store.
pub(crate) fn is_root() -> bool {
    Path::new("/proc/self")
        .metadata()
        .is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

/// One test on both engines: `name::sqlite` and `name::postgres`.
macro_rules! on_both {
    ($(#[$meta:meta])* $name:ident, |$db:ident| $body:block) => {
        mod $name {
            use super::*;

            async fn case($db: crate::testing::TestDb) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                case(crate::testing::TestDb::sqlite()).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                if let Some(db) = crate::testing::TestDb::postgres() {
                    case(db).await;
                }
            }
        }
    };
}
pub(crate) use on_both;
