//! The table of notices. Every statement names the account.
//! No text is stored: a notice is a kind and a dossier, put into words where it is shown.

use identity::AccountId;
use kernel::{DossierCode, Timestamp};
use store::{StoreError, Tx};

use super::{Notice, NoticeId};

store::value_via_display!(super::NoticeKind);

pub(crate) fn insert(tx: &mut Tx, notice: &Notice, code: &DossierCode) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO notice (id, account, dossier, dossier_code, procedure_name, kind, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &notice.id,
            &notice.account,
            &notice.dossier,
            code,
            &notice.procedure_name,
            &notice.kind,
            &notice.at,
        ],
    )?;
    Ok(())
}

/// The same under the code that the notice itself carries: that of a child dossier is none of a dossier.
pub(crate) fn insert_named(tx: &mut Tx, notice: &Notice) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO notice (id, account, dossier, dossier_code, procedure_name, kind, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        &[
            &notice.id,
            &notice.account,
            &notice.dossier,
            &notice.dossier_code,
            &notice.procedure_name,
            &notice.kind,
            &notice.at,
        ],
    )?;
    Ok(())
}

/// Notices of an account, newest first, beginning after (`at`, `id`).
pub(crate) fn page(
    tx: &mut Tx,
    account: AccountId,
    after: (Timestamp, NoticeId),
    limit: i64,
) -> Result<Vec<Notice>, StoreError> {
    tx.all(
        "SELECT id, account, dossier, dossier_code, procedure_name, kind, at, read_at FROM notice
         WHERE account = $1 AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4",
        &[&account, &after.0, &after.1, &limit],
        |row| {
            Ok(Notice {
                id: row.get(0)?,
                account: row.get(1)?,
                dossier: row.get(2)?,
                dossier_code: row.get(3)?,
                procedure_name: row.get(4)?,
                kind: row.get(5)?,
                at: row.get(6)?,
                read_at: row.get(7)?,
            })
        },
    )
}

/// How many are unread; counting stops at 100.
pub(crate) fn unread(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.one(
        "SELECT count(*) FROM (SELECT 1 AS one FROM notice WHERE account = $1 AND read_at IS NULL LIMIT 100) AS part",
        &[&account],
        |row| row.get(0),
    )
}

/// Marks everything up to `until` as read.
pub(crate) fn mark_read(tx: &mut Tx, account: AccountId, until: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE notice SET read_at = $1 WHERE account = $2 AND read_at IS NULL AND at <= $3",
        &[&now, &account, &until],
    )
}
