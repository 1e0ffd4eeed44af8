//! The archive: everything a province has stored, in one file that no engine and no version of this program owns.
//! Owns its form, export and import. It holds no keys: sealed values stay sealed, and open with the province's key file.
//! Refuses to import into anything but an empty store of the same schema, so that nothing is ever merged by accident; the
//! schema of an older archive is made first and brought forward afterwards.
//!
//! # Form
//!
//! A tar file (gzip when its name ends in `.gz`), written and read in one pass with bounded memory:
//!
//! ```text
//! archive.json                 Header: format, time, schema, tables with the kinds of their columns
//! blobs/ID                     the object of a blob, as it is stored (sealed if personal)
//! tables/NAME/000001.jsonl     rows, one JSON array a line, values in the order of the header's columns
//! manifest.json                Manifest: rows and SHA-256 of each table; an archive without it was cut off
//! ```
//!
//! | kind | JSON |
//! |---|---|
//! | `bool`, `int`, `text` | as they are; a whole number has up to 19 digits |
//! | `float` | number (of the two zeros the positive one), or `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | `bytes` | text, base64 |
//! | `uuid`, `date` | text, `2026-11-22` |
//! | `time` | text, RFC 3339 in UTC, to the microsecond |
//! | `json` | array of the one document, its names sorted |
//!
//! Rows are ordered by primary key. Equal contents give equal tables whatever the engine.

mod error;
mod export;
mod import;
mod input;
mod later;
mod output;
mod refuse;
mod target;
#[cfg(test)]
mod tests;
mod upgrade;
pub(crate) mod value;

use std::collections::BTreeMap;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

pub use error::ArchiveError;
pub(crate) use export::{BlockingReader, copy_object};
pub use export::{ExportReport, export};
pub(crate) use import::copy_in;
pub use import::{ImportReport, import};
pub(crate) use output::{Output, sync_folder_of};
pub use refuse::refuse_half_imported;
pub use upgrade::import_and_upgrade;

use crate::catalog::{Schema, Table};

pub(crate) const FORMAT: u32 = 1;
pub(crate) const HEADER: &str = "archive.json";
pub(crate) const MANIFEST: &str = "manifest.json";

/// Tables that say something of one database and not of the province: an import leaves its own in place.
pub(crate) const OF_THE_DATABASE: [&str; 4] = ["schema_migration", "key_check", "import_mark", "search_index"];

/// What stands at the head of an archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    /// Version of the form of the archive.
    pub format: u32,
    /// The engine it came from: `sqlite` or `postgres`. For information.
    pub engine: String,
    /// The moment whose state it holds.
    pub taken_at: Timestamp,
    /// Whether it was saved from a damaged database and may lack rows; the manifest lists what is lost.
    pub salvaged: bool,
    /// The migrations of the schema: set and name, in order.
    pub migrations: Vec<(String, String)>,
    /// A sealed constant that only the right key file opens (hexadecimal).
    pub key_check: Option<String>,
    /// The statements that made tables from definitions, in PostgreSQL's words and in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub built: Vec<String>,
    /// The tables in the order of their rows.
    pub tables: Vec<TableHead>,
}

/// A table, as the header describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableHead {
    /// Its name.
    pub name: String,
    /// Names and kinds of its columns.
    pub columns: Vec<(String, Kind)>,
}

/// Kind of a column, by its name in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the table above says what each is")]
pub enum Kind {
    Bool,
    Int,
    Float,
    Text,
    Bytes,
    Uuid,
    Time,
    Date,
    Json,
}

/// What stands at the end of an archive.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// Rows and SHA-256 of the lines of each table.
    pub tables: BTreeMap<String, TableSum>,
    /// The last number that each numbering table has given out.
    pub numbers: BTreeMap<String, i64>,
    /// The objects of blobs.
    pub blobs: BlobSum,
    /// What could not be read (salvage only).
    pub lost: Vec<Lost>,
    /// What the engine's own check says of tables that were saved (salvage only): rows may be missing unseen.
    #[serde(default)]
    pub doubts: Vec<String>,
}

/// Rows of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    /// How many.
    pub rows: u64,
    /// SHA-256 of their lines, in hexadecimal.
    pub sha256: String,
}

/// Objects of blobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobSum {
    /// How many.
    pub count: u64,
    /// Their length together, as stored, in bytes.
    pub bytes: u64,
    /// SHA-256 over id, length and SHA-256 of each, in their order.
    pub sha256: String,
    /// Blobs whose object was not there.
    pub missing: Vec<String>,
}

/// Rows that a salvage could not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// The table.
    pub table: String,
    /// First and last row number (SQLite's rowid) of a stretch that cannot be read; it may hold fewer rows, or none.
    pub rowids: (i64, i64),
    /// What the engine said.
    pub reason: String,
}

/// The tables of a schema that an archive carries.
pub(crate) fn carried(schema: &Schema) -> impl Iterator<Item = &Table> {
    schema
        .tables
        .iter()
        .filter(|table| !OF_THE_DATABASE.contains(&table.name.as_str()))
}

pub(crate) fn head_of(table: &Table) -> TableHead {
    let columns = table
        .columns
        .iter()
        .map(|column| (column.name.clone(), Kind::from(column.kind)))
        .collect();
    TableHead {
        name: table.name.clone(),
        columns,
    }
}
