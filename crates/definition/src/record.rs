//! Kinds of record: `records.toml`. It owns fields, keys, titles, open data and rules of a register's records, and
//! refuses to show personal fields where everybody looks.

use crate::expression::{Environment, Facts, Formula, Value};
use crate::fault::{FaultCode, Place};
use crate::field::{self, Field, FieldKind, Scope, Sensitivity, Unfit};
use crate::open::{self, OpenData};
use crate::reader::{Joined, Reader, Word};
use crate::source::{Node, Table};
use crate::surroundings::Reading;
use kernel::Date;
use std::collections::BTreeMap;

/// A kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordKind {
    /// Its name, such as `tree`.
    pub name: String,
    /// What it looks like on a map.
    pub geometry: Option<Geometry>,
    /// Fields by which duplicates are found.
    pub key: Vec<String>,
    /// How a record is called in lists: text and fields in turn.
    pub title: Vec<TitlePart>,
    /// What is published.
    pub open: Option<OpenData>,
    /// Its fields, in the order of the form.
    pub fields: Vec<Field>,
    /// What must hold among them.
    pub rules: Vec<RecordRule>,
    /// Where it stands.
    pub place: Place,
}

/// The shape of a record on a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Geometry {
    /// A point.
    Point,
    /// A line.
    Line,
    /// An area.
    Polygon,
}

/// A part of a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TitlePart {
    /// As written.
    Text(String),
    /// The value of a field.
    Field(String),
}

/// What must hold in every record. It is broken only when it is false: an unknown value breaks nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRule {
    /// The condition.
    pub that: Formula,
    /// Name of the text that says so.
    pub says: String,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// A field refuses its value.
    Field {
        /// The field.
        field: String,
        /// Why.
        unfit: Unfit,
    },
    /// A value for a field that is not declared.
    Unknown {
        /// The name.
        field: String,
    },
    /// A rule is broken.
    Rule {
        /// Name of its text.
        says: String,
    },
}

impl Violation {
    /// The field or the rule.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Field { field, .. } | Self::Unknown { field } => field,
            Self::Rule { says } => says,
        }
    }
}

impl RecordKind {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Everything that is wrong with a record on the day `today`; nothing when it may be saved. Rules are looked at only
    /// when all fields fit.
    #[must_use]
    pub fn violations(&self, values: &BTreeMap<String, Value>, today: Date) -> Vec<Violation> {
        let mut found: Vec<Violation> = self
            .fields
            .iter()
            .filter(|field| !field.retired)
            .filter_map(|field| {
                let value = values.get(&field.name).unwrap_or(&Value::Null);
                let unfit = field.fits(value, today).err()?;
                Some(Violation::Field {
                    field: field.name.clone(),
                    unfit,
                })
            })
            .collect();
        let unknown = values.keys().filter(|name| self.field(name).is_none());
        found.extend(unknown.map(|name| Violation::Unknown { field: name.clone() }));
        if !found.is_empty() {
            return found;
        }
        let mut facts = Facts::new(today);
        for (name, value) in values {
            facts.set(name.as_str(), value.clone());
        }
        let broken = self.rules.iter().filter(|rule| rule.that.evaluate(&facts).is_false());
        broken
            .map(|rule| Violation::Rule {
                says: rule.says.clone(),
            })
            .collect()
    }

    /// The fields with their types as formulas name them, each behind `prefix`: for the kind's own rules, for indicators, for what is
    /// published.
    #[must_use]
    pub fn environment(&self, prefix: &str) -> Environment {
        let fields = self.fields.iter();
        fields
            .map(|field| (format!("{prefix}{}", field.name), field.ty()))
            .collect()
    }
}

/// Reads `records.toml`.
pub(crate) fn read(table: &Table, reading: &Reading<'_>) -> Vec<RecordKind> {
    let reader = Reader::new(table, reading.sink);
    let kinds = reader.entries(Joined::Underscore);
    kinds
        .into_iter()
        .filter_map(|(word, node)| kind(word, node, reading))
        .collect()
}

