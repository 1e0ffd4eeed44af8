//! The days that a report or a register is of. Owns their bound and how they stand in an address.
//! Refuses periods of more than 366 days, and an end before the beginning.

use kernel::{Date, SignedDuration, Timestamp};

/// Most days of one period: a leap year.
pub const DAYS_MAX: i32 = 366;

/// Days, the first and the last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Period {
    /// The days between two, in their order, and no more than a year of them.
    #[must_use]
    pub fn bounded(from: Date, to: Date) -> Self {
        let (from, to) = if to < from { (to, from) } else { (from, to) };
        let last = from.checked_add(jiff::Span::new().days(DAYS_MAX - 1)).unwrap_or(to);
        Self { from, to: to.min(last) }
    }

    /// The day after the last.
    #[must_use]
    pub fn until(self) -> Date {
        self.to.tomorrow().unwrap_or(self.to)
    }

    /// From the first moment of the first day up to before the first moment after the last.
    #[must_use]
    pub fn bounds(self) -> (Timestamp, Timestamp) {
        let end = self.to.tomorrow().map_or(
            Timestamp::start_of_day(self.to) + SignedDuration::from_hours(24),
            Timestamp::start_of_day,
        );
        (Timestamp::start_of_day(self.from), end)
    }

    /// As it stands in an address.
    #[must_use]
    pub fn query(self) -> String {
        format!("from={}&to={}", self.from, self.to)
    }
}
