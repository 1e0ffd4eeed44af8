//! From the command line to an open province: which configuration, which store, opened to serve or to read
//! beside a server.

use crate::Error;
use crate::cli::{self, Place};
use crate::config::{self, Config};
use crate::world::RealWorld;
use kernel::World;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{BlobConfig, Database, KeySource, Limits, Mode, Store, StoreConfig, StoreError};

/// Tables of every room, in the order in which they build on one another.
pub const MIGRATIONS: &[store::MigrationSet] = &[
    identity::MIGRATIONS,
    document::MIGRATIONS,
    notice::MIGRATIONS,
    payment::MIGRATIONS,
    register::MIGRATIONS,
    opendata::MIGRATIONS,
    map::MIGRATIONS,
    ledger::MIGRATIONS,
    casework::MIGRATIONS,
    exchange::MIGRATIONS,
    indicator::MIGRATIONS,
];

/// Writes that may wait: what an engine does in a fraction of a second, so that whoever comes then is told her place in the
/// line instead of waiting without an answer. Below what may send at once (`listen.requests_at_once_max`).
const WRITES_WAITING_MAX: usize = 512;

impl Place {
    /// Where the configuration file is, or would be.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| self.data.join(config::FILE_NAME))
    }

    /// Reads the configuration and puts over it what the command line says.
    /// # Errors
    /// As [`Config::read`].
    pub fn configuration(&self) -> Result<Config, Error> {
        let config = Config::read(&self.found(Path::new(config::PACKAGED)))?;
        self.over(config)
    }

    /// The file to read: the one that was named, the one in the working folder's `data`, or the packaged service's.
    fn found(&self, packaged: &Path) -> PathBuf {
        let own = self.config_path();
        let named = self.config.is_some() || self.data != Path::new(cli::DATA);
        // One that may not be looked at is there: reading it says who may.
        let there = |path: &Path| {
            std::fs::metadata(path).map_or_else(|e| e.kind() == std::io::ErrorKind::PermissionDenied, |_| true)
        };
        if named || there(&own) || !there(packaged) {
            return own;
        }
        packaged.to_owned()
    }

    /// The configuration of a province that is about to be made.
    /// # Errors
    /// `Error::Config` when the paths contradict one another.
    pub fn new_configuration(&self, province: &str) -> Result<Config, Error> {
        let data = std::path::absolute(&self.data).map_err(Error::io("cannot tell the working folder"))?;
        self.over(Config::for_data(province, &data))
    }

    fn over(&self, mut config: Config) -> Result<Config, Error> {
        let absolute = |path: &Path| std::path::absolute(path).map_err(Error::io("cannot tell the working folder"));
        if let Some(url) = &self.database {
            config.database = Some(url.clone());
        }
        if let Some(keys) = &self.keys {
            config.keys = absolute(keys)?;
        }
        config.check().map_err(Error::Config)?;
        Ok(config)
    }
}

/// How the store of `config` is opened.
#[must_use]
pub fn store_config(config: &Config, mode: Mode) -> StoreConfig {
    let database = match &config.database {
        Some(url) => Database::Postgres {
            url: url.clone(),
            root_certificate: config.database_ca.clone(),
        },
        None => Database::sqlite(&config.data),
    };
    StoreConfig {
        database,
        keys: KeySource::File(config.keys.clone()),
        blobs: config
            .blobs
            .clone()
            .unwrap_or_else(|| BlobConfig::Folder(config.data.join("blobs"))),
        mode,
        limits: Limits {
            queue_max: WRITES_WAITING_MAX,
            ..Limits::default()
        },
        double_run: false,
    }
}

/// Opens the store of a configuration.
/// # Errors
/// What the store says, in words for the operator.
pub async fn open_store(config: &Config, mode: Mode) -> Result<Store, Error> {
    let world: Arc<dyn World> = Arc::new(RealWorld::new());
    Ok(Store::open(store_config(config, mode), MIGRATIONS, world).await?)
}

/// Opens the store for a command that writes. On SQLite one process does at a time: while a server runs, the command is
/// refused, and `beside` says what does the same without stopping it.
/// # Errors
/// `Error::Taken` while a server runs on the data folder; else as [`open_store`].
pub async fn open_alone(config: &Config, beside: &str) -> Result<Store, Error> {
    let world: Arc<dyn World> = Arc::new(RealWorld::new());
    match Store::open(store_config(config, Mode::Serve), MIGRATIONS, world).await {
        Err(StoreError::InUse { folder }) => Err(Error::Taken(format!(
            "a server is running on the data folder {}: {beside}; or stop it for this command (systemctl stop tinhso)",
            folder.display()
        ))),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packaged_configuration_is_read_when_nothing_else_is_named_or_there() {
        let folder = tempfile::tempdir().unwrap();
        let packaged = folder.path().join("tinhso.toml");
        let place = |data: &Path, config: Option<&Path>| Place {
            data: data.to_owned(),
            config: config.map(Path::to_owned),
            database: None,
            keys: None,
        };
        let usual = Path::new(cli::DATA);
        assert_eq!(
            place(usual, None).found(&packaged),
            usual.join("tinhso.toml"),
            "there is none"
        );
        std::fs::write(&packaged, "").unwrap();
        assert_eq!(place(usual, None).found(&packaged), packaged);
        let other = folder.path().join("other");
        assert_eq!(
            place(&other, None).found(&packaged),
            other.join("tinhso.toml"),
            "a folder was named"
        );
        assert_eq!(place(usual, Some(&other)).found(&packaged), other, "a file was named");
    }
}
