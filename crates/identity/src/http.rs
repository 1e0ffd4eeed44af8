//! All pages and operations of this crate in one router, and its place in the main navigation.

use axum::Router;

use crate::routes::Access;
use crate::{Action, Identity, NavEntry};

/// The router of this crate. Lay [`Identity::layer`] around it together with the routers of the other crates.
pub fn router(identity: &Identity) -> Router {
    identity.add_nav([
        NavEntry { href: "/admin", text: "account-nav-admin", access: Access::Action(Action::UnitRead) },
        NavEntry { href: "/admin/audit", text: "audit-nav", access: Access::Action(Action::AuditRead) },
    ]);
    crate::sign_in::http::routes(identity)
        .merge(crate::account::http::routes(identity))
        .merge(crate::account::list::http::routes(identity))
        .merge(crate::account::detail::http::routes(identity))
        .merge(crate::policy::http::routes(identity))
        .merge(crate::audit::http::routes(identity))
        .merge(crate::useof::http::routes(identity))
        .merge(crate::area::http::routes(identity))
        .merge(crate::unit::http::routes(identity))
        .merge(crate::person::http::routes(identity))
        .into_router()
        .with_state(identity.clone())
}
