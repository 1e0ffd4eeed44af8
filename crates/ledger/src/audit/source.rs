//! Where a log is read from: a folder of files, or an address. A partial tile that is gone is taken from the whole one, as clients of
//! logs may. Refuses answers that are longer than what was asked for can be.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::note::BYTES_MAX;
use crate::publish::CHECKPOINT;
use crate::tile::{BUNDLE_MAX, TileName};

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Tries of one request.
const TRIES: u32 = 3;

/// A log that can be read.
#[derive(Debug, Clone)]
pub enum Source {
    /// Files, as [`crate::publish::write`] lays them out.
    Folder(PathBuf),
    /// An address without a slash at the end.
    Site(reqwest::Client, String),
}

/// A log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// An address.
    #[error("{0}: {1}")]
    Site(String, String),
    /// More than there can be.
    #[error("{0} is longer than it can be")]
    TooLong(String),
    /// There is no checkpoint.
    #[error("{0} has no checkpoint: it is no log")]
    NoLog(String),
}

impl Source {
    /// The log in a folder or at an address.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn open(place: &str) -> Result<Self, SourceError> {
        if !(place.starts_with("https://") || place.starts_with("http://")) {
            return Ok(Self::Folder(PathBuf::from(place)));
        }
        // Installed once per process; a second try says that one is there, which is what we want.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| SourceError::Site(place.to_owned(), error.to_string()))?;
        Ok(Self::Site(client, place.trim_end_matches('/').to_owned()))
    }

    pub(super) async fn checkpoint(&self) -> Result<Vec<u8>, SourceError> {
        let found = self.get(CHECKPOINT, BYTES_MAX).await?;
        found.ok_or_else(|| SourceError::NoLog(self.place()))
    }

    /// What lies in a tile; none when it is not there.
    pub(super) async fn tile(&self, name: TileName) -> Result<Option<Vec<u8>>, SourceError> {
        if let Some(found) = self.get(&name.to_string(), BUNDLE_MAX).await? {
            return Ok(Some(found));
        }
        let whole = TileName::whole(name.kind, name.number);
        if whole == name {
            return Ok(None);
        }
        let found = self.get(&whole.to_string(), BUNDLE_MAX).await?;
        Ok(found.and_then(|content| begin_of(&content, name)))
    }

    fn place(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::Site(_, url) => url.clone(),
        }
    }

    async fn get(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
        match self {
            Self::Folder(folder) => file(&folder.join(name), most),
            Self::Site(client, url) => {
                let url = format!("{url}/{name}");
                let mut tried = 0;
                loop {
                    tried += 1;
                    match fetch(client, &url, most).await {
                        Err(SourceError::Site(..)) if tried < TRIES => {
                            tokio::time::sleep(Duration::from_millis(200) * tried).await;
                        }
                        other => return other,
                    }
                }
            }
        }
    }
}

/// The beginning of a whole tile, as the partial one had it.
fn begin_of(content: &[u8], name: TileName) -> Option<Vec<u8>> {
    let width = usize::from(name.width);
    let length = match name.kind {
        crate::tile::Kind::Level(_) => width * crate::Hash::BYTES,
        crate::tile::Kind::Entries => {
            let whole = crate::tile::entries(content, crate::merkle::Edge::WIDTH)?;
            whole.iter().take(width).map(|entry| 2 + entry.len()).sum()
        }
    };
    content.get(..length).map(<[u8]>::to_vec)
}

fn file(path: &Path, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
    let faulty = |error| SourceError::File(path.to_owned(), error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(faulty(error)),
    };
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(faulty)?;
    if bytes.len() > most {
        return Err(SourceError::TooLong(path.display().to_string()));
    }
    Ok(Some(bytes))
}

async fn fetch(client: &reqwest::Client, url: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
    let faulty = |error: reqwest::Error| SourceError::Site(url.to_owned(), error.to_string());
    let mut answer = client.get(url).send().await.map_err(faulty)?;
    match answer.status().as_u16() {
        200 => {}
        404 | 410 => return Ok(None),
        other => return Err(SourceError::Site(url.to_owned(), format!("answers {other}"))),
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(faulty)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > most {
            return Err(SourceError::TooLong(url.to_owned()));
        }
    }
    Ok(Some(bytes))
}
