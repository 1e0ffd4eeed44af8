//! Throwing drafts away: by hand, and by itself when they were not touched for 30 days. Their blobs are erased with them.
//! It never touches a dossier: what was sent is no draft any more.

use identity::AccountId;
use kernel::{SignedDuration, Timestamp};
use store::{Store, Tx};

use super::store as table;
use super::{DraftId, KEPT_DAYS};
use crate::dossier::DossierError;
use crate::file;

/// Drafts thrown away in one transaction.
const CHUNK: i64 = 50;

/// Throws a draft away with its files. One that is gone already is no error.
///
/// # Errors
/// When the store fails.
pub fn discard(tx: &mut Tx, draft: DraftId, account: AccountId, now: Timestamp) -> Result<(), DossierError> {
    if table::find(tx, draft, account)?.is_none() {
        return Ok(());
    }
    for row in file::store::of_draft(tx, draft)? {
        file::store::delete_from_draft(tx, draft, row.id)?;
        if !file::store::names_blob(tx, row.blob)? {
            tx.erase_blob(row.blob, now)?;
        }
    }
    table::delete(tx, draft, account)?;
    Ok(())
}

/// Throws away the drafts that nobody touched for 30 days; the binary calls it once an hour. Says how many.
///
/// # Errors
/// When the store fails; the next hour goes on.
pub async fn sweep(store: &Store, now: Timestamp) -> Result<u64, DossierError> {
    let before = now + -SignedDuration::from_hours(24 * KEPT_DAYS);
    let mut gone = 0;
    for _ in 0..100 {
        let stale = store.read(move |tx| table::stale(tx, before, CHUNK)).await?;
        if stale.is_empty() {
            break;
        }
        gone += stale.len() as u64;
        store
            .write(move |tx| {
                for (draft, account) in &stale {
                    discard(tx, *draft, *account, now)?;
                }
                Ok::<_, DossierError>(())
            })
            .await?;
    }
    Ok(gone)
}
