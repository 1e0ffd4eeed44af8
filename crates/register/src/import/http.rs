//! The page on which a file is brought in, and what is wrong with one that was not. It refuses kinds that need people, and
//! shows the first faults of a file with row and column.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use identity::routes::{Access, Routes, get, post};
use identity::{Action, OfficerCaller};
use maud::{Markup, html};
use web::components::{self, Crumb, Tone};
use web::form::{Errors, Field, FieldKind, Form, Values};
use web::submitted::{FileKind, Limits};
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, Submitted, format};

use super::{Done, Faults, Import, State as Stand, store};
use crate::error::RegisterError;
use crate::house::{By, Register};
use crate::kind::Kind;
use crate::page::http::crumbs;
use crate::record::view::wrong_words;

/// Most bytes of a file that is sent to the page: its faults are found while the sender waits.
const FILE_BYTES_MAX: u64 = 10 << 20;
/// How long a sender waits for the last row; what comes later is seen in the list of imports.
const WAIT_MAX: Duration = Duration::from_secs(25);
/// Faults that the page lists.
const SHOWN_MAX: usize = 200;

pub(crate) fn routes(routes: Routes<Register>) -> Routes<Register> {
    let access = Access::Action(Action::RegisterImport);
    routes.page(get("/registers/{system}/{kind}/import", page), access)
}

/// The route that takes files, and its bounds.
pub(crate) fn upload_routes(routes: Routes<Register>) -> Routes<Register> {
    let access = Access::Action(Action::RegisterImport);
    routes.page(post("/registers/{system}/{kind}/import", upload), access)
}

/// The bounds of one upload.
pub(crate) fn upload_limits() -> Limits {
    Limits::files(1, FILE_BYTES_MAX)
}

fn form(kind: &Kind) -> Form {
    let file = FieldKind::Files {
        accept: vec![FileKind::Text],
        max_count: 1,
        max_bytes: FILE_BYTES_MAX,
    };
    Form::new("import", format!("{}/import", kind.path()))
        .submit("reg-import-do")
        .cancel(kind.path())
        .field(Field::new("file", "reg-import-file", file).hint("reg-import-file-hint"))
}

fn importable(register: &Register, system: &str, kind: &str) -> Result<Arc<Kind>, RegisterError> {
    let kind = register.kind(system, kind)?;
    if kind.is_importable() {
        Ok(kind)
    } else {
        Err(RegisterError::NotFound)
    }
}

async fn page(State(register): State<Register>, shell: Shell, Path((system, kind)): Path<(String, String)>) -> Reply {
    let kind = importable(&register, &system, &kind)?;
    drawn(&register, &kind, &shell, &Errors::none(), &html! {}).await
}

async fn drawn(register: &Register, kind: &Arc<Kind>, shell: &Shell, errors: &Errors, result: &Markup) -> Reply {
    let read = kind.clone();
    let imports = register.store().read(move |tx| store::last(tx, &read)).await?;
    let name = kind.words(shell.lang, "name");
    let title = shell.text_with("reg-import-title", &[("kind", name.as_str().into())]);
    let mut all = crumbs(shell);
    all.push(Crumb::new(kind.path(), name));
    let body = html! {
        h1 { (title) }
        (result)
        p.lead { (shell.text("reg-import-words")) }
        (components::details(&shell.text("reg-import-columns"), &columns(kind, shell)))
        (form(kind).render(shell, &Values::none(), errors))
        (past(kind, &imports, shell))
    };
    Ok(Page::new(shell, title).crumbs(all).errors(errors).body(body))
}

/// What the columns of a file may be called.
fn columns(kind: &Kind, shell: &Shell) -> Markup {
    let live = kind
        .columns
        .iter()
        .filter(|column| !column.shape.is_personal() && !column.field.retired);
    html! {
        ul {
            @for column in live { li { code { (column.field.name) } ": " (kind.words(shell.lang, &format!("field.{}", column.field.name))) } }
            @if kind.geometry().is_some() { li { code { "lon" } ", " code { "lat" } ", " code { "geometry" } ": " (shell.text("reg-import-place")) } }
            li { code { "valid_from" } ": " (shell.text("reg-valid-from")) }
        }
    }
}

