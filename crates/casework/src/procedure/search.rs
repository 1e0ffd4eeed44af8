//! Search over the catalogue as people type: without diacritics, in any order of words, in their own words.
//! Pure: the catalogue of a province is a few thousand rows, so the whole index is held in memory and scanned.
//! Refuses fuzziness that cannot be explained: each hit has one reason, and the reason orders the list.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use kernel::fold::{fold, sort_key};
use serde::{Deserialize, Serialize};

use super::{Summary, Tier};

/// Most letters of a query that are looked at.
pub const QUERY_CHARS_MAX: usize = 120;

/// Rows on one page of results.
pub const PAGE_ROWS: usize = 20;

/// Words and groups of words, read once from the data file.
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let file: WordsFile = toml::from_str(include_str!("../../data/synonyms.toml")).expect("a test reads this file");
    Words {
        groups: file
            .groups
            .iter()
            .map(|group| group.iter().map(|phrase| folded(phrase)).collect())
            .collect(),
        fillers: file.fillers.iter().map(|phrase| folded(phrase)).collect(),
    }
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsFile {
    groups: Vec<Vec<String>>,
    fillers: Vec<String>,
}

struct Words {
    groups: Vec<Vec<String>>,
    fillers: Vec<String>,
}

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// As typed; empty lists everything.
    pub text: String,
    /// Slug of a sector.
    pub sector: Option<String>,
    /// Level of government.
    pub tier: Option<Tier>,
    /// Only what can be filed online.
    pub online: bool,
    /// Page, from 1.
    pub page: usize,
}

/// One page of what was found.
#[derive(Debug, Clone)]
pub struct Hits<'a> {
    /// The rows of this page, best first.
    pub rows: Vec<&'a Summary>,
    /// How many there are in all.
    pub total: usize,
    /// Page shown, from 1.
    pub page: usize,
    /// How many pages there are, at least 1.
    pub pages: usize,
}

/// A sector and how many procedures it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectorCount {
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: kernel::Bilingual,
    /// Procedures in force.
    pub count: usize,
}

struct Entry {
    summary: Summary,
    name: String,
    short: String,
    all: String,
}

/// The searchable catalogue. Made anew when the catalogue changes, never changed.
pub struct Index {
    /// Revision of the catalogue that this index shows.
    pub revision: i64,
    entries: Vec<Entry>,
    by_code: HashMap<String, usize>,
    sectors: Vec<SectorCount>,
    online: usize,
}

impl Index {
    /// Builds the index; the order of the rows does not matter.
    #[must_use]
    pub fn new(revision: i64, summaries: Vec<Summary>) -> Self {
        let mut entries: Vec<Entry> = summaries.into_iter().map(Entry::new).collect();
        entries.sort_by_cached_key(|entry| (Reverse(entry.summary.popularity), sort_key(&entry.summary.name.vi)));
        let by_code = entries
            .iter()
            .enumerate()
            .map(|(at, entry)| (entry.summary.code.to_string(), at))
            .collect();
        let online = entries.iter().filter(|entry| entry.summary.is_online()).count();
        let sectors = count_sectors(&entries);
        Self {
            revision,
            entries,
            by_code,
            sectors,
            online,
        }
    }

    /// How many procedures are in force.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the catalogue was never imported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many can be filed online.
    #[must_use]
    pub fn online(&self) -> usize {
        self.online
    }

    /// Sectors with their counts, in Vietnamese order.
    #[must_use]
    pub fn sectors(&self) -> &[SectorCount] {
        &self.sectors
    }

    /// One procedure's row.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Summary> {
        self.by_code.get(code).map(|&at| &self.entries[at].summary)
    }

    /// All rows, the most asked for first.
    pub fn all(&self) -> impl Iterator<Item = &Summary> {
        self.entries.iter().map(|entry| &entry.summary)
    }

    /// The most asked-for procedures that can be filed online here.
    pub fn popular(&self, count: usize) -> impl Iterator<Item = &Summary> {
        self.entries
            .iter()
            .map(|entry| &entry.summary)
            .filter(|row| row.popularity > 0 && row.is_online())
            .take(count)
    }

    /// Finds and orders. The reason of a hit comes first, then how often a procedure is asked for, then its name.
    #[must_use]
    pub fn search(&self, query: &Query) -> Hits<'_> {
        let wanted = Wanted::new(&query.text);
        let mut found: Vec<(u32, usize)> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.passes(query))
            .filter_map(|(at, entry)| wanted.score(entry).map(|score| (score, at)))
            .collect();
        // Entries already stand in order of popularity and name, so a stable sort by score keeps that order inside one reason.
        found.sort_by_key(|&(score, _)| Reverse(score));
        let total = found.len();
        let pages = total.div_ceil(PAGE_ROWS).max(1);
        let page = query.page.clamp(1, pages);
        let rows = found
            .iter()
            .skip((page - 1) * PAGE_ROWS)
            .take(PAGE_ROWS)
            .map(|&(_, at)| &self.entries[at].summary)
            .collect();
        Hits {
            rows,
            total,
            page,
            pages,
        }
    }
}

