//! Queries of successions: where open dossiers lie, those of one home, and requests to a unit that is no more.
//! A dossier itself is changed by `dossier::store::update` alone, with its revision.

use identity::UnitId;
use store::{StoreError, Tx};

use super::{Choice, Home};
use crate::dossier::store::{columns, dossier_of};
use crate::dossier::{Dossier, DossierId};

/// Where open dossiers lie. A province has some thousand units.
pub(crate) fn homes(tx: &mut Tx) -> Result<Vec<Home>, StoreError> {
    tx.all(
        "SELECT DISTINCT unit, desk, at_unit FROM dossier WHERE is_open = $1 LIMIT 50000",
        &[&true],
        |row| {
            Ok(Home {
                unit: row.get(0)?,
                desk: row.get(1)?,
                at: row.get(2)?,
            })
        },
    )
}

/// Open dossiers of a home, by id, after `after`.
pub(crate) fn open_at(tx: &mut Tx, home: Home, after: DossierId, limit: i64) -> Result<Vec<Dossier>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE at_unit = $1 AND is_open = $2 AND unit = $3 AND desk = $4 AND id > $5 ORDER BY id LIMIT $6"
        ),
        &[&home.at, &true, &home.unit, &home.desk, &after, &limit],
        dossier_of,
    )
}

/// Open requests to units, each unit once.
pub(crate) fn asked_units(tx: &mut Tx) -> Result<Vec<UnitId>, StoreError> {
    tx.all(
        "SELECT DISTINCT unit FROM coordination WHERE unit IS NOT NULL AND state IN ('asked', 'accepted') LIMIT 50000",
        &[],
        |row| row.get(0),
    )
}

/// Leads the open requests of a unit to the one that followed it; says how many.
pub(crate) fn lead_requests(tx: &mut Tx, from: UnitId, to: UnitId, name: &str) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE coordination SET unit = $1, agency_name = $2 WHERE unit = $3 AND state IN ('asked', 'accepted')",
        &[&to, &name, &from],
    )
}

/// Everything that was decided; few units are ever split.
pub(crate) fn choices(tx: &mut Tx) -> Result<Vec<Choice>, StoreError> {
    tx.all(
        "SELECT unit, heir, basis, decided_at, decided_by, decided_name FROM succession_choice ORDER BY unit LIMIT 10000",
        &[],
        |row| {
            Ok(Choice {
                unit: row.get(0)?,
                heir: row.get(1)?,
                basis: row.get(2)?,
                at: row.get(3)?,
                by: row.get(4)?,
                by_name: row.get(5)?,
            })
        },
    )
}

/// Writes a decision; false when somebody decided about this unit before.
pub(crate) fn decide(tx: &mut Tx, choice: &Choice) -> Result<bool, StoreError> {
    let written = tx.execute(
        "INSERT INTO succession_choice (unit, heir, basis, decided_at, decided_by, decided_name)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unit) DO NOTHING",
        &[
            &choice.unit,
            &choice.heir,
            &choice.basis,
            &choice.at,
            &choice.by,
            &choice.by_name,
        ],
    )?;
    Ok(written == 1)
}

/// Open dossiers that lie at a unit in any way, the nearest deadline first, at most `limit`; and how many there are.
pub(crate) fn open_of(tx: &mut Tx, unit: UnitId, limit: i64) -> Result<(Vec<Dossier>, i64), StoreError> {
    let rows = tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE is_open = $1 AND (at_unit = $2 OR unit = $2 OR desk = $2) ORDER BY sort_at, id LIMIT $3"
        ),
        &[&true, &unit, &limit],
        dossier_of,
    )?;
    let count = tx.one(
        "SELECT count(*) FROM dossier WHERE is_open = $1 AND (at_unit = $2 OR unit = $2 OR desk = $2)",
        &[&true, &unit],
        |row| row.get(0),
    )?;
    Ok((rows, count))
}
