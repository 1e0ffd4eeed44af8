//! Samples: `samples/*.toml`, records that are valid and records that are not, as one says. It owns the proof that the
//! rules of a kind of record let through and stop what they should, and refuses a sample that is not what it says.

use crate::expression::Value;
use crate::fault::FaultCode;
use crate::field::value_of;
use crate::reader::Reader;
use crate::record::{RecordKind, Violation};
use crate::source::{Node, Raw, Table};
use crate::surroundings::Reading;
use kernel::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A record that is valid, or fails at the fields and rules that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The kind of record.
    pub record: String,
    /// The day on which it is typed.
    pub today: Date,
    /// Its values.
    pub values: BTreeMap<String, Value>,
    /// Fields and rules at which it fails; none for a valid one.
    pub fails: BTreeSet<String>,
}

/// Reads and tries one file of samples.
pub(crate) fn read(table: &Table, records: &[RecordKind], reading: &Reading<'_>) -> Vec<Sample> {
    let reader = Reader::new(table, reading.sink);
    let kind = reader.needed_word("record").and_then(|word| {
        let index = reading.find(FaultCode::RecordUnknown, &word, records, |kind| &kind.name)?;
        records.get(index)
    });
    reader.needed("today");
    let today = reader.date("today");
    let samples = reader.tables("sample");
    reader.finish();
    let Some((kind, (today, _))) = kind.zip(today) else {
        return Vec::new();
    };
    // Rules that could not be read would let everything through.
    if reading.sink.count() > 0 {
        return Vec::new();
    }
    let tried = samples
        .into_iter()
        .filter_map(|sample| one(sample, kind, today, reading));
    tried.collect()
}

fn one(reader: Reader<'_>, kind: &RecordKind, today: Date, reading: &Reading<'_>) -> Option<Sample> {
    let values = reader.needed("values");
    let fails: BTreeSet<String> = reader.words("fails").into_iter().map(|word| word.word).collect();
    let place = reader.place();
    reader.finish();
    let values = self::values(values?, "values", reading)?;
    let found: BTreeSet<String> = kind
        .violations(&values, today)
        .iter()
        .map(Violation::name)
        .map(str::to_owned)
        .collect();
    if found != fails {
        let list = |names: &BTreeSet<String>| match names.is_empty() {
            true => "-".to_owned(),
            false => names.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        };
        reading
            .sink
            .say(FaultCode::SampleFails, place, &[&list(&fails), &list(&found)]);
    }
    Some(Sample {
        record: kind.name.clone(),
        today,
        values,
        fails,
    })
}

/// A table of values as written.
pub(crate) fn values(node: &Node, name: &str, reading: &Reading<'_>) -> Option<BTreeMap<String, Value>> {
    let wrong = |node: &Node, name: &str, expected: &str| {
        reading.sink.say(FaultCode::ValueType, node.place, &[name, expected]);
    };
    let Raw::Table(table) = &node.raw else {
        wrong(node, name, "a table of fields");
        return None;
    };
    let values = table.entries.iter().filter_map(|entry| {
        let value = value_of(&entry.node);
        if value.is_none() {
            wrong(&entry.node, &entry.key, "a value");
        }
        Some((entry.key.clone(), value?))
    });
    Some(values.collect())
}
