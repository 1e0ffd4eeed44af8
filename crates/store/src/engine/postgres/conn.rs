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
    /// How the transaction begins; sent together with its first statement, which saves a round trip.
    begin: Option<&'static str>,
}

type OnRow<'f> = &'f mut dyn FnMut(&Row<'_>) -> Result<bool, StoreError>;

impl Conn {
    pub(crate) fn new(client: Object, handle: Handle) -> Self {
        Self {
            client,
            handle,
            dirty: false,
            begin: None,
        }
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[&dyn ToValue]) -> Result<u64, Failure> {
        let begin = self.begin.take();
        self.handle.block_on(self.begun(begin, async {
            let statement = self.prepared(sql, params.len()).await?;
            let params = params.iter().map(|param| Param(param.scalar()));
            let done = self.client.execute_raw(&statement, params).await;
            done.map_err(|error| failure(error, sql))
        }))
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[&dyn ToValue], on_row: OnRow<'_>) -> Result<(), Failure> {
        let begin = self.begin.take();
        self.handle.block_on(self.begun(begin, async {
            let statement = self.prepared(sql, params.len()).await?;
            let params = params.iter().map(|param| Param(param.scalar()));
            let rows = self.client.query_raw(&statement, params).await;
            let rows = rows.map_err(|error| failure(error, sql))?;
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
        }))
    }

    /// Sends the beginning of the transaction, if it is still to be sent, right before `work` and waits for both.
    async fn begun<T>(
        &self,
        begin: Option<&'static str>,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let Some(begin) = begin else { return work.await };
        // Polled in this order, so that the messages leave in it.
        let (begun, done) = futures::join!(self.client.batch_execute(begin), work);
        begun.map_err(|error| failure(error, begin))?;
        done
    }

    /// Has the server read a statement without running it; gives the number of its parameters.
    pub(crate) fn check(&mut self, sql: &str) -> Result<usize, Failure> {
        let statement = self.handle.block_on(self.client.prepare(sql));
        statement
            .map(|statement| statement.params().len())
            .map_err(|error| failure(error, sql))
    }

    pub(crate) fn execute_built(&mut self, sql: &str, params: &[&dyn ToValue]) -> Result<u64, Failure> {
        self.execute(sql, params)
    }

    pub(crate) fn query_built(&mut self, sql: &str, params: &[&dyn ToValue], on_row: OnRow<'_>) -> Result<(), Failure> {
        self.query(sql, params, on_row)
    }

    pub(crate) fn control(&mut self, sql: &'static str) -> Result<(), Failure> {
        if sql.starts_with("BEGIN") {
            self.dirty = true;
            self.begin = Some(sql);
            return Ok(());
        }
        let ends = sql == "COMMIT" || sql == "ROLLBACK";
        match (self.begin.take(), ends) {
            // Nothing was sent since the beginning.
            (Some(_), true) => {}
            (Some(begin), false) => self.send(&format!("{begin}; {sql}"))?,
            (None, _) => self.send(sql)?,
        }
        self.dirty = self.dirty && !ends;
        Ok(())
    }

    pub(crate) fn script(&mut self, sql: &str) -> Result<(), Failure> {
        if let Some(begin) = self.begin.take() {
            self.send(begin)?;
        }
        self.send(sql)
    }

    fn send(&mut self, sql: &str) -> Result<(), Failure> {
        self.handle
            .block_on(self.client.batch_execute(sql))
            .map_err(|error| failure(error, sql))
    }

    /// Gives the connection back. A transaction that is still open is a read that nobody needs to wait for, or was left by
    /// a panic: it is rolled back on the way; when that fails, the session ends.
    pub(crate) fn back_to_pool(self) {
        if self.client.is_closed() {
            drop(Object::take(self.client));
        } else if self.dirty && self.begin.is_none() {
            let client = self.client;
            self.handle.spawn(async move {
                if client.batch_execute("ROLLBACK").await.is_err() {
                    drop(Object::take(client));
                }
            });
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
