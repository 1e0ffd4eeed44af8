//! Definitions: what a system of a province is, as data. A folder of TOML files becomes one checked [`System`], or every
//! fault of it at once with place and words. It does no input or output, knows no runtime, no database and no page, and
//! reads no clock. What it refuses, it refuses before anything starts: a faulty definition never runs.

mod case;
pub mod effect;
pub mod expression;
mod fault;
mod field;
mod flow;
mod indicator;
pub mod machine;
mod near;
mod open;
mod page;
mod pattern;
pub mod procedure;
mod reader;
mod record;
mod sample;
mod source;
mod surroundings;
mod system;
mod text;
mod words;
mod workflow;

pub use fault::{FAULTS_MAX, Fault, FaultCode, Faults, Place};
pub use field::{
    DateBound, FILE_BYTES_DEFAULT, Field, FieldCheck, FieldKind, MANY_MAX, Many, Sensitivity, TEXT_CHARS_DEFAULT,
    Unfit, UniqueWithin,
};
pub use indicator::{Indicator, Measure, Period, Selection};
pub use open::{Frequency, GEOMETRY, LICENCES, OpenData, SUPPRESS_BELOW_DEFAULT, Theme};
pub use page::ListPage;
pub use pattern::{Pattern, PatternError};
pub use record::{Geometry, RecordKind, RecordRule, TitlePart, Violation};
pub use sample::Sample;
pub use source::FILE_BYTES_MAX;
pub use surroundings::Surroundings;
pub use system::{FILES_MAX, System};
pub use text::Texts;
pub use workflow::{Document, Workflow};
