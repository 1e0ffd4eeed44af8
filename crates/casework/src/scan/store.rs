//! The table of the quarantine: one row a file that a scanner must see.
//! It holds no name and no byte of a file.

use kernel::Timestamp;
use store::blob::BlobId;
use store::jobs::{Job, JobId};
use store::{StoreError, Tx};

use super::jobs::KIND;
use crate::dossier::FileId;
use crate::file::FileCheck;

/// Puts a file into quarantine and asks for its scan, in the transaction that takes the file.
pub(crate) fn queue(tx: &mut Tx, file: FileId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO file_check (file, state, queued_at, attempts, said) VALUES ($1, 'waiting', $2, 0, '')",
        &[&file, &now],
    )?;
    tx.enqueue(&job(file, JobId::from_uuid(file.uuid()), now))?;
    Ok(())
}

/// The job that scans a file.
pub(crate) fn job(file: FileId, id: JobId, now: Timestamp) -> Job {
    Job::with_id(id, KIND, serde_json::json!({ "file": file }), now).unique(file.to_string())
}

/// A file that was taken out of its draft needs no scan any more.
pub(crate) fn forget(tx: &mut Tx, file: FileId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM file_check WHERE file = $1", &[&file])?;
    Ok(())
}

/// The bytes of a file that waits; none when it is decided or gone.
pub(crate) fn waiting_blob(tx: &mut Tx, file: FileId) -> Result<Option<BlobId>, StoreError> {
    tx.opt(
        "SELECT dossier_file.blob FROM file_check JOIN dossier_file ON dossier_file.id = file_check.file
         WHERE file_check.file = $1 AND file_check.state = 'waiting'",
        &[&file],
        |row| row.get(0),
    )
}

/// Writes a verdict; `false` when the file no longer waits.
pub(crate) fn decide(
    tx: &mut Tx,
    file: FileId,
    state: FileCheck,
    said: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE file_check SET state = $1, said = $2, tried_at = $3, attempts = attempts + 1
         WHERE file = $4 AND state = 'waiting'",
        &[&state, &said, &now, &file],
    )?;
    Ok(changed == 1)
}

/// Writes that a try failed and why.
pub(crate) fn failed(tx: &mut Tx, file: FileId, said: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE file_check SET said = $1, tried_at = $2, attempts = attempts + 1 WHERE file = $3 AND state = 'waiting'",
        &[&said, &now, &file],
    )?;
    Ok(())
}

/// Files that have waited since before `before`, the longest first.
pub(crate) fn waiting_since(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<FileId>, StoreError> {
    tx.all(
        "SELECT file FROM file_check WHERE state = 'waiting' AND queued_at < $1 ORDER BY queued_at, file LIMIT $2",
        &[&before, &limit],
        |row| row.get(0),
    )
}

/// One row of the operator's page.
pub(crate) struct CheckRow {
    pub(crate) file: FileId,
    pub(crate) state: FileCheck,
    pub(crate) queued_at: Timestamp,
    pub(crate) tried_at: Option<Timestamp>,
    pub(crate) attempts: i64,
    pub(crate) said: String,
}

/// Files that wait or in which something was found, the latest first.
pub(crate) fn open_rows(tx: &mut Tx, limit: i64) -> Result<Vec<CheckRow>, StoreError> {
    tx.all(
        "SELECT file, state, queued_at, tried_at, attempts, said FROM file_check WHERE state IN ('waiting', 'infected')
         ORDER BY queued_at DESC, file LIMIT $1",
        &[&limit],
        |row| {
            Ok(CheckRow {
                file: row.get(0)?,
                state: row.get(1)?,
                queued_at: row.get(2)?,
                tried_at: row.get(3)?,
                attempts: row.get(4)?,
                said: row.get(5)?,
            })
        },
    )
}

/// How many files wait, are clean, and were thrown out.
pub(crate) fn counts(tx: &mut Tx) -> Result<(i64, i64, i64), StoreError> {
    tx.one(
        "SELECT COALESCE(sum_int(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END), 0),
             COALESCE(sum_int(CASE WHEN state = 'clean' THEN 1 ELSE 0 END), 0),
             COALESCE(sum_int(CASE WHEN state = 'infected' THEN 1 ELSE 0 END), 0) FROM file_check",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}
