//! What the operator decides: where the portal is, who we are there, how it writes things, who may speak to us in its name.
//! Refuses plain HTTP to other machines, and secrets in the configuration itself: they stand in files.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::wire::Dialect;

/// The exchange with other systems.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The national portal. Absent: nothing is exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portal: Option<PortalConfig>,
}

/// The national portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalConfig {
    /// Address of its adapter, without a slash at the end.
    pub url: String,
    /// Path at which a session is opened.
    #[serde(default = "session_path")]
    pub session_path: String,
    /// Path at which services are asked.
    #[serde(default = "service_path")]
    pub service_path: String,
    /// Our code there (`madonvi`).
    pub unit: String,
    /// Our name there.
    pub user: String,
    /// File with our password there.
    pub password_file: PathBuf,
    /// PEM file of the authority that signed its certificate, when no public one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Dossiers of one request: 1 to 500.
    #[serde(default = "batch_max")]
    pub batch_max: usize,
    /// Requests under way at once: 1 to 16.
    #[serde(default = "at_once_max")]
    pub requests_at_once_max: usize,
    /// Seconds after which an answer is not waited for any more: 1 to 120.
    #[serde(default = "timeout_seconds")]
    pub timeout_seconds: u64,
    /// Seconds between two looks for what was filed there: 1 to 3,600.
    #[serde(default = "pull_seconds")]
    pub pull_seconds: i64,
    /// Other beginnings of addresses from which its papers are fetched, each with a slash at the end; its own is always one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers_from: Vec<String>,
    /// Hours for which a link to a paper of ours opens: 1 to 720.
    #[serde(default = "link_hours")]
    pub link_hours: i64,
    /// Days for which transfers are kept after they were settled; their receipts, and what proves a lateness, are kept on: 30 to
    /// 36,500.
    #[serde(default = "transfers_kept_days")]
    pub transfers_kept_days: i64,
    /// Who speaks to us in its name. Absent: it is asked, and tells us nothing by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound: Option<Inbound>,
    /// How it names and writes things.
    #[serde(default)]
    pub dialect: Dialect,
}

/// Who speaks to us in the portal's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbound {
    /// Name.
    pub user: String,
    /// File with the password.
    pub password_file: PathBuf,
}

fn session_path() -> String {
    "/session".to_owned()
}

fn service_path() -> String {
    "/service".to_owned()
}

const fn batch_max() -> usize {
    100
}

const fn at_once_max() -> usize {
    4
}

const fn timeout_seconds() -> u64 {
    20
}

const fn pull_seconds() -> i64 {
    15
}

const fn link_hours() -> i64 {
    72
}

const fn transfers_kept_days() -> i64 {
    400
}

impl PortalConfig {
    /// A portal at an address, all else by default.
    #[must_use]
    pub fn at(url: &str, unit: &str, user: &str, password_file: &Path) -> Self {
        Self {
            url: url.to_owned(),
            session_path: session_path(),
            service_path: service_path(),
            unit: unit.to_owned(),
            user: user.to_owned(),
            password_file: password_file.to_owned(),
            ca_file: None,
            batch_max: batch_max(),
            requests_at_once_max: at_once_max(),
            timeout_seconds: timeout_seconds(),
            pull_seconds: pull_seconds(),
            papers_from: Vec::new(),
            link_hours: link_hours(),
            transfers_kept_days: transfers_kept_days(),
            inbound: None,
            dialect: Dialect::default(),
        }
    }

    /// The whole address of a paper, when it lies where the portal's papers may lie.
    #[must_use]
    pub fn fetched_from(&self, address: &str) -> Option<String> {
        if address.contains("..") {
            return None;
        }
        if address.starts_with('/') && !address.starts_with("//") {
            return Some(format!("{}{address}", self.url));
        }
        let own = format!("{}/", self.url);
        let mut beginnings = std::iter::once(&own).chain(&self.papers_from);
        beginnings
            .any(|beginning| address.starts_with(beginning.as_str()))
            .then(|| address.to_owned())
    }

