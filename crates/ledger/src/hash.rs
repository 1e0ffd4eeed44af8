//! The hashes of the tree: SHA-256 with the two prefixes that keep leaves and nodes apart. Nothing here reads or writes.
//! Standard: RFC 6962 section 2.1.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256, digest};

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; Hash::BYTES]);

impl Hash {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// A hash from its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// A hash from 32 bytes; none from more or fewer.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// In standard base64, as checkpoints and proofs write it.
    #[must_use]
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// From standard base64 with its padding; nothing else is one.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::from_slice(&STANDARD.decode(text).ok()?)
    }

    /// SHA-256 of some bytes, without a prefix.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::taken(digest(&SHA256, bytes).as_ref())
    }

    /// SHA-256 of a salt and what follows it.
    #[must_use]
    pub fn salted(salt: &[u8], bytes: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(salt);
        context.update(bytes);
        Self::taken(context.finish().as_ref())
    }

    /// The hash of a leaf.
    #[must_use]
    pub fn leaf(entry: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(&[0]);
        context.update(entry);
        Self::taken(context.finish().as_ref())
    }

    /// The hash of the node above two others.
    #[must_use]
    pub fn node(left: Self, right: Self) -> Self {
        let mut bytes = [1; 1 + 2 * Self::BYTES];
        bytes[1..=Self::BYTES].copy_from_slice(&left.0);
        bytes[1 + Self::BYTES..].copy_from_slice(&right.0);
        Self::of(&bytes)
    }

    /// The root of the tree without leaves.
    #[must_use]
    pub fn of_nothing() -> Self {
        Self::of(&[])
    }

    fn taken(digest: &[u8]) -> Self {
        let mut bytes = [0; Self::BYTES];
        bytes.copy_from_slice(digest);
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
