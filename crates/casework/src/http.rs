//! Puts the pages and operations of this crate together: one guarded router, the main navigation.
//! It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;
use identity::routes::{Access, Routes};
use identity::{Action, NavEntry};

use crate::{
    Casework, absence, bulk, child, comment, coordination, desk, draft, effect, fee, figure, front, handover, intake,
    notice, offline, petition, procedure, process, queue, rating, register, result, scan, succession, track,
};

/// The guarded router of every page and operation of this crate. It must lie inside identity's session layer.
pub fn router(house: &Casework) -> Router {
    let empty = || Routes::<Casework>::new(house.identity());
    let mut routes = empty();
    for register in [
        front::http::routes,
        procedure::http::routes,
        procedure::version::http::routes,
        draft::http::routes,
        track::http::routes,
        track::api::http::routes,
        notice::http::routes,
        notice::inbox::http::routes,
        desk::http::routes,
        effect::http::routes,
        bulk::http::routes,
        absence::http::routes,
        handover::http::routes,
        comment::http::routes,
        succession::http::routes,
        desk::api::http::routes,
        coordination::http::routes,
        child::http::routes,
        process::http::routes,
        fee::http::routes,
        figure::http::routes,
        intake::http::routes,
        offline::http::routes,
        petition::http::routes,
        queue::http::routes,
        scan::http::routes,
        result::http::routes,
        rating::http::routes,
        register::http::routes,
    ] {
        routes = register(routes);
    }
    let papers = bounded(draft::http::upload_routes(empty()), draft::http::upload_limits(house));
    let answers = bounded(track::http::upload_routes(empty()), track::http::upload_limits(house));
    let acts = child::http::upload_routes(desk::http::upload_routes(empty()))
        .into_router()
        .layer(axum::Extension(desk::http::upload_limits(house)));
    let compared = bounded(result::http::upload_routes(empty()), result::http::upload_limits(house));
    let taken = bounded(intake::http::upload_routes(empty()), intake::http::upload_limits(house));
    let turned = bounded(
        petition::http::upload_routes(empty()),
        intake::http::upload_limits(house),
    );
    let sent = bounded(
        offline::http::upload_routes(empty()),
        offline::http::upload_limits(house),
    );
    let brought = bounded(
        procedure::version::http::upload_routes(empty()),
        procedure::version::http::upload_limits(),
    );
    routes
        .into_router()
        .merge(brought)
        .merge(sent)
        .merge(taken)
        .merge(turned)
        .merge(compared)
        .merge(papers)
        .merge(answers)
        .merge(acts)
        .with_state(house.clone())
}

/// Routes that take files, with the bounds of their uploads.
fn bounded(routes: Routes<Casework>, limits: web::submitted::Limits) -> Router<Casework> {
    routes.into_router().layer(axum::Extension(limits))
}

/// Entries of the main navigation.
pub(crate) fn nav() -> Vec<NavEntry> {
    vec![
        NavEntry::new("/procedures", "nav-procedures", Access::Public),
        NavEntry::new("/track", "nav-track", Access::Public),
        NavEntry::new("/petitions", "nav-petitions", Access::Public),
        NavEntry::new("/my/dossiers", "nav-my-dossiers", Access::Citizen),
        NavEntry::new("/my/notices", "nav-notices", Access::Citizen).counting("notice-unread", notice::unread),
        NavEntry::new("/desk", "nav-desk", Access::Action(Action::DossierList)),
        NavEntry::new("/desk/intake", "nav-intake", Access::Action(Action::DossierSubmitFor)),
        NavEntry::new(
            "/desk/petitions",
            "nav-desk-petitions",
            Access::Action(Action::PetitionList),
        ),
        NavEntry::new(
            "/admin/procedures",
            "nav-admin-procedures",
            Access::Action(Action::CatalogueManage),
        )
        .setup(),
        NavEntry::new(
            "/admin/processes",
            "nav-processes",
            Access::Action(Action::CatalogueManage),
        )
        .setup(),
        NavEntry::new("/desk/notices", "nav-desk-notices", Access::Officer).counting("notice-unread", notice::unread),
        NavEntry::new("/desk/figures", "nav-desk-figures", Access::Action(Action::DossierList)),
        NavEntry::new(
            "/admin/successions",
            "nav-successions",
            Access::Action(Action::SuccessionDecide),
        )
        .setup(),
        NavEntry::new("/admin/scans", "nav-scans", Access::Action(Action::JobRead)).setup(),
    ]
}
