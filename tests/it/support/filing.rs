//! The way of a dossier as a citizen and the officers walk it, page by page, and the short way through the API for load.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::province::{ABSENCE, ABSENCE_CASE, PAVEMENT};
use super::{Answer, Person, Visitor};
use identity::UnitId;

/// A small file that is a whole PDF.
pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// Begins a draft; gives its path, `/my/drafts/ID`.
pub async fn begin(visitor: &Visitor, procedure: &str) -> String {
    let path = format!("/procedures/{procedure}/start");
    let page = visitor.page(&path).await;
    let to = visitor.submit(&page, &path, &[]).await.location();
    to.strip_suffix("/who")
        .unwrap_or_else(|| panic!("{to} is no first step"))
        .to_owned()
}

/// Answers one step of a draft.
pub async fn step(visitor: &Visitor, draft: &str, step: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("{draft}/{step}");
    let page = visitor.page(&path).await;
    visitor.submit(&page, &path, fields).await
}

/// Answers one step and goes on to `next`.
pub async fn pass(visitor: &Visitor, draft: &str, at: &str, fields: &[(&str, &str)], next: &str) {
    let answer = step(visitor, draft, at, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "step {at}: {}", answer.words());
    assert_eq!(answer.location(), format!("{draft}/{next}"));
}

/// Adds files to a paper of a draft.
pub async fn attach(visitor: &Visitor, draft: &str, component: usize, files: &[(&str, &[u8])]) -> Answer {
    let page = visitor.page(&format!("{draft}/files")).await;
    let action = format!("{draft}/files/add");
    let all = super::html::forms(&page.text());
    let is_it = |form: &&super::html::FormOnPage| {
        form.action == action && form.hidden.contains(&("component".to_owned(), component.to_string()))
    };
    let form = all
        .iter()
        .find(is_it)
        .unwrap_or_else(|| panic!("no form for paper {component}: {all:?}"));
    let parts: Vec<super::visitor::Part<'_>> = files
        .iter()
        .map(|(name, bytes)| ("file", *name, "application/octet-stream", *bytes))
        .collect();
    visitor.upload(form, &[], &parts).await
}

/// The step that asks who submits and how to reach them.
pub async fn contact(visitor: &Visitor, draft: &str, phone: &str) {
    let fields = [
        ("representation", "own"),
        ("applicant", "person"),
        ("phone", phone),
        ("email", ""),
        ("address", "Thôn 3"),
    ];
    pass(visitor, draft, "who", &fields, "form").await;
}

/// A draft of a report of absence that stands before its last page. `request` is what was asked for.
pub async fn until_review(visitor: &Visitor, person: &Person, unit: UnitId, request: &str) -> String {
    let draft = begin(visitor, ABSENCE).await;
    contact(visitor, &draft, &person.phone).await;
    pass(visitor, &draft, "form", &[ABSENCE_CASE, ("request", request)], "files").await;
    finish(visitor, &draft, unit).await;
    draft
}

/// The steps after the papers' own.
pub async fn finish(visitor: &Visitor, draft: &str, unit: UnitId) {
    // What is not attached is brought on paper.
    let papers = [("paper-0", "yes"), ("paper-1", "yes")];
    pass(visitor, draft, "files", &papers, "unit").await;
    pass(visitor, draft, "unit", &[("unit", &unit.to_string())], "delivery").await;
    pass(visitor, draft, "delivery", &[("delivery", "pick-up")], "review").await;
}

/// Sends a draft; gives the path of the dossier, `/my/dossiers/ID`.
pub async fn send(visitor: &Visitor, draft: &str) -> String {
    let answer = step(visitor, draft, "review", &[("declared", "yes")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    let to = answer.location();
    to.strip_suffix("/receipt")
        .unwrap_or_else(|| panic!("{to} is no receipt"))
        .to_owned()
}

/// The body of the short way.
pub fn body(person: &Person, once: Uuid, unit: UnitId, request: &str) -> Value {
    json!({
        "once": once, "procedure": ABSENCE, "agency": unit.to_string(), "phone": person.phone, "address": "Thôn 3",
        "answers": { "case": "none", "request": request }, "delivery": "pick-up",
    })
}

/// Sends a dossier the short way; `Err` when no answer came, so that nobody knows whether it was taken.
pub async fn try_quick(visitor: &Visitor, body: &Value) -> Result<Answer, reqwest::Error> {
    visitor.try_json(Method::POST, "/api/my/dossiers", body).await
}

/// Sends a dossier the short way; gives its id.
pub async fn quick(visitor: &Visitor, person: &Person, unit: UnitId, request: &str) -> Uuid {
    let answer = try_quick(visitor, &body(person, Uuid::now_v7(), unit, request))
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    id_of(&answer)
}

/// Sends a use of a pavement the short way, which enters a record when it is granted; gives its id.
pub async fn pavement(visitor: &Visitor, person: &Person, unit: UnitId) -> Uuid {
    let body = json!({
        "once": Uuid::now_v7(), "procedure": PAVEMENT, "agency": unit.to_string(), "phone": person.phone, "address": "Thôn 3",
        "answers": {
            "what": "funeral", "place": "Trước nhà số 5", "width-m": "2.5", "length-m": "10",
            "from-day": "2026-11-25", "until-day": "2026-11-27",
        },
        "delivery": "pick-up",
    });
    let answer = try_quick(visitor, &body).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    id_of(&answer)
}

/// The id in the API's answer.
pub fn id_of(answer: &Answer) -> Uuid {
    answer.json()["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .unwrap_or_else(|| panic!("{}", answer.text()))
}

/// The code of one's own dossier.
pub async fn code_of(visitor: &Visitor, id: Uuid) -> String {
    let answer = visitor.page(&format!("/api/my/dossiers/{id}")).await;
    answer.json()["code"].as_str().unwrap().to_owned()
}

/// Does an action at the desk as its page offers it.
pub async fn act(
    officer: &Visitor,
    id: &str,
    action: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Answer {
    let path = format!("/desk/dossiers/{id}/{action}");
    let page = officer.page(&path).await;
    let form = page.form(&path);
    let parts: Vec<super::visitor::Part<'_>> = files
        .iter()
        .map(|(name, bytes)| ("file", *name, "application/pdf", *bytes))
        .collect();
    officer.upload(&form, fields, &parts).await
}
