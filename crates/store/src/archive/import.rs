//! Import: an archive into an empty store, on either engine. Owns the refusals before the first row, and the mark that
//! keeps a store from being served when its import broke off.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read, Seek as _, Write as _},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::Timestamp;
use ring::digest::{Context, SHA256};
use tokio::runtime::Handle;

use super::{
    ArchiveError, BlobSum, HEADER, Header, Kind, MANIFEST, Manifest, OF_THE_DATABASE, TableSum, carried,
    export::{migrations, text},
    head_of,
    input::{self, Entry, Part},
    output::{Hashing, add_blob},
    value::{read_row, write_row},
};
use crate::{
    EngineKind, Store, StoreError, Tx,
    blob::{BlobId, Blobs, ObjectWriter},
    catalog::{Schema, Table, quoted},
    keys,
    value::Value,
};

/// Rows of one statement, and bytes of lines of one transaction.
const STATEMENT_ROWS: usize = 50;
const BATCH_BYTES: usize = 1024 * 1024;
/// References set in one transaction at the end.
const UPDATES: usize = 500;

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

/// Refuses a store whose import broke off. Called when a store is opened.
///
/// # Errors
/// `StoreError::Config`, in words for the operator.
pub fn refuse_half_imported(tx: &mut Tx) -> Result<(), StoreError> {
    match tx.opt("SELECT id FROM import_mark", &[], |row| row.get::<i64>(0))? {
        None => Ok(()),
        Some(_) => Err(StoreError::Config(ArchiveError::HalfImported.to_string())),
    }
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
        let (schema, known) = handle.block_on(store.read(|tx| {
            let schema = Schema::read(tx)?;
            refuse_filled(tx, &schema)?;
            Ok::<_, ArchiveError>((schema, migrations(tx)?))
        }))?;
        refuse_other_schema(&header, &schema, &known)?;
        refuse_other_keys(&header, store)?;
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

fn refuse_filled(tx: &mut Tx, schema: &Schema) -> Result<(), ArchiveError> {
    refuse_half_imported(tx)?;
    for table in carried(schema) {
        let mut filled = false;
        tx.each_text(
            &format!("SELECT 1 FROM {} LIMIT 1", quoted(&table.name)),
            &[],
            &mut |_| {
                filled = true;
                Ok(true)
            },
        )?;
        if filled {
            return Err(ArchiveError::StoreNotEmpty(table.name.clone()));
        }
    }
    Ok(())
}

fn refuse_other_schema(header: &Header, schema: &Schema, known: &[(String, String)]) -> Result<(), ArchiveError> {
    let missing = |these: &[(String, String)], those: &[(String, String)]| {
        those
            .iter()
            .find(|one| !these.contains(one))
            .map(|(set, name)| format!("{set}/{name}"))
    };
    if let Some(migration) = missing(known, &header.migrations) {
        return Err(ArchiveError::OtherSchema(format!(
            "migration {migration} is not applied here"
        )));
    }
    if let Some(migration) = missing(&header.migrations, known) {
        return Err(ArchiveError::OtherSchema(format!(
            "migration {migration} is not applied there"
        )));
    }
    for head in &header.tables {
        let table = schema
            .table(&head.name)
            .map_err(|fault| ArchiveError::OtherSchema(fault.to_string()))?;
        let here = head_of(table);
        let same = here.columns.len() == head.columns.len() && head.columns.iter().all(|c| here.columns.contains(c));
        if !same || OF_THE_DATABASE.contains(&head.name.as_str()) {
            return Err(ArchiveError::OtherSchema(format!(
                "table {} has other columns",
                head.name
            )));
        }
    }
    Ok(())
}

fn refuse_other_keys(header: &Header, store: &Store) -> Result<(), ArchiveError> {
    let Some(check) = &header.key_check else { return Ok(()) };
    let sealed = hex::decode(check).map_err(|fault| ArchiveError::bad("key_check", fault))?;
    if keys::opens_check(store.keys().as_ref(), sealed) {
        Ok(())
    } else {
        Err(ArchiveError::OtherKeys)
    }
}

fn set_number(tx: &mut Tx, table: &str, column: &str, last: i64) -> Result<(), StoreError> {
    match tx.engine() {
        EngineKind::Sqlite => {
            let changed = tx.execute_text(
                "UPDATE sqlite_sequence SET seq = $1 WHERE name = $2",
                &[Value::Int(last), text(table)],
            )?;
            if changed == 0 {
                let insert = "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)";
                tx.execute_text(insert, &[text(table), Value::Int(last)])?;
            }
            Ok(())
        }
        EngineKind::Postgres => tx.each_text(
            "SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3)",
            &[text(&quoted(table)), text(column), Value::Int(last)],
            &mut |_| Ok(true),
        ),
    }
}

/// A table that is being filled, its columns in the order of the archive.
struct Target {
    name: String,
    kinds: Vec<(String, Kind)>,
    /// Positions of the columns that are filled in at the end, and of the key.
    forward: Vec<usize>,
    key: Vec<usize>,
    numbered: bool,
}

impl Target {
    fn new(schema: &Schema, table: &Table, kinds: &[(String, Kind)]) -> Result<Target, StoreError> {
        let place = |name: &str| kinds.iter().position(|(column, _)| column == name);
        let forward = schema
            .forward_columns(table)
            .into_iter()
            .filter_map(|at| place(&table.columns[at].name));
        Ok(Target {
            name: table.name.clone(),
            kinds: kinds.to_vec(),
            forward: forward.collect(),
            key: table.key.iter().filter_map(|name| place(name)).collect(),
            numbered: table.identity().is_some(),
        })
    }

    fn insert(&self, engine: EngineKind, rows: usize) -> String {
        let names: Vec<String> = self.kinds.iter().map(|(name, _)| quoted(name)).collect();
        let columns = names.len();
        let row = |row: usize| {
            let marks: Vec<String> = (1..=columns)
                .map(|column| format!("${}", row * columns + column))
                .collect();
            format!("({})", marks.join(", "))
        };
        let values: Vec<String> = (0..rows).map(row).collect();
        let overriding = if self.numbered && engine == EngineKind::Postgres {
            " OVERRIDING SYSTEM VALUE"
        } else {
            ""
        };
        let table = quoted(&self.name);
        format!(
            "INSERT INTO {table} ({}){overriding} VALUES {}",
            names.join(", "),
            values.join(", ")
        )
    }
}

/// References that could not be set yet, spooled to a temporary file: number of the table, key, values.
struct Later {
    spool: File,
    count: u64,
}

impl Later {
    fn new() -> Result<Later, ArchiveError> {
        let spool = tempfile::tempfile().map_err(ArchiveError::io(std::env::temp_dir()))?;
        Ok(Later { spool, count: 0 })
    }

    fn hold_back(
        &mut self,
        at: usize,
        table: &Target,
        mut row: Vec<Value<'static>>,
    ) -> Result<Vec<Value<'static>>, ArchiveError> {
        if table.forward.iter().all(|column| row[*column] == Value::Null) {
            return Ok(row);
        }
        let mut held = vec![Value::Int(i64::try_from(at).unwrap_or(i64::MAX))];
        for column in &table.forward {
            held.push(std::mem::replace(&mut row[*column], Value::Null));
        }
        held.extend(table.key.iter().map(|column| row[*column].clone()));
        let mut line = Vec::new();
        write_row(&held, &mut line);
        self.spool
            .write_all(&line)
            .map_err(ArchiveError::io("the temporary file"))?;
        self.count += 1;
        Ok(row)
    }

    /// Sets the references; those of a salvaged archive whose target is lost stay empty, and come back.
    fn fill_in(
        &mut self,
        store: &Store,
        handle: &Handle,
        schema: &Schema,
        header: &Header,
    ) -> Result<Vec<(String, String)>, ArchiveError> {
        let mut left_out = Vec::new();
        if self.count == 0 {
            return Ok(left_out);
        }
        self.spool.rewind().map_err(ArchiveError::io("the temporary file"))?;
        let mut batch = Vec::new();
        for line in BufReader::new(&self.spool).lines() {
            let line = line.map_err(ArchiveError::io("the temporary file"))?;
            batch.push(Self::update(&line, schema, header)?);
            if batch.len() == UPDATES {
                apply(
                    store,
                    handle,
                    std::mem::take(&mut batch),
                    header.salvaged,
                    &mut left_out,
                )?;
            }
        }
        apply(store, handle, batch, header.salvaged, &mut left_out)?;
        Ok(left_out)
    }

    fn update(line: &str, schema: &Schema, header: &Header) -> Result<(String, Vec<Value<'static>>), ArchiveError> {
        let damaged = |why: String| ArchiveError::damaged("the temporary file", why);
        let at: usize = line
            .trim_start_matches('[')
            .split([',', ']'])
            .next()
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| damaged(line.to_owned()))?;
        let head = &header.tables[at];
        let table = Target::new(schema, schema.table(&head.name)?, &head.columns)?;
        let columns = table
            .forward
            .iter()
            .chain(&table.key)
            .map(|column| head.columns[*column].clone());
        let kinds: Vec<(String, Kind)> = [("table".to_owned(), Kind::Int)].into_iter().chain(columns).collect();
        let mut values = read_row(line.as_bytes(), &kinds).map_err(damaged)?;
        values.remove(0);
        let assign = |from: usize, columns: &[usize], glue: &str| {
            let pairs = columns.iter().enumerate();
            let pairs = pairs.map(|(n, column)| format!("{} = ${}", quoted(&head.columns[*column].0), from + n));
            pairs.collect::<Vec<_>>().join(glue)
        };
        let (set, key) = (
            assign(1, &table.forward, ", "),
            assign(1 + table.forward.len(), &table.key, " AND "),
        );
        Ok((format!("UPDATE {} SET {set} WHERE {key}", quoted(&head.name)), values))
    }
}

fn apply(
    store: &Store,
    handle: &Handle,
    batch: Vec<(String, Vec<Value<'static>>)>,
    salvaged: bool,
    left_out: &mut Vec<(String, String)>,
) -> Result<(), ArchiveError> {
    let batch = Arc::new(batch);
    let write = |which: Range<usize>| {
        let batch = batch.clone();
        handle.block_on(store.write(move |tx| {
            for (sql, params) in &batch[which.clone()] {
                tx.execute_text(sql, params)?;
            }
            Ok::<_, StoreError>(())
        }))
    };
    match write(0..batch.len()) {
        Err(fault) if salvaged && refused(&fault) => {}
        done => return Ok(done?),
    }
    for at in 0..batch.len() {
        match write(at..at + 1) {
            Err(fault) if refused(&fault) => left_out.push((batch[at].0.clone(), fault.to_string())),
            done => done?,
        }
    }
    Ok(())
}

/// Whether a row was refused for what it says, not for a fault of the engine.
fn refused(fault: &StoreError) -> bool {
    matches!(
        fault,
        StoreError::Reference { .. } | StoreError::Duplicate { .. } | StoreError::Rule { .. }
    )
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
