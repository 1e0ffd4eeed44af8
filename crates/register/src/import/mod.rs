//! A file that becomes records. It is handed in and looked at (`preview`), its columns are led to fields, every row is checked
//! and every fault listed with row and column, then rows go in by the hundred, each part a write of its own, so that others
//! write in between. What has come in is seen by nobody until the last part is. A killed or paused import goes on where it
//! stood; one that is in can be taken back whole, with a reason.
//! Refuses people in files: they are not sealed there. Files are read in a child process (crate `stranger`).

pub mod child;
mod choices;
mod convert;
mod guess;
pub mod http;
mod look;
mod mend;
pub(crate) mod store;
mod take;
mod undo;
mod view;
mod work;
mod write;

use std::path::PathBuf;

use ::store::blob::BlobId;
use identity::{AccountId, UnitId};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Wrong;
use crate::house::By;
use crate::kind::Kind;

pub use child::Reader;
pub use choices::{Choices, Mode, Part};
#[cfg(test)]
pub(crate) use take::look_for_tests;
pub use take::{Done, Progress};
pub use work::{JOB, jobs};

/// Faults that are listed; more are only counted.
pub const FAULTS_MAX: usize = 1_000;
/// Rows of one write.
pub(crate) const CHUNK_ROWS: usize = 500;
/// Most rows of a file.
pub const ROWS_MAX: u64 = 2_000_000;
/// Most bytes of a file, unless the configuration says otherwise.
pub const FILE_BYTES_DEFAULT: u64 = 512 << 20;
/// Days after which a file that nobody went on with is forgotten, and the file of faults with it.
pub const KEPT_DAYS: i64 = 30;

/// How files come in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What reads them.
    pub reader: Reader,
    /// Most bytes of one.
    pub bytes_max: u64,
    /// Where one lies, without a name, while it is read.
    pub folder: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reader: Reader::default(),
            bytes_max: FILE_BYTES_DEFAULT,
            folder: std::env::temp_dir(),
        }
    }
}

kernel::words! {
    /// Whether the rows of an import are seen.
    State {
        /// Rows come in or go, and nobody sees them.
        Open = "open",
        /// All of them are in.
        Done = "done",
        /// None of them is.
        Undone = "undone",
    }
}

kernel::words! {
    /// Where a file stands on its way.
    Stage {
        /// It was handed in; columns are being led to fields.
        Preview = "preview",
        /// Its rows are looked at.
        Checking = "checking",
        /// They were looked at; somebody has to say go on.
        Checked = "checked",
        /// Its rows come in.
        Writing = "writing",
        /// Somebody stopped it while rows came in.
        Paused = "paused",
        /// Its rows are in.
        Done = "done",
        /// Its rows are being taken back.
        Undoing = "undoing",
        /// They were taken back.
        Undone = "undone",
        /// It was given up before any row was in.
        Dropped = "dropped",
    }
}

::store::value_via_display!(State);
::store::value_via_display!(Stage);

impl Stage {
    /// Whether the program works on it, so that a page asks again by itself.
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(self, Self::Checking | Self::Writing | Self::Undoing)
    }

    /// Whether nothing more happens to it by itself or by anybody, but for taking it back.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Undone | Self::Dropped)
    }
}

/// One import, as its rows name it.
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

/// A file on its way into a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Its id; the import that it becomes has the same.
    pub id: Uuid,
    /// The system.
    pub system: String,
    /// The kind of record.
    pub kind: String,
    /// The unit that will keep the records.
    pub unit: UnitId,
    /// Who handed it in.
    pub account: Option<AccountId>,
    /// Her name.
    pub who: String,
    /// Name of the file.
    pub file_name: String,
    /// Its bytes.
    pub size: i64,
    /// The file, sealed; none when it came from the command line or is no longer needed.
    pub source: Option<BlobId>,
    /// Its head and first rows, sealed.
    pub sample: Option<BlobId>,
    /// Its faulty rows with what is wrong with them, sealed.
    pub mended: Option<BlobId>,
    /// Where it stands.
    pub stage: Stage,
    /// What was chosen for it.
    pub choices: Choices,
    /// What was found.
    pub report: Report,
    /// Rows that there are, once they were counted.
    pub rows_total: i64,
    /// Rows that were looked at or written in this stage.
    pub rows_done: i64,
    /// Rows that became records.
    pub rows_taken: i64,
    /// Who works on it: another one's parts are refused.
    pub holder: Option<Uuid>,
    /// Whether it is to stop at the next part.
    pub is_stopping: bool,
    /// Why it was taken back.
    pub reason: Option<String>,
    /// Who took it back.
    pub undone_by: Option<String>,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// When it last moved.
    pub touched_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl Batch {
    /// A file that was just handed in.
    pub(crate) fn new(id: Uuid, kind: &Kind, by: &By, (file_name, size): (String, i64), now: Timestamp) -> Self {
        Self {
            id,
            system: kind.system.code.clone(),
            kind: kind.record.name.clone(),
            unit: by.unit,
            account: by.account,
            who: by.who.clone(),
            file_name,
            size,
            source: None,
            sample: None,
            mended: None,
            stage: Stage::Preview,
            choices: Choices::default(),
            report: Report::default(),
            rows_total: 0,
            rows_done: 0,
            rows_taken: 0,
            holder: None,
            is_stopping: false,
            reason: None,
            undone_by: None,
            created_at: now,
            touched_at: now,
            ended_at: None,
        }
    }
}

/// What looking at a file found. It holds no value of any cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Faults, the first of them in words.
    pub faults: Vec<Told>,
    /// How many faults there are.
    pub faults_total: u64,
    /// Rows with a fault.
    pub rows_faulty: u64,
    /// Rows that are perhaps there already under another key: their name, folded, is that of another.
    pub alike: Vec<Alike>,
    /// How many there are.
    pub alike_total: u64,
    /// Records that lie outside of Viet Nam.
    pub outside: u64,
    /// Of these, those that lie in Viet Nam when their two coordinates are exchanged.
    pub swapped: u64,
    /// Formulas whose saved value is taken.
    pub formulas: u64,
    /// Areas of merged cells.
    pub merged: u64,
    /// Shapes whose heights are left out.
    pub heights: u64,
    /// Why the file could not be read, by the key of its text.
    pub refusal: Option<String>,
}

/// A fault in words, for pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The row.
    pub row: u64,
    /// The column.
    pub column: String,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// A row that is like another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alike {
    /// The row.
    pub row: u64,
    /// The row of the same file that is like it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_row: Option<u64>,
    /// The record that is like it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Uuid>,
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
