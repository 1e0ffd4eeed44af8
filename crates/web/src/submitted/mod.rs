//! What a browser sent from a form: urlencoded or multipart, checked and bounded before anybody else sees it.
//! The form token is verified before the first file is taken; files go to temporary files as they arrive, hashed and
//! judged by their content. A file that is wrong is an error beside its field, not a refused request.
//! It refuses bodies without end: bytes, fields, files and time are limited by [`Limits`].
//! Law: Nghị định 61/2018/NĐ-CP and 118/2025/NĐ-CP let components be sent as files; which kinds is the procedure's to say.

mod body;
mod kind;
mod name;
#[cfg(test)]
mod tests;
mod urlencoded;

pub use kind::{FileFault, FileKind};
pub use name::clean as clean_name;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use http::header;
use kernel::{ErrorKind, Fault};
use tempfile::TempPath;
use uuid::Uuid;

use crate::csrf::Expected;
use crate::failure::Failure;

/// Bounds of one submission. A route that takes files carries them as `.layer(axum::Extension(Limits::files(5, 20 << 20)))`;
/// other routes have [`Limits::default`], which takes no files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the whole body.
    pub body: u64,
    /// Most bytes of one text field.
    pub text: usize,
    /// Most bytes of all text fields together.
    pub texts: usize,
    /// Most text fields.
    pub text_count: usize,
    /// Most bytes of one file.
    pub file: u64,
    /// Most files.
    pub file_count: usize,
    /// Whether files of no known kind are taken as [`FileKind::Data`]: their reader judges them.
    pub raw: bool,
    /// Longest silence of the sender.
    pub idle: Duration,
    /// Longest time for the whole body.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: (3 << 20) + (64 << 10),
            text: 256 << 10,
            texts: 1 << 20,
            text_count: 500,
            file: 0,
            file_count: 0,
            raw: false,
            idle: Duration::from_secs(15),
            total: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// Bounds of a form with at most `count` files of at most `bytes` each.
    #[must_use]
    pub fn files(count: usize, bytes: u64) -> Self {
        let room = Self::default();
        let all = bytes.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX));
        Self {
            // One oversized file more than allowed can be read to its end and be answered in words.
            body: room.body.saturating_add(all).saturating_add(bytes),
            file: bytes,
            file_count: count,
            total: Duration::from_secs(15 * 60),
            ..room
        }
    }

    /// The same bounds for files that only their reader can judge.
    #[must_use]
    pub fn raw(mut self) -> Self {
        self.raw = true;
        self
    }
}

/// Where files are put while they arrive; the system's folder for temporary files without it.
#[derive(Debug, Clone)]
pub struct Spool(pub Arc<Path>);

/// A file as it arrived. Its temporary file goes away with it.
#[derive(Debug)]
pub struct UploadedFile {
    /// Name of the field.
    pub field: String,
    /// Cleaned name, in NFC, whose ending tells what it holds.
    pub name: String,
    /// What it holds, judged by its content.
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    temp: TempPath,
}

impl UploadedFile {
    /// The media type of its content.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        self.kind.media_type()
    }

    /// Where it lies for the moment.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.temp
    }

    /// Opens it for reading.
    ///
    /// # Errors
    /// When the temporary file cannot be opened.
    pub async fn open(&self) -> std::io::Result<tokio::fs::File> {
        tokio::fs::File::open(&self.temp).await
    }

    /// Its SHA-256 in hexadecimal.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        hex::encode(self.sha256)
    }
}

/// A file that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFile {
    /// Name of the field.
    pub field: String,
    /// Its cleaned name.
    pub name: String,
    /// Why.
    pub fault: FileFault,
}

/// A submission whose token was right. An extractor; it reads the whole body.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The idempotency key of the form (`_once`).
    pub once: Uuid,
    texts: Vec<(String, String)>,
    files: Vec<Arc<UploadedFile>>,
    refused: Vec<RefusedFile>,
}

