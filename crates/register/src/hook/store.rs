//! SQL of subscriptions: where each stands in the order of changes, and how its deliveries fare.
//! It refuses to bring back one that was ended.

use ::store::sql::UuidList;
use ::store::{Row, StoreError, Tx};
use identity::UnitId;
use kernel::Timestamp;

use super::{Hook, HookId, State};

/// Most subscriptions of a list, and of one kind.
const LIST_MAX: i64 = 500;

fn read(row: &Row<'_>) -> Result<Hook, StoreError> {
    Ok(Hook {
        id: row.get(0)?,
        unit: row.get(1)?,
        system: row.get(2)?,
        kind: row.get(3)?,
        url: row.get(4)?,
        state: row.get(5)?,
        place: row.get(6)?,
        failures: row.get(7)?,
        last_error: row.get(8)?,
        told_at: row.get(9)?,
        account: row.get(10)?,
        who: row.get(11)?,
        created_at: row.get(12)?,
    })
}

/// Who is told of a kind.
pub(super) fn active(tx: &mut Tx, system: &str, kind: &str) -> Result<Vec<HookId>, StoreError> {
    tx.all(
        "SELECT id FROM register_hook WHERE system = $1 AND kind = $2 AND state = 'active' ORDER BY id LIMIT $3",
        &[&system, &kind, &LIST_MAX],
        |row| row.get(0),
    )
}

pub(super) fn get(tx: &mut Tx, id: HookId) -> Result<Option<Hook>, StoreError> {
    tx.opt(
        "SELECT id, unit, system, kind, url, state, place, failures, last_error, told_at, account, who, created_at \
         FROM register_hook WHERE id = $1",
        &[&id],
        read,
    )
}

pub(super) fn of_units(tx: &mut Tx, units: &[UnitId]) -> Result<Vec<Hook>, StoreError> {
    tx.all(
        "SELECT id, unit, system, kind, url, state, place, failures, last_error, told_at, account, who, created_at \
         FROM register_hook WHERE state <> 'ended' AND unit IN (SELECT value FROM uuid_list($1)) \
         ORDER BY created_at DESC, id DESC LIMIT $2",
        &[&UuidList::new(units.iter().map(|unit| unit.uuid())), &LIST_MAX],
        read,
    )
}

pub(super) fn insert(tx: &mut Tx, hook: &Hook) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO register_hook (id, unit, system, kind, url, state, place, failures, account, who, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)",
        &[
            &hook.id,
            &hook.unit,
            &hook.system,
            &hook.kind,
            &hook.url,
            &hook.state,
            &hook.place,
            &hook.account,
            &hook.who,
            &hook.created_at,
        ],
    )
    .map(|_| ())
}

/// Writes a subscription's row as it is. Who plans a delivery and who ends one both do: of two transactions at the same moment one
/// waits, or is made to run again and sees the other. Without that each might take the other to look after the last change.
pub(super) fn touch(tx: &mut Tx, id: HookId) -> Result<(), StoreError> {
    tx.execute("UPDATE register_hook SET state = state WHERE id = $1", &[&id])
        .map(|_| ())
}

/// Sets how a subscription stands; false when it does already.
pub(super) fn set_state(tx: &mut Tx, id: HookId, state: State) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE register_hook SET state = $1, failures = 0 WHERE id = $2 AND state <> $1 AND state <> 'ended'",
        &[&state, &id],
    )?;
    Ok(changed == 1)
}

/// A delivery was taken.
pub(super) fn taken(tx: &mut Tx, id: HookId, place: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE register_hook SET place = $1, told_at = $2, failures = 0, last_error = NULL WHERE id = $3",
        &[&place, &now, &id],
    )
    .map(|_| ())
}

/// A delivery was not taken.
pub(super) fn failed(tx: &mut Tx, id: HookId, why: &str) -> Result<(), StoreError> {
    let why: String = why.chars().take(500).collect();
    tx.execute(
        "UPDATE register_hook SET failures = failures + 1, last_error = $1 WHERE id = $2",
        &[&why, &id],
    )
    .map(|_| ())
}
