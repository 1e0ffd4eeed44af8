//! Puts the pages and operations of this crate together: one guarded router, the navigation, the tabs between its parts.
//! It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;
use identity::routes::{Access, Routes};
use identity::{Action, NavEntry, OfficerCaller};

use crate::{Payments, account, bill, import, notice, refund, tariff, till};

/// The guarded router of every page and operation of this crate. It must lie inside identity's session layer.
pub fn router(house: &Payments) -> Router {
    house.identity().add_nav(nav());
    let empty = || Routes::<Payments>::new(house.identity());
    let mut routes = empty();
    for register in [
        bill::http::routes,
        import::http::routes,
        refund::http::routes,
        till::http::routes,
        account::http::routes,
        tariff::http::routes,
        notice::http::routes,
    ] {
        routes = register(routes);
    }
    let uploads = import::http::upload_routes(empty())
        .into_router()
        .layer(axum::Extension(import::http::upload_limits()));
    routes.into_router().merge(uploads).with_state(house.clone())
}

/// Entries of the main navigation.
pub(crate) fn nav() -> Vec<NavEntry> {
    vec![
        NavEntry::new("/payments", "payment-nav", Access::Action(Action::BillRead)),
        NavEntry::new(
            "/payments/accounts",
            "payment-accounts-nav",
            Access::Action(Action::PaymentSetupRead),
        )
        .setup(),
    ]
}

/// The parts of this room.
const PARTS: [(&str, &str, Action); 5] = [
    ("/payments", "bills-title", Action::BillRead),
    (
        "/payments/reconciliation",
        "reconciliation-title",
        Action::PaymentReconcile,
    ),
    ("/payments/statements", "statements-title", Action::PaymentReconcile),
    ("/payments/till", "tills-title", Action::TillRead),
    ("/payments/refunds", "refunds-title", Action::BillRead),
];

/// The parts that an officer may reach: path and key of each.
pub(crate) fn parts(house: &Payments, officer: &OfficerCaller) -> Vec<(&'static str, &'static str)> {
    PARTS
        .iter()
        .filter(|(_, _, action)| !house.scope(officer, *action).is_empty())
        .map(|(path, key, _)| (*path, *key))
        .collect()
}
