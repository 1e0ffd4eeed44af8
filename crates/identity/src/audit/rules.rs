//! Owns the chain itself: the canonical form of an entry, its hash, and the check of a run of entries. Pure.
//! The canonical form is JSON with fixed field order and sorted detail, so that both engines and any outsider compute the same.

use super::{Entry, Head};

/// Hash before the first entry.
pub const GENESIS: [u8; 32] = [0; 32];

/// What is wrong with the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// The content does not fit its hash.
    #[error("audit entry {seq} was changed: its content does not fit its hash")]
    Changed {
        /// Which.
        seq: i64,
    },
    /// The entry does not follow the one before.
    #[error("audit entry {seq} does not follow the entry before it")]
    Unlinked {
        /// Which.
        seq: i64,
    },
    /// Numbers are missing.
    #[error("audit entries are missing before {seq}")]
    Missing {
        /// The first one found after the gap.
        seq: i64,
    },
    /// The recorded end differs from the last entry.
    #[error("the audit log ends at {found}, its head says {expected}")]
    HeadDiffers {
        /// What the head says.
        expected: i64,
        /// What is there.
        found: i64,
    },
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// How many entries were read.
    pub entries: u64,
    /// The end of the chain as found.
    pub head: Head,
    /// What is wrong, at most 100 of them.
    pub faults: Vec<AuditFault>,
}

/// Faults listed before the rest is left out.
const FAULTS_MAX: usize = 100;

/// The hash of an entry over everything in it but the hash itself.
#[must_use]
pub fn hash(entry: &Entry) -> [u8; 32] {
    let canonical = serde_json::json!([
        entry.seq,
        entry.at.as_micros(),
        entry.actor.map(|actor| actor.to_string()),
        entry.action,
        entry.subject,
        entry.detail,
        entry.previous,
    ]);
    let digest = ring::digest::digest(&ring::digest::SHA256, canonical.to_string().as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.as_ref());
    hash
}

/// Walks the entries in order and collects what is wrong.
#[derive(Debug)]
pub struct Walk {
    entries: u64,
    last: Head,
    faults: Vec<AuditFault>,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            entries: 0,
            last: Head {
                seq: 0,
                hash: hex::encode(GENESIS),
            },
            faults: Vec::new(),
        }
    }
}

impl Walk {
    /// Begins after an entry that is taken as it is.
    #[must_use]
    pub fn starting_at(last: Head) -> Self {
        Self {
            entries: 0,
            last,
            faults: Vec::new(),
        }
    }

    /// Takes the next entry.
    pub fn step(&mut self, entry: &Entry) {
        if entry.seq != self.last.seq + 1 {
            self.fault(AuditFault::Missing { seq: entry.seq });
        } else if entry.previous != self.last.hash {
            self.fault(AuditFault::Unlinked { seq: entry.seq });
        }
        if hex::encode(hash(entry)) != entry.hash {
            self.fault(AuditFault::Changed { seq: entry.seq });
        }
        self.entries += 1;
        self.last = Head {
            seq: entry.seq,
            hash: entry.hash.clone(),
        };
    }

    /// Compares with the recorded head and gives the report.
    #[must_use]
    pub fn finish(mut self, head: &Head) -> AuditReport {
        if *head != self.last {
            self.fault(AuditFault::HeadDiffers {
                expected: head.seq,
                found: self.last.seq,
            });
        }
        AuditReport {
            entries: self.entries,
            head: self.last,
            faults: self.faults,
        }
    }

    /// The number of the last entry seen.
    #[must_use]
    pub fn at(&self) -> i64 {
        self.last.seq
    }

    fn fault(&mut self, fault: AuditFault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}
