//! What a definition may name and does not declare itself: roles, tiers, agencies, lists of codes, registers, hooks. The
//! caller says what the province has. It refuses to guess: a name outside these lists is a fault.

use crate::fault::{FaultCode, Place, Sink};
use crate::reader::Word;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The names that a province has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Roles of officers: `desk`, `specialist`, `leader`, …
    pub roles: BTreeSet<String>,
    /// Tiers and kinds of agency: `commune`, `province`, `tax-office`, `department-of-construction`, …
    pub units: BTreeSet<String>,
    /// Lists of codes: `economic-activities`, …
    pub lists: BTreeSet<String>,
    /// Registers of other systems: `population-register`, …
    pub registers: BTreeSet<String>,
    /// Pure functions of the program that definitions may call as effects.
    pub hooks: BTreeSet<String>,
    /// Procedures that other folders define, by the name of their file.
    pub procedures: BTreeSet<String>,
    /// Length of a working day in minutes; 480 where nothing else is said.
    pub working_day_minutes: u32,
}

impl Surroundings {
    /// A province with working days of eight hours and nothing else.
    #[must_use]
    pub fn new() -> Self {
        Self {
            working_day_minutes: 480,
            ..Self::default()
        }
    }
}

/// What all readers share: where faults go, what may be named, and which texts are needed.
pub(crate) struct Reading<'a> {
    pub(crate) sink: &'a Sink,
    pub(crate) around: &'a Surroundings,
    labels: RefCell<BTreeMap<String, Place>>,
    lookups: RefCell<BTreeSet<String>>,
}

impl<'a> Reading<'a> {
    pub(crate) const fn new(sink: &'a Sink, around: &'a Surroundings) -> Self {
        Self {
            sink,
            around,
            labels: RefCell::new(BTreeMap::new()),
            lookups: RefCell::new(BTreeSet::new()),
        }
    }

    /// Says which records the fields of the next form may fill themselves from.
    pub(crate) fn look_up(&self, names: impl Iterator<Item = String>) {
        *self.lookups.borrow_mut() = names.collect();
    }

    /// Whether the form has a lookup of that name.
    pub(crate) fn looks_up(&self, name: &str) -> bool {
        self.lookups.borrow().contains(name)
    }

    /// Asks for a text in both languages.
    pub(crate) fn label(&self, key: String, place: Place) {
        self.labels.borrow_mut().insert(key, place);
    }

    pub(crate) fn labels(&self) -> BTreeMap<String, Place> {
        self.labels.borrow().clone()
    }

    /// Whether a word is in a list; a fault when not.
    pub(crate) fn known(&self, code: FaultCode, word: &Word, list: &BTreeSet<String>) -> bool {
        let known = list.contains(&word.word);
        if !known {
            let list = list.iter().map(String::as_str);
            self.sink.say_unknown(code, word.place, &word.word, list);
        }
        known
    }

    /// The position of a name among named things; a fault when it is not there.
    pub(crate) fn find<T>(&self, code: FaultCode, word: &Word, list: &[T], name: fn(&T) -> &str) -> Option<usize> {
        let found = list.iter().position(|one| name(one) == word.word);
        if found.is_none() {
            self.sink
                .say_unknown(code, word.place, &word.word, list.iter().map(name));
        }
        found
    }
}
