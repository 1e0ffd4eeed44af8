//! Files of strangers: CSV, workbooks, GeoJSON, GeoPackages and zipped shapefiles become one table of rows. Owns the readers,
//! the limits under which they run (`child`), and the words in which a child and its parent speak (`wire`).
//! Refuses to trust a file: what it unpacks to, how deep it nests, how wide and long a row is are bounded, and inside the
//! child there is no file to open and no network. What cannot be a value is told with its row and column, never guessed.
//! Standards: RFC 4180, ISO/IEC 29500, RFC 7946, OGC 12-128r19 (GeoPackage), ESRI Shapefile Technical Description (1998).

mod at;
pub mod child;
mod delimited;
mod geojson;
mod geopackage;
mod shapefile;
mod sheet;
pub mod wire;
mod wkb;
mod zipped;

use std::fs::File;
use std::sync::Arc;

use kernel::charset::{Charset, Found};
use serde::{Deserialize, Serialize};

pub use at::At;

/// Most columns of a table.
pub const COLUMNS_MAX: usize = 500;
/// Most bytes of one cell.
pub const CELL_BYTES_MAX: usize = 1 << 20;
/// Most bytes of one shape: a million vertices are 16 MB.
pub const SHAPE_BYTES_MAX: usize = 48 << 20;
/// Most bytes that an archive may unpack to.
pub const UNPACKED_BYTES_MAX: u64 = 4 << 30;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Text whose cells are parted by a character.
    Csv,
    /// A workbook of Excel 2007 or later.
    Xlsx,
    /// GeoJSON: a collection of features, or one feature a line.
    Geojson,
    /// A GeoPackage.
    Geopackage,
    /// A ZIP archive with a shapefile.
    Shapefile,
}

impl Format {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "Excel (XLSX)",
            Self::Geojson => "GeoJSON",
            Self::Geopackage => "GeoPackage",
            Self::Shapefile => "Shapefile (ZIP)",
        }
    }
}

/// What is asked of a file; what is none is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// How its text is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<Charset>,
    /// What parts the cells of a CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The sheet, layer or shapefile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// The row that names the columns, from 1; CSV and sheets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_row: Option<u64>,
    /// After so many rows enough is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_max: Option<u64>,
}

/// What is known of a table before its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// What the file is.
    pub format: Format,
    /// How its text is written, where that is a question.
    pub charset: Option<Charset>,
    /// Whether that is sure.
    pub is_charset_sure: bool,
    /// What parts its cells.
    pub delimiter: Option<char>,
    /// The sheets, layers, shapefiles that there are.
    pub layers: Vec<String>,
    /// The one that is read.
    pub layer: Option<String>,
    /// The row that names the columns.
    pub heading_row: Option<u64>,
    /// The columns, as they are headed.
    pub columns: Vec<String>,
    /// Whether each row has a shape, as one more cell behind its columns.
    pub has_shape: bool,
    /// The coordinate system as the file names it: `EPSG:4326`, or well-known text.
    pub crs: Option<String>,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where it stands: the line of a text, the row of a sheet, the number of a feature.
    pub line: u64,
    /// Its cells, in the order of the columns; the shape last, where there are shapes. Missing ones are empty.
    pub cells: Vec<Cell>,
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text; days as `2026-10-31`, with their hour as `2026-10-31 08:30`.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// A shape: well-known binary of two dimensions, least significant byte first.
    Shape(Vec<u8>),
    /// Something that is no value.
    Fault(CellFault),
}

/// Why a cell has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellFault {
    /// A formula whose value was not saved.
    Formula,
    /// A formula whose value is an error (`#REF!`).
    Error,
    /// Longer than [`CELL_BYTES_MAX`].
    TooLong,
    /// Bytes that are no text in the file's encoding.
    Charset,
    /// A shape that cannot be read.
    Shape,
    /// A shape of several parts, or of mixed kinds.
    Parts,
    /// A shape with more vertices than [`SHAPE_BYTES_MAX`] holds.
    ShapeTooLarge,
    /// A cell beyond the last column that has a heading.
    Beyond,
}

impl CellFault {
    /// All of them, by their number on the wire.
    pub(crate) const ALL: [Self; 8] = [
        Self::Formula,
        Self::Error,
        Self::TooLong,
        Self::Charset,
        Self::Shape,
        Self::Parts,
        Self::ShapeTooLarge,
        Self::Beyond,
    ];
}

