//! From bytes to text: the encoding is declared, and what is found is compared with it. A file of another encoding is
//! refused with one error that says what was found and what to do; it is never read as gibberish.
//!
//! Standards: Unicode 15, TCVN 6909:2001; windows-1258 as of the WHATWG Encoding Standard (its combining tones are
//! composed). Of the eight-bit Vietnamese encodings only windows-1258 is read: TCVN3 and VNI cannot be told from it.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1258};
use kernel::{ErrorKind, Fault};
use serde::Deserialize;
use std::borrow::Cow;

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

/// What the bytes of a file look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// UTF-8.
    Utf8,
    /// UTF-16.
    Utf16,
    /// Eight-bit text: windows-1258, TCVN3, VNI or another.
    EightBit,
    /// A ZIP archive: an XLSX workbook, most likely.
    Zip,
    /// A workbook of Excel 97 to 2003.
    OldExcel,
    /// A PDF.
    Pdf,
    /// A web page, which some banks name `.xls`.
    WebPage,
    /// No text.
    Binary,
}

/// The file is not written as was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is declared as {declared}, but {found}; {remedy}", declared = self.declared.name(), found = self.found.words(), remedy = self.found.remedy())]
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

impl Found {
    fn words(self) -> &'static str {
        match self {
            Self::Utf8 => "it is UTF-8",
            Self::Utf16 => "it is UTF-16",
            Self::EightBit => "it is eight-bit text (windows-1258, TCVN3, VNI or damaged)",
            Self::Zip => "it is a ZIP archive, most likely an XLSX workbook",
            Self::OldExcel => "it is a workbook of Excel 97 to 2003",
            Self::Pdf => "it is a PDF",
            Self::WebPage => "it is a web page, whatever its name says",
            Self::Binary => "it is no text",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Utf8 => "declare utf-8",
            Self::Utf16 => "declare utf-16, or export it as UTF-8",
            Self::EightBit => "export it as UTF-8, or declare windows-1258 if it is that",
            Self::Zip => "declare the format xlsx",
            Self::OldExcel | Self::WebPage => "open it and save it as XLSX or as CSV UTF-8",
            Self::Pdf | Self::Binary => "ask the bank for CSV, XLSX, MT940 or camt.053",
        }
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
    let encoding = match (declared, found) {
        (Encoding::Utf8, Found::Utf8) => UTF_8,
        (Encoding::Utf16, Found::Utf16) => utf16_order(bytes),
        // Pure ASCII is also windows-1258.
        (Encoding::Windows1258, Found::Utf8) if bytes.is_ascii() => WINDOWS_1258,
        (Encoding::Windows1258, Found::EightBit) => WINDOWS_1258,
        _ => return Err(wrong(found)),
    };
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    // The decoder puts this mark where it understood nothing, and C1 controls for bytes without a letter.
    let is_damage = |c: char| c == '\u{fffd}' || ('\u{80}'..='\u{9f}').contains(&c);
    if encoding != UTF_8 && text.contains(is_damage) {
        return Err(wrong(Found::Binary));
    }
    Ok(match text {
        Cow::Borrowed(text) => kernel::fold::nfc(text),
        Cow::Owned(text) => Cow::Owned(kernel::fold::nfc(&text).into_owned()),
    })
}

/// Why bytes that should be a ZIP archive are none, and what to do.
pub(super) fn why_no_archive(bytes: &[u8]) -> String {
    match found(bytes) {
        Found::Zip => "its ZIP archive is damaged; export it again".to_owned(),
        Found::OldExcel => "it is a workbook of Excel 97 to 2003, or one with a password; save it anew".to_owned(),
        Found::Utf8 | Found::Utf16 | Found::EightBit => "it is text; declare the format csv".to_owned(),
        other @ (Found::Pdf | Found::WebPage | Found::Binary) => format!("{}; {}", other.words(), other.remedy()),
    }
}

/// What the bytes look like, by their first ones and by which are zero.
fn found(bytes: &[u8]) -> Found {
    let head = &bytes[..bytes.len().min(4096)];
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        return Found::Zip;
    }
    if starts(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Found::OldExcel;
    }
    if starts(b"%PDF") {
        return Found::Pdf;
    }
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    if starts(&[0xff, 0xfe]) || starts(&[0xfe, 0xff]) || (zeros * 4 > head.len() && bytes.len().is_multiple_of(2)) {
        return Found::Utf16;
    }
    let lowered = head.to_ascii_lowercase();
    let page = |tag: &[u8]| lowered.windows(tag.len()).take(512).any(|window| window == tag);
    if page(b"<html") || page(b"<!doctype html") || page(b"<table") {
        return Found::WebPage;
    }
    match std::str::from_utf8(bytes) {
        _ if bytes.contains(&0) => Found::Binary,
        Ok(_) => Found::Utf8,
        Err(_) => Found::EightBit,
    }
}

/// Little-endian unless the byte order mark, or the place of the zeros, says otherwise.
fn utf16_order(bytes: &[u8]) -> &'static encoding_rs::Encoding {
    let zeros_at = |parity: usize| {
        let head = bytes.iter().take(4096).skip(parity).step_by(2);
        head.filter(|byte| **byte == 0).count()
    };
    let little = bytes.starts_with(&[0xff, 0xfe]);
    let big = bytes.starts_with(&[0xfe, 0xff]) || (!little && zeros_at(0) > zeros_at(1));
    if big { UTF_16BE } else { UTF_16LE }
}
