//! Time and chance, passed in everywhere.
//!
//! A function that needs the hour or a random byte takes a [`World`]; nothing in the house calls
//! the system clock or a generator by itself, so that every test can be replayed from a seed.

use crate::Timestamp;

/// The clock and the source of randomness.
///
/// The only real implementation is in the binary; tests use the manual one of the test kit.
pub trait World: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Fills `bytes` with randomness that is good enough for keys and tokens.
    fn fill(&self, bytes: &mut [u8]);
}