fn count_sectors(entries: &[Entry]) -> Vec<SectorCount> {
    let mut counts: BTreeMap<Vec<u8>, SectorCount> = BTreeMap::new();
    for entry in entries {
        let sector = &entry.summary.sector;
        counts
            .entry(sort_key(&sector.vi))
            .or_insert_with(|| SectorCount {
                slug: slug(&sector.vi),
                name: sector.clone(),
                count: 0,
            })
            .count += 1;
    }
    counts.into_values().collect()
}

/// The address form of a sector: folded words joined by hyphens.
#[must_use]
pub fn slug(name: &str) -> String {
    let folded = fold(name);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-")
}

impl Entry {
    fn new(summary: Summary) -> Self {
        let name = folded(&summary.name.vi);
        let short = summary
            .short_name
            .as_ref()
            .map(|short| folded(&short.vi))
            .unwrap_or_default();
        let english = [Some(&summary.name), summary.short_name.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|name| name.en.as_deref());
        let mut all = format!("{name} {short} {}", folded(&summary.sector.vi));
        for extra in english.chain(summary.keywords.iter().map(String::as_str)) {
            all.push(' ');
            all.push_str(&folded(extra));
        }
        Self {
            summary,
            name,
            short,
            all,
        }
    }

    fn passes(&self, query: &Query) -> bool {
        query.tier.is_none_or(|tier| self.summary.tiers.contains(&tier))
            && (!query.online || self.summary.is_online())
            && query
                .sector
                .as_ref()
                .is_none_or(|sector| &self.summary.sector_slug == sector)
    }
}

/// A query made ready: its folded text, then the same with a phrase replaced by what the catalogue calls it.
struct Wanted {
    variants: Vec<Variant>,
}

struct Variant {
    text: String,
    words: Vec<String>,
    is_synonym: bool,
}

impl Wanted {
    fn new(text: &str) -> Self {
        let short: String = text.chars().take(QUERY_CHARS_MAX).collect();
        let typed = folded(&short);
        let mut variants = Vec::new();
        if !typed.is_empty() {
            let plain = without_fillers(&typed);
            variants.push(Variant::new(plain.clone(), false));
            for (phrase, others) in WORDS
                .groups
                .iter()
                .flat_map(|group| group.iter().map(move |phrase| (phrase, group)))
            {
                if contains_words(&plain, phrase) {
                    let replaced = others
                        .iter()
                        .filter(|other| *other != phrase)
                        .map(|other| plain.replacen(phrase.as_str(), other, 1));
                    variants.extend(replaced.map(|text| Variant::new(text, true)));
                }
            }
        }
        Self { variants }
    }

    /// How good a hit is, or that it is none. Every entry is a hit of an empty query.
    fn score(&self, entry: &Entry) -> Option<u32> {
        if self.variants.is_empty() {
            return Some(0);
        }
        self.variants.iter().filter_map(|variant| variant.score(entry)).max()
    }
}

impl Variant {
    fn new(text: String, is_synonym: bool) -> Self {
        let words = text
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        Self {
            text,
            words,
            is_synonym,
        }
    }

