//! The folders of definitions that something began under, by digest: written once, never changed, never deleted while the
//! program cannot know that nothing stands on them.

use kernel::Timestamp;
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
