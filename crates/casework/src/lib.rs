//! The catalogue of procedures, the dossiers that people file under them, the desks that work on them,
//! and the pages on which an applicant follows hers. Everything that changes a dossier goes through
//! [`dossier::submit`] and [`dossier::command`]; what may happen is decided by the pure machine in [`dossier::rules`].
//! Refuses: money (later `payment`), sending messages (later `notice`), official documents (later `document`).
//! Law: NĐ 118/2025/NĐ-CP, TT 03/2025/TT-VPCP, NĐ 42/2022/NĐ-CP, TT 21/2023/TT-BTTTT as amended in 2025.

pub mod catalogue;
mod checks;
pub mod desk;
pub mod dossier;
pub mod draft;
pub mod figure;
pub mod file;
pub mod front;
mod house;
pub mod http;
#[cfg(test)]
mod journeys;
pub mod notice;
pub mod place;
pub mod procedure;
pub mod scenario;
#[cfg(test)]
mod testing;
pub mod track;
mod word;

pub use checks::{SEALED, checks};
pub use house::{Casework, FileLimits, PortalMode, Settings};
pub use word::UnknownWord;

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "casework",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "casework",
    &[store::Migration::portable(
        "0001_procedures_and_dossiers",
        include_str!("../../../migrations/casework/0001_procedures_and_dossiers.sql"),
    )],
);
