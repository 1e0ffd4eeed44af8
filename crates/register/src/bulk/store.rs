//! SQL of bulk edits and of the records in them. Owns what became of each record; the records themselves are elsewhere.
//! Refuses to move an edit on that is not in the state from which it is moved: of two who try, one does.

use ::store::{Row as Cells, StoreError, Tx};
use kernel::Timestamp;

use super::{Bulk, BulkId, Row, RowState, State};
use crate::kind::Kind;
use crate::record::RecordId;

fn read(row: &Cells<'_>) -> Result<Bulk, StoreError> {
    Ok(Bulk {
        id: row.get(0)?,
        system: row.get(1)?,
        kind: row.get(2)?,
        field: row.get(3)?,
        value: row.get(4)?,
        reason: row.get(5)?,
        valid_from: row.get(6)?,
        state: row.get(7)?,
        account: row.get(8)?,
        who: row.get(9)?,
        unit: row.get(10)?,
        undone_who: row.get(11)?,
        created_at: row.get(12)?,
        ended_at: row.get(13)?,
    })
}

pub(crate) fn get(tx: &mut Tx, id: BulkId) -> Result<Option<Bulk>, StoreError> {
    tx.opt(
        "SELECT id, system, kind, field, value, reason, valid_from, state, account, who, unit, undone_who, created_at, ended_at \
         FROM register_bulk WHERE id = $1",
        &[&id],
        read,
    )
}

/// The last edits of a kind.
pub(super) fn last(tx: &mut Tx, kind: &Kind) -> Result<Vec<Bulk>, StoreError> {
    tx.all(
        "SELECT id, system, kind, field, value, reason, valid_from, state, account, who, unit, undone_who, created_at, ended_at \
         FROM register_bulk WHERE system = $1 AND kind = $2 ORDER BY created_at DESC, id DESC LIMIT 20",
        &[&kind.system.code, &kind.record.name],
        read,
    )
}

/// Writes an edit and its records down; false when it is there.
pub(crate) fn insert(tx: &mut Tx, bulk: &Bulk, rows: &[(RecordId, i64)]) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO register_bulk (id, system, kind, field, value, reason, valid_from, state, account, who, unit, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING",
        &[
            &bulk.id,
            &bulk.system,
            &bulk.kind,
            &bulk.field,
            &bulk.value,
            &bulk.reason,
            &bulk.valid_from,
            &bulk.state,
            &bulk.account,
            &bulk.who,
            &bulk.unit,
            &bulk.created_at,
        ],
    )?;
    if added == 0 {
        return Ok(false);
    }
    for (record, seen) in rows {
        tx.execute(
            "INSERT INTO register_bulk_row (bulk, record, seen, state) VALUES ($1, $2, $3, 'waiting')",
            &[&bulk.id, record, seen],
        )?;
    }
    Ok(true)
}

/// Records of an edit in a state, some of them.
pub(super) fn rows(tx: &mut Tx, id: BulkId, state: RowState, limit: i64) -> Result<Vec<Row>, StoreError> {
    tx.all(
        "SELECT record, seen, state, revision FROM register_bulk_row WHERE bulk = $1 AND state = $2 ORDER BY record LIMIT $3",
        &[&id, &state, &limit],
        |row| {
            Ok(Row {
                record: row.get(0)?,
                seen: row.get(1)?,
                state: row.get(2)?,
                revision: row.get(3)?,
            })
        },
    )
}

/// How many records of an edit are in each state.
pub(crate) fn counts(tx: &mut Tx, id: BulkId) -> Result<Vec<(RowState, i64)>, StoreError> {
    tx.all(
        "SELECT state, count(*) FROM register_bulk_row WHERE bulk = $1 GROUP BY state ORDER BY state",
        &[&id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(super) fn set_row(
    tx: &mut Tx,
    id: BulkId,
    record: RecordId,
    state: RowState,
    revision: Option<i64>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE register_bulk_row SET state = $1, revision = $2 WHERE bulk = $3 AND record = $4",
        &[&state, &revision, &id, &record],
    )
    .map(|_| ())
}

/// Moves an edit from one state to the next; false when it is not in that one.
pub(super) fn advance(
    tx: &mut Tx,
    id: BulkId,
    (from, to): (State, State),
    who: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE register_bulk SET state = $1, undone_who = coalesce($2, undone_who), ended_at = $3 WHERE id = $4 AND state = $5",
        &[&to, &who.map(str::to_owned), &now, &id, &from],
    )?;
    Ok(changed == 1)
}
