//! The first reading of a file: every row, every fault, keys that stand twice or are taken, names that are like others. Rows wait
//! by the hundred for what the tables say of them. It writes nothing but how far it is.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use stranger::{End, Refusal, Row as Raw};
use uuid::Uuid;

use super::convert::Converter;
use super::mend::Mend;
use super::take::{Looked, Task, count, unreadable};
use super::{Alike, CHUNK_ROWS, Faults, ROWS_MAX, Report, RowFault, Stage, Told, store};
use crate::error::{RegisterError, What, Wrong};
use crate::geometry::crs::Doubt;
use crate::kind::Kind;
use crate::record::view::wrong_words;
use crate::record::{rules, store as records};

/// Faults and likenesses that a report keeps in words.
const TOLD_MAX: usize = 200;
/// Rows between two words about how far the looking is.
const LOOK_ROWS: u64 = 5_000;

/// Texts that were seen, by their hash: a million of them as texts would take a hundred megabytes.
#[derive(Default)]
pub(super) struct Seen {
    hasher: RandomState,
    lines: HashMap<u64, u32>,
}

impl Seen {
    /// The line at which the text stood before; remembers this one when it is the first.
    pub(super) fn before(&mut self, text: &str, line: u64) -> Option<u64> {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        match self.lines.entry(self.hasher.hash_one(text)) {
            std::collections::hash_map::Entry::Occupied(entry) => Some(u64::from(*entry.get())),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(line);
                None
            }
        }
    }
}

/// A row that waits for what the tables say of it.
struct Waiting {
    raw: Option<Raw>,
    line: u64,
    key: Option<String>,
    name: Option<String>,
    faults: Faults,
}

pub(super) struct Look<'t> {
    task: &'t Task,
    keys: Seen,
    names: Seen,
    waiting: Vec<Waiting>,
    mend: Option<Mend>,
    looked: Looked,
}

impl<'t> Look<'t> {
    pub(super) fn new(task: &'t Task, mend: Option<Mend>) -> Self {
        Self {
            task,
            keys: Seen::default(),
            names: Seen::default(),
            waiting: Vec::new(),
            mend,
            looked: Looked {
                rows: 0,
                faults: Faults::default(),
                report: Report::default(),
                mended: None,
            },
        }
    }

    pub(super) fn row(&mut self, converter: &Converter<'_>, raw: Raw) -> Result<(), RegisterError> {
        self.looked.rows += 1;
        if self.looked.rows > ROWS_MAX {
            return Err(Refusal::too_large("rows").into());
        }
        let mut faults = Faults::default();
        let taken = converter.row(&raw, &mut faults);
        let (kind, line) = (&self.task.kind, taken.line);
        let mut key = rules::key_fold(kind, &taken.values);
        if let Some(before) = key.as_ref().and_then(|key| self.keys.before(key, line)) {
            faults.add(line, "", Wrong::new("", What::Duplicate(Some(before))));
            key = None;
        }
        let mut name = rules::name_fold(kind, &taken.values);
        if let Some(before) = name.as_ref().and_then(|name| self.names.before(name, line)) {
            self.alike(line, Some(before), None);
            name = None;
        }
        match taken.doubt {
            None => {}
            Some(doubt) => {
                self.looked.report.outside += 1;
                self.looked.report.swapped += u64::from(doubt == Doubt::Swapped);
            }
        }
        let raw = self.mend.is_some().then_some(raw);
        self.waiting.push(Waiting {
            raw,
            line,
            key,
            name,
            faults,
        });
        if self.waiting.len() >= CHUNK_ROWS {
            self.settle()?;
        }
        if self.looked.rows.is_multiple_of(LOOK_ROWS) {
            self.told()?;
        }
        Ok(())
    }

    fn alike(&mut self, row: u64, other_row: Option<u64>, record: Option<Uuid>) {
        let report = &mut self.looked.report;
        report.alike_total += 1;
        if report.alike.len() < TOLD_MAX {
            report.alike.push(Alike { row, other_row, record });
        }
    }

    /// Says how far the looking is; ends it when somebody else took the file over or gave it up.
    fn told(&mut self) -> Result<(), RegisterError> {
        let (task, now) = (self.task, self.task.register.now());
        (task.progress)(self.looked.rows, None);
        if task.batch.stage != Stage::Checking {
            return Ok(());
        }
        let (id, holder, rows) = (task.batch.id, task.holder, count(self.looked.rows));
        let held = task.write_now(move |tx| Ok(store::advance(tx, (id, holder), (rows, 0), now)?))?;
        if held.is_none() {
            Err(RegisterError::Stage)
        } else {
            Ok(())
        }
    }

    /// Asks the tables about the rows that wait.
    fn settle(&mut self) -> Result<(), RegisterError> {
        let waiting = std::mem::take(&mut self.waiting);
        let taken = self
            .task
            .taken_keys(waiting.iter().filter_map(|row| row.key.clone()).collect())?;
        let names: Vec<String> = waiting.iter().filter_map(|row| row.name.clone()).collect();
        let kind = self.task.kind.clone();
        let alike = if names.is_empty() {
            Vec::new()
        } else {
            let read = self
                .task
                .register
                .store()
                .read(move |tx| records::with_names(tx, &kind, &names));
            self.task.handle.block_on(read)?
        };
        for mut row in waiting {
            if row.key.as_ref().is_some_and(|key| taken.contains(key)) {
                row.faults.add(row.line, "", Wrong::new("", What::Duplicate(None)));
            } else if let Some((_, record)) = alike.iter().find(|(name, _)| Some(name) == row.name.as_ref()) {
                self.alike(row.line, None, Some(record.uuid()));
            }
            let (report, total) = (&mut self.looked.report, &mut self.looked.faults);
            report.faults_total += row.faults.total;
            report.rows_faulty += u64::from(row.faults.total > 0);
            let told = row
                .faults
                .list
                .iter()
                .take(TOLD_MAX.saturating_sub(report.faults.len()));
            report.faults.extend(told.map(|fault| told_of(&self.task.kind, fault)));
            if let (Some(mend), Some(raw)) = (&mut self.mend, &row.raw) {
                mend.row(&self.task.kind, raw, &row.faults.list).map_err(unreadable)?;
            }
            for fault in row.faults.list {
                total.add(fault.row, &fault.column, fault.wrong);
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self, end: End) -> Result<Looked, RegisterError> {
        self.settle()?;
        self.told()?;
        let report = &mut self.looked.report;
        (report.formulas, report.merged, report.heights) = (end.formulas, end.merged, end.heights);
        self.looked.mended = match self.mend {
            Some(mend) => mend.finish().map_err(unreadable)?,
            None => None,
        };
        Ok(self.looked)
    }
}

fn told_of(kind: &Kind, fault: &RowFault) -> Told {
    let words = wrong_words(kind, &fault.wrong);
    Told {
        row: fault.row,
        column: fault.column.clone(),
        vi: words.get(kernel::Lang::Vi).to_owned(),
        en: words.get(kernel::Lang::En).to_owned(),
    }
}
