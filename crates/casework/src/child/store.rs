//! The tables of child dossiers: one row each, one row a step, a stop, a file of the answer, a reminder. Every change names the
//! revision it was decided on, so that of two officers one wins and the other is told.
//! Refuses reasons in plain columns: they come in sealed.

use identity::{AccountId, UnitId};
use kernel::Timestamp;
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use super::{Child, ChildEvent, ChildId, ChildStop, StopCause};
use crate::coordination::{CoordinationId, CoordinationState};
use crate::dossier::{DossierError, DossierId, FileId};
use crate::process::Position;
use crate::reminder::Stage;

store::value_via_display!(super::ChildState, super::StopCause);

macro_rules! columns {
    () => {
        "k.id, k.dossier, k.number, k.code, k.previous, k.unit, k.unit_name, k.from_name, k.procedure_code, k.process_version, \
         k.quota, k.step, k.step_since, k.step_due, k.state, k.resume_state, k.assignee, k.assignee_name, k.proposed_by, \
         k.sent_at, k.accept_by, k.accepted_at, k.is_late_accept, k.due_at, k.is_due_confirmed, k.is_held, k.stopped_at, \
         k.stopped_minutes, k.late_paused_minutes, k.ended_at, k.is_late, k.late_minutes, k.worked_minutes, k.changed_at, \
         k.revision"
    };
}

/// How many columns [`columns!`] has.
const COLUMNS: usize = 35;

/// Reads the columns of [`columns!`], in their order.
fn child_of(row: &Row<'_>) -> Result<Child, StoreError> {
    Ok(Child {
        id: row.get(0)?,
        dossier: row.get(1)?,
        number: row.get(2)?,
        code: row.get(3)?,
        previous: row.get(4)?,
        unit: row.get(5)?,
        unit_name: row.get(6)?,
        from_name: row.get(7)?,
        procedure: row.get(8)?,
        process: row.get(9)?,
        quota: row.get(10)?,
        position: Position {
            step: row.get(11)?,
            since: row.get(12)?,
            due_at: row.get(13)?,
        },
        state: row.get(14)?,
        resume: row.get(15)?,
        assignee: row.get(16)?,
        assignee_name: row.get(17)?,
        proposed_by: row.get(18)?,
        sent_at: row.get(19)?,
        accept_by: row.get(20)?,
        accepted_at: row.get(21)?,
        is_late_accept: row.get(22)?,
        due_at: row.get(23)?,
        is_due_confirmed: row.get(24)?,
        is_held: row.get(25)?,
        stopped_at: row.get(26)?,
        stopped_minutes: row.get(27)?,
        late_paused_minutes: row.get(28)?,
        ended_at: row.get(29)?,
        is_late: row.get(30)?,
        late_minutes: row.get(31)?,
        worked_minutes: row.get(32)?,
        changed_at: row.get(33)?,
        revision: row.get(34)?,
    })
}

/// Most child dossiers of one dossier.
const CHILDREN_MAX: i64 = 200;

/// The child dossiers of a dossier, in their order.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Child>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM child_dossier k WHERE k.dossier = $1 ORDER BY k.number LIMIT $2"
        ),
        &[&dossier, &CHILDREN_MAX],
        child_of,
    )
}

/// One of them.
pub(crate) fn find(tx: &mut Tx, id: ChildId) -> Result<Option<Child>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM child_dossier k WHERE k.id = $1"),
        &[&id],
        child_of,
    )
}

