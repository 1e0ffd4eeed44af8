//! The frame around routes, seen from outside: headers, errors, languages, tokens, uploads, limits.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use axum::routing::post;
use http::{Method, Request, StatusCode, header};
use tower::ServiceExt as _;
use web::csrf::{Expected, Token};
use web::gallery::{router, sample_brand, sample_world};
use web::submitted::{FileKind, Limits, Spool};
use web::{Frame, Reply, Submitted, frame};

const TEXTS: web::Source = web::Source {
    name: "gallery",
    vi: include_str!("../examples/gallery.vi.ftl"),
    en: include_str!("../examples/gallery.vi.ftl"),
};

fn get(path: &str) -> http::request::Builder {
    Request::builder().uri(path).header(header::ACCEPT, "text/html")
}

async fn ask(request: Request<Body>) -> Response {
    web::i18n::register(&[TEXTS]);
    router().oneshot(request).await.expect("a router cannot fail")
}

async fn body(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 8 << 20).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    for path in [
        "/gallery",
        "/gallery/error/500",
        "/nowhere",
        web::assets::url("tinhso.css"),
        "/openapi.json",
    ] {
        let response = ask(get(path).body(Body::empty()).expect("a request")).await;
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().expect("ASCII");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        assert!(
            headers.contains_key("x-request-id") && headers.contains_key(header::CACHE_CONTROL),
            "{path}"
        );
        assert!(
            !headers.contains_key(header::STRICT_TRANSPORT_SECURITY),
            "plain HTTP must not pin"
        );
    }
}

#[tokio::test]
async fn pages_hold_nothing_inline() {
    for path in [
        "/gallery",
        "/gallery/form/errors",
        "/gallery/table?q=x",
        "/gallery/procedure",
        "/gallery/error/404",
        "/docs/api",
    ] {
        let html = body(ask(get(path).body(Body::empty()).expect("a request")).await).await;
        assert!(!html.contains(" style=\"") && !html.contains("<style"), "{path}");
        for handler in ["onclick=", "onload=", "onsubmit=", "javascript:"] {
            assert!(!html.contains(handler), "{path}: {handler}");
        }
        for script in html.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/assets/"), "{path}: {}", &script[..40]);
        }
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn error_pages_say_what_to_do_in_both_languages() {
    let mut shown = String::new();
    for status in [401, 403, 404, 409, 410, 413, 415, 422, 429, 500, 503] {
        for lang in ["vi", "en"] {
            let request = get(&format!("/gallery/error/{status}")).header(header::COOKIE, format!("lang={lang}"));
            let response = ask(request.body(Body::empty()).expect("a request")).await;
            assert_eq!(response.status().as_u16(), status);
            let html = body(response).await;
            assert!(!html.contains("Nguyễn Văn A"), "internal words are shown");
            assert!(!html.contains('⟦'), "{status} {lang} lacks a text");
            let main = html
                .split("<main")
                .nth(1)
                .and_then(|m| m.split("</main>").next())
                .expect("a main");
            shown.push_str(&format!("{status} {lang} {}\n", words(main)));
        }
    }
    insta::assert_snapshot!(shown);
}

/// The words of some markup.
fn words(html: &str) -> String {
    let text: Vec<&str> = html
        .split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text.trim())
        .collect();
    text.into_iter()
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join(" | ")
}

#[tokio::test]
async fn programs_get_problem_json() {
    let request = Request::builder()
        .uri("/gallery/error/429")
        .header(header::ACCEPT, "application/json");
    let response = ask(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[header::RETRY_AFTER], "40");
    let problem: serde_json::Value = serde_json::from_str(&body(response).await).expect("JSON");
    assert_eq!(problem["status"], 429);
    assert_eq!(problem["type"], "urn:tinhso:error:too-many");
    assert_eq!(problem["request_id"].as_str().map(str::len), Some(16));
    let response = ask(Request::builder()
        .uri("/api/nowhere")
        .body(Body::empty())
        .expect("a request"))
    .await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
}

