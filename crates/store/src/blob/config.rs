//! Where blobs lie: a folder, or a bucket of an S3-compatible server.
//! Owns the settings and the way to the credentials; refuses plain HTTP to another machine unless told to allow it.

use std::{path::PathBuf, sync::Arc};

use object_store::{aws::AmazonS3Builder, local::LocalFileSystem, path::Path};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{BlobError, Blobs, folder};
use crate::keys::KeyRing;

/// S3 refuses parts below 5 MiB but for the last, and more than 10,000 parts.
const S3_PART_BYTES: usize = 8 * 1024 * 1024;
const FOLDER_PART_BYTES: usize = 1024 * 1024;

/// Where blobs are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlobConfig {
    /// A folder of this machine. Every object is synced to the disk before it counts as stored.
    Folder(PathBuf),
    /// A bucket of an S3-compatible server.
    S3(S3Config),
}

/// An S3-compatible server.
///
/// The credentials come from the environment (`TINHSO_S3_ACCESS_KEY_ID`, `TINHSO_S3_SECRET_ACCESS_KEY`)
/// or from a file with these two lines, `NAME=value`. They never stand in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// URL of the server, `https://s3.example.vn`. Buckets are addressed by path.
    pub endpoint: String,
    /// Name of the bucket; it exists already.
    pub bucket: String,
    /// Region, as the server wants it.
    #[serde(default = "default_region")]
    pub region: String,
    /// Prefix of every object's name within the bucket.
    #[serde(default)]
    pub prefix: String,
    /// File with the credentials, instead of the environment.
    #[serde(default)]
    pub credentials_file: Option<PathBuf>,
    /// Whether an `http:` endpoint that is not this machine is allowed.
    #[serde(default)]
    pub allow_http: bool,
}

fn default_region() -> String {
    "us-east-1".to_owned()
}

const ID: &str = "TINHSO_S3_ACCESS_KEY_ID";
const SECRET: &str = "TINHSO_S3_SECRET_ACCESS_KEY";

pub(super) fn open(config: &BlobConfig, keys: Arc<KeyRing>) -> Result<Blobs, BlobError> {
    match config {
        BlobConfig::Folder(path) => open_folder(path, keys),
        BlobConfig::S3(s3) => open_s3(s3, keys),
    }
}

fn open_folder(path: &std::path::Path, keys: Arc<KeyRing>) -> Result<Blobs, BlobError> {
    folder::make(path).map_err(|source| BlobError::Io {
        path: path.to_owned(),
        source,
    })?;
    let objects = LocalFileSystem::new_with_prefix(path)?.with_fsync(true);
    Ok(Blobs {
        objects: Arc::new(objects),
        prefix: Path::default(),
        keys,
        folder: Some(path.into()),
        part_bytes: FOLDER_PART_BYTES,
    })
}

fn open_s3(config: &S3Config, keys: Arc<KeyRing>) -> Result<Blobs, BlobError> {
    refuse_open_wire(config)?;
    let (id, secret) = credentials(config)?;
    // One process has one TLS provider; that another part of it came first is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let objects = AmazonS3Builder::new()
        .with_endpoint(config.endpoint.trim_end_matches('/'))
        .with_bucket_name(&config.bucket)
        .with_region(&config.region)
        .with_virtual_hosted_style_request(false)
        .with_allow_http(config.endpoint.starts_with("http:"))
        .with_access_key_id(id.as_str())
        .with_secret_access_key(secret.as_str())
        .build()?;
    let prefix = Path::parse(&config.prefix).map_err(|fault| BlobError::Config(fault.to_string()))?;
    Ok(Blobs {
        objects: Arc::new(objects),
        prefix,
        keys,
        folder: None,
        part_bytes: S3_PART_BYTES,
    })
}

fn refuse_open_wire(config: &S3Config) -> Result<(), BlobError> {
    let Some(rest) = config.endpoint.strip_prefix("http://") else {
        return Ok(());
    };
    let host = rest.split('/').next().unwrap_or_default();
    let here = ["127.0.0.1", "localhost", "[::1]"];
    let local = here.iter().any(|name| {
        host.strip_prefix(name)
            .is_some_and(|r| r.is_empty() || r.starts_with(':'))
    });
    if local || config.allow_http {
        return Ok(());
    }
    let endpoint = &config.endpoint;
    Err(BlobError::Config(format!(
        "{endpoint} is not encrypted; use https, or set allow_http = true"
    )))
}

fn credentials(config: &S3Config) -> Result<(String, Zeroizing<String>), BlobError> {
    let from_file = match &config.credentials_file {
        Some(path) => Some(Zeroizing::new(std::fs::read_to_string(path).map_err(|source| {
            BlobError::Io {
                path: path.clone(),
                source,
            }
        })?)),
        None => None,
    };
    let find = |name: &str| match &from_file {
        Some(text) => text
            .lines()
            .find_map(|line| Some(line.trim().strip_prefix(name)?.strip_prefix('=')?.to_owned())),
        None => std::env::var(name).ok(),
    };
    let missing = |name: &str| BlobError::Config(format!("{name} is not set, for bucket {}", config.bucket));
    let id = find(ID).ok_or_else(|| missing(ID))?;
    let secret = find(SECRET).ok_or_else(|| missing(SECRET))?;
    Ok((id, Zeroizing::new(secret)))
}
