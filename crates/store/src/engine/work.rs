//! How a closure is run in a transaction, the same on both engines: panics are caught, a failed statement wins over
//! whatever the closure answered, and in tests each write runs twice from the same state and must do the same.
//!
//! What a closure answers has a type of its own, and there are hundreds of them. Below this seam none is known: a closure keeps
//! its answer in a [`Slot`] and says only how it ended, so that one machine serves all.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{
    engine::Failure,
    error::StoreError,
    tx::{Step, Tx},
};

/// How a closure ended.
#[derive(Debug)]
pub(crate) enum Ran {
    /// Well: its work is to be kept.
    Kept,
    /// With an error of its own, which lies in its slot.
    Refused,
    /// By the store, whatever it answered.
    Failed(StoreError),
}

impl Ran {
    const fn is_kept(&self) -> bool {
        matches!(self, Self::Kept)
    }
}

/// A closure without its types.
pub(crate) type Work = Box<dyn FnMut(&mut Tx) -> Ran + Send>;

/// Where a closure puts its answer.
pub(crate) struct Slot<T, E>(Arc<Mutex<Option<Result<T, E>>>>);

impl<T, E: From<StoreError>> Slot<T, E> {
    fn empty() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    fn shared(&self) -> Self {
        Self(self.0.clone())
    }

    fn put(&self, answer: Result<T, E>) -> Ran {
        let ran = if answer.is_ok() { Ran::Kept } else { Ran::Refused };
        *self.0.lock() = Some(answer);
        ran
    }

    /// The answer of a closure that ended so.
    pub(crate) fn after(self, ran: Ran) -> Result<T, E> {
        match ran {
            Ran::Failed(error) => Err(error.into()),
            Ran::Kept | Ran::Refused => {
                let answer = self.0.lock().take();
                answer.unwrap_or_else(|| Err(StoreError::Closed.into()))
            }
        }
    }
}

/// A closure that may run more than once, without its types, and where its answer will be.
pub(crate) fn erased<T, E, F>(work: F) -> (Work, Slot<T, E>)
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: Fn(&mut Tx) -> Result<T, E> + Send + 'static,
{
    let slot = Slot::empty();
    let own = slot.shared();
    (Box::new(move |tx| own.put(work(tx))), slot)
}

/// As [`erased`], for a closure that runs once.
pub(crate) fn erased_once<T, E, F>(work: F) -> (Work, Slot<T, E>)
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
{
    let slot = Slot::empty();
    let own = slot.shared();
    let mut work = Some(work);
    let once = move |tx: &mut Tx| match work.take() {
        Some(work) => own.put(work(tx)),
        None => Ran::Failed(StoreError::Closed),
    };
    (Box::new(once), slot)
}

/// Runs a closure once.
pub(crate) fn run_once(tx: &mut Tx, work: &mut Work) -> Ran {
    // The transaction is rolled back after a panic, so that no half-done state is seen.
    match catch_unwind(AssertUnwindSafe(|| work(tx))) {
        Ok(Ran::Kept) => tx.failed().map_or(Ran::Kept, Ran::Failed),
        Ok(ran) => ran,
        Err(panic) => {
            let what = panic_text(panic.as_ref());
            metrics::counter!("store_panics_total").increment(1);
            tracing::error!(panic = %what, "a transaction panicked and is rolled back");
            Ran::Failed(StoreError::Panicked(what))
        }
    }
}

/// Runs a write closure inside of the savepoint `w`, which the caller has set and will release or roll back to.
/// With `twice` it is run, rolled back, run again, and both runs are compared.
pub(crate) fn run_write(tx: &mut Tx, work: &mut Work, twice: bool) -> Ran {
    if !twice {
        return run_once(tx, work);
    }
    tx.start_trace();
    let first = run_once(tx, work);
    let first_steps = tx.take_trace();
    if tx.wants_retry() {
        return first;
    }
    if let Err(failure) = rewind(tx) {
        return Ran::Failed(failure.error);
    }
    tx.start_trace();
    let second = run_once(tx, work);
    let second_steps = tx.take_trace();
    if tx.wants_retry() {
        return second;
    }
    match difference(&first_steps, &second_steps, first.is_kept() == second.is_kept()) {
        None => second,
        Some(statement) => Ran::Failed(StoreError::NotReplayable { statement }),
    }
}

/// Rolls back to the savepoint and keeps it.
fn rewind(tx: &mut Tx) -> Result<(), Failure> {
    tx.control(ROLLBACK_TO)?;
    tx.reset();
    Ok(())
}

/// Sets the savepoint around one write.
pub(crate) const SAVEPOINT: &str = "SAVEPOINT w";
/// Undoes the write and keeps its savepoint.
pub(crate) const ROLLBACK_TO: &str = "ROLLBACK TO SAVEPOINT w";
/// Removes the savepoint and keeps the write.
pub(crate) const RELEASE: &str = "RELEASE SAVEPOINT w";

fn difference(first: &[Step], second: &[Step], same_outcome: bool) -> Option<String> {
    let differs = first.iter().zip(second).find(|(one, two)| one != two);
    if let Some((_, two)) = differs {
        return Some(two.sql.to_string());
    }
    if first.len() != second.len() {
        let longer = if first.len() > second.len() { first } else { second };
        return Some(longer[first.len().min(second.len())].sql.to_string());
    }
    (!same_outcome).then(|| "the outcome: one run succeeded, the other failed".to_owned())
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

/// A write that waits for its turn.
pub(crate) struct Write {
    work: Work,
    ran: Option<Ran>,
    reply: tokio::sync::oneshot::Sender<Ran>,
}

impl Write {
    pub(crate) const fn new(work: Work, reply: tokio::sync::oneshot::Sender<Ran>) -> Self {
        Self { work, ran: None, reply }
    }

    /// Runs the closure. True when its work is to be committed.
    pub(crate) fn run(&mut self, tx: &mut Tx, twice: bool) -> bool {
        let ran = run_write(tx, &mut self.work, twice);
        let keep = ran.is_kept();
        self.ran = Some(ran);
        keep
    }

    /// Replaces the answer: the work was not committed.
    pub(crate) fn fail(&mut self, error: StoreError) {
        self.ran = Some(Ran::Failed(error));
    }

    /// Replaces the answer if it is a success.
    pub(crate) fn fail_unless_error(&mut self, error: StoreError) {
        if !matches!(self.ran, Some(Ran::Refused | Ran::Failed(_))) {
            self.fail(error);
        }
    }

    /// Sends the answer.
    pub(crate) fn answer(self) {
        if let Some(ran) = self.ran {
            // Nobody waits any more when the request was cancelled; the write stands.
            let _ = self.reply.send(ran);
        }
    }
}
