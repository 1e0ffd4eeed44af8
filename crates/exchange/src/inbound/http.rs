//! The addresses at which the portal opens a session and asks. They are public, because the password and the session are the
//! right; whoever has neither learns nothing.

use axum::body::Bytes;
use axum::extract::State;
use identity::routes::{Access, Routes};
use serde_json::{Map, Value};
use utoipa_axum::routes;
use web::{Json, Reply};

use crate::Exchange;
use crate::error::ExchangeError;

/// Largest body.
const BYTES_MAX: usize = 2 << 20;

pub(crate) fn routes(routes: Routes<Exchange>) -> Routes<Exchange> {
    routes
        .api(routes!(open_session), Access::Public)
        .api(routes!(ask), Access::Public)
}

fn json(body: &[u8]) -> Result<Value, ExchangeError> {
    if body.len() > BYTES_MAX {
        return Err(ExchangeError::Unreadable);
    }
    serde_json::from_slice(body).map_err(|_| ExchangeError::Unreadable)
}

/// Open a session for the national portal
///
/// The body is `{username, password}`, the answer `{error_code, session}`; a session lasts 30 minutes. Names of fields are
/// those of the configured dialect.
#[utoipa::path(post, path = "/api/exchange/national/session", tag = "exchange",
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = Value), (status = 401, description = "No such user and password"),
        (status = 404, description = "No portal is set up"), (status = 422, description = "The body is no JSON")))]
async fn open_session(State(exchange): State<Exchange>, body: Bytes) -> Reply<Json<Value>> {
    exchange.portal()?;
    let body = json(&body)?;
    let dialect = exchange.dialect();
    let text = |name: &str| body.get(dialect.name(name)).and_then(Value::as_str).unwrap_or_default();
    let session = exchange.open_session(text("username"), text("password"))?;
    let mut answer = Map::new();
    answer.insert(dialect.name("error_code").to_owned(), "0".into());
    answer.insert(dialect.name("session").to_owned(), session.into());
    Ok(Json(Value::Object(answer)))
}

/// Tell or ask as the national portal
///
/// The body is `{session, madonvi, service, isUpdating, data: […]}` with the services `LayDanhSachTTHC`, `LayThuTuc`,
/// `DongBoHoSoMC`, `CapNhatTienDoHoSoMC` and `TraCuuHoSo`. Each item is answered by its `MaHoSo` and `error_code`; a dossier
/// that was taken in by a signed receipt (`MaBienNhan`). The same again changes nothing and answers the same.
#[utoipa::path(post, path = "/api/exchange/national", tag = "exchange",
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = Value), (status = 404, description = "No portal is set up"),
        (status = 422, description = "The body is no JSON")))]
async fn ask(State(exchange): State<Exchange>, body: Bytes) -> Reply<Json<Value>> {
    exchange.portal()?;
    let body = json(&body)?;
    Ok(Json(exchange.serve(&body).await?))
}
