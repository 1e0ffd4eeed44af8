//! Takes a file in: looks at all of it, then writes it part by part. Runs on a thread of its own, because reading and parsing
//! would hold up requests.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::store::{EngineKind, Event, Tx};
use kernel::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::read::{Row, Rows};
use super::{CHUNK_ROWS, Faults, Import, State, store};
use crate::error::{RegisterError, What, Wrong};
use crate::house::{By, Register};
use crate::kind::Kind;
use crate::record::{Act, Record, RecordId, Source, rules, store as records};

/// After this time without a part an import is given up, wherever it ran.
const SILENCE_MAX: SignedDuration = SignedDuration::from_mins(10);
/// Rows taken away in one write.
const UNDO_ROWS: u64 = 500;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// Every row is a record.
    In {
        /// The import.
        id: Uuid,
        /// How many.
        rows: u64,
        /// How many lie outside of Viet Nam: swapped axes, perhaps.
        outside: u64,
    },
    /// Nothing was taken, because of these.
    Faulty(Faults),
}

/// How far an import is: rows looked at or written, and of how many when that is known.
pub type Progress = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

struct Task {
    register: Register,
    kind: Arc<Kind>,
    path: PathBuf,
    handle: Handle,
    by: By,
    progress: Progress,
}

impl Register {
    /// Brings a CSV file into a kind: all of its rows, or none and everything that is wrong with them.
    ///
    /// # Errors
    /// `File` when it is no CSV of the kind, `ImportRuns` while another one is brought in, what the store says.
    pub async fn import(
        &self,
        kind: &Arc<Kind>,
        path: &Path,
        file_name: &str,
        by: By,
        progress: Progress,
    ) -> Result<Done, RegisterError> {
        if !kind.is_importable() {
            return Err(RegisterError::NotFound);
        }
        let task = Task {
            register: self.clone(),
            kind: kind.clone(),
            path: path.to_owned(),
            handle: Handle::current(),
            by,
            progress,
        };
        let file_name = file_name.to_owned();
        let work = tokio::task::spawn_blocking(move || task.run(&file_name));
        work.await.map_err(|error| RegisterError::File(error.to_string()))?
    }

    /// Takes away what imports left that were killed: at the start, and before the next one.
    ///
    /// # Errors
    /// What the store says.
    pub async fn clear_up(&self) -> Result<(), RegisterError> {
        // One process serves a folder of SQLite: what is open when it starts is dead.
        let dead_before = match self.store().engine() {
            EngineKind::Sqlite => Timestamp::MAX,
            EngineKind::Postgres => self.now() - SILENCE_MAX,
        };
        self.give_up(dead_before).await
    }

    async fn give_up(&self, touched_before: Timestamp) -> Result<(), RegisterError> {
        let open = self.store().read(store::open).await?;
        for import in open.into_iter().filter(|import| import.touched_at < touched_before) {
            let Ok(kind) = self.kind(&import.system, &import.kind) else {
                continue;
            };
            tracing::warn!(system = %import.system, kind = %import.kind, import = %import.id, "taking away a broken import");
            self.undo(&kind, &import).await?;
        }
        Ok(())
    }

    async fn undo(&self, kind: &Arc<Kind>, import: &Import) -> Result<(), RegisterError> {
        let (from, id) = (first_id(import.started_at), import.id);
        loop {
            let kind = kind.clone();
            let gone = self
                .store()
                .write(move |tx| records::take_away(tx, &kind, id, from, UNDO_ROWS))
                .await?;
            if gone < UNDO_ROWS {
                break;
            }
        }
        let now = self.now();
        self.store()
            .write(move |tx| store::end(tx, id, State::Undone, now))
            .await?;
        Ok(())
    }
}

impl Task {
    fn run(&self, file_name: &str) -> Result<Done, RegisterError> {
        self.handle
            .block_on(self.register.give_up(self.register.now() - SILENCE_MAX))?;
        let (rows, faults) = self.look()?;
        if faults.total > 0 || rows == 0 {
            return Ok(Done::Faulty(faults));
        }
        let import = self.begin(file_name, rows)?;
        match self.write(&import, rows) {
            Ok(outside) => Ok(Done::In {
                id: import.id,
                rows,
                outside,
            }),
            Err(error) => {
                self.handle.block_on(self.register.undo(&self.kind, &import))?;
                Err(error)
            }
        }
    }

