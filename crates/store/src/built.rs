//! Statements that `sea-query` builds for tables that come from definitions. Owns their rendering in the words of each
//! engine; `sea-query` quotes every identifier and gives every value as a parameter. Nothing else builds SQL from pieces.

use std::borrow::Cow;

use kernel::Timestamp;
use sea_query::{
    DeleteStatement, IndexCreateStatement, InsertStatement, PostgresQueryBuilder, QueryStatementWriter,
    SelectStatement, SqliteQueryBuilder, TableAlterStatement, TableCreateStatement, UpdateStatement, Values,
};

use crate::{error::StoreError, migrate::translate, tx::EngineKind, value::Value};

/// A statement built by `sea-query`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Built {
    /// `SELECT`.
    Select(Box<SelectStatement>),
    /// `INSERT`.
    Insert(Box<InsertStatement>),
    /// `UPDATE`.
    Update(Box<UpdateStatement>),
    /// `DELETE`.
    Delete(Box<DeleteStatement>),
    /// `CREATE TABLE`.
    CreateTable(Box<TableCreateStatement>),
    /// `ALTER TABLE`.
    AlterTable(Box<TableAlterStatement>),
    /// `CREATE INDEX`.
    CreateIndex(Box<IndexCreateStatement>),
}

macro_rules! built_from {
    ($($statement:ty => $variant:ident),* $(,)?) => {$(
        impl From<$statement> for Built {
            fn from(statement: $statement) -> Self {
                Self::$variant(Box::new(statement))
            }
        }
    )*};
}

built_from! {
    SelectStatement => Select,
    InsertStatement => Insert,
    UpdateStatement => Update,
    DeleteStatement => Delete,
    TableCreateStatement => CreateTable,
    TableAlterStatement => AlterTable,
    IndexCreateStatement => CreateIndex,
}

impl Built {
    pub(crate) fn render(self, engine: EngineKind) -> Result<(String, Vec<Value<'static>>), StoreError> {
        let (sql, values) = match self {
            Self::Select(statement) => query(*statement, engine),
            Self::Insert(statement) => query(*statement, engine),
            Self::Update(statement) => query(*statement, engine),
            Self::Delete(statement) => query(*statement, engine),
            Self::CreateTable(statement) => (
                in_words_of(&statement.to_string(PostgresQueryBuilder), engine),
                Values(Vec::new()),
            ),
            Self::AlterTable(statement) => (
                in_words_of(&statement.to_string(PostgresQueryBuilder), engine),
                Values(Vec::new()),
            ),
            Self::CreateIndex(statement) => (schema!(statement, engine), Values(Vec::new())),
        };
        let values = values.0.into_iter().map(value).collect::<Result<Vec<_>, _>>();
        values
            .map(|values| (sql.clone(), values))
            .map_err(|message| StoreError::Statement { sql, message })
    }
}

impl Built {
    /// The text of a statement that changes the schema, in PostgreSQL's words: what is kept of it. None of any other.
    pub(crate) fn schema_text(&self) -> Option<String> {
        match self {
            Self::CreateTable(statement) => Some(statement.to_string(PostgresQueryBuilder)),
            Self::AlterTable(statement) => Some(statement.to_string(PostgresQueryBuilder)),
            Self::CreateIndex(statement) => Some(statement.to_string(PostgresQueryBuilder)),
            Self::Select(_) | Self::Insert(_) | Self::Update(_) | Self::Delete(_) => None,
        }
    }
}

macro_rules! schema {
    ($statement:expr, $engine:expr) => {
        match $engine {
            EngineKind::Sqlite => $statement.to_string(SqliteQueryBuilder),
            EngineKind::Postgres => $statement.to_string(PostgresQueryBuilder),
        }
    };
}
use schema;

fn query<Q: QueryStatementWriter>(statement: Q, engine: EngineKind) -> (String, Values) {
    match engine {
        EngineKind::Sqlite => statement.build(SqliteQueryBuilder),
        EngineKind::Postgres => statement.build(PostgresQueryBuilder),
    }
}

/// Tables from definitions are typed like those of migrations: `STRICT` on SQLite with the same translated types, text
/// ordered by code point on PostgreSQL.
pub(crate) fn in_words_of(postgres: &str, engine: EngineKind) -> String {
    match engine {
        EngineKind::Sqlite => translate::to_sqlite(postgres, true),
        EngineKind::Postgres => translate::built_to_postgres(postgres),
    }
}

fn value(value: sea_query::Value) -> Result<Value<'static>, String> {
    use sea_query::Value as Sea;
    let int = |v: Option<i64>| v.map_or(Value::Null, Value::Int);
    Ok(match value {
        Sea::Bool(v) => v.map_or(Value::Null, Value::Bool),
        Sea::TinyInt(v) => int(v.map(i64::from)),
        Sea::SmallInt(v) => int(v.map(i64::from)),
        Sea::Int(v) => int(v.map(i64::from)),
        Sea::BigInt(v) => int(v),
        Sea::TinyUnsigned(v) => int(v.map(i64::from)),
        Sea::SmallUnsigned(v) => int(v.map(i64::from)),
        Sea::Unsigned(v) => int(v.map(i64::from)),
        Sea::BigUnsigned(v) => int(v.map(i64::try_from).transpose().map_err(|e| e.to_string())?),
        Sea::Float(v) => v.map_or(Value::Null, |v| Value::Float(f64::from(v))),
        Sea::Double(v) => v.map_or(Value::Null, Value::Float),
        Sea::String(v) => v.map_or(Value::Null, |v| Value::Text(Cow::Owned(v))),
        Sea::Char(v) => v.map_or(Value::Null, |v| Value::Text(Cow::Owned(v.to_string()))),
        Sea::Bytes(v) => v.map_or(Value::Null, |v| Value::Bytes(Cow::Owned(v))),
        Sea::Json(v) => v.map_or(Value::Null, |v| Value::Json(Cow::Owned(*v))),
        Sea::Uuid(v) => v.map_or(Value::Null, Value::Uuid),
        Sea::JiffDate(v) => v.map_or(Value::Null, Value::Date),
        Sea::JiffTimestamp(v) => v.map_or(Value::Null, |v| Value::Time(Timestamp::from(*v))),
        other => return Err(format!("a value of this kind cannot be stored: {other:?}")),
    })
}
