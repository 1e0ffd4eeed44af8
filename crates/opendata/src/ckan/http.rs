//! The paths of the Action API. Reading is for everybody; writing is for an officer, whom a token names.
//! Refuses to change anything by a GET.

mod answer;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use identity::routes::{Access, Routes, get, post};
use identity::session::Caller;
use kernel::{ErrorKind, Fault as _};
use serde_json::{Value as Json, json};

use super::{Params, WRITE, act};
use crate::{OpenError, Portal};
use answer::{envelope, open};

pub(crate) fn routes(routes: Routes<Portal>) -> Routes<Portal> {
    // CKAN answers the same below `/api/action`, and clients of either are about.
    routes
        .page(get("/api/3/action/{action}", asked), Access::Public)
        .page(post("/api/3/action/{action}", sent), Access::Public)
        .page(get("/api/action/{action}", asked), Access::Public)
        .page(post("/api/action/{action}", sent), Access::Public)
        .page(get("/api/3", version), Access::Public)
}

async fn version() -> Response {
    open(StatusCode::OK, &json!({ "version": 3 }), true)
}

async fn asked(State(portal): State<Portal>, Path(action): Path<String>, RawQuery(query): RawQuery) -> Response {
    let params = Params::urlencoded(&query.unwrap_or_default());
    if WRITE.contains(&action.as_str()) {
        let refused = OpenError::invalid("message", "this action changes something: send it by POST");
        return envelope(&portal.settings().origin, &action, Err(refused), false);
    }
    done(&portal, &action, &params, &Caller::Anonymous).await
}

async fn sent(
    State(portal): State<Portal>,
    Path(action): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = media_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    let text = std::str::from_utf8(&body).ok();
    let params = match text {
        // Some clients call their JSON a form.
        Some(text) if is_form && !text.trim_start().starts_with('{') => Ok(Params::urlencoded(text)),
        _ => Params::json(&body),
    };
    let caller = match (caller, secret(&headers)) {
        (Caller::Anonymous, Some(secret)) => portal.register().identity().token_caller(secret).await,
        (caller, _) => Ok(caller),
    };
    let caller = caller.map_err(|error| match error.kind() {
        ErrorKind::TooMany { .. } => OpenError::Busy,
        _ => OpenError::TokenMissing,
    });
    match caller.and_then(|caller| Ok((params?, caller))) {
        Ok((params, caller)) => done(&portal, &action, &params, &caller).await,
        Err(error) => envelope(&portal.settings().origin, &action, Err(error), false),
    }
}

/// The token as clients of CKAN send it: alone, in one of two headers. With `Bearer` before it the session layer has found it already.
fn secret(headers: &HeaderMap) -> Option<&str> {
    let names = [header::AUTHORIZATION.as_str(), "x-ckan-api-key"];
    let texts = names.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    texts.map(str::trim).find(|text| text.starts_with("tinhso_"))
}

async fn done(portal: &Portal, action: &str, params: &Params, caller: &Caller) -> Response {
    let is_read = !WRITE.contains(&action);
    match act(portal, action, params, caller.officer()).await {
        Some(done) => envelope(&portal.settings().origin, action, done, is_read),
        None => {
            let words = format!("Bad request - Action name not known: {action}");
            open(StatusCode::BAD_REQUEST, &Json::from(words), false)
        }
    }
}
