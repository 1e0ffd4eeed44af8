//! What an administrator may do to the units, as commands with a day and a reason.
//! It refuses a change of what was: history is corrected by a new entry with its reason.

use super::{CodeEntry, UnitChangeId, UnitId, UnitKind};
use crate::area::AreaId;
use jiff::civil::Date;
use kernel::{AgencyCode, Bilingual};

/// A unit to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUnit {
    /// Its id, made before the transaction.
    pub id: UnitId,
    /// Its kind.
    pub kind: UnitKind,
    /// Its name.
    pub name: Bilingual,
    /// Its code, if it has one.
    pub code: Option<CodeEntry>,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// The area it serves.
    pub area: Option<AreaId>,
    /// Name of its working hours.
    pub working_hours: String,
    /// Sectors it is competent for.
    pub sectors: Vec<String>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// Opens a unit; the day is its first.
    Open(Box<NewUnit>),
    /// Gives a unit another name from the day on.
    Rename {
        /// The unit.
        unit: UnitId,
        /// The new name.
        name: Bilingual,
    },
    /// Gives a unit another code from the day on.
    Recode {
        /// The unit.
        unit: UnitId,
        /// The new code.
        code: AgencyCode,
        /// Whether somebody has read it in the decision that issued it.
        verified: bool,
    },
    /// Puts a unit below another one from the day on.
    Move {
        /// The unit.
        unit: UnitId,
        /// The unit above.
        parent: UnitId,
    },
    /// Closes a unit; the day is the first on which it is no more. Its tasks go to `successors`.
    Close {
        /// The unit.
        unit: UnitId,
        /// The units that follow it; may be none.
        successors: Vec<UnitId>,
    },
    /// Merges units into one of them or another: the others close, what lies below them moves.
    Merge {
        /// The units that go.
        units: Vec<UnitId>,
        /// The unit that stays.
        into: UnitId,
    },
}

impl ChangeKind {
    /// The word in the history and the audit log.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::Rename { .. } => "rename",
            Self::Recode { .. } => "recode",
            Self::Move { .. } => "move",
            Self::Close { .. } => "close",
            Self::Merge { .. } => "merge",
        }
    }

    /// The unit whose history tells of it first.
    pub fn unit(&self) -> UnitId {
        match self {
            Self::Open(new) => new.id,
            Self::Rename { unit, .. }
            | Self::Recode { unit, .. }
            | Self::Move { unit, .. }
            | Self::Close { unit, .. } => *unit,
            Self::Merge { into, .. } => *into,
        }
    }
}

/// A change with its day and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its id, made before the transaction.
    pub id: UnitChangeId,
    /// What is done.
    pub kind: ChangeKind,
    /// The first day on which it holds.
    pub on: Date,
    /// Why: number and date of the decision, in words.
    pub reason: String,
}
