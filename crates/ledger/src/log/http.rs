//! The log over HTTP: a page that says how it fares, and what clients of logs fetch: the checkpoint, tiles, bundles, proofs. All of
//! it is public, and tiles never change once they are whole.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use identity::routes::{Access, Routes, get};
use store::StoreError;
use web::{Page, Reply, Shell};

use super::{head, served};
use crate::checkpoint::read_size;
use crate::error::LedgerError;
use crate::house::Ledger;
use crate::tile::TileName;
use crate::view;

/// Seconds for which a checkpoint may be kept: it is replaced within the second.
const FRESH: HeaderValue = HeaderValue::from_static("public, max-age=1");
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

pub(crate) fn routes(routes: Routes<Ledger>) -> Routes<Ledger> {
    routes
        .page(get("/log", page), Access::Public)
        .page(get("/log/checkpoint", checkpoint), Access::Public)
        .page(get("/log/tile/{*path}", tile), Access::Public)
        .page(get("/log/proofs/{index}", proof), Access::Public)
}

fn plain(body: impl IntoResponse, kind: HeaderValue, kept: HeaderValue) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, kept);
    // Other sites may read it: clients in a browser are clients too.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

async fn page(State(ledger): State<Ledger>, shell: Shell) -> Reply {
    let standing = ledger.standing().await?;
    Ok(Page::new(&shell, shell.text("ledger-title")).body(view::standing(&shell, &ledger, &standing)))
}

async fn checkpoint(State(ledger): State<Ledger>) -> Reply<Response> {
    let reader = ledger.clone();
    let note = ledger
        .store()
        .read(move |tx| {
            let head = head(tx)?.ok_or(LedgerError::NotFound)?;
            Ok::<_, LedgerError>(reader.cosigned_note(tx, &head)?.0)
        })
        .await?;
    Ok(plain(note.to_string(), TEXT, FRESH))
}

async fn tile(State(ledger): State<Ledger>, Path(path): Path<String>) -> Reply<Response> {
    let name: TileName = format!("tile/{path}").parse().map_err(|_| LedgerError::NotFound)?;
    let found = ledger
        .store()
        .look_up(move |tx| served(tx, name))
        .await
        .map_err(|error: StoreError| LedgerError::from(error))?;
    let content = found.ok_or(LedgerError::NotFound)?;
    Ok(plain(content, BYTES, IMMUTABLE))
}

/// The proof of an entry under the newest checkpoint, in the form of c2sp.org/tlog-proof.
async fn proof(State(ledger): State<Ledger>, Path(index): Path<String>) -> Reply<Response> {
    let index = read_size(&index).ok_or(LedgerError::NotFound)?;
    let reader = ledger.clone();
    let proven = ledger.store().read(move |tx| reader.proven(tx, index)).await?;
    let mut response = plain(proven.proof.to_string(), TEXT, FRESH);
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{index}.tlog-proof\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
