//! The one real clock and the one real source of chance. Everything else in the workspace is given
//! these as an argument (`kernel::World`), so that tests can hold time still and repeat chance.

use kernel::{Timestamp, World};
use ring::rand::{SecureRandom, SystemRandom};
use std::time::{SystemTime, UNIX_EPOCH};

/// The operating system's clock and random numbers.
#[derive(Debug)]
pub struct RealWorld {
    random: SystemRandom,
}

impl RealWorld {
    /// Opens the operating system's random source.
    #[must_use]
    pub fn new() -> Self {
        Self {
            random: SystemRandom::new(),
        }
    }
}

impl Default for RealWorld {
    fn default() -> Self {
        Self::new()
    }
}

impl World for RealWorld {
    fn now(&self) -> Timestamp {
        // A clock set before 1970 is a broken machine; it then reads as 1970 and certificates say so loudly.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.random
            .fill(bytes)
            .expect("the operating system gives random bytes; without them no key or session is safe");
    }
}

/// The real world, shared.
#[must_use]
pub fn real() -> std::sync::Arc<dyn World> {
    std::sync::Arc::new(RealWorld::new())
}
