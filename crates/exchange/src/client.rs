//! The way to the portal over HTTP: a session, kept until it ends, and one request after another on connections that stay open.
//! Refuses redirects, answers beyond 8 MiB, and to repeat anything by itself: whoever asked decides.

use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::config::{PortalConfig, secret};
use crate::error::ExchangeError;
use crate::wire::{Content, Reason, Request};

const ANSWER_MAX: usize = 8 << 20;

/// The way to one portal.
pub(crate) struct Client {
    http: reqwest::Client,
    config: PortalConfig,
    password: Zeroizing<String>,
    session: Mutex<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.config.url)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Reads the secret and prepares connections. Connects nowhere.
    pub(crate) fn open(config: &PortalConfig) -> Result<Self, ExchangeError> {
        let faulty = |key: &str, why: String| ExchangeError::Config(format!("exchange.portal.{key}: {why}"));
        let password = secret(&config.password_file).map_err(|why| faulty("password_file", why))?;
        // Installed once per process; a second try says that one is there, which is what we want.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .timeout(Duration::from_secs(config.timeout_seconds))
            .connect_timeout(Duration::from_secs(config.timeout_seconds.min(10)))
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(config.requests_at_once_max)
            .tcp_nodelay(true)
            .no_proxy();
        if let Some(path) = &config.ca_file {
            let pem = std::fs::read(path).map_err(|error| faulty("ca_file", format!("{}: {error}", path.display())))?;
            let authority =
                reqwest::Certificate::from_pem(&pem).map_err(|error| faulty("ca_file", error.to_string()))?;
            builder = builder.add_root_certificate(authority);
        }
        let http = builder.build().map_err(|error| faulty("url", error.to_string()))?;
        Ok(Self {
            http,
            config: config.clone(),
            password,
            session: Mutex::new(String::new()),
        })
    }

    /// Asks, after a session was opened where there is none.
    pub(crate) async fn ask(&self, request: &Request) -> Content {
        let mut session = self.session.lock().clone();
        if session.is_empty() {
            session = match self.sign_in().await {
                Ok(session) => session,
                Err(content) => return content,
            };
            self.session.lock().clone_from(&session);
        }
        let body = request.body(&self.config.dialect, &session, &self.config.unit);
        self.post(&self.config.service_path, &body).await
    }

    /// The session has ended: the next request opens another.
    pub(crate) fn forget_session(&self) {
        self.session.lock().clear();
    }

    async fn sign_in(&self) -> Result<String, Content> {
        let dialect = &self.config.dialect;
        let mut body = Map::new();
        body.insert(dialect.name("username").to_owned(), self.config.user.clone().into());
        body.insert(dialect.name("password").to_owned(), self.password.as_str().into());
        body.insert(dialect.name("madonvi").to_owned(), self.config.unit.clone().into());
        let content = self.post(&self.config.session_path, &Value::Object(body)).await;
        let session = match &content {
            Content::Body(200, bytes) => serde_json::from_slice::<Value>(bytes).ok(),
            _ => None,
        };
        let session = session.and_then(|body| body.get(dialect.name("session"))?.as_str().map(str::to_owned));
        // What came instead is read as the answer to what was asked: a page, half a JSON, a refusal to know us.
        session.filter(|session| !session.is_empty()).ok_or(match content {
            Content::Body(200, bytes) if bytes.first() == Some(&b'{') => Content::Body(401, bytes),
            other => other,
        })
    }

    async fn post(&self, path: &str, body: &Value) -> Content {
        let request = self.http.post(format!("{}{path}", self.config.url)).json(body);
        match self.send(request, ANSWER_MAX).await {
            // So long an answer is none.
            (Content::Body(_, bytes), _) if bytes.len() > ANSWER_MAX => Content::Body(200, b"{".to_vec()),
            (other, _) => other,
        }
    }

    /// Fetches a file of `most` bytes at most; a longer one answers 413. The address was held to the portal's own before. Half a file
    /// is none: what broke off on the way is fetched again, not judged.
    pub(crate) async fn fetch(&self, url: &str, most: u64) -> Content {
        let most = usize::try_from(most).unwrap_or(usize::MAX - 1);
        match self.send(self.http.get(url), most).await {
            (Content::Body(_, bytes), _) if bytes.len() > most => Content::Body(413, Vec::new()),
            (Content::Body(..), false) => Content::Nothing(Reason::Timeout),
            (other, _) => other,
        }
    }

    /// Sends, and reads an answer of `most` bytes; of a longer one a byte more is kept. Says whether it came to its end.
    async fn send(&self, request: reqwest::RequestBuilder, most: usize) -> (Content, bool) {
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return (Content::Nothing(Reason::Unreachable), false),
            Err(_) => return (Content::Nothing(Reason::Timeout), false),
        };
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => {
                    let room = (most + 1).saturating_sub(bytes.len()).min(chunk.len());
                    bytes.extend_from_slice(chunk.get(..room).unwrap_or_default());
                    if bytes.len() > most {
                        return (Content::Body(status, bytes), false);
                    }
                }
                Ok(None) => return (Content::Body(status, bytes), true),
                // It broke off in the middle: what came is half an answer.
                Err(_) if !bytes.is_empty() => return (Content::Body(status, bytes), false),
                Err(_) => return (Content::Nothing(Reason::Timeout), false),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// Answers one request with these bytes, and closes the line.
    fn answering(listener: TcpListener, answer: &'static [u8]) -> std::thread::JoinHandle<()> {
        std::thread::spawn(move || {
            let (mut line, _) = listener.accept().expect("somebody asks");
            let mut request = [0; 4_096];
            assert_ne!(line.read(&mut request).expect("a request"), 0);
            line.write_all(answer).expect("an answer");
        })
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn half_a_file_is_none_and_is_fetched_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let password = folder.path().join("password");
        std::fs::write(&password, "x").expect("a password");
        for (answer, is_whole) in [
            (&b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%PDF-1.4"[..], true),
            (&b"HTTP/1.1 200 OK\r\nContent-Length: 800\r\n\r\n%PDF-1.4"[..], false),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let url = format!("http://{}", listener.local_addr().expect("an address"));
            let client = Client::open(&PortalConfig::at(&url, "H27", "tinh", &password)).expect("a client");
            let portal = answering(listener, answer);
            let fetched = client.fetch(&format!("{url}/tep/1"), 1 << 20).await;
            portal.join().expect("it answered");
            match fetched {
                Content::Body(200, bytes) => assert!(is_whole, "{} bytes of 800", bytes.len()),
                Content::Nothing(Reason::Timeout) => assert!(!is_whole),
                other => panic!("{other:?}"),
            }
        }
    }
}
