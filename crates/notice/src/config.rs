//! What the operator decides about notices: which channels, over which servers, at what cost and rate, when people sleep.
//! Secrets stand in files, never in the configuration. Every fault is told with its key and what to change.
//! Refuses plain connections to other machines, and caps of zero that would send nothing in silence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Time;
use kernel::Dong;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Longest file of a secret.
const SECRET_BYTES_MAX: u64 = 4_096;

/// `[notices]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Letters are printed at the desks.
    pub letter: bool,
    /// When nobody is woken.
    pub quiet: Quiet,
    /// A mail server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailConfig>,
    /// A gateway for SMS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<GatewayConfig>,
    /// A gateway for Zalo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zalo: Option<GatewayConfig>,
    /// Push to browsers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<PushConfig>,
}

/// `[notices.quiet]`: SMS, Zalo and push wait from `from` until `until`, Vietnamese time. Equal hours: never quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quiet {
    /// Begin of the night.
    pub from: Time,
    /// End of it.
    pub until: Time,
}

impl Default for Quiet {
    fn default() -> Self {
        Self {
            from: jiff::civil::time(21, 0, 0, 0),
            until: jiff::civil::time(7, 0, 0, 0),
        }
    }
}

/// Caps of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Messages in one minute of the clock.
    pub per_minute_max: u32,
    /// What one message costs, in đồng.
    pub cost_dong: i64,
    /// What a day may cost, in đồng; nothing set is no cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day_dong_max: Option<i64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_minute_max: 120,
            cost_dong: 0,
            per_day_dong_max: None,
        }
    }
}

impl Limits {
    /// What a message costs.
    #[must_use]
    pub const fn cost(&self) -> Dong {
        Dong::new(self.cost_dong)
    }
}

/// How a connection to a mail server is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// TLS from the first byte (port 465).
    #[default]
    Tls,
    /// TLS after STARTTLS, which must succeed (port 587).
    Starttls,
    /// None; only to this machine.
    None,
}

/// `[notices.email]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailConfig {
    /// Name of the mail server.
    pub host: String,
    /// Its port.
    #[serde(default = "smtps")]
    pub port: u16,
    /// TLS or STARTTLS.
    #[serde(default)]
    pub encryption: Encryption,
    /// The sender: `Dịch vụ công Hà Tĩnh <khong-tra-loi@hatinh.example>`.
    pub from: String,
    /// Name to sign in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// File with the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// PEM file of the authority that signed the server's certificate, when it is not a public one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Caps.
    #[serde(default)]
    pub limits: Limits,
}

const fn smtps() -> u16 {
    465
}

/// `[notices.sms]` and `[notices.zalo]`: one POST a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Address of the gateway.
    pub url: String,
    /// Template of the body. It may name `id`, `phone` (0912…), `phone84`, `text`, `template`, `parameters`, `secret`.
    pub body: String,
    /// File whose content is `secret`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// PEM file of the authority behind the gateway's certificate, when it is not a public one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The gateway recognises a second sending by `id`; without that, a sending of unknown outcome is not repeated.
    #[serde(default)]
    pub repeat_is_safe: bool,
    /// Templates of the headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Zalo: id of the approved template by kind of event.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub templates: BTreeMap<String, String>,
    /// How an answer says yes.
    #[serde(default)]
    pub accepted: AcceptedConfig,
    /// Caps.
    #[serde(default)]
    pub limits: Limits,
    /// How the provider reports what became of a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportConfig>,
}

/// `accepted`: where a JSON answer says what became of the request. Without `pointer` every 2xx is a yes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AcceptedConfig {
    /// JSON pointer to the code of the answer: `/CodeResult`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Codes that are a yes.
    pub values: Vec<String>,
    /// Codes that mean "try this one later".
    pub later: Vec<String>,
    /// Codes that mean that nothing works now: no credit, wrong key.
    pub down: Vec<String>,
    /// JSON pointer to the provider's id of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_pointer: Option<String>,
}

/// `report`: the provider calls `/api/notices/reports/{channel}` with a signed JSON body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportConfig {
    /// File with the secret of the signature.
    pub secret_file: PathBuf,
    /// Header with the HMAC-SHA256, in hexadecimal, of the time, a dot, and the body.
    #[serde(default = "signature_header")]
    pub signature_header: String,
    /// Header with the time, in seconds since 1970. A report older than five minutes is refused.
    #[serde(default = "timestamp_header")]
    pub timestamp_header: String,
    /// JSON pointer to a list of reports; without it the body is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_pointer: Option<String>,
    /// JSON pointer to the provider's id.
    pub id_pointer: String,
    /// JSON pointer to the state.
    pub state_pointer: String,
    /// States that mean delivered.
    pub delivered: Vec<String>,
    /// States that mean failed for good.
    pub failed: Vec<String>,
}

fn signature_header() -> String {
    "X-Signature".to_owned()
}

fn timestamp_header() -> String {
    "X-Timestamp".to_owned()
}

/// `[notices.push]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushConfig {
    /// File with the province's key, made by `tinhso notices push-key`.
    pub key_file: PathBuf,
    /// Whom a push service writes to: `mailto:…`.
    pub contact: String,
    /// Push services that are called; `*.` stands for anything below a name.
    #[serde(default = "PushConfig::services_known")]
    pub services: Vec<String>,
    /// Caps.
    #[serde(default)]
    pub limits: Limits,
}

