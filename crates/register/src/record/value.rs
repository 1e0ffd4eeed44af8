//! Values of fields as texts, as JSON and as cells of a table. Owns these forms; refuses a text that is no value of the
//! field's type. A number is written as digits with a point; a number with decimals is a text in JSON, so that no reader turns
//! it into floating point.

use std::borrow::Cow;

use ::store::Value as Cell;
use definition::expression::{Number, Value};
use definition::{Field, FieldKind};
use jiff::civil::Date;
use kernel::fold;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::error::What;
use crate::kind::{Column, Shape};

/// Longest sort key that is stored, in bytes: what differs only after it is ordered by the record's id.
const SORT_BYTES_MAX: usize = 48;

/// The value as a text: what it is compared, folded and exported by.
#[must_use]
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Date(day) => day.to_string(),
        Value::Instant(at) => at.to_string(),
        Value::Duration(_) => String::new(),
        Value::Many(all) => all.iter().map(text_of).collect::<Vec<_>>().join("; "),
    }
}

/// Reads a text as a value of a field; an empty one is nothing. Days may be written `31/12/2026`, decimals with a comma.
///
/// # Errors
/// `Unreadable`.
pub fn parse(field: &Field, text: &str) -> Result<Value, What> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if field.many.is_some() {
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        return parts
            .map(|part| one(field, part))
            .collect::<Result<_, _>>()
            .map(Value::Many);
    }
    one(field, text)
}

fn one(field: &Field, text: &str) -> Result<Value, What> {
    match &field.kind {
        FieldKind::Boolean => match fold::fold(text).as_str() {
            "true" | "yes" | "1" | "co" => Ok(Value::Bool(true)),
            "false" | "no" | "0" | "khong" => Ok(Value::Bool(false)),
            _ => Err(What::Unreadable),
        },
        FieldKind::Number { ty, .. } => {
            let number: Number = text.replacen(',', ".", 1).parse().map_err(|_| What::Unreadable)?;
            // More decimals than declared are refused by the field itself, not cut here.
            Ok(Value::Number(number.rescaled(ty.scale).unwrap_or(number)))
        }
        FieldKind::Date { .. } => day(text).map(Value::Date).ok_or(What::Unreadable),
        FieldKind::Text { .. }
        | FieldKind::Choice(_)
        | FieldKind::Code(_)
        | FieldKind::Area
        | FieldKind::AreaAddress => Ok(Value::Text(fold::nfc(text).into_owned())),
        FieldKind::Person | FieldKind::File { .. } => Err(What::Unknown),
    }
}

/// A day as `2026-12-31`, or as people write it: `31/12/2026`.
pub(crate) fn day(text: &str) -> Option<Date> {
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let mut parts = text.split(['/', '-', '.']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The value as JSON.
#[must_use]
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(yes) => Json::Bool(*yes),
        Value::Number(number) if number.scale() == 0 => Json::from(number.units()),
        Value::Many(all) => all.iter().map(to_json).collect(),
        other => Json::String(text_of(other)),
    }
}

/// Reads a value of a field from JSON.
///
/// # Errors
/// `Unreadable` for another type.
pub fn from_json(field: &Field, json: &Json) -> Result<Value, What> {
    match (json, field.many) {
        (Json::Null, _) => Ok(Value::Null),
        (Json::Array(all), Some(_)) => {
            let read = all.iter().map(|one| single_from_json(field, one));
            read.collect::<Result<_, _>>().map(Value::Many)
        }
        (Json::Array(_), None) | (_, Some(_)) => Err(What::Unreadable),
        (one, None) => single_from_json(field, one),
    }
}

fn single_from_json(field: &Field, json: &Json) -> Result<Value, What> {
    match json {
        Json::Bool(yes) if matches!(field.kind, FieldKind::Boolean) => Ok(Value::Bool(*yes)),
        Json::Number(number) if matches!(field.kind, FieldKind::Number { .. }) => one(field, &number.to_string()),
        Json::String(text) if text.is_empty() => Ok(Value::Null),
        Json::String(text) if !matches!(field.kind, FieldKind::Boolean) => one(field, text),
        _ => Err(What::Unreadable),
    }
}

/// The cell in which a value is stored.
pub(crate) fn to_cell(shape: Shape, value: Option<&Value>) -> Cell<'static> {
    let Some(value) = value else { return Cell::Null };
    match (shape, value) {
        (Shape::Boolean, Value::Bool(yes)) => Cell::Bool(*yes),
        (Shape::Text, Value::Text(text)) => Cell::Text(Cow::Owned(text.clone())),
        (Shape::Number(scale), Value::Number(number)) => number
            .rescaled(scale)
            .map_or(Cell::Null, |number| Cell::Int(number.units())),
        (Shape::Date, Value::Date(day)) => Cell::Date(*day),
        (Shape::Person, Value::Text(id)) => Uuid::parse_str(id).map_or(Cell::Null, Cell::Uuid),
        (Shape::Persons | Shape::Texts, many @ Value::Many(_)) => Cell::Json(Cow::Owned(to_json(many))),
        _ => Cell::Null,
    }
}

/// The value that a cell stores.
pub(crate) fn of_cell(shape: Shape, row: &::store::Row<'_>, at: usize) -> Result<Value, ::store::StoreError> {
    Ok(match shape {
        Shape::Boolean => row.get::<Option<bool>>(at)?.map_or(Value::Null, Value::Bool),
        Shape::Text => row.get::<Option<String>>(at)?.map_or(Value::Null, Value::Text),
        Shape::Number(scale) => row
            .get::<Option<i64>>(at)?
            .map_or(Value::Null, |units| Value::Number(Number::scaled(units, scale))),
        Shape::Date => row.get::<Option<Date>>(at)?.map_or(Value::Null, Value::Date),
        Shape::Person => row
            .get::<Option<Uuid>>(at)?
            .map_or(Value::Null, |id| Value::Text(id.to_string())),
        Shape::Persons | Shape::Texts => match row.get::<Option<Json>>(at)? {
            Some(Json::Array(all)) => Value::Many(
                all.into_iter()
                    .filter_map(|one| Some(Value::Text(one.as_str()?.to_owned())))
                    .collect(),
            ),
            _ => Value::Null,
        },
    })
}

/// What filters of a field compare: the folded text, or the value itself.
pub(crate) fn filter_cell(column: &Column, value: Option<&Value>) -> Cell<'static> {
    match value {
        Some(Value::Text(text)) if column.is_folded() => Cell::Text(Cow::Owned(fold::fold(text))),
        _ if column.is_folded() => Cell::Null,
        value => to_cell(column.shape, value),
    }
}

/// Bytes in the order of the values; nothing comes first.
pub(crate) fn sort_key(shape: Shape, value: Option<&Value>) -> Vec<u8> {
    match value {
        Some(Value::Number(number)) => {
            let scale = if let Shape::Number(scale) = shape { scale } else { 0 };
            let units = number.rescaled(scale).map_or(0, Number::units);
            // The sign bit turned round: negative numbers come before positive ones.
            let ordered = units.cast_unsigned() ^ (1 << 63);
            std::iter::once(1).chain(ordered.to_be_bytes()).collect()
        }
        Some(Value::Date(day)) => std::iter::once(1).chain(day.to_string().into_bytes()).collect(),
        Some(Value::Text(text)) => {
            let mut key = vec![1];
            key.extend(fold::sort_key(text).into_iter().take(SORT_BYTES_MAX));
            key
        }
        _ => Vec::new(),
    }
}
