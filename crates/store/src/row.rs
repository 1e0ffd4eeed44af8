//! A row of an answer, read by position. Owns the decoding of one cell for both engines: the asked-for type says which
//! shape it wants, and a cell of another shape is a clear error, never a silent conversion.

use crate::{
    engine::{postgres, sqlite},
    error::StoreError,
    value::{FromValue, ScalarError, ScalarKind, Value},
};

/// One row of an answer.
pub struct Row<'r>(pub(crate) RowOf<'r>);

pub(crate) enum RowOf<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// The value at `column`, counted from 0.
    ///
    /// # Errors
    /// `StoreError::Column` when there is no such column or it holds no `T`.
    pub fn get<T: FromValue>(&self, column: usize) -> Result<T, StoreError> {
        let read = self.cell(column, T::KIND).and_then(T::from_scalar);
        read.map_err(|source| StoreError::Column { column, source })
    }

    /// The value at `column` in a shape that is known only at run time.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn value(&self, column: usize, wanted: ScalarKind) -> Result<Value<'_>, StoreError> {
        self.cell(column, wanted)
            .map_err(|source| StoreError::Column { column, source })
    }

    fn cell(&self, column: usize, wanted: ScalarKind) -> Result<Value<'_>, ScalarError> {
        match &self.0 {
            RowOf::Sqlite(row) => sqlite::cell::read(row, column, wanted),
            RowOf::Postgres(row) => postgres::cell::read(row, column, wanted),
        }
    }
}
