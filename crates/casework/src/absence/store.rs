//! The table of absences. An absence is never changed but for its early end; looks are by officer, deputy or unit and the last
//! day, each by its index.

use std::collections::BTreeSet;

use identity::{AccountId, UnitId};
use kernel::{Date, Timestamp};
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use super::rules::{self, CHAIN_MAX};
use super::{Absence, AbsenceId};

store::value_via_display!(super::Cause);

macro_rules! columns {
    () => {
        "id, officer, officer_name, unit, deputy, deputy_name, from_day, until_day, cause, entered_at, entered_by, \
         entered_name, ended_at, ended_name"
    };
}

fn absence_of(row: &Row<'_>) -> Result<Absence, StoreError> {
    let (ended_at, ended_name): (Option<Timestamp>, Option<String>) = (row.get(12)?, row.get(13)?);
    Ok(Absence {
        id: row.get(0)?,
        officer: row.get(1)?,
        officer_name: row.get(2)?,
        unit: row.get(3)?,
        deputy: row.get(4)?,
        deputy_name: row.get(5)?,
        from: row.get(6)?,
        until: row.get(7)?,
        cause: row.get(8)?,
        entered_at: row.get(9)?,
        entered_by: row.get(10)?,
        entered_name: row.get(11)?,
        ended: ended_at.map(|at| (at, ended_name.unwrap_or_default())),
    })
}

/// Writes a new absence.
pub(crate) fn insert(tx: &mut Tx, new: &Absence) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO absence (id, officer, officer_name, unit, deputy, deputy_name, from_day, until_day, cause, entered_at,
             entered_by, entered_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &new.id,
            &new.officer,
            &new.officer_name,
            &new.unit,
            &new.deputy,
            &new.deputy_name,
            &new.from,
            &new.until,
            &new.cause,
            &new.entered_at,
            &new.entered_by,
            &new.entered_name,
        ],
    )?;
    Ok(())
}

/// One absence.
pub(crate) fn find(tx: &mut Tx, id: AbsenceId) -> Result<Option<Absence>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM absence WHERE id = $1"),
        &[&id],
        absence_of,
    )
}

/// Ends an absence before its last day; says whether it was still running.
pub(crate) fn end(tx: &mut Tx, id: AbsenceId, now: Timestamp, by: &str) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE absence SET ended_at = $1, ended_name = $2 WHERE id = $3 AND ended_at IS NULL",
        &[&now, &by, &id],
    )?;
    Ok(changed == 1)
}

/// Absences of an officer that have not passed on `day`.
pub(crate) fn of_officer(tx: &mut Tx, officer: AccountId, day: Date) -> Result<Vec<Absence>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM absence WHERE officer = $1 AND until_day >= $2 ORDER BY until_day, id LIMIT 100"
        ),
        &[&officer, &day],
        absence_of,
    )
}

/// Absences at units that had not passed on `since`, the latest last day first.
pub(crate) fn of_units(tx: &mut Tx, units: &[UnitId], since: Date, limit: i64) -> Result<Vec<Absence>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM absence WHERE unit IN (SELECT value FROM uuid_list($1)) AND until_day >= $2
             ORDER BY until_day DESC, id DESC LIMIT $3"
        ),
        &[&units, &since, &limit],
        absence_of,
    )
}

/// The absence of an officer that holds on `day`.
fn holding(tx: &mut Tx, officer: AccountId, day: Date) -> Result<Option<Absence>, StoreError> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM absence WHERE officer = $1 AND until_day >= $2 AND from_day <= $2 AND ended_at IS NULL
             ORDER BY until_day, id LIMIT 1"
        ),
        &[&officer, &day],
        absence_of,
    )
}

/// Who stands in for an officer on `day`; `None` when she is there, or when nobody is.
pub(crate) fn stand_in(tx: &mut Tx, officer: AccountId, day: Date) -> Result<Option<(AccountId, String)>, StoreError> {
    rules::stand_in(officer, |at| holding(tx, at, day))
}

/// For whom an officer stands in on `day`: those who named her, and those who named somebody of these.
pub(crate) fn stood_in_for(tx: &mut Tx, deputy: AccountId, day: Date) -> Result<Vec<(AccountId, String)>, StoreError> {
    let mut seen = BTreeSet::from([deputy]);
    let mut found = Vec::new();
    let mut wave = vec![deputy];
    for _ in 0..CHAIN_MAX {
        let deputies = UuidList::new(wave.iter().map(|account| account.uuid()));
        let away = tx.all(
            "SELECT officer, officer_name FROM absence WHERE deputy IN (SELECT value FROM uuid_list($1)) AND until_day >= $2
                 AND from_day <= $2 AND ended_at IS NULL ORDER BY officer_name, officer LIMIT 200",
            &[&deputies, &day],
            |row| Ok((row.get::<AccountId>(0)?, row.get::<String>(1)?)),
        )?;
        wave = away
            .iter()
            .map(|(officer, _)| *officer)
            .filter(|officer| seen.insert(*officer))
            .collect();
        found.extend(away.into_iter().filter(|(officer, _)| wave.contains(officer)));
        if wave.is_empty() {
            break;
        }
    }
    found.dedup();
    Ok(found)
}

/// Which of these officers are away on `day`: the last day and who stands in.
pub(crate) fn away(
    tx: &mut Tx,
    officers: &[AccountId],
    day: Date,
) -> Result<Vec<(AccountId, Date, String)>, StoreError> {
    let officers = UuidList::new(officers.iter().map(|account| account.uuid()));
    tx.all(
        "SELECT officer, until_day, deputy_name FROM absence WHERE officer IN (SELECT value FROM uuid_list($1))
             AND until_day >= $2 AND from_day <= $2 AND ended_at IS NULL ORDER BY officer LIMIT 500",
        &[&officers, &day],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}
