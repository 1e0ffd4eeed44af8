//! For the tests of this crate: a small province on either engine, officers, citizens, a browser that keeps cookies.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode, header};
use kernel::{Bilingual, Date, Timestamp, World};
use store::Store;
use testkit::{ManualWorld, TestStore};
use tower::ServiceExt as _;

use crate::account::admin::{By, NewOfficer, NewRole};
use crate::account::{AccountId, Role};
use crate::audit::Actor;
use crate::session::{Caller, Level, SessionToken};
use crate::sign_in::ProviderConfig;
use crate::sign_in::claims::ClaimedIdentity;
use crate::unit::{self, Change, ChangeKind, NewUnit, UnitId, UnitKind};
use crate::{Identity, IdentityConfig};

pub(crate) const MIGRATIONS: &[store::MigrationSet] = &[store::MIGRATIONS, crate::MIGRATIONS];
pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";
pub(crate) const PASSWORD: &str = "Mưa rơi trên phố núi";

/// A province with two communes; the first has a desk and a division.
pub(crate) struct Province {
    pub(crate) identity: Identity,
    pub(crate) world: Arc<ManualWorld>,
    pub(crate) root: UnitId,
    pub(crate) commune: UnitId,
    pub(crate) desk: UnitId,
    pub(crate) division: UnitId,
    pub(crate) other: UnitId,
}

fn open_unit(id: UnitId, kind: UnitKind, name: &str, parent: Option<UnitId>, on: Date) -> Change {
    let new = NewUnit {
        id,
        kind,
        name: Bilingual::vi(name),
        code: None,
        parent,
        area: None,
        working_hours: "hành chính".to_owned(),
        sectors: Vec::new(),
    };
    Change {
        id: unit::UnitChangeId::from_uuid(id.uuid()),
        kind: ChangeKind::Open(Box::new(new)),
        on,
        reason: "test".to_owned(),
    }
}

impl Province {
    pub(crate) async fn on(test: &TestStore) -> Self {
        Self::with_providers(test, Vec::new()).await
    }

    pub(crate) async fn with_providers(test: &TestStore, providers: Vec<ProviderConfig>) -> Self {
        let (store, world) = (test.store().clone(), test.world().clone());
        let id = || UnitId::new(world.as_ref());
        let [root, commune, desk, division, other] = [id(), id(), id(), id(), id()];
        let on = jiff::civil::date(2025, 7, 1);
        let changes = [
            open_unit(root, UnitKind::Province, "Tỉnh Thử", None, on),
            open_unit(commune, UnitKind::Commune, "Phường Thành Sen", Some(root), on),
            open_unit(
                desk,
                UnitKind::Desk,
                "Bộ phận một cửa phường Thành Sen",
                Some(commune),
                on,
            ),
            open_unit(division, UnitKind::Division, "Phòng Kinh tế", Some(commune), on),
            open_unit(other, UnitKind::Commune, "Xã Thạch Hà", Some(root), on),
        ];
        plant(&store, &changes, world.now()).await;
        let config = IdentityConfig {
            origin: ORIGIN.to_owned(),
            secure: false,
            issuer: "Tỉnh Thử".to_owned(),
            providers,
        };
        let identity = Identity::open(store, world.clone(), config)
            .await
            .expect("identity opens");
        Self {
            identity,
            world,
            root,
            commune,
            desk,
            division,
            other,
        }
    }

    /// An officer whose password need not be changed.
    pub(crate) async fn officer(&self, login: &str, role: Role, unit: UnitId) -> AccountId {
        let role = NewRole {
            role,
            unit,
            valid_from: None,
            valid_to: None,
            reason: "QĐ 1/QĐ-UBND".to_owned(),
        };
        let new = NewOfficer {
            login: login.to_owned(),
            name: format!("Nguyễn Văn {login}"),
            password: Some(PASSWORD.to_owned()),
            must_change: false,
            role,
        };
        self.identity
            .open_officer(&By::System, new)
            .await
            .expect("the officer is opened")
            .account
    }

