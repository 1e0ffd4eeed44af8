//! Reads fields. It owns the keys that each type has, what fields fill themselves from and which checks need rows, and
//! refuses measured numbers without unit, words outside their list, bounds that leave nothing.

use super::{
    DateBound, FILE_BYTES_DEFAULT, Field, FieldCheck, FieldKind, MANY_MAX, Many, Sensitivity, TEXT_CHARS_DEFAULT,
    UniqueWithin,
};
use crate::expression::{Environment, Number, NumberType, Type, Unit, Value};
use crate::fault::{FaultCode, Place};
use crate::pattern::Pattern;
use crate::reader::{Joined, Reader, Word, is_name};
use crate::source::{Node, Raw};
use crate::surroundings::Reading;

/// Most digits of a number without bounds.
const DIGITS_DEFAULT: u8 = 12;

/// What a field belongs to: it decides which keys there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Record,
    Form,
    Ask,
}

/// Reads `[….fields]` and declares each field as `prefix` + name for those below it.
pub(crate) fn read_all(
    fields: Vec<(Word, &Node)>,
    scope: Scope,
    prefix: &str,
    environment: &mut Environment,
    reading: &Reading<'_>,
) -> Vec<Field> {
    let mut read = Vec::new();
    for (word, node) in fields {
        let Some(reader) = Reader::of(node, &word.word, reading.sink) else {
            continue;
        };
        if let Some(field) = self::read(word, &reader, scope, environment, reading) {
            environment.declare(format!("{prefix}{}", field.name), field.ty());
            read.push(field);
        }
        reader.finish();
    }
    read
}

fn read(
    word: Word,
    reader: &Reader<'_>,
    scope: Scope,
    environment: &Environment,
    reading: &Reading<'_>,
) -> Option<Field> {
    let is_many = reader.flag("many");
    let kind = kind(&word, reader, is_many, reading);
    let many = is_many.then(|| Many {
        least: bound(reader, "min").unwrap_or(0),
        most: bound(reader, "max").unwrap_or(MANY_MAX),
    });
    let is_person = kind == Some(FieldKind::Person);
    let sensitivities = [
        ("open", Sensitivity::Open),
        ("internal", Sensitivity::Internal),
        ("personal", Sensitivity::Personal),
    ];
    let sensitivity = reader.one_of("sensitivity", &sensitivities);
    let mut field = Field {
        name: word.word,
        kind: kind.unwrap_or(FieldKind::Boolean),
        many,
        required: reader.flag("required"),
        sensitivity: sensitivity.unwrap_or(if is_person {
            Sensitivity::Personal
        } else {
            Sensitivity::Internal
        }),
        index: scope == Scope::Record && reader.flag("index"),
        retired: scope == Scope::Record && reader.flag("retired"),
        source: None,
        from: None,
        locked: false,
        section: None,
        hint: false,
        when: None,
        check: None,
        default: None,
        place: word.place,
    };
    if scope == Scope::Record {
        field.source = reader.word("source").map(|source| source.word);
    }
    if scope == Scope::Form {
        field.from = reader.word("from").and_then(|from| source(&from, reading));
        field.locked = locked(reader, &field, reading);
        let section = reader.word("section");
        field.section = section
            .filter(|section| is_name(section, Joined::Hyphen, reading.sink))
            .map(|section| section.word);
        field.hint = reader.flag("hint");
        field.when = reader.condition("when", environment);
        field.check = reader.word("check").and_then(|check| self::check(&check, reading));
    }
    if let Some(node) = reader.node("default") {
        field.default = field.value_or_fault(node, reading);
    }
    Some(field)
}

/// The kind of a field. A kind that cannot be read still counts as read, so that its name is known to what follows.
fn kind(word: &Word, reader: &Reader<'_>, is_many: bool, reading: &Reading<'_>) -> Option<FieldKind> {
    let types = [
        "boolean",
        "text",
        "number",
        "integer",
        "dong",
        "date",
        "choice",
        "code",
        "person",
        "file",
        "area",
        "area-address",
    ];
    let types = types.map(|name| (name, name));
    let ty = reader.needed_word("type")?;
    Some(match reader.choose(&ty, &types)? {
        "text" => text(reader, is_many, reading),
        name @ ("number" | "integer" | "dong") => number(name, word, reader, is_many, reading),
        "date" => FieldKind::Date {
            first: (!is_many).then(|| date_bound(reader, "min")).flatten(),
            last: (!is_many).then(|| date_bound(reader, "max")).flatten(),
        },
        "choice" => choice(reader, reading),
        "code" => {
            let list = reader.needed_word("list")?;
            reading.known(FaultCode::ListUnknown, &list, &reading.around.lists);
            FieldKind::Code(list.word)
        }
        "person" => FieldKind::Person,
        "file" => file(reader, is_many, reading),
        "area" => FieldKind::Area,
        "area-address" => FieldKind::AreaAddress,
        _ => FieldKind::Boolean,
    })
}

