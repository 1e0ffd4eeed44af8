//! The table of internal notes. A note is written once; only its stroke is added, once.
//! It refuses plain words: text and reason come in sealed.

use kernel::Timestamp;
use store::{StoreError, Tx};

use super::{COUNT_MAX, CommentId, Row};
use crate::dossier::DossierId;

/// Writes a note; false when the dossier has its most.
pub(crate) fn insert(tx: &mut Tx, dossier: DossierId, new: &Row) -> Result<bool, StoreError> {
    let most = i64::try_from(COUNT_MAX).unwrap_or(i64::MAX);
    let count: i64 = tx.one(
        "SELECT count(*) FROM dossier_comment WHERE dossier = $1",
        &[&dossier],
        |row| row.get(0),
    )?;
    if count >= most {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO dossier_comment (id, dossier, at, account, officer_name, unit, unit_name, text)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &new.id,
            &dossier,
            &new.at,
            &new.account,
            &new.officer_name,
            &new.unit,
            &new.unit_name,
            &new.text,
        ],
    )?;
    Ok(true)
}

/// Strikes a note out; false when it was struck out before.
pub(crate) fn strike(
    tx: &mut Tx,
    dossier: DossierId,
    id: CommentId,
    (at, name, why): (Timestamp, &str, &[u8]),
) -> Result<bool, StoreError> {
    let why = why.to_vec();
    let changed = tx.execute(
        "UPDATE dossier_comment SET struck_at = $1, struck_name = $2, struck_why = $3
         WHERE id = $4 AND dossier = $5 AND struck_at IS NULL",
        &[&at, &name, &why, &id, &dossier],
    )?;
    Ok(changed == 1)
}

/// The notes of a dossier, oldest first.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Row>, StoreError> {
    let most = i64::try_from(COUNT_MAX).unwrap_or(i64::MAX);
    tx.all(
        "SELECT id, at, account, officer_name, unit, unit_name, text, struck_at, struck_name, struck_why FROM dossier_comment
         WHERE dossier = $1 ORDER BY at, id LIMIT $2",
        &[&dossier, &most],
        |row| {
            let struck_at: Option<Timestamp> = row.get(7)?;
            let (name, why): (Option<String>, Option<Vec<u8>>) = (row.get(8)?, row.get(9)?);
            Ok(Row {
                id: row.get(0)?,
                at: row.get(1)?,
                account: row.get(2)?,
                officer_name: row.get(3)?,
                unit: row.get(4)?,
                unit_name: row.get(5)?,
                text: row.get(6)?,
                struck: struck_at.map(|at| (at, name.unwrap_or_default(), why.unwrap_or_default())),
            })
        },
    )
}
