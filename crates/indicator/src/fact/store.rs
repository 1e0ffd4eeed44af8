//! The rows of facts and cells: what a fact is of a dossier, said once in SQL for one dossier and for thousands; how a cell
//! is changed by a difference; how it is counted anew. Refuses columns with personal data.
//! `CAST(sum(…) AS BIGINT)` is the engines' own sum: pages add up thousands of cells, and `sum_int` is a function of ours.

use casework::dossier::DossierId;
use identity::UnitId;
use kernel::{Date, Timestamp};
use store::sql::UuidList;
use store::{Row, StoreError, Tx};
use uuid::Uuid;

use super::{Fact, Level, Measures};

macro_rules! columns {
    () => {
        "dossier, code, unit, desk, procedure, channel, state, is_open, until_at, filed_at, filed_on, received_at, received_on, \
         due_at, ended_at, ended_on, ending, stood_at, returned_at, is_counted, is_early, is_late, is_late_receipt, requests, \
         extensions, worked_minutes, stopped_minutes, has_result, has_papers, owes, paid_online"
    };
}
pub(crate) use columns;

/// What of a fact follows from the dossier's own rows and from nothing that may come later without an event.
macro_rules! held {
    () => {
        "dossier, code, unit, desk, procedure, channel, state, is_open, until_at, filed_at, filed_on, received_at, received_on, \
         due_at, ended_at, ended_on, ending, stood_at, returned_at, is_counted, is_early, is_late, is_late_receipt, requests, \
         extensions, worked_minutes, stopped_minutes"
    };
}

/// The same of dossiers, in the same order.
macro_rules! held_source {
    () => {
        "d.id, d.code, d.unit, d.desk, d.procedure_code, \
         CASE WHEN d.entered = 'officer' AND EXISTS (SELECT 1 FROM dossier_intake AS i WHERE i.dossier = d.id \
             AND i.channel = 'post') THEN 'post' ELSE d.entered END, \
         d.state, d.decided_at IS NULL, \
         CASE WHEN d.state = 'submitted' THEN d.check_by \
             WHEN d.state IN ('received', 'processing', 'proposed') THEN d.due_at END, \
         d.submitted_at, day_of(d.submitted_at), d.received_at, day_of(d.received_at), d.due_at, d.decided_at, \
         day_of(d.decided_at), \
         CASE WHEN d.decided_at IS NULL THEN NULL WHEN d.state IN ('approved', 'returned') THEN 'decided' ELSE d.state END, \
         CASE WHEN d.decided_at IS NULL THEN NULL ELSE COALESCE((SELECT min(s.started_at) FROM dossier_stop AS s \
             WHERE s.dossier = d.id AND s.ended_at = d.decided_at), d.decided_at) END, \
         d.returned_at, \
         d.decided_at IS NOT NULL AND d.due_at IS NOT NULL AND d.state IN ('approved', 'returned'), \
         d.decided_at IS NOT NULL AND d.due_at IS NOT NULL AND NOT d.is_late AND day_of(d.decided_at) < day_of(d.due_at), \
         d.is_late, d.is_late_receipt, d.supplements, d.extensions, COALESCE(d.worked_minutes, 0), d.stopped_minutes"
    };
}

/// A whole fact of dossiers, in the order of `columns!`.
macro_rules! source {
    () => {
        concat!(
            held_source!(),
            ", EXISTS (SELECT 1 FROM dossier_file AS f WHERE f.dossier = d.id AND f.purpose = 'result'), \
             EXISTS (SELECT 1 FROM dossier_file AS f WHERE f.dossier = d.id AND f.purpose = 'component'), \
             EXISTS (SELECT 1 FROM bill AS b WHERE b.subject = d.id AND b.cancelled_at IS NULL), \
             EXISTS (SELECT 1 FROM bill AS b INNER JOIN payment AS p ON p.bill = b.id WHERE b.subject = d.id \
                 AND b.cancelled_at IS NULL AND p.way = 'transfer')"
        )
    };
}

