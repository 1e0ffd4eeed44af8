//! The rows of cells: how one is changed by a difference, how they are counted anew from facts and from each other, and whether
//! they are what follows. Refuses a level that is not made from a finer one.
//! `CAST(sum(…) AS BIGINT)` is the engines' own sum: pages add up thousands of cells, and `sum_int` is a function of ours.

use kernel::Date;
use store::{Row, StoreError, Tx};

use super::{Level, Measures, Place, all_units};
use crate::cause;

/// The columns that a cell counts, in the order of [`Measures`].
macro_rules! measures {
    () => {
        "entries, filed, self_filed, assisted, on_behalf, received, late_receipts, decided, early, late, late_person, \
         late_system, worked_minutes, requests, clean, extended, undue, refused, stopped, withdrawn, ended_due, kept_due, \
         with_result, with_papers, owing, paid_online"
    };
}

/// Their sums.
macro_rules! sums {
    () => {
        "CAST(sum(entries) AS BIGINT), CAST(sum(filed) AS BIGINT), CAST(sum(self_filed) AS BIGINT), \
         CAST(sum(assisted) AS BIGINT), CAST(sum(on_behalf) AS BIGINT), CAST(sum(received) AS BIGINT), \
         CAST(sum(late_receipts) AS BIGINT), CAST(sum(decided) AS BIGINT), CAST(sum(early) AS BIGINT), \
         CAST(sum(late) AS BIGINT), CAST(sum(late_person) AS BIGINT), CAST(sum(late_system) AS BIGINT), \
         CAST(sum(worked_minutes) AS BIGINT), CAST(sum(requests) AS BIGINT), CAST(sum(clean) AS BIGINT), \
         CAST(sum(extended) AS BIGINT), CAST(sum(undue) AS BIGINT), CAST(sum(refused) AS BIGINT), \
         CAST(sum(stopped) AS BIGINT), CAST(sum(withdrawn) AS BIGINT), CAST(sum(ended_due) AS BIGINT), \
         CAST(sum(kept_due) AS BIGINT), CAST(sum(with_result) AS BIGINT), CAST(sum(with_papers) AS BIGINT), \
         CAST(sum(owing) AS BIGINT), CAST(sum(paid_online) AS BIGINT)"
    };
}
pub(crate) use sums;

/// Reads the measures that begin at column `from`.
pub(crate) fn measures_of(row: &Row<'_>, from: usize) -> Result<Measures, StoreError> {
    let mut at = from;
    Measures::from_all(|| {
        at += 1;
        row.get(at - 1)
    })
}

/// Adds a difference to a cell; a cell in which nothing is left goes.
pub(crate) fn add(tx: &mut Tx, (level, day, unit, procedure): &Place, by: &Measures) -> Result<(), StoreError> {
    let n = by.all();
    tx.execute(
        concat!(
            "INSERT INTO figure_cell (level, day, unit, procedure, ",
            measures!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
             $24, $25, $26, $27, $28, $29, $30)
             ON CONFLICT (level, day, unit, procedure) DO UPDATE SET
                 entries = figure_cell.entries + excluded.entries, filed = figure_cell.filed + excluded.filed,
                 self_filed = figure_cell.self_filed + excluded.self_filed,
                 assisted = figure_cell.assisted + excluded.assisted,
                 on_behalf = figure_cell.on_behalf + excluded.on_behalf,
                 received = figure_cell.received + excluded.received,
                 late_receipts = figure_cell.late_receipts + excluded.late_receipts,
                 decided = figure_cell.decided + excluded.decided, early = figure_cell.early + excluded.early,
                 late = figure_cell.late + excluded.late,
                 late_person = figure_cell.late_person + excluded.late_person,
                 late_system = figure_cell.late_system + excluded.late_system,
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
            level, day, unit, procedure, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8], &n[9], &n[10], &n[11],
            &n[12], &n[13], &n[14], &n[15], &n[16], &n[17], &n[18], &n[19], &n[20], &n[21], &n[22], &n[23], &n[24], &n[25],
        ],
    )?;
    if by.entries < 0 {
        tx.execute(
            "DELETE FROM figure_cell WHERE level = $1 AND unit = $2 AND day = $3 AND procedure = $4 AND entries = 0",
            &[level, unit, day, procedure],
        )?;
    }
    Ok(())
}

