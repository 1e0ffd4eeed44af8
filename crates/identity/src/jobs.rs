//! Owns the work of this crate beside requests: ended sign-ins are removed each hour, unused accounts are disabled each night,
//! old records of people get their indexes when the program starts.
//! Each job is planned once whatever the number of nodes, and may run twice without harm.

use ::store::jobs::{Job, JobError, Worker};
use jiff::civil::time;
use kernel::Timestamp;
use serde_json::Value;

use crate::Identity;
use crate::person::jobs as people;

const SWEEP: &str = "identity.sweep-sessions";
const UNUSED: &str = "identity.disable-unused-accounts";

/// Registers the handlers of this crate's jobs.
#[must_use]
pub fn jobs(worker: Worker, identity: &Identity) -> Worker {
    let (sweeper, disabler, marker) = (identity.clone(), identity.clone(), identity.clone());
    worker
        .on(SWEEP, move |_| {
            let identity = sweeper.clone();
            async move {
                let removed = identity.sweep_sessions().await.map_err(JobError::retry)?;
                tracing::info!(removed, "ended sessions removed");
                Ok(())
            }
        })
        .on(UNUSED, move |_| {
            let identity = disabler.clone();
            async move {
                let disabled = identity.disable_unused_accounts().await.map_err(JobError::retry)?;
                tracing::info!(disabled, "unused accounts disabled");
                Ok(())
            }
        })
        .on(people::MARK, move |run| {
            let identity = marker.clone();
            async move {
                let marked = people::run(&identity, &run.payload).await.map_err(JobError::retry)?;
                if marked.count > 0 {
                    tracing::info!(marked.count, "records of people got their indexes");
                }
                Ok(())
            }
        })
}

/// What is looked at once, when the program starts.
#[must_use]
pub fn at_start(identity: &Identity) -> Vec<Job> {
    vec![people::mark_people(identity)]
}

/// The next runs of the recurring jobs. Put them into the queue as often as you like: each is there once.
#[must_use]
pub fn recurring(identity: &Identity) -> Vec<Job> {
    let now = identity.now();
    let hour = Timestamp::from_seconds((now.as_seconds() / 3_600 + 1) * 3_600);
    let tomorrow = now.local_date().tomorrow().unwrap_or(now.local_date());
    let night = Timestamp::from_local(tomorrow.to_datetime(time(1, 0, 0, 0)));
    let job = |kind: &'static str, at: Timestamp| {
        Job::new(identity.world().as_ref(), kind, Value::Null)
            .at(at)
            .unique(at.to_string())
    };
    vec![job(SWEEP, hour), job(UNUSED, night)]
}
