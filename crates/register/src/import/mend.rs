//! The file of faults: rows of the file with what is wrong with them in front, as a CSV that can be mended and sent again. Its
//! two columns of ours are left out when it comes back. Where nothing went in it has all rows, else the faulty ones.
//! Refuses to hand a spreadsheet a formula that it would run.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};

use kernel::Lang;
use stranger::{Cell, Head, Row};

use super::RowFault;
use super::choices::Mode;
use crate::kind::Kind;
use crate::record::view::wrong_words;

/// Headings of the columns that are ours, which guesses leave out.
const OWN: [&str; 2] = ["Dòng / Row", "Lỗi / Faults"];
/// Most bytes of the file.
const BYTES_MAX: u64 = 1 << 30;

/// A file of faults in the making.
pub(super) struct Mend {
    file: BufWriter<File>,
    bytes: u64,
    mode: Mode,
    width: usize,
    has_shape: bool,
    rows: u64,
}

impl Mend {
    pub(super) fn new(folder: &std::path::Path, head: &Head, mode: Mode) -> io::Result<Self> {
        let mut own = Self {
            file: BufWriter::new(tempfile::tempfile_in(folder)?),
            bytes: 0,
            mode,
            width: head.columns.len(),
            has_shape: head.has_shape,
            rows: 0,
        };
        let mut cells: Vec<String> = OWN.iter().map(|name| (*name).to_owned()).collect();
        cells.extend(head.columns.iter().cloned());
        if head.has_shape {
            cells.push("geometry".to_owned());
        }
        own.file.write_all("\u{feff}".as_bytes())?;
        own.line(&cells)?;
        Ok(own)
    }

    /// Writes a row with what is wrong with it.
    pub(super) fn row(&mut self, kind: &Kind, row: &Row, faults: &[RowFault]) -> io::Result<()> {
        if (faults.is_empty() && self.mode == Mode::Good) || self.bytes > BYTES_MAX {
            return Ok(());
        }
        self.rows += u64::from(!faults.is_empty());
        let words = |fault: &RowFault| {
            let words = wrong_words(kind, &fault.wrong);
            let words = words.get(Lang::Vi).to_owned();
            if fault.column.is_empty() {
                words
            } else {
                format!("{}: {words}", fault.column)
            }
        };
        let told: Vec<String> = faults.iter().map(words).collect();
        let mut cells = vec![row.line.to_string(), told.join(" | ")];
        let width = self.width + usize::from(self.has_shape);
        cells.extend((0..width).map(|at| row.cells.get(at).map_or_else(String::new, text)));
        self.line(&cells)
    }

    fn line(&mut self, cells: &[String]) -> io::Result<()> {
        let line = cells
            .iter()
            .map(|cell| web::download::csv_cell(cell))
            .collect::<Vec<_>>()
            .join(",");
        self.bytes += line.len() as u64 + 2;
        self.file.write_all(line.as_bytes())?;
        self.file.write_all(b"\r\n")
    }

    /// The file, when a row of it is faulty.
    pub(super) fn finish(mut self) -> io::Result<Option<File>> {
        self.file.flush()?;
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok((self.rows > 0).then_some(file))
    }
}

/// Whether a heading is one of ours.
pub(super) fn is_own(heading: &str) -> bool {
    OWN.contains(&heading)
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty | Cell::Fault(_) => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Bool(yes) => yes.to_string(),
        Cell::Shape(bytes) => crate::geometry::Shape::from_wkb(bytes)
            .map(|shape| shape.to_geojson().to_string())
            .unwrap_or_default(),
    }
}
