//! The transaction that domain code works in: one concrete type over both engines. Owns the rules that make them behave
//! alike: a failed statement ends the transaction, parameters stand in order of first use, a read never writes.
//! It refuses SQL that is put together at run time, but for what `sea-query` built.

use std::{
    borrow::Cow,
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

use crate::{
    built::Built,
    engine::{Failure, postgres, sqlite},
    error::StoreError,
    row::Row,
    sql::check,
    value::{ToValue, Value},
};

/// A transaction. Made by `Store::write` and `Store::read` alone.
pub struct Tx {
    conn: Conn,
    failed: Option<Failed>,
    trace: Option<Vec<Step>>,
    signals: Signals,
}

pub(crate) enum Conn {
    Sqlite(Box<sqlite::Conn>),
    Postgres(Box<postgres::Conn>),
}

/// Why nothing more can be done in a transaction.
struct Failed {
    what: String,
    retry: bool,
}

/// Who is to be woken once the transaction is committed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Signals {
    pub(crate) outbox: bool,
    pub(crate) jobs: bool,
}

/// One statement of a traced run: its text and a hash of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) sql: Cow<'static, str>,
    params: u64,
}

/// The engine a transaction runs on, for the few places that need two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// SQLite, bundled.
    Sqlite,
    /// PostgreSQL 15 or newer.
    Postgres,
}

impl Tx {
    pub(crate) fn new(conn: Conn) -> Self {
        Self {
            conn,
            failed: None,
            trace: None,
            signals: Signals::default(),
        }
    }

    /// Runs a statement and says how many rows it changed.
    ///
    /// `$1..$n` stand in order of first use. The text is portable: see [`crate::sql`].
    ///
    /// # Errors
    /// `Duplicate`, `Reference`, `Rule` for a refused row; others as the engine says. Any of them ends the transaction:
    /// use `ON CONFLICT DO NOTHING` where a clash is expected.
    pub fn execute(&mut self, sql: &'static str, params: &[&dyn ToValue]) -> Result<u64, StoreError> {
        self.begin_statement(Cow::Borrowed(sql), params)?;
        let done = match &mut self.conn {
            Conn::Sqlite(conn) => conn.execute(sql, params),
            Conn::Postgres(conn) => conn.execute(sql, params),
        };
        done.map_err(|failure| self.fail(failure))
    }

    /// All rows of an answer. Bound it with `LIMIT` in the statement.
    ///
    /// # Errors
    /// As [`Tx::execute`], and what `read` says of a row.
    pub fn all<T>(
        &mut self,
        sql: &'static str,
        params: &[&dyn ToValue],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut rows = Vec::new();
        self.each(sql, params, &mut |row| {
            rows.push(read(row)?);
            Ok(true)
        })?;
        Ok(rows)
    }

    /// The first row of an answer, if there is one.
    ///
    /// # Errors
    /// As [`Tx::all`].
    pub fn opt<T>(
        &mut self,
        sql: &'static str,
        params: &[&dyn ToValue],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.each(sql, params, &mut |row| {
            found = Some(read(row)?);
            Ok(false)
        })?;
        Ok(found)
    }

    /// The first row of an answer that must have one.
    ///
    /// # Errors
    /// As [`Tx::all`], and `NoRow`; that one does not end the transaction.
    pub fn one<T>(
        &mut self,
        sql: &'static str,
        params: &[&dyn ToValue],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.opt(sql, params, read)?.ok_or(StoreError::NoRow { sql })
    }

