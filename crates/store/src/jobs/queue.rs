//! The rows of the job queue. Owns the claim (rows locked with SKIP LOCKED on PostgreSQL), the lease by which another node
//! takes over what a dead one left, the pauses between tries, and what an operator does with dead jobs.

use kernel::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Job, JobId};
use crate::{
    error::StoreError,
    row::Row,
    sql::TextList,
    tx::{EngineKind, Tx},
};

/// First pause between two tries, and the longest one.
const PAUSE_FIRST: SignedDuration = SignedDuration::from_secs(2);
const PAUSE_MAX: SignedDuration = SignedDuration::from_secs(3_600);
/// Longest error text that is kept, in characters.
const ERROR_CHARS_MAX: usize = 1_000;

/// A job that a worker holds.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    pub(crate) id: JobId,
    pub(crate) kind: String,
    pub(crate) payload: serde_json::Value,
    pub(crate) attempt: u32,
    pub(crate) attempts_max: u32,
}

/// A job that was laid aside.
#[derive(Debug, Clone)]
pub struct DeadJob {
    /// Its id.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// What its handler was told.
    pub payload: serde_json::Value,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed last.
    pub last_error: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it failed last.
    pub failed_at: Option<Timestamp>,
}

/// How many jobs there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobCounts {
    /// Waiting for their time or for a worker.
    pub ready: u64,
    /// Being done.
    pub running: u64,
    /// Laid aside.
    pub dead: u64,
}

impl Tx {
    /// Puts a job into the queue. False when one of the same kind and unique key (or id) is there already.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn enqueue(&mut self, job: &Job) -> Result<bool, StoreError> {
        let insert = "INSERT INTO job (id, kind, unique_key, payload, state, run_at, attempts, attempts_max, created_at) \
             VALUES ($1, $2, $3, $4, 'ready', $5, 0, $6, $7) ON CONFLICT DO NOTHING";
        let added = self.execute(
            insert,
            &[
                &job.id,
                &job.kind,
                &job.unique_key,
                &job.payload,
                &job.run_at,
                &job.attempts_max,
                &job.created_at,
            ],
        )?;
        self.signal_jobs();
        Ok(added == 1)
    }

    /// Dead jobs, the one that failed last first.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn dead_jobs(&mut self, limit: u32) -> Result<Vec<DeadJob>, StoreError> {
        let select = "SELECT id, kind, payload, attempts, last_error, created_at, failed_at FROM job WHERE state = 'dead' \
             ORDER BY failed_at DESC NULLS LAST, id LIMIT $1";
        self.all(select, &[&limit], |row| {
            Ok(DeadJob {
                id: row.get(0)?,
                kind: row.get(1)?,
                payload: row.get(2)?,
                attempts: row.get(3)?,
                last_error: row.get::<Option<String>>(4)?.unwrap_or_default(),
                created_at: row.get(5)?,
                failed_at: row.get(6)?,
            })
        })
    }

    /// Gives a dead job a new start. False when there is no such dead job, or a live one with its unique key.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn rerun_job(&mut self, id: JobId, now: Timestamp) -> Result<bool, StoreError> {
        let update = "UPDATE job SET state = 'ready', run_at = $1, attempts = 0, holder = NULL, lease_until = NULL \
             WHERE id = $2 AND state = 'dead' AND NOT EXISTS (SELECT 1 FROM job AS live \
             WHERE live.kind = job.kind AND live.unique_key = job.unique_key AND live.state <> 'dead')";
        let changed = self.execute(update, &[&now, &id])?;
        self.signal_jobs();
        Ok(changed == 1)
    }

    /// Gives up a dead job for good. False when there is none.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn drop_dead_job(&mut self, id: JobId) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM job WHERE id = $1 AND state = 'dead'", &[&id])? == 1)
    }

    /// How many jobs wait, run and are dead.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn job_counts(&mut self) -> Result<JobCounts, StoreError> {
        let mut counts = JobCounts {
            ready: 0,
            running: 0,
            dead: 0,
        };
        let rows = self.all(
            "SELECT state, count(*) FROM job GROUP BY state ORDER BY state",
            &[],
            |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?.unsigned_abs())),
        )?;
        for (state, count) in rows {
            match state.as_str() {
                "ready" => counts.ready = count,
                "running" => counts.running = count,
                _ => counts.dead = count,
            }
        }
        Ok(counts)
    }
}

/// Who claims, what and for how long.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) holder: Uuid,
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) now: Timestamp,
    pub(crate) lease: SignedDuration,
    pub(crate) limit: u32,
}

/// Takes jobs that are due, and those whose holder let its lease run out. A lease that ends later than any can is one from
/// before the clock was set back.
pub(crate) fn claim(tx: &mut Tx, claim: &Claim) -> Result<Vec<Claimed>, StoreError> {
    lay_aside_abandoned(tx, claim)?;
    let sql = match tx.engine() {
        EngineKind::Sqlite => CLAIM_SQLITE,
        EngineKind::Postgres => CLAIM_POSTGRES,
    };
    let kinds = TextList::new(claim.kinds.iter());
    let until = claim.now + claim.lease;
    let impossible = until + claim.lease;
    tx.all(
        sql,
        &[
            &claim.holder,
            &until,
            &kinds,
            &claim.now,
            &claim.now,
            &impossible,
            &i64::from(claim.limit),
        ],
        claimed,
    )
}