    fn rows(&self) -> Result<Rows<'_>, RegisterError> {
        let codes = |list: &str| self.register.codes(list);
        Rows::open(&self.kind, &self.path, self.register.today(), &codes)
    }

    /// The first reading: every row, every fault, keys that stand twice in the file or are taken.
    fn look(&self) -> Result<(u64, Faults), RegisterError> {
        let (mut faults, mut rows) = (Faults::default(), self.rows()?);
        // Of each key a hash and its line: a million keys as texts would take a hundred megabytes.
        let (hasher, mut seen) = (RandomState::new(), HashMap::<u64, u32>::new());
        let (mut count, mut waiting) = (0, Vec::new());
        while let Some(row) = rows.next(&mut faults)? {
            count += 1;
            if let Some(key) = rules::key_fold(&self.kind, &row.values) {
                let line = u32::try_from(row.line).unwrap_or(u32::MAX);
                match seen.insert(hasher.hash_one(&key), line) {
                    Some(first) => faults.add(row.line, "", Wrong::new("", What::Duplicate(Some(u64::from(first))))),
                    None => waiting.push((key, row.line)),
                }
            }
            if waiting.len() >= CHUNK_ROWS {
                self.taken(&mut waiting, &mut faults)?;
                (self.progress)(count, None);
            }
        }
        self.taken(&mut waiting, &mut faults)?;
        Ok((count, faults))
    }

    /// Keys that a record has already.
    fn taken(&self, waiting: &mut Vec<(String, u64)>, faults: &mut Faults) -> Result<(), RegisterError> {
        if waiting.is_empty() {
            return Ok(());
        }
        let (kind, keys) = (
            self.kind.clone(),
            waiting.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(),
        );
        let read = self.register.store().read(move |tx| records::taken(tx, &kind, &keys));
        let taken = self.handle.block_on(read)?;
        for (key, line) in waiting.drain(..) {
            if taken.contains(&key) {
                faults.add(line, "", Wrong::new("", What::Duplicate(None)));
            }
        }
        Ok(())
    }

    fn begin(&self, file_name: &str, rows: u64) -> Result<Import, RegisterError> {
        let now = self.register.now();
        let import = Import {
            id: kernel::id::uuid_v7(self.register.world().as_ref()),
            system: self.kind.system.code.clone(),
            kind: self.kind.record.name.clone(),
            file_name: file_name.to_owned(),
            state: State::Open,
            rows: i64::try_from(rows).unwrap_or(i64::MAX),
            account: self.by.account,
            who: self.by.who.clone(),
            unit: self.by.unit,
            started_at: now,
            touched_at: now,
            ended_at: None,
        };
        let (row, kind) = (import.clone(), self.kind.clone());
        self.handle.block_on(self.register.store().write(move |tx| {
            if store::open_batch(tx, &kind)?.is_some() {
                return Err(RegisterError::ImportRuns);
            }
            store::insert(tx, &row)?;
            Ok(())
        }))?;
        Ok(import)
    }

    /// The second reading: parts of the file go in, each while the next one is read; the last write shows them all.
    fn write(&self, import: &Import, total: u64) -> Result<u64, RegisterError> {
        let (mut faults, mut rows) = (Faults::default(), self.rows()?.known());
        let (mut written, mut outside) = (0, 0);
        let mut pending: Option<JoinHandle<Result<(), RegisterError>>> = None;
        loop {
            let part = self.next_part(&mut rows, import, &mut faults);
            // Before anything else, so that no part is still being written when an import is taken back.
            if let Some(pending) = pending.take() {
                let done = self.handle.block_on(pending);
                done.map_err(|error| RegisterError::File(error.to_string()))??;
                (self.progress)(written, Some(total));
            }
            let part = part?;
            if part.is_empty() {
                break;
            }
            outside += part.iter().filter(|record| is_outside(record)).count() as u64;
            written += part.len() as u64;
            pending = Some(self.handle.spawn(self.part(import, &part)));
        }
        // The file changed under our hands: what was looked at is not what was written.
        if faults.total > 0 || written != total {
            return Err(RegisterError::File("the file changed while it was read".to_owned()));
        }
        self.finish(import, total)?;
        Ok(outside)
    }

    fn next_part(
        &self,
        rows: &mut Rows<'_>,
        import: &Import,
        faults: &mut Faults,
    ) -> Result<Vec<Record>, RegisterError> {
        let mut part = Vec::with_capacity(CHUNK_ROWS);
        while part.len() < CHUNK_ROWS
            && let Some(row) = rows.next(faults)?
        {
            part.push(self.record(row, import));
        }
        Ok(part)
    }

    fn record(&self, row: Row, import: &Import) -> Record {
        Record {
            id: RecordId::new(self.register.world().as_ref()),
            revision: 1,
            valid_from: row.valid_from.unwrap_or_else(|| import.started_at.local_date()),
            known_at: import.started_at,
            act: Act::Add,
            source: Source::Imported,
            origin: Some(format!("{}:{}", import.file_name, row.line)),
            account: import.account,
            who: import.who.clone(),
            reason: None,
            unit: import.unit,
            batch: Some(import.id),
            shape: row.shape,
            values: row.values,
        }
    }

    fn part(&self, import: &Import, part: &[Record]) -> impl Future<Output = Result<(), RegisterError>> + use<> {
        let (kind, id, now) = (self.kind.clone(), import.id, self.register.now());
        let (store, rows) = (self.register.store().clone(), records::rows(&self.kind, part));
        async move {
            let work = move |tx: &mut Tx| {
                if !store::touch(tx, id, now)? {
                    return Err(RegisterError::File("the import was given up".to_owned()));
                }
                records::insert_rows(tx, &kind, &rows)?;
                Ok(())
            };
            store.write(work).await
        }
    }

    fn finish(&self, import: &Import, total: u64) -> Result<(), RegisterError> {
        let (import, now) = (import.clone(), self.register.now());
        self.handle.block_on(self.register.store().write(move |tx| {
            if !store::end(tx, import.id, State::Done, now)? {
                return Err(RegisterError::File("the import was given up".to_owned()));
            }
            tx.emit(&Event {
                id: import.id,
                kind: "record.imported".into(),
                subject: import.id,
                at: now,
                payload: serde_json::json!({ "system": import.system, "kind": import.kind, "rows": total }),
            })?;
            Ok(())
        }))
    }
}

fn is_outside(record: &Record) -> bool {
    record.shape.as_ref().is_some_and(|shape| !shape.is_in_viet_nam())
}

/// The least id that a record of an import has: ids begin with their time. A clock that was set back a little does no harm.
fn first_id(started_at: Timestamp) -> RecordId {
    let from = started_at - SignedDuration::from_hours(1);
    let millis = u64::try_from(from.as_micros() / 1_000).unwrap_or(0);
    RecordId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}
