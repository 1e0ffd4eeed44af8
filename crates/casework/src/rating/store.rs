//! The tables of ratings: one row a dossier, one row a factor. Queries of figures count and name nobody.
//! Refuses a rating that the rules do not take: it is decided in the transaction that writes it.

use ::store::{StoreError, Tx};
use kernel::Timestamp;

use super::rules::{Tally, may_rate};
use super::{FACTORS, Rating, RatingError, SATISFIED};
use crate::dossier::{Dossier, DossierId};

/// The rating of a dossier.
pub(crate) fn find(tx: &mut Tx, dossier: DossierId) -> Result<Option<Rating>, StoreError> {
    let rated: Option<Timestamp> = tx.opt("SELECT rated_at FROM rating WHERE dossier = $1", &[&dossier], |row| {
        row.get(0)
    })?;
    let Some(rated_at) = rated else { return Ok(None) };
    let scores = tx.all(
        "SELECT factor, score FROM rating_score WHERE dossier = $1 ORDER BY factor LIMIT 50",
        &[&dossier],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(Some(Rating { rated_at, scores }))
}

/// Writes or changes the rating of a dossier.
pub(crate) fn rate(
    tx: &mut Tx,
    dossier: &Dossier,
    scores: &[(String, i64)],
    now: Timestamp,
) -> Result<(), RatingError> {
    may_rate(dossier.state, find(tx, dossier.id)?.as_ref(), now)?;
    tx.execute(
        "INSERT INTO rating (dossier, unit, unit_name, desk, factors, rated_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (dossier) DO UPDATE SET factors = excluded.factors, changed_at = excluded.changed_at",
        &[
            &dossier.id,
            &dossier.unit,
            &dossier.unit_name,
            &dossier.desk,
            &FACTORS.version.as_str(),
            &now,
        ],
    )?;
    tx.execute("DELETE FROM rating_score WHERE dossier = $1", &[&dossier.id])?;
    for (factor, score) in scores {
        tx.execute(
            "INSERT INTO rating_score (dossier, factor, score) VALUES ($1, $2, $3)",
            &[&dossier.id, factor, score],
        )?;
    }
    Ok(())
}

/// One unit's tally of one factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) unit_name: String,
    pub(crate) factor: String,
    pub(crate) tally: Tally,
}

/// The tallies of what was rated from `from` up to before `until`, by unit and factor.
pub(crate) fn parts(tx: &mut Tx, from: Timestamp, until: Timestamp) -> Result<Vec<Part>, StoreError> {
    tx.all(
        "SELECT min(r.unit_name), s.factor, count(*), sum_int(CASE WHEN s.score >= $1 THEN 1 ELSE 0 END)
         FROM rating r JOIN rating_score s ON s.dossier = r.dossier WHERE r.rated_at >= $2 AND r.rated_at < $3
         GROUP BY r.unit, s.factor ORDER BY 1, 2 LIMIT 3000",
        &[&SATISFIED, &from, &until],
        |row| {
            Ok(Part {
                unit_name: row.get(0)?,
                factor: row.get(1)?,
                tally: Tally {
                    scores: row.get(2)?,
                    satisfied: row.get(3)?,
                },
            })
        },
    )
}

/// How many dossiers were rated from `from` up to before `until`.
pub(crate) fn count(tx: &mut Tx, from: Timestamp, until: Timestamp) -> Result<i64, StoreError> {
    tx.one(
        "SELECT count(*) FROM rating WHERE rated_at >= $1 AND rated_at < $2",
        &[&from, &until],
        |row| row.get(0),
    )
}
