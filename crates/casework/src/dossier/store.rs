//! The tables of dossiers: one row a dossier, one row a step, a stop, a request, a hand-over. Every change of a dossier is
//! one UPDATE that names the revision it was decided on, so that of two officers one wins and the other is told.
//! Refuses personal data in plain columns: content and reasons come in sealed.

use identity::{AccountId, PersonRef, UnitId};
use kernel::{AgencyCode, Date, DossierCode, Timestamp};
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use super::StopId;
use super::{Dossier, DossierError, DossierId, Event, SupplementId};
use crate::process::Position;

store::value_via_display!(
    super::state::State,
    super::state::Capacity,
    super::state::Delivery,
    super::state::Entered,
    super::state::Outcome,
    super::state::Representation,
);

macro_rules! columns {
    () => {
        "id, code, procedure_code, procedure_version, procedure_name, unit, unit_name, desk, desk_name, person, account, \
         person_mask, representation, entered, delivery, state, resume_state, assignee, assignee_name, proposed_by, outcome, \
         supplements, submitted_at, check_by, received_at, is_late_receipt, time_limit, due_at, is_due_confirmed, stopped_at, \
         decided_at, returned_at, is_late, stopped_minutes, worked_minutes, changed_at, revision, process_version, step, \
         step_since, step_due, at_unit, at_unit_name, extensions"
    };
}
pub(crate) use columns;

/// Reads the columns of [`columns!`], in their order.
pub(crate) fn dossier_of(row: &Row<'_>) -> Result<Dossier, StoreError> {
    Ok(Dossier {
        id: row.get(0)?,
        code: row.get(1)?,
        procedure: row.get(2)?,
        procedure_version: row.get(3)?,
        procedure_name: row.get(4)?,
        unit: row.get(5)?,
        unit_name: row.get(6)?,
        desk: row.get(7)?,
        desk_name: row.get(8)?,
        person: row.get(9)?,
        account: row.get(10)?,
        person_mask: row.get(11)?,
        representation: row.get(12)?,
        entered: row.get(13)?,
        delivery: row.get(14)?,
        state: row.get(15)?,
        resume: row.get(16)?,
        assignee: row.get(17)?,
        assignee_name: row.get(18)?,
        proposed_by: row.get(19)?,
        outcome: row.get(20)?,
        supplements: row.get(21)?,
        submitted_at: row.get(22)?,
        check_by: row.get(23)?,
        received_at: row.get(24)?,
        is_late_receipt: row.get(25)?,
        time_limit: row.get(26)?,
        due_at: row.get(27)?,
        is_due_confirmed: row.get(28)?,
        stopped_at: row.get(29)?,
        decided_at: row.get(30)?,
        returned_at: row.get(31)?,
        is_late: row.get(32)?,
        stopped_minutes: row.get(33)?,
        worked_minutes: row.get(34)?,
        changed_at: row.get(35)?,
        revision: row.get(36)?,
        process: row.get(37)?,
        position: Position {
            step: row.get(38)?,
            since: row.get(39)?,
            due_at: row.get(40)?,
        },
        at: row.get(41)?,
        at_name: row.get(42)?,
        extensions: row.get(43)?,
    })
}

/// Gives the next number of `agency` on `day`. The row is the lock: on PostgreSQL a concurrent transaction waits or is run
/// again, on SQLite there is one writer; a rolled-back transaction gives its number back.
pub(crate) fn next_number(tx: &mut Tx, agency: &AgencyCode, day: Date) -> Result<i64, StoreError> {
    tx.one(
        "INSERT INTO dossier_number (agency, day, last) VALUES ($1, $2, 1)
         ON CONFLICT (agency, day) DO UPDATE SET last = dossier_number.last + 1
         RETURNING last",
        &[agency, &day],
        |row| row.get(0),
    )
}

/// What a new dossier has besides the row that is read back.
#[derive(Debug, Clone)]
pub(crate) struct NewDossier {
    pub(crate) dossier: Dossier,
    pub(crate) content: Vec<u8>,
    pub(crate) person_index: [u8; 32],
    pub(crate) check_person: [u8; 32],
    pub(crate) check_phone: Option<[u8; 32]>,
}

