//! Reads `application/x-www-form-urlencoded` strictly: bad escapes and text that is not UTF-8 are refused, not replaced,
//! so that nothing is stored that nobody typed.

use super::SubmitError;

/// The pairs of a body.
pub(super) fn parse(body: &[u8], most: usize) -> Result<Vec<(String, String)>, SubmitError> {
    let mut pairs = Vec::new();
    for part in body.split(|b| *b == b'&').filter(|part| !part.is_empty()) {
        if pairs.len() == most {
            return Err(SubmitError::TooLarge { what: "fields" });
        }
        let at = part.iter().position(|b| *b == b'=').unwrap_or(part.len());
        let value = part.get(at + 1..).unwrap_or(&[]);
        pairs.push((decode(&part[..at])?, decode(value)?));
    }
    Ok(pairs)
}

fn decode(text: &[u8]) -> Result<String, SubmitError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match (rest.next().and_then(digit), rest.next().and_then(digit)) {
                (Some(high), Some(low)) => bytes.push(high * 16 + low),
                _ => return Err(SubmitError::Malformed("a bad escape".to_owned())),
            },
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).map_err(|_| SubmitError::Malformed("not UTF-8".to_owned()))
}

fn digit(byte: &u8) -> Option<u8> {
    char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok())
}
