//! Applying a province's own folders: checked as a whole, shown with what they change, then stored as new versions that hold
//! from their day. A system of the same code takes the place of the one that comes with the program, at every start after.
//! It refuses a folder with any fault, and changes nothing then. Running it again with the same folders does nothing.

use std::collections::BTreeMap;

use definition::System;
use definition::procedure::{Component, Procedure};
use kernel::{Date, Timestamp};
use store::{Store, StoreError};

use super::store::{self as table, Applied};
use super::{Folder, Pin, check, systems};
use crate::process::{self, Shipped, agencies};

/// A folder of a system: its name, and its files by their path inside it.
pub type Files = (String, Vec<(String, String)>);

/// Folders that cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Faults, each with its folder.
    #[error("the definitions have faults")]
    Faulty(Vec<(String, definition::Faults)>),
    /// The table said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What applying a system changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its code.
    pub system: String,
    /// The version that held, if one did.
    pub from: Option<u32>,
    /// The version that comes.
    pub to: u32,
    /// The day from which it holds.
    pub valid_from: Date,
    /// Procedures that come, go or change, each with what of it.
    pub procedures: Vec<ProcedureChange>,
    /// Drafts that were begun for one of them.
    pub drafts: i64,
}

/// What becomes of one procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureChange {
    /// Its national code.
    pub code: String,
    /// Its name in the folder.
    pub name: String,
    /// What changes.
    pub what: Vec<Part>,
}

/// A part of a procedure's definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The procedure is new.
    Added,
    /// It is no longer defined.
    Removed,
    /// Time to settle.
    Time,
    /// Fee.
    Fee,
    /// Papers.
    Papers,
    /// Fields of the form.
    Form,
    /// Steps, performers, quotas, what they bring about.
    Steps,
    /// Something else: conditions, texts.
    Words,
}

/// A system that is ready to be stored.
struct Ready {
    change: Change,
    pin: Pin,
    files: Vec<(String, String)>,
    processes: Vec<Shipped>,
    codes: Vec<String>,
}

/// Checks folders and says what applying them would change; those that hold already change nothing.
///
/// # Errors
/// Every fault of every folder at once; what the store says.
pub async fn plan(store: &Store, folders: &[Files], today: Date) -> Result<Vec<Change>, ApplyError> {
    Ok(ready(store, folders, today)
        .await?
        .into_iter()
        .map(|one| one.change)
        .collect())
}

