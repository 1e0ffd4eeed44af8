//! The writer thread: takes queued writes, runs each in a savepoint, commits them together and answers each only after
//! the commit. A failed commit runs each of its writes again alone, so that one bad write does not take others with it.

use std::{
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, TryRecvError, sync_channel},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{
    config::Limits,
    engine::{
        Failure,
        sqlite::{Message, OnCommit, Threads, Writer, checkpoint, open::Opened},
        work::{RELEASE, ROLLBACK_TO, SAVEPOINT, Write},
    },
    error::StoreError,
    tx::{Conn, Signals, Tx},
};

pub(super) fn start(
    opened: Opened,
    limits: &Limits,
    double_run: bool,
    on_commit: OnCommit,
) -> Result<Writer, StoreError> {
    let (sender, queue) = sync_channel(limits.queue_max.max(1));
    let depth = Arc::new(AtomicUsize::new(0));
    let closed = Arc::new(AtomicBool::new(false));
    let ended = Arc::new(AtomicBool::new(false));
    let pages = Arc::new(AtomicUsize::new(0));
    let folder = opened.folder.clone();
    let mut work = Work {
        tx: opened.tx,
        queue,
        depth: depth.clone(),
        limits: limits.clone(),
        double_run,
        on_commit,
        pages: pages.clone(),
        last: (0, Duration::ZERO),
        left_over: None,
        _lock: opened.lock,
    };
    work.watch_log()?;
    let mover = checkpoint::start(&folder, pages, ended.clone(), sender.clone())?;
    let wake = mover.thread().clone();
    let writer = std::thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(move || {
            work.run();
            ended.store(true, Ordering::Release);
            wake.unpark();
            work
        })
        .map_err(|error| StoreError::io("a thread", error))?;
    Ok(Writer {
        queue: sender,
        depth,
        closed,
        threads: Mutex::new(Some(Threads { writer, mover })),
    })
}

/// Longest that a batch waits for writes that are on their way.
const GATHER_MAX: Duration = Duration::from_millis(2);

/// What the writer thread works with: the connection, the queue, the lock of the folder.
pub(super) struct Work {
    tx: Tx,
    queue: Receiver<Message>,
    depth: Arc<AtomicUsize>,
    limits: Limits,
    double_run: bool,
    on_commit: OnCommit,
    pages: checkpoint::LogPages,
    /// The last batch: how many writes it had, and how long its commit took.
    last: (usize, Duration),
    /// A message that ended a batch and is done after it.
    left_over: Option<Message>,
    /// Held until the last write is done.
    _lock: Option<File>,
}

/// The batch as a whole cannot be committed: SQLite ended the transaction, or the commit failed.
struct Broken;

impl Work {
    fn run(&mut self) {
        let mut stopping = false;
        loop {
            let message = match self.left_over.take() {
                Some(message) => message,
                None if stopping => match self.queue.try_recv() {
                    Ok(message) => message,
                    Err(_) => break,
                },
                None => match self.queue.recv() {
                    Ok(message) => message,
                    Err(_) => break,
                },
            };
            match message {
                Message::Write(job, queued) => self.batch(job, queued),
                Message::Checkpoint => self.checkpoint(),
                Message::Stop => stopping = true,
            }
        }
    }

    /// Takes the first write and what is queued behind it, within the bounds of a batch, and commits them together.
    fn batch(&mut self, first: Write, queued: Instant) {
        if let Err(failure) = self.tx.control("BEGIN IMMEDIATE") {
            // Another program holds the file, or the disk fails: a second try would wait as long again.
            self.taken(queued);
            let mut job = first;
            job.fail(failure.error);
            job.answer();
            return;
        }
        let mut signals = Signals::default();
        let (ran, whole) = self.run_queued(first, queued, &mut signals);
        let began = Instant::now();
        let outcome = match whole {
            Ok(()) => self.tx.control("COMMIT").map_err(|failure| failure.error),
            Err(Broken) => Err(StoreError::Aborted("the engine ended the batch".to_owned())),
        };
        self.last = (ran.len(), began.elapsed());
        self.finish(ran, signals, outcome);
    }

    /// Runs writes until none is queued or the batch is full. Gives those that ran, and whether the batch is whole.
    fn run_queued(&mut self, first: Write, queued: Instant, signals: &mut Signals) -> (Vec<Write>, Result<(), Broken>) {
        let started = Instant::now();
        let mut ran = Vec::new();
        let mut next = Some((first, queued));
        while let Some((mut job, queued)) = next.take() {
            self.taken(queued);
            let kept = self.in_savepoint(&mut job, signals);
            ran.push(job);
            if kept.is_err() {
                return (ran, kept);
            }
            if ran.len() < self.limits.batch_jobs_max && started.elapsed() < self.limits.batch_time_max {
                next = self.take_queued(self.patience(ran.len(), started));
            }
        }
        (ran, Ok(()))
    }

