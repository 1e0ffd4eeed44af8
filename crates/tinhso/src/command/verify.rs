//! `tinhso verify`: everything that can be checked is checked, beside a serving process, and nothing is changed.
//! It repairs nothing: what is wrong is listed, and the exit code says so.

use crate::Error;
use crate::cli::Place;
use crate::console::say;
use crate::place::open_store;
use std::sync::Arc;
use store::keys::KeyRing;
use store::verify::{Check, Depth, Findings, Plan};
use store::{Mode, StoreError, Tx};

/// The chain of the audit log.
#[derive(Debug)]
struct AuditChain;

impl Check for AuditChain {
    fn name(&self) -> &'static str {
        "audit log"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        findings.checked(1);
        for fault in identity::audit::verify_in_words(tx)? {
            findings.problem("audit log", fault);
        }
        Ok(())
    }
}

/// What is checked beyond what the store checks of itself.
#[must_use]
pub fn plan(keys: &KeyRing) -> Plan {
    let mut checks: Vec<Arc<dyn Check>> = vec![Arc::new(AuditChain)];
    checks.extend(payment::checks());
    checks.extend(casework::checks());
    checks.extend(ledger::checks(keys));
    checks.extend(indicator::checks());
    checks.extend(exchange::checks(keys));
    Plan {
        checks,
        sealed: crate::sealed_columns(),
        depth: Depth::Full,
    }
}

/// Runs the command.
/// # Errors
/// `Error::Found` when anything is wrong; each fault has been printed.
pub async fn run(place: &Place) -> Result<(), Error> {
    let store = open_store(&place.configuration()?, Mode::Beside).await?;
    let report = store::verify::verify(&store, &plan(&store.keys())).await?;
    for section in &report.sections {
        let findings = &section.findings;
        say(format_args!(
            "  {:24} {:>9} checked, {} faults",
            section.name, findings.checked, findings.problems_total
        ));
        for problem in &findings.problems {
            say(format_args!("    {}: {}", problem.place, problem.what));
        }
        for note in &findings.notes {
            say(format_args!("    note: {note}"));
        }
    }
    say(format_args!("verified in {:.1} s", report.took.as_secs_f64()));
    if report.is_sound() {
        return Ok(());
    }
    Err(Error::Found(format!(
        "{} faults found: see above",
        report.problems_total()
    )))
}
