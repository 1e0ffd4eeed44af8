//! The pages of lists: all registers, and one. An officer sees the records of her own units and below; nobody is named in
//! full here.

use axum::extract::{Path, State};
use identity::routes::{Access, Routes, get};
use identity::{Action, OfficerCaller};
use maud::html;
use web::components::{self, ButtonKind, Crumb};
use web::table::{Paging, Row, TableQuery};
use web::{Page, Reply, Shell, format};

use super::{PAGE_ROWS, asked, key_text, table};
use crate::error::RegisterError;
use crate::house::Register;
use crate::kind::Kind;
use crate::record::store::{self, COUNT_MAX};
use crate::record::view;

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let read = Access::Action(Action::RegisterRead);
    routes
        .page(get("/registers", all), read)
        .page(get("/registers/{system}/{kind}", list), read)
}

async fn all(State(register): State<Register>, shell: Shell) -> Reply {
    let title = shell.text("reg-title");
    let mut systems: Vec<(String, Vec<&Kind>)> = Vec::new();
    for kind in register.kinds() {
        let name = kind.system_name().get(shell.lang).to_owned();
        match systems.iter_mut().find(|(known, _)| *known == name) {
            Some((_, kinds)) => kinds.push(kind),
            None => systems.push((name, vec![kind])),
        }
    }
    systems.sort_by_cached_key(|(name, _)| kernel::fold::sort_key(name));
    let body = html! {
        h1 { (title) }
        p.lead { (shell.text("reg-lead")) }
        @for (system, kinds) in &systems {
            h2 { (system) }
            ul { @for kind in kinds { li { a href=(kind.path()) { (kind.words(shell.lang, "name")) } } } }
        }
    };
    Ok(Page::new(&shell, title).body(body))
}

pub(crate) fn crumbs(shell: &Shell) -> Vec<Crumb> {
    vec![Crumb::new("/registers", shell.text("reg-title"))]
}

async fn list(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    query: TableQuery,
) -> Reply {
    let kind = register.kind(&system, &kind)?;
    let shown = table(&register, &kind, shell.lang);
    let mut asked = asked(&kind, &shown, &query);
    asked.units = register.scope(&officer, Action::RegisterRead);
    let (order, read) = (asked.order, kind.clone());
    let (mut records, count) = register
        .store()
        .read(move |tx| {
            let records = store::list(tx, &read, &asked)?;
            Ok::<_, RegisterError>((records, store::count(tx, &read, &asked)?))
        })
        .await?;
    let more = records.len() > PAGE_ROWS;
    records.truncate(PAGE_ROWS);
    let last = records.last().filter(|_| more);
    let paging = Paging::Keyset {
        started: query.after_key().is_some(),
        next: last.map(|record| key_text(&store::key_of(&kind, order, record))),
        total: count.filter(|count| *count <= COUNT_MAX),
    };
    let no_names = view::Names::new();
    let rows: Vec<Row> = records
        .iter()
        .map(|record| {
            let title = view::title(&register, &kind, record, shell.lang);
            let mut cells = vec![html! { (title) }];
            let columns = kind.shown.iter().map(|at| &kind.columns[*at]);
            cells.extend(columns.map(|column| view::shown(&register, &kind, column, record, &no_names, &shell)));
            Row::new(cells).link(format!("{}/{}", kind.path(), record.id))
        })
        .collect();
    let title = kind.words(shell.lang, "name");
    let body = html! {
        h1 { (title) }
        p.muted { (kind.system_name().get(shell.lang))
            @if count.is_some_and(|count| count > COUNT_MAX) { " · " (shell.text_with("reg-more-than", &[("n", format::number(shell.lang, 10_000).into())])) } }
        (actions(&register, &kind, &officer, &shell))
        (shown.render(&shell, &query, &rows, &paging))
    };
    Ok(Page::new(&shell, title).wide().crumbs(crumbs(&shell)).body(body))
}

/// What may be done here beside looking.
fn actions(register: &Register, kind: &Kind, officer: &OfficerCaller, shell: &Shell) -> maud::Markup {
    let may = |action: Action| officer.unit().is_some_and(|unit| register.may(officer, action, unit));
    let (add, import) = (
        may(Action::RegisterWrite),
        may(Action::RegisterImport) && kind.is_importable(),
    );
    html! {
        @if add || import {
            div.row.actions {
                @if add { (components::button_link(ButtonKind::Main, &format!("{}/new", kind.path()), &shell.text("reg-add"))) }
                @if import { (components::button_link(ButtonKind::Quiet, &format!("{}/import", kind.path()), &shell.text("reg-import"))) }
            }
        }
    }
}
