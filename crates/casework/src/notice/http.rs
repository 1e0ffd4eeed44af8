//! The citizen's notices as a page.
//! It shows what happened to her own dossiers; it sends nothing by other channels.

use axum::extract::{Query, State};
use axum::response::Response;
use identity::Caller;
use identity::routes::{Access, Routes, get, post};
use kernel::Timestamp;
use maud::html;
use serde::Deserialize;
use web::components::{self, ButtonKind, Tone};
use web::{Page, Reply, Shell, Submitted, format, see_other};

use super::store as table;
use super::{Notice, NoticeId};
use crate::Casework;
use crate::draft::http::citizen;
use crate::procedure::view::brief;

/// Notices on one page.
pub(super) const PAGE_ROWS: i64 = 30;

/// Registers the pages.
#[must_use]
pub fn routes(routes: Routes<Casework>) -> Routes<Casework> {
    routes
        .page(get("/my/notices", list), Access::Citizen)
        .page(post("/my/notices/read", mark_read), Access::Citizen)
}

/// Where a page begins.
#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    pub(super) after: String,
}

async fn list(State(house): State<Casework>, shell: Shell, caller: Caller, Query(after): Query<After>) -> Reply {
    let account = citizen(&caller)?.account();
    let begin = key_of(&after.after).unwrap_or((Timestamp::MAX, NoticeId::from_uuid(uuid::Uuid::max())));
    let mut rows = house
        .store()
        .read(move |tx| table::page(tx, account, begin, PAGE_ROWS + 1))
        .await?;
    let more = rows.len() > usize::try_from(PAGE_ROWS).unwrap_or(0);
    rows.truncate(usize::try_from(PAGE_ROWS).unwrap_or(0));
    let unread = rows.iter().any(|notice| notice.read_at.is_none());
    let latest = rows
        .first()
        .map(|notice| notice.at.as_micros().to_string())
        .unwrap_or_default();
    let body = html! {
        h1 { (shell.text("notice-title")) }
        p { a href="/notices/settings" { (shell.text("notice-how")) } }
        @if rows.is_empty() { (components::empty(&shell.text("notice-none"), None)) }
        @if unread && after.after.is_empty() {
            div.row.apart { (components::post_button(&shell, ButtonKind::Quiet, "/my/notices/read", &[("until", &latest)], &shell.text("notice-mark-read"))) }
        }
        ul.kept-files { @for notice in &rows { (row(&shell, notice)) } }
        @if more { @if let Some(last) = rows.last() {
            p { a href={ "/my/notices?after=" (last.at.as_micros()) "." (last.id) } { (shell.text("notice-older")) } }
        } }
    };
    Ok(Page::new(&shell, shell.text("notice-title")).body(body))
}

pub(super) fn key_of(text: &str) -> Option<(Timestamp, NoticeId)> {
    let (at, id) = text.split_once('.')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

fn row(shell: &Shell, notice: &Notice) -> web::Markup {
    let tone = if notice.kind.asks() { Tone::Soon } else { Tone::Info };
    html! {
        li {
            p {
                @if notice.read_at.is_none() { (components::tag(tone, &shell.text("notice-new"))) " " }
                a href={ "/my/dossiers/" (notice.dossier) } { (shell.text(&format!("notice-{}", notice.kind))) }
            }
            p.small.muted.num { (brief(shell.lang, &notice.procedure_name)) " · " span.whole { (notice.dossier_code) } " · " (format::date_time(shell.lang, notice.at)) }
        }
    }
}

async fn mark_read(State(house): State<Casework>, caller: Caller, submitted: Submitted) -> Reply<Response> {
    let account = citizen(&caller)?.account();
    let now = house.now();
    let until = submitted.text("until").parse().map_or(now, Timestamp::from_micros);
    house
        .store()
        .write(move |tx| table::mark_read(tx, account, until, now))
        .await?;
    Ok(see_other("/my/notices"))
}
