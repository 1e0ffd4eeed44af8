//! Backups: a copy of a serving province, and the way back. Owns the copy's form and its proof.
//! A backup holds no keys: keep the key file apart from it. Refuses to restore into a folder that holds anything.
//! Law: TCVN 11930:2017, level 3 (backup and drills of recovery).
//!
//! # Form (SQLite)
//!
//! A folder, or the same files in one `.tar`:
//!
//! ```text
//! tinhso.db        the database at one moment
//! blobs/XX/ID      the objects that its rows name, as they are stored (sealed if personal)
//! files.jsonl      path, length and SHA-256 of each file above, one a line
//! backup.json      moment, counts, SHA-256 of files.jsonl; a backup without it was cut off
//! ```
//!
//! On PostgreSQL a backup is an archive ([`crate::archive`]) beside the same two lists, and a restore is its import; the
//! server's own means (base backups, a replica) go on beside it.

mod copy;
mod files;
mod restore;
#[cfg(test)]
mod tests;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use kernel::{Timestamp, World};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

pub use restore::{RestoreReport, restore};

use crate::{
    Store, StoreError,
    archive::{self, ArchiveError},
};

pub(crate) const FORMAT: u32 = 1;
pub(crate) const SUMMARY: &str = "backup.json";
pub(crate) const FILES: &str = "files.jsonl";
pub(crate) const ARCHIVE: &str = "province.tar.gz";

/// What a backup says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Summary {
    /// Version of the form.
    pub format: u32,
    /// The engine it was made from: `sqlite` or `postgres`.
    pub engine: String,
    /// Everything that was acknowledged before this moment is in it.
    pub taken_at: Timestamp,
    /// Files, without the two lists.
    pub files: u64,
    /// Their length together, in bytes.
    pub bytes: u64,
    /// SHA-256 of `files.jsonl`, in hexadecimal.
    pub files_sha256: String,
    /// Blobs that were erased while the backup was made: a restore erases them too.
    pub erased: Vec<String>,
    /// Blobs whose object was not there although nobody erased them: damage, to be looked into.
    pub missing: Vec<String>,
}

/// What a backup did.
#[derive(Debug, Clone)]
pub struct BackupReport {
    /// The backup's own words.
    pub summary: Summary,
    /// How long it took.
    pub took: Duration,
}

/// Copies the store as it is at this moment to `to`, while it is served: a new folder, or a new file if the name ends
/// in `.tar`.
///
/// # Errors
/// `NotEmpty` when something is there; faults of the store, the blobs and the files.
pub async fn backup(store: &Store, world: &dyn World, to: &Path) -> Result<BackupReport, ArchiveError> {
    let started = Instant::now();
    let taken_at = world.now();
    let target = files::Target::create(to, taken_at)?;
    let summary = match store.folder() {
        Some(folder) => {
            let work = copy::Copy {
                store: store.clone(),
                handle: Handle::current(),
                folder: folder.to_owned(),
                taken_at,
            };
            let done = tokio::task::spawn_blocking(move || work.run(target)).await;
            done.map_err(|_| StoreError::Closed)??
        }
        None => archive_of(store, world, target, taken_at).await?,
    };
    Ok(BackupReport {
        summary,
        took: started.elapsed(),
    })
}

async fn archive_of(
    store: &Store,
    world: &dyn World,
    mut target: files::Target,
    taken_at: Timestamp,
) -> Result<Summary, ArchiveError> {
    let staged = target.staging()?;
    let path = staged.path().join(ARCHIVE);
    let report = archive::export(store, world, &path).await?;
    let mut file = std::fs::File::open(&path).map_err(ArchiveError::io(&path))?;
    target.file(ARCHIVE, report.bytes, &mut file)?;
    target.finish(Summary {
        format: FORMAT,
        engine: "postgres".to_owned(),
        taken_at,
        files: 0,
        bytes: 0,
        files_sha256: String::new(),
        erased: Vec::new(),
        missing: report.manifest.blobs.missing,
    })
}
