//! The tables of the catalogue: every version as imported, one summary a procedure, one revision number that tells every
//! node when to read the summaries again.
//! Refuses to forget: a version that a dossier may stand on is never deleted, a procedure that left the list is withdrawn.

use kernel::{ProcedureCode, Timestamp};
use store::{StoreError, Tx};

use super::{Procedure, Summary};

/// What is stored of the version that holds.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    pub(crate) version: i64,
    pub(crate) is_withdrawn: bool,
}

pub(crate) fn current(tx: &mut Tx, code: &ProcedureCode) -> Result<Option<Current>, StoreError> {
    tx.opt(
        "SELECT version, withdrawn_at FROM procedure_current WHERE code = $1",
        &[code],
        |row| {
            let withdrawn: Option<Timestamp> = row.get(1)?;
            Ok(Current {
                version: row.get(0)?,
                is_withdrawn: withdrawn.is_some(),
            })
        },
    )
}

/// Makes a version the one that holds.
pub(crate) fn make_current(
    tx: &mut Tx,
    code: &ProcedureCode,
    version: i64,
    sha256: &[u8],
    summary: &serde_json::Value,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO procedure_current (code, version, content_sha256, summary) VALUES ($1, $2, $3, $4)
         ON CONFLICT (code) DO UPDATE SET version = excluded.version, content_sha256 = excluded.content_sha256,
             summary = excluded.summary, withdrawn_at = NULL",
        &[code, &version, &sha256, summary],
    )?;
    Ok(())
}

/// Takes a procedure back that had been withdrawn and is now listed again, unchanged.
pub(crate) fn reinstate(tx: &mut Tx, code: &ProcedureCode) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE procedure_current SET withdrawn_at = NULL WHERE code = $1",
        &[code],
    )?;
    Ok(())
}

/// Withdraws one procedure from lists and search.
pub(crate) fn withdraw(tx: &mut Tx, code: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE procedure_current SET withdrawn_at = $1 WHERE code = $2 AND withdrawn_at IS NULL",
        &[&now, &code],
    )?;
    Ok(())
}

/// Codes in force.
pub(crate) fn codes(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT code FROM procedure_current WHERE withdrawn_at IS NULL ORDER BY code LIMIT 100000",
        &[],
        |row| row.get(0),
    )
}

/// Summaries in force.
pub(crate) fn summaries(tx: &mut Tx) -> Result<Vec<Summary>, StoreError> {
    tx.all(
        "SELECT summary FROM procedure_current WHERE withdrawn_at IS NULL ORDER BY code LIMIT 100000",
        &[],
        |row| decode(row.get(0)?),
    )
}

/// One version of a procedure; the current one when `version` is `None`.
pub(crate) fn find(
    tx: &mut Tx,
    code: &ProcedureCode,
    version: Option<i64>,
) -> Result<Option<(Procedure, i64)>, StoreError> {
    let Some(version) = (match version {
        Some(version) => Some(version),
        None => current(tx, code)?
            .filter(|row| !row.is_withdrawn)
            .map(|row| row.version),
    }) else {
        return Ok(None);
    };
    tx.opt(
        "SELECT content FROM procedure_version WHERE code = $1 AND version = $2",
        &[code, &version],
        |row| Ok((decode(row.get(0)?)?, version)),
    )
}

pub(crate) fn decode<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| StoreError::Column {
        column: 0,
        source: store::ScalarError::content("procedure", error),
    })
}

/// The catalogue's revision; 0 before the first import.
pub(crate) fn revision(tx: &mut Tx) -> Result<i64, StoreError> {
    let found: Option<i64> = tx.opt("SELECT revision FROM catalogue_revision WHERE id = 1", &[], |row| {
        row.get(0)
    })?;
    Ok(found.unwrap_or(0))
}

/// Tells every node that the catalogue changed.
pub(crate) fn bump_revision(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO catalogue_revision (id, revision, changed_at) VALUES (1, 1, $1)
         ON CONFLICT (id) DO UPDATE SET revision = catalogue_revision.revision + 1, changed_at = excluded.changed_at",
        &[&now],
    )?;
    Ok(())
}
