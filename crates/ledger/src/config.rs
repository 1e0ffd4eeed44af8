//! What the operator decides: what the log is called, who witnesses it, whose logs are witnessed here, where its files go.
//! Refuses witnesses without TLS on other machines, and keys that cannot be read.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::note::{Algorithm, VerifierKey, is_name};

/// The public log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What the log is called in its checkpoints; never changed once others know it. Absent: the address of the site
    /// without its scheme, and `/log`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Folder into which the log is written as files, for another web server or for whoever copies it. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// Who is asked to cosign each checkpoint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<Witness>,
    /// Whose logs this province witnesses. Absent: it is no witness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witnessing: Option<Witnessing>,
}

/// A witness that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Its key for cosignatures: `NAME+ID+BASE64`.
    pub key: VerifierKey,
    /// Its submission prefix, without a slash at the end.
    pub url: String,
}

/// What this province does as a witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnessing {
    /// Its name as a witness.
    pub name: String,
    /// The keys of the logs that it witnesses; the name of each is the origin of the log.
    pub logs: Vec<VerifierKey>,
}

impl Config {
    /// Checks what types alone cannot say.
    ///
    /// # Errors
    /// A sentence that names the key and what to change.
    pub fn check(&self) -> Result<(), String> {
        if self.origin.as_deref().is_some_and(|origin| !is_name(origin)) {
            return Err("ledger.origin must have no space and no plus, as ha-tinh.gov.vn/log".to_owned());
        }
        for witness in &self.witnesses {
            if witness.key.algorithm() != Algorithm::Cosignature {
                return Err(format!("ledger.witnesses: {} is no key for cosignatures", witness.key));
            }
            if !is_safe(&witness.url) || witness.url.ends_with('/') {
                return Err("ledger.witnesses.url must start with https:// and must not end with a slash".to_owned());
            }
        }
        let Some(witnessing) = &self.witnessing else {
            return Ok(());
        };
        if !is_name(&witnessing.name) {
            return Err("ledger.witnessing.name must have no space and no plus".to_owned());
        }
        match witnessing.logs.iter().find(|key| key.algorithm() != Algorithm::Ed25519) {
            Some(key) => Err(format!("ledger.witnessing.logs: {key} is no key of a log")),
            None => Ok(()),
        }
    }

    /// The paths in it, to be taken from the folder of the configuration file.
    pub fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        self.folder.as_mut().into_iter().collect()
    }
}

/// Whether an address is of TLS or of this machine.
fn is_safe(url: &str) -> bool {
    let is_near = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .any(|near| {
            url.strip_prefix(near)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
    is_near || url.starts_with("https://")
}
