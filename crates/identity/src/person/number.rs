//! The old number of an identity card (chứng minh nhân dân): nine digits. Such cards ended with 2024, but land titles,
//! certificates and dossiers of before carry the number, and a person is still found by it.
//! Refuses twelve digits: those are [`kernel::PersonId`]. It is personal data: `Debug` shows none of it.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A number of an old identity card: nine digits.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OldNumber([u8; 9]);

impl OldNumber {
    /// The nine digits. Showing them is a use of personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII digits are put in")
    }

    /// What may stand on a screen that others see: `******123`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("******{}", &self.as_str()[6..])
    }
}

impl fmt::Debug for OldNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OldNumber(…)")
    }
}

impl fmt::Display for OldNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that is no old number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an old identity card number has nine digits")]
pub struct OldNumberError;

impl FromStr for OldNumber {
    type Err = OldNumberError;

    /// Reads nine digits; spaces and dots between them do not count.
    fn from_str(text: &str) -> Result<Self, OldNumberError> {
        let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b' ' | b'.')).collect();
        let digits: [u8; 9] = digits.try_into().map_err(|_| OldNumberError)?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(digits))
        } else {
            Err(OldNumberError)
        }
    }
}

impl TryFrom<String> for OldNumber {
    type Error = OldNumberError;

    fn try_from(text: String) -> Result<Self, OldNumberError> {
        text.parse()
    }
}

impl From<OldNumber> for String {
    fn from(number: OldNumber) -> Self {
        number.as_str().to_owned()
    }
}
