//! The one place where an error becomes an answer: a page in the shell for people, `application/problem+json` (RFC 9457)
//! for clients. An internal fault shows a request id and nothing else; its words go to the log.
//! It refuses to know errors: it sees their [`kernel::Fault`] alone.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use kernel::{ErrorKind, Fault, Lang};
use maud::{Markup, html};

use crate::i18n::{self, Language, text};
use crate::page::Page;
use crate::shell::{Base, Shell, Slot};
use crate::trace::RequestId;

/// What a handler answers: a value that can be a response, or a failure.
pub type Reply<T = Page> = Result<T, Failure>;

/// An error on its way to the person or client. Made from any [`Fault`] by `?`.
#[derive(Debug, Clone)]
pub struct Failure {
    kind: ErrorKind,
    code: &'static str,
    args: Vec<(&'static str, String)>,
    internal: Option<Arc<str>>,
    fields: Vec<(String, String)>,
}

impl<F: Fault> From<F> for Failure {
    fn from(fault: F) -> Self {
        let internal = Arc::from(chain(&fault));
        Self {
            kind: fault.kind(),
            code: fault.code(),
            args: fault.args(),
            internal: Some(internal),
            fields: vec![],
        }
    }
}

/// The words of an error and of what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    for _ in 0..8 {
        let Some(cause) = source else { break };
        words.push_str(": ");
        words.push_str(&cause.to_string());
        source = cause.source();
    }
    words
}

impl Failure {
    /// A failure of that kind; `code` is the Fluent key of its public text without `error-`.
    #[must_use]
    pub const fn new(kind: ErrorKind, code: &'static str) -> Self {
        Self {
            kind,
            code,
            args: Vec::new(),
            internal: None,
            fields: Vec::new(),
        }
    }

    /// Nothing is there, or nothing that this caller may know of.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "not-found")
    }

    /// Who is signed in may not do this.
    #[must_use]
    pub const fn forbidden() -> Self {
        Self::new(ErrorKind::Forbidden, "forbidden")
    }

    /// Nobody is signed in.
    #[must_use]
    pub const fn unauthenticated() -> Self {
        Self::new(ErrorKind::Unauthenticated, "unauthenticated")
    }

    /// A fault of ours: `words` go to the log, the person sees a request id.
    #[must_use]
    pub fn internal(words: impl AsRef<str>) -> Self {
        Self {
            internal: Some(Arc::from(words.as_ref())),
            ..Self::new(ErrorKind::Internal, "internal")
        }
    }

    /// Adds words for the log.
    #[must_use]
    pub fn because(mut self, words: impl AsRef<str>) -> Self {
        self.internal = Some(Arc::from(words.as_ref()));
        self
    }

    /// Adds a value of the public text.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// Adds what is wrong with one field; shown in `errors` of problem+json.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, words: impl Into<String>) -> Self {
        self.fields.push((name.into(), words.into()));
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Its stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The status of its answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        status(self.kind)
    }

    /// What a person reads about it: the text of its code, or of its kind when the code has none. An internal fault
    /// always has the text of its kind.
    #[must_use]
    pub fn public_text(&self, lang: Lang) -> String {
        let args: Vec<_> = self.args.iter().map(|(k, v)| (*k, v.as_str().into())).collect();
        let own = match self.kind {
            ErrorKind::Internal => None,
            ErrorKind::Invalid
            | ErrorKind::Unauthenticated
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Gone
            | ErrorKind::TooLarge
            | ErrorKind::Unsupported
            | ErrorKind::TooMany { .. }
            | ErrorKind::Busy { .. }
            | ErrorKind::Unavailable => i18n::maybe(lang, &format!("error-{}", self.code), &args),
        };
        own.unwrap_or_else(|| text(lang, &format!("web-failure-{}.what", name(self.status()))))
    }

    const fn retry_after_s(&self) -> Option<u32> {
        match self.kind {
            ErrorKind::TooMany { retry_after_s } | ErrorKind::Busy { retry_after_s } => Some(retry_after_s),
            ErrorKind::Unavailable => Some(30),
            ErrorKind::Invalid
            | ErrorKind::Unauthenticated
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Gone
            | ErrorKind::TooLarge
            | ErrorKind::Unsupported
            | ErrorKind::Internal => None,
        }
    }
}

/// The status of each kind: the one map of the program.
#[must_use]
pub const fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Gone => StatusCode::GONE,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Busy { .. } | ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Keys `web-failure-<name>` of the texts of a status.
const fn name(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "bad-request",
        StatusCode::UNAUTHORIZED => "unauthenticated",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "method",
        StatusCode::CONFLICT => "conflict",
        StatusCode::GONE => "gone",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported",
        StatusCode::UNPROCESSABLE_ENTITY => "invalid",
        StatusCode::TOO_MANY_REQUESTS => "too-many",
        StatusCode::SERVICE_UNAVAILABLE => "busy",
        StatusCode::REQUEST_TIMEOUT => "timeout",
        _ => "internal",
    }
}

/// A failure inside a response, until [`layer`] turns it into words.
#[derive(Debug, Clone)]
struct Failed(Failure);

/// Marks a response that is an error on purpose and already shown (a form with its errors).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Failed(self));
        response
    }
}

