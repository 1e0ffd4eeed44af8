//! For the tests of this crate: a small province on either engine with a catalogue of two procedures, officers, a citizen, and
//! a browser that keeps cookies.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode, header};
use identity::account::admin::{By, NewOfficer, NewRole};
use identity::audit::Actor;
use identity::session::{Level, SessionToken};
use identity::sign_in::claims::ClaimedIdentity;
use identity::unit::{self, Change, ChangeKind, Code, CodeEntry, NewUnit, UnitId, UnitKind};
use identity::{AccountId, Identity, IdentityConfig, Role};
use kernel::{Bilingual, Timestamp, World};
use store::Store;
use testkit::{ManualWorld, TestStore};
use tower::ServiceExt as _;

use crate::procedure::import::{Extent, import};
use crate::{Casework, PortalMode, Settings};

pub(crate) const MIGRATIONS: &[store::MigrationSet] = &[
    store::MIGRATIONS,
    identity::MIGRATIONS,
    document::MIGRATIONS,
    ::notice::MIGRATIONS,
    payment::MIGRATIONS,
    ledger::MIGRATIONS,
    crate::MIGRATIONS,
];

/// The same with registers.
pub(crate) const KEEPING: &[store::MigrationSet] = &[
    store::MIGRATIONS,
    identity::MIGRATIONS,
    register::MIGRATIONS,
    document::MIGRATIONS,
    ::notice::MIGRATIONS,
    payment::MIGRATIONS,
    ledger::MIGRATIONS,
    crate::MIGRATIONS,
];

/// Procedures whose definitions write into registers, or fill themselves from them.
const REGISTERED: &str = r#"{"code":"1.013274","name":{"vi":"Cấp phép sử dụng tạm thời vỉa hè"},"sector":{"vi":"Đường bộ"},"tiers":["commune"],"service":"partial","channels":[{"kind":"online","time":"5 working_days","fees":[{"amount":0}]},{"kind":"desk","time":"5 working_days","fees":[{"amount":0}]}],"popularity":10,"valid_from":"2025-07-01"}
{"code":"1.013227","name":{"vi":"Gia hạn giấy phép xây dựng"},"sector":{"vi":"Xây dựng"},"tiers":["commune"],"service":"partial","channels":[{"kind":"online","time":"5 working_days","fees":[{"amount":0}]},{"kind":"desk","time":"5 working_days","fees":[{"amount":0}]}],"popularity":9,"valid_from":"2025-07-01"}
{"code":"1.013228","name":{"vi":"Cấp lại giấy phép xây dựng"},"sector":{"vi":"Xây dựng"},"tiers":["commune"],"service":"partial","channels":[{"kind":"online","time":"5 working_days","fees":[{"amount":0}]},{"kind":"desk","time":"5 working_days","fees":[{"amount":0}]}],"popularity":8,"valid_from":"2025-07-01"}
"#;

/// Two procedures: one with a required paper and a limit of three working days, one with neither.
pub(crate) const CATALOGUE: &str = r#"{"code":"1.001193","name":{"vi":"Thủ tục đăng ký khai sinh"},"short_name":{"vi":"Đăng ký khai sinh"},"sector":{"vi":"Hộ tịch"},"tiers":["commune"],"service":"full","channels":[{"kind":"online","time":"3 working_days","fees":[{"amount":0}]},{"kind":"desk","time":"3 working_days","fees":[{"amount":8000}]}],"components":[{"name":{"vi":"Giấy chứng sinh"},"originals":1,"required":true}],"popularity":900,"valid_from":"2025-07-01"}
{"code":"2.000815","name":{"vi":"Chứng thực bản sao <từ> bản chính"},"sector":{"vi":"Chứng thực"},"tiers":["commune"],"service":"partial","channels":[{"kind":"desk"}],"popularity":800,"valid_from":"2025-07-01"}
"#;

/// A press without a child: its papers are the values that a template would find. Crate `typeset` prints the real ones.
fn press() -> press::Press {
    press::Press::within(|order| {
        let text = format!("%PDF-1.7\n{}\n{}\n%%EOF\n", order.main, order.files[press::DATA_FILE]);
        Ok(press::Outcome::Pdf(text.into_bytes()))
    })
}

