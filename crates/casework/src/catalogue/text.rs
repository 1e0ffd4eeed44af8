//! Small scanners over published text: what says nothing, paragraphs, lists, and stray characters.
//! Owns no field; refuses regular expressions, whose run time on such text is hard to bound.

use kernel::fold::{fold, nfc};

/// The text, or nothing when it is the portal's word for nothing.
pub(super) fn said(text: &str) -> &str {
    let text = text.trim();
    let nothing = ["Không có thông tin", "Không có thông tin.", "--", "-"];
    if nothing.contains(&text) { "" } else { text }
}

/// Whether the text only says that there is nothing of the kind.
pub(super) fn denies(text: &str) -> bool {
    let folded = fold(text);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(
        bare,
        "" | "khong"
            | "khong co"
            | "khong quy dinh"
            | "khong co thong tin"
            | "khong thu"
            | "mien phi"
            | "khong co quy dinh"
    )
}

/// One line: NFC, white space collapsed, characters of private fonts (list bullets of word processors) left out.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for letter in nfc(text).chars() {
        if is_private(letter) {
            continue;
        }
        if letter.is_whitespace() || letter.is_control() {
            gap = !out.is_empty();
        } else {
            if gap {
                out.push(' ');
                gap = false;
            }
            out.push(letter);
        }
    }
    out
}

fn is_private(letter: char) -> bool {
    matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
}

/// The lines that say something, cleaned.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    said(text)
        .lines()
        .map(clean)
        .filter(|line| !said(line).is_empty())
        .collect()
}

/// A list with commas; a comma within brackets does not divide.
pub(super) fn list(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut depth = 0_i32;
    let mut start = 0;
    let text = said(text);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(clean(&text[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(clean(&text[start..]));
    parts.retain(|part| !part.is_empty());
    parts
}

/// The digits at the start, as bytes of `text`.
pub(super) fn leading_digits(text: &str) -> &str {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    &text[..end]
}

/// The digits that stand right before `end`.
pub(super) fn digits_before(text: &str, end: usize) -> &str {
    let start = text.as_bytes()[..end]
        .iter()
        .rposition(|byte| !byte.is_ascii_digit())
        .map_or(0, |at| at + 1);
    &text[start..end]
}

/// The text within the brackets that `text` starts with, and what follows; `None` when they do not close.
pub(super) fn bracketed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_i32;
    if !text.starts_with('(') {
        return None;
    }
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[1..at], &text[at + 1..]));
        }
    }
    None
}

/// The last character before `at`.
pub(super) fn char_before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The largest place not after `at` where the text may be cut.
pub(super) fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}
