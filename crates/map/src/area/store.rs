//! SQL of boundaries. One row for a tier, a code and a first day; a file that is loaded again takes the place of its rows.
//! Refuses nothing: files are checked whole before they come here.

use ::store::{Row, StoreError, Tx};
use kernel::{Date, Timestamp, fold};

use super::{Areas, Boundary, FoundArea, Tier};

/// Most boundaries of a tier on a day.
const BOUNDARIES_MAX: i64 = 50_000;

pub(crate) fn is_empty(tx: &mut Tx) -> Result<bool, StoreError> {
    let found = tx.opt("SELECT 1 FROM map_boundary LIMIT 1", &[], |_| Ok(()))?;
    Ok(found.is_none())
}

/// Writes boundaries; gives how many are new and how many took the place of others.
pub(crate) fn insert(tx: &mut Tx, all: &[Boundary], now: Timestamp) -> Result<(u64, u64), StoreError> {
    let mut replaced = 0;
    for one in all {
        replaced += tx.execute(
            "DELETE FROM map_boundary WHERE tier = $1 AND code = $2 AND valid_from = $3",
            &[&one.tier, &one.code, &one.valid_from],
        )?;
        let [west, south, east, north] = one.bounds;
        tx.execute(
            "INSERT INTO map_boundary (id, code, tier, name, name_en, name_fold, valid_from, valid_to, source, geometry, west, \
             south, east, north, loaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            &[
                &one.id,
                &one.code,
                &one.tier,
                &one.name,
                &one.name_en,
                &fold::fold(&one.name),
                &one.valid_from,
                &one.valid_to,
                &one.source,
                &one.geometry,
                &west,
                &south,
                &east,
                &north,
                &now,
            ],
        )?;
    }
    Ok((all.len() as u64 - replaced, replaced))
}

/// The days on which boundaries of a tier begin or end to hold.
pub(crate) fn days(tx: &mut Tx, tier: Tier) -> Result<Vec<Date>, StoreError> {
    let mut days = tx.all(
        "SELECT DISTINCT valid_from FROM map_boundary WHERE tier = $1 ORDER BY valid_from LIMIT 1000",
        &[&tier],
        |row| row.get::<Date>(0),
    )?;
    let ends = tx.all(
        "SELECT DISTINCT valid_to FROM map_boundary WHERE tier = $1 AND valid_to IS NOT NULL ORDER BY valid_to LIMIT 1000",
        &[&tier],
        |row| row.get::<Date>(0),
    )?;
    days.extend(ends);
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

/// A number that is another one after boundaries were loaded.
pub(crate) fn state(tx: &mut Tx) -> Result<i64, StoreError> {
    let last = tx.one("SELECT max(loaded_at) FROM map_boundary", &[], |row| {
        row.get::<Option<Timestamp>>(0)
    })?;
    Ok(last.map_or(0, Timestamp::as_micros))
}

/// The boundaries that hold on a day, by code; of two of one code the later one comes later.
pub(crate) fn on_day(tx: &mut Tx, areas: &Areas, each: &mut dyn FnMut(Boundary)) -> Result<(), StoreError> {
    tx.all(
        "SELECT id, code, tier, name, name_en, valid_from, valid_to, source, geometry, west, south, east, north \
         FROM map_boundary WHERE tier = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2) \
         ORDER BY code, valid_from LIMIT $3",
        &[&areas.tier, &areas.day, &BOUNDARIES_MAX],
        |row| {
            each(Boundary {
                id: row.get(0)?,
                code: row.get(1)?,
                tier: row.get::<Tier>(2)?,
                name: row.get(3)?,
                name_en: row.get(4)?,
                valid_from: row.get(5)?,
                valid_to: row.get(6)?,
                source: row.get(7)?,
                geometry: row.get(8)?,
                bounds: [row.get(9)?, row.get(10)?, row.get(11)?, row.get(12)?],
            });
            Ok(())
        },
    )
    .map(|_| ())
}

/// Where what is loaded comes from.
pub(crate) fn sources(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT DISTINCT source FROM map_boundary ORDER BY source LIMIT 20",
        &[],
        |row| row.get(0),
    )
}

fn found(row: &Row<'_>) -> Result<FoundArea, StoreError> {
    Ok(FoundArea {
        code: row.get(0)?,
        tier: row.get::<Tier>(1)?,
        name: row.get(2)?,
        name_en: row.get(3)?,
        valid_from: row.get(4)?,
        valid_to: row.get(5)?,
        bounds: [row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?],
    })
}

/// Areas whose folded name holds these words, those of today first.
pub(crate) fn search(tx: &mut Tx, words: &str, limit: i64) -> Result<Vec<FoundArea>, StoreError> {
    let pattern = ::store::sql::like_contains(&fold::fold(words));
    tx.all(
        "SELECT code, tier, name, name_en, valid_from, valid_to, west, south, east, north FROM map_boundary \
         WHERE name_fold LIKE $1 ESCAPE '\\' ORDER BY valid_from DESC, tier DESC, name_fold, code LIMIT $2",
        &[&pattern, &limit],
        found,
    )
}

/// An area with its geometry.
pub(crate) fn one(tx: &mut Tx, tier: Tier, code: &str, day: Date) -> Result<Option<(FoundArea, Vec<u8>)>, StoreError> {
    tx.opt(
        "SELECT code, tier, name, name_en, valid_from, valid_to, west, south, east, north, geometry FROM map_boundary \
         WHERE tier = $1 AND code = $2 AND valid_from = $3",
        &[&tier, &code, &day],
        |row| Ok((found(row)?, row.get(10)?)),
    )
}
