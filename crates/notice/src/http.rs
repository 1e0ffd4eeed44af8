//! Puts the pages and operations of this crate together: one guarded router, the entries of the navigation.
//! It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;
use identity::routes::{Access, Routes};
use identity::{Action, NavEntry};

use crate::channel::Channel;
use crate::house::Notices;
use crate::{delivery, letter, preference};

/// The guarded router of every page and operation of this crate. It must lie inside identity's session layer.
pub fn router(notices: &Notices) -> Router {
    let operators = NavEntry::new("/admin/notices", "notice-nav-admin", Access::Action(Action::JobRead)).setup();
    let desks = NavEntry::new(
        "/desk/letters",
        "notice-nav-letters",
        Access::Action(Action::DossierDeliver),
    );
    let printed = notices.line(Channel::Letter).map(|_| desks);
    notices
        .identity()
        .add_nav([Some(operators), printed].into_iter().flatten());
    let mut routes = Routes::<Notices>::new(notices.identity());
    for register in [preference::http::routes, delivery::http::routes, letter::http::routes] {
        routes = register(routes);
    }
    routes.into_router().with_state(notices.clone())
}
