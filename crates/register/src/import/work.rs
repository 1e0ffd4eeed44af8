//! The way of a file: handed in, led to fields, checked, written, stopped, gone on with, given up. Each step is a command that
//! somebody gives and a job that does the work, so that a killed program goes on where it stood. Refuses a step from another
//! stage than the one that was seen.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use ::store::blob::{BlobId, BlobMeta, StoredBlob};
use ::store::jobs::{JobError, JobRun};
use ::store::{Job, StoreError, Worker};
use kernel::SignedDuration;
use serde::{Deserialize, Serialize};
use stranger::{Ask, Cell, Head, Refusal, Row};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::take::{Done, Progress, Task, again, count, unreadable};
use super::{Batch, Choices, KEPT_DAYS, Mode, Report, Stage, guess, store};
use crate::error::RegisterError;
use crate::house::{By, Register};
use crate::kind::Kind;

/// Kind of the job that works on a file. Its payload is `{"batch": id}`.
pub const JOB: &str = "register.import";

/// Rows that a preview shows.
const SAMPLE_ROWS: u64 = 12;
/// Most bytes of a preview.
const SAMPLE_BYTES_MAX: u64 = 8 << 20;
/// Characters of a cell that a preview shows.
const SAMPLE_CHARS: usize = 80;
/// What names of kept files begin with while they are read.
const NAMED: &str = "import-of-register-";
/// How long a file waits before it asks again whether another import into its kind is over.
const WAIT: SignedDuration = SignedDuration::from_secs(5);

/// The head and first rows of a file, as a preview shows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) head: Head,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Sample {
    fn new(head: Head, rows: &[Row]) -> Self {
        let text = |cell: &Cell| -> String {
            match cell {
                Cell::Empty => String::new(),
                Cell::Text(text) => text.chars().take(SAMPLE_CHARS).collect(),
                Cell::Number(number) => number.to_string(),
                Cell::Bool(yes) => yes.to_string(),
                Cell::Shape(_) => "◆".to_owned(),
                Cell::Fault(_) => "?".to_owned(),
            }
        };
        let rows = rows.iter().map(|row| row.cells.iter().map(text).collect()).collect();
        Self { head, rows }
    }
}

pub(super) fn payload(batch: Uuid) -> serde_json::Value {
    serde_json::json!({ "batch": batch })
}

/// Registers the handler of this crate's job.
#[must_use]
pub fn jobs(worker: Worker, register: &Register) -> Worker {
    let register = register.clone();
    worker.on(JOB, move |run: JobRun| {
        let register = register.clone();
        async move {
            let batch = run.payload.get("batch").and_then(|id| id.as_str()?.parse().ok());
            let batch = batch.ok_or_else(|| JobError::hopeless("the job names no file"))?;
            match register.work(batch, Arc::new(|_, _| {})).await {
                // Somebody else moved the file: it is theirs now.
                Ok(_) | Err(RegisterError::Stage | RegisterError::NotFound) => Ok(()),
                Err(RegisterError::ImportRuns) => register.later(batch).await.map_err(JobError::retry),
                Err(error) => Err(JobError::retry(error)),
            }
        }
    })
}

impl Register {
    /// Takes a file in and looks at its first rows: what it is, what its columns probably are. Gives its id.
    ///
    /// # Errors
    /// `NotFound` for a kind that takes no files; `Refused` when it cannot be read; what the store says.
    pub async fn hand_in(
        &self,
        kind: &Arc<Kind>,
        path: &Path,
        file_name: &str,
        by: &By,
    ) -> Result<Uuid, RegisterError> {
        if !kind.is_importable() {
            return Err(RegisterError::NotFound);
        }
        let file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        if size > self.imports().bytes_max {
            return Err(Refusal::too_large("bytes").into());
        }
        let (id, now) = (kernel::id::uuid_v7(self.world().as_ref()), self.now());
        let mut batch = Batch::new(id, kind, by, (file_name.to_owned(), count(size)), now);
        let (sample, rows) = self.peek(&file, Ask::default()).await?;
        let sample = self.choose_for(kind, &mut batch, (sample, rows), &file).await?;
        let source = self.keep(id, file, self.imports().bytes_max).await?;
        let sample = self.keep_sample(id, &sample).await?;
        (batch.source, batch.sample) = (Some(source.id), Some(sample.id));
        self.store()
            .write(move |tx| {
                let mut row = batch.clone();
                row.source = Some(tx.attach_blob(&source)?);
                row.sample = Some(tx.attach_blob(&sample)?);
                store::insert_batch(tx, &row)
            })
            .await?;
        Ok(id)
    }