/// A province with two communes, each with a desk.
pub(crate) struct Province {
    pub(crate) house: Casework,
    pub(crate) world: Arc<ManualWorld>,
    pub(crate) root: UnitId,
    pub(crate) commune: UnitId,
    pub(crate) desk: UnitId,
    pub(crate) other: UnitId,
    pub(crate) other_desk: UnitId,
}

pub(crate) fn opening(id: UnitId, kind: UnitKind, name: &str, code: Option<&str>, parent: Option<UnitId>) -> Change {
    let code = code.map(|code| CodeEntry {
        code: Code::New(code.parse().expect("a code")),
        verified: true,
    });
    let new = NewUnit {
        id,
        kind,
        name: Bilingual::vi(name),
        code,
        parent,
        area: None,
        working_hours: "hành chính".to_owned(),
        sectors: Vec::new(),
    };
    Change {
        id: unit::UnitChangeId::from_uuid(id.uuid()),
        kind: ChangeKind::Open(Box::new(new)),
        on: jiff::civil::date(2025, 7, 1),
        reason: "test".to_owned(),
    }
}

pub(crate) async fn plant(store: &Store, changes: &[Change], now: Timestamp) {
    for change in changes {
        let change = change.clone();
        let planted = store
            .write(move |tx| unit::apply(tx, &change, Actor::System, now))
            .await;
        planted.expect("the unit is opened");
    }
}

impl Province {
    pub(crate) async fn on(test: &TestStore) -> Self {
        Self::in_mode(test, PortalMode::Full).await
    }

    pub(crate) async fn in_mode(test: &TestStore, mode: PortalMode) -> Self {
        Self::with(test, mode, None).await
    }

    /// A province with registers, the processes that the program brings, and procedures that write into registers.
    pub(crate) async fn keeping(test: &TestStore) -> Self {
        let province = Self::on(test).await;
        let (house, store) = (&province.house, test.store());
        let report = import(
            store,
            province.world.as_ref(),
            REGISTERED.as_bytes(),
            Extent::Partial,
            |_| {},
        )
        .await;
        assert_eq!(report.expect("procedures are imported").faults, vec![]);
        let systems = house.definitions().systems().await.expect("systems");
        let settings = register::Settings::default();
        let registers = register::Register::open(house.identity(), &systems, settings).await;
        house.keep_registers(&registers.expect("registers open"));
        crate::process::seed_shipped(house).await.expect("processes");
        province
    }

    /// A province whose files pass a scanner.
    pub(crate) async fn with_scanner(test: &TestStore, scanner: crate::scan::Scanner) -> Self {
        Self::with(test, PortalMode::Full, Some(scanner)).await
    }

    /// The same house with another scanner.
    pub(crate) fn rescanned(&self, scanner: crate::scan::Scanner) -> Casework {
        let settings = Settings {
            scanner: Some(scanner),
            ..self.house.settings().clone()
        };
        Casework::new(self.house.identity(), settings)
    }