/// Writes a new one.
pub(crate) fn insert(tx: &mut Tx, new: &Child) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO child_dossier (id, dossier, number, code, previous, unit, unit_name, from_name, procedure_code,
             process_version, quota, step, step_since, step_due, state, is_open, sent_at, accept_by, is_late_accept, due_at,
             is_due_confirmed, is_held, stopped_minutes, late_paused_minutes, is_late, late_minutes, changed_at, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
             $25, $26, $27, $28)",
        &[
            &new.id,
            &new.dossier,
            &new.number,
            &new.code,
            &new.previous,
            &new.unit,
            &new.unit_name,
            &new.from_name,
            &new.procedure,
            &new.process,
            &new.quota,
            &new.position.step,
            &new.position.since,
            &new.position.due_at,
            &new.state,
            &new.is_open(),
            &new.sent_at,
            &new.accept_by,
            &new.is_late_accept,
            &new.due_at,
            &new.is_due_confirmed,
            &new.is_held,
            &new.stopped_minutes,
            &new.late_paused_minutes,
            &new.is_late,
            &new.late_minutes,
            &new.changed_at,
            &new.revision,
        ],
    )?;
    Ok(())
}

/// Writes a changed one, if it is still at the revision it was read at.
///
/// # Errors
/// `Stale` when somebody else was faster.
pub(crate) fn update(tx: &mut Tx, after: &Child) -> Result<(), DossierError> {
    let (is_open, before) = (after.is_open(), after.revision - 1);
    let changed = tx.execute(
        "UPDATE child_dossier SET unit = $1, unit_name = $2, step = $3, step_since = $4, step_due = $5, state = $6,
             resume_state = $7, is_open = $8, assignee = $9, assignee_name = $10, proposed_by = $11, accept_by = $12,
             accepted_at = $13, is_late_accept = $14, due_at = $15, is_due_confirmed = $16, is_held = $17, stopped_at = $18,
             stopped_minutes = $19, late_paused_minutes = $20, ended_at = $21, is_late = $22, late_minutes = $23,
             worked_minutes = $24, changed_at = $25, revision = $26
         WHERE id = $27 AND revision = $28",
        &[
            &after.unit,
            &after.unit_name,
            &after.position.step,
            &after.position.since,
            &after.position.due_at,
            &after.state,
            &after.resume,
            &is_open,
            &after.assignee,
            &after.assignee_name,
            &after.proposed_by,
            &after.accept_by,
            &after.accepted_at,
            &after.is_late_accept,
            &after.due_at,
            &after.is_due_confirmed,
            &after.is_held,
            &after.stopped_at,
            &after.stopped_minutes,
            &after.late_paused_minutes,
            &after.ended_at,
            &after.is_late,
            &after.late_minutes,
            &after.worked_minutes,
            &after.changed_at,
            &after.revision,
            &after.id,
            &before,
        ],
    )?;
    if changed == 1 {
        return Ok(());
    }
    let found = find(tx, after.id)?.ok_or(DossierError::NotFound)?;
    Err(DossierError::Stale {
        expected: before,
        found: found.revision,
    })
}

/// What the request says after a change of its child; the answer is kept when there is none.
pub(crate) fn sync_request(
    tx: &mut Tx,
    after: &Child,
    state: CoordinationState,
    by: Option<&str>,
    answer: Option<&[u8]>,
) -> Result<(), StoreError> {
    let accepted_by = after.accepted_at.and(by);
    let ended_by = after.ended_at.and(by);
    tx.execute(
        "UPDATE coordination SET state = $1, due_at = $2, accepted_at = COALESCE(accepted_at, $3),
             accepted_by = COALESCE(accepted_by, $4), ended_at = $5, ended_by = $6, answer = COALESCE($7, answer), unit = $8,
             agency_name = $9
         WHERE id = $10",
        &[
            &state,
            &after.due_at,
            &after.accepted_at,
            &accepted_by,
            &after.ended_at,
            &ended_by,
            &answer,
            &after.unit,
            &after.unit_name,
            &CoordinationId::from_uuid(after.id.uuid()),
        ],
    )?;
    Ok(())
}

/// What a list shows of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) child: Child,
    pub(crate) procedure_name: String,
    pub(crate) person_mask: String,
}

/// What a list asks for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) units: Vec<UnitId>,
    /// Only what these officers have.
    pub(crate) officers: Option<Vec<AccountId>>,
    /// Only what is due before.
    pub(crate) before: Timestamp,
    pub(crate) after: (Timestamp, ChildId),
    pub(crate) limit: i64,
}

