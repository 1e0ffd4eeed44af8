//! Spreadsheets: the same rows as CSV and as XLSX, neither of which can carry a formula of ours or of anybody who typed one.
//! In XLSX every text is written as text; in CSV `web::download` puts an apostrophe before what begins like a formula.

use kernel::Timestamp;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use web::download::Csv;

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words, whatever they look like.
    Text(String),
    /// A whole number.
    Number(i64),
    /// An instant, or nothing.
    Time(Option<Timestamp>),
}

/// A sheet in the making: headings and rows of the same width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Name of the worksheet.
    pub name: String,
    /// Headings.
    pub headings: Vec<String>,
    /// Rows, as wide as the headings.
    pub rows: Vec<Vec<Cell>>,
}

/// Letters of one cell at most; Excel takes 32,767.
const CELL_LETTERS: usize = 30_000;

impl Sheet {
    /// The sheet as CSV.
    #[must_use]
    pub fn csv(&self) -> Csv {
        let headings: Vec<&str> = self.headings.iter().map(String::as_str).collect();
        let mut csv = Csv::new(&headings);
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell {
                    Cell::Text(text) => text.clone(),
                    Cell::Number(number) => number.to_string(),
                    Cell::Time(at) => at
                        .map(|at| at.local().strftime("%d/%m/%Y %H:%M").to_string())
                        .unwrap_or_default(),
                })
                .collect();
            csv.row(&cells);
        }
        csv
    }

    /// The sheet as a workbook with a fixed first row, filters and real dates.
    ///
    /// # Errors
    /// What the writer of workbooks says.
    pub fn xlsx(&self, now: Timestamp) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        if let Some(at) = excel_time(now) {
            book.set_properties(&DocProperties::new().set_creation_datetime(&at));
        }
        let head = Format::new().set_bold();
        let time = Format::new().set_num_format("dd/mm/yyyy hh:mm");
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(&self.name))?;
        for (column, heading) in (0_u16..).zip(&self.headings) {
            sheet.write_string_with_format(0, column, heading, &head)?;
            sheet.set_column_width(column, 18)?;
        }
        for (line, row) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Text(text) => {
                        let text: String = text.chars().take(CELL_LETTERS).collect();
                        sheet.write_string(line, column, text)?;
                    }
                    // A count is far below 2^53, where every whole number is exact.
                    #[allow(clippy::cast_precision_loss)]
                    Cell::Number(number) => {
                        sheet.write_number(line, column, *number as f64)?;
                    }
                    Cell::Time(at) => {
                        if let Some(at) = at.and_then(excel_time) {
                            sheet.write_datetime_with_format(line, column, &at, &time)?;
                        }
                    }
                }
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        let last_row = u32::try_from(self.rows.len()).unwrap_or(0);
        let last_column = u16::try_from(self.headings.len().saturating_sub(1)).unwrap_or(0);
        sheet.autofilter(0, 0, last_row, last_column)?;
        book.save_to_buffer()
    }
}

/// The name of a worksheet: 31 letters, without those that Excel forbids.
fn sheet_name(name: &str) -> String {
    let allowed = name
        .chars()
        .filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\''));
    allowed.take(31).collect()
}

fn excel_time(at: Timestamp) -> Option<ExcelDateTime> {
    let local = at.local();
    let day = ExcelDateTime::from_ymd(
        u16::try_from(local.year()).ok()?,
        u8::try_from(local.month()).ok()?,
        u8::try_from(local.day()).ok()?,
    );
    let (hour, minute) = (u16::try_from(local.hour()).ok()?, u8::try_from(local.minute()).ok()?);
    day.ok()?.and_hms(hour, minute, f64::from(local.second())).ok()
}
