//! One value into and out of PostgreSQL's own types. A value of one type is never turned into another: the statement says
//! which type it wants, and a parameter that is none is a clear error.

use std::{borrow::Cow, error::Error};

use bytes::BytesMut;
use kernel::{Date, Timestamp, scalar::ScalarError};
use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::value::{ScalarKind, Value};

/// PostgreSQL counts microseconds from 2000-01-01T00:00:00Z.
const EPOCH_2000_MICROS: i64 = 946_684_800_000_000;

type Fault = Box<dyn Error + Sync + Send>;

/// A cell as it came: its type and its bytes.
struct Raw<'r> {
    ty: Type,
    bytes: Option<&'r [u8]>,
}

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(ty: &Type, raw: &'r [u8]) -> Result<Self, Fault> {
        Ok(Self {
            ty: ty.clone(),
            bytes: Some(raw),
        })
    }

    fn from_sql_null(ty: &Type) -> Result<Self, Fault> {
        Ok(Self {
            ty: ty.clone(),
            bytes: None,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The value at `column` in the shape that is asked for.
pub(crate) fn read(row: &tokio_postgres::Row, column: usize, wanted: ScalarKind) -> Result<Value<'_>, ScalarError> {
    let cell: Raw<'_> = row
        .try_get(column)
        .map_err(|error| ScalarError::content("column of the answer", error))?;
    let Some(bytes) = cell.bytes else {
        return Ok(Value::Null);
    };
    decode(&cell.ty, bytes, wanted)
        .map_err(|error| ScalarError::content("value of its type", error))?
        .ok_or(ScalarError::Shape { wanted })
}

fn decode<'r>(ty: &Type, bytes: &'r [u8], wanted: ScalarKind) -> Result<Option<Value<'r>>, Fault> {
    let value = match (wanted, ty) {
        (ScalarKind::Bool, &Type::BOOL) => Value::Bool(bool::from_sql(ty, bytes)?),
        (ScalarKind::Int, &Type::INT8) => Value::Int(i64::from_sql(ty, bytes)?),
        (ScalarKind::Int, &Type::INT4) => Value::Int(i64::from(i32::from_sql(ty, bytes)?)),
        (ScalarKind::Int, &Type::INT2) => Value::Int(i64::from(i16::from_sql(ty, bytes)?)),
        (ScalarKind::Float, &Type::FLOAT8) => Value::Float(f64::from_sql(ty, bytes)?),
        (ScalarKind::Float, &Type::FLOAT4) => Value::Float(f64::from(f32::from_sql(ty, bytes)?)),
        (ScalarKind::Text, &Type::TEXT | &Type::VARCHAR | &Type::BPCHAR | &Type::NAME | &Type::UNKNOWN) => {
            Value::Text(Cow::Borrowed(std::str::from_utf8(bytes)?))
        }
        (ScalarKind::Bytes, &Type::BYTEA) => Value::Bytes(Cow::Borrowed(bytes)),
        (ScalarKind::Uuid, &Type::UUID) => Value::Uuid(Uuid::from_sql(ty, bytes)?),
        (ScalarKind::Time, &Type::TIMESTAMPTZ) => Value::Time(moment(i64::from_sql(&Type::INT8, bytes)?)),
        (ScalarKind::Date, &Type::DATE) => Value::Date(Date::from_sql(ty, bytes)?),
        (ScalarKind::Json, &Type::JSONB | &Type::JSON) => {
            Value::Json(Cow::Owned(serde_json::Value::from_sql(ty, bytes)?))
        }
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn moment(since_2000: i64) -> Timestamp {
    Timestamp::from_micros(since_2000.saturating_add(EPOCH_2000_MICROS))
}

/// PostgreSQL's first time is in 4713 BC. What is earlier (our smallest time, "since ever") is its `-infinity`, which
/// [`moment`] reads as our smallest time again.
fn since_2000(at: Timestamp) -> i64 {
    const FIRST: i64 = -211_813_488_000_000_000;
    let micros = at.as_micros() - EPOCH_2000_MICROS;
    if micros < FIRST { i64::MIN } else { micros }
}

/// A value as PostgreSQL takes it.
#[derive(Debug)]
pub(crate) struct Param<'v>(pub(crate) Value<'v>);

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match (&self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Bool(v), &Type::BOOL) => v.to_sql(ty, out),
            (Value::Int(v), &Type::INT8) => v.to_sql(ty, out),
            (Value::Int(v), &Type::INT4) => i32::try_from(*v)?.to_sql(ty, out),
            (Value::Int(v), &Type::INT2) => i16::try_from(*v)?.to_sql(ty, out),
            (Value::Float(v), &Type::FLOAT8) => v.to_sql(ty, out),
            (Value::Text(v), &Type::TEXT | &Type::VARCHAR | &Type::BPCHAR | &Type::NAME) => {
                refuse_nul(v)?;
                v.as_ref().to_sql(ty, out)
            }
            (Value::Bytes(v), &Type::BYTEA) => v.as_ref().to_sql(ty, out),
            (Value::Uuid(v), &Type::UUID) => v.to_sql(ty, out),
            (Value::Time(v), &Type::TIMESTAMPTZ) => since_2000(*v).to_sql(&Type::INT8, out),
            (Value::Date(v), &Type::DATE) => v.to_sql(ty, out),
            (Value::Json(v), &Type::JSONB | &Type::JSON) => v.as_ref().to_sql(ty, out),
            (other, _) => Err(format!("the statement wants {ty} here, not {}", kind_of(other)).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn refuse_nul(text: &str) -> Result<(), Fault> {
    if text.contains('\0') {
        Err("a text holds the character U+0000, which cannot be stored".into())
    } else {
        Ok(())
    }
}

fn kind_of(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Int(_) => "a whole number",
        Value::Float(_) => "a floating-point number",
        Value::Text(_) => "a text",
        Value::Bytes(_) => "bytes",
        Value::Uuid(_) => "a UUID",
        Value::Time(_) => "a time",
        Value::Date(_) => "a day",
        Value::Json(_) => "a JSON document",
    }
}
