//! Witnessing, both sides: our log asks witnesses to cosign its checkpoints, and this province cosigns those of other logs when
//! they follow from what it cosigned before. A witness that is down delays nobody.
//! Refuses to cosign what is not consistent, and to write a cosignature down that does not hold.
//! Standards: c2sp.org/tlog-witness, c2sp.org/tlog-cosignature.

pub(crate) mod ask;
pub mod http;
pub(crate) mod store;

use ::store::Tx;
use kernel::{SignedDuration, Timestamp};

use crate::checkpoint::{Checkpoint, read_size};
use crate::error::LedgerError;
use crate::hash::Hash;
use crate::merkle::{self, PROOF_MAX};
use crate::note::{BYTES_MAX, Note, Signature, Signer, VerifierKey};

/// Longest pause after tries that were none.
const PAUSE_MAX_S: i64 = 300;

/// How asking a witness fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it cosigned last, as far as we know.
    pub size: u64,
    /// Tries that were none, one after another.
    pub fails: u64,
    /// When to ask next.
    pub next_at: Timestamp,
    /// When it answered last with a cosignature.
    pub answered_at: Option<Timestamp>,
    /// Why the last try was none.
    pub said: Option<String>,
}

impl Asked {
    /// A witness that was never asked.
    #[must_use]
    pub const fn never(now: Timestamp) -> Self {
        Self {
            size: 0,
            fails: 0,
            next_at: now,
            answered_at: None,
            said: None,
        }
    }

    /// The same after a try that was none: the pause doubles up to five minutes.
    #[must_use]
    pub fn failed(self, why: &str, now: Timestamp) -> Self {
        let fails = self.fails + 1;
        let pause = 1_i64
            .checked_shl(u32::try_from(fails).unwrap_or(u32::MAX))
            .unwrap_or(PAUSE_MAX_S);
        Self {
            fails,
            next_at: now + SignedDuration::from_secs(pause.clamp(1, PAUSE_MAX_S)),
            said: Some(why.to_owned()),
            ..self
        }
    }

    /// Whether it is to be asked now. A time further off than any pause is none: a clock went back.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.next_at <= now || self.next_at > now + SignedDuration::from_secs(2 * PAUSE_MAX_S)
    }
}

/// What this province cosigned last of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witnessed {
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When.
    pub at: Timestamp,
}

/// What a log sends a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The size that the log believes was cosigned last.
    pub old: u64,
    /// That the one follows from the other.
    pub proof: Vec<Hash>,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// As it was signed.
    pub note: Note,
}

/// A witness says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has not the form of a request, or asks for the impossible.
    #[error("the request has not the form of one")]
    Malformed,
    /// A log that is not witnessed here.
    #[error("no such log is witnessed here")]
    Unknown,
    /// Not signed by the log.
    #[error("the checkpoint is not signed by the log")]
    Unsigned,
    /// The last cosigned size is another.
    #[error("the last cosigned size is {0}")]
    Elsewhere(u64),
    /// Another root of the same size: a fork.
    #[error("another root of this size was cosigned")]
    Forked,
    /// The proof does not hold.
    #[error("the checkpoint does not follow from the last one")]
    Inconsistent,
}

impl Request {
    /// Reads what a log sends.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > BYTES_MAX {
            return Err(Refusal::Malformed);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Malformed)?;
        let (head, note) = text.split_once("\n\n").ok_or(Refusal::Malformed)?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(read_size)
            .ok_or(Refusal::Malformed)?;
        let proof: Option<Vec<Hash>> = lines.map(Hash::from_base64).collect();
        let proof = proof
            .filter(|proof| proof.len() <= PROOF_MAX)
            .ok_or(Refusal::Malformed)?;
        let (checkpoint, note) = Checkpoint::read(note.as_bytes()).map_err(|_| Refusal::Malformed)?;
        Ok(Self {
            old,
            proof,
            checkpoint,
            note,
        })
    }

    /// As it is sent.
    #[must_use]
    pub fn body(old: u64, proof: &[Hash], note: &str) -> String {
        let lines: Vec<String> = proof.iter().map(|hash| hash.to_base64() + "\n").collect();
        format!("old {old}\n{}\n{note}", lines.concat())
    }

    /// Holds the signature against the keys of the logs that are witnessed.
    ///
    /// # Errors
    /// `Unknown`, `Unsigned`.
    pub fn held_by(&self, logs: &[VerifierKey]) -> Result<(), Refusal> {
        let mut keys = logs
            .iter()
            .filter(|key| key.name() == self.checkpoint.origin)
            .peekable();
        if keys.peek().is_none() {
            return Err(Refusal::Unknown);
        }
        if keys.any(|key| self.note.verify(key).is_ok()) {
            Ok(())
        } else {
            Err(Refusal::Unsigned)
        }
    }

    /// Decides what a witness answers that cosigned `last` before.
    ///
    /// # Errors
    /// The refusal.
    pub fn decide(&self, last: Option<&Witnessed>) -> Result<(), Refusal> {
        let (size, root) = last.map_or((0, Hash::of_nothing()), |last| (last.size, last.root));
        if self.old > self.checkpoint.size {
            return Err(Refusal::Malformed);
        }
        if self.old != size {
            return Err(Refusal::Elsewhere(size));
        }
        if size == self.checkpoint.size && root != self.checkpoint.root {
            return Err(Refusal::Forked);
        }
        let new = (self.checkpoint.size, self.checkpoint.root);
        merkle::verify_consistency(&self.proof, (size, root), new).map_err(|_| Refusal::Inconsistent)
    }
}

/// What came of a request to this province as a witness.
pub(crate) enum Answered {
    Cosigned(Signature),
    Refused(Refusal),
}

/// Cosigns a checkpoint whose signature was verified, after what is cosigned was written down.
pub(crate) fn cosign(tx: &mut Tx, signer: &Signer, request: &Request, now: Timestamp) -> Result<Answered, LedgerError> {
    let origin = &request.checkpoint.origin;
    let last = store::witnessed(tx, origin)?;
    if let Err(refusal) = request.decide(last.as_ref()) {
        return Ok(Answered::Refused(refusal));
    }
    // A clock that goes back must not let us state a larger tree at an earlier time.
    let at = last.map_or(now, |last| now.max(last.at));
    let seen = Witnessed {
        size: request.checkpoint.size,
        root: request.checkpoint.root,
        at,
    };
    store::put_witnessed(tx, origin, &seen, &request.note.to_string())?;
    let line = signer.cosign(&request.note.text, at.as_micros().div_euclid(1_000_000));
    Ok(Answered::Cosigned(line))
}

/// The line by which a witness cosigned a checkpoint, out of what it answered.
#[must_use]
pub fn cosignature(answer: &str, note: &Note, key: &VerifierKey) -> Option<(Signature, i64)> {
    let lines = Signature::read_lines(answer).ok()?;
    lines.into_iter().find_map(|line| {
        let one = Note {
            text: note.text.clone(),
            signatures: vec![line.clone()],
        };
        Some((line, one.verify_cosignature(key).ok()?))
    })
}
