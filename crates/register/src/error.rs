//! What can go wrong with a register, for pages and for clients. Owns what is wrong with single fields of a record.
//! Refuses personal data: every variant may end in a log.

use definition::Unfit;
use identity::person::PersonError;
use identity::policy::PolicyError;
use kernel::{ErrorKind, Fault};
use store::StoreError;
use stranger::{CellFault, Refusal};

use crate::export::ExportError;
use crate::geometry::GeometryFault;

/// Why one field, or the record as a whole, is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The field refuses the value.
    Unfit(Unfit),
    /// The text cannot be read as a value of the field's type.
    Unreadable,
    /// The code is not in its list.
    Code,
    /// There is no such field, or not for whoever sends it.
    Unknown,
    /// A rule of the kind is broken; the name of its text.
    Rule(String),
    /// Coordinates are wrong.
    Geometry(GeometryFault),
    /// A cell of a file that has no value.
    Cell(CellFault),
    /// Another record has this key; where, when it stands in the same file.
    Duplicate(Option<u64>),
}

/// Something that is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Name of the field; the name of the rule for a rule, `geometry` for coordinates.
    pub field: String,
    /// What is wrong.
    pub what: What,
}

impl Wrong {
    pub(crate) fn new(field: impl Into<String>, what: What) -> Self {
        Self {
            field: field.into(),
            what,
        }
    }
}

/// A fault of a register.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// No such register, kind or record; or not for whoever asks.
    #[error("no such register or record")]
    NotFound,
    /// The record does not fit its definition.
    #[error("{} faults in a record", .0.len())]
    Invalid(Vec<Wrong>),
    /// Somebody changed the record since it was read.
    #[error("the record is at revision {now}, not {seen}")]
    Stale {
        /// The revision that was seen.
        seen: i64,
        /// The revision that holds.
        now: i64,
    },
    /// Another record has the same key.
    #[error("another record has the same key")]
    Duplicate,
    /// A change or a correction without a reason.
    #[error("a reason is missing")]
    ReasonMissing,
    /// A change that would begin to hold before the version before it, or after today.
    #[error("a version cannot begin to hold on that day")]
    Day,
    /// Nothing would be different.
    #[error("nothing is different")]
    Same,
    /// A write without the revision it is based on.
    #[error("the write does not say on which revision it is based")]
    RevisionMissing,
    /// A personal field was asked for without a purpose.
    #[error("a personal field was asked for without a purpose")]
    PurposeMissing,
    /// A file is being brought in already.
    #[error("an import into this kind is running")]
    ImportRuns,
    /// The file is no CSV of this kind.
    #[error("the file cannot be read: {0}")]
    File(String),
    /// The file is none that can be read.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Columns are led to fields that are none, or two to one field: these; to none at all without any.
    #[error("columns of the file are led to {0:?}")]
    Mapping(Vec<String>),
    /// The file is at another stage of its way.
    #[error("the import is at another stage")]
    Stage,
    /// Records of the import were changed since, so that it is not taken back.
    #[error("{0} records of the import were changed since")]
    ChangedSince(u64),
    /// A definition that the stored records do not allow.
    #[error("{0}")]
    Definition(String),
    /// Who asks may not.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A person as typed cannot be.
    #[error(transparent)]
    Person(#[from] PersonError),
    /// A place in the order of changes that is no longer kept.
    #[error("changes since then are no longer kept")]
    Gone,
    /// An address that a subscription may not have.
    #[error("{0}")]
    Address(String),
    /// An officer saved as many views of a list as she may.
    #[error("too many saved views")]
    TooManyViews,
    /// A file that was not made.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for RegisterError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Invalid(_)
            | Self::ReasonMissing
            | Self::Day
            | Self::Same
            | Self::RevisionMissing
            | Self::File(_)
            | Self::Mapping(_) => ErrorKind::Invalid,
            Self::Refused(Refusal::Broken { .. }) => ErrorKind::Unavailable,
            Self::Refused(_) => ErrorKind::Invalid,
            Self::Stale { .. } | Self::Duplicate | Self::ImportRuns | Self::Stage | Self::ChangedSince(_) => {
                ErrorKind::Conflict
            }
            Self::PurposeMissing => ErrorKind::Forbidden,
            Self::Gone => ErrorKind::Gone,
            Self::TooManyViews => ErrorKind::Conflict,
            Self::Address(_) => ErrorKind::Invalid,
            Self::Definition(_) => ErrorKind::Internal,
            Self::Policy(error) => error.kind(),
            Self::Person(error) => error.kind(),
            Self::Export(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "register-not-found",
            Self::Invalid(_) => "register-invalid",
            Self::Stale { .. } => "register-stale",
            Self::Duplicate => "register-duplicate",
            Self::ReasonMissing => "register-reason-missing",
            Self::Day => "register-day",
            Self::Same => "register-same",
            Self::RevisionMissing => "register-revision-missing",
            Self::PurposeMissing => "register-purpose-missing",
            Self::Gone => "register-gone",
            Self::TooManyViews => "register-too-many-views",
            Self::Address(_) => "register-hook-address",
            Self::ImportRuns => "register-import-runs",
            Self::File(_) => "register-file",
            Self::Refused(refusal) => refusal_code(refusal),
            Self::Mapping(_) => "register-mapping",
            Self::Stage => "register-stage",
            Self::ChangedSince(_) => "register-changed-since",
            Self::Definition(_) => "register-definition",
            Self::Policy(error) => error.code(),
            Self::Person(error) => error.code(),
            Self::Export(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Stale { seen, now } => vec![("seen", seen.to_string()), ("now", now.to_string())],
            Self::ChangedSince(n) => vec![("n", n.to_string())],
            Self::Refused(refusal) => vec![("what", refusal.to_string())],
            Self::Policy(error) => error.args(),
            Self::Person(error) => error.args(),
            Self::Store(error) => error.args(),
            _ => Vec::new(),
        }
    }
}

/// The code of what is wrong with a file as a whole.
fn refusal_code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Empty => "register-file-empty",
        Refusal::Format { .. } => "register-file-format",
        Refusal::Damaged { .. } => "register-file-damaged",
        Refusal::TooLarge { .. } => "register-file-too-large",
        Refusal::NoLayer => "register-file-no-layer",
        Refusal::NoColumns => "register-file-no-columns",
        Refusal::Broken { .. } => "register-file-broken",
    }
}
