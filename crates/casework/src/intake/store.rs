//! The tables of intake: how a dossier was taken in, and who else it is about.
//! Names and numbers of people are none of its columns: those are sealed in the dossier.

use identity::person::{OrganisationId, PersonError};
use identity::{PersonRef, UnitId};
use kernel::Timestamp;
use store::{Row, StoreError, Tx};

use super::{IntakeRow, Parties, PartyRole};
use crate::dossier::state::Representation;
use crate::dossier::store::{columns, dossier_of};
use crate::dossier::{Dossier, DossierError, DossierId};

store::value_via_display!(super::Channel, super::PartyRole);

/// Writes how a dossier was taken in.
pub(crate) fn insert(tx: &mut Tx, dossier: DossierId, row: &IntakeRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_intake (dossier, channel, taken_by, taken_by_name, taken_desk, taken_desk_name, taken_at,
             began_at, postmark_on, ticket)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            &dossier,
            &row.channel,
            &row.taken_by,
            &row.taken_by_name,
            &row.taken_desk,
            &row.taken_desk_name,
            &row.taken_at,
            &row.began_at,
            &row.postmark_on,
            &row.ticket,
        ],
    )?;
    Ok(())
}

fn row_of(row: &Row<'_>) -> Result<IntakeRow, StoreError> {
    Ok(IntakeRow {
        channel: row.get(0)?,
        taken_by: row.get(1)?,
        taken_by_name: row.get(2)?,
        taken_desk: row.get(3)?,
        taken_desk_name: row.get(4)?,
        taken_at: row.get(5)?,
        began_at: row.get(6)?,
        postmark_on: row.get(7)?,
        ticket: row.get(8)?,
    })
}

/// How a dossier was taken in; none when it came online.
pub(crate) fn find(tx: &mut Tx, dossier: DossierId) -> Result<Option<IntakeRow>, StoreError> {
    tx.opt(
        "SELECT channel, taken_by, taken_by_name, taken_desk, taken_desk_name, taken_at, began_at, postmark_on, ticket
         FROM dossier_intake WHERE dossier = $1",
        &[&dossier],
        row_of,
    )
}

/// Finds or creates the records of everybody else a dossier is about, and writes them down beside it. A claim that differs
/// from the record becomes a question, as everywhere.
pub(crate) fn insert_parties(
    tx: &mut Tx,
    dossier: DossierId,
    (applicant, representation): (PersonRef, Representation),
    parties: &Parties,
    source: &str,
    now: Timestamp,
) -> Result<(), DossierError> {
    living(tx, applicant)?;
    let mut seq = 0_i64;
    let mut write = |tx: &mut Tx, role: PartyRole, person: Option<PersonRef>, organisation: Option<OrganisationId>| {
        seq += 1;
        tx.execute(
            "INSERT INTO dossier_party (dossier, seq, role, person, organisation) VALUES ($1, $2, $3, $4, $5)",
            &[&dossier, &seq, &role, &person, &organisation],
        )
    };
    if let Some(claim) = &parties.organisation {
        let (id, _) = identity::person::find_or_create_organisation(tx, claim, source, now)?;
        write(tx, PartyRole::Organisation, None, Some(id))?;
    }
    for (role, claim) in &parties.people {
        let is_represented = *role == PartyRole::Represented;
        let known = match claim.is_numbered() {
            false if is_represented => identity::person::find_ward(tx, applicant, claim)?,
            _ => None,
        };
        let id = match known {
            Some(id) => id,
            None => identity::person::find_or_create(tx, claim, source, now)?.person(),
        };
        // For the dead only heirs act; whoever else files for her is told.
        if !(is_represented && representation == Representation::Heir) {
            living(tx, id)?;
        }
        if is_represented && representation == Representation::Guardian {
            identity::person::state_guardian(tx, id, applicant, &parties.tie, dossier.uuid(), now)?;
        }
        write(tx, *role, Some(id), None)?;
    }
    Ok(())
}

/// Refuses who is marked as deceased.
fn living(tx: &mut Tx, person: PersonRef) -> Result<(), DossierError> {
    match identity::person::death::deceased(tx, person)? {
        Some(_) => Err(identity::IdentityError::from(PersonError::Deceased).into()),
        None => Ok(()),
    }
}

/// The people of a dossier besides its applicant.
pub(crate) fn people_of(tx: &mut Tx, dossier: DossierId) -> Result<Vec<PersonRef>, StoreError> {
    tx.all(
        "SELECT person FROM dossier_party WHERE dossier = $1 AND person IS NOT NULL ORDER BY seq LIMIT 50",
        &[&dossier],
        |row| row.get(0),
    )
}

/// What a desk took from `from` up to before `until`, latest first, at most `limit`.
pub(crate) fn taken(
    tx: &mut Tx,
    desk: UnitId,
    (from, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Dossier>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE id IN (SELECT dossier FROM dossier_intake WHERE taken_desk = $1 AND taken_at >= $2
                 AND taken_at < $3) ORDER BY submitted_at DESC, id DESC LIMIT $4"
        ),
        &[&desk, &from, &until, &limit],
        dossier_of,
    )
}

/// What a desk took in a time: how many, how many for other units, and the sum of seconds from opening the form to saving.
pub(crate) fn sums(
    tx: &mut Tx,
    desk: UnitId,
    (from, until): (Timestamp, Timestamp),
) -> Result<(i64, i64, i64), StoreError> {
    let times: Vec<(UnitId, Timestamp, Timestamp)> = tx.all(
        "SELECT dossier.desk, dossier_intake.began_at, dossier_intake.taken_at FROM dossier_intake
         JOIN dossier ON dossier.id = dossier_intake.dossier
         WHERE dossier_intake.taken_desk = $1 AND dossier_intake.taken_at >= $2 AND dossier_intake.taken_at < $3
         ORDER BY dossier_intake.taken_at LIMIT 5000",
        &[&desk, &from, &until],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let count = i64::try_from(times.len()).unwrap_or(i64::MAX);
    let elsewhere = times.iter().filter(|(receives, _, _)| *receives != desk).count();
    let seconds = times
        .iter()
        .map(|(_, began, taken)| taken.since(*began).as_secs())
        .sum();
    Ok((count, i64::try_from(elsewhere).unwrap_or(i64::MAX), seconds))
}

/// The procedures that a desk took most often since `since`: what its officers choose by one key.
pub(crate) fn frequent(tx: &mut Tx, desk: UnitId, since: Timestamp, limit: i64) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT dossier.procedure_code, count(*) FROM dossier_intake JOIN dossier ON dossier.id = dossier_intake.dossier
         WHERE dossier_intake.taken_desk = $1 AND dossier_intake.taken_at >= $2
         GROUP BY dossier.procedure_code ORDER BY 2 DESC, 1 LIMIT $3",
        &[&desk, &since, &limit],
        |row| row.get(0),
    )
}
