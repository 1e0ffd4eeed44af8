//! SQL of imports: the files on their way, which of them are open, what columns were led to before. Of two that move one file
//! the first does; the rows of records themselves are elsewhere.

use ::store::blob::BlobId;
use ::store::{Row, StoreError, Tx};
use identity::{AccountId, UnitId};
use kernel::Timestamp;
use uuid::Uuid;

use super::{Batch, Choices, Import, Report, Stage, State};
use crate::kind::Kind;

fn read(row: &Row<'_>) -> Result<Import, StoreError> {
    Ok(Import {
        id: row.get(0)?,
        system: row.get(1)?,
        kind: row.get(2)?,
        file_name: row.get(3)?,
        state: row.get::<State>(4)?,
        rows: row.get(5)?,
        account: row.get::<Option<AccountId>>(6)?,
        who: row.get(7)?,
        unit: row.get::<UnitId>(8)?,
        started_at: row.get(9)?,
        touched_at: row.get(10)?,
        ended_at: row.get(11)?,
    })
}

/// The import whose rows are not to be seen yet.
pub(crate) fn open_batch(tx: &mut Tx, kind: &Kind) -> Result<Option<Uuid>, StoreError> {
    tx.opt(
        "SELECT id FROM register_import WHERE system = $1 AND kind = $2 AND state = 'open'",
        &[&kind.system.code, &kind.record.name],
        |row| row.get(0),
    )
}

/// Imports that are open, of all kinds.
pub(crate) fn open(tx: &mut Tx) -> Result<Vec<Import>, StoreError> {
    tx.all(
        "SELECT id, system, kind, file_name, state, rows_total, account, who, unit, started_at, touched_at, ended_at \
         FROM register_import WHERE state = 'open' ORDER BY started_at LIMIT 1000",
        &[],
        read,
    )
}

pub(crate) fn insert(tx: &mut Tx, import: &Import) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO register_import (id, system, kind, file_name, state, rows_total, account, who, unit, started_at, \
         touched_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &import.id,
            &import.system,
            &import.kind,
            &import.file_name,
            &import.state,
            &import.rows,
            &import.account,
            &import.who,
            &import.unit,
            &import.started_at,
            &import.touched_at,
        ],
    )
    .map(|_| ())
}

/// Says that an open import is still at work; false when somebody else ended it.
pub(crate) fn touch(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE register_import SET touched_at = $1 WHERE id = $2 AND state = 'open'",
        &[&now, &id],
    )?;
    Ok(changed == 1)
}

/// Ends an open import.
pub(crate) fn end(tx: &mut Tx, id: Uuid, state: State, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE register_import SET state = $1, ended_at = $2 WHERE id = $3 AND state = 'open'",
        &[&state, &now, &id],
    )?;
    Ok(changed == 1)
}

/// Hides the rows of an import again, before they go.
pub(crate) fn reopen(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE register_import SET state = 'open', touched_at = $1, ended_at = NULL WHERE id = $2 AND state = 'done'",
        &[&now, &id],
    )?;
    Ok(changed == 1)
}

/// An import by its id.
pub(crate) fn import(tx: &mut Tx, id: Uuid) -> Result<Option<Import>, StoreError> {
    tx.opt(
        "SELECT id, system, kind, file_name, state, rows_total, account, who, unit, started_at, touched_at, ended_at \
         FROM register_import WHERE id = $1",
        &[&id],
        read,
    )
}

/// How many rows an import has, when not all of its file went in.
pub(crate) fn set_rows(tx: &mut Tx, id: Uuid, rows: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE register_import SET rows_total = $1 WHERE id = $2",
        &[&rows, &id],
    )
    .map(|_| ())
}

/// An import whose rows were taken away, so that its file may become one again.
pub(crate) fn forget(tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
    tx.execute("DELETE FROM register_import WHERE id = $1 AND state = 'open'", &[&id])?;
    tx.execute(
        "UPDATE register_batch SET rows_done = 0, rows_taken = 0 WHERE id = $1",
        &[&id],
    )
    .map(|_| ())
}

fn json<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| StoreError::Corrupt(format!("register_batch: {error}")))
}

fn value<T: serde::Serialize>(of: &T) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(of).map_err(|error| StoreError::Config(error.to_string()))
}

fn read_batch(row: &Row<'_>) -> Result<Batch, StoreError> {
    Ok(Batch {
        id: row.get(0)?,
        system: row.get(1)?,
        kind: row.get(2)?,
        unit: row.get(3)?,
        account: row.get(4)?,
        who: row.get(5)?,
        file_name: row.get(6)?,
        size: row.get(7)?,
        source: row.get(8)?,
        sample: row.get(9)?,
        mended: row.get(10)?,
        stage: row.get(11)?,
        choices: json(row.get(12)?)?,
        report: json(row.get(13)?)?,
        rows_total: row.get(14)?,
        rows_done: row.get(15)?,
        rows_taken: row.get(16)?,
        holder: row.get(17)?,
        is_stopping: row.get(18)?,
        reason: row.get(19)?,
        undone_by: row.get(20)?,
        created_at: row.get(21)?,
        touched_at: row.get(22)?,
        ended_at: row.get(23)?,
    })
}