/// The cells of days that follow from the facts of a period. Parameters: its first day, the day after its last.
macro_rules! day_cells {
    () => {
        concat!(
            "SELECT CAST('day' AS TEXT) AS level, day, unit, procedure, ",
            sums!(),
            " FROM (
             SELECT CAST(filed_on AS TEXT) AS day, unit, procedure, 1 AS entries, 1 AS filed,
                 CASE WHEN channel = 'self' THEN 1 ELSE 0 END AS self_filed,
                 CASE WHEN channel = 'assisted' THEN 1 ELSE 0 END AS assisted,
                 CASE WHEN channel IN ('officer', 'post') THEN 1 ELSE 0 END AS on_behalf, 0 AS received,
                 0 AS late_receipts, 0 AS decided, 0 AS early, 0 AS late, 0 AS late_person, 0 AS late_system,
                 0 AS worked_minutes, 0 AS requests, 0 AS clean, 0 AS extended, 0 AS undue, 0 AS refused, 0 AS stopped,
                 0 AS withdrawn, 0 AS ended_due, 0 AS kept_due, 0 AS with_result, 0 AS with_papers, 0 AS owing, 0 AS paid_online
             FROM figure_fact WHERE filed_on >= $1 AND filed_on < $2
             UNION ALL
             SELECT CAST(received_on AS TEXT), unit, procedure, 1, 0, 0, 0, 0, 1,
                 CASE WHEN is_late_receipt THEN 1 ELSE 0 END, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
             FROM figure_fact WHERE received_on >= $1 AND received_on < $2
             UNION ALL
             SELECT CAST(ended_on AS TEXT), unit, procedure, 1, 0, 0, 0, 0, 0, 0, CASE WHEN is_counted THEN 1 ELSE 0 END,
                 CASE WHEN is_counted AND is_early THEN 1 ELSE 0 END, CASE WHEN is_counted AND is_late THEN 1 ELSE 0 END,
                 CASE WHEN attributed = 'person' THEN 1 ELSE 0 END, CASE WHEN attributed = 'system' THEN 1 ELSE 0 END,
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
             ) AS part GROUP BY day, unit, procedure"
        )
    };
}

/// Cells of a coarser level that follow from those of a finer one. Parameters: the names between which the finer ones lie.
macro_rules! coarser {
    ($level:literal, $day:literal, $from:literal, $procedure:literal, $group:literal) => {
        concat!(
            "SELECT CAST('",
            $level,
            "' AS TEXT) AS level, ",
            $day,
            " AS day, unit, ",
            $procedure,
            " AS procedure, ",
            sums!(),
            " FROM figure_cell WHERE level = '",
            $from,
            "' AND day >= $1 AND day < $2 GROUP BY ",
            $group
        )
    };
}

/// The same of all units together, which stand under the id that is the first parameter; the names follow it.
macro_rules! of_all_units {
    ($level:literal, $day:literal, $from:literal, $group:literal) => {
        concat!(
            "SELECT CAST('",
            $level,
            "' AS TEXT) AS level, ",
            $day,
            " AS day, (SELECT value FROM uuid_list($1)) AS unit, procedure, ",
            sums!(),
            " FROM figure_cell WHERE level = '",
            $from,
            "' AND day >= $2 AND day < $3 GROUP BY ",
            $group,
            ", procedure"
        )
    };
}

/// In which third of its month a day lies: 1 to 3.
macro_rules! third {
    () => {
        "substr(day, 1, 7) || CASE WHEN substr(day, 9, 2) <= '10' THEN '-1' WHEN substr(day, 9, 2) <= '20' THEN '-2' ELSE '-3' END"
    };
}

macro_rules! day_unit {
    () => {
        coarser!("day-unit", "day", "day", "CAST('' AS TEXT)", "day, unit")
    };
}

macro_rules! month {
    () => {
        coarser!(
            "month",
            "substr(day, 1, 7)",
            "day",
            "procedure",
            "substr(day, 1, 7), unit, procedure"
        )
    };
}

