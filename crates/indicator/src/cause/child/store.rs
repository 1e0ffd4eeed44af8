//! Reads the child dossiers that ended, and the stops of their clocks in which the sender was asked.
//! It refuses to read whom a dossier is about.

use casework::dossier::DossierId;
use identity::UnitId;
use kernel::{Date, Timestamp};
use store::sql::{TextList, UuidList};
use store::{StoreError, Tx};
use uuid::Uuid;

use super::super::Span;
use super::{Held, Late};

/// Child dossiers that ended from `from` up to before `until`, by the unit that had them, the latest minutes first. A unit's figures
/// are seen by itself and by whose dossiers they were. Without units, all.
pub(crate) fn by_unit(
    tx: &mut Tx,
    units: Option<&[UnitId]>,
    procedures: Option<&[String]>,
    (from, until): (Date, Date),
) -> Result<Vec<Held>, StoreError> {
    let list = UuidList::new(units.unwrap_or_default().iter().map(|unit| unit.uuid()));
    let codes = TextList::new(procedures.unwrap_or_default());
    let (from, until) = (Timestamp::start_of_day(from), Timestamp::start_of_day(until));
    tx.all(
        "SELECT k.unit, max(k.unit_name), count(*), CAST(sum(CASE WHEN k.is_late THEN 1 ELSE 0 END) AS BIGINT),
             CAST(sum(CASE WHEN k.is_late_accept THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(k.late_minutes) AS BIGINT)
         FROM child_dossier k INNER JOIN dossier d ON d.id = k.dossier
         WHERE k.ended_at IS NOT NULL AND k.ended_at >= $1 AND k.ended_at < $2
             AND ($3 OR k.unit IN (SELECT value FROM uuid_list($4)) OR d.unit IN (SELECT value FROM uuid_list($4)))
             AND ($5 OR d.procedure_code IN (SELECT value FROM text_list($6)))
         GROUP BY k.unit ORDER BY 6 DESC, 3 DESC, 1 LIMIT 500",
        &[&from, &until, &units.is_none(), &list, &procedures.is_none(), &codes],
        |row| {
            Ok(Held {
                unit_name: row.get(1)?,
                count: row.get(2)?,
                late: row.get(3)?,
                late_accept: row.get(4)?,
                late_minutes: row.get(5)?,
            })
        },
    )
}

/// The rows behind the late ones, the latest end first, at most `limit`.
pub(crate) fn late(
    tx: &mut Tx,
    units: Option<&[UnitId]>,
    procedures: Option<&[String]>,
    (from, until): (Date, Date),
    limit: i64,
) -> Result<Vec<Late>, StoreError> {
    let list = UuidList::new(units.unwrap_or_default().iter().map(|unit| unit.uuid()));
    let codes = TextList::new(procedures.unwrap_or_default());
    let (from, until) = (Timestamp::start_of_day(from), Timestamp::start_of_day(until));
    tx.all(
        "SELECT k.code, k.unit_name, k.due_at, k.ended_at, k.late_minutes
         FROM child_dossier k INNER JOIN dossier d ON d.id = k.dossier
         WHERE k.ended_at IS NOT NULL AND k.ended_at >= $1 AND k.ended_at < $2 AND k.is_late
             AND ($3 OR k.unit IN (SELECT value FROM uuid_list($4)) OR d.unit IN (SELECT value FROM uuid_list($4)))
             AND ($5 OR d.procedure_code IN (SELECT value FROM text_list($6)))
         ORDER BY k.ended_at DESC, k.id LIMIT $7",
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
            Ok(Late {
                code: row.get(0)?,
                unit_name: row.get(1)?,
                due_at: row.get(2)?,
                ended_at: row.get(3)?,
                late_minutes: row.get(4)?,
            })
        },
    )
}

/// When units that had work asked the one that sent it, by their request: that time is not theirs.
pub(crate) fn asked_back(tx: &mut Tx, dossier: DossierId) -> Result<Vec<(Uuid, Span)>, StoreError> {
    tx.all(
        "SELECT s.child, s.started_at, s.ended_at FROM child_stop s INNER JOIN child_dossier k ON k.id = s.child
         WHERE k.dossier = $1 AND s.cause = 'asked' ORDER BY s.started_at LIMIT 500",
        &[&dossier],
        |row| {
            let span = Span {
                from: row.get(1)?,
                to: row.get::<Option<Timestamp>>(2)?.unwrap_or(Timestamp::MAX),
            };
            Ok((row.get(0)?, span))
        },
    )
}