/// Open child dossiers of units, the nearest date first.
pub(crate) fn list(tx: &mut Tx, asked: &Asked) -> Result<Vec<Listed>, StoreError> {
    let units = UuidList::new(asked.units.iter().map(|unit| unit.uuid()));
    let officers = asked.officers.as_deref().unwrap_or_default();
    let officers = UuidList::new(officers.iter().map(|officer| officer.uuid()));
    let of_all = asked.officers.is_none();
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            ", d.procedure_name, d.person_mask FROM child_dossier k JOIN dossier d ON d.id = k.dossier
             WHERE k.is_open AND k.unit IN (SELECT value FROM uuid_list($1)) AND k.due_at < $2
                 AND (k.due_at, k.id) > ($3, $4)
                 AND ($5 OR k.assignee IN (SELECT value FROM uuid_list($6)))
             ORDER BY k.due_at, k.id LIMIT $7"
        ),
        &[
            &units,
            &asked.before,
            &asked.after.0,
            &asked.after.1,
            &of_all,
            &officers,
            &asked.limit,
        ],
        |row| {
            Ok(Listed {
                child: child_of(row)?,
                procedure_name: row.get(COLUMNS)?,
                person_mask: row.get(COLUMNS + 1)?,
            })
        },
    )
}

/// How many open ones units have: from the index alone.
pub(crate) fn open_count(tx: &mut Tx, units: &[UnitId]) -> Result<i64, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.one(
        "SELECT count(*) FROM child_dossier WHERE is_open AND unit IN (SELECT value FROM uuid_list($1))",
        &[&units],
        |row| row.get(0),
    )
}

/// Open ones of one unit, by id, after `after`.
pub(crate) fn open_at(tx: &mut Tx, unit: UnitId, after: ChildId, limit: i64) -> Result<Vec<Child>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM child_dossier k WHERE k.is_open AND k.unit = $1 AND k.id > $2 ORDER BY k.id LIMIT $3"
        ),
        &[&unit, &after, &limit],
        child_of,
    )
}

/// Open ones whose date lies before `horizon`, in its order, after `after`. One that nobody accepted comes near its acceptance
/// before its date, so all that are sent and not accepted by `now` come too.
pub(crate) fn due(
    tx: &mut Tx,
    (horizon, now): (Timestamp, Timestamp),
    after: (Timestamp, ChildId),
    limit: i64,
) -> Result<Vec<Child>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM child_dossier k WHERE k.is_open AND (k.due_at, k.id) > ($1, $2)
                 AND (k.due_at <= $3 OR (k.state = 'sent' AND k.accept_by <= $4))
             ORDER BY k.due_at, k.id LIMIT $5"
        ),
        &[&after.0, &after.1, &horizon, &now, &limit],
        child_of,
    )
}

/// Writes one step. Its number is the revision, which is why no two steps clash.
pub(crate) fn insert_event(tx: &mut Tx, child: ChildId, event: &ChildEvent) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO child_event (child, seq, at, action, from_state, to_state, step, account, actor_name, unit_name, to_name, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &child,
            &event.seq,
            &event.at,
            &event.action,
            &event.from,
            &event.to,
            &event.step,
            &event.account,
            &event.actor_name,
            &event.unit_name,
            &event.to_name,
            &event.note,
        ],
    )?;
    Ok(())
}

/// The history of one, first step first.
pub(crate) fn events(tx: &mut Tx, child: ChildId) -> Result<Vec<ChildEvent>, StoreError> {
    tx.all(
        "SELECT seq, at, action, from_state, to_state, step, account, actor_name, unit_name, to_name, note
         FROM child_event WHERE child = $1 ORDER BY seq LIMIT 500",
        &[&child],
        |row| {
            Ok(ChildEvent {
                seq: row.get(0)?,
                at: row.get(1)?,
                action: row.get(2)?,
                from: row.get(3)?,
                to: row.get(4)?,
                step: row.get(5)?,
                account: row.get(6)?,
                actor_name: row.get(7)?,
                unit_name: row.get(8)?,
                to_name: row.get(9)?,
                note: row.get(10)?,
            })
        },
    )
}

