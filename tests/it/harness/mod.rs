//! What end-to-end tests stand on: the built program as a process, a browser, bounded waits. Everything listens on
//! 127.0.0.1 on a free port, and is ended when its value is dropped; nothing waits longer than its bound.

pub mod app;
#[allow(
    dead_code,
    reason = "what a person can do at a screen is there whole, whether or not a test does it today"
)]
pub mod browser;
pub mod chromedriver;
pub mod program;
pub mod wait;

use std::net::TcpListener;
use std::path::PathBuf;

/// A port on 127.0.0.1 that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The root of the repository in which the tests run; clones may share their build output.
pub fn repository() -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned()))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// A client that follows no redirects and keeps no cookies; every request ends within 30 seconds.
pub fn client() -> reqwest::Client {
    install_crypto();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .unwrap()
}

/// The TLS library that every client of these tests uses; a second call does nothing.
pub fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
