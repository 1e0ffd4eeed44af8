//! Time limits as procedures state them, in the text of definitions and in that of published notices.
//!
//! Refuses a number without a unit, and hours that are not working hours unless they make whole days.

use crate::Lang;
use crate::code::{CODE_CHARS_MAX, serde_as_text};
use crate::fold::fold;
use std::fmt;
use std::str::FromStr;

/// The largest number in any limit: a hundred years of days.
const NUMBER_MAX: u32 = 36_500;

/// A time limit. In definitions: `8 working_hours`, `5 working_days`, `30 days`, `3 months`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeLimit {
    /// Hours in which offices are open (giờ làm việc).
    WorkingHours(u32),
    /// Working days (ngày làm việc); none means within the day of reception.
    WorkingDays(u32),
    /// Days of the calendar (ngày).
    Days(u32),
    /// Months of the calendar (tháng).
    Months(u32),
}

/// Why a text is no time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeLimitError {
    /// No number and unit, or none that is known.
    #[error("a time limit is a number and a unit, such as \"5 working_days\" or \"5 ngày làm việc\"")]
    Shape,
    /// More than a hundred years.
    #[error("the time limit is too long")]
    TooLong,
    /// Hours that are neither working hours nor whole days.
    #[error("hours must be working hours (giờ làm việc)")]
    PlainHours,
}

crate::error::invalid_fault!(TimeLimitError, "time-limit-invalid");

impl TimeLimit {
    /// Reads Vietnamese text: `05 ngày làm việc`, `30 ngày`, `Trong ngày`, `8 giờ làm việc`, `1 tháng`,
    /// `02 (hai) ngày làm việc`.
    ///
    /// # Errors
    /// [`TimeLimitError`]; the whole text must be a limit and nothing else.
    pub fn parse_vi(text: &str) -> Result<Self, TimeLimitError> {
        if text.len() > CODE_CHARS_MAX {
            return Err(TimeLimitError::Shape);
        }
        let folded = fold(text);
        let phrase = folded.trim_end_matches(['.', ',', ';', ':']).trim();
        if matches!(
            phrase,
            "trong ngay" | "ngay trong ngay" | "trong ngay lam viec" | "ngay trong ngay lam viec"
        ) {
            return Ok(Self::WorkingDays(0));
        }
        let phrase = phrase.strip_prefix("trong ").unwrap_or(phrase);
        let (number, rest) = split_number(phrase)?;
        Self::of_unit(number, &without_spelt_number(rest))
    }

    fn of_unit(number: u32, unit: &str) -> Result<Self, TimeLimitError> {
        match unit {
            "gio lam viec" | "tieng lam viec" => Ok(Self::WorkingHours(number)),
            "gio" | "tieng" if number.is_multiple_of(24) && number > 0 => Ok(Self::Days(number / 24)),
            "gio" | "tieng" => Err(TimeLimitError::PlainHours),
            "ngay lam viec" => Ok(Self::WorkingDays(number)),
            "ngay" => Ok(Self::Days(number)),
            "tuan" => bounded(number.saturating_mul(7)).map(Self::Days),
            "thang" => Ok(Self::Months(number)),
            "nam" => bounded(number.saturating_mul(12)).map(Self::Months),
            _ => Err(TimeLimitError::Shape),
        }
    }

    /// The number, in the unit of the limit.
    pub const fn number(self) -> u32 {
        match self {
            Self::WorkingHours(n) | Self::WorkingDays(n) | Self::Days(n) | Self::Months(n) => n,
        }
    }

    /// The limit in words: `5 ngày làm việc`, `5 working days`, `Trong ngày làm việc`.
    pub fn text(self, lang: Lang) -> String {
        if self == Self::WorkingDays(0) {
            return match lang {
                Lang::Vi => "Trong ngày làm việc".to_owned(),
                Lang::En => "Within the working day".to_owned(),
            };
        }
        let number = self.number();
        let unit = match (self, lang) {
            (Self::WorkingHours(_), Lang::Vi) => "giờ làm việc",
            (Self::WorkingDays(_), Lang::Vi) => "ngày làm việc",
            (Self::Days(_), Lang::Vi) => "ngày",
            (Self::Months(_), Lang::Vi) => "tháng",
            (Self::WorkingHours(_), Lang::En) => "working hour",
            (Self::WorkingDays(_), Lang::En) => "working day",
            (Self::Days(_), Lang::En) => "day",
            (Self::Months(_), Lang::En) => "month",
        };
        let plural = if lang == Lang::En && number != 1 { "s" } else { "" };
        format!("{number} {unit}{plural}")
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self {
            Self::WorkingHours(_) => "working_hours",
            Self::WorkingDays(_) => "working_days",
            Self::Days(_) => "days",
            Self::Months(_) => "months",
        };
        f.pad(&format!("{} {unit}", self.number()))
    }
}

impl FromStr for TimeLimit {
    type Err = TimeLimitError;

    /// Reads the form of definitions; a unit may stand in the singular.
    fn from_str(text: &str) -> Result<Self, TimeLimitError> {
        let text = text.trim();
        let (number, unit) = split_number(text)?;
        match unit.strip_suffix('s').unwrap_or(unit) {
            "working_hour" => Ok(Self::WorkingHours(number)),
            "working_day" => Ok(Self::WorkingDays(number)),
            "day" => Ok(Self::Days(number)),
            "month" => Ok(Self::Months(number)),
            _ => Err(TimeLimitError::Shape),
        }
    }
}

serde_as_text!(TimeLimit);

fn split_number(text: &str) -> Result<(u32, &str), TimeLimitError> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    if end == 0 {
        return Err(TimeLimitError::Shape);
    }
    let number: u32 = text[..end].parse().map_err(|_| TimeLimitError::TooLong)?;
    Ok((bounded(number)?, text[end..].trim()))
}

fn bounded(number: u32) -> Result<u32, TimeLimitError> {
    if number <= NUMBER_MAX {
        Ok(number)
    } else {
        Err(TimeLimitError::TooLong)
    }
}

/// `(hai) ngay lam viec` without the number in words.
fn without_spelt_number(text: &str) -> String {
    match text.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((_, rest)) => rest.trim().to_owned(),
        None => text.to_owned(),
    }
}
