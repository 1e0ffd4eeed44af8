//! Registers: records that one agency is steward of, from definitions. Owns the table of each kind of record, every version of
//! a record at two times (when it held, when it was known), geometry, pages, REST operations and the import of files.
//! Refuses a definition that would lose data, a change of what somebody else changed meanwhile, and personal data without a
//! purpose. There is no Rust for any one register.
//! Law: Luật 60/2024/QH15 (data), NĐ 47/2020/NĐ-CP (management, connection and sharing of data).

mod api;
pub mod bulk;
pub mod digest;
mod error;
pub mod export;
pub mod feed;
pub mod geometry;
pub mod hook;
mod house;
pub mod http;
pub mod import;
pub mod kind;
pub mod listing;
pub mod open;
mod page;
pub mod place;
pub mod record;
#[cfg(test)]
mod tests;

pub use error::{RegisterError, What, Wrong};
pub use house::{By, Codes, Register, Settings, refusals};
pub use kind::Kind;
pub use record::{Record, RecordId};

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "register",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The texts of what leaves a register.
pub const LEAVING_TEXT: web::Source = web::Source {
    name: "register-leaving",
    vi: include_str!("../text/vi/leaving.ftl"),
    en: include_str!("../text/en/leaving.ftl"),
};

/// The tables of this crate that stand before any definition.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "register",
    &[
        store::Migration::portable(
            "0001_kinds_and_imports",
            include_str!("../../../migrations/register/0001_kinds_and_imports.sql"),
        ),
        store::Migration::portable("0002_open", include_str!("../../../migrations/register/0002_open.sql")),
        store::Migration::portable(
            "0003_open_imports",
            include_str!("../../../migrations/register/0003_open_imports.sql"),
        ),
        store::Migration::portable(
            "0004_changes_and_hooks",
            include_str!("../../../migrations/register/0004_changes_and_hooks.sql"),
        ),
        store::Migration::portable(
            "0005_batches",
            include_str!("../../../migrations/register/0005_batches.sql"),
        ),
        store::Migration::portable(
            "0006_digest",
            include_str!("../../../migrations/register/0006_digest.sql"),
        ),
        store::Migration::portable(
            "0007_saved_views",
            include_str!("../../../migrations/register/0007_saved_views.sql"),
        ),
        store::Migration::portable(
            "0008_bulk_edits",
            include_str!("../../../migrations/register/0008_bulk_edits.sql"),
        ),
    ],
);
