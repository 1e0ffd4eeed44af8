//! Import: an archive into an empty store, on either engine. Owns the refusals before the first row, and the mark that
//! keeps a store from being served when its import broke off.

use std::{
    io::{BufRead as _, BufReader, Read},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::Timestamp;
use ring::digest::{Context, SHA256};
use tokio::runtime::Handle;

use super::{
    ArchiveError, BlobSum, HEADER, Header, MANIFEST, Manifest, TableSum,
    export::migrations,
    input::{self, Entry, Part},
    later::{Later, refused},
    output::{Hashing, add_blob},
    refuse::{refuse_filled, refuse_other_keys, refuse_other_migrations, refuse_other_tables},
    target::{Target, set_number},
    value::read_row,
};
use crate::{
    Store, StoreError,
    blob::{BlobId, Blobs, ObjectWriter},
    built::in_words_of,
    catalog::Schema,
    value::Value,
};

/// Rows of one statement, and bytes of lines of one transaction.
const STATEMENT_ROWS: usize = 50;
const BATCH_BYTES: usize = 1024 * 1024;

type Rows = Vec<Vec<Value<'static>>>;

/// What an import brought in.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The moment whose state the archive held.
    pub taken_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The sums of the archive, all found right.
    pub manifest: Manifest,
    /// Rows of a salvaged archive that could not come in, because what they refer to is lost: table and why.
    pub left_out: Vec<(String, String)>,
}

/// Brings the archive at `path` into `store`, which is empty but for its schema.
///
/// # Errors
/// `OtherSchema`, `OtherKeys`, `StoreNotEmpty` before anything is changed; `Damaged`, `CutOff` and faults of the store
/// later. A store whose import broke off is refused by `Store::open`.
pub async fn import(store: &Store, path: &Path) -> Result<ImportReport, ArchiveError> {
    let started = Instant::now();
    let (store, path, handle) = (store.clone(), path.to_owned(), Handle::current());
    let work = tokio::task::spawn_blocking(move || run(&store, &path, &handle));
    let (header, manifest, left_out) = work.await.map_err(|_| StoreError::Closed)??;
    Ok(ImportReport {
        taken_at: header.taken_at,
        took: started.elapsed(),
        manifest,
        left_out,
    })
}

type Done = (Header, Manifest, Vec<(String, String)>);

fn run(store: &Store, path: &Path, handle: &Handle) -> Result<Done, ArchiveError> {
    let mut archive = input::open(path)?;
    let entries = archive.entries().map_err(ArchiveError::io(path))?;
    let mut import: Option<Import> = None;
    for entry in entries {
        let entry = entry.map_err(ArchiveError::io(path))?;
        let Some(import) = &mut import else {
            import = Some(Import::begin(store, handle, input::header(entry)?, path)?);
            continue;
        };
        match input::part_of(&entry)? {
            Part::Header => return Err(ArchiveError::bad(HEADER, "stands twice")),
            Part::Blob(id) => import.object(BlobId::from_uuid(id), entry)?,
            Part::Rows(table) => import.rows(&table, entry)?,
            Part::Manifest => {
                let manifest: Manifest = input::document(MANIFEST, entry)?;
                import.finish(&manifest)?;
                return Ok((import.header.clone(), manifest, std::mem::take(&mut import.left_out)));
            }
        }
    }
    Err(ArchiveError::CutOff)
}

struct Import {
    store: Store,
    handle: Handle,
    path: PathBuf,
    header: Header,
    schema: Schema,
    /// The table whose rows are coming, and its sums so far.
    current: Option<(usize, TableSum, Context)>,
    done: Vec<(String, TableSum)>,
    blobs: BlobSum,
    blobs_hash: Context,
    /// References to rows that come later, to be filled in at the end.
    later: Later,
    left_out: Vec<(String, String)>,
}

impl Import {
    fn begin(store: &Store, handle: &Handle, header: Header, path: &Path) -> Result<Import, ArchiveError> {
        let (mut schema, known) = handle.block_on(store.read(|tx| {
            let schema = Schema::read(tx)?;
            refuse_filled(tx, &schema)?;
            Ok::<_, ArchiveError>((schema, migrations(tx)?))
        }))?;
        // Before anything is made: whoever held the wrong keys tries again in the same place.
        refuse_other_keys(&header, store)?;
        refuse_other_migrations(&header, &known)?;
        if !header.built.is_empty() {
            schema = make_built(store, handle, &header)?;
        }
        refuse_other_tables(&header, &schema)?;
        handle.block_on(store.write(|tx| tx.execute("INSERT INTO import_mark (id) VALUES (1)", &[])))?;
        Ok(Import {
            store: store.clone(),
            handle: handle.clone(),
            path: path.to_owned(),
            header,
            schema,
            current: None,
            done: Vec::new(),
            blobs: BlobSum::default(),
            blobs_hash: Context::new(&SHA256),
            later: Later::new()?,
            left_out: Vec::new(),
        })
    }

    fn object(&mut self, id: BlobId, entry: Entry<'_>) -> Result<(), ArchiveError> {
        let length = entry.size();
        let mut entry = Hashing {
            inner: entry,
            hash: Context::new(&SHA256),
            seen: 0,
        };
        copy_in(self.store.blobs(), &self.handle, id, &mut entry)?;
        add_blob(
            &mut self.blobs_hash,
            &mut self.blobs,
            &id.to_string(),
            length,
            entry.hash,
        );
        Ok(())
    }

