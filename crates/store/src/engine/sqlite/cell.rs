//! One value into and out of SQLite's few types: UUID as 16 bytes, time as microseconds, a day and a document as text.
//! It refuses a cell of another type than the one that is asked for: nothing is converted in silence.

use std::borrow::Cow;

use kernel::{Date, Timestamp, scalar::ScalarError};
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use uuid::Uuid;

use crate::value::{ScalarKind, Value};

/// The value at `column` in the shape that is asked for.
pub(crate) fn read<'r>(
    row: &'r rusqlite::Row<'_>,
    column: usize,
    wanted: ScalarKind,
) -> Result<Value<'r>, ScalarError> {
    let cell = row
        .get_ref(column)
        .map_err(|error| ScalarError::content("column of the answer", error))?;
    let shape = || ScalarError::Shape { wanted };
    Ok(match (wanted, cell) {
        (_, ValueRef::Null) => Value::Null,
        (ScalarKind::Bool, ValueRef::Integer(v @ (0 | 1))) => Value::Bool(v == 1),
        (ScalarKind::Int, ValueRef::Integer(v)) => Value::Int(v),
        (ScalarKind::Float, ValueRef::Real(v)) => Value::Float(v),
        (ScalarKind::Text, ValueRef::Text(v)) => Value::Text(Cow::Borrowed(utf8(v)?)),
        (ScalarKind::Bytes, ValueRef::Blob(v)) => Value::Bytes(Cow::Borrowed(v)),
        (ScalarKind::Uuid, ValueRef::Blob(v)) => Value::Uuid(Uuid::from_slice(v).map_err(|_| shape())?),
        (ScalarKind::Time, ValueRef::Integer(v)) => Value::Time(Timestamp::from_micros(v)),
        (ScalarKind::Date, ValueRef::Text(v)) => Value::Date(day(utf8(v)?)?),
        (ScalarKind::Json, ValueRef::Text(v)) => Value::Json(Cow::Owned(json(v)?)),
        _ => return Err(shape()),
    })
}

fn utf8(bytes: &[u8]) -> Result<&str, ScalarError> {
    std::str::from_utf8(bytes).map_err(|error| ScalarError::content("text", error))
}

fn day(text: &str) -> Result<Date, ScalarError> {
    text.parse().map_err(|error| ScalarError::content("day", error))
}

fn json(bytes: &[u8]) -> Result<serde_json::Value, ScalarError> {
    serde_json::from_slice(bytes).map_err(|error| ScalarError::content("JSON document", error))
}

/// A value as SQLite takes it.
pub(crate) struct Bound<'v>(pub(crate) Value<'v>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let borrowed = |v| Ok(ToSqlOutput::Borrowed(v));
        let owned = |v| Ok(ToSqlOutput::Owned(v));
        match &self.0 {
            Value::Null => borrowed(ValueRef::Null),
            Value::Bool(v) => borrowed(ValueRef::Integer(i64::from(*v))),
            Value::Int(v) => borrowed(ValueRef::Integer(*v)),
            Value::Float(v) => borrowed(ValueRef::Real(*v)),
            Value::Text(v) => borrowed(ValueRef::Text(v.as_bytes())),
            Value::Bytes(v) => borrowed(ValueRef::Blob(v)),
            Value::Uuid(v) => borrowed(ValueRef::Blob(v.as_bytes())),
            Value::Time(v) => borrowed(ValueRef::Integer(v.as_micros())),
            Value::Date(v) => owned(Owned::Text(v.to_string())),
            Value::Json(v) => owned(Owned::Text(v.to_string())),
        }
    }
}
