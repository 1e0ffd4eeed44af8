//! How the bytes of a stranger's text are written: what they look like, and the way from the encodings that Viet Nam used
//! before Unicode to Unicode. Owns the two that no library has (TCVN3, VNI) and the judgement which of the eight-bit ones a
//! text is in: the one under which most of its words are Vietnamese syllables. Refuses to read damage as text.
//! Standards: TCVN 5712:1993 (VN3), TCVN 6909:2001; windows-1258 as of the WHATWG Encoding Standard.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1258};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::fold::nfc;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charset {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// UTF-16, least significant byte first.
    Utf16Le,
    /// UTF-16, most significant byte first.
    Utf16Be,
    /// windows-1258: Vietnamese of older Windows.
    Windows1258,
    /// TCVN3 (ABC): fonts whose names begin with `.Vn`.
    Tcvn3,
    /// VNI for Windows: fonts whose names begin with `VNI-`.
    Vni,
}

impl Charset {
    /// All of them, the usual one first.
    pub const ALL: [Self; 6] = [
        Self::Utf8,
        Self::Utf16Le,
        Self::Utf16Be,
        Self::Windows1258,
        Self::Tcvn3,
        Self::Vni,
    ];

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16",
            Self::Utf16Be => "UTF-16 (big-endian)",
            Self::Windows1258 => "Windows-1258",
            Self::Tcvn3 => "TCVN3 (ABC)",
            Self::Vni => "VNI",
        }
    }

    /// The word by which it is stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Utf16Le => "utf16-le",
            Self::Utf16Be => "utf16-be",
            Self::Windows1258 => "windows1258",
            Self::Tcvn3 => "tcvn3",
            Self::Vni => "vni",
        }
    }

    /// The encoding of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// Whether a byte below 128 is the ASCII letter wherever it stands.
    #[must_use]
    pub const fn is_over_ascii(self) -> bool {
        !matches!(self, Self::Utf16Le | Self::Utf16Be)
    }

    /// The bytes as text in NFC, without a byte order mark; none when they are damaged or in another encoding.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        let composed = |text: Cow<'_, str>| match text {
            Cow::Borrowed(text) => Cow::Owned(nfc(text).into_owned()),
            Cow::Owned(text) => Cow::Owned(nfc(&text).into_owned()),
        };
        let by = |encoding: &'static encoding_rs::Encoding| {
            let (text, _) = encoding.decode_with_bom_removal(bytes);
            (!text.chars().any(is_damage)).then(|| composed(text))
        };
        match self {
            Self::Utf8 => {
                let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()?;
                Some(nfc(text))
            }
            Self::Utf16Le => by(UTF_16LE),
            Self::Utf16Be => by(UTF_16BE),
            Self::Windows1258 => by(WINDOWS_1258),
            Self::Tcvn3 => Some(Cow::Owned(bytes.iter().map(|byte| of_tcvn3(*byte)).collect())),
            Self::Vni => Some(Cow::Owned(of_vni(bytes))),
        }
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What decoders put where they understood nothing, and controls that no text has.
#[must_use]
pub fn is_damage(letter: char) -> bool {
    letter == '\u{fffd}' || ('\u{80}'..='\u{9f}').contains(&letter)
}

/// What the bytes of a file look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// UTF-8.
    Utf8,
    /// UTF-16.
    Utf16,
    /// Eight-bit text: windows-1258, TCVN3, VNI or another.
    EightBit,
    /// A ZIP archive: an XLSX workbook, most likely.
    Zip,
    /// A workbook of Excel 97 to 2003.
    OldExcel,
    /// A PDF.
    Pdf,
    /// A web page, which some systems name `.xls`.
    WebPage,
    /// No text.
    Binary,
}

/// What the bytes look like, by their first ones and by which are zero.
#[must_use]
pub fn found(bytes: &[u8]) -> Found {
    let head = &bytes[..bytes.len().min(4096)];
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        return Found::Zip;
    }
    if starts(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Found::OldExcel;
    }
    if starts(b"%PDF") {
        return Found::Pdf;
    }
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    if starts(&[0xff, 0xfe]) || starts(&[0xfe, 0xff]) || (zeros * 4 > head.len() && bytes.len().is_multiple_of(2)) {
        return Found::Utf16;
    }
    let lowered = head.to_ascii_lowercase();
    let page = |tag: &[u8]| lowered.windows(tag.len()).take(512).any(|window| window == tag);
    if page(b"<html") || page(b"<!doctype html") || page(b"<table") {
        return Found::WebPage;
    }
    match std::str::from_utf8(bytes) {
        _ if bytes.contains(&0) => Found::Binary,
        Ok(_) => Found::Utf8,
        Err(_) => Found::EightBit,
    }
}

/// Least significant byte first, unless the byte order mark, or the place of the zeros, says otherwise.
#[must_use]
pub fn utf16_order(bytes: &[u8]) -> Charset {
    let zeros_at = |parity: usize| {
        let head = bytes.iter().take(4096).skip(parity).step_by(2);
        head.filter(|byte| **byte == 0).count()
    };
    let little = bytes.starts_with(&[0xff, 0xfe]);
    let big = bytes.starts_with(&[0xfe, 0xff]) || (!little && zeros_at(0) > zeros_at(1));
    if big { Charset::Utf16Be } else { Charset::Utf16Le }
}