macro_rules! month_unit {
    () => {
        coarser!(
            "month-unit",
            "substr(day, 1, 7)",
            "day-unit",
            "CAST('' AS TEXT)",
            "substr(day, 1, 7), unit"
        )
    };
}

macro_rules! year {
    () => {
        coarser!(
            "year",
            "substr(day, 1, 4)",
            "month",
            "procedure",
            "substr(day, 1, 4), unit, procedure"
        )
    };
}

macro_rules! day_procedure {
    () => {
        of_all_units!("day-procedure", "day", "day", "day")
    };
}

macro_rules! third_procedure {
    () => {
        concat!(
            "SELECT CAST('third-procedure' AS TEXT) AS level, third AS day, (SELECT value FROM uuid_list($1)) AS unit, procedure, ",
            sums!(),
            " FROM (SELECT ",
            third!(),
            " AS third, procedure, ",
            measures!(),
            " FROM figure_cell WHERE level = 'day-procedure' AND day >= $2 AND day < $3) AS part GROUP BY third, procedure"
        )
    };
}

macro_rules! month_procedure {
    () => {
        of_all_units!(
            "month-procedure",
            "substr(day, 1, 7)",
            "third-procedure",
            "substr(day, 1, 7)"
        )
    };
}

macro_rules! year_procedure {
    () => {
        of_all_units!(
            "year-procedure",
            "substr(day, 1, 4)",
            "month-procedure",
            "substr(day, 1, 4)"
        )
    };
}

macro_rules! insert_cells {
    ($select:expr) => {
        concat!(
            "INSERT INTO figure_cell (level, day, unit, procedure, ",
            measures!(),
            ") ",
            $select
        )
    };
}

/// Counts the cells that stand on one side only: those expected and not held, and those held and not expected.
macro_rules! differing {
    ($expected:expr, $level:literal, $from:literal, $until:literal) => {
        concat!(
            "SELECT (SELECT count(*) FROM (SELECT * FROM (",
            $expected,
            ") AS a EXCEPT SELECT level, day, unit, procedure, ",
            measures!(),
            " FROM figure_cell WHERE level = '",
            $level,
            "' AND day >= ",
            $from,
            " AND day < ",
            $until,
            ") AS missing), (SELECT count(*) FROM (SELECT level, day, unit, procedure, ",
            measures!(),
            " FROM figure_cell WHERE level = '",
            $level,
            "' AND day >= ",
            $from,
            " AND day < ",
            $until,
            " EXCEPT SELECT * FROM (",
            $expected,
            ") AS b) AS wrong)"
        )
    };
}

/// A month or a year as facts and cells know it.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    /// Its first day, and the first of the next.
    pub(crate) days: (Date, Date),
    /// `2026-11` and `2026-12`, or `2026` and `2027`.
    pub(crate) names: (String, String),
}

/// All units as a list of one: a list has the engine's own type.
fn all() -> store::sql::UuidList {
    store::sql::UuidList::new([all_units().uuid()])
}

/// Counts the cells of a month anew from its facts, on every level up to the month.
pub(crate) fn count_month(tx: &mut Tx, month: &Stretch) -> Result<(), StoreError> {
    let ((first, next), (name, after)) = (month.days, (&month.names.0, &month.names.1));
    let all = all();
    forget(tx, name, after)?;
    tx.execute(insert_cells!(day_cells!()), &[&first, &next])?;
    tx.execute(insert_cells!(day_unit!()), &[name, after])?;
    tx.execute(insert_cells!(month!()), &[name, after])?;
    tx.execute(insert_cells!(month_unit!()), &[name, after])?;
    tx.execute(insert_cells!(day_procedure!()), &[&all, name, after])?;
    tx.execute(insert_cells!(third_procedure!()), &[&all, name, after])?;
    tx.execute(insert_cells!(month_procedure!()), &[&all, name, after])?;
    cause::cell::store::count_month(tx, month)
}

