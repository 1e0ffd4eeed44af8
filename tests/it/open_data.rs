//! Open data with the whole program: a leader of the province approves the rule of a register, everybody reads it as pages, files,
//! statements, DCAT-AP and feeds; it is taken back. A scripted session of `ckanapi`, `rdflib` and `pyshacl` runs where
//! `TINHSO_TEST_PYTHON` names their interpreter (`scripts/py-test`).

use std::path::Path;
use std::process::Command;

use identity::session::Level;
use identity::unit::UnitKind;
use identity::{Action, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::ManualWorld;

use crate::support::province::both;
use crate::support::registers::TREES;
use crate::support::{Province, Site, Visitor, people};

const RULE: &str = "/open/publish/trees/tree";

/// Enters a tree of a height.
async fn plant(specialist: &Visitor, tag: &str, height: &str, health: &str) {
    let new = format!("{TREES}/new");
    let page = specialist.page(&new).await;
    let fields = [
        ("f-tag", tag),
        ("f-species", "Sao đen"),
        ("f-height_m", height),
        ("f-health", health),
        ("f-keeper", "Nguyễn Văn Chăm"),
        ("longitude", "105,9"),
        ("latitude", "18,342"),
    ];
    let answer = specialist.submit(&page, &new, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
}

/// Four trees, and the leader of the province who may publish them.
async fn planted(province: &Province) -> (Site, Visitor) {
    let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
    let specialist = staff.specialist.at(site.url());
    for (tag, height, health) in [
        ("TS-000001", "14,5", "good"),
        ("TS-000002", "15,5", "good"),
        ("TS-000003", "16,5", "good"),
        ("TS-000004", "3", "watch"),
    ] {
        plant(&specialist, tag, height, health).await;
    }
    let root = people::units_of(&site.app, UnitKind::Province)[0];
    let leader = people::officer(&site.app, "lanhdaotinh", Role::Leader, root)
        .await
        .at(site.url());
    let commune = staff.leader.at(site.url());
    let page = commune.page(RULE).await;
    assert!(page.words().contains("Chỉ lãnh đạo cấp tỉnh"), "{}", page.words());
    (site, leader)
}

async fn approve(leader: &Visitor) {
    let page = leader.page(RULE).await;
    assert!(
        page.words().contains("Sao đen") && !page.words().contains("TS-000001"),
        "{}",
        page.words()
    );
    let answer = leader.submit(&page, &format!("{RULE}/approve"), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
}

async fn json_of(visitor: &Visitor, path: &str) -> Value {
    let answer = visitor.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    serde_json::from_str(&answer.text()).unwrap_or_else(|error| panic!("{path}: {error}: {}", answer.text()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_is_published_read_and_taken_back() {
    both(async |province| {
        let (site, leader) = planted(province).await;
        let anybody = site.visitor();
        assert_eq!(anybody.get("/data/trees-tree").await.status, StatusCode::NOT_FOUND);
        let none = json_of(&anybody, "/api/3/action/package_list").await;
        assert_eq!(none["result"], json!([]));
        approve(&leader).await;

        let list = anybody.page("/data?q=cay+xanh").await.words();
        assert!(list.contains("1 bộ dữ liệu") && list.contains("CC-BY-4.0"), "{list}");
        let page = anybody.page("/data/trees-tree").await;
        for words in ["Sao đen", "14,5", "Còn mới", "CSV", "datastore_search"] {
            assert!(page.words().contains(words), "{words}: {}", page.words());
        }
        assert!(page.text().contains("application/ld+json") && !page.text().contains("Nguyễn Văn Chăm"));
        let csv = anybody.get("/data/trees-tree/files/trees-tree.csv").await;
        assert_eq!(csv.text().lines().count(), 5, "{}", csv.text());
        let package = json_of(&anybody, "/data/trees-tree/datapackage.json").await;
        assert_eq!(package["resources"][0]["schema"]["fields"][0]["name"], "_id");
        for path in [
            "/catalog.ttl",
            "/catalog.jsonld",
            "/data/trees-tree/dcat.ttl",
            "/data/changes.atom",
            "/data/sitemap.xml",
        ] {
            let answer = anybody.get(path).await;
            assert!(
                answer.status == StatusCode::OK && answer.text().contains("/data/trees-tree"),
                "{path}: {}",
                answer.text()
            );
        }

        let answer = json_of(&anybody, "/api/3/action/package_show?id=trees-tree").await;
        let resource = answer["result"]["resources"][0]["id"].as_str().unwrap().to_owned();
        let sql = web::table::encode(&format!(
            "SELECT health, count(*) FROM \"{resource}\" GROUP BY health ORDER BY health"
        ));
        let counted = json_of(&anybody, &format!("/api/3/action/datastore_search_sql?sql={sql}")).await;
        assert_eq!(
            counted["result"]["records"],
            json!([{ "health": "good", "count": 3 }, { "health": "watch", "count": 1 }])
        );
        let evil = web::table::encode("SELECT * FROM account");
        let refused = anybody
            .get(&format!("/api/3/action/datastore_search_sql?sql={evil}"))
            .await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text());
        let write = anybody
            .request(Method::POST, "/api/3/action/package_create")
            .body("{}")
            .send()
            .await
            .unwrap();
        assert_eq!(write.status(), StatusCode::FORBIDDEN);
        let unknown = anybody.get("/api/3/action/no_such_thing").await;
        assert_eq!(unknown.status, StatusCode::BAD_REQUEST);

        let page = leader.page(RULE).await;
        let done = leader
            .submit(&page, &format!("{RULE}/withdraw"), &[("reason", "Rà soát")])
            .await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.words());
        for path in [
            "/data/trees-tree",
            "/data/trees-tree/files/trees-tree.csv",
            "/data/trees-tree/dcat.ttl",
        ] {
            assert_eq!(anybody.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let gone = anybody
            .get(&format!("/api/3/action/datastore_search?resource_id={resource}"))
            .await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND, "{}", gone.text());
        let history = leader.page(RULE).await.words();
        assert!(history.contains("Rà soát") && history.contains("4 dòng"), "{history}");
        site.close().await;
        province.verify();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_of_catalogues_read_write_and_validate() {
    let Ok(python) = std::env::var("TINHSO_TEST_PYTHON") else {
        eprintln!("left out: TINHSO_TEST_PYTHON names no interpreter with ckanapi and pyshacl (scripts/py-test)");
        return;
    };
    both(async |province| {
        let (site, leader) = planted(province).await;
        approve(&leader).await;
        let root = people::units_of(&site.app, UnitKind::Province)[0];
        let admin = people::officer(&site.app, "quantritinh", Role::UnitAdmin, root).await;
        let token = site
            .app
            .identity
            .mint_session(admin.account, Level::PasswordTotp)
            .await
            .unwrap();
        let caller = site.app.identity.resolve(&token).await.unwrap().1;
        let new = identity::token::NewToken {
            unit: root,
            name: "ckanapi".to_owned(),
            scopes: vec![Action::OpenCatalogue, Action::RegisterWrite],
            per_minute: 6_000,
            per_day: 10_000,
            expires_on: None,
        };
        let (_, secret) = site
            .app
            .identity
            .open_token(caller.officer().unwrap(), new)
            .await
            .unwrap();
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        let (url, secret) = (site.url().to_owned(), secret.reveal().to_owned());
        let python = python.clone();
        let run = tokio::task::spawn_blocking(move || {
            Command::new(python)
                .arg(assets.join("clients/catalogue.py"))
                .args([&url, &secret])
                .arg(assets.join("shacl/dcat-ap-3.ttl"))
                .output()
                .unwrap()
        });
        let output = run.await.unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        site.close().await;
    })
    .await;
}
