//! The keys of a province: sealing of personal values, blind indexes, message authentication codes.
//! Owns the key file, the envelope and the derivation of every other secret from one root; refuses
//! a key file that others may read, and a ring that does not fit the database it is opened with.
//! Law: NĐ 13/2023/NĐ-CP art. 26-28 (protection of personal data); NIST SP 800-38D (GCM), RFC 5869 (HKDF).

mod check;
mod envelope;
mod error;
mod file;
mod reseal;
#[cfg(test)]
mod store_tests;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::{Timestamp, World};
use parking_lot::RwLock;
use ring::{hkdf, hmac};
use zeroize::Zeroizing;

pub(crate) use check::{CheckValue, ensure_fits, opens_check};
pub use envelope::Sealed;
pub use error::KeyError;
pub(crate) use file::refuse_inside;
pub use file::{KeyFile, KeyId, KeyPurpose};
pub(crate) use reseal::OWN;
pub use reseal::{OpenFailure, RESEAL_JOB, ResealProgress, SealedColumn, census, check_sealed, reseal, reseal_jobs};

/// Derived secrets kept ready; more domains than this are derived anew at each use.
const DOMAINS_MAX: usize = 256;

/// The keys in use. Cheap to share (`Arc`), safe to use from any thread.
///
/// One ring holds every sealing key that was ever active, so that old values open, and one index
/// root from which blind indexes and all other secrets are derived. The index root is **not**
/// changed by [`KeyFile::rotate`]: a new root would silently turn every stored blind index into
/// one that no look-up finds. Changing it is a re-indexing of the data, not a rotation.
///
/// ring keeps its expanded keys in memory that it does not wipe; our own copies are wiped on drop.
pub struct KeyRing {
    path: Option<PathBuf>,
    keys: RwLock<Arc<Keys>>,
}

struct Keys {
    seal: HashMap<KeyId, envelope::SealKey>,
    active: KeyId,
    root: hkdf::Prk,
    macs: RwLock<HashMap<String, hmac::Key>>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("active", &self.active())
            .finish_non_exhaustive()
    }
}

impl KeyRing {
    /// Reads the key file at `path`. The ring remembers the path: when it meets a value sealed by
    /// a key that was added since (by `tinhso keys rotate` in another process), it reads the file again.
    ///
    /// # Errors
    /// Every fault of the file, its permissions or its text; see [`KeyError`].
    pub fn load(path: &Path) -> Result<KeyRing, KeyError> {
        let keys = Keys::of(&KeyFile::read(path)?)?;
        Ok(KeyRing {
            path: Some(path.to_owned()),
            keys: RwLock::new(Arc::new(keys)),
        })
    }

    /// Makes a ring from keys that another keeper holds (tests, a hardware module's unwrapped keys).
    ///
    /// # Errors
    /// `NoActiveKey` or `NoIndexKey` when `file` lacks one.
    pub fn from_keys(file: &KeyFile) -> Result<KeyRing, KeyError> {
        Ok(KeyRing {
            path: None,
            keys: RwLock::new(Arc::new(Keys::of(file)?)),
        })
    }

    /// The key that seals new values.
    pub fn active(&self) -> KeyId {
        self.keys.read().active
    }

    /// Reads the key file again, for instance after a rotation. Does nothing for a ring without a file.
    ///
    /// # Errors
    /// As [`KeyRing::load`]; the keys in use stay as they were.
    pub fn reload(&self) -> Result<(), KeyError> {
        let Some(path) = &self.path else { return Ok(()) };
        let keys = Keys::of(&KeyFile::read(path)?)?;
        *self.keys.write() = Arc::new(keys);
        Ok(())
    }

    /// Seals `plain` under the active key. `context` names the place of the value as
    /// `table.column:row id`; a sealed value moved to another place does not open there.
    pub fn seal(&self, world: &dyn World, context: &str, plain: &[u8]) -> Sealed {
        let keys = self.keys.read().clone();
        let key = keys
            .seal
            .get(&keys.active)
            .expect("Keys::of refuses a file without its active key");
        envelope::seal(key, keys.active, world, context, plain)
    }

