//! For the tests of this crate: a province with a citizen and officers on either engine, a mail server and an HTTP service on this
//! machine that record what they get, and a browser that keeps cookies.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use http::{HeaderMap, Request, StatusCode, header};
use identity::account::admin::{By, NewOfficer, NewRole};
use identity::audit::Actor;
use identity::session::Level;
use identity::sign_in::claims::ClaimedIdentity;
use identity::unit::{self, Change, ChangeKind, NewUnit, UnitId, UnitKind};
use identity::{AccountId, Identity, IdentityConfig, PersonRef, Role};
use kernel::{Bilingual, SignedDuration, Timestamp, World};
use parking_lot::Mutex;
use store::keys::KeyRing;
use store::{StoreError, Tx};
use testkit::{ManualWorld, TestStore};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::config::{AcceptedConfig, Config, EmailConfig, Encryption, GatewayConfig, Limits, PushConfig, ReportConfig};
use crate::delivery::{Reason, State as Stands};
use crate::message::{Contact, ContactError, ContactSource, Message, Parameter, Parameters, Recipient};
use crate::template::Source;
use crate::{Channel, Notices, Settings};

pub(crate) const MIGRATIONS: &[store::MigrationSet] = &[store::MIGRATIONS, identity::MIGRATIONS, crate::MIGRATIONS];
pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";
pub(crate) const REPORT_SECRET: &str = "bí mật của nhà cung cấp";

/// Two kinds of event: one told everywhere, one urgent and soon stale.
pub(crate) const TEMPLATES: Source = Source {
    name: "tests",
    text: r#"
[[event]]
kind = "sample.received"
channels = ["email", "sms", "zalo", "push", "letter"]
keep-hours = 72
[event.parameters]
code = "code"
due = "time"
desk = "name"
[event.vi]
title = "Hồ sơ {{ code }} đã được tiếp nhận"
body = "{{ desk }} đã tiếp nhận hồ sơ {{ code }}."
next = "Hẹn trả lúc {{ due }}."
sms = "Ho so {{ code }} da duoc tiếp nhận. Hen tra {{ due }}."
zalo = "Hồ sơ {{ code }}, hẹn trả {{ due }}."
push = "Hẹn trả lúc {{ due }}."
[event.en]
title = "Dossier {{ code }} is received"
body = "{{ desk }} has received dossier {{ code }}."
next = "It is due at {{ due }}."
sms = "Dossier {{ code }} is received, due {{ due }}."
zalo = "Dossier {{ code }}, due {{ due }}."
push = "It is due at {{ due }}."

[[event]]
kind = "sample.urgent"
channels = ["email", "sms", "zalo"]
keep-hours = 6
urgent = true
[event.parameters]
code = "code"
[event.vi]
title = "Gấp: {{ code }}"
body = "Việc gấp."
next = "Làm ngay hôm nay."
sms = "Gap: {{ code }}. Lam ngay hom nay."
zalo = "Gấp: {{ code }}. Làm ngay hôm nay."
[event.en]
title = "Urgent: {{ code }}"
body = "It is urgent."
next = "Do it today."
sms = "Urgent: {{ code }}. Do it today."
zalo = "Urgent: {{ code }}. Do it today."
"#,
};

/// The contact that "dossiers" of these tests hold: by the first byte of their id.
fn sample_contact(_: &mut Tx, _: &KeyRing, _: &identity::Purpose, at: Uuid) -> Result<Option<Contact>, ContactError> {
    let n = at.as_bytes()[15];
    let mut contact = Contact {
        email: format!("nguoi{n}@example.vn").parse().ok(),
        phone: format!("09123456{n:02}").parse().ok(),
        name: Some("Trần Thị Hoa".to_owned()),
        address: Some("Tổ 3, phường Thành Sen".to_owned()),
    };
    match n {
        // Refused by the mail server of the tests.
        90 => contact.email = "bounce@example.vn".parse().ok(),
        // Put off by it.
        91 => contact.email = "later@example.vn".parse().ok(),
        92 => {
            contact = Contact {
                address: contact.address,
                ..Contact::default()
            }
        }
        _ => {}
    }
    Ok(Some(contact))
}

/// A province with notices.
pub(crate) struct Province {
    pub(crate) notices: Notices,
    pub(crate) identity: Identity,
    pub(crate) world: Arc<ManualWorld>,
    pub(crate) commune: UnitId,
}

fn opening(id: UnitId, kind: UnitKind, name: &str, parent: Option<UnitId>) -> Change {
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
        on: jiff::civil::date(2025, 7, 1),
        reason: "test".to_owned(),
    }
}