    async fn with(test: &TestStore, mode: PortalMode, scanner: Option<crate::scan::Scanner>) -> Self {
        let (store, world) = (test.store().clone(), test.world().clone());
        let id = || UnitId::new(world.as_ref());
        let [root, commune, desk, other, other_desk] = [id(), id(), id(), id(), id()];
        let changes = [
            opening(root, UnitKind::Province, "Tỉnh Thử", Some("H27"), None),
            opening(
                commune,
                UnitKind::Commune,
                "UBND phường Thành Sen",
                Some("H27.15"),
                Some(root),
            ),
            opening(desk, UnitKind::Desk, "Một cửa phường Thành Sen", None, Some(commune)),
            opening(other, UnitKind::Commune, "UBND xã Thạch Hà", Some("H27.16"), Some(root)),
            opening(other_desk, UnitKind::Desk, "Một cửa xã Thạch Hà", None, Some(other)),
        ];
        plant(&store, &changes, world.now()).await;
        let config = IdentityConfig {
            origin: "http://127.0.0.1:8080".to_owned(),
            secure: false,
            issuer: "Tỉnh Thử".to_owned(),
            providers: Vec::new(),
        };
        let identity = Identity::open(store.clone(), world.clone(), config)
            .await
            .expect("identity opens");
        let papers = document::Document::open(&identity, press())
            .await
            .expect("templates are taken over");
        let settings = Settings {
            mode,
            papers: Some(papers),
            scanner,
            origin: "http://127.0.0.1:8080".to_owned(),
            ..Settings::default()
        };
        let house = Casework::new(&identity, settings);
        let report = import(&store, world.as_ref(), CATALOGUE.as_bytes(), Extent::Complete, |_| {}).await;
        assert_eq!(report.expect("the catalogue is imported").faults, vec![]);
        Self {
            house,
            world,
            root,
            commune,
            desk,
            other,
            other_desk,
        }
    }

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
            password: Some("Mưa rơi trên phố núi".to_owned()),
            must_change: false,
            role,
        };
        self.house
            .identity()
            .open_officer(&By::System, new)
            .await
            .expect("the officer is opened")
            .account
    }

    pub(crate) async fn citizen(&self, number: &str, name: &str) -> AccountId {
        self.house
            .identity()
            .open_citizen(&claimed(number, name))
            .await
            .expect("the citizen is opened")
    }

    /// The dossier behind a path of the applicant's pages.
    pub(crate) async fn dossier(&self, own: &str) -> crate::dossier::Dossier {
        let id: crate::dossier::DossierId = own.rsplit('/').next().unwrap_or_default().parse().expect("an id");
        let read = self
            .house
            .store()
            .read(move |tx| crate::dossier::store::find(tx, id))
            .await;
        read.expect("the dossier")
    }

    pub(crate) async fn browser(&self, account: AccountId, level: Level) -> Browser {
        let token = self
            .house
            .identity()
            .mint_session(account, level)
            .await
            .expect("a session is minted");
        self.stranger().with_session(&token)
    }

    pub(crate) fn stranger(&self) -> Browser {
        Browser {
            app: self.app(),
            cookies: BTreeMap::new(),
        }
    }

    fn app(&self) -> Router {
        let identity = self.house.identity();
        let brand = web::Brand::new(Bilingual::vi("Tỉnh Thử"), Bilingual::vi("Cổng dịch vụ"));
        let world: Arc<dyn World> = self.world.clone();
        let payments = payment::Payments::new(identity, self.house.settings().payment.clone());
        let mut router = crate::http::router(&self.house).merge(payment::http::router(&payments));
        if let Some(registers) = self.house.registers() {
            router = router.merge(register::http::router(registers));
        }
        web::frame(identity.layer(router), web::Frame::new(Arc::new(brand), world))
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

/// A browser that keeps cookies and follows nothing by itself.
pub(crate) struct Browser {
    app: Router,
    cookies: BTreeMap<String, String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
    pub(crate) headers: http::HeaderMap,
}

impl Answer {
    /// The answer, if its status is the one expected.
    pub(crate) fn expect(self, status: u16) -> Self {
        let at = self.body.find("summary-errors").unwrap_or(0);
        assert_eq!(self.status.as_u16(), status, "{} {}", self.location, &self.body[at..]);
        self
    }

    /// The body holds these words.
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(self.body.contains(words), "{words:?} is not in: {}", self.body);
        self
    }

    /// The body does not hold these words.
    pub(crate) fn hides(&self, words: &str) -> &Self {
        assert!(!self.body.contains(words), "{words:?} is in: {}", self.body);
        self
    }
}

impl Browser {
    fn with_session(mut self, token: &SessionToken) -> Self {
        self.cookies.insert("tinhso".to_owned(), format!("s{}", token.reveal()));
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    }

    /// Posts a form with the tokens of the page `from`.
    pub(crate) async fn post(&mut self, from: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(from).await.body;
        let once = uuid::Uuid::from_u128(u128::from(page.len() as u64) << 64 | u128::from(to.len() as u64)).to_string();
        let once = hidden_of(&page, to, "_once").unwrap_or(once);
        self.post_with(to, &hidden(&page, "_csrf"), &once, fields).await
    }

