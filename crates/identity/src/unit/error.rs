//! Why a change of the units is refused.
//! Each names the unit and the day, so that the administrator can see why.

use super::UnitId;
use jiff::civil::Date;
use kernel::{ErrorKind, Fault};

/// A fault of units.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// No such unit.
    #[error("no unit {0}")]
    NoUnit(UnitId),
    /// The unit does not exist on the day of the change.
    #[error("unit {unit} does not exist on {on}")]
    NotInForce {
        /// The unit.
        unit: UnitId,
        /// The day.
        on: Date,
    },
    /// Something about the unit already changed on that day or later.
    #[error("unit {unit} already changed on {last}; a change must come after that")]
    BeforeLastChange {
        /// The unit.
        unit: UnitId,
        /// The first day of its newest state.
        last: Date,
    },
    /// The change would put a unit below itself.
    #[error("unit {unit} would stand below itself")]
    Ring {
        /// The unit.
        unit: UnitId,
    },
    /// A unit of that kind does not stand below one of the other kind.
    #[error("a unit of kind {kind} does not stand below {parent}")]
    KindDoesNotFit {
        /// The kind of the unit.
        kind: &'static str,
        /// The kind above, `nothing` for the top.
        parent: &'static str,
    },
    /// No unit of that kind is opened any more.
    #[error("no unit of kind {kind} is opened on {on}")]
    KindIsOver {
        /// The kind.
        kind: &'static str,
        /// The day.
        on: Date,
    },
    /// Another unit has the code on that day.
    #[error("code {code} belongs to unit {holder}")]
    CodeTaken {
        /// The code.
        code: String,
        /// Its holder.
        holder: UnitId,
    },
    /// Units below it are still open.
    #[error("{open} units below {unit} are still open")]
    HasOpenUnits {
        /// The unit.
        unit: UnitId,
        /// How many.
        open: usize,
    },
    /// No reason was given.
    #[error("a change needs a reason")]
    NoReason,
    /// The name is empty.
    #[error("a unit needs a name")]
    NoName,
    /// A unit cannot be merged into itself, or nothing is to be merged.
    #[error("nothing to merge")]
    NothingToMerge,
    /// Nothing would change.
    #[error("nothing would change")]
    NoChange,
    /// A province profile is faulty.
    #[error("{file}: {reason}")]
    Profile {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The areas could not be read.
    #[error(transparent)]
    Area(#[from] crate::area::AreaError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] ::store::StoreError),
}

impl Fault for UnitError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoUnit(_) => ErrorKind::NotFound,
            Self::NotInForce { .. }
            | Self::BeforeLastChange { .. }
            | Self::Ring { .. }
            | Self::CodeTaken { .. }
            | Self::HasOpenUnits { .. }
            | Self::NoChange => ErrorKind::Conflict,
            Self::KindDoesNotFit { .. }
            | Self::KindIsOver { .. }
            | Self::NoReason
            | Self::NoName
            | Self::NothingToMerge => ErrorKind::Invalid,
            Self::Profile { .. } => ErrorKind::Internal,
            Self::Area(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoUnit(_) => "unit-none",
            Self::NotInForce { .. } => "unit-not-in-force",
            Self::BeforeLastChange { .. } => "unit-before-last-change",
            Self::Ring { .. } => "unit-ring",
            Self::KindDoesNotFit { .. } => "unit-kind-does-not-fit",
            Self::KindIsOver { .. } => "unit-kind-is-over",
            Self::CodeTaken { .. } => "unit-code-taken",
            Self::HasOpenUnits { .. } => "unit-has-open-units",
            Self::NoReason => "unit-no-reason",
            Self::NoName => "unit-no-name",
            Self::NothingToMerge => "unit-nothing-to-merge",
            Self::NoChange => "unit-no-change",
            Self::Profile { .. } => "unit-profile",
            Self::Area(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotInForce { on, .. } => vec![("day", on.strftime("%d/%m/%Y").to_string())],
            Self::BeforeLastChange { last, .. } => vec![("day", last.strftime("%d/%m/%Y").to_string())],
            Self::CodeTaken { code, .. } => vec![("code", code.clone())],
            Self::HasOpenUnits { open, .. } => vec![("count", open.to_string())],
            Self::Area(error) => error.args(),
            Self::Store(error) => error.args(),
            Self::NoUnit(_)
            | Self::Ring { .. }
            | Self::KindDoesNotFit { .. }
            | Self::KindIsOver { .. }
            | Self::NoReason
            | Self::NoName
            | Self::NothingToMerge
            | Self::NoChange
            | Self::Profile { .. } => Vec::new(),
        }
    }
}
