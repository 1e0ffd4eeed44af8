//! The harness itself: a test of the program is worth what its tools are worth. A page of our own with known faults
//! must be found faulty, a page without scripts must stay so, and a width must be that width.

use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;

use crate::harness::browser::{Browser, Screen};
use crate::harness::wait;

const GOOD: &str = "<!doctype html><html lang=\"vi\"><head><title>Tốt</title></head><body><main><h1>Tốt</h1>\
    <form><label for=\"a\">Tên</label><input id=\"a\" name=\"a\"><button>Gửi đi</button></form>\
    <p id=\"w\">tĩnh</p></main><script>document.getElementById('w').textContent = 'động ' + innerWidth \
    + (matchMedia('(prefers-color-scheme: dark)').matches ? ' tối' : ' sáng')</script></body></html>";
const BAD: &str =
    "<!doctype html><html><head><title>x</title></head><body><img src=\"x\"><input name=\"a\"></body></html>";

/// Serves the two pages until the test ends.
async fn pages() -> String {
    let router = Router::new()
        .route("/good", get(|| async { Html(GOOD) }))
        .route("/bad", get(|| async { Html(BAD) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_axe_finds_faults_and_only_faults() {
    let Some(browser) = Browser::start(Screen::PHONE.dark()).await else {
        return;
    };
    let url = pages().await;
    browser.open(&format!("{url}/good")).await;
    browser.sees("động 360 tối").await;
    browser.is_accessible().await;
    browser.fits().await;
    browser.open(&format!("{url}/bad")).await;
    let rules: Vec<String> = browser.axe().await.into_iter().map(|violation| violation.id).collect();
    assert!(
        rules.contains(&"image-alt".to_owned()) && rules.contains(&"html-has-lang".to_owned()),
        "{rules:?}"
    );
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_without_scripts_runs_none_and_still_types() {
    let Some(browser) = Browser::start(Screen::DESK.without_scripts()).await else {
        return;
    };
    let url = pages().await;
    browser.open(&format!("{url}/good")).await;
    browser.sees("tĩnh").await;
    browser.fill("a", "Nguyễn Thị Lan").await;
    browser.press_text("Gửi đi").await;
    wait::until("the form to be sent", wait::SHORT, || async {
        let here = browser.url().await;
        if here.contains("?a=Nguy") { Ok(()) } else { Err(here) }
    })
    .await;
    browser.is_accessible().await;
    let picture = browser.picture("harness").await;
    assert!(std::fs::metadata(picture).unwrap().len() > 1000);
    browser.quit().await;
}

#[tokio::test]
#[should_panic(expected = "waited 50ms for nothing: never")]
async fn a_wait_ends_at_its_bound() {
    wait::until("nothing", Duration::from_millis(50), || async {
        Err::<(), _>("never".to_owned())
    })
    .await;
}
