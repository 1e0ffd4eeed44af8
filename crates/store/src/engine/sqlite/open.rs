//! Opening a data folder: the lock that refuses a second server, the settings of each connection, and clear words for a
//! folder that cannot be written. The lock is the operating system's and dies with the process, whatever kills it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{
    config::Mode,
    engine::sqlite::{
        conn::{Conn, store_error},
        functions,
    },
    error::StoreError,
    tx::{self, Tx},
};

/// Name of the database in the data folder.
pub const DATABASE_FILE: &str = "tinhso.db";
const LOCK_FILE: &str = "tinhso.lock";

/// Marks the file as ours ("TinH").
const APPLICATION_ID: i32 = 0x5469_6e48;

/// How long a connection waits for another one's lock: readers and the checkpoint thread never wait long.
const BUSY: Duration = Duration::from_secs(5);

/// An opened folder; the lock is held as long as `lock` lives.
pub(crate) struct Opened {
    pub(crate) folder: PathBuf,
    pub(crate) mode: Mode,
    pub(crate) tx: Tx,
    pub(crate) lock: Option<File>,
}

/// Opens the folder: for serving with its lock, or beside a server without.
pub(crate) fn open(folder: &Path, mode: Mode) -> Result<Opened, StoreError> {
    match mode {
        Mode::Serve => serve(folder),
        Mode::Beside => beside(folder),
    }
}

fn serve(folder: &Path) -> Result<Opened, StoreError> {
    crate::blob::make_folder(folder).map_err(|error| StoreError::io(describe(folder), error))?;
    let lock = lock(folder)?;
    let raw = Connection::open_with_flags(folder.join(DATABASE_FILE), flags(OpenFlags::SQLITE_OPEN_READ_WRITE))
        .map_err(|error| unwritable(folder, error))?;
    // SQLite opens a file that may not be written for reading, and would fail at the first write only.
    if raw.is_readonly("main").map_err(|error| store_error(error, "open"))? {
        return Err(StoreError::ReadOnly { what: describe(folder) });
    }
    prepare_writer(&raw).map_err(|error| unwritable(folder, error))?;
    claim(&raw)?;
    Ok(Opened {
        folder: folder.to_owned(),
        mode: Mode::Serve,
        tx: transaction(raw),
        lock: Some(lock),
    })
}

fn beside(folder: &Path) -> Result<Opened, StoreError> {
    if !folder.join(DATABASE_FILE).exists() {
        return Err(StoreError::Missing {
            folder: folder.to_owned(),
        });
    }
    let tx = reader(folder)?;
    Ok(Opened {
        folder: folder.to_owned(),
        mode: Mode::Beside,
        tx,
        lock: None,
    })
}

/// A read-only connection as a transaction.
pub(crate) fn reader(folder: &Path) -> Result<Tx, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let raw = Connection::open_with_flags(
            folder.join(DATABASE_FILE),
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        raw.busy_timeout(BUSY)?;
        raw.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4000;")?;
        prepare_any(&raw)?;
        Ok(raw)
    };
    open().map(transaction).map_err(|error| store_error(error, "open"))
}

/// A connection that only moves the log into the database.
pub(crate) fn checkpointer(folder: &Path) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let raw = Connection::open_with_flags(folder.join(DATABASE_FILE), flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
        raw.busy_timeout(BUSY)?;
        raw.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -500;")?;
        Ok(raw)
    };
    open().map_err(|error| store_error(error, "open"))
}

fn transaction(raw: Connection) -> Tx {
    Tx::new(tx::Conn::Sqlite(Box::new(Conn::new(raw))))
}

fn flags(access: OpenFlags) -> OpenFlags {
    access | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn prepare_writer(raw: &Connection) -> rusqlite::Result<()> {
    raw.busy_timeout(BUSY)?;
    // What is erased (the key of a blob, a sealed value) is overwritten in its page, not merely unlinked.
    // FULL: a commit is on the disk before it is answered. The log is moved by a thread of its own (checkpoint.rs).
    raw.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000; PRAGMA cell_size_check = ON;
         PRAGMA secure_delete = FAST;",
    )?;
    prepare_any(raw)
}

fn prepare_any(raw: &Connection) -> rusqlite::Result<()> {
    // Pages are not mapped into memory: a fault of the disk must be an error, not a signal that ends the process.
    raw.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;
         PRAGMA case_sensitive_like = ON;",
    )?;
    // Plans do not depend on bound values: SQLite would otherwise read some statements anew at each run.
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    functions::register(raw)
}

/// Marks a new file as ours, and refuses one that is another program's.
fn claim(raw: &Connection) -> Result<(), StoreError> {
    let ask = || -> rusqlite::Result<(i32, i64)> {
        let id = raw.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let tables = raw.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if id == 0 && tables == 0 {
            raw.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        Ok((id, tables))
    };
    match ask().map_err(|error| store_error(error, "open"))? {
        (APPLICATION_ID, _) | (0, 0) => Ok(()),
        _ => Err(StoreError::Config(format!(
            "the file {DATABASE_FILE} in the data folder is another program's"
        ))),
    }
}

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK_FILE);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| StoreError::io(describe(folder), error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            folder: folder.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(StoreError::io(describe(folder), error)),
    }
}

fn describe(folder: &Path) -> String {
    format!("the data folder {}", folder.display())
}

fn unwritable(folder: &Path, error: rusqlite::Error) -> StoreError {
    match store_error(error, "open") {
        StoreError::ReadOnly { .. } => StoreError::ReadOnly { what: describe(folder) },
        other => other,
    }
}
