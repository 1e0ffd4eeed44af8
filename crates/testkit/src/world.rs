//! A clock that stands where a test puts it, and chance that comes from a printed seed.
//! Every random byte of a test flows from that one seed, so a failure that chance found can be run again: set
//! `TINHSO_TEST_SEED` to the number that the failing run printed.

use std::sync::Arc;

use jiff::civil::DateTime;
use kernel::{SignedDuration, Timestamp, World};
use parking_lot::Mutex;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// The variable that fixes the seed.
pub const SEED: &str = "TINHSO_TEST_SEED";

/// A world under the test's control. Share it as `Arc<ManualWorld>`; it is also a `dyn World`.
#[derive(Debug)]
pub struct ManualWorld {
    seed: u64,
    now: Mutex<Timestamp>,
    chance: Mutex<ChaCha20Rng>,
}

impl ManualWorld {
    /// A world at 09:00 on Wednesday 18 November 2026 in Vietnam: a working hour of a working day of a year whose
    /// calendar is known. The seed is new, or the one that `TINHSO_TEST_SEED` fixes, and printed.
    ///
    /// # Panics
    /// When `TINHSO_TEST_SEED` is no number.
    #[must_use]
    pub fn new() -> Arc<Self> {
        let seed = match std::env::var(SEED) {
            Ok(text) => text.trim().parse().expect("TINHSO_TEST_SEED is a decimal number"),
            Err(_) => rand::random(),
        };
        crate::say(&format!("{SEED}={seed}"));
        Self::with_seed(seed)
    }

    /// A world at the same instant with a seed of the test's choosing, for tests that compare two runs.
    #[must_use]
    pub fn with_seed(seed: u64) -> Arc<Self> {
        let start = jiff::civil::date(2026, 11, 18).at(9, 0, 0, 0);
        Arc::new(Self {
            seed,
            now: Mutex::new(Timestamp::from_local(start)),
            chance: Mutex::new(ChaCha20Rng::seed_from_u64(seed)),
        })
    }

    /// A world whose clock stands at `local`, Vietnamese time.
    #[must_use]
    pub fn at(local: DateTime) -> Arc<Self> {
        let world = Self::new();
        world.set(Timestamp::from_local(local));
        world
    }

    /// The seed of this world's chance.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Puts the clock at `now`; backwards too, as a real clock sometimes jumps.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock() = now;
    }

    /// Moves the clock on by `by`, which may be negative.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.now.lock();
        *now += by;
    }

    /// A random number below `bound`, for a test's own choices.
    ///
    /// # Panics
    /// When `bound` is zero.
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        assert!(bound > 0, "there is no number below zero");
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes) % bound
    }
}

impl World for ManualWorld {
    fn now(&self) -> Timestamp {
        *self.now.lock()
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.chance.lock().fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_chance() {
        let (mut a, mut b) = ([0; 64], [0; 64]);
        ManualWorld::with_seed(7).fill(&mut a);
        ManualWorld::with_seed(7).fill(&mut b);
        assert_eq!(a, b);
        ManualWorld::with_seed(8).fill(&mut b);
        assert_ne!(a, b);
    }

    #[test]
    fn the_clock_stands_until_it_is_moved() {
        let world = ManualWorld::new();
        let start = world.now();
        assert_eq!(world.now(), start);
        world.advance(SignedDuration::from_mins(-90));
        assert_eq!(start.since(world.now()), SignedDuration::from_mins(90));
    }
}
