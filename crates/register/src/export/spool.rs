//! Where files are made: a folder for each under one of the program's own, so few at a time, together no larger than a quota. A
//! file goes with the answer that carries it, or with the next start of the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ExportError;

/// What the folders of files in the making begin with.
const PREFIX: &str = "export-";

/// The bounds of exports.
#[derive(Debug, Clone)]
pub struct Quota {
    /// The folder in which files are made.
    pub folder: PathBuf,
    /// Most bytes that all of them take together.
    pub bytes_max: u64,
    /// Most files that are made at a time.
    pub at_once_max: usize,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            folder: std::env::temp_dir(),
            bytes_max: 4 << 30,
            at_once_max: 2,
        }
    }
}

/// Makes room for files. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Spool {
    quota: Arc<Quota>,
    used: Arc<AtomicU64>,
    room: Arc<Semaphore>,
}

/// A file that is whole. It is gone when this is dropped.
#[derive(Debug)]
pub struct Made {
    place: Place,
    /// Its size in bytes.
    pub bytes: u64,
    /// How many rows it has.
    pub rows: u64,
}

impl Made {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.place.path
    }
}

/// A folder for one file in the making, and what it takes of the quota.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    path: PathBuf,
    spool: Spool,
    used: u64,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Spool {
    /// Room under a quota. What a killed program left in its folder is taken away.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self {
            room: Arc::new(Semaphore::new(quota.at_once_max.max(1))),
            quota: Arc::new(quota),
            used: Arc::default(),
        }
    }

    /// Takes away what a killed program left. Only for the one program that serves the folder.
    pub(crate) fn clear(&self) {
        let Ok(entries) = fs::read_dir(&self.quota.folder) else {
            return;
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(PREFIX)
                && let Err(error) = fs::remove_dir_all(entry.path())
            {
                tracing::warn!(%error, "a broken export could not be taken away");
            }
        }
    }

    /// A place for one file.
    pub(super) fn place(&self, name: &str, id: uuid::Uuid) -> Result<Place, ExportError> {
        let permit = self.room.clone().try_acquire_owned().map_err(|_| ExportError::Busy)?;
        let folder = self.quota.folder.join(format!("{PREFIX}{}", id.simple()));
        fs::create_dir_all(&folder)?;
        Ok(Place {
            path: folder.join(name),
            folder,
            spool: self.clone(),
            used: 0,
            _permit: Some(permit),
        })
    }
}

impl Place {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Counts what the folder takes now; refuses when all of them take too much.
    pub(super) fn measure(&mut self) -> Result<(), ExportError> {
        let mut now = 0;
        for entry in fs::read_dir(&self.folder)? {
            // A file that goes at this moment takes nothing.
            now += entry?.metadata().map_or(0, |meta| meta.len());
        }
        let (used, most) = (&self.spool.used, self.spool.quota.bytes_max);
        let grown = now.saturating_sub(self.used);
        let total = used.fetch_add(grown, Ordering::SeqCst) + grown;
        used.fetch_sub(self.used.saturating_sub(now), Ordering::SeqCst);
        self.used = now;
        if total > most {
            Err(ExportError::Quota(most))
        } else {
            Ok(())
        }
    }

    /// The file is whole: others may be made while this one is sent.
    pub(super) fn made(mut self, rows: u64) -> Result<Made, ExportError> {
        self.measure()?;
        self._permit = None;
        let bytes = fs::metadata(&self.path)?.len();
        Ok(Made {
            place: self,
            bytes,
            rows,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.spool.used.fetch_sub(self.used, Ordering::SeqCst);
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, "an export could not be taken away");
        }
    }
}
