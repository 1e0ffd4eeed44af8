//! Bodies and headers that only mean to use up memory or time: JSON and forms without end, clients who stop in the middle,
//! 500 MB for a form. They are refused or cut off, and others are served meanwhile.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode, header};
use testkit::ManualWorld;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Province;
use crate::support::people::citizen;
use crate::support::visitor::{MULTIPART, multipart};
use crate::upload::{at_papers, count};

#[tokio::test(flavor = "multi_thread")]
async fn oversized_json_and_headers_are_refused() {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    let person = citizen(&site.app, 7).await;
    let visitor = person.at(site.url());
    let json = |body: Vec<u8>| {
        let request = visitor.request_for("application/json", Method::POST, "/api/my/dossiers");
        visitor.send(request.header(header::CONTENT_TYPE, "application/json").body(body))
    };
    let large = format!("{{\"once\":\"{}\"}}", "a".repeat(300 << 10)).into_bytes();
    let answer = json(large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    let deep = format!("{{\"answers\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000)).into_bytes();
    assert!(json(deep).await.status.is_client_error());
    let form = visitor
        .request(Method::POST, "/track")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = visitor.send(form.body(format!("code={}", "a".repeat(5 << 20)))).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let many: String = (0..2_000).map(|n| format!("f{n}=1&")).collect();
    let form = visitor
        .request(Method::POST, "/track")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert!(visitor.send(form.body(many)).await.status.is_client_error());
    assert_eq!(visitor.page("/").await.status, StatusCode::OK);
    site.close().await;
}

/// A browser reads the answer after it has sent everything: a server that closes before takes its answer away with it.
#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_much_still_hears_why() {
    let province = Province::sqlite().await;
    let site = province.serve(ManualWorld::new()).await;
    let person = citizen(&site.app, 9).await;
    let visitor = person.at(site.url());
    let address = site.url().trim_start_matches("http://").to_owned();
    let cookie = visitor.cookie().unwrap();
    for (kind, path) in [
        ("application/json", "/api/my/dossiers"),
        ("application/x-www-form-urlencoded", "/track"),
    ] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            32 << 20
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let piece = vec![b'a'; 1 << 20];
        for sent in 0..32 {
            let taken = stream.write_all(&piece).await;
            assert!(taken.is_ok(), "{path}: hung up on after {sent} MiB: {taken:?}");
        }
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 413"), "{path}: {answer}");
    }
    site.close().await;
}

/// Sends raw bytes and reads to the end; gives what came and how long it took.
async fn raw(port: u16, bytes: &[u8], bound: Duration) -> (String, Duration) {
    let start = Instant::now();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    // A server that has heard enough may close before everything is sent.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(bound, stream.read_to_end(&mut answer)).await;
    (String::from_utf8_lossy(&answer).into_owned(), start.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_and_endless_headers_are_cut_off() {
    let mut province = Province::sqlite().await;
    province.config.listen.client_silence_seconds_max = 2;
    province.save();
    let app = province.open_real().await;
    let person = citizen(&app, 8).await;
    app.store.close().await;
    let mut server = province.start_program().await;
    let port = server.port();
    let bound = Duration::from_secs(20);
    let (_, took) = raw(port, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", bound).await;
    assert!(took < Duration::from_secs(10), "half a header was waited for {took:?}");
    let endless = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}", "a".repeat(300 << 10));
    let (answer, took) = raw(port, endless.as_bytes(), bound).await;
    assert!(!answer.contains(" 200 ") && took < bound, "{took:?} {answer}");
    let many: String = (0..5_000).map(|n| format!("X-{n}: 1\r\n")).collect();
    let (answer, _) = raw(
        port,
        format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n").as_bytes(),
        bound,
    )
    .await;
    assert!(!answer.contains(" 200 "), "{answer}");
    // A body that stops in the middle.
    let visitor = person.at(&server.url());
    let cookie = visitor.cookie().unwrap();
    let half = format!(
        "POST /track HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n_csrf="
    );
    let (answer, took) = raw(port, half.as_bytes(), Duration::from_secs(60)).await;
    assert!(took < Duration::from_secs(40), "half a body was waited for {took:?}");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(
        visitor.page("/").await.status,
        StatusCode::OK,
        "others are served meanwhile"
    );
    assert!(server.stop().success());
}

/// The most memory that a process ever held, in MiB.
fn memory_max_mib(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// A multipart body of `mib` MiB that is made while it is sent.
fn endless(head: Vec<u8>, mib: usize, tail: &'static [u8]) -> reqwest::Body {
    let piece = bytes::Bytes::from(vec![b'x'; 1 << 20]);
    let pieces = std::iter::once(bytes::Bytes::from(head)).chain(std::iter::repeat_n(piece, mib));
    let pieces = pieces.chain([bytes::Bytes::from_static(tail)]);
    reqwest::Body::wrap_stream(futures::stream::iter(pieces.map(Ok::<_, std::io::Error>)))
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_a_body_of_500_mb_needs_no_500_mb() {
    let province = Province::sqlite().await;
    let app = province.open_real().await;
    let person = citizen(&app, 9).await;
    app.store.close().await;
    let mut server = province.start_program().await;
    let visitor = person.at(&server.url());
    let draft = at_papers(&visitor, &person).await;
    let before = memory_max_mib(server.id());
    let path = format!("{draft}/files/add");
    let page = visitor.page(&format!("{draft}/files")).await;
    let hidden = page.form(&path).hidden;
    let fields: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut head = multipart(&fields, &[]);
    head.truncate(head.len() - b"--ranh-gioi-7f3a--\r\n".len());
    head.extend(
        b"--ranh-gioi-7f3a\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4\n",
    );
    let send = |body: reqwest::Body, length: Option<u64>| {
        let mut request = visitor
            .request(Method::POST, &path)
            .header(header::CONTENT_TYPE, MULTIPART);
        if let Some(length) = length {
            request = request.header(header::CONTENT_LENGTH, length);
        }
        visitor.try_send(request.body(body).timeout(Duration::from_secs(300)))
    };
    // Told beforehand, and not told: refused, or the connection closed on a sender who goes on sending.
    for length in [Some(500 << 20), None] {
        let answer = send(endless(head.clone(), 500, b""), length).await;
        assert!(answer.is_err() || answer.unwrap().status.is_client_error());
    }
    // As much as a form with files may bring: read to its end, and refused in words.
    let answer = send(endless(head, 190, b"\r\n--ranh-gioi-7f3a--\r\n"), None)
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.words());
    let after = memory_max_mib(server.id());
    testkit::say(&format!(
        "memory: {before} MiB before, at most {after} MiB after some 1,000 MB"
    ));
    assert!(after < before + 100, "{before} MiB grew to {after} MiB");
    assert_eq!(count(&visitor, &draft).await, 0);
    let spool = province.config.data.join("spool");
    assert_eq!(
        std::fs::read_dir(&spool).unwrap().count(),
        0,
        "nothing is left in {}",
        spool.display()
    );
    assert!(server.stop().success());
}
