//! Reads published lists of administrative procedures into [`Procedure`](crate::procedure::Procedure)s: the flat copy of the national portal, whose
//! tables were run together into text, the nested copy of one ministry, and our own cleaned lines. Pure: it stores nothing.
//! Refuses to guess: what cannot be read stays out and is listed in the [`ReadReport`] with code, field, reason and excerpt.
//! Law: NĐ 63/2010/NĐ-CP (parts of a procedure), NĐ 61/2018/NĐ-CP.

mod channels;
mod components;
mod fees;
mod file_names;
mod flat;
mod legal;
mod lines;
mod nested;
mod report;
mod shipped;
#[cfg(test)]
mod tests;
mod text;

pub use lines::{CatalogueError, Edition, Reading, read, write};
pub use report::{FieldCount, ReadReport, SourceField, Unread};
pub use shipped::shipped;
