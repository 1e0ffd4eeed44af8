//! The calendar itself: one row a day from 2000 to 2100, with running counts of working days, worked
//! minutes and unconfirmed days, so that any span is a subtraction and any addition a bisection.

use super::data::{CalendarData, CalendarRow, is_weekend};
use super::hours::{OfficeHours, Period};
use super::statutory;
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use std::sync::OnceLock;

const FIRST_YEAR: i16 = 2000;
const LAST_YEAR: i16 = 2100;
const FIRST_DAY: Date = date(FIRST_YEAR, 1, 1);

/// Which days and minutes are worked. Share one behind an `Arc`; it is half a megabyte.
#[derive(Clone)]
pub struct WorkingCalendar {
    days: Vec<TableDay>,
    rows: BTreeMap<Date, CalendarRow>,
    hours: OfficeHours,
}

/// A day of the table; the counts are of all days before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableDay {
    pub(super) date: Date,
    season: u8,
    pub(super) worked: bool,
    pub(super) confirmed: bool,
    pub(super) worked_before: u32,
    pub(super) minutes_before: u32,
    unconfirmed_before: u32,
}

/// What the calendar knows of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day<'a> {
    /// The day.
    pub date: Date,
    /// Whether offices work.
    pub working: bool,
    /// Whether that is certain.
    pub confirmed: bool,
    /// Its line, when it differs from the plain week.
    pub row: Option<&'a CalendarRow>,
}

impl WorkingCalendar {
    /// Builds the tables. Years of which `data` has no holidays are computed and unconfirmed.
    pub fn new(data: &CalendarData, hours: OfficeHours) -> Self {
        let rows = all_rows(data);
        let confirmed_years = data.confirmed_years();
        let season_minutes: Vec<u32> = hours
            .seasons()
            .iter()
            .map(|season| season.hours.iter().map(|period| u32::from(period.minutes())).sum())
            .collect();
        let mut days = Vec::with_capacity(37_000);
        let (mut worked_before, mut minutes_before, mut unconfirmed_before) = (0, 0, 0);
        for date in FIRST_DAY
            .series(jiff::Span::new().days(1))
            .take_while(|day| day.year() <= LAST_YEAR)
        {
            let row = rows.get(&date);
            let worked = row.map_or(!is_weekend(date.weekday()), |row| row.kind.is_worked(date.weekday()));
            let confirmed = row.map_or(confirmed_years.contains(&date.year()), |row| row.confirmed);
            let season = hours.season_of(date.month(), date.day());
            days.push(TableDay {
                date,
                season: u8::try_from(season).unwrap_or(0),
                worked,
                confirmed,
                worked_before,
                minutes_before,
                unconfirmed_before,
            });
            worked_before += u32::from(worked);
            minutes_before += if worked { season_minutes[season] } else { 0 };
            unconfirmed_before += u32::from(!confirmed);
        }
        Self { days, rows, hours }
    }

    /// The calendar of the house's data with plain office hours, built once.
    pub fn plain() -> &'static Self {
        static PLAIN: OnceLock<WorkingCalendar> = OnceLock::new();
        PLAIN.get_or_init(|| Self::new(&CalendarData::built_in(), OfficeHours::plain()))
    }

    /// What is known of `date`. Outside 2000 to 2100 that is the weekday, unconfirmed.
    pub fn day(&self, date: Date) -> Day<'_> {
        match self.index(date) {
            Some(index) => {
                let TableDay { worked, confirmed, .. } = self.days[index];
                Day {
                    date,
                    working: worked,
                    confirmed,
                    row: self.rows.get(&date),
                }
            }
            None => Day {
                date,
                working: !is_weekend(date.weekday()),
                confirmed: false,
                row: None,
            },
        }
    }

    /// Whether offices work on `date`.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.day(date).working
    }

    /// The days of `year` that differ from the plain week, in order.
    pub fn special_days(&self, year: i16) -> impl Iterator<Item = &CalendarRow> {
        self.rows.values().filter(move |row| row.date.year() == year)
    }

    /// The worked stretches of `date`; empty on a day off.
    pub fn hours_of(&self, date: Date) -> &[Period] {
        let index = self.clamped_index(date);
        if self.days[index].worked && self.days[index].date == date {
            self.season_hours(index)
        } else {
            &[]
        }
    }

    /// Whether all days from `first` to `last`, both included, are confirmed, in either order.
    pub fn is_confirmed(&self, first: Date, last: Date) -> bool {
        let (first, last) = (first.min(last), first.max(last));
        let (Some(first), Some(last)) = (self.index(first), self.index(last)) else {
            return false;
        };
        let last = self.days[last];
        last.confirmed && last.unconfirmed_before == self.days[first].unconfirmed_before
    }

    pub(super) fn days(&self) -> &[TableDay] {
        &self.days
    }

    /// The hours of the season that the day is in, worked or not.
    pub(super) fn season_hours(&self, index: usize) -> &[Period] {
        &self.hours.seasons()[usize::from(self.days[index].season)].hours
    }

    pub(super) fn index(&self, date: Date) -> Option<usize> {
        usize::try_from(days_between(FIRST_DAY, date))
            .ok()
            .filter(|index| *index < self.days.len())
    }

    /// The place of `date`, or of the border that is next to it.
    pub(super) fn clamped_index(&self, date: Date) -> usize {
        usize::try_from(days_between(FIRST_DAY, date))
            .unwrap_or(0)
            .min(self.days.len() - 1)
    }
}

impl std::fmt::Debug for WorkingCalendar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkingCalendar")
            .field("hours", &self.hours)
            .finish_non_exhaustive()
    }
}

/// Days from `from` to `to`; negative backwards.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

fn all_rows(data: &CalendarData) -> BTreeMap<Date, CalendarRow> {
    let known = data.years();
    let computed = (FIRST_YEAR..=LAST_YEAR).filter(|year| !known.contains(year));
    let mut rows: BTreeMap<Date, CalendarRow> = computed
        .flat_map(statutory::proposal)
        // A compensation may run over into the next year, which then has data of its own.
        .filter(|row| !known.contains(&row.date.year()))
        .map(|row| (row.date, row))
        .collect();
    rows.extend(data.rows().map(|row| (row.date, row.clone())));
    rows
}
