//! A proof that can be carried away: index, hashes and signed checkpoint in one text, verified without the log.
//! Standard: c2sp.org/tlog-proof.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, CheckpointError, read_size};
use crate::hash::Hash;
use crate::merkle::{self, PROOF_MAX, ProofError};
use crate::note::{Note, NoteError, VerifierKey};

const HEAD: &str = "c2sp.org/tlog-proof@v1";
/// Longest text that is read, in bytes.
const BYTES_MAX: usize = 128 << 10;

/// The proof that an entry is in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// What the application adds; nobody signs it.
    pub extra: Option<Vec<u8>>,
    /// Which entry, from 0.
    pub index: u64,
    /// From the leaf's neighbour up to the root's child.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint.
    pub note: Note,
}

/// A proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogProofError {
    /// It has not the form of one.
    #[error("it has not the form of a proof")]
    Form,
    /// Its checkpoint is none.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Its checkpoint is not signed by the log.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The hashes do not lead to the root.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// It is of another log.
    #[error("it is of another log")]
    Origin,
}

impl LogProof {
    /// Reads a proof.
    ///
    /// # Errors
    /// `Form`, `Checkpoint`.
    pub fn read(bytes: &[u8]) -> Result<Self, LogProofError> {
        if bytes.len() > BYTES_MAX {
            return Err(LogProofError::Form);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| LogProofError::Form)?;
        let (head, note) = text.split_once("\n\n").ok_or(LogProofError::Form)?;
        let (_, note) = Checkpoint::read(note.as_bytes())?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEAD) {
            return Err(LogProofError::Form);
        }
        let mut line = lines.next().ok_or(LogProofError::Form)?;
        let mut extra = None;
        if let Some(encoded) = line.strip_prefix("extra ") {
            extra = Some(STANDARD.decode(encoded).map_err(|_| LogProofError::Form)?);
            line = lines.next().ok_or(LogProofError::Form)?;
        }
        let index = line
            .strip_prefix("index ")
            .and_then(read_size)
            .ok_or(LogProofError::Form)?;
        let hashes: Option<Vec<Hash>> = lines.map(Hash::from_base64).collect();
        let hashes = hashes
            .filter(|hashes| hashes.len() <= PROOF_MAX)
            .ok_or(LogProofError::Form)?;
        Ok(Self {
            extra,
            index,
            hashes,
            note,
        })
    }

    /// Holds the proof against an entry and the key of the log. The name of the key is the log's origin.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<Checkpoint, LogProofError> {
        self.note.verify(key)?;
        let checkpoint: Checkpoint = self.note.text.parse()?;
        if checkpoint.origin != key.name() {
            return Err(LogProofError::Origin);
        }
        merkle::verify_inclusion(
            &self.hashes,
            Hash::leaf(entry),
            self.index,
            checkpoint.size,
            checkpoint.root,
        )?;
        Ok(checkpoint)
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.note)
    }
}
