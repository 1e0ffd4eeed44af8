//! The naive calendar: a list of days read by the `csv` crate, walked one day or one minute at a time.
//! It shares no code with what it checks but the types and the proposal for years without data.

use super::super::{Deadline, OfficeHours, TimeLimit, statutory};
use crate::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Span};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

pub(super) struct Oracle {
    hours: OfficeHours,
}

struct Days {
    kinds: HashMap<Date, (String, bool)>,
    confirmed_years: HashSet<i16>,
}

fn days() -> &'static Days {
    static DAYS: OnceLock<Days> = OnceLock::new();
    DAYS.get_or_init(|| {
        let mut kinds = HashMap::new();
        let mut years = HashSet::new();
        let mut confirmed_years = HashSet::new();
        let text = include_str!("../../../data/calendar.csv");
        for record in csv::Reader::from_reader(text.as_bytes()).records() {
            let record = record.unwrap();
            let date: Date = record[0].parse().unwrap();
            let confirmed = &record[5] == "yes";
            kinds.insert(date, (record[1].to_owned(), confirmed));
            if &record[1] == "holiday" {
                years.insert(date.year());
                if confirmed {
                    confirmed_years.insert(date.year());
                }
            }
        }
        for year in (2010..2040).filter(|year| !years.contains(year)) {
            for row in statutory::proposal(year) {
                kinds.insert(row.date, (row.kind.word().to_owned(), false));
            }
        }
        Days { kinds, confirmed_years }
    })
}

impl Oracle {
    pub(super) fn new(hours: OfficeHours) -> Self {
        Self { hours }
    }

    pub(super) fn is_working_day(&self, day: Date) -> bool {
        match days().kinds.get(&day) {
            Some((kind, _)) => kind == "working_saturday",
            None => day.weekday() != Weekday::Saturday && day.weekday() != Weekday::Sunday,
        }
    }

    pub(super) fn is_confirmed(&self, day: Date) -> bool {
        match days().kinds.get(&day) {
            Some((_, confirmed)) => *confirmed,
            None => days().confirmed_years.contains(&day.year()),
        }
    }

    pub(super) fn add_working_days(&self, from: Date, n: i32) -> Date {
        let mut day = from;
        let mut left = n.abs();
        while left > 0 {
            day = if n > 0 {
                day.tomorrow().unwrap()
            } else {
                day.yesterday().unwrap()
            };
            if self.is_working_day(day) {
                left -= 1;
            }
        }
        day
    }

    pub(super) fn working_days_between(&self, from: Date, to: Date) -> i64 {
        let mut count = 0;
        let mut day = from;
        while day < to {
            day = day.tomorrow().unwrap();
            count += i64::from(self.is_working_day(day));
        }
        while day > to {
            day = day.yesterday().unwrap();
            count -= i64::from(self.is_working_day(day));
        }
        count
    }

    /// Whether the minute that starts at `instant` is worked.
    fn is_worked(&self, instant: Timestamp) -> bool {
        let local = instant.local();
        if !self.is_working_day(local.date()) {
            return false;
        }
        let clock = u16::try_from(local.hour()).unwrap() * 60 + u16::try_from(local.minute()).unwrap();
        self.season_hours(local.date())
            .iter()
            .any(|(start, end)| *start <= clock && clock < *end)
    }

    fn season_hours(&self, day: Date) -> Vec<(u16, u16)> {
        let seasons = self.hours.seasons();
        let mut current = seasons.last().unwrap();
        for season in seasons {
            if (day.month(), day.day()) >= season.from {
                current = season;
            }
        }
        current.hours.iter().map(|period| (period.start, period.end)).collect()
    }

    pub(super) fn add_minutes(&self, start: Timestamp, minutes: i64) -> Timestamp {
        let minute = SignedDuration::from_mins(1);
        let mut now = start;
        let mut left = minutes.abs();
        while left > 0 {
            if minutes > 0 {
                left -= i64::from(self.is_worked(now));
                now += minute;
            } else {
                now -= minute;
                left -= i64::from(self.is_worked(now));
            }
        }
        now
    }

    pub(super) fn minutes_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        let minute = SignedDuration::from_mins(1);
        let (mut now, end, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let mut count = 0;
        while now < end {
            count += i64::from(self.is_worked(now));
            now += minute;
        }
        sign * count
    }

    fn close(&self, day: Date) -> Timestamp {
        let (_, end) = *self.season_hours(day).last().unwrap();
        Timestamp::start_of_day(day) + SignedDuration::from_mins(i64::from(end))
    }

    fn all_confirmed(&self, first: Date, last: Date) -> bool {
        let mut day = first;
        while day < last {
            if !self.is_confirmed(day) {
                return false;
            }
            day = day.tomorrow().unwrap();
        }
        self.is_confirmed(last)
    }

    fn working_from(&self, mut day: Date) -> Date {
        while !self.is_working_day(day) {
            day = day.tomorrow().unwrap();
        }
        day
    }

    pub(super) fn deadline(&self, received: Timestamp, limit: TimeLimit, cut_off: Option<u16>) -> Deadline {
        let day = received.local_date();
        if let TimeLimit::WorkingHours(hours) = limit {
            let at = self.add_minutes(received, i64::from(hours) * 60);
            return Deadline {
                at,
                confirmed: self.all_confirmed(day, at.local_date()),
            };
        }
        let mut counted = day;
        if let Some(cut_off) = cut_off {
            let late = received > Timestamp::start_of_day(day) + SignedDuration::from_mins(i64::from(cut_off));
            if late || !self.is_working_day(day) {
                counted = self.working_from(day.tomorrow().unwrap());
            }
        }
        let (settled_from, last) = match limit {
            TimeLimit::WorkingHours(_) => unreachable!("answered above"),
            TimeLimit::WorkingDays(0) => (counted, self.working_from(counted)),
            TimeLimit::WorkingDays(n) => (counted, self.add_working_days(counted, i32::try_from(n).unwrap())),
            TimeLimit::Days(n) => {
                let end = counted.checked_add(Span::new().days(n)).unwrap();
                (end, self.working_from(end))
            }
            TimeLimit::Months(n) => {
                let end = counted.checked_add(Span::new().months(n)).unwrap();
                (end, self.working_from(end))
            }
        };
        let confirmed = self.all_confirmed(day, counted) && self.all_confirmed(settled_from, last);
        Deadline {
            at: self.close(last),
            confirmed,
        }
    }
}
