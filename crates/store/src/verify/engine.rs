//! What the engine says of its own files. SQLite reads every page and every index here; PostgreSQL guards its pages itself
//! (`data_checksums`), and is asked what it has met.

use super::Findings;
use crate::{EngineKind, Store, StoreError};

pub(super) async fn check(store: &Store) -> Result<Findings, StoreError> {
    match store.engine() {
        EngineKind::Postgres => store.read(postgres).await,
        EngineKind::Sqlite => store.read(sqlite).await,
    }
}

fn sqlite(tx: &mut crate::Tx) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    tx.each_text("PRAGMA page_count", &[], &mut |row| {
        findings.checked(row.get::<i64>(0)?.unsigned_abs());
        Ok(true)
    })?;
    tx.each_text("PRAGMA integrity_check(1000)", &[], &mut |row| {
        let line: String = row.get(0)?;
        if line != "ok" {
            findings.problem("database", line);
        }
        Ok(true)
    })?;
    Ok(findings)
}

fn postgres(tx: &mut crate::Tx) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    tx.each_text("SELECT current_setting('data_checksums'), checksum_failures FROM pg_stat_database WHERE datname = current_database()", &[], &mut |row| {
        findings.checked(1);
        let (checksums, failures): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
        if checksums != "on" {
            findings.note("data_checksums is off on this server: initdb --data-checksums makes it see damaged pages");
        }
        if let Some(failures @ 1..) = failures {
            findings.problem("database", format!("the server has met {failures} damaged pages"));
        }
        Ok(true)
    })?;
    Ok(findings)
}
