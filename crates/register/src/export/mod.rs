//! Files that records leave in: CSV, XLSX, GeoJSON, GeoPackage, FlatGeobuf, Parquet. Owns the shape that all of them share (a
//! layout, rows of cells, a place) and the way of a register's rows into it. A file is made beside the database at constant memory,
//! under a quota, before its first byte leaves: a slow reader holds up nobody.
//! Refuses personal fields without a purpose.
//!
//! ```no_run
//! # fn sample(layout: register::export::Layout, shape: register::geometry::Shape) -> Result<(), register::export::ExportError> {
//! use register::export::{Cell, Format};
//! let mut file = Format::Csv.create(layout, std::path::Path::new("/tmp/trees.csv"))?;
//! file.row(&[Cell::Text("LA-000001".to_owned()), Cell::Number(125)], Some(&shape))?;
//! file.finish()
//! # }
//! ```

mod csv;
mod flatgeobuf;
mod geojson;
mod geopackage;
pub(crate) mod http;
mod parquet;
mod rows;
mod spool;
pub(crate) mod store;
mod system;
#[cfg(test)]
mod tests;
mod xlsx;

use std::path::Path;

use definition::Geometry;
use kernel::{Bilingual, Date, ErrorKind, Fault, Timestamp};

use crate::geometry::crs::Crs;
use crate::geometry::{GeometryFault, Shape};

pub use rows::{People, Wanted};
pub use spool::{Made, Quota, Spool};

kernel::words! {
    /// A kind of file.
    Format {
        /// Comma-separated values, UTF-8.
        Csv = "csv",
        /// A workbook; a sheet holds 1,048,575 rows, further ones follow.
        Xlsx = "xlsx",
        /// RFC 7946.
        GeoJson = "geojson",
        /// OGC 12-128r19.
        GeoPackage = "gpkg",
        /// FlatGeobuf 3, with a packed index.
        FlatGeobuf = "fgb",
        /// Apache Parquet, with the metadata of GeoParquet 1.1.
        Parquet = "parquet",
    }
}

impl Format {
    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::GeoJson => "application/geo+json",
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::FlatGeobuf => "application/flatgeobuf",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// How its files end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::GeoJson => "geojson",
            Self::GeoPackage => "gpkg",
            Self::FlatGeobuf => "fgb",
            Self::Parquet => "parquet",
        }
    }

    /// Whether every row must be able to have a place.
    #[must_use]
    pub const fn needs_geometry(self) -> bool {
        matches!(self, Self::GeoJson | Self::FlatGeobuf)
    }

    /// Begins a file. `finish` it, or it is none.
    ///
    /// # Errors
    /// `Io`, or what the kind of file says of the layout.
    pub fn create(self, layout: Layout, path: &Path) -> Result<Box<dyn Sink>, ExportError> {
        if self.needs_geometry() && layout.geometry.is_none() {
            return Err(ExportError::NoPlace);
        }
        Ok(match self {
            Self::Csv => Box::new(csv::File::create(layout, path)?),
            Self::Xlsx => Box::new(xlsx::File::create(layout, path)?),
            Self::GeoJson => Box::new(geojson::File::create(layout, path)?),
            Self::GeoPackage => Box::new(geopackage::File::create(layout, path)?),
            Self::FlatGeobuf => Box::new(flatgeobuf::File::create(layout, path)?),
            Self::Parquet => Box::new(parquet::File::create(layout, path)?),
        })
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Boolean,
    /// Text.
    Text,
    /// A scaled integer with so many decimals.
    Number(u8),
    /// A day.
    Date,
    /// A moment.
    Time,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name: lower-case letters, digits, underscores.
    pub name: String,
    /// Its label.
    pub label: Bilingual,
    /// What it holds.
    pub ty: Type,
}

/// One value. A number is a scaled integer; its column says with how many decimals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// Text.
    Text(String),
    /// A scaled integer.
    Number(i64),
    /// A day.
    Date(Date),
    /// A moment.
    Time(Timestamp),
}

/// What the columns are headed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Programs: names of fields, texts as they are.
    Programs,
    /// People with a spreadsheet: labels of a language; CSV with a byte-order mark, no cell of which is taken for a formula.
    People(kernel::Lang),
}

