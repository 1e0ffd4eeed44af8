//! Sealed values moved to the active key, and opened one by one for `verify`.
//! Owns the walk over the declared columns: in bounded chunks, resumable at any point, beside a serving process.

use std::{collections::BTreeMap, sync::Arc};

use kernel::World;
use zeroize::Zeroizing;

use super::{KeyError, KeyId, KeyRing, Sealed};
use crate::{JobError, Store, StoreError, Worker, catalog::Schema, jobs::JobRun, scan::Scan, value::Value};

/// Rows looked at in one transaction, and at most re-sealed in the next.
const CHUNK_ROWS: usize = 200;

/// A column that holds sealed values, as the crate that owns its table declares it.
#[derive(Debug, Clone, Copy)]
pub struct SealedColumn {
    /// Table.
    pub table: &'static str,
    /// Columns that identify a row; usually `id`.
    pub key: &'static [&'static str],
    /// The sealed column (BYTEA, may be null).
    pub column: &'static str,
    /// The context a value is sealed with, from the texts of the key columns.
    pub context: fn(column: &SealedColumn, key: &[String]) -> String,
}

impl SealedColumn {
    /// A column of a table with the primary key `id`, sealed with the usual context `table.column:id`.
    pub const fn by_id(table: &'static str, column: &'static str) -> SealedColumn {
        SealedColumn {
            table,
            key: &["id"],
            column,
            context: usual_context,
        }
    }
}

fn usual_context(column: &SealedColumn, key: &[String]) -> String {
    format!("{}.{}:{}", column.table, column.column, key.join("/"))
}

/// The sealed columns of this crate itself.
pub(crate) const OWN: [SealedColumn; 2] = [
    SealedColumn::by_id("key_check", "sealed"),
    SealedColumn::by_id("blob", "wrapped_key"),
];

/// How far a walk over the sealed columns has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResealProgress {
    /// Values looked at.
    pub seen: u64,
    /// Values sealed anew under the active key.
    pub resealed: u64,
}

/// A value that does not open.
#[derive(Debug)]
pub struct OpenFailure {
    /// `table.column`.
    pub place: String,
    /// The key of the row, as text.
    pub row: String,
    /// Why.
    pub fault: KeyError,
}

/// Seals every value of `columns` (and of this crate's own) anew that is not under the active key.
///
/// Each chunk is its own transaction and a value is replaced only if it is still the one that was
/// read, so that a serving process may go on, and a walk that was stopped is simply begun again:
/// what is done already is skipped. `report` is called after every chunk.
///
/// # Errors
/// A value that does not open, or a fault of the store. What was re-sealed until then stays.
pub async fn reseal(
    store: &Store,
    world: &dyn World,
    columns: &[SealedColumn],
    mut report: impl FnMut(ResealProgress),
) -> Result<ResealProgress, StoreError> {
    let schema = store.read(Schema::read).await?;
    let mut progress = ResealProgress::default();
    for column in OWN.iter().chain(columns) {
        let mut walk = Walk::new(&schema, *column)?;
        while let Some(chunk) = walk.next(store).await? {
            let (seen, updates) = chunk.resealed(store.keys().as_ref(), world)?;
            progress.seen += seen;
            progress.resealed += walk.replace(store, updates).await?;
            report(progress);
        }
    }
    Ok(progress)
}

/// Kind of the job that moves values to the active key; it has no payload. Due daily: it only reads when nothing is to do.
pub const RESEAL_JOB: &str = "store.keys.reseal";

/// Adds the handler of [`RESEAL_JOB`] to the workers of a node. It reads the key file again first, so that a key that
/// `tinhso keys rotate` made beside the running server is taken into use without a restart.
#[must_use]
pub fn reseal_jobs(worker: Worker, columns: Vec<SealedColumn>) -> Worker {
    let columns: Arc<[SealedColumn]> = columns.into();
    worker.on(RESEAL_JOB, move |run: JobRun| {
        let columns = columns.clone();
        async move {
            let (keys, world) = (run.store.keys(), run.store.world().clone());
            keys.reload().map_err(JobError::retry)?;
            let done = reseal(&run.store, world.as_ref(), &columns, |_| {}).await?;
            if done.resealed > 0 {
                tracing::info!(values = done.resealed, key = %keys.active(), "sealed values moved to the active key");
            }
            Ok(())
        }
    })
}

