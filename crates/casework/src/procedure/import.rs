//! Brings a list of procedures into the catalogue: one JSON object of [`Procedure`] a line. Running it twice changes nothing;
//! a changed procedure gets a new version, which holds from its day and, where the terms say so, not before somebody else has
//! approved it; a line that cannot be read is reported with its number and the rest goes on.
//! Refuses to guess and to delete: see `store.rs`.

use std::io::BufRead;

use kernel::{Date, Timestamp, World};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use store::{Store, StoreError, Tx};

use super::Procedure;
use super::store as table;
use super::version::{self, Standing, Version, store as versions};

/// Procedures written in one transaction.
const CHUNK: usize = 100;

/// Longest line that is read, in bytes.
const LINE_BYTES_MAX: usize = 2 << 20;

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Lines with something on them.
    pub lines: usize,
    /// New procedures.
    pub added: usize,
    /// Procedures that got a new version.
    pub changed: usize,
    /// Procedures that were there, word for word.
    pub unchanged: usize,
    /// Of the new and changed ones, those that wait for an approval.
    pub waiting: usize,
    /// Procedures that left the list (only for a complete list).
    pub withdrawn: usize,
    /// Lines that could not be read: number and reason, at most 1,000.
    pub faults: Vec<(usize, String)>,
}

/// Whether the file is the whole catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// Some procedures; the others stay.
    #[default]
    Partial,
    /// All of them; what is missing is withdrawn.
    Complete,
}

/// From which day what comes holds, who brings it, and whether somebody else approves it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The first day of every version that comes. Without one, what is new holds from its own first day, and what changes from
    /// that day or from today, whichever is later.
    pub valid_from: Option<Date>,
    /// Who brings it.
    pub made_by: String,
    /// It waits for the approval of somebody else.
    pub waits: bool,
}

impl Terms {
    /// What comes with the program, or makes a province: nobody has to approve it.
    #[must_use]
    pub fn shipped() -> Self {
        Self {
            valid_from: None,
            made_by: "tinhso".to_owned(),
            waits: false,
        }
    }

    /// What a person brings: it waits for another.
    #[must_use]
    pub fn proposed(valid_from: Option<Date>, made_by: String) -> Self {
        Self {
            valid_from,
            made_by,
            waits: true,
        }
    }

    /// The first day of a version.
    fn day(&self, own: Date, is_new: bool, today: Date) -> Date {
        match self.valid_from {
            Some(day) => day,
            None if is_new => own,
            None => own.max(today),
        }
    }
}

/// An import that could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("the file of procedures cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The catalogue cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl kernel::Fault for ImportError {
    fn kind(&self) -> kernel::ErrorKind {
        match self {
            Self::Read(_) => kernel::ErrorKind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Read(_) => "internal",
            Self::Store(error) => error.code(),
        }
    }
}

/// One procedure ready to be stored: everything that costs time is done outside of the transaction.
struct Ready {
    procedure: Procedure,
    content: serde_json::Value,
    sha256: Vec<u8>,
}

/// Imports `reader` as it comes with the program. Each chunk is one transaction; `progress` hears how many lines are done.
///
/// # Errors
/// When the file cannot be read on or the store refuses; what was imported until then stays, and the next run completes it.
pub async fn import(
    store: &Store,
    world: &dyn World,
    reader: impl BufRead,
    extent: Extent,
    progress: impl FnMut(usize),
) -> Result<ImportReport, ImportError> {
    import_under(store, world, reader, extent, &Terms::shipped(), progress).await
}

/// Imports `reader` under terms, else as [`import`].
///
/// # Errors
/// As [`import`].
pub async fn import_under(
    store: &Store,
    world: &dyn World,
    reader: impl BufRead,
    extent: Extent,
    terms: &Terms,
    mut progress: impl FnMut(usize),
) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport::default();
    let mut seen = Vec::new();
    let mut chunk = Vec::with_capacity(CHUNK);
    for (at, line) in reader.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        report.lines += 1;
        match ready(&line) {
            Ok(procedure) => chunk.push(procedure),
            Err(reason) if report.faults.len() < 1000 => report.faults.push((at + 1, reason)),
            Err(_) => {}
        }
        if chunk.len() == CHUNK {
            let chunk = std::mem::take(&mut chunk);
            seen.extend(write_chunk(store, world, chunk, terms, &mut report).await?);
            progress(report.lines);
        }
    }
    seen.extend(write_chunk(store, world, chunk, terms, &mut report).await?);
    if extent == Extent::Complete && report.faults.is_empty() {
        report.withdrawn = withdraw_missing(store, world, seen).await?;
    }
    if report.added + report.changed + report.withdrawn > 0 {
        let now = world.now();
        store.write(move |tx| table::bump_revision(tx, now)).await?;
    }
    progress(report.lines);
    Ok(report)
}

