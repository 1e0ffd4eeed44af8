//! Puts the pages and operations of this crate together: one guarded router, the entries of the navigation, the tabs between its
//! pages. It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;
use identity::routes::{Access, Routes};
use identity::{Action, NavEntry};
use web::components::{self, Tab};
use web::{Markup, Shell};

use crate::{Exchange, carried, inbound, lateness, receipt, transfer};

/// The guarded router of every page and operation of this crate. It must lie inside identity's session layer.
pub fn router(exchange: &Exchange) -> Router {
    let operators = NavEntry::new("/admin/exchange", "exchange-nav", Access::Action(Action::JobRead)).setup();
    let leaders = NavEntry::new(
        "/desk/lateness",
        "exchange-late-nav",
        Access::Action(Action::DossierReport),
    );
    let identity = exchange.casework().identity();
    identity.add_nav([operators, leaders]);
    let mut routes = Routes::<Exchange>::new(identity);
    for register in [
        transfer::http::routes,
        lateness::http::routes,
        receipt::http::routes,
        inbound::http::routes,
        carried::http::routes,
    ] {
        routes = register(routes);
    }
    routes.into_router().with_state(exchange.clone())
}

/// The tabs of the operator's pages; `at` is the path of the open one.
pub(crate) fn tabs(shell: &Shell, at: &str) -> Markup {
    let tab = |path: &str, key: &str| Tab {
        label: shell.text(key),
        href: path.to_owned(),
        count: None,
        current: path == at,
    };
    components::tabs(
        shell.lang,
        &shell.text("exchange-title"),
        &[
            tab("/admin/exchange", "exchange-tab-drift"),
            tab("/admin/exchange/transfers", "exchange-tab-transfers"),
        ],
    )
}