impl Submitted {
    /// The first answer of that name; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.texts
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// All answers of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every answer with its name, in the order of the form: for a page that has to send the same once more.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether anything of that name was sent.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.texts.iter().any(|(key, _)| key == name)
    }

    /// All files.
    #[must_use]
    pub fn files(&self) -> &[Arc<UploadedFile>] {
        &self.files
    }

    /// The files of one field.
    pub fn files_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<UploadedFile>> {
        self.files.iter().filter(move |file| file.field == name)
    }

    /// The files that were not taken.
    #[must_use]
    pub fn refused(&self) -> &[RefusedFile] {
        &self.refused
    }

    /// The field whose "look up" button was pressed instead of the form's own button (`_search`).
    #[must_use]
    pub fn searching(&self) -> Option<&str> {
        Some(self.text("_search")).filter(|name| !name.is_empty())
    }

    /// A submission that came in another envelope than a form's: its texts, and its files with the name of their field and
    /// their own. They pass the same bounds, and the files are judged by their content like all others.
    ///
    /// # Errors
    /// `TooLarge` for more texts than [`Limits`] allow, `Spool` when a temporary file cannot be written.
    pub async fn of_parts(
        once: Uuid,
        texts: Vec<(String, String)>,
        files: Vec<(String, String, Vec<u8>)>,
        (limits, spool): (&Limits, &Spool),
    ) -> Result<Self, SubmitError> {
        body::of_parts(once, texts, files, (limits, &spool.0)).await
    }

    /// A submission made by a test, without a request.
    #[must_use]
    pub fn of_texts(once: Uuid, texts: &[(&str, &str)]) -> Self {
        let texts = texts.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self {
            once,
            texts,
            files: Vec::new(),
            refused: Vec::new(),
        }
    }
}

/// Why a submission was refused as a whole.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The token is missing or belongs to another session.
    #[error("the form token is missing or wrong")]
    Token,
    /// No idempotency key.
    #[error("the form has no _once")]
    Once,
    /// Neither urlencoded nor multipart.
    #[error("the body is no form")]
    NoForm,
    /// Not UTF-8, or multipart with faults.
    #[error("the body cannot be read: {0}")]
    Malformed(String),
    /// More bytes, fields or text than allowed.
    #[error("the body is larger than allowed ({what})")]
    TooLarge {
        /// Which bound.
        what: &'static str,
    },
    /// The sender was silent for too long or took too long.
    #[error("the body came too slowly")]
    TooSlow,
    /// A temporary file could not be written.
    #[error("a temporary file could not be written")]
    Spool(#[source] std::io::Error),
}

impl Fault for SubmitError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Token => ErrorKind::Forbidden,
            Self::Once | Self::Malformed(_) | Self::TooSlow => ErrorKind::Invalid,
            Self::NoForm => ErrorKind::Unsupported,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Spool(_) => ErrorKind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Token => "form-token",
            Self::Once | Self::Malformed(_) => "form-malformed",
            Self::NoForm => "form-no-form",
            Self::TooLarge { .. } => "form-too-large",
            Self::TooSlow => "form-too-slow",
            Self::Spool(_) => "form-spool",
        }
    }
}

impl<S: Sync> FromRequest<S> for Submitted {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        let extensions = request.extensions();
        let limits = extensions.get::<Limits>().cloned().unwrap_or_default();
        let expected = extensions.get::<Expected>().cloned().ok_or(SubmitError::Token)?;
        let spool = extensions
            .get::<Spool>()
            .map_or_else(std::env::temp_dir, |s| s.0.to_path_buf());
        let declared = header(&request, header::CONTENT_LENGTH).and_then(|n| n.parse::<u64>().ok());
        if declared.is_some_and(|n| n > limits.body) {
            return Err(SubmitError::TooLarge { what: "body" }.into());
        }
        let form = header(&request, header::CONTENT_TYPE).unwrap_or("").to_owned();
        let essence = form.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let deadline = limits.total;
        let reader = body::Reader {
            limits,
            expected,
            spool,
        };
        let reading = async move {
            match essence.as_str() {
                "application/x-www-form-urlencoded" => reader.urlencoded(request.into_body()).await,
                "multipart/form-data" => reader.multipart(request.into_body(), &form).await,
                _ => Err(SubmitError::NoForm),
            }
        };
        let read = tokio::time::timeout(deadline, Box::pin(reading)).await;
        Ok(read.map_err(|_| SubmitError::TooSlow)??)
    }
}

fn header(request: &Request, name: header::HeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}