/// Counts the cells of a year anew from those of its months.
pub(crate) fn count_year(tx: &mut Tx, year: &Stretch) -> Result<(), StoreError> {
    let (name, after) = (&year.names.0, &year.names.1);
    tx.execute(
        "DELETE FROM figure_cell WHERE level IN ('year', 'year-procedure') AND day = $1",
        &[name],
    )?;
    tx.execute(insert_cells!(year!()), &[name, after])?;
    tx.execute(insert_cells!(year_procedure!()), &[&all(), name, after])?;
    Ok(())
}

/// Forgets the cells whose names lie from one up to before another, those of causes among them.
pub(crate) fn forget(tx: &mut Tx, name: &str, after: &str) -> Result<u64, StoreError> {
    cause::cell::store::forget(tx, name, after)?;
    tx.execute(
        "DELETE FROM figure_cell WHERE level IN ('day', 'day-unit', 'day-procedure', 'third-procedure', 'month', 'month-unit',
             'month-procedure', 'year', 'year-procedure') AND day >= $1 AND day < $2",
        &[&name, &after],
    )
}

/// Months of which there are cells.
pub(crate) fn months(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT DISTINCT substr(day, 1, 7) FROM figure_cell
         WHERE level IN ('day-unit', 'month-unit', 'third-procedure', 'month-procedure') LIMIT 5000",
        &[],
        |row| row.get(0),
    )
}

/// Years of which there are cells.
pub(crate) fn years(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT DISTINCT day FROM figure_cell WHERE level IN ('year', 'year-procedure') LIMIT 1000",
        &[],
        |row| row.get(0),
    )
}

fn pair(row: &Row<'_>) -> Result<(i64, i64), StoreError> {
    Ok((row.get(0)?, row.get(1)?))
}

fn faults(found: impl IntoIterator<Item = (Level, (i64, i64))>) -> Vec<(Level, i64)> {
    let wrong = found.into_iter().filter(|(_, (missing, held))| missing + held > 0);
    wrong
        .map(|(level, (missing, held))| (level, missing.max(held)))
        .collect()
}

/// How many cells of a month, on which level, are not what follows from the finer level: from the facts for days.
pub(crate) fn wrong_in_month(tx: &mut Tx, month: &Stretch) -> Result<Vec<(Level, i64)>, StoreError> {
    let ((first, next), (name, after)) = (month.days, (&month.names.0, &month.names.1));
    let all = all();
    let mut one = |level: Level, sql: &'static str, of_all: bool| {
        let found = if of_all {
            tx.one(sql, &[&all, name, after], pair)
        } else {
            tx.one(sql, &[name, after], pair)
        };
        found.map(|found| (level, found))
    };
    let found = [
        one(Level::DayUnit, differing!(day_unit!(), "day-unit", "$1", "$2"), false)?,
        one(Level::Month, differing!(month!(), "month", "$1", "$2"), false)?,
        one(
            Level::MonthUnit,
            differing!(month_unit!(), "month-unit", "$1", "$2"),
            false,
        )?,
        one(
            Level::DayProcedure,
            differing!(day_procedure!(), "day-procedure", "$2", "$3"),
            true,
        )?,
        one(
            Level::ThirdProcedure,
            differing!(third_procedure!(), "third-procedure", "$2", "$3"),
            true,
        )?,
        one(
            Level::MonthProcedure,
            differing!(month_procedure!(), "month-procedure", "$2", "$3"),
            true,
        )?,
    ];
    let days = tx.one(
        differing!(day_cells!(), "day", "$3", "$4"),
        &[&first, &next, name, after],
        pair,
    )?;
    Ok(faults([(Level::Day, days)].into_iter().chain(found)))
}

/// How many cells of a year are not what follows from its months.
pub(crate) fn wrong_in_year(tx: &mut Tx, year: &Stretch) -> Result<Vec<(Level, i64)>, StoreError> {
    let (name, after) = (&year.names.0, &year.names.1);
    let of_both = tx.one(differing!(year!(), "year", "$1", "$2"), &[name, after], pair)?;
    let of_procedure = tx.one(
        differing!(year_procedure!(), "year-procedure", "$2", "$3"),
        &[&all(), name, after],
        pair,
    )?;
    Ok(faults([(Level::Year, of_both), (Level::YearProcedure, of_procedure)]))
}
