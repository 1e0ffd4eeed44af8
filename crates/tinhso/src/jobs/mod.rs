//! What works in the background while a province is served: the job queue with its handlers, and the clock
//! that plans what recurs. Several nodes plan the same job once, because only one of a kind may wait.

pub(crate) mod http;

use crate::App;
use identity::Identity;
use kernel::{SignedDuration, Timestamp};
use notice::Notices;
use std::time::Duration;
use store::jobs::{JobError, JobRun, WorkerHandle};
use store::outbox::Consumer;
use store::{Job, Store, StoreError, Worker};

/// Events are kept this long for consumers that lag and for tracing a fault; keys of forms, for whoever sends one again.
const OUTBOX_KEPT_DAYS: i64 = 30;

const DRAFTS: &str = "casework.draft.sweep";
const BLOBS: &str = "store.blob.sweep";
const OUTBOX: &str = "store.outbox.prune";
/// Forgets changes of registers that nobody reads on from any more.
const CHANGES: &str = "register.forget-changes";
/// Gives files up that nobody went on bringing in.
const IMPORTS: &str = "register.forget-imports";
/// Looks at what is published: how many rows, how fresh.
const OPEN_DATA: &str = opendata::jobs::MEASURE;
/// Reminds of deadlines.
const REMINDERS: &str = "casework.remind";
/// Leads dossiers of units that are no more to those that followed.
const SUCCESSIONS: &str = "casework.succeed";
/// Asks again for files that wait in quarantine, so that a scanner that came back finds them.
const SCANS: &str = casework::scan::jobs::SWEEP;
/// Takes a key that `keys rotate` made into use, and moves what older keys sealed to it.
const RESEAL: &str = store::keys::RESEAL_JOB;

/// How often a recurring job is due.
#[derive(Debug, Clone, Copy)]
enum Every {
    Quarter,
    Hour,
    Day,
}

const RECURRING: &[(&str, Every)] = &[
    (REMINDERS, Every::Quarter),
    (SUCCESSIONS, Every::Quarter),
    (OPEN_DATA, Every::Quarter),
    (DRAFTS, Every::Hour),
    (SCANS, Every::Hour),
    (BLOBS, Every::Day),
    (OUTBOX, Every::Day),
    (CHANGES, Every::Day),
    (IMPORTS, Every::Day),
    (RESEAL, Every::Day),
];

/// The running background of one node.
#[derive(Debug)]
pub(crate) struct Background {
    jobs: WorkerHandle,
    planner: tokio::task::JoinHandle<()>,
    first_figures: tokio::task::JoinHandle<()>,
    consumers: Vec<Consumer>,
    exchange: Option<exchange::Running>,
    ledger: ledger::Running,
}

impl Background {
    /// Lets running jobs finish, then stops.
    pub(crate) async fn stop(self) {
        self.planner.abort();
        self.first_figures.abort();
        if let Some(exchange) = self.exchange {
            exchange.stop().await;
        }
        self.ledger.stop().await;
        for consumer in self.consumers {
            consumer.stop().await;
        }
        self.jobs.stop().await;
    }
}

/// Starts the workers and the planner of this node.
#[must_use]
pub(crate) fn start(app: &App) -> Background {
    let worker = handlers(Worker::new(app.store.clone()), &app.identity);
    let worker = casework::scan::jobs::jobs(worker, &app.casework);
    let worker = reminders(notice::jobs(worker, &app.notices), app);
    let worker = measured(worker, app);
    let worker = register::hook::jobs(worker, &app.register);
    let worker = register::digest::jobs(worker, &app.register);
    let worker = register::bulk::jobs(worker, &app.register);
    let worker = imports(register::import::jobs(worker, &app.register), app);
    Background {
        jobs: worker.start(),
        planner: tokio::spawn(plan(app.identity.clone(), app.notices.clone(), app.casework.clone())),
        first_figures: tokio::spawn(first_figures(app.indicators.clone())),
        exchange: exchange::start(&app.exchange),
        ledger: ledger::start(&app.ledger),
        consumers: vec![
            casework::notice::told::start(&app.store, &app.notices),
            casework::fee::jobs::start(&app.casework),
            casework::bereavement::jobs::start(&app.store),
            app.indicators.start(),
            register::feed::start(&app.register),
        ],
    }
}