impl Province {
    pub(crate) async fn on(test: &TestStore, config: Config) -> Self {
        let (store, world) = (test.store().clone(), test.world().clone());
        let [root, commune] = [UnitId::new(world.as_ref()), UnitId::new(world.as_ref())];
        let changes = [
            opening(root, UnitKind::Province, "Tỉnh Thử", None),
            opening(commune, UnitKind::Commune, "UBND phường Thành Sen", Some(root)),
        ];
        for change in changes {
            let now = world.now();
            store
                .write(move |tx| unit::apply(tx, &change, Actor::System, now))
                .await
                .expect("the unit is opened");
        }
        let settings = IdentityConfig {
            origin: ORIGIN.to_owned(),
            secure: false,
            issuer: "Tỉnh Thử".to_owned(),
            providers: Vec::new(),
        };
        let identity = Identity::open(store, world.clone(), settings)
            .await
            .expect("identity opens");
        let settings = Settings {
            config,
            site: Bilingual::vi("Tỉnh Thử"),
            origin: ORIGIN.to_owned(),
        };
        let source = ContactSource {
            name: "sample",
            open: sample_contact,
        };
        let notices = Notices::open(&identity, settings, &[TEMPLATES], &[source]).expect("notices open");
        Self {
            notices,
            identity,
            world,
            commune,
        }
    }

    pub(crate) async fn citizen(&self) -> AccountId {
        let claimed = ClaimedIdentity {
            subject: "subject".to_owned(),
            number: "042190001234".parse().expect("a number"),
            name: "Trần Thị Hoa".to_owned(),
            birth: jiff::civil::date(1990, 5, 17),
            organisation: None,
        };
        self.identity
            .open_citizen(&claimed)
            .await
            .expect("the citizen is opened")
    }

    pub(crate) async fn person(&self) -> PersonRef {
        let keys = self.identity.keys();
        let found = self
            .notices
            .store()
            .read(move |tx| identity::person::find(tx, &keys, &"042190001234".parse().expect("a number")));
        found
            .await
            .expect("the store reads")
            .expect("the citizen is on record")
            .id
    }

    pub(crate) fn world_day(&self) -> kernel::Date {
        self.world.now().local_date()
    }

    pub(crate) fn world_seconds(&self) -> i64 {
        self.world.now().as_seconds()
    }

    pub(crate) async fn officer(&self, login: &str, role: Role) -> AccountId {
        self.officer_at(login, role, self.commune).await
    }

    pub(crate) async fn officer_at(&self, login: &str, role: Role, unit: UnitId) -> AccountId {
        let role = NewRole {
            role,
            unit,
            valid_from: None,
            valid_to: None,
            reason: "QĐ 1".to_owned(),
        };
        let new = NewOfficer {
            login: login.to_owned(),
            name: format!("Nguyễn Văn {login}"),
            password: Some("Mưa rơi trên phố núi".to_owned()),
            must_change: false,
            role,
        };
        self.identity
            .open_officer(&By::System, new)
            .await
            .expect("the officer is opened")
            .account
    }

    /// A message to recipient `n` about event `event`.
    pub(crate) fn message(&self, event: u128, n: u8, kind: &'static str) -> Message {
        let at_source = Uuid::from_u128(u128::from(n));
        Message {
            event: Uuid::from_u128(event),
            kind: kind.into(),
            to: Recipient {
                account: None,
                person: None,
                source: "sample".into(),
                at_source,
            },
            matter: at_source,
            reference: format!("H27.15-261118-{event:04}"),
            unit: Some(self.commune),
            path: format!("/my/dossiers/{at_source}"),
            parameters: Parameters::from([
                ("code".to_owned(), Parameter::code(format!("H27.15-261118-{event:04}"))),
                ("due".to_owned(), Parameter::Time(self.world.now())),
                ("desk".to_owned(), Parameter::name("Một cửa phường Thành Sen")),
            ]),
            at: self.world.now(),
        }
    }

    /// Posts a message; the next one is a second later.
    pub(crate) async fn post(&self, message: Message) -> u32 {
        let notices = self.notices.clone();
        let posted = self.notices.store().write(move |tx| notices.post(tx, &message)).await;
        self.world.advance(SignedDuration::from_secs(1));
        posted.expect("the message is posted")
    }

    /// Every delivery of the channel as state and reason, in order of its event.
    pub(crate) async fn stands(&self, channel: Channel) -> Vec<(Stands, Option<Reason>)> {
        let filter = crate::delivery::store::Filter {
            channel: Some(channel),
            ..Default::default()
        };
        let rows = self
            .notices
            .store()
            .read(move |tx| crate::delivery::store::list(tx, &filter, 500));
        let mut rows = rows.await.expect("the store reads");
        rows.reverse();
        rows.into_iter().map(|row| (row.state, row.reason)).collect()
    }

