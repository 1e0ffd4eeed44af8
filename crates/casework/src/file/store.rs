//! The table of files. A file hangs on a draft, on a dossier or on what a table of its own names (a petition,
//! a form that is not carried out yet), never on two.
//! Names are sealed and bytes are blobs: neither is here.

use identity::AccountId;
use kernel::Timestamp;
use store::{Row, StoreError, Tx};

use super::{FileId, FileRow};
use crate::dossier::{DossierId, DraftId};
use crate::petition::PetitionId;

store::value_via_display!(super::FilePurpose, super::FileCheck);

macro_rules! columns {
    () => {
        "id, purpose, component, supplement, blob, name, media_type, size_bytes, sha256, added_at, \
         (SELECT state FROM file_check WHERE file_check.file = dossier_file.id)"
    };
}

fn file_of(row: &Row<'_>) -> Result<FileRow, StoreError> {
    Ok(FileRow {
        id: row.get(0)?,
        purpose: row.get(1)?,
        component: row.get(2)?,
        supplement: row.get(3)?,
        blob: row.get(4)?,
        name: row.get(5)?,
        media_type: row.get(6)?,
        size_bytes: row.get(7)?,
        sha256: row.get(8)?,
        added_at: row.get(9)?,
        check: row.get(10)?,
    })
}

/// What a file hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    Draft(DraftId),
    Dossier(DossierId),
    /// Of neither: a table of its own names it.
    Loose,
}

pub(crate) fn insert(tx: &mut Tx, file: &FileRow, holder: Holder, by: AccountId) -> Result<(), StoreError> {
    let (draft, dossier) = match holder {
        Holder::Draft(id) => (Some(id), None),
        Holder::Dossier(id) => (None, Some(id)),
        Holder::Loose => (None, None),
    };
    tx.execute(
        "INSERT INTO dossier_file (id, draft, dossier, purpose, component, supplement, blob, name, media_type, size_bytes,
             sha256, added_at, added_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            &file.id,
            &draft,
            &dossier,
            &file.purpose,
            &file.component,
            &file.supplement,
            &file.blob,
            &file.name,
            &file.media_type,
            &file.size_bytes,
            &file.sha256,
            &file.added_at,
            &by,
        ],
    )?;
    if file.check == Some(super::FileCheck::Waiting) {
        crate::scan::store::queue(tx, file.id, file.added_at)?;
    }
    Ok(())
}

pub(crate) fn of_draft(tx: &mut Tx, draft: DraftId) -> Result<Vec<FileRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier_file WHERE draft = $1 ORDER BY component, added_at, id LIMIT 200"
        ),
        &[&draft],
        file_of,
    )
}

pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Vec<FileRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier_file WHERE dossier = $1 ORDER BY added_at, id LIMIT 500"
        ),
        &[&dossier],
        file_of,
    )
}

pub(crate) fn of_petition(tx: &mut Tx, petition: PetitionId) -> Result<Vec<FileRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier_file WHERE id IN (SELECT file FROM petition_file WHERE petition = $1) ORDER BY added_at, id LIMIT 50"
        ),
        &[&petition],
        file_of,
    )
}

/// The files of the answer of a child dossier.
pub(crate) fn of_child(tx: &mut Tx, child: crate::child::ChildId) -> Result<Vec<FileRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier_file WHERE id IN (SELECT file FROM child_file WHERE child = $1) ORDER BY added_at, id LIMIT 50"
        ),
        &[&child],
        file_of,
    )
}

/// Has a loose file held for a form of an account, both in one keyed index.
pub(crate) fn insert_kept(tx: &mut Tx, file: FileId, holder: &[u8; 32], now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO kept_file (file, holder, kept_at) VALUES ($1, $2, $3)",
        &[&file, holder, &now],
    )?;
    Ok(())
}