    /// What was chosen for files of this source the last time, else what is probably meant. A file is looked at again when it
    /// was read in another way then.
    async fn choose_for(
        &self,
        kind: &Arc<Kind>,
        batch: &mut Batch,
        (head, rows): (Head, Vec<Row>),
        file: &File,
    ) -> Result<Sample, RegisterError> {
        let (unit, signature, of) = (batch.unit, guess::signature(&head), kind.clone());
        let remembered = self
            .store()
            .read(move |tx| store::remembered(tx, &of, unit, &signature))
            .await?;
        if let Some(choices) = remembered.filter(|choices| choices.parts.len() <= head.columns.len()) {
            let sample = if choices.ask == Ask::default() {
                Some(Sample::new(head.clone(), &rows))
            } else {
                let (head, rows) = self
                    .peek(file, choices.ask.clone())
                    .await
                    .unwrap_or_else(|_| (head.clone(), rows.clone()));
                Some(Sample::new(head, &rows))
            };
            batch.choices = choices;
            batch.choices.mode = Mode::All;
            return Ok(sample.unwrap_or_else(|| Sample::new(head, &rows)));
        }
        batch.choices = guess::choices(kind, &head, &rows);
        Ok(Sample::new(head, &rows))
    }

    async fn peek(&self, file: &File, ask: Ask) -> Result<(Head, Vec<Row>), RegisterError> {
        let (reader, file) = (self.imports().reader.clone(), again(file)?);
        let look = tokio::task::spawn_blocking(move || reader.peek(file, ask, SAMPLE_ROWS));
        let (head, rows, _) = look.await.map_err(Refusal::broken)??;
        Ok((head, rows))
    }

    async fn keep(&self, owner: Uuid, mut file: File, size_max: u64) -> Result<StoredBlob, RegisterError> {
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let meta = BlobMeta {
            owner,
            media_type: "application/octet-stream".to_owned(),
            personal: true,
            size_max,
        };
        let source = tokio::fs::File::from_std(file);
        let stored = self.store().blobs().put(self.world().as_ref(), source, meta).await;
        stored.map_err(|error| RegisterError::Store(StoreError::from(error)))
    }

    async fn keep_sample(&self, owner: Uuid, sample: &Sample) -> Result<StoredBlob, RegisterError> {
        let bytes = serde_json::to_vec(sample).map_err(Refusal::broken)?;
        let meta = BlobMeta {
            owner,
            media_type: "application/json".to_owned(),
            personal: true,
            size_max: SAMPLE_BYTES_MAX,
        };
        let stored = self
            .store()
            .blobs()
            .put(self.world().as_ref(), bytes.as_slice(), meta)
            .await;
        stored.map_err(|error| RegisterError::Store(StoreError::from(error)))
    }

    /// A file on its way; `NotFound` when there is none of this kind.
    ///
    /// # Errors
    /// `NotFound`, what the store says.
    pub async fn batch(&self, kind: &Kind, id: Uuid) -> Result<Batch, RegisterError> {
        let found = self.store().read(move |tx| store::batch(tx, id)).await?;
        let is_own = |batch: &Batch| batch.system == kind.system.code && batch.kind == kind.record.name;
        found.filter(is_own).ok_or(RegisterError::NotFound)
    }

