//! The OpenAPI document: every operation is called, and its answer must be one that the document promises, down to the
//! schema of its body. The document itself is a snapshot: a change of the interface is seen by whoever reviews it.

mod schema;

use http::{Method, header};
use serde_json::Value;

use crate::harness::app::TestApp;

/// Every operation as (method, path, operation).
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let ("get" | "post" | "put" | "patch" | "delete", Ok(method)) =
                (method.as_str(), method.to_uppercase().parse::<Method>())
            {
                found.push((method, path.clone(), operation.clone()));
            }
        }
    }
    found
}

/// The path with its examples, or something of the right shape, in place of its parts.
fn filled(path: &str, operation: &Value) -> String {
    let mut filled = path.to_owned();
    for parameter in operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["in"] == "path")
    {
        let name = parameter["name"].as_str().unwrap();
        let example = parameter["example"]
            .as_str()
            .or_else(|| parameter["schema"]["example"].as_str());
        let value = example.unwrap_or(match name {
            "code" => "1.000000",
            "on" | "day" => "2026-11-18",
            _ => "0197e0a0-0000-7000-8000-000000000000",
        });
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_keep_what_the_document_promises() {
    let Some(app) = TestApp::start(::store::EngineKind::Sqlite).await else {
        return;
    };
    let answer = app.get(None, "/openapi.json").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        document["openapi"]
    );
    let citizen = app.citizen("Lê Văn Cam", "042190000018").await;
    let mut faults = Vec::new();
    for (method, path, operation) in operations(&document) {
        for who in [None, Some(&citizen)] {
            let answer = app.call(who, method.clone(), &filled(&path, &operation), "{}").await;
            let status = answer.status.as_str().to_owned();
            let family = format!("{}XX", &status[..1]);
            let names = [status.as_str(), &family, "default"];
            let promised = names
                .iter()
                .map(|name| &operation["responses"][*name])
                .find(|one| !one.is_null());
            let promised = promised.unwrap_or(&Value::Null);
            let name = format!("{method} {path} {status}");
            if promised.is_null() {
                faults.push(format!("{name} is not in the document: {}", answer.text()));
                continue;
            }
            let kind = answer
                .headers
                .get(header::CONTENT_TYPE)
                .map_or("", |kind| kind.to_str().unwrap());
            let kind = kind.split(';').next().unwrap().trim();
            let content = &promised["content"];
            if content.is_object() && content[kind].is_null() {
                faults.push(format!("{name}: the media type {kind} is not in the document"));
            } else if kind.ends_with("json") && content[kind]["schema"].is_object() {
                let found = schema::faults(&document, &content[kind]["schema"], &answer.json());
                faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} answers break the document:\n{}",
        faults.len(),
        faults.join("\n")
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_as_it_was() {
    let Some(app) = TestApp::start(::store::EngineKind::Sqlite).await else {
        return;
    };
    let document = app.get(None, "/openapi.json").await.json();
    insta::assert_json_snapshot!("openapi", document);
    app.stop().await;
}
