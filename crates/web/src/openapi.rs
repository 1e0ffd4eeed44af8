//! The OpenAPI document (3.1) and a plain page that shows it. Operations come from the routes themselves (utoipa-axum);
//! this adds what all of them share: the title, the problem schema, the error answers.
//! It refuses a generated viewer: the page is our own HTML, works without scripts, and loads nothing.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderValue, header};
use kernel::Lang;
use maud::{Markup, html};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::components::details;
use crate::page::Page;
use crate::shell::Shell;

/// What an error of the API looks like (RFC 9457), `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:tinhso:error:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of error it is, in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened, in words.
    pub detail: String,
    /// Stable code.
    pub code: String,
    /// Names this request in our log.
    pub request_id: String,
    /// What is wrong with single fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemField {
    /// The field.
    pub field: String,
    /// What is wrong with it, in words.
    pub detail: String,
}

/// The error answers of an operation: `responses((status = 200, …), web::openapi::Problems)`.
#[derive(Debug, Clone, Copy)]
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::response::Response>> {
        use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
        let answer = |words: &str| {
            let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
            let content = ContentBuilder::new().schema(Some(schema)).build();
            RefOr::T(
                ResponseBuilder::new()
                    .description(words)
                    .content("application/problem+json", content)
                    .build(),
            )
        };
        [
            ("4XX", "What was asked cannot be done"),
            ("5XX", "A fault of this server, or too much load"),
        ]
        .map(|(status, words)| (status.to_owned(), answer(words)))
        .into_iter()
        .collect()
    }
}

/// The document before any operation: `utoipa_axum::router::OpenApiRouter::with_openapi(web::openapi::base("0.1.0"))`.
#[must_use]
pub fn base(version: &str) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Tỉnh Số")
        .version(version)
        .description(Some(
            "Interfaces of a province's digital government. Errors are problem+json (RFC 9457).",
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    let components = utoipa::openapi::ComponentsBuilder::new()
        .schema("Problem", Problem::schema())
        .schema("ProblemField", ProblemField::schema())
        .build();
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// `/openapi.json`, and `/docs/api` which shows the same to people.
pub fn routes<S: Clone + Send + Sync + 'static>(document: &OpenApi) -> Router<S> {
    let value = Arc::new(serde_json::to_value(document).unwrap_or(Value::Null));
    let text = Bytes::from(value.to_string());
    Router::new()
        .route("/openapi.json", get(move || async move { json(text) }))
        .route(
            "/docs/api",
            get(move |shell: Shell| async move { page(&shell, &value) }),
        )
}

fn json(text: Bytes) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    response
}

fn page(shell: &Shell, document: &Value) -> Page {
    let operations: Vec<(String, String, &Value)> = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(path, item)| {
            item.as_object()
                .into_iter()
                .flatten()
                .map(move |(method, op)| (method.to_uppercase(), path.clone(), op))
        })
        .collect();
    let body = html! {
        h1 { (shell.text("web-api-title")) }
        p.lead { (shell.text("web-api-lead")) " " a href="/openapi.json" { "openapi.json" } }
        @for (method, path, operation) in &operations { (operation_markup(shell, method, path, operation)) }
        h2 { (shell.text("web-api-schemas")) }
        @for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
            section id={"schema-" (name)} { (details(name, &pretty(schema))) }
        }
    };
    Page::new(shell, shell.text("web-api-title")).body(body).public()
}

fn operation_markup(shell: &Shell, method: &str, path: &str, operation: &Value) -> Markup {
    let words = |key: &str| operation[key].as_str().unwrap_or("");
    html! {
        section.operation id=(words("operationId")) {
            h2 { code { span.method { (method) } " " (path) } }
            @if !words("summary").is_empty() { p { b { (english(shell, words("summary"))) } } }
            @if !words("description").is_empty() && words("description") != words("summary") { p { (english(shell, words("description"))) } }
            @if let Some(parameters) = operation["parameters"].as_array() {
                h3 { (shell.text("web-api-parameters")) }
                dl.summary { @for p in parameters { div {
                    dt { code { (p["name"].as_str().unwrap_or("")) } " " span.muted.small { (p["in"].as_str().unwrap_or("")) } }
                    dd { (english(shell, p["description"].as_str().unwrap_or(""))) }
                } } }
            }
            h3 { (shell.text("web-api-answers")) }
            dl.summary { @for (status, answer) in operation["responses"].as_object().into_iter().flatten() { div {
                dt { code { (status) } }
                dd { (english(shell, answer["description"].as_str().unwrap_or(""))) }
            } } }
            (details(&shell.text("web-api-full"), &pretty(operation)))
        }
    }
}

/// Words of the document, which are English, with what stands between backticks as code.
fn english(shell: &Shell, words: &str) -> Markup {
    let text = html! { @for (at, part) in words.split('`').enumerate() {
        @if at % 2 == 1 { code { (part) } } @else { (part) }
    } };
    html! { @if shell.lang == Lang::En { (text) } @else { span lang="en" { (text) } } }
}

fn pretty(value: &Value) -> Markup {
    html! { pre.code tabindex="0" { (serde_json::to_string_pretty(value).unwrap_or_default()) } }
}
