//! What the simulated portal does by itself: it tells the province what happened here, again and again until that says yes, and fetches
//! the papers and results that the province told of. Refuses to follow a link anywhere but to the province.

use std::sync::Arc;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use super::super::faults::{AnswerFate, RequestFate};
use super::Inner;
use crate::wire::{Content, ItemVerdict, Reason, read};

/// Between two looks for what the province has to be told.
const PUSH_EVERY: Duration = Duration::from_millis(250);
/// Files fetched between two of them.
const FETCHED: usize = 20;

/// Runs until the simulator ends.
pub(super) async fn run(inner: Arc<Inner>) {
    let Some(province) = inner.settings.province.clone() else {
        return;
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .no_proxy()
        .build();
    let Ok(client) = client else {
        tracing::error!("the simulated portal has no way out");
        return;
    };
    let mut session = String::new();
    loop {
        tokio::time::sleep(PUSH_EVERY).await;
        if inner.is_out() {
            continue;
        }
        tell(&inner, &client, &province, &mut session).await;
        fetch(&inner, &client, &province).await;
    }
}

async fn tell(inner: &Inner, client: &reqwest::Client, province: &str, session: &mut String) {
    let due = inner.portal.lock().pushes_due(inner.world.now());
    for (push, request) in due {
        if session.is_empty() {
            *session = sign_in(inner, client, province).await.unwrap_or_default();
        }
        let fate = inner.plan.lock().draw();
        let times = match fate.request {
            RequestFate::Lost => 0,
            RequestFate::Arrives(_) => 1,
            RequestFate::Twice(..) => 2,
        };
        let body = request.body(&inner.dialect, session, "G22");
        let mut content = Content::Nothing(Reason::Timeout);
        for _ in 0..times {
            content = post_json(client, &format!("{province}/api/exchange/national"), &body).await;
        }
        let heard = read(&inner.dialect, &content, &[push.code.as_str()]);
        if heard.line == Some(Reason::Session) {
            session.clear();
        }
        // A lost answer is a yes that was not heard.
        let taken = heard.items.first() == Some(&ItemVerdict::Accepted) && fate.answer != AnswerFate::Lost;
        let now = inner.world.now();
        inner.portal.lock().pushed(&push, taken, now);
    }
}

/// Fetches what the province told of, and keeps it when it has the hash that was named.
async fn fetch(inner: &Inner, client: &reqwest::Client, province: &str) {
    let due = inner.portal.lock().to_fetch(FETCHED);
    for (id, url, hash) in due {
        // The province knows itself by another address than this machine does.
        let Some(at) = url.find("/api/") else { continue };
        let Ok(answer) = client
            .get(format!("{province}{}", url.get(at..).unwrap_or_default()))
            .send()
            .await
        else {
            continue;
        };
        if !answer.status().is_success() {
            continue;
        }
        let Ok(bytes) = answer.bytes().await else { continue };
        if hex::encode(digest(&SHA256, &bytes)) == hash {
            inner.portal.lock().keep_fetched(&id, bytes.to_vec());
        }
    }
}

async fn post_json(client: &reqwest::Client, url: &str, body: &Value) -> Content {
    match client.post(url).json(body).send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            let bytes = answer.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default();
            Content::Body(status, bytes)
        }
        Err(error) if error.is_connect() => Content::Nothing(Reason::Unreachable),
        Err(_) => Content::Nothing(Reason::Timeout),
    }
}

async fn sign_in(inner: &Inner, client: &reqwest::Client, province: &str) -> Option<String> {
    let (user, password) = &inner.settings.credentials;
    let mut body = Map::new();
    body.insert(inner.dialect.name("username").to_owned(), user.clone().into());
    body.insert(inner.dialect.name("password").to_owned(), password.clone().into());
    let content = post_json(
        client,
        &format!("{province}/api/exchange/national/session"),
        &Value::Object(body),
    )
    .await;
    let Content::Body(200, bytes) = content else {
        return None;
    };
    let body: Value = serde_json::from_slice(&bytes).ok()?;
    body.get(inner.dialect.name("session"))?.as_str().map(str::to_owned)
}
