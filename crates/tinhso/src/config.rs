//! The configuration file of one running province: where its data is, what it listens on, who may stand
//! before it. TOML, unknown keys refused, every relative path taken from the file's own folder.
//! What the law or the province decides (calendar, units, procedures) is data, not configuration.

use crate::Error;
use casework::PortalMode;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use store::BlobConfig;

/// Name of the configuration file inside a data folder.
pub const FILE_NAME: &str = "tinhso.toml";

/// Where the configuration of the packaged service is.
pub const PACKAGED: &str = "/etc/tinhso/tinhso.toml";

/// Everything the operator decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of a folder under `provinces/`, e.g. `ha-tinh`.
    pub province: String,
    /// Folder with the SQLite database (unless `database` is set), blobs and logs.
    pub data: PathBuf,
    /// PostgreSQL 15 or newer: `postgresql://user@host/name`. Absent: SQLite in `data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// PEM file of the authority that signed the database server's certificate, for `sslmode=require`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_ca: Option<PathBuf>,
    /// The key file. It stands outside `data`, so that a copy of the data alone opens nothing personal.
    pub keys: PathBuf,
    /// What the program listens on.
    #[serde(default)]
    pub listen: Listen,
    /// How the public sees it.
    #[serde(default)]
    pub public: Public,
    /// Certificate and key, when the program speaks TLS itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// Reverse proxies whose `X-Forwarded-*` headers are believed: addresses or networks, `10.0.0.0/24`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<String>,
    /// Where attachments and exports are kept. Absent: the folder `blobs` inside the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blobs: Option<BlobConfig>,
    /// The program whose children typeset papers and read files of strangers. Absent: this program itself. Its children lay
    /// limits on themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typesetter: Option<PathBuf>,
    /// The scanner that looks at attachments before anybody opens them. Absent: they are not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<Scan>,
    /// How people are told beside the pages: channels, caps, quiet hours (docs/notices.md). Absent: on the pages alone.
    #[serde(default)]
    pub notices: notice::Config,
    /// The public log: what it is called, who witnesses it, where its files go (docs/ledger.md).
    #[serde(default)]
    pub ledger: ledger::Config,
    /// The national portal: where it is, who we are there, how it writes things (docs/exchange.md). Absent: nothing is exchanged.
    #[serde(default)]
    pub exchange: exchange::Config,
    /// How payment references and codes are made.
    #[serde(default)]
    pub payment: Payment,
    /// How work on dossiers is watched.
    #[serde(default)]
    pub work: Work,
    /// Files that records of registers leave in, and programs that are told of changes (docs/registers.md).
    #[serde(default)]
    pub registers: Registers,
    /// Memory of maps, and the base map that lies under them (docs/maps.md).
    #[serde(default)]
    pub map: Maps,
    /// What is logged, and where.
    #[serde(default)]
    pub log: Log,
    /// Providers by which citizens sign in (OpenID Connect).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub oidc: Vec<identity::sign_in::ProviderConfig>,
    /// Set by `tinhso demo`: a simulated identity provider is mounted, and every page says that this is a demonstration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demo: Option<Demo>,
}

/// A demonstration: people and dossiers made up from a seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    /// The same seed gives the same people and dossiers.
    pub seed: u64,
}

/// What the program listens on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// Address and port; loopback unless the operator says otherwise.
    pub address: SocketAddr,
    /// Requests under way at once; more are answered "busy".
    pub requests_at_once_max: usize,
    /// Who may read /metrics besides this machine: addresses or networks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics_from: Vec<String>,
    /// Seconds a client may take to send its headers, or stay silent within a body.
    pub client_silence_seconds_max: u64,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 8080)),
            requests_at_once_max: 1024,
            metrics_from: Vec::new(),
            client_silence_seconds_max: 20,
        }
    }
}

/// How the public sees the province.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Public {
    /// Address people type, without a slash at the end. Absent: derived from `listen`.
    pub base_url: Option<String>,
    /// `full` (submit here) or `guide` (find and track here, submit at the national portal).
    pub mode: PortalMode,
    /// The national portal, to which `guide` links.
    pub portal_url: String,
}

impl Default for Public {
    fn default() -> Self {
        Self {
            base_url: None,
            mode: PortalMode::Full,
            portal_url: "https://dichvucong.gov.vn".to_owned(),
        }
    }
}

