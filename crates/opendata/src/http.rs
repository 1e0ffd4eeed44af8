//! Puts the pages and paths of this crate together: one guarded router and its entries in the navigation.
//! It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;
use identity::routes::{Access, Routes};
use identity::{Action, NavEntry};

use crate::{Portal, catalogue, ckan, dcat, feed, publish};

/// The guarded router of every page of this crate. It must lie inside identity's session layer.
pub fn router(portal: &Portal) -> Router {
    let identity = portal.register().identity();
    identity.add_nav([
        NavEntry::new("/data", "open-nav", Access::Public),
        NavEntry::new("/open/publish", "open-nav-publish", Access::Action(Action::OpenPublish)).setup(),
    ]);
    let mut routes = Routes::<Portal>::new(identity);
    for add in [
        catalogue::http::routes,
        feed::http::routes,
        dcat::http::routes,
        ckan::http::routes,
        publish::http::routes,
    ] {
        routes = add(routes);
    }
    routes.into_router().with_state(portal.clone())
}
