//! Vietnamese text made comparable: a fold for search, a key for sorting, and NFC.
//!
//! Text is stored as it was typed; what is compared is made here, so that both engines compare
//! bytes and need no collation of their own. Alphabet and tone order: TCVN 6909:2001 and CLDR `vi`.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// At most this many characters of a text take part in its sort key.
pub const SORT_KEY_CHARS_MAX: usize = 512;

/// The text in NFC; borrowed when it already is.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// The text as search compares it: lower case, without diacritics (đ is d), runs of white space as
/// one space, none at the ends.
///
/// Composed and decomposed input, and old and new placement of the tone (`hoà`, `hòa`), fold alike.
/// Folding twice changes nothing.
///
/// ```
/// assert_eq!(kernel::fold::fold("  Đăng ký  KHAI SINH "), "dang ky khai sinh");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    // Lower case first and after: some compatibility forms become capitals, some capitals become
    // a letter and a mark.
    let letters = text.chars().flat_map(char::to_lowercase).nfkd();
    for letter in letters.flat_map(char::to_lowercase).nfkd() {
        if letter.is_whitespace() {
            gap = !folded.is_empty();
        } else if !is_mark(letter) {
            if gap {
                folded.push(' ');
                gap = false;
            }
            folded.push(if letter == 'đ' { 'd' } else { letter });
        }
    }
    folded
}

/// Marks above and below Latin letters, and characters that are not seen.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}')
}

/// The Vietnamese alphabet, with f, j, w, z of foreign names in their usual places.
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

const LEVEL_END: u8 = 0x01;
const SPACE: u8 = 0x08;
const PUNCTUATION: u8 = 0x09;
const FIRST_DIGIT: u8 = 0x10;
const FIRST_LETTER: u8 = 0x20;
const FOREIGN: u8 = 0xf0;

/// The bytes by which a text sorts in Vietnamese order, compared bytewise.
///
/// First the letters (a ă â b c d đ e ê … u ư v x y), then the tones (level, huyền, hỏi, ngã, sắc,
/// nặng), then small before capital. Characters past [`SORT_KEY_CHARS_MAX`] do not count.
pub fn sort_key(text: &str) -> Vec<u8> {
    let mut letters = Vec::with_capacity(text.len() + 8);
    let mut tones: Vec<u8> = Vec::new();
    let mut cases: Vec<u8> = Vec::new();
    let composed = nfc(text);
    for character in composed.trim().chars().take(SORT_KEY_CHARS_MAX) {
        let (letter, tone) = split_tone(character);
        let small = letter.to_lowercase().next().unwrap_or(letter);
        push_primary(&mut letters, small);
        tones.push(2 + tone);
        cases.push(if small == letter { 2 } else { 3 });
    }
    for level in [tones, cases] {
        // No tone and small letters are the least weight of their level, so they need no bytes at
        // the end.
        let kept = level.iter().rposition(|weight| *weight != 2).map_or(0, |last| last + 1);
        letters.push(LEVEL_END);
        letters.extend_from_slice(&level[..kept]);
    }
    letters
}

