//! One PostgreSQL connection on a blocking thread: each call waits for the server on that thread. Owns the telling apart
//! of the server's errors; a serialization failure is remembered here even when domain code maps the error to its own.

use deadpool_postgres::Object;
use futures::StreamExt as _;
use tokio::runtime::Handle;
use tokio_postgres::{Error, Statement, error::SqlState};

use crate::{
    engine::{Failure, postgres::cell::Param},
    error::StoreError,
    row::{Row, RowOf},
    value::ToValue,
};

/// Statements a connection keeps prepared before it starts over: more than the program has.
const STATEMENTS_MAX: usize = 2_048;

/// A connection, borrowed from the pool.
pub(crate) struct Conn {
    client: Object,
    handle: Handle,
    /// Whether a transaction may be open: begun, and neither committed nor rolled back without an error.
    dirty: bool,
}

type OnRow<'f> = &'f mut dyn FnMut(&Row<'_>) -> Result<bool, StoreError>;

impl Conn {
    pub(crate) fn new(client: Object, handle: Handle) -> Self {
        Self {
            client,
            handle,
            dirty: false,
        }
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[&dyn ToValue]) -> Result<u64, Failure> {
        self.handle.block_on(async {
            let statement = self.prepared(sql, params.len()).await?;
            let params = params.iter().map(|param| Param(param.scalar()));
            self.client
                .execute_raw(&statement, params)
                .await
                .map_err(|error| failure(error, sql))
        })
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[&dyn ToValue], on_row: OnRow<'_>) -> Result<(), Failure> {
        self.handle.block_on(async {
            let statement = self.prepared(sql, params.len()).await?;
            let params = params.iter().map(|param| Param(param.scalar()));
            let rows = self
                .client
                .query_raw(&statement, params)
                .await
                .map_err(|error| failure(error, sql))?;
            let mut rows = std::pin::pin!(rows);
            let mut more = true;
            // The answer is taken to its end in any case: its last message may be an error of the statement.
            while let Some(row) = rows.next().await {
                let row = row.map_err(|error| failure(error, sql))?;
                if more {
                    more = on_row(&Row(RowOf::Postgres(&row))).map_err(Failure::reader)?;
                }
            }
            Ok(())
        })
    }

    pub(crate) fn execute_built(&mut self, sql: &str, params: &[&dyn ToValue]) -> Result<u64, Failure> {
        self.execute(sql, params)
    }

    pub(crate) fn query_built(&mut self, sql: &str, params: &[&dyn ToValue], on_row: OnRow<'_>) -> Result<(), Failure> {
        self.query(sql, params, on_row)
    }

    pub(crate) fn control(&mut self, sql: &str) -> Result<(), Failure> {
        let begins = sql.starts_with("BEGIN");
        self.dirty = self.dirty || begins;
        self.handle
            .block_on(self.client.batch_execute(sql))
            .map_err(|error| failure(error, sql))?;
        if sql == "COMMIT" || sql == "ROLLBACK" {
            self.dirty = false;
        }
        Ok(())
    }

    pub(crate) fn script(&mut self, sql: &str) -> Result<(), Failure> {
        self.control(sql)
    }

    /// Gives the connection back. One that may still be in a transaction is dropped, which ends its session.
    pub(crate) fn back_to_pool(mut self) {
        if self.client.is_closed() || (self.dirty && self.control("ROLLBACK").is_err()) {
            drop(Object::take(self.client));
        }
    }

    async fn prepared(&self, sql: &str, given: usize) -> Result<Statement, Failure> {
        if self.client.statement_cache.size() > STATEMENTS_MAX {
            self.client.statement_cache.clear();
        }
        let statement = self
            .client
            .prepare_cached(sql)
            .await
            .map_err(|error| failure(error, sql))?;
        let wanted = statement.params().len();
        if wanted != given {
            let message = format!("{given} parameters were given, {wanted} are wanted");
            return Err(Failure::engine(StoreError::Statement {
                sql: sql.to_owned(),
                message,
            }));
        }
        Ok(statement)
    }
}

fn failure(error: Error, sql: &str) -> Failure {
    let retry = error
        .code()
        .is_some_and(|code| [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code));
    Failure {
        error: store_error(&error, sql),
        ends_transaction: true,
        retry,
    }
}

/// What an error of PostgreSQL means to a caller.
pub(crate) fn store_error(error: &Error, sql: &str) -> StoreError {
    let Some(db) = error.as_db_error() else {
        return if error.is_closed()
            || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
        {
            StoreError::Unavailable(describe(error))
        } else {
            StoreError::Statement {
                sql: sql.to_owned(),
                message: describe(error),
            }
        };
    };
    let what = || {
        db.constraint()
            .or(db.column())
            .or(db.table())
            .unwrap_or("unnamed")
            .to_owned()
    };
    // `detail` is left out on purpose: it holds values of the row.
    let message = db.message().to_owned();
    match *db.code() {
        SqlState::UNIQUE_VIOLATION | SqlState::EXCLUSION_VIOLATION => StoreError::Duplicate { what: what() },
        SqlState::FOREIGN_KEY_VIOLATION => StoreError::Reference { what: what() },
        SqlState::CHECK_VIOLATION | SqlState::NOT_NULL_VIOLATION => StoreError::Rule { what: what() },
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => StoreError::Contention { tries: 1 },
        SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE => StoreError::Timeout(message),
        SqlState::DISK_FULL => StoreError::DiskFull(message),
        SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::ReadOnly {
            what: format!("the database ({message})"),
        },
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => StoreError::Corrupt(message),
        SqlState::TOO_MANY_CONNECTIONS
        | SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => StoreError::Unavailable(message),
        _ if db.code().code().starts_with("08") => StoreError::Unavailable(message),
        _ => StoreError::Statement {
            sql: sql.to_owned(),
            message,
        },
    }
}

/// The error with its cause: the outer text alone says only "db error" or "error connecting".
pub(crate) fn describe(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
