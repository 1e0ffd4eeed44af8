//! Reads the keys of one table. It owns what every table has in common: each key is asked for by name and type, and
//! whatever nobody asked for is a fault with the nearest known key.

use crate::expression::{Environment, Formula, Number};
use crate::fault::{FaultCode, Place, Sink};
use crate::source::{Node, Raw, Table};
use kernel::calendar::TimeLimit;
use kernel::{Bilingual, Date, Dong};
use std::cell::RefCell;
use std::str::FromStr;

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) word: String,
    pub(crate) place: Place,
}

/// Which sign joins the parts of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joined {
    /// `trunk_cm`: whatever expressions name.
    Underscore,
    /// `give-back`: everything else.
    Hyphen,
}

pub(crate) struct Reader<'a> {
    pub(crate) table: &'a Table,
    pub(crate) sink: &'a Sink,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(table: &'a Table, sink: &'a Sink) -> Self {
        let asked = RefCell::new(Vec::new());
        Self { table, sink, asked }
    }

    /// A reader of a value that must be a table.
    pub(crate) fn of(node: &'a Node, name: &str, sink: &'a Sink) -> Option<Self> {
        match &node.raw {
            Raw::Table(table) => Some(Self::new(table, sink)),
            _ => {
                sink.say(FaultCode::ValueType, node.place, &[name, "a table"]);
                None
            }
        }
    }

    pub(crate) const fn place(&self) -> Place {
        self.table.place
    }

    /// The value of a key, if it is there.
    pub(crate) fn node(&self, key: &'static str) -> Option<&'a Node> {
        self.asked.borrow_mut().push(key);
        self.table.get(key).map(|entry| &entry.node)
    }

    /// The value of a key that must be there.
    pub(crate) fn needed(&self, key: &'static str) -> Option<&'a Node> {
        let node = self.node(key);
        if node.is_none() {
            self.sink.say(FaultCode::KeyMissing, self.place(), &[key]);
        }
        node
    }

    fn wrong(&self, node: &Node, key: &str, expected: &str) {
        self.sink.say(FaultCode::ValueType, node.place, &[key, expected]);
    }

    pub(crate) fn word(&self, key: &'static str) -> Option<Word> {
        self.node(key).and_then(|node| self.word_of(node, key))
    }

    pub(crate) fn needed_word(&self, key: &'static str) -> Option<Word> {
        self.needed(key).and_then(|node| self.word_of(node, key))
    }

    pub(crate) fn word_of(&self, node: &Node, key: &str) -> Option<Word> {
        match &node.raw {
            Raw::Text(word) if !word.is_empty() => Some(Word {
                word: word.clone(),
                place: node.place,
            }),
            _ => {
                self.wrong(node, key, "a text");
                None
            }
        }
    }

    /// A list of words, or one word alone.
    pub(crate) fn words(&self, key: &'static str) -> Vec<Word> {
        match self.node(key) {
            None => Vec::new(),
            Some(node) => match &node.raw {
                Raw::List(list) => list.iter().filter_map(|one| self.word_of(one, key)).collect(),
                _ => self.word_of(node, key).into_iter().collect(),
            },
        }
    }

    pub(crate) fn flag(&self, key: &'static str) -> bool {
        match self.node(key) {
            None => false,
            Some(node) => match node.raw {
                Raw::Bool(flag) => flag,
                _ => {
                    self.wrong(node, key, "true or false");
                    false
                }
            },
        }
    }

    pub(crate) fn number(&self, key: &'static str) -> Option<(Number, Place)> {
        let node = self.node(key)?;
        match node.raw {
            Raw::Number(number) => Some((number, node.place)),
            _ => {
                self.wrong(node, key, "a number");
                None
            }
        }
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn whole(&self, key: &'static str, least: i64, most: i64) -> Option<i64> {
        let (number, place) = self.number(key)?;
        match number.rescaled(0).map(Number::units) {
            Some(whole) if (least..=most).contains(&whole) => Some(whole),
            _ => {
                let range = format!("{least}..{most}");
                self.sink.say(FaultCode::ValueRange, place, &[key, &range]);
                None
            }
        }
    }

    pub(crate) fn dong(&self, key: &'static str) -> Option<Dong> {
        self.whole(key, 0, 1_000_000_000_000).map(Dong::new)
    }

    pub(crate) fn date(&self, key: &'static str) -> Option<(Date, Place)> {
        let node = self.node(key)?;
        match node.raw {
            Raw::Date(date) => Some((date, node.place)),
            _ => {
                self.wrong(node, key, "a date such as 2026-01-31");
                None
            }
        }
    }

    pub(crate) fn duration(&self, key: &'static str) -> Option<TimeLimit> {
        self.node(key).and_then(|node| self.duration_of(node))
    }

    pub(crate) fn duration_of(&self, node: &Node) -> Option<TimeLimit> {
        let text = match &node.raw {
            Raw::Text(text) => text.clone(),
            Raw::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let read = TimeLimit::from_str(&text).ok().filter(|limit| limit.number() > 0);
        if read.is_none() {
            self.sink.say(FaultCode::DurationInvalid, node.place, &[&text]);
        }
        // Something stands in for it, so that nothing else is said to be missing.
        read.or(Some(TimeLimit::WorkingDays(1)))
    }

    /// A text in both languages: `name.vi` and `name.en`.
    pub(crate) fn bilingual(&self, key: &'static str) -> Option<Bilingual> {
        let reader = Self::of(self.needed(key)?, key, self.sink)?;
        let (vi, en) = (reader.needed_word("vi"), reader.needed_word("en"));
        reader.finish();
        Some(Bilingual::new(vi?.word, en?.word))
    }

    /// A condition over `environment`.
    pub(crate) fn condition(&self, key: &'static str, environment: &Environment) -> Option<Formula> {
        let word = self.word(key)?;
        match Formula::condition(&word.word, environment) {
            Ok(formula) => Some(formula),
            Err(error) => {
                self.sink.say_expression(word.place, &error);
                None
            }
        }
    }

    /// One of a list of words.
    pub(crate) fn one_of<T: Copy>(&self, key: &'static str, words: &[(&'static str, T)]) -> Option<T> {
        let word = self.word(key)?;
        self.choose(&word, words)
    }

    pub(crate) fn choose<T: Copy>(&self, word: &Word, words: &[(&'static str, T)]) -> Option<T> {
        let found = words.iter().find(|(known, _)| *known == word.word);
        if found.is_none() {
            let known = words.iter().map(|(known, _)| *known);
            self.sink
                .say_unknown(FaultCode::WordUnknown, word.place, &word.word, known);
        }
        found.map(|(_, value)| *value)
    }

    /// The tables of `[[key]]`, or none.
    pub(crate) fn tables(&self, key: &'static str) -> Vec<Reader<'a>> {
        match self.node(key) {
            None => Vec::new(),
            Some(node) => match &node.raw {
                Raw::List(list) => list.iter().filter_map(|one| Reader::of(one, key, self.sink)).collect(),
                _ => {
                    self.wrong(node, key, "a list of tables");
                    Vec::new()
                }
            },
        }
    }

    /// The named tables under `[key.…]`, in the order of the file, each name checked.
    pub(crate) fn named(&self, key: &'static str, joined: Joined) -> Vec<(Word, &'a Node)> {
        let Some(reader) = self.node(key).and_then(|node| Reader::of(node, key, self.sink)) else {
            return Vec::new();
        };
        reader.entries(joined)
    }

    /// All entries of this table as names with their values.
    pub(crate) fn entries(&self, joined: Joined) -> Vec<(Word, &'a Node)> {
        let entries = self.table.entries.iter().map(|entry| {
            let word = Word {
                word: entry.key.clone(),
                place: entry.place,
            };
            (word, &entry.node)
        });
        entries.filter(|(word, _)| is_name(word, joined, self.sink)).collect()
    }

    /// Says which keys nobody asked for.
    pub(crate) fn finish(self) {
        let asked = self.asked.borrow();
        for entry in &self.table.entries {
            if !asked.contains(&entry.key.as_str()) {
                let known = asked.iter().copied();
                self.sink
                    .say_unknown(FaultCode::KeyUnknown, entry.place, &entry.key, known);
            }
        }
    }
}

/// Whether a name is written as names are; a fault when not.
pub(crate) fn is_name(word: &Word, joined: Joined, sink: &Sink) -> bool {
    let sign = match joined {
        Joined::Underscore => '_',
        Joined::Hyphen => '-',
    };
    let holds = word.word.len() <= 60
        && word.word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == sign)
        && !matches!(word.word.as_str(), "today" | "null" | "true" | "false" | "in");
    if !holds {
        sink.say(FaultCode::NameShape, word.place, &[&word.word, &sign.to_string()]);
    }
    holds
}
