//! The sealed form of a personal blob: chunks of 64 KiB, each AES-256-GCM under the blob's own key.
//! The nonce is the chunk's number and a mark on the last one, so that chunks cannot be left out,
//! repeated, reordered or cut off at the end (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).

use kernel::World;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::BlobId;

pub(super) const CHUNK: usize = 64 * 1024;
pub(super) const TAG: usize = 16;

/// Why sealed chunks do not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged(pub(super) &'static str);

/// The key of one blob. Used for that blob alone, so that counting nonces never repeat.
pub(super) struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    pub(super) fn generate(world: &dyn World) -> DataKey {
        let mut secret = Zeroizing::new([0; 32]);
        world.fill(secret.as_mut());
        DataKey(secret)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<DataKey> {
        let secret: [u8; 32] = bytes.try_into().ok()?;
        Some(DataKey(Zeroizing::new(secret)))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_ref()
    }

    fn cipher(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, self.bytes()).expect("AES-256 takes 32 bytes"))
    }
}

struct Counter {
    id: BlobId,
    next: u64,
}

impl Counter {
    fn nonce(&mut self, last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[..8].copy_from_slice(&self.next.to_be_bytes());
        nonce[NONCE_LEN - 1] = u8::from(last);
        self.next += 1;
        Nonce::assume_unique_for_key(nonce)
    }

    fn aad(&self) -> Aad<[u8; 16]> {
        Aad::from(self.id.uuid().into_bytes())
    }
}

/// Seals a body as it streams by.
pub(super) struct Sealer {
    cipher: LessSafeKey,
    counter: Counter,
    waiting: Vec<u8>,
}

impl Sealer {
    pub(super) fn new(key: &DataKey, id: BlobId) -> Sealer {
        let counter = Counter { id, next: 0 };
        Sealer {
            cipher: key.cipher(),
            counter,
            waiting: Vec::with_capacity(2 * CHUNK),
        }
    }

    /// Takes more of the body; complete chunks go to `out`. One chunk is held back, because the
    /// last one is marked and nobody knows yet which it is.
    pub(super) fn push(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        self.waiting.extend_from_slice(plain);
        let mut from = 0;
        while self.waiting.len() - from > CHUNK {
            let at = out.len();
            out.extend_from_slice(&self.waiting[from..from + CHUNK]);
            self.seal(at, false, out);
            from += CHUNK;
        }
        self.waiting.drain(..from);
    }

    /// Ends the body; the last chunk goes to `out`.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        let at = out.len();
        out.extend_from_slice(&self.waiting);
        self.seal(at, true, out);
    }

    fn seal(&mut self, at: usize, last: bool, out: &mut Vec<u8>) {
        let (nonce, aad) = (self.counter.nonce(last), self.counter.aad());
        let tag = self
            .cipher
            .seal_in_place_separate_tag(nonce, aad, &mut out[at..])
            .expect("a chunk is far below GCM's limit of 64 GiB");
        out.extend_from_slice(tag.as_ref());
    }
}

/// Opens a sealed body as it streams by.
pub(super) struct Opener {
    cipher: LessSafeKey,
    counter: Counter,
    waiting: Vec<u8>,
}

impl Opener {
    pub(super) fn new(key: &DataKey, id: BlobId) -> Opener {
        let counter = Counter { id, next: 0 };
        Opener {
            cipher: key.cipher(),
            counter,
            waiting: Vec::with_capacity(2 * CHUNK),
        }
    }

    pub(super) fn push(&mut self, stored: &[u8], out: &mut Vec<u8>) -> Result<(), Damaged> {
        self.waiting.extend_from_slice(stored);
        let mut from = 0;
        while self.waiting.len() - from > CHUNK + TAG {
            self.open(from, from + CHUNK + TAG, false, out)?;
            from += CHUNK + TAG;
        }
        self.waiting.drain(..from);
        Ok(())
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Damaged> {
        self.open(0, self.waiting.len(), true, out)
    }

    fn open(&mut self, from: usize, to: usize, last: bool, out: &mut Vec<u8>) -> Result<(), Damaged> {
        let (nonce, aad) = (self.counter.nonce(last), self.counter.aad());
        let plain = self
            .cipher
            .open_in_place(nonce, aad, &mut self.waiting[from..to])
            .map_err(|_| Damaged("a sealed chunk does not open: changed, moved or cut off"))?;
        out.extend_from_slice(plain);
        Ok(())
    }
}
