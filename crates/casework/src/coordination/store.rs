//! The table of requests between units. A change names the state it was decided on, so that of two officers one wins.
//! Refuses questions and answers in plain columns: they come in sealed.

use identity::UnitId;
use kernel::Timestamp;
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use super::{Coordination, CoordinationId, CoordinationState, Sealed};
use crate::dossier::DossierId;

store::value_via_display!(super::CoordinationKind, super::CoordinationState, super::Opinion);

macro_rules! columns {
    () => {
        "id, dossier, kind, step, agency, agency_name, unit, state, asked_at, asked_by, asked_unit, due_at, accepted_at, \
         accepted_by, ended_at, ended_by, opinion, question, answer"
    };
}

/// Reads the first columns of [`columns!`], in their order.
fn request_of(row: &Row<'_>) -> Result<Coordination, StoreError> {
    Ok(Coordination {
        id: row.get(0)?,
        dossier: row.get(1)?,
        kind: row.get(2)?,
        step: row.get(3)?,
        agency: row.get(4)?,
        agency_name: row.get(5)?,
        unit: row.get(6)?,
        state: row.get(7)?,
        asked_at: row.get(8)?,
        asked_by: row.get(9)?,
        asked_unit: row.get(10)?,
        due_at: row.get(11)?,
        accepted_at: row.get(12)?,
        accepted_by: row.get(13)?,
        ended_at: row.get(14)?,
        ended_by: row.get(15)?,
        opinion: row.get(16)?,
    })
}

fn sealed_of(row: &Row<'_>) -> Result<Sealed, StoreError> {
    Ok(Sealed {
        request: request_of(row)?,
        question: row.get(17)?,
        answer: row.get(18)?,
    })
}

/// Most requests of one dossier.
pub(crate) const REQUESTS_MAX: i64 = 200;

/// The requests of a dossier, oldest first.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Sealed>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM coordination WHERE dossier = $1 ORDER BY asked_at, id LIMIT $2"
        ),
        &[&dossier, &REQUESTS_MAX],
        sealed_of,
    )
}

/// One request.
pub(crate) fn find(tx: &mut Tx, id: CoordinationId) -> Result<Option<Sealed>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM coordination WHERE id = $1"),
        &[&id],
        sealed_of,
    )
}

/// Writes a new request.
pub(crate) fn insert(tx: &mut Tx, new: &Coordination, question: Option<&[u8]>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO coordination (id, dossier, kind, step, agency, agency_name, unit, state, asked_at, asked_by, asked_unit,
             due_at, question)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            &new.id,
            &new.dossier,
            &new.kind,
            &new.step,
            &new.agency,
            &new.agency_name,
            &new.unit,
            &new.state,
            &new.asked_at,
            &new.asked_by,
            &new.asked_unit,
            &new.due_at,
            &question,
        ],
    )?;
    Ok(())
}

/// Writes a changed request, if it is still in the state it was decided on; says whether it was.
pub(crate) fn update(
    tx: &mut Tx,
    after: &Coordination,
    before: CoordinationState,
    answer: Option<&[u8]>,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE coordination SET state = $1, accepted_at = $2, accepted_by = $3, ended_at = $4, ended_by = $5, opinion = $6,
             answer = COALESCE($7, answer)
         WHERE id = $8 AND state = $9",
        &[
            &after.state,
            &after.accepted_at,
            &after.accepted_by,
            &after.ended_at,
            &after.ended_by,
            &after.opinion,
            &answer,
            &after.id,
            &before,
        ],
    )?;
    Ok(changed == 1)
}

/// Takes back the open requests of a dossier that is decided or has ended; says how many.
pub(crate) fn end_all(tx: &mut Tx, dossier: DossierId, by: Option<&str>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE coordination SET state = 'taken-back', ended_at = $1, ended_by = $2
         WHERE dossier = $3 AND state IN ('asked', 'accepted')",
        &[&now, &by, &dossier],
    )
}

/// Open requests to units, the nearest date first, after a key. Work that was handed over has a list of its own.
pub(crate) fn open_of_units(
    tx: &mut Tx,
    units: &[UnitId],
    (after_due, after): (Timestamp, CoordinationId),
    limit: i64,
) -> Result<Vec<(Coordination, String, String)>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        "SELECT c.id, c.dossier, c.kind, c.step, c.agency, c.agency_name, c.unit, c.state, c.asked_at, c.asked_by, c.asked_unit,
             c.due_at, c.accepted_at, c.accepted_by, c.ended_at, c.ended_by, c.opinion, d.code, d.procedure_name
         FROM coordination c JOIN dossier d ON d.id = c.dossier
         WHERE c.unit IN (SELECT value FROM uuid_list($1)) AND c.state IN ('asked', 'accepted')
             AND NOT EXISTS (SELECT 1 FROM child_dossier k WHERE k.id = c.id)
             AND (c.due_at, c.id) > ($2, $3)
         ORDER BY c.due_at, c.id LIMIT $4",
        &[&units, &after_due, &after, &limit],
        |row| Ok((request_of(row)?, row.get(17)?, row.get(18)?)),
    )
}

/// How many open requests units have.
pub(crate) fn open_count(tx: &mut Tx, units: &[UnitId]) -> Result<i64, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.one(
        "SELECT count(*) FROM coordination c WHERE c.unit IN (SELECT value FROM uuid_list($1)) AND c.state IN ('asked', 'accepted')
             AND NOT EXISTS (SELECT 1 FROM child_dossier k WHERE k.id = c.id)",
        &[&units],
        |row| row.get(0),
    )
}
