//! Puts the pages of this crate together: one guarded router. It refuses a route without an access: every row goes through
//! `identity::Routes`.

use axum::Router;
use identity::routes::Routes;

use crate::{Ledger, log, witness};

/// The guarded router of every page of this crate. It must lie inside identity's session layer.
pub fn router(ledger: &Ledger) -> Router {
    let mut routes = Routes::<Ledger>::new(ledger.identity());
    for register in [log::http::routes, witness::http::routes] {
        routes = register(routes);
    }
    routes.into_router().with_state(ledger.clone())
}
