//! The simulated portal over HTTP: sockets, a clock and a small page around the pure machine. It answers as the seed decides, tells
//! the province what was filed, and shows what it holds. Refuses to listen beyond this machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use http::{StatusCode, header};
use kernel::{SignedDuration, World};
use maud::{DOCTYPE, Markup, html};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::faults::{AnswerFate, Fault, Plan, RequestFate};
use super::state::{Filing, Portal};
use crate::wire::{Applicant, Content, Dialect, ItemVerdict, Listed, Reason, portal_time, read};

/// Longest time on the way that is simulated here: tests and people wait for it.
const DELAY_MAX: SignedDuration = SignedDuration::from_secs(3);
/// Between two looks for what the province has to be told.
const PUSH_EVERY: Duration = Duration::from_millis(250);
/// Dossiers that the page shows.
const SHOWN: usize = 100;
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
    let inner = Arc::new(Inner {
        world,
        dialect,
        portal: Mutex::new(portal),
        plan: Mutex::new(plan),
        out: Mutex::new(false),
        settings,
    });
    let router = Router::new()
        .route("/", get(page))
        .route("/file", post(file))
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
        tasks.push(tokio::spawn(push(inner.clone())));
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

fn duration(way: SignedDuration) -> Duration {
    Duration::try_from(way).unwrap_or_default()
}

/// Tells the province what was filed, again and again until it says yes.
async fn push(inner: Arc<Inner>) {
    let Some(province) = inner.settings.province.clone() else {
        return;
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .no_proxy()
        .build();
    let Ok(client) = client else {
        tracing::error!("the simulated portal has no way out");
        return;
    };
    let mut session = String::new();
    loop {
        tokio::time::sleep(PUSH_EVERY).await;
        if inner.is_out() {
            continue;
        }
        let due = inner.portal.lock().pushes_due(inner.world.now());
        for (code, request) in due {
            if session.is_empty() {
                session = sign_in(&inner, &client, &province).await.unwrap_or_default();
            }
            let fate = inner.plan.lock().draw();
            let times = match fate.request {
                RequestFate::Lost => 0,
                RequestFate::Arrives(_) => 1,
                RequestFate::Twice(..) => 2,
            };
            let body = request.body(&inner.dialect, &session, "G22");
            let mut content = Content::Nothing(Reason::Timeout);
            for _ in 0..times {
                content = post_json(&client, &format!("{province}/api/exchange/national"), &body).await;
            }
            let heard = read(&inner.dialect, &content, &[code.as_str()]);
            if heard.line == Some(Reason::Session) {
                session.clear();
            }
            // A lost answer is a yes that was not heard.
            let taken = heard.items.first() == Some(&ItemVerdict::Accepted) && fate.answer != AnswerFate::Lost;
            let now = inner.world.now();
            inner.portal.lock().pushed(&code, taken, now);
        }
    }
}

async fn post_json(client: &reqwest::Client, url: &str, body: &Value) -> Content {
    match client.post(url).json(body).send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            let bytes = answer.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default();
            Content::Body(status, bytes)
        }
        Err(error) if error.is_connect() => Content::Nothing(Reason::Unreachable),
        Err(_) => Content::Nothing(Reason::Timeout),
    }
}

async fn sign_in(inner: &Inner, client: &reqwest::Client, province: &str) -> Option<String> {
    let (user, password) = &inner.settings.credentials;
    let mut body = Map::new();
    body.insert(inner.dialect.name("username").to_owned(), user.clone().into());
    body.insert(inner.dialect.name("password").to_owned(), password.clone().into());
    let content = post_json(
        client,
        &format!("{province}/api/exchange/national/session"),
        &Value::Object(body),
    )
    .await;
    let Content::Body(200, bytes) = content else {
        return None;
    };
    let body: Value = serde_json::from_slice(&bytes).ok()?;
    body.get(inner.dialect.name("session"))?.as_str().map(str::to_owned)
}

/// What is typed on the page.
#[derive(Debug, Deserialize)]
struct Typed {
    procedure: String,
    agency: String,
    name: String,
    number: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    address: String,
}

async fn file(State(inner): State<Arc<Inner>>, Form(typed): Form<Typed>) -> Response {
    let filing = Filing {
        procedure: typed.procedure.trim().to_owned(),
        agency: typed.agency.trim().to_owned(),
        applicant: Applicant {
            name: typed.name.trim().to_owned(),
            number: typed.number.trim().to_owned(),
            phone: typed.phone.trim().to_owned(),
            address: typed.address.trim().to_owned(),
            ..Applicant::default()
        },
    };
    let now = inner.world.now();
    inner.portal.lock().file(&filing, now);
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response()
}

async fn page(State(inner): State<Arc<Inner>>) -> Markup {
    let faults: Vec<&str> = inner.settings.faults.iter().map(|fault| fault.word()).collect();
    let portal = inner.portal.lock();
    html! {
        (DOCTYPE)
        html lang="vi" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Cổng quốc gia mô phỏng" }
            }
            body {
                main {
                    h1 { "Cổng dịch vụ công quốc gia (mô phỏng)" }
                    p { "Hạt giống " (inner.settings.seed) "; lỗi: " @if faults.is_empty() { "không" } @else { (faults.join(", ")) }
                        @if inner.is_out() { strong { " – đang gián đoạn" } } }
                    (form())
                    (held(&portal))
                }
            }
        }
    }
}

fn form() -> Markup {
    let field = |name: &str, label: &str, value: &str| {
        html! { p { label for=(name) { (label) } " " input id=(name) name=(name) value=(value); } }
    };
    html! {
        h2 { "Nộp hồ sơ" }
        form method="post" action="/file" {
            (field("procedure", "Mã thủ tục", "1.003677"))
            (field("agency", "Mã cơ quan", "H27.15"))
            (field("name", "Họ tên", "Trần Thị Hoa"))
            (field("number", "Số định danh", "042190300014"))
            (field("phone", "Điện thoại", "0912345678"))
            (field("address", "Địa chỉ", "Tổ 3"))
            p { button { "Nộp" } }
        }
    }
}

fn held(portal: &Portal) -> Markup {
    html! {
        h2 { "Hồ sơ (" (portal.dossiers().len()) ")" }
        table {
            thead { tr { th scope="col" { "Mã" } th scope="col" { "Thủ tục" } th scope="col" { "Trạng thái" } th scope="col" { "Cập nhật" } th scope="col" { "Các bước" } } }
            tbody {
                @for (code, held) in portal.dossiers().iter().rev().take(SHOWN) {
                    tr {
                        th scope="row" { (code) }
                        td { (held.sync.procedure) }
                        td data-state=(held.state) { (held.state) }
                        td { (portal_time(held.stamp)) }
                        td { @for step in &held.steps { (step.text) "; " } }
                    }
                }
            }
        }
    }
}