/// Renders failures, and whatever bare error statuses the router made (404, 405, refused extractors, time-outs).
pub(crate) async fn layer<F: Future<Output = Response>>(
    base: &Base,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let slot = Slot::default();
    request.extensions_mut().insert(slot.clone());
    let json = wants_json(&request);
    let lang = request.extensions().get::<Language>().map_or(Lang::Vi, |l| l.0);
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let uri = request.uri().clone();
    let response = next(request).await;
    let status = response.status();
    let plain = !status.is_client_error() && !status.is_server_error();
    if plain || response.extensions().get::<Shown>().is_some() || is_problem(&response) {
        return response;
    }
    let failed = response.extensions().get::<Failed>().cloned();
    let failure = failed.map_or_else(|| bare(status), |f| f.0);
    log(&failure, status, &id);
    let shell = slot.0.lock().take().unwrap_or_else(|| base.shell(lang, &uri));
    let mut answer = if json {
        problem(&failure, status, &shell, &id)
    } else {
        page(&failure, status, &shell, &id)
    };
    for name in [header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = response.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    for value in response.headers().get_all(header::SET_COOKIE) {
        answer.headers_mut().append(header::SET_COOKIE, value.clone());
    }
    answer
}

/// The failure behind a status that came without one.
const fn bare(status: StatusCode) -> Failure {
    let kind = match status {
        StatusCode::UNAUTHORIZED => ErrorKind::Unauthenticated,
        StatusCode::FORBIDDEN => ErrorKind::Forbidden,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::CONFLICT => ErrorKind::Conflict,
        StatusCode::GONE => ErrorKind::Gone,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorKind::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorKind::Unsupported,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::TooMany { retry_after_s: 30 },
        StatusCode::SERVICE_UNAVAILABLE => ErrorKind::Busy { retry_after_s: 5 },
        StatusCode::INTERNAL_SERVER_ERROR => ErrorKind::Internal,
        _ => ErrorKind::Invalid,
    };
    Failure::new(kind, name(status))
}

fn is_problem(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"application/problem+json"))
}

/// Whether the answer is for a program: it accepts JSON before HTML, sent JSON, or asked below `/api/`.
fn wants_json(request: &Request) -> bool {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
            .unwrap_or("")
    };
    let accepts = header(header::ACCEPT);
    if accepts.contains("text/html") {
        return false;
    }
    accepts.contains("json")
        || header(header::CONTENT_TYPE).starts_with("application/json")
        || request.uri().path().starts_with("/api/")
        || request.uri().path() == "/openapi.json"
}

fn log(failure: &Failure, status: StatusCode, id: &RequestId) {
    let words = failure.internal.as_deref().unwrap_or("");
    if status.is_server_error() && !matches!(failure.kind, ErrorKind::Busy { .. }) {
        tracing::error!(request_id = %id, code = failure.code, status = status.as_u16(), words, "a request failed");
    } else {
        tracing::debug!(request_id = %id, code = failure.code, status = status.as_u16(), words, "a request was refused");
    }
    metrics::counter!("web_failures_total", "code" => failure.code, "status" => status.as_str().to_owned())
        .increment(1);
}

/// The answer for a program.
fn problem(failure: &Failure, status: StatusCode, shell: &Shell, id: &RequestId) -> Response {
    let lang = shell.lang;
    let title = title(failure, status, lang);
    let errors: Vec<_> = failure
        .fields
        .iter()
        .map(|(field, words)| serde_json::json!({"field": field, "detail": words}))
        .collect();
    let mut body = serde_json::json!({
        "type": format!("urn:tinhso:error:{}", failure.code),
        "title": title,
        "status": status.as_u16(),
        "detail": failure.public_text(lang),
        "code": failure.code,
        "request_id": id.to_string(),
    });
    if !errors.is_empty() {
        body["errors"] = serde_json::Value::Array(errors);
    }
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    retry_after(failure, headers);
    response
}

fn retry_after(failure: &Failure, headers: &mut http::HeaderMap) {
    if let Some(seconds) = failure.retry_after_s() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// The answer for a person.
fn page(failure: &Failure, status: StatusCode, shell: &Shell, id: &RequestId) -> Response {
    let title = title(failure, status, shell.lang);
    let body = words(failure, status, &title, shell, id);
    let mut response = Page::new(shell, &title).status(status).body(body).into_response();
    retry_after(failure, response.headers_mut());
    response
}

/// The title of a failure: that of its code (`error-<code>.title`) or that of its status.
fn title(failure: &Failure, status: StatusCode, lang: Lang) -> String {
    let own = i18n::maybe(lang, &format!("error-{}.title", failure.code), &[]);
    own.unwrap_or_else(|| text(lang, &format!("web-failure-{}", name(status))))
}

/// What happened, what to do (`error-<code>.do`, or that of the status), and the number to name when asking for help.
fn words(failure: &Failure, status: StatusCode, title: &str, shell: &Shell, id: &RequestId) -> Markup {
    let lang = shell.lang;
    let sign_in = matches!(failure.kind, ErrorKind::Unauthenticated);
    let to_do = i18n::maybe(lang, &format!("error-{}.do", failure.code), &[]);
    let to_do = to_do.unwrap_or_else(|| text(lang, &format!("web-failure-{}.do", name(status))));
    html! {
        h1 { (title) }
        p.lead { (failure.public_text(lang)) }
        p { (to_do) }
        @if let Some(seconds) = failure.retry_after_s() {
            p { (i18n::text_with(lang, "web-failure-retry", &[("n", seconds.into())])) }
        }
        div.row {
            @if sign_in { a.btn href=(shell.brand.sign_in) { (text(lang, "web-sign-in")) } }
            a.btn.quiet href="/" { (text(lang, "web-home")) }
        }
        p.small.muted.request { (text(lang, "web-failure-id")) " " code { (id) } }
    }
}

/// The answer to a path that does not exist: for `Router::fallback`.
pub async fn not_found() -> Failure {
    Failure::not_found()
}
