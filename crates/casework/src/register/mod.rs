//! Registers and reports of dossiers: which came in, were received, decided, returned in a period, per unit and sector, as
//! pages with the rows behind each number, as spreadsheets, and as the printed register (form 07).
//! Refuses names in lists and spreadsheets (they are masked) and periods without a bound.
//! Law: TT 03/2025/TT-VPCP (register of dossiers), TT 01/2020/TT-VPCP (periodic reports).

mod filter;
pub mod http;
mod period;
pub mod sheet;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub(crate) use filter::Filter;
pub use period::{DAYS_MAX, Period};
pub use sheet::{Cell, Sheet};

/// Why a printed register shows names: what the law prescribes.
pub(crate) const BASIS: &str = "TT 03/2025/TT-VPCP, mẫu số 07";

/// Most rows of a spreadsheet.
pub const EXPORT_ROWS: i64 = 5_000;

/// Most rows of a printed register; each opens a sealed dossier and records a use.
pub(crate) const PRINT_ROWS: i64 = 300;
