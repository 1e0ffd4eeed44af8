//! Where a view is saved and forgotten: a part of the page of the list, and what its forms send.
//! It refuses to forget what another officer saved.

use axum::extract::{Path, State};
use axum::response::Response;
use identity::routes::{Access, Routes, post};
use identity::{Action, OfficerCaller};
use maud::{Markup, html};
use web::components::{self, ButtonKind};
use web::table::TableQuery;
use web::{Reply, Shell, Submitted, see_other};

use super::{NAME_CHARS_MAX, View, ViewId, kept, store};
use crate::error::{RegisterError, What, Wrong};
use crate::house::Register;
use crate::kind::Kind;

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let access = Access::Action(Action::RegisterRead);
    routes
        .page(post("/registers/{system}/{kind}/views", save), access)
        .page(post("/registers/{system}/{kind}/views/{id}/forget", forget), access)
}

/// The views that the officer may choose from, and the form that keeps what she looks at now.
pub(crate) fn part(kind: &Kind, views: &[View], officer: &OfficerCaller, query: &TableQuery, shell: &Shell) -> Markup {
    let now = kept(kind, query);
    let known = views.iter().any(|view| view.query == now);
    let href = |view: &View| format!("{}?{}", kind.path(), view.query);
    let save = format!("{}/views", kind.path());
    if views.is_empty() && now.is_empty() {
        return html! {};
    }
    let body = html! {
        @if !views.is_empty() {
            ul.plain { @for view in views { li.row {
                a href=(href(view)) aria-current=[(view.query == now).then_some("page")] { (view.name) }
                @if view.unit.is_some() { span.muted { (shell.text("reg-view-shared")) } }
                @if view.account == officer.account() {
                    (components::post_button(shell, ButtonKind::Quiet, &format!("{save}/{}/forget", view.id), &[], &shell.text("reg-view-forget")))
                }
            } } }
        }
        @if !now.is_empty() && !known {
            form.bar method="post" action=(save) {
                (components::form_guards(shell, &save))
                input type="hidden" name="query" value=(now);
                div { label for="view-name" { (shell.text("reg-view-name")) } input id="view-name" name="name" required maxlength=(NAME_CHARS_MAX); }
                div.check { input type="checkbox" id="view-shared" name="shared" value="yes"; label for="view-shared" { (shell.text("reg-view-share")) } }
                div.row { button.btn.quiet { (shell.text("reg-view-save")) } }
            }
        }
    };
    components::details(&shell.text("reg-views"), &body)
}

async fn save(
    State(register): State<Register>,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let kind = register.kind(&system, &kind)?;
    let name = submitted.text("name").trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(RegisterError::Invalid(vec![Wrong::new("name", What::Unreadable)]).into());
    }
    let shared = submitted.text("shared") == "yes";
    let view = View {
        id: ViewId::from_uuid(submitted.once),
        account: officer.account(),
        unit: officer.unit().filter(|_| shared),
        name,
        // Only what the list has: the address of a page is anybody's to write.
        query: kept(&kind, &TableQuery::parse(submitted.text("query"))),
        created_at: register.now(),
    };
    let to = format!("{}?{}", kind.path(), view.query);
    let kept = register
        .store()
        .write(move |tx| store::insert(tx, &kind, &view))
        .await?;
    if !kept {
        return Err(RegisterError::TooManyViews.into());
    }
    Ok(see_other(&to))
}

async fn forget(
    State(register): State<Register>,
    officer: OfficerCaller,
    Path((system, kind, id)): Path<(String, String, String)>,
    _submitted: Submitted,
) -> Reply<Response> {
    let kind = register.kind(&system, &kind)?;
    let id: ViewId = id.parse().map_err(|_| RegisterError::NotFound)?;
    let account = officer.account();
    if !register.store().write(move |tx| store::remove(tx, id, account)).await? {
        return Err(RegisterError::NotFound.into());
    }
    Ok(see_other(&kind.path()))
}
