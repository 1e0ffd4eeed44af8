//! What operators and machines ask of the program itself: is it alive, is it ready, how is it doing, which
//! interfaces it has. Nothing personal is in any of these answers. Metrics are given to this machine and to
//! the addresses that the configuration names, to nobody else.

use crate::Error;
use crate::config::Config;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use identity::routes::get;
use identity::{Access, Identity, Routes};
use kernel::{Bilingual, Lang};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use store::Store;
use web::Failure;
use web::client::{Client, Proxy};

/// The texts of the program itself.
pub(crate) const TEXT: web::Source = web::Source {
    name: "tinhso",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

/// Upper bounds of histogram buckets, in seconds.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The one recorder of this process. Installing twice (tests with several apps) gives the first.
fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets(SECONDS)
            .expect("the list of buckets is not empty");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Another recorder in this process keeps its place; ours then shows nothing, and says so.
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed; /metrics stays empty");
        }
        handle
    })
}

/// Routes by which operators and supervisors look at the program.
/// # Errors
/// `Error::Config` when `listen.metrics_from` names no address.
pub(crate) fn routes(identity: &Identity, config: &Config) -> Result<Routes, Error> {
    let allowed = config
        .listen
        .metrics_from
        .iter()
        .map(|text| Proxy::from_str(text))
        .collect::<Result<Vec<_>, _>>();
    let allowed: Arc<[Proxy]> = allowed
        .map_err(|e| Error::Config(format!("listen.metrics_from: {e}")))?
        .into();
    let handle = recorder();
    let store = identity.store().clone();
    Ok(Routes::new(identity)
        .page(
            get("/healthz", || async { plain(StatusCode::OK, "ok\n") }),
            Access::Public,
        )
        .page(get("/readyz", move || ready(store.clone())), Access::Public)
        .page(
            get("/metrics", move |client: Client| {
                metrics_page(client, allowed.clone(), handle)
            }),
            Access::Public,
        ))
}

async fn ready(store: Store) -> Response {
    match store.ready().await {
        Ok(()) => plain(StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}

async fn metrics_page(
    client: Client,
    allowed: Arc<[Proxy]>,
    handle: &'static PrometheusHandle,
) -> Result<Response, Failure> {
    if !client.addr.to_canonical().is_loopback() && !allowed.iter().any(|block| block.holds(client.addr)) {
        return Err(Failure::forbidden());
    }
    handle.run_upkeep();
    let mut response = plain(StatusCode::OK, handle.render());
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn plain(status: StatusCode, body: impl Into<String>) -> Response {
    let mut response = (status, body.into()).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A text of this crate in both languages.
#[must_use]
pub(crate) fn bilingual(key: &str) -> Bilingual {
    Bilingual::new(web::text(Lang::Vi, key), web::text(Lang::En, key))
}
