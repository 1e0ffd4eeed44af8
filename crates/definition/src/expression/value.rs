//! Values that expressions work on. It owns the scaled number and refuses floating point: both database engines and any
//! outsider must come to the same sum.

use kernel::calendar::TimeLimit;
use kernel::{Date, Timestamp};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A value of a field or of an expression. A value that does not fit where it is used counts as unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Unknown, or not there.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number in the unit of its field; đồng too.
    Number(Number),
    /// A text, a choice, a code, or the id of a person, a file or an area.
    Text(String),
    /// A day.
    Date(Date),
    /// An instant.
    Instant(Timestamp),
    /// Days or months.
    Duration(TimeLimit),
    /// Several values of one type, or files, or persons.
    Many(Vec<Value>),
}

impl Value {
    /// Whether it is [`Value::Bool`] and true: how guards, exemptions and conditions are read.
    #[must_use]
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// Whether it is [`Value::Bool`] and false: how rules of records are read.
    #[must_use]
    pub fn is_false(&self) -> bool {
        matches!(self, Self::Bool(false))
    }
}

/// A scaled integer: `units` of 10 to the minus `scale`. `12.50` is 1250 at scale 2, and equals `12.5` in value but not
/// in shape; compare by [`Number::compare`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    units: i64,
    scale: u8,
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not digits with at most one point between them.
    #[error("a number is written as digits, with a point before decimals")]
    Shape,
    /// More than 18 digits.
    #[error("a number has at most 18 digits")]
    TooLong,
}

impl Number {
    /// A whole number.
    #[must_use]
    pub const fn whole(units: i64) -> Self {
        Self { units, scale: 0 }
    }

    /// `units` of 10 to the minus `scale`; a scale above 18 counts as 18.
    #[must_use]
    pub const fn scaled(units: i64, scale: u8) -> Self {
        let scale = if scale > 18 { 18 } else { scale };
        Self { units, scale }
    }

    /// The integer that is stored.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.units
    }

    /// Number of decimals.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Number of digits, decimals included; zero has one before the point.
    #[must_use]
    pub fn digits(self) -> u8 {
        let digits = self.units.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1);
        u8::try_from(digits).unwrap_or(19).max(self.scale)
    }

    /// The same value with `scale` decimals, or `None` when decimals would be lost or it does not fit.
    #[must_use]
    pub fn rescaled(self, scale: u8) -> Option<Self> {
        if scale >= self.scale {
            let factor = 10_i64.checked_pow(u32::from(scale - self.scale))?;
            let units = self.units.checked_mul(factor)?;
            return Some(Self { units, scale });
        }
        let factor = 10_i64.checked_pow(u32::from(self.scale - scale))?;
        (self.units % factor == 0).then(|| Self {
            units: self.units / factor,
            scale,
        })
    }

    /// Compares values, whatever their scales.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.wide(scale).cmp(&other.wide(scale))
    }

    fn wide(self, scale: u8) -> i128 {
        // At most 19 digits times 10^18: far below the 38 digits of an i128.
        i128::from(self.units) * 10_i128.pow(u32::from(scale.saturating_sub(self.scale)))
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let sum = self.wide(scale).checked_add(other.wide(scale))?;
        Some(Self::scaled(i64::try_from(sum).ok()?, scale))
    }

    pub(super) fn minus(self) -> Option<Self> {
        let units = self.units.checked_neg()?;
        Some(Self { units, ..self })
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        let scale = self.scale.checked_add(other.scale).filter(|scale| *scale <= 18)?;
        Some(Self::scaled(self.units.checked_mul(other.units)?, scale))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.units.unsigned_abs().to_string();
        let sign = if self.units < 0 { "-" } else { "" };
        let scale = usize::from(self.scale);
        if scale == 0 {
            return f.pad(&format!("{sign}{digits}"));
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, decimals) = padded.split_at(padded.len() - scale);
        f.pad(&format!("{sign}{whole}.{decimals}"))
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Reads `12`, `-12.50`; no exponent, no grouping.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, decimals) = match rest.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
            Some(_) => return Err(NumberError::Shape),
            None => (rest, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(NumberError::Shape);
        }
        if whole.len() + decimals.len() > 18 {
            return Err(NumberError::TooLong);
        }
        let units: i64 = format!("{whole}{decimals}").parse().map_err(|_| NumberError::TooLong)?;
        let scale = u8::try_from(decimals.len()).map_err(|_| NumberError::TooLong)?;
        Ok(Self {
            units: sign * units,
            scale,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_decimals() {
        let number: Number = "-0.50".parse().unwrap();
        assert_eq!((number.units(), number.scale(), number.digits()), (-50, 2, 2));
        assert_eq!(number.to_string(), "-0.50");
        assert_eq!(number.rescaled(1), Some(Number::scaled(-5, 1)));
        assert_eq!(number.rescaled(0), None);
        assert_eq!(number.compare("-0.5".parse().unwrap()), Ordering::Equal);
        for text in ["", "-", ".5", "5.", "1e3", "1.2.3", "٣", "+1"] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::Shape), "{text}");
        }
        assert_eq!("1234567890.123456789".parse::<Number>(), Err(NumberError::TooLong));
    }
}
