//! What this crate holds true of its rows, looked at by `tinhso verify`: each fact is what follows from its dossier, each cell
//! what follows from its facts, each late fact has its causes. Refuses to take a delay for a fault: dossiers of which an event
//! still waits for the consumer are not looked at.

use std::sync::Arc;

use casework::dossier::DossierId;
use store::verify::{Check, Findings};
use store::{StoreError, Tx};
use uuid::Uuid;

use crate::cause;
use crate::cell::store as cells;
use crate::fact::jobs::CONSUMER;
use crate::fact::{months, store as table, years};

/// Dossiers that are compared in one statement.
const PART: i64 = 20_000;

/// The checks of this crate.
#[must_use]
pub fn checks() -> Vec<Arc<dyn Check>> {
    vec![Arc::new(Facts), Arc::new(Cells), Arc::new(Causes)]
}

/// Facts were never made: that is no fault, and nothing can be compared.
fn is_built(tx: &mut Tx, findings: &mut Findings) -> Result<bool, StoreError> {
    let built = table::built(tx)?.is_some();
    if !built {
        findings.note("the figures were not made yet; serving the province or `tinhso figures rebuild` makes them");
    }
    Ok(built)
}

struct Facts;

impl Check for Facts {
    fn name(&self) -> &'static str {
        "facts of figures"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        if !is_built(tx, findings)? {
            return Ok(());
        }
        let mut after = DossierId::from_uuid(Uuid::nil());
        while let Some(upto) = table::chunk(tx, after, PART)? {
            for code in table::wrong_facts(tx, after, upto, CONSUMER)? {
                findings.problem(code, "the fact that figures count is not what follows from the dossier");
            }
            after = upto;
        }
        for code in table::strangers(tx)? {
            findings.problem(code, "a fact of figures without a dossier");
        }
        findings.checked(u64::try_from(table::dossiers(tx)?).unwrap_or(0));
        Ok(())
    }
}

struct Cells;

impl Check for Cells {
    fn name(&self) -> &'static str {
        "cells of figures"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        if !is_built(tx, findings)? {
            return Ok(());
        }
        let extent = table::extent(tx)?;
        let months = extent.map_or_else(Vec::new, |(first, last)| months(first, last));
        let years = extent.map_or_else(Vec::new, |(first, last)| years(first, last));
        for (known, all) in [(cells::months(tx)?, &months), (cells::years(tx)?, &years)] {
            for name in known {
                if !all.iter().any(|one| one.names.0 == name) {
                    findings.problem(name, "cells of a time in which no fact counts");
                }
            }
        }
        let mut wrong = Vec::new();
        for month in &months {
            wrong.extend(
                cells::wrong_in_month(tx, month)?
                    .into_iter()
                    .map(|one| (&month.names.0, one)),
            );
        }
        for year in &years {
            wrong.extend(
                cells::wrong_in_year(tx, year)?
                    .into_iter()
                    .map(|one| (&year.names.0, one)),
            );
        }
        for (name, (level, count)) in wrong {
            let what = format!("{count} cells are not what follows from what they count");
            findings.problem(format!("{name} {level}"), what);
        }
        findings.checked((months.len() + years.len()) as u64);
        Ok(())
    }
}

struct Causes;

impl Check for Causes {
    fn name(&self) -> &'static str {
        "causes of delay"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        if !is_built(tx, findings)? {
            return Ok(());
        }
        for code in cause::store::broken(tx)? {
            findings.problem(code, "late without a cause, or with a cause and not late");
        }
        let extent = table::extent(tx)?;
        let months = extent.map_or_else(Vec::new, |(first, last)| months(first, last));
        for name in cause::cell::store::months(tx)? {
            if !months.iter().any(|one| one.names.0 == name) {
                findings.problem(name, "cells of causes of a time in which no fact counts");
            }
        }
        for month in &months {
            let wrong = cause::cell::store::wrong_in_month(tx, month)?;
            if wrong > 0 {
                let what = format!("{wrong} cells of causes are not what follows from the late dossiers");
                findings.problem(month.names.0.clone(), what);
            }
        }
        findings.checked(1 + months.len() as u64);
        Ok(())
    }
}
