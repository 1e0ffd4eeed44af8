//! The counts behind the public figures.
//! It counts rows and names nobody; each count can be counted again from the dossiers it links to.

use kernel::Timestamp;
use store::{StoreError, Tx};

use super::Sums;

/// The sums from `from` up to before `until`.
pub(crate) fn sums(tx: &mut Tx, from: Timestamp, until: Timestamp) -> Result<Sums, StoreError> {
    let (decided, late, supplemented, worked_minutes) = tx.one(
        "SELECT count(*), sum_int(CASE WHEN is_late THEN 1 ELSE 0 END), sum_int(CASE WHEN supplements > 0 THEN 1 ELSE 0 END),
             sum_int(COALESCE(worked_minutes, 0))
         FROM dossier WHERE decided_at >= $1 AND decided_at < $2 AND due_at IS NOT NULL AND state IN ('approved', 'returned')",
        &[&from, &until],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    let (filed, self_filed) = tx.one(
        "SELECT count(*), sum_int(CASE WHEN entered = 'self' THEN 1 ELSE 0 END)
         FROM dossier WHERE submitted_at >= $1 AND submitted_at < $2",
        &[&from, &until],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(Sums {
        decided,
        late,
        supplemented,
        worked_minutes,
        filed,
        self_filed,
    })
}

/// One unit's part of the sums, largest first, at most 300 units.
pub(crate) fn by_unit(tx: &mut Tx, from: Timestamp, until: Timestamp) -> Result<Vec<(String, Sums)>, StoreError> {
    tx.all(
        "SELECT min(unit_name), count(*), sum_int(CASE WHEN is_late THEN 1 ELSE 0 END),
             sum_int(CASE WHEN supplements > 0 THEN 1 ELSE 0 END), sum_int(COALESCE(worked_minutes, 0)),
             sum_int(CASE WHEN entered = 'self' THEN 1 ELSE 0 END)
         FROM dossier WHERE decided_at >= $1 AND decided_at < $2 AND due_at IS NOT NULL AND state IN ('approved', 'returned')
         GROUP BY unit ORDER BY 2 DESC, 1 LIMIT 300",
        &[&from, &until],
        |row| {
            let decided: i64 = row.get(1)?;
            Ok((
                row.get(0)?,
                Sums {
                    decided,
                    late: row.get(2)?,
                    supplemented: row.get(3)?,
                    worked_minutes: row.get(4)?,
                    filed: decided,
                    self_filed: row.get(5)?,
                },
            ))
        },
    )
}

/// A dossier behind a figure, as anybody may see it: code, due, decided, late.
pub(crate) struct Behind {
    pub(crate) code: String,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) decided_at: Option<Timestamp>,
    pub(crate) is_late: bool,
}

/// The latest dossiers behind the figures, at most `limit`.
pub(crate) fn behind(tx: &mut Tx, from: Timestamp, until: Timestamp, limit: i64) -> Result<Vec<Behind>, StoreError> {
    tx.all(
        "SELECT code, due_at, decided_at, is_late FROM dossier WHERE decided_at >= $1 AND decided_at < $2
             AND due_at IS NOT NULL AND state IN ('approved', 'returned') ORDER BY decided_at DESC LIMIT $3",
        &[&from, &until, &limit],
        |row| {
            Ok(Behind {
                code: row.get(0)?,
                due_at: row.get(1)?,
                decided_at: row.get(2)?,
                is_late: row.get(3)?,
            })
        },
    )
}
