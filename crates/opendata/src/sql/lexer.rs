//! Words and signs of a statement. Owns quoting and how many digits a number has.
//! Refuses comments, other quotes and characters that begin nothing.

use super::{BYTES_MAX, SqlError};

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word without quotes, in small letters.
    Word(String),
    /// A name in double quotes, as written.
    Name(String),
    /// A text in single quotes.
    Text(String),
    /// A number: units and decimals.
    Number(i64, u8),
    /// A sign: `(`, `,`, `<=`.
    Sign(&'static str),
}

/// Signs, the longer ones first.
const SIGNS: [&str; 13] = ["<>", "!=", "<=", ">=", "<", ">", "=", "(", ")", ",", "*", ";", "-"];

/// Cuts a statement into tokens, each with the character at which it begins.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, SqlError> {
    if text.len() > BYTES_MAX {
        return Err(SqlError::TooLarge);
    }
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(&c) = chars.get(at) {
        let start = at + 1;
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let token = match c {
            '\'' | '"' => {
                let (inner, next) = quoted(&chars, at)?;
                at = next;
                if c == '"' {
                    Token::Name(inner)
                } else {
                    Token::Text(inner)
                }
            }
            c if c.is_ascii_digit() => {
                let (token, next) = number(&chars, at)?;
                at = next;
                token
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let end = end_of(&chars, at, |c| c.is_ascii_alphanumeric() || c == '_');
                let word: String = chars[at..end].iter().collect();
                at = end;
                Token::Word(word.to_ascii_lowercase())
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| starts(&chars, at, sign));
                let sign = sign.ok_or(SqlError::Expected {
                    at: start,
                    expected: "a word, a number, a text or a sign",
                })?;
                // `--` and `/*` begin comments elsewhere; here they begin nothing.
                if *sign == "-" && starts(&chars, at, "--") {
                    return Err(SqlError::Expected {
                        at: start,
                        expected: "no comment",
                    });
                }
                at += sign.len();
                Token::Sign(sign)
            }
        };
        tokens.push((token, start));
    }
    Ok(tokens)
}

fn starts(chars: &[char], at: usize, sign: &str) -> bool {
    sign.chars()
        .enumerate()
        .all(|(offset, c)| chars.get(at + offset) == Some(&c))
}

fn end_of(chars: &[char], at: usize, belongs: impl Fn(char) -> bool) -> usize {
    let rest = chars[at..].iter().position(|c| !belongs(*c));
    rest.map_or(chars.len(), |count| at + count)
}

/// What stands between quotes, which are doubled inside, and the place behind.
fn quoted(chars: &[char], at: usize) -> Result<(String, usize), SqlError> {
    let quote = chars[at];
    let (mut inner, mut next) = (String::new(), at + 1);
    loop {
        match (chars.get(next), chars.get(next + 1)) {
            (Some(c), Some(d)) if *c == quote && *d == quote => {
                inner.push(quote);
                next += 2;
            }
            (Some(c), _) if *c == quote => return Ok((inner, next + 1)),
            // No text of a register holds such a character, and one of the engines takes none as a parameter.
            (Some('\0'), _) | (None, _) => {
                return Err(SqlError::Expected {
                    at: at + 1,
                    expected: "a closing quote",
                });
            }
            (Some(c), _) => {
                inner.push(*c);
                next += 1;
            }
        }
    }
}

fn number(chars: &[char], at: usize) -> Result<(Token, usize), SqlError> {
    let refused = SqlError::Expected {
        at: at + 1,
        expected: "a number of at most 18 digits, 6 of them decimals",
    };
    let whole = end_of(chars, at, |c| c.is_ascii_digit());
    let mut end = whole;
    if chars.get(whole) == Some(&'.') {
        end = end_of(chars, whole + 1, |c| c.is_ascii_digit());
        if end == whole + 1 {
            return Err(refused);
        }
    }
    if chars.get(end).is_some_and(|c| c.is_ascii_alphabetic() || *c == '_') {
        return Err(refused);
    }
    let digits: String = chars[at..end].iter().filter(|c| **c != '.').collect();
    let decimals = end.saturating_sub(whole + 1);
    let units = digits
        .parse::<i64>()
        .ok()
        .filter(|_| digits.len() <= 18 && decimals <= 6);
    match (units, u8::try_from(decimals)) {
        (Some(units), Ok(decimals)) => Ok((Token::Number(units, decimals), end)),
        _ => Err(refused),
    }
}
