//! Files of an answer: loose while the other unit works on it, files of the dossier once the answer goes back.
//! Refuses to show the asking unit what its leader has not let go.

use identity::AccountId;
use kernel::Timestamp;
use store::Tx;

use super::{Child, ChildId, store as table};
use crate::dossier::{DossierError, FileId};
use crate::file::kept::Brought;
use crate::file::{self, FilePurpose, FileRow, transfer};

/// Where the files of an answer belong.
pub(super) const PLACE: transfer::Place = transfer::Place {
    purpose: FilePurpose::Answer,
    component: None,
    supplement: None,
};

/// Names what came with an answer: fresh and kept files. Those of an answer that was sent back are let go when new ones come.
pub(super) fn bring(
    tx: &mut Tx,
    child: ChildId,
    brought: &Brought,
    by: AccountId,
    now: Timestamp,
) -> Result<(), DossierError> {
    let kept = brought.take_over(tx, now)?;
    if kept.is_empty() && brought.fresh.is_empty() {
        return Ok(());
    }
    for old in file::store::of_child(tx, child)? {
        drop_file(tx, &old, now)?;
    }
    for row in kept {
        table::add_file(tx, child, row.id)?;
    }
    for (row, blob) in &brought.fresh {
        let row = FileRow {
            blob: tx.attach_blob(blob)?,
            ..row.clone()
        };
        file::store::insert(tx, &row, file::store::Holder::Loose, by)?;
        table::add_file(tx, child, row.id)?;
    }
    Ok(())
}

fn drop_file(tx: &mut Tx, row: &FileRow, now: Timestamp) -> Result<(), DossierError> {
    table::remove_file(tx, row.id)?;
    file::store::delete_loose(tx, row.id)?;
    if !file::store::names_blob(tx, row.blob)? {
        tx.erase_blob(row.blob, now)?;
    }
    Ok(())
}

/// With the answer its files become files of the dossier.
pub(super) fn give_back(tx: &mut Tx, child: &Child, by: AccountId) -> Result<(), DossierError> {
    let ids: Vec<FileId> = file::store::of_child(tx, child.id)?.iter().map(|row| row.id).collect();
    for id in ids {
        file::store::give_to_dossier(tx, id, child.dossier, by)?;
    }
    Ok(())
}
