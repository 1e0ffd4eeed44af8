//! From the command line to an open province: which configuration, which store, opened to serve or to read
//! beside a server.

use crate::Error;
use crate::cli::Place;
use crate::config::{self, Config};
use crate::world::RealWorld;
use kernel::World;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{BlobConfig, Database, KeySource, Limits, Mode, Store, StoreConfig};

/// Tables of every room, in the order in which they build on one another.
pub const MIGRATIONS: &[store::MigrationSet] = &[identity::MIGRATIONS, casework::MIGRATIONS];

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
        let config = Config::read(&self.config_path())?;
        self.over(config)
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
        limits: Limits::default(),
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
