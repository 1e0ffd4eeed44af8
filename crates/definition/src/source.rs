//! TOML as a tree in which every key and value knows its place. It owns the bounds of what is read and refuses files
//! beyond them; floating point stays text until a field says how many decimals it has.

use crate::expression::Number;
use crate::fault::{FaultCode, Place, Sink};
use kernel::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Most bytes of one file.
pub const FILE_BYTES_MAX: usize = 1_000_000;

/// A value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) raw: Raw,
}

/// What TOML knows.
#[derive(Debug, Clone)]
pub(crate) enum Raw {
    Text(String),
    Number(Number),
    Bool(bool),
    Date(Date),
    List(Vec<Node>),
    Table(Table),
    /// A time of day, an offset, a number that is none of ours.
    Strange,
}

/// A table in the order in which it is written.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) place: Place,
    pub(crate) entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl Table {
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// Reads a file; syntax faults go to the sink and the rest is read as far as possible.
pub(crate) fn read(file: usize, sink: &Sink) -> Option<Table> {
    let text = sink.files.get(file)?.text.as_str();
    let start = Place { file, at: 0 };
    if text.len() > FILE_BYTES_MAX {
        sink.say(FaultCode::TooLarge, start, &[&format!("{FILE_BYTES_MAX} bytes")]);
        return None;
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        sink.say(FaultCode::NotToml, Place { file, at }, &[error.message()]);
    }
    errors.is_empty().then(|| self::table(table.get_ref(), start, file))
}

fn table(table: &DeTable<'_>, place: Place, file: usize) -> Table {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            place: at(file, key),
            node: node(value, file),
        })
        .collect();
    entries.sort_by_key(|entry| entry.place.at);
    Table { place, entries }
}

fn node(value: &Spanned<DeValue<'_>>, file: usize) -> Node {
    let place = at(file, value);
    let raw = match value.get_ref() {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(integer) if integer.radix() == 10 => number(integer.as_str()),
        DeValue::Float(float) => number(float.as_str()),
        DeValue::Integer(_) => Raw::Strange,
        DeValue::Boolean(bool) => Raw::Bool(*bool),
        DeValue::Datetime(datetime) => date(datetime),
        DeValue::Array(array) => Raw::List(array.iter().map(|one| node(one, file)).collect()),
        DeValue::Table(inner) => Raw::Table(table(inner, place, file)),
    };
    Node { place, raw }
}

fn number(text: &str) -> Raw {
    let plain = text.replace('_', "");
    let plain = plain.strip_prefix('+').unwrap_or(&plain);
    plain.parse().map_or(Raw::Strange, Raw::Number)
}

fn date(datetime: &toml::value::Datetime) -> Raw {
    match (datetime.date, datetime.time) {
        (Some(_), None) => datetime.to_string().parse().map_or(Raw::Strange, Raw::Date),
        _ => Raw::Strange,
    }
}

fn at<T>(file: usize, spanned: &Spanned<T>) -> Place {
    Place {
        file,
        at: spanned.span().start,
    }
}
