//! All pages and operations of this crate in one collection of routes, and its place in the main navigation.
//! It refuses a route without an access.

use crate::routes::{Access, Routes};
use crate::{Action, Identity, NavEntry};

/// The routes of this crate. Lay [`Identity::layer`] around the router they go into.
pub fn routes<S: Clone + Send + Sync + 'static>(identity: &Identity) -> Routes<S> {
    identity.add_nav([
        NavEntry::new("/admin", "account-nav-admin", Access::Action(Action::UnitRead)).setup(),
        NavEntry::new(
            "/admin/people",
            "person-search-title",
            Access::Action(Action::PersonDisclose),
        )
        .setup(),
        NavEntry::new("/admin/audit", "audit-nav", Access::Action(Action::AuditRead)).setup(),
    ]);
    let routes = crate::sign_in::http::routes(identity)
        .merge(crate::account::http::routes(identity))
        .merge(crate::account::list::http::routes(identity))
        .merge(crate::account::detail::http::routes(identity))
        .merge(crate::account::approval::http::routes(identity))
        .merge(crate::policy::http::routes(identity))
        .merge(crate::audit::http::routes(identity))
        .merge(crate::useof::http::routes(identity))
        .merge(crate::area::http::routes(identity))
        .merge(crate::unit::http::routes(identity))
        .merge(crate::token::http::routes(identity))
        .merge(crate::person::http::routes(identity))
        .merge(crate::person::double::http::routes(identity))
        .merge(crate::person::death::http::routes(identity));
    routes.with_state(identity.clone())
}
