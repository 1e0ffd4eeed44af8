//! An archive being written: entries of bounded size, sums on the way, in place only when it is whole.
//! Refuses to write over anything.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use ring::digest::{Context, SHA256};
use serde::Serialize;

use super::{ArchiveError, BlobSum, HEADER, Header, Lost, MANIFEST, Manifest, TableSum};

/// Rows are collected up to this length before they become an entry.
const PART_BYTES: usize = 4 * 1024 * 1024;

/// An archive that is being written to `path` by way of a file beside it.
pub(crate) struct Output {
    path: PathBuf,
    staged: PathBuf,
    tar: tar::Builder<Stream>,
    manifest: Manifest,
    blobs: Context,
    mtime: u64,
}

enum Stream {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(out) => out.write(bytes),
            Stream::Gzip(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(out) => out.flush(),
            Stream::Gzip(out) => out.flush(),
        }
    }
}

impl Output {
    /// Begins an archive; `path` must not exist.
    pub(crate) fn create(path: &Path, header: &Header) -> Result<Output, ArchiveError> {
        if path.exists() {
            return Err(ArchiveError::NotEmpty(path.display().to_string()));
        }
        let mut staged = path.as_os_str().to_owned();
        staged.push(".partial");
        let staged = PathBuf::from(staged);
        let file = BufWriter::with_capacity(1 << 18, File::create(&staged).map_err(ArchiveError::io(&staged))?);
        let gzip = path.extension().is_some_and(|end| end == "gz" || end == "tgz");
        let stream = if gzip {
            Stream::Gzip(Box::new(GzEncoder::new(file, Compression::fast())))
        } else {
            Stream::Plain(file)
        };
        let mut output = Output {
            path: path.to_owned(),
            staged,
            tar: tar::Builder::new(stream),
            manifest: Manifest::default(),
            blobs: Context::new(&SHA256),
            mtime: u64::try_from(header.taken_at.as_seconds()).unwrap_or(0),
        };
        output.document(HEADER, header)?;
        Ok(output)
    }

    /// Begins the rows of a table.
    pub(crate) fn table(&mut self, name: &str) -> TableOutput<'_> {
        TableOutput {
            output: self,
            name: name.to_owned(),
            part: Vec::new(),
            parts: 0,
            rows: 0,
            hash: Context::new(&SHA256),
        }
    }

    /// Adds the object of a blob. `object` gives exactly `length` bytes.
    pub(crate) fn blob(&mut self, id: &str, length: u64, object: impl io::Read) -> Result<(), ArchiveError> {
        let mut object = Hashing {
            inner: object,
            hash: Context::new(&SHA256),
            seen: 0,
        };
        let name = format!("blobs/{id}");
        self.entry(&name, length, &mut object)?;
        if object.seen != length {
            return Err(ArchiveError::damaged(name, "its object changed while it was read"));
        }
        add_blob(&mut self.blobs, &mut self.manifest.blobs, id, length, object.hash);
        Ok(())
    }

    /// Notes a blob without an object.
    pub(crate) fn missing_blob(&mut self, id: String) {
        self.manifest.blobs.missing.push(id);
    }

    /// Notes the last number that a numbering table has given out.
    pub(crate) fn number(&mut self, table: &str, last: i64) {
        self.manifest.numbers.insert(table.to_owned(), last);
    }

    /// Notes rows that could not be read.
    pub(crate) fn lost(&mut self, lost: Lost) {
        self.manifest.lost.push(lost);
    }

    /// Notes a doubt about what was read.
    pub(crate) fn doubt(&mut self, doubt: String) {
        self.manifest.doubts.push(doubt);
    }

    /// Writes the manifest and puts the archive in its place, durably.
    pub(crate) fn finish(mut self) -> Result<Manifest, ArchiveError> {
        self.manifest.blobs.sha256 = hex::encode(self.blobs.clone().finish());
        let manifest = std::mem::take(&mut self.manifest);
        self.document(MANIFEST, &manifest)?;
        let Output { path, staged, tar, .. } = self;
        let close = || {
            let file = match tar.into_inner()? {
                Stream::Plain(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?,
                Stream::Gzip(out) => out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?,
            };
            file.sync_all()?;
            fs::rename(&staged, &path)?;
            sync_folder_of(&path)
        };
        close().map_err(ArchiveError::io(&path))?;
        Ok(manifest)
    }

    fn document(&mut self, name: &str, document: &impl Serialize) -> Result<(), ArchiveError> {
        let text = serde_json::to_vec_pretty(document).map_err(|fault| ArchiveError::bad(name, fault))?;
        self.entry(name, text.len() as u64, text.as_slice())
    }

    fn entry(&mut self, name: &str, length: u64, content: impl io::Read) -> Result<(), ArchiveError> {
        let mut head = tar::Header::new_gnu();
        head.set_size(length);
        head.set_mode(0o600);
        head.set_mtime(self.mtime);
        self.tar
            .append_data(&mut head, name, content)
            .map_err(ArchiveError::io(&self.staged))
    }
}

/// The rows of one table.
pub(crate) struct TableOutput<'o> {
    output: &'o mut Output,
    name: String,
    part: Vec<u8>,
    parts: u32,
    rows: u64,
    hash: Context,
}

impl TableOutput<'_> {
    pub(crate) fn row(&mut self, row: &[crate::value::Value<'_>]) -> Result<(), ArchiveError> {
        super::value::write_row(row, &mut self.part);
        self.rows += 1;
        if self.part.len() >= PART_BYTES {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        self.parts += 1;
        self.hash.update(&self.part);
        let name = format!("tables/{}/{:06}.jsonl", self.name, self.parts);
        self.output.entry(&name, self.part.len() as u64, self.part.as_slice())?;
        self.part.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<u64, ArchiveError> {
        if !self.part.is_empty() {
            self.flush()?;
        }
        let sum = TableSum {
            rows: self.rows,
            sha256: hex::encode(self.hash.finish()),
        };
        self.output.manifest.tables.insert(self.name, sum);
        Ok(self.rows)
    }
}

/// Adds one object to the sum over all, the same way on both sides.
pub(super) fn add_blob(all: &mut Context, sum: &mut BlobSum, id: &str, length: u64, hash: Context) {
    all.update(id.as_bytes());
    all.update(&length.to_be_bytes());
    all.update(hash.finish().as_ref());
    sum.count += 1;
    sum.bytes += length;
}

/// Passes bytes on and hashes them.
pub(super) struct Hashing<R> {
    pub(super) inner: R,
    pub(super) hash: Context,
    pub(super) seen: u64,
}

impl<R: io::Read> io::Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hash.update(&buffer[..n]);
        self.seen += n as u64;
        Ok(n)
    }
}

/// Makes the entry of `path` in its folder durable.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
