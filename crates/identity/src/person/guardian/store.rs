//! SQL of guardians: stated once for two people, found from both sides.
//! It follows merged records, so that a child who got her number keeps her parents.

use super::super::rules::{MarkKind, Prepared};
use super::super::{PersonRef, double};
use super::Guarded;
use ::store::{Row, StoreError, Tx};
use kernel::Timestamp;
use uuid::Uuid;

/// Ties of one person that a page shows.
const TIES_MAX: i64 = 20;

/// Writes down who acts for whom; the first statement stays.
///
/// # Errors
/// When the store fails.
pub fn state_guardian(
    tx: &mut Tx,
    person: PersonRef,
    guardian: PersonRef,
    tie: &str,
    matter: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO person_guardian (person, guardian, tie, stated_at, matter) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (person, guardian) DO NOTHING",
        &[&person, &guardian, &tie, &now, &matter],
    )?;
    Ok(())
}

/// The record of a child without a number whom this guardian named before, by the same name and day of birth.
///
/// # Errors
/// When the store fails.
pub fn find_ward(tx: &mut Tx, guardian: PersonRef, claim: &Prepared) -> Result<Option<PersonRef>, StoreError> {
    let Some(mark) = claim.mark(MarkKind::NameBirth) else {
        return Ok(None);
    };
    let found = tx.opt(
        "SELECT g.person FROM person_guardian g JOIN person_mark m ON m.person = g.person \
         WHERE g.guardian = $1 AND m.kind = 'name-birth' AND m.mark = $2 ORDER BY g.stated_at, g.person LIMIT 1",
        &[&guardian, &mark.index],
        |row| row.get(0),
    )?;
    found.map(|person| double::kept(tx, person)).transpose()
}

fn read(row: &Row<'_>) -> Result<Guarded, StoreError> {
    Ok(Guarded {
        person: row.get(0)?,
        name_masked: row.get(1)?,
        tie: row.get(2)?,
        stated_at: row.get(3)?,
    })
}

/// Who acts for this person.
///
/// # Errors
/// When the store fails.
pub fn guardians(tx: &mut Tx, person: PersonRef) -> Result<Vec<Guarded>, StoreError> {
    let mut all = Vec::new();
    for record in double::group(tx, person)? {
        all.extend(tx.all(
            "SELECT g.guardian, p.name_masked, g.tie, g.stated_at FROM person_guardian g \
             JOIN person p ON p.id = g.guardian WHERE g.person = $1 ORDER BY g.stated_at, g.guardian LIMIT $2",
            &[&record, &TIES_MAX],
            read,
        )?);
    }
    Ok(all)
}

/// For whom this person acts.
///
/// # Errors
/// When the store fails.
pub fn wards(tx: &mut Tx, person: PersonRef) -> Result<Vec<Guarded>, StoreError> {
    tx.all(
        "SELECT g.person, p.name_masked, g.tie, g.stated_at FROM person_guardian g \
         JOIN person p ON p.id = g.person WHERE g.guardian = $1 ORDER BY g.stated_at, g.person LIMIT $2",
        &[&person, &TIES_MAX],
        read,
    )
}
