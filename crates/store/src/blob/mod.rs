//! Blobs: attachments, PDFs, exports, each in one object of a folder or an S3 bucket.
//! Owns the path from a body to a durable object and back; an object is durable before the row that
//! names it. Refuses to give out bytes that are not those that came in (SHA-256, AES-256-GCM).
//! Law: NĐ 13/2023/NĐ-CP art. 16 (erasure): the key of a personal blob is destroyed, so that no copy opens.

mod chunks;
mod config;
mod error;
mod folder;
mod read;
mod store;
#[cfg(test)]
mod store_tests;
mod sweep;
#[cfg(test)]
mod tests;
mod write;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use futures::stream::BoxStream;
use kernel::{Timestamp, World};
use object_store::{ObjectStore, ObjectStoreExt as _, path::Path};
use tokio::io::AsyncRead;
use uuid::Uuid;

pub use config::{BlobConfig, S3Config};
pub use error::BlobError;
pub(crate) use folder::make as make_folder;
pub use read::BlobReader;
pub(crate) use store::page;
pub use store::{DELETE_JOB, delete_jobs};
pub use sweep::Swept;
pub(crate) use write::ObjectWriter;

use crate::keys::{KeyRing, Sealed};

kernel::define_id!(
    /// Identity of a blob, and the name of its object.
    pub struct BlobId
);

/// What the caller knows about a body before it has come in.
#[derive(Debug, Clone)]
pub struct BlobMeta {
    /// Whose it is: the dossier, the document. Equal bodies are stored once within one owner, never across.
    pub owner: Uuid,
    /// The kind of content, judged from the content (`application/pdf`).
    pub media_type: String,
    /// Whether it holds personal data: then it is sealed under a key of its own.
    pub personal: bool,
    /// Longest body taken, in bytes; a longer one is refused as soon as that is known.
    pub size_max: u64,
}

/// A body that is durably stored, and not yet named by a row: give it to `Tx::attach_blob`.
/// One that is never attached is swept after a day.
#[derive(Debug, Clone)]
pub struct StoredBlob {
    /// Its identity.
    pub id: BlobId,
    /// Whose it is.
    pub owner: Uuid,
    /// SHA-256 of the body as it came in.
    pub sha256: [u8; 32],
    /// Length of the body as it came in, in bytes.
    pub size: u64,
    /// Length of the object as it is stored, in bytes.
    pub stored_size: u64,
    /// The kind of content.
    pub media_type: String,
    /// The data key of a personal blob, sealed by the ring.
    pub wrapped_key: Option<Sealed>,
    /// When it came in.
    pub created_at: Timestamp,
}

/// A blob as its row names it.
#[derive(Debug, Clone)]
pub struct Blob {
    /// Its identity.
    pub id: BlobId,
    /// Whose it is.
    pub owner: Uuid,
    /// SHA-256 of the body; gone when the blob is erased.
    pub sha256: Option<[u8; 32]>,
    /// Length of the body, in bytes.
    pub size: u64,
    /// Length of the object, in bytes.
    pub stored_size: u64,
    /// The kind of content.
    pub media_type: String,
    /// Whether it holds personal data.
    pub personal: bool,
    /// The sealed data key of a personal blob; gone when the blob is erased.
    pub wrapped_key: Option<Sealed>,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it was erased, if it was.
    pub erased_at: Option<Timestamp>,
}

/// The place where the objects lie. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    keys: Arc<KeyRing>,
    folder: Option<Arc<std::path::Path>>,
    part_bytes: usize,
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blobs({})", self.objects)
    }
}

impl Blobs {
    /// Opens the folder or bucket of `config`. A folder is made if it is missing.
    ///
    /// # Errors
    /// `Config` for settings that cannot be, `Io` for a folder that cannot be made.
    pub fn open(config: &BlobConfig, keys: Arc<KeyRing>) -> Result<Blobs, BlobError> {
        config::open(config, keys)
    }

