//! When a time limit runs out, and whether that is certain.
//!
//! The day of reception is not counted (BLDS 2015 Đ147); a limit in days or months that ends on a day off
//! ends with the next working day (Đ148); a month that lacks the day ends with its last one. Hours run from the
//! very minute. Time spent waiting for the citizen does not count.

use super::hours::{DAY_MINUTES, parse_minute};
use super::limit::TimeLimit;
use super::table::{WorkingCalendar, days_between};
use crate::Timestamp;
use crate::code::serde_as_text;
use jiff::Span;
use jiff::civil::Date;
use std::fmt;
use std::str::FromStr;

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Deadline {
    /// The last instant in time.
    pub at: Timestamp,
    /// Whether every day that it depends on is officially announced. A page shows it when it is not.
    pub confirmed: bool,
}

/// The minute of the day after which what is received counts as received on the next working day;
/// as text `15:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CutOff(u16);

impl CutOff {
    /// Minutes after midnight.
    pub const fn minute(self) -> u16 {
        self.0
    }
}

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:02}:{:02}", self.0 / 60, self.0 % 60))
    }
}

/// Why a text is no cut-off hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CutOffError {
    /// Not an hour of the day.
    #[error("a cut-off hour has the form 15:00")]
    Shape,
}

crate::error::invalid_fault!(CutOffError, "cut-off-invalid");

impl FromStr for CutOff {
    type Err = CutOffError;
    fn from_str(text: &str) -> Result<Self, CutOffError> {
        parse_minute(text)
            .filter(|minute| *minute < DAY_MINUTES)
            .map(Self)
            .ok_or(CutOffError::Shape)
    }
}

serde_as_text!(CutOff);

impl WorkingCalendar {
    /// When `limit` runs out for what was received at `received_at`, without a cut-off hour.
    pub fn deadline(&self, received_at: Timestamp, limit: TimeLimit) -> Deadline {
        self.deadline_with(received_at, limit, None)
    }

    /// When `limit` runs out. With a cut-off hour, what is received after it, or on a day off, counts as
    /// received on the next working day; limits in working hours take no heed of it.
    pub fn deadline_with(&self, received_at: Timestamp, limit: TimeLimit, cut_off: Option<CutOff>) -> Deadline {
        let received = received_at.local_date();
        if let TimeLimit::WorkingHours(hours) = limit {
            let hours = i32::try_from(hours).unwrap_or(i32::MAX);
            let at = self.add_working_hours(received_at, hours);
            return Deadline {
                at,
                confirmed: self.is_confirmed(received, at.local_date()),
            };
        }
        let counted = self.counted_day(received_at, cut_off);
        let ended = self.end_after(counted, limit);
        let confirmed = self.is_confirmed(received, counted) && ended.confirmed;
        Deadline { confirmed, ..ended }
    }

    /// When a limit runs out that stood still from `paused` to `resumed`, while the citizen was asked for
    /// something: what was left of it is left again, in the unit of the limit.
    ///
    /// A limit that had run out before the pause stays as it was.
    pub fn resumed(&self, limit: TimeLimit, due: Deadline, paused: Timestamp, resumed: Timestamp) -> Deadline {
        if paused >= due.at || resumed <= paused {
            return due;
        }
        let (stop, start) = (paused.local_date(), resumed.local_date());
        let (at, sure) = match limit {
            TimeLimit::WorkingHours(_) => {
                let left = self.working_time_between(paused, due.at);
                let at = self.add_working_time(resumed, left);
                (at, self.is_confirmed(stop, at.local_date()))
            }
            TimeLimit::WorkingDays(_) => {
                let left = self.working_days_between(stop, due.at.local_date());
                let left = u32::try_from(left).unwrap_or(0);
                let end = self.end_after(start, TimeLimit::WorkingDays(left));
                (end.at, end.confirmed)
            }
            TimeLimit::Days(_) | TimeLimit::Months(_) => {
                let left = days_between(stop, due.at.local_date());
                let end = self.end_after(start, TimeLimit::Days(u32::try_from(left).unwrap_or(0)));
                (end.at, end.confirmed)
            }
        };
        Deadline {
            at,
            confirmed: due.confirmed && sure,
        }
    }

    /// The day on which something counts as received.
    fn counted_day(&self, received_at: Timestamp, cut_off: Option<CutOff>) -> Date {
        let local = received_at.local();
        let Some(cut_off) = cut_off else {
            return local.date();
        };
        // A receipt in the minute of the cut-off itself is still in time.
        let midnight = Timestamp::start_of_day(local.date());
        let late = received_at - midnight > jiff::SignedDuration::from_mins(i64::from(cut_off.minute()));
        if late {
            self.add_working_days(local.date(), 1)
        } else {
            self.working_day_from(local.date())
        }
    }

    /// The close of the last day of `limit`, counted from the day after `day`.
    fn end_after(&self, day: Date, limit: TimeLimit) -> Deadline {
        let (nominal, last) = match limit {
            TimeLimit::WorkingHours(0) | TimeLimit::WorkingDays(0) => (day, self.working_day_from(day)),
            TimeLimit::WorkingHours(n) | TimeLimit::WorkingDays(n) => {
                (day, self.add_working_days(day, i32::try_from(n).unwrap_or(i32::MAX)))
            }
            TimeLimit::Days(n) => {
                let end = later(day, Span::new().try_days(n));
                (end, self.working_day_from(end))
            }
            TimeLimit::Months(n) => {
                let end = later(day, Span::new().try_months(n));
                (end, self.working_day_from(end))
            }
        };
        Deadline {
            at: self.close_of(last),
            confirmed: self.is_confirmed(nominal, last),
        }
    }
}

/// `day` and a span after it; a span too large to be one leads to the end of all calendars.
fn later(day: Date, span: Result<Span, jiff::Error>) -> Date {
    span.map_or(Date::MAX, |span| day.saturating_add(span))
}
