//! Salvage: what can still be read of a damaged SQLite database goes into an archive, and what cannot is listed.
//! Owns the way around damaged pages; changes nothing in the damaged folder. It refuses only a file whose list of tables
//! itself cannot be read. Rows are checked value by value, because SQLite keeps no sums of its pages.

mod hunt;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use hunt::Patience;
use kernel::{Timestamp, World};
use rusqlite::{Connection, OpenFlags};
use tokio::runtime::Handle;

use crate::{
    DATABASE_FILE, Database, KeyRing, KeySource, StoreConfig, StoreError, Tx,
    archive::{self, ArchiveError, Header, Lost, Manifest, Output},
    blob::{BlobId, Blobs},
    catalog::{Schema, Table, quoted},
    engine::sqlite::{Conn, store_error},
    value::Value,
};

/// What a salvage saved.
#[derive(Debug, Clone)]
pub struct SalvageReport {
    /// How long it took.
    pub took: Duration,
    /// Rows saved, what was lost, blobs without an object: as they stand in the archive.
    pub manifest: Manifest,
}

/// Saves what is readable of the province at `config` into a new archive at `to`. No server may be running on it.
///
/// # Errors
/// `Store(Corrupt)` when not even the list of tables can be read; faults of the archive's file.
pub async fn salvage(config: &StoreConfig, world: &dyn World, to: &Path) -> Result<SalvageReport, ArchiveError> {
    let started = Instant::now();
    let Database::Sqlite { folder } = &config.database else {
        let reason = "salvage is for SQLite; PostgreSQL's own tools read past damaged pages (zero_damaged_pages)";
        return Err(StoreError::Config(reason.to_owned()).into());
    };
    let ring = match &config.keys {
        KeySource::File(path) => Arc::new(KeyRing::load(path).map_err(StoreError::from)?),
        KeySource::Ring(ring) => ring.clone(),
    };
    let work = Salvage {
        folder: folder.clone(),
        to: to.to_owned(),
        blobs: Blobs::open(&config.blobs, ring)?,
        handle: Handle::current(),
        now: world.now(),
    };
    let manifest = tokio::task::spawn_blocking(move || work.run())
        .await
        .map_err(|_| StoreError::Closed)??;
    Ok(SalvageReport {
        took: started.elapsed(),
        manifest,
    })
}

struct Salvage {
    folder: PathBuf,
    to: PathBuf,
    blobs: Blobs,
    handle: Handle,
    now: Timestamp,
}

impl Salvage {
    fn run(&self) -> Result<Manifest, ArchiveError> {
        let schema = self.schema()?;
        let (raw, patience) = open(&self.folder).map_err(|error| store_error(error, "salvage"))?;
        let header = header(&raw, &schema, self.now);
        let mut output = Output::create(&self.to, &header)?;
        let mut blob_ids = Vec::new();
        for table in archive::carried(&schema) {
            let lost = self.table((&raw, &patience), table, &mut output, &mut blob_ids)?;
            lost.into_iter().for_each(|lost| output.lost(lost));
            doubts(&raw, table).into_iter().for_each(|doubt| output.doubt(doubt));
            if table.identity().is_some()
                && let Ok(last) = raw.query_row(
                    "SELECT seq FROM sqlite_sequence WHERE name = ?1",
                    [&table.name],
                    |row| row.get(0),
                )
            {
                output.number(&table.name, last);
            }
        }
        for id in blob_ids {
            archive::copy_object(&self.handle, &self.blobs, id, &mut output)?;
        }
        output.finish()
    }

    fn schema(&self) -> Result<Schema, ArchiveError> {
        let (raw, _) = open(&self.folder).map_err(|error| store_error(error, "salvage"))?;
        let mut tx = Tx::new(crate::tx::Conn::Sqlite(Box::new(Conn::new(raw))));
        Ok(Schema::read(&mut tx)?)
    }

    fn table(
        &self,
        (raw, patience): (&Connection, &Patience),
        table: &Table,
        output: &mut Output,
        blob_ids: &mut Vec<BlobId>,
    ) -> Result<Vec<Lost>, ArchiveError> {
        let is_blob = table.name == "blob";
        let place = |name: &str| table.columns.iter().position(|column| column.name == name);
        let (id, erased) = (place("id"), place("erased_at"));
        let mut out = output.table(&table.name);
        let lost = hunt::every_row(raw, patience, table, |row| {
            if let (true, Some(id), Some(erased)) = (is_blob, id, erased)
                && let (Value::Uuid(id), Value::Null) = (&row[id], &row[erased])
            {
                blob_ids.push(BlobId::from_uuid(*id));
            }
            out.row(row)
        })?;
        out.finish()?;
        Ok(lost)
    }
}

fn open(folder: &Path) -> rusqlite::Result<(Connection, Patience)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut raw = Connection::open_with_flags(folder.join(DATABASE_FILE), flags)?;
    raw.execute_batch("PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")?;
    let patience = Patience::default();
    let watched = patience.clone();
    raw.progress_handler(
        100_000,
        Some(move || watched.lock().is_some_and(|until| Instant::now() > until)),
    )?;
    Ok((raw, patience))
}

/// The head of the archive, as far as it can be read: without the migrations an import refuses, and says why.
fn header(raw: &Connection, schema: &Schema, now: Timestamp) -> Header {
    let check = raw.query_row("SELECT sealed FROM key_check WHERE id = 1", [], |row| {
        row.get::<_, Vec<u8>>(0)
    });
    let migrations = || -> rusqlite::Result<Vec<(String, String)>> {
        let mut statement = raw.prepare("SELECT set_name, name FROM schema_migration ORDER BY set_name, name")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    let built = || -> rusqlite::Result<Vec<String>> {
        let mut statement = raw.prepare("SELECT statement FROM built_schema ORDER BY seq")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect()
    };
    Header {
        format: archive::FORMAT,
        engine: "sqlite".to_owned(),
        taken_at: now,
        salvaged: true,
        migrations: migrations().unwrap_or_default(),
        key_check: check.ok().map(hex::encode),
        built: built().unwrap_or_default(),
        tables: archive::carried(schema).map(archive::head_of).collect(),
    }
}

/// What SQLite's own check says of a table: damage within a page may hide rows without any read failing.
fn doubts(raw: &Connection, table: &Table) -> Vec<String> {
    let lines = || -> rusqlite::Result<Vec<String>> {
        let mut statement = raw.prepare(&format!("PRAGMA integrity_check({})", quoted(&table.name)))?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        lines.collect()
    };
    let told = |line: String| format!("{}: {line}", table.name);
    match lines() {
        Ok(lines) => lines.into_iter().filter(|line| line != "ok").map(told).collect(),
        Err(fault) => vec![told(fault.to_string())],
    }
}

/// The names of a table's columns for a query.
fn column_list(table: &Table) -> String {
    table
        .column_names()
        .into_iter()
        .map(quoted)
        .collect::<Vec<_>>()
        .join(", ")
}
