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

/// One unit's part of the sums, largest first, at most 300 units. What was filed is counted by the day of filing, what was
/// decided by the day of the decision, as in [`sums`]: the parts of all units add up to the whole.
pub(crate) fn by_unit(tx: &mut Tx, from: Timestamp, until: Timestamp) -> Result<Vec<(String, Sums)>, StoreError> {
    tx.all(
        "SELECT min(unit_name), sum_int(decided), sum_int(late), sum_int(supplemented), sum_int(worked), sum_int(filed),
             sum_int(self_filed)
         FROM (
             SELECT unit, unit_name, 1 AS decided, CASE WHEN is_late THEN 1 ELSE 0 END AS late,
                 CASE WHEN supplements > 0 THEN 1 ELSE 0 END AS supplemented, COALESCE(worked_minutes, 0) AS worked,
                 0 AS filed, 0 AS self_filed
             FROM dossier WHERE decided_at >= $1 AND decided_at < $2 AND due_at IS NOT NULL
                 AND state IN ('approved', 'returned')
             UNION ALL
             SELECT unit, unit_name, 0, 0, 0, 0, 1, CASE WHEN entered = 'self' THEN 1 ELSE 0 END
             FROM dossier WHERE submitted_at >= $1 AND submitted_at < $2
         ) AS part
         GROUP BY unit ORDER BY 2 DESC, 6 DESC, 1 LIMIT 300",
        &[&from, &until],
        |row| {
            Ok((
                row.get(0)?,
                Sums {
                    decided: row.get(1)?,
                    late: row.get(2)?,
                    supplemented: row.get(3)?,
                    worked_minutes: row.get(4)?,
                    filed: row.get(5)?,
                    self_filed: row.get(6)?,
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
