//! Takes a finished import back: its records become versions that were never right, with who did it and why. Refused when a
//! record was changed since: whoever changed it relied on it. Its rows are hidden first, so that nobody sees half of it.

use std::sync::Arc;

use ::store::{Event, Job};
use kernel::Timestamp;
use uuid::Uuid;

use super::take::first_id;
use super::work::{JOB, payload};
use super::{Batch, Stage, State, store};
use crate::error::RegisterError;
use crate::house::{By, Register};
use crate::kind::Kind;
use crate::record::{RecordId, rules, store as records};

/// Records that were changed since which a refusal names.
const NAMED_MAX: usize = 50;
/// Rows that go in one write.
const CHUNK_ROWS: u64 = 500;

impl Register {
    /// The records of an import that were changed since, the first of them, and how many.
    ///
    /// # Errors
    /// What the store says.
    pub async fn changed_since(&self, kind: &Arc<Kind>, batch: Uuid) -> Result<(Vec<RecordId>, u64), RegisterError> {
        let kind = kind.clone();
        let found = self.store().read(move |tx| {
            let Some(import) = store::import(tx, batch)? else {
                return Ok((Vec::new(), 0));
            };
            records::changed_since(tx, &kind, batch, first_id(import.started_at), NAMED_MAX)
        });
        found.await.map_err(RegisterError::Store)
    }

    /// Begins to take a finished import back.
    ///
    /// # Errors
    /// `ReasonMissing`; `ChangedSince` when a record was; `ImportRuns` while another one is brought in; `Stage` when it is not
    /// finished.
    pub async fn undo(&self, kind: &Arc<Kind>, batch: Uuid, reason: &str, by: &By) -> Result<(), RegisterError> {
        let reason = reason.trim().to_owned();
        if reason.is_empty() || reason.chars().count() > rules::REASON_CHARS_MAX {
            return Err(RegisterError::ReasonMissing);
        }
        let (kind, who, now) = (kind.clone(), by.who.clone(), self.now());
        let job = Job::new(self.world().as_ref(), JOB, payload(batch));
        self.store()
            .write(move |tx| {
                let stands = store::batch(tx, batch)?.ok_or(RegisterError::NotFound)?;
                if stands.stage != Stage::Done {
                    return Err(RegisterError::Stage);
                }
                let import = store::import(tx, batch)?.ok_or(RegisterError::NotFound)?;
                if store::open_batch(tx, &kind)?.is_some() {
                    return Err(RegisterError::ImportRuns);
                }
                let (_, changed) = records::changed_since(tx, &kind, batch, first_id(import.started_at), NAMED_MAX)?;
                if changed > 0 {
                    return Err(RegisterError::ChangedSince(changed));
                }
                if !store::step(tx, batch, (Stage::Done, Stage::Undoing), now)? || !store::reopen(tx, batch, now)? {
                    return Err(RegisterError::Stage);
                }
                store::undo_because(tx, batch, &reason, &who)?;
                tx.enqueue(&job)?;
                Ok(())
            })
            .await
    }

    /// Takes the rows of an import back that is hidden already.
    pub(super) async fn take_back(&self, kind: &Arc<Kind>, batch: &Batch, holder: Uuid) -> Result<(), RegisterError> {
        let id = batch.id;
        let found = self.store().read(move |tx| store::import(tx, id)).await?;
        let import = found.ok_or(RegisterError::NotFound)?;
        let (from, mut done) = (first_id(import.started_at), batch.rows_done);
        loop {
            let (kind, now) = (kind.clone(), self.now());
            let gone = self
                .store()
                .write(move |tx| {
                    let gone = records::take_back(tx, &kind, id, (from, CHUNK_ROWS), now)?;
                    let all = done + i64::try_from(gone).unwrap_or(0);
                    match store::advance(tx, (id, holder), (all, all), now)? {
                        Some(_) if store::touch(tx, id, now)? => Ok(gone),
                        _ => Err(RegisterError::Stage),
                    }
                })
                .await?;
            done += i64::try_from(gone).unwrap_or(0);
            if gone < CHUNK_ROWS {
                break;
            }
        }
        self.undone(import.id, (import.system, import.kind, done), self.now())
            .await
    }

    async fn undone(
        &self,
        id: Uuid,
        (system, kind, rows): (String, String, i64),
        now: Timestamp,
    ) -> Result<(), RegisterError> {
        let event = kernel::id::uuid_v7(self.world().as_ref());
        self.store()
            .write(move |tx| {
                if !store::end(tx, id, State::Undone, now)?
                    || !store::step(tx, id, (Stage::Undoing, Stage::Undone), now)?
                {
                    return Err(RegisterError::Stage);
                }
                for blob in store::let_go(tx, id, true)? {
                    tx.erase_blob(blob, now)?;
                }
                tx.emit(&Event {
                    id: event,
                    kind: "record.import-undone".into(),
                    subject: id,
                    at: now,
                    payload: serde_json::json!({ "system": system, "kind": kind, "rows": rows }),
                })?;
                Ok(())
            })
            .await
    }
}