    /// The first rows of a file.
    pub(crate) async fn sample(&self, batch: &Batch) -> Result<Option<Sample>, RegisterError> {
        let Some(id) = batch.sample else { return Ok(None) };
        let Some(blob) = self.store().read(move |tx| tx.blob(id)).await? else {
            return Ok(None);
        };
        let bytes = self.store().blobs().get_all(&blob, SAMPLE_BYTES_MAX).await;
        let bytes = bytes.map_err(StoreError::from)?;
        Ok(serde_json::from_slice(&bytes).ok())
    }

    /// The file of faults of a file, whole: for the command line.
    ///
    /// # Errors
    /// What the store says.
    pub async fn mended(&self, batch: &Batch) -> Result<Option<Vec<u8>>, RegisterError> {
        let Some(id) = batch.mended else { return Ok(None) };
        let Some(blob) = self.store().read(move |tx| tx.blob(id)).await? else {
            return Ok(None);
        };
        let bytes = self.store().blobs().get_all(&blob, u64::MAX).await;
        Ok(Some(bytes.map_err(StoreError::from)?))
    }

    /// A kept file for its readers: without a name, so that nothing of it stays when the program is killed. Only the library of
    /// packages opens its file by name; that name goes when the second value does.
    async fn opened(&self, id: BlobId) -> Result<(File, Option<tempfile::TempPath>), RegisterError> {
        let blob = self
            .store()
            .read(move |tx| tx.blob(id))
            .await?
            .ok_or(RegisterError::NotFound)?;
        let mut reader = self.store().blobs().get(&blob).await.map_err(StoreError::from)?;
        let mut out: Option<(File, Option<tempfile::TempPath>)> = None;
        while let Some(piece) = reader.next_piece().await.map_err(StoreError::from)? {
            let (mut file, path) = match out.take() {
                Some(out) => out,
                None => self.room(piece.starts_with(b"SQLite format 3"))?,
            };
            let written = tokio::task::spawn_blocking(move || file.write_all(&piece).map(|()| file)).await;
            out = Some((written.map_err(Refusal::broken)?.map_err(unreadable)?, path));
        }
        out.ok_or_else(|| Refusal::Empty.into())
    }

    fn room(&self, is_named: bool) -> Result<(File, Option<tempfile::TempPath>), RegisterError> {
        let folder = &self.imports().folder;
        if !is_named {
            return Ok((tempfile::tempfile_in(folder).map_err(unreadable)?, None));
        }
        let named = tempfile::Builder::new()
            .prefix(NAMED)
            .tempfile_in(folder)
            .map_err(unreadable)?;
        let (file, path) = named.into_parts();
        Ok((file, Some(path)))
    }