/// What is known after the last row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Rows that were given.
    pub rows: u64,
    /// Whether more follow that were not asked for.
    pub more: bool,
    /// Formulas whose saved value was taken.
    pub formulas: u64,
    /// Areas of merged cells: each of their cells got the value of the first.
    pub merged: u64,
    /// Shapes whose heights or measures were left out.
    pub heights: u64,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum Refusal {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// None of the formats.
    #[error("the file is none of the formats that can be read: {found}")]
    Format {
        /// What it seems to be: `old-excel`, `pdf`, `web-page`, `binary`, `archive`.
        found: String,
    },
    /// It is broken.
    #[error("the file is damaged: {words}")]
    Damaged {
        /// How, in words for whoever made it.
        words: String,
    },
    /// It unpacks to more, or nests deeper, than a bound.
    #[error("the file is larger than can be read: {what}")]
    TooLarge {
        /// Which bound: `unpacked`, `columns`, `row`, `memory`, `time`.
        what: String,
    },
    /// There is no sheet, layer or shapefile of that name.
    #[error("the file has no part of that name")]
    NoLayer,
    /// It has no row that names columns.
    #[error("no row names the columns")]
    NoColumns,
    /// The child could not be started or ended without a word.
    #[error("the reader broke down: {words}")]
    Broken {
        /// What is known of it.
        words: String,
    },
}

impl Refusal {
    /// The file is broken.
    pub fn damaged(words: impl std::fmt::Display) -> Self {
        let words: String = words.to_string().chars().take(300).collect();
        Self::Damaged { words }
    }

    /// A bound was passed.
    #[must_use]
    pub fn too_large(what: &str) -> Self {
        Self::TooLarge { what: what.to_owned() }
    }

    /// The reader could not go on.
    pub fn broken(words: impl std::fmt::Display) -> Self {
        Self::Broken {
            words: words.to_string(),
        }
    }
}

/// What a reader gives, in this order: a head, rows, an end.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// What is known before the rows.
    Head(Head),
    /// A row.
    Row(Row),
    /// What is known after them.
    End(End),
}

/// Takes pieces; an error ends the reading.
pub type Sink<'s> = &'s mut dyn FnMut(Piece) -> Result<(), Refusal>;

/// What a file is, by its first bytes; archives are looked into.
///
/// # Errors
/// `Empty`, `Format`, `Damaged`.
pub fn format_of(file: &Arc<File>) -> Result<Format, Refusal> {
    let mut at = At::new(file.clone()).map_err(Refusal::damaged)?;
    let head = at.head(4096).map_err(Refusal::damaged)?;
    if head.is_empty() {
        return Err(Refusal::Empty);
    }
    if geopackage::is_one(file) {
        return Ok(Format::Geopackage);
    }
    let refuse = |found: &str| {
        Err(Refusal::Format {
            found: found.to_owned(),
        })
    };
    match kernel::charset::found(&head) {
        Found::Zip => zipped::format_of(at),
        Found::OldExcel => refuse("old-excel"),
        Found::Pdf => refuse("pdf"),
        Found::WebPage => refuse("web-page"),
        Found::Utf16 => Ok(Format::Csv),
        Found::Binary => refuse("binary"),
        Found::Utf8 | Found::EightBit => {
            let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
            Ok(if text.starts_with(b"{") || text.starts_with(b"\x1e{") {
                Format::Geojson
            } else {
                Format::Csv
            })
        }
    }
}

/// Reads a file: its head, its rows, its end. A GeoPackage is read through `package`, which was opened before.
///
/// # Errors
/// Why it is not read; what the sink says.
pub fn read(file: &Arc<File>, format: Format, ask: &Ask, sink: Sink<'_>) -> Result<(), Refusal> {
    let at = At::new(file.clone()).map_err(Refusal::damaged)?;
    match format {
        Format::Csv => delimited::read(at, ask, sink),
        Format::Xlsx => sheet::read(at, ask, sink),
        Format::Geojson => geojson::read(at, ask, sink),
        Format::Geopackage => geopackage::read(geopackage::open(file)?, ask, sink),
        Format::Shapefile => shapefile::read(at, ask, sink),
    }
}

/// A text as a cell.
pub(crate) fn text_cell(text: &str) -> Cell {
    if text.len() > CELL_BYTES_MAX {
        return Cell::Fault(CellFault::TooLong);
    }
    match text.trim() {
        "" => Cell::Empty,
        text => Cell::Text(kernel::fold::nfc(text).into_owned()),
    }
}

#[cfg(test)]
mod tests;
