//! The address at which other logs ask this province to cosign their checkpoints. It is public, because the signature of the log
//! is the right; whoever has none learns nothing but the size that was cosigned last.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use identity::routes::{Access, Routes, post};
use web::Reply;

use super::{Answered, Refusal, Request, cosign};
use crate::error::LedgerError;
use crate::house::Ledger;

pub(crate) fn routes(routes: Routes<Ledger>) -> Routes<Ledger> {
    routes.page(post("/log/witness/add-checkpoint", add_checkpoint), Access::Public)
}

async fn add_checkpoint(State(ledger): State<Ledger>, body: Bytes) -> Reply<Response> {
    Ok(match ledger.witness(&body).await? {
        Answered::Cosigned(line) => text(StatusCode::OK, "text/plain; charset=utf-8", format!("{line}\n")),
        Answered::Refused(refusal) => refused(refusal),
    })
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The status of each refusal is laid down by c2sp.org/tlog-witness.
fn refused(refusal: Refusal) -> Response {
    let status = match refusal {
        Refusal::Malformed => StatusCode::BAD_REQUEST,
        Refusal::Unknown => StatusCode::NOT_FOUND,
        Refusal::Unsigned => StatusCode::FORBIDDEN,
        Refusal::Elsewhere(size) => return text(StatusCode::CONFLICT, "text/x.tlog.size", format!("{size}\n")),
        Refusal::Forked => StatusCode::CONFLICT,
        Refusal::Inconsistent => StatusCode::UNPROCESSABLE_ENTITY,
    };
    text(status, "text/plain; charset=utf-8", format!("{refusal}\n"))
}

impl Ledger {
    /// Answers a log that asks for a cosignature.
    pub(crate) async fn witness(&self, body: &[u8]) -> Result<Answered, LedgerError> {
        let Some((_, logs)) = self.witnessing() else {
            return Ok(Answered::Refused(Refusal::Unknown));
        };
        let request = match Request::read(body) {
            Ok(request) => request,
            Err(refusal) => return Ok(Answered::Refused(refusal)),
        };
        if let Err(refusal) = request.held_by(logs) {
            return Ok(Answered::Refused(refusal));
        }
        let (ledger, now) = (self.clone(), self.now());
        self.store()
            .write(move |tx| match ledger.witnessing() {
                Some((signer, _)) => cosign(tx, signer, &request, now),
                None => Ok(Answered::Refused(Refusal::Unknown)),
            })
            .await
    }
}
