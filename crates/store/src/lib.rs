//! The SQL seam: domain code is plain synchronous Rust over a transaction, on SQLite or PostgreSQL.
//!
//! Owns transactions, migrations, the outbox, the job queue, idempotency keys, keys, blobs, backup, verify, export and
//! import. It knows no noun of government and no HTTP.
//!
//! ```no_run
//! # async fn sample(store: store::Store) -> Result<(), store::StoreError> {
//! let names = store
//!     .read(|tx| tx.all("SELECT name FROM note ORDER BY name LIMIT 10", &[], |row| row.get::<String>(0)))
//!     .await?;
//! # drop(names); Ok(()) }
//! ```

pub mod archive;
pub mod backup;
pub mod blob;
mod built;
pub mod catalog;
mod config;
mod engine;
mod error;
#[cfg(test)]
mod filled;
pub mod jobs;
pub mod keys;
mod load;
mod measures;
mod migrate;
mod migrations;
mod once;
pub mod outbox;
mod remedy;
mod row;
pub mod salvage;
mod scan;
pub mod search;
pub mod sql;
mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tx;
mod value;
pub mod verify;

pub use blob::BlobConfig;
pub use built::Built;
pub use config::{Database, KeySource, Limits, Mode, StoreConfig};
pub use engine::sqlite::DATABASE_FILE;
pub use error::StoreError;
pub use jobs::{Job, JobError, Worker};
pub use keys::KeyRing;
pub use load::Load;
pub use migrate::{Migration, MigrationSet};
pub use migrations::MIGRATIONS;
pub use once::Once;
pub use outbox::Event;
pub use remedy::remedy;
pub use row::Row;
pub use store::Store;
pub use tx::{EngineKind, Tx};
pub use value::{FromValue, ScalarError, ScalarKind, ToValue, Value, value_via_display};
