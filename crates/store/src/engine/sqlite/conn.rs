//! One SQLite connection: statements from a cache, values bound without copies, errors told apart.
//! It refuses a wrong number of parameters, which SQLite itself would take as nulls.

use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection, ErrorCode};

use crate::{
    engine::{Failure, sqlite::cell::Bound},
    error::StoreError,
    row::{Row, RowOf},
    sql::lists,
    value::ToValue,
};

/// Statements a connection keeps prepared: more than the program has.
const STATEMENTS_MAX: usize = 1_024;

/// A connection.
pub(crate) struct Conn {
    raw: Connection,
    /// SQLite's words for the statements that need other ones, by address and length of the portable text.
    words: HashMap<(usize, usize), Option<Box<str>>>,
}

type OnRow<'f> = &'f mut dyn FnMut(&Row<'_>) -> Result<bool, StoreError>;

impl Conn {
    pub(crate) fn new(raw: Connection) -> Self {
        raw.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Self {
            raw,
            words: HashMap::new(),
        }
    }

    pub(crate) fn raw(&self) -> &Connection {
        &self.raw
    }

    pub(crate) fn execute(&mut self, sql: &'static str, params: &[&dyn ToValue]) -> Result<u64, Failure> {
        let text = words_of(&mut self.words, sql);
        execute(&self.raw, text, params)
    }

    pub(crate) fn query(
        &mut self,
        sql: &'static str,
        params: &[&dyn ToValue],
        on_row: OnRow<'_>,
    ) -> Result<(), Failure> {
        let text = words_of(&mut self.words, sql);
        query(&self.raw, text, params, on_row)
    }

    pub(crate) fn execute_built(&mut self, sql: &str, params: &[&dyn ToValue]) -> Result<u64, Failure> {
        execute(&self.raw, sql, params)
    }

    pub(crate) fn query_built(&mut self, sql: &str, params: &[&dyn ToValue], on_row: OnRow<'_>) -> Result<(), Failure> {
        query(&self.raw, sql, params, on_row)
    }

    pub(crate) fn control(&mut self, sql: &'static str) -> Result<(), Failure> {
        let mut statement = self.raw.prepare_cached(sql).map_err(|error| failure(error, sql))?;
        statement.raw_execute().map(|_| ()).map_err(|error| failure(error, sql))
    }

    pub(crate) fn script(&mut self, sql: &str) -> Result<(), Failure> {
        self.raw.execute_batch(sql).map_err(|error| failure(error, sql))
    }

    /// Has SQLite read a statement without running it; gives the number of its parameters.
    pub(crate) fn check(&mut self, sql: &str) -> Result<usize, Failure> {
        let words = lists::to_sqlite(sql);
        let text = words.as_deref().unwrap_or(sql);
        let statement = self.raw.prepare(text).map_err(|error| failure(error, sql))?;
        Ok(statement.parameter_count())
    }

    /// Calls `hook` with the number of pages in the write-ahead log after each commit.
    pub(crate) fn on_commit(&mut self, hook: impl Fn(usize) + Send + 'static) -> Result<(), StoreError> {
        let hook = move |_: &mut rusqlite::hooks::Wal, pages: std::ffi::c_int| {
            hook(usize::try_from(pages).unwrap_or(0));
            Ok(())
        };
        self.raw
            .wal_hook(Some(hook))
            .map_err(|error| store_error(error, "wal hook"))
    }

    /// Whether a transaction is open. SQLite ends one by itself when the disk is full or fails.
    pub(crate) fn in_transaction(&self) -> bool {
        !self.raw.is_autocommit()
    }
}

fn words_of<'w>(words: &'w mut HashMap<(usize, usize), Option<Box<str>>>, sql: &'static str) -> &'w str {
    let key = (sql.as_ptr().addr(), sql.len());
    words
        .entry(key)
        .or_insert_with(|| lists::to_sqlite(sql).map(String::into_boxed_str))
        .as_deref()
        .unwrap_or(sql)
}

fn execute(raw: &Connection, sql: &str, params: &[&dyn ToValue]) -> Result<u64, Failure> {
    let mut statement = bound(raw, sql, params)?;
    if statement.column_count() == 0 {
        let changed = statement.raw_execute().map_err(|error| failure(error, sql))?;
        return Ok(changed as u64);
    }
    // A statement with RETURNING is stepped to its end; its rows are not wanted.
    let mut rows = statement.raw_query();
    let mut count = 0;
    while rows.next().map_err(|error| failure(error, sql))?.is_some() {
        count += 1;
    }
    Ok(count)
}

fn query(raw: &Connection, sql: &str, params: &[&dyn ToValue], on_row: OnRow<'_>) -> Result<(), Failure> {
    let mut statement = bound(raw, sql, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| failure(error, sql))? {
        if !on_row(&Row(RowOf::Sqlite(row))).map_err(Failure::reader)? {
            break;
        }
    }
    Ok(())
}

fn bound<'c>(raw: &'c Connection, sql: &str, params: &[&dyn ToValue]) -> Result<CachedStatement<'c>, Failure> {
    let mut statement = raw.prepare_cached(sql).map_err(|error| failure(error, sql))?;
    if statement.parameter_count() != params.len() {
        let message = format!(
            "{} parameters were given, {} are wanted",
            params.len(),
            statement.parameter_count()
        );
        return Err(Failure::engine(StoreError::Statement {
            sql: sql.to_owned(),
            message,
        }));
    }
    for (index, param) in params.iter().enumerate() {
        statement
            .raw_bind_parameter(index + 1, Bound(param.scalar()))
            .map_err(|error| failure(error, sql))?;
    }
    Ok(statement)
}

fn failure(error: rusqlite::Error, sql: &str) -> Failure {
    Failure::engine(store_error(error, sql))
}

/// What an error of SQLite means to a caller.
pub(crate) fn store_error(error: rusqlite::Error, sql: &str) -> StoreError {
    let rusqlite::Error::SqliteFailure(code, text) = &error else {
        return StoreError::Statement {
            sql: sql.to_owned(),
            message: error.to_string(),
        };
    };
    let text = text.clone().unwrap_or_else(|| code.to_string());
    match code.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy { retry_after_s: 1 },
        ErrorCode::DiskFull => StoreError::DiskFull(text),
        ErrorCode::ReadOnly => StoreError::ReadOnly {
            what: "the database".to_owned(),
        },
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(text),
        ErrorCode::OperationInterrupted => StoreError::Timeout(text),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => StoreError::ReadOnly {
            what: format!("the database ({text})"),
        },
        // The index of the log could not be made longer: what a full disk looks like to a start.
        ErrorCode::SystemIoFailure if code.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => {
            StoreError::DiskFull(text)
        }
        ErrorCode::SystemIoFailure => StoreError::Io {
            what: "the database cannot be read or written".to_owned(),
            source: std::io::Error::other(format!("{text} (SQLite code {})", code.extended_code)),
        },
        ErrorCode::ConstraintViolation => constraint(code.extended_code, text),
        _ => StoreError::Statement {
            sql: sql.to_owned(),
            message: text,
        },
    }
}

fn constraint(extended: i32, text: String) -> StoreError {
    // "UNIQUE constraint failed: account.email": the columns are what a caller wants.
    let what = text.split_once(": ").map_or(text.clone(), |(_, what)| what.to_owned());
    match extended {
        rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
        | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | rusqlite::ffi::SQLITE_CONSTRAINT_ROWID => StoreError::Duplicate { what },
        rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::Reference { what },
        _ => StoreError::Rule { what },
    }
}
