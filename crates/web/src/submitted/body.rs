//! Reads the body of a form piece by piece, within its limits.
//! It refuses to hold a file in memory, however fast it comes.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::Stream;
use ring::digest;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use tokio::time::Sleep;
use uuid::Uuid;

use super::kind::{FileFault, FileKind, judge};
use super::{Limits, RefusedFile, SubmitError, Submitted, UploadedFile, name, urlencoded};
use crate::csrf::Expected;

/// Most bytes that may lie unread between the socket and the reader: bounds part headers without end.
const UNREAD_MAX: u64 = 1 << 20;

/// Most bytes handed on at once, however much the transport delivers.
const PIECE_MAX: usize = 64 << 10;

pub(super) struct Reader {
    pub(super) limits: Limits,
    pub(super) expected: Expected,
    pub(super) spool: PathBuf,
}

/// What was read so far.
#[derive(Default)]
struct Read {
    texts: Vec<(String, String)>,
    text_bytes: usize,
    parts: usize,
    files: Vec<Arc<UploadedFile>>,
    refused: Vec<RefusedFile>,
}

impl Reader {
    pub(super) async fn urlencoded(self, body: Body) -> Result<Submitted, SubmitError> {
        let most = self
            .limits
            .body
            .min(u64::try_from(self.limits.texts).unwrap_or(u64::MAX).saturating_mul(3));
        let mut stream = Pieces::new(body, most, self.limits.idle);
        let mut bytes = Vec::new();
        while let Some(piece) = futures::StreamExt::next(&mut stream).await {
            bytes.extend_from_slice(&piece.map_err(|boxed| boxed.0)?);
            stream.unread.store(0, Ordering::Relaxed);
        }
        let texts = urlencoded::parse(&bytes, self.limits.text_count)?;
        let total: usize = texts.iter().map(|(k, v)| k.len() + v.len()).sum();
        if total > self.limits.texts || texts.iter().any(|(_, v)| v.len() > self.limits.text) {
            return Err(SubmitError::TooLarge { what: "text" });
        }
        let read = Read {
            texts,
            ..Read::default()
        };
        self.check_token(&read.texts)?;
        finish(read)
    }

    pub(super) async fn multipart(self, body: Body, content_type: &str) -> Result<Submitted, SubmitError> {
        let boundary = multer::parse_boundary(content_type).map_err(|_| SubmitError::NoForm)?;
        let stream = Pieces::new(body, self.limits.body, self.limits.idle);
        let unread = Arc::clone(&stream.unread);
        let mut parts = multer::Multipart::new(stream, boundary);
        let (mut read, mut trusted) = (Read::default(), false);
        while let Some(part) = parts.next_field().await.map_err(refusal)? {
            unread.store(0, Ordering::Relaxed);
            read.parts += 1;
            if read.parts > self.limits.text_count + self.limits.file_count + 20 {
                return Err(SubmitError::TooLarge { what: "fields" });
            }
            if part.file_name().is_some() {
                if !trusted {
                    return Err(SubmitError::Token);
                }
                self.file(part, &mut read, &unread).await?;
            } else {
                self.text(part, &mut read, &unread).await?;
                // The token comes before the files: nothing of a stranger is written to disk.
                if !trusted && read.texts.last().is_some_and(|(key, _)| key == "_csrf") {
                    self.check_token(&read.texts)?;
                    trusted = true;
                }
            }
        }
        self.check_token(&read.texts)?;
        finish(read)
    }

    fn check_token(&self, texts: &[(String, String)]) -> Result<(), SubmitError> {
        let shown = texts
            .iter()
            .find(|(key, _)| key == "_csrf")
            .map_or("", |(_, value)| value);
        if self.expected.0.verify(shown) {
            Ok(())
        } else {
            Err(SubmitError::Token)
        }
    }

