//! The layers around every route, in one place and one order, from the outside in: client address, security headers,
//! rests of refused bodies, request id and log, compression, language, error pages, panics, load, time, origin, conditional requests, body bound.
//! It refuses to be partly used: a router is framed or it is not served.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header;
use kernel::{ErrorKind, World};
use tokio::sync::Semaphore;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::client::Proxies;
use crate::failure::Failure;
use crate::security::Headers;
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
    let around = Arc::new(Around {
        base: base.clone(),
        headers: Headers::new(&frame.form_action),
        proxies: frame.proxies,
        timeout: frame.timeout,
        room: Semaphore::new(frame.concurrency),
        // A quarter is kept for reading: who asks how things stand is answered while many send.
        sending: Semaphore::new((frame.concurrency * 3 / 4).max(1)),
    });
    router
        .fallback(failure::not_found)
        .layer(DefaultBodyLimit::max(frame.json_bytes_max))
        .layer(axum::Extension(Spool(frame.spool.into())))
        .layer(axum::Extension(base))
        .layer(from_fn_with_state(Arc::clone(&around), inside))
        .merge(assets::routes())
        .layer(CompressionLayer::new().compress_when(compressed))
        .layer(from_fn_with_state(around, outside))
}

/// What the layers share. They are two functions and not a dozen layers of the router: each layer of the router clones,
/// at each request, everything that lies inside it.
struct Around {
    base: Base,
    headers: Headers,
    proxies: Proxies,
    timeout: Duration,
    room: Semaphore,
    /// Of it, what may send.
    sending: Semaphore,
}

/// What is around everything, assets included.
async fn outside(State(around): State<Arc<Around>>, mut request: Request, next: Next) -> Response {
    client::find(&around.proxies, &mut request);
    let request = linger::hold(request);
    let world = &*around.base.world;
    security::headers(&around.headers, request, |request| {
        trace::layer(world, request, |request| next.run(request))
    })
    .await
}

/// What is around pages and interfaces.
async fn inside(State(around): State<Arc<Around>>, request: Request, next: Next) -> Response {
    let own = around.base.brand.origin.as_deref();
    let run = |request| cache::layer(request, |request| next.run(request));
    let run = |request| security::same_site(own, request, run);
    let run = |request| time(around.timeout, request, run);
    let run = |request| load((&around.room, &around.sending), request, run);
    let run = |request| panics(request, run);
    let run = |request| failure::layer(&around.base, request, run);
    i18n::layer(request, run).await
}

/// Ends requests that take too long. Uploads have their own clock in [`crate::submitted::Limits`].
async fn time<F: Future<Output = Response>>(
    longest: Duration,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data")) {
        return next(request).await;
    }
    match tokio::time::timeout(longest, next(request)).await {
        Ok(response) => response,
        Err(_) => Failure::new(ErrorKind::Unavailable, "timeout").into_response(),
    }
}

/// Answers "busy" instead of queueing without end; the paths by which operators see the server stay open.
async fn load<F: Future<Output = Response>>(
    (room, sending): (&Semaphore, &Semaphore),
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    if matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics") {
        return next(request).await;
    }
    let reads = request.method().is_safe();
    let sends = (!reads).then(|| sending.try_acquire()).transpose();
    match (sends, room.try_acquire()) {
        (Ok(_sends), Ok(_permit)) => next(request).await,
        _ => {
            metrics::counter!("http_shed_total").increment(1);
            Failure::new(ErrorKind::Busy { retry_after_s: 3 }, "busy").into_response()
        }
    }
}

/// Turns a panic of a handler into an answer: nothing that lies inside is used after it.
async fn panics<F: Future<Output = Response>>(request: Request, next: impl FnOnce(Request) -> F) -> Response {
    match AssertUnwindSafe(next(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => panicked(&*panic),
    }
}

/// A panic in a handler is an internal fault: the page shows a request id, the log the words.
fn panicked(panic: &(dyn Any + Send)) -> Response {
    let words = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let words = words
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    metrics::counter!("http_panics_total").increment(1);
    Failure::internal(format!("a handler panicked: {words}")).into_response()
}
