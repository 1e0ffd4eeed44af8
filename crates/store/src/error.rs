//! What can go wrong at the seam, as things a caller or an operator can act on. Owns the mapping of both drivers'
//! errors into one list. Texts name tables, files and statements for the log and never a stored value: it may be personal.

use std::path::PathBuf;

use kernel::{ErrorKind, Fault, scalar::ScalarError};

use crate::{blob::BlobError, keys::KeyError, remedy};

/// A fault of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The write queue or a pool is full; nothing was done.
    #[error("the store is busy; try again in {retry_after_s} s")]
    Busy {
        /// Seconds after which a new try may succeed.
        retry_after_s: u32,
    },
    /// Concurrent transactions kept clashing until the bound of retries; nothing was done.
    #[error("the transaction clashed with others {tries} times and was given up")]
    Contention {
        /// How often it was tried.
        tries: u32,
    },
    /// A statement ran longer than it may; nothing was done.
    #[error("a statement was stopped by its time limit: {0}")]
    Timeout(String),
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// The database server does not answer or the connection was lost. A write may or may not have happened.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// No space left; nothing was done.
    #[error("no space is left on the disk of the data folder; free some space, the data is unharmed ({0})")]
    DiskFull(String),
    /// The data folder or the database cannot be written.
    #[error("{what} cannot be written; check its owner and permissions and that its disk is mounted read-write")]
    ReadOnly {
        /// The folder or the database.
        what: String,
    },
    /// Another server holds the data folder.
    #[error("another server is running on the data folder {folder}; stop it first or use another folder (--data)")]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no database where one must be.
    #[error("there is no database in {folder}; `tinhso init` or `tinhso demo` makes one")]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// The database file is damaged or none of ours.
    #[error(
        "the database is damaged: {0}; run `tinhso verify`, then restore a backup or `tinhso export` what is readable"
    )]
    Corrupt(String),
    /// The operating system refused something else.
    #[error("{what}: {source}; {remedy}", remedy = remedy(source))]
    Io {
        /// What was being done.
        what: String,
        /// The refusal.
        source: std::io::Error,
    },
    /// The configuration of the store is no good.
    #[error("{0}")]
    Config(String),
    /// The data was written by a newer version of this program.
    #[error(
        "this data folder was written by a newer version: migration {found} of \"{set}\" is unknown here; \
         start the newer version (data is never migrated backwards)"
    )]
    Newer {
        /// The migration set.
        set: String,
        /// The unknown migration.
        found: String,
    },
    /// A migration that was applied is not the one in this program.
    #[error("migration {migration} of \"{set}\" was changed after it was applied; applied migrations are never edited")]
    Changed {
        /// The migration set.
        set: String,
        /// The migration.
        migration: String,
    },
    /// A migration failed; the schema is as it was before it.
    #[error("migration {migration} of \"{set}\" failed: {reason}")]
    Migration {
        /// The migration set.
        set: String,
        /// The migration.
        migration: String,
        /// Why.
        reason: String,
    },
    /// The schema is older than this program and may not be migrated in this mode.
    #[error("the schema is older than this program; start the server once (`tinhso serve`), then try again")]
    Older,
    /// `one` found no row.
    #[error("no row was found by: {sql}")]
    NoRow {
        /// The statement.
        sql: &'static str,
    },
    /// A row with this key exists.
    #[error("a row with this key exists already ({what})")]
    Duplicate {
        /// The constraint (PostgreSQL) or the columns (SQLite).
        what: String,
    },
    /// A row refers to one that does not exist, or is referred to.
    #[error("a reference has no target, or a target is still referred to ({what})")]
    Reference {
        /// The constraint or the table, when the engine says.
        what: String,
    },
    /// A value breaks a rule of its column.
    #[error("a value breaks a rule of its table ({what})")]
    Rule {
        /// The constraint or the column.
        what: String,
    },
    /// A column does not hold what was asked for.
    #[error("column {column}: {source}")]
    Column {
        /// The position, from 0.
        column: usize,
        /// What is wrong.
        source: ScalarError,
    },
    /// A statement is wrong or the engine refused it.
    #[error("{message}; in: {sql}")]
    Statement {
        /// The statement.
        sql: String,
        /// What the engine said.
        message: String,
    },
    /// A statement of this transaction failed before, so that nothing more can be done in it.
    #[error("an earlier statement of this transaction failed: {0}")]
    Aborted(String),
    /// The closure of a transaction panicked; its work was rolled back.
    #[error("a transaction panicked and was rolled back: {0}")]
    Panicked(String),
    /// A write closure did something else when it was run again (found by the tests' double run).
    #[error("a write is not replayable, its two runs differ at: {statement}")]
    NotReplayable {
        /// The first statement that differs.
        statement: String,
    },
    /// A fault of the keys.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A fault of the blobs.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl StoreError {
    /// A [`StoreError::Io`] that says what was being done, or the clearer error that the refusal stands for.
    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let what = what.into();
        match source.kind() {
            Io::StorageFull | Io::QuotaExceeded => Self::DiskFull(what),
            Io::PermissionDenied | Io::ReadOnlyFilesystem => Self::ReadOnly { what },
            _ => Self::Io { what, source },
        }
    }
}

impl Fault for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Busy { retry_after_s } => ErrorKind::Busy {
                retry_after_s: *retry_after_s,
            },
            Self::Contention { .. } => ErrorKind::Busy { retry_after_s: 1 },
            Self::Closed | Self::Unavailable(_) | Self::DiskFull(_) | Self::ReadOnly { .. } | Self::Timeout(_) => {
                ErrorKind::Unavailable
            }
            Self::NoRow { .. } => ErrorKind::NotFound,
            Self::Duplicate { .. } => ErrorKind::Conflict,
            Self::Key(fault) => fault.kind(),
            Self::Blob(fault) => fault.kind(),
            Self::InUse { .. }
            | Self::Missing { .. }
            | Self::Corrupt(_)
            | Self::Io { .. }
            | Self::Config(_)
            | Self::Newer { .. }
            | Self::Changed { .. }
            | Self::Migration { .. }
            | Self::Older
            | Self::Reference { .. }
            | Self::Rule { .. }
            | Self::Column { .. }
            | Self::Statement { .. }
            | Self::Aborted(_)
            | Self::Panicked(_)
            | Self::NotReplayable { .. } => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Key(fault) => fault.code(),
            Self::Blob(fault) => fault.code(),
            Self::DiskFull(_) => "store-disk-full",
            _ => match self.kind() {
                ErrorKind::Busy { .. } | ErrorKind::TooMany { .. } => "store-busy",
                ErrorKind::Unavailable => "store-unavailable",
                ErrorKind::NotFound => "store-not-found",
                ErrorKind::Conflict => "store-conflict",
                ErrorKind::Invalid
                | ErrorKind::Unauthenticated
                | ErrorKind::Forbidden
                | ErrorKind::Gone
                | ErrorKind::TooLarge
                | ErrorKind::Unsupported
                | ErrorKind::Internal => "internal",
            },
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Key(fault) => fault.args(),
            Self::Blob(fault) => fault.args(),
            Self::Busy { retry_after_s } => vec![("seconds", retry_after_s.to_string())],
            _ => Vec::new(),
        }
    }
}
