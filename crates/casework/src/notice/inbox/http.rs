//! The page of an officer's notices.
//! It lists codes and procedures, no names; opening a dossier is the use, not this page.

use axum::extract::{Query, State};
use axum::response::Response;
use identity::OfficerCaller;
use identity::routes::{Access, Routes, get, post};
use kernel::Timestamp;
use maud::html;
use web::components::{self, ButtonKind, Tone};
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::super::http::{After, PAGE_ROWS, key_of};
use super::super::store as table;
use super::super::{Notice, NoticeId};
use crate::Casework;
use crate::procedure::view::brief;

const LIST: &str = "/desk/notices";

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(get("/desk/notices", list), Access::Officer)
        .page(post("/desk/notices/read", mark_read), Access::Officer)
}

async fn list(
    State(house): State<Casework>,
    shell: Shell,
    officer: OfficerCaller,
    Query(after): Query<After>,
) -> Reply {
    let account = officer.account();
    let begin = key_of(&after.after).unwrap_or((Timestamp::MAX, NoticeId::from_uuid(uuid::Uuid::max())));
    let mut rows = house
        .store()
        .read(move |tx| table::page(tx, account, begin, PAGE_ROWS + 1))
        .await?;
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let more = rows.len() > most;
    rows.truncate(most);
    let unread = rows.iter().any(|notice| notice.read_at.is_none());
    let latest = rows
        .first()
        .map(|notice| notice.at.as_micros().to_string())
        .unwrap_or_default();
    let title = shell.text("notice-title");
    Ok(Page::new(&shell, title.clone()).body(html! {
        h1 { (title) }
        p { a href="/notices/settings" { (shell.text("notice-how")) } }
        @if rows.is_empty() { (components::empty(&shell.text("notice-none-desk"), None)) }
        @if unread && after.after.is_empty() {
            div.row.apart { (components::post_button(&shell, ButtonKind::Quiet, "/desk/notices/read", &[("until", &latest)], &shell.text("notice-mark-read"))) }
        }
        ul.kept-files { @for notice in &rows { (row(&shell, notice)) } }
        @if more { @if let Some(last) = rows.last() {
            p { a href={ (LIST) "?after=" (last.at.as_micros()) "." (last.id) } { (shell.text("notice-older")) } }
        } }
    }))
}

fn row(shell: &Shell, notice: &Notice) -> web::Markup {
    let room = if notice.kind.is_of_child() {
        "child-dossiers"
    } else {
        "dossiers"
    };
    let tone = if notice.kind.asks() { Tone::Soon } else { Tone::Info };
    html! {
        li {
            p {
                @if notice.read_at.is_none() { (components::tag(tone, &shell.text("notice-new"))) " " }
                a href={ "/desk/" (room) "/" (notice.dossier) } { (shell.text(&format!("notice-{}", notice.kind))) }
            }
            p.small.muted.num { (brief(shell.lang, &notice.procedure_name)) " · " span.whole { (notice.dossier_code) } " · " (format::date_time(shell.lang, notice.at)) }
        }
    }
}

async fn mark_read(State(house): State<Casework>, officer: OfficerCaller, submitted: Submitted) -> Reply<Response> {
    let (account, now) = (officer.account(), house.now());
    let until = submitted.text("until").parse().map_or(now, Timestamp::from_micros);
    house
        .store()
        .write(move |tx| table::mark_read(tx, account, until, now))
        .await?;
    Ok(see_other(LIST))
}
