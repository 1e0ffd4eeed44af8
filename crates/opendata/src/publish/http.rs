//! The pages of publishing. Leaders look; whether one may decide for the province is asked again when she does.
//! Refuses to approve a rule that is not the one on the page.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use identity::routes::{Access, Routes, get, post};
use identity::session::http::with_notice;
use identity::{Action, Caller, OfficerCaller, Resource};
use register::kind::Kind;
use web::components::Crumb;
use web::form::{Errors, Values};
use web::{Page, Reply, Shell, Submitted, see_other};

use super::Publisher;
use super::view::{self, Around, Ruled, path};
use crate::{OpenError, Portal};

pub(crate) fn routes(routes: Routes<Portal>) -> Routes<Portal> {
    let publish = Access::Action(Action::OpenPublish);
    routes
        .page(get("/open/publish", list), publish)
        .page(get("/open/publish/{system}/{kind}", page), publish)
        .page(post("/open/publish/{system}/{kind}/approve", approve), publish)
        .page(post("/open/publish/{system}/{kind}/withdraw", withdraw), publish)
}

async fn list(State(portal): State<Portal>, shell: Shell) -> Reply {
    let mut rules = Vec::new();
    for kind in portal.register().kinds() {
        let standing = portal.standing(kind).await.map_err(OpenError::from)?;
        rules.extend(standing.map(|standing| Ruled {
            kind,
            standing,
            publisher: portal.publisher(kind).1.get(shell.lang).to_owned(),
        }));
    }
    let title = shell.text("open-publish-title");
    Ok(Page::new(&shell, title).body(view::list(&shell, &rules)))
}

/// Whether an officer may decide for the whole province.
fn may(portal: &Portal, officer: &OfficerCaller) -> bool {
    let caller = Caller::Officer(officer.clone());
    let policy = portal.register().identity().policy();
    policy.decide(&caller, Action::OpenPublish, &Resource::system())
}

fn kind_of(portal: &Portal, system: &str, kind: &str) -> Result<Arc<Kind>, OpenError> {
    let kind = portal.register().kind(system, kind)?;
    if kind.record.open.is_some() {
        Ok(kind)
    } else {
        Err(OpenError::NotFound)
    }
}

async fn page(
    State(portal): State<Portal>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
) -> Reply {
    let kind = kind_of(&portal, &system, &kind)?;
    shown(&portal, &shell, &officer, &kind, (&Values::none(), &Errors::none())).await
}

async fn shown(
    portal: &Portal,
    shell: &Shell,
    officer: &OfficerCaller,
    kind: &Arc<Kind>,
    (values, errors): (&Values, &Errors),
) -> Reply {
    let preview = portal.preview(kind).await?;
    let around = Around {
        kind,
        publisher: portal.publisher(kind).1.get(shell.lang).to_owned(),
        may: may(portal, officer),
        errors,
        values,
    };
    let crumbs = vec![Crumb::new("/open/publish", shell.text("open-publish-title"))];
    Ok(Page::new(shell, kind.words(shell.lang, "name"))
        .crumbs(crumbs)
        .errors(errors)
        .body(view::page(shell, &preview, &around)))
}

/// Who decides, once policy said that she may.
fn publisher(portal: &Portal, officer: &OfficerCaller) -> Result<Publisher, OpenError> {
    let identity = portal.register().identity();
    identity.require_system(&Caller::Officer(officer.clone()), Action::OpenPublish)?;
    Ok(Publisher {
        account: Some(officer.account()),
        who: officer.name().to_owned(),
    })
}

async fn approve(
    State(portal): State<Portal>,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    form: Submitted,
) -> Reply<Response> {
    let kind = kind_of(&portal, &system, &kind)?;
    let by = publisher(&portal, &officer)?;
    portal.approve(&kind, form.text("rule"), &by).await?;
    Ok(with_notice(see_other(&path(&kind)), "open-notice-approved"))
}

async fn withdraw(
    State(portal): State<Portal>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let kind = kind_of(&portal, &system, &kind)?;
    let by = publisher(&portal, &officer)?;
    let form = view::withdrawal(&kind);
    let values = match form.parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            let typed = form.typed(&submitted);
            let page = shown(&portal, &shell, &officer, &kind, (&typed, &errors)).await?;
            return Ok(page.into_response());
        }
    };
    portal.take_back(&kind, values.text("reason"), &by).await?;
    Ok(with_notice(see_other(&path(&kind)), "open-notice-withdrawn"))
}
