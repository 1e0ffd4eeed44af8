//! Idempotency keys: a form that is sent twice is done once, and the second sender gets the first one's answer.
//! Law behind: none; a citizen who presses "submit" twice must not have two dossiers.

use kernel::Timestamp;
use uuid::Uuid;

use crate::{error::StoreError, tx::Tx};

/// Whether a key was seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// It is new: do the work, then call [`Tx::once_done`].
    First,
    /// The work is done; this is its answer.
    Again(String),
}

impl Tx {
    /// Takes an idempotency key. Of several transactions that take the same key, one gets [`Once::First`]; the others wait
    /// for its end and get [`Once::Again`], or `First` in their turn when it was rolled back.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn once(&mut self, scope: &str, key: Uuid, now: Timestamp) -> Result<Once, StoreError> {
        let insert = "INSERT INTO once_key (scope, key, at) VALUES ($1, $2, $3) ON CONFLICT (scope, key) DO NOTHING";
        if self.execute(insert, &[&scope, &key, &now])? == 1 {
            return Ok(Once::First);
        }
        let answer = self.one(
            "SELECT answer FROM once_key WHERE scope = $1 AND key = $2",
            &[&scope, &key],
            |row| row.get::<Option<String>>(0),
        )?;
        Ok(Once::Again(answer.unwrap_or_default()))
    }

    /// Keeps the answer of the work that was done under a key: a dossier's code, never personal data.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn once_done(&mut self, scope: &str, key: Uuid, answer: &str) -> Result<(), StoreError> {
        let update = "UPDATE once_key SET answer = $1 WHERE scope = $2 AND key = $3";
        self.execute(update, &[&answer, &scope, &key]).map(|_| ())
    }

    /// Forgets the keys taken before `before`: forms live for hours, not for years. Says how many.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn once_prune(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.execute("DELETE FROM once_key WHERE at < $1", &[&before])
    }
}
