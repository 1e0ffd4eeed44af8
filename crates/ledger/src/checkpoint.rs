//! A checkpoint: which log, how many leaves, which root. Refuses numbers with zeros before them and lines that are empty.
//! Standard: c2sp.org/tlog-checkpoint.

use std::fmt;
use std::str::FromStr;

use crate::hash::Hash;
use crate::merkle::SIZE_MAX;
use crate::note::{Note, NoteError};

/// The head of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Further lines, of which nothing is known.
    pub extensions: Vec<String>,
}

/// What came is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no signed note.
    #[error("the checkpoint is no signed note: {0}")]
    Note(#[from] NoteError),
    /// Its text is none of a checkpoint.
    #[error("the text of the note is no checkpoint")]
    Text,
}

impl Checkpoint {
    /// A checkpoint without further lines.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        }
    }

    /// Reads a signed checkpoint. Nothing of it is believed before the note is verified.
    ///
    /// # Errors
    /// What it is instead.
    pub fn read(bytes: &[u8]) -> Result<(Self, Note), CheckpointError> {
        let note = Note::read(bytes)?;
        Ok((note.text.parse()?, note))
    }
}

/// A size as these texts write it: decimal, without zeros before it.
#[must_use]
pub fn read_size(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok().filter(|size| *size <= SIZE_MAX)
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let text = text.strip_suffix('\n').ok_or(CheckpointError::Text)?;
        let lines: Vec<&str> = text.split('\n').collect();
        let [origin, size, root, extensions @ ..] = lines.as_slice() else {
            return Err(CheckpointError::Text);
        };
        if lines.iter().any(|line| line.is_empty()) {
            return Err(CheckpointError::Text);
        }
        Ok(Self {
            origin: (*origin).to_owned(),
            size: read_size(size).ok_or(CheckpointError::Text)?,
            root: Hash::from_base64(root).ok_or(CheckpointError::Text)?,
            extensions: extensions.iter().map(|line| (*line).to_owned()).collect(),
        })
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root.to_base64())?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