/// Which of the eight-bit encodings a text is in, and whether that is sure: whether clearly more of its words are Vietnamese
/// under it than under the others. `bytes` may be a part of a longer text.
#[must_use]
pub fn guess_eight_bit(bytes: &[u8]) -> (Charset, bool) {
    let scores = [Charset::Windows1258, Charset::Tcvn3, Charset::Vni].map(|one| {
        let text = match one {
            Charset::Windows1258 => nfc(&WINDOWS_1258.decode_without_bom_handling(bytes).0).into_owned(),
            other => other.decode(bytes).unwrap_or_default().into_owned(),
        };
        (one, score(&text))
    });
    let (mut best, mut second) = (scores[0], i64::MIN);
    for next in &scores[1..] {
        if next.1 > best.1 {
            (second, best) = (best.1, *next);
        } else {
            second = second.max(next.1);
        }
    }
    (best.0, best.1 > 0 && best.1 >= second + 2)
}

/// Words with marks that are Vietnamese syllables, less those that are none.
fn score(text: &str) -> i64 {
    let words = text.split(|letter: char| letter.is_ascii() && !letter.is_ascii_alphabetic());
    let marked = words.filter(|word| !word.is_ascii());
    marked.map(|word| if is_syllable(word) { 1 } else { -1 }).sum()
}

const ONSETS: &[&str] = &[
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "",
];

const RIMES: &str = " a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo \
    ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan \
    oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt \
    ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych \
    uyên uyêt uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu êm ên \
    ênh êt êu ăng âng ";