/// `min` and `max` of a field with `many` count its values.
fn bound(reader: &Reader<'_>, key: &'static str) -> Option<u32> {
    reader
        .whole(key, 0, i64::from(MANY_MAX))
        .and_then(|count| u32::try_from(count).ok())
}

fn text(reader: &Reader<'_>, is_many: bool, reading: &Reading<'_>) -> FieldKind {
    let pattern = reader
        .word("pattern")
        .and_then(|word| match word.word.parse::<Pattern>() {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let args = [word.word.as_str(), &error.to_string()];
                reading.sink.say(FaultCode::PatternInvalid, word.place, &args);
                None
            }
        });
    let chars_max = if is_many { None } else { reader.whole("max", 1, 20_000) };
    let chars_max = chars_max.and_then(|most| u32::try_from(most).ok());
    FieldKind::Text {
        pattern,
        chars_max: chars_max.unwrap_or(TEXT_CHARS_DEFAULT),
    }
}

fn number(name: &str, word: &Word, reader: &Reader<'_>, is_many: bool, reading: &Reading<'_>) -> FieldKind {
    let unit = if name == "dong" { None } else { reader.word("unit") };
    if name == "number" && unit.is_none() {
        reading.sink.say(FaultCode::UnitMissing, word.place, &[&word.word]);
    }
    let decimals = if name == "number" {
        reader.whole("decimals", 0, 6)
    } else {
        None
    };
    let scale = decimals.and_then(|decimals| u8::try_from(decimals).ok()).unwrap_or(0);
    let limit = |key| if is_many { None } else { reader.number(key) };
    let (least, most) = (limit("min"), limit("max"));
    let fitted = |bound: Option<(Number, Place)>| {
        let (number, place) = bound?;
        let fitted = number.rescaled(scale).filter(|number| number.digits() <= 15);
        if fitted.is_none() {
            reading.sink.say(FaultCode::ValueUnfit, place, &[&word.word]);
        }
        fitted
    };
    let place = most.map_or(word.place, |(_, place)| place);
    let (least, most) = (fitted(least), fitted(most));
    if let (Some(low), Some(high)) = (least, most)
        && low.compare(high).is_gt()
    {
        reading.sink.say(FaultCode::RangeEmpty, place, &[&word.word]);
    }
    let unit = match (name, unit) {
        ("dong", _) => Unit::Dong,
        (_, Some(unit)) => Unit::Named(unit.word),
        (_, None) => Unit::Count,
    };
    let bounded = least.zip(most).map(|(low, high)| low.digits().max(high.digits()));
    let digits = bounded.unwrap_or(if unit == Unit::Dong { 15 } else { DIGITS_DEFAULT });
    let ty = NumberType { scale, digits, unit };
    FieldKind::Number { ty, least, most }
}

fn date_bound(reader: &Reader<'_>, key: &'static str) -> Option<DateBound> {
    match &reader.node(key)?.raw {
        Raw::Text(text) if text == "today" => Some(DateBound::Today),
        _ => reader.date(key).map(|(date, _)| DateBound::On(date)),
    }
}

fn choice(reader: &Reader<'_>, reading: &Reading<'_>) -> FieldKind {
    reader.needed("of");
    let mut words: Vec<String> = Vec::new();
    for word in reader.words("of") {
        if words.contains(&word.word) {
            reading.sink.say(FaultCode::NameTwice, word.place, &[&word.word]);
        } else if is_name(&word, Joined::Hyphen, reading.sink) {
            words.push(word.word);
        }
    }
    FieldKind::Choice(words)
}