/// Opens a stop of its clock.
pub(crate) fn start_stop(
    tx: &mut Tx,
    child: ChildId,
    cause: StopCause,
    at: Timestamp,
    due: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO child_stop (child, cause, started_at, due_before) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        &[&child, &cause, &at, &due],
    )?;
    Ok(())
}

/// Closes the open stop of one cause, or of every cause when it ends.
pub(crate) fn end_stop(
    tx: &mut Tx,
    child: ChildId,
    cause: Option<StopCause>,
    at: Timestamp,
    due: Timestamp,
) -> Result<(), StoreError> {
    let of_all = cause.is_none();
    let cause = cause.unwrap_or(StopCause::Parent);
    tx.execute(
        "UPDATE child_stop SET ended_at = $1, due_after = $2
         WHERE child = $3 AND ended_at IS NULL AND ($4 OR cause = $5)",
        &[&at, &due, &child, &of_all, &cause],
    )?;
    Ok(())
}

/// The stops of its clock, oldest first.
pub(crate) fn stops(tx: &mut Tx, child: ChildId) -> Result<Vec<ChildStop>, StoreError> {
    tx.all(
        "SELECT cause, started_at, ended_at, due_before, due_after FROM child_stop WHERE child = $1
         ORDER BY started_at, cause LIMIT 200",
        &[&child],
        |row| {
            Ok(ChildStop {
                cause: row.get(0)?,
                started_at: row.get(1)?,
                ended_at: row.get(2)?,
                due_before: row.get(3)?,
                due_after: row.get(4)?,
            })
        },
    )
}

/// Has a loose file be one of an answer.
pub(crate) fn add_file(tx: &mut Tx, child: ChildId, file: FileId) -> Result<(), StoreError> {
    tx.execute("INSERT INTO child_file (file, child) VALUES ($1, $2)", &[&file, &child])?;
    Ok(())
}

/// A file is one of an answer no more.
pub(crate) fn remove_file(tx: &mut Tx, file: FileId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM child_file WHERE file = $1", &[&file])?;
    Ok(())
}

/// Takes the telling of a reminder; false when it was told.
pub(crate) fn take_reminder(
    tx: &mut Tx,
    child: ChildId,
    (stage, about): (Stage, Timestamp),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "INSERT INTO child_reminder (child, stage, about, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        &[&child, &stage, &about, &now],
    )?;
    Ok(taken == 1)
}

/// Whether this was told.
pub(crate) fn is_told(tx: &mut Tx, child: ChildId, (stage, about): (Stage, Timestamp)) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT 1 FROM child_reminder WHERE child = $1 AND stage = $2 AND about = $3",
        &[&child, &stage, &about],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// How many there are, and the codes of those that do not agree with their history, their stops, their request or their dossier.
pub(crate) fn broken(tx: &mut Tx, limit: i64) -> Result<(i64, Vec<String>), StoreError> {
    let count = tx.one("SELECT count(*) FROM child_dossier", &[], |row| row.get(0))?;
    let broken = tx.all(
        "SELECT k.code FROM child_dossier k JOIN coordination c ON c.id = k.id JOIN dossier d ON d.id = k.dossier
         WHERE (SELECT count(*) FROM child_event e WHERE e.child = k.id) <> k.revision
             OR (k.stopped_at IS NOT NULL) <> EXISTS (SELECT 1 FROM child_stop s WHERE s.child = k.id AND s.ended_at IS NULL)
             OR k.is_open <> (c.state IN ('asked', 'accepted'))
             OR (k.is_open AND NOT d.is_open)
         ORDER BY k.code LIMIT $1",
        &[&limit],
        |row| row.get(0),
    )?;
    Ok((count, broken))
}
