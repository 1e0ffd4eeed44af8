//! The second reading of a file: its rows go in by the hundred, each part while the next one is read. Where it stopped it goes
//! on. Only good rows go in; of two with one key the first does.

use stranger::Row as Raw;
use tokio::task::JoinHandle;

use super::convert::Converter;
use super::look::Seen;
use super::take::Task;
use super::{CHUNK_ROWS, Faults, Import, Stage, store};
use crate::error::RegisterError;
use crate::record::{Record, rules};

type Pending = JoinHandle<Result<bool, RegisterError>>;

pub(super) struct Writing<'t> {
    task: &'t Task,
    import: &'t Import,
    converter: Converter<'t>,
    keys: Seen,
    part: Vec<Record>,
    pending: Option<Pending>,
    skip: u64,
    /// Rows of the file that were dealt with.
    pub(super) seen: u64,
    /// Rows that became records.
    pub(super) taken: u64,
}

impl<'t> Writing<'t> {
    pub(super) fn new(task: &'t Task, import: &'t Import, converter: Converter<'t>) -> Self {
        Self {
            task,
            import,
            converter,
            keys: Seen::default(),
            part: Vec::with_capacity(CHUNK_ROWS),
            pending: None,
            skip: u64::try_from(task.batch.rows_done).unwrap_or(0),
            seen: 0,
            taken: u64::try_from(task.batch.rows_taken).unwrap_or(0),
        }
    }

    /// Deals with a row; true when somebody stopped the import.
    pub(super) fn row(&mut self, raw: &Raw) -> Result<bool, RegisterError> {
        self.seen += 1;
        let is_old = self.seen <= self.skip;
        if is_old && self.converter.is_known {
            return Ok(false);
        }
        let mut faults = Faults::default();
        let taken = self.converter.row(raw, &mut faults);
        if !self.converter.is_known
            && let Some(key) = rules::key_fold(&self.task.kind, &taken.values)
            && self.keys.before(&key, taken.line).is_some()
        {
            faults.total += 1;
        }
        if is_old || faults.total > 0 {
            // Only good rows go in, when there are others: they were told by the first reading.
            return if faults.total > 0 && self.converter.is_known {
                Err(RegisterError::File("the file changed while it was read".to_owned()))
            } else {
                Ok(false)
            };
        }
        self.part.push(self.task.record(taken, self.import));
        if self.part.len() >= CHUNK_ROWS {
            self.send()
        } else {
            Ok(false)
        }
    }

    /// Sends a part; true when somebody stopped the import.
    fn send(&mut self) -> Result<bool, RegisterError> {
        let is_stopping = self.settle()?;
        let mut part = std::mem::replace(&mut self.part, Vec::with_capacity(CHUNK_ROWS));
        if !self.converter.is_known {
            self.without_taken(&mut part)?;
        }
        self.taken += part.len() as u64;
        let work = self.task.part(&part, (self.seen, self.taken));
        self.pending = Some(self.task.handle.spawn(work));
        if is_stopping {
            self.settle()?;
            let (id, now) = (self.task.batch.id, self.task.register.now());
            return self
                .task
                .write_now(move |tx| Ok(store::step(tx, id, (Stage::Writing, Stage::Paused), now)?));
        }
        Ok(false)
    }

    /// Takes out of a part what has a key that somebody took since the first reading, or had before.
    fn without_taken(&self, part: &mut Vec<Record>) -> Result<(), RegisterError> {
        let key = |record: &Record| rules::key_fold(&self.task.kind, &record.values);
        let taken = self.task.taken_keys(part.iter().filter_map(key).collect())?;
        part.retain(|record| key(record).is_none_or(|key| !taken.contains(&key)));
        Ok(())
    }

    /// Waits for the part that is under way; true when somebody wants a stop.
    pub(super) fn settle(&mut self) -> Result<bool, RegisterError> {
        let Some(pending) = self.pending.take() else {
            return Ok(false);
        };
        let done = self.task.handle.block_on(pending);
        let is_stopping = done.map_err(|error| RegisterError::File(error.to_string()))??;
        let total = u64::try_from(self.task.batch.rows_total).unwrap_or(0);
        (self.task.progress)(self.taken, Some(total));
        Ok(is_stopping)
    }

    /// The last part; true when somebody stopped the import before it.
    pub(super) fn end(&mut self) -> Result<bool, RegisterError> {
        if !self.part.is_empty() && self.send()? {
            return Ok(true);
        }
        self.settle()?;
        Ok(false)
    }
}
