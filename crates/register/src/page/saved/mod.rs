//! Saved views of a list: words, filters and order under a name, an officer's own or shared with her unit. Owns what of an address
//! is kept; refuses parameters that the list does not have.

pub(crate) mod http;
pub(crate) mod store;

use identity::{AccountId, UnitId};
use kernel::Timestamp;
use web::table::{TableQuery, encode};

use crate::kind::Kind;

kernel::define_id!(
    /// A saved view.
    pub(crate) struct ViewId
);

/// Longest name, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 80;
/// Most views of one officer in one register.
pub(crate) const VIEWS_MAX: i64 = 50;

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) id: ViewId,
    pub(crate) account: AccountId,
    /// With whom it is shared.
    pub(crate) unit: Option<UnitId>,
    pub(crate) name: String,
    pub(crate) query: String,
    pub(crate) created_at: Timestamp,
}

/// What of an address a view keeps: words, the filters of the kind, the order.
pub(crate) fn kept(kind: &Kind, query: &TableQuery) -> String {
    let filters = kind.filters.iter().map(|at| kind.columns[*at].field.name.as_str());
    let names = ["q", "sort", "dir"].into_iter().chain(filters);
    let pairs = names.filter(|name| !query.filter(name).is_empty());
    pairs
        .map(|name| format!("{name}={}", encode(query.filter(name))))
        .collect::<Vec<_>>()
        .join("&")
}