fn push_primary(key: &mut Vec<u8>, letter: char) {
    let place = ALPHABET.chars().position(|known| known == letter);
    match (place.and_then(|place| u8::try_from(place).ok()), letter) {
        (Some(place), _) => key.push(FIRST_LETTER + place),
        (None, '0'..='9') => key.push(FIRST_DIGIT + (letter as u8 - b'0')),
        (None, _) if letter.is_whitespace() => key.push(SPACE),
        (None, _) => {
            key.push(if letter.is_ascii() { PUNCTUATION } else { FOREIGN });
            key.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// The letter without its tone, and the tone's place in the order of dictionaries.
fn split_tone(character: char) -> (char, u8) {
    let mut tone = 0;
    let letter: String = std::iter::once(character)
        .nfd()
        .filter(|part| match tone_of(*part) {
            Some(found) => {
                tone = found;
                false
            }
            None => true,
        })
        .nfc()
        .collect();
    let mut parts = letter.chars();
    match (parts.next(), parts.next()) {
        (Some(only), None) => (only, tone),
        // A bare tone mark, or a sequence that has no composed form, stays what it is.
        _ => (character, 0),
    }
}

fn tone_of(mark: char) -> Option<u8> {
    match mark {
        '\u{300}' => Some(1),
        '\u{309}' => Some(2),
        '\u{303}' => Some(3),
        '\u{301}' => Some(4),
        '\u{323}' => Some(5),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fold_takes_off_every_diacritic() {
        let table = [
            ("Đăng ký khai sinh", "dang ky khai sinh"),
            ("ĐƯỜNG Nguyễn Thị Minh Khai", "duong nguyen thi minh khai"),
            ("hoà", "hoa"),
            ("hòa", "hoa"),
            ("Thuý", "thuy"),
            ("Thúy", "thuy"),
            ("a\u{306}\u{301}n", "an"),
            ("ắn", "an"),
            ("quyê\u{300}n", "quyen"),
            ("  hai \u{a0}\t dấu  cách ", "hai dau cach"),
            ("ﬁ Ⅳ ²", "fi iv 2"),
            ("Số 12/2025/NĐ-CP", "so 12/2025/nd-cp"),
            ("zero\u{200b}width", "zerowidth"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn every_vietnamese_vowel_folds_to_a_bare_letter() {
        let vowels = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ";
        let spelt: String = vowels.to_uppercase().nfd().collect();
        assert_eq!(fold(vowels), fold(&spelt));
        assert!(fold(vowels).chars().all(|c| "aeiouyd".contains(c)));
        assert_eq!(fold(vowels).chars().count(), 73);
    }

    #[test]
    fn names_sort_in_vietnamese_order() {
        let expected = [
            "",
            "1 Tháng 5",
            "An",
            "ăn",
            "ân",
            "Ba",
            "Bà",
            "Bả",
            "Bã",
            "Bá",
            "Bạ",
            "Bà Rịa",
            "Can",
            "Dũng",
            "Đào",
            "e",
            "ê",
            "Ha Tiên",
            "Hà Tĩnh",
            "Hải Phòng",
            "o",
            "ô",
            "ơ",
            "Quảng",
            "Thạch Hà",
            "Thái",
            "u",
            "ư",
            "Yên",
        ];
        let mut by_key = expected.to_vec();
        by_key.reverse();
        by_key.sort_by_key(|name| sort_key(name));
        assert_eq!(by_key, expected);
    }

    #[test]
    fn composed_and_decomposed_sort_alike_and_capitals_come_after() {
        let decomposed: String = "Nguyễn Thị Ánh".nfd().collect();
        assert_eq!(sort_key("Nguyễn Thị Ánh"), sort_key(&decomposed));
        assert!(sort_key("an") < sort_key("An"));
        assert!(sort_key("An") < sort_key("àn"));
        assert!(sort_key("Zoë") < sort_key("Ω"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn any_characters_fold_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
            let _ = sort_key(&text);
        }

        #[test]
        fn normal_forms_fold_and_sort_alike(text in "[a-zA-ZàảãáạăằắâầđêếôồơờưừỳĐÂĂƯƠỘ ]{0,40}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(fold(&decomposed), fold(&text));
            prop_assert_eq!(sort_key(&decomposed), sort_key(&text));
            prop_assert_eq!(nfc(&decomposed).into_owned(), text.nfc().collect::<String>());
        }

        #[test]
        fn order_is_first_by_letters(a in "[a-zđăâêôơư]{0,8}", b in "[a-zđăâêôơư]{0,8}") {
            let rank = |text: &str| -> Vec<usize> {
                text.chars().filter_map(|c| ALPHABET.chars().position(|k| k == c)).collect()
            };
            prop_assert_eq!(sort_key(&a).cmp(&sort_key(&b)), rank(&a).cmp(&rank(&b)));
        }
    }
}