fn handlers(worker: Worker, identity: &Identity) -> Worker {
    let worker = store::keys::reseal_jobs(identity::jobs(worker, identity), crate::sealed_columns());
    store::blob::delete_jobs(worker)
        .on(DRAFTS, |run: JobRun| async move {
            let now = run.store.world().now();
            let kept = casework::file::kept::sweep(&run.store, now).await;
            done(casework::draft::jobs::sweep(&run.store, now).await.and(kept))
        })
        .on(CHANGES, |run: JobRun| async move {
            let now = run.store.world().now();
            done(run.store.write(move |tx| register::feed::prune(tx, now)).await)
        })
        .on(BLOBS, |run: JobRun| async move { done(run.store.sweep_blobs().await) })
        .on(OUTBOX, |run: JobRun| async move {
            let before = run.store.world().now() - SignedDuration::from_hours(24 * OUTBOX_KEPT_DAYS);
            let pruned = run
                .store
                .write(move |tx| Ok::<_, StoreError>(tx.prune_outbox(before)? + tx.once_prune(before)?));
            done(pruned.await)
        })
}

fn measured(worker: Worker, app: &App) -> Worker {
    let portal = app.opendata.clone();
    worker.on(OPEN_DATA, move |_| {
        let portal = portal.clone();
        async move { done(opendata::jobs::measure(&portal).await) }
    })
}

fn reminders(worker: Worker, app: &App) -> Worker {
    let (casework, notices) = (app.casework.clone(), app.notices.clone());
    let house = app.casework.clone();
    let worker = worker.on(SUCCESSIONS, move |_| {
        let house = house.clone();
        async move { done(casework::succession::jobs::succeed(&house).await) }
    });
    worker.on(REMINDERS, move |_| {
        let (casework, notices) = (casework.clone(), notices.clone());
        async move { done(casework::reminder::remind(&casework, &notices).await) }
    })
}

fn imports(worker: Worker, app: &App) -> Worker {
    let register = app.register.clone();
    worker.on(IMPORTS, move |_| {
        let register = register.clone();
        async move { done(register.tidy_imports().await) }
    })
}

/// Makes the facts of figures from the dossiers where that was never done: after an upgrade, or a load past the commands.
async fn first_figures(indicators: indicator::Indicators) {
    match indicators.ensure().await {
        Ok(true) => tracing::info!("the figures were made from the dossiers"),
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "the figures could not be made; `tinhso figures rebuild` makes them"),
    }
}

fn done<T, E: std::fmt::Display>(outcome: Result<T, E>) -> Result<(), JobError> {
    outcome.map(|_| ()).map_err(JobError::retry)
}

/// Looks once a minute which recurring jobs are due and plans them, and lets go of what this process no longer needs in memory.
async fn plan(identity: Identity, notices: Notices, house: casework::Casework) {
    let store = identity.store().clone();
    let mut first = identity::at_start(&identity);
    let mut clock = tokio::time::interval(Duration::from_secs(60));
    loop {
        clock.tick().await;
        house.forget_answers();
        let now = store.world().now();
        let own = RECURRING
            .iter()
            .map(|(kind, every)| recurring(&store, kind, *every, now));
        let mut jobs: Vec<Job> = own.chain(identity::recurring(&identity)).collect();
        jobs.extend(first.iter().cloned());
        match notice::due(&notices).await {
            Ok(due) => jobs.extend(due),
            Err(error) => tracing::warn!(%error, "the notices that are due could not be read; tried again in a minute"),
        }
        let planned = store
            .write(move |tx| {
                for job in &jobs {
                    tx.enqueue(job)?;
                }
                Ok::<_, StoreError>(())
            })
            .await;
        match planned {
            Ok(()) => first.clear(),
            Err(error) => tracing::warn!(%error, "recurring jobs could not be planned; tried again in a minute"),
        }
    }
}

/// The next run of a recurring job. At most one waits at a time: its key is taken until it has run.
fn recurring(store: &Store, kind: &'static str, every: Every, now: Timestamp) -> Job {
    let period = match every {
        Every::Quarter => SignedDuration::from_mins(15),
        Every::Hour => SignedDuration::from_hours(1),
        Every::Day => SignedDuration::from_hours(24),
    };
    let since_midnight = now.since(Timestamp::start_of_day(now.local_date()));
    let passed = since_midnight.as_secs() % period.as_secs();
    Job::new(store.world().as_ref(), kind, serde_json::Value::Null)
        .unique("recurring")
        .at(now + (period - SignedDuration::from_secs(passed)))
}
