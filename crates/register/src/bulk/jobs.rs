//! Works on bulk edits, some records a write: each record in the same transaction as the row that says what became of it, so that a
//! killed job goes on where it was.

use std::sync::Arc;

use ::store::jobs::{JobError, JobId};
use ::store::{Job, Tx, Worker};
use kernel::{Lang, Timestamp};
use uuid::Uuid;

use super::{Bulk, BulkId, JOB, Row, RowState, State, store};
use crate::error::RegisterError;
use crate::house::Register;
use crate::kind::Kind;
use crate::record::{self, store as records};

/// Records of one write.
const PART: i64 = 50;

/// Registers the handler of bulk edits.
#[must_use]
pub fn jobs(worker: Worker, register: &Register) -> Worker {
    let register = register.clone();
    worker.on(JOB, move |run| {
        let register = register.clone();
        async move {
            let id: BulkId = serde_json::from_value(run.payload["bulk"].clone()).map_err(JobError::hopeless)?;
            register.work_on(id).await.map_err(JobError::retry)
        }
    })
}

/// The job of an edit.
pub(super) fn job(bulk: BulkId, id: Uuid, now: Timestamp) -> Job {
    let payload = serde_json::json!({ "bulk": bulk });
    Job::with_id(JobId::from_uuid(id), JOB, payload, now).unique(bulk.to_string())
}

impl Register {
    /// Changes, or takes back, what is left of an edit.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn work_on(&self, id: BulkId) -> Result<(), RegisterError> {
        loop {
            let Some(bulk) = self.store().read(move |tx| store::get(tx, id)).await? else {
                return Ok(());
            };
            let Ok(kind) = self.kind(&bulk.system, &bulk.kind) else {
                return Ok(());
            };
            let next = match bulk.state {
                State::Running => (RowState::Waiting, State::Done),
                State::Undoing => (RowState::Changed, State::Undone),
                State::Done | State::Undone => return Ok(()),
            };
            let now = self.now();
            self.store().write(move |tx| part(tx, &kind, &bulk, next, now)).await?;
        }
    }
}

fn part(
    tx: &mut Tx,
    kind: &Arc<Kind>,
    bulk: &Bulk,
    (wanted, end): (RowState, State),
    now: Timestamp,
) -> Result<(), RegisterError> {
    let rows = store::rows(tx, bulk.id, wanted, PART)?;
    for row in &rows {
        let (state, revision) = match wanted {
            RowState::Waiting => change(tx, kind, bulk, row, now)?,
            _ => back(tx, kind, bulk, row, now)?,
        };
        store::set_row(tx, bulk.id, row.record, state, revision)?;
    }
    if rows.is_empty() {
        store::advance(tx, bulk.id, (bulk.state, end), None, now)?;
    }
    Ok(())
}

type Became = Result<(RowState, Option<i64>), RegisterError>;

fn change(tx: &mut Tx, kind: &Kind, bulk: &Bulk, row: &Row, now: Timestamp) -> Became {
    let Some(current) = records::find(tx, kind, row.record)? else {
        return Ok((RowState::Passed, None));
    };
    let done = record::write(tx, kind, &bulk.change(kind, &current, row.seen), None, now);
    became(done, RowState::Changed, RowState::Passed)
}

fn back(tx: &mut Tx, kind: &Kind, bulk: &Bulk, row: &Row, now: Timestamp) -> Became {
    let versions = records::versions(tx, kind, row.record)?;
    let is_ours = |revision: i64| row.revision == Some(revision);
    let (Some(last), Some(before)) = (versions.first(), versions.get(1)) else {
        return Ok((RowState::Kept, row.revision));
    };
    if !is_ours(last.record.revision) {
        return Ok((RowState::Kept, row.revision));
    }
    let words = web::text_with(
        Lang::Vi,
        "reg-bulk-undo-reason",
        &[("reason", bulk.reason.as_str().into())],
    );
    let who = bulk.undone_who.clone().unwrap_or_else(|| bulk.who.clone());
    let done = record::write(
        tx,
        kind,
        &bulk.back(&last.record, &before.record, &who, words),
        None,
        now,
    );
    became(done, RowState::Undone, RowState::Kept)
}

/// A record that the rules refuse is left as it is; a fault of the store ends the write.
fn became(done: Result<(crate::RecordId, i64), RegisterError>, well: RowState, stale: RowState) -> Became {
    match done {
        Ok((_, revision)) => Ok((well, Some(revision))),
        Err(RegisterError::Same) => Ok((RowState::Same, None)),
        Err(RegisterError::Stale { now, .. }) => Ok((stale, Some(now))),
        Err(RegisterError::Store(error)) => Err(error.into()),
        Err(_) => Ok((
            if stale == RowState::Kept {
                RowState::Kept
            } else {
                RowState::Refused
            },
            None,
        )),
    }
}
