//! Sign-ins end by idleness and by age, rotate, are listed and revoked; cookies and form tokens hold.

use ::http::StatusCode;
use jiff::SignedDuration;
use testkit::engines;

use super::*;
use crate::account::Role;
use crate::account::admin::By;
use crate::testing::{MIGRATIONS, Province, hidden};

#[test]
fn a_device_is_told_coarsely() {
    let cases = [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8", ""),
    ];
    for (agent, expected) in cases {
        assert_eq!(rules::device(agent), expected);
    }
}

#[test]
fn only_64_hex_letters_are_a_token() {
    let token = SessionToken::new(testkit::ManualWorld::new().as_ref());
    assert_eq!(SessionToken::parse(&token.reveal()), Some(token.clone()));
    assert_eq!(token.key().len(), 32);
    assert!(!format!("{token:?}").contains(&token.reveal()));
    for bad in ["", "00", &"g".repeat(64), &"0".repeat(63), &"0".repeat(66)] {
        assert!(SessionToken::parse(bad).is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_sessions_end_after_their_time() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let admin = province.officer("quan", Role::Admin, province.root).await;
        let citizen = province.citizen().await;
        let cases = [(desk, 15), (admin, 5), (citizen, 30)];
        for (account, minutes) in cases {
            let live = async |after: SignedDuration| {
                let token = province.token(account, Level::PasswordTotp).await;
                test.world().advance(after);
                province.identity.resolve(&token).await.unwrap().1 != Caller::Anonymous
            };
            assert!(live(SignedDuration::from_mins(minutes) - SignedDuration::from_secs(1)).await);
            assert!(!live(SignedDuration::from_mins(minutes)).await, "{minutes} minutes");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn use_prolongs_a_session_but_not_beyond_twelve_hours() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let token = province.token(desk, Level::Password).await;
        let mut lived = 0;
        while province.identity.resolve(&token).await.unwrap().1 != Caller::Anonymous {
            test.world().advance(SignedDuration::from_mins(10));
            lived += 10;
            assert!(lived < 24 * 60, "the session lives forever");
        }
        assert_eq!(lived, 12 * 60);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_is_written_once_a_minute() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let token = province.token(desk, Level::Password).await;
        let seen = async || {
            province.identity.resolve(&token).await.unwrap();
            test.store().read(move |tx| store::of_account(tx, desk)).await.unwrap()[0].seen_at
        };
        let first = seen().await;
        test.world().advance(SignedDuration::from_secs(59));
        assert_eq!(seen().await, first);
        test.world().advance(SignedDuration::from_secs(1));
        assert_eq!(seen().await, first + SignedDuration::from_secs(60));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_does_not_lengthen_a_session() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let token = province.token(desk, Level::Password).await;
        test.world().advance(SignedDuration::from_hours(-2));
        assert_eq!(province.identity.resolve(&token).await.unwrap().1, Caller::Anonymous);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_moving_and_disabling_end_sessions() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let token = province.token(desk, Level::Password).await;
        let held = province.identity.resolve(&token).await.unwrap().1;
        let assignment = held.officer().unwrap().acting().unwrap().id;
        province
            .identity
            .withdraw_role(&By::System, assignment, "chuyển công tác")
            .await
            .unwrap();
        assert_eq!(province.identity.resolve(&token).await.unwrap().1, Caller::Anonymous);

        let token = province.token(desk, Level::Password).await;
        let idle = province.identity.resolve(&token).await.unwrap().1;
        assert!(
            idle.officer().unwrap().acting().is_none(),
            "a withdrawn role is still acted in"
        );
        province
            .identity
            .disable_account(&By::System, desk, "nghỉ hưu")
            .await
            .unwrap();
        assert_eq!(province.identity.resolve(&token).await.unwrap().1, Caller::Anonymous);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_keeps_twenty_sessions_and_ends_the_others() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let mut tokens = Vec::new();
        for _ in 0..25 {
            tokens.push(province.token(desk, Level::Password).await);
            test.world().advance(SignedDuration::from_secs(1));
        }
        let live = test.store().read(move |tx| store::of_account(tx, desk)).await.unwrap();
        assert_eq!(live.len(), 20);
        let mut browser = province.browser().with_session(&tokens[24]);
        let page = browser.get("/account").await;
        assert_eq!(page.status, StatusCode::OK);
        let answer = browser.post("/account", "/account/sessions/end-others", &[]).await;
        assert_eq!(
            (answer.status, answer.location.as_str()),
            (StatusCode::SEE_OTHER, "/account")
        );
        let live = test.store().read(move |tx| store::of_account(tx, desk)).await.unwrap();
        assert_eq!(live.len(), 1);
        assert_eq!(
            province.identity.resolve(&tokens[23]).await.unwrap().1,
            Caller::Anonymous
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_a_session_of_somebody_else() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let lan = province.officer("lan", Role::Desk, province.desk).await;
        let minh = province.officer("minh", Role::Desk, province.desk).await;
        let (own, other) = (
            province.token(lan, Level::Password).await,
            province.token(minh, Level::Password).await,
        );
        let victim = province.identity.resolve(&other).await.unwrap().0.unwrap().id;
        let mut browser = province.browser().with_session(&own);
        let answer = browser
            .post("/account", &format!("/account/sessions/{victim}/end"), &[])
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_ne!(province.identity.resolve(&other).await.unwrap().1, Caller::Anonymous);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_needs_the_token_of_its_session() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let (one, two) = (
            province.token(desk, Level::Password).await,
            province.token(desk, Level::Password).await,
        );
        let mut browser = province.browser().with_session(&one);
        let mut other = province.browser().with_session(&two);
        let foreign = hidden(&other.get("/account/password").await.body, "_csrf");
        for csrf in ["", "x", foreign.as_str()] {
            let answer = browser.post_with("/account/sessions/end-others", csrf, &[]).await;
            assert!(answer.status.is_client_error(), "{csrf:?} is taken");
        }
        let own = hidden(&browser.get("/account/password").await.body, "_csrf");
        assert_eq!(
            browser
                .post_with("/account/sessions/end-others", &own, &[])
                .await
                .status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_host_only_secure_and_anonymous_ones_cost_no_row() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let token = SessionToken::new(test.world().as_ref());
        let plain = province.identity.session_cookie(&token);
        assert!(plain.starts_with("tinhso=s") && plain.contains("HttpOnly") && plain.contains("SameSite=Lax"));
        let secure = super::http::set_cookie(true, "__Host-tinhso", "x", None);
        assert_eq!(secure, "__Host-tinhso=x; Path=/; HttpOnly; SameSite=Lax; Secure");
        let mut browser = province.browser();
        browser.get("/sign-in").await;
        assert!(
            browser
                .cookies
                .get("tinhso")
                .is_some_and(|value| value.starts_with('a'))
        );
        let rows = |tx: &mut ::store::Tx| tx.one("SELECT count(*) FROM session", &[], |row| row.get::<i64>(0));
        assert_eq!(test.store().read(rows).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_leads_to_sign_in_and_back() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let mut browser = province
            .browser()
            .with_session(&province.token(desk, Level::Password).await);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        test.world().advance(SignedDuration::from_mins(20));
        let answer = browser.get("/account?x=1").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.location, "/sign-in?return_to=/account%3Fx%3D1");
        assert!(browser.cookies["tinhso"].starts_with('a'));
        let why = web::text(kernel::Lang::Vi, "session-notice-ended");
        let page = browser.get(&answer.location).await;
        assert!(page.body.contains(&why), "the page says why one is here: {}", page.body);
        assert!(!browser.get(&answer.location).await.body.contains(&why), "once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_knows_how_long_the_session_lasts() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let citizen = province.citizen().await;
        let mut browser = province
            .browser()
            .with_session(&province.token(citizen, Level::Oidc).await);
        let page = browser.get("/account").await;
        assert!(page.body.contains("Trần Thị Hoa"), "the masthead names the person");
        assert!(page.body.contains("1800"), "thirty minutes are left");
        assert_eq!(browser.get("/account/stay").await.status, StatusCode::NO_CONTENT);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn choosing_another_role_changes_token_and_rights() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let lan = province.officer("lan", Role::Desk, province.desk).await;
        let role = crate::account::admin::NewRole {
            role: Role::Leader,
            unit: province.other,
            valid_from: None,
            valid_to: None,
            reason: "kiêm nhiệm".to_owned(),
        };
        let given = province.identity.grant_role(&By::System, lan, role).await.unwrap();
        let crate::account::Given::Held(leader) = given else {
            panic!("the program needs no second hand")
        };
        let token = province.token(lan, Level::Password).await;
        let mut browser = province.browser().with_session(&token);
        let before = browser.cookies["tinhso"].clone();
        let fields = [("assignment", leader.to_string())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = browser.post("/account/acting", "/account/acting", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_ne!(browser.cookies["tinhso"], before);
        assert_eq!(
            province.identity.resolve(&token).await.unwrap().1,
            Caller::Anonymous,
            "the old token still works"
        );
        let token = SessionToken::parse(&browser.cookies["tinhso"][1..]).unwrap();
        let caller = province.identity.resolve(&token).await.unwrap().1;
        assert_eq!(caller.officer().unwrap().role(), Some(Role::Leader));
        assert_eq!(caller.officer().unwrap().unit(), Some(province.other));
        let foreign = AssignmentId::new(test.world().as_ref()).to_string();
        let answer = browser
            .post("/account/acting", "/account/acting", &[("assignment", &foreign)])
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_removes_what_ended() {
    engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        province.token(desk, Level::Password).await;
        test.world().advance(SignedDuration::from_mins(31));
        province.token(desk, Level::Password).await;
        assert_eq!(province.identity.sweep_sessions().await.unwrap(), 1);
    })
    .await;
}