    fn check(&self) -> Result<(), String> {
        if !is_safe(&self.url) || self.url.ends_with('/') {
            return Err("exchange.portal.url must start with https:// and must not end with a slash".to_owned());
        }
        for (name, path) in [
            ("session_path", &self.session_path),
            ("service_path", &self.service_path),
        ] {
            if !path.starts_with('/') {
                return Err(format!("exchange.portal.{name} must start with a slash"));
            }
        }
        let is_beginning = |one: &String| is_safe(one) && one.matches('/').count() >= 3 && one.ends_with('/');
        if !self.papers_from.iter().all(is_beginning) {
            return Err("exchange.portal.papers_from: each must start with https:// and end with a slash".to_owned());
        }
        let bounds: [(&str, i64, i64, i64); 6] = [
            ("batch_max", bounded(self.batch_max), 1, 500),
            ("requests_at_once_max", bounded(self.requests_at_once_max), 1, 16),
            (
                "timeout_seconds",
                i64::try_from(self.timeout_seconds).unwrap_or(i64::MAX),
                1,
                120,
            ),
            ("pull_seconds", self.pull_seconds, 1, 3_600),
            ("link_hours", self.link_hours, 1, 720),
            ("transfers_kept_days", self.transfers_kept_days, 30, 36_500),
        ];
        if let Some((name, _, least, most)) = bounds
            .iter()
            .find(|(_, value, least, most)| value < least || value > most)
        {
            return Err(format!("exchange.portal.{name} must be {least} to {most}"));
        }
        self.dialect.check()
    }
}

/// Encrypted, or on this machine.
fn is_safe(address: &str) -> bool {
    let is_near = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .any(|near| {
            let rest = address.strip_prefix(near);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
    is_near || address.starts_with("https://")
}

fn bounded(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl Config {
    /// Checks what types alone cannot say.
    /// # Errors
    /// A sentence that names the key and what to change.
    pub fn check(&self) -> Result<(), String> {
        self.portal.as_ref().map_or(Ok(()), PortalConfig::check)
    }

    /// The paths in it, to be taken from the folder of the configuration file.
    pub fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        let Some(portal) = &mut self.portal else {
            return Vec::new();
        };
        let mut paths = vec![&mut portal.password_file];
        paths.extend(portal.ca_file.as_mut());
        paths.extend(portal.inbound.as_mut().map(|inbound| &mut inbound.password_file));
        paths
    }
}

/// The secret in a file, without the line end.
pub(crate) fn secret(path: &Path) -> Result<Zeroizing<String>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = Zeroizing::new(text);
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    Ok(Zeroizing::new(secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_bounds_are_checked() {
        let with = |change: fn(&mut PortalConfig)| {
            let mut portal = PortalConfig::at("https://adapter.example.vn", "H27", "tinh", Path::new("p"));
            change(&mut portal);
            Config { portal: Some(portal) }.check()
        };
        assert_eq!(with(|_| {}), Ok(()));
        assert_eq!(with(|portal| portal.url = "http://127.0.0.1:9000".to_owned()), Ok(()));
        type Change = fn(&mut PortalConfig);
        let table: [(Change, &str); 9] = [
            (
                |portal| portal.papers_from = vec!["https://tep.example.vn".to_owned()],
                "papers_from",
            ),
            (|portal| portal.link_hours = 0, "link_hours"),
            (|portal| portal.transfers_kept_days = 1, "transfers_kept_days"),
            (|portal| portal.url = "http://adapter.example.vn".to_owned(), "https://"),
            (
                |portal| portal.url = "http://127.0.0.1.example.vn".to_owned(),
                "https://",
            ),
            (|portal| portal.url = "https://adapter.example.vn/".to_owned(), "slash"),
            (|portal| portal.batch_max = 0, "batch_max"),
            (|portal| portal.pull_seconds = 0, "pull_seconds"),
            (|portal| portal.service_path = "service".to_owned(), "service_path"),
        ];
        for (change, expected) in table {
            assert!(with(change).unwrap_err().contains(expected), "{expected}");
        }
    }

    #[test]
    fn papers_are_fetched_from_the_portal_alone() {
        let mut portal = PortalConfig::at("https://adapter.example.vn", "H27", "tinh", Path::new("p"));
        portal.papers_from = vec!["https://tep.example.vn/kho/".to_owned()];
        for (address, whole) in [
            (
                "https://adapter.example.vn/tep/1",
                Some("https://adapter.example.vn/tep/1"),
            ),
            ("/tep/1", Some("https://adapter.example.vn/tep/1")),
            ("https://tep.example.vn/kho/1", Some("https://tep.example.vn/kho/1")),
            ("https://tep.example.vn/khac/1", None),
            ("https://adapter.example.vn.evil.example/1", None),
            ("https://adapter.example.vn@evil.example/1", None),
            ("//evil.example/1", None),
            ("https://tep.example.vn/kho/../khac/1", None),
            ("http://169.254.169.254/latest", None),
            ("file:///etc/passwd", None),
            ("", None),
        ] {
            assert_eq!(portal.fetched_from(address).as_deref(), whole, "{address}");
        }
    }
}
