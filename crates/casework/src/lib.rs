//! The catalogue of procedures, the dossiers that people file under them, the desks that work on them,
//! and the pages on which an applicant follows hers. Everything that changes a dossier goes through
//! [`dossier::submit`] and [`dossier::command`]; what may happen is decided by the pure machine in [`dossier::rules`].
//! Refuses: money (`payment` keeps bills; `fee` joins the two), sending messages (`notice` does), official documents (later `document`).
//! Law: NĐ 118/2025/NĐ-CP, TT 03/2025/TT-VPCP, NĐ 42/2022/NĐ-CP, TT 21/2023/TT-BTTTT as amended in 2025.

pub mod absence;
pub mod bereavement;
pub mod bulk;
pub mod catalogue;
mod checks;
pub mod child;
pub mod comment;
pub mod coordination;
pub mod definitions;
pub mod desk;
pub mod dossier;
pub mod draft;
pub mod effect;
pub mod fee;
pub mod figure;
pub mod file;
pub mod front;
pub mod handover;
mod held;
mod house;
pub mod http;
pub mod intake;
#[cfg(test)]
mod journeys;
mod line;
mod load;
pub mod notice;
pub mod offline;
pub mod petition;
pub mod place;
pub mod procedure;
pub mod process;
pub mod queue;
pub mod rating;
pub mod register;
pub mod reminder;
pub mod result;
pub mod scan;
pub mod scenario;
pub mod succession;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod texts;
pub mod track;

pub use checks::{SEALED, checks};
pub use house::{Casework, FileLimits, PortalMode, Settings};
pub use kernel::word::UnknownWord;
pub use line::HeldUp;

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "casework",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The texts of papers, registers and ratings.
pub const PAPERS_TEXT: web::Source = web::Source {
    name: "casework-papers",
    vi: include_str!("../text/vi/papers.ftl"),
    en: include_str!("../text/en/papers.ftl"),
};

/// The texts of notices about deadlines.
pub const NOTICES_TEXT: web::Source = web::Source {
    name: "casework-notices",
    vi: include_str!("../text/vi/notices.ftl"),
    en: include_str!("../text/en/notices.ftl"),
};

/// The texts of how work is shared out: absences, many dossiers at once, hand-over, internal notes, successions.
pub const WORK_TEXT: web::Source = web::Source {
    name: "casework-work",
    vi: include_str!("../text/vi/work.ftl"),
    en: include_str!("../text/en/work.ftl"),
};

/// The texts of desks: intake, the queue, the scanner.
pub const INTAKE_TEXT: web::Source = web::Source {
    name: "casework-intake",
    vi: include_str!("../text/vi/intake.ftl"),
    en: include_str!("../text/en/intake.ftl"),
};

/// The texts of the desk that works with the line down.
pub const OFFLINE_TEXT: web::Source = web::Source {
    name: "casework-offline",
    vi: include_str!("../text/vi/offline.ftl"),
    en: include_str!("../text/en/offline.ftl"),
};

/// The texts of returns, of versions of procedures and of hand-overs.
pub const EXACT_TEXT: web::Source = web::Source {
    name: "casework-exact",
    vi: include_str!("../text/vi/exact.ftl"),
    en: include_str!("../text/en/exact.ftl"),
};

/// The texts of the waiting line.
pub const LINE_TEXT: web::Source = web::Source {
    name: "casework-line",
    vi: include_str!("../text/vi/line.ftl"),
    en: include_str!("../text/en/line.ftl"),
};

/// The texts of what steps bring about, and of what registers fill in.
pub const EFFECT_TEXT: web::Source = web::Source {
    name: "casework-effect",
    vi: include_str!("../text/vi/effect.ftl"),
    en: include_str!("../text/en/effect.ftl"),
};

/// The texts of fees.
pub const FEE_TEXT: web::Source = web::Source {
    name: "casework-fee",
    vi: include_str!("../text/vi/fee.ftl"),
    en: include_str!("../text/en/fee.ftl"),
};

/// The texts of petitions.
pub const PETITION_TEXT: web::Source = web::Source {
    name: "casework-petition",
    vi: include_str!("../text/vi/petition.ftl"),
    en: include_str!("../text/en/petition.ftl"),
};

/// The tables of this crate.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "casework",
    &[
        store::Migration::portable(
            "0001_procedures_and_dossiers",
            include_str!("../../../migrations/casework/0001_procedures_and_dossiers.sql"),
        ),
        store::Migration::portable(
            "0002_processes",
            include_str!("../../../migrations/casework/0002_processes.sql"),
        ),
        store::Migration::portable(
            "0003_intake",
            include_str!("../../../migrations/casework/0003_intake.sql"),
        ),
        store::Migration::portable(
            "0004_results",
            include_str!("../../../migrations/casework/0004_results.sql"),
        ),
        store::Migration::portable(
            "0006_notices",
            include_str!("../../../migrations/casework/0006_notices.sql"),
        ),
        store::Migration::portable(
            "0007_definitions",
            include_str!("../../../migrations/casework/0007_definitions.sql"),
        ),
        store::Migration::portable(
            "0008_offline",
            include_str!("../../../migrations/casework/0008_offline.sql"),
        ),
        store::Migration::portable(
            "0009_processing",
            include_str!("../../../migrations/casework/0009_processing.sql"),
        ),
        store::Migration::portable(
            "0010_exact",
            include_str!("../../../migrations/casework/0010_exact.sql"),
        ),
        store::Migration::portable(
            "0011_petition",
            include_str!("../../../migrations/casework/0011_petition.sql"),
        ),
        store::Migration::portable(
            "0012_work_lists",
            include_str!("../../../migrations/casework/0012_work_lists.sql"),
        ),
        store::Migration::portable(
            "0013_petition_files",
            include_str!("../../../migrations/casework/0013_petition_files.sql"),
        ),
        store::Migration::portable(
            "0014_lean_indexes",
            include_str!("../../../migrations/casework/0014_lean_indexes.sql"),
        ),
        store::Migration::portable(
            "0015_kept_files",
            include_str!("../../../migrations/casework/0015_kept_files.sql"),
        ),
        store::Migration::portable(
            "0016_effects",
            include_str!("../../../migrations/casework/0016_effects.sql"),
        ),
        store::Migration::portable(
            "0017_child_dossiers",
            include_str!("../../../migrations/casework/0017_child_dossiers.sql"),
        ),
    ],
);
