//! SQL of people: find by the keyed index, create, replace; a claim that differs becomes a question.
//! Every personal field is sealed before it comes here; nothing of it can be searched but by its whole value.

use super::rules::{MarkKind, Prepared, Verdict, name_birth_index, number_index, old_number_index, verdict};
use super::{OldNumber, PersonError, PersonRef, double};
use ::store::keys::{KeyRing, Sealed};
use ::store::{Row, StoreError, Tx};
use kernel::{Date, PersonId, Timestamp};

/// A record as it is stored: nothing of it is open but the masked name.
#[derive(Debug, Clone)]
pub struct PersonRecord {
    /// Its id.
    pub id: PersonRef,
    /// The name as a list may show it.
    pub name_masked: String,
    /// The sealed details, for [`super::open`].
    pub details: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Grows with each change.
    pub version: i64,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The person was not on record and is now.
    Created(PersonRef),
    /// The person is on record, and the claim agrees.
    Same(PersonRef),
    /// The person is on record with another name or day of birth; an officer is asked.
    Differs(PersonRef),
}

impl Found {
    /// The record, whatever became of the claim.
    pub const fn person(self) -> PersonRef {
        match self {
            Self::Created(id) | Self::Same(id) | Self::Differs(id) => id,
        }
    }
}

fn read_record(row: &Row<'_>) -> Result<PersonRecord, StoreError> {
    Ok(PersonRecord {
        id: row.get(0)?,
        name_masked: row.get(1)?,
        details: Sealed::from_bytes(row.get(2)?),
        created_at: row.get(3)?,
        changed_at: row.get(4)?,
        version: row.get(5)?,
    })
}

/// The record with this id.
///
/// # Errors
/// When the store fails.
pub fn record(tx: &mut Tx, id: PersonRef) -> Result<Option<PersonRecord>, StoreError> {
    tx.opt(
        "SELECT id, name_masked, details, created_at, changed_at, version FROM person WHERE id = $1",
        &[&id],
        read_record,
    )
}

/// The record of the person with this number.
///
/// # Errors
/// When the store fails.
pub fn find(tx: &mut Tx, keys: &KeyRing, number: &PersonId) -> Result<Option<PersonRecord>, StoreError> {
    tx.opt(
        "SELECT id, name_masked, details, created_at, changed_at, version FROM person WHERE number_index = $1",
        &[&number_index(keys, number)],
        read_record,
    )
}

/// Records that may be of the person who is looked for, found by keyed indexes alone: by the number, by the nine digits of
/// an old card, by name and day of birth. Records that were merged are followed to the one that is kept; 20 at most.
///
/// # Errors
/// When the store fails.
pub fn candidates(
    tx: &mut Tx,
    keys: &KeyRing,
    number: Option<&PersonId>,
    old_number: Option<&OldNumber>,
    name_birth: Option<(&str, Date)>,
) -> Result<Vec<PersonRecord>, StoreError> {
    let mut found: Vec<PersonRef> = Vec::new();
    if let Some(record) = number.map(|number| find(tx, keys, number)).transpose()?.flatten() {
        found.push(record.id);
    }
    let wanted = [
        old_number.map(|number| (MarkKind::OldNumber, old_number_index(keys, number))),
        name_birth.map(|(name, born)| (MarkKind::NameBirth, name_birth_index(keys, name, born))),
    ];
    for (kind, mark) in wanted.into_iter().flatten() {
        found.extend(double::marked(tx, kind, &mark, None)?);
    }
    let mut records: Vec<PersonRecord> = Vec::new();
    for id in found {
        let kept = double::kept(tx, id)?;
        if records.iter().all(|known| known.id != kept)
            && let Some(record) = record(tx, kept)?
        {
            records.push(record);
        }
    }
    Ok(records)
}

/// The record with the number of a claim, where name and birth agree with it as far as both are known.
///
/// # Errors
/// When the store fails.
pub fn agreeing(tx: &mut Tx, claim: &Prepared) -> Result<Option<PersonRef>, StoreError> {
    let found = tx.opt(
        "SELECT id, match_index, name_index, birth_known FROM person WHERE number_index = $1",
        &[&claim.number_index],
        |row| {
            Ok((
                row.get::<PersonRef>(0)?,
                row.get::<Vec<u8>>(1)?,
                row.get::<Vec<u8>>(2)?,
                row.get::<bool>(3)?,
            ))
        },
    )?;
    let agrees = |known: &(PersonRef, Vec<u8>, Vec<u8>, bool)| {
        matches!(verdict(claim, &known.1, &known.2, known.3), Verdict::Agrees)
    };
    Ok(found.filter(agrees).map(|known| known.0))
}

