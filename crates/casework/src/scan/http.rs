//! The operator's page of the quarantine: is the scanner there, what waits, in what was something found. Ids and reasons only.
//! It opens no file and shows no name.

use axum::extract::State;
use identity::routes::{Access, Routes, get};
use identity::{Action as Right, Caller};
use maud::html;
use web::components::{Fact, Tone, facts, note};
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, format};

use super::store as table;
use crate::Casework;
use crate::dossier::DossierError;

/// Rows of the page.
const ROWS_MAX: i64 = 200;

/// Registers the page.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes.page(get("/admin/scans", page), Access::Action(Right::JobRead))
}

async fn page(State(house): State<Casework>, shell: Shell, caller: Caller) -> Reply {
    house.identity().require_system(&caller, Right::JobRead)?;
    let (counts, rows) = house
        .store()
        .read(|tx| Ok::<_, DossierError>((table::counts(tx)?, table::open_rows(tx, ROWS_MAX)?)))
        .await?;
    let scanner = house.settings().scanner.clone();
    let there = match &scanner {
        Some(scanner) => Some(scanner.clone().patience(std::time::Duration::from_secs(3)).ping().await),
        None => None,
    };
    let schema = Table::new(
        "/admin/scans",
        "scan-caption",
        vec![
            Column::new("file", "scan-file"),
            Column::new("state", "desk-state"),
            Column::new("since", "scan-since"),
            Column::new("tried", "scan-tried"),
            Column::new("said", "scan-said"),
        ],
    )
    .empty("scan-none");
    let shown: Vec<Row> = rows
        .iter()
        .map(|row| {
            let tried = row
                .tried_at
                .map(|at| format::date_time(shell.lang, at))
                .unwrap_or_default();
            Row::new(vec![
                html! { span.num { (row.file) } },
                html! { (shell.text(&format!("scan-state-{}", row.state))) },
                html! { (format::date_time(shell.lang, row.queued_at)) },
                html! { (tried) " (" (row.attempts) ")" },
                html! { (row.said) },
            ])
        })
        .collect();
    let body = html! {
        h1 { (shell.text("scan-title")) }
        @match (&scanner, &there) {
            (None, _) => (note(Tone::Soon, &shell.text("scan-not-set-up"), &html! { p { (shell.text("scan-not-set-up-more")) } })),
            (Some(scanner), Some(Ok(()))) => (note(Tone::Ok, &shell.text("scan-there"), &html! { p { code { (scanner.address()) } } })),
            (Some(scanner), _) => (note(Tone::Late, &shell.text("scan-silent"), &html! { p { code { (scanner.address()) } } p { (shell.text("scan-silent-more")) } })),
        }
        (facts(&[
            Fact::new(shell.text("scan-state-waiting"), format::number(shell.lang, counts.0)),
            Fact::new(shell.text("scan-state-clean"), format::number(shell.lang, counts.1)),
            Fact::new(shell.text("scan-state-infected"), format::number(shell.lang, counts.2)),
        ]))
        (schema.render(&shell, &TableQuery::default(), &shown, &Paging::All))
    };
    Ok(Page::new(&shell, shell.text("scan-title")).wide().body(body))
}
