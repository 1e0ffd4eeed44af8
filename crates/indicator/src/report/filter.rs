//! What a report is asked for, read from an address leniently: a period by name or by days, a unit, a sector, a procedure, and
//! by what its lines are told apart. Owns how a period is cut into months and days.
//! Refuses periods of more than 366 days.

use identity::UnitId;
use kernel::{Date, SignedDuration, Timestamp};
use serde::Deserialize;

use super::store::Grain;
use kernel::words;

/// Most days of one period: a leap year.
pub const DAYS_MAX: i32 = 366;

words! {
    /// What the lines of a report are.
    By {
        /// A unit a line.
        Unit = "unit",
        /// A sector a line.
        Sector = "sector",
        /// A procedure a line.
        Procedure = "procedure",
        /// A month a line, or a day where the period is short.
        Time = "time",
    }
}

/// As it stands in an address. `period` is `2026`, `2026-Q4` or `2026-11`, and wins over `from` and `to`.
#[derive(Debug, Default, Clone, Deserialize)]
pub(crate) struct Address {
    #[serde(default)]
    pub(crate) period: String,
    #[serde(default)]
    pub(crate) from: String,
    #[serde(default)]
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) unit: String,
    #[serde(default)]
    pub(crate) sector: String,
    #[serde(default)]
    pub(crate) procedure: String,
    #[serde(default)]
    pub(crate) by: String,
    #[serde(default)]
    pub(crate) page: String,
    #[serde(default)]
    pub(crate) after: String,
}

/// Read and bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// First day.
    pub from: Date,
    /// Last day, included.
    pub to: Date,
    /// One unit of those in scope.
    pub unit: Option<UnitId>,
    /// Slug of a sector.
    pub sector: Option<String>,
    /// Code of a procedure.
    pub procedure: Option<String>,
}

impl Address {
    pub(crate) fn read(&self, today: Date) -> Filter {
        let month = (today.first_of_month(), today.last_of_month());
        let (from, to) = match named(&self.period) {
            Some(period) => period,
            None if self.from.is_empty() && self.to.is_empty() => month,
            None => {
                let to: Date = self.to.parse().unwrap_or(today);
                (self.from.parse().unwrap_or_else(|_| to.first_of_month()), to)
            }
        };
        let (from, to) = if to < from { (to, from) } else { (from, to) };
        let last = from.checked_add(jiff::Span::new().days(DAYS_MAX - 1)).unwrap_or(to);
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Filter {
            from,
            to: to.min(last),
            unit: self.unit.parse().ok(),
            sector: text(&self.sector),
            procedure: text(&self.procedure),
        }
    }

    pub(crate) fn by(&self) -> By {
        self.by.parse().unwrap_or(By::Unit)
    }
}

/// First and last day of `2026`, `2026-Q4` or `2026-11`.
pub(crate) fn named(text: &str) -> Option<(Date, Date)> {
    let (year, rest) = text.split_once('-').unwrap_or((text, ""));
    if year.len() != 4 {
        return None;
    }
    let year: i16 = year.parse().ok()?;
    let (first, last) = match rest.strip_prefix(['Q', 'q']) {
        _ if rest.is_empty() => (1, 12),
        Some(quarter) => {
            let quarter: i8 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
            (3 * quarter - 2, 3 * quarter)
        }
        None => {
            let month: i8 = rest.parse().ok()?;
            (month, month)
        }
    };
    let day = |month: i8| Date::new(year, month, 1).ok();
    Some((day(first)?, day(last)?.last_of_month()))
}

impl Filter {
    /// The day after the last.
    #[must_use]
    pub fn until(&self) -> Date {
        self.to.tomorrow().unwrap_or(self.to)
    }

    /// From the first moment of the first day up to before the first moment after the last.
    #[must_use]
    pub fn bounds(&self) -> (Timestamp, Timestamp) {
        let start = Timestamp::start_of_day(self.from);
        let end = self.to.tomorrow().map_or(
            Timestamp::start_of_day(self.to) + SignedDuration::from_hours(24),
            Timestamp::start_of_day,
        );
        (start, end)
    }