    pub(crate) async fn citizen(&self) -> AccountId {
        self.identity
            .open_citizen(&claimed("042190001234", "Trần Thị Hoa"))
            .await
            .expect("the citizen is opened")
    }

    pub(crate) async fn token(&self, account: AccountId, level: Level) -> SessionToken {
        self.identity
            .mint_session(account, level)
            .await
            .expect("a session is minted")
    }

    pub(crate) async fn caller(&self, account: AccountId) -> Caller {
        let token = self.token(account, Level::PasswordTotp).await;
        self.identity.resolve(&token).await.expect("the session resolves").1
    }

    /// Every page of this crate behind the session layer and the frame.
    pub(crate) fn app(&self) -> Router {
        let router = crate::http::routes::<()>(&self.identity).into_router();
        self.framed(router)
    }

    pub(crate) fn framed(&self, router: Router) -> Router {
        let brand = web::Brand::new(Bilingual::vi("Tỉnh Thử"), Bilingual::vi("Cổng dịch vụ"));
        let world: Arc<dyn World> = self.world.clone();
        web::frame(self.identity.layer(router), web::Frame::new(Arc::new(brand), world))
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser {
            app: self.app(),
            cookies: BTreeMap::new(),
        }
    }
}

pub(crate) fn claimed(number: &str, name: &str) -> ClaimedIdentity {
    ClaimedIdentity {
        subject: format!("subject-{number}"),
        number: number.parse().expect("a number"),
        name: name.to_owned(),
        birth: jiff::civil::date(1990, 5, 17),
        organisation: None,
    }
}

async fn plant(store: &Store, changes: &[Change], now: Timestamp) {
    for change in changes {
        let change = change.clone();
        store
            .write(move |tx| unit::apply(tx, &change, Actor::System, now))
            .await
            .expect("the unit is opened");
    }
}

/// A browser that keeps cookies and follows nothing by itself.
pub(crate) struct Browser {
    pub(crate) app: Router,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn with_session(mut self, token: &SessionToken) -> Self {
        self.cookies.insert("tinhso".to_owned(), format!("s{}", token.reveal()));
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    }

    /// Posts a form with the token of the page `from`.
    pub(crate) async fn post(&mut self, from: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(from).await.body;
        let csrf = hidden(&page, "_csrf");
        self.post_with(to, &csrf, fields).await
    }

    pub(crate) async fn post_with(&mut self, to: &str, csrf: &str, fields: &[(&str, &str)]) -> Answer {
        let once = uuid::Uuid::from_u128(7).to_string();
        let all = [("_csrf", csrf), ("_once", once.as_str())]
            .into_iter()
            .chain(fields.iter().copied());
        let body = all
            .map(|(name, value)| format!("{}={}", name, crate::sign_in::rules::encode_query(value)))
            .collect::<Vec<_>>()
            .join("&");
        let request = Request::post(to)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let headers = request.headers_mut();
        headers.insert(header::COOKIE, cookies.join("; ").parse().expect("cookies"));
        headers
            .entry(header::ACCEPT)
            .or_insert(http::HeaderValue::from_static("text/html"));
        headers.insert(header::HOST, http::HeaderValue::from_static("127.0.0.1:8080"));
        let response = self.app.clone().oneshot(request).await.expect("infallible");
        for value in response.headers().get_all(header::SET_COOKIE) {
            let text = value.to_str().expect("ASCII");
            let (pair, rest) = text.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = response
            .headers()
            .get(header::LOCATION)
            .map(|v| v.to_str().expect("ASCII").to_owned());
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 4 << 20)
            .await
            .expect("a body");
        Answer {
            status,
            location: location.unwrap_or_default(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

/// The value of the first hidden field of that name.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let at = page.find(&mark).unwrap_or_else(|| panic!("no field {name} in: {page}"));
    page[at + mark.len()..].split('"').next().unwrap_or_default().to_owned()
}
