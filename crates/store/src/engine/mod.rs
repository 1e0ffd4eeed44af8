//! The two engines under the seam. Owns what both share: how a write closure is run, caught and checked, and what a
//! failed statement means for its transaction. Nothing outside of this folder names a driver, but for `row` and `error`.

pub(crate) mod postgres;
pub(crate) mod sqlite;
pub(crate) mod work;

use crate::error::StoreError;

/// A statement that failed, and what follows from it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: StoreError,
    /// Whether the transaction can do nothing more.
    pub(crate) ends_transaction: bool,
    /// Whether the same transaction may succeed in a new try (serialization failure, deadlock).
    pub(crate) retry: bool,
}

impl Failure {
    /// A failure of the engine: the transaction is over.
    pub(crate) fn engine(error: StoreError) -> Self {
        Self {
            error,
            ends_transaction: true,
            retry: false,
        }
    }

    /// A failure of who reads the rows: the transaction is sound.
    pub(crate) fn reader(error: StoreError) -> Self {
        Self {
            error,
            ends_transaction: false,
            retry: false,
        }
    }
}
