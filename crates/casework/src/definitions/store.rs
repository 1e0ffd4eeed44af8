//! The folders of definitions that something began under, by digest: written once, never changed, never deleted while the
//! program cannot know that nothing stands on them.

use kernel::{Date, Timestamp};
use store::{StoreError, Tx};

use super::Pin;

/// Keeps a folder unless it is kept already.
pub(crate) fn keep(tx: &mut Tx, pin: &Pin, content: &serde_json::Value, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO definition_folder (digest, system, version, content, kept_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (digest) DO NOTHING",
        &[&pin.digest, &pin.system, &i64::from(pin.version), content, &now],
    )?;
    Ok(())
}

/// Whether the folder of a digest is kept.
pub(crate) fn is_kept(tx: &mut Tx, digest: &str) -> Result<bool, StoreError> {
    let found = tx.opt(
        "SELECT version FROM definition_folder WHERE digest = $1",
        &[&digest],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// The folder of a digest.
pub(crate) fn find(tx: &mut Tx, digest: &str) -> Result<Option<serde_json::Value>, StoreError> {
    tx.opt(
        "SELECT content FROM definition_folder WHERE digest = $1",
        &[&digest],
        |row| row.get(0),
    )
}

/// A version of a system that holds in this province from its day.
#[derive(Debug, Clone)]
pub(crate) struct Applied {
    pub(crate) seq: i64,
    pub(crate) pin: Pin,
    pub(crate) valid_from: Date,
}

/// How many versions were ever applied: it grows with each, and tells every node when to read them again.
pub(crate) fn revision(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.one("SELECT count(*) FROM definition_version", &[], |row| row.get(0))
}

/// Every version that was applied, in the order of its day.
pub(crate) fn applied(tx: &mut Tx) -> Result<Vec<Applied>, StoreError> {
    tx.all(
        "SELECT system, seq, version, digest, valid_from FROM definition_version ORDER BY valid_from, seq LIMIT 10000",
        &[],
        |row| {
            let version: i64 = row.get(2)?;
            Ok(Applied {
                seq: row.get(1)?,
                pin: Pin {
                    system: row.get(0)?,
                    version: u32::try_from(version).unwrap_or(u32::MAX),
                    digest: row.get(3)?,
                },
                valid_from: row.get(4)?,
            })
        },
    )
}

/// Lets a kept folder hold from its day.
pub(crate) fn apply(tx: &mut Tx, one: &Applied, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO definition_version (system, seq, version, digest, valid_from, applied_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &one.pin.system,
            &one.seq,
            &i64::from(one.pin.version),
            &one.pin.digest,
            &one.valid_from,
            &now,
        ],
    )?;
    Ok(())
}
