//! The way of a file: from an upload to a durable blob and its row, and back to the person who may see it.
//! Refuses to trust names and types that a browser says; both come from `web`, judged by content.

use identity::Purpose;
use store::blob::{Blob, BlobMeta, StoredBlob};
use store::keys::Sealed;
use uuid::Uuid;
use web::UploadedFile;

use super::{FileId, FilePurpose, FileRow};
use crate::Casework;
use crate::dossier::{DossierError, SupplementId};

/// What a file is for, in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What it is there for.
    pub purpose: FilePurpose,
    /// Which paper of the procedure.
    pub component: Option<i64>,
    /// Which request it answers.
    pub supplement: Option<SupplementId>,
}

/// Stores the bytes of an upload durably and makes the row that is to name them.
///
/// # Errors
/// When the upload cannot be read again or the place of the blobs is full or does not answer.
pub async fn take(
    house: &Casework,
    upload: &UploadedFile,
    owner: Uuid,
    place: Place,
) -> Result<(FileRow, StoredBlob), DossierError> {
    let world = house.world();
    let source = upload.open().await.map_err(|source| store::StoreError::Io {
        what: "an uploaded file".to_owned(),
        source,
    })?;
    let meta = BlobMeta {
        owner,
        media_type: upload.media_type().to_owned(),
        personal: true,
        size_max: house.settings().files.bytes_max,
    };
    let stored = house
        .store()
        .blobs()
        .put(world.as_ref(), source, meta)
        .await
        .map_err(store::StoreError::from)?;
    let id = FileId::new(world.as_ref());
    let name = house
        .keys()
        .seal(world.as_ref(), &name_context(id), upload.name.as_bytes());
    let row = FileRow {
        id,
        purpose: place.purpose,
        component: place.component,
        supplement: place.supplement,
        blob: stored.id,
        name: name.into_bytes(),
        media_type: upload.media_type().to_owned(),
        size_bytes: i64::try_from(stored.size).unwrap_or(i64::MAX),
        sha256: stored.sha256.to_vec(),
        added_at: world.now(),
        check: house.settings().scanner.is_some().then_some(super::FileCheck::Waiting),
    };
    Ok((row, stored))
}

/// Takes several uploads, in order.
///
/// # Errors
/// As [`take`].
pub async fn take_all<'a>(
    house: &Casework,
    uploads: impl Iterator<Item = &'a std::sync::Arc<UploadedFile>>,
    owner: Uuid,
    place: Place,
) -> Result<Vec<(FileRow, StoredBlob)>, DossierError> {
    let mut taken = Vec::new();
    for upload in uploads {
        taken.push(take(house, upload, owner, place).await?);
    }
    Ok(taken)
}

/// Where the name of a file is sealed.
pub(crate) fn name_context(id: FileId) -> String {
    format!("dossier_file.name:{id}")
}

/// The name of a file, for a purpose.
///
/// # Errors
/// When the sealed name does not open.
pub fn name(house: &Casework, purpose: &Purpose, file: &FileRow) -> Result<String, DossierError> {
    let sealed = Sealed::from_bytes(file.name.clone());
    let plain = house
        .identity()
        .open_sealed(purpose, &name_context(file.id), &sealed)
        .map_err(identity::IdentityError::from)?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

/// The blob behind a file.
///
/// # Errors
/// `FileNotFound` when it was erased.
pub async fn blob(house: &Casework, file: &FileRow) -> Result<Blob, DossierError> {
    let id = file.blob;
    let found = house.store().read(move |tx| tx.blob(id)).await?;
    found
        .filter(|blob| blob.erased_at.is_none())
        .ok_or(DossierError::FileNotFound)
}