/// What a newer fact puts in place of an older one: everything.
macro_rules! on_conflict {
    () => {
        "ON CONFLICT (dossier) DO UPDATE SET code = excluded.code, unit = excluded.unit, desk = excluded.desk,
         procedure = excluded.procedure, channel = excluded.channel, state = excluded.state,
         is_open = excluded.is_open, until_at = excluded.until_at, filed_at = excluded.filed_at,
         filed_on = excluded.filed_on, received_at = excluded.received_at, received_on = excluded.received_on,
         due_at = excluded.due_at, ended_at = excluded.ended_at, ended_on = excluded.ended_on,
         ending = excluded.ending, stood_at = excluded.stood_at, returned_at = excluded.returned_at,
         is_counted = excluded.is_counted, is_early = excluded.is_early, is_late = excluded.is_late,
         is_late_receipt = excluded.is_late_receipt, requests = excluded.requests,
         extensions = excluded.extensions, worked_minutes = excluded.worked_minutes,
         stopped_minutes = excluded.stopped_minutes, has_result = excluded.has_result,
         has_papers = excluded.has_papers, owes = excluded.owes, paid_online = excluded.paid_online"
    };
}

/// The columns that a cell counts, in the order of [`Measures`].
macro_rules! measures {
    () => {
        "entries, filed, received, late_receipts, decided, early, late, worked_minutes, requests, clean, extended, undue, \
         refused, stopped, withdrawn, ended_due, kept_due, with_result, with_papers, owing, paid_online"
    };
}

/// Their sums.
macro_rules! sums {
    () => {
        "CAST(sum(entries) AS BIGINT), CAST(sum(filed) AS BIGINT), CAST(sum(received) AS BIGINT), \
         CAST(sum(late_receipts) AS BIGINT), CAST(sum(decided) AS BIGINT), CAST(sum(early) AS BIGINT), \
         CAST(sum(late) AS BIGINT), CAST(sum(worked_minutes) AS BIGINT), CAST(sum(requests) AS BIGINT), \
         CAST(sum(clean) AS BIGINT), CAST(sum(extended) AS BIGINT), CAST(sum(undue) AS BIGINT), \
         CAST(sum(refused) AS BIGINT), CAST(sum(stopped) AS BIGINT), CAST(sum(withdrawn) AS BIGINT), \
         CAST(sum(ended_due) AS BIGINT), CAST(sum(kept_due) AS BIGINT), CAST(sum(with_result) AS BIGINT), \
         CAST(sum(with_papers) AS BIGINT), CAST(sum(owing) AS BIGINT), CAST(sum(paid_online) AS BIGINT)"
    };
}
pub(crate) use sums;

pub(crate) fn fact_of(row: &Row<'_>) -> Result<Fact, StoreError> {
    Ok(Fact {
        dossier: row.get(0)?,
        code: row.get(1)?,
        unit: row.get(2)?,
        desk: row.get(3)?,
        procedure: row.get(4)?,
        channel: row.get(5)?,
        state: row.get(6)?,
        is_open: row.get(7)?,
        until_at: row.get(8)?,
        filed_at: row.get(9)?,
        filed_on: row.get(10)?,
        received_at: row.get(11)?,
        received_on: row.get(12)?,
        due_at: row.get(13)?,
        ended_at: row.get(14)?,
        ended_on: row.get(15)?,
        ending: row.get(16)?,
        stood_at: row.get(17)?,
        returned_at: row.get(18)?,
        is_counted: row.get(19)?,
        is_early: row.get(20)?,
        is_late: row.get(21)?,
        is_late_receipt: row.get(22)?,
        requests: row.get(23)?,
        extensions: row.get(24)?,
        worked_minutes: row.get(25)?,
        stopped_minutes: row.get(26)?,
        has_result: row.get(27)?,
        has_papers: row.get(28)?,
        owes: row.get(29)?,
        paid_online: row.get(30)?,
    })
}

