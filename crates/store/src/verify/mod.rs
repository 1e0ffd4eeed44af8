//! Verify: everything a province has stored, held to its own sums, references and keys. Owns the report and the checks
//! that need no knowledge of a table; crates above declare theirs. It changes nothing and runs beside a serving process.
//! Law: TCVN 11930:2017, level 3 (checks of the integrity of data).

mod blobs;
mod engine;
mod references;
mod rows;
#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::Timestamp;
use serde::Serialize;

use crate::{
    Store, StoreError, Tx,
    catalog::Schema,
    keys::{self, SealedColumn},
};

/// Problems kept in a report; more are only counted.
const PROBLEMS_MAX: usize = 10_000;

/// What a crate holds true of its own rows: a sum, a chain, an invariant over several tables.
pub trait Check: Send + Sync {
    /// Its name in the report, `audit.chain`.
    fn name(&self) -> &'static str;

    /// Looks, counts, and tells what is wrong.
    ///
    /// # Errors
    /// Faults of the store. What is wrong with the data is no error but a finding.
    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError>;
}

/// What is to be looked at.
#[derive(Clone, Default)]
pub struct Plan {
    /// The checks of the crates above.
    pub checks: Vec<Arc<dyn Check>>,
    /// The sealed columns of the crates above.
    pub sealed: Vec<SealedColumn>,
    /// How much of what is dear to look at.
    pub depth: Depth,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.checks.iter().map(|check| check.name()).collect();
        f.debug_struct("Plan")
            .field("checks", &names)
            .field("depth", &self.depth)
            .finish_non_exhaustive()
    }
}

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// Everything: each object is read, each sealed value opened.
    #[default]
    Full,
    /// Every hundredth object and sealed value, and that the others are there.
    Sample,
}

impl Depth {
    fn step(self) -> u64 {
        match self {
            Depth::Full => 1,
            Depth::Sample => 100,
        }
    }
}

/// What one check has seen so far.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Findings {
    /// Things looked at.
    pub checked: u64,
    /// What is wrong, at most 10,000.
    pub problems: Vec<Problem>,
    /// How many problems there are in all.
    pub problems_total: u64,
    /// What is worth knowing and not wrong.
    pub notes: Vec<String>,
}

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where: a table and the key of a row, a blob.
    pub place: String,
    /// What.
    pub what: String,
}

impl Findings {
    /// Counts things that were looked at.
    pub fn checked(&mut self, count: u64) {
        self.checked += count;
    }

    /// Tells what is wrong. Neither text holds personal data.
    pub fn problem(&mut self, place: impl Into<String>, what: impl std::fmt::Display) {
        self.problems_total += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem {
                place: place.into(),
                what: what.to_string(),
            });
        }
    }

    /// Tells what is worth knowing.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

/// The findings of one check.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// The check.
    pub name: String,
    /// What it found.
    pub findings: Findings,
}

/// The findings of all checks.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyReport {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// One section a check.
    pub sections: Vec<Section>,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems_total() == 0
    }

    /// How many problems there are.
    pub fn problems_total(&self) -> u64 {
        self.sections
            .iter()
            .map(|section| section.findings.problems_total)
            .sum()
    }

    /// The section of this name.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

impl std::fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for Section { name, findings } in &self.sections {
            writeln!(
                f,
                "{name:<24}{:>12} checked{:>8} wrong",
                findings.checked, findings.problems_total
            )?;
            for note in &findings.notes {
                writeln!(f, "    note: {note}")?;
            }
            for problem in &findings.problems {
                writeln!(f, "    {}: {}", problem.place, problem.what)?;
            }
        }
        write!(
            f,
            "{} problems, in {:.1} s",
            self.problems_total(),
            self.took.as_secs_f64()
        )
    }
}

/// Looks at everything that `plan` names, and at what this crate knows of itself.
///
/// # Errors
/// Faults of the store that keep a check from being made at all. What is wrong with the data is in the report.
pub async fn verify(store: &Store, plan: &Plan) -> Result<VerifyReport, StoreError> {
    let (started_at, started) = (store.world().now(), Instant::now());
    let mut sections = Vec::new();
    let mut section = |name: &str, findings| {
        sections.push(Section {
            name: name.to_owned(),
            findings,
        })
    };
    section("engine", survived(engine::check(store).await)?);
    section("migrations", survived(migrations(store).await)?);
    section("rows", survived(rows::check(store).await)?);
    section("references", survived(references::check(store).await)?);
    section("blobs", survived(blobs::check(store, plan.depth).await)?);
    section("sealed", survived(sealed(store, plan).await)?);
    for check in &plan.checks {
        section(check.name(), survived(declared(store, check.clone()).await)?);
    }
    Ok(VerifyReport {
        started_at,
        took: started.elapsed(),
        sections,
    })
}

/// Damage that ends a check is a finding of it, and the next check goes on.
fn survived(done: Result<Findings, StoreError>) -> Result<Findings, StoreError> {
    match done {
        Err(fault @ (StoreError::Corrupt(_) | StoreError::Column { .. } | StoreError::Aborted(_))) => {
            let mut findings = Findings::default();
            findings.problem("database", format!("{fault}; this check ended here"));
            Ok(findings)
        }
        done => done,
    }
}

/// The checksums were held to the program when the store was opened: a changed or unknown one keeps it shut.
async fn migrations(store: &Store) -> Result<Findings, StoreError> {
    let count = store
        .read(|tx| tx.one("SELECT count(*) FROM schema_migration", &[], |row| row.get::<i64>(0)))
        .await?;
    let mut findings = Findings::default();
    findings.checked(count.unsigned_abs());
    Ok(findings)
}

async fn sealed(store: &Store, plan: &Plan) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    for column in keys::OWN.iter().chain(&plan.sealed) {
        let mut failed = Vec::new();
        let opened = keys::check_sealed(store, *column, plan.depth.step(), |failure| failed.push(failure)).await?;
        findings.checked(opened);
        for failure in failed {
            findings.problem(format!("{} {}", failure.place, failure.row), failure.fault);
        }
    }
    Ok(findings)
}

async fn declared(store: &Store, check: Arc<dyn Check>) -> Result<Findings, StoreError> {
    store
        .read(move |tx| {
            let mut findings = Findings::default();
            check.run(tx, &mut findings)?;
            Ok(findings)
        })
        .await
}

async fn schema(store: &Store) -> Result<Schema, StoreError> {
    store.read(Schema::read).await
}
