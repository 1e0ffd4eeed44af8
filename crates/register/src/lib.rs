//! Registers: records that one agency is steward of, from definitions. Owns the table of each kind of record, every version of
//! a record at two times (when it held, when it was known), geometry, pages, REST operations and the import of files.
//! Refuses a definition that would lose data, a change of what somebody else changed meanwhile, and personal data without a
//! purpose. There is no Rust for any one register.
//! Law: Luật 60/2024/QH15 (data), NĐ 47/2020/NĐ-CP (management, connection and sharing of data).

mod api;
mod error;
pub mod geometry;
mod house;
pub mod http;
pub mod import;
pub mod kind;
mod page;
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

/// The tables of this crate that stand before any definition.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "register",
    &[
        store::Migration::portable(
            "0001_kinds_and_imports",
            include_str!("../../../migrations/register/0001_kinds_and_imports.sql"),
        ),
        store::Migration::portable(
            "0003_open_imports",
            include_str!("../../../migrations/register/0003_open_imports.sql"),
        ),
    ],
);