    fn finish(&mut self, ran: Vec<Write>, signals: Signals, outcome: Result<(), StoreError>) {
        match outcome {
            Ok(()) => {
                metrics::counter!("store_commits_total").increment(1);
                metrics::histogram!("store_commit_writes").record(ran.len() as f64);
                (self.on_commit)(signals);
                for job in ran {
                    job.answer();
                }
            }
            Err(error) => {
                metrics::counter!("store_commit_failures_total").increment(1);
                tracing::warn!(%error, writes = ran.len(), "a commit failed; its writes are run again, each alone");
                self.abandon();
                for job in ran {
                    self.alone(job);
                }
            }
        }
    }

    /// Runs one write in a savepoint, or says that the whole batch is lost.
    fn in_savepoint(&mut self, job: &mut Write, signals: &mut Signals) -> Result<(), Broken> {
        self.tx.control(SAVEPOINT).map_err(|_| Broken)?;
        let keep = job.run(&mut self.tx, self.double_run);
        let asked = self.tx.reset();
        if !self.in_transaction() {
            return Err(Broken);
        }
        if keep {
            signals.outbox |= asked.outbox;
            signals.jobs |= asked.jobs;
        } else {
            self.tx.control(ROLLBACK_TO).map_err(|_| Broken)?;
        }
        self.tx.control(RELEASE).map_err(|_| Broken)
    }

    /// Runs and commits one write by itself; whatever fails is its own answer.
    fn alone(&mut self, mut job: Write) {
        let mut signals = Signals::default();
        let run = |work: &mut Self, job: &mut Write, signals: &mut Signals| -> Result<(), Failure> {
            work.tx.control("BEGIN IMMEDIATE")?;
            if work.in_savepoint(job, signals).is_err() {
                // Nothing of it is committed, so that it may not answer with a success.
                *signals = Signals::default();
                job.fail_unless_error(StoreError::Aborted("the engine ended the transaction".to_owned()));
                return Ok(());
            }
            work.tx.control("COMMIT")
        };
        match run(self, &mut job, &mut signals) {
            Ok(()) => (self.on_commit)(signals),
            Err(failure) => job.fail(failure.error),
        }
        self.abandon();
        job.answer();
    }

    fn abandon(&mut self) {
        self.tx.reset();
        if self.in_transaction()
            && let Err(failure) = self.tx.control("ROLLBACK")
        {
            tracing::error!(error = %failure.error, "a transaction could not be rolled back");
        }
    }

    fn in_transaction(&mut self) -> bool {
        match self.tx.conn() {
            Conn::Sqlite(conn) => conn.in_transaction(),
            Conn::Postgres(_) => false,
        }
    }

    fn taken(&self, queued: Instant) {
        let depth = self.depth.fetch_sub(1, Ordering::Relaxed) - 1;
        metrics::gauge!("store_queue_depth").set(depth as f64);
        metrics::histogram!("store_queue_wait_seconds").record(queued.elapsed().as_secs_f64());
    }

    /// How long a batch that is smaller than the last one waits for the next write: no longer than that one's commit took,
    /// so that under load fewer and larger commits cost nobody time. Who writes alone never waits.
    fn patience(&self, ran: usize, started: Instant) -> Duration {
        let (jobs, commit) = self.last;
        if ran >= jobs {
            return Duration::ZERO;
        }
        commit.min(GATHER_MAX).saturating_sub(started.elapsed())
    }

    /// The next write that is queued or comes within `patience`.
    fn take_queued(&mut self, patience: Duration) -> Option<(Write, Instant)> {
        let message = match self.queue.try_recv() {
            Err(TryRecvError::Empty) if !patience.is_zero() => self.queue.recv_timeout(patience).ok(),
            now => now.ok(),
        };
        match message? {
            Message::Write(job, queued) => Some((job, queued)),
            other => {
                self.left_over = Some(other);
                None
            }
        }
    }

    fn checkpoint(&mut self) {
        if let Conn::Sqlite(conn) = self.tx.conn() {
            checkpoint::passive(conn.raw());
        }
    }

    /// Counts the pages of the log at each commit, for the thread that moves it.
    fn watch_log(&mut self) -> Result<(), StoreError> {
        let pages = self.pages.clone();
        match self.tx.conn() {
            Conn::Sqlite(conn) => conn.on_commit(move |count| pages.store(count, Ordering::Relaxed)),
            Conn::Postgres(_) => Ok(()),
        }
    }
}
