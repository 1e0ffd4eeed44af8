//! Rate limits: the generic cell rate algorithm over a bounded table of keys, and a layer that counts by client.
//! It refuses to remember who somebody is: keys live in memory for as long as they matter.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{ErrorKind, Timestamp, World};
use parking_lot::Mutex;

use crate::client::Client;
use crate::failure::Failure;

/// Most keys that are kept; beyond that, keys that no longer matter go first, then all.
const KEYS_MAX: usize = 100_000;

/// So many in so much time, with a burst: GCRA with one theoretical arrival time per key.
#[derive(Debug)]
pub struct Gcra<K> {
    interval_us: i64,
    burst: i64,
    arrivals: Mutex<HashMap<K, i64>>,
}

impl<K: Hash + Eq> Gcra<K> {
    /// `count` in `seconds`, at most `burst` at once. Zeros are read as ones.
    #[must_use]
    pub fn new(count: u32, seconds: u32, burst: u32) -> Self {
        let interval_us = i64::from(seconds.max(1)) * 1_000_000 / i64::from(count.max(1));
        Self {
            interval_us,
            burst: i64::from(burst.max(1)),
            arrivals: Mutex::new(HashMap::new()),
        }
    }

    /// Counts one more of `key`.
    ///
    /// # Errors
    /// Seconds until the next one is allowed, at least 1.
    pub fn take(&self, key: K, now: Timestamp) -> Result<(), u32> {
        let now = now.as_micros();
        let mut arrivals = self.arrivals.lock();
        if arrivals.len() >= KEYS_MAX {
            arrivals.retain(|_, at| *at > now);
            if arrivals.len() >= KEYS_MAX {
                arrivals.clear();
            }
        }
        let at = arrivals.get(&key).copied().unwrap_or(now).max(now);
        // A clock that jumped back must not lock anybody out for longer than the burst is worth.
        let at = at.min(now + self.interval_us * self.burst);
        let wait = at - now - self.interval_us * (self.burst - 1);
        if wait > 0 {
            arrivals.insert(key, at);
            return Err(u32::try_from(wait / 1_000_000 + 1).unwrap_or(u32::MAX));
        }
        arrivals.insert(key, at + self.interval_us);
        Ok(())
    }
}

/// State of [`by_client`]: one limit for one group of routes.
#[derive(Clone)]
pub struct ClientLimit {
    gcra: Arc<Gcra<IpAddr>>,
    world: Arc<dyn World>,
}

impl ClientLimit {
    /// `count` requests in `seconds` from one client, at most `burst` at once.
    #[must_use]
    pub fn new(world: Arc<dyn World>, count: u32, seconds: u32, burst: u32) -> Self {
        Self {
            gcra: Arc::new(Gcra::new(count, seconds, burst)),
            world,
        }
    }
}

/// A layer for routes that attract floods (sign-in, look-up by code):
/// `.layer(axum::middleware::from_fn_with_state(ClientLimit::new(world, 10, 60, 5), by_client))`. Reading (GET, HEAD) is
/// not counted.
pub async fn by_client(State(limit): State<ClientLimit>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let bucket = request.extensions().get::<Client>().map(Client::bucket);
    match bucket.map_or(Ok(()), |bucket| limit.gcra.take(bucket, limit.world.now())) {
        Ok(()) => next.run(request).await,
        Err(retry_after_s) => Failure::new(ErrorKind::TooMany { retry_after_s }, "too-many").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let gcra = Gcra::new(6, 60, 3);
        for _ in 0..3 {
            assert_eq!(gcra.take("a", at(0)), Ok(()));
        }
        let wait = gcra.take("a", at(0)).expect_err("the burst is used up");
        assert!((10..=11).contains(&wait), "{wait}");
        assert_eq!(gcra.take("b", at(0)), Ok(()));
        assert_eq!(gcra.take("a", at(11)), Ok(()));
        assert!(gcra.take("a", at(11)).is_err());
    }

    #[test]
    fn a_clock_that_jumps_back_locks_nobody_out() {
        let gcra = Gcra::new(6, 60, 3);
        assert_eq!(gcra.take("a", at(1_000_000)), Ok(()));
        let wait = gcra.take("a", at(0)).err().unwrap_or(0);
        assert!(wait <= 11, "{wait}");
        assert_eq!(gcra.take("a", at(11)), Ok(()));
    }
}