pub(crate) fn file(reader: &Reader<'_>, is_many: bool, reading: &Reading<'_>) -> FieldKind {
    let accept = reader.words("accept");
    for word in &accept {
        if !word.word.contains('/') {
            reading.sink.say(
                FaultCode::ValueType,
                word.place,
                &["accept", "a media type such as image/*"],
            );
        }
    }
    let size = if is_many { None } else { reader.word("max") };
    let bytes_max = size.and_then(|word| {
        let bytes = bytes(&word.word);
        if bytes.is_none() {
            reading.sink.say(FaultCode::SizeInvalid, word.place, &[&word.word]);
        }
        bytes
    });
    FieldKind::File {
        accept: accept.into_iter().map(|word| word.word).collect(),
        bytes_max: bytes_max.unwrap_or(FILE_BYTES_DEFAULT),
    }
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    let number: u64 = number.parse().ok().filter(|number| (1..=1_000).contains(number))?;
    match unit {
        "KB" => Some(number * 1_000),
        "MB" => Some(number * 1_000_000),
        _ => None,
    }
}

/// What the applicant's profile knows: the paths under `applicant.` with their types.
pub(crate) fn applicant() -> Vec<(&'static str, Type)> {
    vec![
        ("name", Type::Text),
        ("birth_date", Type::Date),
        ("address", Type::Area),
        ("phone", Type::Text),
        ("email", Type::Text),
        ("age", Type::integer(3)),
        ("organisation", Type::Bool),
        ("poor_household", Type::Bool),
        ("near_poor_household", Type::Bool),
        ("disabled", Type::Bool),
        ("elderly", Type::Bool),
        ("child", Type::Bool),
        ("ethnic_minority_in_hardship", Type::Bool),
        ("person_with_merit", Type::Bool),
    ]
}

/// Only what a lookup fills can stand: what the profile says is the applicant's to correct.
fn locked(reader: &Reader<'_>, field: &Field, reading: &Reading<'_>) -> bool {
    let is_locked = reader.flag("locked");
    let head = field.from.as_deref().and_then(|from| from.split('.').next());
    if is_locked && !head.is_some_and(|head| reading.looks_up(head)) {
        reading.sink.say(FaultCode::KeyMissing, field.place, &["from"]);
    }
    is_locked
}

fn source(word: &Word, reading: &Reading<'_>) -> Option<String> {
    let (head, tail) = word.word.split_once('.').unwrap_or((&word.word, ""));
    let holds = if head == "applicant" {
        tail.is_empty() || applicant().iter().any(|(name, _)| *name == tail)
    } else {
        reading.looks_up(head) || reading.around.registers.contains(head)
    };
    if !holds {
        let of_applicant = applicant().into_iter().map(|(name, _)| format!("applicant.{name}"));
        let known: Vec<String> = reading.around.registers.iter().cloned().chain(of_applicant).collect();
        let known = known.iter().map(String::as_str);
        reading
            .sink
            .say_unknown(FaultCode::SourceUnknown, word.place, &word.word, known);
    }
    holds.then(|| word.word.clone())
}

fn check(word: &Word, reading: &Reading<'_>) -> Option<FieldCheck> {
    let names = [
        ("unique", UniqueWithin::Everywhere),
        ("unique_in_province", UniqueWithin::Province),
        ("unique_in_commune", UniqueWithin::Commune),
    ];
    let called = word.word.strip_suffix(')').and_then(|rest| rest.split_once('('));
    let (name, path) = called.unwrap_or((&word.word, ""));
    let kind = names.iter().find(|(known, _)| *known == name);
    let (Some((_, unique_within)), Some((register, field))) = (kind, path.split_once('.')) else {
        let known = names.iter().map(|(known, _)| *known);
        reading
            .sink
            .say_unknown(FaultCode::CheckUnknown, word.place, name, known);
        return None;
    };
    let named = Word {
        word: register.to_owned(),
        place: word.place,
    };
    reading.known(FaultCode::RegisterUnknown, &named, &reading.around.registers);
    Some(FieldCheck {
        unique_within: *unique_within,
        register: register.to_owned(),
        field: field.to_owned(),
    })
}

/// The value that a node writes out.
pub(crate) fn value_of(node: &Node) -> Option<Value> {
    Some(match &node.raw {
        Raw::Text(text) => Value::Text(text.clone()),
        Raw::Number(number) => Value::Number(*number),
        Raw::Bool(bool) => Value::Bool(*bool),
        Raw::Date(date) => Value::Date(*date),
        Raw::List(list) => Value::Many(list.iter().map(value_of).collect::<Option<_>>()?),
        Raw::Table(_) | Raw::Strange => return None,
    })
}
