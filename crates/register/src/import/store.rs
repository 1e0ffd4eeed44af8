//! SQL of imports: which are open, and their way to done or undone. Of two that end one import the first does; the rows of
//! records themselves are elsewhere.

use ::store::{Row, StoreError, Tx};
use identity::{AccountId, UnitId};
use kernel::Timestamp;
use uuid::Uuid;

use super::{Import, State};
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

/// The last imports into a kind.
pub(crate) fn last(tx: &mut Tx, kind: &Kind) -> Result<Vec<Import>, StoreError> {
    tx.all(
        "SELECT id, system, kind, file_name, state, rows_total, account, who, unit, started_at, touched_at, ended_at \
         FROM register_import WHERE system = $1 AND kind = $2 ORDER BY started_at DESC LIMIT 20",
        &[&kind.system.code, &kind.record.name],
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