    async fn text(&self, mut part: multer::Field<'_>, read: &mut Read, unread: &AtomicU64) -> Result<(), SubmitError> {
        let key = part.name().unwrap_or("").to_owned();
        let mut bytes = Vec::new();
        while let Some(piece) = part.chunk().await.map_err(refusal)? {
            unread.store(0, Ordering::Relaxed);
            bytes.extend_from_slice(&piece);
            if bytes.len() > self.limits.text || read.text_bytes + bytes.len() > self.limits.texts {
                return Err(SubmitError::TooLarge { what: "text" });
            }
        }
        if read.texts.len() == self.limits.text_count {
            return Err(SubmitError::TooLarge { what: "fields" });
        }
        read.text_bytes += bytes.len() + key.len();
        let value = String::from_utf8(bytes).map_err(|_| SubmitError::Malformed("not UTF-8".to_owned()))?;
        read.texts.push((key, value));
        Ok(())
    }

    /// Takes one file, or says why not; a refused file is read to its end so that the rest of the form is seen.
    async fn file(&self, mut part: multer::Field<'_>, read: &mut Read, unread: &AtomicU64) -> Result<(), SubmitError> {
        let field = part.name().unwrap_or("").to_owned();
        let given = part.file_name().unwrap_or("").to_owned();
        let full = read.files.len() >= self.limits.file_count;
        let mut sink = if full { None } else { Some(Sink::open(&self.spool)?) };
        let mut size = 0_u64;
        while let Some(piece) = part.chunk().await.map_err(refusal)? {
            unread.store(0, Ordering::Relaxed);
            size += piece.len() as u64;
            if size > self.limits.file {
                sink = None;
            }
            if let Some(sink) = &mut sink {
                sink.write(&piece).await?;
            }
        }
        // A file control that was left empty sends a part without name and bytes.
        if given.is_empty() && size == 0 {
            return Ok(());
        }
        let fault = match sink {
            None if full => FileFault::TooMany {
                max: self.limits.file_count,
            },
            None => FileFault::TooLarge { max: self.limits.file },
            Some(sink) => match sink.close(&field, &given, size, self.limits.raw).await? {
                Ok(file) => {
                    read.files.push(Arc::new(file));
                    return Ok(());
                }
                Err(fault) => fault,
            },
        };
        read.refused.push(RefusedFile {
            field,
            name: name::clean(&given, None),
            fault,
        });
        Ok(())
    }
}

/// Idempotency key out, internal names dropped.
fn finish(mut read: Read) -> Result<Submitted, SubmitError> {
    let once = read
        .texts
        .iter()
        .find(|(key, _)| key == "_once")
        .and_then(|(_, value)| Uuid::parse_str(value).ok());
    read.texts.retain(|(key, _)| key != "_csrf" && key != "_once");
    Ok(Submitted {
        once: once.ok_or(SubmitError::Once)?,
        texts: read.texts,
        files: read.files,
        refused: read.refused,
    })
}

/// The same from parts that lie in memory: another envelope, the same bounds and judgement.
pub(super) async fn of_parts(
    once: Uuid,
    texts: Vec<(String, String)>,
    files: Vec<(String, String, Vec<u8>)>,
    (limits, spool): (&Limits, &std::path::Path),
) -> Result<Submitted, SubmitError> {
    let total: usize = texts.iter().map(|(key, value)| key.len() + value.len()).sum();
    let is_long = texts.iter().any(|(_, value)| value.len() > limits.text);
    if texts.len() > limits.text_count || total > limits.texts || is_long {
        return Err(SubmitError::TooLarge { what: "text" });
    }
    let mut read = Read {
        texts,
        ..Read::default()
    };
    for (field, given, bytes) in files {
        let size = bytes.len() as u64;
        let fault = if read.files.len() >= limits.file_count {
            FileFault::TooMany { max: limits.file_count }
        } else if size > limits.file {
            FileFault::TooLarge { max: limits.file }
        } else {
            let mut sink = Sink::open(spool)?;
            sink.write(&Bytes::from(bytes)).await?;
            match sink.close(&field, &given, size, limits.raw).await? {
                Ok(file) => {
                    read.files.push(Arc::new(file));
                    continue;
                }
                Err(fault) => fault,
            }
        };
        read.refused.push(RefusedFile {
            name: name::clean(&given, None),
            field,
            fault,
        });
    }
    read.texts.retain(|(key, _)| !key.starts_with('_'));
    Ok(Submitted {
        once,
        texts: read.texts,
        files: read.files,
        refused: read.refused,
    })
}

