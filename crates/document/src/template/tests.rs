//! The country's templates are taken over once, a province's own stays, nothing that does not print is saved, two
//! administrators are told apart, and the pages show the line of each fault.

use std::sync::Arc;

use ::http::{Request, header};
use axum::body::Body;
use identity::account::admin::{By, NewOfficer, NewRole};
use identity::session::Level;
use identity::unit::{self, Change as UnitChange, ChangeKind, NewUnit, UnitKind};
use identity::{AccountId, Identity, IdentityConfig, Role, UnitId};
use kernel::{Bilingual, World};
use press::{FaultAt, Outcome, Press, PressError};
use testkit::TestStore;
use tower::ServiceExt as _;

use super::*;

const MIGRATIONS: &[::store::MigrationSet] = &[::store::MIGRATIONS, identity::MIGRATIONS, crate::MIGRATIONS];

/// A press that prints the names of the files, and finds a fault where a template says so.
fn press() -> Press {
    Press::within(|order| {
        let source = &order.files[&order.main];
        if source.contains("LOOP") {
            return Err(PressError::TooSlow);
        }
        if let Some(line) = source.lines().position(|line| line.contains("FAULT")) {
            let fault = FaultAt {
                file: order.main.clone(),
                line: line + 1,
                column: 3,
                what: "unknown variable: FAULT".to_owned(),
                hint: String::new(),
            };
            return Ok(Outcome::Faults(vec![fault]));
        }
        let names: Vec<&str> = order.files.keys().map(String::as_str).collect();
        Ok(Outcome::Pdf(
            format!("%PDF-1.7 {} {}", names.join(" "), order.files[DATA_FILE]).into_bytes(),
        ))
    })
}

async fn open(test: &TestStore) -> (Document, AccountId) {
    let (store, world) = (test.store().clone(), test.world().clone());
    let root = UnitId::new(world.as_ref());
    let opening = UnitChange {
        id: unit::UnitChangeId::from_uuid(root.uuid()),
        kind: ChangeKind::Open(Box::new(NewUnit {
            id: root,
            kind: UnitKind::Province,
            name: Bilingual::vi("Tỉnh Thử"),
            code: None,
            parent: None,
            area: None,
            working_hours: "hành chính".to_owned(),
            sectors: Vec::new(),
        })),
        on: jiff::civil::date(2025, 7, 1),
        reason: "test".to_owned(),
    };
    let now = world.now();
    let planted = store
        .write(move |tx| unit::apply(tx, &opening, identity::audit::Actor::System, now))
        .await;
    planted.unwrap();
    let config = IdentityConfig {
        origin: "http://127.0.0.1:8080".to_owned(),
        secure: false,
        issuer: "Tỉnh Thử".to_owned(),
        providers: Vec::new(),
    };
    let identity = Identity::open(store, world, config).await.unwrap();
    let new = NewOfficer {
        login: "quantri".to_owned(),
        name: "Quản trị".to_owned(),
        password: Some("Mưa rơi trên phố núi".to_owned()),
        must_change: false,
        role: NewRole {
            role: Role::Admin,
            unit: root,
            valid_from: None,
            valid_to: None,
            reason: "QĐ 1/QĐ-UBND".to_owned(),
        },
    };
    let admin = identity.open_officer(&By::System, new).await.unwrap().account;
    (Document::open(&identity, press()).await.unwrap(), admin)
}

async fn in_force(document: &Document, name: Name) -> Version {
    let read = move |tx: &mut ::store::Tx| store::current(tx, name);
    document.identity().store().read(read).await.unwrap()
}

fn change(document: &Document, by: AccountId, name: Name, seen: i64, source: &str) -> Change {
    Change {
        name,
        seen,
        source: source.to_owned(),
        note: "Công văn 12".to_owned(),
        by,
        now: document.identity().now(),
    }
}

#[test]
fn every_template_has_a_text_a_sample_and_both_names() {
    for name in Name::ALL {
        assert!(name.of_country().starts_with("// "), "{name}");
        assert_eq!(name.word().parse(), Ok(*name));
        for lang in [web::Lang::Vi, web::Lang::En] {
            web::i18n::register(&[crate::TEXT]);
            assert!(!web::text(lang, &format!("template-name-{name}")).is_empty());
        }
    }
    for name in Name::PAPERS {
        assert!(name.sample().get("verify").is_some(), "{name}");
        assert!(name.of_country().contains("#verification()"), "{name}");
    }
}

