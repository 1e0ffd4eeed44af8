//! SMS and Zalo over HTTP, set up by data: address, headers and body as templates, where the answer says yes, where it names
//! its id. The same adapter speaks to every provider that takes one request a message.
//! Refuses redirects, answers beyond 64 KiB, plain HTTP to other machines, and to keep what the provider answers.

use std::collections::BTreeMap;
use std::time::Duration;

use minijinja::{Environment, UndefinedBehavior, context};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Accepted, Outgoing, SendFault};
use crate::config::{GatewayConfig, secret};
use crate::error::NoticeError;
use crate::template::Rendered;

const TIMEOUT: Duration = Duration::from_secs(20);
const ANSWER_MAX: usize = 64 * 1024;
const FUEL: u64 = 5_000;
/// Longest id of a provider that is kept.
const ID_CHARS_MAX: usize = 100;

/// The way to one provider.
pub struct Gateway {
    client: reqwest::Client,
    config: GatewayConfig,
    secret: Zeroizing<String>,
    env: Environment<'static>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway")
            .field("url", &self.config.url)
            .finish_non_exhaustive()
    }
}

/// A client with our limits. The address was checked with the configuration.
pub(super) fn client(ca_file: Option<&std::path::Path>) -> Result<reqwest::Client, String> {
    // Installed once per process; a second try says that one is there, which is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    if let Some(path) = ca_file {
        let pem = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let authority = reqwest::Certificate::from_pem(&pem).map_err(|error| error.to_string())?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(|error| error.to_string())
}

