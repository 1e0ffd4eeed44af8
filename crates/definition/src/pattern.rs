//! Patterns of text fields: letters, classes such as `[A-Z0-9]`, `.`, `\d`, and how often: `?`, `*`, `+`, `{2}`, `{2,5}`.
//! It owns a part of regular expressions that browsers read alike, and refuses groups and alternatives. A text is
//! matched as a whole, in time that grows with text times pattern.

use std::str::Chars;

/// Most times that something may be repeated by number.
const TIMES_MAX: u32 = 200;
/// Most parts of a pattern.
const PARTS_MAX: usize = 100;

/// A pattern that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// Ranges of characters, both ends included.
    ranges: Vec<(char, char)>,
    inverted: bool,
    least: u32,
    /// `None` is without end.
    most: Option<u32>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A bracket that is not closed, or an empty class.
    #[error("a class is written [A-Z0-9]")]
    Class,
    /// A count that is none, or too large.
    #[error("a count is written {{2}} or {{2,5}}")]
    Count,
    /// A sign of regular expressions that patterns do not have.
    #[error("groups, alternatives and anchors are not part of patterns")]
    Sign,
    /// Too many parts.
    #[error("the pattern is too long")]
    TooLong,
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let (ranges, inverted) = match c {
                '[' => class(&mut chars)?,
                '.' => (vec![('\0', char::MAX)], false),
                '\\' => (escaped(&mut chars)?, false),
                '(' | ')' | '|' | '^' | '$' | '*' | '+' | '?' | '{' | '}' | ']' => return Err(PatternError::Sign),
                c => (vec![(c, c)], false),
            };
            let (least, most) = count(&mut chars)?;
            parts.push(Part {
                ranges,
                inverted,
                least,
                most,
            });
            if parts.len() > PARTS_MAX {
                return Err(PatternError::TooLong);
            }
        }
        let text = text.to_owned();
        Ok(Self { text, parts })
    }
}

fn class(chars: &mut Chars<'_>) -> Result<(Vec<(char, char)>, bool), PatternError> {
    let inverted = chars.as_str().starts_with('^');
    if inverted {
        chars.next();
    }
    let mut ranges = Vec::new();
    loop {
        let low = match chars.next().ok_or(PatternError::Class)? {
            ']' if !ranges.is_empty() => return Ok((ranges, inverted)),
            ']' | '[' => return Err(PatternError::Class),
            '\\' => {
                ranges.extend(escaped(chars)?);
                continue;
            }
            low => low,
        };
        let mut ahead = chars.clone();
        if ahead.next() == Some('-') && !ahead.as_str().starts_with(']') {
            let high = ahead.next().filter(|high| *high >= low && *high != '\\');
            ranges.push((low, high.ok_or(PatternError::Class)?));
            *chars = ahead;
        } else {
            ranges.push((low, low));
        }
    }
}

fn escaped(chars: &mut Chars<'_>) -> Result<Vec<(char, char)>, PatternError> {
    match chars.next() {
        Some('d') => Ok(vec![('0', '9')]),
        Some(c) if c.is_ascii_punctuation() => Ok(vec![(c, c)]),
        _ => Err(PatternError::Sign),
    }
}

fn count(chars: &mut Chars<'_>) -> Result<(u32, Option<u32>), PatternError> {
    let counted = match chars.as_str().chars().next() {
        Some('?') => (0, Some(1)),
        Some('*') => (0, None),
        Some('+') => (1, None),
        Some('{') => {
            let (inner, rest) = chars.as_str()[1..].split_once('}').ok_or(PatternError::Count)?;
            let number = |text: &str| text.parse::<u32>().ok().filter(|times| *times <= TIMES_MAX);
            let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
            let (least, most) = (number(least), number(most));
            *chars = rest.chars();
            return match (least, most) {
                (Some(least), Some(most)) if least <= most => Ok((least, Some(most))),
                _ => Err(PatternError::Count),
            };
        }
        _ => return Ok((1, Some(1))),
    };
    chars.next();
    Ok(counted)
}

impl Part {
    fn takes(&self, c: char) -> bool {
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != self.inverted
    }
}

impl Pattern {
    /// The pattern as written, which HTML reads alike.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        // For each part, the positions in the text that can be reached before it.
        let mut reached = vec![false; chars.len() + 1];
        reached[0] = true;
        for part in &self.parts {
            reached = part.after(&chars, &reached);
        }
        reached[chars.len()]
    }
}

impl Part {
    /// Which positions can be reached behind this part. `far` is how far from its nearest start a run may go.
    fn after(&self, chars: &[char], before: &[bool]) -> Vec<bool> {
        let mut after = vec![false; before.len()];
        let least = self.least as usize;
        // The length of the run of taken characters that ends at each position.
        let mut run = 0;
        for end in 0..before.len() {
            if end > 0 {
                run = if self.takes(chars[end - 1]) { run + 1 } else { 0 };
            }
            let most = self.most.map_or(run, |most| run.min(most as usize));
            after[end] = least <= most && before[end - most..=end - least].contains(&true);
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, text: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(text)
    }

    #[test]
    fn patterns_match_whole_texts() {
        assert!(matches("[A-Z]{2}-[0-9]{6}", "TS-000001"));
        assert!(!matches("[A-Z]{2}-[0-9]{6}", "TS-0000011"));
        assert!(matches("a*a", "aaa") && !matches("a*a", ""));
        assert!(matches("[^0-9]+\\d?", "ấp 3") && matches("[a\\-z]{1,3}", "a-z"));
        assert!(matches(".{0,2}", "") && !matches("x{2,3}", "xxxx"));
        for (text, error) in [
            ("(a)", PatternError::Sign),
            ("[", PatternError::Class),
            ("[]", PatternError::Class),
            ("[z-a]", PatternError::Class),
            ("a{2", PatternError::Count),
            ("a{3,2}", PatternError::Count),
            ("a{999}", PatternError::Count),
            ("a**", PatternError::Sign),
        ] {
            assert_eq!(text.parse::<Pattern>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(pattern in "\\PC{0,30}", text in "\\PC{0,30}") {
            if let Ok(pattern) = pattern.parse::<Pattern>() {
                let _ = pattern.matches(&text);
            }
        }

        #[test]
        fn a_count_is_a_count(least in 0_usize..5, more in 0_usize..5, length in 0_usize..12) {
            let pattern: Pattern = format!("b?a{{{least},{}}}", least + more).parse().unwrap();
            prop_assert_eq!(pattern.matches(&"a".repeat(length)), (least..=least + more).contains(&length));
        }
    }
}
