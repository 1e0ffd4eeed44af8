//! The rows of the outbox and of its consumers. Owns the numbering of committed events, the positions, and the lease that
//! keeps two nodes from delivering to the same consumer at once (a lease that runs out costs a second delivery, no loss).

use kernel::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Delivered, Event};
use crate::{
    error::StoreError,
    row::Row,
    sql::TextList,
    tx::{EngineKind, Tx},
};

pub(crate) const EMIT_SQLITE: &str = "INSERT INTO outbox (event, kind, subject, at, payload, position) \
     VALUES ($1, $2, $3, $4, $5, (SELECT coalesce(max(position), 0) + 1 FROM outbox))";
pub(crate) const EMIT_POSTGRES: &str =
    "INSERT INTO outbox (event, kind, subject, at, payload) VALUES ($1, $2, $3, $4, $5)";

/// Events numbered in one transaction.
const NUMBERED_MAX: i64 = 1_000;

/// Where a consumer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerState {
    /// Its name.
    pub name: String,
    /// The last position it has had.
    pub position: i64,
    /// How many events wait for it (of all kinds).
    pub behind: u64,
    /// How often the next batch has failed.
    pub failures: u32,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// When it moved last.
    pub moved_at: Timestamp,
}

pub(super) fn event(row: &Row<'_>, from: usize) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.get(from)?,
        kind: row.get::<String>(from + 1)?.into(),
        subject: row.get(from + 2)?,
        at: row.get(from + 3)?,
        payload: row.get(from + 4)?,
    })
}

/// Whether committed events wait for a number.
pub(super) fn has_unnumbered(tx: &mut Tx) -> Result<bool, StoreError> {
    let found = tx.opt("SELECT 1 FROM outbox WHERE position IS NULL LIMIT 1", &[], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Numbers committed events. True when there may be more.
pub(super) fn number(tx: &mut Tx) -> Result<bool, StoreError> {
    if tx.engine() == EngineKind::Postgres {
        // Held until the commit: the next one who numbers sees these numbers. Its own statement, so that the next
        // statement's view of the table begins after the lock was got.
        tx.all(
            "SELECT 1 FROM (SELECT pg_advisory_xact_lock(8430518)) AS l",
            &[],
            |_| Ok(()),
        )?;
    }
    let update = "UPDATE outbox SET position = n.position FROM (SELECT id, \
         row_number() OVER (ORDER BY id) + (SELECT coalesce(max(position), 0) FROM outbox) AS position \
         FROM outbox WHERE position IS NULL ORDER BY id LIMIT $1) AS n WHERE outbox.id = n.id";
    let numbered = tx.execute(update, &[&NUMBERED_MAX])?;
    Ok(numbered == NUMBERED_MAX.unsigned_abs())
}

/// Makes sure that the consumer has a row; a new one begins with the oldest event that is kept.
pub(super) fn register(tx: &mut Tx, name: &str, now: Timestamp) -> Result<(), StoreError> {
    let insert = "INSERT INTO outbox_consumer (name, position, failures, moved_at) VALUES ($1, 0, 0, $2) \
         ON CONFLICT (name) DO NOTHING";
    tx.execute(insert, &[&name, &now]).map(|_| ())
}

/// Lets a consumer begin behind everything that is there.
pub(super) fn pass_over(tx: &mut Tx, name: &str, now: Timestamp) -> Result<(), StoreError> {
    let upsert = "INSERT INTO outbox_consumer (name, position, failures, moved_at) \
         VALUES ($1, (SELECT coalesce(max(position), 0) FROM outbox), 0, $2) \
         ON CONFLICT (name) DO UPDATE SET position = excluded.position, moved_at = excluded.moved_at";
    tx.execute(upsert, &[&name, &now]).map(|_| ())
}

pub(super) fn position(tx: &mut Tx, name: &str) -> Result<i64, StoreError> {
    tx.one(
        "SELECT position FROM outbox_consumer WHERE name = $1",
        &[&name],
        |row| row.get(0),
    )
}

/// Who takes a consumer, and until when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lease {
    pub(super) holder: Uuid,
    pub(super) now: Timestamp,
    pub(super) time: SignedDuration,
}

/// Takes the consumer for this node and gives its position, or nothing when another node has it.
pub(super) fn take(tx: &mut Tx, name: &str, lease: Lease) -> Result<Option<i64>, StoreError> {
    let update = "UPDATE outbox_consumer SET holder = $1, lease_until = $2 WHERE name = $3 AND (holder IS NULL \
         OR holder = $1 OR lease_until < $4 OR lease_until > $5) RETURNING position";
    let until = lease.now + lease.time;
    let impossible = until + lease.time;
    tx.opt(
        update,
        &[&lease.holder, &until, &name, &lease.now, &impossible],
        |row| row.get(0),
    )
}

/// What a consumer is to get next, and the position it will have had then.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) events: Vec<Delivered>,
    pub(super) upto: i64,
    pub(super) is_last: bool,
}

