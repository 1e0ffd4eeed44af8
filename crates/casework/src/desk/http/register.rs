//! The day's registers: how many dossiers entered each, and the rows behind each number.
//! Law: TT 03/2025/TT-VPCP (register of dossiers).

use axum::extract::{Path, Query, State};
use identity::OfficerCaller;
use kernel::{Date, SignedDuration, Timestamp};
use serde::Deserialize;
use web::table::{Column, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, format};

use super::{PAGE_ROWS, crumbs, scope};
use crate::Casework;
use crate::desk::store as table;
use crate::desk::{Register, view};
use crate::dossier::{DossierError, DossierId};

/// The day that a register is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Day {
    #[serde(default)]
    day: String,
    #[serde(default)]
    after: String,
}

impl Day {
    fn date(&self, now: Timestamp) -> Date {
        self.day.parse().unwrap_or_else(|_| now.local_date())
    }
}

fn bounds(day: Date) -> (Timestamp, Timestamp) {
    let start = Timestamp::start_of_day(day);
    (
        start,
        day.tomorrow()
            .map_or(start + SignedDuration::from_hours(24), Timestamp::start_of_day),
    )
}

pub(super) async fn figures(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Query(asked): Query<Day>,
) -> Reply {
    let scope = scope(&house, &officer);
    let day = asked.date(house.now());
    let (from, until) = bounds(day);
    let counts = house
        .store()
        .read(move |tx| {
            let count =
                |&register: &Register| Ok((register, table::register_count(tx, &scope, register, from, until)?));
            Register::ALL
                .iter()
                .map(count)
                .collect::<Result<Vec<_>, store::StoreError>>()
        })
        .await?;
    let title = shell.text("desk-figures-title");
    Ok(Page::new(&shell, title)
        .crumbs(crumbs(&shell))
        .body(view::figures(&shell, day, &counts)))
}

pub(super) async fn register(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Path(register): Path<String>,
    Query(asked): Query<Day>,
    query: TableQuery,
) -> Reply {
    let register: Register = register.parse().map_err(|_| DossierError::NotFound)?;
    let scope = scope(&house, &officer);
    let now = house.now();
    let day = asked.date(now);
    let begin = asked.after.parse().unwrap_or(DossierId::from_uuid(uuid::Uuid::nil()));
    let (mut rows, total) = house
        .store()
        .read(move |tx| {
            let (from, until) = bounds(day);
            let rows = table::register_rows(tx, &scope, register, (from, until), begin, PAGE_ROWS + 1)?;
            Ok::<_, DossierError>((rows, table::register_count(tx, &scope, register, from, until)?))
        })
        .await?;
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let next = (rows.len() > most)
        .then(|| rows.get(most - 1).map(|row| row.id.to_string()))
        .flatten();
    rows.truncate(most);
    let schema = Table::new(
        format!("/desk/register/{register}"),
        "desk-caption-register",
        vec![
            Column::new("code", "desk-code"),
            Column::new("procedure", "desk-procedure"),
            Column::new("person", "desk-person"),
            Column::new("state", "desk-state"),
            Column::new("due", "desk-due").plain_on_phones(),
            Column::new("entered", "desk-entered"),
        ],
    )
    .empty("desk-empty")
    .keep(&["day"]);
    let shown: Vec<Row> = rows
        .iter()
        .map(|row| view::row(&shell, row, now, house.calendar()))
        .collect();
    let paging = Paging::Keyset {
        next,
        started: !asked.after.is_empty(),
        total: u64::try_from(total).ok(),
    };
    let title = shell.text(&format!("desk-register-{register}"));
    let body = maud::html! {
        h1 { (title) ", " (format::long_date(shell.lang, day)) }
        p { (shell.text(&format!("desk-register-about-{register}"))) }
        (schema.render(&shell, &query, &shown, &paging))
        p { a href={ "/desk/figures?day=" (day) } { (shell.text("desk-figures-title")) } }
    };
    Ok(Page::new(&shell, title).crumbs(crumbs(&shell)).wide().body(body))
}
