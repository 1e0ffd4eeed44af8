//! Figures that anybody can compute again: facts of dossiers without personal data, cells that count them, the pages of
//! leaders, formulas in versions, reports that are kept, the export from which an outsider gets the same numbers.
//! Refuses names and contents of people, a figure without a formula, and a number where there is no data.
//! Law: QĐ 766/QĐ-TTg (2022), TT 21/2023/TT-BTTTT (functions of a procedure system), NĐ 118/2025/NĐ-CP.

pub mod cause;
mod cell;
mod checks;
mod error;
pub mod export;
pub mod fact;
pub mod formula;
mod house;
pub mod http;
pub mod kept;
pub mod qd766;
pub mod report;
pub mod reported;

pub use cell::Measures;
pub use checks::checks;
pub use error::FigureError;
pub use fact::rebuild;
pub use house::Indicators;
pub use reported::{Published, Reported};

/// The texts of this crate.
pub const TEXT: web::Source = web::Source {
    name: "indicator",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// The tables of this crate. They build on those of `casework` and `payment`.
pub const MIGRATIONS: store::MigrationSet = store::MigrationSet::new(
    "indicator",
    &[
        store::Migration::portable(
            "0001_figures",
            include_str!("../../../migrations/indicator/0001_figures.sql"),
        ),
        store::Migration::portable(
            "0002_years",
            include_str!("../../../migrations/indicator/0002_years.sql"),
        ),
        store::Migration::portable("0003_rows", include_str!("../../../migrations/indicator/0003_rows.sql")),
        store::Migration::portable(
            "0004_cause_cells",
            include_str!("../../../migrations/indicator/0004_cause_cells.sql"),
        ),
    ],
);