/// Writes a new dossier under `code`.
pub(crate) fn insert(tx: &mut Tx, new: &NewDossier, code: &DossierCode) -> Result<(), StoreError> {
    let d = &new.dossier;
    let (is_open, sort_at) = (d.is_open(), d.sort_at());
    tx.execute(
        "INSERT INTO dossier (id, code, procedure_code, procedure_version, procedure_name, unit, unit_name, desk, desk_name,
             person, account, person_mask, person_index, check_person, check_phone, representation, entered, delivery, content,
             state, is_open, supplements, submitted_at, check_by, is_late_receipt, is_due_confirmed, sort_at, is_late,
             stopped_minutes, changed_at, revision, process_version, step, step_since, step_due, at_unit, at_unit_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
             $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37)",
        &[
            &d.id,
            code,
            &d.procedure,
            &d.procedure_version,
            &d.procedure_name,
            &d.unit,
            &d.unit_name,
            &d.desk,
            &d.desk_name,
            &d.person,
            &d.account,
            &d.person_mask,
            &new.person_index,
            &new.check_person,
            &new.check_phone,
            &d.representation,
            &d.entered,
            &d.delivery,
            &new.content,
            &d.state,
            &is_open,
            &d.supplements,
            &d.submitted_at,
            &d.check_by,
            &d.is_late_receipt,
            &d.is_due_confirmed,
            &sort_at,
            &d.is_late,
            &d.stopped_minutes,
            &d.changed_at,
            &d.revision,
            &d.process,
            &d.position.step,
            &d.position.since,
            &d.position.due_at,
            &d.at,
            &d.at_name,
        ],
    )?;
    Ok(())
}

/// Writes a changed dossier, if it is still at the revision it was read at.
///
/// # Errors
/// `Stale` when somebody else was faster.
pub(crate) fn update(tx: &mut Tx, d: &Dossier) -> Result<(), DossierError> {
    let (is_open, sort_at) = (d.is_open(), d.sort_at());
    let before = d.revision - 1;
    let changed = tx.execute(
        "UPDATE dossier SET state = $1, resume_state = $2, is_open = $3, assignee = $4, assignee_name = $5, proposed_by = $6,
             outcome = $7, supplements = $8, received_at = $9, is_late_receipt = $10, time_limit = $11, due_at = $12,
             is_due_confirmed = $13, sort_at = $14, stopped_at = $15, decided_at = $16, returned_at = $17, is_late = $18,
             changed_at = $19, revision = $20, delivery = $21, check_by = $22, stopped_minutes = $23, worked_minutes = $24,
             step = $25, step_since = $26, step_due = $27, at_unit = $28, at_unit_name = $29, extensions = $30,
             process_version = $31, unit = $32, unit_name = $33, desk = $34, desk_name = $35
         WHERE id = $36 AND revision = $37",
        &[
            &d.state,
            &d.resume,
            &is_open,
            &d.assignee,
            &d.assignee_name,
            &d.proposed_by,
            &d.outcome,
            &d.supplements,
            &d.received_at,
            &d.is_late_receipt,
            &d.time_limit,
            &d.due_at,
            &d.is_due_confirmed,
            &sort_at,
            &d.stopped_at,
            &d.decided_at,
            &d.returned_at,
            &d.is_late,
            &d.changed_at,
            &d.revision,
            &d.delivery,
            &d.check_by,
            &d.stopped_minutes,
            &d.worked_minutes,
            &d.position.step,
            &d.position.since,
            &d.position.due_at,
            &d.at,
            &d.at_name,
            &d.extensions,
            &d.process,
            &d.unit,
            &d.unit_name,
            &d.desk,
            &d.desk_name,
            &d.id,
            &before,
        ],
    )?;
    if changed == 1 {
        Ok(())
    } else {
        Err(DossierError::Stale {
            expected: before,
            found: revision(tx, d.id)?,
        })
    }
}

fn revision(tx: &mut Tx, id: DossierId) -> Result<i64, DossierError> {
    tx.opt("SELECT revision FROM dossier WHERE id = $1", &[&id], |row| row.get(0))?
        .ok_or(DossierError::NotFound)
}

