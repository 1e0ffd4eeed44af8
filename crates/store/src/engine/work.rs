//! How a closure is run in a transaction, the same on both engines: panics are caught, a failed statement wins over
//! whatever the closure answered, and in tests each write runs twice from the same state and must do the same.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    engine::Failure,
    error::StoreError,
    tx::{Step, Tx},
};

/// Runs a closure once.
pub(crate) fn run_once<T, E: From<StoreError>>(
    tx: &mut Tx,
    work: impl FnOnce(&mut Tx) -> Result<T, E>,
) -> Result<T, E> {
    // The transaction is rolled back after a panic, so that no half-done state is seen.
    match catch_unwind(AssertUnwindSafe(|| work(tx))) {
        Ok(Ok(done)) => match tx.failed() {
            Some(error) => Err(error.into()),
            None => Ok(done),
        },
        Ok(Err(error)) => Err(error),
        Err(panic) => {
            let what = panic_text(panic.as_ref());
            metrics::counter!("store_panics_total").increment(1);
            tracing::error!(panic = %what, "a transaction panicked and is rolled back");
            Err(StoreError::Panicked(what).into())
        }
    }
}

/// Runs a write closure inside of the savepoint `w`, which the caller has set and will release or roll back to.
/// With `twice` it is run, rolled back, run again, and both runs are compared.
pub(crate) fn run_write<T, E, F>(tx: &mut Tx, work: &F, twice: bool) -> Result<T, E>
where
    E: From<StoreError>,
    F: Fn(&mut Tx) -> Result<T, E>,
{
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
        return Err(failure.error.into());
    }
    tx.start_trace();
    let second = run_once(tx, work);
    let second_steps = tx.take_trace();
    if tx.wants_retry() {
        return second;
    }
    match difference(&first_steps, &second_steps, first.is_ok() == second.is_ok()) {
        None => second,
        Some(statement) => Err(StoreError::NotReplayable { statement }.into()),
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

/// A write that waits for its turn, with its type erased.
pub(crate) trait WriteJob: Send {
    /// Runs the closure and keeps its answer. True when its work is to be committed.
    fn run(&mut self, tx: &mut Tx, twice: bool) -> bool;
    /// Replaces the answer: the work was not committed.
    fn fail(&mut self, error: StoreError);
    /// Replaces the answer if it is a success.
    fn fail_unless_error(&mut self, error: StoreError);
    /// Sends the answer.
    fn answer(self: Box<Self>);
}

/// A write with its closure, its answer and who waits for it.
pub(crate) struct Write<T, E, F> {
    work: F,
    answer: Option<Result<T, E>>,
    reply: tokio::sync::oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Write<T, E, F> {
    pub(crate) fn new(work: F, reply: tokio::sync::oneshot::Sender<Result<T, E>>) -> Self {
        Self {
            work,
            answer: None,
            reply,
        }
    }
}

impl<T, E, F> WriteJob for Write<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: Fn(&mut Tx) -> Result<T, E> + Send,
{
    fn run(&mut self, tx: &mut Tx, twice: bool) -> bool {
        let answer = run_write(tx, &self.work, twice);
        let keep = answer.is_ok();
        self.answer = Some(answer);
        keep
    }

    fn fail(&mut self, error: StoreError) {
        self.answer = Some(Err(error.into()));
    }

    fn fail_unless_error(&mut self, error: StoreError) {
        if !matches!(self.answer, Some(Err(_))) {
            self.fail(error);
        }
    }

    fn answer(self: Box<Self>) {
        if let Some(answer) = self.answer {
            // Nobody waits any more when the request was cancelled; the write stands.
            let _ = self.reply.send(answer);
        }
    }
}