/// How many values each key has sealed: a key with none may be retired.
///
/// # Errors
/// `Malformed` for a value that is none, or a fault of the store.
pub async fn census(store: &Store, columns: &[SealedColumn]) -> Result<BTreeMap<KeyId, u64>, StoreError> {
    let schema = store.read(Schema::read).await?;
    let mut counts = BTreeMap::new();
    for column in OWN.iter().chain(columns) {
        let mut walk = Walk::new(&schema, *column)?;
        while let Some(chunk) = walk.next(store).await? {
            for value in &chunk.values {
                *counts.entry(value.sealed.key_id()?).or_default() += 1;
            }
        }
    }
    Ok(counts)
}

/// Opens every value of one column, or every `step`-th; the plain values go nowhere.
///
/// # Errors
/// A fault of the store. Values that do not open are not errors but the answer.
pub async fn check_sealed(
    store: &Store,
    column: SealedColumn,
    step: u64,
    mut failed: impl FnMut(OpenFailure),
) -> Result<u64, StoreError> {
    let schema = store.read(Schema::read).await?;
    let mut walk = Walk::new(&schema, column)?;
    let (mut seen, mut opened) = (0_u64, 0);
    while let Some(chunk) = walk.next(store).await? {
        for value in chunk.values {
            seen += 1;
            if !seen.is_multiple_of(step.max(1)) && step > 1 {
                continue;
            }
            opened += 1;
            if let Err(fault) = store.keys().open(&value.context, &value.sealed) {
                let place = format!("{}.{}", column.table, column.column);
                failed(OpenFailure {
                    place,
                    row: value.row,
                    fault,
                });
            }
        }
    }
    Ok(opened)
}

struct Walk {
    column: SealedColumn,
    scan: Scan,
    update: String,
}

struct Chunk {
    values: Vec<SealedValue>,
}

struct SealedValue {
    key: Vec<Value<'static>>,
    row: String,
    context: String,
    sealed: Sealed,
}

struct Update {
    key: Vec<Value<'static>>,
    old: Sealed,
    new: Sealed,
}

impl Walk {
    fn new(schema: &Schema, column: SealedColumn) -> Result<Walk, StoreError> {
        let table = schema.table(column.table)?;
        let columns: Vec<&str> = column.key.iter().copied().chain([column.column]).collect();
        let scan = Scan::new(table, &columns, column.key, CHUNK_ROWS)?;
        let update = table.update_statement(column.column, column.key)?;
        Ok(Walk { column, scan, update })
    }

    async fn next(&mut self, store: &Store) -> Result<Option<Chunk>, StoreError> {
        let scan = self.scan.clone();
        let (rows, scan) = store
            .read(move |tx| {
                let mut scan = scan.clone();
                let rows = scan.page(tx)?;
                Ok::<_, StoreError>((rows, scan))
            })
            .await?;
        self.scan = scan;
        if rows.is_empty() {
            return Ok(None);
        }
        Ok(Some(Chunk {
            values: rows.into_iter().filter_map(|row| self.value(row)).collect(),
        }))
    }

    fn value(&self, mut row: Vec<Value<'static>>) -> Option<SealedValue> {
        let Some(Value::Bytes(sealed)) = row.pop() else {
            return None;
        };
        let texts: Vec<String> = row.iter().map(crate::scan::text_of).collect();
        Some(SealedValue {
            context: (self.column.context)(&self.column, &texts),
            row: texts.join("/"),
            key: row,
            sealed: Sealed::from_bytes(sealed.into_owned()),
        })
    }

    async fn replace(&self, store: &Store, updates: Vec<Update>) -> Result<u64, StoreError> {
        if updates.is_empty() {
            return Ok(0);
        }
        let statement = self.update.clone();
        store
            .write(move |tx| {
                let mut done = 0;
                for update in &updates {
                    let mut params = vec![Value::Bytes(update.new.as_bytes().into())];
                    params.extend(update.key.iter().cloned());
                    params.push(Value::Bytes(update.old.as_bytes().into()));
                    done += tx.execute_text(&statement, &params)?;
                }
                Ok::<_, StoreError>(done)
            })
            .await
    }
}

impl Chunk {
    fn resealed(self, ring: &KeyRing, world: &dyn World) -> Result<(u64, Vec<Update>), KeyError> {
        let seen = self.values.len() as u64;
        let active = ring.active();
        let mut updates = Vec::new();
        for value in self.values {
            if value.sealed.key_id()? == active {
                continue;
            }
            let plain: Zeroizing<Vec<u8>> = ring.open(&value.context, &value.sealed)?;
            let new = ring.seal(world, &value.context, &plain);
            updates.push(Update {
                key: value.key,
                old: value.sealed,
                new,
            });
        }
        Ok((seen, updates))
    }
}