    /// Opens a value sealed for `context` by any key of the ring.
    ///
    /// # Errors
    /// `UnknownKey` when the ring lacks the key, `Tampered` when the bytes or the context are not
    /// those that were sealed, `Malformed` when this is no sealed value.
    pub fn open(&self, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let id = sealed.key_id()?;
        let keys = self.keys.read().clone();
        if let Some(key) = keys.seal.get(&id) {
            return envelope::open(key, context, sealed);
        }
        self.reload()?;
        let keys = self.keys.read().clone();
        let key = keys.seal.get(&id).ok_or(KeyError::UnknownKey { id })?;
        envelope::open(key, context, sealed)
    }

    /// A keyed digest of `text` for exact look-up of a sealed value. Equal texts give equal
    /// digests within a `domain` (`person.number`) and unrelated ones across domains. The caller
    /// brings the text into one written form first.
    pub fn blind_index(&self, domain: &str, text: &str) -> [u8; 32] {
        self.tag("blind-index", domain, text.as_bytes())
    }

    /// HMAC-SHA256 of `bytes` under a key of its own for each `domain` (cookies, tracking links).
    pub fn mac(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        self.tag("mac", domain, bytes)
    }

    /// Whether `tag` is [`KeyRing::mac`] of `bytes`, in constant time.
    pub fn mac_matches(&self, domain: &str, bytes: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.mac_key("mac", domain), bytes, tag).is_ok()
    }

    /// A secret of 32 bytes for another use, one for each `domain`.
    pub fn derive(&self, domain: &str) -> Zeroizing<[u8; 32]> {
        self.keys.read().derive("derive", domain)
    }

    fn tag(&self, usage: &str, domain: &str, bytes: &[u8]) -> [u8; 32] {
        let tag = hmac::sign(&self.mac_key(usage, domain), bytes);
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }

    fn mac_key(&self, usage: &str, domain: &str) -> hmac::Key {
        let keys = self.keys.read().clone();
        let name = format!("{usage}/{domain}");
        if let Some(key) = keys.macs.read().get(&name) {
            return key.clone();
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, keys.derive(usage, domain).as_ref());
        let mut macs = keys.macs.write();
        if macs.len() < DOMAINS_MAX {
            macs.insert(name, key.clone());
        }
        key
    }
}

impl Keys {
    fn of(file: &KeyFile) -> Result<Keys, KeyError> {
        let root = file.index_secret()?;
        let seal = file
            .seal_secrets()
            .map(|(id, secret)| (id, envelope::SealKey::new(secret)))
            .collect();
        Ok(Keys {
            seal,
            active: file.active()?,
            root: hkdf::Salt::new(hkdf::HKDF_SHA256, b"tinhso key ring v1").extract(root),
            macs: RwLock::default(),
        })
    }

    fn derive(&self, usage: &str, domain: &str) -> Zeroizing<[u8; 32]> {
        // The length of `usage` keeps ("a", "b/c") and ("a/b", "c") apart.
        let info = [&[usage.len() as u8][..], usage.as_bytes(), domain.as_bytes()];
        let mut secret = Zeroizing::new([0; 32]);
        self.root
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(secret.as_mut()))
            .expect("32 bytes are one block of HKDF-SHA256");
        secret
    }
}

/// What a fresh province needs: writes a new key file with one sealing key and the index root.
///
/// # Errors
/// `Exists` when there is a file already: keys are never overwritten.
pub fn create(path: &Path, world: &dyn World) -> Result<KeyFile, KeyError> {
    let file = KeyFile::generate(world);
    file.write_new(path)?;
    Ok(file)
}

/// Adds a new sealing key to the file at `path` and makes it the active one. Older keys stay, so
/// that what they sealed still opens; [`reseal`] then moves stored values over.
///
/// # Errors
/// As [`KeyRing::load`], and `Io` when the file cannot be replaced.
pub fn rotate(path: &Path, world: &dyn World) -> Result<KeyId, KeyError> {
    let mut file = KeyFile::read(path)?;
    let id = file.rotate(world);
    file.replace(path)?;
    Ok(id)
}

/// Removes an old sealing key from the file at `path`. The caller makes sure by [`census`] that
/// nothing is sealed by it any more, in the database and in the backups that must stay readable.
///
/// # Errors
/// `StillActive` for the active key, `UnknownKey` when there is no such sealing key.
pub fn retire(path: &Path, id: KeyId) -> Result<(), KeyError> {
    let mut file = KeyFile::read(path)?;
    file.retire(id)?;
    file.replace(path)
}

fn rfc3339(at: Timestamp) -> String {
    at.to_string()
}
