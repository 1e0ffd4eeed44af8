//! What causes are found from (the history of a dossier, requests to other units), and where they are kept.
//! Refuses names and reasons: only states and hours are read.

use std::collections::BTreeMap;

use casework::dossier::DossierId;
use identity::UnitId;
use kernel::{Date, Timestamp};
use store::sql::{TextList, UuidList};
use store::{Row, StoreError, Tx};
use uuid::Uuid;

use super::cell::store::{parts_of, sums as cell_sums};
use super::cell::{GRAINS, Parts};
use super::{Cause, PutTo, Segment, Span, Waited, child};
use crate::cell::{Shape, spans};

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

/// When other units were asked and answered; one that never answered is open to the end. While such a unit waited for an answer of
/// the asking one, the time was not its own.
pub(crate) fn asked(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Span>, StoreError> {
    let requests = tx.all(
        "SELECT id, asked_at, ended_at FROM coordination WHERE dossier = $1 ORDER BY asked_at LIMIT 500",
        &[&dossier],
        |row| {
            let span = Span {
                from: row.get(1)?,
                to: row.get::<Option<Timestamp>>(2)?.unwrap_or(Timestamp::MAX),
            };
            Ok((row.get::<Uuid>(0)?, span))
        },
    )?;
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let back = child::store::asked_back(tx, dossier)?;
    let cut = |(id, whole): (Uuid, Span)| {
        let own: Vec<Span> = back.iter().filter(|(of, _)| *of == id).map(|(_, span)| *span).collect();
        child::without(whole, &own)
    };
    Ok(requests.into_iter().flat_map(cut).collect())
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

/// What was found before.
pub(crate) fn find(tx: &mut Tx, dossier: DossierId) -> Result<Option<Waited>, StoreError> {
    tx.opt(
        "SELECT cause, agency_minutes, officer_minutes, leader_minutes, applicant_minutes FROM figure_cause WHERE dossier = $1",
        &[&dossier],
        |row| waited_of(row, 0),
    )
}

fn waited_of(row: &Row<'_>, from: usize) -> Result<Waited, StoreError> {
    Ok(Waited {
        cause: row.get(from)?,
        agency_minutes: row.get(from + 1)?,
        officer_minutes: row.get(from + 2)?,
        leader_minutes: row.get(from + 3)?,
        applicant_minutes: row.get(from + 4)?,
    })
}

/// Late dossiers of one cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) cause: Cause,
    pub(crate) parts: Parts,
}

/// The sums of the late dossiers that ended from `from` up to before `until`, by cause, the most frequent first. Without units, of all.
pub(crate) fn sums(
    tx: &mut Tx,
    units: Option<&[UnitId]>,
    procedures: Option<&[String]>,
    (from, until): (Date, Date),
) -> Result<Vec<Sum>, StoreError> {
    let list = UuidList::new(units.unwrap_or_default().iter().map(|unit| unit.uuid()));
    let codes = TextList::new(procedures.unwrap_or_default());
    let shape = match (units, procedures) {
        (_, None) => Shape::Unit,
        (None, Some(_)) => Shape::Procedure,
        (Some(_), Some(_)) => Shape::Both,
    };
    let mut all: BTreeMap<Cause, Parts> = BTreeMap::new();
    for span in spans(from, until, GRAINS) {
        let level = shape.level(span.grain);
        let found = tx.all(
            concat!(
                "SELECT cause, ",
                cell_sums!(),
                " FROM figure_cause_cell WHERE level = $1 AND day >= $2 AND day < $3
                     AND ($4 OR unit IN (SELECT value FROM uuid_list($5)))
                     AND ($6 OR procedure IN (SELECT value FROM text_list($7))) GROUP BY cause"
            ),
            &[
                &level,
                &span.from,
                &span.until,
                &units.is_none(),
                &list,
                &procedures.is_none(),
                &codes,
            ],
            |row| Ok((row.get::<Cause>(0)?, parts_of(row, 1)?)),
        )?;
        for (cause, parts) in found {
            *all.entry(cause).or_default() += if span.is_minus { parts.minus() } else { parts };
        }
    }
    let mut sums: Vec<Sum> = all.into_iter().map(|(cause, parts)| Sum { cause, parts }).collect();
    sums.retain(|sum| sum.parts.count > 0);
    sums.sort_by_key(|sum| (std::cmp::Reverse(sum.parts.count), sum.cause.word()));
    Ok(sums)
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

/// A place in a list of late dossiers: the day on which it ended, and its id.
type LateKey = (Date, DossierId);

macro_rules! late_keys {
    ($scope:literal, $limit:literal) => {
        concat!(
            "SELECT ended_on, dossier FROM figure_fact WHERE is_counted AND is_late AND ended_on >= $1 AND ended_on < $2",
            $scope,
            " ORDER BY ended_on DESC, dossier DESC LIMIT ",
            $limit
        )
    };
}

/// The places of the last late dossiers: of everything, of each unit or of each procedure, all of them from an index of late ones.
fn late_keys(
    tx: &mut Tx,
    units: Option<&[UnitId]>,
    procedures: Option<&[String]>,
    (from, until): (Date, Date),
    limit: i64,
) -> Result<Vec<LateKey>, StoreError> {
    let key = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let codes = TextList::new(procedures.unwrap_or_default());
    let mut keys: Vec<LateKey> = Vec::new();
    match (units, procedures) {
        (None, None) => keys = tx.all(late_keys!("", "$3"), &[&from, &until, &limit], key)?,
        (Some(units), _) => {
            for unit in units {
                keys.extend(tx.all(
                    late_keys!(
                        " AND unit = $3 AND ($4 OR COALESCE(procedure, procedure) IN (SELECT value FROM text_list($5)))",
                        "$6"
                    ),
                    &[&from, &until, unit, &procedures.is_none(), &codes, &limit],
                    key,
                )?);
            }
        }
        (None, Some(procedures)) => {
            for code in procedures {
                keys.extend(tx.all(
                    late_keys!(" AND procedure = $3", "$4"),
                    &[&from, &until, code, &limit],
                    key,
                )?);
            }
        }
    }
    keys.sort_unstable_by_key(|key| std::cmp::Reverse(*key));
    keys.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(keys)
}

/// The late dossiers of a period, the latest first, at most `limit`.
pub(crate) fn rows(
    tx: &mut Tx,
    units: Option<&[UnitId]>,
    procedures: Option<&[String]>,
    days: (Date, Date),
    limit: i64,
) -> Result<Vec<LateRow>, StoreError> {
    let keys = late_keys(tx, units, procedures, days, limit)?;
    let list = UuidList::new(keys.iter().map(|(_, dossier)| dossier.uuid()));
    tx.all(
        "SELECT f.code, f.unit, f.due_at, f.ended_at, c.cause, c.agency_minutes, c.officer_minutes, c.leader_minutes,
             c.applicant_minutes, f.attributed
         FROM figure_fact AS f INNER JOIN figure_cause AS c ON c.dossier = f.dossier
         WHERE f.dossier IN (SELECT value FROM uuid_list($1)) ORDER BY f.ended_on DESC, f.dossier DESC",
        &[&list],
        |row| {
            Ok(LateRow {
                code: row.get(0)?,
                unit: row.get(1)?,
                due_at: row.get(2)?,
                ended_at: row.get(3)?,
                waited: waited_of(row, 4)?,
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
