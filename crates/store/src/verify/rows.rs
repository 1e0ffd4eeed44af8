//! Every row is read and every value found to be of its kind: a UUID of 16 bytes, a document that parses, a day.
//! A value of another kind is a finding; the rest of its table is then not read.

use super::{Findings, schema};
use crate::{Store, StoreError, scan::Scan};

const PAGE_ROWS: usize = 500;

pub(super) async fn check(store: &Store) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    for table in schema(store).await?.tables {
        if table.key.is_empty() {
            findings.problem(&table.name, "the table has no primary key");
            continue;
        }
        let mut scan = Scan::new(&table, &table.column_names(), &table.key_names(), PAGE_ROWS)?;
        loop {
            let step = scan.clone();
            let read = store.read(move |tx| {
                let mut step = step;
                let rows = step.page(tx)?.len();
                Ok::<_, StoreError>((rows, step))
            });
            match read.await {
                Ok((0, _)) => break,
                Ok((rows, step)) => {
                    findings.checked(rows as u64);
                    scan = step;
                }
                Err(fault @ (StoreError::Column { .. } | StoreError::Corrupt(_))) => {
                    let place = format!("{} after {}", table.name, scan.place());
                    findings.problem(place, format!("{fault}; the rest of the table was not read"));
                    break;
                }
                Err(fault) => return Err(fault),
            }
        }
    }
    Ok(findings)
}