/// Reads the measures that begin at column `from`.
pub(crate) fn measures_of(row: &Row<'_>, from: usize) -> Result<Measures, StoreError> {
    let mut at = from;
    Measures::from_all(|| {
        at += 1;
        row.get(at - 1)
    })
}

/// What the fact of a dossier is now; none when there is no such dossier.
pub(crate) fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Option<Fact>, StoreError> {
    tx.opt(
        concat!("SELECT ", source!(), " FROM dossier AS d WHERE d.id = $1"),
        &[&dossier],
        fact_of,
    )
}

/// The fact as it is kept.
pub(crate) fn find(tx: &mut Tx, dossier: DossierId) -> Result<Option<Fact>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM figure_fact WHERE dossier = $1"),
        &[&dossier],
        fact_of,
    )
}

/// Keeps a fact in place of an older one.
pub(crate) fn put(tx: &mut Tx, fact: &Fact) -> Result<(), StoreError> {
    let f = fact;
    tx.execute(
        concat!(
            "INSERT INTO figure_fact (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
             $24, $25, $26, $27, $28, $29, $30, $31) ",
            on_conflict!()
        ),
        &[
            &f.dossier, &f.code, &f.unit, &f.desk, &f.procedure, &f.channel, &f.state, &f.is_open, &f.until_at, &f.filed_at,
            &f.filed_on, &f.received_at, &f.received_on, &f.due_at, &f.ended_at, &f.ended_on, &f.ending, &f.stood_at,
            &f.returned_at, &f.is_counted, &f.is_early, &f.is_late, &f.is_late_receipt, &f.requests, &f.extensions,
            &f.worked_minutes, &f.stopped_minutes, &f.has_result, &f.has_papers, &f.owes, &f.paid_online,
        ],
    )?;
    Ok(())
}

/// Where a difference goes: one cell of each level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<'a> {
    pub(crate) level: Level,
    /// `2026-11-22` or `2026-11`.
    pub(crate) day: &'a str,
    pub(crate) unit: UnitId,
    pub(crate) procedure: &'a str,
    pub(crate) channel: super::Channel,
}

/// Adds a difference to a cell; a cell in which nothing is left goes.
pub(crate) fn add(tx: &mut Tx, cell: Cell<'_>, by: &Measures) -> Result<(), StoreError> {
    let n = by.all();
    tx.execute(
        concat!(
            "INSERT INTO figure_cell (level, day, unit, procedure, channel, ",
            measures!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
             $24, $25, $26)
             ON CONFLICT (level, day, unit, procedure, channel) DO UPDATE SET
                 entries = figure_cell.entries + excluded.entries, filed = figure_cell.filed + excluded.filed,
                 received = figure_cell.received + excluded.received,
                 late_receipts = figure_cell.late_receipts + excluded.late_receipts,
                 decided = figure_cell.decided + excluded.decided, early = figure_cell.early + excluded.early,
                 late = figure_cell.late + excluded.late,
                 worked_minutes = figure_cell.worked_minutes + excluded.worked_minutes,
                 requests = figure_cell.requests + excluded.requests, clean = figure_cell.clean + excluded.clean,
                 extended = figure_cell.extended + excluded.extended, undue = figure_cell.undue + excluded.undue,
                 refused = figure_cell.refused + excluded.refused, stopped = figure_cell.stopped + excluded.stopped,
                 withdrawn = figure_cell.withdrawn + excluded.withdrawn,
                 ended_due = figure_cell.ended_due + excluded.ended_due,
                 kept_due = figure_cell.kept_due + excluded.kept_due,
                 with_result = figure_cell.with_result + excluded.with_result,
                 with_papers = figure_cell.with_papers + excluded.with_papers,
                 owing = figure_cell.owing + excluded.owing, paid_online = figure_cell.paid_online + excluded.paid_online"
        ),
        &[
            &cell.level, &cell.day, &cell.unit, &cell.procedure, &cell.channel, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6],
            &n[7], &n[8], &n[9], &n[10], &n[11], &n[12], &n[13], &n[14], &n[15], &n[16], &n[17], &n[18], &n[19], &n[20],
        ],
    )?;
    if by.entries < 0 {
        tx.execute(
            "DELETE FROM figure_cell WHERE level = $1 AND day = $2 AND unit = $3 AND procedure = $4 AND channel = $5
                 AND entries = 0",
            &[&cell.level, &cell.day, &cell.unit, &cell.procedure, &cell.channel],
        )?;
    }
    Ok(())
}

