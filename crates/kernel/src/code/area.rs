//! Codes of administrative areas: province (2 digits), district (3, until 30 June 2025), commune (5).
//!
//! Source: QĐ 124/2004/QĐ-TTg and QĐ 19/2025/QĐ-TTg. A code says nothing without a date: most commune
//! codes of 2025 were in use before, and many now name another commune. Resolving is `identity`'s.

use super::{all_digits, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// What a code of an area stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaLevel {
    /// Province or centrally-run city: two digits.
    Province,
    /// District, abolished on 1 July 2025: three digits.
    District,
    /// Commune, ward, township, special zone: five digits.
    Commune,
}

/// Code of an administrative area: two, three or five ASCII digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode {
    digits: [u8; 5],
    len: u8,
}

impl AreaCode {
    /// The digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.digits[..usize::from(self.len)]).expect("only ASCII digits are put in")
    }

    /// What it stands for, by its length.
    pub fn level(&self) -> AreaLevel {
        match self.len {
            2 => AreaLevel::Province,
            3 => AreaLevel::District,
            _ => AreaLevel::Commune,
        }
    }

    /// Whether it is a code of a commune.
    pub fn is_commune(&self) -> bool {
        self.level() == AreaLevel::Commune
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AreaCode({})", self.as_str())
    }
}

/// Why a text is no code of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AreaCodeError {
    /// Something other than two, three or five digits.
    #[error("an area code has two, three or five digits")]
    Shape,
}

crate::error::invalid_fault!(AreaCodeError, "area-code-invalid");

impl FromStr for AreaCode {
    type Err = AreaCodeError;
    fn from_str(text: &str) -> Result<Self, AreaCodeError> {
        let text = text.trim();
        if !matches!(text.len(), 2 | 3 | 5) || !all_digits(text) {
            return Err(AreaCodeError::Shape);
        }
        let mut digits = [0; 5];
        digits[..text.len()].copy_from_slice(text.as_bytes());
        let len = u8::try_from(text.len()).map_err(|_| AreaCodeError::Shape)?;
        Ok(Self { digits, len })
    }
}

serde_as_text!(AreaCode);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_level_follows_the_length() {
        assert_eq!("42".parse::<AreaCode>().unwrap().level(), AreaLevel::Province);
        assert_eq!("436".parse::<AreaCode>().unwrap().level(), AreaLevel::District);
        let commune: AreaCode = " 18073 ".parse().unwrap();
        assert!(commune.is_commune());
        assert_eq!(commune.to_string(), "18073");
        for text in ["", "1", "1234", "123456", "1807a", "１８０７３", "-1"] {
            assert_eq!(text.parse::<AreaCode>(), Err(AreaCodeError::Shape), "{text}");
        }
    }

    proptest! {
        #[test]
        fn goes_through_text_and_json(text in "[0-9]{2}|[0-9]{3}|[0-9]{5}") {
            let code: AreaCode = text.parse().unwrap();
            prop_assert_eq!(code.to_string(), text);
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(serde_json::from_str::<AreaCode>(&json).unwrap(), code);
        }

        #[test]
        fn reading_never_panics(text in any::<String>()) {
            let _ = text.parse::<AreaCode>();
        }
    }
}