/// One dossier.
pub(crate) fn find(tx: &mut Tx, id: DossierId) -> Result<Dossier, DossierError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM dossier WHERE id = $1"),
        &[&id],
        dossier_of,
    )?
    .ok_or(DossierError::NotFound)
}

/// One dossier by its code.
pub(crate) fn find_by_code(tx: &mut Tx, code: &DossierCode) -> Result<Option<Dossier>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM dossier WHERE code = $1"),
        &[code],
        dossier_of,
    )
}

/// The sealed content of a dossier.
pub(crate) fn content(tx: &mut Tx, id: DossierId) -> Result<Vec<u8>, StoreError> {
    tx.one("SELECT content FROM dossier WHERE id = $1", &[&id], |row| row.get(0))
}

/// The keyed digests that a person's check is compared with.
pub(crate) fn checks(tx: &mut Tx, id: DossierId) -> Result<(Vec<u8>, Option<Vec<u8>>), StoreError> {
    tx.one(
        "SELECT check_person, check_phone FROM dossier WHERE id = $1",
        &[&id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Dossiers of one person or sent by one account, newest first, at most `limit`.
pub(crate) fn of_citizen(
    tx: &mut Tx,
    person: PersonRef,
    account: AccountId,
    limit: i64,
) -> Result<Vec<Dossier>, StoreError> {
    let records = identity::person::group(tx, person)?;
    if records != [person] {
        // Of a person with several records all dossiers are hers.
        let records = UuidList::new(records.into_iter().map(PersonRef::uuid));
        return tx.all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM dossier WHERE person IN (SELECT value FROM uuid_list($1)) OR account = $2
                 ORDER BY submitted_at DESC, id DESC LIMIT $3"
            ),
            &[&records, &account, &limit],
            dossier_of,
        );
    }
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE person = $1 OR account = $2 ORDER BY submitted_at DESC, id DESC LIMIT $3"
        ),
        &[&person, &account, &limit],
        dossier_of,
    )
}

/// A step to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub(crate) event: Event,
    /// For whom the officer acted who stood in.
    pub(crate) for_account: Option<AccountId>,
    pub(crate) account: Option<AccountId>,
    pub(crate) unit: Option<UnitId>,
}

/// Writes one step. Its `seq` is the dossier's revision, which is why no two steps clash.
pub(crate) fn insert_event(tx: &mut Tx, dossier: DossierId, new: &NewEvent) -> Result<(), StoreError> {
    let e = &new.event;
    tx.execute(
        "INSERT INTO dossier_event (id, dossier, seq, at, action, from_state, to_state, capacity, account, actor_name, unit,
             unit_name, note, for_account, for_name, to_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        &[
            &e.id,
            &dossier,
            &e.seq,
            &e.at,
            &e.action,
            &e.from,
            &e.to,
            &e.capacity,
            &new.account,
            &e.actor_name,
            &new.unit,
            &e.unit_name,
            &e.note,
            &new.for_account,
            &e.for_name,
            &e.to_name,
        ],
    )?;
    Ok(())
}

/// The history of a dossier, first step first. A dossier has few steps; the bound is for damaged data.
pub(crate) fn events(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Event>, StoreError> {
    tx.all(
        "SELECT id, seq, at, action, from_state, to_state, capacity, actor_name, unit_name, note, for_name, to_name
         FROM dossier_event WHERE dossier = $1 ORDER BY seq LIMIT 500",
        &[&dossier],
        |row| {
            Ok(Event {
                id: row.get(0)?,
                seq: row.get(1)?,
                at: row.get(2)?,
                action: row.get(3)?,
                from: row.get(4)?,
                to: row.get(5)?,
                capacity: row.get(6)?,
                actor_name: row.get(7)?,
                unit_name: row.get(8)?,
                note: row.get(9)?,
                for_name: row.get(10)?,
                to_name: row.get(11)?,
            })
        },
    )
}

/// Opens a stop of the clock.
pub(crate) fn start_stop(
    tx: &mut Tx,
    id: StopId,
    dossier: DossierId,
    cause: &str,
    at: Timestamp,
    due_before: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_stop (id, dossier, cause, started_at, due_before) VALUES ($1, $2, $3, $4, $5)",
        &[&id, &dossier, &cause, &at, &due_before],
    )?;
    Ok(())
}