fn kind(word: Word, node: &Node, reading: &Reading<'_>) -> Option<RecordKind> {
    let reader = Reader::of(node, &word.word, reading.sink)?;
    let prefix = format!("record.{}", word.word);
    reading.label(format!("{prefix}.name"), word.place);
    let mut environment = Environment::new();
    reader.needed("fields");
    let fields = field::read_all(
        reader.named("fields", Joined::Underscore),
        Scope::Record,
        "",
        &mut environment,
        reading,
    );
    labels(&prefix, &fields, reading);
    let geometries = [
        ("point", Geometry::Point),
        ("line", Geometry::Line),
        ("polygon", Geometry::Polygon),
    ];
    let mut kind = RecordKind {
        name: word.word,
        geometry: reader.one_of("geometry", &geometries),
        key: Vec::new(),
        title: Vec::new(),
        open: None,
        fields,
        rules: Vec::new(),
        place: word.place,
    };
    kind.key = names(&reader.words("key"), &kind.fields, reading);
    kind.title = reader
        .needed_word("title")
        .map_or_else(Vec::new, |title| self::title(&title, &kind, reading));
    kind.open = reader.node("open").and_then(|node| open::read(node, &kind, reading));
    for rule in reader.tables("rules") {
        let that = rule.condition("that", &environment);
        let says = rule.needed_word("says");
        if rule.needed("that").is_some()
            && let Some((that, says)) = that.zip(says)
        {
            reading.label(format!("{prefix}.rule.{}", says.word), says.place);
            kind.rules.push(RecordRule { that, says: says.word });
        }
        rule.finish();
    }
    reader.finish();
    Some(kind)
}

/// Asks for the texts of fields and of their choices.
pub(crate) fn labels(prefix: &str, fields: &[Field], reading: &Reading<'_>) {
    for field in fields {
        reading.label(format!("{prefix}.field.{}", field.name), field.place);
        if let Some(section) = &field.section {
            reading.label(format!("{prefix}.section.{section}"), field.place);
        }
        if field.hint {
            reading.label(format!("{prefix}.hint.{}", field.name), field.place);
        }
        if let FieldKind::Choice(words) = &field.kind {
            for word in words {
                reading.label(format!("{prefix}.choice.{}.{word}", field.name), field.place);
            }
        }
    }
}

/// The words that name fields; a fault for each other one.
pub(crate) fn names(words: &[Word], fields: &[Field], reading: &Reading<'_>) -> Vec<String> {
    let known = words.iter().filter(|word| {
        reading
            .find(FaultCode::FieldUnknown, word, fields, |field| &field.name)
            .is_some()
    });
    known.map(|word| word.word.clone()).collect()
}

/// Says which of these names are personal fields.
pub(crate) fn refuse_personal(words: &[Word], fields: &[Field], reading: &Reading<'_>) {
    for word in words {
        let personal = |field: &&Field| field.name == word.word && field.sensitivity == Sensitivity::Personal;
        if fields.iter().any(|field| personal(&field)) {
            reading.sink.say(FaultCode::PersonalShown, word.place, &[&word.word]);
        }
    }
}

/// `{species} {tag}` to its parts.
fn title(title: &Word, kind: &RecordKind, reading: &Reading<'_>) -> Vec<TitlePart> {
    let mut parts = Vec::new();
    for (index, piece) in title.word.split('{').enumerate() {
        let text = match piece.split_once('}') {
            Some((name, text)) if index > 0 => {
                let word = Word {
                    word: name.to_owned(),
                    place: title.place,
                };
                names(std::slice::from_ref(&word), &kind.fields, reading);
                refuse_personal(&[word], &kind.fields, reading);
                parts.push(TitlePart::Field(name.to_owned()));
                text
            }
            _ => piece,
        };
        if !text.is_empty() {
            parts.push(TitlePart::Text(text.to_owned()));
        }
    }
    parts
}
