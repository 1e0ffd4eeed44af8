//! The program inside the test's own process: the real router over a store of either engine, with the test's clock and
//! chance, the province of Hà Tĩnh loaded. Requests go through every layer but not through a socket; people are signed in
//! by minting their sessions. Use `program` where the process itself matters.

use std::net::SocketAddr;

use ::store::EngineKind;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use identity::account::{By, NewOfficer, NewRole};
use identity::session::Level;
use identity::sign_in::claims::ClaimedIdentity;
use identity::unit::UnitKind;
use identity::{AccountId, Role, UnitId};
use testkit::TestStore;
use tinhso::{App, Config};
use tower::ServiceExt as _;

/// The longest answer that a test reads into memory.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// A running province.
pub struct TestApp {
    pub app: App,
    store: TestStore,
}

/// Somebody with a session: what her browser would send.
#[derive(Debug, Clone)]
pub struct Person {
    /// What to call her when a test fails.
    pub name: String,
    cookie: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// Where it redirects to.
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The stable code of a problem.
    pub fn code(&self) -> Option<String> {
        let json: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        json.get("code")?.as_str().map(str::to_owned)
    }
}

impl TestApp {
    /// A province with units and procedures on this engine; `None` where PostgreSQL is not at hand.
    pub async fn start(engine: EngineKind) -> Option<Self> {
        Self::start_as(engine, |_| {}).await
    }

    /// As [`TestApp::start`], with a configuration of the test's own.
    pub async fn start_as(engine: EngineKind, configure: impl FnOnce(&mut Config)) -> Option<Self> {
        super::install_crypto();
        let store = testkit::engines::on(engine, tinhso::place::MIGRATIONS).await?;
        tinhso::command::make::load_areas(&store).await.unwrap();
        tinhso::command::make::load_units(&store, "ha-tinh").await.unwrap();
        tinhso::command::make::load_shipped_procedures(&store).await.unwrap();
        let mut config = Config::for_data("ha-tinh", &store.root().join("data"));
        config.typesetter = Some(super::program::binary());
        configure(&mut config);
        let app = App::over(config, store.store().clone()).await.unwrap();
        Some(Self { app, store })
    }

    /// A unit of this kind.
    pub fn unit(&self, kind: UnitKind) -> UnitId {
        let book = self.app.identity.units();
        let found = book.all().find(|unit| unit.kind == kind);
        found.unwrap_or_else(|| panic!("the province has no {kind:?}")).id
    }

    /// An officer in a role at a unit, signed in with her second factor.
    pub async fn officer(&self, name: &str, role: Role, unit: UnitId) -> Person {
        let new = NewOfficer {
            login: name.to_owned(),
            name: format!("Cán bộ {name}"),
            password: Some("mot-mat-khau-dai-cho-thu-nghiem".to_owned()),
            must_change: false,
            role: NewRole {
                role,
                unit,
                valid_from: None,
                valid_to: None,
                reason: "thử nghiệm".to_owned(),
            },
        };
        let opened = self.app.identity.open_officer(&By::System, new).await.unwrap();
        self.signed_in(name, opened.account, Level::PasswordTotp).await
    }

    /// A citizen with this personal number, signed in by her electronic identity.
    pub async fn citizen(&self, name: &str, number: &str) -> Person {
        let claimed = ClaimedIdentity {
            subject: format!("subject-{number}"),
            number: number.parse().unwrap(),
            name: name.to_owned(),
            birth: jiff::civil::date(1990, 5, 17),
            organisation: None,
        };
        let account = self.app.identity.open_citizen(&claimed).await.unwrap();
        self.signed_in(name, account, Level::Oidc).await
    }

    /// A fresh session of an account.
    pub async fn signed_in(&self, name: &str, account: AccountId, level: Level) -> Person {
        let token = self.app.identity.mint_session(account, level).await.unwrap();
        let cookie = self.app.identity.session_cookie(&token);
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Person {
            name: name.to_owned(),
            cookie,
        }
    }

    /// Sends a request as somebody, or as nobody, from an address on loopback.
    pub async fn send(&self, who: Option<&Person>, mut request: Request<Body>) -> Answer {
        if let Some(person) = who {
            request
                .headers_mut()
                .append(header::COOKIE, person.cookie.parse().unwrap());
        }
        let host = self.app.config.base_url();
        let host = host.split("://").nth(1).unwrap().to_owned();
        request.headers_mut().insert(header::HOST, host.parse().unwrap());
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 40000))));
        let answer = self.app.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = http_body_util::Limited::new(body, ANSWER_BYTES_MAX)
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// GET of a page.
    pub async fn get(&self, who: Option<&Person>, path: &str) -> Answer {
        let request = Request::get(path)
            .header(header::ACCEPT, "text/html")
            .body(Body::empty())
            .unwrap();
        self.send(who, request).await
    }

    /// A request of an API client: JSON in problems and answers.
    pub async fn call(&self, who: Option<&Person>, method: Method, path: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.send(who, request).await
    }

    /// The form token of somebody's session, read from a page.
    pub async fn form_token(&self, who: Option<&Person>) -> String {
        let page = self.get(who, "/").await.text();
        let start = page.find("name=\"_csrf\"").map_or(0, |at| at);
        let rest = &page[start..];
        let value = rest.split("value=\"").nth(1).and_then(|rest| rest.split('"').next());
        value.filter(|_| start > 0).unwrap_or("").to_owned()
    }

    /// Ends it.
    pub async fn stop(self) {
        self.store.close().await;
    }
}
