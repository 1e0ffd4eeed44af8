//! The tables of the log: facts with their salts, tiles, checkpoints, leases. A fact is taken into the log by the statement that
//! gives it its place, so that none is taken twice and none is left out.

use kernel::Timestamp;
use store::{Row, StoreError, ToValue, Tx};
use uuid::Uuid;

use super::{Fact, Head, Kind};
use crate::hash::Hash;

store::value_via_display!(super::Kind);

fn hash_of(bytes: &[u8], what: &str) -> Result<Hash, StoreError> {
    Hash::from_slice(bytes).ok_or_else(|| StoreError::Corrupt(format!("{what} is no hash")))
}

fn fact_of(row: &Row<'_>) -> Result<Fact, StoreError> {
    let (salt, commitment): (Vec<u8>, Vec<u8>) = (row.get(3)?, row.get(4)?);
    Ok(Fact {
        id: row.get(0)?,
        kind: row.get(1)?,
        subject: row.get(2)?,
        salt: *hash_of(&salt, "a salt of ledger_fact")?.as_bytes(),
        commitment: hash_of(&commitment, "a commitment of ledger_fact")?,
        added_at: row.get(5)?,
        position: row.get::<Option<i64>>(6)?.and_then(|at| u64::try_from(at).ok()),
        logged_at: row.get(7)?,
    })
}

macro_rules! fact_columns {
    () => {
        "id, kind, subject, salt, commitment, added_at, place, logged_at"
    };
}

/// Writes a fact that is to be recorded; the same again changes nothing.
pub(crate) fn add(tx: &mut Tx, facts: &[Fact]) -> Result<(), StoreError> {
    for fact in facts {
        tx.execute(
            "INSERT INTO ledger_fact (id, kind, subject, salt, commitment, added_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (kind, subject) DO NOTHING",
            &[
                &fact.id,
                &fact.kind,
                &fact.subject,
                &fact.salt.to_vec(),
                &fact.commitment.as_bytes().to_vec(),
                &fact.added_at,
            ],
        )?;
    }
    Ok(())
}

/// Writes many new facts at once: none of them may be there.
pub(crate) fn add_new(tx: &mut Tx, facts: &[Fact]) -> Result<(), StoreError> {
    let bytes: Vec<(Vec<u8>, Vec<u8>)> = facts
        .iter()
        .map(|fact| (fact.salt.to_vec(), fact.commitment.as_bytes().to_vec()))
        .collect();
    let rows: Vec<Vec<&dyn ToValue>> = facts
        .iter()
        .zip(&bytes)
        .map(|(fact, (salt, commitment))| {
            let row: [&dyn ToValue; 6] = [&fact.id, &fact.kind, &fact.subject, salt, commitment, &fact.added_at];
            row.to_vec()
        })
        .collect();
    tx.insert_all(
        "INSERT INTO ledger_fact (id, kind, subject, salt, commitment, added_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &rows,
    )
}

/// The record of a fact.
pub(crate) fn fact(tx: &mut Tx, kind: Kind, subject: Uuid) -> Result<Option<Fact>, StoreError> {
    tx.opt(
        concat!(
            "SELECT ",
            fact_columns!(),
            " FROM ledger_fact WHERE kind = $1 AND subject = $2"
        ),
        &[&kind, &subject],
        fact_of,
    )
}

/// Facts of a kind in the order of their subjects, for whoever holds them against what they were made of.
pub(crate) fn facts_after(tx: &mut Tx, kind: Kind, after: Uuid, limit: i64) -> Result<Vec<Fact>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            fact_columns!(),
            " FROM ledger_fact WHERE kind = $1 AND subject > $2 ORDER BY subject LIMIT $3"
        ),
        &[&kind, &after, &limit],
        fact_of,
    )
}

/// Facts by their place in the log.
pub(crate) fn facts_from(tx: &mut Tx, position: i64, limit: i64) -> Result<Vec<Fact>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            fact_columns!(),
            " FROM ledger_fact WHERE place >= $1 ORDER BY place LIMIT $2"
        ),
        &[&position, &limit],
        fact_of,
    )
}

/// Whether anything waits.
pub(crate) fn any_pending(tx: &mut Tx) -> Result<bool, StoreError> {
    let found = tx.opt("SELECT 1 FROM ledger_fact WHERE place IS NULL LIMIT 1", &[], |row| {
        row.get::<i64>(0)
    })?;
    Ok(found.is_some())
}

