//! The public log: every paper that is issued leaves a salted hash in an append-only Merkle tree, which anybody can copy, audit and
//! hold the province to. Owns the tree, its checkpoints, proofs, witnesses on both sides, and the audit of anybody's log.
//! Refuses personal data: entries are hashes, and what they stand for is known only with the salt beside the fact.
//! Standards: RFC 6962, C2SP tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-witness, tlog-proof.

pub mod audit;
pub mod checkpoint;
mod checks;
pub mod config;
mod error;
pub mod hash;
mod house;
pub mod http;
mod jobs;
pub mod log;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod publish;
#[cfg(test)]
mod tests;
pub mod tile;
pub mod view;
pub mod witness;

pub use checks::checks;
pub use config::Config;
pub use error::LedgerError;
pub use hash::Hash;
pub use house::{Ledger, Proven, Shown, Standing};
pub use jobs::{Running, start};
pub use log::{Fact, Kind};

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "ledger",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "ledger",
    &[store::Migration::portable(
        "0001_log",
        include_str!("../../../migrations/ledger/0001_log.sql"),
    )],
);
