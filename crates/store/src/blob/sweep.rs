//! Objects that no row names: bodies whose transaction never came, uploads that broke off, deletions that were lost.
//! Owns their removal, a day after they were written: until then their row may still be on its way.

use std::time::{Duration, SystemTime};

use futures::StreamExt as _;
use kernel::{SignedDuration, Timestamp};

use super::{BlobError, BlobId, Blobs, folder};
use crate::{Store, StoreError, sql::UuidList};

/// How long an object may wait for its row.
const WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// Objects compared with the rows at a time.
const CHUNK: usize = 500;

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects seen.
    pub seen: u64,
    /// Objects removed that no row names.
    pub orphans: u64,
    /// Uploads removed that broke off.
    pub broken_off: u64,
}

/// An object, as the place lists it.
pub(crate) struct Listed {
    pub(crate) id: BlobId,
    pub(crate) written_at: Timestamp,
}

impl Store {
    /// Removes the objects that no row has named for a day. Run it daily, beside everything else.
    ///
    /// # Errors
    /// Faults of the store and the place of the blobs. What was removed until then is gone rightly.
    pub async fn sweep_blobs(&self) -> Result<Swept, StoreError> {
        let now = self.world().now();
        let before = now - SignedDuration::from_secs(WAIT.as_secs().cast_signed());
        let mut swept = Swept::default();
        let blobs = self.blobs().clone();
        let mut chunks = blobs.list().ready_chunks(CHUNK);
        while let Some(chunk) = chunks.next().await {
            let listed = chunk.into_iter().collect::<Result<Vec<_>, _>>()?;
            swept.seen += listed.len() as u64;
            let old = listed
                .into_iter()
                .filter(|object| object.written_at < before)
                .map(|object| object.id);
            for id in self.unnamed(old.collect()).await? {
                blobs.delete(id).await?;
                swept.orphans += 1;
            }
        }
        swept.broken_off = blobs.remove_broken_off(before).await?;
        Ok(swept)
    }

    /// Those of `ids` that no row names, or only the row of an erased blob.
    pub(crate) async fn unnamed(&self, ids: Vec<BlobId>) -> Result<Vec<BlobId>, StoreError> {
        if ids.is_empty() {
            return Ok(ids);
        }
        let list = UuidList::new(ids.iter().map(|id| id.uuid()));
        let named: Vec<BlobId> = self
            .read(move |tx| {
                let sql = "SELECT id FROM blob WHERE id IN (SELECT value FROM uuid_list($1)) AND erased_at IS NULL";
                tx.all(sql, &[&list], |row| row.get(0))
            })
            .await?;
        Ok(ids.into_iter().filter(|id| !named.contains(id)).collect())
    }
}

impl Blobs {
    /// Every object, in no order.
    pub(crate) fn list(&self) -> impl futures::Stream<Item = Result<Listed, BlobError>> + Send + use<> {
        let blobs = self.clone();
        let prefix = (!self.prefix.as_ref().is_empty()).then(|| self.prefix.clone());
        self.objects.list(prefix.as_ref()).filter_map(move |found| {
            let listed = match found {
                Ok(meta) => blobs.id_of(&meta.location).map(|id| {
                    Ok(Listed {
                        id,
                        written_at: Timestamp::from_micros(meta.last_modified.timestamp_micros()),
                    })
                }),
                Err(fault) => Some(Err(BlobError::from(fault))),
            };
            futures::future::ready(listed)
        })
    }

    async fn remove_broken_off(&self, before: Timestamp) -> Result<u64, BlobError> {
        // In a bucket that is a rule of its life cycle: our interface does not list unfinished uploads.
        let Some(root) = self.folder.clone() else { return Ok(0) };
        let micros = u64::try_from(before.as_micros()).unwrap_or(0);
        let before = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        let path = root.to_path_buf();
        tokio::task::spawn_blocking(move || folder::remove_staged(&root, before))
            .await
            .map_err(|fault| BlobError::Config(fault.to_string()))?
            .map_err(|source| BlobError::Io { path, source })
    }
}