/// The files held for a form.
pub(crate) fn kept(tx: &mut Tx, holder: &[u8; 32]) -> Result<Vec<FileRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier_file WHERE id IN (SELECT file FROM kept_file WHERE holder = $1) ORDER BY added_at, id LIMIT 100"
        ),
        &[holder],
        file_of,
    )
}

/// Files that were held since before an hour.
pub(crate) fn kept_before(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<FileRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier_file WHERE id IN (SELECT file FROM kept_file WHERE kept_at < $1 ORDER BY kept_at, file LIMIT $2)"
        ),
        &[&before, &limit],
        file_of,
    )
}

/// A file is held no longer; whether it was until now.
pub(crate) fn delete_kept(tx: &mut Tx, file: FileId) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM kept_file WHERE file = $1", &[&file])? > 0)
}

/// Removes a file that nothing holds. Its blob is erased by the caller.
pub(crate) fn delete_loose(tx: &mut Tx, file: FileId) -> Result<(), StoreError> {
    crate::scan::store::forget(tx, file)?;
    tx.execute(
        "DELETE FROM dossier_file WHERE id = $1 AND draft IS NULL AND dossier IS NULL",
        &[&file],
    )?;
    Ok(())
}

/// A file that was held becomes one of a dossier, brought by `by`.
pub(crate) fn give_to_dossier(tx: &mut Tx, file: FileId, dossier: DossierId, by: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE dossier_file SET dossier = $1, added_by = $2 WHERE id = $3 AND draft IS NULL AND dossier IS NULL",
        &[&dossier, &by, &file],
    )?;
    Ok(())
}

pub(crate) fn find_in_draft(tx: &mut Tx, draft: DraftId, file: FileId) -> Result<Option<FileRow>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM dossier_file WHERE draft = $1 AND id = $2"),
        &[&draft, &file],
        file_of,
    )
}

/// Removes a file of a draft. Its blob is erased by the caller.
pub(crate) fn delete_from_draft(tx: &mut Tx, draft: DraftId, file: FileId) -> Result<bool, StoreError> {
    crate::scan::store::forget(tx, file)?;
    Ok(tx.execute(
        "DELETE FROM dossier_file WHERE draft = $1 AND id = $2",
        &[&draft, &file],
    )? == 1)
}

/// Leads a file of a draft to another paper, or to none.
pub(crate) fn set_component(tx: &mut Tx, file: FileId, component: Option<i64>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE dossier_file SET component = $1 WHERE id = $2 AND draft IS NOT NULL",
        &[&component, &file],
    )?;
    Ok(())
}

pub(crate) fn move_to_dossier(tx: &mut Tx, draft: DraftId, dossier: DossierId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE dossier_file SET dossier = $1, draft = NULL WHERE draft = $2",
        &[&dossier, &draft],
    )?;
    Ok(())
}

pub(crate) fn count_of_draft(tx: &mut Tx, draft: DraftId) -> Result<i64, StoreError> {
    tx.one("SELECT count(*) FROM dossier_file WHERE draft = $1", &[&draft], |row| {
        row.get(0)
    })
}

/// Number of result files of a dossier.
pub(crate) fn count_results(tx: &mut Tx, dossier: DossierId) -> Result<i64, StoreError> {
    tx.one(
        "SELECT count(*) FROM dossier_file WHERE dossier = $1 AND purpose = 'result'",
        &[&dossier],
        |row| row.get(0),
    )
}

/// How many files name this blob.
pub(crate) fn count_of_blob(tx: &mut Tx, blob: store::blob::BlobId) -> Result<i64, StoreError> {
    tx.one("SELECT count(*) FROM dossier_file WHERE blob = $1", &[&blob], |row| {
        row.get(0)
    })
}

/// Whether any file names this blob.
pub(crate) fn names_blob(tx: &mut Tx, blob: store::blob::BlobId) -> Result<bool, StoreError> {
    Ok(count_of_blob(tx, blob)? > 0)
}
