//! Every row of a blob has its object, and the object is what came in. Objects without a row are counted, not wrong: the
//! sweep removes them after a day.

use futures::StreamExt as _;

use super::{Depth, Findings};
use crate::{
    Store, StoreError,
    blob::{self, Blob, BlobError, BlobId},
};

const PAGE_ROWS: i64 = 200;
const LIST_CHUNK: usize = 500;

pub(super) async fn check(store: &Store, depth: Depth) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    let mut after = None;
    let mut seen = 0_u64;
    loop {
        let page = page(store, after).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for blob in &page {
            seen += 1;
            one(store, blob, seen.is_multiple_of(depth.step()), &mut findings).await?;
        }
    }
    let orphans = orphans(store).await?;
    if orphans > 0 {
        findings.note(format!(
            "{orphans} objects are named by no row; the daily sweep removes those older than a day"
        ));
    }
    Ok(findings)
}

async fn page(store: &Store, after: Option<BlobId>) -> Result<Vec<Blob>, StoreError> {
    let after = after.unwrap_or(BlobId::from_uuid(uuid::Uuid::nil()));
    store.read(move |tx| blob::page(tx, after, PAGE_ROWS)).await
}

async fn one(store: &Store, blob: &Blob, deep: bool, findings: &mut Findings) -> Result<(), StoreError> {
    findings.checked(1);
    let place = format!("blob {}", blob.id);
    if blob.erased_at.is_some() {
        if blob.wrapped_key.is_some() || blob.sha256.is_some() {
            findings.problem(place, "it is erased, and its key or hash is still there");
        }
        return Ok(());
    }
    let looked = if deep {
        store.blobs().check(blob).await
    } else {
        store.blobs().exists(blob.id).await
    };
    match looked {
        Ok(()) => Ok(()),
        // It may have been erased between the reading of its row and of its object.
        Err(BlobError::Missing(id)) if erased_since(store, id).await? => Ok(()),
        Err(fault @ (BlobError::Missing(_) | BlobError::Corrupt { .. } | BlobError::Key(_))) => {
            findings.problem(place, fault);
            Ok(())
        }
        Err(fault) => Err(fault.into()),
    }
}

async fn erased_since(store: &Store, id: BlobId) -> Result<bool, StoreError> {
    let row = store.read(move |tx| tx.blob(id)).await?;
    Ok(row.is_none_or(|blob| blob.erased_at.is_some()))
}

async fn orphans(store: &Store) -> Result<u64, StoreError> {
    let mut chunks = store.blobs().list().ready_chunks(LIST_CHUNK);
    let mut orphans = 0;
    while let Some(chunk) = chunks.next().await {
        let listed = chunk.into_iter().collect::<Result<Vec<_>, _>>()?;
        orphans += store
            .unnamed(listed.into_iter().map(|object| object.id).collect())
            .await?
            .len() as u64;
    }
    Ok(orphans)
}
