//! The rows of cells of causes: how one is changed, how those of a month are counted anew from late dossiers, and whether they are
//! what follows. Refuses a level that is not counted from the dossiers themselves.

use store::{Row, StoreError, Tx};

use super::{Parts, Place};
use crate::cell::all_units;
use crate::cell::store::Stretch;

macro_rules! columns {
    () => {
        "level, day, unit, procedure, cause, late, agency_minutes, officer_minutes, leader_minutes, applicant_minutes, \
         by_person, by_system"
    };
}

/// Sums of cells, in the order of [`Parts`].
macro_rules! sums {
    () => {
        "CAST(sum(late) AS BIGINT), CAST(sum(agency_minutes) AS BIGINT), CAST(sum(officer_minutes) AS BIGINT), \
         CAST(sum(leader_minutes) AS BIGINT), CAST(sum(applicant_minutes) AS BIGINT), CAST(sum(by_person) AS BIGINT), \
         CAST(sum(by_system) AS BIGINT)"
    };
}
pub(crate) use sums;

/// Reads the parts that begin at column `from`.
pub(crate) fn parts_of(row: &Row<'_>, from: usize) -> Result<Parts, StoreError> {
    Ok(Parts {
        count: row.get(from)?,
        agency_minutes: row.get(from + 1)?,
        officer_minutes: row.get(from + 2)?,
        leader_minutes: row.get(from + 3)?,
        applicant_minutes: row.get(from + 4)?,
        by_person: row.get(from + 5)?,
        by_system: row.get(from + 6)?,
    })
}

/// Adds a difference to a cell; a cell in which nothing is left goes.
pub(crate) fn add(tx: &mut Tx, (level, day, unit, procedure, cause): &Place, by: &Parts) -> Result<(), StoreError> {
    tx.execute(
        concat!(
            "INSERT INTO figure_cause_cell (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (level, day, unit, procedure, cause) DO UPDATE SET late = figure_cause_cell.late + excluded.late,
                 agency_minutes = figure_cause_cell.agency_minutes + excluded.agency_minutes,
                 officer_minutes = figure_cause_cell.officer_minutes + excluded.officer_minutes,
                 leader_minutes = figure_cause_cell.leader_minutes + excluded.leader_minutes,
                 applicant_minutes = figure_cause_cell.applicant_minutes + excluded.applicant_minutes,
                 by_person = figure_cause_cell.by_person + excluded.by_person,
                 by_system = figure_cause_cell.by_system + excluded.by_system"
        ),
        &[
            level,
            day,
            unit,
            procedure,
            cause,
            &by.count,
            &by.agency_minutes,
            &by.officer_minutes,
            &by.leader_minutes,
            &by.applicant_minutes,
            &by.by_person,
            &by.by_system,
        ],
    )?;
    if by.count < 0 {
        tx.execute(
            "DELETE FROM figure_cause_cell WHERE level = $1 AND day = $2 AND unit = $3 AND procedure = $4 AND cause = $5
                 AND late = 0",
            &[level, day, unit, procedure, cause],
        )?;
    }
    Ok(())
}

/// The cells of one level that follow from the late dossiers of a period. Parameters: all units as a list of one, the first day of the
/// period, the day after its last.
macro_rules! level {
    ($level:literal, $day:literal, $unit:literal, $procedure:literal, $group:literal) => {
        concat!(
            "SELECT CAST('",
            $level,
            "' AS TEXT) AS level, ",
            $day,
            " AS day, ",
            $unit,
            " AS unit, ",
            $procedure,
            " AS procedure, c.cause AS cause, count(*) AS late, CAST(sum(c.agency_minutes) AS BIGINT) AS agency_minutes,
             CAST(sum(c.officer_minutes) AS BIGINT) AS officer_minutes, CAST(sum(c.leader_minutes) AS BIGINT) AS leader_minutes,
             CAST(sum(c.applicant_minutes) AS BIGINT) AS applicant_minutes,
             CAST(sum(CASE WHEN f.attributed = 'person' THEN 1 ELSE 0 END) AS BIGINT) AS by_person,
             CAST(sum(CASE WHEN f.attributed = 'system' THEN 1 ELSE 0 END) AS BIGINT) AS by_system
             FROM figure_fact AS f INNER JOIN figure_cause AS c ON c.dossier = f.dossier
             WHERE f.is_counted AND f.is_late AND f.ended_on >= $2 AND f.ended_on < $3 GROUP BY ",
            $group,
            ", c.cause"
        )
    };
}

