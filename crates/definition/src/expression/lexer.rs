//! Text of an expression to words; every word knows its byte.
//! It owns characters and refuses those outside the language.

use super::{ExpressionError, Number, Offset, Wrong};

/// A word of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// A name, `true`, `null`, `in` among them.
    Name(String),
    Number(Number),
    Text(String),
    /// An operator or bracket.
    Sign(&'static str),
    End,
}

impl Word {
    /// For messages.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Number(number) => format!("`{number}`"),
            Self::Text(text) => format!("'{text}'"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longest first, so that `<=` is not `<`.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "-", "+", "*", "?", ":", "(", ")", "[", "]", ",", ".",
];

pub(super) fn words(text: &str) -> Result<Vec<(Word, Offset)>, ExpressionError> {
    if text.len() > super::BYTES_MAX {
        return Err(wrong(0, Wrong::TooLong));
    }
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if matches!(first, ' ' | '\t' | '\n' | '\r') {
            at += 1;
            continue;
        }
        let (word, length) = word(&text[at..], first, at)?;
        found.push((word, Offset(at)));
        at += length;
    }
    found.push((Word::End, Offset(text.len())));
    Ok(found)
}

fn word(rest: &str, first: char, at: usize) -> Result<(Word, usize), ExpressionError> {
    match first {
        'a'..='z' | 'A'..='Z' | '_' => {
            let length = run(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            Ok((Word::Name(rest[..length].to_owned()), length))
        }
        '0'..='9' => number(rest, at),
        '\'' | '"' => quoted(rest, first, at),
        _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => Ok((Word::Sign(sign), sign.len())),
            None => Err(wrong(at, Wrong::Character(first))),
        },
    }
}

fn number(rest: &str, at: usize) -> Result<(Word, usize), ExpressionError> {
    let whole = run(rest, |c| c.is_ascii_digit());
    let decimals = rest[whole..]
        .strip_prefix('.')
        .map_or(0, |tail| run(tail, |c| c.is_ascii_digit()));
    let length = if decimals > 0 { whole + 1 + decimals } else { whole };
    match rest[..length].parse() {
        Ok(number) => Ok((Word::Number(number), length)),
        Err(_) => Err(wrong(at, Wrong::Number)),
    }
}

fn quoted(rest: &str, quote: char, at: usize) -> Result<(Word, usize), ExpressionError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((index, c)) = chars.next() {
        match c {
            _ if c == quote => return Ok((Word::Text(text), index + 1)),
            '\\' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, c @ ('\\' | '\'' | '"'))) => text.push(c),
                _ => return Err(wrong(at + index, Wrong::Text)),
            },
            _ => text.push(c),
        }
    }
    Err(wrong(at, Wrong::Text))
}

fn run(text: &str, holds: impl Fn(char) -> bool) -> usize {
    text.find(|c| !holds(c)).unwrap_or(text.len())
}

pub(super) fn wrong(at: usize, what: Wrong) -> ExpressionError {
    ExpressionError { at: Offset(at), what }
}
