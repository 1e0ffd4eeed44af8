//! Reads a file of procedures line by line, plain or gzip, whichever of the known shapes each line has, and writes our own:
//! one [`Procedure`] a line.
//! Lines and their length are bounded; a line that cannot be read is noted and the rest goes on.

use std::io::{self, BufRead, BufReader, Read, Write};

use flate2::bufread::MultiGzDecoder;
use kernel::Date;

use super::flat::{self, FlatLine};
use super::nested::{self, NestedLine};
use super::report::{Notes, ReadReport, SourceField};
use crate::procedure::Procedure;

/// Longest line, in bytes: the longest of the national portal has 200 KB.
const LINE_BYTES_MAX: usize = 4 << 20;

/// Most lines of a file: the national catalogue has some 7,000 procedures.
const LINES_MAX: usize = 100_000;

/// Which copy of a list is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// What it is ("Cổng Dịch vụ công quốc gia").
    pub source: String,
    /// The day on which it was copied: no version of a procedure is older than what is known of it.
    pub copied_on: Date,
}

impl Edition {
    /// The words kept with each procedure.
    pub(super) fn source_of(&self, page: &str) -> String {
        let page = page.trim();
        let gap = if page.is_empty() { "" } else { " " };
        format!("{}, {}{gap}{page}", self.source, self.copied_on)
    }
}

/// What a reading gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The procedures, in the order of the file; of two with one code the later counts.
    pub procedures: Vec<Procedure>,
    /// What could be read and what not.
    pub report: ReadReport,
}

/// Why a file cannot be read or written at all.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file cannot be read on, or the gzip stream is damaged.
    #[error("the list of procedures cannot be read: {0}")]
    Read(io::Error),
    /// The file cannot be written.
    #[error("the list of procedures cannot be written: {0}")]
    Write(io::Error),
    /// More lines than any catalogue has.
    #[error("the list of procedures has more than {LINES_MAX} lines")]
    TooManyLines,
}

/// Reads a list, plain or gzip.
///
/// # Errors
/// [`CatalogueError`] when the file cannot be read on; a line that is none is only noted in the report.
pub fn read(mut reader: impl BufRead, edition: &Edition) -> Result<Reading, CatalogueError> {
    let is_gzip = reader
        .fill_buf()
        .map_err(CatalogueError::Read)?
        .starts_with(&[0x1f, 0x8b]);
    if is_gzip {
        read_lines(BufReader::new(MultiGzDecoder::new(reader)), edition)
    } else {
        read_lines(reader, edition)
    }
}

fn read_lines(mut reader: impl BufRead, edition: &Edition) -> Result<Reading, CatalogueError> {
    let mut reading = Reading::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let limit = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX) + 1;
        let len = (&mut reader)
            .take(limit)
            .read_until(b'\n', &mut line)
            .map_err(CatalogueError::Read)?;
        if len == 0 {
            break;
        }
        if number > LINES_MAX {
            return Err(CatalogueError::TooManyLines);
        }
        if len > LINE_BYTES_MAX && line.last() != Some(&b'\n') {
            skip_line(&mut reader).map_err(CatalogueError::Read)?;
            Notes::new(&mut reading.report, number, "").unread(SourceField::Line, "the line is too long", "");
            reading.report.lines += 1;
            continue;
        }
        if !line.trim_ascii().is_empty() {
            take_line(&line, number, edition, &mut reading);
        }
    }
    last_of_each_code(&mut reading);
    reading.report.procedures = reading.procedures.len();
    Ok(reading)
}

/// Reads on to the end of a line that is too long to hold.
fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        reader.consume(used);
        if end.is_some() || used == 0 {
            return Ok(());
        }
    }
}

fn take_line(line: &[u8], number: usize, edition: &Edition, reading: &mut Reading) {
    reading.report.lines += 1;
    match parse(line) {
        Ok(Shape::Flat(flat)) => {
            let mut notes = Notes::new(&mut reading.report, number, &flat.ma_thu_tuc);
            reading.procedures.extend(flat::procedure(&flat, edition, &mut notes));
        }
        Ok(Shape::Nested(nested)) => {
            let mut notes = Notes::new(&mut reading.report, number, &nested.thu_tuc_id);
            reading
                .procedures
                .extend(nested::procedure(&nested, edition, &mut notes));
        }
        Ok(Shape::Ours(procedure)) => reading.procedures.push(*procedure),
        Err(reason) => {
            let excerpt = String::from_utf8_lossy(&line[..line.len().min(200)]);
            Notes::new(&mut reading.report, number, "").unread(SourceField::Line, reason, &excerpt);
        }
    }
}

enum Shape {
    Flat(Box<FlatLine>),
    Nested(Box<NestedLine>),
    Ours(Box<Procedure>),
}

fn parse(line: &[u8]) -> Result<Shape, &'static str> {
    let value: serde_json::Value = serde_json::from_slice(line).map_err(|_| "not JSON")?;
    let has = |key: &str| value.get(key).is_some();
    if has("ma_thu_tuc") {
        serde_json::from_value(value)
            .map(Shape::Flat)
            .map_err(|_| "a field of the flat form is no text")
    } else if has("thu_tuc_id") {
        serde_json::from_value(value)
            .map(Shape::Nested)
            .map_err(|_| "a field of the nested form has another type")
    } else if has("code") {
        serde_json::from_value(value)
            .map(Shape::Ours)
            .map_err(|_| "not a procedure of our own form")
    } else {
        Err("no known form of a procedure")
    }
}

fn last_of_each_code(reading: &mut Reading) {
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<Procedure> = Vec::with_capacity(reading.procedures.len());
    for procedure in reading.procedures.drain(..).rev() {
        if seen.insert(procedure.code.clone()) {
            kept.push(procedure);
        }
    }
    kept.reverse();
    reading.procedures = kept;
}

/// Writes the import form: one procedure a line.
///
/// # Errors
/// [`CatalogueError::Write`] when `writer` does not take it.
pub fn write<'a>(
    procedures: impl IntoIterator<Item = &'a Procedure>,
    mut writer: impl Write,
) -> Result<(), CatalogueError> {
    for procedure in procedures {
        let line = serde_json::to_string(procedure).map_err(|error| CatalogueError::Write(error.into()))?;
        writeln!(writer, "{line}").map_err(CatalogueError::Write)?;
    }
    writer.flush().map_err(CatalogueError::Write)
}
