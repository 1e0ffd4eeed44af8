//! Export: one consistent moment of a store, beside its serving process, into an archive.
//! Owns the order (objects, then the rows that name them) and the bound on memory.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bytes::{Buf as _, Bytes};
use futures::{StreamExt as _, stream::BoxStream};
use kernel::{Timestamp, World};
use tokio::runtime::Handle;

use super::{ArchiveError, FORMAT, Header, Manifest, Output, carried, head_of};
use crate::{
    EngineKind, Store, StoreError, Tx,
    blob::{BlobError, BlobId, Blobs},
    catalog::{Schema, Table, quoted},
    scan::Scan,
    value::Value,
};

/// Rows read at a time.
const PAGE_ROWS: usize = 500;

/// What an export wrote.
#[derive(Debug, Clone)]
pub struct ExportReport {
    /// The moment whose state the archive holds.
    pub taken_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// Length of the archive, in bytes.
    pub bytes: u64,
    /// The sums as they stand in the archive.
    pub manifest: Manifest,
}

/// Writes everything the store holds at this moment to a new archive at `path` (gzip if it ends in `.gz`).
/// The process that serves the store goes on meanwhile.
///
/// # Errors
/// `NotEmpty` when `path` exists; faults of the store, the blobs and the file. No archive is left then.
pub async fn export(store: &Store, world: &dyn World, path: &Path) -> Result<ExportReport, ArchiveError> {
    let started = Instant::now();
    let work = Work {
        path: path.to_owned(),
        blobs: store.blobs().clone(),
        handle: Handle::current(),
        taken_at: world.now(),
    };
    let taken_at = work.taken_at;
    let manifest = store.read(move |tx| work.run(tx)).await?;
    let bytes = std::fs::metadata(path).map_err(ArchiveError::io(path))?.len();
    Ok(ExportReport {
        taken_at,
        took: started.elapsed(),
        bytes,
        manifest,
    })
}

struct Work {
    path: PathBuf,
    blobs: Blobs,
    handle: Handle,
    taken_at: Timestamp,
}

impl Work {
    fn run(&self, tx: &mut Tx) -> Result<Manifest, ArchiveError> {
        if tx.engine() == EngineKind::Postgres {
            // Copying a large object is no idleness.
            tx.script("SET LOCAL idle_in_transaction_session_timeout = 0")?;
        }
        let schema = Schema::read(tx)?;
        let header = header(tx, &schema, self.taken_at)?;
        let mut output = Output::create(&self.path, &header)?;
        self.objects(tx, &schema, &mut output)?;
        for table in carried(&schema) {
            rows(tx, table, &mut output)?;
            if let Some(last) = last_number(tx, table)? {
                output.number(&table.name, last);
            }
        }
        output.finish()
    }

    fn objects(&self, tx: &mut Tx, schema: &Schema, output: &mut Output) -> Result<(), ArchiveError> {
        let mut scan = Scan::new(schema.table("blob")?, &["id", "erased_at"], &["id"], PAGE_ROWS)?;
        loop {
            let page = scan.page(tx)?;
            if page.is_empty() {
                return Ok(());
            }
            for row in page {
                if let [Value::Uuid(id), Value::Null] = row[..] {
                    copy_object(&self.handle, &self.blobs, BlobId::from_uuid(id), output)?;
                }
            }
        }
    }
}

/// Copies one object as it is stored. One that was erased since the rows were read is merely noted.
pub(crate) fn copy_object(handle: &Handle, blobs: &Blobs, id: BlobId, output: &mut Output) -> Result<(), ArchiveError> {
    match handle.block_on(blobs.stored(id)) {
        Ok((length, stream)) => {
            let reader = BlockingReader {
                handle: handle.clone(),
                stream,
                rest: Bytes::new(),
            };
            output.blob(&id.to_string(), length, reader)
        }
        Err(BlobError::Missing(_)) => {
            output.missing_blob(id.to_string());
            Ok(())
        }
        Err(fault) => Err(fault.into()),
    }
}

/// A stream of bytes read from a thread that may wait.
pub(crate) struct BlockingReader {
    pub(crate) handle: Handle,
    pub(crate) stream: BoxStream<'static, object_store::Result<Bytes>>,
    pub(crate) rest: Bytes,
}

impl io::Read for BlockingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.handle.block_on(self.stream.next()) {
                Some(piece) => self.rest = piece.map_err(io::Error::other)?,
                None => return Ok(0),
            }
        }
        let n = self.rest.len().min(buffer.len());
        self.rest.copy_to_slice(&mut buffer[..n]);
        Ok(n)
    }
}

fn header(tx: &mut Tx, schema: &Schema, taken_at: Timestamp) -> Result<Header, StoreError> {
    let check: Option<Vec<u8>> = tx.opt("SELECT sealed FROM key_check WHERE id = 1", &[], |row| row.get(0))?;
    Ok(Header {
        format: FORMAT,
        engine: engine_name(tx.engine()).to_owned(),
        taken_at,
        salvaged: false,
        migrations: migrations(tx)?,
        key_check: check.map(hex::encode),
        built: built(tx, schema)?,
        tables: carried(schema).map(head_of).collect(),
    })
}

/// The statements that made tables from definitions; none in a database of before they were kept.
fn built(tx: &mut Tx, schema: &Schema) -> Result<Vec<String>, StoreError> {
    if schema.table("built_schema").is_err() {
        return Ok(Vec::new());
    }
    tx.all("SELECT statement FROM built_schema ORDER BY seq", &[], |row| row.get(0))
}

/// The migrations that a database has, set and name in order.
pub(super) fn migrations(tx: &mut Tx) -> Result<Vec<(String, String)>, StoreError> {
    tx.all(
        "SELECT set_name, name FROM schema_migration ORDER BY set_name, name",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(crate) fn engine_name(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::Sqlite => "sqlite",
        EngineKind::Postgres => "postgres",
    }
}

fn rows(tx: &mut Tx, table: &Table, output: &mut Output) -> Result<(), ArchiveError> {
    let mut scan = Scan::new(table, &table.column_names(), &table.key_names(), PAGE_ROWS)?;
    let mut out = output.table(&table.name);
    loop {
        let page = scan.page(tx)?;
        if page.is_empty() {
            return out.finish().map(|_| ());
        }
        for row in &page {
            out.row(row)?;
        }
    }
}

/// The last number the engine has given out in a numbering table: the next must not come again after an import.
fn last_number(tx: &mut Tx, table: &Table) -> Result<Option<i64>, StoreError> {
    let Some(column) = table.identity() else {
        return Ok(None);
    };
    let (sql, params) = match tx.engine() {
        EngineKind::Sqlite => (
            "SELECT seq FROM sqlite_sequence WHERE name = $1",
            vec![text(&table.name)],
        ),
        EngineKind::Postgres => (
            "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass)",
            vec![text(&quoted(&table.name)), text(&column.name)],
        ),
    };
    let mut last = None;
    tx.each_text(sql, &params, &mut |row| {
        last = row.get::<Option<i64>>(0)?;
        Ok(true)
    })?;
    Ok(last)
}

pub(super) fn text(value: &str) -> Value<'static> {
    Value::Text(value.to_owned().into())
}
