//! Takes a file in: looks at all of it, then writes it part by part, on a thread of its own, because parsing would hold up
//! requests. Owns what both readings share; how far a file is stands in the same write as its rows. What was killed and cannot go
//! on is taken away.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use ::store::{EngineKind, Event, StoreError, Tx};
use kernel::{SignedDuration, Timestamp};
use stranger::{Head, Piece, Refusal};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::convert::{Converter, Taken};
use super::look::Look;
use super::mend::Mend;
use super::write::Writing;
use super::{Batch, Choices, Faults, Import, Mode, Report, Stage, State, guess, store};
use crate::error::RegisterError;
use crate::house::{By, Register};
use crate::kind::Kind;
use crate::record::{Act, Record, RecordId, Source, store as records};

/// After this time without a part an import without a file is given up, wherever it ran.
const SILENCE_MAX: SignedDuration = SignedDuration::from_mins(10);
/// Rows taken away in one write.
const UNDO_ROWS: u64 = 500;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// Every row is a record, or every good one.
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
    /// Somebody stopped it.
    Paused,
}

/// How far an import is: rows looked at or written, and of how many when that is known.
pub type Progress = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// What looking at a file gave.
pub(super) struct Looked {
    pub(super) rows: u64,
    pub(super) faults: Faults,
    pub(super) report: Report,
    pub(super) mended: Option<File>,
}

/// One file that is looked at or written.
pub(super) struct Task {
    pub(super) register: Register,
    pub(super) kind: Arc<Kind>,
    pub(super) file: Arc<File>,
    pub(super) handle: Handle,
    pub(super) batch: Batch,
    pub(super) holder: Uuid,
    pub(super) progress: Progress,
}

impl Register {
    /// Brings a file into a kind whose columns say by themselves what they are: all of its rows, or none and everything that is
    /// wrong with them. It is not kept, so that what is killed is taken away.
    ///
    /// # Errors
    /// `Refused` when it cannot be read, `Mapping` names columns that are nothing, `ImportRuns` while another one is brought
    /// in, what the store says.
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
        self.give_up(self.now() - SILENCE_MAX).await?;
        let file = File::open(path).map_err(unreadable)?;
        let (register, kind, handle) = (self.clone(), kind.clone(), Handle::current());
        let file_name = file_name.to_owned();
        let work = tokio::task::spawn_blocking(move || {
            let (head, rows, _) = register
                .imports()
                .reader
                .peek(again(&file)?, stranger::Ask::default(), 20)?;
            let mut choices = guess::choices(&kind, &head, &rows);
            choices.mode = Mode::All;
            let strange: Vec<String> = head
                .columns
                .iter()
                .zip(&choices.parts)
                .filter(|(_, part)| part.is_none())
                .map(|(name, _)| name.clone())
                .collect();
            if !strange.is_empty() {
                return Err(RegisterError::Mapping(strange));
            }
            let size = file.metadata().map(|about| about.len()).unwrap_or(0);
            let task = Task::direct(register, kind, file, (file_name, size), choices, by, (handle, progress));
            task.run()
        });
        work.await.map_err(|error| RegisterError::File(error.to_string()))?
    }

    /// Takes away what imports left that were killed and cannot go on: at the start, and before the next one.
    ///
    /// # Errors
    /// What the store says.
    pub async fn clear_up(&self) -> Result<(), RegisterError> {
        self.clear_room();
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
            let id = import.id;
            let batch = self.store().read(move |tx| store::batch(tx, id)).await?;
            // One whose file is kept goes on by itself, or waits for somebody; one that is being taken back needs no file.
            if batch.is_some_and(|batch| batch.source.is_some() || batch.stage == Stage::Undoing) {
                continue;
            }
            tracing::warn!(system = %import.system, kind = %import.kind, import = %import.id, "taking away a broken import");
            self.take_away(&kind, &import).await?;
        }
        Ok(())
    }

    /// Takes rows away that nobody saw, and gives their import up.
    pub(super) async fn take_away(&self, kind: &Arc<Kind>, import: &Import) -> Result<(), RegisterError> {
        self.rows_away(kind, import).await?;
        let (id, now) = (import.id, self.now());
        self.store()
            .write(move |tx| {
                store::end(tx, id, State::Undone, now)?;
                for from in [Stage::Writing, Stage::Paused] {
                    store::step(tx, id, (from, Stage::Dropped), now)?;
                }
                Ok(())
            })
            .await
    }

    /// Takes rows away that nobody saw.
    pub(super) async fn rows_away(&self, kind: &Arc<Kind>, import: &Import) -> Result<(), RegisterError> {
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
        Ok(())
    }
}

/// The same file for another reader.
pub(super) fn again(file: &File) -> Result<File, RegisterError> {
    file.try_clone().map_err(unreadable)
}

pub(super) fn unreadable(error: io::Error) -> RegisterError {
    RegisterError::File(error.to_string())
}