fn past(kind: &Kind, imports: &[Import], shell: &Shell) -> Markup {
    if imports.is_empty() {
        return html! {};
    }
    let table = Table::new(
        format!("{}/import", kind.path()),
        "reg-imports",
        vec![
            Column::new("file", "reg-import-file"),
            Column::new("rows", "reg-import-rows").numeric(),
            Column::new("state", "reg-import-state").plain_on_phones(),
            Column::new("who", "reg-who"),
            Column::new("at", "reg-known-at"),
        ],
    );
    let tone = |state: Stand| match state {
        Stand::Open => Tone::Info,
        Stand::Done => Tone::Ok,
        Stand::Undone => Tone::Late,
    };
    let row = |import: &Import| {
        Row::new(vec![
            html! { (import.file_name) },
            html! { (format::number(shell.lang, import.rows)) },
            components::tag(tone(import.state), &shell.text(&format!("reg-import-{}", import.state))),
            html! { (import.who) },
            html! { (format::date_time(shell.lang, import.started_at)) },
        ])
    };
    table.render(
        shell,
        &TableQuery::default(),
        &imports.iter().map(row).collect::<Vec<_>>(),
        &Paging::All,
    )
}

async fn upload(
    State(register): State<Register>,
    shell: Shell,
    officer: OfficerCaller,
    Path((system, kind)): Path<(String, String)>,
    submitted: Submitted,
) -> Reply<Response> {
    let kind = importable(&register, &system, &kind)?;
    let values = match form(&kind).parse(&submitted) {
        Ok(values) => values,
        Err(errors) => {
            return Ok(drawn(&register, &kind, &shell, &errors, &html! {})
                .await?
                .into_response());
        }
    };
    let by = By::officer(&officer).ok_or(RegisterError::NotFound)?;
    let file = values.files("file").first().ok_or(RegisterError::NotFound)?.clone();
    // It goes on when the sender is answered before its end, and holds the file until then.
    let (importer, of, sent) = (register.clone(), kind.clone(), file.clone());
    let import = async move {
        importer
            .import(&of, sent.path(), &sent.name, by, Arc::new(|_, _| {}))
            .await
    };
    let done = match tokio::time::timeout(WAIT_MAX, tokio::spawn(import)).await {
        Ok(done) => done.map_err(|error| RegisterError::File(error.to_string()))?,
        Err(_) => {
            let words = shell.text("reg-import-goes-on");
            let result = components::notification(shell.lang, Tone::Info, &words);
            return Ok(drawn(&register, &kind, &shell, &Errors::none(), &result)
                .await?
                .into_response());
        }
    };
    let (result, errors) = match done {
        Ok(Done::In { rows, outside, .. }) => (taken(rows, outside, &shell), Errors::none()),
        Ok(Done::Faulty(faults)) => (faulty(&kind, &faults, &shell), Errors::none()),
        Err(error @ (RegisterError::File(_) | RegisterError::ImportRuns)) => {
            let mut errors = Errors::none();
            errors.add_fault("file", &error);
            (html! {}, errors)
        }
        Err(error) => return Err(error.into()),
    };
    Ok(drawn(&register, &kind, &shell, &errors, &result).await?.into_response())
}

fn taken(rows: u64, outside: u64, shell: &Shell) -> Markup {
    html! {
        (components::notification(shell.lang, Tone::Ok, &shell.text_with("reg-imported", &[("n", rows.into())])))
        @if outside > 0 {
            (components::notification(shell.lang, Tone::Late, &shell.text_with("reg-imported-outside", &[("n", outside.into())])))
        }
    }
}

fn faulty(kind: &Kind, faults: &Faults, shell: &Shell) -> Markup {
    let words = if faults.total == 0 {
        shell.text("reg-import-empty")
    } else {
        shell.text_with("reg-import-faulty", &[("n", faults.total.into())])
    };
    let line = |fault: &super::RowFault| {
        let words = wrong_words(kind, &fault.wrong);
        (fault.row, fault.column.clone(), words.get(shell.lang).to_owned())
    };
    html! {
        (components::notification(shell.lang, Tone::Late, &words))
        @if !faults.list.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(shell.text("reg-import-faults")) { table.stack {
                caption { (shell.text("reg-import-faults")) }
                thead { tr {
                    th scope="col" { (shell.text("reg-import-row")) }
                    th scope="col" { (shell.text("reg-import-column")) }
                    th scope="col" { (shell.text("reg-import-wrong")) }
                } }
                tbody { @for (row, column, words) in faults.list.iter().take(SHOWN_MAX).map(line) { tr {
                    th scope="row" { (row) }
                    td data-l=(shell.text("reg-import-column")) { (column) }
                    td data-l=(shell.text("reg-import-wrong")) { (words) }
                } } }
            } }
            @if faults.list.len() > SHOWN_MAX { p { (shell.text_with("reg-import-more", &[("n", (SHOWN_MAX as u64).into())])) } }
        }
    }
}