/// The id of the last of the next `limit` dossiers after `after`; none when there are no more.
pub(crate) fn chunk(tx: &mut Tx, after: DossierId, limit: i64) -> Result<Option<DossierId>, StoreError> {
    tx.opt(
        "SELECT id FROM (SELECT id FROM dossier WHERE id > $1 ORDER BY id LIMIT $2) AS part ORDER BY id DESC LIMIT 1",
        &[&after, &limit],
        |row| row.get(0),
    )
}

/// How many dossiers there are.
pub(crate) fn dossiers(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.one("SELECT count(*) FROM dossier", &[], |row| row.get(0))
}

/// Makes the facts of the dossiers after `after` up to `upto` anew, and forgets the causes of those that are not late. Says
/// how many facts.
pub(crate) fn fill(tx: &mut Tx, after: DossierId, upto: DossierId) -> Result<u64, StoreError> {
    let made = tx.execute(
        concat!(
            "INSERT INTO figure_fact (",
            columns!(),
            ") SELECT ",
            source!(),
            " FROM dossier AS d WHERE d.id > $1 AND d.id <= $2 ",
            on_conflict!()
        ),
        &[&after, &upto],
    )?;
    tx.execute(
        "DELETE FROM figure_cause WHERE dossier > $1 AND dossier <= $2 AND NOT EXISTS (SELECT 1 FROM figure_fact AS f
             WHERE f.dossier = figure_cause.dossier AND f.is_counted AND f.is_late)",
        &[&after, &upto],
    )?;
    Ok(made)
}

/// Facts whose dossier is gone: none in a sound store.
pub(crate) fn forget_strangers(tx: &mut Tx) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM figure_cause WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = figure_cause.dossier)",
        &[],
    )?;
    tx.execute(
        "DELETE FROM figure_fact WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = figure_fact.dossier)",
        &[],
    )
}

/// The first and the last day on which any fact counts.
pub(crate) fn extent(tx: &mut Tx) -> Result<Option<(Date, Date)>, StoreError> {
    let (first, last): (Option<Date>, Option<Date>) = tx.one(
        "SELECT min(day), max(day) FROM (
             SELECT min(filed_on) AS day FROM figure_fact UNION ALL SELECT max(filed_on) FROM figure_fact
             UNION ALL SELECT min(received_on) FROM figure_fact UNION ALL SELECT max(received_on) FROM figure_fact
             UNION ALL SELECT min(ended_on) FROM figure_fact UNION ALL SELECT max(ended_on) FROM figure_fact) AS days",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(first.zip(last))
}

/// Months of which there are cells.
pub(crate) fn cell_months(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT DISTINCT substr(day, 1, 7) FROM figure_cell WHERE level IN ('month-unit', 'day-unit', 'month-procedure') LIMIT 5000",
        &[],
        |row| row.get(0),
    )
}

