//! Brings a list of procedures into the catalogue: one JSON object of [`Procedure`] a line. Running it twice changes nothing;
//! a changed procedure gets a new version; a line that cannot be read is reported with its number and the rest goes on.
//! Refuses to guess and to delete: see `store.rs`.

use std::io::BufRead;

use kernel::World;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use store::{Store, StoreError};

use super::store as table;
use super::{Procedure, Summary};

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

/// Imports `reader`. Each chunk is one transaction; `progress` hears how many lines are done.
///
/// # Errors
/// When the file cannot be read on or the store refuses; what was imported until then stays, and the next run completes it.
pub async fn import(
    store: &Store,
    world: &dyn World,
    reader: impl BufRead,
    extent: Extent,
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
            seen.extend(write_chunk(store, world, std::mem::take(&mut chunk), &mut report).await?);
            progress(report.lines);
        }
    }
    seen.extend(write_chunk(store, world, chunk, &mut report).await?);
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
    report: &mut ImportReport,
) -> Result<Vec<String>, ImportError> {
    if chunk.is_empty() {
        return Ok(Vec::new());
    }
    let now = world.now();
    let codes = chunk.iter().map(|ready| ready.procedure.code.to_string()).collect();
    let fates = store
        .write(move |tx| {
            let mut fates = Vec::with_capacity(chunk.len());
            for ready in &chunk {
                let found = table::current(tx, &ready.procedure.code)?;
                let version = found.as_ref().map_or(1, |current| current.version + 1);
                match found {
                    Some(current) if current.sha256 == ready.sha256 => {
                        if current.is_withdrawn {
                            table::reinstate(tx, &ready.procedure.code)?;
                            fates.push(Fate::Changed);
                        } else {
                            fates.push(Fate::Unchanged);
                        }
                        continue;
                    }
                    Some(_) => fates.push(Fate::Changed),
                    None => fates.push(Fate::Added),
                }
                let summary = serde_json::to_value(Summary::of(&ready.procedure, version)).unwrap_or_default();
                table::put(
                    tx,
                    &ready.procedure,
                    &ready.content,
                    &summary,
                    version,
                    &ready.sha256,
                    now,
                )?;
            }
            Ok::<_, StoreError>(fates)
        })
        .await?;
    for fate in fates {
        match fate {
            Fate::Added => report.added += 1,
            Fate::Changed => report.changed += 1,
            Fate::Unchanged => report.unchanged += 1,
        }
    }
    Ok(codes)
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
