//! What this crate holds true of its rows, looked at by `tinhso verify`: numbers without gaps, histories without holes, a
//! stop of the clock wherever somebody waits; and which columns are sealed, for `tinhso keys rotate`.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::DossierCode;
use store::keys::SealedColumn;
use store::verify::{Check, Findings};
use store::{StoreError, Tx};

use crate::dossier::store as table;
use crate::offline;
use crate::result::PaperId;

/// The sealed columns of this crate.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn::by_id("draft", "content"),
    SealedColumn::by_id("dossier", "content"),
    SealedColumn::by_id("dossier_event", "note"),
    SealedColumn::by_id("dossier_comment", "text"),
    SealedColumn::by_id("dossier_comment", "struck_why"),
    SealedColumn::by_id("dossier_supplement", "request"),
    SealedColumn::by_id("dossier_supplement", "answer"),
    SealedColumn::by_id("dossier_file", "name"),
    SealedColumn {
        table: "dossier_ground",
        key: &["event"],
        column: "defects",
        context: |column, key| format!("{}.{}:{}", column.table, column.column, key.join("/")),
    },
    SealedColumn {
        table: "child_event",
        key: &["child", "seq"],
        column: "note",
        context: |column, key| format!("{}.{}:{}", column.table, column.column, key.join("/")),
    },
    SealedColumn::by_id("coordination", "question"),
    SealedColumn::by_id("coordination", "answer"),
    SealedColumn::by_id("petition", "content"),
    SealedColumn::by_id("petition", "identity"),
    SealedColumn::by_id("petition_event", "note"),
    SealedColumn::by_id("dossier_entry", "content"),
    SealedColumn::by_id("paper", "content"),
    SealedColumn::by_id("paper", "end_note"),
    SealedColumn::by_id("offline_device", "secret"),
    SealedColumn::by_id("offline_item", "reason"),
    SealedColumn {
        table: "dossier_delivery",
        key: &["dossier"],
        column: "detail",
        context: |column, key| format!("{}.{}:{}", column.table, column.column, key.join("/")),
    },
];

/// The checks of this crate.
#[must_use]
pub fn checks() -> Vec<Arc<dyn Check>> {
    vec![
        Arc::new(Numbers),
        Arc::new(Histories),
        Arc::new(Clocks),
        Arc::new(Children),
        Arc::new(PaperNumbers),
        Arc::new(PapersInLog),
    ]
}

/// Numbers of an agency's day run from 1 without gaps and doubles; those of devices that work with the line down lie in
/// blocks that were reserved for one.
struct Numbers;

impl Check for Numbers {
    fn name(&self) -> &'static str {
        "dossier numbers"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let mut days: BTreeMap<(String, String), Vec<u32>> = BTreeMap::new();
        let mut after = String::new();
        loop {
            let codes = table::codes_after(tx, &after, 5_000)?;
            let Some(last) = codes.last() else { break };
            after = last.clone();
            findings.checked(codes.len() as u64);
            for code in codes {
                match code.parse::<DossierCode>() {
                    Ok(read) => {
                        let (agency, number) = (read.issuer().to_string(), read.sequence());
                        if !offline::rules::is_reserved(i64::from(number)) {
                            days.entry((agency, read.day().to_string())).or_default().push(number);
                        } else if !offline::store::is_in_block(tx, (&agency, read.day(), i64::from(number)), None)? {
                            findings.problem(code, "the number was reserved for no device");
                        }
                    }
                    Err(error) => findings.problem(code, error),
                }
            }
        }
        for ((agency, day), mut numbers) in days {
            numbers.sort_unstable();
            let whole = numbers.iter().zip(1..).all(|(found, wanted)| *found == wanted);
            let last = table::last_number(tx, &agency, &day)?;
            if !whole || last != i64::try_from(numbers.len()).ok() {
                findings.problem(format!("{agency} {day}"), "the numbers of the day have gaps or doubles");
            }
        }
        Ok(())
    }
}

/// A dossier has one step for each of its revisions.
struct Histories;

impl Check for Histories {
    fn name(&self) -> &'static str {
        "dossier histories"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let (count, broken) = table::broken_histories(tx, 1_000)?;
        findings.checked(u64::try_from(count).unwrap_or(0));
        for code in broken {
            findings.problem(code, "the history has not one step for each revision");
        }
        Ok(())
    }
}

/// Whoever waits for the applicant has a stop of the clock, and nobody else has an open one.
struct Clocks;

impl Check for Clocks {
    fn name(&self) -> &'static str {
        "stops of the clock"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let broken = table::broken_stops(tx, 1_000)?;
        findings.checked(1);
        for code in broken {
            findings.problem(code, "the dossier's state and its stop of the clock do not agree");
        }
        Ok(())
    }
}

/// A child dossier has one step for each of its revisions, an open stop where its clock stands still, a request that says the same,
/// and is open only while its dossier is.
struct Children;

impl Check for Children {
    fn name(&self) -> &'static str {
        "child dossiers"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let (count, broken) = crate::child::store::broken(tx, 1_000)?;
        findings.checked(u64::try_from(count).unwrap_or(0));
        for code in broken {
            findings.problem(
                code,
                "the child dossier does not agree with its history, its stops, its request or its dossier",
            );
        }
        Ok(())
    }
}

/// Numbers of papers run from 1 in each series without gaps.
struct PaperNumbers;

impl Check for PaperNumbers {
    fn name(&self) -> &'static str {
        "paper numbers"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let (count, broken) = crate::result::store::broken_series(tx, 100)?;
        findings.checked(u64::try_from(count).unwrap_or(0));
        for series in broken {
            findings.problem(series, "the last number of the series is not the number of its papers");
        }
        Ok(())
    }
}

/// What is stored of a paper is what the public log has recorded of it.
struct PapersInLog;

impl Check for PapersInLog {
    fn name(&self) -> &'static str {
        "papers in the public log"
    }

    fn run(&self, tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
        let mut after = uuid::Uuid::nil();
        loop {
            let facts = ledger::log::facts_after(tx, ledger::Kind::Paper, after, 500)?;
            let Some(last) = facts.last() else { return Ok(()) };
            after = last.subject;
            findings.checked(facts.len() as u64);
            for fact in facts {
                let paper = PaperId::from_uuid(fact.subject);
                let stored = crate::result::store::find(tx, paper)?;
                if !stored.is_some_and(|stored| fact.is_of(crate::result::recorded(&stored).as_bytes())) {
                    findings.problem(
                        format!("paper {paper}"),
                        "it is not what the public log has recorded of it",
                    );
                }
            }
        }
    }
}
