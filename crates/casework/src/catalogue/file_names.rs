//! The names of form files that were run together with the name of the paper: `… theo mẫuMẫu 1-CNLDN.docx`.
//! Owns the one question of where such a name begins; when that cannot be told, the whole text stays the paper's name.

use kernel::fold::fold;

use super::text::char_before;

const ENDINGS: [&str; 8] = [".docx", ".doc", ".pdf", ".xlsx", ".xls", ".rtf", ".zip", ".rar"];

/// How names of form files begin, folded.
const STARTS: [&str; 31] = [
    "mau",
    "ms",
    "mu",
    "phu luc",
    "phuluc",
    "phlc",
    "pl",
    "don",
    "to khai",
    "tokhai",
    "bm",
    "bieu",
    "giay",
    "van ban",
    "vanban",
    "ban ",
    "bao cao",
    "bc",
    "cong van",
    "cv",
    "de cuong",
    "danh sach",
    "ds",
    "phieu",
    "tk",
    "to trinh",
    "hop dong",
    "thuyet minh",
    "phuong an",
    "de nghi",
    "noi dung",
];

/// Those that also begin a file in small letters right behind a word, where no Vietnamese word would hold them.
const SMALL_STARTS: [&str; 9] = [
    "mau ",
    "mau_",
    "mauso",
    "phu luc",
    "don de nghi",
    "to khai",
    "van ban",
    "giay de nghi",
    "ban thong tin",
];

/// Longest name of a file, in characters.
const NAME_CHARS_MAX: usize = 120;

/// The paper's name, the first form file, and whether a file was seen whose start could not be told.
pub(super) fn split(text: &str) -> (&str, Option<&str>, bool) {
    let mut rest = text.trim_end();
    let mut first = None;
    // A paper has a dozen forms at most; each turn takes one off the end.
    for _ in 0..32 {
        let Some(ending) = ending_of(rest) else {
            break;
        };
        let body = &rest[..rest.len() - ending.len()];
        let Some(start) = start_of(body) else {
            return (rest, first, true);
        };
        first = Some(&rest[start..]);
        rest = rest[..start].trim_end();
    }
    (rest, first, false)
}

fn ending_of(text: &str) -> Option<&'static str> {
    let lower = text
        .len()
        .checked_sub(5)
        .and_then(|at| text.get(at..))
        .unwrap_or(text)
        .to_ascii_lowercase();
    ENDINGS.iter().find(|ending| lower.ends_with(**ending)).copied()
}

/// Where the file name that ends with `body` begins.
fn start_of(body: &str) -> Option<usize> {
    // Right behind the file before it.
    let previous = ENDINGS
        .iter()
        .filter_map(|ending| body.rfind(ending).map(|at| at + ending.len()))
        .max();
    if let Some(previous) = previous.filter(|previous| *previous < body.len()) {
        return Some(previous);
    }
    if let Some(numbered) = numbered_start(body) {
        return Some(numbered);
    }
    let mut candidates = Vec::new();
    for (at, letter) in body.char_indices().rev().take(NAME_CHARS_MAX) {
        if at > 0 && is_seam(body, at, letter) {
            candidates.push(at);
        }
    }
    // A name of a file that begins in a known way may have capitals within ("MauBankhai"), so the first such place counts;
    // of unknown ones the last.
    let known = candidates
        .iter()
        .rev()
        .find(|at| begins_like_a_file(&body[**at..], STARTS.as_slice()));
    let unknown = || {
        candidates
            .iter()
            .find(|at| !body[**at..].starts_with(char::is_lowercase))
    };
    known
        .or_else(unknown)
        .copied()
        .or_else(|| begins_like_a_file(body, STARTS.as_slice()).then_some(0))
}

/// Where a file begins whose name starts with its number in a list: `…TT-BCA).1.MuCT01.doc`. The number stands right behind
/// what ends a paper's name, and no blank follows it but that of a copy, " (2)"; else it would stay at the paper's name as
/// if it were a footnote.
fn numbered_start(body: &str) -> Option<usize> {
    let copy = body.rfind(" (").filter(|at| {
        let number = body[at + 2..].strip_suffix(')').unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let whole = &body[..copy.unwrap_or(body.len())];
    let word = whole.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let ends_name = |at: usize| {
        let mut before = body[..at].chars().rev();
        match before.next() {
            Some(')' | '”' | '"') => true,
            Some('.' | ';') => before
                .next()
                .is_some_and(|c| c.is_lowercase() || matches!(c, ')' | '”' | '"')),
            _ => false,
        }
    };
    let is_number = |at: usize| {
        let digits = super::text::leading_digits(&body[at..]).len();
        let after = body[at + digits..].chars().next();
        matches!(digits, 1 | 2) && after.is_none_or(|next| next == '.')
    };
    let mut places = whole.char_indices().map(|(at, _)| at).filter(|at| *at >= word.max(1));
    places.rfind(|at| is_number(*at) && ends_name(*at))
}

/// Whether two cells may have been run together right before `at`.
fn is_seam(body: &str, at: usize, letter: char) -> bool {
    let Some(before) = char_before(body, at) else {
        return false;
    };
    if before.is_whitespace() || letter.is_whitespace() {
        return false;
    }
    let closes = matches!(before, '.' | ';' | ')' | '”' | '"' | ',' | ':' | '’' | ']');
    if letter.is_uppercase() {
        let next_is_small = body[at..].chars().nth(1).is_some_and(char::is_lowercase);
        // "QĐ-TTg" is one word.
        let within_word = before == 'T' && body[at..].starts_with("Tg");
        return closes
            || before.is_lowercase()
            || before.is_ascii_digit()
            || (before.is_uppercase() && next_is_small && !within_word);
    }
    if letter.is_ascii_digit() {
        return matches!(before, ';' | ')');
    }
    // Small letters begin a file only when they spell one of its usual words.
    (closes || before.is_alphanumeric())
        && letter.is_alphabetic()
        && begins_like_a_file(&body[at..], SMALL_STARTS.as_slice())
}

fn begins_like_a_file(text: &str, starts: &[&str]) -> bool {
    let head: String = text.chars().take(14).collect();
    let folded = fold(&head);
    starts.iter().any(|start| folded.starts_with(start))
}