macro_rules! cells {
    () => {
        concat!(
            level!(
                "day-procedure",
                "CAST(f.ended_on AS TEXT)",
                "(SELECT value FROM uuid_list($1))",
                "f.procedure",
                "CAST(f.ended_on AS TEXT), f.procedure"
            ),
            " UNION ALL ",
            level!(
                "month-procedure",
                "substr(CAST(f.ended_on AS TEXT), 1, 7)",
                "(SELECT value FROM uuid_list($1))",
                "f.procedure",
                "substr(CAST(f.ended_on AS TEXT), 1, 7), f.procedure"
            ),
            " UNION ALL ",
            level!(
                "day-unit",
                "CAST(f.ended_on AS TEXT)",
                "f.unit",
                "CAST('' AS TEXT)",
                "CAST(f.ended_on AS TEXT), f.unit"
            ),
            " UNION ALL ",
            level!(
                "month-unit",
                "substr(CAST(f.ended_on AS TEXT), 1, 7)",
                "f.unit",
                "CAST('' AS TEXT)",
                "substr(CAST(f.ended_on AS TEXT), 1, 7), f.unit"
            ),
            " UNION ALL ",
            level!(
                "day",
                "CAST(f.ended_on AS TEXT)",
                "f.unit",
                "f.procedure",
                "CAST(f.ended_on AS TEXT), f.unit, f.procedure"
            ),
            " UNION ALL ",
            level!(
                "month",
                "substr(CAST(f.ended_on AS TEXT), 1, 7)",
                "f.unit",
                "f.procedure",
                "substr(CAST(f.ended_on AS TEXT), 1, 7), f.unit, f.procedure"
            )
        )
    };
}

macro_rules! held {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM figure_cause_cell WHERE day >= $4 AND day < $5"
        )
    };
}

fn all() -> store::sql::UuidList {
    store::sql::UuidList::new([all_units().uuid()])
}

/// Counts the cells of a month anew, on every level.
pub(crate) fn count_month(tx: &mut Tx, month: &Stretch) -> Result<(), StoreError> {
    forget(tx, &month.names.0, &month.names.1)?;
    tx.execute(
        concat!("INSERT INTO figure_cause_cell (", columns!(), ") ", cells!()),
        &[&all(), &month.days.0, &month.days.1],
    )?;
    Ok(())
}

/// Forgets the cells whose names lie from one up to before another.
pub(crate) fn forget(tx: &mut Tx, name: &str, after: &str) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM figure_cause_cell WHERE level IN ('day', 'day-unit', 'day-procedure', 'month', 'month-unit', 'month-procedure')
             AND day >= $1 AND day < $2",
        &[&name, &after],
    )
}

/// Months of which there are cells.
pub(crate) fn months(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT DISTINCT substr(day, 1, 7) FROM figure_cause_cell LIMIT 5000",
        &[],
        |row| row.get(0),
    )
}

/// How many cells of a month are not what follows from its late dossiers.
pub(crate) fn wrong_in_month(tx: &mut Tx, month: &Stretch) -> Result<i64, StoreError> {
    let (missing, wrong): (i64, i64) = tx.one(
        concat!(
            "SELECT (SELECT count(*) FROM (SELECT * FROM (",
            cells!(),
            ") AS a EXCEPT ",
            held!(),
            ") AS missing), (SELECT count(*) FROM (",
            held!(),
            " EXCEPT SELECT * FROM (",
            cells!(),
            ") AS b) AS wrong)"
        ),
        &[&all(), &month.days.0, &month.days.1, &month.names.0, &month.names.1],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(missing.max(wrong))
}