    fn rows(&mut self, name: &str, entry: Entry<'_>) -> Result<(), ArchiveError> {
        let at = self.header.tables.iter().position(|table| table.name == name);
        let at = at.ok_or_else(|| ArchiveError::bad(format!("tables/{name}"), "is not in the header"))?;
        if self.current.as_ref().is_none_or(|(current, ..)| *current != at) {
            self.end_table();
            self.current = Some((at, TableSum::default(), Context::new(&SHA256)));
        }
        let table = Arc::new(Target::new(
            &self.schema,
            self.schema.table(name)?,
            &self.header.tables[at].columns,
        )?);
        let mut lines = BufReader::with_capacity(1 << 18, entry);
        let (mut line, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
        loop {
            line.clear();
            let n = lines
                .read_until(b'\n', &mut line)
                .map_err(ArchiveError::io(&self.path))?;
            if n > 0 {
                let row = read_row(&line, &table.kinds).map_err(|why| ArchiveError::damaged(&table.name, why))?;
                self.count(&line);
                batch.push(self.later.hold_back(at, &table, row)?);
                bytes += n;
            }
            if n == 0 || bytes >= BATCH_BYTES {
                self.insert(&table, std::mem::take(&mut batch))?;
                bytes = 0;
            }
            if n == 0 {
                return Ok(());
            }
        }
    }

    fn count(&mut self, line: &[u8]) {
        if let Some((_, sum, hash)) = &mut self.current {
            sum.rows += 1;
            hash.update(line);
        }
    }

    fn insert(&mut self, table: &Arc<Target>, batch: Vec<Vec<Value<'static>>>) -> Result<(), ArchiveError> {
        if batch.is_empty() {
            return Ok(());
        }
        let batch = Arc::new(batch);
        match self.write(table, &batch, 0..batch.len()) {
            Err(fault) if self.header.salvaged && refused(&fault) => self.insert_singly(table, &batch),
            done => Ok(done?),
        }
    }

    /// What a lost row leaves dangling stays out, and is told.
    fn insert_singly(&mut self, table: &Arc<Target>, batch: &Arc<Rows>) -> Result<(), ArchiveError> {
        for at in 0..batch.len() {
            match self.write(table, batch, at..at + 1) {
                Err(fault) if refused(&fault) => self.left_out.push((table.name.clone(), fault.to_string())),
                done => done?,
            }
        }
        Ok(())
    }

    fn write(&self, table: &Arc<Target>, batch: &Arc<Rows>, which: Range<usize>) -> Result<(), StoreError> {
        let (table, batch) = (table.clone(), batch.clone());
        self.handle.block_on(self.store.write(move |tx| {
            for rows in batch[which.clone()].chunks(STATEMENT_ROWS) {
                let params: Vec<Value<'static>> = rows.iter().flatten().cloned().collect();
                tx.execute_text(&table.insert(tx.engine(), rows.len()), &params)?;
            }
            Ok::<_, StoreError>(())
        }))
    }

    fn end_table(&mut self) {
        if let Some((at, mut sum, hash)) = self.current.take() {
            sum.sha256 = hex::encode(hash.finish());
            self.done.push((self.header.tables[at].name.clone(), sum));
        }
    }

    fn finish(&mut self, manifest: &Manifest) -> Result<(), ArchiveError> {
        self.end_table();
        for (name, sum) in manifest.tables.iter().filter(|(_, sum)| sum.rows > 0) {
            let found = self.done.iter().find(|(done, _)| done == name).map(|(_, sum)| sum);
            if found != Some(sum) {
                return Err(ArchiveError::damaged(
                    format!("table {name}"),
                    "its rows are not those of the manifest",
                ));
            }
        }
        self.blobs.sha256 = hex::encode(self.blobs_hash.clone().finish());
        self.blobs.missing.clone_from(&manifest.blobs.missing);
        if self.blobs != manifest.blobs {
            return Err(ArchiveError::damaged("blobs", "they are not those of the manifest"));
        }
        let left_out = self
            .later
            .fill_in(&self.store, &self.handle, &self.schema, &self.header)?;
        self.left_out.extend(left_out);
        let numbers: Vec<(String, String, i64)> = self.numbers(manifest)?;
        self.handle.block_on(self.store.write(move |tx| {
            for (table, column, last) in &numbers {
                set_number(tx, table, column, *last)?;
            }
            crate::search::rebuild(tx)?;
            tx.execute("DELETE FROM import_mark", &[])
        }))?;
        Ok(())
    }

    fn numbers(&self, manifest: &Manifest) -> Result<Vec<(String, String, i64)>, ArchiveError> {
        let mut numbers = Vec::new();
        for (name, last) in &manifest.numbers {
            if let Some(column) = self.schema.table(name)?.identity() {
                numbers.push((name.clone(), column.name.clone(), *last));
            }
        }
        Ok(numbers)
    }
}

/// Makes the tables that came from definitions where the archive was made, and reads the schema anew.
fn make_built(store: &Store, handle: &Handle, header: &Header) -> Result<Schema, StoreError> {
    let statements = header.built.clone();
    handle.block_on(store.write(move |tx| {
        let engine = tx.engine();
        statements
            .iter()
            .try_for_each(|statement| tx.script(&in_words_of(statement, engine)))
    }))?;
    handle.block_on(store.read(Schema::read))
}

/// Writes the bytes of an object as they are.
pub(crate) fn copy_in(blobs: &Blobs, handle: &Handle, id: BlobId, content: &mut dyn Read) -> Result<(), ArchiveError> {
    let mut object = ObjectWriter::new(blobs, id);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let n = content
            .read(&mut buffer)
            .map_err(ArchiveError::io(format!("blobs/{id}")))?;
        if n == 0 {
            break;
        }
        object.part().extend_from_slice(&buffer[..n]);
        handle.block_on(object.send_full_part())?;
    }
    handle.block_on(object.finish())?;
    Ok(())
}
