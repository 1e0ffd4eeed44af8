//! Conditional requests for public pages: a weak tag of the content, and 304 when the client has it.
//! It refuses to touch what is private (`no-store`), streamed or large. RFC 9110 section 13.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use ring::digest;

/// Largest answer that is tagged, in bytes.
const TAGGED_MAX: usize = 1 << 20;

/// Tags public answers to GET and answers 304 where the tag is known.
pub(crate) async fn layer<F: Future<Output = Response>>(request: Request, next: impl FnOnce(Request) -> F) -> Response {
    let get = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next(request).await;
    if !get || response.status() != StatusCode::OK || !is_public(response.headers()) {
        return response;
    }
    if response.headers().contains_key(header::ETAG) {
        return answer(response, known.as_ref());
    }
    let (mut parts, body) = response.into_parts();
    let size = axum::body::HttpBody::size_hint(&body).exact();
    if size.is_none_or(|size| size > TAGGED_MAX as u64) {
        return Response::from_parts(parts, body);
    }
    match to_bytes(body, TAGGED_MAX).await {
        Ok(bytes) => {
            parts.headers.insert(header::ETAG, weak_tag(&bytes));
            answer(Response::from_parts(parts, Body::from(bytes)), known.as_ref())
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn is_public(headers: &HeaderMap) -> bool {
    let control = headers
        .get(header::CACHE_CONTROL)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("no-store");
    !control.contains("no-store") && !control.contains("private")
}

/// A weak tag (`W/"…"`) of some content.
#[must_use]
pub fn weak_tag(bytes: &[u8]) -> HeaderValue {
    let hash = digest::digest(&digest::SHA256, bytes);
    let tag = format!("W/\"{}\"", hex::encode(&hash.as_ref()[..12]));
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("W/\"0\""))
}

/// Whether an `If-None-Match` names this tag; tags are compared weakly.
#[must_use]
pub fn is_known(known: Option<&HeaderValue>, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    match (known.and_then(|k| k.to_str().ok()), tag.to_str()) {
        (Some("*"), Ok(_)) => true,
        (Some(known), Ok(tag)) => known.split(',').take(50).any(|k| opaque(k) == opaque(tag)),
        _ => false,
    }
}

fn answer(response: Response, known: Option<&HeaderValue>) -> Response {
    let same = response
        .headers()
        .get(header::ETAG)
        .is_some_and(|tag| is_known(known, tag));
    if !same {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}