#[tokio::test]
async fn a_panic_is_a_page_with_a_request_id() {
    let response = ask(get("/gallery/error/599").body(Body::empty()).expect("a request")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let id = response.headers()["x-request-id"].to_str().expect("ASCII").to_owned();
    let html = body(response).await;
    assert!(html.contains(&id) && !html.contains("a handler that panics"));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_pages() {
    let response = ask(get("/nowhere").body(Body::empty()).expect("a request")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(body(response).await.contains("Không tìm thấy trang"));
    let request = get("/gallery")
        .method(Method::DELETE)
        .body(Body::empty())
        .expect("a request");
    let response = ask(request).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(response.headers().contains_key(header::ALLOW));
    assert!(body(response).await.contains("<h1>"));
}

#[tokio::test]
async fn the_language_is_switched_and_kept() {
    let response = ask(get("/gallery/table?q=a&lang=en&sort=code")
        .body(Body::empty())
        .expect("a request"))
    .await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/gallery/table?q=a&sort=code");
    let cookie = response.headers()[header::SET_COOKIE]
        .to_str()
        .expect("ASCII")
        .to_owned();
    assert!(cookie.starts_with("lang=en; Path=/"));
    let html = body(
        ask(get("/gallery")
            .header(header::COOKIE, "lang=en")
            .body(Body::empty())
            .expect("a request"))
        .await,
    )
    .await;
    assert!(html.contains("<html lang=\"en\">") && html.contains("Skip to main content"));
}

#[tokio::test]
async fn assets_are_packed_hashed_and_known_again() {
    let url = web::assets::url("tinhso.css");
    let request = Request::builder()
        .uri(url)
        .header(header::ACCEPT_ENCODING, "gzip, br")
        .body(Body::empty());
    let response = ask(request.expect("a request")).await;
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
    assert!(
        response.headers()[header::CACHE_CONTROL]
            .to_str()
            .expect("ASCII")
            .contains("immutable")
    );
    let tag = response.headers()[header::ETAG].clone();
    let request = Request::builder()
        .uri(url)
        .header(header::IF_NONE_MATCH, tag)
        .body(Body::empty())
        .expect("a request");
    assert_eq!(ask(request).await.status(), StatusCode::NOT_MODIFIED);
    for bad in [
        "/assets/tinhso.css",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/brand-f0c068-f0c068.css",
    ] {
        assert_eq!(
            ask(get(bad).body(Body::empty()).expect("a request")).await.status(),
            StatusCode::NOT_FOUND,
            "{bad}"
        );
    }
    let brand = ask(get("/assets/brand-0b5d3b-16774e.css")
        .body(Body::empty())
        .expect("a request"))
    .await;
    assert!(body(brand).await.starts_with(":root{--brand:#0b5d3b"));
}

#[tokio::test]
async fn public_pages_are_tagged_and_private_ones_are_not() {
    let response = ask(get("/gallery/procedure").body(Body::empty()).expect("a request")).await;
    let tag = response.headers()[header::ETAG].clone();
    let again = get("/gallery/procedure")
        .header(header::IF_NONE_MATCH, tag)
        .body(Body::empty())
        .expect("a request");
    assert_eq!(ask(again).await.status(), StatusCode::NOT_MODIFIED);
    let private = ask(get("/gallery").body(Body::empty()).expect("a request")).await;
    assert!(!private.headers().contains_key(header::ETAG));
    assert_eq!(private.headers()[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn pages_are_packed_within_their_budget() {
    let request = get("/gallery/procedure")
        .header(header::ACCEPT_ENCODING, "br")
        .body(Body::empty())
        .expect("a request");
    let response = ask(request).await;
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
    let page = to_bytes(response.into_body(), 1 << 20).await.expect("a body").len();
    // What a browser loads for this page: no htmx, all four fonts, nothing of maps or of the offline desk.
    let elsewhere =
        |name: &str| name == "htmx.js" || ["map", "offline", "queue"].iter().any(|part| name.starts_with(part));
    let assets: usize = web::assets::sizes()
        .filter(|(name, ..)| !elsewhere(name))
        .map(|(_, _, [_, br, _])| br)
        .sum();
    assert!(page + assets <= 110_000, "{page} + {assets}");
}

const SECRET: &[u8] = b"a session's secret";

/// A router that takes forms and answers what it took.
fn forms(limits: Limits) -> Router {
    async fn take(submitted: Submitted) -> Reply<String> {
        let files = submitted
            .files()
            .iter()
            .map(|f| format!("{}:{}:{}:{}", f.field, f.name, f.size, f.sha256_hex()));
        let refused = submitted.refused().iter().map(|r| format!("{}!{:?}", r.name, r.fault));
        let text = submitted.text("t");
        Ok(format!(
            "{} {} {}",
            text,
            files.collect::<Vec<_>>().join(","),
            refused.collect::<Vec<_>>().join(",")
        ))
    }
    let routes = Router::new()
        .route("/take", post(take))
        .layer(axum::Extension(limits))
        .layer(axum::Extension(Expected(Token::of(SECRET))));
    frame(routes, Frame::new(Arc::new(sample_brand()), sample_world()))
}

fn mask() -> String {
    Token::of(SECRET).mask(&*sample_world())
}

const ONCE: &str = "_once=00000000-0000-4000-8000-000000000000";

async fn send(router: Router, content_type: &str, content: Body) -> Response {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/take")
        .header(header::CONTENT_TYPE, content_type);
    router
        .oneshot(request.body(content).expect("a request"))
        .await
        .expect("a router cannot fail")
}

const URLENCODED: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn urlencoded_text_arrives_as_typed() {
    let content = format!("_csrf={}&{ONCE}&t=%F0%9F%8E%89+o%CC%9B%CC%81+%3Cb%3E", mask());
    let response = send(forms(Limits::default()), URLENCODED, Body::from(content)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(body(response).await.starts_with("🎉 o\u{31b}\u{301} <b>"));
}

#[tokio::test]
async fn forms_without_our_token_are_refused() {
    let other = Token::of(b"another session").mask(&*sample_world());
    for token in [String::new(), "_csrf=x&".to_owned(), format!("_csrf={other}&")] {
        let response = send(
            forms(Limits::default()),
            URLENCODED,
            Body::from(format!("{token}{ONCE}&t=1")),
        )
        .await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{token}");
    }
    let request = Request::builder()
        .method(Method::POST)
        .uri("/take")
        .header(header::CONTENT_TYPE, URLENCODED)
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(format!("_csrf={}&{ONCE}", mask())))
        .expect("a request");
    let response = forms(Limits::default())
        .oneshot(request)
        .await
        .expect("a router cannot fail");
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn broken_and_endless_forms_are_refused_in_words() {
    let token = mask();
    let long = "a".repeat(300 << 10);
    let many = "x=1&".repeat(600);
    let endless = "a".repeat(4 << 20);
    for (content, status) in [
        (format!("_csrf={token}&t=%ff&{ONCE}"), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("_csrf={token}&t=%zz&{ONCE}"), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("_csrf={token}&t=1"), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("_csrf={token}&{ONCE}&t={long}"), StatusCode::PAYLOAD_TOO_LARGE),
        (format!("_csrf={token}&{ONCE}&{many}"), StatusCode::PAYLOAD_TOO_LARGE),
        (
            format!("_csrf={token}&{ONCE}&t={endless}"),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        let response = send(forms(Limits::default()), URLENCODED, Body::from(content)).await;
        assert_eq!(response.status(), status);
        assert!(body(response).await.contains("<h1>"));
    }
    let response = send(forms(Limits::default()), "text/plain", Body::from("x")).await;
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

/// A multipart body in parts.
fn part(name: &str, file: Option<&str>, content: &[u8]) -> Vec<u8> {
    let file = file
        .map(|f| format!("; filename=\"{f}\"\r\nContent-Type: application/x-evil"))
        .unwrap_or_default();
    [
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes(),
        content,
        b"\r\n",
    ]
    .concat()
}

fn multipart(parts: &[Vec<u8>]) -> Body {
    Body::from([parts.concat(), b"--B--\r\n".to_vec()].concat())
}

const MULTIPART: &str = "multipart/form-data; boundary=B";

fn guards() -> Vec<u8> {
    [
        part("_csrf", None, mask().as_bytes()),
        part("_once", None, b"00000000-0000-4000-8000-000000000000"),
    ]
    .concat()
}

#[tokio::test]
async fn files_are_judged_and_the_rest_of_the_form_is_still_read() {
    let pdf = b"%PDF-1.7 ... %%EOF";
    let large = [b"%PDF-1.7".to_vec(), vec![b' '; 2 << 20], b"%%EOF".to_vec()].concat();
    let content = multipart(&[
        guards(),
        part("a", Some("../Giấy \u{202e}khai sinh.exe"), pdf),
        part("a", Some("cut.pdf"), b"%PDF-1.7 ..."),
        part("a", Some("empty.pdf"), b""),
        part("a", Some("large.pdf"), &large),
        part("b", Some(""), b""),
        part("t", None, "sau tệp".as_bytes()),
    ]);
    let response = send(forms(Limits::files(3, 1 << 20)), MULTIPART, content).await;
    let text = body(response).await;
    assert!(text.starts_with("sau tệp a:Giấy khai sinh.pdf:18:"), "{text}");
    assert!(
        text.contains("cut.pdf!Truncated,empty.pdf!Empty,large.pdf!TooLarge { max: 1048576 }"),
        "{text}"
    );
}

#[tokio::test]
async fn more_files_than_allowed_are_named() {
    let pdf = b"%PDF-1.7 ... %%EOF";
    let content = multipart(&[guards(), part("a", Some("1.pdf"), pdf), part("a", Some("2.pdf"), pdf)]);
    let text = body(send(forms(Limits::files(1, 1 << 20)), MULTIPART, content).await).await;
    assert!(
        text.contains("1.pdf") && text.contains("2.pdf!TooMany { max: 1 }"),
        "{text}"
    );
    let content = multipart(&[guards(), part("a", Some("1.pdf"), pdf)]);
    let text = body(send(forms(Limits::default()), MULTIPART, content).await).await;
    assert!(text.contains("1.pdf!TooMany { max: 0 }"), "{text}");
}

#[tokio::test]
async fn no_file_is_taken_before_the_token() {
    let content = multipart(&[part("a", Some("1.pdf"), b"%PDF-1.7 %%EOF"), guards()]);
    let response = send(forms(Limits::files(1, 1 << 20)), MULTIPART, content).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_large_body_is_streamed_to_disk() {
    // 96 MB in pieces of 256 KB: the reader must never hold more than a few of them.
    let piece = Bytes::from(vec![b'a'; 256 << 10]);
    let head = [guards(), part("a", Some("big.txt"), b"")].concat();
    let head = Bytes::from(head[..head.len() - 2].to_vec());
    let tail = Bytes::from_static(b"\r\n--B--\r\n");
    let pieces = std::iter::once(head)
        .chain(std::iter::repeat_n(piece, 384))
        .chain([tail]);
    let content = Body::from_stream(futures::stream::iter(pieces.map(Ok::<_, Infallible>)));
    let before = resident_kb();
    let response = send(forms(Limits::files(1, 128 << 20)), MULTIPART, content).await;
    let grown = resident_kb().saturating_sub(before);
    let text = body(response).await;
    assert!(text.contains(&format!("big.txt:{}:", 96 << 20)), "{text}");
    assert!(grown < 40_000, "{grown} KB more");
}

/// Memory of this process, in KB.
fn resident_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:").or_else(|| l.strip_prefix("VmRSS:")));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let head = Bytes::from_static(b"--B\r\nContent-Disposition: form-data; name=\"");
    let pieces = std::iter::once(head).chain(std::iter::repeat_n(Bytes::from(vec![b'x'; 64 << 10]), 2000));
    let content = Body::from_stream(futures::stream::iter(pieces.map(Ok::<_, Infallible>)));
    let response = send(forms(Limits::files(1, 500 << 20)), MULTIPART, content).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn silent_senders_are_hung_up_on() {
    let limits = Limits {
        idle: Duration::from_millis(80),
        ..Limits::default()
    };
    for content_type in [URLENCODED, MULTIPART] {
        let start = futures::stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"--B\r\n"))]);
        let content = Body::from_stream(futures::StreamExt::chain(start, futures::stream::pending()));
        let response = send(forms(limits.clone()), content_type, content).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{content_type}");
    }
}

#[tokio::test]
async fn a_full_spool_is_our_fault_and_says_so() {
    let limits = Limits::files(1, 1 << 20);
    let routes = forms(limits).layer(axum::Extension(Spool(std::path::Path::new("/nonexistent").into())));
    let content = multipart(&[guards(), part("a", Some("1.pdf"), b"%PDF-1.7 %%EOF")]);
    let response = send(routes, MULTIPART, content).await;
    // The frame's own spool lies inside and wins: the file is taken.
    assert_eq!(response.status(), StatusCode::OK);
    let mut config = Frame::new(Arc::new(sample_brand()), sample_world());
    config.spool = "/nonexistent".into();
    let take = Router::new()
        .route("/take", post(|_: Submitted| async { "taken" }))
        .layer(axum::Extension(Limits::files(1, 1 << 20)))
        .layer(axum::Extension(Expected(Token::of(SECRET))));
    let content = multipart(&[guards(), part("a", Some("1.pdf"), b"%PDF-1.7 %%EOF")]);
    let response = send(frame(take, config), MULTIPART, content).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn oversized_json_is_refused() {
    async fn take(web::Json(value): web::Json<serde_json::Value>) -> String {
        value.to_string()
    }
    let routes = frame(
        Router::new().route("/take", post(take)),
        Frame::new(Arc::new(sample_brand()), sample_world()),
    );
    for (content, status) in [
        ("{\"a\":1}".to_owned(), StatusCode::OK),
        ("{\"a\":".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("\"{}\"", "x".repeat(300 << 10)), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let response = send(routes.clone(), "application/json", Body::from(content)).await;
        assert_eq!(response.status(), status);
        if status != StatusCode::OK {
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        }
    }
}

#[tokio::test]
async fn too_much_at_once_is_shed_and_slow_handlers_are_ended() {
    async fn slow() -> &'static str {
        tokio::time::sleep(Duration::from_secs(30)).await;
        "late"
    }
    let mut config = Frame::new(Arc::new(sample_brand()), sample_world());
    config.concurrency = 1;
    config.timeout = Duration::from_millis(200);
    let routes = frame(
        Router::new()
            .route("/slow", axum::routing::get(slow))
            .route("/healthz", axum::routing::get(|| async { "ok" })),
        config,
    );
    let ask = |path: &str| {
        routes
            .clone()
            .oneshot(get(path).body(Body::empty()).expect("a request"))
    };
    let (first, (second, health)) = tokio::join!(ask("/slow"), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        (ask("/slow").await, ask("/healthz").await)
    });
    let (first, second) = (first.expect("an answer"), second.expect("an answer"));
    assert_eq!(
        (first.status(), second.status()),
        (StatusCode::SERVICE_UNAVAILABLE, StatusCode::SERVICE_UNAVAILABLE)
    );
    assert!(body(first).await.contains("mất quá nhiều thời gian"));
    assert_eq!(second.headers()[header::RETRY_AFTER], "3");
    assert_eq!(health.expect("an answer").status(), StatusCode::OK);
}

#[test]
fn kinds_of_file_have_distinct_endings() {
    let mut endings: Vec<&str> = FileKind::DOCUMENTS.iter().flat_map(|k| k.endings()).copied().collect();
    let all = endings.len();
    endings.sort_unstable();
    endings.dedup();
    assert_eq!(endings.len(), all);
}
