//! From bytes to text: the encoding is declared, and what is found is compared with it. A file of another encoding is
//! refused with one error that says what was found and what to do; it is never read as gibberish.
//!
//! Standards: Unicode 15, TCVN 6909:2001; windows-1258 as of the WHATWG Encoding Standard (its combining tones are
//! composed). Of the eight-bit Vietnamese encodings only windows-1258 is read: TCVN3 and VNI cannot be told from it.

use kernel::charset::{Charset, found, utf16_order};
use kernel::{ErrorKind, Fault};
use serde::Deserialize;
use std::borrow::Cow;

pub use kernel::charset::Found;

/// How a text file is written. A byte order mark is taken wherever one may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    #[serde(rename = "utf-8", alias = "utf-8-bom")]
    Utf8,
    /// UTF-16, "Unicode text" of older Excel; little-endian unless a byte order mark says otherwise.
    #[serde(rename = "utf-16")]
    Utf16,
    /// windows-1258, Vietnamese of older Windows.
    #[serde(rename = "windows-1258")]
    Windows1258,
}

/// The file is not written as was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is declared as {declared}, but {found}; {remedy}", declared = self.declared.name(), found = words(self.found), remedy = remedy(self.found))]
pub struct EncodingError {
    /// What was declared.
    pub declared: Encoding,
    /// What was found.
    pub found: Found,
}

impl Encoding {
    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16 => "UTF-16",
            Self::Windows1258 => "windows-1258",
        }
    }
}

fn words(found: Found) -> &'static str {
    match found {
        Found::Utf8 => "it is UTF-8",
        Found::Utf16 => "it is UTF-16",
        Found::EightBit => "it is eight-bit text (windows-1258, TCVN3, VNI or damaged)",
        Found::Zip => "it is a ZIP archive, most likely an XLSX workbook",
        Found::OldExcel => "it is a workbook of Excel 97 to 2003",
        Found::Pdf => "it is a PDF",
        Found::WebPage => "it is a web page, whatever its name says",
        Found::Binary => "it is no text",
    }
}

fn remedy(found: Found) -> &'static str {
    match found {
        Found::Utf8 => "declare utf-8",
        Found::Utf16 => "declare utf-16, or export it as UTF-8",
        Found::EightBit => "export it as UTF-8, or declare windows-1258 if it is that",
        Found::Zip => "declare the format xlsx",
        Found::OldExcel | Found::WebPage => "open it and save it as XLSX or as CSV UTF-8",
        Found::Pdf | Found::Binary => "ask the bank for CSV, XLSX, MT940 or camt.053",
    }
}

impl Fault for EncodingError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self.found {
            Found::Utf8 => "statement-encoding-utf8",
            Found::Utf16 => "statement-encoding-utf16",
            Found::EightBit => "statement-encoding-eight-bit",
            Found::Zip => "statement-encoding-zip",
            Found::OldExcel => "statement-encoding-old-excel",
            Found::Pdf => "statement-encoding-pdf",
            Found::WebPage => "statement-encoding-web-page",
            Found::Binary => "statement-encoding-binary",
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        vec![("declared", self.declared.name().to_owned())]
    }
}

/// The text of a file, in NFC, without its byte order mark.
pub(super) fn decode(bytes: &[u8], declared: Encoding) -> Result<Cow<'_, str>, EncodingError> {
    let found = found(bytes);
    let wrong = |found| EncodingError { declared, found };
    let charset = match (declared, found) {
        (Encoding::Utf8, Found::Utf8) => Charset::Utf8,
        (Encoding::Utf16, Found::Utf16) => utf16_order(bytes),
        // Pure ASCII is also windows-1258.
        (Encoding::Windows1258, Found::Utf8) if bytes.is_ascii() => Charset::Windows1258,
        (Encoding::Windows1258, Found::EightBit) => Charset::Windows1258,
        _ => return Err(wrong(found)),
    };
    charset.decode(bytes).ok_or_else(|| wrong(Found::Binary))
}

/// Why bytes that should be a ZIP archive are none, and what to do.
pub(super) fn why_no_archive(bytes: &[u8]) -> String {
    match found(bytes) {
        Found::Zip => "its ZIP archive is damaged; export it again".to_owned(),
        Found::OldExcel => "it is a workbook of Excel 97 to 2003, or one with a password; save it anew".to_owned(),
        Found::Utf8 | Found::Utf16 | Found::EightBit => "it is text; declare the format csv".to_owned(),
        other @ (Found::Pdf | Found::WebPage | Found::Binary) => format!("{}; {}", words(other), remedy(other)),
    }
}
