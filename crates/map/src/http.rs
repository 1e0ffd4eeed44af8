//! Puts the pages and operations of this crate together: one guarded router and the entry of the navigation.
//! It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;
use identity::NavEntry;
use identity::routes::{Access, Routes};

use crate::{Map, area, base, ogc, page, tile};

/// The guarded router of every page and operation of this crate. It must lie inside identity's session layer.
pub fn router(map: &Map) -> Router {
    let identity = map.identity();
    identity.add_nav([NavEntry::new("/map", "map-nav", Access::Public)]);
    let mut routes = Routes::<Map>::new(identity);
    for add in [
        page::http::routes,
        tile::http::routes,
        area::http::routes,
        base::http::routes,
    ] {
        routes = add(routes);
    }
    ogc::routes(routes, map).into_router().with_state(map.clone())
}
