//! Puts the pages and operations of this crate together: one guarded router and the entry of the navigation.
//! It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;
use identity::routes::{Access, Routes};
use identity::{Action, NavEntry};

use crate::{Register, api, bulk, export, hook, import, page, record};

/// The guarded router of every page and operation of this crate. It must lie inside identity's session layer.
pub fn router(register: &Register) -> Router {
    let identity = register.identity();
    identity.add_nav([NavEntry::new(
        "/registers",
        "reg-nav",
        Access::Action(Action::RegisterRead),
    )]);
    let hooks = NavEntry::new(
        "/admin/hooks",
        "reg-hook-title",
        Access::Action(Action::InterfaceManage),
    );
    identity.add_nav([hooks.setup()]);
    let mut routes = Routes::<Register>::new(identity);
    for add in [
        page::http::routes,
        page::chart::http::routes,
        page::saved::http::routes,
        import::http::routes,
        export::http::routes,
        bulk::http::routes,
        hook::http::routes,
        record::http::routes,
    ] {
        routes = add(routes);
    }
    let limits = axum::Extension(import::http::upload_limits(register.imports().bytes_max));
    let uploads = import::http::upload_routes(Routes::new(identity))
        .into_router()
        .layer(limits);
    let all = api::http::routes(routes, register).into_router().merge(uploads);
    all.with_state(register.clone())
}