    /// Sends what is due on every channel, as the minute's look does.
    pub(crate) async fn minute(&self) {
        for job in crate::jobs::due(&self.notices).await.expect("the store reads") {
            if let Some(channel) = job.payload.get("channel") {
                let channel: Channel = serde_json::from_value(channel.clone()).expect("a channel");
                self.notices.pump(channel).await.expect("the pump runs");
                // One use of an address for each sending, at an instant of its own.
                self.world.advance(SignedDuration::from_millis(1));
            }
        }
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.notices
            .store()
            .read(move |tx| tx.one(sql, &[], |row| row.get(0)).map_err(|error: StoreError| error))
            .await
            .expect("the store counts")
    }

    pub(crate) async fn browser(&self, account: AccountId, level: Level) -> Browser {
        let token = self
            .identity
            .mint_session(account, level)
            .await
            .expect("a session is minted");
        let mut browser = self.stranger();
        browser
            .cookies
            .insert("tinhso".to_owned(), format!("s{}", token.reveal()));
        browser
    }

    pub(crate) fn stranger(&self) -> Browser {
        let brand = web::Brand::new(Bilingual::vi("Tỉnh Thử"), Bilingual::vi("Cổng dịch vụ"));
        let world: Arc<dyn World> = self.world.clone();
        let router = self.identity.layer(crate::http::router(&self.notices));
        Browser {
            app: web::frame(router, web::Frame::new(Arc::new(brand), world)),
            cookies: BTreeMap::new(),
        }
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
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.body.contains(words), "{words:?} is not in: {}", self.body);
        self
    }

    pub(crate) fn hides(self, words: &str) -> Self {
        assert!(!self.body.contains(words), "{words:?} is in: {}", self.body);
        self
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    }

    /// Posts a form with the token of the page `from`.
    pub(crate) async fn post(&mut self, from: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(from).await.body;
        let mark = "name=\"_csrf\" value=\"";
        let at = page.find(mark).unwrap_or_else(|| panic!("no token in: {page}"));
        let csrf = page[at + mark.len()..].split('"').next().unwrap_or_default().to_owned();
        let once = Uuid::from_u128(7).to_string();
        let all = [("_csrf", csrf.as_str()), ("_once", once.as_str())]
            .into_iter()
            .chain(fields.iter().copied());
        let encode = web::table::encode;
        let body = all
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let request = Request::post(to)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body));
        self.send(request.expect("a request")).await
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
            if let Some((name, value)) = text.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 4 << 20)
            .await
            .expect("a body");
        Answer {
            status,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

/// One e-mail as the server got it.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) data: String,
}

impl Mail {
    /// The text, out of base64 or quoted-printable.
    pub(crate) fn text(&self) -> String {
        use base64::Engine as _;
        let (head, body) = self.data.split_once("\r\n\r\n").expect("a head and a body");
        if head.contains("base64") {
            let joined: String = body.split_whitespace().collect();
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(joined)
                .expect("base64");
            return String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n");
        }
        let mut bytes = Vec::new();
        let mut rest = body.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            match (first, after) {
                (b'=', [b'\r', b'\n', more @ ..]) => rest = more,
                (b'=', [high, low, more @ ..]) => {
                    let digits = [*high, *low];
                    let text = std::str::from_utf8(&digits).expect("two digits");
                    bytes.push(u8::from_str_radix(text, 16).expect("hexadecimal"));
                    rest = more;
                }
                _ => {
                    bytes.push(*first);
                    rest = after;
                }
            }
        }
        String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n")
    }
}

/// A mail server on this machine. It refuses `bounce@`, puts off `later@`, and can go down and come back.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    pub(crate) mails: Arc<Mutex<Vec<Mail>>>,
    task: Option<JoinHandle<()>>,
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mails = Arc::new(Mutex::new(Vec::new()));
        let task = Some(tokio::spawn(serve_mail(listener, mails.clone())));
        Self { address, mails, task }
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    pub(crate) async fn start_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the same port");
        self.task = Some(tokio::spawn(serve_mail(listener, self.mails.clone())));
    }

    pub(crate) fn taken(&self) -> Vec<Mail> {
        self.mails.lock().clone()
    }

    pub(crate) fn config(&self) -> EmailConfig {
        EmailConfig {
            host: "127.0.0.1".to_owned(),
            port: self.address.port(),
            encryption: Encryption::None,
            from: "Dịch vụ công <khong-tra-loi@example.vn>".to_owned(),
            user: None,
            password_file: None,
            ca_file: None,
            limits: Limits {
                per_minute_max: 1_000,
                ..Limits::default()
            },
        }
    }
}

async fn serve_mail(listener: TcpListener, mails: Arc<Mutex<Vec<Mail>>>) {
    // Connections go down with the server.
    let mut open = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        open.spawn(take_mail(stream, mails.clone()));
    }
}

