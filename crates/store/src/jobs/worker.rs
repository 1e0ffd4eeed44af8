//! The workers of one node: claim jobs of the kinds they have handlers for, a bounded number at a time, keep their leases
//! while they run, and stop without leaving a job half held. A panic of a handler is a failure of its job alone.

use std::{collections::HashMap, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use kernel::SignedDuration;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    JobId,
    queue::{self, Claim, Claimed, Failing},
};
use crate::{error::StoreError, store::Store, tx::Tx};

const CONCURRENCY: usize = 4;
const LEASE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_secs(1);
/// How long a stop waits for running jobs before it gives them back.
const DRAIN: Duration = Duration::from_secs(10);

/// Why a handler did not do its job.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may succeed later.
    #[error("{0}")]
    Retry(String),
    /// It can never succeed: the job is laid aside at once.
    #[error("{0}")]
    Hopeless(String),
}

impl JobError {
    /// A failure that may pass.
    pub fn retry(why: impl fmt::Display) -> Self {
        Self::Retry(why.to_string())
    }

    /// A failure that stays.
    pub fn hopeless(why: impl fmt::Display) -> Self {
        Self::Hopeless(why.to_string())
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// A job as its handler sees it.
#[derive(Debug, Clone)]
pub struct JobRun {
    /// The store.
    pub store: Store,
    /// The job.
    pub id: JobId,
    /// What to know.
    pub payload: serde_json::Value,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Whether no try follows this one.
    pub is_last: bool,
    holder: Uuid,
}

impl JobRun {
    /// Finishes the job in the transaction that does its work, so that both happen or neither. False when another worker
    /// has taken the job over: then the work must be left to it.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn finish_in(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        queue::finish(tx, self.id, self.holder, self.attempt)
    }
}

type Outcome = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;
type Handler = Arc<dyn Fn(JobRun) -> Outcome + Send + Sync>;

/// The workers of one node, before they start.
pub struct Worker {
    shared: Shared,
    concurrency: usize,
    poll: Duration,
}

#[derive(Clone)]
struct Shared {
    store: Store,
    holder: Uuid,
    handlers: Arc<HashMap<&'static str, Handler>>,
    lease: Duration,
}

/// Running workers. Dropping it lets them run on; [`WorkerHandle::stop`] ends them.
#[derive(Debug)]
pub struct WorkerHandle {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Worker {
    /// Workers without handlers yet.
    pub fn new(store: Store) -> Self {
        let holder = kernel::id::uuid_v7(store.world().as_ref());
        let shared = Shared {
            store,
            holder,
            handlers: Arc::default(),
            lease: LEASE,
        };
        Self {
            shared,
            concurrency: CONCURRENCY,
            poll: POLL,
        }
    }

    /// Registers the handler of a kind.
    #[must_use]
    pub fn on<H, F>(mut self, kind: &'static str, handler: H) -> Self
    where
        H: Fn(JobRun) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |run| Box::pin(handler(run)));
        Arc::make_mut(&mut self.shared.handlers).insert(kind, handler);
        self
    }

    /// Jobs that run at a time; 4 unless told otherwise.
    #[must_use]
    pub fn concurrency(mut self, jobs: usize) -> Self {
        self.concurrency = jobs.max(1);
        self
    }

    /// How long a job of a node that died stays held (60 s), and how often the queue is looked at (1 s).
    #[must_use]
    pub fn timing(mut self, lease: Duration, poll: Duration) -> Self {
        self.shared.lease = lease;
        self.poll = poll;
        self
    }

    /// Starts the workers.
    pub fn start(self) -> WorkerHandle {
        let stop = CancellationToken::new();
        let task = tokio::spawn(self.run(stop.clone()));
        WorkerHandle { stop, task }
    }

    async fn run(self, stop: CancellationToken) {
        let mut running = JoinSet::new();
        let wakers = self.shared.store.wakers().clone();
        while !stop.is_cancelled() {
            // Registered before the look, so that a job that comes during it is not missed.
            let woken = wakers.jobs.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            while running.try_join_next().is_some() {}
            let free = self.concurrency.saturating_sub(running.len());
            let claimed = if free > 0 { self.claim(free).await } else { Vec::new() };
            let took_all = free > 0 && claimed.len() == free;
            for job in claimed {
                let (shared, stop) = (self.shared.clone(), stop.clone());
                running.spawn(async move { shared.work(job, stop).await });
            }
            if took_all {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = woken, if free > 0 => {}
                Some(_) = running.join_next() => {}
                () = tokio::time::sleep(self.poll) => {}
            }
        }
        // Each work bounds its own end: see `Shared::work`.
        while running.join_next().await.is_some() {}
    }

