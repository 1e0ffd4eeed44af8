//! A file read by position: several readers go through one open file at the same time, because nothing else can be opened in
//! the child. Refuses to write.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 64 << 10;

/// A reader over a shared file, with a place of its own.
#[derive(Debug, Clone)]
pub struct At {
    file: Arc<File>,
    at: u64,
    len: u64,
    buffer: Vec<u8>,
    from: u64,
}

impl At {
    /// A reader at the beginning.
    ///
    /// # Errors
    /// When the file's length is not known.
    pub fn new(file: Arc<File>) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self {
            file,
            at: 0,
            len,
            buffer: Vec::new(),
            from: 0,
        })
    }

    /// Bytes of the file.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first bytes; the place stays at the beginning.
    ///
    /// # Errors
    /// What the file says.
    pub fn head(&mut self, most: usize) -> io::Result<Vec<u8>> {
        self.at = 0;
        let mut head = Vec::with_capacity(most);
        self.by_ref().take(most as u64).read_to_end(&mut head)?;
        self.at = 0;
        Ok(head)
    }
}

impl Read for At {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let end = self.from + self.buffer.len() as u64;
        if self.at < self.from || self.at >= end {
            if self.at >= self.len || out.is_empty() {
                return Ok(0);
            }
            self.buffer.resize(BUFFER_BYTES, 0);
            let count = self.file.read_at(&mut self.buffer, self.at)?;
            self.buffer.truncate(count);
            self.from = self.at;
            if count == 0 {
                return Ok(0);
            }
        }
        let skip = usize::try_from(self.at - self.from).unwrap_or(usize::MAX);
        let there = self.buffer.get(skip..).unwrap_or_default();
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for At {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
