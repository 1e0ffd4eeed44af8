//! The read-only connections: a bounded pool, each transaction a consistent snapshot. A reader that failed to end its
//! transaction is thrown away rather than given to the next one.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{config::Limits, engine::sqlite::open, error::StoreError, tx::Tx};

pub(super) struct Readers {
    folder: PathBuf,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Tx>>>,
    wait_max: Duration,
}

/// A place among the readers, with its connection once it is needed.
pub(super) struct Reader {
    tx: Option<Tx>,
    folder: PathBuf,
    idle: Arc<Mutex<Vec<Tx>>>,
    permit: OwnedSemaphorePermit,
}

impl Readers {
    pub(super) fn new(folder: &Path, limits: &Limits) -> Self {
        Self {
            folder: folder.to_owned(),
            permits: Arc::new(Semaphore::new(limits.readers.max(1))),
            idle: Arc::default(),
            wait_max: limits.wait_max,
        }
    }

    pub(super) async fn take(&self) -> Result<Reader, StoreError> {
        let wait = tokio::time::timeout(self.wait_max, self.permits.clone().acquire_owned());
        let permit = match wait.await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(StoreError::Closed),
            Err(_) => {
                metrics::counter!("store_busy_total").increment(1);
                return Err(StoreError::Busy { retry_after_s: 1 });
            }
        };
        let tx = self.idle.lock().pop();
        Ok(Reader {
            tx,
            folder: self.folder.clone(),
            idle: self.idle.clone(),
            permit,
        })
    }

    pub(super) fn close(&self) {
        self.permits.close();
        self.idle.lock().clear();
    }
}

impl Reader {
    /// Whether its connection is open, so that reading a few pages blocks nobody for long.
    pub(super) fn is_open(&self) -> bool {
        self.tx.is_some()
    }

    /// Its connection, opened if it has none. Blocks: not for the threads that serve requests.
    pub(super) fn tx(&mut self) -> Result<&mut Tx, StoreError> {
        match &mut self.tx {
            Some(tx) => Ok(tx),
            empty => Ok(empty.insert(open::reader(&self.folder)?)),
        }
    }

    /// Ends the transaction and gives the connection to the next reader.
    pub(super) fn give_back(self) {
        let Some(mut tx) = self.tx else { return };
        tx.reset();
        if tx.control("COMMIT").is_ok() {
            let mut idle = self.idle.lock();
            // A store that was closed meanwhile keeps no connection.
            if !self.permit.semaphore().is_closed() {
                idle.push(tx);
            }
        }
    }
}