/// Whether a word could be one syllable of Vietnamese: an onset, a rime, at most one tone.
#[must_use]
pub fn is_syllable(word: &str) -> bool {
    let mut tones = 0;
    let plain: String = word
        .chars()
        .flat_map(char::to_lowercase)
        .nfd()
        .filter(|letter| {
            let is_tone = matches!(letter, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
            tones += u32::from(is_tone);
            !is_tone
        })
        .nfc()
        .collect();
    let is_rime = |rime: &str| !rime.is_empty() && RIMES.contains(&format!(" {rime} "));
    tones <= 1
        && ONSETS.iter().any(|onset| {
            plain.strip_prefix(onset).is_some_and(|rime| {
                // Their last letter may begin the rime: gi-êng, qu-yt.
                let shared = matches!(*onset, "gi" | "qu").then(|| &onset[1..]);
                is_rime(rime) || shared.is_some_and(|letter| is_rime(&format!("{letter}{rime}")))
            })
        })
}

/// From 0xA1 on; a space where there is no letter.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ ";

fn of_tcvn3(byte: u8) -> char {
    let found = byte.checked_sub(0xa1).and_then(|at| TCVN3.chars().nth(usize::from(at)));
    match found {
        Some(letter) if letter != ' ' => letter,
        _ if byte < 0x80 => char::from(byte),
        // Fonts have quotes and dashes of windows-1252 there.
        _ => WINDOWS_1258
            .decode_without_bom_handling(&[byte])
            .0
            .chars()
            .next()
            .unwrap_or('\u{fffd}'),
    }
}

/// Marks that follow their letter: what they stand for, as combining marks.
const VNI_MARKS: &[(char, &str)] = &[
    ('ø', "\u{300}"),
    ('ù', "\u{301}"),
    ('û', "\u{309}"),
    ('õ', "\u{303}"),
    ('ï', "\u{323}"),
    ('ê', "\u{306}"),
    ('è', "\u{306}\u{300}"),
    ('é', "\u{306}\u{301}"),
    ('ú', "\u{306}\u{309}"),
    ('ü', "\u{306}\u{303}"),
    ('ë', "\u{306}\u{323}"),
    ('â', "\u{302}"),
    ('à', "\u{302}\u{300}"),
    ('á', "\u{302}\u{301}"),
    ('å', "\u{302}\u{309}"),
    ('ã', "\u{302}\u{303}"),
    ('ä', "\u{302}\u{323}"),
];

/// Letters of one byte.
const VNI_LETTERS: &[(char, char)] = &[
    ('ñ', 'đ'),
    ('ì', 'ì'),
    ('í', 'í'),
    ('æ', 'ỉ'),
    ('ó', 'ĩ'),
    ('ò', 'ị'),
    ('ô', 'ơ'),
    ('ö', 'ư'),
    ('î', 'ỵ'),
];

fn of_vni(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + bytes.len() / 4);
    // The letter before, when a mark may follow it.
    let mut takes_mark = false;
    for byte in bytes {
        // VNI's bytes are those of windows-1252, which is Latin-1 where its letters are.
        let written = if (0x80..=0x9f).contains(byte) {
            '\u{fffd}'
        } else {
            char::from(*byte)
        };
        let small = written.to_lowercase().next().unwrap_or(written);
        let mark = VNI_MARKS.iter().find(|(mark, _)| *mark == small);
        if let (true, Some((_, marks))) = (takes_mark, mark) {
            out.push_str(marks);
            takes_mark = false;
            continue;
        }
        let letter = VNI_LETTERS.iter().find(|(from, _)| *from == small);
        match letter {
            Some((_, to)) if written == small => out.push(*to),
            Some((_, to)) => out.extend(to.to_uppercase()),
            None => out.push(written),
        }
        takes_mark = matches!(small, 'a' | 'e' | 'o' | 'u' | 'y') || matches!(small, 'ô' | 'ö');
    }
    out.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str =
        "Ủy ban nhân dân xã Cẩm Xuyên quản lý những cây xanh được trồng ở đường Nguyễn Huệ, thị trấn Ngũ Hành Sơn";

    /// The sentence as an old typewriter program stored it.
    fn written(charset: Charset) -> Vec<u8> {
        match charset {
            Charset::Tcvn3 => SENTENCE
                .to_lowercase()
                .chars()
                .map(
                    |letter| match TCVN3.chars().position(|one| one == letter && one != ' ') {
                        Some(at) => u8::try_from(at + 0xa1).unwrap(),
                        None => u8::try_from(u32::from(letter)).unwrap(),
                    },
                )
                .collect(),
            Charset::Vni => vni(&SENTENCE.to_lowercase()),
            Charset::Windows1258 => {
                // The letter with its shape, then its tone.
                let mut out = String::new();
                for letter in SENTENCE.chars() {
                    let parts: Vec<char> = letter.nfd().collect();
                    let is_tone = |one: &char| matches!(one, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
                    out.extend(parts.iter().filter(|one| !is_tone(one)).copied().nfc());
                    out.extend(parts.iter().filter(|one| is_tone(one)));
                }
                WINDOWS_1258.encode(&out).0.into_owned()
            }
            other => panic!("{other}"),
        }
    }

    fn vni(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for letter in text.chars() {
            let one = |c: char| u8::try_from(u32::from(c)).unwrap();
            if let Some((from, _)) = VNI_LETTERS.iter().find(|(_, to)| *to == letter) {
                out.push(one(*from));
                continue;
            }
            let parts: String = letter.nfd().collect();
            let mut chars = parts.chars();
            let mut base = chars.next().unwrap();
            let mut rest: String = chars.collect();
            if let Some(tail) = rest.strip_prefix('\u{31b}') {
                base = if base == 'o' { 'ô' } else { 'ö' };
                rest = tail.to_owned();
            }
            out.push(one(base));
            if !rest.is_empty() {
                let ordered = |marks: &str| {
                    let mut marks: Vec<char> = marks.chars().collect();
                    marks.sort_unstable();
                    marks
                };
                let (mark, _) = VNI_MARKS
                    .iter()
                    .find(|(_, marks)| ordered(marks) == ordered(&rest))
                    .unwrap();
                out.push(one(*mark));
            }
        }
        out
    }

    #[test]
    fn each_old_encoding_is_told_from_the_others_and_read() {
        for (charset, wanted) in [
            (Charset::Windows1258, SENTENCE.to_owned()),
            (Charset::Tcvn3, SENTENCE.to_lowercase()),
            (Charset::Vni, SENTENCE.to_lowercase()),
        ] {
            let bytes = written(charset);
            assert_eq!(guess_eight_bit(&bytes), (charset, true), "{charset}");
            assert_eq!(charset.decode(&bytes).unwrap(), wanted, "{charset}");
            assert_eq!(found(&bytes), Found::EightBit);
        }
    }

    #[test]
    fn every_letter_has_its_byte() {
        // As `iconv -f TCVN5712-1` reads them.
        for (byte, letter) in [
            (0xb5, 'à'),
            (0xae, 'đ'),
            (0xad, 'ư'),
            (0xa7, 'Đ'),
            (0xfe, 'ỵ'),
            (0xe9, 'ộ'),
            (0xc6, 'ặ'),
            (0xf9, 'ự'),
            (0xdf, 'ò'),
        ] {
            assert_eq!(of_tcvn3(byte), letter, "{byte:x}");
        }
        assert_eq!(
            Charset::Vni.decode(b"Nguye\xe3n HA\xc4U \xd1\xf6\xf8ng").unwrap(),
            "Nguyễn HẬU Đừng"
        );
        let letters = TCVN3.chars().filter(|letter| *letter != ' ').count();
        assert_eq!(letters, 74);
    }

    #[test]
    fn utf16_is_read_in_either_order_and_damage_is_no_text() {
        for (charset, big) in [(Charset::Utf16Le, false), (Charset::Utf16Be, true)] {
            let bytes: Vec<u8> = SENTENCE
                .encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect();
            assert_eq!((found(&bytes), utf16_order(&bytes)), (Found::Utf16, charset));
            assert_eq!(charset.decode(&bytes).unwrap(), SENTENCE);
        }
        assert_eq!(Charset::Utf8.decode(b"\xff\xfe\xfd"), None);
        assert_eq!(Charset::Windows1258.decode(b"\x81\x8d"), None);
        assert!(is_syllable("nghiêng") && is_syllable("Giếng") && is_syllable("quýt") && !is_syllable("aự"));
    }
}