/// The cells of days that follow from the facts of a period. Parameters: its first day, the day after its last.
macro_rules! day_cells {
    () => {
        concat!(
            "SELECT CAST('day' AS TEXT) AS level, day, unit, procedure, channel, ",
            sums!(),
            " FROM (
             SELECT CAST(filed_on AS TEXT) AS day, unit, procedure, channel, 1 AS entries, 1 AS filed, 0 AS received,
                 0 AS late_receipts, 0 AS decided, 0 AS early, 0 AS late, 0 AS worked_minutes, 0 AS requests, 0 AS clean,
                 0 AS extended, 0 AS undue, 0 AS refused, 0 AS stopped, 0 AS withdrawn, 0 AS ended_due, 0 AS kept_due,
                 0 AS with_result, 0 AS with_papers, 0 AS owing, 0 AS paid_online
             FROM figure_fact WHERE filed_on >= $1 AND filed_on < $2
             UNION ALL
             SELECT CAST(received_on AS TEXT), unit, procedure, channel, 1, 0, 1,
                 CASE WHEN is_late_receipt THEN 1 ELSE 0 END, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
             FROM figure_fact WHERE received_on >= $1 AND received_on < $2
             UNION ALL
             SELECT CAST(ended_on AS TEXT), unit, procedure, channel, 1, 0, 0, 0, CASE WHEN is_counted THEN 1 ELSE 0 END,
                 CASE WHEN is_counted AND is_early THEN 1 ELSE 0 END, CASE WHEN is_counted AND is_late THEN 1 ELSE 0 END,
                 CASE WHEN is_counted THEN worked_minutes ELSE 0 END, CASE WHEN is_counted THEN requests ELSE 0 END,
                 CASE WHEN is_counted AND requests = 0 THEN 1 ELSE 0 END,
                 CASE WHEN is_counted AND extensions > 0 THEN 1 ELSE 0 END,
                 CASE WHEN ending = 'decided' AND NOT is_counted THEN 1 ELSE 0 END,
                 CASE WHEN ending = 'refused' THEN 1 ELSE 0 END, CASE WHEN ending = 'stopped' THEN 1 ELSE 0 END,
                 CASE WHEN ending = 'withdrawn' THEN 1 ELSE 0 END,
                 CASE WHEN ending IN ('decided', 'stopped') AND due_at IS NOT NULL THEN 1 ELSE 0 END,
                 CASE WHEN ending IN ('decided', 'stopped') AND due_at IS NOT NULL AND NOT is_late AND requests <= 1
                     THEN 1 ELSE 0 END,
                 CASE WHEN ending = 'decided' AND has_result THEN 1 ELSE 0 END,
                 CASE WHEN ending = 'decided' AND has_papers THEN 1 ELSE 0 END,
                 CASE WHEN ending = 'decided' AND owes THEN 1 ELSE 0 END,
                 CASE WHEN ending = 'decided' AND owes AND paid_online THEN 1 ELSE 0 END
             FROM figure_fact WHERE ended_on >= $1 AND ended_on < $2
             ) AS part GROUP BY day, unit, procedure, channel"
        )
    };
}

/// Cells of a coarser level that follow from those of a finer one within a month. The first two parameters bound the days.
macro_rules! coarser {
    ($level:literal, $day:literal, $unit:literal, $procedure:literal, $from:literal, $group:literal) => {
        concat!(
            "SELECT CAST('",
            $level,
            "' AS TEXT) AS level, ",
            $day,
            " AS day, ",
            $unit,
            " AS unit, ",
            $procedure,
            " AS procedure, channel, ",
            sums!(),
            " FROM figure_cell WHERE level = '",
            $from,
            "' AND day >= $1 AND day < $2 GROUP BY ",
            $group,
            ", channel"
        )
    };
}

macro_rules! day_unit_cells {
    () => {
        coarser!("day-unit", "day", "unit", "CAST('' AS TEXT)", "day", "day, unit")
    };
}

macro_rules! month_cells {
    () => {
        coarser!(
            "month",
            "substr(day, 1, 7)",
            "unit",
            "procedure",
            "day",
            "substr(day, 1, 7), unit, procedure"
        )
    };
}