/// A file on its way to disk.
struct Sink {
    file: tokio::fs::File,
    temp: NamedTempFile,
    hash: digest::Context,
}

impl Sink {
    fn open(spool: &std::path::Path) -> Result<Self, SubmitError> {
        let temp = tempfile::Builder::new()
            .prefix("tinhso-")
            .suffix(".part")
            .tempfile_in(spool)
            .map_err(SubmitError::Spool)?;
        let file = tokio::fs::File::from_std(temp.as_file().try_clone().map_err(SubmitError::Spool)?);
        Ok(Self {
            file,
            temp,
            hash: digest::Context::new(&digest::SHA256),
        })
    }

    async fn write(&mut self, piece: &Bytes) -> Result<(), SubmitError> {
        self.hash.update(piece);
        self.file.write_all(piece).await.map_err(SubmitError::Spool)
    }

    async fn close(
        mut self,
        field: &str,
        given: &str,
        size: u64,
        raw: bool,
    ) -> Result<Result<UploadedFile, FileFault>, SubmitError> {
        self.file.flush().await.map_err(SubmitError::Spool)?;
        let (mut file, temp) = self.temp.into_parts();
        let judged = tokio::task::spawn_blocking(move || judge(&mut file)).await;
        let judged = judged
            .map_err(std::io::Error::other)
            .and_then(|j| j)
            .map_err(SubmitError::Spool)?;
        let judged = match judged {
            // What is no whole file of a known kind may still be one that its reader knows.
            Err(FileFault::Unknown | FileFault::Truncated) if raw => Ok(FileKind::Data),
            other => other,
        };
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.hash.finish().as_ref());
        Ok(judged.map(|kind| UploadedFile {
            field: field.to_owned(),
            name: name::clean(given, Some(kind)),
            kind,
            size,
            sha256,
            temp,
        }))
    }
}

/// The body in pieces, with its limits. After each piece it says "pending" once: the multipart reader takes all that is
/// ready into memory before it looks at it, and must not take more than a piece.
struct Pieces {
    body: BodyDataStream,
    rest: Bytes,
    left: u64,
    idle: Duration,
    timer: Pin<Box<Sleep>>,
    unread: Arc<AtomicU64>,
    yielded: bool,
}

impl Pieces {
    fn new(body: Body, most: u64, idle: Duration) -> Self {
        let timer = Box::pin(tokio::time::sleep(idle));
        Self {
            body: body.into_data_stream(),
            rest: Bytes::new(),
            left: most,
            idle,
            timer,
            unread: Arc::default(),
            yielded: true,
        }
    }
}

/// A fault on its way through the multipart reader, which boxes it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Boxed(#[from] SubmitError);

impl Stream for Pieces {
    type Item = Result<Bytes, Boxed>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.yielded {
            self.yielded = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(cx) {
                Poll::Ready(Some(Ok(piece))) => self.rest = piece,
                Poll::Ready(Some(Err(fault))) => {
                    return Poll::Ready(Some(Err(SubmitError::Malformed(fault.to_string()).into())));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    return self
                        .timer
                        .as_mut()
                        .poll(cx)
                        .map(|()| Some(Err(SubmitError::TooSlow.into())));
                }
            }
            let again = tokio::time::Instant::now() + self.idle;
            self.timer.as_mut().reset(again);
        }
        self.yielded = false;
        let size = self.rest.len().min(PIECE_MAX);
        let piece = self.rest.split_to(size);
        let size = size as u64;
        let unread = self.unread.fetch_add(size, Ordering::Relaxed) + size;
        if size > self.left || unread > UNREAD_MAX {
            return Poll::Ready(Some(Err(SubmitError::TooLarge { what: "body" }.into())));
        }
        self.left -= size;
        Poll::Ready(Some(Ok(piece)))
    }
}

/// The refusal behind an error of the multipart reader.
fn refusal(error: multer::Error) -> SubmitError {
    if let multer::Error::StreamReadFailed(inner) = error {
        return match inner.downcast::<Boxed>() {
            Ok(boxed) => boxed.0,
            Err(other) => SubmitError::Malformed(other.to_string()),
        };
    }
    SubmitError::Malformed(error.to_string())
}
