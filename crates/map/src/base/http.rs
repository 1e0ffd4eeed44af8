//! The tiles of the base map. Everybody may ask for them. Owns how a packed tile is sent; refuses tiles that the grid does not have.
//! Standard: RFC 9110 (content coding).

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use identity::routes::{Access, Routes, get};
use web::Reply;

use super::{Content, unpacked};
use crate::error::MapError;
use crate::house::Map;
use crate::tile::http::MEDIA_TYPE;

pub(crate) fn routes(routes: Routes<Map>) -> Routes<Map> {
    routes.page(get("/map/base/{z}/{x}/{y}", tile), Access::Public)
}

async fn tile(
    State(map): State<Map>,
    Path((z, x, y)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Reply<Response> {
    if map.base().is_none() {
        return Err(MapError::NotFound.into());
    }
    let number = |text: &str| text.parse::<u32>().map_err(|_| MapError::Range("tile"));
    let (z, x, y) = (number(&z)?, number(&x)?, number(&y)?);
    let z = u8::try_from(z)
        .ok()
        .filter(|z| *z <= 26)
        .ok_or(MapError::Range("zoom"))?;
    if x >= 1 << z || y >= 1 << z {
        return Err(MapError::Range("tile").into());
    }
    let takes_gzip = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"));
    let read = tokio::task::spawn_blocking(move || {
        let base = map.base().ok_or(MapError::NotFound)?;
        let media_type = match base.content {
            Content::Vector => MEDIA_TYPE,
            Content::Picture(media_type) => media_type,
        };
        let is_packed = base.packed && takes_gzip;
        let tile = base.tile(z, x, y)?;
        let tile = tile
            .map(|tile| unpacked(tile, base.packed && !takes_gzip))
            .transpose()?;
        Ok::<_, MapError>((tile, media_type, is_packed))
    });
    let (tile, media_type, is_packed) = read.await.map_err(|_| MapError::Drawing)??;
    let Some(tile) = tile else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let mut response = ([(header::CONTENT_TYPE, media_type)], tile).into_response();
    let headers = response.headers_mut();
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    Ok(response)
}
