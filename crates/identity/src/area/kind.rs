//! Level and kind of an area, read off the full name, and the English name made by rule.
//!
//! English names follow the published list of 2025: the name without diacritics, then the kind.

pub use kernel::code::area::AreaLevel;
use serde::{Deserialize, Serialize};

/// All levels, the highest first.
pub const LEVELS: [AreaLevel; 3] = [AreaLevel::Province, AreaLevel::District, AreaLevel::Commune];

/// The word of a level in tables and interfaces.
pub const fn level_word(level: AreaLevel) -> &'static str {
    match level {
        AreaLevel::Province => "province",
        AreaLevel::District => "district",
        AreaLevel::Commune => "commune",
    }
}

/// The level with this word.
pub fn level_of_word(word: &str) -> Option<AreaLevel> {
    LEVELS.into_iter().find(|level| level_word(*level) == word)
}

/// The kind of an area, as its full name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaKind {
    /// Tỉnh.
    Province,
    /// Thành phố (trực thuộc trung ương, or of a province at the level of districts).
    City,
    /// Quận.
    UrbanDistrict,
    /// Huyện.
    District,
    /// Thị xã.
    Town,
    /// Phường.
    Ward,
    /// Xã.
    Commune,
    /// Thị trấn.
    Township,
    /// Đặc khu.
    SpecialZone,
}

/// Kind, Vietnamese words before the name, English words after it.
const WORDS: [(AreaKind, &str, &str); 9] = [
    (AreaKind::Province, "Tỉnh", "Province"),
    (AreaKind::City, "Thành phố", "City"),
    (AreaKind::UrbanDistrict, "Quận", "District"),
    (AreaKind::District, "Huyện", "District"),
    (AreaKind::Town, "Thị xã", "Town"),
    (AreaKind::Ward, "Phường", "Ward"),
    (AreaKind::Township, "Thị trấn", "Township"),
    (AreaKind::Commune, "Xã", "Commune"),
    (AreaKind::SpecialZone, "Đặc khu", "Special Zone"),
];

impl AreaKind {
    /// Vietnamese words before the name: "Phường".
    pub fn vi(self) -> &'static str {
        WORDS
            .iter()
            .find(|(kind, _, _)| *kind == self)
            .map_or("", |(_, vi, _)| vi)
    }

    /// English words after the name: "Ward".
    pub fn en(self) -> &'static str {
        WORDS
            .iter()
            .find(|(kind, _, _)| *kind == self)
            .map_or("", |(_, _, en)| en)
    }

    /// The kind and the bare name of a full name: "Thị Trấn Óc Eo" is a township named "Óc Eo".
    ///
    /// Capitals do not count, the words before the name do: "Thị xã" is no "Xã".
    pub fn split(full: &str) -> Option<(Self, &str)> {
        let lower = full.to_lowercase();
        WORDS.iter().find_map(|(kind, vi, _)| {
            let rest = lower.strip_prefix(&vi.to_lowercase())?;
            if !rest.starts_with(' ') {
                return None;
            }
            let words = vi.split(' ').count();
            Some((*kind, skip_words(full, words)))
        })
    }

    /// The kind that a full name says.
    pub fn of_name(full: &str) -> Option<Self> {
        Self::split(full).map(|(kind, _)| kind)
    }
}

fn skip_words(text: &str, words: usize) -> &str {
    let mut rest = text.trim_start();
    for _ in 0..words {
        rest = rest.split_once(' ').map_or("", |(_, rest)| rest).trim_start();
    }
    rest
}

/// The name with Latin letters only, capitals kept: "Đắk Lắk" is "Dak Lak".
pub(crate) fn without_diacritics(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for letter in kernel::fold::nfc(name).chars() {
        let folded = kernel::fold::fold(letter.encode_utf8(&mut [0; 4]));
        match (folded.is_empty(), letter.is_uppercase()) {
            (true, _) => plain.push(letter),
            (false, true) => plain.push_str(&folded.to_uppercase()),
            (false, false) => plain.push_str(&folded),
        }
    }
    plain
}

/// The English full name by rule: "Phường Điện Biên" is "Dien Bien Ward", "Phường 1" is "Ward 1".
pub(crate) fn english_name(full: &str) -> String {
    match AreaKind::split(full) {
        Some((kind, bare)) if bare.chars().all(|c| c.is_ascii_digit()) => format!("{} {bare}", kind.en()),
        Some((kind, bare)) => format!("{} {}", without_diacritics(bare), kind.en()),
        None => without_diacritics(full),
    }
}

/// The name as names are compared: folded, without signs, numbers without leading zeros, the words
/// of the kind kept. "Phường 08" and "Phường 8" are one, "Xã Hồ" and "Phường Hồ" are two.
pub(crate) fn comparable(full: &str) -> String {
    let folded = kernel::fold::fold(full);
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut joined = String::with_capacity(folded.len());
    for word in words {
        let bare = word.trim_start_matches('0');
        joined.push_str(if bare.is_empty() { "0" } else { bare });
    }
    joined
}
