//! Texts: `text.vi.toml` and `text.en.toml`. It owns the labels of everything that is named, and refuses a label that
//! is missing in one language or that nothing shows.

use crate::fault::{FaultCode, Place, Sink};
use crate::source::{Raw, Table};
use crate::surroundings::Reading;
use kernel::Bilingual;
use std::collections::BTreeMap;

/// Every label, by its key: `record.tree.field.trunk_cm`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    labels: BTreeMap<String, Bilingual>,
}

impl Texts {
    /// The label of a key. The checker has seen to it that every key that a system needs has one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Bilingual> {
        self.labels.get(key)
    }

    /// All labels, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Bilingual)> {
        self.labels.iter().map(|(key, label)| (key.as_str(), label))
    }
}

/// Joins the two languages and holds them against what the system needs. A text that nothing shows is told only when
/// nothing else is wrong: what shows it may stand in a part that could not be read.
pub(crate) fn read(vi: (Place, Option<&Table>), en: (Place, Option<&Table>), reading: &Reading<'_>) -> Texts {
    let needed = reading.labels();
    let is_sound = reading.sink.count() == 0;
    let languages = [vi, en].map(|(place, table)| {
        let mut found = BTreeMap::new();
        if let Some(table) = table {
            flatten(table, "", &mut found, reading.sink);
            compare(&needed, &found, (place, is_sound), reading);
        }
        found
    });
    let [vi, en] = languages;
    let labels = needed.into_keys().filter_map(|key| {
        let (vi, en) = (vi.get(&key)?.0.clone(), en.get(&key)?.0.clone());
        Some((key, Bilingual::new(vi, en)))
    });
    Texts {
        labels: labels.collect(),
    }
}

type Found = BTreeMap<String, (String, Place)>;

fn compare(needed: &BTreeMap<String, Place>, found: &Found, (place, is_sound): (Place, bool), reading: &Reading<'_>) {
    for key in needed.keys().filter(|key| !found.contains_key(*key)) {
        reading.sink.say(FaultCode::TextMissing, place, &[key]);
    }
    if !is_sound {
        return;
    }
    for (key, (_, place)) in found.iter().filter(|(key, _)| !needed.contains_key(*key)) {
        let missing = needed.keys().filter(|key| !found.contains_key(*key));
        reading
            .sink
            .say_unknown(FaultCode::TextUnused, *place, key, missing.map(String::as_str));
    }
}

fn flatten(table: &Table, prefix: &str, found: &mut Found, sink: &Sink) {
    for entry in &table.entries {
        let key = format!("{prefix}{}", entry.key);
        match &entry.node.raw {
            Raw::Table(inner) => flatten(inner, &format!("{key}."), found, sink),
            Raw::Text(text) if !text.trim().is_empty() => {
                found.insert(key, (text.clone(), entry.place));
            }
            _ => sink.say(FaultCode::ValueType, entry.node.place, &[&key, "a text"]),
        }
    }
}
