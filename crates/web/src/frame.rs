//! The layers around every route, in one place and one order, from the outside in: client address, security headers,
//! rests of refused bodies, request id and log, compression, language, error pages, panics, load, time, origin, conditional requests, body bound.
//! It refuses to be partly used: a router is framed or it is not served.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header;
use kernel::{ErrorKind, World};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::client::Proxies;
use crate::failure::Failure;
use crate::security::{Headers, Origin};
use crate::shell::{Base, Brand};
use crate::submitted::Spool;
use crate::{assets, cache, client, failure, i18n, linger, security, trace};

/// What the layers need to know. Made by the binary from its configuration.
#[derive(Clone)]
pub struct Frame {
    /// The province.
    pub brand: Arc<Brand>,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// Named proxies, and whether this server speaks TLS itself.
    pub proxies: Proxies,
    /// Other origins that forms may lead to (an identity provider).
    pub form_action: Vec<String>,
    /// Longest time of a request that is no upload.
    pub timeout: Duration,
    /// Most requests at once; more are answered "busy".
    pub concurrency: usize,
    /// Most bytes of a JSON body.
    pub json_bytes_max: usize,
    /// Where uploads are put while they arrive.
    pub spool: PathBuf,
}

impl Frame {
    /// Usual bounds.
    #[must_use]
    pub fn new(brand: Arc<Brand>, world: Arc<dyn World>) -> Self {
        Self {
            brand,
            world,
            proxies: Proxies::default(),
            form_action: Vec::new(),
            timeout: Duration::from_secs(30),
            concurrency: 512,
            json_bytes_max: 256 << 10,
            spool: std::env::temp_dir(),
        }
    }
}

/// Puts the layers, the assets and the answer for unknown paths around a router.
pub fn frame(router: Router, frame: Frame) -> Router {
    let base = Base {
        brand: Arc::clone(&frame.brand),
        world: Arc::clone(&frame.world),
    };
    let compressed = SizeAbove::new(512)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/zip"))
        .and(NotForContentType::const_new("application/vnd.openxmlformats"))
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("font/"));
    router
        .fallback(failure::not_found)
        .layer(DefaultBodyLimit::max(frame.json_bytes_max))
        .layer(axum::Extension(Spool(frame.spool)))
        .layer(axum::Extension(base.clone()))
        .layer(from_fn(cache::layer))
        .layer(from_fn_with_state(
            Origin(frame.brand.origin.clone()),
            security::same_site,
        ))
        .layer(from_fn_with_state(frame.timeout, time))
        .layer(from_fn_with_state(Arc::new(Semaphore::new(frame.concurrency)), load))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(base, failure::layer))
        .layer(from_fn(i18n::layer))
        .merge(assets::routes())
        .layer(CompressionLayer::new().compress_when(compressed))
        .layer(from_fn_with_state(frame.world, trace::layer))
        .layer(from_fn(linger::layer))
        .layer(from_fn_with_state(Headers::new(&frame.form_action), security::headers))
        .layer(from_fn_with_state(frame.proxies, client::layer))
}

/// Ends requests that take too long. Uploads have their own clock in [`crate::submitted::Limits`].
async fn time(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data")) {
        return next.run(request).await;
    }
    match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::new(ErrorKind::Unavailable, "timeout").into_response(),
    }
}

/// Answers "busy" instead of queueing without end; the paths by which operators see the server stay open.
async fn load(State(room): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics") {
        return next.run(request).await;
    }
    match room.try_acquire() {
        Ok(_permit) => next.run(request).await,
        Err(_) => {
            metrics::counter!("http_shed_total").increment(1);
            Failure::new(ErrorKind::Busy { retry_after_s: 3 }, "busy").into_response()
        }
    }
}

/// A panic in a handler is an internal fault: the page shows a request id, the log the words.
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let words = words
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    metrics::counter!("http_panics_total").increment(1);
    Failure::internal(format!("a handler panicked: {words}")).into_response()
}
