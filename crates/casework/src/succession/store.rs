//! Queries of successions: where open dossiers lie, those of one home, and requests to a unit that is no more.
//! A dossier itself is changed by `dossier::store::update` alone, with its revision.

use identity::UnitId;
use store::{StoreError, Tx};

use super::Home;
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