    /// The same as the end of an address.
    #[must_use]
    pub fn query(&self) -> String {
        let mut all = format!("from={}&to={}", self.from, self.to);
        if let Some(unit) = self.unit {
            all.push_str(&format!("&unit={unit}"));
        }
        for (name, value) in [("sector", &self.sector), ("procedure", &self.procedure)] {
            if let Some(value) = value {
                all.push_str(&format!("&{name}={}", web::table::encode(value)));
            }
        }
        all
    }

    /// Whether the period is told by days rather than by months.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.from.until(self.to).is_ok_and(|span| span.get_days() <= 31)
    }
}

/// The months and days that make up a period: months where they are whole, days where not; from, and before what, as cells
/// name them.
#[must_use]
pub fn spans(from: Date, until: Date, days_only: bool) -> Vec<(Grain, String, String)> {
    let month = |day: Date| day.strftime("%Y-%m").to_string();
    let days = |from: Date, until: Date| (Grain::Day, from.to_string(), until.to_string());
    if from >= until {
        return Vec::new();
    }
    let first = if from == from.first_of_month() {
        from
    } else {
        from.last_of_month().tomorrow().unwrap_or(until)
    };
    let last = until.first_of_month();
    if days_only || first >= last {
        return vec![days(from, until)];
    }
    let mut all = vec![(Grain::Month, month(first), month(last))];
    if from < first {
        all.push(days(from, first));
    }
    if last < until {
        all.push(days(last, until));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    #[test]
    fn a_period_is_read_by_name_or_by_days_and_bounded() {
        for (period, from, to, expected) in [
            ("", "", "", ("2026-11-01", "2026-11-30")),
            ("2026", "", "", ("2026-01-01", "2026-12-31")),
            ("2026-Q4", "2020-01-01", "", ("2026-10-01", "2026-12-31")),
            ("2024-02", "", "", ("2024-02-01", "2024-02-29")),
            ("2026-Q5", "2026-11-03", "2026-11-04", ("2026-11-03", "2026-11-04")),
            ("2026-13", "", "", ("2026-11-01", "2026-11-30")),
            ("", "2026-11-05", "2026-11-01", ("2026-11-01", "2026-11-05")),
            ("", "2020-01-01", "2026-11-01", ("2020-01-01", "2020-12-31")),
            ("", "", "2026-05-12", ("2026-05-01", "2026-05-12")),
            ("", "x", "y", ("2026-11-01", "2026-11-22")),
        ] {
            let address = Address {
                period: period.to_owned(),
                from: from.to_owned(),
                to: to.to_owned(),
                ..Address::default()
            };
            let read = address.read(day("2026-11-22"));
            assert_eq!(
                (read.from, read.to),
                (day(expected.0), day(expected.1)),
                "{period} {from} {to}"
            );
        }
    }

    #[test]
    fn a_period_is_cut_into_whole_months_and_days_that_make_it_up() {
        let cut = |from: &str, until: &str| -> Vec<String> {
            let cut = spans(day(from), day(until), false).into_iter();
            cut.map(|(grain, from, until)| format!("{grain:?} {from} {until}"))
                .collect()
        };
        assert_eq!(cut("2026-01-01", "2027-01-01"), ["Month 2026-01 2027-01"]);
        assert_eq!(cut("2026-11-01", "2026-12-01"), ["Month 2026-11 2026-12"]);
        assert_eq!(cut("2026-11-02", "2026-11-30"), ["Day 2026-11-02 2026-11-30"]);
        assert_eq!(
            cut("2026-01-15", "2026-04-02"),
            [
                "Month 2026-02 2026-04",
                "Day 2026-01-15 2026-02-01",
                "Day 2026-04-01 2026-04-02"
            ]
        );
        assert_eq!(cut("2026-01-15", "2026-02-10"), ["Day 2026-01-15 2026-02-10"]);
        assert_eq!(cut("2026-01-15", "2026-01-15"), Vec::<String>::new());
        assert_eq!(
            spans(day("2026-01-01"), day("2027-01-01"), true).len(),
            1,
            "days where days are asked for"
        );
    }
}