/// Closes the open stop of a dossier, if there is one.
pub(crate) fn end_stop(
    tx: &mut Tx,
    dossier: DossierId,
    at: Timestamp,
    due_after: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE dossier_stop SET ended_at = $1, due_after = $2 WHERE dossier = $3 AND ended_at IS NULL",
        &[&at, &due_after, &dossier],
    )?;
    Ok(())
}

/// A request for what is missing, as stored.
#[derive(Debug, Clone)]
pub(crate) struct SupplementRow {
    pub(crate) id: SupplementId,
    pub(crate) seq: i64,
    pub(crate) is_before_reception: bool,
    /// The step of the process; none for what was asked before it was kept.
    pub(crate) step: Option<String>,
    pub(crate) asked_at: Timestamp,
    pub(crate) asked_by: String,
    pub(crate) asked_unit: String,
    pub(crate) request: Vec<u8>,
    pub(crate) answered_at: Option<Timestamp>,
    pub(crate) answer: Option<Vec<u8>>,
}

/// Writes a request.
pub(crate) fn insert_supplement(tx: &mut Tx, dossier: DossierId, row: &SupplementRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_supplement (id, dossier, seq, is_before_reception, step, asked_at, asked_by, asked_unit, request)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &row.id,
            &dossier,
            &row.seq,
            &row.is_before_reception,
            &row.step,
            &row.asked_at,
            &row.asked_by,
            &row.asked_unit,
            &row.request,
        ],
    )?;
    Ok(())
}

/// Writes the answer to the open request; says whether there was one.
pub(crate) fn answer_supplement(
    tx: &mut Tx,
    id: SupplementId,
    at: Timestamp,
    answer: &[u8],
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE dossier_supplement SET answered_at = $1, answer = $2 WHERE id = $3 AND answered_at IS NULL",
        &[&at, &answer, &id],
    )?;
    Ok(changed == 1)
}

/// All requests of a dossier, first one first.
pub(crate) fn supplements(tx: &mut Tx, dossier: DossierId) -> Result<Vec<SupplementRow>, StoreError> {
    tx.all(
        "SELECT id, seq, is_before_reception, asked_at, asked_by, asked_unit, request, answered_at, answer, step
         FROM dossier_supplement WHERE dossier = $1 ORDER BY seq LIMIT 50",
        &[&dossier],
        |row| {
            Ok(SupplementRow {
                id: row.get(0)?,
                seq: row.get(1)?,
                is_before_reception: row.get(2)?,
                asked_at: row.get(3)?,
                asked_by: row.get(4)?,
                asked_unit: row.get(5)?,
                request: row.get(6)?,
                answered_at: row.get(7)?,
                answer: row.get(8)?,
                step: row.get(9)?,
            })
        },
    )
}

/// Keeps why a step refuses or denies, sealed.
pub(crate) fn insert_ground(
    tx: &mut Tx,
    dossier: DossierId,
    event: super::EventId,
    defects: &[u8],
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_ground (event, dossier, defects) VALUES ($1, $2, $3)",
        &[&event, &dossier, &defects],
    )?;
    Ok(())
}

/// The sealed grounds of a dossier's steps.
pub(crate) fn grounds(tx: &mut Tx, dossier: DossierId) -> Result<Vec<(super::EventId, Vec<u8>)>, StoreError> {
    tx.all(
        "SELECT event, defects FROM dossier_ground WHERE dossier = $1 ORDER BY event LIMIT 50",
        &[&dossier],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// An extension of a due date.
#[derive(Debug, Clone)]
pub(crate) struct ExtensionRow {
    pub(crate) id: super::ExtensionId,
    pub(crate) at: Timestamp,
    pub(crate) due_before: Timestamp,
    pub(crate) due_after: Timestamp,
    pub(crate) officer_name: String,
    pub(crate) unit_name: String,
    /// The step whose note is the apology.
    pub(crate) event: super::EventId,
}

/// Records an extension.
pub(crate) fn insert_extension(tx: &mut Tx, dossier: DossierId, row: &ExtensionRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_extension (id, dossier, at, due_before, due_after, officer_name, unit_name, event)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &row.id,
            &dossier,
            &row.at,
            &row.due_before,
            &row.due_after,
            &row.officer_name,
            &row.unit_name,
            &row.event,
        ],
    )?;
    Ok(())
}

