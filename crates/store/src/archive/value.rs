//! One value into and out of the JSON of an archive. Owns the canonical form: equal values give equal bytes.
//! Refuses a value that is not of its column's kind.

use std::borrow::Cow;

use base64_codec::{decode, encode};
use serde_json::{Map, Number, Value as Json};

use super::Kind;
use crate::value::{ScalarKind, Value};

impl From<ScalarKind> for Kind {
    fn from(kind: ScalarKind) -> Kind {
        match kind {
            ScalarKind::Bool => Kind::Bool,
            ScalarKind::Int => Kind::Int,
            ScalarKind::Float => Kind::Float,
            ScalarKind::Text => Kind::Text,
            ScalarKind::Bytes => Kind::Bytes,
            ScalarKind::Uuid => Kind::Uuid,
            ScalarKind::Time => Kind::Time,
            ScalarKind::Date => Kind::Date,
            ScalarKind::Json => Kind::Json,
        }
    }
}

/// Appends a row as one line.
pub(crate) fn write_row(row: &[Value<'_>], line: &mut Vec<u8>) {
    let cells: Vec<Json> = row.iter().map(to_json).collect();
    serde_json::to_writer(&mut *line, &cells).expect("JSON in memory always has room");
    line.push(b'\n');
}

/// Reads a line as a row of these kinds.
pub(crate) fn read_row(line: &[u8], kinds: &[(String, Kind)]) -> Result<Vec<Value<'static>>, String> {
    let cells: Vec<Json> = serde_json::from_slice(line).map_err(|fault| fault.to_string())?;
    if cells.len() != kinds.len() {
        return Err(format!("{} values for {} columns", cells.len(), kinds.len()));
    }
    let read = |(cell, (name, kind)): (Json, &(String, Kind))| {
        from_json(cell, *kind).ok_or_else(|| format!("column {name} is no {kind:?}"))
    };
    cells.into_iter().zip(kinds).map(read).collect()
}

fn to_json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(v) => Json::Bool(*v),
        Value::Int(v) => Json::from(*v),
        // SQLite knows one zero only.
        Value::Float(0.0) => Json::from(0.0),
        Value::Float(v) => Number::from_f64(*v).map_or_else(|| Json::from(odd_float(*v)), Json::Number),
        Value::Text(v) => Json::from(v.as_ref()),
        Value::Bytes(v) => Json::from(encode(v)),
        Value::Uuid(v) => Json::from(v.to_string()),
        Value::Time(v) => Json::from(v.to_string()),
        Value::Date(v) => Json::from(v.to_string()),
        Value::Json(v) => Json::Array(vec![canonical(v)]),
    }
}

fn from_json(cell: Json, kind: Kind) -> Option<Value<'static>> {
    Some(match (kind, cell) {
        (_, Json::Null) => Value::Null,
        (Kind::Bool, Json::Bool(v)) => Value::Bool(v),
        (Kind::Int, Json::Number(v)) => Value::Int(v.as_i64()?),
        (Kind::Float, Json::Number(v)) => Value::Float(v.as_f64()?),
        (Kind::Float, Json::String(v)) => Value::Float(v.parse().ok().filter(|v: &f64| !v.is_finite())?),
        (Kind::Text, Json::String(v)) => Value::Text(Cow::Owned(v)),
        (Kind::Bytes, Json::String(v)) => Value::Bytes(Cow::Owned(decode(&v)?)),
        (Kind::Uuid, Json::String(v)) => Value::Uuid(v.parse().ok()?),
        (Kind::Time, Json::String(v)) => Value::Time(v.parse().ok()?),
        (Kind::Date, Json::String(v)) => Value::Date(v.parse().ok()?),
        (Kind::Json, Json::Array(mut v)) if v.len() == 1 => Value::Json(Cow::Owned(v.pop()?)),
        _ => return None,
    })
}

fn odd_float(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// The same document with its names sorted: PostgreSQL's JSONB keeps no order of names.
fn canonical(document: &Json) -> Json {
    match document {
        Json::Array(items) => items.iter().map(canonical).collect(),
        Json::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            names
                .into_iter()
                .map(|name| (name.clone(), canonical(&fields[name])))
                .collect::<Map<_, _>>()
                .into()
        }
        other => other.clone(),
    }
}

mod base64_codec {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    pub(super) fn encode(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }

    pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
        STANDARD.decode(text).ok()
    }
}
