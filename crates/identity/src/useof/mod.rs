//! Owns the record of who looked at whose data, when and why: one row per view and person, durable before the answer leaves.
//! The person reads it at `/my/data-use` and through the API. Refuses edits: rows are only added.
//! Law 91/2025 (right to know), NĐ 356/2025.

pub mod http;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use kernel::Timestamp;
use serde::Serialize;
use uuid::Uuid;

pub use store::{page, record};

use crate::account::Role;
use crate::unit::UnitId;

kernel::define_id!(
    /// One recorded use.
    pub struct UseId
);

/// One use as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Use {
    /// Its id; also the place where the next page begins.
    pub id: UseId,
    /// When.
    pub at: Timestamp,
    /// `own`, `dossier`, `task`, `legal-basis` or `system`.
    pub purpose: String,
    /// The dossier or task.
    pub matter: Option<Uuid>,
    /// Code of the dossier, or number of the article.
    pub reference: String,
    /// In which role.
    pub role: Option<Role>,
    /// At which unit.
    pub unit: Option<UnitId>,
    /// Name of the officer, or of the work the program did by itself; empty for one's own views.
    pub who: String,
    /// Name of the unit on that day.
    pub unit_name: String,
}

/// Where a page of uses begins: after this one (newest first).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// Time of the last use shown.
    pub at: Timestamp,
    /// Its id.
    pub id: UseId,
}