fn ready(line: &str) -> Result<Ready, String> {
    if line.len() > LINE_BYTES_MAX {
        return Err(format!("the line is longer than {LINE_BYTES_MAX} bytes"));
    }
    let procedure: Procedure = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if procedure.name.vi.trim().is_empty() {
        return Err("the procedure has no name".to_owned());
    }
    let text = serde_json::to_string(&procedure).map_err(|error| error.to_string())?;
    let content = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok(Ready {
        procedure,
        content,
        sha256: digest(&SHA256, text.as_bytes()).as_ref().to_vec(),
    })
}

#[derive(Clone, Copy)]
enum Fate {
    Added,
    Changed,
    Unchanged,
}

async fn write_chunk(
    store: &Store,
    world: &dyn World,
    chunk: Vec<Ready>,
    terms: &Terms,
    report: &mut ImportReport,
) -> Result<Vec<String>, ImportError> {
    if chunk.is_empty() {
        return Ok(Vec::new());
    }
    let now = world.now();
    let codes = chunk.iter().map(|ready| ready.procedure.code.to_string()).collect();
    let terms = terms.clone();
    let waits = terms.waits;
    let fates = store
        .write(move |tx| {
            let mut fates = Vec::with_capacity(chunk.len());
            for ready in &chunk {
                fates.push(write_one(tx, ready, &terms, now)?);
            }
            version::activate(tx, now.local_date())?;
            Ok::<_, StoreError>(fates)
        })
        .await?;
    for fate in fates {
        match fate {
            Fate::Added => report.added += 1,
            Fate::Changed => report.changed += 1,
            Fate::Unchanged => report.unchanged += 1,
        }
        report.waiting += usize::from(waits && !matches!(fate, Fate::Unchanged));
    }
    Ok(codes)
}

/// Writes one procedure as its next version, unless the newest one says the same.
fn write_one(tx: &mut Tx, ready: &Ready, terms: &Terms, now: Timestamp) -> Result<Fate, StoreError> {
    let code = &ready.procedure.code;
    let newest = versions::newest(tx, code)?;
    if newest.as_ref().is_some_and(|(_, sha256)| *sha256 == ready.sha256) {
        let withdrawn = table::current(tx, code)?.is_some_and(|current| current.is_withdrawn);
        if withdrawn {
            table::reinstate(tx, code)?;
            return Ok(Fate::Changed);
        }
        return Ok(Fate::Unchanged);
    }
    let own = ready.procedure.valid_from;
    let row = Version {
        code: code.clone(),
        version: versions::last_number(tx, code)? + 1,
        holds_from: terms.day(own, newest.is_none(), now.local_date()),
        standing: if terms.waits {
            Standing::Waiting
        } else {
            Standing::Approved
        },
        made_by: terms.made_by.clone(),
        made_at: now,
        decided: (!terms.waits).then(|| (terms.made_by.clone(), now)),
    };
    versions::insert(tx, &row, &ready.content, &ready.sha256, own)?;
    Ok(if newest.is_some() { Fate::Changed } else { Fate::Added })
}

async fn withdraw_missing(store: &Store, world: &dyn World, seen: Vec<String>) -> Result<usize, ImportError> {
    let now = world.now();
    let seen: std::collections::HashSet<String> = seen.into_iter().collect();
    let gone: Vec<String> = store
        .read(table::codes)
        .await?
        .into_iter()
        .filter(|code| !seen.contains(code))
        .collect();
    let count = gone.len();
    for part in gone.chunks(CHUNK).map(<[String]>::to_vec) {
        store
            .write(move |tx| {
                for code in &part {
                    table::withdraw(tx, code, now)?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    Ok(count)
}