    pub(crate) async fn post_with(&mut self, to: &str, csrf: &str, once: &str, fields: &[(&str, &str)]) -> Answer {
        let all = [("_csrf", csrf), ("_once", once)]
            .into_iter()
            .chain(fields.iter().copied());
        let encode = web::table::encode;
        let body = all
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let request = Request::post(to).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(
            request
                .header("sec-fetch-site", "same-origin")
                .body(Body::from(body))
                .expect("a request"),
        )
        .await
    }

    /// Posts a form with files: name of the file and its bytes, all in the field `file`.
    pub(crate) async fn upload(
        &mut self,
        from: &str,
        to: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Answer {
        let page = self.get(from).await.body;
        let once = hidden_of(&page, to, "_once").unwrap_or_else(|| hidden(&page, "_once"));
        let csrf = hidden(&page, "_csrf");
        let mut body = Vec::new();
        for (name, value) in [("_csrf", csrf.as_str()), ("_once", once.as_str())]
            .iter()
            .chain(fields)
        {
            let part = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, bytes) in files {
            let head = format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--XX--\r\n");
        let request = Request::post(to).header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
        self.send(
            request
                .header("sec-fetch-site", "same-origin")
                .body(Body::from(body))
                .expect("a request"),
        )
        .await
    }

    /// Posts the form of a page that was read before: the same key as often as it is sent. Files carry their field.
    pub(crate) async fn send_form(
        &mut self,
        page: &str,
        to: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let once = hidden_of(page, to, "_once").unwrap_or_else(|| hidden(page, "_once"));
        let csrf = hidden(page, "_csrf");
        let mut body = Vec::new();
        for (name, value) in [("_csrf", csrf.as_str()), ("_once", once.as_str())]
            .iter()
            .chain(fields)
        {
            let part = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (field, name, bytes) in files {
            let head = format!("--XX\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--XX--\r\n");
        let request = Request::post(to)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// Posts JSON that is signed as a bank signs its notices.
    pub(crate) async fn signed(&mut self, to: &str, signature: &str, body: &str) -> Answer {
        let request = Request::post(to)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header(payment::notice::HEADER, signature)
            .body(Body::from(body.to_owned()));
        self.send(request.expect("a request")).await
    }

    /// Posts JSON.
    pub(crate) async fn json(&mut self, to: &str, body: &serde_json::Value) -> Answer {
        let request = Request::post(to)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body.to_string()));
        self.send(request.expect("a request")).await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Answer {
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
            let (name, value) = text
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='))
                .expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = response
            .headers()
            .get(header::LOCATION)
            .map(|v| v.to_str().expect("ASCII").to_owned());
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 8 << 20)
            .await
            .expect("a body");
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status,
            location: location.unwrap_or_default(),
            body,
            headers,
        }
    }
}

/// Sends a dossier the short way; gives the applicant's path of it.
pub(crate) async fn filed(province: &Province, applicant: &mut Browser) -> String {
    let body = serde_json::json!({
        "once": uuid::Uuid::from_u128(77), "procedure": "1.001193", "agency": province.commune, "phone": "0912345678",
        "address": "Tổ 3", "delivery": "pick-up",
        "answers": {
            "child-name": "Lê An", "child-birthday": "2026-11-01", "child-sex": "male", "child-birthplace": "Hà Tĩnh",
            "mother-name": "Hoa",
        },
    });
    let answer = applicant.json("/api/my/dossiers", &body).await.expect(200).body;
    let read: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    format!("/my/dossiers/{}", read["id"].as_str().expect("an id"))
}

/// The value of the first hidden field of that name.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    value_after(page, name).unwrap_or_else(|| panic!("no field {name} in: {page}"))
}

/// The value of a hidden field in the form that posts to `action`.
pub(crate) fn hidden_of(page: &str, action: &str, name: &str) -> Option<String> {
    let at = page.find(&format!("action=\"{action}\""))?;
    value_after(&page[at..], name)
}

fn value_after(page: &str, name: &str) -> Option<String> {
    let mark = format!("name=\"{name}\" value=\"");
    let at = page.find(&mark)?;
    page[at + mark.len()..].split('"').next().map(str::to_owned)
}

/// A whole PNG of one pixel.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";
