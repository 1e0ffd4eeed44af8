//! SQL of layers: what changed since a position of the outbox. The rows themselves are read by the register.
//! Refuses to guess: events that are forgotten mean that much changed.

use ::store::{StoreError, Tx};
use register::RecordId;
use uuid::Uuid;

/// Most changes that are followed one by one.
pub(crate) const CHANGES_MAX: usize = 1_000;

/// What happened to the rows of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Changed {
    /// Nothing.
    Nothing,
    /// These records.
    Records(Vec<RecordId>),
    /// So much that all of them are read again.
    Much,
}

/// The last position of the outbox.
pub(crate) fn position(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.one("SELECT coalesce(max(position), 0) FROM outbox", &[], |row| row.get(0))
}

/// What happened to records of a kind behind a position, up to the last one.
pub(crate) fn changed(tx: &mut Tx, system: &str, kind: &str, after: i64) -> Result<(Changed, i64), StoreError> {
    let last = position(tx)?;
    if last == after {
        return Ok((Changed::Nothing, last));
    }
    // Events that are forgotten, or a store that was put back to an earlier day: nobody can say what changed.
    let first: i64 = tx.one("SELECT coalesce(min(position), 0) FROM outbox", &[], |row| row.get(0))?;
    if last < after || first > after + 1 {
        return Ok((Changed::Much, last));
    }
    let limit = i64::try_from(CHANGES_MAX).unwrap_or(i64::MAX) + 1;
    let events = tx.all(
        "SELECT kind, subject, payload FROM outbox WHERE position > $1 AND position <= $2 \
         AND kind >= 'record.' AND kind < 'record/' ORDER BY position LIMIT $3",
        &[&after, &last, &limit],
        |row| {
            Ok((
                row.get::<String>(0)?,
                row.get::<Uuid>(1)?,
                row.get::<serde_json::Value>(2)?,
            ))
        },
    )?;
    if events.len() > CHANGES_MAX {
        return Ok((Changed::Much, last));
    }
    let mut records = Vec::new();
    for (event, subject, about) in events {
        let is_ours = about["system"] == system && about["kind"] == kind;
        if !is_ours {
            continue;
        }
        if event != "record.changed" {
            return Ok((Changed::Much, last));
        }
        let id = RecordId::from_uuid(subject);
        if !records.contains(&id) {
            records.push(id);
        }
    }
    let changed = if records.is_empty() {
        Changed::Nothing
    } else {
        Changed::Records(records)
    };
    Ok((changed, last))
}
