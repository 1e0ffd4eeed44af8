//! Signed notes: text with the signatures of named keys, and the keys themselves. Refuses what is not exactly a note, a known
//! key's signature that does not hold, and anything longer than a note may be.
//! Standards: c2sp.org/signed-note, c2sp.org/tlog-cosignature (Ed25519), RFC 8032.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::hash::Hash;

/// Longest note that is read, in bytes.
pub const BYTES_MAX: usize = 64 << 10;
/// Most signatures of a note.
pub const SIGNATURES_MAX: usize = 100;
/// Longest name of a key, in bytes.
const NAME_MAX: usize = 255;
/// What a signature line begins with.
const MARK: &str = "— ";

/// A note is none, or its signatures do not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than 64 KiB.
    #[error("it is too long")]
    TooLong,
    /// No UTF-8, or a control character.
    #[error("it is no plain text")]
    NotText,
    /// No empty line before the signatures, no text, no signature, a line that is none.
    #[error("it has not the form of a signed note")]
    Form,
    /// A signature line that cannot be read.
    #[error("a signature line cannot be read")]
    Line,
    /// A key that cannot be read.
    #[error("it is no verifier key of Ed25519: NAME+ID+BASE64")]
    Key,
    /// None of the signatures is of this key.
    #[error("it is not signed by the key that was asked for")]
    Unsigned,
    /// A signature of this key that does not hold.
    #[error("a signature of the key that was asked for does not hold")]
    Forged,
}

/// A note, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text, with the newline at its end.
    pub text: String,
    /// The signatures, in their order.
    pub signatures: Vec<Signature>,
}

/// A signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name of the key.
    pub name: String,
    /// Id of the key.
    pub id: u32,
    /// What follows the id.
    pub bytes: Vec<u8>,
}

/// What a key signs, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Notes, with Ed25519.
    Ed25519,
    /// Checkpoints as a witness, with the time, with Ed25519.
    Cosignature,
}

impl Algorithm {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }
}

/// A public key with its name. As text: `NAME+ID+BASE64`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    key: [u8; 32],
}

/// Whether a key may be called so.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_MAX
        && !name.contains('+')
        && !name.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// What it is instead.
    pub fn read(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let all = std::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        if all.chars().any(|letter| letter < ' ' && letter != '\n') {
            return Err(NoteError::NotText);
        }
        let at = all.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, lines) = (&all[..=at], &all[at + 2..]);
        if text == "\n" {
            return Err(NoteError::Form);
        }
        let signatures = Signature::read_lines(lines)?;
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// Holds the note against a key of notes.
    ///
    /// # Errors
    /// `Unsigned`, `Forged`.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        self.held(key, |signature| {
            key.holds(self.text.as_bytes(), &signature.bytes).then_some(())
        })
    }

    /// Holds the note, a checkpoint, against the key of a witness. Gives the time that the witness states, in seconds.
    ///
    /// # Errors
    /// `Unsigned`, `Forged`.
    pub fn verify_cosignature(&self, key: &VerifierKey) -> Result<i64, NoteError> {
        self.held(key, |signature| {
            let (time, rest) = signature.bytes.split_first_chunk::<8>()?;
            let time = i64::try_from(u64::from_be_bytes(*time)).ok()?;
            key.holds(cosigned(&self.text, time).as_bytes(), rest).then_some(time)
        })
    }

    /// The first signature of the key, if every one of them holds.
    fn held<T>(&self, key: &VerifierKey, check: impl Fn(&Signature) -> Option<T>) -> Result<T, NoteError> {
        let mut found = Err(NoteError::Unsigned);
        for signature in &self.signatures {
            if signature.name != key.name || signature.id != key.id() {
                continue;
            }
            let held = check(signature).ok_or(NoteError::Forged)?;
            if found.is_err() {
                found = Ok(held);
            }
        }
        found
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl Signature {
    /// Reads one or more signature lines, each with its newline.
    ///
    /// # Errors
    /// `Form`, `Line`.
    pub fn read_lines(lines: &str) -> Result<Vec<Self>, NoteError> {
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == SIGNATURES_MAX {
                return Err(NoteError::TooLong);
            }
            signatures.push(line.parse()?);
        }
        Ok(signatures)
    }
}

impl FromStr for Signature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        let (name, encoded) = line
            .strip_prefix(MARK)
            .and_then(|rest| rest.split_once(' '))
            .ok_or(NoteError::Line)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Line)?;
        let (id, rest) = bytes.split_first_chunk::<4>().ok_or(NoteError::Line)?;
        if !is_name(name) || rest.is_empty() {
            return Err(NoteError::Line);
        }
        Ok(Self {
            name: name.to_owned(),
            id: u32::from_be_bytes(*id),
            bytes: rest.to_vec(),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = STANDARD.encode([&self.id.to_be_bytes()[..], &self.bytes].concat());
        write!(f, "{MARK}{} {encoded}", self.name)
    }
}

/// What a witness signs of a checkpoint.
fn cosigned(text: &str, time: i64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl VerifierKey {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its id: the first four bytes of the SHA-256 of name, kind and key.
    #[must_use]
    pub fn id(&self) -> u32 {
        let named = [self.name.as_bytes(), b"\n", &[self.algorithm.byte()], &self.key].concat();
        let hash = Hash::of(&named);
        let [a, b, c, d, ..] = *hash.as_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.key)
            .verify(message, signature)
            .is_ok()
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Key)?;
        let (algorithm, key) = match bytes.split_first() {
            Some((1, key)) => (Algorithm::Ed25519, key),
            Some((4, key)) => (Algorithm::Cosignature, key),
            _ => return Err(NoteError::Key),
        };
        let key = Self {
            name: name.to_owned(),
            algorithm,
            key: key.try_into().map_err(|_| NoteError::Key)?,
        };
        if !is_name(name) || id != format!("{:08x}", key.id()) {
            return Err(NoteError::Key);
        }
        Ok(key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = STANDARD.encode([&[self.algorithm.byte()][..], &self.key].concat());
        write!(f, "{}+{:08x}+{encoded}", self.name, self.id())
    }
}

impl serde::Serialize for VerifierKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for VerifierKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A key that signs.
pub struct Signer {
    pair: Ed25519KeyPair,
    key: VerifierKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Signer {
    /// The key of a seed.
    ///
    /// # Errors
    /// `Key` when no key may be called so.
    pub fn new(name: &str, algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key);
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Key)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| NoteError::Key)?;
        let key = VerifierKey {
            name: name.to_owned(),
            algorithm,
            key: public,
        };
        Ok(Self { pair, key })
    }

    /// The key by which others verify.
    #[must_use]
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Signs a text that ends with a newline. The same text is signed the same again.
    #[must_use]
    pub fn sign(&self, text: &str) -> Signature {
        self.line(self.pair.sign(text.as_bytes()).as_ref().to_vec())
    }

    /// Cosigns a checkpoint, as of a time in seconds.
    #[must_use]
    pub fn cosign(&self, text: &str, time: i64) -> Signature {
        let signed = self.pair.sign(cosigned(text, time).as_bytes());
        self.line([&time.to_be_bytes()[..], signed.as_ref()].concat())
    }

    fn line(&self, bytes: Vec<u8>) -> Signature {
        Signature {
            name: self.key.name.clone(),
            id: self.key.id(),
            bytes,
        }
    }
}
