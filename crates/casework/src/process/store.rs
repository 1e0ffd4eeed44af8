//! The table of processes: every version, and one revision number that tells every node when to read those in force again.
//! Refuses to forget or to change what is in force: a dossier may stand on it.

use kernel::{Date, ProcedureCode, Timestamp};
use store::{Row, StoreError, Tx};

use super::{Approval, ProcessError, Version};

macro_rules! columns {
    () => {
        "procedure_code, version, origin, steps, note, made_by, made_at, approved_by, approved_at, valid_from"
    };
}

fn version_of(row: &Row<'_>) -> Result<Version, StoreError> {
    let (by, at, valid_from): (Option<String>, Option<Timestamp>, Option<Date>) =
        (row.get(7)?, row.get(8)?, row.get(9)?);
    Ok(Version {
        procedure: row.get(0)?,
        version: row.get(1)?,
        origin: row.get(2)?,
        text: row.get(3)?,
        note: row.get(4)?,
        made_by: row.get(5)?,
        made_at: row.get(6)?,
        approval: by
            .zip(at)
            .zip(valid_from)
            .map(|((by, at), valid_from)| Approval { by, at, valid_from }),
    })
}

/// The number that grows with each version that comes into force; 0 before the first.
pub(crate) fn revision(tx: &mut Tx) -> Result<i64, StoreError> {
    let found = tx.opt(
        "SELECT revision FROM process_revision WHERE id = $1",
        &[&1_i64],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

pub(crate) fn grow_revision(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO process_revision (id, revision) VALUES ($1, 1)
         ON CONFLICT (id) DO UPDATE SET revision = process_revision.revision + 1",
        &[&1_i64],
    )?;
    Ok(())
}

/// Every version that is or was in force. A province has some hundred.
pub(crate) fn approved(tx: &mut Tx) -> Result<Vec<Version>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM process_version WHERE valid_from IS NOT NULL ORDER BY procedure_code, version LIMIT 20000"
        ),
        &[],
        version_of,
    )
}

/// What was ever written: procedure and digest of the text.
pub(crate) fn digests(tx: &mut Tx) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    tx.all(
        "SELECT procedure_code, steps_sha256 FROM process_version ORDER BY procedure_code, version LIMIT 50000",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The versions of one procedure, newest first.
pub(crate) fn versions(tx: &mut Tx, procedure: &ProcedureCode) -> Result<Vec<Version>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM process_version WHERE procedure_code = $1 ORDER BY version DESC LIMIT 500"
        ),
        &[procedure],
        version_of,
    )
}

pub(crate) fn find(tx: &mut Tx, procedure: &ProcedureCode, version: i64) -> Result<Version, ProcessError> {
    let found = tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM process_version WHERE procedure_code = $1 AND version = $2"
        ),
        &[procedure, &version],
        version_of,
    )?;
    found.ok_or(ProcessError::NotFound)
}

/// Adds a version.
pub(crate) fn insert(tx: &mut Tx, new: &Version) -> Result<(), StoreError> {
    let sha = sha256(&new.text);
    let (by, at, from) = match &new.approval {
        Some(approval) => (Some(&approval.by), Some(approval.at), Some(approval.valid_from)),
        None => (None, None, None),
    };
    tx.execute(
        "INSERT INTO process_version (procedure_code, version, origin, steps, steps_sha256, note, made_by, made_at,
             approved_by, approved_at, valid_from)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &new.procedure,
            &new.version,
            &new.origin,
            &new.text,
            &sha,
            &new.note,
            &new.made_by,
            &new.made_at,
            &by,
            &at,
            &from,
        ],
    )?;
    Ok(())
}

/// Writes the text of a version that is not in force, if it still reads as `seen`; says whether it did.
pub(crate) fn rewrite(tx: &mut Tx, new: &Version, seen: &[u8]) -> Result<bool, StoreError> {
    let sha = sha256(&new.text);
    let changed = tx.execute(
        "UPDATE process_version SET steps = $1, steps_sha256 = $2, note = $3, made_by = $4, made_at = $5
         WHERE procedure_code = $6 AND version = $7 AND valid_from IS NULL AND steps_sha256 = $8",
        &[
            &new.text,
            &sha,
            &new.note,
            &new.made_by,
            &new.made_at,
            &new.procedure,
            &new.version,
            &seen,
        ],
    )?;
    Ok(changed == 1)
}

/// Lets a version into force; says whether it was being written until now.
pub(crate) fn approve(
    tx: &mut Tx,
    procedure: &ProcedureCode,
    version: i64,
    approval: &Approval,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE process_version SET approved_by = $1, approved_at = $2, valid_from = $3
         WHERE procedure_code = $4 AND version = $5 AND valid_from IS NULL",
        &[&approval.by, &approval.at, &approval.valid_from, procedure, &version],
    )?;
    Ok(changed == 1)
}

/// A running dossier as the list of what a new version would move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) id: crate::dossier::DossierId,
    pub(crate) code: String,
    pub(crate) version: i64,
    pub(crate) step: String,
    pub(crate) unit: identity::UnitId,
    pub(crate) unit_name: String,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) revision: i64,
}

/// Open dossiers of a procedure that run under another version than `version`, by id, after `after`.
pub(crate) fn running(
    tx: &mut Tx,
    procedure: &ProcedureCode,
    version: i64,
    after: crate::dossier::DossierId,
    limit: i64,
) -> Result<Vec<Running>, StoreError> {
    tx.all(
        "SELECT id, code, process_version, step, unit, unit_name, due_at, revision FROM dossier
         WHERE procedure_code = $1 AND process_version <> $2 AND is_open = $3 AND id > $4 ORDER BY id LIMIT $5",
        &[procedure, &version, &true, &after, &limit],
        |row| {
            Ok(Running {
                id: row.get(0)?,
                code: row.get(1)?,
                version: row.get(2)?,
                step: row.get(3)?,
                unit: row.get(4)?,
                unit_name: row.get(5)?,
                due_at: row.get(6)?,
                revision: row.get(7)?,
            })
        },
    )
}

/// How many open dossiers of a procedure run under each version.
pub(crate) fn counts(tx: &mut Tx, procedure: &ProcedureCode) -> Result<Vec<(i64, i64)>, StoreError> {
    tx.all(
        "SELECT process_version, count(*) FROM dossier WHERE procedure_code = $1 AND is_open = $2
         GROUP BY process_version ORDER BY process_version",
        &[procedure, &true],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(crate) fn sha256(text: &str) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}
