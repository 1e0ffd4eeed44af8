//! Request ids, the request log and its metrics. A line names the route (`/dossiers/{id}`), never the path, query, body or
//! any header: these may hold personal data.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use kernel::World;

/// The id of one request: 16 hexadecimal digits, shown on error pages and in `X-Request-Id`. An extractor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestId(Arc<str>);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Gives the request its id, logs it when it is answered, and counts it.
pub(crate) async fn layer<F: Future<Output = Response>>(
    world: &dyn World,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let mut bytes = [0; 8];
    world.fill(&mut bytes);
    let id = RequestId(Arc::from(hex::encode(bytes)));
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|p| p.as_str().to_owned());
    let route = route.unwrap_or_else(|| "-".to_owned());
    let began = Instant::now();
    let mut response = next(request).await;
    let spent = began.elapsed();
    let status = response.status().as_u16();
    tracing::info!(request_id = %id, %method, route, status, us = spent.as_micros() as u64, "request");
    let labels = [
        ("method", method.to_string()),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::histogram!("http_request_seconds", &labels[..2]).record(spent.as_secs_f64());
    metrics::counter!("http_requests_total", &labels).increment(1);
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}
