//! SQL of the audit log. Writers meet at the head row, so that the chain stays linear on both engines.
//! It has no update and no delete.

use ::store::{Row, StoreError, Tx};
use kernel::Timestamp;

use super::rules::{self, AuditReport, GENESIS, Walk};
use super::{Actor, Detail, Entry, Filter, Head};

/// Entries read at a time by verification.
const CHUNK: i64 = 500;
/// Most entries of one page or export chunk.
const PAGE_MAX: i64 = 1_000;

/// Appends one entry, in the transaction of what it tells.
/// # Errors
/// When the store fails.
pub fn append(
    tx: &mut Tx,
    actor: Actor,
    action: &str,
    subject: &str,
    detail: Detail,
    at: Timestamp,
) -> Result<Head, StoreError> {
    // The head row first: two writers meet at it, and the later one is made to try again by the engine.
    let (seq, last) = tx.one(
        "INSERT INTO audit_head (id, seq, hash) VALUES (1, 1, $1) \
         ON CONFLICT (id) DO UPDATE SET seq = audit_head.seq + 1 RETURNING seq, hash",
        &[&GENESIS.to_vec()],
        |row| Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?)),
    )?;
    let mut entry = Entry {
        seq,
        at,
        actor: actor.account(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail,
        previous: hex::encode(&last),
        hash: String::new(),
    };
    let hash = rules::hash(&entry).to_vec();
    entry.hash = hex::encode(&hash);
    let detail = serde_json::to_value(&entry.detail).unwrap_or_default();
    tx.execute(
        "INSERT INTO audit_entry (seq, at, actor, action, subject, detail, previous, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &seq,
            &at,
            &entry.actor,
            &entry.action,
            &entry.subject,
            &detail,
            &last,
            &hash,
        ],
    )?;
    tx.execute("UPDATE audit_head SET hash = $1 WHERE id = 1", &[&hash])?;
    Ok(Head { seq, hash: entry.hash })
}

/// The end of the chain.
/// # Errors
/// When the store fails.
pub fn head(tx: &mut Tx) -> Result<Head, StoreError> {
    let found = tx.opt("SELECT seq, hash FROM audit_head WHERE id = 1", &[], |row| {
        Ok(Head {
            seq: row.get(0)?,
            hash: hex::encode(row.get::<Vec<u8>>(1)?),
        })
    })?;
    Ok(found.unwrap_or_else(|| Head {
        seq: 0,
        hash: hex::encode(GENESIS),
    }))
}

fn read_entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let detail: serde_json::Value = row.get(5)?;
    Ok(Entry {
        seq: row.get(0)?,
        at: row.get(1)?,
        actor: row.get(2)?,
        action: row.get(3)?,
        subject: row.get(4)?,
        // Detail that is no longer words by name was tampered with: it reads as empty, and the hash tells.
        detail: serde_json::from_value(detail).unwrap_or_default(),
        previous: hex::encode(row.get::<Vec<u8>>(6)?),
        hash: hex::encode(row.get::<Vec<u8>>(7)?),
    })
}

/// The next entries after number `after`, oldest first, at most 1,000: what exports and verification read.
/// # Errors
/// When the store fails.
pub fn export_page(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Entry>, StoreError> {
    tx.all(
        "SELECT seq, at, actor, action, subject, detail, previous, hash FROM audit_entry \
         WHERE seq > $1 ORDER BY seq LIMIT $2",
        &[&after, &most.clamp(1, PAGE_MAX)],
        read_entry,
    )
}

/// One page, newest first.
pub(crate) fn page(tx: &mut Tx, filter: &Filter, most: i64) -> Result<Vec<Entry>, StoreError> {
    let before = filter.before.unwrap_or(i64::MAX);
    let prefix = filter.action.as_ref().map(|action| format!("{action}."));
    let prefix_end = filter.action.as_ref().map(|action| format!("{action}/"));
    tx.all(
        "SELECT seq, at, actor, action, subject, detail, previous, hash FROM audit_entry \
         WHERE seq < $1 \
         AND (CAST($2 AS TEXT) IS NULL OR action = $2 OR (action > $3 AND action < $4)) \
         AND (CAST($5 AS UUID) IS NULL OR actor = $5) \
         AND (CAST($6 AS TEXT) IS NULL OR subject = $6) \
         ORDER BY seq DESC LIMIT $7",
        &[
            &before,
            &filter.action,
            &prefix,
            &prefix_end,
            &filter.actor,
            &filter.subject,
            &most.clamp(1, PAGE_MAX),
        ],
        read_entry,
    )
}

/// Verifies the whole chain, a chunk at a time.
/// # Errors
/// When the store fails.
pub fn verify(tx: &mut Tx) -> Result<AuditReport, StoreError> {
    let mut walk = Walk::default();
    loop {
        let entries = export_page(tx, walk.at(), CHUNK)?;
        if entries.is_empty() {
            break;
        }
        for entry in &entries {
            walk.step(entry);
        }
    }
    Ok(walk.finish(&head(tx)?))
}

/// Whether the newest entries hang together and fit the head: a quick look, for the page.
/// # Errors
/// When the store fails.
pub fn check_newest(tx: &mut Tx) -> Result<bool, StoreError> {
    let head = head(tx)?;
    let from = (head.seq - CHUNK).max(0);
    let entries = export_page(tx, from, CHUNK)?;
    let start = entries.first().map(|entry| Head {
        seq: from,
        hash: entry.previous.clone(),
    });
    let mut walk = Walk::starting_at(start.unwrap_or_else(|| head.clone()));
    for entry in &entries {
        walk.step(entry);
    }
    Ok(walk.finish(&head).faults.is_empty())
}

/// The newest entry of one act.
///
/// # Errors
/// When the store fails.
pub fn newest_of(tx: &mut Tx, action: &str) -> Result<Option<Entry>, StoreError> {
    tx.opt(
        "SELECT seq, at, actor, action, subject, detail, previous, hash FROM audit_entry \
         WHERE action = $1 ORDER BY seq DESC LIMIT 1",
        &[&action],
        read_entry,
    )
}
