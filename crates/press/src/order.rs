//! What the serving process and its child say to each other: one line of JSON each way, and behind the answer the bytes of
//! the PDF. Refuses more files and bytes than a paper has.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

/// The file in which a template finds its values.
pub const DATA_FILE: &str = "data.json";

/// Most bytes of an order: a template, the layout, and the rows of a long register.
pub const ORDER_BYTES_MAX: usize = 4 << 20;

/// Most bytes of a PDF.
pub const PDF_BYTES_MAX: usize = 16 << 20;

/// Most files of an order.
pub const FILES_MAX: usize = 8;

/// What is to be typeset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Name of the file to begin with.
    pub main: String,
    /// Every file that can be read, by name; there are no others.
    pub files: BTreeMap<String, String>,
    /// The day that the template may call today, as `2026-11-22`.
    pub date: String,
}

/// A fault of a template, at the place where a person finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultAt {
    /// Name of the file.
    pub file: String,
    /// Line, from 1; 0 when the fault belongs to no line.
    pub line: usize,
    /// Column in letters, from 1.
    pub column: usize,
    /// What is wrong, in the words of the typesetter.
    pub what: String,
    /// What to do, when it knows.
    pub hint: String,
}

impl std::fmt::Display for FaultAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The PDF.
    Pdf(Vec<u8>),
    /// What is wrong with the template or its values.
    Faults(Vec<FaultAt>),
}

/// The line in front of the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) pdf_bytes: usize,
    pub(crate) faults: Vec<FaultAt>,
}

impl Order {
    /// The order as its line.
    ///
    /// # Errors
    /// When a value is none that JSON has, which no order is.
    pub fn line(&self) -> io::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }

    /// Reads the next order; `None` at the end.
    ///
    /// # Errors
    /// `InvalidData` for what is none, or too long.
    pub fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = Vec::new();
        let bound = u64::try_from(ORDER_BYTES_MAX).unwrap_or(u64::MAX);
        if from.take(bound + 1).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() > ORDER_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the order is too long"));
        }
        Ok(Some(serde_json::from_slice(&line)?))
    }
}

impl Outcome {
    /// Writes the answer of the child.
    ///
    /// # Errors
    /// When nobody listens any more.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (bytes, faults): (&[u8], &[FaultAt]) = match self {
            Self::Pdf(bytes) => (bytes, &[]),
            Self::Faults(faults) => (&[], faults),
        };
        let header = Header {
            pdf_bytes: bytes.len(),
            faults: faults.to_vec(),
        };
        let mut line = serde_json::to_vec(&header)?;
        line.push(b'\n');
        to.write_all(&line)?;
        to.write_all(bytes)?;
        to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_comes_through_as_it_was() {
        let order = Order {
            main: "a.typ".to_owned(),
            files: [("a.typ".to_owned(), "Xin\nchào".to_owned())].into(),
            date: "2026-11-22".to_owned(),
        };
        let line = order.line().unwrap();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        let mut both = io::Cursor::new([line.clone(), line].concat());
        assert_eq!(Order::read(&mut both).unwrap(), Some(order.clone()));
        assert_eq!(Order::read(&mut both).unwrap(), Some(order));
        assert_eq!(Order::read(&mut both).unwrap(), None);
    }

    #[test]
    fn what_is_no_order_is_refused() {
        for text in [
            "\n",
            "{}\n",
            "{\"main\":\"a\",\"files\":{},\"date\":\"\",\"more\":1}\n",
            "abc",
        ] {
            assert!(Order::read(&mut io::Cursor::new(text)).is_err(), "{text:?}");
        }
        let long = vec![b' '; ORDER_BYTES_MAX + 2];
        assert!(Order::read(&mut io::Cursor::new(long)).is_err());
    }
}
