//! The rows of blobs. Owns what names an object: attaching, finding, erasing; equal bodies of one owner become one row.
//! Refuses to name an object twice, and to keep anything of an erased body but that there was one.

use kernel::Timestamp;
use serde_json::json;

use super::{Blob, BlobId, StoredBlob};
use crate::{
    Job, JobError, Row, StoreError, Tx, Worker,
    jobs::{JobId, JobRun},
    keys::Sealed,
};

/// Kind of the job that removes an object which no row names any more. Its payload is `{"blob": id}`.
pub const DELETE_JOB: &str = "store.blob.delete";

const COLUMNS_SQL: &str = "SELECT id, owner, sha256, size, stored_size, media_type, personal, wrapped_key, created_at, \
     erased_at FROM blob WHERE id = $1";

const PAGE_SQL: &str = "SELECT id, owner, sha256, size, stored_size, media_type, personal, wrapped_key, created_at, \
     erased_at FROM blob WHERE id > $1 ORDER BY id LIMIT $2";

impl Tx {
    /// Names a stored body by a row, and gives the id to refer to. When the owner has the same body
    /// already, that is the id of the earlier one, and the new object is removed by a job.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn attach_blob(&mut self, stored: &StoredBlob) -> Result<BlobId, StoreError> {
        let personal = stored.wrapped_key.is_some();
        let wrapped = stored.wrapped_key.as_ref().map(|key| key.as_bytes().to_vec());
        let inserted = self.execute(
            "INSERT INTO blob (id, owner, sha256, size, stored_size, media_type, personal, wrapped_key, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (owner, sha256, personal) DO NOTHING",
            &[
                &stored.id,
                &stored.owner,
                &stored.sha256,
                &length(stored.size),
                &length(stored.stored_size),
                &stored.media_type,
                &personal,
                &wrapped,
                &stored.created_at,
            ],
        )?;
        if inserted == 1 {
            return Ok(stored.id);
        }
        let earlier: BlobId = self.one(
            "SELECT id FROM blob WHERE owner = $1 AND sha256 = $2 AND personal = $3",
            &[&stored.owner, &stored.sha256, &personal],
            |row| row.get(0),
        )?;
        if earlier != stored.id {
            self.remove_object(stored.id, stored.created_at)?;
        }
        Ok(earlier)
    }

    /// The row of a blob, erased ones too.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn blob(&mut self, id: BlobId) -> Result<Option<Blob>, StoreError> {
        self.opt(COLUMNS_SQL, &[&id], read)
    }

    /// Erases a blob: its key and its hash are destroyed in this transaction, its object is removed
    /// by a job. True when there was something to erase.
    ///
    /// A backup that was made before still holds the sealed key; it goes when that backup goes.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn erase_blob(&mut self, id: BlobId, now: Timestamp) -> Result<bool, StoreError> {
        let erased = self.execute(
            "UPDATE blob SET sha256 = NULL, wrapped_key = NULL, erased_at = $1 WHERE id = $2 AND erased_at IS NULL",
            &[&now, &id],
        )?;
        if erased == 1 {
            self.remove_object(id, now)?;
        }
        Ok(erased == 1)
    }

    fn remove_object(&mut self, id: BlobId, now: Timestamp) -> Result<(), StoreError> {
        let job = Job::with_id(JobId::from_uuid(id.uuid()), DELETE_JOB, json!({ "blob": id }), now);
        self.enqueue(&job).map(|_| ())
    }
}

/// Adds the handler of [`DELETE_JOB`] to the workers of a node.
#[must_use]
pub fn delete_jobs(worker: Worker) -> Worker {
    worker.on(DELETE_JOB, |run: JobRun| async move {
        let id = run
            .payload
            .get("blob")
            .and_then(serde_json::Value::as_str)
            .and_then(|id| id.parse().ok());
        let Some(id) = id.map(BlobId::from_uuid) else {
            return Err(JobError::hopeless("the payload names no blob"));
        };
        // What a row names again is not removed; the job is done then.
        if !run.store.unnamed(vec![id]).await?.is_empty() {
            run.store.blobs().delete(id).await.map_err(JobError::retry)?;
        }
        Ok(())
    })
}

/// The rows after `after`, in the order of their ids.
pub(crate) fn page(tx: &mut Tx, after: BlobId, rows: i64) -> Result<Vec<Blob>, StoreError> {
    tx.all(PAGE_SQL, &[&after, &rows], read)
}

pub(crate) fn read(row: &Row<'_>) -> Result<Blob, StoreError> {
    Ok(Blob {
        id: row.get(0)?,
        owner: row.get(1)?,
        sha256: row.get(2)?,
        size: size(row.get(3)?),
        stored_size: size(row.get(4)?),
        media_type: row.get(5)?,
        personal: row.get(6)?,
        wrapped_key: row.get::<Option<Vec<u8>>>(7)?.map(Sealed::from_bytes),
        created_at: row.get(8)?,
        erased_at: row.get(9)?,
    })
}

fn length(bytes: u64) -> i64 {
    i64::try_from(bytes).expect("no object has 8 exbibytes")
}

fn size(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}
