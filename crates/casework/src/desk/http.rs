//! The officers' pages: their table of routes, and what the parts share. The work list and its export lie in `list`, one
//! dossier and its actions in `dossier`; registers have their own folder. A page refuses what policy does not allow here.

mod dossier;
mod list;

use identity::routes::{Access, Routes, get, post};
use identity::{Action as Right, Caller, OfficerCaller};
use web::Shell;
use web::components::Crumb;
use web::submitted::Limits;

pub(crate) use self::dossier::{ask, check_open, disclosed, done, schema_of};
use self::dossier::{download, one, receipt};
pub(crate) use self::list::{NOBODY, Reading, away, filter_of, key_after, narrowed};
use self::list::{export, find, list};
use super::{Scope, actions};
use crate::Casework;

/// Rows of one part of a list.
pub(crate) const PAGE_ROWS: i64 = 50;

/// Registers the pages without uploads.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(get("/desk", list), Access::Action(Right::DossierList))
        .page(post("/desk", find), Access::Action(Right::DossierList))
        .page(get("/desk/export.csv", export), Access::Action(Right::DossierList))
        .page(get("/desk/dossiers/{id}", one), Access::Action(Right::DossierRead))
        .page(
            get("/desk/dossiers/{id}/receipt", receipt),
            Access::Action(Right::DossierRead),
        )
        .page(
            get("/desk/dossiers/{id}/files/{file}", download),
            Access::Action(Right::DossierRead),
        )
        .page(
            get("/desk/dossiers/{id}/{action}", ask),
            Access::Action(Right::DossierRead),
        )
}

/// Registers the page that takes files.
#[must_use]
pub fn upload_routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(
        post("/desk/dossiers/{id}/{action}", done),
        Access::Action(Right::DossierRead),
    )
}

/// The bounds of one action's form.
pub(crate) fn upload_limits(house: &Casework) -> Limits {
    Limits::files(actions::FILES_MAX, house.settings().files.bytes_max)
}

fn scope(house: &Casework, officer: &OfficerCaller) -> Scope {
    Scope::of(
        house,
        &house.identity().units(),
        &Caller::Officer(officer.clone()),
        Right::DossierList,
    )
}

fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/desk", shell.text("desk-title"))]
}