impl Task {
    /// A file that is not kept.
    fn direct(
        register: Register,
        kind: Arc<Kind>,
        file: File,
        (file_name, size): (String, u64),
        choices: Choices,
        by: By,
        (handle, progress): (Handle, Progress),
    ) -> Self {
        let (id, now) = (kernel::id::uuid_v7(register.world().as_ref()), register.now());
        let mut batch = Batch::new(
            id,
            &kind,
            &by,
            (file_name, i64::try_from(size).unwrap_or(i64::MAX)),
            now,
        );
        batch.choices = choices;
        batch.stage = Stage::Writing;
        let holder = kernel::id::uuid_v7(register.world().as_ref());
        batch.holder = Some(holder);
        Self {
            register,
            kind,
            file: Arc::new(file),
            handle,
            batch,
            holder,
            progress,
        }
    }

    fn run(mut self) -> Result<Done, RegisterError> {
        let looked = self.look(false)?;
        if looked.faults.total > 0 || looked.rows == 0 {
            return Ok(Done::Faulty(looked.faults));
        }
        self.batch.rows_total = count(looked.rows);
        self.batch.report = looked.report;
        let row = self.batch.clone();
        self.write_now(move |tx| Ok(store::insert_batch(tx, &row)?))?;
        let outside = self.batch.report.outside;
        match self.write() {
            Ok(Done::In { id, rows, .. }) => Ok(Done::In { id, rows, outside }),
            Ok(other) => Ok(other),
            Err(error) => {
                let import = self.import();
                self.handle.block_on(self.register.take_away(&self.kind, &import))?;
                Err(error)
            }
        }
    }

