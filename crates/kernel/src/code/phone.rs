//! Vietnamese telephone numbers, kept in the international form (+84…).
//!
//! Mobile: nine digits that start with 3, 5, 7, 8 or 9; fixed: ten that start with 2 (QĐ 2036/QĐ-BTTTT
//! of 2016 and TT 22/2014/TT-BTTTT as amended). Foreign numbers are refused. Personal: `Debug` hides it.

use super::{CODE_CHARS_MAX, all_digits, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// A Vietnamese telephone number; shows as `+84912345678`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

impl Phone {
    /// The international form: `+84912345678`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which people in Viet Nam write it: `0912345678`.
    pub fn national(&self) -> String {
        format!("0{}", &self.0[3..])
    }

    /// Whether it can take a text message.
    pub fn is_mobile(&self) -> bool {
        !self.0[3..].starts_with('2')
    }

    /// What may stand on a screen others see: `0912***678`.
    pub fn masked(&self) -> String {
        let national = self.national();
        format!("{}***{}", &national[..4], &national[national.len() - 3..])
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// Why a text is no Vietnamese telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Something other than digits and the usual separators.
    #[error("a telephone number has digits only")]
    NotDigits,
    /// The digits are no Vietnamese number.
    #[error("not a Vietnamese mobile or fixed number")]
    Unknown,
}

crate::error::invalid_fault!(PhoneError, "phone-invalid");

impl FromStr for Phone {
    type Err = PhoneError;

    /// Reads a number as people write it: with 0, 84, 0084 or +84 in front, with spaces, dots,
    /// hyphens and brackets.
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        if text.len() > CODE_CHARS_MAX {
            return Err(PhoneError::Unknown);
        }
        let compact: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '(' | ')'))
            .collect();
        let (digits, abroad) = match compact.strip_prefix('+') {
            Some(rest) => (rest, true),
            None => (compact.as_str(), false),
        };
        if !all_digits(digits) {
            return Err(PhoneError::NotDigits);
        }
        let national = strip_prefixes(digits, abroad).ok_or(PhoneError::Unknown)?;
        let fits = match national.as_bytes().first() {
            Some(b'2') => national.len() == 10,
            Some(b'3' | b'5' | b'7' | b'8' | b'9') => national.len() == 9,
            _ => false,
        };
        if fits {
            Ok(Self(format!("+84{national}")))
        } else {
            Err(PhoneError::Unknown)
        }
    }
}

serde_as_text!(Phone);

/// The national number without country code and trunk zero: `+84 (0) 912…` and `0912…` alike.
fn strip_prefixes(digits: &str, abroad: bool) -> Option<&str> {
    let digits = digits
        .strip_prefix("00")
        .filter(|rest| rest.starts_with("84"))
        .unwrap_or(digits);
    match digits.strip_prefix("84").filter(|rest| rest.len() >= 9) {
        Some(rest) => Some(rest.strip_prefix('0').unwrap_or(rest)),
        None if abroad => None,
        None => digits.strip_prefix('0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in [
            "0912345678",
            "0912 345 678",
            "0912.345.678",
            "+84 912-345-678",
            "84912345678",
            "0084912345678",
            "+84 (0)912 345 678",
            "(+84)912345678".trim_matches(|c| c == '('),
        ] {
            let phone: Phone = text.parse().unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(phone.as_str(), "+84912345678", "{text}");
            assert!(phone.is_mobile());
        }
        let fixed: Phone = "(0239) 385 5555".parse().unwrap();
        assert_eq!(fixed.as_str(), "+842393855555");
        assert_eq!(fixed.national(), "02393855555");
        assert!(!fixed.is_mobile());
        let seat: Phone = "0842345678".parse().unwrap();
        assert_eq!(seat.as_str(), "+84842345678");
    }

    #[test]
    fn what_is_no_vietnamese_number_is_refused() {
        for text in [
            "091234567",
            "09123456789",
            "0112345678",
            "+1 212 555 0100",
            "113",
            "84",
            "0",
            "0239385555",
        ] {
            assert_eq!(text.parse::<Phone>(), Err(PhoneError::Unknown), "{text}");
        }
        for text in ["", "abc", "0912345678x", "٠٩١٢٣٤٥٦٧٨"] {
            assert_eq!(text.parse::<Phone>(), Err(PhoneError::NotDigits), "{text}");
        }
    }

    #[test]
    fn the_number_is_hidden_from_logs() {
        let phone: Phone = "0912345678".parse().unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(…)");
        assert_eq!(phone.masked(), "0912***678");
    }

    proptest! {
        #[test]
        fn every_form_reads_alike(national in "[35789][0-9]{8}|2[0-9]{9}") {
            let phone: Phone = format!("0{national}").parse().unwrap();
            prop_assert_eq!(phone.as_str().parse::<Phone>().unwrap(), phone.clone());
            prop_assert_eq!(phone.national().parse::<Phone>().unwrap(), phone.clone());
            prop_assert_eq!(format!("84{national}").parse::<Phone>().unwrap(), phone);
        }

        #[test]
        fn reading_never_panics(text in any::<String>(), near in "[+0-9 ().-]{0,20}") {
            let _ = text.parse::<Phone>();
            let _ = near.parse::<Phone>().map(|phone| phone.masked());
        }
    }
}