/// A file on its way.
pub(crate) fn batch(tx: &mut Tx, id: Uuid) -> Result<Option<Batch>, StoreError> {
    tx.opt(
        "SELECT id, system, kind, unit, account, who, file_name, size_bytes, source, sample, mended, stage, choices, report, \
         rows_total, rows_done, rows_taken, holder, is_stopping, reason, undone_by, created_at, touched_at, ended_at \
         FROM register_batch WHERE id = $1",
        &[&id],
        read_batch,
    )
}

/// The last files of a kind.
pub(crate) fn last_batches(tx: &mut Tx, kind: &Kind) -> Result<Vec<Batch>, StoreError> {
    tx.all(
        "SELECT id, system, kind, unit, account, who, file_name, size_bytes, source, sample, mended, stage, choices, report, \
         rows_total, rows_done, rows_taken, holder, is_stopping, reason, undone_by, created_at, touched_at, ended_at \
         FROM register_batch WHERE system = $1 AND kind = $2 ORDER BY created_at DESC LIMIT 30",
        &[&kind.system.code, &kind.record.name],
        read_batch,
    )
}

/// Files that the program works on, or that nobody went on with since.
pub(crate) fn unended(tx: &mut Tx, touched_before: Timestamp) -> Result<Vec<Batch>, StoreError> {
    tx.all(
        "SELECT id, system, kind, unit, account, who, file_name, size_bytes, source, sample, mended, stage, choices, report, \
         rows_total, rows_done, rows_taken, holder, is_stopping, reason, undone_by, created_at, touched_at, ended_at \
         FROM register_batch WHERE stage IN ('preview', 'checking', 'checked', 'writing', 'paused', 'undoing') \
         AND touched_at < $1 ORDER BY touched_at LIMIT 200",
        &[&touched_before],
        read_batch,
    )
}

pub(crate) fn insert_batch(tx: &mut Tx, batch: &Batch) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO register_batch (id, system, kind, unit, account, who, file_name, size_bytes, source, sample, mended, \
         stage, choices, report, rows_total, rows_done, rows_taken, holder, is_stopping, created_at, touched_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        &[
            &batch.id,
            &batch.system,
            &batch.kind,
            &batch.unit,
            &batch.account,
            &batch.who,
            &batch.file_name,
            &batch.size,
            &batch.source,
            &batch.sample,
            &batch.mended,
            &batch.stage,
            &value(&batch.choices)?,
            &value(&batch.report)?,
            &batch.rows_total,
            &batch.rows_done,
            &batch.rows_taken,
            &batch.holder,
            &batch.is_stopping,
            &batch.created_at,
            &batch.touched_at,
        ],
    )
    .map(|_| ())
}

/// Leads a file from one stage to another; false when it is at another one already.
pub(crate) fn step(tx: &mut Tx, id: Uuid, (from, to): (Stage, Stage), now: Timestamp) -> Result<bool, StoreError> {
    let ended = to.is_over().then_some(now);
    let changed = tx.execute(
        "UPDATE register_batch SET stage = $1, is_stopping = FALSE, touched_at = $2, ended_at = $3 WHERE id = $4 AND stage = $5",
        &[&to, &now, &ended, &id, &from],
    )?;
    Ok(changed == 1)
}

/// Sets what was chosen, while it may be.
pub(crate) fn choose(tx: &mut Tx, id: Uuid, choices: &Choices, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE register_batch SET choices = $1, touched_at = $2 WHERE id = $3 AND stage IN ('preview', 'checked')",
        &[&value(choices)?, &now, &id],
    )?;
    Ok(changed == 1)
}

/// The first rows as they are read now.
pub(crate) fn set_sample(tx: &mut Tx, id: Uuid, sample: BlobId) -> Result<(), StoreError> {
    tx.execute("UPDATE register_batch SET sample = $1 WHERE id = $2", &[&sample, &id])
        .map(|_| ())
}

/// Makes `holder` the one that works on a file; none when nothing is to be done to it.
pub(crate) fn hold(tx: &mut Tx, id: Uuid, holder: Uuid, now: Timestamp) -> Result<Option<Batch>, StoreError> {
    let changed = tx.execute(
        "UPDATE register_batch SET holder = $1, touched_at = $2 WHERE id = $3 AND stage IN ('checking', 'writing', 'undoing')",
        &[&holder, &now, &id],
    )?;
    if changed == 0 { Ok(None) } else { batch(tx, id) }
}

