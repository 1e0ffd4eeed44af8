//! Text for SMS: plain ASCII that the 7-bit alphabet of telephones carries, and how much of a message it fills.
//! Vietnamese loses its diacritics, never its letters; what has no plain form is left out.
//! Standard: 3GPP TS 23.038 (default alphabet and its extension table).

use unicode_normalization::UnicodeNormalization as _;

/// What one SMS holds, in characters of the 7-bit alphabet.
pub const SMS_CHARS_MAX: usize = 160;

/// The text in ASCII: `Đã tiếp nhận` becomes `Da tiep nhan`.
///
/// ```
/// assert_eq!(notice::template::ascii::plain("Hồ sơ “A” – hẹn trả…"), "Ho so \"A\" - hen tra...");
/// ```
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.nfkd() {
        match letter {
            'đ' => out.push('d'),
            'Đ' => out.push('D'),
            '\u{2018}' | '\u{2019}' | '`' | '\u{b4}' => out.push('\''),
            '\u{201c}' | '\u{201d}' | '«' | '»' => out.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            '₫' => out.push('d'),
            // A run of white space is one space, none at the beginning.
            letter if letter.is_whitespace() && !out.is_empty() && !out.ends_with(' ') => out.push(' '),
            letter if letter.is_ascii_graphic() => out.push(letter),
            _ => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// How many characters of an SMS the text fills; those of the extension table fill two.
#[must_use]
pub fn sms_chars(text: &str) -> usize {
    text.chars().map(|letter| if is_extended(letter) { 2 } else { 1 }).sum()
}

const fn is_extended(letter: char) -> bool {
    matches!(letter, '^' | '{' | '}' | '\\' | '[' | ']' | '~' | '|')
}
