//! The catalogue in memory, for searching: which dataset has which word and which facet, as sorted lists of slots. A change takes a new
//! slot and leaves the old one dead. Pure: rows go in, slots come out. Owns ranking and counting; refuses nothing, what is unknown
//! finds nothing. It is never the truth: `store` is, and this catches up with it before each answer.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::Timestamp;
use uuid::Uuid;

use super::distinct;

/// Words of a search beyond these are left out.
const WORDS_MAX: usize = 12;

kernel::words! {
    /// By what the catalogue is narrowed.
    Facet {
        /// Who publishes.
        Publisher = "publisher",
        /// What it is about.
        Theme = "theme",
        /// The form of its files.
        Format = "format",
        /// Whether it keeps what it promises.
        Freshness = "freshness",
        /// The licence.
        Licence = "licence",
        /// A keyword.
        Tag = "tag",
    }
}

kernel::words! {
    /// The order of what is found.
    Sort {
        /// The best first: those that have the words in their title, then by change.
        Relevance = "relevance",
        /// The last changed first.
        Modified = "modified",
        /// By title.
        Title = "title",
        /// By name.
        Name = "name",
    }
}

/// A dataset as the index takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The dataset.
    pub(crate) id: Uuid,
    /// The change that made this row.
    pub(crate) seq: i64,
    /// Whether it can be found.
    pub(crate) active: bool,
    /// Its name.
    pub(crate) name: String,
    /// When it last changed.
    pub(crate) modified_at: Timestamp,
    /// The order of its title.
    pub(crate) title_key: Vec<u8>,
    /// Words of the title.
    pub(crate) strong: Vec<String>,
    /// All words.
    pub(crate) words: Vec<String>,
    /// Its facets.
    pub(crate) facets: Vec<(Facet, String)>,
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Words, in any order; the last one may be only begun.
    pub text: String,
    /// What must hold, all of it.
    pub facets: Vec<(Facet, String)>,
    /// The order; relevance where words are looked for, else by change, without it.
    pub sort: Option<Sort>,
    /// Passed over.
    pub offset: usize,
    /// At most.
    pub limit: usize,
    /// Whether the counts of a facet leave its own choice aside, so that another can be chosen.
    pub open_counts: bool,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The datasets of the page.
    pub ids: Vec<Uuid>,
    /// How many there are.
    pub total: usize,
    /// How many of them have which word of each facet, the most frequent first.
    pub counts: Vec<(Facet, Vec<(String, usize)>)>,
}

/// A set of slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Bits(Vec<u64>);

impl Bits {
    fn of(slots: &[u32], size: usize) -> Self {
        let mut bits = Self(vec![0; size.div_ceil(64)]);
        slots.iter().for_each(|slot| bits.set(*slot));
        bits
    }

    fn set(&mut self, slot: u32) {
        let at = slot as usize;
        if at / 64 >= self.0.len() {
            self.0.resize(at / 64 + 1, 0);
        }
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn clear(&mut self, slot: u32) {
        if let Some(word) = self.0.get_mut(slot as usize / 64) {
            *word &= !(1 << (slot % 64));
        }
    }

    fn has(&self, slot: u32) -> bool {
        self.0
            .get(slot as usize / 64)
            .is_some_and(|word| word & (1 << (slot % 64)) != 0)
    }

    fn and(&mut self, other: &Self) {
        for (at, word) in self.0.iter_mut().enumerate() {
            *word &= other.0.get(at).copied().unwrap_or(0);
        }
    }

    fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// The index.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The last change that is in it.
    pub(crate) seq: i64,
    ids: Vec<Uuid>,
    names: Vec<String>,
    live: Bits,
    alive: usize,
    slot_of: HashMap<Uuid, u32>,
    strong: BTreeMap<String, Vec<u32>>,
    words: BTreeMap<String, Vec<u32>>,
    facets: BTreeMap<(Facet, String), Vec<u32>>,
    by_modified: BTreeSet<(Reverse<i64>, u32)>,
    by_title: BTreeSet<(Vec<u8>, u32)>,
    by_name: BTreeMap<String, u32>,
}

impl Index {
    /// How many datasets can be found.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.alive
    }

    /// Whether more slots are dead than alive: then it is made anew.
    #[must_use]
    pub(crate) fn is_worn(&self) -> bool {
        self.ids.len() > 1_000 && self.alive * 2 < self.ids.len()
    }

