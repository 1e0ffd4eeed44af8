//! What a table holds, kept in memory: read again when the table's revision grew (looked at once in two seconds, and at each
//! midnight, because some rows begin to hold then). One reader at a time; everybody else waits for its answer.
//! It refuses to fall silent with the store: once something was read, the last of it goes on serving.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Date, SignedDuration, Timestamp, World};
use parking_lot::RwLock;
use store::StoreError;

/// How old an answer may be.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// A value and when it was looked at last.
pub(crate) struct Held<T> {
    /// What it is, for the log.
    what: &'static str,
    world: Arc<dyn World>,
    state: RwLock<State<T>>,
    reading: tokio::sync::Mutex<()>,
}

struct State<T> {
    /// The table's revision; -1 before anything was read.
    revision: i64,
    looked_at: Timestamp,
    day: Option<Date>,
    value: Arc<T>,
}

/// What is known when the table is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// The revision that was read last; -1 for none.
    pub(crate) revision: i64,
    /// The day is another one than at the last look.
    pub(crate) is_new_day: bool,
    /// Now.
    pub(crate) now: Timestamp,
}

impl<T> Held<T> {
    /// Nothing yet: `empty` until the first look.
    pub(crate) fn new(what: &'static str, world: Arc<dyn World>, empty: T) -> Self {
        Self {
            what,
            world,
            state: RwLock::new(State {
                revision: -1,
                looked_at: Timestamp::from_micros(0),
                day: None,
                value: Arc::new(empty),
            }),
            reading: tokio::sync::Mutex::new(()),
        }
    }

    /// What is there, however old.
    pub(crate) fn last(&self) -> Arc<T> {
        self.state.read().value.clone()
    }

    /// Looks again at the next question, as on a new day: somebody has just changed the table.
    pub(crate) fn look_again(&self) {
        self.state.write().day = None;
    }

    /// The value, not older than two seconds. `read` gives the table's revision, and the value when that is another one than
    /// the known one.
    ///
    /// # Errors
    /// What `read` says, while nothing was read yet.
    pub(crate) async fn get<F, R>(&self, read: F) -> Result<Arc<T>, StoreError>
    where
        F: FnOnce(Known) -> R + Send,
        R: Future<Output = Result<(i64, Option<T>), StoreError>> + Send,
    {
        let now = self.world.now();
        if let Some(fresh) = self.fresh(now) {
            return Ok(fresh);
        }
        self.look(false, read).await
    }

    /// The value as it is now, however fresh what is held.
    ///
    /// # Errors
    /// As [`Held::get`].
    pub(crate) async fn at_once<F, R>(&self, read: F) -> Result<Arc<T>, StoreError>
    where
        F: FnOnce(Known) -> R + Send,
        R: Future<Output = Result<(i64, Option<T>), StoreError>> + Send,
    {
        self.look(true, read).await
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<T>> {
        let state = self.state.read();
        // A clock that jumped back makes everything stale, never fresh for ever.
        let age = now.since(state.looked_at);
        let most = SignedDuration::try_from(LOOK_AGAIN).unwrap_or(SignedDuration::ZERO);
        let is_fresh = age >= SignedDuration::ZERO && age < most;
        let is_today = state.day == Some(now.local_date());
        (state.revision >= 0 && is_fresh && is_today).then(|| state.value.clone())
    }

    async fn look<F, R>(&self, at_once: bool, read: F) -> Result<Arc<T>, StoreError>
    where
        F: FnOnce(Known) -> R + Send,
        R: Future<Output = Result<(i64, Option<T>), StoreError>> + Send,
    {
        let _one_reader = self.reading.lock().await;
        let now = self.world.now();
        if let Some(fresh) = self.fresh(now).filter(|_| !at_once) {
            return Ok(fresh);
        }
        let today = now.local_date();
        let known = {
            let state = self.state.read();
            Known {
                revision: state.revision,
                is_new_day: state.day != Some(today),
                now,
            }
        };
        match read(known).await {
            Ok((revision, value)) => {
                let mut state = self.state.write();
                if let Some(value) = value {
                    state.value = Arc::new(value);
                }
                state.revision = revision;
                state.looked_at = now;
                state.day = Some(today);
                Ok(state.value.clone())
            }
            Err(error) if known.revision >= 0 => {
                tracing::warn!(%error, what = self.what, "it cannot be read; serving the last of it");
                let mut state = self.state.write();
                state.looked_at = now;
                Ok(state.value.clone())
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn down() -> StoreError {
        StoreError::Config("down".to_owned())
    }

    #[tokio::test]
    async fn it_is_read_once_in_two_seconds_at_midnight_and_when_told() {
        let world = testkit::ManualWorld::new();
        let held = Held::new("numbers", world.clone(), 0);
        let reads = AtomicUsize::new(0);
        let get = async |revision: i64| {
            let value = held.get(async |known: Known| {
                reads.fetch_add(1, Ordering::Relaxed);
                Ok((revision, (known.revision != revision).then_some(revision * 10)))
            });
            *value.await.expect("it reads")
        };
        assert_eq!(get(1).await, 10);
        assert_eq!((get(2).await, reads.load(Ordering::Relaxed)), (10, 1), "it is fresh");
        world.advance(SignedDuration::from_secs(2));
        assert_eq!((get(2).await, reads.load(Ordering::Relaxed)), (20, 2));
        held.look_again();
        assert_eq!((get(3).await, reads.load(Ordering::Relaxed)), (30, 3));
        let now = held.at_once(async |_| Ok((4, Some(40)))).await;
        assert_eq!(*now.expect("it reads"), 40);
    }

    #[tokio::test]
    async fn the_last_of_it_serves_while_the_store_is_silent() {
        let world = testkit::ManualWorld::new();
        let held = Held::new("numbers", world.clone(), 0);
        let silent = held.get(async |_| Err(down())).await;
        assert!(silent.is_err(), "nothing was read yet");
        held.get(async |_| Ok((1, Some(10)))).await.expect("it reads");
        world.advance(SignedDuration::from_secs(3));
        let last = held.get(async |_| Err(down())).await;
        assert_eq!(*last.expect("it serves"), 10);
    }
}
