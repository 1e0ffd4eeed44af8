//! What is wrong with a statement file: the file as a whole, or its lines, all of them at once. A fault quotes dates,
//! amounts and names of columns, never the text of a transfer: that is somebody's data.

use super::encoding::EncodingError;
use kernel::{Dong, ErrorKind, Fault};

/// The most faults that are listed; the rest is counted.
const LISTED_MAX: usize = 500;
/// The most characters of a cell that a fault quotes.
const QUOTED_CHARS_MAX: usize = 30;

/// Why a file gives no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Larger than is read.
    #[error("the file is larger than {bytes_max} bytes (unpacked): export a shorter period")]
    TooLarge {
        /// The bound.
        bytes_max: usize,
    },
    /// More lines than are read.
    #[error("the file has more than {lines_max} lines: export a shorter period")]
    TooManyLines {
        /// The bound.
        lines_max: usize,
    },
    /// In other bytes than was said.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not of the format that was said.
    #[error("the file is no {format}: {why}")]
    NotOfFormat {
        /// The format, by its name.
        format: &'static str,
        /// What the reader met.
        why: String,
    },
    /// XML that declares a document type or entities of its own; no bank's does.
    #[error("the file declares XML entities or a document type; a bank's file has none, so it is not read")]
    Entities,
    /// Faults of lines.
    #[error("{0}")]
    Faults(Faults),
}

impl Fault for StatementError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge { .. } | Self::TooManyLines { .. } => ErrorKind::TooLarge,
            Self::NotOfFormat { .. } => ErrorKind::Unsupported,
            Self::Encoding(_) | Self::Entities | Self::Faults(_) => ErrorKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } | Self::TooManyLines { .. } => "statement-too-large",
            Self::Encoding(error) => error.code(),
            Self::NotOfFormat { .. } => "statement-not-of-format",
            Self::Entities => "statement-entities",
            Self::Faults(_) => "statement-faults",
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Encoding(error) => error.args(),
            Self::NotOfFormat { format, .. } => vec![("format", (*format).to_owned())],
            Self::Faults(faults) => vec![("count", faults.count().to_string())],
            Self::TooLarge { .. } | Self::TooManyLines { .. } | Self::Entities => Vec::new(),
        }
    }
}

/// The faults of a file, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    listed: Vec<LineFault>,
    more: usize,
}

impl Faults {
    pub(super) fn push(&mut self, line: Option<u64>, what: What) {
        if self.listed.len() < LISTED_MAX {
            self.listed.push(LineFault { line, what });
        } else {
            self.more += 1;
        }
    }

    pub(super) fn at(&mut self, line: u64, what: What) {
        self.push(Some(line), what);
    }

    /// The faults, as many as are listed.
    #[must_use]
    pub fn listed(&self) -> &[LineFault] {
        &self.listed
    }

    /// How many there are in all.
    #[must_use]
    pub fn count(&self) -> usize {
        self.listed.len() + self.more
    }

    /// `value`, or these faults when there are any.
    pub(super) fn or<T>(self, value: T) -> Result<T, StatementError> {
        if self.listed.is_empty() {
            Ok(value)
        } else {
            Err(self.into_error())
        }
    }

    pub(super) fn into_error(mut self) -> StatementError {
        self.listed.sort_by_key(|fault| fault.line);
        StatementError::Faults(self)
    }
}

impl std::fmt::Display for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, fault) in self.listed.iter().enumerate() {
            write!(f, "{}{fault}", if at == 0 { "" } else { "\n" })?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

/// A fault and its line; without one when it is of the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// Line of the file (row of a sheet), from 1.
    pub line: Option<u64>,
    /// What is wrong.
    pub what: What,
}

impl std::fmt::Display for LineFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => write!(f, "{}", self.what),
        }
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// No row names all the columns of the mapping.
    #[error("no row has the headings {0}")]
    NoHeading(String),
    /// Not a date of the declared form.
    #[error("{found:?} is no date of the form {format}")]
    Date {
        /// What stands there.
        found: String,
        /// The form that was declared.
        format: String,
    },
    /// Not an amount of the declared form.
    #[error("{0:?} is no amount in the declared form")]
    Amount(String),
    /// Parts of a đồng.
    #[error("{0:?} is no whole number of đồng")]
    NotWhole(String),
    /// Neither credit nor debit, or nothing.
    #[error("there is no amount")]
    NoAmount,
    /// Credit and debit in one line.
    #[error("there is both a credit and a debit")]
    TwoAmounts,
    /// A word that means neither credit nor debit.
    #[error("{0:?} means neither credit nor debit")]
    Mark(String),
    /// Not in đồng.
    #[error("the currency is {0}, not VND")]
    Currency(String),
    /// A part that must be there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Against the grammar of the format.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// A text beyond the bound.
    #[error("a text has more than {0} characters")]
    TextTooLong(usize),
    /// The balance beside a line does not follow from the line before.
    #[error("the balance is {found}, but the lines give {expected}")]
    RunningBalance {
        /// What stands there.
        found: Dong,
        /// What follows from the lines.
        expected: Dong,
    },
    /// The whole does not add up.
    #[error("the closing balance is {found}, but opening balance and lines give {expected}")]
    Balance {
        /// What stands there.
        found: Dong,
        /// What follows from the lines.
        expected: Dong,
    },
    /// Amounts beyond what can be counted.
    #[error("the amounts are too large to add up")]
    Overflow,
    /// A page that does not go on where the page before ended.
    #[error("this page does not go on where the page before ended")]
    PageGap,
    /// Nothing booked and no period named.
    #[error("there are no lines")]
    NoLines,
}

impl What {
    /// The key of its public text.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::NoHeading(_) => "statement-fault-no-heading",
            Self::Date { .. } => "statement-fault-date",
            Self::Amount(_) => "statement-fault-amount",
            Self::NotWhole(_) => "statement-fault-not-whole",
            Self::NoAmount => "statement-fault-no-amount",
            Self::TwoAmounts => "statement-fault-two-amounts",
            Self::Mark(_) => "statement-fault-mark",
            Self::Currency(_) => "statement-fault-currency",
            Self::Missing(_) => "statement-fault-missing",
            Self::Malformed(_) => "statement-fault-malformed",
            Self::TextTooLong(_) => "statement-fault-text-too-long",
            Self::RunningBalance { .. } => "statement-fault-running-balance",
            Self::Balance { .. } => "statement-fault-balance",
            Self::Overflow => "statement-fault-overflow",
            Self::PageGap => "statement-fault-page-gap",
            Self::NoLines => "statement-fault-no-lines",
        }
    }

    /// The values of its public text.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Date { found, format } => vec![("found", found.clone()), ("format", format.clone())],
            Self::NoHeading(found)
            | Self::Amount(found)
            | Self::NotWhole(found)
            | Self::Mark(found)
            | Self::Currency(found) => vec![("found", found.clone())],
            Self::Missing(found) | Self::Malformed(found) => vec![("found", (*found).to_owned())],
            Self::TextTooLong(chars) => vec![("max", chars.to_string())],
            Self::RunningBalance { found, expected } | Self::Balance { found, expected } => {
                vec![("found", found.to_string()), ("expected", expected.to_string())]
            }
            Self::NoAmount | Self::TwoAmounts | Self::Overflow | Self::PageGap | Self::NoLines => Vec::new(),
        }
    }
}

/// The start of a cell, for a fault.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.trim().chars().take(QUOTED_CHARS_MAX).collect();
    if short.len() < text.trim().len() {
        format!("{short}…")
    } else {
        short
    }
}