impl Gateway {
    /// Prepares the way and tries the templates of headers and body on a sample, so that a mistake is found at the start.
    /// # Errors
    /// `Config` that names the key.
    pub fn new(name: &str, config: &GatewayConfig) -> Result<Self, NoticeError> {
        let faulty = |key: &str, why: String| NoticeError::Config(format!("notices.{name}.{key}: {why}"));
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_fuel(Some(FUEL));
        env.add_template_owned("body", config.body.clone())
            .map_err(|error| faulty("body", error.to_string()))?;
        for (header, text) in &config.headers {
            env.add_template_owned(format!("header/{header}"), text.clone())
                .map_err(|error| faulty("headers", format!("{header}: {error}")))?;
        }
        let secret = match &config.secret_file {
            Some(file) => secret(file).map_err(|why| faulty("secret_file", why))?,
            None => Zeroizing::new(String::new()),
        };
        let client = client(config.ca_file.as_deref()).map_err(|why| faulty("ca_file", why))?;
        let gateway = Self {
            client,
            config: config.clone(),
            secret,
            env,
        };
        let sample = Fields {
            id: "0190163d-8694-739b-aea5-966c26f8ad91".to_owned(),
            phone: kernel::Phone::national(
                &"+84912345678"
                    .parse()
                    .map_err(|_| faulty("body", "no sample".to_owned()))?,
            ),
            text: "Ho so H27.15-261122-0001 \"da\" tiep nhan".to_owned(),
            template: "123456".to_owned(),
            values: BTreeMap::from([("code".to_owned(), "H27.15-261122-0001".to_owned())]),
        };
        let (headers, body) = gateway.request(&sample).map_err(|why| faulty("body", why))?;
        let is_json = headers
            .get("content-type")
            .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.contains("json")));
        if is_json && serde_json::from_str::<Value>(&body).is_err() {
            return Err(faulty(
                "body",
                "is no JSON once it is filled in; write values as {{ phone|tojson }}".to_owned(),
            ));
        }
        Ok(gateway)
    }

    fn request(&self, fields: &Fields) -> Result<(HeaderMap, String), String> {
        let values = context! {
            id => fields.id, phone => fields.phone, phone84 => international(&fields.phone), text => fields.text,
            template => fields.template, parameters => fields.values, secret => self.secret.as_str(),
        };
        let fill = |name: &str| {
            let template = self.env.get_template(name).map_err(|error| error.to_string())?;
            template.render(&values).map_err(|error| error.to_string())
        };
        let mut headers = HeaderMap::new();
        for header in self.config.headers.keys() {
            let name =
                HeaderName::from_bytes(header.as_bytes()).map_err(|_| format!("{header} is no name of a header"))?;
            let mut value = HeaderValue::from_str(&fill(&format!("header/{header}"))?)
                .map_err(|_| format!("the value of {header} cannot be sent"))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok((headers, fill("body")?))
    }

    /// Sends one message.
    /// # Errors
    /// `Down` when the provider cannot be reached or is failing, `Later` and `Refused` as it says.
    pub async fn send(&self, out: &Outgoing) -> Result<Accepted, SendFault> {
        let phone = out
            .to
            .phone
            .as_ref()
            .filter(|phone| phone.is_mobile())
            .ok_or(SendFault::NoAddress)?;
        let (text, values) = match &out.rendered {
            Rendered::Sms { text } => (text.clone(), BTreeMap::new()),
            Rendered::Zalo { values } => (String::new(), values.clone()),
            Rendered::Email { .. } | Rendered::Push { .. } | Rendered::Letter { .. } => {
                return Err(SendFault::Refused("not a message for a telephone".to_owned()));
            }
        };
        let template = match &out.rendered {
            Rendered::Zalo { .. } => self
                .config
                .templates
                .get(&out.kind)
                .cloned()
                .ok_or(SendFault::NoTemplate)?,
            _ => String::new(),
        };
        let fields = Fields {
            id: out.id.to_string(),
            phone: phone.national(),
            text,
            template,
            values,
        };
        let (headers, body) = self
            .request(&fields)
            .map_err(|_| SendFault::Refused("the request cannot be written".to_owned()))?;
        let sending = self
            .client
            .post(&self.config.url)
            .headers(headers)
            .body(body)
            .send()
            .await;
        // A connection that never stood has sent nothing; a silence after it may have.
        let answer = match sending {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => {
                return Err(SendFault::Down("the provider cannot be reached".to_owned()));
            }
            Err(error) if error.is_timeout() => {
                return Err(SendFault::Down("the provider did not answer in time".to_owned()));
            }
            Err(_) => return Err(SendFault::Down("the connection to the provider broke".to_owned())),
        };
        self.verdict(answer).await
    }

    async fn verdict(&self, mut answer: reqwest::Response) -> Result<Accepted, SendFault> {
        let status = answer.status().as_u16();
        match status {
            200..=299 => {}
            401 | 403 => {
                return Err(SendFault::Down(format!(
                    "the provider does not know us (HTTP {status})"
                )));
            }
            408 | 425 | 429 | 500..=599 => {
                return Err(SendFault::Down(format!(
                    "the provider is busy or failing (HTTP {status})"
                )));
            }
            _ => return Err(SendFault::Refused(format!("the provider refused it (HTTP {status})"))),
        }
        let mut bytes = Vec::new();
        while let Ok(Some(chunk)) = answer.chunk().await {
            if bytes.len() + chunk.len() > ANSWER_MAX {
                break;
            }
            bytes.extend_from_slice(&chunk);
        }
        let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let accepted = &self.config.accepted;
        if let Some(pointer) = &accepted.pointer {
            let said = body.pointer(pointer).map(text_of).unwrap_or_default();
            if accepted.down.contains(&said) {
                return Err(SendFault::Down(format!("the provider says {}", short(&said))));
            }
            if accepted.later.contains(&said) {
                return Err(SendFault::Later(format!("the provider says {}", short(&said))));
            }
            if !accepted.values.contains(&said) {
                return Err(SendFault::Refused(format!("the provider says {}", short(&said))));
            }
        }
        let id = accepted
            .id_pointer
            .as_ref()
            .and_then(|pointer| body.pointer(pointer))
            .map(text_of);
        Ok(Accepted {
            provider_id: id.filter(|id| !id.is_empty()).map(|id| cut(&id)),
            gone: Vec::new(),
        })
    }
}

/// What headers and body may name.
struct Fields {
    id: String,
    phone: String,
    text: String,
    template: String,
    values: BTreeMap<String, String>,
}

/// `0912345678` as `84912345678`.
fn international(national: &str) -> String {
    national
        .strip_prefix('0')
        .map_or_else(|| national.to_owned(), |rest| format!("84{rest}"))
}

/// A code of an answer as text, whether it came as text or number.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// An id that is kept, at most 100 characters.
pub(crate) fn cut(id: &str) -> String {
    id.chars().take(ID_CHARS_MAX).collect()
}

/// A code of a provider for the log: letters and digits alone, so that no address slips in.
fn short(code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(8)
        .collect();
    if plain.is_empty() {
        "nothing we know".to_owned()
    } else {
        plain
    }
}
