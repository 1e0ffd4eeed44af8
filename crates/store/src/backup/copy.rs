//! The copy of a serving SQLite province: the database by SQLite's own backup, page by page from one snapshot, then the
//! objects that the snapshot's rows name. Writers and readers go on meanwhile; only the log cannot be emptied until the end.

use std::{fs::File, path::PathBuf};

use bytes::Bytes;
use kernel::Timestamp;
use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{FORMAT, Summary, files::Target};
use crate::{
    DATABASE_FILE, Store, StoreError,
    archive::{ArchiveError, BlockingReader},
    blob::{BlobError, BlobId},
    engine::sqlite::store_error,
};

/// Pages copied at a time: 8 MiB, after which the thread may be put aside.
const STEP_PAGES: i32 = 2_048;

pub(super) struct Copy {
    pub(super) store: Store,
    pub(super) handle: Handle,
    pub(super) folder: PathBuf,
    pub(super) taken_at: Timestamp,
}

impl Copy {
    pub(super) fn run(&self, mut target: Target) -> Result<Summary, ArchiveError> {
        let source = self.snapshot()?;
        self.database(&source, &mut target)?;
        let (erased, missing) = self.objects(&source, &mut target)?;
        target.finish(Summary {
            format: FORMAT,
            engine: "sqlite".to_owned(),
            taken_at: self.taken_at,
            files: 0,
            bytes: 0,
            files_sha256: String::new(),
            erased,
            missing,
        })
    }

    /// A connection that stays at one moment until it is closed.
    fn snapshot(&self) -> Result<Connection, StoreError> {
        let open = || -> rusqlite::Result<Connection> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let source = Connection::open_with_flags(self.folder.join(DATABASE_FILE), flags)?;
            source.busy_timeout(std::time::Duration::from_secs(5))?;
            // The first read fixes the snapshot; the backup below then never starts over when others write.
            source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
            Ok(source)
        };
        open().map_err(|error| store_error(error, "backup"))
    }

    fn database(&self, source: &Connection, target: &mut Target) -> Result<(), ArchiveError> {
        let staged = target.staging()?;
        let path = staged.path().join(DATABASE_FILE);
        copy_pages(source, &path).map_err(|error| store_error(error, "backup"))?;
        let mut file = File::open(&path).map_err(ArchiveError::io(&path))?;
        let bytes = file.metadata().map_err(ArchiveError::io(&path))?.len();
        target.file(DATABASE_FILE, bytes, &mut file)
    }

    /// Copies the objects; gives the blobs that were erased meanwhile, and those that are missing without reason.
    fn objects(&self, source: &Connection, target: &mut Target) -> Result<(Vec<String>, Vec<String>), ArchiveError> {
        let fail = |error| store_error(error, "backup");
        let sql = "SELECT id FROM blob WHERE erased_at IS NULL ORDER BY id";
        let mut statement = source.prepare(sql).map_err(fail)?;
        let mut rows = statement.query([]).map_err(fail)?;
        let (mut erased, mut missing) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next().map_err(fail)? {
            let id: Uuid = Uuid::from_bytes(row.get(0).map_err(fail)?);
            let id = BlobId::from_uuid(id);
            match self.handle.block_on(self.store.blobs().stored(id)) {
                Ok((bytes, stream)) => {
                    let mut reader = BlockingReader {
                        handle: self.handle.clone(),
                        stream,
                        rest: Bytes::new(),
                    };
                    target.file(&format!("blobs/{}", self.store.blobs().place(id)), bytes, &mut reader)?;
                }
                Err(BlobError::Missing(_)) if self.erased_since(id)? => erased.push(id.to_string()),
                Err(BlobError::Missing(_)) => missing.push(id.to_string()),
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok((erased, missing))
    }

    fn erased_since(&self, id: BlobId) -> Result<bool, StoreError> {
        let row = self.handle.block_on(self.store.read(move |tx| tx.blob(id)))?;
        Ok(row.is_none_or(|blob| blob.erased_at.is_some()))
    }
}

fn copy_pages(source: &Connection, path: &std::path::Path) -> rusqlite::Result<()> {
    let mut copy = Connection::open(path)?;
    {
        let backup = Backup::new(source, &mut copy)?;
        while !matches!(backup.step(STEP_PAGES)?, StepResult::Done) {
            std::thread::yield_now();
        }
    }
    // The copy is checked, not the original: what is restored is what was looked at.
    copy.execute_batch("PRAGMA journal_mode = DELETE")?;
    let verdict: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
            Some(verdict),
        ));
    }
    copy.close().map_err(|(_, error)| error)
}
