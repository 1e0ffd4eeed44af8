//! The versions of procedures: every one that was brought, its day, who brought it and who let it hold.
//! Refuses to forget or to change: what is decided of a version is written beside it, its text never.

use kernel::{Date, ProcedureCode, Timestamp};
use store::{Row, StoreError, Tx};

use super::{Running, Standing, Version};
use crate::procedure::Procedure;
use crate::procedure::store::decode;

store::value_via_display!(super::Standing);

macro_rules! columns {
    () => {
        "code, version, holds_from, standing, made_by, imported_at, decided_by, decided_at, valid_from"
    };
}

fn version_of(row: &Row<'_>) -> Result<Version, StoreError> {
    let (by, at): (Option<String>, Option<Timestamp>) = (row.get(6)?, row.get(7)?);
    let (holds_from, own): (Option<Date>, Date) = (row.get(2)?, row.get(8)?);
    Ok(Version {
        code: row.get(0)?,
        version: row.get(1)?,
        holds_from: holds_from.unwrap_or(own),
        standing: row.get(3)?,
        made_by: row.get(4)?,
        made_at: row.get(5)?,
        decided: by.zip(at),
    })
}

/// The newest version that was not set aside: its number and the digest of its text.
pub(crate) fn newest(tx: &mut Tx, code: &ProcedureCode) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    tx.opt(
        "SELECT version, content_sha256 FROM procedure_version WHERE code = $1 AND standing <> $2
         ORDER BY version DESC LIMIT 1",
        &[code, &Standing::SetAside],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Whether there is no version at all.
pub(crate) fn is_none(tx: &mut Tx) -> Result<bool, StoreError> {
    let any = tx.opt("SELECT version FROM procedure_version LIMIT 1", &[], |row| {
        row.get::<i64>(0)
    })?;
    Ok(any.is_none())
}

/// The last number that was given; 0 before the first.
pub(crate) fn last_number(tx: &mut Tx, code: &ProcedureCode) -> Result<i64, StoreError> {
    tx.one(
        "SELECT COALESCE(max(version), 0) FROM procedure_version WHERE code = $1",
        &[code],
        |row| row.get(0),
    )
}

/// Adds a version; `own` is the first day that its source states.
pub(crate) fn insert(
    tx: &mut Tx,
    new: &Version,
    content: &serde_json::Value,
    sha256: &[u8],
    own: Date,
) -> Result<(), StoreError> {
    let (by, at) = new.decided.clone().unzip();
    tx.execute(
        "INSERT INTO procedure_version (code, version, content, content_sha256, valid_from, imported_at, holds_from, standing,
             made_by, decided_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &new.code,
            &new.version,
            content,
            &sha256,
            &own,
            &new.made_at,
            &new.holds_from,
            &new.standing,
            &new.made_by,
            &by,
            &at,
        ],
    )?;
    Ok(())
}

/// Every version of a procedure, newest first.
pub(crate) fn all(tx: &mut Tx, code: &ProcedureCode) -> Result<Vec<Version>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM procedure_version WHERE code = $1 ORDER BY version DESC LIMIT 500"
        ),
        &[code],
        version_of,
    )
}

/// Versions that wait for an approval, or were approved and whose day is after `today`, at most `limit`.
pub(crate) fn coming(tx: &mut Tx, today: Date, limit: i64) -> Result<Vec<Version>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM procedure_version WHERE standing = $1 OR (standing = $2 AND holds_from > $3)
             ORDER BY holds_from, code, version LIMIT $4"
        ),
        &[&Standing::Waiting, &Standing::Approved, &today, &limit],
        version_of,
    )
}

/// Writes what was decided of a version that waits; says whether it still did.
pub(crate) fn decide(tx: &mut Tx, decided: &Version) -> Result<bool, StoreError> {
    let (by, at) = decided.decided.clone().unzip();
    let changed = tx.execute(
        "UPDATE procedure_version SET standing = $1, holds_from = $2, decided_by = $3, decided_at = $4
         WHERE code = $5 AND version = $6 AND standing = $7",
        &[
            &decided.standing,
            &decided.holds_from,
            &by,
            &at,
            &decided.code,
            &decided.version,
            &Standing::Waiting,
        ],
    )?;
    Ok(changed == 1)
}

/// A version whose day has come and that does not hold yet.
pub(crate) struct Due {
    pub(crate) procedure: Procedure,
    pub(crate) version: i64,
    pub(crate) sha256: Vec<u8>,
}

/// Of each procedure the approved version that began last by `today`, the newer one of two, where another one holds still.
pub(crate) fn due(tx: &mut Tx, today: Date) -> Result<Vec<Due>, StoreError> {
    tx.all(
        "SELECT one.content, one.version, one.content_sha256 FROM procedure_version AS one
         LEFT JOIN procedure_current AS now ON now.code = one.code
         WHERE one.standing = $1 AND one.holds_from <= $2 AND (now.version IS NULL OR now.version <> one.version)
             AND NOT EXISTS (
                 SELECT 1 FROM procedure_version AS other
                 WHERE other.code = one.code AND other.standing = $1 AND other.holds_from <= $2
                     AND (other.holds_from > one.holds_from
                         OR (other.holds_from = one.holds_from AND other.version > one.version)))
         ORDER BY one.code LIMIT 100000",
        &[&Standing::Approved, &today],
        |row| {
            Ok(Due {
                procedure: decode(row.get(0)?)?,
                version: row.get(1)?,
                sha256: row.get(2)?,
            })
        },
    )
}

/// Drafts of a procedure that were begun under another version.
pub(crate) fn drafts(tx: &mut Tx, code: &ProcedureCode, version: i64) -> Result<i64, StoreError> {
    tx.one(
        "SELECT count(*) FROM draft WHERE procedure_code = $1 AND procedure_version <> $2",
        &[code, &version],
        |row| row.get(0),
    )
}

/// How many open dossiers of a procedure stand under another version.
pub(crate) fn running_count(tx: &mut Tx, code: &ProcedureCode, version: i64) -> Result<i64, StoreError> {
    tx.one(
        "SELECT count(*) FROM dossier WHERE procedure_code = $1 AND procedure_version <> $2 AND is_open = $3",
        &[code, &version, &true],
        |row| row.get(0),
    )
}

/// Those dossiers, the nearest due date first, at most `limit`.
pub(crate) fn running(tx: &mut Tx, code: &ProcedureCode, version: i64, limit: i64) -> Result<Vec<Running>, StoreError> {
    tx.all(
        "SELECT code, unit_name, state, procedure_version, due_at FROM dossier
         WHERE procedure_code = $1 AND procedure_version <> $2 AND is_open = $3 ORDER BY sort_at, id LIMIT $4",
        &[code, &version, &true, &limit],
        |row| {
            Ok(Running {
                code: row.get(0)?,
                unit_name: row.get(1)?,
                state: row.get(2)?,
                version: row.get(3)?,
                due_at: row.get(4)?,
            })
        },
    )
}
