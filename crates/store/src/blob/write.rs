//! A body on its way in: hashed, sealed if personal, sent on in parts.
//! Owns the bound on memory: one part and one read buffer, whatever the length of the body.

use kernel::World;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload, path::Path};
use ring::digest;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{
    BlobError, BlobId, BlobMeta, Blobs, StoredBlob,
    chunks::{DataKey, Sealer},
    key_context,
};

const READ_BYTES: usize = 64 * 1024;

pub(super) async fn put(
    blobs: &Blobs,
    world: &dyn World,
    source: impl AsyncRead + Send + Unpin,
    meta: BlobMeta,
) -> Result<StoredBlob, BlobError> {
    let id = BlobId::new(world);
    let key = meta.personal.then(|| DataKey::generate(world));
    let mut object = ObjectWriter::new(blobs, id);
    let taken = match take(
        source,
        meta.size_max,
        key.as_ref().map(|key| Sealer::new(key, id)),
        &mut object,
    )
    .await
    {
        Ok(taken) => taken,
        Err(fault) => {
            object.abort().await;
            return Err(fault);
        }
    };
    let stored_size = object.finish().await?;
    Ok(StoredBlob {
        id,
        owner: meta.owner,
        sha256: taken.sha256,
        size: taken.size,
        stored_size,
        media_type: meta.media_type,
        wrapped_key: key.map(|key| blobs.keys.seal(world, &key_context(id), key.bytes())),
        created_at: world.now(),
    })
}

struct Taken {
    size: u64,
    sha256: [u8; 32],
}

async fn take(
    mut source: impl AsyncRead + Send + Unpin,
    size_max: u64,
    mut sealer: Option<Sealer>,
    object: &mut ObjectWriter<'_>,
) -> Result<Taken, BlobError> {
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; READ_BYTES];
    let mut size = 0_u64;
    loop {
        let n = source.read(&mut buffer).await.map_err(BlobError::Source)?;
        if n == 0 {
            break;
        }
        size += n as u64;
        if size > size_max {
            return Err(BlobError::TooLarge { size_max });
        }
        hash.update(&buffer[..n]);
        match &mut sealer {
            Some(sealer) => sealer.push(&buffer[..n], &mut object.part),
            None => object.part.extend_from_slice(&buffer[..n]),
        }
        object.send_full_part().await?;
    }
    if let Some(sealer) = sealer {
        sealer.finish(&mut object.part);
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(hash.finish().as_ref());
    Ok(Taken { size, sha256 })
}

/// Collects bytes to parts. A body that fits in one part is one atomic put.
pub(crate) struct ObjectWriter<'a> {
    objects: &'a dyn ObjectStore,
    path: Path,
    part: Vec<u8>,
    part_bytes: usize,
    upload: Option<Box<dyn MultipartUpload>>,
    sent: u64,
}

impl<'a> ObjectWriter<'a> {
    pub(crate) fn new(blobs: &'a Blobs, id: BlobId) -> ObjectWriter<'a> {
        ObjectWriter {
            objects: blobs.objects.as_ref(),
            path: blobs.path(id),
            part: Vec::new(),
            part_bytes: blobs.part_bytes,
            upload: None,
            sent: 0,
        }
    }

    pub(crate) fn part(&mut self) -> &mut Vec<u8> {
        &mut self.part
    }

    pub(crate) async fn send_full_part(&mut self) -> Result<(), BlobError> {
        while self.part.len() >= self.part_bytes {
            // All parts but the last have one length: some S3 servers insist on it.
            let rest = self.part.split_off(self.part_bytes);
            let part = std::mem::replace(&mut self.part, rest);
            self.send(part).await?;
        }
        Ok(())
    }

    async fn send(&mut self, part: Vec<u8>) -> Result<(), BlobError> {
        self.sent += part.len() as u64;
        if self.upload.is_none() {
            self.upload = Some(self.objects.put_multipart(&self.path).await?);
        }
        let upload = self.upload.as_mut().expect("was just opened");
        upload.put_part(PutPayload::from(part)).await?;
        Ok(())
    }

    /// Stores what remains and makes the object visible. Returns its length.
    pub(crate) async fn finish(mut self) -> Result<u64, BlobError> {
        let part = std::mem::take(&mut self.part);
        if self.upload.is_none() {
            let length = part.len() as u64;
            self.objects.put(&self.path, PutPayload::from(part)).await?;
            return Ok(length);
        }
        if !part.is_empty() {
            self.send(part).await?;
        }
        let Some(upload) = &mut self.upload else {
            return Ok(self.sent);
        };
        upload.complete().await?;
        Ok(self.sent)
    }

    pub(super) async fn abort(mut self) {
        if let Some(upload) = &mut self.upload
            && let Err(fault) = upload.abort().await
        {
            tracing::warn!(%fault, path = %self.path, "a broken upload was not removed; the sweep will");
        }
    }
}
