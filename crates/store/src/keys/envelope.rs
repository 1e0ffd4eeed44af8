//! The sealed form of a value: version, key id, nonce, ciphertext with tag (AES-256-GCM).
//! Owns the layout; refuses any byte that was not sealed for the same context.
//! Random nonces of 96 bits are safe for 2^32 values a key (NIST SP 800-38D section 8.3): rotate before that.

use kernel::World;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::{KeyError, KeyId};

const VERSION: u8 = 1;
const NONCE_AT: usize = 5;
const BODY_AT: usize = NONCE_AT + NONCE_LEN;
const TAG_LEN: usize = 16;

/// A sealed value as it is stored (33 bytes longer than what it holds).
///
/// ```text
/// byte 0      version, 1
/// bytes 1-4   key id, big endian
/// bytes 5-16  nonce
/// then        ciphertext, and 16 bytes of tag
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Vec<u8>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Sealed {
    /// Takes stored bytes; whether they open is seen by [`super::KeyRing::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Sealed {
        Sealed(bytes)
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Gives up the bytes to store.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The key that sealed this value.
    ///
    /// # Errors
    /// `Malformed` when this is no sealed value of a known version.
    pub fn key_id(&self) -> Result<KeyId, KeyError> {
        match self.0.as_slice() {
            [VERSION, a, b, c, d, rest @ ..] if rest.len() >= NONCE_LEN + TAG_LEN => {
                Ok(KeyId(u32::from_be_bytes([*a, *b, *c, *d])))
            }
            _ => Err(KeyError::Malformed),
        }
    }
}

/// One sealing key, expanded.
pub(super) struct SealKey(LessSafeKey);

impl SealKey {
    pub(super) fn new(secret: &[u8; 32]) -> SealKey {
        let key = UnboundKey::new(&AES_256_GCM, secret).expect("AES-256 takes 32 bytes");
        SealKey(LessSafeKey::new(key))
    }
}

// The head is authenticated with the context, so that a changed version or key id does not open.
fn aad(head: &[u8], context: &str) -> Aad<Vec<u8>> {
    Aad::from([head, context.as_bytes()].concat())
}

pub(super) fn seal(key: &SealKey, id: KeyId, world: &dyn World, context: &str, plain: &[u8]) -> Sealed {
    let mut nonce = [0; NONCE_LEN];
    world.fill(&mut nonce);
    let mut out = Vec::with_capacity(BODY_AT + plain.len() + TAG_LEN);
    out.push(VERSION);
    out.extend_from_slice(&id.0.to_be_bytes());
    let bound = aad(&out, context);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plain);
    let tag = key
        .0
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound, &mut out[BODY_AT..])
        .expect("a value in memory is far below GCM's limit of 64 GiB");
    out.extend_from_slice(tag.as_ref());
    Sealed(out)
}

pub(super) fn open(key: &SealKey, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    sealed.key_id()?;
    let (head, rest) = sealed.0.split_at(NONCE_AT);
    let (nonce, body) = rest.split_at(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyError::Malformed)?;
    let mut plain = Zeroizing::new(body.to_vec());
    let length = key
        .0
        .open_in_place(nonce, aad(head, context), &mut plain)
        .map_err(|_| KeyError::Tampered {
            context: context.to_owned(),
        })?
        .len();
    plain.truncate(length);
    Ok(plain)
}
