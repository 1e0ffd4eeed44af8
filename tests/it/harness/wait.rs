//! Waiting for a condition, never for a time: each wait asks again until it holds and gives up at its bound with the
//! last thing it saw. There is no sleep in a test outside of this file.

use std::future::Future;
use std::time::{Duration, Instant};

/// How long a page, a process or a job may take before a test gives up.
pub const LONG: Duration = Duration::from_secs(120);

/// How long something that is nearly there may take.
pub const SHORT: Duration = Duration::from_secs(15);

/// Asks `probe` until it gives a value.
///
/// # Panics
/// At the bound, with `what` and the last reason.
pub async fn until<T, F>(what: &str, bound: Duration, mut probe: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let start = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        let reason = match probe().await {
            Ok(value) => return value,
            Err(reason) => reason,
        };
        assert!(start.elapsed() < bound, "waited {bound:?} for {what}: {reason}");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(250));
    }
}
