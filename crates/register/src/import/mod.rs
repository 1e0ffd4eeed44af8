//! A file that becomes records, all of it or nothing. It is read twice: first every row is looked at and every fault listed
//! with row and column, then rows go in by the hundred, each part a write of its own, so that others write in between. What
//! has come in is seen by nobody until the last part is; a file that breaks off is taken away again.
//! Refuses people in files: they are not sealed there.

pub mod http;
mod read;
pub(crate) mod store;
mod take;

use identity::{AccountId, UnitId};
use kernel::Timestamp;
use uuid::Uuid;

use crate::error::Wrong;

pub use take::{Done, Progress};

/// Faults that are listed; more are only counted.
pub const FAULTS_MAX: usize = 1_000;
/// Rows of one write.
pub(crate) const CHUNK_ROWS: usize = 500;
/// Most rows of a file.
pub const ROWS_MAX: u64 = 2_000_000;

kernel::words! {
    /// Where an import stands.
    State {
        /// Rows come in, and nobody sees them.
        Open = "open",
        /// All of them are in.
        Done = "done",
        /// None of them is.
        Undone = "undone",
    }
}

::store::value_via_display!(State);

/// One import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its id; its rows carry it.
    pub id: Uuid,
    /// The system.
    pub system: String,
    /// The kind of record.
    pub kind: String,
    /// Name of the file.
    pub file_name: String,
    /// Where it stands.
    pub state: State,
    /// Rows of the file.
    pub rows: i64,
    /// Who brought it in.
    pub account: Option<AccountId>,
    /// Her name.
    pub who: String,
    /// The unit that keeps the records.
    pub unit: UnitId,
    /// When it began.
    pub started_at: Timestamp,
    /// When the last part came in.
    pub touched_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A fault of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The line of the file, from 1; the heading is the first.
    pub row: u64,
    /// The column as it is headed; empty when it is about the whole row.
    pub column: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// Everything that is wrong with a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first of them.
    pub list: Vec<RowFault>,
    /// How many there are.
    pub total: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, row: u64, column: &str, wrong: Wrong) {
        self.total += 1;
        if self.list.len() < FAULTS_MAX {
            self.list.push(RowFault {
                row,
                column: column.to_owned(),
                wrong,
            });
        }
    }
}