/// How a result was handed over.
#[derive(Debug, Clone)]
pub(crate) struct DeliveryRow {
    pub(crate) way: super::state::Delivery,
    pub(crate) at: Timestamp,
    pub(crate) officer: AccountId,
    pub(crate) officer_name: String,
    pub(crate) detail: Vec<u8>,
}

/// Records the hand-over.
pub(crate) fn insert_delivery(tx: &mut Tx, dossier: DossierId, row: &DeliveryRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dossier_delivery (dossier, way, at, officer, officer_name, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&dossier, &row.way, &row.at, &row.officer, &row.officer_name, &row.detail],
    )?;
    Ok(())
}

/// The hand-over of a dossier, once it happened.
pub(crate) fn delivery(tx: &mut Tx, dossier: DossierId) -> Result<Option<DeliveryRow>, StoreError> {
    tx.opt(
        "SELECT way, at, officer, officer_name, detail FROM dossier_delivery WHERE dossier = $1",
        &[&dossier],
        |row| {
            Ok(DeliveryRow {
                way: row.get(0)?,
                at: row.get(1)?,
                officer: row.get(2)?,
                officer_name: row.get(3)?,
                detail: row.get(4)?,
            })
        },
    )
}

/// Wrong checks of a dossier's code since `since_after`, or 0.
pub(crate) fn track_failures(tx: &mut Tx, dossier: DossierId, since_after: Timestamp) -> Result<i64, StoreError> {
    let found: Option<i64> = tx.opt(
        "SELECT failures FROM track_attempt WHERE dossier = $1 AND since > $2",
        &[&dossier, &since_after],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Counts one wrong check; a window older than `since_after` starts afresh.
pub(crate) fn count_track_failure(
    tx: &mut Tx,
    dossier: DossierId,
    now: Timestamp,
    since_after: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO track_attempt (dossier, since, failures) VALUES ($1, $2, 1)
         ON CONFLICT (dossier) DO UPDATE SET
             failures = CASE WHEN track_attempt.since > $3 THEN track_attempt.failures + 1 ELSE 1 END,
             since = CASE WHEN track_attempt.since > $3 THEN track_attempt.since ELSE excluded.since END",
        &[&dossier, &now, &since_after],
    )?;
    Ok(())
}

/// Codes after `after`, in their order: for `verify`.
pub(crate) fn codes_after(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT code FROM dossier WHERE code > $1 ORDER BY code LIMIT $2",
        &[&after, &limit],
        |row| row.get(0),
    )
}

/// The last number that an agency gave on a day (`2026-11-22`).
pub(crate) fn last_number(tx: &mut Tx, agency: &str, day: &str) -> Result<Option<i64>, StoreError> {
    let Ok(day) = day.parse::<Date>() else { return Ok(None) };
    tx.opt(
        "SELECT last FROM dossier_number WHERE agency = $1 AND day = $2",
        &[&agency, &day],
        |row| row.get(0),
    )
}

/// How many dossiers there are, and the codes of those whose steps are not as many as their revisions.
pub(crate) fn broken_histories(tx: &mut Tx, limit: i64) -> Result<(i64, Vec<String>), StoreError> {
    let count = tx.one("SELECT count(*) FROM dossier", &[], |row| row.get(0))?;
    let broken = tx.all(
        "SELECT code FROM dossier WHERE (SELECT count(*) FROM dossier_event WHERE dossier_event.dossier = dossier.id) <> revision
         ORDER BY code LIMIT $1",
        &[&limit],
        |row| row.get(0),
    )?;
    Ok((count, broken))
}

/// Codes of dossiers whose state and open stops do not agree.
pub(crate) fn broken_stops(tx: &mut Tx, limit: i64) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT code FROM dossier WHERE
             (state IN ('awaiting-supplement', 'awaiting-fee')) <>
             EXISTS (SELECT 1 FROM dossier_stop WHERE dossier_stop.dossier = dossier.id AND dossier_stop.ended_at IS NULL)
         ORDER BY code LIMIT $1",
        &[&limit],
        |row| row.get(0),
    )
}