    pub(super) fn write_now<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx) -> Result<T, RegisterError> + Send + 'static,
    ) -> Result<T, RegisterError> {
        self.handle.block_on(self.register.store().write(work))
    }

    fn pieces(&self) -> Result<(super::child::Pieces, Head), RegisterError> {
        let mut pieces = self
            .register
            .imports()
            .reader
            .open(again(&self.file)?, &self.batch.choices.ask)?;
        let head = pieces.head()?;
        Ok((pieces, head))
    }

    fn converter(&self, head: &Head) -> Result<Converter<'_>, RegisterError> {
        let codes = |list: &str| self.register.codes(list);
        Converter::new(&self.kind, head, &self.batch.choices, self.register.today(), &codes)
    }

    /// The first reading: every row, every fault, keys that stand twice in the file or are taken, names that are like others.
    pub(super) fn look(&self, is_mending: bool) -> Result<Looked, RegisterError> {
        let (mut pieces, head) = self.pieces()?;
        let converter = self.converter(&head)?;
        let mend = is_mending.then(|| Mend::new(&self.register.imports().folder, &head, self.batch.choices.mode));
        let mut look = Look::new(self, mend.transpose().map_err(unreadable)?);
        loop {
            match pieces.next()? {
                Piece::Row(raw) => look.row(&converter, raw)?,
                Piece::End(end) => return look.finish(end),
                Piece::Head(_) => return Err(Refusal::broken("two heads").into()),
            }
        }
    }

    /// The import that the file becomes.
    pub(super) fn import(&self) -> Import {
        let now = self.register.now();
        Import {
            id: self.batch.id,
            system: self.batch.system.clone(),
            kind: self.batch.kind.clone(),
            file_name: self.batch.file_name.clone(),
            state: State::Open,
            rows: self.batch.rows_total,
            account: self.batch.account,
            who: self.batch.who.clone(),
            unit: self.batch.unit,
            started_at: now,
            touched_at: now,
            ended_at: None,
        }
    }

    /// Opens the import, or finds it open because it was begun before.
    fn begin(&self) -> Result<Import, RegisterError> {
        let (row, kind) = (self.import(), self.kind.clone());
        self.write_now(move |tx| {
            if let Some(begun) = store::import(tx, row.id)? {
                return Ok(begun);
            }
            if store::open_batch(tx, &kind)?.is_some() {
                return Err(RegisterError::ImportRuns);
            }
            store::insert(tx, &row)?;
            Ok(row.clone())
        })
    }

    /// The second reading: parts of the file go in, each while the next one is read; the last write shows them all.
    pub(super) fn write(&self) -> Result<Done, RegisterError> {
        let import = self.begin()?;
        let (mut pieces, head) = self.pieces()?;
        let mut converter = self.converter(&head)?;
        // Rows that were all found good are not judged again.
        converter.is_known = self.batch.report.faults_total == 0;
        let mut writing = Writing::new(self, &import, converter);
        loop {
            match pieces.next() {
                Ok(Piece::Row(raw)) => {
                    if writing.row(&raw)? {
                        return Ok(Done::Paused);
                    }
                }
                Ok(Piece::End(_)) => break,
                Ok(Piece::Head(_)) => return Err(Refusal::broken("two heads").into()),
                Err(refusal) => {
                    // No part may still be under way when an import is taken back.
                    writing.settle()?;
                    return Err(refusal.into());
                }
            }
        }
        if writing.end()? {
            return Ok(Done::Paused);
        }
        let (seen, taken) = (writing.seen, writing.taken);
        // The file changed under our hands: what was looked at is not what was written.
        let is_all = self.batch.report.faults_total == 0;
        if seen != u64::try_from(self.batch.rows_total).unwrap_or(0) || (is_all && taken != seen) {
            return Err(RegisterError::File("the file changed while it was read".to_owned()));
        }
        self.finish(&import, &head, taken)?;
        Ok(Done::In {
            id: import.id,
            rows: taken,
            outside: 0,
        })
    }

    pub(super) fn record(&self, row: Taken, import: &Import) -> Record {
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

    /// Writes a part; whether somebody wants a stop.
    pub(super) fn part(
        &self,
        part: &[Record],
        (seen, taken): (u64, u64),
    ) -> impl Future<Output = Result<bool, RegisterError>> + use<> {
        let (kind, id, now) = (self.kind.clone(), self.batch.id, self.register.now());
        let (store, rows, holder) = (
            self.register.store().clone(),
            records::rows(&self.kind, part),
            self.holder,
        );
        async move {
            let work = move |tx: &mut Tx| {
                let place = (count(seen), count(taken));
                let Some(is_stopping) = store::advance(tx, (id, holder), place, now)? else {
                    return Err(RegisterError::Stage);
                };
                if !store::touch(tx, id, now)? {
                    return Err(RegisterError::Stage);
                }
                records::insert_rows(tx, &kind, &rows)?;
                Ok(is_stopping)
            };
            match store.write(work).await {
                Err(RegisterError::Store(StoreError::Duplicate { .. })) => Err(RegisterError::Duplicate),
                done => done,
            }
        }
    }

    /// Keys of rows that a record has already.
    pub(super) fn taken_keys(&self, keys: Vec<String>) -> Result<Vec<String>, RegisterError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let kind = self.kind.clone();
        let read = self.register.store().read(move |tx| records::taken(tx, &kind, &keys));
        Ok(self.handle.block_on(read)?)
    }

    fn finish(&self, import: &Import, head: &Head, taken: u64) -> Result<(), RegisterError> {
        let (import, now, holder) = (import.clone(), self.register.now(), self.holder);
        let (choices, signature, kind) = (self.batch.choices.clone(), guess::signature(head), self.kind.clone());
        let gone = self.write_now(move |tx| {
            let place = (import.rows, count(taken));
            if store::advance(tx, (import.id, holder), place, now)?.is_none()
                || !store::end(tx, import.id, State::Done, now)?
                || !store::step(tx, import.id, (Stage::Writing, Stage::Done), now)?
            {
                return Err(RegisterError::Stage);
            }
            store::set_rows(tx, import.id, count(taken))?;
            store::remember(tx, &kind, (import.unit, &signature), &choices, now)?;
            let blobs = store::let_go(tx, import.id, false)?;
            for blob in &blobs {
                tx.erase_blob(*blob, now)?;
            }
            tx.emit(&Event {
                id: import.id,
                kind: "record.imported".into(),
                subject: import.id,
                at: now,
                payload: serde_json::json!({ "system": import.system, "kind": import.kind, "rows": taken }),
            })?;
            Ok(blobs.len())
        })?;
        tracing::info!(import = %self.batch.id, rows = taken, blobs = gone, "a file is in");
        Ok(())
    }
}

pub(super) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The least id that a record of an import has: ids begin with their time. A clock that was set back a little does no harm.
pub(super) fn first_id(started_at: Timestamp) -> RecordId {
    let from = started_at - SignedDuration::from_hours(1);
    let millis = u64::try_from(from.as_micros() / 1_000).unwrap_or(0);
    RecordId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

/// What looking at a file finds, for tests of shapes.
#[cfg(test)]
pub(crate) async fn look_for_tests(
    register: &Register,
    kind: &Arc<Kind>,
    path: &Path,
) -> Result<Report, RegisterError> {
    let (register, kind, handle) = (register.clone(), kind.clone(), Handle::current());
    let file = File::open(path).map_err(unreadable)?;
    let look = move || {
        let (head, rows, _) = register
            .imports()
            .reader
            .peek(again(&file)?, stranger::Ask::default(), 20)?;
        let choices = guess::choices(&kind, &head, &rows);
        let by = By {
            account: None,
            who: String::new(),
            unit: identity::UnitId::new(register.world().as_ref()),
        };
        let progress: Progress = Arc::new(|_, _| {});
        let task = Task::direct(
            register,
            kind,
            file,
            (String::new(), 0),
            choices,
            by,
            (handle, progress),
        );
        Ok(task.look(false)?.report)
    };
    tokio::task::spawn_blocking(look).await.map_err(Refusal::broken)?
}
