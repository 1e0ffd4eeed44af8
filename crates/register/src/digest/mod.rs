//! What is derived from the records of a kind: the words that they are found by, and how many there are of each value, month and
//! unit. A job follows the order of changes and makes both agree with each record as it is now, in one transaction with its place;
//! what it once counted of a record stands among that record's own words, so that a second run changes nothing.
//! Refuses personal data: people are in no word and no count.

mod jobs;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use definition::expression::Value;
use definition::{FieldKind, TitlePart};
use kernel::fold;
use ring::digest::{SHA256, digest};
use uuid::Uuid;

use crate::kind::{Column, Kind, Shape};
use crate::record::Record;
use crate::record::value::text_of;

#[cfg(test)]
pub(crate) use jobs::catch_up;
pub use jobs::jobs;
pub(crate) use jobs::{plan, plan_all};

/// The job that brings the digest of one kind up to date.
pub(crate) const JOB: &str = "register.digest";
/// The name under which all records of a kind are counted.
pub(crate) const ALL: &str = "";
/// Longest value that is counted by itself, in bytes.
const VALUE_BYTES_MAX: usize = 200;
/// Words of one record, in bytes.
const WORDS_BYTES_MAX: usize = 2_000;

// Signs begin with letters that no text of ours has: who types a word never meets one.
const KIND: char = 'κ';
const UNIT: char = 'υ';
const COUNTED: char = 'τ';
const BATCH: char = 'β';

/// What is counted of a kind: choices, codes, yes and no by value, days by month.
pub(crate) fn counted(kind: &Kind) -> Vec<&Column> {
    let is_counted = |column: &&Column| {
        let by_value = matches!(
            column.field.kind,
            FieldKind::Choice(_) | FieldKind::Code(_) | FieldKind::Area
        );
        !column.field.retired
            && column.field.many.is_none()
            && (matches!(column.shape, Shape::Boolean | Shape::Date) || (by_value && column.shape == Shape::Text))
    };
    kind.columns.iter().filter(is_counted).collect()
}

/// Fields whose words records are found by: texts and codes that are not retired and name nobody. Those of title and key come first.
pub(crate) fn searched(kind: &Kind) -> Vec<(&Column, bool)> {
    let is_text = |column: &&Column| {
        !column.field.retired
            && matches!(column.shape, Shape::Text | Shape::Texts)
            && !matches!(column.field.kind, FieldKind::Choice(_))
    };
    let is_strong = |column: &Column| {
        let name = &column.field.name;
        let titled = |part: &TitlePart| matches!(part, TitlePart::Field(field) if field == name);
        kind.record.title.iter().any(titled) || kind.record.key.contains(name)
    };
    kind.columns
        .iter()
        .filter(is_text)
        .map(|column| (column, is_strong(column)))
        .collect()
}

/// What a digest is made of, before the moment at which it was begun: another text begins it anew.
pub(crate) fn made_of(kind: &Kind) -> String {
    let counted = counted(kind)
        .into_iter()
        .map(|column| format!("c:{}", column.field.name));
    let searched = searched(kind)
        .into_iter()
        .map(|(column, strong)| format!("s{}:{}", u8::from(strong), column.field.name));
    let text = counted.chain(searched).collect::<Vec<_>>().join(" ");
    format!("1 {}", &hex::encode(digest(&SHA256, text.as_bytes()))[..16])
}

/// The sign of a kind.
pub(crate) fn kind_sign(kind: &Kind) -> String {
    let hash = digest(&SHA256, format!("{}/{}", kind.system.code, kind.record.name).as_bytes());
    format!("{KIND}{}", hex::encode(&hash.as_ref()[..6]))
}

/// The sign of a unit.
pub(crate) fn unit_sign(unit: Uuid) -> String {
    format!("{UNIT}{}", unit.simple())
}

/// The sign of an import.
pub(crate) fn batch_sign(batch: Uuid) -> String {
    format!("{BATCH}{}", batch.simple())
}

/// The sign of a value of a field, for one making of the digest.
pub(crate) fn value_sign(made_of: &str, kind: &Kind, field: &str, value: &str) -> String {
    let text = format!("{made_of}\n{}/{}\n{field}\n{value}", kind.system.code, kind.record.name);
    let hash = digest(&SHA256, text.as_bytes());
    format!("{COUNTED}{}", hex::encode(&hash.as_ref()[..10]))
}

/// A value as it is counted: a day by its month; nothing as an empty text.
pub(crate) fn counted_value(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::Date(day)) => format!("{:04}-{:02}", day.year(), day.month()),
        Some(value) => {
            let mut text = text_of(value);
            let mut end = text.len().min(VALUE_BYTES_MAX);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text
        }
    }
}

/// One count that a record adds to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Count {
    pub(crate) sign: String,
    pub(crate) field: String,
    pub(crate) value: String,
}

/// The counts of a record: one of all records, one of each counted field.
pub(crate) fn counts(kind: &Kind, made_of: &str, record: &Record) -> Vec<Count> {
    let count = |field: &str, value: String| Count {
        sign: value_sign(made_of, kind, field, &value),
        field: field.to_owned(),
        value,
    };
    let fields = counted(kind).into_iter().map(|column| {
        let name = &column.field.name;
        count(name, counted_value(record.values.get(name)))
    });
    std::iter::once(count(ALL, String::new())).chain(fields).collect()
}

/// The words of a record: those of its title and key, and all others with its signs.
pub(crate) fn words(kind: &Kind, record: &Record, counts: &[Count]) -> (String, String) {
    let (mut strong, mut weak) = (String::new(), String::new());
    for (column, is_strong) in searched(kind) {
        let Some(value) = record.values.get(&column.field.name) else {
            continue;
        };
        let into = if is_strong { &mut strong } else { &mut weak };
        if into.len() < WORDS_BYTES_MAX {
            into.push(' ');
            into.push_str(&fold::fold(&text_of(value)));
        }
    }
    let mut signs = vec![kind_sign(kind), unit_sign(record.unit.uuid())];
    signs.extend(record.batch.map(batch_sign));
    signs.extend(counts.iter().map(|count| count.sign.clone()));
    weak.push(' ');
    weak.push_str(&signs.join(" "));
    (strong, weak)
}

/// The signs of counts and the unit that a record's words hold.
pub(crate) fn signs_of(weak: &str) -> (Option<Uuid>, Vec<String>) {
    let words = weak.split(' ');
    let unit = words
        .clone()
        .find_map(|word| Uuid::parse_str(word.strip_prefix(UNIT)?).ok());
    let signs = words.filter(|word| word.starts_with(COUNTED)).map(str::to_owned);
    (unit, signs.collect())
}
