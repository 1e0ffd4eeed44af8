//! A blob on its way out: opened if sealed, hashed, compared.
//! Owns the promise that a reader who got the last piece got what came in.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream::BoxStream};
use object_store::ObjectStoreExt as _;
use ring::digest;

use super::{
    Blob, BlobError, BlobId, Blobs,
    chunks::{DataKey, Opener},
    key_context,
};

/// The body of a blob, as a stream of pieces.
///
/// The last piece is held back until the hash of the whole is found right, so that a damaged
/// object never looks like a complete one: the stream fails instead.
pub struct BlobReader {
    id: BlobId,
    stored: BoxStream<'static, object_store::Result<Bytes>>,
    opener: Option<Opener>,
    hash: digest::Context,
    sha256: [u8; 32],
    size: u64,
    seen: u64,
    held: Bytes,
    ended: bool,
}

impl std::fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobReader")
            .field("id", &self.id)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

pub(super) async fn open(blobs: &Blobs, blob: &Blob) -> Result<BlobReader, BlobError> {
    let (id, Some(sha256), None) = (blob.id, blob.sha256, blob.erased_at) else {
        return Err(BlobError::Erased(blob.id));
    };
    let opener = match (&blob.wrapped_key, blob.personal) {
        (Some(wrapped), true) => {
            let key = blobs.keys.open(&key_context(id), wrapped)?;
            let key = DataKey::from_bytes(&key).ok_or(crate::keys::KeyError::Malformed)?;
            Some(Opener::new(&key, id))
        }
        (None, false) => None,
        (Some(_), false) | (None, true) => {
            return Err(BlobError::Corrupt {
                id,
                reason: "its row and its key do not fit together",
            });
        }
    };
    let stored = match blobs.objects.get(&blobs.path(id)).await {
        Ok(found) => found.into_stream(),
        Err(object_store::Error::NotFound { .. }) => return Err(BlobError::Missing(id)),
        Err(fault) => return Err(fault.into()),
    };
    let hash = digest::Context::new(&digest::SHA256);
    let (held, size) = (Bytes::new(), blob.size);
    Ok(BlobReader {
        id,
        stored,
        opener,
        hash,
        sha256,
        size,
        seen: 0,
        held,
        ended: false,
    })
}

impl BlobReader {
    /// The next piece, or `None` after the last one.
    ///
    /// # Errors
    /// `Corrupt`, `Storage`. Nothing follows an error.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>, BlobError> {
        self.next().await.transpose()
    }

    /// Takes a stored piece in; gives out the piece before it.
    fn step(&mut self, stored: Bytes) -> Result<Option<Bytes>, BlobError> {
        let piece = match &mut self.opener {
            None => stored,
            Some(opener) => {
                let mut plain = Vec::new();
                opener.push(&stored, &mut plain).map_err(|d| self.corrupt(d.0))?;
                Bytes::from(plain)
            }
        };
        Ok(self.take(piece))
    }

    fn take(&mut self, piece: Bytes) -> Option<Bytes> {
        if piece.is_empty() {
            return None;
        }
        self.hash.update(&piece);
        self.seen += piece.len() as u64;
        let before = std::mem::replace(&mut self.held, piece);
        (!before.is_empty()).then_some(before)
    }

    /// The end of the object: opens the last chunk, compares, and gives out everything held.
    fn finish(&mut self) -> Result<Option<Bytes>, BlobError> {
        let mut before = None;
        if let Some(opener) = self.opener.take() {
            let mut plain = Vec::new();
            opener.finish(&mut plain).map_err(|d| self.corrupt(d.0))?;
            before = self.take(Bytes::from(plain));
        }
        if self.seen != self.size {
            return Err(self.corrupt("its length is not that of its row"));
        }
        if self.hash.clone().finish().as_ref() != self.sha256 {
            return Err(self.corrupt("its SHA-256 is not that of its row"));
        }
        let last = std::mem::take(&mut self.held);
        let all = match before {
            Some(before) => Bytes::from([before, last].concat()),
            None => last,
        };
        Ok((!all.is_empty()).then_some(all))
    }

    fn corrupt(&self, reason: &'static str) -> BlobError {
        BlobError::Corrupt { id: self.id, reason }
    }
}

impl Stream for BlobReader {
    type Item = Result<Bytes, BlobError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.ended {
            let given = match ready!(self.stored.poll_next_unpin(context)) {
                Some(Ok(stored)) => self.step(stored),
                Some(Err(fault)) => Err(fault.into()),
                None => {
                    self.ended = true;
                    self.finish()
                }
            };
            match given {
                Ok(None) => {}
                Ok(Some(piece)) => return Poll::Ready(Some(Ok(piece))),
                Err(fault) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(fault)));
                }
            }
        }
        Poll::Ready(None)
    }
}
