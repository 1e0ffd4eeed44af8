//! The rows of what was reminded: one a dossier, stage and hour, so that each is told once.
//! The looks for candidates page by key and have a bound.

use kernel::Timestamp;
use store::{StoreError, Tx};

use super::{Reached, Stage};
use crate::dossier::store::{columns, dossier_of};
use crate::dossier::{Dossier, DossierId};

store::value_via_display!(Stage);

/// Open dossiers whose deadline lies before `horizon`, in the order of the deadline, after `after`.
pub(crate) fn due(
    tx: &mut Tx,
    horizon: Timestamp,
    after: (Timestamp, DossierId),
    limit: i64,
) -> Result<Vec<(Timestamp, Dossier)>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            ", sort_at FROM dossier WHERE is_open AND sort_at <= $1 AND (sort_at, id) > ($2, $3)
             AND state IN ('submitted', 'received', 'processing', 'proposed') ORDER BY sort_at, id LIMIT $4"
        ),
        &[&horizon, &after.0, &after.1, &limit],
        |row| {
            let dossier = dossier_of(row)?;
            let deadline = if dossier.state == crate::dossier::state::State::Submitted {
                dossier.check_by
            } else {
                dossier.sort_at()
            };
            Ok((deadline, dossier))
        },
    )
}

/// Dossiers that wait for papers since before `before`, by id, after `after`.
pub(crate) fn waiting(
    tx: &mut Tx,
    before: Timestamp,
    after: DossierId,
    limit: i64,
) -> Result<Vec<Dossier>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE is_open AND state = 'awaiting-supplement' AND stopped_at <= $1 AND id > $2
             ORDER BY id LIMIT $3"
        ),
        &[&before, &after, &limit],
        dossier_of,
    )
}

/// Dossiers at work with which nothing has happened since `before` and of which no unit is asked that still has time, in the
/// order of the last step, after `after`.
pub(crate) fn still(
    tx: &mut Tx,
    (before, now): (Timestamp, Timestamp),
    after: (Timestamp, DossierId),
    limit: i64,
) -> Result<Vec<Dossier>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM dossier WHERE is_open AND changed_at <= $1 AND (changed_at, id) > ($2, $3)
             AND state IN ('received', 'processing', 'proposed')
             AND NOT EXISTS (SELECT 1 FROM coordination c WHERE c.dossier = dossier.id AND c.state IN ('asked', 'accepted')
                 AND c.due_at > $4)
             ORDER BY changed_at, id LIMIT $5"
        ),
        &[&before, &after.0, &after.1, &now, &limit],
        dossier_of,
    )
}

/// Whether this was told.
pub(crate) fn is_told(tx: &mut Tx, dossier: DossierId, reached: Reached) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT 1 FROM dossier_reminder WHERE dossier = $1 AND stage = $2 AND about = $3",
        &[&dossier, &reached.stage, &reached.about],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Takes the telling of it. False when it was told.
pub(crate) fn take(tx: &mut Tx, dossier: DossierId, reached: Reached, now: Timestamp) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "INSERT INTO dossier_reminder (dossier, stage, about, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        &[&dossier, &reached.stage, &reached.about, &now],
    )?;
    Ok(taken == 1)
}
