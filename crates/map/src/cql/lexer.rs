//! Words, texts, numbers and signs of CQL2 text. Owns where one ends and the next begins.
//! Refuses characters that start none of them, and texts without their end.

use super::CqlError;

/// A piece of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or a word of the language.
    Word(String),
    /// A name between double quotes.
    Name(String),
    /// A text between single quotes.
    Text(String),
    /// A number as it is written, without its sign.
    Number(String),
    /// `(`, `)`, `,`, `=`, `<>`, `<`, `<=`, `>`, `>=`, and signs of arithmetic.
    Sign(&'static str),
    /// Nothing is left.
    End,
}

impl Token {
    /// As an error shows it.
    pub(super) fn shown(&self) -> String {
        let cut = |text: &str| text.chars().take(40).collect::<String>();
        match self {
            Self::Word(word) | Self::Number(word) => cut(word),
            Self::Name(name) => format!("\"{}\"", cut(name)),
            Self::Text(text) => format!("'{}'", cut(text)),
            Self::Sign(sign) => (*sign).to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

const SIGNS: [&str; 15] = [
    "<>", "<=", ">=", "(", ")", ",", "=", "<", ">", "+", "-", "*", "/", "%", "^",
];

/// The pieces of a filter, each with the character at which it begins, counted from 1.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, CqlError> {
    let mut out = Vec::new();
    let (mut rest, mut at) = (text, 1);
    loop {
        let trimmed = rest.trim_start();
        at += rest.chars().count() - trimmed.chars().count();
        rest = trimmed;
        let Some(first) = rest.chars().next() else {
            out.push((Token::End, at));
            return Ok(out);
        };
        let (token, length) = one(rest, first, at)?;
        out.push((token, at));
        at += rest[..length].chars().count();
        rest = &rest[length..];
    }
}

fn one(rest: &str, first: char, at: usize) -> Result<(Token, usize), CqlError> {
    if first == '\'' || first == '"' {
        let (text, length) = quoted(rest, first, at)?;
        let token = if first == '"' {
            Token::Name(text)
        } else {
            Token::Text(text)
        };
        return Ok((token, length));
    }
    let follows = rest.chars().nth(1);
    if first.is_ascii_digit() || (first == '.' && follows.is_some_and(|c| c.is_ascii_digit())) {
        let length = number(rest);
        return Ok((Token::Number(rest[..length].to_owned()), length));
    }
    if starts_name(first) {
        let length = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
        return Ok((Token::Word(rest[..length].to_owned()), length));
    }
    let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
    sign.map(|sign| (Token::Sign(sign), sign.len()))
        .ok_or_else(|| CqlError::Syntax {
            at,
            expected: "a condition",
            found: first.to_string(),
        })
}

/// Whether a name without quotes can begin so.
pub(super) fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == ':'
}

/// Whether a name without quotes can go on so.
pub(super) fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '.')
}

/// A text between quotes; a quote within is written twice, or behind a backslash.
fn quoted(rest: &str, quote: char, at: usize) -> Result<(String, usize), CqlError> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((place, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        if letter == quote {
            if next != Some(quote) {
                return Ok((text, place + letter.len_utf8()));
            }
            letters.next();
            text.push(quote);
        } else if letter == '\\' && next == Some(quote) && quote == '\'' {
            letters.next();
            text.push(quote);
        } else {
            text.push(letter);
        }
    }
    Err(CqlError::Syntax {
        at,
        expected: "a closing quote",
        found: Token::End.shown(),
    })
}

/// How many bytes of digits, one point and one exponent stand at the start.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits = |mut from: usize| {
        while bytes.get(from).is_some_and(u8::is_ascii_digit) {
            from += 1;
        }
        from
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let last = digits(end + 1 + sign);
        if last > end + 1 + sign {
            end = last;
        }
    }
    end
}
