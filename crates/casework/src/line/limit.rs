//! How many submissions are worked on at once: as many as leave the processors to whoever reads a page. Each measures how long a
//! task waits for a processor; while that is short there is room for more, when it is long there are too many. A slow disk alone
//! does not lower the bound, because a group commit wants company. Additive increase, multiplicative decrease, as in RFC 5681.
//! Pure: times are given.

use kernel::SignedDuration;

/// Fewest at once.
pub(super) const LEAST: usize = 8;

/// Most at once.
pub(super) const MOST: usize = 64;

/// Where it begins.
pub(super) const BEGINS: usize = 16;

/// A page takes some ten turns on a processor: at this wait for each, there is room for more submissions.
const SHORT: SignedDuration = SignedDuration::from_micros(2_000);

/// At this wait there are too many.
const LONG: SignedDuration = SignedDuration::from_micros(5_000);

/// The bound, and what it is found from.
#[derive(Debug, Clone)]
pub(super) struct Limit {
    at_once: usize,
    count: usize,
    sum: SignedDuration,
    /// Whether the bound was reached since the last look: nobody learns anything from one that is not.
    was_full: bool,
}

impl Default for Limit {
    fn default() -> Self {
        Self {
            at_once: BEGINS,
            count: 0,
            sum: SignedDuration::ZERO,
            was_full: false,
        }
    }
}

impl Limit {
    /// How many may be worked on at once.
    pub(super) const fn at_once(&self) -> usize {
        self.at_once
    }

    /// One waited so long for a processor; the bound was reached meanwhile or not.
    pub(super) fn waited(&mut self, time: SignedDuration, was_full: bool) {
        self.sum = self.sum.saturating_add(time.max(SignedDuration::ZERO));
        self.count += 1;
        self.was_full |= was_full;
        if self.count < 2 * self.at_once {
            return;
        }
        let mean = self.sum / i32::try_from(self.count).unwrap_or(i32::MAX);
        if mean > LONG {
            self.at_once = (self.at_once * 4 / 5).max(LEAST);
        } else if mean < SHORT && self.was_full {
            self.at_once = (self.at_once + 2).min(MOST);
        }
        (self.count, self.sum, self.was_full) = (0, SignedDuration::ZERO, false);
    }

    /// The engine had no room for one: there are too many, whatever the times say.
    pub(super) fn choke(&mut self) {
        self.at_once = (self.at_once / 2).max(LEAST);
    }
}
