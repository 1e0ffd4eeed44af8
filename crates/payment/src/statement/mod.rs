//! Statements of a bank account, whatever the bank sends: CSV, XLSX, SWIFT MT940, ISO 20022 camt.053. All become the
//! same lines in whole đồng, or every fault at once with its line number.
//!
//! A statement is believed only when opening balance, lines and closing balance add up. It is outside input: sizes,
//! depths and counts are bounded, and no format can make the reader load anything.

mod amount;
mod camt053;
mod check;
mod csv;
mod date;
mod encoding;
mod fault;
mod key;
mod mapping;
mod mt940;
mod table;
#[cfg(test)]
mod tests;
mod xlsx;
mod xml;

pub use amount::{AmountError, Thousands};
pub use date::{DateFormat, DateFormatError};
pub use encoding::{Encoding, EncodingError, Found};
pub use fault::{Faults, LineFault, StatementError, What};
pub use key::LineKey;
pub use mapping::{Amounts, Columns, CsvMapping, TableMapping, XlsxMapping};

use kernel::words;
use kernel::{Date, Dong};
use serde::Deserialize;

/// The most bytes of a file: 100,000 lines of the wordiest format have about half of it.
pub const BYTES_MAX: usize = 96 * 1024 * 1024;
/// The most lines of a file.
pub const LINES_MAX: usize = 200_000;
/// The most characters of one text in a line.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// What a bank booked on one account in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Number of the account, as the file or the mapping says it.
    pub account: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Balance before the first line, when the format tells it.
    pub opening: Option<Dong>,
    /// Balance after the last line, when the format tells it.
    pub closing: Option<Dong>,
    /// The lines, oldest first.
    pub lines: Vec<Line>,
    /// Lines that stood in the file twice, and are not among the lines a second time.
    pub doubled: Vec<Line>,
}

/// One booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Line of the file (row of a sheet) at which it stands, from 1.
    pub number: u64,
    /// Day on which the bank booked it.
    pub booked_on: Date,
    /// How much; always more than nothing.
    pub amount: Dong,
    /// Whether money came or went.
    pub direction: Direction,
    /// Who paid or was paid, when the bank says so. Personal data.
    pub counterparty: Option<String>,
    /// The text of the transfer. May hold personal data.
    pub text: String,
    /// The bank's own number of the booking.
    pub bank_reference: Option<String>,
}

words! {
    /// Whether money came or went, seen from the account.
    Direction {
        /// Credit: money came.
        In = "in",
        /// Debit: money went.
        Out = "out",
    }
}

impl Line {
    /// The amount with its sign: money that went is negative.
    #[must_use]
    pub fn signed(&self) -> Dong {
        match self.direction {
            Direction::In => self.amount,
            Direction::Out => Dong::new(-self.amount.get()),
        }
    }
}

/// How a file is to be read. Data: each account of a province has its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "format", rename_all = "kebab-case")]
pub enum Format {
    /// Text with separators.
    Csv(CsvMapping),
    /// A workbook of Excel 2007 or later.
    Xlsx(XlsxMapping),
    /// SWIFT MT940, customer statement message.
    Mt940,
    /// ISO 20022 camt.053, bank-to-customer statement.
    Camt053,
}

/// Reads the statements in a file: one of a CSV or XLSX file, one per account and period of the others.
///
/// # Errors
/// [`StatementError`]: the file as a whole, or all its faults with their lines.
pub fn read(bytes: &[u8], format: &Format) -> Result<Vec<Statement>, StatementError> {
    if bytes.len() > BYTES_MAX {
        return Err(StatementError::TooLarge { bytes_max: BYTES_MAX });
    }
    match format {
        Format::Csv(mapping) => csv::read(bytes, mapping).map(|one| vec![one]),
        Format::Xlsx(mapping) => xlsx::read(bytes, mapping).map(|one| vec![one]),
        Format::Mt940 => mt940::read(bytes),
        Format::Camt053 => camt053::read(bytes),
    }
}
