//! How a store is opened: which engine, which keys, which blobs, which bounds. Owns the defaults; every queue, pool and
//! wait has a bound here. It refuses nothing itself: `Store::open` does, with words for the operator.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use crate::{blob::BlobConfig, keys::KeyRing};

/// How to open a store.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Where the rows are.
    pub database: Database,
    /// Where the keys are.
    pub keys: KeySource,
    /// Where the blobs are.
    pub blobs: BlobConfig,
    /// To serve, or to read beside a server.
    pub mode: Mode,
    /// Bounds of queues, pools and waits.
    pub limits: Limits,
    /// For tests: every write runs twice, the first run is rolled back, and both must do the same.
    pub double_run: bool,
}

/// Where the rows are.
#[derive(Clone)]
pub enum Database {
    /// A data folder with a SQLite database in it; one server at a time.
    Sqlite {
        /// The folder. It is made when it is missing and the mode is [`Mode::Serve`].
        folder: PathBuf,
    },
    /// A PostgreSQL database, 15 or newer; several servers may share it.
    Postgres {
        /// `postgresql://user:password@host:port/database?sslmode=require`.
        url: String,
        /// PEM file of the authority that signed the server's certificate; needed for TLS (`sslmode=require`).
        root_certificate: Option<PathBuf>,
    },
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        match self {
            Self::Sqlite { folder } => f.debug_struct("Sqlite").field("folder", folder).finish(),
            Self::Postgres { .. } => f.debug_struct("Postgres").finish_non_exhaustive(),
        }
    }
}

impl Database {
    /// PostgreSQL by URL, without a certificate authority of its own.
    pub fn postgres(url: impl Into<String>) -> Self {
        Self::Postgres {
            url: url.into(),
            root_certificate: None,
        }
    }

    /// SQLite in a data folder.
    pub fn sqlite(folder: impl Into<PathBuf>) -> Self {
        Self::Sqlite { folder: folder.into() }
    }
}

/// Where the keys come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A key file outside of the data folder.
    File(PathBuf),
    /// A ring that is at hand already (tests, a hardware module).
    Ring(Arc<KeyRing>),
}

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Read and write; migrates the schema; on SQLite the only such store on its folder.
    #[default]
    Serve,
    /// Only read, beside a server that may be running: backup, verify, export. Never migrates.
    Beside,
}

/// Bounds of queues, pools and waits.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Writes that may wait; one more is answered with "busy".
    pub queue_max: usize,
    /// SQLite: writes in one commit.
    pub batch_jobs_max: usize,
    /// SQLite: time after which a batch takes no further write.
    pub batch_time_max: Duration,
    /// SQLite: read connections.
    pub readers: usize,
    /// PostgreSQL: connections of this node.
    pub connections_max: usize,
    /// Longest wait for a connection or a reader before "busy".
    pub wait_max: Duration,
    /// PostgreSQL: tries of a transaction that clashes with others.
    pub tries_max: u32,
    /// PostgreSQL: longest time of one statement.
    pub statement_time_max: Duration,
    /// PostgreSQL: longest wait for a lock.
    pub lock_time_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_max: 4_096,
            batch_jobs_max: 256,
            batch_time_max: Duration::from_millis(20),
            readers: 8,
            connections_max: 24,
            wait_max: Duration::from_secs(10),
            tries_max: 12,
            statement_time_max: Duration::from_secs(30),
            lock_time_max: Duration::from_secs(10),
        }
    }
}