macro_rules! month_unit_cells {
    () => {
        coarser!(
            "month-unit",
            "substr(day, 1, 7)",
            "unit",
            "CAST('' AS TEXT)",
            "day-unit",
            "substr(day, 1, 7), unit"
        )
    };
}

/// All units stand under the nil UUID, which is given as a list of one: a list has the engine's own type.
macro_rules! month_procedure_cells {
    () => {
        concat!(
            "SELECT CAST('month-procedure' AS TEXT) AS level, day, (SELECT value FROM uuid_list($1)) AS unit, procedure, channel, ",
            sums!(),
            " FROM figure_cell WHERE level = 'month' AND day >= $2 AND day < $3 GROUP BY day, procedure, channel"
        )
    };
}

macro_rules! insert_cells {
    ($select:expr) => {
        concat!(
            "INSERT INTO figure_cell (level, day, unit, procedure, channel, ",
            measures!(),
            ") ",
            $select
        )
    };
}

/// Counts the cells that stand on one side only: those held and not expected, and those expected and not held.
macro_rules! differing {
    ($expected:expr, $held:literal) => {
        concat!(
            "SELECT (SELECT count(*) FROM (SELECT * FROM (",
            $expected,
            ") AS a EXCEPT SELECT level, day, unit, procedure, channel, ",
            measures!(),
            " FROM figure_cell WHERE ",
            $held,
            ") AS missing), (SELECT count(*) FROM (SELECT level, day, unit, procedure, channel, ",
            measures!(),
            " FROM figure_cell WHERE ",
            $held,
            " EXCEPT SELECT * FROM (",
            $expected,
            ") AS b) AS wrong)"
        )
    };
}

/// A month as facts and cells know it.
#[derive(Debug, Clone)]
pub(crate) struct Month {
    /// Its first day, and the first of the next.
    pub(crate) days: (Date, Date),
    /// `2026-11` and `2026-12`.
    pub(crate) names: (String, String),
}

/// Counts the cells of a month anew from its facts, on every level.
pub(crate) fn count_month(tx: &mut Tx, month: &Month) -> Result<(), StoreError> {
    let ((first, next), (name, after)) = (month.days, (&month.names.0, &month.names.1));
    let all = UuidList::new([Uuid::nil()]);
    tx.execute("DELETE FROM figure_cell WHERE day >= $1 AND day < $2", &[name, after])?;
    tx.execute(insert_cells!(day_cells!()), &[&first, &next])?;
    tx.execute(insert_cells!(day_unit_cells!()), &[name, after])?;
    tx.execute(insert_cells!(month_cells!()), &[name, after])?;
    tx.execute(insert_cells!(month_unit_cells!()), &[name, after])?;
    tx.execute(insert_cells!(month_procedure_cells!()), &[&all, name, after])?;
    Ok(())
}

/// Forgets the cells of a month, by its name and the next one's.
pub(crate) fn forget_month(tx: &mut Tx, name: &str, after: &str) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM figure_cell WHERE day >= $1 AND day < $2", &[&name, &after])
}

/// How many cells of a month, on which level, are not what follows from the finer level: from the facts for days.
pub(crate) fn wrong_cells(tx: &mut Tx, month: &Month) -> Result<Vec<(Level, i64)>, StoreError> {
    let ((first, next), (name, after)) = (month.days, (&month.names.0, &month.names.1));
    let all = UuidList::new([Uuid::nil()]);
    let pair = |row: &Row<'_>| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?));
    let day = tx.one(
        differing!(day_cells!(), "level = 'day' AND day >= $3 AND day < $4"),
        &[&first, &next, name, after],
        pair,
    )?;
    let day_unit = tx.one(
        differing!(day_unit_cells!(), "level = 'day-unit' AND day >= $1 AND day < $2"),
        &[name, after],
        pair,
    )?;
    let of_month = tx.one(
        differing!(month_cells!(), "level = 'month' AND day >= $1 AND day < $2"),
        &[name, after],
        pair,
    )?;
    let month_unit = tx.one(
        differing!(month_unit_cells!(), "level = 'month-unit' AND day >= $1 AND day < $2"),
        &[name, after],
        pair,
    )?;
    let month_procedure = tx.one(
        differing!(
            month_procedure_cells!(),
            "level = 'month-procedure' AND day >= $2 AND day < $3"
        ),
        &[&all, name, after],
        pair,
    )?;
    let found = [
        (Level::Day, day),
        (Level::DayUnit, day_unit),
        (Level::Month, of_month),
        (Level::MonthUnit, month_unit),
        (Level::MonthProcedure, month_procedure),
    ];
    let wrong = found.into_iter().filter(|(_, (missing, held))| missing + held > 0);
    Ok(wrong
        .map(|(level, (missing, held))| (level, missing.max(held)))
        .collect())
}