/// How far a file is; none when another one works on it or nobody should, else whether it is to stop.
pub(crate) fn advance(
    tx: &mut Tx,
    (id, holder): (Uuid, Uuid),
    (done, taken): (i64, i64),
    now: Timestamp,
) -> Result<Option<bool>, StoreError> {
    let changed = tx.execute(
        "UPDATE register_batch SET rows_done = $1, rows_taken = $2, touched_at = $3 WHERE id = $4 AND holder = $5 \
         AND stage IN ('checking', 'writing', 'undoing')",
        &[&done, &taken, &now, &id, &holder],
    )?;
    if changed == 0 {
        return Ok(None);
    }
    tx.opt("SELECT is_stopping FROM register_batch WHERE id = $1", &[&id], |row| {
        row.get(0)
    })
}

/// What looking at a file found.
pub(crate) fn report(
    tx: &mut Tx,
    id: Uuid,
    report: &Report,
    (rows, mended): (i64, Option<BlobId>),
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE register_batch SET report = $1, rows_total = $2, rows_done = 0, mended = $3 WHERE id = $4",
        &[&value(report)?, &rows, &mended, &id],
    )
    .map(|_| ())
}

/// Asks whoever works on a file to stop at its next part.
pub(crate) fn stop(tx: &mut Tx, id: Uuid) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE register_batch SET is_stopping = TRUE WHERE id = $1 AND stage = 'writing'",
        &[&id],
    )?;
    Ok(changed == 1)
}

/// Why a file is taken back, and by whom.
pub(crate) fn undo_because(tx: &mut Tx, id: Uuid, reason: &str, who: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE register_batch SET reason = $1, undone_by = $2, rows_done = 0 WHERE id = $3",
        &[&reason, &who, &id],
    )
    .map(|_| ())
}

/// The blobs of a file are named no more; gives them.
pub(crate) fn let_go(tx: &mut Tx, id: Uuid, with_mended: bool) -> Result<Vec<BlobId>, StoreError> {
    let Some(batch) = batch(tx, id)? else {
        return Ok(Vec::new());
    };
    let mended = batch.mended.filter(|_| with_mended);
    let kept = batch.mended.filter(|_| !with_mended);
    tx.execute(
        "UPDATE register_batch SET source = NULL, sample = NULL, mended = $1 WHERE id = $2",
        &[&kept, &id],
    )?;
    Ok([batch.source, batch.sample, mended].into_iter().flatten().collect())
}

/// Files that ended before a moment and still have their file of faults.
pub(crate) fn ended_with_faults(tx: &mut Tx, before: Timestamp) -> Result<Vec<Uuid>, StoreError> {
    tx.all(
        "SELECT id FROM register_batch WHERE mended IS NOT NULL AND ended_at < $1 LIMIT 200",
        &[&before],
        |row| row.get(0),
    )
}

/// A file that is on its way already: the same name and size in the same kind, from the command line.
pub(crate) fn unfinished(tx: &mut Tx, kind: &Kind, file_name: &str, size: i64) -> Result<Option<Batch>, StoreError> {
    tx.opt(
        "SELECT id, system, kind, unit, account, who, file_name, size_bytes, source, sample, mended, stage, choices, report, \
         rows_total, rows_done, rows_taken, holder, is_stopping, reason, undone_by, created_at, touched_at, ended_at \
         FROM register_batch WHERE system = $1 AND kind = $2 AND file_name = $3 AND size_bytes = $4 AND account IS NULL \
         AND source IS NOT NULL AND stage IN ('checking', 'writing', 'paused') ORDER BY created_at DESC LIMIT 1",
        &[&kind.system.code, &kind.record.name, &file_name, &size],
        read_batch,
    )
}

/// What columns of files of this source were led to the last time.
pub(crate) fn remembered(
    tx: &mut Tx,
    kind: &Kind,
    unit: UnitId,
    signature: &[u8],
) -> Result<Option<Choices>, StoreError> {
    let signature = signature.to_vec();
    let found = tx.opt(
        "SELECT choices FROM register_mapping WHERE system = $1 AND kind = $2 AND unit = $3 AND signature = $4",
        &[&kind.system.code, &kind.record.name, &unit, &signature],
        |row| row.get::<serde_json::Value>(0),
    )?;
    // One that an older program kept and this one cannot read is as good as none.
    Ok(found.and_then(|found| serde_json::from_value(found).ok()))
}

/// Remembers what columns were led to.
pub(crate) fn remember(
    tx: &mut Tx,
    kind: &Kind,
    (unit, signature): (UnitId, &[u8]),
    choices: &Choices,
    now: Timestamp,
) -> Result<(), StoreError> {
    let signature = signature.to_vec();
    tx.execute(
        "INSERT INTO register_mapping (system, kind, unit, signature, choices, used_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (system, kind, unit, signature) DO UPDATE SET choices = excluded.choices, used_at = excluded.used_at",
        &[&kind.system.code, &kind.record.name, &unit, &signature, &value(choices)?, &now],
    )
    .map(|_| ())
}