    /// Takes away named files that a killed program left.
    pub(super) fn clear_room(&self) {
        for entry in std::fs::read_dir(&self.imports().folder)
            .into_iter()
            .flatten()
            .flatten()
        {
            if entry.file_name().to_string_lossy().starts_with(NAMED) {
                // One that is gone already is no fault.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Sets what was chosen for a file. One that is to be read in another way is looked at again, and what its columns are is
    /// guessed anew.
    ///
    /// # Errors
    /// `Stage` when it is on its way already; `Refused` when it cannot be read so.
    pub async fn choose(&self, kind: &Arc<Kind>, batch: &Batch, mut choices: Choices) -> Result<(), RegisterError> {
        let (id, now) = (batch.id, self.now());
        let mut fresh = None;
        if choices.ask != batch.choices.ask {
            let (source, _name) = self.opened(batch.source.ok_or(RegisterError::Stage)?).await?;
            let (head, rows) = self.peek(&source, choices.ask.clone()).await?;
            let known = self.sample(batch).await?;
            if known.is_none_or(|known| known.head.columns != head.columns) {
                choices.parts = guess::parts(kind, &head);
            }
            fresh = Some(self.keep_sample(id, &Sample::new(head, &rows)).await?);
        }
        self.store()
            .write(move |tx| {
                if !store::choose(tx, id, &choices, now)? {
                    return Err(RegisterError::Stage);
                }
                // What was found under other choices is found no more.
                store::step(tx, id, (Stage::Checked, Stage::Preview), now)?;
                if let Some(fresh) = &fresh {
                    let old = store::batch(tx, id)?.and_then(|batch| batch.sample);
                    let sample = tx.attach_blob(fresh)?;
                    store::set_sample(tx, id, sample)?;
                    if let Some(old) = old.filter(|old| *old != sample) {
                        tx.erase_blob(old, now)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// Leads a file from one stage to one in which the program works on it.
    async fn start(&self, id: Uuid, step: (Stage, Stage)) -> Result<(), RegisterError> {
        let (job, now) = (Job::new(self.world().as_ref(), JOB, payload(id)), self.now());
        self.store()
            .write(move |tx| {
                if !store::step(tx, id, step, now)? {
                    return Err(RegisterError::Stage);
                }
                tx.enqueue(&job)?;
                Ok(())
            })
            .await
    }

    /// Has every row of a file looked at.
    ///
    /// # Errors
    /// `Mapping` when its columns lead to nothing or twice to one field; `Stage`.
    pub async fn check(&self, batch: &Batch) -> Result<(), RegisterError> {
        let doubled = batch.choices.doubled();
        if !doubled.is_empty() {
            return Err(RegisterError::Mapping(doubled.iter().map(super::Part::word).collect()));
        }
        if batch.choices.parts.iter().all(Option::is_none) {
            return Err(RegisterError::Mapping(Vec::new()));
        }
        self.start(batch.id, (Stage::Preview, Stage::Checking)).await
    }

    /// Has the rows of a file that was checked written; only its good rows where `mode` says so.
    ///
    /// # Errors
    /// `Stage`, also when it has faults and all of it was wanted.
    pub async fn take(&self, batch: &Batch, mode: Mode) -> Result<(), RegisterError> {
        let faulty = i64::try_from(batch.report.rows_faulty).unwrap_or(i64::MAX);
        let is_fit = faulty == 0 || (mode == Mode::Good && faulty < batch.rows_total);
        if batch.stage != Stage::Checked || !is_fit || batch.rows_total == 0 || batch.report.refusal.is_some() {
            return Err(RegisterError::Stage);
        }
        let (mut choices, id, now) = (batch.choices.clone(), batch.id, self.now());
        choices.mode = mode;
        self.store()
            .write(move |tx| store::choose(tx, id, &choices, now))
            .await?;
        self.start(id, (Stage::Checked, Stage::Writing)).await
    }

    /// Asks for a stop at the next part.
    ///
    /// # Errors
    /// `Stage` when no rows come in.
    pub async fn pause(&self, batch: &Batch) -> Result<(), RegisterError> {
        let id = batch.id;
        let stops = self.store().write(move |tx| store::stop(tx, id)).await?;
        if stops { Ok(()) } else { Err(RegisterError::Stage) }
    }

    /// Goes on with a file that was stopped.
    ///
    /// # Errors
    /// `Stage`.
    pub async fn resume(&self, batch: &Batch) -> Result<(), RegisterError> {
        self.start(batch.id, (Stage::Paused, Stage::Writing)).await
    }

    /// Gives a file up of which nothing is in yet, or whose rows nobody saw.
    ///
    /// # Errors
    /// `Stage` while the program works on it, or when it is over.
    pub async fn drop_batch(&self, kind: &Arc<Kind>, batch: &Batch) -> Result<(), RegisterError> {
        let (id, now, stage) = (batch.id, self.now(), batch.stage);
        match stage {
            Stage::Preview | Stage::Checked => {
                let dropped = self
                    .store()
                    .write(move |tx| store::step(tx, id, (stage, Stage::Dropped), now))
                    .await?;
                if !dropped {
                    return Err(RegisterError::Stage);
                }
            }
            Stage::Paused => {
                let found = self.store().read(move |tx| store::import(tx, id)).await?;
                let import = found.ok_or(RegisterError::Stage)?;
                self.take_away(kind, &import).await?;
            }
            _ => return Err(RegisterError::Stage),
        }
        self.let_go(id, true).await
    }

    async fn let_go(&self, id: Uuid, with_mended: bool) -> Result<(), RegisterError> {
        let now = self.now();
        self.store()
            .write(move |tx| {
                for blob in store::let_go(tx, id, with_mended)? {
                    tx.erase_blob(blob, now)?;
                }
                Ok(())
            })
            .await
    }

    async fn later(&self, id: Uuid) -> Result<(), RegisterError> {
        let job = Job::new(self.world().as_ref(), JOB, payload(id)).at(self.now() + WAIT);
        self.store().write(move |tx| tx.enqueue(&job)).await?;
        Ok(())
    }

    /// Works on a file until it needs somebody again. Gives the stage at which it stands then.
    ///
    /// # Errors
    /// `Stage` when somebody else works on it; `ImportRuns` while another one is brought into the kind; what the store says.
    pub async fn work(&self, id: Uuid, progress: Progress) -> Result<Stage, RegisterError> {
        let (holder, now) = (kernel::id::uuid_v7(self.world().as_ref()), self.now());
        let Some(batch) = self.store().write(move |tx| store::hold(tx, id, holder, now)).await? else {
            let stands = self.store().read(move |tx| store::batch(tx, id)).await?;
            return stands.map(|batch| batch.stage).ok_or(RegisterError::NotFound);
        };
        let kind = self.kind(&batch.system, &batch.kind)?;
        if batch.stage == Stage::Undoing {
            self.take_back(&kind, &batch, holder).await?;
            return Ok(Stage::Undone);
        }
        let (file, _name) = self.opened(batch.source.ok_or(RegisterError::Stage)?).await?;
        let stage = batch.stage;
        let task = Task {
            register: self.clone(),
            kind: kind.clone(),
            file: Arc::new(file),
            handle: Handle::current(),
            batch,
            holder,
            progress,
        };
        if stage == Stage::Checking {
            return self.looked(task).await;
        }
        let written = tokio::task::spawn_blocking(move || (task.write(), task)).await;
        let (written, task) = written.map_err(Refusal::broken)?;
        match written {
            Ok(Done::Paused) => Ok(Stage::Paused),
            Ok(_) => Ok(Stage::Done),
            Err(
                error @ (RegisterError::Duplicate
                | RegisterError::File(_)
                | RegisterError::Mapping(_)
                | RegisterError::Refused(_)),
            ) => self.broken_off(&kind, &task, error).await,
            Err(error) => Err(error),
        }
    }

    /// What was checked does not hold any more: nothing of it stays, and it has to be checked again.
    async fn broken_off(&self, kind: &Arc<Kind>, task: &Task, error: RegisterError) -> Result<Stage, RegisterError> {
        use kernel::Fault as _;
        let (id, now) = (task.batch.id, self.now());
        tracing::warn!(import = %id, %error, "an import broke off");
        let found = self.store().read(move |tx| store::import(tx, id)).await?;
        if let Some(import) = found {
            let mut open = import.clone();
            open.id = id;
            self.rows_away(kind, &open).await?;
        }
        let mut report = task.batch.report.clone();
        report.refusal = Some(error.code().to_owned());
        let rows = task.batch.rows_total;
        let mended = task.batch.mended;
        self.store()
            .write(move |tx| {
                store::forget(tx, id)?;
                store::report(tx, id, &report, (rows, mended))?;
                store::step(tx, id, (Stage::Writing, Stage::Preview), now)?;
                Ok::<_, RegisterError>(())
            })
            .await?;
        Ok(Stage::Preview)
    }

    /// The first reading, and what it found.
    async fn looked(&self, task: Task) -> Result<Stage, RegisterError> {
        use kernel::Fault as _;
        let (id, old) = (task.batch.id, task.batch.mended);
        let looked = tokio::task::spawn_blocking(move || task.look(true))
            .await
            .map_err(Refusal::broken)?;
        let (stage, report, rows, mended) = match looked {
            Ok(looked) => {
                let mended = match looked.mended {
                    Some(file) => Some(self.keep(id, file, u64::MAX).await?),
                    None => None,
                };
                (Stage::Checked, looked.report, looked.rows, mended)
            }
            Err(error @ (RegisterError::Refused(_) | RegisterError::Mapping(_) | RegisterError::File(_))) => {
                tracing::info!(import = %id, %error, "a file cannot be read");
                let report = Report {
                    refusal: Some(error.code().to_owned()),
                    ..Report::default()
                };
                (Stage::Preview, report, 0, None)
            }
            Err(error) => return Err(error),
        };
        let now = self.now();
        self.store()
            .write(move |tx| {
                let kept = mended.as_ref().map(|mended| tx.attach_blob(mended)).transpose()?;
                if !store::step(tx, id, (Stage::Checking, stage), now)? {
                    return Err(RegisterError::Stage);
                }
                store::report(tx, id, &report, (count(rows), kept))?;
                if let Some(old) = old.filter(|old| Some(*old) != kept) {
                    tx.erase_blob(old, now)?;
                }
                Ok(stage)
            })
            .await
    }

    /// Goes on with what a killed program left: each file that is being worked on gets its job again, and what nobody went on
    /// with for [`KEPT_DAYS`] is given up.
    ///
    /// # Errors
    /// What the store says.
    pub async fn tidy_imports(&self) -> Result<(), RegisterError> {
        let before = self.now() - SignedDuration::from_hours(24 * KEPT_DAYS);
        for batch in self.store().read(move |tx| store::unended(tx, before)).await? {
            let Ok(kind) = self.kind(&batch.system, &batch.kind) else {
                continue;
            };
            match self.drop_batch(&kind, &batch).await {
                Ok(()) | Err(RegisterError::Stage) => {}
                Err(error) => return Err(error),
            }
        }
        for id in self
            .store()
            .read(move |tx| store::ended_with_faults(tx, before))
            .await?
        {
            self.let_go(id, true).await?;
        }
        Ok(())
    }

    /// Brings a file in from the command line: looked at, checked, written, with the same rules; one that was begun and killed
    /// goes on where it stood. What it found stands in its batch.
    ///
    /// # Errors
    /// As the steps of a page.
    pub async fn bring_in(
        &self,
        kind: &Arc<Kind>,
        path: &Path,
        (by, ask, crs, mode): (&By, Ask, Option<String>, Mode),
        progress: Progress,
    ) -> Result<Batch, RegisterError> {
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let (of, wanted) = (kind.clone(), name.clone());
        let begun = self
            .store()
            .read(move |tx| store::unfinished(tx, &of, &wanted, count(size)))
            .await?;
        let id = match begun {
            Some(batch) => {
                if batch.stage == Stage::Paused {
                    self.resume(&batch).await?;
                }
                batch.id
            }
            None => {
                let id = self.hand_in(kind, path, &name, by).await?;
                let batch = self.batch(kind, id).await?;
                let mut choices = batch.choices.clone();
                (choices.ask, choices.mode) = (ask, mode);
                choices.crs = crs.or(choices.crs);
                self.choose(kind, &batch, choices).await?;
                self.check(&self.batch(kind, id).await?).await?;
                id
            }
        };
        let mut stage = self.work(id, progress.clone()).await?;
        if stage == Stage::Checked {
            let batch = self.batch(kind, id).await?;
            match self.take(&batch, mode).await {
                Ok(()) => stage = self.work(id, progress).await?,
                Err(RegisterError::Stage) => return Ok(batch),
                Err(error) => return Err(error),
            }
        }
        tracing::info!(import = %id, %stage, "a file from the command line");
        self.batch(kind, id).await
    }
}