    /// Takes a row in, in place of what was known of its dataset.
    pub(crate) fn put(&mut self, entry: Entry) {
        self.seq = self.seq.max(entry.seq);
        if let Some(old) = self.slot_of.remove(&entry.id) {
            self.live.clear(old);
            self.alive -= 1;
            let name = self.names[old as usize].clone();
            if self.by_name.get(&name) == Some(&old) {
                self.by_name.remove(&name);
            }
        }
        if !entry.active {
            return;
        }
        let Ok(slot) = u32::try_from(self.ids.len()) else {
            return;
        };
        self.ids.push(entry.id);
        self.names.push(entry.name.clone());
        self.slot_of.insert(entry.id, slot);
        self.live.set(slot);
        self.alive += 1;
        self.by_name.insert(entry.name, slot);
        self.by_modified.insert((Reverse(entry.modified_at.as_micros()), slot));
        self.by_title.insert((entry.title_key, slot));
        for word in entry.strong {
            self.strong.entry(word).or_default().push(slot);
        }
        for word in entry.words {
            self.words.entry(word).or_default().push(slot);
        }
        for facet in entry.facets {
            self.facets.entry(facet).or_default().push(slot);
        }
    }

    /// The names of all datasets, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, Uuid)> {
        self.by_name
            .iter()
            .map(|(name, slot)| (name.as_str(), self.ids[*slot as usize]))
    }

    /// The words of a facet with how many datasets have each.
    #[must_use]
    pub(crate) fn words_of(&self, facet: Facet) -> Vec<(String, usize)> {
        self.counted(facet, &self.live)
    }

    /// Looks for datasets.
    #[must_use]
    pub(crate) fn search(&self, search: &Search) -> Found {
        let texts = distinct(&search.text, WORDS_MAX);
        let mut matched = self.live.clone();
        self.narrow(&mut matched, &self.words, &texts);
        let mut found = matched.clone();
        for facet in &search.facets {
            found.and(&self.having(facet));
        }
        let total = found.count();
        let counts = Facet::ALL
            .iter()
            .map(|facet| (*facet, self.counts(*facet, search, &matched, &found)))
            .collect();
        let sort = search.sort.unwrap_or(if texts.is_empty() {
            Sort::Modified
        } else {
            Sort::Relevance
        });
        Found {
            ids: self.page(&found, &texts, sort, search.offset, search.limit),
            total,
            counts,
        }
    }

    fn counts(&self, facet: Facet, search: &Search, matched: &Bits, found: &Bits) -> Vec<(String, usize)> {
        let own = search.facets.iter().any(|(chosen, _)| *chosen == facet);
        if !(search.open_counts && own) {
            return self.counted(facet, found);
        }
        let mut others = matched.clone();
        for chosen in search.facets.iter().filter(|(chosen, _)| *chosen != facet) {
            others.and(&self.having(chosen));
        }
        self.counted(facet, &others)
    }

    fn having(&self, facet: &(Facet, String)) -> Bits {
        let slots = self.facets.get(facet).map_or(&[][..], Vec::as_slice);
        Bits::of(slots, self.ids.len())
    }

    fn counted(&self, facet: Facet, among: &Bits) -> Vec<(String, usize)> {
        let of_facet = self
            .facets
            .range((facet, String::new())..)
            .take_while(|((of, _), _)| *of == facet);
        let mut counts: Vec<(String, usize)> = of_facet
            .map(|((_, word), slots)| (word.clone(), slots.iter().filter(|slot| among.has(**slot)).count()))
            .filter(|(_, count)| *count > 0)
            .collect();
        counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        counts
    }

    /// Leaves what has every word; the last one may be the beginning of one.
    fn narrow(&self, bits: &mut Bits, words: &BTreeMap<String, Vec<u32>>, texts: &[String]) {
        for (at, text) in texts.iter().enumerate() {
            let mut having = Bits(vec![0; self.ids.len().div_ceil(64)]);
            if at + 1 == texts.len() {
                let begun = words
                    .range(text.clone()..)
                    .take_while(|(word, _)| word.starts_with(text.as_str()));
                begun.for_each(|(_, slots)| slots.iter().for_each(|slot| having.set(*slot)));
            } else if let Some(slots) = words.get(text) {
                slots.iter().for_each(|slot| having.set(*slot));
            }
            bits.and(&having);
        }
    }

    fn page(&self, found: &Bits, texts: &[String], sort: Sort, offset: usize, limit: usize) -> Vec<Uuid> {
        let take = |slots: &mut dyn Iterator<Item = u32>| -> Vec<Uuid> {
            slots
                .filter(|slot| found.has(*slot))
                .skip(offset)
                .take(limit)
                .map(|slot| self.ids[slot as usize])
                .collect()
        };
        match sort {
            Sort::Modified => take(&mut self.by_modified.iter().map(|(_, slot)| *slot)),
            Sort::Title => take(&mut self.by_title.iter().map(|(_, slot)| *slot)),
            Sort::Name => take(&mut self.by_name.values().copied()),
            Sort::Relevance => {
                let mut strong = found.clone();
                self.narrow(&mut strong, &self.strong, texts);
                let first = self
                    .by_modified
                    .iter()
                    .map(|(_, slot)| *slot)
                    .filter(|slot| strong.has(*slot));
                let rest = self
                    .by_modified
                    .iter()
                    .map(|(_, slot)| *slot)
                    .filter(|slot| !strong.has(*slot));
                take(&mut first.chain(rest))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(n: u128, seq: i64, title: &str, publisher: &str, formats: &[&str]) -> Entry {
        let mut facets = vec![(Facet::Publisher, publisher.to_owned())];
        facets.extend(formats.iter().map(|format| (Facet::Format, (*format).to_owned())));
        Entry {
            id: Uuid::from_u128(n),
            seq,
            active: true,
            name: format!("d-{n}"),
            modified_at: Timestamp::from_micros(seq * 1_000),
            title_key: kernel::fold::sort_key(title),
            strong: distinct(title, 50),
            words: distinct(&format!("{title} mở"), 50),
            facets,
        }
    }

    fn small() -> Index {
        let mut index = Index::default();
        index.put(entry(1, 1, "Cây xanh đô thị", "xay-dung", &["CSV", "JSON"]));
        index.put(entry(2, 2, "Giếng đăng ký", "moi-truong", &["CSV"]));
        index.put(entry(3, 3, "Cây ăn quả", "moi-truong", &["CSV"]));
        index
    }

    fn look(index: &Index, text: &str, facets: &[(Facet, &str)]) -> Found {
        index.search(&Search {
            text: text.to_owned(),
            facets: facets
                .iter()
                .map(|(facet, word)| (*facet, (*word).to_owned()))
                .collect(),
            limit: 10,
            open_counts: true,
            ..Search::default()
        })
    }

    #[test]
    fn words_are_found_without_marks_and_counts_are_true() {
        let index = small();
        let found = look(&index, "cay", &[]);
        assert_eq!(found.ids, [Uuid::from_u128(3), Uuid::from_u128(1)]);
        let formats = &found
            .counts
            .iter()
            .find(|(facet, _)| *facet == Facet::Format)
            .unwrap()
            .1;
        assert_eq!(formats, &[("CSV".to_owned(), 2), ("JSON".to_owned(), 1)]);
        let narrowed = look(&index, "mo", &[(Facet::Publisher, "moi-truong")]);
        assert_eq!(narrowed.total, 2);
        let publishers = &narrowed
            .counts
            .iter()
            .find(|(facet, _)| *facet == Facet::Publisher)
            .unwrap()
            .1;
        assert_eq!(
            publishers.len(),
            2,
            "the other publisher can still be chosen: {publishers:?}"
        );
        assert_eq!(look(&index, "cay do", &[]).total, 1, "the last word may be only begun");
        assert_eq!(look(&index, "khong-co", &[]).total, 0);
    }

    #[test]
    fn a_change_takes_the_place_of_what_was_known() {
        let mut index = small();
        index.put(entry(1, 4, "Cây xanh đường phố", "xay-dung", &["CSV"]));
        assert_eq!(look(&index, "do thi", &[]).total, 0);
        assert_eq!(look(&index, "duong pho", &[]).ids, [Uuid::from_u128(1)]);
        index.put(Entry {
            active: false,
            ..entry(1, 5, "", "", &[])
        });
        let names: Vec<&str> = index.names().map(|(name, _)| name).collect();
        assert_eq!((index.count(), look(&index, "", &[]).total), (2, 2));
        assert_eq!(names, ["d-2", "d-3"]);
    }

    proptest! {
        /// Any rows, changed and taken away in any order, against a list that is walked.
        #[test]
        fn the_index_finds_what_a_walk_finds(
            rows in prop::collection::vec((0_u128..8, 0_usize..4, 0_usize..3, any::<bool>()), 1..40),
            word in 0_usize..4,
            publisher in 0_usize..3,
        ) {
            let (words, publishers) = (["cây", "giếng", "chợ", "trường"], ["a", "b", "c"]);
            let (mut index, mut model) = (Index::default(), BTreeMap::new());
            for (seq, (n, word, publisher, active)) in rows.iter().enumerate() {
                let seq = i64::try_from(seq).unwrap() + 1;
                let one = Entry { active: *active, ..entry(*n, seq, words[*word], publishers[*publisher], &[]) };
                model.insert(*n, one.clone());
                index.put(one);
            }
            let text = kernel::fold::fold(words[word]);
            let wanted = (Facet::Publisher, publishers[publisher].to_owned());
            let mut expected: Vec<&Entry> = model
                .values()
                .filter(|one| one.active && one.words.contains(&text) && one.facets.contains(&wanted))
                .collect();
            expected.sort_by_key(|one| Reverse(one.modified_at));
            let found = look(&index, &text, &[(Facet::Publisher, publishers[publisher])]);
            prop_assert_eq!(found.ids, expected.iter().map(|one| one.id).collect::<Vec<_>>());
            prop_assert_eq!(found.total, expected.len());
            let all = look(&index, "", &[]);
            prop_assert_eq!(all.total, model.values().filter(|one| one.active).count());
        }
    }
}
