//! SQL of what waits for a second administrator, and of units at which one is enough.
//! Rows are never deleted: what was asked and who decided stays.

use ::store::sql::UuidList;
use ::store::{Row, StoreError, Tx};
use kernel::{Date, Timestamp};

use super::{Act, Alone, AloneId, Proposal, ProposalId, State};
use crate::account::AccountId;
use crate::unit::UnitId;

/// Rows of the page: what waits is decided in days, not collected.
const LIST_MAX: i64 = 200;

fn read(row: &Row<'_>) -> Result<Option<Proposal>, StoreError> {
    let act: String = row.get(1)?;
    let state: String = row.get(9)?;
    let account: Option<AccountId> = row.get(2)?;
    let role: Option<String> = row.get(3)?;
    let from: Option<Date> = row.get(5)?;
    // A role or an act that this program does not know is decided by nobody.
    let role = match role {
        Some(name) => match name.parse() {
            Ok(role) => Some(role),
            Err(_) => return Ok(None),
        },
        None => None,
    };
    let Some(act) = Act::ALL.into_iter().find(|one| one.name() == act) else {
        return Ok(None);
    };
    let states = [State::Waiting, State::Approved, State::Refused];
    Ok(Some(Proposal {
        id: row.get(0)?,
        act,
        role: account.zip(role),
        unit: row.get(4)?,
        days: from.zip(Some(row.get::<Option<Date>>(6)?)),
        reason: row.get(7)?,
        proposed_by: row.get(8)?,
        proposed_at: row.get(10)?,
        state: states
            .into_iter()
            .find(|one| one.name() == state)
            .unwrap_or(State::Refused),
    }))
}

pub(crate) fn insert(tx: &mut Tx, new: &Proposal) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO account_proposal (id, act, account, role, unit, valid_from, valid_to, reason, proposed_by, \
         proposed_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting')",
        &[
            &new.id,
            &new.act.name(),
            &new.role.map(|(account, _)| account),
            &new.role.map(|(_, role)| role.name()),
            &new.unit,
            &new.days.map(|(from, _)| from),
            &new.days.and_then(|(_, to)| to),
            &new.reason,
            &new.proposed_by,
            &new.proposed_at,
        ],
    )?;
    Ok(())
}

pub(crate) fn find(tx: &mut Tx, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
    let found = tx.opt(
        "SELECT id, act, account, role, unit, valid_from, valid_to, reason, proposed_by, state, proposed_at \
         FROM account_proposal WHERE id = $1",
        &[&id],
        read,
    )?;
    Ok(found.flatten())
}

/// What waits at these units, the oldest first.
pub(crate) fn waiting(tx: &mut Tx, units: &[UnitId]) -> Result<Vec<Proposal>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    let found = tx.all(
        "SELECT id, act, account, role, unit, valid_from, valid_to, reason, proposed_by, state, proposed_at \
         FROM account_proposal WHERE state = 'waiting' AND unit IN (SELECT value FROM uuid_list($1)) \
         ORDER BY proposed_at, id LIMIT $2",
        &[&units, &LIST_MAX],
        read,
    )?;
    Ok(found.into_iter().flatten().collect())
}

/// Whether the same is asked for already.
pub(crate) fn waits_already(tx: &mut Tx, new: &Proposal) -> Result<bool, StoreError> {
    tx.one(
        "SELECT EXISTS (SELECT 1 FROM account_proposal WHERE state = 'waiting' AND act = $1 AND unit = $2 \
         AND (account = $3 OR (account IS NULL AND CAST($3 AS UUID) IS NULL)) \
         AND (role = $4 OR (role IS NULL AND CAST($4 AS TEXT) IS NULL)))",
        &[
            &new.act.name(),
            &new.unit,
            &new.role.map(|(account, _)| account),
            &new.role.map(|(_, role)| role.name()),
        ],
        |row| row.get(0),
    )
}

/// Writes a decision; `false` when there is one.
pub(crate) fn decide(
    tx: &mut Tx,
    id: ProposalId,
    state: State,
    by: Option<AccountId>,
    why: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let decided = tx.execute(
        "UPDATE account_proposal SET state = $1, decided_by = $2, decided_at = $3, decision = $4 \
         WHERE id = $5 AND state = 'waiting'",
        &[&state.name(), &by, &now, &why, &id],
    )?;
    Ok(decided == 1)
}

/// Whether an account was opened and nobody approved it.
pub(crate) fn is_unapproved(tx: &mut Tx, account: AccountId) -> Result<bool, StoreError> {
    tx.one(
        "SELECT EXISTS (SELECT 1 FROM account_proposal WHERE account = $1 AND act = 'open' AND state <> 'approved')",
        &[&account],
        |row| row.get(0),
    )
}

/// The units at which an account was asked for.
pub(crate) fn units_of(tx: &mut Tx, account: AccountId) -> Result<Vec<UnitId>, StoreError> {
    tx.all(
        "SELECT DISTINCT unit FROM account_proposal WHERE account = $1 ORDER BY unit LIMIT $2",
        &[&account, &LIST_MAX],
        |row| row.get(0),
    )
}

/// Whether one administrator is enough at one of the units.
pub(crate) fn is_alone(tx: &mut Tx, units: &[UnitId]) -> Result<bool, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.one(
        "SELECT EXISTS (SELECT 1 FROM account_alone WHERE ended_at IS NULL \
         AND unit IN (SELECT value FROM uuid_list($1)))",
        &[&units],
        |row| row.get(0),
    )
}

pub(crate) fn set_alone(
    tx: &mut Tx,
    id: AloneId,
    asked: &Proposal,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO account_alone (id, unit, reason, set_by, set_at) VALUES ($1, $2, $3, $4, $5)",
        &[&id, &asked.unit, &asked.reason, &by, &now],
    )?;
    Ok(())
}

/// Ends one; the unit, when it held.
pub(crate) fn end_alone(
    tx: &mut Tx,
    id: AloneId,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<Option<UnitId>, StoreError> {
    tx.opt(
        "UPDATE account_alone SET ended_by = $1, ended_at = $2 WHERE id = $3 AND ended_at IS NULL RETURNING unit",
        &[&by, &now, &id],
        |row| row.get(0),
    )
}

/// Those that hold, the newest first.
pub(crate) fn alone(tx: &mut Tx) -> Result<Vec<Alone>, StoreError> {
    tx.all(
        "SELECT id, unit, reason, set_at FROM account_alone WHERE ended_at IS NULL ORDER BY set_at DESC, id LIMIT $1",
        &[&LIST_MAX],
        |row| {
            Ok(Alone {
                id: row.get(0)?,
                unit: row.get(1)?,
                reason: row.get(2)?,
                set_at: row.get(3)?,
            })
        },
    )
}