/// What a file holds, before its first row.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Name of the layer: lower-case letters, digits, underscores.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Its columns.
    pub fields: Vec<Field>,
    /// What every place is; none without places.
    pub geometry: Option<Geometry>,
    /// The system that places are written in, east first.
    pub crs: &'static Crs,
    /// Who reads it.
    pub readers: Readers,
    /// Where it comes from, of which day, under which licence; in the formats that have a place for it.
    pub about: String,
}

impl Layout {
    /// The heading of a column.
    fn heading<'a>(&self, field: &'a Field) -> &'a str {
        match self.readers {
            Readers::Programs => &field.name,
            Readers::People(lang) => field.label.get(lang),
        }
    }

    /// A place in the system of the file; borrowed where it is stored so.
    fn placed<'a>(&self, place: &'a Shape) -> Result<std::borrow::Cow<'a, Shape>, ExportError> {
        if self.crs.is_stored() {
            return Ok(std::borrow::Cow::Borrowed(place));
        }
        let there = place.try_map(|at| self.crs.from_wgs84(at))?;
        Ok(std::borrow::Cow::Owned(there))
    }

    /// The number of the system in the register of EPSG; 4326 for longitude and latitude.
    fn epsg(&self) -> i32 {
        let number = self.crs.code.strip_prefix("EPSG:").and_then(|code| code.parse().ok());
        number.unwrap_or(4_326)
    }
}

/// A file in the making.
pub trait Sink: Send {
    /// Adds a row: a cell for each column, in their order.
    ///
    /// # Errors
    /// `Io`; `Format` for a value that the kind of file cannot hold; `Place` for one that its system does not have.
    fn row(&mut self, cells: &[Cell], place: Option<&Shape>) -> Result<(), ExportError>;

    /// Ends the file.
    ///
    /// # Errors
    /// As [`Sink::row`].
    fn finish(self: Box<Self>) -> Result<(), ExportError>;
}

/// Why a file was not made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The disk.
    #[error("a file could not be written: {0}")]
    Io(#[from] std::io::Error),
    /// The kind of file does not take this.
    #[error("{0}")]
    Format(String),
    /// A kind of file that is nothing without places, for rows that have none.
    #[error("this kind of file needs places")]
    NoPlace,
    /// A place that the wanted system does not have.
    #[error("a place that the wanted system of coordinates does not have: {0}")]
    Place(#[from] GeometryFault),
    /// The files in the making would take more room than they may.
    #[error("exports may take {0} bytes together")]
    Quota(u64),
    /// As many files as may be are being made.
    #[error("as many files as may be are being made")]
    Busy,
}

impl Fault for ExportError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Io(_) | Self::Format(_) => ErrorKind::Internal,
            Self::NoPlace | Self::Place(_) => ErrorKind::Invalid,
            Self::Quota(_) => ErrorKind::TooLarge,
            Self::Busy => ErrorKind::Busy { retry_after_s: 20 },
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Io(_) | Self::Format(_) => "register-export-failed",
            Self::NoPlace => "register-export-no-place",
            Self::Place(_) => "register-export-place",
            Self::Quota(_) => "register-export-quota",
            Self::Busy => "register-export-busy",
        }
    }
}

/// A scaled integer as digits with a point, into a buffer that is kept.
fn digits(out: &mut String, units: i64, scale: u8) {
    use std::fmt::Write as _;
    // Writing to a string cannot fail.
    let _ = if scale == 0 {
        write!(out, "{units}")
    } else {
        let whole = units.unsigned_abs();
        let unit = 10_u64.pow(u32::from(scale.min(18)));
        let sign = if units < 0 { "-" } else { "" };
        write!(
            out,
            "{sign}{}.{:0width$}",
            whole / unit,
            whole % unit,
            width = usize::from(scale)
        )
    };
}

/// A scaled integer as the nearest floating-point number, for formats that have no other with decimals.
fn float(units: i64, scale: u8) -> f64 {
    units as f64 / 10_f64.powi(i32::from(scale))
}
