//! Owns the way to a provider: an HTTP client with limits (10 s, 256 KiB, no redirects, TLS by rustls), as the `openidconnect`
//! crate wants it. Refuses plain HTTP to anything but this machine: the demo's and the tests' provider.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::SignInError;
use super::config::ProviderConfig;

const TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_MAX: usize = 256 * 1024;

/// What can go wrong on the way.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Connection, TLS, time.
    #[error("{0}")]
    Send(#[from] reqwest::Error),
    /// More than 256 KiB.
    #[error("the answer is too large")]
    TooLarge,
    /// Plain HTTP to another machine.
    #[error("the address is not https")]
    NotTls,
    /// A header that cannot be.
    #[error("{0}")]
    Http(#[from] http::Error),
}

/// A client for one provider.
#[derive(Debug, Clone)]
pub(crate) struct Client(reqwest::Client);

impl Client {
    pub(crate) fn new(config: &ProviderConfig) -> Result<Self, SignInError> {
        // Installed once per process; a second try says that one is there, which is what we want.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let faulty = |reason: String| SignInError::ProviderFaulty {
            id: config.id.clone(),
            reason,
        };
        let mut builder = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        if let Some(path) = &config.ca_file {
            let pem = std::fs::read(path).map_err(|error| faulty(format!("{}: {error}", path.display())))?;
            let authority = reqwest::Certificate::from_pem(&pem).map_err(|error| faulty(error.to_string()))?;
            builder = builder.add_root_certificate(authority);
        }
        Ok(Self(builder.build().map_err(|error| faulty(error.to_string()))?))
    }

    /// Sends one request and reads a bounded answer.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ClientError> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string();
        if !is_safe(&url) {
            return Err(ClientError::NotTls);
        }
        let mut sending = self.0.request(parts.method, &url).body(body);
        for (name, value) in &parts.headers {
            sending = sending.header(name, value);
        }
        let mut answer = sending.send().await?;
        let mut bytes = Vec::new();
        let status = answer.status();
        let headers = answer.headers().clone();
        while let Some(chunk) = answer.chunk().await? {
            if bytes.len() + chunk.len() > ANSWER_MAX {
                return Err(ClientError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        let mut response = http::Response::new(bytes);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Client {
    type Error = ClientError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ClientError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// Whether an address is reached over TLS, or is this machine.
pub(crate) fn is_safe(url: &str) -> bool {
    let Ok(url) = openidconnect::url::Url::parse(url) else {
        return false;
    };
    let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && local)
}
