//! Dates as banks print them, in a declared form: `dd/MM/yyyy`, `yyyy-MM-dd HH:mm:ss`, `d-M-yy`. A time of day is
//! read and dropped: a line belongs to a day. Years of two digits are of this century.
//! The letters are those of Unicode TR35; no other fields are known, and the form is checked once.

use kernel::Date;
use serde::Deserialize;
use std::fmt;

/// A form of dates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DateFormat {
    pattern: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Field { letter: char, digits: usize },
    Literal(char),
}

/// Why a form of dates cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the date form {0:?} must name a day (d, dd), a month (M, MM) and a year (yy, yyyy), each once, and may name H, m, s"
)]
pub struct DateFormatError(String);

impl TryFrom<String> for DateFormat {
    type Error = DateFormatError;

    fn try_from(pattern: String) -> Result<Self, DateFormatError> {
        let mut pieces: Vec<Piece> = Vec::new();
        for letter in pattern.chars() {
            match pieces.last_mut() {
                Some(Piece::Field { letter: last, digits }) if *last == letter => *digits += 1,
                _ if letter.is_ascii_alphabetic() => pieces.push(Piece::Field { letter, digits: 1 }),
                _ => pieces.push(Piece::Literal(letter)),
            }
        }
        let fits = |piece: &Piece| match piece {
            Piece::Field {
                letter: 'd' | 'M' | 'H' | 'm' | 's',
                digits,
            } => *digits <= 2,
            Piece::Field { letter: 'y', digits } => matches!(digits, 2 | 4),
            Piece::Field { .. } => false,
            Piece::Literal(_) => true,
        };
        let count = |wanted: char| {
            let is_it = |piece: &&Piece| matches!(piece, Piece::Field { letter, .. } if *letter == wanted);
            pieces.iter().filter(is_it).count()
        };
        let whole = ['d', 'M', 'y'].iter().all(|letter| count(*letter) == 1);
        if pattern.len() > 40 || !whole || !pieces.iter().all(fits) {
            return Err(DateFormatError(pattern));
        }
        Ok(Self { pattern, pieces })
    }
}

impl std::str::FromStr for DateFormat {
    type Err = DateFormatError;

    fn from_str(text: &str) -> Result<Self, DateFormatError> {
        text.to_owned().try_into()
    }
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.pattern)
    }
}

impl DateFormat {
    /// The date that `text` says; `None` when it is not of this form or not in the calendar.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<Date> {
        let mut rest = text.trim();
        let (mut year, mut month, mut day) = (0, 0, 0);
        for piece in &self.pieces {
            match *piece {
                Piece::Literal(' ') => {
                    let trimmed = rest.trim_start();
                    rest = (trimmed.len() < rest.len()).then_some(trimmed)?;
                }
                Piece::Literal(literal) => rest = rest.strip_prefix(literal)?,
                Piece::Field { letter, digits } => {
                    let (number, behind) = number(rest, digits)?;
                    rest = behind;
                    match letter {
                        'd' => day = i8::try_from(number).ok()?,
                        'M' => month = i8::try_from(number).ok()?,
                        'y' => year = if digits == 2 { 2000 + number } else { number },
                        'H' => (number < 24).then_some(())?,
                        _ => (number < 60).then_some(())?,
                    }
                }
            }
        }
        rest.is_empty().then(|| Date::new(year, month, day).ok())?
    }
}

/// A number of exactly `digits` digits, or of one or two when the form has a single letter.
fn number(text: &str, digits: usize) -> Option<(i16, &str)> {
    let run = text.bytes().take_while(u8::is_ascii_digit).count();
    let length = match digits {
        1 => run.min(2),
        _ => digits,
    };
    if length == 0 || run < length {
        return None;
    }
    Some((text[..length].parse().ok()?, &text[length..]))
}
