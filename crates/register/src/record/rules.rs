//! Decides on versions. Pure: it gets the version that holds and gives the next one, or why there is none. The version that
//! holds is always the last one and the one with the latest day, so that "now" needs no search through the past.

use std::collections::BTreeMap;

use definition::Violation;
use definition::expression::Value;
use kernel::{Date, Timestamp, fold};

use super::value::text_of;
use super::{Act, Command, Record, Version};
use crate::error::{RegisterError, What, Wrong};
use crate::kind::{Column, Kind, Shape};

/// Longest reason, in characters.
pub(crate) const REASON_CHARS_MAX: usize = 1_000;

/// The version that a command asks for, before it is looked at.
///
/// # Errors
/// `NotFound` for a change of nothing, `Duplicate` for a new record that is there, `Stale`, `RevisionMissing`.
pub(crate) fn next(command: &Command, current: Option<&Record>, now: Timestamp) -> Result<Record, RegisterError> {
    let mut values = command.values.clone();
    let (revision, unit) = match (command.act, current) {
        (Act::Add, None) => (1, command.unit),
        (Act::Add, Some(_)) => return Err(RegisterError::Duplicate),
        (Act::Change | Act::Correct, None) => return Err(RegisterError::NotFound),
        (Act::Change | Act::Correct, Some(current)) => {
            let seen = command.seen.ok_or(RegisterError::RevisionMissing)?;
            if seen != current.revision {
                return Err(RegisterError::Stale {
                    seen,
                    now: current.revision,
                });
            }
            // What the command does not speak of stays: people whose names it cannot see, fields that are retired.
            for (name, value) in &current.values {
                values.entry(name.clone()).or_insert_with(|| value.clone());
            }
            (current.revision + 1, current.unit)
        }
    };
    values.retain(|_, value| *value != Value::Null);
    Ok(Record {
        id: command.id,
        revision,
        valid_from: command.valid_from,
        known_at: now,
        act: command.act,
        source: command.source,
        origin: command.origin.clone(),
        account: command.account,
        who: command.who.clone(),
        reason: command.reason.clone().filter(|reason| !reason.trim().is_empty()),
        unit,
        batch: None,
        shape: command.shape.clone(),
        values,
    })
}

/// Whether the version may be written. `floor` is the latest day of the versions that hold before the current one.
///
/// # Errors
/// Everything that is wrong with its fields; a missing reason; a day before the last version or after today; nothing new.
pub(crate) fn decide(
    kind: &Kind,
    command: &Command,
    next: &Record,
    current: Option<&Record>,
    floor: Option<Date>,
    today: Date,
) -> Result<(), RegisterError> {
    let wrong = faults(kind, &next.values, today);
    if !wrong.is_empty() {
        return Err(RegisterError::Invalid(wrong));
    }
    let reason = next.reason.as_deref().map_or(0, |reason| reason.chars().count());
    if (command.act == Act::Correct && reason == 0) || reason > REASON_CHARS_MAX {
        return Err(RegisterError::ReasonMissing);
    }
    let least = match (command.act, current) {
        (Act::Change, Some(current)) => Some(current.valid_from),
        (Act::Correct, _) => floor,
        _ => None,
    };
    if next.valid_from > today || least.is_some_and(|least| next.valid_from < least) {
        return Err(RegisterError::Day);
    }
    let same = current.is_some_and(|current| {
        current.values == next.values
            && current.shape == next.shape
            && (command.act == Act::Change || current.valid_from == next.valid_from)
    });
    if same { Err(RegisterError::Same) } else { Ok(()) }
}

/// What the definition says is wrong with values.
pub(crate) fn faults(kind: &Kind, values: &BTreeMap<String, Value>, today: Date) -> Vec<Wrong> {
    let found = kind.record.violations(values, today).into_iter();
    found
        .map(|violation| match violation {
            Violation::Field { field, unfit } => Wrong::new(field, What::Unfit(unfit)),
            Violation::Unknown { field } => Wrong::new(field, What::Unknown),
            Violation::Rule { says } => Wrong::new(says.clone(), What::Rule(says)),
        })
        .collect()
}

/// The key by which a duplicate is found: the values of the key's fields, folded, so that marks and capitals do not hide one.
/// None where the kind has no key or one of its fields is empty.
pub(crate) fn key_fold(kind: &Kind, values: &BTreeMap<String, Value>) -> Option<String> {
    if kind.record.key.is_empty() {
        return None;
    }
    let mut parts = Vec::with_capacity(kind.record.key.len());
    for field in &kind.record.key {
        let value = values.get(field)?;
        parts.push(fold::fold(&text_of(value)));
    }
    Some(parts.join("\u{1f}"))
}

/// The name by which a record is perhaps there already under another key: the texts of its title, folded. None where the key is
/// part of the title, or where nothing of it is a text.
pub(crate) fn name_fold(kind: &Kind, values: &BTreeMap<String, Value>) -> Option<String> {
    let mut parts = Vec::new();
    for column in name_columns(kind) {
        parts.push(fold::fold(&text_of(values.get(&column.field.name)?)));
    }
    (!parts.is_empty()).then(|| parts.join("\u{1f}"))
}

/// The fields of a title, when all of them are texts and none is part of the key.
pub(crate) fn name_columns(kind: &Kind) -> Vec<&Column> {
    let fields = kind.record.title.iter().filter_map(|part| match part {
        definition::TitlePart::Field(name) => Some(name),
        definition::TitlePart::Text(_) => None,
    });
    let mut columns = Vec::new();
    for name in fields {
        match kind.column(name) {
            Some(column) if column.shape == Shape::Text && !kind.record.key.contains(name) => columns.push(column),
            _ => return Vec::new(),
        }
    }
    columns
}

/// The version that held on the day `valid` as it was known at `known`: of those known then and not corrected by then, the
/// last of those that had begun.
#[must_use]
pub(crate) fn as_of(versions: &[Version], valid: Date, known: Timestamp) -> Option<&Version> {
    versions
        .iter()
        .filter(|version| version.record.known_at <= known && version.record.valid_from <= valid)
        .filter(|version| !(version.voided && version.superseded_at.is_some_and(|at| at <= known)))
        .max_by_key(|version| (version.record.valid_from, version.record.revision))
}

/// Names of the fields whose values differ, in the order of the form; `geometry` last.
pub(crate) fn differing(kind: &Kind, one: &Record, other: &Record) -> Vec<String> {
    let fields = kind.columns.iter().map(|column| &column.field.name);
    let mut found: Vec<String> = fields
        .filter(|name| one.values.get(*name) != other.values.get(*name))
        .cloned()
        .collect();
    if one.shape != other.shape {
        found.push("geometry".to_owned());
    }
    found
}

/// How a record is called.
#[must_use]
pub(crate) fn title(kind: &Kind, values: &BTreeMap<String, Value>, show: &dyn Fn(&str, &Value) -> String) -> String {
    let parts = kind.record.title.iter().map(|part| match part {
        definition::TitlePart::Text(text) => text.clone(),
        definition::TitlePart::Field(name) => values.get(name).map(|value| show(name, value)).unwrap_or_default(),
    });
    parts.collect::<String>().trim().to_owned()
}