impl PushConfig {
    /// The push services of the browsers in use.
    #[must_use]
    pub fn services_known() -> Vec<String> {
        [
            "fcm.googleapis.com",
            "updates.push.services.mozilla.com",
            "*.push.apple.com",
            "*.notify.windows.com",
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Reads a secret: a file of one line.
pub(crate) fn secret(path: &Path) -> Result<Zeroizing<String>, String> {
    let told = |why: String| format!("{}: {why}", path.display());
    let length = std::fs::metadata(path).map_err(|error| told(error.to_string()))?.len();
    if length > SECRET_BYTES_MAX {
        return Err(told(format!("{length} bytes; a secret has at most {SECRET_BYTES_MAX}")));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?);
    let line = Zeroizing::new(text.trim().to_owned());
    if line.is_empty() {
        return Err(told("the file is empty".to_owned()));
    }
    Ok(line)
}

impl Config {
    /// Every path, for the reader of the file to resolve.
    pub fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        let mut paths: Vec<&mut PathBuf> = Vec::new();
        if let Some(email) = &mut self.email {
            paths.extend(email.password_file.as_mut());
            paths.extend(email.ca_file.as_mut());
        }
        for gateway in [&mut self.sms, &mut self.zalo].into_iter().flatten() {
            paths.extend(gateway.secret_file.as_mut());
            paths.extend(gateway.ca_file.as_mut());
            paths.extend(gateway.report.as_mut().map(|report| &mut report.secret_file));
        }
        paths.extend(self.push.as_mut().map(|push| &mut push.key_file));
        paths
    }

    /// Checks what types alone cannot say: every fault, each with its key.
    /// # Errors
    /// The faults.
    pub fn check(&self) -> Result<(), Vec<String>> {
        let mut faults = Vec::new();
        if let Some(email) = &self.email {
            self.check_email(email, &mut faults);
        }
        for (name, gateway) in [("sms", &self.sms), ("zalo", &self.zalo)] {
            if let Some(gateway) = gateway {
                check_gateway(name, gateway, &mut faults);
            }
        }
        if self.sms.as_ref().is_some_and(|sms| !sms.templates.is_empty()) {
            faults.push("notices.sms.templates: only Zalo has approved templates".to_owned());
        }
        if let Some(push) = &self.push {
            check_limits("push", &push.limits, &mut faults);
            if !push.contact.starts_with("mailto:") && !push.contact.starts_with("https://") {
                faults.push("notices.push.contact must start with mailto: or https://".to_owned());
            }
            if push.services.is_empty() {
                faults.push("notices.push.services names no service; leave it out for the known ones".to_owned());
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn check_email(&self, email: &EmailConfig, faults: &mut Vec<String>) {
        check_limits("email", &email.limits, faults);
        if email.encryption == Encryption::None && !is_loopback(&email.host) {
            faults.push(format!(
                "notices.email.encryption = \"none\" sends names and codes in the open to {}; use tls or starttls",
                email.host
            ));
        }
        if email.user.is_some() != email.password_file.is_some() {
            faults.push("notices.email.user and notices.email.password_file go together".to_owned());
        }
        if !email.from.contains('@') {
            faults.push(format!("notices.email.from = {:?} holds no address", email.from));
        }
    }
}

fn check_limits(name: &str, limits: &Limits, faults: &mut Vec<String>) {
    if limits.per_minute_max == 0 {
        faults.push(format!(
            "notices.{name}.limits.per_minute_max = 0 sends nothing; leave the channel out instead"
        ));
    }
    if limits.cost_dong < 0 {
        faults.push(format!("notices.{name}.limits.cost_dong is below nothing"));
    }
    if let Some(most) = limits.per_day_dong_max
        && most < limits.cost_dong.max(1)
    {
        faults.push(format!(
            "notices.{name}.limits.per_day_dong_max = {most} is less than one message costs"
        ));
    }
}

fn check_gateway(name: &str, gateway: &GatewayConfig, faults: &mut Vec<String>) {
    check_limits(name, &gateway.limits, faults);
    let safe = reqwest::Url::parse(&gateway.url).is_ok_and(|url| {
        url.scheme() == "https" || (url.scheme() == "http" && url.host_str().is_some_and(is_loopback))
    });
    if !safe {
        faults.push(format!(
            "notices.{name}.url = {:?} must be an https:// address",
            gateway.url
        ));
    }
    let accepted = &gateway.accepted;
    if accepted.pointer.is_some() && accepted.values.is_empty() {
        faults.push(format!(
            "notices.{name}.accepted.values is empty: no answer would be a yes"
        ));
    }
    let report = gateway.report.as_ref();
    let pointers = [&accepted.pointer, &accepted.id_pointer].into_iter().flatten();
    let reported = report
        .into_iter()
        .flat_map(|report| [&report.id_pointer, &report.state_pointer]);
    for pointer in pointers
        .chain(reported)
        .chain(report.and_then(|report| report.list_pointer.as_ref()))
    {
        if !pointer.starts_with('/') {
            faults.push(format!(
                "notices.{name}: {pointer:?} is no JSON pointer; it begins with a slash"
            ));
        }
    }
    if report.is_some() && accepted.id_pointer.is_none() {
        faults.push(format!(
            "notices.{name}.report needs accepted.id_pointer: nothing says which message is meant"
        ));
    }
    if report.is_some_and(|report| report.delivered.is_empty()) {
        faults.push(format!(
            "notices.{name}.report.delivered is empty: nothing would ever be delivered"
        ));
    }
}

#[cfg(test)]
mod tests;
