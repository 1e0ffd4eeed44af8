//! A browser without scripts: keeps one cookie, follows nothing by itself, fills in the form it was given. What a test sends
//! on purpose wrong goes through `request`.

use std::sync::Mutex;

use identity::session::SessionToken;
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::Value;

use super::html::{self, FormOnPage};
use crate::harness::client;

/// A file to be sent: name of the field, of the file, declared type, bytes.
pub type Part<'a> = (&'a str, &'a str, &'a str, &'a [u8]);

/// Somebody with a browser.
pub struct Visitor {
    http: reqwest::Client,
    base: String,
    cookie: Mutex<Option<String>>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Vec<u8>,
    /// What was asked for.
    pub of: String,
}

impl Visitor {
    /// Nobody in particular.
    pub fn anonymous(base: &str) -> Self {
        Self {
            http: client(),
            base: base.to_owned(),
            cookie: Mutex::default(),
        }
    }

    /// Somebody with a session.
    pub fn signed_in(base: &str, token: &SessionToken) -> Self {
        let visitor = Self::anonymous(base);
        *visitor.cookie.lock().unwrap() = Some(format!("tinhso=s{}", token.reveal()));
        visitor
    }

    /// The cookie as it is sent.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    /// A request with the cookie, for a test to change.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_for("text/html", method, path)
    }

    /// As [`Visitor::request`], wanting another kind of answer.
    pub fn request_for(&self, accept: &str, method: Method, path: &str) -> RequestBuilder {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header(header::ACCEPT, accept);
        if let Some(cookie) = self.cookie() {
            request = request.header(header::COOKIE, cookie);
        }
        request
    }

    /// Sends a request; `Err` when the connection fails.
    pub async fn try_send(&self, request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers, of) = (
            response.status(),
            response.headers().clone(),
            response.url().path().to_owned(),
        );
        for line in headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
        {
            if let Some(pair) = line.split(';').next().filter(|pair| pair.starts_with("tinhso=")) {
                *self.cookie.lock().unwrap() = Some(pair.to_owned());
            }
        }
        Ok(Answer {
            status,
            headers,
            of,
            body: response.bytes().await?.to_vec(),
        })
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap()
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Asks for a page that must be there.
    pub async fn page(&self, path: &str) -> Answer {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.words());
        answer
    }

    /// Sends urlencoded fields as they are.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// Fills in a form of a page and sends it.
    pub async fn submit(&self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let form = page.form(action);
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        self.post(action, &all).await
    }

    /// Fills in a form with files of a page and sends it.
    pub async fn upload(&self, form: &FormOnPage, fields: &[(&str, &str)], files: &[Part<'_>]) -> Answer {
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        let request = self
            .request(Method::POST, &form.action)
            .header(header::CONTENT_TYPE, MULTIPART);
        self.send(request.body(multipart(&all, files))).await
    }

    /// Sends JSON; the answer is asked for as JSON.
    pub async fn try_json(&self, method: Method, path: &str, body: &Value) -> Result<Answer, reqwest::Error> {
        let request = self.request_for("application/json", method, path);
        self.try_send(
            request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_string()),
        )
        .await
    }
}

/// The content type of [`multipart`].
pub const MULTIPART: &str = "multipart/form-data; boundary=ranh-gioi-7f3a";

/// A multipart body: texts first, as a browser sends our forms.
pub fn multipart(fields: &[(&str, &str)], files: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--ranh-gioi-7f3a\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    for (name, file, kind, bytes) in files {
        let head = format!(
            "--ranh-gioi-7f3a\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--ranh-gioi-7f3a--\r\n");
    body
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The words of the page.
    pub fn words(&self) -> String {
        html::words(&self.text())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.of, self.text()))
    }

    /// Where it leads.
    ///
    /// # Panics
    /// When it does not.
    pub fn location(&self) -> String {
        let to = self
            .headers
            .get(header::LOCATION)
            .unwrap_or_else(|| panic!("{} {} leads nowhere: {}", self.status, self.of, self.words()));
        to.to_str().unwrap().to_owned()
    }

    /// The form of the page with this action.
    ///
    /// # Panics
    /// When the page has none.
    pub fn form(&self, action: &str) -> FormOnPage {
        let all = html::forms(&self.text());
        let found = all.iter().find(|form| form.action == action);
        found.cloned().unwrap_or_else(|| {
            panic!(
                "{} {}: no form for {action}, only {:?}: {}",
                self.status,
                self.of,
                all,
                self.words()
            )
        })
    }

    /// Whether it was refused for want of rights: 401, 403, or sent to sign in.
    pub fn is_refused(&self) -> bool {
        let to_sign_in = self.status.is_redirection() && self.location().starts_with("/sign-in");
        to_sign_in || matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
    }
}
