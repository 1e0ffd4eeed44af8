//! What somebody types is never more than text: not SQL, not markup, not a header, not a path, not a formula in a
//! spreadsheet; and whoever tries passwords by the thousand is held back while others go on signing in.

use std::collections::BTreeSet;

use identity::Role;
use identity::account::admin::{By, NewOfficer, NewRole};
use reqwest::{Method, StatusCode, header};
use testkit::ManualWorld;

use crate::support::people::{PASSWORD, citizen};
use crate::support::{Answer, Province, Site, Visitor, both, database, filing, html};

/// One of each kind that hurts an interpreter.
const HOSTILE: &[&str] = &[
    "' OR '1'='1",
    "'; DROP TABLE dossier; --",
    "\" OR \"\"=\"",
    "1) UNION SELECT key, id, account, level FROM session --",
    "%_%\\",
    "$1 $2 ?1 :a @b",
    "\0",
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}#{7*7}",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "a\r\nSet-Cookie: x=1\r\n\r\n<html>",
    "=HYPERLINK(\"http://la.example\",\"x\")",
    "(((((((((((((((((((( AND OR NOT NEAR *",
    "\u{202e}\u{feff}\u{fffd}😀",
];

/// An answer that an injection could have changed has not been.
fn is_sound(answer: &Answer, typed: &str) {
    assert!(
        !answer.status.is_server_error(),
        "{typed:?} at {}: {}",
        answer.of,
        answer.status
    );
    let text = answer.text();
    for mark in [
        "<script>alert(1)",
        "<svg/onload",
        "<img src=x",
        "href=\"javascript:",
        "root:x:0:0",
    ] {
        assert!(!text.contains(mark), "{typed:?} at {} came back as {mark}", answer.of);
    }
    assert!(
        answer
            .headers
            .get_all(header::SET_COOKIE)
            .iter()
            .all(|cookie| !cookie.to_str().unwrap().starts_with("x="))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn search_and_filters_take_text_for_text() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let person = citizen(&site.app, 1).await;
        let (visitor, desk) = (person.at(site.url()), staff.desk.at(site.url()));
        filing::quick(&visitor, &person, staff.commune, "Một hồ sơ").await;
        let nobody = site.visitor();
        for typed in HOSTILE {
            for (who, path, name) in [
                (&nobody, "/procedures", "q"),
                (&nobody, "/procedures", "sector"),
                (&nobody, "/track", "code"),
                (&nobody, "/sign-in", "return_to"),
                (&desk, "/desk", "q"),
                (&desk, "/desk", "tab"),
                (&desk, "/desk", "state"),
                (&desk, "/desk", "procedure"),
                (&desk, "/desk", "after"),
                (&desk, "/desk", "sort"),
                (&desk, "/api/desk/dossiers", "after"),
                (&desk, "/desk/register/received", "day"),
            ] {
                let mut answer = who.send(who.request(Method::GET, path).query(&[(name, typed)])).await;
                answer.of.push_str(&format!("?{name}="));
                is_sound(&answer, typed);
            }
            let id: String = reqwest::Url::parse_with_params("http://x/", [("a", typed)])
                .unwrap()
                .query()
                .unwrap()[2..]
                .to_owned();
            for path in [
                "/my/dossiers/",
                "/my/drafts/",
                "/api/my/dossiers/",
                "/procedures/",
                "/assets/",
            ] {
                let answer = visitor.get(&format!("{path}{id}")).await;
                is_sound(&answer, typed);
                assert!(!answer.status.is_success(), "{path}{id}: {}", answer.status);
            }
        }
        let rows = database::rows(&site.app.store).await;
        assert!(rows.dossiers == 1 && rows.are_whole(), "{rows:?}");
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_store_text_as_text() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let person = citizen(&site.app, 2).await;
        let (visitor, desk) = (person.at(site.url()), staff.desk.at(site.url()));
        let mut sent = BTreeSet::new();
        for typed in HOSTILE.iter().filter(|typed| !typed.contains('\0')) {
            let mut body = filing::body(&person, uuid::Uuid::now_v7(), staff.commune, &format!("x {typed}"));
            body["address"] = serde_json::json!(typed);
            let answer = filing::try_quick(&visitor, &body).await.unwrap();
            is_sound(&answer, typed);
            if answer.status == StatusCode::OK {
                let id = filing::id_of(&answer);
                let page = desk.page(&format!("/desk/dossiers/{id}")).await;
                is_sound(&page, typed);
                is_sound(&visitor.page(&format!("/my/dossiers/{id}/receipt")).await, typed);
                sent.insert(id);
            }
        }
        assert!(
            sent.len() > HOSTILE.len() / 2,
            "most of it is text that may stand in a form: {}",
            sent.len()
        );
        // A zero byte is no text: refused in words, on both engines alike.
        let zero = filing::body(&person, uuid::Uuid::now_v7(), staff.commune, "a\0b");
        let answer = filing::try_quick(&visitor, &zero).await.unwrap();
        assert!(!answer.status.is_server_error(), "{}: {}", answer.status, answer.text());
        assert_eq!(
            database::rows(&site.app.store).await.dossiers as usize,
            sent.len() + usize::from(answer.status.is_success())
        );
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_runs_no_formula_of_ours() {
    let province = Province::sqlite().await;
    let (site, staff) = Site::staffed(&province, ManualWorld::new()).await;
    let person = citizen(&site.app, 3).await;
    let visitor = person.at(site.url());
    let mut formulas = Vec::new();
    for (n, name) in ["=1+1", "+84=HYPERLINK(1)", "-2+3", "@SUM(A1)", "\tTab=1"]
        .iter()
        .enumerate()
    {
        let new = NewOfficer {
            login: format!("congthuc{n}"),
            name: format!("{name} Lan"),
            password: Some(PASSWORD.to_owned()),
            must_change: false,
            role: NewRole {
                role: Role::Specialist,
                unit: staff.commune,
                valid_from: None,
                valid_to: None,
                reason: "x".to_owned(),
            },
        };
        // A name that is refused needs no escaping.
        let Ok(opened) = site.app.identity.open_officer(&By::System, new).await else {
            continue;
        };
        formulas.push(opened.account);
    }
    let desk = staff.desk.at(site.url());
    for account in &formulas {
        let id = filing::quick(&visitor, &person, staff.commune, "=cmd|' /C calc'!A0").await;
        let received = filing::act(&desk, &id.to_string(), "receive", &[("days", "3")], &[]).await;
        assert_eq!(received.status, StatusCode::SEE_OTHER, "{}", received.words());
        let leader = staff.leader.at(site.url());
        let assigned = filing::act(
            &leader,
            &id.to_string(),
            "assign",
            &[("officer", &account.to_string())],
            &[],
        )
        .await;
        assert_eq!(assigned.status, StatusCode::SEE_OTHER, "{}", assigned.words());
    }
    assert!(!formulas.is_empty(), "no name began with a formula; nothing was tried");
    let answer = desk.page("/desk/export.csv").await;
    assert!(
        answer.headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(answer.text().trim_start_matches('\u{feff}').as_bytes().to_vec().leak() as &[u8]);
    let mut cells = 0;
    for record in reader.records() {
        for cell in record.unwrap().iter() {
            cells += 1;
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell:?} is a formula"
            );
        }
    }
    assert!(cells >= formulas.len() * 6, "{cells} cells");
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_a_request_are_not_believed() {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    let person = citizen(&site.app, 4).await;
    let visitor = person.at(site.url());
    let plain = site.visitor().page("/procedures").await;
    for (name, value) in [
        ("x-forwarded-host", "la.example"),
        ("x-forwarded-proto", "https"),
        ("x-original-url", "/admin/units"),
        ("x-rewrite-url", "/admin/units"),
        ("forwarded", "host=la.example;proto=https"),
        ("host", "la.example"),
        ("accept-language", "<script>alert(1)</script>"),
        (
            "cookie",
            "lang=<script>alert(1)</script>; tinhso-lang=../../x; lang=%0d%0aSet-Cookie:x=1",
        ),
        ("cookie", "tinhso-notice=<script>alert(1)</script>"),
        ("cookie", "tinhso=s' OR 1=1 --"),
        ("user-agent", "<script>alert(1)</script>"),
        ("referer", "javascript:alert(1)"),
    ] {
        let nobody = site.visitor();
        let answer = nobody
            .send(nobody.request(Method::GET, "/procedures").header(name, value))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {value}");
        is_sound(&answer, value);
        assert!(!answer.text().contains("la.example"), "{name} got into the page");
        assert!(
            !answer.headers.contains_key("strict-transport-security"),
            "{name} made it believe in TLS"
        );
        assert!(answer.headers.contains_key("content-security-policy"));
    }
    assert!(!plain.text().contains("la.example"));
    // The receipt's QR code leads to the configured address, whatever the request called us.
    let commune = crate::support::people::units_of(&site.app, identity::unit::UnitKind::Commune)[0];
    let id = filing::quick(&visitor, &person, commune, "Biên nhận").await;
    let request = visitor
        .request(Method::GET, &format!("/my/dossiers/{id}/receipt"))
        .header("x-forwarded-host", "la.example");
    assert!(!visitor.send(request).await.text().contains("la.example"));
    site.close().await;
}

/// Signs in by password as a browser does, from an address that a named proxy reports.
async fn sign_in(url: &str, from: &str, login: &str, password: &str, back: &str) -> (Visitor, Answer) {
    let visitor = Visitor::anonymous(url);
    let page = visitor.page("/sign-in").await;
    let token = page.form("/sign-in").hidden;
    let mut fields: Vec<(&str, &str)> = token
        .iter()
        .filter(|(name, _)| name != "return_to")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.extend([("login", login), ("password", password), ("return_to", back)]);
    let request = visitor
        .request(Method::POST, "/sign-in")
        .header("x-forwarded-for", from)
        .form(&fields);
    let answer = visitor.send(request).await;
    (visitor, answer)
}

/// A province behind a named proxy (this test), so that a test can come from many addresses.
async fn proxied() -> (Province, Site, crate::support::Staff) {
    let mut province = Province::sqlite().await;
    province.config.trusted_proxies = vec!["127.0.0.1".to_owned()];
    let (site, staff) = Site::staffed(&province, ManualWorld::new()).await;
    (province, site, staff)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_after_signing_in_stays_here() {
    let (_province, site, _staff) = proxied().await;
    for (n, back) in [
        "https://la.example/",
        "//la.example",
        "/\\la.example",
        "\\\\la.example",
        "/%09/la.example",
        "javascript:alert(1)",
        "/desk\r\nSet-Cookie: x=1",
        "http:la.example",
        " //la.example",
        "/\t/la.example",
    ]
    .iter()
    .enumerate()
    {
        let (_, answer) = sign_in(site.url(), &format!("203.0.113.{n}"), "motcua", PASSWORD, back).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{back:?}: {}", answer.words());
        let to = answer.location();
        assert!(
            to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'),
            "{back:?} leads to {to}"
        );
        let there = reqwest::Url::parse(site.url()).unwrap().join(&to).unwrap();
        assert_eq!(there.host_str(), Some("127.0.0.1"), "{back:?} leads to {there}");
        is_sound(&answer, back);
    }
    let (_, answer) = sign_in(site.url(), "203.0.113.99", "motcua", PASSWORD, "/desk?tab=mine").await;
    assert_eq!(answer.location(), "/desk?tab=mine");
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_passwords_is_held_back_and_others_are_served() {
    let (_province, site, staff) = proxied().await;
    // One address tries many names: after its burst it is told to wait.
    let mut refused = 0;
    for n in 0..45 {
        let (_, answer) = sign_in(site.url(), "198.51.100.7", &format!("nguoi{n}"), "sai-mat-khau", "/").await;
        assert!(
            !answer.status.is_server_error() && !answer.status.is_redirection(),
            "{}",
            answer.status
        );
        let told = web::text(kernel::Lang::Vi, "error-sign-in-too-many");
        let start: String = told.chars().take(12).collect();
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS || answer.words().contains(&start));
    }
    assert!(refused >= 10, "only {refused} of 45 were held back");
    // Another address signs in meanwhile; the flooding one cannot, not even with the right password.
    let (_, answer) = sign_in(site.url(), "198.51.100.8", "motcua", PASSWORD, "/desk").await;
    assert_eq!(answer.location(), "/desk", "{}", answer.words());
    let (_, answer) = sign_in(site.url(), "198.51.100.7", "motcua", PASSWORD, "/desk").await;
    assert!(!answer.status.is_redirection(), "{}", answer.status);
    // Many addresses try one name: the account locks, and says no more to the right password than to a wrong one.
    for n in 0..6 {
        sign_in(site.url(), &format!("192.0.2.{n}"), "chuyenvien", "sai-mat-khau", "/").await;
    }
    let (_, right) = sign_in(site.url(), "192.0.2.50", "chuyenvien", PASSWORD, "/desk").await;
    let (_, wrong) = sign_in(site.url(), "192.0.2.51", "chuyenvien", "sai-mat-khau", "/desk").await;
    let (_, unknown) = sign_in(site.url(), "192.0.2.52", "khongco", "sai-mat-khau", "/desk").await;
    let reason = |answer: &Answer| {
        let text = answer.text();
        text.split("class=\"why\"")
            .nth(1)
            .and_then(|rest| rest.split("</div>").next())
            .map(html::words)
    };
    assert!(
        right.status == wrong.status && reason(&right) == reason(&wrong),
        "{:?} {:?}",
        reason(&right),
        reason(&wrong)
    );
    assert!(
        reason(&unknown).is_some() && wrong.status == unknown.status,
        "{}",
        unknown.words()
    );
    assert_eq!(
        staff.leader.at(site.url()).page("/desk").await.status,
        StatusCode::OK,
        "who is signed in works on"
    );
    site.close().await;
}
