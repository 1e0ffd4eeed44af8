//! The operator's pages of the exchange: how far the portal differs from us, every transfer with its reason, one dossier's vector
//! of states with its transfers and receipts, another try. They show codes and states, and nobody's name.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use casework::dossier::DossierId;
use identity::audit::{self, Actor, detail};
use identity::routes::{Access, Routes, get, post};
use identity::session::http::with_notice;
use identity::{Action, Caller};
use kernel::Timestamp;
use store::StoreError;
use uuid::Uuid;
use web::table::TableQuery;
use web::{Page, Reply, Shell, Submitted, see_other};

use super::store as table;
use super::{TransferId, view};
use crate::Exchange;
use crate::carried::store as carried;
use crate::error::ExchangeError;
use crate::http::tabs;
use crate::link::store as links;
use crate::machine::{Drift, Stand};

pub(crate) const DRIFT: &str = "/admin/exchange";
pub(crate) const TRANSFERS: &str = "/admin/exchange/transfers";
/// Rows of one page.
const PAGE_ROWS: i64 = 50;
/// Transfers of one dossier that are shown.
const OF_DOSSIER: i64 = 200;
/// Strays that are shown.
const STRAYS: i64 = 50;

pub(crate) fn routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    let read = Access::Action(Action::JobRead);
    routes
        .page(get("/admin/exchange", drift), read)
        .page(get("/admin/exchange/transfers", transfers), read)
        .page(get("/admin/exchange/dossiers/{id}", dossier), read)
        .page(
            post("/admin/exchange/dossiers/{id}/retry", retry),
            Access::Action(Action::JobRun),
        )
}

async fn drift(State(exchange): State<Exchange>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    exchange
        .casework()
        .identity()
        .require_system(&caller, Action::JobRead)?;
    let shown = view::drift_table(&shell);
    let kind: Option<Drift> = query.chosen(&shown, "drift").and_then(|word| word.parse().ok());
    let first = (Timestamp::MIN, DossierId::from_uuid(Uuid::nil()));
    let after = query.after_key().and_then(key_of).unwrap_or(first);
    let mut found = exchange
        .store()
        .read(move |tx| {
            Ok::<_, StoreError>(view::Overview {
                total: links::total(tx)?,
                gauge: links::gauge(tx)?,
                rows: links::drifting(tx, kind, after, PAGE_ROWS + 1)?,
                strays: table::strays(tx, STRAYS)?,
                line: table::note(tx, crate::pump::LINE)?,
                catalogues: crate::catalogue::last(tx)?,
            })
        })
        .await?;
    let next = next_of(&mut found.rows, |row| {
        (row.track.drift_since.unwrap_or(row.our_at), row.dossier.uuid())
    });
    let title = shell.text("exchange-title");
    let body = maud::html! {
        h1 { (title) }
        (tabs(&shell, DRIFT))
        (view::overview(&shell, &exchange, &found))
        (view::drifting(&shell, &shown, &query, &found.rows, next))
        (view::strays(&shell, &found.strays))
        (view::catalogues(&shell, found.catalogues.as_ref()))
    };
    Ok(Page::new(&shell, title).wide().body(body))
}

/// Cuts a list to one page, and gives the key of its last row when there is more.
fn next_of<T>(rows: &mut Vec<T>, key: impl Fn(&T) -> (Timestamp, Uuid)) -> Option<String> {
    let most = usize::try_from(PAGE_ROWS).unwrap_or(0);
    let more = rows.len() > most;
    rows.truncate(most);
    rows.last().filter(|_| more).map(|last| {
        let (at, id) = key(last);
        format!("{}_{id}", at.as_micros())
    })
}

fn key_of<T: std::str::FromStr>(text: &str) -> Option<(Timestamp, T)> {
    let (at, id) = text.split_once('_')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

async fn transfers(State(exchange): State<Exchange>, shell: Shell, caller: Caller, query: TableQuery) -> Reply {
    exchange
        .casework()
        .identity()
        .require_system(&caller, Action::JobRead)?;
    let shown = view::transfers_table(&shell);
    let stand: Option<Stand> = query.chosen(&shown, "stand").and_then(|word| word.parse().ok());
    let first = (Timestamp::MAX, TransferId::from_uuid(Uuid::max()));
    let before = query.after_key().and_then(key_of).unwrap_or(first);
    let mut rows = exchange
        .store()
        .read(move |tx| table::list(tx, stand, before, PAGE_ROWS + 1))
        .await?;
    let next = next_of(&mut rows, |row| (row.at, row.id.uuid()));
    let ids: Vec<DossierId> = rows.iter().map(|row| row.dossier).collect();
    let codes = exchange.store().read(move |tx| links::codes(tx, &ids)).await?;
    let may_retry = exchange
        .casework()
        .identity()
        .policy()
        .somewhere(&caller, Action::JobRun);
    let title = shell.text("exchange-tab-transfers");
    let body = maud::html! {
        h1 { (title) }
        (tabs(&shell, TRANSFERS))
        (view::transfers(&shell, &shown, &query, &view::Transfers { rows: &rows, codes: &codes, next, may_retry }))
    };
    Ok(Page::new(&shell, title).wide().body(body))
}

async fn dossier(State(exchange): State<Exchange>, shell: Shell, caller: Caller, Path(id): Path<String>) -> Reply {
    exchange
        .casework()
        .identity()
        .require_system(&caller, Action::JobRead)?;
    let id: DossierId = id.parse().map_err(|_| ExchangeError::NotFound)?;
    let shown = exchange
        .store()
        .read(move |tx| {
            Ok::<_, ExchangeError>(view::OneDossier {
                link: links::find(tx, id)?.ok_or(ExchangeError::NotFound)?,
                transfers: table::of_dossier(tx, id, OF_DOSSIER)?,
                receipts: table::kept_receipts(tx, id, OF_DOSSIER)?,
                papers: carried::papers_of(tx, id)?,
                fees: carried::fees(tx, id)?,
            })
        })
        .await?;
    let may_retry = exchange
        .casework()
        .identity()
        .policy()
        .somewhere(&caller, Action::JobRun);
    let body = view::dossier(&shell, &shown, may_retry);
    let crumbs = vec![web::components::Crumb::new(DRIFT, shell.text("exchange-title"))];
    Ok(Page::new(&shell, shown.link.code).wide().crumbs(crumbs).body(body))
}

async fn retry(
    State(exchange): State<Exchange>,
    caller: Caller,
    Path(id): Path<String>,
    form: Submitted,
) -> Reply<Response> {
    exchange.casework().identity().require_system(&caller, Action::JobRun)?;
    let id: DossierId = id.parse().map_err(|_| ExchangeError::NotFound)?;
    let (key, now) = (exchange.id(), exchange.now());
    let who = caller.account().map_or(Actor::Nobody, Actor::Account);
    exchange
        .store()
        .write(move |tx| {
            let link = links::find(tx, id)?.ok_or(ExchangeError::NotFound)?;
            super::settle::again(tx, id, key, now)?;
            audit::append(
                tx,
                who,
                "exchange.retry",
                &id.to_string(),
                detail([("code", link.code)]),
                now,
            )?;
            Ok::<_, ExchangeError>(())
        })
        .await?;
    let back = if form.text("back") == "transfers" {
        TRANSFERS.to_owned()
    } else {
        format!("{DRIFT}/dossiers/{id}")
    };
    Ok(with_notice(see_other(&back).into_response(), "exchange-notice-retried"))
}
