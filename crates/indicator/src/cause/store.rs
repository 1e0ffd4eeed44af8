//! What causes are found from (the history of a dossier, requests to other units), and where they are kept.
//! Refuses names and reasons: only states and hours are read.

use casework::dossier::DossierId;
use identity::UnitId;
use kernel::Timestamp;
use store::sql::{TextList, UuidList};
use store::{StoreError, Tx};

use super::{Cause, PutTo, Segment, Span, Waited};

/// The states of a dossier, oldest first. A dossier has few steps; the bound is for damaged data.
pub(crate) fn segments(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Segment>, StoreError> {
    tx.all(
        "SELECT at, to_state FROM dossier_event WHERE dossier = $1 ORDER BY seq LIMIT 500",
        &[&dossier],
        |row| {
            Ok(Segment {
                at: row.get(0)?,
                state: row.get(1)?,
            })
        },
    )
}

/// When other units were asked and answered; one that never answered is open to the end.
pub(crate) fn asked(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Span>, StoreError> {
    tx.all(
        "SELECT asked_at, ended_at FROM coordination WHERE dossier = $1 ORDER BY asked_at LIMIT 500",
        &[&dossier],
        |row| {
            Ok(Span {
                from: row.get(0)?,
                to: row.get::<Option<Timestamp>>(1)?.unwrap_or(Timestamp::MAX),
            })
        },
    )
}

/// Keeps what was found.
pub(crate) fn put(tx: &mut Tx, dossier: DossierId, found: &Waited) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO figure_cause (dossier, cause, agency_minutes, officer_minutes, leader_minutes, applicant_minutes)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (dossier) DO UPDATE SET cause = excluded.cause, agency_minutes = excluded.agency_minutes,
             officer_minutes = excluded.officer_minutes, leader_minutes = excluded.leader_minutes,
             applicant_minutes = excluded.applicant_minutes",
        &[
            &dossier,
            &found.cause,
            &found.agency_minutes,
            &found.officer_minutes,
            &found.leader_minutes,
            &found.applicant_minutes,
        ],
    )?;
    Ok(())
}

/// Forgets it: the dossier is not late after all.
pub(crate) fn delete(tx: &mut Tx, dossier: DossierId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM figure_cause WHERE dossier = $1", &[&dossier])?;
    Ok(())
}

/// Late dossiers of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) cause: Cause,
    pub(crate) count: i64,
    pub(crate) agency_minutes: i64,
    pub(crate) officer_minutes: i64,
    pub(crate) leader_minutes: i64,
    pub(crate) applicant_minutes: i64,
    pub(crate) by_person: i64,
    pub(crate) by_system: i64,
}

/// The sums of the late dossiers that ended from `from` up to before `until`, by cause. Without units, of all.
pub(crate) fn sums(
    tx: &mut Tx,
    units: Option<&[UnitId]>,
    procedures: Option<&[String]>,
    (from, until): (kernel::Date, kernel::Date),
) -> Result<Vec<Sum>, StoreError> {
    let list = UuidList::new(units.unwrap_or_default().iter().map(|unit| unit.uuid()));
    let codes = TextList::new(procedures.unwrap_or_default());
    tx.all(
        "SELECT c.cause, count(*), CAST(sum(c.agency_minutes) AS BIGINT), CAST(sum(c.officer_minutes) AS BIGINT),
             CAST(sum(c.leader_minutes) AS BIGINT), CAST(sum(c.applicant_minutes) AS BIGINT),
             CAST(sum(CASE WHEN f.attributed = 'person' THEN 1 ELSE 0 END) AS BIGINT),
             CAST(sum(CASE WHEN f.attributed = 'system' THEN 1 ELSE 0 END) AS BIGINT)
         FROM figure_fact AS f INNER JOIN figure_cause AS c ON c.dossier = f.dossier
         WHERE f.is_counted AND f.is_late AND f.ended_on >= $1 AND f.ended_on < $2
             AND ($3 OR f.unit IN (SELECT value FROM uuid_list($4)))
             AND ($5 OR f.procedure IN (SELECT value FROM text_list($6)))
         GROUP BY c.cause ORDER BY 2 DESC, 1",
        &[&from, &until, &units.is_none(), &list, &procedures.is_none(), &codes],
        |row| {
            Ok(Sum {
                cause: row.get(0)?,
                count: row.get(1)?,
                agency_minutes: row.get(2)?,
                officer_minutes: row.get(3)?,
                leader_minutes: row.get(4)?,
                applicant_minutes: row.get(5)?,
                by_person: row.get(6)?,
                by_system: row.get(7)?,
            })
        },
    )
}

/// A late dossier with what it waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LateRow {
    pub(crate) code: String,
    pub(crate) unit: UnitId,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) waited: Waited,
    pub(crate) attributed: Option<PutTo>,
}

/// The late dossiers of a period, the latest first, at most `limit`.
pub(crate) fn rows(
    tx: &mut Tx,
    units: Option<&[UnitId]>,
    procedures: Option<&[String]>,
    (from, until): (kernel::Date, kernel::Date),
    limit: i64,
) -> Result<Vec<LateRow>, StoreError> {
    let list = UuidList::new(units.unwrap_or_default().iter().map(|unit| unit.uuid()));
    let codes = TextList::new(procedures.unwrap_or_default());
    tx.all(
        "SELECT f.code, f.unit, f.due_at, f.ended_at, c.cause, c.agency_minutes, c.officer_minutes, c.leader_minutes,
             c.applicant_minutes, f.attributed
         FROM figure_fact AS f INNER JOIN figure_cause AS c ON c.dossier = f.dossier
         WHERE f.is_counted AND f.is_late AND f.ended_on >= $1 AND f.ended_on < $2
             AND ($3 OR f.unit IN (SELECT value FROM uuid_list($4)))
             AND ($5 OR f.procedure IN (SELECT value FROM text_list($6)))
         ORDER BY f.ended_on DESC, f.dossier DESC LIMIT $7",
        &[
            &from,
            &until,
            &units.is_none(),
            &list,
            &procedures.is_none(),
            &codes,
            &limit,
        ],
        |row| {
            Ok(LateRow {
                code: row.get(0)?,
                unit: row.get(1)?,
                due_at: row.get(2)?,
                ended_at: row.get(3)?,
                waited: Waited {
                    cause: row.get(4)?,
                    agency_minutes: row.get(5)?,
                    officer_minutes: row.get(6)?,
                    leader_minutes: row.get(7)?,
                    applicant_minutes: row.get(8)?,
                },
                attributed: row.get(9)?,
            })
        },
    )
}

/// Codes of late facts without a cause, and of causes whose fact is not late.
pub(crate) fn broken(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT f.code FROM figure_fact AS f WHERE (f.is_counted AND f.is_late)
             <> EXISTS (SELECT 1 FROM figure_cause AS c WHERE c.dossier = f.dossier) ORDER BY f.code LIMIT 1000",
        &[],
        |row| row.get(0),
    )
}
