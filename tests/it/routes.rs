//! The table of routes is all there is: what is published, what is served and what is guarded are the same, and no handler
//! is mounted past the table. (`every_route` asks each row of the table as everybody.)

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use testkit::ManualWorld;

use crate::harness::repository;
use crate::support::Province;

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_all_there_is() {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    let table: BTreeSet<(String, String)> = site
        .app
        .identity
        .route_table()
        .into_iter()
        .map(|route| (route.method, route.path))
        .collect();
    assert_eq!(
        table.len(),
        site.app.identity.route_table().len(),
        "no route is registered twice"
    );
    // Each operation of the published document is guarded by a row of the table, and each row below /api is published.
    let document = site.visitor().page("/openapi.json").await.json();
    let mut published = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| ["get", "post", "put", "patch", "delete"].contains(&key.as_str()))
        {
            published.insert((method.to_uppercase(), path.clone()));
        }
    }
    assert!(published.len() >= 5, "{published:?}");
    assert!(
        published.is_subset(&table),
        "published and not guarded: {:?}",
        published.difference(&table)
    );
    let api: BTreeSet<_> = table
        .iter()
        // CKAN's Action API is published by CKAN's own guide: one address takes every action.
        .filter(|(_, path)| {
            path.starts_with("/api/") && !path.starts_with("/api/3") && !path.starts_with("/api/action/")
        })
        .cloned()
        .collect();
    assert!(
        api.is_subset(&published),
        "guarded and not published: {:?}",
        api.difference(&published)
    );
    let visitor = site.visitor();
    for path in [
        "/khong-co",
        "/admin/khong-co",
        "/api/khong-co",
        "/desk/a/b/c/d",
        "/.git/config",
        "/my/../../etc/passwd",
    ] {
        assert_eq!(visitor.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // Methods that a route was not registered for.
    for (method, path) in [
        (Method::DELETE, "/my/dossiers"),
        (Method::PUT, "/desk"),
        (Method::PATCH, "/"),
    ] {
        let answer = visitor.send(visitor.request(method, path)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    site.close().await;
}

/// Where an axum router may be built by hand, and why.
const BY_HAND: &[(&str, &str)] = &[
    ("crates/identity/src/routes/http.rs", "the guarded router itself"),
    ("crates/identity/src/routes/tests.rs", "its tests"),
    (
        "crates/identity/src/simulated_provider/",
        "mounted in the demo alone, where everybody may be anybody",
    ),
    ("crates/web/src/assets.rs", "style sheets, scripts and fonts"),
    (
        "crates/web/src/gallery/",
        "a page of samples that the program does not mount",
    ),
    (
        "crates/web/src/openapi.rs",
        "the document of the interfaces, which is public",
    ),
    ("crates/web/src/frame.rs", "the answer to unknown paths"),
];

#[test]
fn no_route_goes_round_the_table() {
    let root = repository();
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root.join("crates")) {
        let entry = entry.unwrap();
        let name = entry.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let is_ours = ["identity", "casework", "web", "tinhso"]
            .iter()
            .any(|room| name.starts_with(&format!("crates/{room}/src/")));
        if !is_ours || !name.ends_with(".rs") || BY_HAND.iter().any(|(place, _)| name.starts_with(place)) {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        // Tests at the end of a file build what they like.
        let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for call in [".route(", ".route_service(", ".nest(", ".nest_service(", ".fallback("] {
            if program.contains(call) {
                found.push(format!("{name}: {call}"));
            }
        }
    }
    assert!(
        found.is_empty(),
        "register these with `Routes`, which asks for an access: {found:#?}"
    );
    for (place, _) in BY_HAND {
        assert!(root.join(place).exists(), "{place} is gone; so must its exception be");
    }
}
