//! SQL of the order of changes. Rows are only added, and forgotten from the oldest on.
//! It refuses a second row of one position: an event that is delivered twice is written down once.

use ::store::{Row, StoreError, Tx};
use kernel::Timestamp;

use super::Entry;
use crate::kind::Kind;

fn read(row: &Row<'_>) -> Result<Entry, StoreError> {
    Ok(Entry {
        position: row.get(0)?,
        record: row.get(1)?,
        batch: row.get(2)?,
        revision: row.get(3)?,
        act: row.get(4)?,
        at: row.get(5)?,
    })
}

pub(super) fn insert(tx: &mut Tx, system: &str, kind: &str, entry: &Entry) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO register_change (position, system, kind, record, batch, revision, act, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (position) DO NOTHING",
        &[
            &entry.position,
            &system,
            &kind,
            &entry.record,
            &entry.batch,
            &entry.revision,
            &entry.act,
            &entry.at,
        ],
    )
    .map(|_| ())
}

/// The rows of a kind after a position.
pub(super) fn entries(tx: &mut Tx, kind: &Kind, after: i64, limit: u64) -> Result<Vec<Entry>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.all(
        "SELECT position, record, batch, revision, act, at FROM register_change \
         WHERE system = $1 AND kind = $2 AND position > $3 ORDER BY position LIMIT $4",
        &[&kind.system.code, &kind.record.name, &after, &limit],
        read,
    )
}

/// The last position that was written down.
pub(super) fn head(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.one("SELECT coalesce(max(position), 0) FROM register_change", &[], |row| {
        row.get(0)
    })
}

/// The first position of a kind that is kept.
pub(super) fn oldest(tx: &mut Tx, kind: &Kind) -> Result<Option<i64>, StoreError> {
    tx.opt(
        "SELECT position FROM register_change WHERE system = $1 AND kind = $2 ORDER BY position LIMIT 1",
        &[&kind.system.code, &kind.record.name],
        |row| row.get(0),
    )
}

/// When an import began: its records have ids from then on.
pub(super) fn import_began(tx: &mut Tx, batch: uuid::Uuid) -> Result<Option<Timestamp>, StoreError> {
    tx.opt(
        "SELECT started_at FROM register_import WHERE id = $1",
        &[&batch],
        |row| row.get(0),
    )
}

/// When a kind changed last.
pub(crate) fn last_change(tx: &mut Tx, kind: &Kind) -> Result<Option<Timestamp>, StoreError> {
    tx.opt(
        "SELECT at FROM register_change WHERE system = $1 AND kind = $2 ORDER BY position DESC LIMIT 1",
        &[&kind.system.code, &kind.record.name],
        |row| row.get(0),
    )
}

pub(super) fn pruned_to(tx: &mut Tx) -> Result<i64, StoreError> {
    let found = tx.opt("SELECT pruned_to FROM register_feed WHERE id = 1", &[], |row| {
        row.get(0)
    })?;
    Ok(found.unwrap_or(0))
}

pub(super) fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "INSERT INTO register_feed (id, pruned_to) \
         SELECT 1, coalesce(max(position), 0) FROM register_change WHERE at < $1 \
         ON CONFLICT (id) DO UPDATE SET pruned_to = CASE WHEN excluded.pruned_to > register_feed.pruned_to \
         THEN excluded.pruned_to ELSE register_feed.pruned_to END",
        &[&before],
    )?;
    tx.execute(
        "DELETE FROM register_change WHERE position <= (SELECT pruned_to FROM register_feed WHERE id = 1) \
         AND position < (SELECT max(c.position) FROM register_change AS c WHERE c.system = register_change.system \
         AND c.kind = register_change.kind)",
        &[],
    )
}

/// Whether a kind changed after a position.
pub(crate) fn has_after(tx: &mut Tx, kind: &Kind, after: i64) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT 1 FROM register_change WHERE system = $1 AND kind = $2 AND position > $3 LIMIT 1",
        &[&kind.system.code, &kind.record.name, &after],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}
