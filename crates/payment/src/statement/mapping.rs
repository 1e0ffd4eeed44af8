//! Which column of a bank's table is what. Data, declared per account by whoever knows the bank's export; no bank's
//! layout is known to the program.

use super::amount::Thousands;
use super::date::DateFormat;
use super::encoding::Encoding;
use serde::Deserialize;

/// How a CSV file is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvMapping {
    /// How the text is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// What separates the cells: an ASCII character, a comma unless said otherwise.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// The table.
    pub table: TableMapping,
}

/// How a workbook is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XlsxMapping {
    /// Name of the sheet; the first when there is none.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The table.
    pub table: TableMapping,
}

/// A table of bookings: a row of headings somewhere near the top, a booking a row below it.
///
/// Words are compared without case and diacritics. Labels are words with which a row without a date begins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableMapping {
    /// Number of the account whose statement this is.
    pub account: String,
    /// The columns.
    pub columns: Columns,
    /// Where amounts stand.
    pub amounts: Amounts,
    /// The form of dates.
    pub dates: DateFormat,
    /// The form of amounts.
    #[serde(default)]
    pub thousands: Thousands,
    /// Whether there is a row of headings. Without one, columns are named by their number from 1.
    #[serde(default = "yes")]
    pub headings: bool,
    /// Whether the newest line comes first.
    #[serde(default)]
    pub newest_first: bool,
    /// Label of the opening balance.
    #[serde(default)]
    pub opening_label: Option<String>,
    /// Label of the closing balance.
    #[serde(default)]
    pub closing_label: Option<String>,
    /// Labels of rows that are no bookings: totals, remarks.
    #[serde(default)]
    pub skip_labels: Vec<String>,
    /// Label of the row with which the table ends.
    #[serde(default)]
    pub end_label: Option<String>,
}

/// Headings of the columns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Day of the booking.
    pub booked_on: String,
    /// Text of the transfer.
    pub text: String,
    /// Who paid or was paid.
    #[serde(default)]
    pub counterparty: Option<String>,
    /// The bank's number of the booking.
    #[serde(default)]
    pub reference: Option<String>,
    /// Balance after the booking.
    #[serde(default)]
    pub balance: Option<String>,
    /// Currency; when there is such a column, every row must say VND.
    #[serde(default)]
    pub currency: Option<String>,
}

/// Where amounts stand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Amounts {
    /// One column; money that went is negative.
    Signed {
        /// Its heading.
        column: String,
    },
    /// Two columns, of which a row fills one.
    Split {
        /// Heading of money that came.
        credit: String,
        /// Heading of money that went.
        debit: String,
    },
    /// One column, and a word in another.
    Marked {
        /// Heading of the amount.
        column: String,
        /// Heading of the word.
        mark: String,
        /// The word for money that came.
        credit: String,
        /// The word for money that went.
        debit: String,
    },
}

fn comma() -> char {
    ','
}

fn yes() -> bool {
    true
}
