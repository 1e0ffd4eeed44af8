//! Puts the pages of this crate together: one guarded router and its entry in the main navigation.
//! It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;
use identity::routes::{Access, Routes};
use identity::{Action, NavEntry};

use crate::{Indicators, cause, kept, qd766, report, reported};

/// The guarded router of every page of this crate. It must lie inside identity's session layer.
pub fn router(house: &Indicators) -> Router {
    house.identity().add_nav([NavEntry::new(
        "/report",
        "indicator-nav",
        Access::Action(Action::DossierReport),
    )]);
    let mut routes = Routes::<Indicators>::new(house.identity());
    for register in [
        report::http::routes,
        cause::http::routes,
        qd766::http::routes,
        reported::http::routes,
        kept::http::routes,
    ] {
        routes = register(routes);
    }
    routes.into_router().with_state(house.clone())
}
