//! What a report is asked for, read from an address leniently: a period by name or by days, a unit, a sector, a procedure, and
//! by what its lines are told apart. How a period is bounded is said by `casework`'s registers.
//! Refuses periods of more than 366 days.

use casework::register::Period;
use identity::UnitId;
use kernel::{Date, words};
use serde::Deserialize;

pub use casework::register::DAYS_MAX;

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
        let Period { from, to } = Period::bounded(from, to);
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Filter {
            from,
            to,
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
        self.period().until()
    }

    /// The days alone.
    #[must_use]
    pub const fn period(&self) -> Period {
        Period {
            from: self.from,
            to: self.to,
        }
    }

    /// The same as the end of an address.
    #[must_use]
    pub fn query(&self) -> String {
        let mut all = self.period().query();
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
}
