//! Work for later: put into a table by the transaction that causes it, done by workers, tried again with growing pauses,
//! and laid aside as dead when it keeps failing, where an operator sees it. Every job may run twice: handlers are
//! idempotent. Payloads and errors hold no personal data.

mod queue;
mod worker;

use std::borrow::Cow;

use kernel::{Timestamp, World};

pub use queue::{DeadJob, JobCounts};
pub use worker::{JobError, JobRun, Worker, WorkerHandle};

kernel::define_id!(
    /// Id of a job.
    pub struct JobId
);

/// How often a job is tried when it says nothing else.
const ATTEMPTS_MAX: u32 = 10;

/// A job to be put into the queue. Made before the transaction, which may run more than once.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Its kind, which names its handler: `notice.send`.
    pub kind: Cow<'static, str>,
    /// What the handler needs to know: ids.
    pub payload: serde_json::Value,
    /// When it may run first.
    pub run_at: Timestamp,
    /// While a job of the same kind and key waits or runs, no second one is put in.
    pub unique_key: Option<String>,
    /// How often it is tried before it is laid aside.
    pub attempts_max: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Job {
    /// A job that may run at once.
    pub fn new(world: &dyn World, kind: impl Into<Cow<'static, str>>, payload: serde_json::Value) -> Self {
        Self::with_id(JobId::new(world), kind, payload, world.now())
    }

    /// A job whose id follows from something else, so that a transaction can make it.
    pub fn with_id(id: JobId, kind: impl Into<Cow<'static, str>>, payload: serde_json::Value, now: Timestamp) -> Self {
        Self {
            id,
            kind: kind.into(),
            payload,
            run_at: now,
            unique_key: None,
            attempts_max: ATTEMPTS_MAX,
            created_at: now,
        }
    }

    /// The same job, not before `run_at`.
    #[must_use]
    pub fn at(mut self, run_at: Timestamp) -> Self {
        self.run_at = run_at;
        self
    }

    /// The same job, once for each key while it waits or runs.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }

    /// The same job, tried at most this often.
    #[must_use]
    pub fn attempts(mut self, attempts_max: u32) -> Self {
        self.attempts_max = attempts_max.max(1);
        self
    }
}
