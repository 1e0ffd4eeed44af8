//! CSV files of banks (RFC 4180, any separator): decoded as declared, then read as a table. A quote that never closes
//! swallows the rest of the file into one cell, which is a fault and not a silence.

use super::Statement;
use super::encoding::decode;
use super::fault::StatementError;
use super::mapping::CsvMapping;
use super::table::{Cell, Table};

/// The most cells of a row that are looked at.
const CELLS_MAX: usize = 500;

pub(super) fn read(bytes: &[u8], mapping: &CsvMapping) -> Result<Statement, StatementError> {
    let not_csv = |why: String| StatementError::NotOfFormat { format: "CSV", why };
    let delimiter = u8::try_from(mapping.delimiter).ok().filter(u8::is_ascii);
    let delimiter = delimiter.ok_or_else(|| not_csv("the declared separator is no ASCII character".to_owned()))?;
    let text = decode(bytes, mapping.encoding)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut table = Table::new(&mapping.table);
    let mut record = csv::StringRecord::new();
    let mut cells = Vec::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| not_csv(error.to_string()))?
    {
        let number = record.position().map_or(0, |position| line_of(&text, position));
        cells.clear();
        cells.extend(record.iter().take(CELLS_MAX).map(|text| Cell::Text(text.to_owned())));
        table.row(number, &cells)?;
    }
    table.finish()
}

/// The line of a record. The reader counts from where it began to look, which is before empty lines.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let at = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let behind = text.as_bytes().get(at..).unwrap_or_default();
    let ends = behind.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let empty = ends.filter(|byte| **byte == b'\n').count();
    position.line() + u64::try_from(empty).unwrap_or_default()
}
