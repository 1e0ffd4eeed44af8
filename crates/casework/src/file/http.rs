//! Sending a file's bytes to somebody who may see them: streamed, checked by its hash at the end, under a safe name.
//! It refuses to show a file inside a page: every file is a download, whatever it claims to be. It refuses what the scanner
//! has not seen yet, and what it found something in.

use axum::body::Body;
use axum::response::Response;
use identity::Purpose;
use web::submitted::FileKind;
use web::{Failure, download};

use super::transfer;
use super::{FileCheck, FileRow};
use crate::Casework;
use crate::dossier::DossierError;

/// Kinds that a dossier takes.
pub(crate) const KINDS: [FileKind; 10] = FileKind::DOCUMENTS;

/// Streams a file. The caller has decided that it may be seen and recorded the use.
pub(crate) async fn send(house: &Casework, purpose: &Purpose, file: &FileRow) -> Result<Response, Failure> {
    match file.check {
        None | Some(FileCheck::Clean) => {}
        Some(FileCheck::Waiting) => return Err(DossierError::FileChecking.into()),
        Some(FileCheck::Infected) => return Err(DossierError::FileInfected.into()),
    }
    let name = transfer::name(house, purpose, file)?;
    let blob = transfer::blob(house, file).await?;
    let reader = house
        .store()
        .blobs()
        .get(&blob)
        .await
        .map_err(store::StoreError::from)?;
    let body = Body::from_stream(futures::stream::try_unfold(reader, |mut reader| async move {
        Ok::<_, store::blob::BlobError>(reader.next_piece().await?.map(|piece| (piece, reader)))
    }));
    let kind = KINDS.iter().copied().find(|kind| kind.media_type() == file.media_type);
    Ok(match kind {
        Some(kind) => download::inline(kind, &name, body),
        None => download::attachment("application/octet-stream", &name, body),
    })
}