/// Codes of dossiers of a part whose fact is not what follows from them, beside those of which an event still waits for the
/// consumer of this name.
pub(crate) fn wrong_facts(
    tx: &mut Tx,
    after: DossierId,
    upto: DossierId,
    consumer: &str,
) -> Result<Vec<String>, StoreError> {
    tx.all(
        concat!(
            "WITH wrong (",
            held!(),
            ") AS (SELECT ",
            held_source!(),
            " FROM dossier AS d WHERE d.id > $1 AND d.id <= $2 EXCEPT SELECT ",
            held!(),
            " FROM figure_fact WHERE dossier > $1 AND dossier <= $2)
             SELECT code FROM wrong WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.subject = wrong.dossier
                 AND (outbox.position IS NULL
                     OR outbox.position > COALESCE((SELECT position FROM outbox_consumer WHERE name = $3), 0)))
             ORDER BY code LIMIT 1000"
        ),
        &[&after, &upto, &consumer],
        |row| row.get(0),
    )
}

/// Codes of facts without a dossier.
pub(crate) fn strangers(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT code FROM figure_fact WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = figure_fact.dossier)
         ORDER BY code LIMIT 1000",
        &[],
        |row| row.get(0),
    )
}

/// When the facts were last made as a whole, and under which formulas.
pub(crate) fn built(tx: &mut Tx) -> Result<Option<(Timestamp, i64)>, StoreError> {
    tx.opt("SELECT built_at, formulas FROM figure_state WHERE id = 1", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Notes that they are being made: until that is done they are as good as not made.
pub(crate) fn forget_built(tx: &mut Tx) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM figure_state WHERE id = 1", &[])
}

/// Notes that they were.
pub(crate) fn note_built(tx: &mut Tx, at: Timestamp, formulas: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO figure_state (id, built_at, formulas) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET built_at = excluded.built_at, formulas = excluded.formulas",
        &[&at, &formulas],
    )?;
    Ok(())
}

/// The hour before which everything is counted: that of the oldest event that still waits for the consumer, none when none does.
pub(crate) fn waiting_since(tx: &mut Tx, consumer: &str) -> Result<Option<Timestamp>, StoreError> {
    tx.one(
        "SELECT min(at) FROM (SELECT at FROM outbox WHERE position IS NULL AND kind LIKE 'dossier.%'
             UNION ALL SELECT at FROM outbox
             WHERE position > COALESCE((SELECT position FROM outbox_consumer WHERE name = $1), 0)
                 AND kind LIKE 'dossier.%') AS waiting",
        &[&consumer],
        |row| row.get(0),
    )
}

/// Late facts of a part whose causes are to be found: dossier, when received, where the clock stood.
pub(crate) fn late_of(tx: &mut Tx, after: DossierId, upto: DossierId) -> Result<Vec<Fact>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM figure_fact WHERE dossier > $1 AND dossier <= $2 AND is_counted AND is_late ORDER BY dossier LIMIT 100000"
        ),
        &[&after, &upto],
        fact_of,
    )
}