    /// Takes in a body to its end and stores it durably. Memory used is bounded (some 8 MiB),
    /// whatever the length of the body.
    ///
    /// # Errors
    /// `TooLarge` past `meta.size_max`, `Source` when the body breaks off, `Full` when the disk is,
    /// `Storage` for other faults of the place. Nothing is left behind then but what the sweep removes.
    pub async fn put(
        &self,
        world: &dyn World,
        source: impl AsyncRead + Send + Unpin,
        meta: BlobMeta,
    ) -> Result<StoredBlob, BlobError> {
        write::put(self, world, source, meta).await
    }

    /// Reads a blob as a stream of its body. The last piece is given only when the whole was found
    /// to be what came in; otherwise the stream ends with an error.
    ///
    /// # Errors
    /// `Erased`, `Missing`, `Storage`, and `Key` when the data key does not open.
    pub async fn get(&self, blob: &Blob) -> Result<BlobReader, BlobError> {
        read::open(self, blob).await
    }

    /// Reads a small blob whole.
    ///
    /// # Errors
    /// As [`Blobs::get`], `TooLarge` past `size_max`, `Corrupt` when it is not what came in.
    pub async fn get_all(&self, blob: &Blob, size_max: u64) -> Result<Vec<u8>, BlobError> {
        if blob.size > size_max {
            return Err(BlobError::TooLarge { size_max });
        }
        let mut reader = self.get(blob).await?;
        let mut body = Vec::with_capacity(usize::try_from(blob.size).unwrap_or(0));
        while let Some(piece) = reader.next_piece().await? {
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    /// Reads a blob to its end and compares it with its row; the body goes nowhere.
    ///
    /// # Errors
    /// As [`Blobs::get`], and `Corrupt`.
    pub async fn check(&self, blob: &Blob) -> Result<(), BlobError> {
        let mut reader = self.get(blob).await?;
        while reader.next_piece().await?.is_some() {}
        Ok(())
    }

    /// Whether the object of a blob is there.
    ///
    /// # Errors
    /// `Missing`, `Storage`.
    pub async fn exists(&self, id: BlobId) -> Result<(), BlobError> {
        match self.objects.head(&self.path(id)).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::NotFound { .. }) => Err(BlobError::Missing(id)),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Removes the object of an erased blob. Removing one that is not there is no error: the job
    /// that calls this may run twice.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn delete(&self, id: BlobId) -> Result<(), BlobError> {
        match self.objects.delete(&self.path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(fault) => Err(BlobError::from(fault)),
        }
    }

    /// The object of a blob as it is stored: its length and its bytes.
    pub(crate) async fn stored(
        &self,
        id: BlobId,
    ) -> Result<(u64, BoxStream<'static, object_store::Result<Bytes>>), BlobError> {
        match self.objects.get(&self.path(id)).await {
            Ok(found) => Ok((found.meta.size, found.into_stream())),
            Err(object_store::Error::NotFound { .. }) => Err(BlobError::Missing(id)),
            Err(fault) => Err(fault.into()),
        }
    }

    pub(crate) fn path(&self, id: BlobId) -> Path {
        let uuid = id.uuid();
        self.prefix.clone().join(shard(uuid)).join(uuid.to_string())
    }

    /// The object's name below the prefix.
    pub(crate) fn place(&self, id: BlobId) -> String {
        format!("{}/{id}", shard(id.uuid()))
    }

    pub(crate) fn id_of(&self, path: &Path) -> Option<BlobId> {
        let name = path.prefix_match(&self.prefix)?.last()?;
        name.as_ref().parse::<Uuid>().ok().map(BlobId::from_uuid)
    }
}

// Spread over 256 folders by the last byte: a UUIDv7 begins with the time.
fn shard(id: Uuid) -> String {
    format!("{:02x}", id.as_bytes()[15])
}

/// The place of a data key, as the seal binds it.
pub(crate) fn key_context(id: BlobId) -> String {
    format!("blob.wrapped_key:{}", id.uuid())
}
