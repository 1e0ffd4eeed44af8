//! The page of the audit log, newest first with filters, and its export as one JSON object a line with the head at the end.
//! It changes nothing, and an export is itself a row of the log.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header;
use web::components::{ButtonKind, Crumb, Tone, button_link, tag};
use web::format::date_time;
use web::table::{Column, Filter as TableFilter, Paging, Row, Table, TableQuery};
use web::{Page, Reply, Shell, html};

use super::{Actor, Entry, Filter, detail, store};
use crate::routes::{Access, Routes, get};
use crate::session::Caller;
use crate::{Action, Identity, IdentityError};

/// Entries of one page.
const PAGE: i64 = 50;
/// Entries read at a time by the export.
const CHUNK: i64 = 500;
/// What the filter offers: concepts, whose acts begin with their name.
const CONCEPTS: [&str; 12] = [
    "account",
    "role",
    "session",
    "sign-in",
    "unit",
    "person",
    "policy",
    "dossier",
    "job",
    "audit",
    "payment-account",
    "tariff",
];

pub(crate) fn routes(identity: &Identity) -> Routes<Identity> {
    Routes::new(identity)
        .page(get("/admin/audit", page), Access::Action(Action::AuditRead))
        .page(get("/admin/audit/export", export), Access::Action(Action::AuditExport))
}

fn table(shell: &Shell) -> Table {
    let concepts = CONCEPTS
        .iter()
        .map(|name| ((*name).to_owned(), shell.text(&format!("audit-concept-{name}"))));
    Table::new(
        "/admin/audit",
        "audit-caption",
        vec![
            Column::new("seq", "audit-seq").numeric(),
            Column::new("at", "audit-at"),
            Column::new("action", "audit-action"),
            Column::new("actor", "audit-actor"),
            Column::new("subject", "audit-subject"),
            Column::new("detail", "audit-detail"),
        ],
    )
    .filter(TableFilter::choice("action", "audit-action", concepts.collect()))
    .filter(TableFilter::search("actor", "audit-actor", ""))
    .filter(TableFilter::search("subject", "audit-subject", ""))
    .empty("audit-empty")
}

async fn page(State(identity): State<Identity>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    identity.require_system(&caller, Action::AuditRead)?;
    let table = table(&shell);
    let filter = Filter {
        action: query.chosen(&table, "action").map(str::to_owned),
        actor: query.filter("actor").parse().ok(),
        subject: query.chosen(&table, "subject").map(str::to_owned),
        before: query.after_key().and_then(|key| key.parse().ok()),
    };
    let started = filter.before.is_some();
    let (entries, head, report, names) = identity
        .store()
        .read(move |tx| {
            let entries = store::page(tx, &filter, PAGE)?;
            let head = super::head(tx)?;
            // The newest part is checked on every view; the whole chain by `tinhso verify`.
            let fault = super::check_newest(tx)?;
            let names = crate::account::store::names(tx, &actors(&entries))?;
            Ok::<_, IdentityError>((entries, head, fault, names))
        })
        .await?;
    let next = (entries.len() as i64 == PAGE)
        .then(|| entries.last().map(|entry| entry.seq.to_string()))
        .flatten();
    let rows: Vec<Row> = entries.iter().map(|entry| row(&shell, entry, &names)).collect();
    let title = shell.text("audit-title");
    Ok(Page::new(&shell, title.clone())
        .wide()
        .crumbs(vec![Crumb::new("/admin", shell.text("account-nav-admin"))])
        .body(html! {
            h1 { (title) }
            p { (shell.text("audit-words")) }
            p {
                @if report { (tag(Tone::Ok, &shell.text("audit-whole"))) } @else { (tag(Tone::Late, &shell.text("audit-broken"))) }
                " " (shell.text("audit-head")) " " code { (head.seq) ":" (head.hash) }
            }
            p { (button_link(ButtonKind::Quiet, "/admin/audit/export", &shell.text("audit-export"))) }
            (table.render(&shell, &query, &rows, &Paging::Keyset { next, started, total: None }))
        }))
}

fn actors(entries: &[Entry]) -> Vec<crate::AccountId> {
    let mut ids: Vec<_> = entries
        .iter()
        .flat_map(|entry| entry.actor.into_iter().chain(entry.subject.parse().ok()))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

type Names = std::collections::HashMap<crate::AccountId, String>;

fn row(shell: &Shell, entry: &Entry, names: &Names) -> Row {
    let who = match entry.actor {
        Some(actor) => names.get(&actor).cloned().unwrap_or_else(|| actor.to_string()),
        None => shell.text("audit-program"),
    };
    let subject = entry
        .subject
        .parse()
        .ok()
        .and_then(|id| names.get(&id).cloned())
        .unwrap_or_else(|| entry.subject.clone());
    Row::new(vec![
        html! { (entry.seq) },
        html! { (date_time(shell.lang, entry.at)) },
        html! { (action_words(shell, &entry.action)) },
        html! { (who) },
        html! { (subject) },
        html! { @for (name, value) in &entry.detail { @if !value.is_empty() { span.kept { (name) ": " (value) } " " } } },
    ])
}

/// The act in words; its name where the texts have none.
fn action_words(shell: &Shell, action: &str) -> String {
    let key = format!("audit-act-{}", action.replace('.', "-"));
    web::i18n::maybe(shell.lang, &key, &[]).unwrap_or_else(|| action.to_owned())
}

/// One entry a line, oldest first; the last line is the head. Streamed: the log may be long.
async fn export(State(identity): State<Identity>, caller: Caller) -> Reply<Response> {
    identity.require_system(&caller, Action::AuditExport)?;
    let (now, who) = (identity.now(), caller.account().map_or(Actor::Nobody, Actor::Account));
    let head = identity
        .store()
        .write(move |tx| super::append(tx, who, "audit.export", "audit", detail([]), now))
        .await?;
    let store = identity.store().clone();
    let last = serde_json::json!({ "head": head }).to_string();
    let lines = futures::stream::unfold((store, 0_i64, Some(last)), move |(store, after, last)| {
        let end = head.seq;
        async move {
            last.as_ref()?;
            let read = store.read(move |tx| super::export_page(tx, after, CHUNK)).await;
            let entries: Vec<Entry> = match read {
                Ok(entries) => entries.into_iter().filter(|entry| entry.seq <= end).collect(),
                Err(error) => return Some((Err(std::io::Error::other(error)), (store, after, None))),
            };
            let Some(newest) = entries.last().map(|entry| entry.seq) else {
                return last.map(|line| (Ok(Bytes::from(line + "\n")), (store, after, None)));
            };
            let text: String = entries
                .iter()
                .filter_map(|e| serde_json::to_string(e).ok())
                .map(|line| line + "\n")
                .collect();
            Some((Ok(Bytes::from(text)), (store, newest, last)))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}