/// How work on dossiers is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Work {
    /// Working days without a step after which a dossier lies still, and its officer and leader are told: 1 to 60.
    pub still_after_working_days: u32,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            still_after_working_days: casework::reminder::rules::STILL_DAYS,
        }
    }
}

/// Files that records leave in, and programs that are told of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registers {
    /// Most bytes that files in the making take together in `spool` of the data folder.
    pub exports_bytes_max: u64,
    /// Most files that are made at a time.
    pub exports_at_once_max: usize,
    /// Most bytes of a file that is brought in on a page.
    pub imports_bytes_max: u64,
    /// Whether programs at addresses inside networks of ours may be told of changes, and without TLS. Off: only over https, and
    /// only at addresses of the open network.
    pub hooks_inside: bool,
}

impl Default for Registers {
    fn default() -> Self {
        let quota = register::export::Quota::default();
        Self {
            exports_bytes_max: quota.bytes_max,
            exports_at_once_max: quota.at_once_max,
            imports_bytes_max: register::import::FILE_BYTES_DEFAULT,
            hooks_inside: false,
        }
    }
}

/// Memory of maps, and the base map under them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Maps {
    /// A PMTiles file that lies under the layers.
    pub base: Option<PathBuf>,
    /// Megabytes for rows of layers; one that does not fit is drawn from zoom 12.
    pub layers_mb: usize,
    /// Megabytes for tiles that were made; none are kept with 0.
    pub tiles_mb: usize,
}

impl Default for Maps {
    fn default() -> Self {
        Self {
            base: None,
            layers_mb: 512,
            tiles_mb: 64,
        }
    }
}

/// How payment references and codes are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payment {
    /// Most characters of a transfer's text in a VietQR code: 25 by the specification, up to 95 where the banks take them.
    pub purpose_chars_max: usize,
    /// Capital letters with which payment references begin, 2 to 6; one for each program whose bills lead to one account.
    pub reference_prefix: String,
}

impl Default for Payment {
    fn default() -> Self {
        let usual = payment::Settings::default();
        Self {
            purpose_chars_max: usual.purpose_limit.chars(),
            reference_prefix: usual.reference_prefix,
        }
    }
}

impl Payment {
    /// The same, checked.
    /// # Errors
    /// A sentence that names the key and what to change.
    pub fn settings(&self) -> Result<payment::Settings, String> {
        let purpose_limit = payment::vietqr::PurposeLimit::new(self.purpose_chars_max)
            .ok_or("payment.purpose_chars_max must be 1 to 95")?;
        let reference = payment::reconcile::BillReference::issue(&self.reference_prefix, 0)
            .map_err(|error| format!("payment.reference_prefix: {error}"))?;
        if reference.to_string().len() > self.purpose_chars_max {
            return Err(format!(
                "payment.purpose_chars_max must hold a payment reference: at least {}",
                reference.to_string().len()
            ));
        }
        Ok(payment::Settings {
            purpose_limit,
            reference_prefix: self.reference_prefix.clone(),
        })
    }
}

/// Certificate and key in PEM files. They are read again when they change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// A scanner for malware: ClamAV's daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// Where it listens: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`.
    pub address: String,
}

impl Scan {
    /// The scanner at this address.
    /// # Errors
    /// A sentence that says what an address looks like.
    pub fn scanner(&self) -> Result<casework::scan::Scanner, String> {
        let address = self.address.parse().map_err(|error| format!("scan.address: {error}"))?;
        Ok(casework::scan::Scanner::new(address))
    }
}

/// What is logged, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Filter in the form of `tracing`, e.g. `info,store=debug`.
    pub level: String,
    /// Folder of daily JSON files. Absent: JSON lines on standard error only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// Days kept. Level 3 asks for at least twelve months (Luật An ninh mạng 116/2025, NĐ 331/2026).
    pub keep_days: usize,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            folder: None,
            keep_days: 400,
        }
    }
}

impl Config {
    /// A province in a data folder, all else by default. Keys go beside the folder, never inside.
    #[must_use]
    pub fn for_data(province: &str, data: &Path) -> Self {
        Self {
            province: province.to_owned(),
            data: data.to_owned(),
            database: None,
            database_ca: None,
            keys: keys_beside(data),
            listen: Listen::default(),
            public: Public::default(),
            tls: None,
            trusted_proxies: Vec::new(),
            blobs: None,
            scan: None,
            notices: notice::Config::default(),
            exchange: exchange::Config::default(),
            ledger: ledger::Config::default(),
            payment: Payment::default(),
            work: Work::default(),
            registers: Registers::default(),
            map: Maps::default(),
            log: Log::default(),
            oidc: Vec::new(),
            typesetter: None,
            demo: None,
        }
    }

