//! The page of charts: what is counted is chosen in the address.
//! It refuses records of units that the officer does not see: they are in no figure of hers.

use axum::extract::{Path, State};
use identity::routes::{Access, Routes, get};
use identity::{Action, OfficerCaller};
use maud::{Markup, html};
use web::components::{self, Crumb, Tab};
use web::table::TableQuery;
use web::{Page, Reply, Shell};

use super::{UNITS, choices, drawn, of_units, of_values};
use crate::digest;
use crate::error::RegisterError;
use crate::house::Register;
use crate::kind::Kind;
use crate::page::http::crumbs;

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let access = Access::Action(Action::RegisterRead);
    routes.page(get("/registers/{system}/{kind}/charts", charts), access)
}

async fn charts(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    query: TableQuery,
) -> Reply {
    let kind = register.kind(&system, &kind)?;
    let choices = choices(&kind, &shell);
    let by = choices
        .iter()
        .find(|(name, _)| name == query.filter("by"))
        .unwrap_or(&choices[0])
        .clone();
    let units = register.scope(&officer, Action::RegisterRead);
    let read = kind.clone();
    let (bars, is_behind) = match kind.column(&by.0).filter(|_| by.0 != UNITS) {
        Some(column) => {
            let field = column.field.name.clone();
            let counts = register
                .store()
                .read(move |tx| {
                    let stand = digest::store::stand(tx, &read)?;
                    Ok::<_, RegisterError>((digest::store::tally(tx, &read, &field, units.as_deref())?, stand))
                })
                .await?;
            (
                of_values(&register, &kind, column, counts.0, &shell),
                is_behind(counts.1.as_ref()),
            )
        }
        None => {
            let counts = register
                .store()
                .read(move |tx| {
                    let stand = digest::store::stand(tx, &read)?;
                    Ok::<_, RegisterError>((digest::store::by_unit(tx, &read, units.as_deref())?, stand))
                })
                .await?;
            (of_units(&register, counts.0, &shell), is_behind(counts.1.as_ref()))
        }
    };
    let name = kind.words(shell.lang, "name");
    let title = shell.text_with("reg-chart-title", &[("kind", name.as_str().into())]);
    let mut all = crumbs(&shell);
    all.push(Crumb::new(kind.path(), name));
    let body = html! {
        h1 { (title) }
        (tabs(&kind, &choices, &by.0, &shell))
        @if is_behind { (components::inset(&html! { p { (shell.text("reg-chart-behind")) } })) }
        @if bars.is_empty() { (components::empty(&shell.text("reg-empty"), None)) }
        @else { (drawn(&shell.text_with("reg-chart-by", &[("by", by.1.as_str().into())]), &by.1, &bars, &shell)) }
    };
    Ok(Page::new(&shell, title).wide().crumbs(all).body(body))
}

/// Whether counts are still being made for the first time.
fn is_behind(stand: Option<&digest::store::Stand>) -> bool {
    stand.is_none_or(|stand| stand.walked.is_some())
}

fn tabs(kind: &Kind, choices: &[(String, String)], by: &str, shell: &Shell) -> Markup {
    let tabs: Vec<Tab> = choices
        .iter()
        .map(|(name, label)| Tab {
            href: format!("{}/charts?by={name}", kind.path()),
            label: label.clone(),
            count: None,
            current: name == by,
        })
        .collect();
    components::tabs(shell.lang, &shell.text("reg-index-charts"), &tabs)
}
