//! Files of a petition: the same way as a dossier's, with the same bounds, quarantine and sealed blobs. Owns who may open one:
//! whoever filed; an officer who may read the petition; of a protected one only who may see who denounces, because a letter
//! is signed. It refuses to keep who added a file.

use identity::{AccountId, Purpose};
use kernel::Timestamp;
use store::Tx;
use web::Submitted;
use web::form::{Errors, Field, FieldKind, Values};

use super::store as table;
use super::{PetitionError, PetitionId};
use crate::Casework;
use crate::dossier::{DossierError, FileId};
use crate::draft::view::NamedFile;
use crate::file::kept::{self, Brought, Keeper};
use crate::file::{self, FilePurpose, FileRow, transfer};

/// Files of one petition.
pub(crate) const FILES_MAX: usize = 5;

/// The field of the form.
pub(crate) fn field(house: &Casework) -> Field {
    let kind = FieldKind::Files {
        accept: file::http::KINDS.to_vec(),
        max_count: FILES_MAX,
        max_bytes: house.settings().files.bytes_max,
    };
    Field::new("file", "petition-files", kind)
        .hint("petition-files-hint")
        .optional()
}

const PLACE: transfer::Place = transfer::Place {
    purpose: FilePurpose::Component,
    component: None,
    supplement: None,
};

/// Keeps what was attached to a form with a fault, and shows it beside the field. Says whether a kept one is no more.
pub(crate) async fn keep(
    house: &Casework,
    by: AccountId,
    submitted: &Submitted,
    shown: (&Purpose, &mut Values),
) -> Result<bool, PetitionError> {
    let keeper = Keeper::of(house, by, submitted);
    let kept = kept::keep(house, keeper, (&field(house), submitted), PLACE, shown).await;
    kept.map_err(refused)
}

/// What a form says when a file that it still counts on is gone.
pub(crate) fn gone() -> Errors {
    let mut errors = Errors::none();
    kept::tell_lost(&mut errors, true);
    errors
}

/// Stores what was attached, before any row names it.
pub(crate) async fn take(
    house: &Casework,
    by: AccountId,
    submitted: &Submitted,
    petition: PetitionId,
) -> Result<Brought, PetitionError> {
    let keeper = Keeper::of(house, by, submitted);
    let taken = Brought::of(house, keeper, ("file", submitted), petition.uuid(), PLACE).await;
    taken.map_err(refused)
}

/// Names the files in the transaction that registers their petition: those that came last, and those that were kept.
///
/// # Errors
/// `FilesGone` when a kept one is no more.
pub(crate) fn name(tx: &mut Tx, petition: PetitionId, files: &Brought, now: Timestamp) -> Result<(), PetitionError> {
    for row in files.take_over(tx, now).map_err(refused)? {
        table::insert_file(tx, petition, row.id)?;
    }
    for (row, blob) in &files.fresh {
        let row = FileRow {
            blob: tx.attach_blob(blob)?,
            ..row.clone()
        };
        let nobody = AccountId::from_uuid(uuid::Uuid::nil());
        file::store::insert(tx, &row, file::store::Holder::Loose, nobody)?;
        table::insert_file(tx, petition, row.id)?;
    }
    Ok(())
}

/// The files of a petition with their names, for who may open them.
pub(crate) async fn named(
    house: &Casework,
    purpose: &Purpose,
    petition: PetitionId,
) -> Result<Vec<NamedFile>, PetitionError> {
    let rows = house
        .store()
        .read(move |tx| file::store::of_petition(tx, petition))
        .await?;
    crate::draft::http::named(house, purpose, rows).map_err(refused)
}

/// How many there are, for who may not.
pub(crate) async fn count(house: &Casework, petition: PetitionId) -> Result<usize, PetitionError> {
    let rows = house
        .store()
        .read(move |tx| file::store::of_petition(tx, petition))
        .await?;
    Ok(rows.len())
}

/// One file of a petition.
pub(crate) async fn find(house: &Casework, petition: PetitionId, file: &str) -> Result<FileRow, PetitionError> {
    let file: FileId = file.parse().map_err(|_| PetitionError::NotFound)?;
    let rows = house
        .store()
        .read(move |tx| file::store::of_petition(tx, petition))
        .await?;
    rows.into_iter()
        .find(|row| row.id == file)
        .ok_or(PetitionError::NotFound)
}

fn refused(error: DossierError) -> PetitionError {
    match error {
        DossierError::Store(error) => PetitionError::Store(error),
        DossierError::Refused(error) => PetitionError::Refused(error),
        DossierError::FilesGone => PetitionError::FilesGone,
        _ => PetitionError::Damaged,
    }
}
