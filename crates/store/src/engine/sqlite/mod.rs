//! SQLite under the seam: one writer thread that commits in groups, a pool of read-only connections, a thread that moves
//! the write-ahead log into the database. Refuses a second server on its folder; measured reasons in `docs/decisions`.

pub(crate) mod cell;
mod checkpoint;
pub(crate) mod conn;
mod functions;
pub(crate) mod open;
mod readers;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{SyncSender, TrySendError},
    },
    thread::JoinHandle,
    time::Instant,
};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    config::{Limits, Mode},
    engine::work::{Ran, Work, Write, run_once},
    error::StoreError,
    tx::Signals,
};

pub(crate) use conn::{Conn, store_error};
pub use open::DATABASE_FILE;

/// The engine of one data folder.
pub(crate) struct Sqlite {
    folder: PathBuf,
    readers: readers::Readers,
    writer: Option<Writer>,
}

struct Writer {
    queue: SyncSender<Message>,
    depth: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
    threads: Mutex<Option<Threads>>,
}

/// The threads of a store, as long as nobody has ended them.
struct Threads {
    /// Gives its connection back when it ends: that one is closed last.
    writer: JoinHandle<writer::Work>,
    /// Moves the log.
    mover: JoinHandle<()>,
}

/// What the writer thread is asked to do.
enum Message {
    /// To run a write; queued at this moment.
    Write(Write, Instant),
    /// To finish moving the log into the database while nobody writes.
    Checkpoint,
    /// To do what is queued and end.
    Stop,
}

/// Who is told of a commit.
pub(crate) type OnCommit = Arc<dyn Fn(Signals) + Send + Sync>;

impl Sqlite {
    /// Starts the threads on an opened folder; `tx` becomes the writer's.
    pub(crate) fn start(
        opened: open::Opened,
        limits: &Limits,
        double_run: bool,
        on_commit: OnCommit,
    ) -> Result<Self, StoreError> {
        let readers = readers::Readers::new(&opened.folder, limits);
        let folder = opened.folder.clone();
        let writer = match opened.mode {
            Mode::Serve => Some(writer::start(opened, limits, double_run, on_commit)?),
            Mode::Beside => None,
        };
        Ok(Self {
            folder,
            readers,
            writer,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a write; the answer comes after its commit.
    pub(crate) async fn write(&self, work: Work) -> Ran {
        let (reply, answer) = oneshot::channel();
        match self.queue(Write::new(work, reply)) {
            Ok(()) => answer.await.unwrap_or(Ran::Failed(StoreError::Closed)),
            Err(error) => Ran::Failed(error),
        }
    }

    /// Queues a write, or says that there is no room.
    fn queue(&self, job: Write) -> Result<(), StoreError> {
        let Some(writer) = &self.writer else {
            return Err(StoreError::ReadOnly {
                what: "a store that was opened beside a server".to_owned(),
            });
        };
        if writer.closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        // Counted before it is sent: the writer may take it before this thread goes on.
        let depth = writer.depth.fetch_add(1, Ordering::Relaxed) + 1;
        metrics::gauge!("store_queue_depth").set(depth as f64);
        writer
            .queue
            .try_send(Message::Write(job, Instant::now()))
            .map_err(|refused| {
                writer.depth.fetch_sub(1, Ordering::Relaxed);
                match refused {
                    TrySendError::Full(_) => {
                        metrics::counter!("store_busy_total").increment(1);
                        StoreError::Busy { retry_after_s: 1 }
                    }
                    TrySendError::Disconnected(_) => StoreError::Closed,
                }
            })
    }

    /// Runs a read on its own connection and snapshot.
    pub(crate) async fn read(&self, work: Work) -> Ran {
        match self.readers.take().await {
            Ok(reader) => on_a_thread(reader, work).await,
            Err(error) => Ran::Failed(error),
        }
    }

    /// As [`Self::read`], on the calling thread when a connection is open already: for look-ups by key.
    pub(crate) async fn look_up(&self, work: Work) -> Ran {
        match self.readers.take().await {
            Ok(reader) if reader.is_open() => on(reader, work),
            Ok(reader) => on_a_thread(reader, work).await,
            Err(error) => Ran::Failed(error),
        }
    }

    /// Takes no more writes, does those that are queued, and ends the threads. Blocks until then.
    pub(crate) fn close(&self) {
        // The readers first: the connection that closes last moves the log into the database, and a reader cannot.
        self.readers.close();
        if let Some(writer) = &self.writer {
            writer.close();
        }
    }

    /// Writes that wait for the writer.
    pub(crate) fn waiting(&self) -> usize {
        self.writer
            .as_ref()
            .map_or(0, |writer| writer.depth.load(Ordering::Relaxed))
    }

    /// Whether the writer thread runs.
    pub(crate) fn writer_lives(&self) -> bool {
        let Some(writer) = &self.writer else { return true };
        let alive = |threads: &Threads| !threads.writer.is_finished() && !threads.mover.is_finished();
        !writer.closed.load(Ordering::Acquire) && writer.threads.lock().as_ref().is_some_and(alive)
    }
}

/// Runs a read on one snapshot of a connection, and gives the connection back.
fn on(mut reader: readers::Reader, mut work: Work) -> Ran {
    let tx = match reader.tx() {
        Ok(tx) => tx,
        Err(error) => return Ran::Failed(error),
    };
    if let Err(failure) = tx.control("BEGIN DEFERRED") {
        return Ran::Failed(failure.error);
    }
    let ran = run_once(tx, &mut work);
    reader.give_back();
    ran
}

async fn on_a_thread(reader: readers::Reader, work: Work) -> Ran {
    let done = tokio::task::spawn_blocking(move || on(reader, work)).await;
    done.unwrap_or(Ran::Failed(StoreError::Closed))
}

impl Writer {
    fn close(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            // Fails only when the thread has ended already.
            let _ = self.queue.send(Message::Stop);
        }
        let Some(Threads { writer, mover }) = self.threads.lock().take() else {
            return;
        };
        // The last owner may be a closure on the writer thread itself, which cannot wait for itself.
        if writer.thread().id() == std::thread::current().id() {
            return;
        }
        let work = writer.join();
        let _ = mover.join();
        // The connection that closes last moves the log into the database; when two close at once, neither does.
        drop(work);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}