    /// Runs a statement that `sea-query` built, and says how many rows it changed. One that changes the schema is kept, so
    /// that an archive can make the same tables.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn execute_built(&mut self, statement: impl Into<Built>) -> Result<u64, StoreError> {
        let statement = statement.into();
        let kept = statement.schema_text();
        let (sql, values) = statement.render(self.engine())?;
        let changed = self.execute_text(&sql, &values)?;
        if let Some(text) = kept {
            self.execute(
                "INSERT INTO built_schema (seq, statement) \
                 SELECT coalesce(max(seq), 0) + 1, CAST($1 AS TEXT) FROM built_schema",
                &[&text],
            )?;
        }
        Ok(changed)
    }

    /// All rows of a query that `sea-query` built.
    ///
    /// # Errors
    /// As [`Tx::all`].
    pub fn all_built<T>(
        &mut self,
        statement: impl Into<Built>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let (sql, values) = statement.into().render(self.engine())?;
        let mut rows = Vec::new();
        self.each_text(&sql, &values, &mut |row| {
            rows.push(read(row)?);
            Ok(true)
        })?;
        Ok(rows)
    }

    /// Has the engine read a statement without running it: tables and columns exist, the parameters stand in order. For
    /// the test that goes through every statement of the program.
    ///
    /// # Errors
    /// What the engine says of the statement, and `Statement` for parameters out of order.
    pub fn check(&mut self, sql: &str) -> Result<(), StoreError> {
        let wanted = match &mut self.conn {
            Conn::Sqlite(conn) => conn.check(sql),
            Conn::Postgres(conn) => conn.check(sql),
        }
        .map_err(|failure| self.fail(failure))?;
        match check::order(sql) {
            Ok(used) if used == wanted => Ok(()),
            _ => Err(StoreError::Statement {
                sql: sql.to_owned(),
                message: "its parameters do not stand in order of first use".to_owned(),
            }),
        }
    }

    /// The engine this transaction runs on.
    pub fn engine(&self) -> EngineKind {
        match self.conn {
            Conn::Sqlite(_) => EngineKind::Sqlite,
            Conn::Postgres(_) => EngineKind::Postgres,
        }
    }

    /// Calls `on_row` for each row until it says `false`.
    pub(crate) fn each(
        &mut self,
        sql: &'static str,
        params: &[&dyn ToValue],
        on_row: &mut dyn FnMut(&Row<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.begin_statement(Cow::Borrowed(sql), params)?;
        let done = match &mut self.conn {
            Conn::Sqlite(conn) => conn.query(sql, params, on_row),
            Conn::Postgres(conn) => conn.query(sql, params, on_row),
        };
        done.map_err(|failure| self.fail(failure))
    }

    /// [`Tx::execute`] of a text that this crate wrote itself from the database's own catalogue (export, re-sealing).
    pub(crate) fn execute_text(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let params: Vec<&dyn ToValue> = params.iter().map(|value| value as &dyn ToValue).collect();
        self.begin_statement(Cow::Owned(sql.to_owned()), &params)?;
        let done = match &mut self.conn {
            Conn::Sqlite(conn) => conn.execute_built(sql, &params),
            Conn::Postgres(conn) => conn.execute_built(sql, &params),
        };
        done.map_err(|failure| self.fail(failure))
    }

    /// Calls `on_row` for each row of a text that this crate wrote itself, until it says `false`.
    pub(crate) fn each_text(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        on_row: &mut dyn FnMut(&Row<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let params: Vec<&dyn ToValue> = params.iter().map(|value| value as &dyn ToValue).collect();
        self.begin_statement(Cow::Owned(sql.to_owned()), &params)?;
        let done = match &mut self.conn {
            Conn::Sqlite(conn) => conn.query_built(sql, &params, on_row),
            Conn::Postgres(conn) => conn.query_built(sql, &params, on_row),
        };
        done.map_err(|failure| self.fail(failure))
    }

    fn begin_statement(&mut self, sql: Cow<'static, str>, params: &[&dyn ToValue]) -> Result<(), StoreError> {
        if let Some(failed) = &self.failed {
            return Err(StoreError::Aborted(failed.what.clone()));
        }
        if cfg!(debug_assertions)
            && let Cow::Borrowed(text) = sql
        {
            check::parameters_in_order(text, params.len());
        }
        if let Some(trace) = &mut self.trace {
            trace.push(Step {
                sql,
                params: hash_of(params),
            });
        }
        Ok(())
    }

    fn fail(&mut self, failure: Failure) -> StoreError {
        // A row that could not be read is the reader's fault: the engine's transaction is sound.
        if failure.ends_transaction {
            metrics::counter!("store_statement_errors_total").increment(1);
            self.failed = Some(Failed {
                what: failure.error.to_string(),
                retry: failure.retry,
            });
        }
        failure.error
    }
}

/// What the engines do with a transaction around its closure.
impl Tx {
    /// Runs one of the statements that begin, end or divide a transaction.
    pub(crate) fn control(&mut self, sql: &'static str) -> Result<(), Failure> {
        match &mut self.conn {
            Conn::Sqlite(conn) => conn.control(sql),
            Conn::Postgres(conn) => conn.control(sql),
        }
    }

    /// Runs a script of several statements without parameters: a migration, a setting.
    pub(crate) fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        match &mut self.conn {
            Conn::Sqlite(conn) => conn.script(sql),
            Conn::Postgres(conn) => conn.script(sql),
        }
        .map_err(|failure| failure.error)
    }

    pub(crate) fn into_conn(self) -> Conn {
        self.conn
    }

    pub(crate) fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// The error of a transaction that was ended by a failed statement, whatever its closure answered.
    pub(crate) fn failed(&self) -> Option<StoreError> {
        self.failed
            .as_ref()
            .map(|failed| StoreError::Aborted(failed.what.clone()))
    }

    /// Whether the statement that failed may succeed in a new try.
    pub(crate) fn wants_retry(&self) -> bool {
        self.failed.as_ref().is_some_and(|failed| failed.retry)
    }

    /// Forgets a run: called after its work was rolled back or committed. Gives who is to be woken.
    pub(crate) fn reset(&mut self) -> Signals {
        self.failed = None;
        self.trace = None;
        std::mem::take(&mut self.signals)
    }

    pub(crate) fn start_trace(&mut self) {
        self.trace = Some(Vec::new());
    }

    pub(crate) fn take_trace(&mut self) -> Vec<Step> {
        self.trace.take().unwrap_or_default()
    }

    pub(crate) fn signal_outbox(&mut self) {
        self.signals.outbox = true;
    }

    pub(crate) fn signal_jobs(&mut self) {
        self.signals.jobs = true;
    }
}

fn hash_of(params: &[&dyn ToValue]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for param in params {
        hash_value(&param.scalar(), &mut hasher);
    }
    hasher.finish()
}

fn hash_value(value: &Value<'_>, hasher: &mut DefaultHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Null => {}
        Value::Bool(v) => v.hash(hasher),
        Value::Int(v) => v.hash(hasher),
        Value::Float(v) => v.to_bits().hash(hasher),
        Value::Text(v) => v.hash(hasher),
        Value::Bytes(v) => v.hash(hasher),
        Value::Uuid(v) => v.hash(hasher),
        Value::Time(v) => v.as_micros().hash(hasher),
        Value::Date(v) => v.hash(hasher),
        Value::Json(v) => v.to_string().hash(hasher),
    }
}