/// How many wait, and since when the oldest does.
pub(crate) fn pending(tx: &mut Tx) -> Result<(i64, Option<Timestamp>), StoreError> {
    tx.one(
        "SELECT count(*), min(added_at) FROM ledger_fact WHERE place IS NULL",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Gives the next facts that wait their places from `size` on, and gives back what is to be entered, in order.
pub(crate) fn take(tx: &mut Tx, size: i64, at: Timestamp, limit: i64) -> Result<Vec<(i64, Hash)>, StoreError> {
    let mut taken = tx.all(
        "UPDATE ledger_fact SET place = CAST($1 AS BIGINT) + queue.nth, logged_at = $2
         FROM (SELECT id, row_number() OVER (ORDER BY added_at, id) - 1 AS nth FROM ledger_fact WHERE place IS NULL
             ORDER BY added_at, id LIMIT $3) AS queue
         WHERE ledger_fact.id = queue.id
         RETURNING place, commitment",
        &[&size, &at, &limit],
        |row| {
            let commitment: Vec<u8> = row.get(1)?;
            Ok((row.get::<i64>(0)?, hash_of(&commitment, "a commitment of ledger_fact")?))
        },
    )?;
    taken.sort_unstable_by_key(|(position, _)| *position);
    Ok(taken)
}

/// What lies in a tile.
pub(crate) fn tile(tx: &mut Tx, level: i64, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
    tx.opt(
        "SELECT content FROM ledger_tile WHERE level = $1 AND number = $2",
        &[&level, &number],
        |row| row.get(0),
    )
}

/// Tiles of a level from the `from`-th on, in their order.
pub(crate) fn tiles(tx: &mut Tx, level: i64, from: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    tx.all(
        "SELECT number, content FROM ledger_tile WHERE level = $1 AND number >= $2 ORDER BY number LIMIT $3",
        &[&level, &from, &limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// How many tiles a level has.
pub(crate) fn tile_count(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.one("SELECT count(*) FROM ledger_tile", &[], |row| row.get(0))
}

/// Writes a tile, in place of what there was of it.
pub(crate) fn put_tile(tx: &mut Tx, level: i64, number: i64, content: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO ledger_tile (level, number, content) VALUES ($1, $2, $3)
         ON CONFLICT (level, number) DO UPDATE SET content = excluded.content",
        &[&level, &number, &content.to_vec()],
    )?;
    Ok(())
}

fn head_of(row: &Row<'_>) -> Result<Head, StoreError> {
    let root: Vec<u8> = row.get(1)?;
    Ok(Head {
        size: u64::try_from(row.get::<i64>(0)?).unwrap_or(0),
        root: hash_of(&root, "a root of ledger_checkpoint")?,
        note: row.get(2)?,
        at: row.get(3)?,
    })
}

/// The newest checkpoint.
pub(crate) fn head(tx: &mut Tx) -> Result<Option<Head>, StoreError> {
    tx.opt(
        "SELECT size, root, note, at FROM ledger_checkpoint ORDER BY size DESC LIMIT 1",
        &[],
        head_of,
    )
}

/// The newest checkpoint with more than `index` entries that a witness cosigned.
pub(crate) fn cosigned_head(tx: &mut Tx, index: i64) -> Result<Option<Head>, StoreError> {
    tx.opt(
        "SELECT c.size, c.root, c.note, c.at FROM ledger_checkpoint c
         WHERE c.size = (SELECT max(s.size) FROM ledger_cosignature s WHERE s.size > $1)",
        &[&index],
        head_of,
    )
}

/// Checkpoints of more than `size` entries, the smallest first.
pub(crate) fn heads_after(tx: &mut Tx, size: i64, limit: i64) -> Result<Vec<Head>, StoreError> {
    tx.all(
        "SELECT size, root, note, at FROM ledger_checkpoint WHERE size > $1 ORDER BY size LIMIT $2",
        &[&size, &limit],
        head_of,
    )
}

/// Writes a checkpoint. A second one of the same size is refused by the table.
pub(crate) fn put_head(tx: &mut Tx, head: &Head) -> Result<(), StoreError> {
    let size = i64::try_from(head.size).unwrap_or(i64::MAX);
    tx.execute(
        "INSERT INTO ledger_checkpoint (size, root, note, at) VALUES ($1, $2, $3, $4)",
        &[&size, &head.root.as_bytes().to_vec(), &head.note, &head.at],
    )?;
    Ok(())
}

/// Takes or keeps a lease. It is free when it has run out, and when it runs further than any lease may: a clock went back.
pub(crate) fn lease(
    tx: &mut Tx,
    (name, holder): (&'static str, Uuid),
    (now, until, never): (Timestamp, Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "INSERT INTO ledger_lease (name, holder, until) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE ledger_lease.holder = excluded.holder OR ledger_lease.until < $4 OR ledger_lease.until > $5",
        &[&name, &holder, &until, &now, &never],
    )?;
    Ok(changed == 1)
}

/// Who holds a lease, and until when.
pub(crate) fn leaseholder(tx: &mut Tx, name: &'static str) -> Result<Option<(Uuid, Timestamp)>, StoreError> {
    tx.opt(
        "SELECT holder, until FROM ledger_lease WHERE name = $1",
        &[&name],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
