//! Money: whole đồng, as an integer.
//!
//! The đồng has no subunit in use (Luật Ngân hàng Nhà nước 46/2010, Đ16), so an amount is never a
//! floating point number, and sums that do not fit are refused, not wrapped.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;

/// An amount in whole đồng (VND). May be negative: a refund, a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dong(i64);

impl Dong {
    /// Nothing to pay.
    pub const ZERO: Self = Self(0);

    /// An amount of `dong` đồng.
    pub const fn new(dong: i64) -> Self {
        Self(dong)
    }

    /// The number of đồng.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether nothing is to pay.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` when it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` when it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount `times` times, or `None` when it does not fit.
    pub fn checked_mul(self, times: i64) -> Option<Self> {
        self.0.checked_mul(times).map(Self)
    }

    /// Reads an amount as people write it: `150000`, `150.000`, `150,000 đ`, `150 000 đồng/lần`.
    ///
    /// Dots, commas and spaces only group thousands, in groups of exactly three digits.
    ///
    /// # Errors
    /// [`DongError`] when the text is no whole amount of đồng or does not fit.
    pub fn parse_text(text: &str) -> Result<Self, DongError> {
        let trimmed = text.trim();
        let end = trimmed
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\u{a0}' | '-' | '+')))
            .unwrap_or(trimmed.len());
        let unit = fold_unit(&trimmed[end..]);
        if !unit.is_empty() && !["d", "vnd", "dong", "₫"].iter().any(|known| unit == *known) {
            return Err(DongError::NotAnAmount);
        }
        parse_grouped(trimmed[..end].trim())
    }
}

/// The unit behind a number, without what it is per (`đồng/lần`).
fn fold_unit(tail: &str) -> String {
    let unit = tail.split(['/', '(', ';']).next().unwrap_or_default();
    crate::fold::fold(unit).trim_end_matches('.').to_owned()
}

fn parse_grouped(text: &str) -> Result<Dong, DongError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let groups: Vec<&str> = digits.split(['.', ',', ' ', '\u{a0}']).collect();
    let (first, rest) = groups.split_first().ok_or(DongError::NotAnAmount)?;
    let first_fits = !first.is_empty() && (rest.is_empty() || first.len() <= 3);
    let grouped = rest.iter().all(|group| group.len() == 3);
    if !first_fits || !grouped || !groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_digit())) {
        return Err(DongError::NotAnAmount);
    }
    let number: i64 = groups.concat().parse().map_err(|_| DongError::TooLarge)?;
    Ok(Dong(if negative { -number } else { number }))
}

impl fmt::Display for Dong {
    /// Groups thousands with dots as Vietnamese text does: `1.250.000 ₫`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 5);
        if self.0 < 0 {
            text.push('-');
        }
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                text.push('.');
            }
            text.push(digit);
        }
        text.push_str("\u{a0}₫");
        f.pad(&text)
    }
}

impl Sum for Dong {
    /// Adds up, saturating at the ends of the range.
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |sum, amount| Self(sum.0.saturating_add(amount.0)))
    }
}

/// Why a text is no amount of đồng.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DongError {
    /// Not a whole number of đồng.
    #[error("not a whole amount of đồng")]
    NotAnAmount,
    /// More than fits.
    #[error("the amount is too large")]
    TooLarge,
}

crate::error::invalid_fault!(DongError, "dong-invalid");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_shown_with_dots() {
        assert_eq!(Dong::new(0).to_string(), "0\u{a0}₫");
        assert_eq!(Dong::new(1_250_000).to_string(), "1.250.000\u{a0}₫");
        assert_eq!(Dong::new(-150_000).to_string(), "-150.000\u{a0}₫");
        assert_eq!(Dong::new(999).to_string(), "999\u{a0}₫");
        assert_eq!(Dong::new(i64::MIN).to_string(), "-9.223.372.036.854.775.808\u{a0}₫");
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for text in [
            "150000",
            "150.000",
            "150,000 đ",
            "150 000 đồng/lần",
            "150.000 VND",
            "150.000₫",
        ] {
            assert_eq!(Dong::parse_text(text), Ok(Dong::new(150_000)), "{text}");
        }
        for text in ["", "-", "15.00", "1.5", "abc", "150.000 USD", "1..000", "1000.000", "٣"] {
            assert_eq!(Dong::parse_text(text), Err(DongError::NotAnAmount), "{text}");
        }
        assert_eq!(Dong::parse_text("99999999999999999999"), Err(DongError::TooLarge));
    }

    #[test]
    fn sums_do_not_wrap() {
        assert_eq!(Dong::new(i64::MAX).checked_add(Dong::new(1)), None);
        assert_eq!(Dong::new(2).checked_mul(3), Some(Dong::new(6)));
        let sum: Dong = [Dong::new(i64::MAX), Dong::new(1)].into_iter().sum();
        assert_eq!(sum, Dong::new(i64::MAX));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(amount in -i64::MAX..i64::MAX) {
            let shown = Dong::new(amount).to_string();
            prop_assert_eq!(Dong::parse_text(&shown), Ok(Dong::new(amount)));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,40}") {
            let _ = Dong::parse_text(&text);
        }
    }
}