#[tokio::test]
async fn versions_come_hold_and_go() {
    testkit::engines(MIGRATIONS, async |test| {
        let (document, admin) = open(test).await;
        assert_eq!(in_force(&document, Name::Receipt).await.version, 1);
        document.take_over_country().await.unwrap();
        assert_eq!(
            in_force(&document, Name::Receipt).await.version,
            1,
            "nothing is taken over twice"
        );

        let printed = document
            .print(Name::Receipt, &Name::Receipt.sample(), jiff::civil::date(2026, 11, 22))
            .await
            .unwrap();
        assert_eq!((printed.version, printed.layout), (1, 1));
        assert!(String::from_utf8_lossy(&printed.pdf).contains("data.json layout.typ receipt.typ"));

        for (bad, code) in [("a\nFAULT", "press-template"), ("LOOP", "press-too-slow")] {
            let error = document
                .save(change(&document, admin, Name::Receipt, 1, bad))
                .await
                .unwrap_err();
            assert_eq!(error.code(), code);
        }
        assert_eq!(
            document
                .save(change(&document, admin, Name::Receipt, 1, "Giấy của tỉnh"))
                .await
                .unwrap(),
            2
        );
        let stale = document
            .save(change(&document, admin, Name::Receipt, 1, "Giấy khác"))
            .await;
        assert!(matches!(stale, Err(TemplateError::Stale { seen: 1, found: 2 })));
        assert_eq!(in_force(&document, Name::Receipt).await.origin, Origin::Province);

        // A newer program: the country's text in the table is another one. The province's stays in force.
        let older = |tx: &mut ::store::Tx| {
            tx.execute(
                "UPDATE template_version SET sha256 = $1 WHERE origin = 'country'",
                &[&vec![0_u8; 32]],
            )
        };
        document.identity().store().write(older).await.unwrap();
        document.take_over_country().await.unwrap();
        assert_eq!(in_force(&document, Name::Receipt).await.version, 2);
        assert_eq!(
            in_force(&document, Name::Stop).await.version,
            2,
            "what nobody changed is renewed"
        );

        document.use_again(Name::Receipt, 3, 2, admin).await.unwrap();
        assert_eq!(in_force(&document, Name::Receipt).await.version, 3);
        let nowhere = document.use_again(Name::Receipt, 9, 3, admin).await;
        assert!(matches!(nowhere, Err(TemplateError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn the_pages_show_the_line_of_a_fault_and_save_what_prints() {
    testkit::engines(MIGRATIONS, async |test| {
        let (document, admin) = open(test).await;
        let identity = document.identity().clone();
        let token = identity.mint_session(admin, Level::PasswordTotp).await.unwrap();
        let brand = web::Brand::new(Bilingual::vi("Tỉnh Thử"), Bilingual::vi("Cổng dịch vụ"));
        let world: Arc<dyn World> = identity.world().clone();
        let app = web::frame(
            identity.layer(crate::router(&document)),
            web::Frame::new(Arc::new(brand), world),
        );
        let cookie = format!("tinhso=s{}", token.reveal());
        let send = async |method: &str, path: &str, body: String| {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(header::COOKIE, &cookie)
                .header(header::ACCEPT, "text/html")
                .header(header::HOST, "127.0.0.1:8080")
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(body))
                .unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let bytes = axum::body::to_bytes(response.into_body(), 8 << 20).await.unwrap();
            (status, String::from_utf8_lossy(&bytes).into_owned())
        };
        let (status, page) = send("GET", "/admin/templates", String::new()).await;
        assert!(status == 200 && page.contains("Mẫu 01"), "{page}");
        let (_, page) = send("GET", "/admin/templates/receipt", String::new()).await;
        let csrf = page
            .split("name=\"_csrf\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let post = |source: &str, act: &str| {
            let once = uuid_of(source, act);
            let fields = [
                ("_csrf", csrf.as_str()),
                ("_once", &once),
                ("seen", "1"),
                ("source", source),
                ("note", ""),
                ("do", act),
            ];
            fields
                .iter()
                .map(|(name, value)| format!("{name}={}", web::table::encode(value)))
                .collect::<Vec<_>>()
                .join("&")
        };
        let (status, page) = send("POST", "/admin/templates/receipt", post("một\nhai FAULT", "save")).await;
        assert_eq!(status, 422);
        for words in ["receipt.typ, dòng 2, cột 3", "unknown variable", "hai FAULT"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let (status, page) = send("POST", "/admin/templates/receipt", post("LOOP", "preview")).await;
        assert!(status == 422 && page.contains("vòng lặp"), "{page}");
        let (status, pdf) = send("POST", "/admin/templates/receipt", post("Xem", "preview")).await;
        assert!(status == 200 && pdf.starts_with("%PDF"), "{pdf}");
        assert_eq!(in_force(&document, Name::Receipt).await.version, 1);
        let (status, _) = send("POST", "/admin/templates/receipt", post("Lưu", "save")).await;
        assert_eq!((status, in_force(&document, Name::Receipt).await.version), (303, 2));
        let (status, page) = send("GET", "/admin/templates/receipt/versions/1", String::new()).await;
        assert!(status == 200 && page.contains("Dùng lại phiên bản này"), "{page}");
        let (status, _) = send("GET", "/admin/templates/nothing", String::new()).await;
        assert_eq!(status, 404);
    })
    .await;
}

fn uuid_of(source: &str, act: &str) -> String {
    let hash = rules::sha256(&format!("{source}{act}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
