//! SQL of deaths: mark, end, ask. One mark of a record holds at a time; its sessions end with it.
//! What other rooms need to know they learn from the event.

use super::super::{PersonError, PersonRef, double};
use super::{DeathId, Mark, NewMark};
use crate::account::{AccountId, store as accounts};
use crate::audit::{self, Actor, detail};
use crate::session::store as sessions;
use ::store::keys::Sealed;
use ::store::sql::UuidList;
use ::store::{Event, Row, StoreError, Tx};
use kernel::Timestamp;

/// Accounts of one person whose sessions end.
const ACCOUNTS_MAX: i64 = 50;

/// Marks a person as deceased: the record that is kept. Her sessions end in the same transaction.
///
/// # Errors
/// [`PersonError::Deceased`] when she is marked already.
pub fn mark(tx: &mut Tx, new: &NewMark, now: Timestamp) -> Result<(), PersonError> {
    let person = double::kept(tx, new.person)?;
    if deceased(tx, person)?.is_some() {
        return Err(PersonError::Deceased);
    }
    tx.execute(
        "INSERT INTO person_death (id, person, details, marked_at, marked_by) VALUES ($1, $2, $3, $4, $5)",
        &[&new.id, &person, &new.details.as_bytes(), &now, &new.by],
    )?;
    for record in double::group(tx, person)? {
        for account in accounts::of_person(tx, record, ACCOUNTS_MAX)? {
            sessions::end_all(tx, account, None)?;
        }
    }
    let words = detail([("mark", new.id.to_string())]);
    audit::append(
        tx,
        Actor::Account(new.by),
        "person.deceased",
        &person.to_string(),
        words,
        now,
    )?;
    tx.emit(&Event {
        id: new.event,
        kind: "person.deceased".into(),
        subject: person.uuid(),
        at: now,
        payload: serde_json::json!({}),
    })?;
    Ok(())
}

/// Ends a mark that was made in error: everything is as before.
///
/// # Errors
/// [`PersonError::NoReason`], [`PersonError::NotDeceased`].
pub fn end(tx: &mut Tx, id: DeathId, reason: &str, by: AccountId, now: Timestamp) -> Result<(), PersonError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(PersonError::NoReason);
    }
    let ended = tx.execute(
        "UPDATE person_death SET ended_at = $1, ended_by = $2, ended_why = $3 WHERE id = $4 AND ended_at IS NULL",
        &[&now, &by, &reason, &id],
    )?;
    if ended == 0 {
        return Err(PersonError::NotDeceased);
    }
    let words = detail([("reason", reason.to_owned())]);
    audit::append(
        tx,
        Actor::Account(by),
        "person.deceased-ended",
        &id.to_string(),
        words,
        now,
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Mark, StoreError> {
    Ok(Mark {
        id: row.get(0)?,
        person: row.get(1)?,
        details: Sealed::from_bytes(row.get(2)?),
        marked_at: row.get(3)?,
    })
}

/// The mark that holds of a person, on whichever of her records.
///
/// # Errors
/// When the store fails.
pub fn deceased(tx: &mut Tx, person: PersonRef) -> Result<Option<Mark>, StoreError> {
    let group = UuidList::new(double::group(tx, person)?.into_iter().map(PersonRef::uuid));
    tx.opt(
        "SELECT id, person, details, marked_at FROM person_death WHERE ended_at IS NULL \
         AND person IN (SELECT value FROM uuid_list($1)) ORDER BY marked_at LIMIT 1",
        &[&group],
        read,
    )
}

/// The marks that hold among several people, such as everybody a dossier is about.
///
/// # Errors
/// When the store fails.
pub fn among(tx: &mut Tx, people: &[PersonRef]) -> Result<Vec<Mark>, StoreError> {
    let mut found: Vec<Mark> = Vec::new();
    for person in people {
        if let Some(mark) = deceased(tx, *person)?
            && found.iter().all(|known| known.id != mark.id)
        {
            found.push(mark);
        }
    }
    Ok(found)
}