/// The next events after `after`, of these kinds or of all when none is named.
pub(super) fn batch(tx: &mut Tx, after: i64, kinds: &[&'static str], limit: i64) -> Result<Batch, StoreError> {
    let newest: i64 = tx.one("SELECT coalesce(max(position), 0) FROM outbox", &[], |row| row.get(0))?;
    let select = "SELECT position, event, kind, subject, at, payload FROM outbox WHERE position > $1 AND position <= $2 \
         AND ($3 OR kind IN (SELECT value FROM text_list($4))) ORDER BY position LIMIT $5";
    let events = tx.all(
        select,
        &[&after, &newest, &kinds.is_empty(), &TextList::new(kinds.iter()), &limit],
        |row| {
            Ok(Delivered {
                position: row.get(0)?,
                event: event(row, 1)?,
            })
        },
    )?;
    let is_last = (events.len() as i64) < limit;
    let upto = match events.last() {
        Some(last) if !is_last => last.position,
        _ => newest.max(after),
    };
    Ok(Batch { events, upto, is_last })
}

/// Moves a consumer on, if this node still has it. False when another has taken it.
pub(super) fn moved(tx: &mut Tx, name: &str, holder: Uuid, upto: i64, now: Timestamp) -> Result<bool, StoreError> {
    let update = "UPDATE outbox_consumer SET position = $1, moved_at = $2, failures = 0, last_error = NULL, \
         holder = NULL, lease_until = NULL WHERE name = $3 AND holder = $4";
    Ok(tx.execute(update, &[&upto, &now, &name, &holder])? == 1)
}

/// Notes that a batch failed, and lets go of the consumer.
pub(super) fn failed(tx: &mut Tx, name: &str, holder: Uuid, error: &str) -> Result<(), StoreError> {
    let update = "UPDATE outbox_consumer SET failures = failures + 1, last_error = $1, holder = NULL, \
         lease_until = NULL WHERE name = $2 AND holder = $3";
    let error: String = error.chars().take(1_000).collect();
    tx.execute(update, &[&error, &name, &holder]).map(|_| ())
}

pub(super) fn consumers(tx: &mut Tx) -> Result<Vec<ConsumerState>, StoreError> {
    let select = "SELECT c.name, c.position, (SELECT count(*) FROM outbox AS o WHERE o.position > c.position \
         OR o.position IS NULL), c.failures, c.last_error, c.moved_at FROM outbox_consumer AS c ORDER BY c.name";
    tx.all(select, &[], |row| {
        Ok(ConsumerState {
            name: row.get(0)?,
            position: row.get(1)?,
            behind: row.get::<i64>(2)?.unsigned_abs(),
            failures: row.get(3)?,
            last_error: row.get(4)?,
            moved_at: row.get(5)?,
        })
    })
}

/// The newest event always stays: the next number is found from it.
pub(super) fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let delete = "DELETE FROM outbox WHERE at < $1 AND position < (SELECT max(position) FROM outbox) \
         AND position <= (SELECT min(position) FROM outbox_consumer)";
    tx.execute(delete, &[&before])
}