/// Applies folders: one transaction for all of them. Says what changed.
///
/// # Errors
/// As [`plan`]; nothing is stored then.
pub async fn apply(store: &Store, folders: &[Files], now: Timestamp) -> Result<Vec<Change>, ApplyError> {
    let ready = ready(store, folders, now.local_date()).await?;
    let changes = ready.iter().map(|one| one.change.clone()).collect();
    if ready.is_empty() {
        return Ok(changes);
    }
    store
        .write(move |tx| {
            for one in &ready {
                one.pin.keep_folder(tx, &one.files, now)?;
                let last = table::applied(tx)?
                    .into_iter()
                    .filter(|row| row.pin.system == one.pin.system);
                let row = Applied {
                    seq: last.map(|row| row.seq).max().unwrap_or(0) + 1,
                    pin: one.pin.clone(),
                    valid_from: one.change.valid_from,
                };
                table::apply(tx, &row, now)?;
                process::seed_in(tx, &one.processes, now, one.change.valid_from)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(changes)
}

async fn ready(store: &Store, folders: &[Files], today: Date) -> Result<Vec<Ready>, ApplyError> {
    let named: Vec<(&str, Folder<'_>)> = folders
        .iter()
        .map(|(name, files)| {
            let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
            (name.as_str(), files.collect())
        })
        .collect();
    let (mut sound, mut faulty) = (Vec::new(), Vec::new());
    for ((name, read), (_, files)) in check(&named).into_iter().zip(&named) {
        match read {
            Ok(system) => sound.push((system, files)),
            Err(faults) => faulty.push((name, faults)),
        }
    }
    if !faulty.is_empty() {
        return Err(ApplyError::Faulty(faulty));
    }
    let applied = store.read(table::applied).await?;
    let mut all = Vec::new();
    for (system, files) in sound {
        let pin = Pin::named(&system, files);
        let last = applied
            .iter()
            .filter(|row| row.pin.system == system.code)
            .max_by_key(|row| row.seq);
        let held = match last {
            Some(row) if row.pin.digest == pin.digest => continue,
            Some(row) => Some(row.pin.system(store).await?),
            None => systems().iter().find(|one| one.code == system.code),
        };
        let shipped = held.and_then(|held| {
            held.procedures.first().map(|procedure| super::Defined {
                system: held,
                procedure,
            })
        });
        if last.is_none()
            && shipped
                .as_ref()
                .and_then(Pin::of)
                .is_some_and(|shipped| shipped.digest == pin.digest)
        {
            continue;
        }
        all.push(prepared(system, held, pin, files, today));
    }
    for one in &mut all {
        let codes = one.codes.clone();
        one.change.drafts = store.read(move |tx| crate::draft::store::count_of(tx, &codes)).await?;
    }
    Ok(all)
}

fn prepared(system: System, held: Option<&System>, pin: Pin, files: &[(&str, &str)], today: Date) -> Ready {
    let around = agencies::surroundings();
    let processes = system.procedures.iter().filter_map(|procedure| {
        let process = definition::procedure::Process::of(procedure, &system.texts, &around).ok()?;
        Some(Shipped {
            procedure: procedure.code.clone(),
            origin: system.code.clone(),
            text: process.write(),
        })
    });
    let mut files: Vec<(String, String)> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    files.sort_unstable();
    Ready {
        processes: processes.collect(),
        codes: system.procedures.iter().map(|one| one.code.to_string()).collect(),
        change: Change {
            system: system.code.clone(),
            from: held.map(|held| held.version),
            to: system.version,
            valid_from: system.valid_from.max(today),
            procedures: procedures(held, &system),
            drafts: 0,
        },
        pin,
        files,
    }
}

/// What becomes of each procedure, by code.
fn procedures(old: Option<&System>, new: &System) -> Vec<ProcedureChange> {
    let by_code = |system: &System| -> BTreeMap<String, Procedure> {
        let all = system.procedures.iter();
        all.map(|one| (one.code.to_string(), one.clone())).collect()
    };
    let (was, is) = (old.map(by_code).unwrap_or_default(), by_code(new));
    let mut changes = Vec::new();
    for (code, procedure) in &is {
        let what = match was.get(code) {
            None => vec![Part::Added],
            Some(before) => parts(before, procedure, old.is_some_and(|old| old.texts != new.texts)),
        };
        if !what.is_empty() {
            changes.push(ProcedureChange {
                code: code.clone(),
                name: procedure.name.clone(),
                what,
            });
        }
    }
    let gone = was.iter().filter(|(code, _)| !is.contains_key(*code));
    changes.extend(gone.map(|(code, before)| ProcedureChange {
        code: code.clone(),
        name: before.name.clone(),
        what: vec![Part::Removed],
    }));
    changes
}

/// What differs of a procedure. Where something stands in its file is no difference.
fn parts(old: &Procedure, new: &Procedure, other_words: bool) -> Vec<Part> {
    let papers = |one: &Procedure| -> Vec<_> {
        let of = |paper: &Component| {
            let when = paper.when.as_ref().map(ToString::to_string);
            (paper.name.clone(), when, paper.clause.clone(), paper.example.clone())
        };
        one.components.iter().map(of).collect()
    };
    let form = |one: &Procedure| -> Vec<_> {
        let fields = one.form.iter();
        fields
            .map(|field| {
                let when = field.when.as_ref().map(ToString::to_string);
                (field.name.clone(), field.required, when)
            })
            .collect()
    };
    let steps = |one: &Procedure| -> Vec<_> {
        let steps = one.steps.iter();
        steps
            .map(|step| (step.name.clone(), step.by.role.clone(), step.quota, step.then.clone()))
            .collect()
    };
    let fee = |one: &Procedure| one.fee.as_ref().map(|fee| (fee.desk, fee.online, fee.post));
    let mut parts = Vec::new();
    let mut add = |is_other: bool, part| {
        if is_other {
            parts.push(part);
        }
    };
    add(old.settle != new.settle, Part::Time);
    add(fee(old) != fee(new), Part::Fee);
    add(papers(old) != papers(new), Part::Papers);
    add(form(old) != form(new) || old.lookups != new.lookups, Part::Form);
    add(steps(old) != steps(new), Part::Steps);
    add(
        other_words || old.title != new.title || old.basis != new.basis,
        Part::Words,
    );
    parts
}