/// Whether [`claim`] would find anything to do.
pub(crate) fn any_due(tx: &mut Tx, claim: &Claim) -> Result<bool, StoreError> {
    let select = "SELECT 1 FROM job WHERE kind IN (SELECT value FROM text_list($1)) AND ((state = 'ready' AND run_at <= $2) \
         OR (state = 'running' AND (lease_until < $3 OR lease_until > $4))) LIMIT 1";
    let kinds = TextList::new(claim.kinds.iter());
    let impossible = claim.now + claim.lease + claim.lease;
    let found = tx.opt(select, &[&kinds, &claim.now, &claim.now, &impossible], |_| Ok(()))?;
    Ok(found.is_some())
}

const CLAIM_SQLITE: &str = "UPDATE job SET state = 'running', holder = $1, lease_until = $2, attempts = attempts + 1 \
     WHERE id IN (SELECT id FROM job WHERE kind IN (SELECT value FROM text_list($3)) AND ((state = 'ready' AND run_at <= $4) \
     OR (state = 'running' AND (lease_until < $5 OR lease_until > $6))) ORDER BY run_at, id LIMIT $7) \
     RETURNING id, kind, payload, attempts, attempts_max";
const CLAIM_POSTGRES: &str = "UPDATE job SET state = 'running', holder = $1, lease_until = $2, attempts = attempts + 1 \
     WHERE id IN (SELECT id FROM job WHERE kind IN (SELECT value FROM text_list($3)) AND ((state = 'ready' AND run_at <= $4) \
     OR (state = 'running' AND (lease_until < $5 OR lease_until > $6))) ORDER BY run_at, id LIMIT $7 \
     FOR UPDATE SKIP LOCKED) RETURNING id, kind, payload, attempts, attempts_max";

fn claimed(row: &Row<'_>) -> Result<Claimed, StoreError> {
    Ok(Claimed {
        id: row.get(0)?,
        kind: row.get(1)?,
        payload: row.get(2)?,
        attempt: row.get(3)?,
        attempts_max: row.get(4)?,
    })
}

/// A job whose holders keep dying is what kills them.
fn lay_aside_abandoned(tx: &mut Tx, claim: &Claim) -> Result<(), StoreError> {
    let update = "UPDATE job SET state = 'dead', holder = NULL, lease_until = NULL, failed_at = $1, \
         last_error = 'its worker ended while it ran, each time' \
         WHERE state = 'running' AND lease_until < $2 AND attempts >= attempts_max";
    tx.execute(update, &[&claim.now, &claim.now]).map(|_| ())
}

/// Keeps hold of a job. False when another worker has taken it over.
pub(crate) fn extend(tx: &mut Tx, job: &Claimed, holder: Uuid, until: Timestamp) -> Result<bool, StoreError> {
    let update =
        "UPDATE job SET lease_until = $1 WHERE id = $2 AND holder = $3 AND attempts = $4 AND state = 'running'";
    Ok(tx.execute(update, &[&until, &job.id, &holder, &job.attempt])? == 1)
}

/// Takes a finished job out. False when another worker has taken it over.
pub(crate) fn finish(tx: &mut Tx, id: JobId, holder: Uuid, attempt: u32) -> Result<bool, StoreError> {
    let delete = "DELETE FROM job WHERE id = $1 AND holder = $2 AND attempts = $3 AND state = 'running'";
    Ok(tx.execute(delete, &[&id, &holder, &attempt])? == 1)
}

/// Puts a job back untried, because its worker stops.
pub(crate) fn release(tx: &mut Tx, job: &Claimed, holder: Uuid, now: Timestamp) -> Result<(), StoreError> {
    let update = "UPDATE job SET state = 'ready', run_at = $1, holder = NULL, lease_until = NULL, attempts = attempts - 1 \
         WHERE id = $2 AND holder = $3 AND attempts = $4 AND state = 'running'";
    tx.execute(update, &[&now, &job.id, &holder, &job.attempt])?;
    tx.signal_jobs();
    Ok(())
}

/// What becomes of a job that failed.
#[derive(Debug, Clone)]
pub(crate) struct Failing {
    pub(crate) now: Timestamp,
    pub(crate) error: String,
    pub(crate) retry_at: Option<Timestamp>,
}

/// Lets a failed job wait for its next try, or lays it aside.
pub(crate) fn fail(tx: &mut Tx, job: &Claimed, holder: Uuid, failing: &Failing) -> Result<(), StoreError> {
    let update = "UPDATE job SET state = $1, run_at = $2, holder = NULL, lease_until = NULL, last_error = $3, \
         failed_at = $4 WHERE id = $5 AND holder = $6 AND attempts = $7 AND state = 'running'";
    let state = if failing.retry_at.is_some() { "ready" } else { "dead" };
    let run_at = failing.retry_at.unwrap_or(failing.now);
    let error: String = failing.error.chars().take(ERROR_CHARS_MAX).collect();
    tx.execute(
        update,
        &[&state, &run_at, &error, &failing.now, &job.id, &holder, &job.attempt],
    )
    .map(|_| ())
}

/// The pause before try `attempt + 1`: doubling from two seconds to an hour, spread over its second half by `chance`.
pub(crate) fn pause(attempt: u32, chance: u8) -> SignedDuration {
    let doublings = attempt.saturating_sub(1).min(20);
    let full = (PAUSE_FIRST * (1_i32 << doublings)).min(PAUSE_MAX);
    full / 2 + full * i32::from(chance) / 510
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        assert_eq!(pause(1, 255), SignedDuration::from_secs(2));
        assert_eq!(pause(1, 0), SignedDuration::from_secs(1));
        assert_eq!(pause(3, 255), SignedDuration::from_secs(8));
        assert_eq!(pause(40, 255), SignedDuration::from_secs(3_600));
    }
}
