//! Web push: an encrypted message to the push service of a browser, signed with the province's own key. Nothing personal is
//! inside; the push service sees neither the words nor for whom they are. Refuses services that the operator did not name, so
//! that nobody makes this program call an address of her choosing. RFC 8030, RFC 8291 (encryption), RFC 8292 (VAPID).

pub mod encrypt;
pub mod vapid;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Timestamp, World};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Accepted, Outgoing, SendFault};
use crate::config::{PushConfig, is_loopback, secret};
use crate::error::NoticeError;
use crate::template::Rendered;

/// Longest address of a push service that is taken.
const ENDPOINT_CHARS_MAX: usize = 1_000;
/// A push service keeps a message for a day at most; later it is stale.
const TTL_SECONDS_MAX: i64 = 24 * 3_600;

/// Where one browser listens. It is stored sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id with us.
    pub id: Uuid,
    /// Address at the push service.
    pub endpoint: String,
    /// The browser's public key, 65 bytes in base64url.
    pub p256dh: String,
    /// The browser's secret, 16 bytes in base64url.
    pub auth: String,
}

impl std::fmt::Debug for Device {
    /// Shows its id alone: who knows the address can send to it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({})", self.id)
    }
}

/// Why a browser's subscription is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The address is not one of the push services that the operator named.
    #[error("the push service is not one that is known here")]
    UnknownService,
    /// The keys are not what RFC 8291 says.
    #[error("the keys of the subscription are faulty")]
    Keys,
}

/// The way to push services.
pub struct Pusher {
    client: reqwest::Client,
    signer: vapid::Signer,
    config: PushConfig,
}

impl std::fmt::Debug for Pusher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pusher").finish_non_exhaustive()
    }
}

/// What one browser's push service said.
enum Heard {
    Accepted,
    Gone,
    Fault(SendFault),
}

impl Pusher {
    /// Reads the key.
    /// # Errors
    /// `Config` when the key file is faulty.
    pub fn new(config: &PushConfig) -> Result<Self, NoticeError> {
        let faulty = |key: &str, why: String| NoticeError::Config(format!("notices.push.{key}: {why}"));
        let text = secret(&config.key_file).map_err(|why| faulty("key_file", why))?;
        let signer =
            vapid::Signer::read(&text, &config.contact).map_err(|error| faulty("key_file", error.to_string()))?;
        let client = super::gateway::client(None).map_err(|why| faulty("services", why))?;
        Ok(Self {
            client,
            signer,
            config: config.clone(),
        })
    }

