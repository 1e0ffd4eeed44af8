//! Puts the pages and operations of this crate together: one guarded router, the main navigation.
//! It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;
use identity::routes::{Access, Routes};
use identity::{Action, NavEntry};

use crate::{Casework, desk, draft, figure, front, notice, procedure, track};

/// The guarded router of every page and operation of this crate. It must lie inside identity's session layer.
pub fn router(house: &Casework) -> Router {
    let empty = || Routes::<Casework>::new(house.identity());
    let mut routes = empty();
    for register in [
        front::http::routes,
        procedure::http::routes,
        draft::http::routes,
        track::http::routes,
        track::api::http::routes,
        notice::http::routes,
        desk::http::routes,
        desk::api::http::routes,
        figure::http::routes,
    ] {
        routes = register(routes);
    }
    let papers = draft::http::upload_routes(empty())
        .into_router()
        .layer(axum::Extension(draft::http::upload_limits(house)));
    let answers = track::http::upload_routes(empty())
        .into_router()
        .layer(axum::Extension(track::http::upload_limits(house)));
    let acts = desk::http::upload_routes(empty())
        .into_router()
        .layer(axum::Extension(desk::http::upload_limits(house)));
    routes
        .into_router()
        .merge(papers)
        .merge(answers)
        .merge(acts)
        .with_state(house.clone())
}

/// Entries of the main navigation.
pub(crate) fn nav() -> Vec<NavEntry> {
    vec![
        NavEntry::new("/procedures", "nav-procedures", Access::Public),
        NavEntry::new("/track", "nav-track", Access::Public),
        NavEntry::new("/my/dossiers", "nav-my-dossiers", Access::Citizen),
        NavEntry::new("/my/notices", "nav-notices", Access::Citizen).counting("notice-unread", notice::unread),
        NavEntry::new("/desk", "nav-desk", Access::Action(Action::DossierList)),
        NavEntry::new("/desk/figures", "nav-desk-figures", Access::Action(Action::DossierList)),
    ]
}
