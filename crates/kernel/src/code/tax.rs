//! Tax codes: ten digits, a branch (`0100109106-001`), or the twelve-digit personal number.
//!
//! Sources: TT 105/2020/TT-BTC, TT 86/2024/TT-BTC (the personal number serves as tax code from 1 July
//! 2025). The check digit rule is the published one, but no text in force states it, so reading a code does
//! not enforce it: ask [`TaxCode::check_digit_fits`].

use super::person_id::PersonId;
use super::{CODE_CHARS_MAX, all_digits, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// The weights of the first nine digits.
const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];

/// A tax code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaxCode {
    /// An enterprise, a household business of before 1 July 2025, an organisation: ten digits.
    Main([u8; 10]),
    /// A branch or dependent unit: ten digits and three.
    Branch {
        /// The code of the enterprise.
        main: [u8; 10],
        /// The number of the branch, 1 to 999.
        branch: u16,
    },
    /// A person or household by the personal number.
    Person(PersonId),
}

impl TaxCode {
    /// The check digit that belongs behind the nine digits `first`; `None` unless they are digits.
    pub fn check_digit(first: &str) -> Option<u8> {
        if first.len() != 9 || !all_digits(first) {
            return None;
        }
        let sum: u32 = first
            .bytes()
            .zip(WEIGHTS)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        u8::try_from(10 - sum % 11).ok()
    }

    /// Whether the tenth digit is the one that the rule gives. True for personal numbers, which have none.
    pub fn check_digit_fits(&self) -> bool {
        match self {
            Self::Main(main) | Self::Branch { main, .. } => {
                let digits = ascii(main);
                Self::check_digit(&digits[..9]).is_some_and(|digit| digits.ends_with(&digit.to_string()))
            }
            Self::Person(_) => true,
        }
    }

    /// The code of the enterprise that a branch belongs to, or the code itself.
    pub fn main(&self) -> Self {
        match self {
            Self::Main(main) | Self::Branch { main, .. } => Self::Main(*main),
            Self::Person(person) => Self::Person(*person),
        }
    }
}

impl fmt::Display for TaxCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Main(main) => f.pad(ascii(main)),
            Self::Branch { main, branch } => f.pad(&format!("{}-{branch:03}", ascii(main))),
            Self::Person(person) => person.fmt(f),
        }
    }
}

impl fmt::Debug for TaxCode {
    /// Shows the code of an organisation, and hides that of a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => write!(f, "TaxCode({person:?})"),
            Self::Main(_) | Self::Branch { .. } => write!(f, "TaxCode({self})"),
        }
    }
}

fn ascii(digits: &[u8; 10]) -> &str {
    std::str::from_utf8(digits).expect("only ASCII digits are put in")
}

/// Why a text is no tax code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaxCodeError {
    /// Something other than 10 digits, 10 and 3, or 12.
    #[error("a tax code has ten digits, ten and three, or twelve")]
    Shape,
    /// Twelve digits that are no personal number.
    #[error("the twelve digits are no personal number")]
    Person,
}

crate::error::invalid_fault!(TaxCodeError, "tax-code-invalid");

impl FromStr for TaxCode {
    type Err = TaxCodeError;

    /// Reads a code; spaces are skipped, and the hyphen of a branch may be missing.
    fn from_str(text: &str) -> Result<Self, TaxCodeError> {
        if text.len() > CODE_CHARS_MAX {
            return Err(TaxCodeError::Shape);
        }
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let digits = match compact.split_once('-') {
            Some((main, branch)) if main.len() == 10 && branch.len() == 3 => format!("{main}{branch}"),
            Some(_) => return Err(TaxCodeError::Shape),
            None => compact,
        };
        if !all_digits(&digits) {
            return Err(TaxCodeError::Shape);
        }
        let main = || -> Result<[u8; 10], TaxCodeError> {
            digits.as_bytes()[..10].try_into().map_err(|_| TaxCodeError::Shape)
        };
        match digits.len() {
            10 => Ok(Self::Main(main()?)),
            12 => digits.parse().map(Self::Person).map_err(|_| TaxCodeError::Person),
            13 => match digits[10..].parse() {
                Ok(branch) if branch > 0 => Ok(Self::Branch { main: main()?, branch }),
                _ => Err(TaxCodeError::Shape),
            },
            _ => Err(TaxCodeError::Shape),
        }
    }
}

serde_as_text!(TaxCode);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_codes_keep_the_rule() {
        // Codes that their owners print on invoices: Viettel, VNPT, FPT, Vinamilk, Vietcombank.
        for text in ["0100109106", "0100684378", "0101248141", "0300588569", "0100112437"] {
            assert!(text.parse::<TaxCode>().unwrap().check_digit_fits(), "{text}");
        }
        assert!(!"0100109107".parse::<TaxCode>().unwrap().check_digit_fits());
        assert_eq!(TaxCode::check_digit("010010910"), Some(6));
        assert_eq!(TaxCode::check_digit("01001091x"), None);
    }

    #[test]
    fn branches_and_persons_are_read() {
        let branch: TaxCode = "0100109106001".parse().unwrap();
        assert_eq!(branch.to_string(), "0100109106-001");
        assert_eq!(branch, "0100109106-001".parse().unwrap());
        assert_eq!(branch.main().to_string(), "0100109106");
        assert!(branch.check_digit_fits());
        let person: TaxCode = "042190001234".parse().unwrap();
        assert!(matches!(person, TaxCode::Person(_)));
        assert!(!format!("{person:?}").contains("0421"));
        for text in [
            "",
            "123",
            "0100109106-01",
            "0100109106-000",
            "010010910a",
            "01001091061",
        ] {
            assert_eq!(text.parse::<TaxCode>(), Err(TaxCodeError::Shape), "{text}");
        }
        assert_eq!("000190001234".parse::<TaxCode>(), Err(TaxCodeError::Person));
    }

    proptest! {
        #[test]
        fn goes_through_text(text in "[0-9]{10}(-[0-9]{2}[1-9])?") {
            prop_assert_eq!(text.parse::<TaxCode>().unwrap().to_string(), text);
        }

        #[test]
        fn one_wrong_digit_is_seen(first in "[0-9]{9}", place in 0_usize..9, change in 1_u8..10) {
            let right = TaxCode::check_digit(&first);
            let mut digits = first.into_bytes();
            digits[place] = b'0' + (digits[place] - b'0' + change) % 10;
            let wrong = TaxCode::check_digit(std::str::from_utf8(&digits).unwrap());
            prop_assert_ne!(right, wrong);
        }

        #[test]
        fn reading_never_panics(text in any::<String>(), near in "[0-9-]{9,15}") {
            let _ = text.parse::<TaxCode>();
            let _ = near.parse::<TaxCode>().map(|code| code.check_digit_fits());
        }
    }
}