    async fn claim(&self, free: usize) -> Vec<Claimed> {
        let shared = &self.shared;
        let claim = Claim {
            holder: shared.holder,
            kinds: shared.handlers.keys().copied().collect(),
            now: shared.store.world().now(),
            lease: signed(shared.lease),
            limit: u32::try_from(free).unwrap_or(u32::MAX),
        };
        if claim.kinds.is_empty() {
            return Vec::new();
        }
        // Most looks find nothing: those write nothing.
        let (due, look) = (claim.clone(), claim);
        match shared.store.read(move |tx| queue::any_due(tx, &look)).await {
            Ok(true) => {}
            Ok(false) => return Vec::new(),
            Err(error) => {
                tracing::warn!(%error, "the job queue could not be read");
                return Vec::new();
            }
        }
        match shared.store.claim(move |tx| queue::claim(tx, &due)).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::warn!(%error, "no job could be claimed");
                Vec::new()
            }
        }
    }
}

impl WorkerHandle {
    /// Claims no more jobs, lets running ones end for ten seconds and gives the others back.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the workers did not end well");
        }
    }
}

/// How the run of a handler ended.
enum Ended {
    Done(Result<(), JobError>),
    TakenOver,
    Stopped,
}

impl Shared {
    async fn work(&self, job: Claimed, stop: CancellationToken) {
        let ended = self.hold_and_run(&job, stop).await;
        let result = match &ended {
            Ended::Done(Ok(())) => "done",
            Ended::Done(Err(_)) => "failed",
            Ended::TakenOver => "taken-over",
            Ended::Stopped => "stopped",
        };
        metrics::counter!("store_jobs_total", "kind" => job.kind.clone(), "result" => result).increment(1);
        if let Err(error) = self.settle(&job, ended).await {
            // The lease runs out and the job is done again: handlers are idempotent.
            tracing::warn!(%error, kind = job.kind, job = %job.id, "the end of a job could not be written");
        }
    }

    async fn hold_and_run(&self, job: &Claimed, stop: CancellationToken) -> Ended {
        let Some(handler) = self.handlers.get(job.kind.as_str()) else {
            return Ended::Done(Err(JobError::hopeless("there is no handler of this kind")));
        };
        let run = JobRun {
            store: self.store.clone(),
            id: job.id,
            payload: job.payload.clone(),
            attempt: job.attempt,
            is_last: job.attempt >= job.attempts_max,
            holder: self.holder,
        };
        let mut task = tokio::spawn(handler(run));
        let drained = async {
            stop.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::pin!(drained);
        loop {
            tokio::select! {
                done = &mut task => {
                    return Ended::Done(done.unwrap_or_else(|error| Err(JobError::retry(format!("panicked: {error}")))));
                }
                () = &mut drained => {
                    task.abort();
                    return Ended::Stopped;
                }
                () = tokio::time::sleep(self.lease / 3) => {
                    if self.lost(job).await {
                        task.abort();
                        return Ended::TakenOver;
                    }
                }
            }
        }
    }

    /// Extends the lease. True when another worker holds the job now.
    async fn lost(&self, job: &Claimed) -> bool {
        let (job, holder) = (job.clone(), self.holder);
        let until = self.store.world().now() + signed(self.lease);
        match self.store.claim(move |tx| queue::extend(tx, &job, holder, until)).await {
            Ok(held) => !held,
            // Not known: the lease still has two thirds of its time.
            Err(_) => false,
        }
    }

    async fn settle(&self, job: &Claimed, ended: Ended) -> Result<(), StoreError> {
        let (job, holder) = (job.clone(), self.holder);
        let now = self.store.world().now();
        match ended {
            Ended::TakenOver => Ok(()),
            Ended::Stopped => self.store.claim(move |tx| queue::release(tx, &job, holder, now)).await,
            // A handler that finished the job in its own transaction has removed the row already.
            Ended::Done(Ok(())) => self
                .store
                .claim(move |tx| queue::finish(tx, job.id, holder, job.attempt))
                .await
                .map(|_| ()),
            Ended::Done(Err(error)) => {
                let failing = self.failing(&job, &error, now);
                self.store
                    .claim(move |tx| queue::fail(tx, &job, holder, &failing))
                    .await
            }
        }
    }

    fn failing(&self, job: &Claimed, error: &JobError, now: kernel::Timestamp) -> Failing {
        let hopeless = matches!(error, JobError::Hopeless(_)) || job.attempt >= job.attempts_max;
        let mut chance = [0];
        self.store.world().fill(&mut chance);
        let retry_at = (!hopeless).then(|| now + queue::pause(job.attempt, chance[0]));
        if hopeless {
            metrics::counter!("store_jobs_dead_total", "kind" => job.kind.clone()).increment(1);
            tracing::error!(kind = job.kind, job = %job.id, attempts = job.attempt, %error, "a job is laid aside as dead");
        } else {
            tracing::warn!(kind = job.kind, job = %job.id, attempt = job.attempt, %error, "a job failed and is tried again");
        }
        Failing {
            now,
            error: error.to_string(),
            retry_at,
        }
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