    fn score(&self, entry: &Entry) -> Option<u32> {
        let code = entry.summary.code.to_string();
        let score = if code == self.text {
            1000
        } else if self.text.len() >= 3 && code.starts_with(&self.text) && self.text.contains('.') {
            900
        } else if entry.name == self.text || entry.short == self.text {
            800
        } else if starts_with_words(&entry.short, &self.text) || starts_with_words(&entry.name, &self.text) {
            700
        } else if contains_words(&entry.short, &self.text) || contains_words(&entry.name, &self.text) {
            600
        } else if self.words.iter().all(|word| has_word_start(&entry.name, word)) {
            500
        } else if self.words.iter().all(|word| has_word_start(&entry.all, word)) {
            400
        } else {
            return None;
        };
        Some(if self.is_synonym { score - 50 } else { score })
    }
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Folds, and writes the syllables that are spelt with i or y (kí/ký, lí/lý, quí/quý …) in one way.
fn folded(text: &str) -> String {
    let folded = fold(text);
    let spelt = |word: &str| match word {
        "ki" => "ky".to_owned(),
        "li" => "ly".to_owned(),
        "mi" => "my".to_owned(),
        "qui" => "quy".to_owned(),
        "ti" => "ty".to_owned(),
        other => other.to_owned(),
    };
    folded.split_whitespace().map(spelt).collect::<Vec<_>>().join(" ")
}

fn without_fillers(text: &str) -> String {
    let mut left = text.to_owned();
    for filler in &WORDS.fillers {
        let mut padded = format!(" {left} ");
        while let Some(at) = padded.find(&format!(" {filler} ")) {
            padded.replace_range(at..at + filler.len() + 1, "");
        }
        let shorter = squeeze(&padded);
        if !shorter.is_empty() {
            left = shorter;
        }
    }
    left
}

/// `part` stands in `whole`, beginning at the beginning of a word. The last word may still be being typed.
fn contains_words(whole: &str, part: &str) -> bool {
    !part.is_empty()
        && whole
            .match_indices(part)
            .any(|(at, _)| at == 0 || !is_word_byte(whole.as_bytes()[at - 1]))
}

fn starts_with_words(whole: &str, part: &str) -> bool {
    !part.is_empty() && whole.starts_with(part)
}

fn has_word_start(whole: &str, word: &str) -> bool {
    contains_words(whole, word)
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Bilingual;

    fn row(code: &str, name: &str, popularity: u32) -> Summary {
        Summary {
            code: code.parse().expect("a code of the test"),
            version: 1,
            name: Bilingual::vi(name),
            short_name: None,
            sector: Bilingual::vi("Hộ tịch"),
            sector_slug: slug("Hộ tịch"),
            tiers: vec![Tier::Commune],
            service: super::super::ServiceLevel::Full,
            keywords: vec![],
            popularity,
            components: 1,
            fee: None,
            time: None,
            valid_from: kernel::Date::constant(2026, 1, 1),
        }
    }

    fn index() -> Index {
        Index::new(
            1,
            vec![
                row("1.001193", "Thủ tục đăng ký khai sinh", 900),
                row(
                    "1.004772",
                    "Đăng ký khai sinh cho người đã có hồ sơ, giấy tờ cá nhân",
                    10,
                ),
                row("2.000635", "Cấp bản sao Trích lục hộ tịch, bản sao Giấy khai sinh", 800),
                row("1.001612", "Đăng ký thành lập hộ kinh doanh", 500),
                row("1.004859", "Cấp đổi giấy phép lái xe", 400),
                row("1.004873", "Cấp Giấy xác nhận tình trạng hôn nhân", 300),
            ],
        )
    }

    fn codes(text: &str) -> Vec<String> {
        let query = Query {
            text: text.to_owned(),
            page: 1,
            ..Query::default()
        };
        index()
            .search(&query)
            .rows
            .iter()
            .map(|row| row.code.to_string())
            .collect()
    }

    #[test]
    fn people_find_what_they_mean() {
        let cases = [
            ("1.001193", "1.001193"),
            ("khai sinh", "1.001193"),
            ("KHAI SINH", "1.001193"),
            ("đăng kí khai sinh", "1.001193"),
            ("dang ky khai s", "1.001193"),
            ("lam giay khai sinh", "2.000635"),
            ("bang lai xe", "1.004859"),
            ("ho kinh doanh", "1.001612"),
            ("mở quán", "1.001612"),
            ("giay doc than", "1.004873"),
            ("sinh khai", "1.001193"),
            ("thu tuc ho kinh doanh", "1.001612"),
        ];
        for (typed, code) in cases {
            let found = codes(typed);
            assert!(
                found.iter().take(2).any(|hit| hit == code),
                "{typed:?} found {found:?}, not {code}"
            );
        }
    }

    #[test]
    fn nonsense_finds_nothing_and_nothing_finds_all() {
        assert!(codes("zzzz qqqq").is_empty());
        assert_eq!(codes("").len(), 6);
        assert_eq!(codes("   ").len(), 6);
        assert!(codes(&"a".repeat(100_000)).is_empty());
    }

    #[test]
    fn pages_never_leave_the_list() {
        let many = (0..45).map(|n| row(&format!("1.{n:06}"), "Cấp giấy phép", 0)).collect();
        let index = Index::new(1, many);
        for (page, rows) in [(0, 20), (1, 20), (3, 5), (99, 5)] {
            let hits = index.search(&Query {
                text: "giay phep".into(),
                page,
                ..Query::default()
            });
            assert_eq!((hits.rows.len(), hits.total, hits.pages), (rows, 45, 3), "page {page}");
        }
    }

    #[test]
    fn sectors_are_counted_once() {
        let index = index();
        assert_eq!(index.sectors().len(), 1);
        assert_eq!(index.sectors()[0].slug, "ho-tich");
        assert_eq!(index.sectors()[0].count, 6);
    }
}
