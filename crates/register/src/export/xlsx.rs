//! A workbook, written row by row: `rust_xlsxwriter` keeps one row in memory and the rest in a file beside. A sheet is full after
//! 1,048,575 rows and its heading; the next one goes on. A text is cut after 32,767 characters, which is all that a cell holds.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::csv::{place_headings, wkt};
use super::{Cell, ExportError, Layout, Sink, Type, digits, float};
use crate::geometry::Shape;

/// Rows of one sheet, the heading among them.
const ROWS_MAX: u32 = 1_048_576;
/// Characters of one cell.
const CHARS_MAX: usize = 32_767;
/// Digits that a number of a spreadsheet holds exactly.
const EXACT_MAX: u64 = 999_999_999_999_999;

pub(super) struct File {
    book: Workbook,
    layout: Layout,
    path: PathBuf,
    sheets: usize,
    row: u32,
    rows_max: u32,
    day: Format,
    heading: Format,
}

impl From<XlsxError> for ExportError {
    fn from(error: XlsxError) -> Self {
        Self::Format(error.to_string())
    }
}

impl File {
    pub(super) fn create(layout: Layout, path: &Path) -> Result<Self, ExportError> {
        Self::with_rows(layout, path, ROWS_MAX)
    }

    /// The same with smaller sheets, so that a test need not write a million rows.
    pub(super) fn with_rows(layout: Layout, path: &Path, rows_max: u32) -> Result<Self, ExportError> {
        let mut book = Workbook::new();
        // What is kept beside stands in the folder of the file, where the quota sees it.
        book.set_tempdir(path.parent().unwrap_or(Path::new(".")))?;
        let mut file = Self {
            book,
            layout,
            path: path.to_owned(),
            sheets: 0,
            row: 0,
            rows_max,
            day: Format::new().set_num_format("yyyy-mm-dd"),
            heading: Format::new().set_bold(),
        };
        file.next_sheet()?;
        Ok(file)
    }

    fn next_sheet(&mut self) -> Result<(), ExportError> {
        self.sheets += 1;
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name(&self.layout.title, self.sheets))?;
        sheet.set_freeze_panes(1, 0)?;
        let fields = self.layout.fields.iter().map(|field| self.layout.heading(field));
        for (at, heading) in fields.chain(place_headings(&self.layout).iter().copied()).enumerate() {
            sheet.write_string_with_format(0, column(at)?, heading, &self.heading)?;
        }
        self.row = 1;
        Ok(())
    }
}

fn column(at: usize) -> Result<u16, ExportError> {
    u16::try_from(at).map_err(|_| ExportError::Format("too many columns".to_owned()))
}

/// A name that a sheet may have: 31 characters, without signs that spreadsheets use themselves.
fn name(title: &str, number: usize) -> String {
    let clean: String = title
        .chars()
        .map(|letter| {
            if "[]:*?/\\'".contains(letter) || letter.is_control() {
                ' '
            } else {
                letter
            }
        })
        .collect();
    let most = if number > 1 { 26 } else { 31 };
    let cut: String = clean.trim().chars().take(most).collect();
    match (cut.trim().is_empty(), number) {
        (true, _) => format!("{number}"),
        (false, 1) => cut.trim().to_owned(),
        (false, _) => format!("{} {number}", cut.trim()),
    }
}

fn write(sheet: &mut Worksheet, (row, at): (u32, u16), ty: Type, cell: &Cell, day: &Format) -> Result<(), ExportError> {
    match cell {
        Cell::Null => {}
        Cell::Bool(yes) => drop(sheet.write_boolean(row, at, *yes)?),
        Cell::Text(text) => text_cell(sheet, (row, at), text)?,
        Cell::Number(units) => {
            let scale = if let Type::Number(scale) = ty { scale } else { 0 };
            if units.unsigned_abs() > EXACT_MAX {
                // A longer number would lose its last digits.
                let mut exact = String::new();
                digits(&mut exact, *units, scale);
                sheet.write_string(row, at, exact)?;
            } else {
                sheet.write_number(row, at, float(*units, scale))?;
            }
        }
        Cell::Date(date) => {
            let (year, month, of_month) = (date.year(), date.month().unsigned_abs(), date.day().unsigned_abs());
            match u16::try_from(year).ok().filter(|year| *year >= 1_900) {
                Some(year) => {
                    let value = ExcelDateTime::from_ymd(year, month, of_month)?;
                    sheet.write_datetime_with_format(row, at, &value, day)?;
                }
                None => drop(sheet.write_string(row, at, date.to_string())?),
            }
        }
        Cell::Time(time) => drop(sheet.write_string(row, at, time.to_string())?),
    }
    Ok(())
}

fn text_cell(sheet: &mut Worksheet, (row, at): (u32, u16), text: &str) -> Result<(), ExportError> {
    if text.chars().nth(CHARS_MAX).is_some() {
        let cut: String = text.chars().take(CHARS_MAX - 1).chain(['…']).collect();
        sheet.write_string(row, at, cut)?;
    } else if !text.is_empty() {
        sheet.write_string(row, at, text)?;
    }
    Ok(())
}

impl Sink for File {
    fn row(&mut self, cells: &[Cell], place: Option<&Shape>) -> Result<(), ExportError> {
        if self.row >= self.rows_max {
            self.next_sheet()?;
        }
        let row = self.row;
        let sheet = self.book.worksheet_from_index(self.sheets - 1)?;
        for (at, (field, cell)) in self.layout.fields.iter().zip(cells).enumerate() {
            write(sheet, (row, column(at)?), field.ty, cell, &self.day)?;
        }
        if let (Some(place), Some(_)) = (place, self.layout.geometry) {
            let first = column(cells.len())?;
            match self.layout.placed(place)?.as_ref() {
                Shape::Point([x, y]) => {
                    sheet.write_number(row, first, *x)?;
                    sheet.write_number(row, first + 1, *y)?;
                }
                shape => text_cell(sheet, (row, first), &wkt(shape))?,
            }
        }
        self.row += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        self.book.save(&self.path)?;
        Ok(())
    }
}
