//! The port to a virus scanner: ClamAV by its INSTREAM command, over a Unix or a TCP socket. Owns the quarantine: a file that
//! waits is opened by nobody, one in which something was found loses its bytes and stays as a name with a reason.
//! Refuses to let a file through because the scanner is silent: it waits, is tried again, and the operator sees it.
//! Standard: clamd(8); TCVN 14423 (level 3).

mod clamav;
pub mod http;
pub mod jobs;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Where the scanner listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `unix:/run/clamav/clamd.ctl`
    Unix(PathBuf),
    /// `tcp:127.0.0.1:3310`
    Tcp(SocketAddr),
}

impl FromStr for Address {
    type Err = ScanError;

    fn from_str(text: &str) -> Result<Self, ScanError> {
        let wrong = || ScanError::Address(text.to_owned());
        match text.split_once(':').ok_or_else(wrong)? {
            ("unix", path) if path.starts_with('/') => Ok(Self::Unix(PathBuf::from(path))),
            ("tcp", rest) => rest.parse().map(Self::Tcp).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
        }
    }
}

/// A scanner, as the operator set it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanner {
    address: Address,
    patience: Duration,
}

impl Scanner {
    /// A scanner at this address that answers within two minutes.
    #[must_use]
    pub const fn new(address: Address) -> Self {
        Self {
            address,
            patience: Duration::from_secs(120),
        }
    }

    /// The same, waited for no longer than this.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }
}

/// What a scanner says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// Something was found: the name of the signature.
    Infected(String),
}

/// A file was not scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The address is none.
    #[error("{0:?} is no address of a scanner: unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310")]
    Address(String),
    /// The scanner does not answer.
    #[error("the scanner does not answer: {0}")]
    Silent(#[from] std::io::Error),
    /// The scanner did not answer in time.
    #[error("the scanner did not answer in time")]
    Slow,
    /// The scanner said something else than a verdict.
    #[error("the scanner said: {0}")]
    Refused(String),
    /// The file could not be read.
    #[error("the file cannot be read: {0}")]
    File(#[from] ::store::blob::BlobError),
}