    /// Reads and checks a configuration file.
    /// # Errors
    /// `Error::Config` with file, line and what to change.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            let remedy = match e.kind() {
                std::io::ErrorKind::PermissionDenied => "Run it as the user of the service: sudo -u tinhso tinhso …",
                _ => {
                    "Make a province first (tinhso init --province ha-tinh --data DIR), or name one with --config FILE"
                }
            };
            Error::Config(format!("cannot read {}: {e}. {remedy}", path.display()))
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|e| Error::Config(format!("{}: {e}", path.display())))?;
        config.resolve(path.parent().unwrap_or(Path::new(".")));
        config
            .check()
            .map_err(|e| Error::Config(format!("{}: {e}", path.display())))?;
        Ok(config)
    }

    /// Writes the file whole or not at all.
    /// # Errors
    /// `Error::Io` when the folder cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let text = toml::to_string_pretty(self).map_err(|e| Error::Config(e.to_string()))?;
        crate::file::replace(path, text.as_bytes(), 0o640)
    }

    fn resolve(&mut self, base: &Path) {
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_owned());
        let mut paths: Vec<&mut PathBuf> = vec![&mut self.data, &mut self.keys];
        if let Some(tls) = &mut self.tls {
            paths.extend([&mut tls.certificate, &mut tls.key]);
        }
        match &mut self.blobs {
            Some(BlobConfig::Folder(folder)) => paths.push(folder),
            Some(BlobConfig::S3(s3)) => paths.extend(s3.credentials_file.as_mut()),
            None => {}
        }
        paths.extend(self.notices.paths_mut());
        paths.extend(self.exchange.paths_mut());
        paths.extend(self.ledger.paths_mut());
        paths.extend(self.log.folder.as_mut());
        paths.extend(self.database_ca.as_mut());
        for path in paths {
            *path = base.join(&*path);
        }
    }

    /// Checks what types alone cannot say.
    /// # Errors
    /// A sentence that names the key and what to change.
    pub fn check(&self) -> Result<(), String> {
        if self.keys.starts_with(&self.data) {
            return Err(format!(
                "keys = {:?} lies inside the data folder; move the key file outside, or a copy of the data opens everything",
                self.keys
            ));
        }
        if let Some(url) = &self.database
            && !(url.starts_with("postgresql://") || url.starts_with("postgres://"))
        {
            return Err("database must be a postgresql:// address; for SQLite leave it out".to_owned());
        }
        if let Some(url) = &self.public.base_url
            && (!(url.starts_with("https://") || url.starts_with("http://")) || url.ends_with('/'))
        {
            return Err("public.base_url must start with https:// and must not end with a slash".to_owned());
        }
        if let Some(scan) = &self.scan {
            scan.scanner()?;
        }
        self.notices.check().map_err(|faults| faults.join("\n"))?;
        self.exchange.check()?;
        self.ledger.check()?;
        if self.listen.requests_at_once_max == 0 {
            return Err("listen.requests_at_once_max must be at least 1".to_owned());
        }
        self.payment.settings()?;
        if self.log.keep_days == 0 {
            return Err("log.keep_days must be at least 1".to_owned());
        }
        if self.demo.is_some() && !self.listen.address.ip().is_loopback() {
            return Err(
                "a demonstration listens on this machine alone: anybody may sign in as anybody there".to_owned(),
            );
        }
        if !self.listen.address.ip().is_loopback() && self.tls.is_none() && self.trusted_proxies.is_empty() {
            return Err(format!(
                "listen.address {} is open to the network without TLS; set [tls], or name your proxy in trusted_proxies",
                self.listen.address
            ));
        }
        Ok(())
    }

    /// The address people type.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.public.base_url.clone().unwrap_or_else(|| {
            let scheme = if self.tls.is_some() { "https" } else { "http" };
            format!("{scheme}://{}", self.listen.address)
        })
    }
}

/// `DIR.keys.toml` beside the data folder `DIR`.
#[must_use]
pub fn keys_beside(data: &Path) -> PathBuf {
    let mut name = data
        .file_name()
        .map_or_else(|| "tinhso".into(), std::ffi::OsStr::to_os_string);
    name.push(".keys.toml");
    data.with_file_name(name)
}
