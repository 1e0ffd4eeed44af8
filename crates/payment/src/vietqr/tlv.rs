//! Fields of tag, length and value: two digits, two digits, and so many characters.
//!
//! Lengths count characters, not bytes: codes in use carry names with diacritics (EMVCo MPM 1.1). What a field
//! means is not decided here.

use super::error::ReadError;

/// The most characters that one value has.
pub(super) const VALUE_CHARS_MAX: usize = 99;

/// A field as it stands in a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a str,
    /// Bytes of the text before this field.
    pub(super) at: usize,
}

/// Splits `text` into its fields, each tag once. `prefix` names the template in errors (`62-`).
pub(super) fn split<'a>(text: &'a str, prefix: &str) -> Result<Vec<Field<'a>>, ReadError> {
    let mut fields: Vec<Field<'a>> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let malformed = || ReadError::Malformed(text[..at].chars().count());
        let tag = two_digits(rest).ok_or_else(malformed)?;
        let length = rest.get(2..).and_then(two_digits).ok_or_else(malformed)?;
        let value = first_chars(&rest[4..], usize::from(length)).ok_or_else(malformed)?;
        if fields.iter().any(|field| field.tag == tag) {
            return Err(ReadError::Doubled(format!("{prefix}{tag:02}")));
        }
        fields.push(Field { tag, value, at });
        at += 4 + value.len();
    }
    Ok(fields)
}

fn two_digits(text: &str) -> Option<u8> {
    let digits = text.get(..2)?;
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

fn first_chars(text: &str, count: usize) -> Option<&str> {
    let mut ends = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len()));
    ends.nth(count).map(|end| &text[..end])
}

/// Writes a field. The caller has checked that `value` has at most 99 characters.
pub(super) fn push(out: &mut String, tag: u8, value: &str) {
    out.push_str(&format!("{tag:02}{:02}", value.chars().count()));
    out.push_str(value);
}
