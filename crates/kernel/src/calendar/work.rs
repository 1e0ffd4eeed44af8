//! Counting in working days and in worked time, forward and backward.
//!
//! Days are counted by whole days; time by the minutes that offices are open, to the microsecond. Every
//! answer takes a bisection over the table, however far it lies.

use super::table::{WorkingCalendar, days_between};
use crate::Timestamp;
use jiff::SignedDuration;
use jiff::civil::{Date, Time};

const MINUTE_MICROS: i64 = 60_000_000;

impl WorkingCalendar {
    /// The `n`th working day after `from`, which itself is not counted; before it when `n` is
    /// negative. With `n = 0` it is `from`, worked or not.
    pub fn add_working_days(&self, from: Date, n: i32) -> Date {
        if n == 0 {
            return from;
        }
        let days = self.days();
        let start = self.clamped_index(from);
        let before = i64::from(days[start].worked_before);
        let count = i64::from(n);
        // The number of working days before the day that is sought.
        let sought = if n > 0 {
            before + i64::from(days[start].worked) + count - 1
        } else {
            before + count
        };
        if sought < 0 {
            return days[0].date;
        }
        let end = days.partition_point(|day| i64::from(day.worked_before) <= sought);
        // The last day with that count is the worked one; days off after it have one more.
        let found = &days[end - 1];
        if i64::from(found.worked_before) == sought && found.worked {
            found.date
        } else {
            days[days.len() - 1].date
        }
    }

    /// The first working day on or after `day`.
    pub fn working_day_from(&self, day: Date) -> Date {
        if self.is_working_day(day) {
            day
        } else {
            self.add_working_days(day, 1)
        }
    }

    /// Working days after `from` up to and including `to`; negative when `to` is earlier (those
    /// from `to` up to the day before `from`).
    pub fn working_days_between(&self, from: Date, to: Date) -> i64 {
        let count = |day: Date| {
            let day = self.days()[self.clamped_index(day)];
            i64::from(day.worked_before) + i64::from(day.worked)
        };
        if to >= from {
            count(to) - count(from)
        } else {
            -self.worked_days_in(to, from)
        }
    }

    /// Working days from `first` up to the day before `end`.
    fn worked_days_in(&self, first: Date, end: Date) -> i64 {
        let before = |day: Date| i64::from(self.days()[self.clamped_index(day)].worked_before);
        before(end) - before(first)
    }

    /// The instant `hours` worked hours after `start` (before it when negative).
    pub fn add_working_hours(&self, start: Timestamp, hours: i32) -> Timestamp {
        self.add_working_time(start, SignedDuration::from_hours(i64::from(hours)))
    }

    /// The instant at which `time` has been worked since `start`; before it when negative.
    ///
    /// Forward, it is the earliest such instant (17:30, not 07:30 of the next day); backward, the
    /// latest. Nothing to add leaves `start` as it is.
    pub fn add_working_time(&self, start: Timestamp, time: SignedDuration) -> Timestamp {
        let micros = i64::try_from(time.as_micros()).unwrap_or(if time.is_negative() { i64::MIN } else { i64::MAX });
        let sought = self.position(start).saturating_add(micros);
        match micros {
            0 => start,
            1.. => self.earliest_at(sought),
            _ => self.latest_at(sought),
        }
    }

    /// The time that is worked from `from` to `to`; negative when `to` is earlier.
    pub fn working_time_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        SignedDuration::from_micros(self.position(to) - self.position(from))
    }

    /// Whether offices are open at `instant`.
    pub fn is_open_at(&self, instant: Timestamp) -> bool {
        let local = instant.local();
        let micros = micros_of_day(local.time());
        self.hours_of(local.date())
            .iter()
            .any(|period| (micros_at(period.start)..micros_at(period.end)).contains(&micros))
    }

    /// The end of office hours on `day`; on a day off, the end that its season would have.
    pub fn close_of(&self, day: Date) -> Timestamp {
        let hours = self.season_hours(self.clamped_index(day));
        let minute = hours.last().map_or(0, |period| period.end);
        at_micros(day, micros_at(minute))
    }

    /// Worked time from the first day of the table to `instant`, in microseconds.
    fn position(&self, instant: Timestamp) -> i64 {
        let local = instant.local();
        let index = self.clamped_index(local.date());
        let day = self.days()[index];
        let before = i64::from(day.minutes_before) * MINUTE_MICROS;
        // Outside the table time stands still at its borders.
        let clock = match days_between(day.date, local.date()) {
            0 => micros_of_day(local.time()),
            1.. => i64::MAX,
            _ => 0,
        };
        if !day.worked {
            return before;
        }
        let within: i64 = self
            .season_hours(index)
            .iter()
            .map(|period| clock.clamp(micros_at(period.start), micros_at(period.end)) - micros_at(period.start))
            .sum();
        before + within
    }

    /// The earliest instant at which `position` has been worked.
    fn earliest_at(&self, position: i64) -> Timestamp {
        let days = self.days();
        let end = days.partition_point(|day| i64::from(day.minutes_before) * MINUTE_MICROS < position);
        let index = end.saturating_sub(1);
        let mut left = position - i64::from(days[index].minutes_before) * MINUTE_MICROS;
        if days[index].worked {
            for period in self.season_hours(index) {
                let length = i64::from(period.minutes()) * MINUTE_MICROS;
                if left <= length {
                    return at_micros(days[index].date, micros_at(period.start) + left);
                }
                left -= length;
            }
        }
        // Past the end of the table.
        self.close_of(days[index].date)
    }

    /// The latest instant at which no more than `position` has been worked.
    fn latest_at(&self, position: i64) -> Timestamp {
        let days = self.days();
        if position < 0 {
            return Timestamp::start_of_day(days[0].date);
        }
        let end = days.partition_point(|day| i64::from(day.minutes_before) * MINUTE_MICROS <= position);
        let index = end.saturating_sub(1);
        let mut left = position - i64::from(days[index].minutes_before) * MINUTE_MICROS;
        if days[index].worked {
            for period in self.season_hours(index) {
                let length = i64::from(period.minutes()) * MINUTE_MICROS;
                if left < length {
                    return at_micros(days[index].date, micros_at(period.start) + left);
                }
                left -= length;
            }
        }
        self.close_of(days[index].date)
    }
}

fn micros_at(minute: u16) -> i64 {
    i64::from(minute) * MINUTE_MICROS
}

fn micros_of_day(time: Time) -> i64 {
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000
}

fn at_micros(day: Date, micros: i64) -> Timestamp {
    Timestamp::start_of_day(day) + SignedDuration::from_micros(micros)
}
