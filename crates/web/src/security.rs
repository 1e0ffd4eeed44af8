//! Headers that keep a browser on our side, and the check that a change was asked for by our own page.
//! The policy allows nothing inline and nothing from elsewhere. WCAG and speed have their own places.
//! Practice: OWASP Secure Headers; Fetch Metadata (W3C); RFC 6797.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use kernel::ErrorKind;

use crate::client::Client;
use crate::failure::Failure;

/// The headers of every answer, made once.
#[derive(Debug, Clone)]
pub(crate) struct Headers {
    fixed: Vec<(HeaderName, HeaderValue)>,
    hsts: HeaderValue,
}

impl Headers {
    /// Headers whose forms may also lead to those origins (an identity provider that a form redirects to).
    pub(crate) fn new(form_action: &[String]) -> Self {
        let sound = |origin: &&String| {
            let rest = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            rest.is_some_and(|r| !r.is_empty() && r.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b)))
        };
        let extra: String = form_action.iter().filter(sound).map(|o| format!(" {o}")).collect();
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'; manifest-src 'self'; form-action 'self'{extra}; base-uri 'none'; frame-ancestors 'none'"
        );
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        let fixed = |name: &'static str, value| (HeaderName::from_static(name), HeaderValue::from_static(value));
        Self {
            fixed: vec![
                (header::CONTENT_SECURITY_POLICY, policy),
                fixed("x-content-type-options", "nosniff"),
                fixed("x-frame-options", "DENY"),
                fixed("referrer-policy", "same-origin"),
                fixed("cross-origin-opener-policy", "same-origin"),
                fixed("cross-origin-resource-policy", "same-origin"),
                fixed(
                    "permissions-policy",
                    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
                ),
            ],
            hsts: HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        }
    }
}

/// Adds the headers; those that a handler set itself (a stricter policy of a download) stay.
pub(crate) async fn headers<F: Future<Output = Response>>(
    set: &Headers,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let https = request.extensions().get::<Client>().is_some_and(|c| c.https);
    let mut response = next(request).await;
    let headers = response.headers_mut();
    for (name, value) in &set.fixed {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, set.hsts.clone());
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Refuses changes that a page of another site asked for: by `Sec-Fetch-Site`, and for browsers without it by `Origin`.
/// Clients that send neither are no browsers; the form token stands against them.
///
/// `own` is the public origin of this server.
pub(crate) async fn same_site<F: Future<Output = Response>>(
    own: Option<&str>,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    if !request.method().is_safe() && !is_same_site(request.headers(), own) {
        return Failure::new(ErrorKind::Forbidden, "cross-site").into_response();
    }
    next(request).await
}

fn is_same_site(headers: &HeaderMap, own: Option<&str>) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some("same-origin" | "none") => return true,
        Some(_) => return false,
        None => {}
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else { return false };
    if own == Some(origin) {
        return true;
    }
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_some() && authority == text(header::HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)))
            .collect()
    }

    #[test]
    fn only_our_own_pages_may_change_things() {
        let own = Some("https://dichvu.example.vn");
        for (headers, allowed) in [
            (with(&[("sec-fetch-site", "same-origin")]), true),
            (with(&[("sec-fetch-site", "none")]), true),
            (with(&[("sec-fetch-site", "same-site")]), false),
            (
                with(&[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://dichvu.example.vn"),
                ]),
                false,
            ),
            (with(&[("origin", "https://dichvu.example.vn")]), true),
            (
                with(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]),
                true,
            ),
            (
                with(&[("origin", "https://evil.example"), ("host", "dichvu.example.vn")]),
                false,
            ),
            (with(&[("origin", "null"), ("host", "dichvu.example.vn")]), false),
            (with(&[]), true),
        ] {
            assert_eq!(is_same_site(&headers, own), allowed, "{headers:?}");
        }
    }

    #[test]
    fn a_bad_origin_does_not_get_into_the_policy() {
        let set = Headers::new(&[
            "https://id.example.vn:8443".to_owned(),
            "https://x; script-src *".to_owned(),
        ]);
        let policy = set.fixed[0].1.to_str().expect("ASCII");
        assert!(
            policy.contains("form-action 'self' https://id.example.vn:8443; base-uri"),
            "{policy}"
        );
        assert!(!policy.contains('*') && !policy.contains("unsafe"));
    }
}