/// Records after `after` that carry no mark: they were written before there were marks.
pub(crate) fn unmarked(tx: &mut Tx, after: PersonRef, most: i64) -> Result<Vec<PersonRecord>, StoreError> {
    tx.all(
        "SELECT id, name_masked, details, created_at, changed_at, version FROM person p WHERE p.id > $1 \
         AND NOT EXISTS (SELECT 1 FROM person_mark m WHERE m.person = p.id) ORDER BY p.id LIMIT $2",
        &[&after, &most],
        read_record,
    )
}

/// Finds the person of a claim or puts her on record. A claim without a number is always a record of its own, until
/// somebody decides whose it is. A claim that differs is kept as a question from `source`
/// (such as `sign-in`, `dossier`, `counter`); the record stays as it is.
///
/// # Errors
/// When the store fails.
pub fn find_or_create(tx: &mut Tx, claim: &Prepared, source: &str, now: Timestamp) -> Result<Found, StoreError> {
    let created = tx.execute(
        "INSERT INTO person (id, number_index, match_index, name_index, birth_known, details, name_masked, \
         created_at, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) \
         ON CONFLICT (number_index) DO NOTHING",
        &[
            &claim.id,
            &claim.number_index,
            &claim.match_index,
            &claim.name_index,
            &claim.birth_known,
            &claim.details.as_bytes(),
            &claim.name_masked,
            &now,
            &now,
        ],
    )?;
    if created == 1 {
        double::note_marks(tx, claim.id, &claim.marks, now)?;
        return Ok(Found::Created(claim.id));
    }
    let (id, match_index, name_index, birth_known) = tx.one(
        "SELECT id, match_index, name_index, birth_known FROM person WHERE number_index = $1",
        &[&claim.number_index],
        |row| {
            Ok((
                row.get::<PersonRef>(0)?,
                row.get::<Vec<u8>>(1)?,
                row.get::<Vec<u8>>(2)?,
                row.get::<bool>(3)?,
            ))
        },
    )?;
    match verdict(claim, &match_index, &name_index, birth_known) {
        Verdict::Agrees => {
            double::note_marks(tx, id, &claim.marks, now)?;
            Ok(Found::Same(id))
        }
        Verdict::Differs => {
            ask(tx, claim, id, source, now)?;
            Ok(Found::Differs(id))
        }
    }
}

fn ask(tx: &mut Tx, claim: &Prepared, id: PersonRef, source: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO person_question (id, person, claim_index, claim, source, asked_at, state) \
         VALUES ($1, $2, $3, $4, $5, $6, 'open') ON CONFLICT (claim_index) DO NOTHING",
        &[
            &claim.question,
            &id,
            &claim.match_index,
            &claim.claim.as_bytes(),
            &source,
            &now,
        ],
    )?;
    Ok(())
}

/// Puts newly sealed details in the place of those of version `version`: what the person changed herself, or what
/// an officer decided. `prepared` was made for this record.
///
/// # Errors
/// [`PersonError::Changed`] when somebody else was faster.
pub fn replace(tx: &mut Tx, prepared: &Prepared, version: i64, now: Timestamp) -> Result<(), PersonError> {
    let changed = tx.execute(
        "UPDATE person SET number_index = $1, match_index = $2, name_index = $3, birth_known = $4, details = $5, \
         name_masked = $6, changed_at = $7, version = version + 1 WHERE id = $8 AND version = $9",
        &[
            &prepared.number_index,
            &prepared.match_index,
            &prepared.name_index,
            &prepared.birth_known,
            &prepared.details.as_bytes(),
            &prepared.name_masked,
            &now,
            &prepared.id,
            &version,
        ],
    )?;
    if changed != 1 {
        return Err(PersonError::Changed);
    }
    // Name or birth may be other ones now; what was found by the old ones stays for somebody to decide.
    double::renew_marks(tx, prepared.id, prepared, now)?;
    Ok(())
}