    /// The public key that browsers subscribe with.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.signer.public_key()
    }

    /// Checks what a browser sent.
    /// # Errors
    /// An unknown service or faulty keys.
    pub fn check(&self, device: &Device) -> Result<(), DeviceError> {
        if device.endpoint.len() > ENDPOINT_CHARS_MAX || !is_service(&device.endpoint, &self.config.services) {
            return Err(DeviceError::UnknownService);
        }
        encrypt::Receiver::read(&device.p256dh, &device.auth)
            .map(|_| ())
            .map_err(|_| DeviceError::Keys)
    }

    /// Sends to every browser; one that takes it is enough.
    /// # Errors
    /// `NoAddress` without browsers; else what the last one met.
    pub async fn send(&self, out: &Outgoing, now: Timestamp, world: &dyn World) -> Result<Accepted, SendFault> {
        let Rendered::Push { title, text } = &out.rendered else {
            return Err(SendFault::Refused("not a push".to_owned()));
        };
        let plain = serde_json::json!({ "title": title, "text": text, "path": out.path, "id": out.id }).to_string();
        let mut accepted = Accepted::default();
        let (mut taken, mut fault) = (false, None);
        for device in &out.devices {
            match self.send_one(device, &plain, out, now, world).await {
                Heard::Accepted => taken = true,
                Heard::Gone => accepted.gone.push(device.id),
                Heard::Fault(met) => fault = Some(met),
            }
        }
        match (taken, fault) {
            (true, _) => Ok(accepted),
            (false, Some(fault)) => Err(fault),
            (false, None) if accepted.gone.is_empty() => Err(SendFault::NoAddress),
            // All of them are gone; who keeps them learns it from this.
            (false, None) => Ok(accepted),
        }
    }

    async fn send_one(&self, device: &Device, plain: &str, out: &Outgoing, now: Timestamp, world: &dyn World) -> Heard {
        if self.check(device).is_err() {
            return Heard::Gone;
        }
        let refused = |words: &str| Heard::Fault(SendFault::Refused(words.to_owned()));
        let Ok(receiver) = encrypt::Receiver::read(&device.p256dh, &device.auth) else {
            return Heard::Gone;
        };
        let Ok(body) = encrypt::encrypt(&receiver, plain.as_bytes(), world) else {
            return refused("the message cannot be encrypted");
        };
        let Some(origin) = origin_of(&device.endpoint) else {
            return Heard::Gone;
        };
        let ttl = out.worth_seconds.clamp(60, TTL_SECONDS_MAX);
        let sending = self
            .client
            .post(&device.endpoint)
            .header("Authorization", self.signer.authorization(&origin, now))
            .header("Content-Encoding", "aes128gcm")
            .header("Content-Type", "application/octet-stream")
            .header("TTL", ttl.to_string())
            .header("Urgency", "normal")
            .header("Topic", topic(out.id))
            .body(body)
            .send()
            .await;
        match sending.map(|answer| answer.status().as_u16()) {
            Ok(200..=299) => Heard::Accepted,
            Ok(404 | 410) => Heard::Gone,
            Ok(status @ (408 | 429 | 500..=599)) => {
                Heard::Fault(SendFault::Later(format!("the push service is busy (HTTP {status})")))
            }
            Ok(status) => Heard::Fault(SendFault::Refused(format!(
                "the push service refused it (HTTP {status})"
            ))),
            Err(_) => Heard::Fault(SendFault::Later("the push service cannot be reached".to_owned())),
        }
    }
}

/// The same delivery sent again takes the place of the first while that waits (RFC 8030, 5.4): at most 32 characters.
fn topic(id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(id.as_bytes())
}

/// Scheme, host and port of an address.
fn origin_of(endpoint: &str) -> Option<String> {
    let url = reqwest::Url::parse(endpoint).ok()?;
    Some(url.origin().ascii_serialization())
}

/// Whether the address belongs to a named service: the host itself, or for `*.name` a host below it.
fn is_service(endpoint: &str, services: &[String]) -> bool {
    let Ok(url) = reqwest::Url::parse(endpoint) else {
        return false;
    };
    let Some(host) = url.host_str() else { return false };
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(host));
    let named = |service: &String| match service.strip_prefix("*.") {
        Some(above) => host
            .strip_suffix(above)
            .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => host == service,
    };
    safe && url.username().is_empty() && url.password().is_none() && services.iter().any(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_services_are_called() {
        let services = crate::config::PushConfig::services_known();
        for (endpoint, known) in [
            ("https://fcm.googleapis.com/fcm/send/abc", true),
            ("https://updates.push.services.mozilla.com/wpush/v2/abc", true),
            ("https://web.push.apple.com/abc", true),
            ("https://wns2-sg2p.notify.windows.com/w/?token=abc", true),
            ("http://fcm.googleapis.com/fcm/send/abc", false),
            ("https://fcm.googleapis.com.evil.example/abc", false),
            ("https://notify.windows.com.evil.example/", false),
            ("https://evilnotify.windows.com/", false),
            ("https://user@fcm.googleapis.com/", false),
            ("https://127.0.0.1/admin", false),
            ("https://169.254.169.254/latest", false),
            ("file:///etc/passwd", false),
            ("", false),
        ] {
            assert_eq!(is_service(endpoint, &services), known, "{endpoint}");
        }
    }
}