async fn take_mail(stream: tokio::net::TcpStream, mails: Arc<Mutex<Vec<Mail>>>) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test\r\n").await.ok()?;
    let (mut to, mut data): (String, Option<String>) = (String::new(), None);
    while let Some(line) = lines.next_line().await.ok()? {
        if let Some(text) = &mut data {
            if line == "." {
                mails.lock().push(Mail {
                    to: to.clone(),
                    data: text.clone(),
                });
                data = None;
                write.write_all(b"250 taken\r\n").await.ok()?;
            } else {
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push_str("\r\n");
            }
            continue;
        }
        let upper = line.to_uppercase();
        let answer = if upper.starts_with("EHLO") {
            "250-test\r\n250 8BITMIME\r\n"
        } else if upper.starts_with("RCPT") {
            to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            match to.split('@').next() {
                Some("bounce") => "550 no such mailbox bounce@example.vn\r\n",
                Some("later") => "450 try later\r\n",
                _ => "250 fine\r\n",
            }
        } else if upper.starts_with("DATA") {
            data = Some(String::new());
            "354 go on\r\n"
        } else if upper.starts_with("QUIT") {
            write.write_all(b"221 bye\r\n").await.ok()?;
            return Some(());
        } else {
            "250 fine\r\n"
        };
        write.write_all(answer.as_bytes()).await.ok()?;
    }
    Some(())
}

/// One request as the service got it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// An HTTP service on this machine that records what it is asked, and answers as told or with a yes.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
    pub(crate) answers: Arc<Mutex<VecDeque<(u16, String)>>>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let service = Self {
            address: listener.local_addr().expect("an address"),
            asked: Arc::default(),
            answers: Arc::default(),
        };
        let router = Router::new().fallback(record).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        service
    }

    pub(crate) fn answer(&self, status: u16, body: &str) {
        self.answers.lock().push_back((status, body.to_owned()));
    }

    pub(crate) fn taken(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }

    pub(crate) fn gateway(&self, folder: &std::path::Path) -> GatewayConfig {
        let secret_file = written(folder, "gateway.secret", "khoá");
        GatewayConfig {
            url: format!("http://{}/send", self.address),
            body: r#"{"to": {{ phone84|tojson }}, "text": {{ text|tojson }}, "template": {{ template|tojson }}, "data": {{ parameters|tojson }}, "id": {{ id|tojson }}}"#.to_owned(),
            secret_file: Some(secret_file),
            ca_file: None,
            repeat_is_safe: false,
            headers: BTreeMap::from([
                ("Content-Type".to_owned(), "application/json".to_owned()),
                ("X-Key".to_owned(), "{{ secret|length }}".to_owned()),
            ]),
            templates: BTreeMap::new(),
            accepted: AcceptedConfig {
                pointer: Some("/code".to_owned()),
                values: vec!["100".to_owned()],
                later: vec!["99".to_owned()],
                down: vec!["103".to_owned()],
                id_pointer: Some("/id".to_owned()),
            },
            limits: Limits { cost_dong: 750, per_minute_max: 1_000, per_day_dong_max: None },
            report: Some(ReportConfig {
                secret_file: written(folder, "report.secret", REPORT_SECRET),
                signature_header: "X-Signature".to_owned(),
                timestamp_header: "X-Timestamp".to_owned(),
                list_pointer: None,
                id_pointer: "/id".to_owned(),
                state_pointer: "/state".to_owned(),
                delivered: vec!["DELIVRD".to_owned()],
                failed: vec!["UNDELIV".to_owned()],
            }),
        }
    }

    pub(crate) fn push(&self, folder: &std::path::Path, world: &dyn World) -> PushConfig {
        let key = crate::channel::push::vapid::Signer::make(world);
        PushConfig {
            key_file: written(folder, "push.key", &key),
            contact: "mailto:vanhanh@example.vn".to_owned(),
            services: vec!["127.0.0.1".to_owned()],
            limits: Limits::default(),
        }
    }
}

fn written(folder: &std::path::Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file is written");
    path
}

async fn record(State(service): State<Service>, request: Request<Body>) -> (StatusCode, String) {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body").to_vec();
    let mut asked = service.asked.lock();
    asked.push(Asked {
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body,
    });
    let yes = (200, format!(r#"{{"code": 100, "id": "P{}"}}"#, asked.len()));
    let (status, text) = service.answers.lock().pop_front().unwrap_or(yes);
    (StatusCode::from_u16(status).expect("a status"), text)
}

/// An hour of a November day, Vietnamese time.
pub(crate) fn at(day: i8, hour: i8, minute: i8) -> Timestamp {
    Timestamp::from_local(jiff::civil::date(2026, 11, day).at(hour, minute, 0, 0))
}
