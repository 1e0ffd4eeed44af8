//! All pages and operations of this crate in one collection of routes, and its place in the main navigation.
//! It refuses a route without an access.

use crate::routes::{Access, Routes};
use crate::{Action, Identity, NavEntry};

/// The routes of this crate. Lay [`Identity::layer`] around the router they go into.
pub fn routes<S: Clone + Send + Sync + 'static>(identity: &Identity) -> Routes<S> {
    identity.add_nav([
        NavEntry {
            href: "/admin",
            text: "account-nav-admin",
            access: Access::Action(Action::UnitRead),
        },
        NavEntry {
            href: "/admin/people",
            text: "person-search-title",
            access: Access::Action(Action::PersonDisclose),
        },
        NavEntry {
            href: "/admin/audit",
            text: "audit-nav",
            access: Access::Action(Action::AuditRead),
        },
    ]);
    let routes = crate::sign_in::http::routes(identity)
        .merge(crate::account::http::routes(identity))
        .merge(crate::account::list::http::routes(identity))
        .merge(crate::account::detail::http::routes(identity))
        .merge(crate::policy::http::routes(identity))
        .merge(crate::audit::http::routes(identity))
        .merge(crate::useof::http::routes(identity))
        .merge(crate::area::http::routes(identity))
        .merge(crate::unit::http::routes(identity))
        .merge(crate::person::http::routes(identity));
    routes.with_state(identity.clone())
}
