//! Following a dossier: the applicant's own page with every step, who, when, what comes next and who looked; the public page
//! by code, which tells a stranger nothing but the state and its day; the receipt; the answer to a request for more.
//! Refuses to show a name or an answer to anybody but the applicant. Law: NĐ 45/2020 Điều 18 (following a dossier), Luật
//! 91/2025 (right to know who used one's data).

pub mod api;
mod beside;
pub mod http;
pub(crate) mod mine;
pub mod receipt;
pub mod rules;
pub(crate) mod view;

pub use beside::Beside;
