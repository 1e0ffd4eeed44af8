//! The way back: a backup into an empty place, held to its sums, its keys and its own checks before it is called done.
//! Refuses a place that holds anything, and a start without the keys.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::{Timestamp, World};
use rusqlite::Connection;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{ARCHIVE, Summary, files};
use crate::{
    BlobConfig, DATABASE_FILE, Database, KeySource, MigrationSet, Store, StoreConfig, StoreError,
    archive::{self, ArchiveError, sync_folder_of},
    blob::{BlobId, Blobs},
    engine::sqlite::{open, store_error},
    keys::{self, KeyRing},
};

/// What a restore brought back.
#[derive(Debug, Clone)]
pub struct RestoreReport {
    /// The moment of the backup: what was done after it is lost.
    pub taken_at: Timestamp,
    /// The time from that moment to the restore: the window of loss.
    pub loss: Duration,
    /// How long the restore took, its checks included.
    pub took: Duration,
    /// Files brought back.
    pub files: u64,
    /// Their length together, in bytes.
    pub bytes: u64,
    /// Blobs that the backup itself lacked.
    pub missing: Vec<String>,
}

/// Brings the backup at `from` into the empty place that `config` names.
///
/// # Errors
/// `NotEmpty` when the place holds anything; key faults when the key file is missing or another one; `Damaged`,
/// `CutOff`, `BadForm` for a backup that is not what was written. The place is not to be used after an error.
pub async fn restore(
    from: &Path,
    config: &StoreConfig,
    migrations: &[MigrationSet],
    world: Arc<dyn World>,
) -> Result<RestoreReport, ArchiveError> {
    let started = Instant::now();
    let summary = match &config.database {
        Database::Sqlite { folder } => {
            let (from, folder, config, handle) = (from.to_owned(), folder.clone(), config.clone(), Handle::current());
            let work = move || into_folder(&from, &folder, &config, &handle);
            tokio::task::spawn_blocking(work)
                .await
                .map_err(|_| StoreError::Closed)??
        }
        Database::Postgres { .. } => into_server(from, config, migrations, world.clone()).await?,
    };
    let loss = world.now().since(summary.taken_at);
    Ok(RestoreReport {
        taken_at: summary.taken_at,
        loss: Duration::try_from(loss).unwrap_or_default(),
        took: started.elapsed(),
        files: summary.files,
        bytes: summary.bytes,
        missing: summary.missing,
    })
}

async fn into_server(
    from: &Path,
    config: &StoreConfig,
    migrations: &[MigrationSet],
    world: Arc<dyn World>,
) -> Result<Summary, ArchiveError> {
    let staged = tempfile::tempdir().map_err(ArchiveError::io(std::env::temp_dir()))?;
    let path = staged.path().join(ARCHIVE);
    let summary = files::read(from, |name, content| {
        if name != ARCHIVE {
            return Err(ArchiveError::bad(
                from.display().to_string(),
                "is no backup of a PostgreSQL province",
            ));
        }
        write_file(&path, content)
    })?;
    let store = Store::open(config.clone(), migrations, world).await?;
    let imported = archive::import(&store, &path).await;
    store.close().await;
    imported.map(|_| summary)
}

fn into_folder(from: &Path, folder: &Path, config: &StoreConfig, handle: &Handle) -> Result<Summary, ArchiveError> {
    // Without its keys a province is not restored: better said now than after an hour of copying.
    let ring = match &config.keys {
        KeySource::File(path) => Arc::new(KeyRing::load(path).map_err(StoreError::from)?),
        KeySource::Ring(ring) => ring.clone(),
    };
    refuse_filled(folder)?;
    if let BlobConfig::Folder(blobs) = &config.blobs {
        refuse_filled(blobs)?;
    }
    if let Some(summary) = files::peek(from)? {
        refuse_other_engine(&summary)?;
    }
    fs::create_dir_all(folder).map_err(ArchiveError::io(folder))?;
    let blobs = Blobs::open(&config.blobs, ring.clone())?;
    let database = folder.join(DATABASE_FILE);
    // Under another name until all is well: a broken restore is not mistaken for a province.
    let staged = folder.join(format!("{DATABASE_FILE}.restoring"));
    let summary = files::read(from, |name, content| match name.split('/').collect::<Vec<_>>()[..] {
        [DATABASE_FILE] => write_file(&staged, content),
        ["blobs", _, id] => write_object(&blobs, handle, id, content),
        _ => Err(ArchiveError::bad(name, "is no file of a SQLite backup")),
    })?;
    refuse_other_engine(&summary)?;
    settle(&staged, &summary)?;
    fs::rename(&staged, &database)
        .and_then(|()| sync_folder_of(&database))
        .map_err(ArchiveError::io(&database))?;
    let mut tx = open::reader(folder)?;
    keys::ensure_fits(&mut tx, &ring, None)?;
    Ok(summary)
}

fn refuse_other_engine(summary: &Summary) -> Result<(), ArchiveError> {
    if summary.engine == "sqlite" {
        return Ok(());
    }
    let reason = format!("was made from {}; unpack it and import {ARCHIVE}", summary.engine);
    Err(ArchiveError::bad("the backup", reason))
}

/// Checks the database and does in it what the backup could not copy.
fn settle(path: &Path, summary: &Summary) -> Result<(), ArchiveError> {
    let work = || -> rusqlite::Result<Option<String>> {
        let database = Connection::open(path)?;
        for id in summary.erased.iter().filter_map(|id| id.parse::<Uuid>().ok()) {
            let sql = "UPDATE blob SET sha256 = NULL, wrapped_key = NULL, erased_at = ?1 WHERE id = ?2";
            database.execute(sql, rusqlite::params![summary.taken_at.as_micros(), id.as_bytes()])?;
        }
        let verdict: String = database.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        let dangling: i64 =
            database.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
        database.close().map_err(|(_, error)| error)?;
        Ok(match (verdict.as_str(), dangling) {
            ("ok", 0) => None,
            ("ok", _) => Some(format!("{dangling} references have no target")),
            _ => Some(verdict),
        })
    };
    match work().map_err(|error| store_error(error, "restore"))? {
        None => Ok(()),
        Some(found) => Err(ArchiveError::damaged(DATABASE_FILE, found)),
    }
}

fn refuse_filled(folder: &Path) -> Result<(), ArchiveError> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(ArchiveError::NotEmpty(folder.display().to_string())),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(fault) => Err(ArchiveError::io(folder)(fault)),
    }
}

fn write_file(path: &Path, content: &mut dyn Read) -> Result<(), ArchiveError> {
    let mut write = || {
        let mut file = File::create_new(path)?;
        io::copy(content, &mut file)?;
        file.sync_all()
    };
    write().map_err(ArchiveError::io(path))
}

fn write_object(blobs: &Blobs, handle: &Handle, id: &str, content: &mut dyn Read) -> Result<(), ArchiveError> {
    let id = id
        .parse::<Uuid>()
        .map_err(|fault| ArchiveError::bad(format!("blobs/{id}"), fault))?;
    archive::copy_in(blobs, handle, BlobId::from_uuid(id), content)
}
