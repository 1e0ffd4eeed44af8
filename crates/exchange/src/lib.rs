//! The exchange with other systems: so far the national portal. Owns the messages both ways, the vector of states of each dossier
//! (ours, the portal's, a ministry's), reconciliation that finds and mends drift, a signed receipt for each transfer, lateness
//! put down to people or systems, and a simulated portal.
//! Refuses rules of dossiers (casework has them), personal data in its tables, and to call told what was not seen.
//! Law: NĐ 118/2025/NĐ-CP, QĐ 29/2026/QĐ-TTg (national portal), QĐ 766/QĐ-TTg (synced and on-time dossiers).

mod arrival;
mod beside;
pub(crate) mod carried;
mod catalogue;
mod checks;
mod client;
pub mod config;
mod error;
mod house;
pub mod http;
mod inbound;
mod jobs;
pub mod lateness;
pub mod link;
pub mod machine;
pub mod portal;
mod prune;
mod pump;
pub mod receipt;
#[cfg(test)]
mod tests;
pub mod transfer;
pub mod wire;
mod withdrawal;

pub use carried::SEALED;
pub use checks::checks;
pub use config::{Config, Inbound, PortalConfig};
pub use error::ExchangeError;
pub use house::Exchange;
pub use jobs::{Running, start};
pub use kernel::word::UnknownWord;
pub use pump::Round;

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "exchange",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "exchange",
    &[
        store::Migration::portable(
            "0001_links_and_transfers",
            include_str!("../../../migrations/exchange/0001_links_and_transfers.sql"),
        ),
        store::Migration::portable(
            "0002_papers_and_withdrawals",
            include_str!("../../../migrations/exchange/0002_papers_and_withdrawals.sql"),
        ),
        store::Migration::portable(
            "0003_told_causes",
            include_str!("../../../migrations/exchange/0003_told_causes.sql"),
        ),
    ],
);
