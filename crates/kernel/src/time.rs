//! The instant: microseconds since 1970-01-01T00:00:00Z, shown in Vietnamese time (UTC+07:00).
//!
//! Viet Nam has kept one offset without daylight saving since 1975 (QĐ 134/2002/QĐ-TTg), so no time
//! zone database is needed. It refuses instants outside the years 1 to 9999 by saturating: both database engines hold
//! these, and RFC 3339 writes no others.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::str::FromStr;

/// The offset of Viet Nam, in hours.
const OFFSET: Offset = Offset::constant(7);

/// An instant, to the microsecond, in UTC.
///
/// As text and in JSON it is RFC 3339 in UTC (`2026-11-22T01:30:00Z`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest instant that can be held.
    pub const MIN: Self = Self(-62_135_596_800_000_000);
    /// The latest instant that can be held.
    pub const MAX: Self = Self(253_402_207_200_000_000);

    /// The instant `micros` microseconds after 1970-01-01T00:00:00Z; saturates at [`Self::MIN`] and
    /// [`Self::MAX`].
    pub const fn from_micros(micros: i64) -> Self {
        if micros < Self::MIN.0 {
            Self::MIN
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Date and time on a Vietnamese clock.
    pub fn local(self) -> DateTime {
        OFFSET.to_datetime(self.jiff())
    }

    /// The day on a Vietnamese calendar.
    pub fn local_date(self) -> Date {
        self.local().date()
    }

    /// The instant at which a Vietnamese clock shows `local`; saturates.
    pub fn from_local(local: DateTime) -> Self {
        match OFFSET.to_timestamp(local) {
            Ok(instant) => Self::from_micros(instant.as_microsecond()),
            Err(_) if local.year() < 1 => Self::MIN,
            Err(_) => Self::MAX,
        }
    }

    /// The first instant of a Vietnamese day.
    pub fn start_of_day(day: Date) -> Self {
        Self::from_local(day.to_datetime(Time::midnight()))
    }

    /// Whole seconds since 1970, as HTTP, tokens and certificates want them.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The instant `seconds` after 1970-01-01T00:00:00Z; saturates.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// The time from `earlier` to `self`; negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> SignedDuration {
        SignedDuration::from_micros(self.0 - earlier.0)
    }

    /// The same instant in the type of the `jiff` crate.
    pub fn jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).expect("kept within jiff's range by from_micros")
    }

    fn shifted(self, by: SignedDuration, sign: i128) -> Self {
        let sum = i128::from(self.0) + sign * by.as_micros();
        let low = i128::from(Self::MIN.0);
        let high = i128::from(Self::MAX.0);
        Self(i64::try_from(sum.clamp(low, high)).expect("clamped to the range of i64"))
    }
}

impl Add<SignedDuration> for Timestamp {
    type Output = Self;
    fn add(self, by: SignedDuration) -> Self {
        self.shifted(by, 1)
    }
}

impl AddAssign<SignedDuration> for Timestamp {
    fn add_assign(&mut self, by: SignedDuration) {
        *self = *self + by;
    }
}

impl Sub<SignedDuration> for Timestamp {
    type Output = Self;
    fn sub(self, by: SignedDuration) -> Self {
        self.shifted(by, -1)
    }
}

impl SubAssign<SignedDuration> for Timestamp {
    fn sub_assign(&mut self, by: SignedDuration) {
        *self = *self - by;
    }
}

impl Sub for Timestamp {
    type Output = SignedDuration;
    fn sub(self, earlier: Self) -> SignedDuration {
        self.since(earlier)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self::from_micros(instant.as_microsecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.jiff(), f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// The text is not RFC 3339 with an offset.
    #[error("not an RFC 3339 instant")]
    NotRfc3339,
}

crate::error::invalid_fault!(TimestampError, "timestamp-invalid");

impl FromStr for Timestamp {
    type Err = TimestampError;
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let instant: jiff::Timestamp = text.trim().parse().map_err(|_| TimestampError::NotRfc3339)?;
        Ok(instant.into())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::code::deserialize_text(deserializer, str::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};
    use proptest::prelude::*;

    #[test]
    fn local_time_is_seven_hours_ahead() {
        let instant: Timestamp = "2026-11-21T18:30:00Z".parse().unwrap();
        assert_eq!(instant.local(), datetime(2026, 11, 22, 1, 30, 0, 0));
        assert_eq!(instant.local_date(), date(2026, 11, 22));
        assert_eq!(Timestamp::from_local(instant.local()), instant);
        assert_eq!(instant.to_string(), "2026-11-21T18:30:00Z");
    }

    #[test]
    fn the_ends_are_the_first_of_the_year_1_and_the_end_of_jiff() {
        assert_eq!(Timestamp::MIN.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Timestamp::from(jiff::Timestamp::MIN), Timestamp::MIN);
        // jiff refuses the fraction of its last second when it is given in microseconds.
        assert_eq!(Timestamp::MAX.as_seconds(), jiff::Timestamp::MAX.as_second());
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Timestamp::MAX + SignedDuration::MAX, Timestamp::MAX);
        assert_eq!(Timestamp::MIN - SignedDuration::MAX, Timestamp::MIN);
        assert_eq!(Timestamp::from_micros(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::from_seconds(i64::MIN), Timestamp::MIN);
        let noon = Timestamp::from_seconds(100);
        assert_eq!(
            (noon + SignedDuration::from_secs(5)) - noon,
            SignedDuration::from_secs(5)
        );
    }

    proptest! {
        #[test]
        fn goes_through_text_and_local(micros in any::<i64>()) {
            let instant = Timestamp::from_micros(micros);
            prop_assert_eq!(instant.to_string().parse::<Timestamp>().unwrap(), instant);
            let json = serde_json::to_string(&instant).unwrap();
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), instant);
            if micros.abs() < 100_000_000_000_000_000 {
                prop_assert_eq!(Timestamp::from_local(instant.local()), instant);
            }
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
