//! Signing in by password and code, and by OpenID Connect against the in-process provider, with everything that may go wrong.

use ::http::StatusCode;
use jiff::SignedDuration;
use kernel::World as _;
use proptest::prelude::*;
use serde_json::json;
use testkit::engines;
use zeroize::Zeroizing;

use super::claims::{read, same_name};
use super::config::ClaimMap;
use super::password::Attempt;
use super::rules::{encode_query, return_to};
use super::*;
use crate::account::admin::By;
use crate::account::{AccountId, Role};
use crate::session::{Caller, Level, SessionToken, Stage};
use crate::simulated_provider::{Mischief, SimulatedPerson, SimulatedProvider};
use crate::testing::{Browser, MIGRATIONS, PASSWORD, Province, claimed, hidden};

#[test]
fn ways_back_stay_on_this_site() {
    let cases = [
        (None, "/"),
        (Some("/desk?x=1&y=2"), "/desk?x=1&y=2"),
        (Some("//evil.example"), "/"),
        (Some("/\\evil.example"), "/"),
        (Some("https://evil.example/"), "/"),
        (Some("javascript:alert(1)"), "/"),
        (Some("/a\r\nSet-Cookie: x"), "/"),
        (Some("/a b"), "/"),
        (Some("/sign-in?return_to=/"), "/"),
        (Some("/sign-out"), "/"),
        (Some(""), "/"),
    ];
    for (text, expected) in cases {
        assert_eq!(return_to(text), expected, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_way_back_is_local_or_home(text in ".{0,80}") {
        let to = return_to(Some(&text));
        prop_assert!(to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\"));
        prop_assert!(!to.chars().any(char::is_control));
    }

    #[test]
    fn encoded_text_is_plain_ascii(text in ".{0,80}") {
        prop_assert!(encode_query(&text).bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)));
    }
}

#[test]
fn claims_are_read_by_the_map() {
    let map = ClaimMap::default();
    let claims = |birth: &str, kind: &str| {
        json!({ "sub": "s", "SoDinhDanh": "042190001234", "HoVaTen": " Trần Thị Hoa ", "NgayThangNamSinh": birth,
                "LoaiTaiKhoan": kind, "MaSoThue": "3001234567", "TenToChuc": "HTX Hương Sen" })
        .as_object()
        .cloned()
        .unwrap()
    };
    for birth in ["19900517", "17/05/1990", "1990-05-17"] {
        let found = read(&map, &claims(birth, "citizen")).unwrap();
        assert_eq!(
            (found.name.as_str(), found.birth),
            ("Trần Thị Hoa", jiff::civil::date(1990, 5, 17))
        );
        assert!(found.organisation.is_none());
    }
    for birth in ["1990517", "19901350", "17.05.1990", "", "١٩٩٠٠٥١٧"] {
        assert!(
            matches!(
                read(&map, &claims(birth, "citizen")),
                Err(SignInError::ClaimMissing("birth"))
            ),
            "{birth}"
        );
    }
    for name in ["sub", "SoDinhDanh", "HoVaTen"] {
        let mut claims = claims("19900517", "citizen");
        claims.remove(name);
        assert!(
            matches!(read(&map, &claims), Err(SignInError::ClaimMissing(_))),
            "{name}"
        );
    }
    let mut bad = claims("19900517", "citizen");
    bad.insert("SoDinhDanh".to_owned(), json!("12"));
    assert!(matches!(read(&map, &bad), Err(SignInError::ClaimMissing("number"))));
}

#[test]
fn names_are_the_same_whatever_case_and_unicode_form() {
    assert!(same_name("TRẦN THỊ  HOA", "Trần Thị Hoa"));
    assert!(same_name("Tra\u{302}\u{300}n", "Trần"));
    assert!(!same_name("Trần Thị Hòa", "Trần Thị Hoa"));
}

fn attempt(login: &str, password: &str) -> Attempt {
    Attempt {
        login: login.to_owned(),
        password: Zeroizing::new(password.to_owned()),
        address: "192.0.2.7".parse().unwrap(),
        device: "Firefox, Linux".to_owned(),
    }
}

async fn refused(p: &Province, login: &str, password: &str) -> bool {
    matches!(
        p.identity.sign_in_with_password(attempt(login, password)).await,
        Err(SignInError::Refused)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_lock_for_a_quarter_of_an_hour() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        assert!(
            p.identity
                .sign_in_with_password(attempt(" LAN", PASSWORD))
                .await
                .is_ok()
        );
        for _ in 0..5 {
            assert!(refused(&p, "lan", "wrong").await);
        }
        assert!(refused(&p, "lan", PASSWORD).await, "the fifth failure does not lock");
        test.world().advance(SignedDuration::from_mins(15));
        assert!(p.identity.sign_in_with_password(attempt("lan", PASSWORD)).await.is_ok());
        for _ in 0..5 {
            assert!(refused(&p, "lan", "wrong").await);
        }
        p.identity.unlock_account(&By::System, lan).await.unwrap();
        assert!(p.identity.sign_in_with_password(attempt("lan", PASSWORD)).await.is_ok());
        let locks = crate::audit::Filter {
            action: Some("account.lock".to_owned()),
            ..Default::default()
        };
        let rows = test
            .store()
            .read(move |tx| crate::audit::store::page(tx, &locks, 50))
            .await
            .unwrap();
        assert_eq!(rows.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_locked_disabled_and_unused_look_the_same() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let gone = p.officer("gone", Role::Desk, p.desk).await;
        p.officer("idle", Role::Desk, p.desk).await;
        p.identity.disable_account(&By::System, gone, "nghỉ hưu").await.unwrap();
        assert!(refused(&p, "nobody", PASSWORD).await);
        assert!(refused(&p, "gone", PASSWORD).await);
        test.world().advance(SignedDuration::from_hours(45 * 24));
        assert!(refused(&p, "idle", PASSWORD).await, "an unused account opens");
        let mut browser = p.browser();
        let mut bodies = Vec::new();
        for login in ["nobody", "gone", "idle"] {
            let answer = browser
                .post("/sign-in", "/sign-in", &[("login", login), ("password", "wrong")])
                .await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(!answer.body.contains("wrong"), "the password is shown again");
            bodies.push(answer.body.matches("Không đăng nhập được").count());
        }
        assert!(bodies.iter().all(|count| *count > 0 && *count == bodies[0]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_from_one_address_is_told_to_wait() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let mut limited = None;
        for n in 0..40 {
            if let Err(SignInError::TooMany { retry_after_s }) = p
                .identity
                .sign_in_with_password(attempt(&format!("nobody{n}"), "wrong"))
                .await
            {
                limited = Some((n, retry_after_s));
                break;
            }
        }
        let (after, wait) = limited.expect("no limit");
        assert_eq!(after, 30);
        assert!((1..=6).contains(&wait));
        test.world().advance(SignedDuration::from_secs(6));
        assert!(refused(&p, "nobody", "wrong").await);
        let mut elsewhere = attempt("nobody", "wrong");
        elsewhere.address = "192.0.2.8".parse().unwrap();
        assert!(matches!(
            p.identity.sign_in_with_password(elsewhere).await,
            Err(SignInError::Refused)
        ));
    })
    .await;
}

/// Signs in by password and gives the live session in its stage.
async fn begin(p: &Province, login: &str, password: &str) -> (SessionToken, crate::session::Session) {
    let done = p
        .identity
        .sign_in_with_password(attempt(login, password))
        .await
        .unwrap();
    let session = p.identity.resolve(&done.token).await.unwrap().0.unwrap();
    assert_eq!(session.stage, done.stage);
    (done.token, session)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_and_recovery_codes_too() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let (secret, codes) = p.identity.enrol_second_factor(lan).await.unwrap();
        let address = "192.0.2.7".parse().unwrap();
        let (token, session) = begin(&p, "lan", PASSWORD).await;
        assert_eq!(session.stage, Stage::Totp);
        assert_eq!(
            p.identity.resolve(&token).await.unwrap().1,
            Caller::Anonymous,
            "half a sign-in is a caller"
        );

        let code = secret.code_at(test.world().now());
        let wrong = p.identity.sign_in_with_code(&session, "000000", address).await;
        assert!(code == "000000" || matches!(wrong, Err(SignInError::CodeRefused)));
        let done = p.identity.sign_in_with_code(&session, &code, address).await.unwrap();
        assert_ne!(done.token, token);
        assert_eq!(
            p.identity.resolve(&token).await.unwrap().0,
            None,
            "the old token still works"
        );
        let caller = p.identity.resolve(&done.token).await.unwrap().1;
        assert_eq!(caller.officer().unwrap().level(), Level::PasswordTotp);

        let (_, again) = begin(&p, "lan", PASSWORD).await;
        let replay = p.identity.sign_in_with_code(&again, &code, address).await;
        assert!(matches!(replay, Err(SignInError::CodeRefused)), "a code is taken twice");
        let recovered = p
            .identity
            .sign_in_with_code(&again, &codes[3].to_uppercase(), address)
            .await;
        assert!(recovered.is_ok());
        let (_, third) = begin(&p, "lan", PASSWORD).await;
        let replay = p.identity.sign_in_with_code(&third, &codes[3], address).await;
        assert!(
            matches!(replay, Err(SignInError::CodeRefused)),
            "a recovery code is taken twice"
        );
        test.world().advance(SignedDuration::from_secs(60));
        let later = secret.code_at(test.world().now());
        assert!(p.identity.sign_in_with_code(&third, &later, address).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_lock_and_end_the_half_sign_in() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let (secret, _) = p.identity.enrol_second_factor(lan).await.unwrap();
        let address = "192.0.2.7".parse().unwrap();
        let (token, session) = begin(&p, "lan", PASSWORD).await;
        for _ in 0..4 {
            let wrong = p.identity.sign_in_with_code(&session, "not a code", address).await;
            assert!(matches!(wrong, Err(SignInError::CodeRefused)));
        }
        let fifth = p.identity.sign_in_with_code(&session, "not a code", address).await;
        assert!(matches!(fifth, Err(SignInError::Refused)));
        assert_eq!(p.identity.resolve(&token).await.unwrap().0, None);
        let code = secret.code_at(test.world().now());
        assert!(matches!(
            p.identity.sign_in_with_code(&session, &code, address).await,
            Err(SignInError::Refused)
        ));
        assert!(refused(&p, "lan", PASSWORD).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sign_in_changes_the_password_and_administrators_enrol() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let quan = p.officer("quan", Role::Admin, p.root).await;
        let temporary = p.identity.reset_password(&By::System, quan).await.unwrap();
        let mut browser = p.browser();
        let fields = [
            ("login", "quan"),
            ("password", temporary.as_str()),
            ("return_to", "/admin"),
        ];
        let answer = browser.post("/sign-in", "/sign-in", &fields).await;
        assert_eq!(answer.location, "/sign-in/new-password?return_to=/admin");
        let blocked = browser.get("/admin/accounts").await;
        assert!(blocked.location.starts_with("/sign-in?"), "half a sign-in opens pages");

        let page = answer.location;
        let short = [
            ("old", temporary.as_str()),
            ("new", "ngắn"),
            ("again", "ngắn"),
            ("return_to", "/admin"),
        ];
        let answer = browser.post(&page, "/sign-in/new-password", &short).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let good = [
            ("old", temporary.as_str()),
            ("new", "k9#vTq2!x"),
            ("again", "k9#vTq2!x"),
            ("return_to", "/admin"),
        ];
        let answer = browser.post(&page, "/sign-in/new-password", &good).await;
        assert_eq!(answer.location, "/sign-in/second-factor?return_to=/admin");

        let page = browser.get(&answer.location).await.body;
        let key = page
            .split("<code>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .replace(' ', "");
        let secret = totp_rs::Secret::try_from_base32(&key).unwrap();
        let totp = totp_rs::Builder::new()
            .with_secret(secret)
            .with_account_name("x")
            .build()
            .unwrap();
        let code = totp.generate(test.world().now().as_seconds() as u64).to_string();
        let csrf = hidden(&page, "_csrf");
        let answer = browser
            .post_with(
                "/sign-in/second-factor",
                &csrf,
                &[("code", &code), ("return_to", "/admin")],
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("Mã khôi phục"));
        assert_eq!(browser.get("/admin/accounts").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_ends_other_sign_ins() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let other = p.token(lan, Level::Password).await;
        let mut browser = p.browser().with_session(&p.token(lan, Level::Password).await);
        let before = browser.cookies["tinhso"].clone();
        let next = "Nắng lên trên đồng lúa";
        let wrong = [("old", "wrong"), ("new", next), ("again", next)];
        let answer = browser.post("/account/password", "/account/password", &wrong).await;
        assert!(answer.body.contains("Mật khẩu hiện nay không đúng"));
        let fields = [("old", PASSWORD), ("new", next), ("again", next)];
        let answer = browser.post("/account/password", "/account/password", &fields).await;
        assert_eq!(
            (answer.status, answer.location.as_str()),
            (StatusCode::SEE_OTHER, "/account")
        );
        assert_ne!(browser.cookies["tinhso"], before);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        assert_eq!(p.identity.resolve(&other).await.unwrap().1, Caller::Anonymous);
        assert!(refused(&p, "lan", PASSWORD).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session() {
    engines(MIGRATIONS, async |test| {
        let p = Province::on(test).await;
        let lan = p.officer("lan", Role::Desk, p.desk).await;
        let token = p.token(lan, Level::Password).await;
        let mut browser = p.browser().with_session(&token);
        let answer = browser.post("/account", "/sign-out", &[]).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/"));
        assert!(browser.cookies["tinhso"].starts_with('a'));
        assert_eq!(p.identity.resolve(&token).await.unwrap().0, None);
    })
    .await;
}

/// A province whose people come from an in-process provider on a free port.
async fn with_provider(test: &testkit::TestStore) -> (Province, SimulatedProvider) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let hoa = claimed("042190001234", "Trần Thị Hoa");
    let people = vec![
        SimulatedPerson {
            subject: hoa.subject,
            number: hoa.number,
            name: hoa.name,
            birth: hoa.birth,
            organisation: None,
        },
        SimulatedPerson {
            subject: "company".to_owned(),
            number: "042085004321".parse().unwrap(),
            name: "Lê Văn Nam".to_owned(),
            birth: jiff::civil::date(1985, 1, 2),
            organisation: Some(("3001234567".parse().unwrap(), "HTX Hương Sen".to_owned())),
        },
    ];
    let provider = SimulatedProvider::new(&origin, "/demo-identity", people, test.world().clone());
    let mut config = provider.config("dvcqg");
    config.claims = ClaimMap::default();
    let p = Province::with_providers(test, vec![config]).await;
    let brand = web::Brand::new(kernel::Bilingual::vi("Thử"), kernel::Bilingual::vi("Thử"));
    let world: std::sync::Arc<dyn kernel::World> = test.world().clone();
    let app = web::frame(provider.router(), web::Frame::new(std::sync::Arc::new(brand), world));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (p, provider)
}

/// Walks to the provider, chooses the person, gives the address that leads back.
async fn walk(browser: &mut Browser, person: usize) -> String {
    let answer = browser.get("/sign-in/oidc/dvcqg?return_to=/my/data-use").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let authorize = answer.location;
    // The provider's sign-in page lets the person come back to this origin only; here the two run on different ports.
    let (_, query) = authorize.split_once('?').unwrap();
    let part = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        pair.unwrap_or_else(|| panic!("no {name} in {query}")).to_owned()
    };
    assert_eq!(part("code_challenge_method"), "S256");
    assert_eq!(part("response_type"), "code");
    assert_eq!(part("acr_values"), "LoA1");
    format!(
        "{person}|{}|{}|{}",
        part("state"),
        part("nonce"),
        part("code_challenge")
    )
}

/// Grants a code as the provider's page does.
fn grant(provider: &SimulatedProvider, walk: &str) -> (String, String) {
    let parts: Vec<&str> = walk.split('|').collect();
    let [person, state, nonce, challenge] = parts.as_slice() else {
        panic!("{walk}")
    };
    let redirect = format!("{}/sign-in/oidc/dvcqg/callback", crate::testing::ORIGIN);
    let code = provider.grant_for_test(person.parse().unwrap(), &redirect, nonce, challenge);
    (code, (*state).to_owned())
}

async fn arrive(browser: &mut Browser, provider: &SimulatedProvider, person: usize) -> crate::testing::Answer {
    let walked = walk(browser, person).await;
    let (code, state) = grant(provider, &walked);
    browser
        .get(&format!("/sign-in/oidc/dvcqg/callback?code={code}&state={state}"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_arrives_by_openid_connect() {
    engines(MIGRATIONS, async |test| {
        let (p, provider) = with_provider(test).await;
        let mut browser = p.browser();
        assert!(
            browser
                .get("/sign-in")
                .await
                .body
                .contains("/sign-in/oidc/dvcqg?return_to=")
        );
        let answer = arrive(&mut browser, &provider, 0).await;
        assert_eq!(
            (answer.status, answer.location.as_str()),
            (StatusCode::SEE_OTHER, "/my/data-use"),
            "{}",
            answer.body
        );
        let page = browser.get("/my/data-use").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Trần Thị Hoa"));
        let first = account_of(&p, &browser).await;

        let mut again = p.browser();
        arrive(&mut again, &provider, 0).await;
        assert_eq!(
            account_of(&p, &again).await,
            first,
            "a second sign-in makes a second account"
        );

        let mut company = p.browser();
        arrive(&mut company, &provider, 1).await;
        let token = SessionToken::parse(&company.cookies["tinhso"][1..]).unwrap();
        let caller = p.identity.resolve(&token).await.unwrap().1;
        assert_eq!(caller.citizen().unwrap().kind(), crate::AccountKind::Organisation);
        assert!(caller.citizen().unwrap().organisation().is_some());

        let out = browser.post("/account", "/sign-out", &[]).await;
        assert!(
            out.location.contains("/demo-identity/logout?id_token_hint="),
            "{}",
            out.location
        );
    })
    .await;
}

async fn account_of(p: &Province, browser: &Browser) -> Option<AccountId> {
    let token = SessionToken::parse(&browser.cookies["tinhso"][1..]).unwrap();
    p.identity.resolve(&token).await.unwrap().1.account()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_wrong_are_refused() {
    engines(MIGRATIONS, async |test| {
        let (p, provider) = with_provider(test).await;
        let wrong = [
            Mischief::WrongNonce,
            Mischief::WrongAudience,
            Mischief::WrongIssuer,
            Mischief::Expired,
            Mischief::OtherKey,
            Mischief::AlgorithmNone,
            Mischief::AlgorithmHmac,
            Mischief::OtherUserinfo,
            Mischief::FromTheFuture,
        ];
        for mischief in wrong {
            provider.misbehave(mischief);
            let mut browser = p.browser();
            let answer = arrive(&mut browser, &provider, 0).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{mischief:?}: {}", answer.body);
            assert!(browser.cookies["tinhso"].starts_with('a'), "{mischief:?} signs in");
        }
        provider.misbehave(Mischief::None);
        let mut browser = p.browser();
        assert_eq!(arrive(&mut browser, &provider, 0).await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn state_code_and_trip_are_held_together() {
    engines(MIGRATIONS, async |test| {
        let (p, provider) = with_provider(test).await;
        let path = |code: &str, state: &str| format!("/sign-in/oidc/dvcqg/callback?code={code}&state={state}");
        let mut browser = p.browser();
        let walked = walk(&mut browser, 0).await;
        let (code, state) = grant(&provider, &walked);
        assert_eq!(browser.get(&path(&code, "another")).await.status, StatusCode::FORBIDDEN);
        let mut stranger = p.browser();
        assert_eq!(
            stranger.get(&path(&code, &state)).await.status,
            StatusCode::GONE,
            "a stranger's browser finishes"
        );
        let other_trip = walk(&mut stranger, 0).await;
        let (_, other_state) = grant(&provider, &other_trip);
        let stolen = stranger.get(&path(&code, &other_state)).await;
        assert_eq!(
            stolen.status,
            StatusCode::FORBIDDEN,
            "a stolen code without its verifier signs in"
        );

        let walked = walk(&mut browser, 0).await;
        let (code, state) = grant(&provider, &walked);
        assert_eq!(
            browser
                .get(&format!(
                    "/sign-in/oidc/dvcqg/callback?error=access_denied&state={state}"
                ))
                .await
                .status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(browser.get(&path(&code, &state)).await.status, StatusCode::SEE_OTHER);
        assert_eq!(
            browser.get(&path(&code, &state)).await.status,
            StatusCode::GONE,
            "a trip ends twice"
        );

        let walked = walk(&mut browser, 0).await;
        let (code, state) = grant(&provider, &walked);
        test.world().advance(SignedDuration::from_mins(11));
        assert_eq!(
            browser.get(&path(&code, &state)).await.status,
            StatusCode::GONE,
            "a trip lasts for ever"
        );
        assert_eq!(browser.get("/sign-in/oidc/nobody").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_under_the_same_number_is_refused_and_asked_about() {
    engines(MIGRATIONS, async |test| {
        let (p, provider) = with_provider(test).await;
        p.identity
            .open_citizen(&claimed("042190001234", "Phạm Thị Lạ"))
            .await
            .unwrap();
        let mut browser = p.browser();
        let answer = arrive(&mut browser, &provider, 0).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.body.contains("không khớp"), "{}", answer.body);
        assert!(!answer.body.contains("Phạm Thị Lạ"));
        let open = test
            .store()
            .read(|tx| tx.one("SELECT count(*) FROM person_question", &[], |row| row.get::<i64>(0)));
        assert_eq!(open.await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn faulty_providers_do_not_start() {
    let world = testkit::ManualWorld::new();
    let good = SimulatedProvider::new("https://id.example", "/x", Vec::new(), world).config("dvcqg");
    let start = |change: &dyn Fn(&mut ProviderConfig)| {
        let mut one = good.clone();
        change(&mut one);
        let config = crate::IdentityConfig {
            origin: crate::testing::ORIGIN.to_owned(),
            secure: false,
            issuer: "Thử".to_owned(),
            providers: vec![one],
        };
        super::oidc::Providers::new(&config).is_ok()
    };
    assert!(start(&|_| {}));
    assert!(!start(&|one| one.id = "Bad Id".to_owned()));
    assert!(!start(&|one| one.issuer = "http://id.example".to_owned()));
    assert!(!start(&|one| one.algorithms = vec!["none".to_owned()]));
    assert!(!start(&|one| one.algorithms = vec!["HS256".to_owned()]));
    assert!(!start(
        &|one| one.token_endpoint = Some("https://id.example/token".to_owned())
    ));
    assert!(!start(
        &|one| one.client_secret_file = Some("/nonexistent/secret".into())
    ));
    assert!(!start(&|one| one.end_session_endpoint = Some("javascript:x".to_owned())));
}
