//! The simulated portal over HTTP: sockets, a clock and a small page around the pure machine. It answers as the seed decides, tells
//! the province what was filed, and shows what it holds. Refuses to listen beyond this machine.

mod page;
mod push;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{StatusCode, header};
use kernel::{SignedDuration, World};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::faults::{AnswerFate, Fault, Plan, RequestFate};
use super::state::Portal;
use crate::wire::{Dialect, Listed};

/// Longest time on the way that is simulated here: tests and people wait for it.
const DELAY_MAX: SignedDuration = SignedDuration::from_secs(3);
/// Largest body.
const BODY_MAX: usize = 8 << 20;

/// What the simulator is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Everything that goes wrong follows from it.
    pub seed: u64,
    /// Kinds of faults.
    pub faults: Vec<Fault>,
    /// How often each kind strikes, of a thousand.
    pub permille: u64,
    /// Whether keys of transfers are remembered.
    pub keeps_keys: bool,
    /// Where the province listens, without a slash at the end; none: it is told nothing.
    pub province: Option<String>,
    /// Name and password by which we speak there.
    pub credentials: (String, String),
    /// Procedures that it knows.
    pub procedures: Vec<Listed>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            faults: Vec::new(),
            permille: 100,
            keeps_keys: true,
            province: None,
            credentials: ("cong-quoc-gia".to_owned(), "mo-phong".to_owned()),
            procedures: Vec::new(),
        }
    }
}

struct Inner {
    world: Arc<dyn World>,
    dialect: Dialect,
    portal: Mutex<Portal>,
    plan: Mutex<Plan>,
    out: Mutex<bool>,
    settings: Settings,
}

/// A running simulator. Dropping it ends it.
pub struct Running {
    inner: Arc<Inner>,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Running {
    /// Where it listens, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Looks at what it holds, or spoils it.
    pub fn with<T>(&self, look: impl FnOnce(&mut Portal) -> T) -> T {
        look(&mut self.inner.portal.lock())
    }

    /// Takes it out, or brings it back.
    pub fn set_out(&self, out: bool) {
        *self.inner.out.lock() = out;
    }

    /// Ends all faults.
    pub fn end_faults(&self) {
        self.inner.plan.lock().end();
    }

    /// Waits until it ends by itself, which it does not.
    pub async fn serve(mut self) {
        for task in std::mem::take(&mut self.tasks) {
            // It ends when the process does.
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Starts a simulator on a listener of this machine.
/// # Errors
/// When the listener is not of this machine, or cannot be used.
pub fn start(listener: std::net::TcpListener, world: Arc<dyn World>, settings: Settings) -> std::io::Result<Running> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(std::io::Error::other("a simulator listens on this machine alone"));
    }
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let plan = Plan::new(settings.seed, &settings.faults, settings.permille, DELAY_MAX);
    let dialect = Dialect::default();
    let mut portal = Portal::new(dialect.clone(), settings.keeps_keys, plan.skew());
    portal.publish(settings.procedures.clone());
    portal.listens_at(&format!("http://{address}"));
    let inner = Arc::new(Inner {
        world,
        dialect,
        portal: Mutex::new(portal),
        plan: Mutex::new(plan),
        out: Mutex::new(false),
        settings,
    });
    let router = Router::new()
        .route("/", get(page::page))
        .route("/file", post(page::file))
        .route("/act", post(page::act))
        .route("/files/{id}", get(content))
        .route("/session", post(session))
        .route("/service", post(service))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_MAX))
        .with_state(inner.clone());
    let served = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the simulated portal ended");
        }
    });
    let mut tasks = vec![served];
    if inner.settings.province.is_some() {
        tasks.push(tokio::spawn(push::run(inner.clone())));
    }
    Ok(Running { inner, address, tasks })
}

impl Inner {
    fn is_out(&self) -> bool {
        *self.out.lock() || self.plan.lock().is_out(self.world.now())
    }
}

fn answer(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

fn out() -> Response {
    answer(
        StatusCode::BAD_GATEWAY,
        "text/html; charset=utf-8",
        b"<!doctype html><title>502</title><h1>502 Bad Gateway</h1>".to_vec(),
    )
}

/// A request that is never answered: its connection is held until the other side gives up.
async fn silence() -> Response {
    tokio::time::sleep(Duration::from_secs(120)).await;
    out()
}

async fn session(State(inner): State<Arc<Inner>>, _body: Bytes) -> Response {
    if inner.is_out() {
        return out();
    }
    let body = inner.portal.lock().sign_in();
    answer(StatusCode::OK, "application/json", body.to_string().into_bytes())
}

async fn service(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    if inner.is_out() {
        return out();
    }
    let fate = inner.plan.lock().draw();
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return answer(StatusCode::BAD_REQUEST, "text/plain", b"no JSON".to_vec());
    };
    let way = match fate.request {
        RequestFate::Lost => return silence().await,
        RequestFate::Arrives(way) => way,
        RequestFate::Twice(way, again) => {
            let (inner, body) = (inner.clone(), body.clone());
            tokio::spawn(async move {
                tokio::time::sleep(duration(again)).await;
                let now = inner.world.now();
                inner.portal.lock().answer(&body, now);
            });
            way
        }
    };
    // The usual time on a real line is the loopback's own here.
    if way > SignedDuration::from_millis(50) {
        tokio::time::sleep(duration(way)).await;
    }
    let now = inner.world.now();
    let said = match fate.answer {
        AnswerFate::FalseYes => serde_json::json!({ "error_code": "0" }),
        _ => inner.portal.lock().answer(&body, now),
    };
    spoken(fate.answer, said.to_string().into_bytes()).await
}

async fn spoken(fate: AnswerFate, text: Vec<u8>) -> Response {
    let json = |body: Vec<u8>| answer(StatusCode::OK, "application/json", body);
    match fate {
        AnswerFate::Plain | AnswerFate::FalseYes => json(text),
        AnswerFate::Lost => silence().await,
        AnswerFate::Html => answer(
            StatusCode::OK,
            "text/html",
            b"<!doctype html><title>Bao tri</title>".to_vec(),
        ),
        AnswerFate::Half => json(text.get(..text.len() / 2).unwrap_or_default().to_vec()),
        AnswerFate::Strange => json(b"{\"ok\":true}".to_vec()),
        AnswerFate::FalseNo => json(
            "{\"error_code\":\"9\",\"message\":\"lỗi hệ thống\"}"
                .as_bytes()
                .to_vec(),
        ),
    }
}

/// A file that lies here.
async fn content(State(inner): State<Arc<Inner>>, Path(id): Path<String>) -> Response {
    if inner.is_out() {
        return out();
    }
    match inner.portal.lock().content(&id) {
        Some(bytes) => answer(StatusCode::OK, "application/octet-stream", bytes.to_vec()),
        None => answer(StatusCode::NOT_FOUND, "text/plain", Vec::new()),
    }
}

fn duration(way: SignedDuration) -> Duration {
    Duration::try_from(way).unwrap_or_default()
}
