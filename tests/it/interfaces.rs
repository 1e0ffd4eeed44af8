//! What other programs do with a register: keys with scopes and quotas, pages in the form they ask for, the order of changes, files,
//! subscriptions; and what they must not.

use identity::Role;
use kernel::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::ManualWorld;

use crate::support::province::both;
use crate::support::registers::{TREES, plant};
use crate::support::{Site, Visitor, people};

const TOKENS: &str = "/admin/tokens";
const HOOKS: &str = "/admin/hooks";

/// Makes a key on the page; gives its secret.
async fn key(admin: &Visitor, unit: &str, scopes: &[&str], per_day: &str) -> String {
    let page = admin.page(TOKENS).await;
    let mut fields = vec![
        ("name", "Phần mềm GIS"),
        ("unit", unit),
        ("per-minute", "6000"),
        ("per-day", per_day),
    ];
    fields.extend(scopes.iter().map(|scope| ("scopes", *scope)));
    let answer = admin.submit(&page, TOKENS, &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.words());
    let text = answer.text();
    let at = text
        .find("tinhso_")
        .unwrap_or_else(|| panic!("no secret: {}", answer.words()));
    text[at..at + 71].to_owned()
}

/// What a program with a key is answered.
async fn asked(
    program: &Visitor,
    secret: &str,
    accept: &str,
    method: Method,
    path: &str,
) -> (StatusCode, String, String) {
    let request = program.request_for(accept, method, path);
    let answer = program
        .send(request.header("authorization", format!("Bearer {secret}")))
        .await;
    let header = |name: &str| {
        answer
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
            .to_owned()
    };
    (answer.status, header("retry-after"), answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_does_what_its_key_says_and_no_more_than_its_quota() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        plant(&staff.specialist.at(site.url()), "TS-000001").await;
        let admin = people::officer(&site.app, "quantri", Role::UnitAdmin, staff.commune)
            .await
            .at(site.url());
        let unit = staff.commune.to_string();
        let secret = key(&admin, &unit, &["register.read"], "12").await;
        let again = admin.page(TOKENS).await.text();
        assert!(!again.contains(&secret), "it is shown once");

        let (program, api) = (site.visitor(), format!("/api{TREES}"));
        let (status, _, body) = asked(&program, &secret, "application/json", Method::GET, &api).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let list: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(list["items"][0]["values"]["tag"], "TS-000001");
        assert!(!body.contains("keeper"), "{body}");
        let (_, _, csv) = asked(&program, &secret, "text/csv", Method::GET, &api).await;
        assert!(csv.starts_with("id,revision,") && csv.contains("TS-000001"), "{csv}");
        let (_, _, geo) = asked(&program, &secret, "application/geo+json", Method::GET, &api).await;
        let geo: Value = serde_json::from_str(&geo).unwrap();
        assert_eq!(geo["features"][0]["geometry"]["coordinates"], json!([105.9, 18.342]));

        // A personal field without a purpose is refused and on record, in a page as in a file.
        let acts = || {
            site.app
                .store
                .read(|tx| tx.all("SELECT action FROM audit_entry", &[], |row| row.get::<String>(0)))
        };
        for path in [format!("{api}?fields=keeper"), format!("{api}/export?fields=keeper")] {
            let before = acts()
                .await
                .unwrap()
                .iter()
                .filter(|act| *act == "register.personal-refused")
                .count();
            let (status, _, body) = asked(&program, &secret, "application/json", Method::GET, &path).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {body}");
            let after = acts()
                .await
                .unwrap()
                .iter()
                .filter(|act| *act == "register.personal-refused")
                .count();
            assert_eq!(after, before + 1, "{path}");
        }
        // Names in full need an action that no key has.
        let (status, _, body) = asked(
            &program,
            &secret,
            "text/csv",
            Method::GET,
            &format!("{api}/export?people=in-full&purpose=xem"),
        )
        .await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
        // What the key does not say is refused, pages of people too.
        for (method, path) in [
            (Method::POST, api.as_str()),
            (Method::GET, "/account"),
            (Method::GET, TOKENS),
        ] {
            let (status, _, body) = asked(&program, &secret, "application/json", method, path).await;
            assert!(
                matches!(
                    status,
                    StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED | StatusCode::UNSUPPORTED_MEDIA_TYPE
                ),
                "{path}: {status} {body}"
            );
        }

        // The quota of a day, and the next day.
        let mut refused = None;
        for _ in 0..14 {
            let (status, wait, body) = asked(&program, &secret, "application/json", Method::GET, &api).await;
            if status == StatusCode::TOO_MANY_REQUESTS {
                refused = Some((wait, body));
                break;
            }
        }
        let (wait, body) = refused.expect("the quota ends");
        assert!(wait.parse::<u32>().is_ok_and(|wait| wait > 0), "{wait:?}");
        assert!(body.contains("token-quota"), "{body}");
        site.close().await;
        province.verify();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_back_or_unknown_opens_nothing() {
    both(async |province| {
        let world = ManualWorld::new();
        let (site, staff) = Site::staffed(province, world.clone()).await;
        let specialist = staff.specialist.at(site.url());
        plant(&specialist, "TS-000001").await;
        let admin = people::officer(&site.app, "quantri", Role::UnitAdmin, staff.commune)
            .await
            .at(site.url());
        let secret = key(
            &admin,
            &staff.commune.to_string(),
            &["register.read", "register.write"],
            "1000",
        )
        .await;
        let (program, api) = (site.visitor(), format!("/api{TREES}"));
        let ask = async |secret: &str| asked(&program, secret, "application/json", Method::GET, &api).await.0;
        assert_eq!(ask(&secret).await, StatusCode::OK);
        assert_eq!(ask(&format!("{}0", &secret[..70])).await, StatusCode::UNAUTHORIZED);
        // It writes in its own name.
        let body = json!({ "values": { "tag": "TS-000002", "species": "Lim", "health": "good" } });
        let request = program
            .request_for("application/json", Method::POST, &api)
            .header("authorization", format!("Bearer {secret}"));
        let written = program.send(request.json(&body)).await;
        assert_eq!(written.status, StatusCode::CREATED, "{}", written.text());
        assert_eq!(written.json()["who"], "Phần mềm GIS");
        // Officers of other units neither see nor take back a key.
        let elsewhere = people::units_of(&site.app, identity::unit::UnitKind::Commune)[1];
        let stranger = people::officer(&site.app, "nguoila", Role::UnitAdmin, elsewhere)
            .await
            .at(site.url());
        assert!(!stranger.page(TOKENS).await.words().contains("Phần mềm GIS"));
        assert!(specialist.get(TOKENS).await.is_refused());

        let page = admin.page(TOKENS).await;
        let text = page.text();
        let at = text.find("/admin/tokens/").expect("a button");
        let action = text[at..].split('"').next().unwrap().to_owned();
        let done = admin.submit(&page, &action, &[]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.words());
        assert_eq!(ask(&secret).await, StatusCode::UNAUTHORIZED);
        world.advance(SignedDuration::from_secs(1));
        site.close().await;
        province.verify();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_read_on_from_a_place() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let consumer = register::feed::start(&site.app.register);
        let specialist = staff.specialist.at(site.url());
        let changes = format!("/api{TREES}/changes");
        let get = async |path: String| {
            specialist
                .send(specialist.request_for("application/json", Method::GET, &path))
                .await
        };
        let begin = get(format!("{changes}?since=now")).await.json();
        assert_eq!((&begin["items"], &begin["more"]), (&json!([]), &json!(false)));
        let since = begin["next"].as_str().unwrap().to_owned();
        let tree = plant(&specialist, "TS-000001").await;
        let mut told = Value::Null;
        for _ in 0..200 {
            told = get(format!("{changes}?since={since}")).await.json();
            if told["items"].as_array().is_some_and(|items| !items.is_empty()) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(told["items"][0]["record"]["values"]["tag"], "TS-000001", "{told}");
        assert_eq!(told["items"][0]["act"], "add");
        assert!(!told.to_string().contains("keeper"), "people are not told: {told}");
        let next = told["next"].as_str().unwrap();
        let end = get(format!("{changes}?since={next}")).await.json();
        assert_eq!((&end["items"], end["next"].as_str()), (&json!([]), Some(next)));
        assert!(tree.ends_with(told["items"][0]["id"].as_str().unwrap()));
        for bad in ["since=x", "since=-1", "limit=0", "limit=9999"] {
            let answer = get(format!("{changes}?{bad}")).await;
            assert_eq!(
                answer.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{bad}: {}",
                answer.text()
            );
        }
        consumer.stop().await;
        site.close().await;
        province.verify();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_leaves_with_names_only_for_a_purpose_that_is_on_record() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let specialist = staff.specialist.at(site.url());
        plant(&specialist, "TS-000001").await;
        let export = format!("{TREES}/export");
        let page = specialist.page(&format!("{export}?health=good")).await;
        assert!(page.words().contains("Tốt"), "the filter is kept: {}", page.words());
        let form = |people: &'static str, purpose: &'static str, format: &'static str| {
            [
                ("format", format),
                ("fields", "tag"),
                ("fields", "species"),
                ("about", "yes"),
                ("readers", "programs"),
                ("crs", "EPSG:9210"),
                ("people", people),
                ("purpose", purpose),
            ]
        };
        let uses = || {
            site.app
                .store
                .read(|tx| tx.all("SELECT reference FROM data_use", &[], |row| row.get::<String>(0)))
        };
        let silent = specialist.submit(&page, &export, &form("in-full", "", "csv")).await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", silent.words());
        let masked = specialist.submit(&page, &export, &form("masked", "", "csv")).await;
        assert_eq!(masked.status, StatusCode::OK, "{}", masked.words());
        assert!(
            masked.text().contains("***") || masked.text().contains('*'),
            "{}",
            masked.text()
        );
        assert!(!masked.text().contains("Chăm"), "{}", masked.text());
        assert!(uses().await.unwrap().is_empty());
        let full = specialist
            .submit(&page, &export, &form("in-full", "Mời họp tổ dân phố", "csv"))
            .await;
        assert!(full.text().contains("Nguyễn Văn Chăm"), "{}", full.text());
        assert_eq!(uses().await.unwrap(), ["Cây xanh: Mời họp tổ dân phố"]);
        for format in ["xlsx", "geojson", "gpkg", "fgb", "parquet"] {
            let answer = specialist.submit(&page, &export, &form("left-out", "", format)).await;
            assert_eq!(answer.status, StatusCode::OK, "{format}: {}", answer.words());
            assert!(answer.body.len() > 100, "{format}");
            let name = answer.headers["content-disposition"].to_str().unwrap();
            assert!(name.contains(&format!(".{format}")), "{name}");
        }
        let acts = site
            .app
            .store
            .read(|tx| tx.all("SELECT action FROM audit_entry", &[], |row| row.get::<String>(0)))
            .await
            .unwrap();
        assert_eq!(acts.iter().filter(|act| *act == "register.exported").count(), 7);
        site.close().await;
        province.verify();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_made_on_a_page_and_only_to_the_open_network() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let admin = people::officer(&site.app, "quantri", Role::UnitAdmin, staff.commune)
            .await
            .at(site.url());
        let unit = staff.commune.to_string();
        let fields = |url: &'static str| [("kind", "trees/tree"), ("unit", unit.as_str()), ("url", url)];
        for inside in [
            "http://example.vn/x",
            "https://127.0.0.1/x",
            "https://169.254.169.254/latest",
            "nothing",
        ] {
            let refused = admin.submit(&admin.page(HOOKS).await, HOOKS, &fields(inside)).await;
            assert_eq!(
                refused.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{inside}: {}",
                refused.words()
            );
        }
        let made = admin
            .submit(
                &admin.page(HOOKS).await,
                HOOKS,
                &fields("https://nhan.example.vn/changes"),
            )
            .await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.words());
        let page = admin.page(HOOKS).await;
        assert!(
            page.words().contains("https://nhan.example.vn/changes"),
            "{}",
            page.words()
        );
        let text = page.text();
        let end = text
            .split("action=\"")
            .find(|part| part.contains("/end\""))
            .expect("a button");
        let action = end.split('"').next().unwrap().to_owned();
        assert_eq!(admin.submit(&page, &action, &[]).await.status, StatusCode::SEE_OTHER);
        assert!(!admin.page(HOOKS).await.words().contains("nhan.example.vn"));
        assert!(staff.specialist.at(site.url()).get(HOOKS).await.is_refused());
        site.close().await;
        province.verify();
    })
    .await;
}
