//! Moves the write-ahead log into the database without stopping the writer. A thread of its own does the long part while
//! writes go on; when the log is long, the writer does the short rest between two batches, after which the log starts anew.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::SyncSender,
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;

use crate::{
    engine::sqlite::{Message, open},
    error::StoreError,
};

/// Pages in the log from which it is moved (4 MiB), and from which the writer is asked to help (64 MiB).
const LOG_PAGES: usize = 1_000;
const LONG_LOG_PAGES: usize = 16_000;
const PAUSE: Duration = Duration::from_millis(200);

/// Pages in the log, as the writer's commits report them.
pub(super) type LogPages = Arc<AtomicUsize>;

pub(super) fn start(
    folder: &Path,
    pages: LogPages,
    stop: Arc<AtomicBool>,
    writer: SyncSender<Message>,
) -> Result<JoinHandle<()>, StoreError> {
    let raw = open::checkpointer(folder)?;
    std::thread::Builder::new()
        .name("store-checkpoint".to_owned())
        .spawn(move || {
            while !stop.load(Ordering::Acquire) {
                std::thread::park_timeout(PAUSE);
                if pages.load(Ordering::Relaxed) < LOG_PAGES {
                    continue;
                }
                passive(&raw);
                if pages.load(Ordering::Relaxed) >= LONG_LOG_PAGES {
                    // A full queue means that the writer is busy: the next round asks again.
                    let _ = writer.try_send(Message::Checkpoint);
                }
            }
        })
        .map_err(|error| StoreError::io("a thread", error))
}

/// Moves what can be moved without waiting for anybody.
pub(super) fn passive(raw: &Connection) {
    let moved = raw.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(2));
    match moved {
        Ok(pages) => metrics::gauge!("store_checkpoint_pages").set(pages as f64),
        Err(error) => tracing::warn!(%error, "the write-ahead log could not be moved into the database"),
    }
}
