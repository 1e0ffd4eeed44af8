//! What a register is narrowed to, read from an address leniently: a period, a unit, a sector.
//! It refuses periods without a bound and units outside of the scope.

use std::collections::BTreeSet;

use identity::UnitId;
use kernel::{Date, Timestamp};
use serde::Deserialize;

use super::Period;
use crate::desk::Scope;
use crate::procedure::search::Index;

/// As it stands in an address. `day` names one day; `from` and `to` a period, both included.
#[derive(Debug, Default, Clone, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(crate) day: String,
    #[serde(default)]
    pub(crate) from: String,
    #[serde(default)]
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) unit: String,
    #[serde(default)]
    pub(crate) sector: String,
    #[serde(default)]
    pub(crate) after: String,
}

/// Read and bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    /// First day.
    pub(crate) from: Date,
    /// Last day, at most a year after the first.
    pub(crate) to: Date,
    /// One unit of those in scope.
    pub(crate) unit: Option<UnitId>,
    /// Slug of a sector.
    pub(crate) sector: Option<String>,
}

impl Asked {
    /// Reads the period; today without one, and never more than a year.
    pub(crate) fn read(&self, today: Date) -> Filter {
        let day = self.day.parse().unwrap_or(today);
        let from: Date = self.from.parse().unwrap_or(day);
        let to: Date = self
            .to
            .parse()
            .unwrap_or(if self.from.is_empty() { day } else { today });
        let Period { from, to } = Period::bounded(from, to);
        Filter {
            from,
            to,
            unit: self.unit.parse().ok(),
            sector: (!self.sector.is_empty()).then(|| self.sector.clone()),
        }
    }
}

/// The sector of a procedure; empty for one that is no longer in the catalogue.
pub(crate) fn slug_of<'a>(index: &'a Index, code: &str) -> &'a str {
    index.get(code).map_or("", |summary| summary.sector_slug.as_str())
}

impl Filter {
    /// From the first moment of the first day up to before the first moment after the last.
    pub(crate) fn bounds(&self) -> (Timestamp, Timestamp) {
        self.period().bounds()
    }

    const fn period(&self) -> Period {
        Period {
            from: self.from,
            to: self.to,
        }
    }

    /// The scope narrowed to the chosen unit; a unit outside of it gives an empty one.
    pub(crate) fn narrow(&self, mut scope: Scope) -> Scope {
        if let Some(unit) = self.unit {
            scope.units.retain(|one| *one == unit);
        }
        scope
    }

    /// Codes of the procedures of the chosen sector; `None` for all sectors.
    pub(crate) fn procedures(&self, index: &Index) -> Option<Vec<String>> {
        let slug = self.sector.as_deref()?;
        let codes: BTreeSet<String> = index
            .all()
            .filter(|summary| summary.sector_slug == slug)
            .map(|summary| summary.code.to_string())
            .collect();
        Some(codes.into_iter().collect())
    }

    /// The same as the end of an address; `unit` and `sector` may be named otherwise.
    pub(crate) fn query(&self) -> String {
        let mut all = self.period().query();
        if let Some(unit) = self.unit {
            all.push_str(&format!("&unit={unit}"));
        }
        if let Some(sector) = &self.sector {
            all.push_str(&format!("&sector={}", web::table::encode(sector)));
        }
        all
    }

    /// The same for another unit.
    pub(crate) fn at(&self, unit: UnitId) -> Self {
        Self {
            unit: Some(unit),
            ..self.clone()
        }
    }

    /// The same for another sector.
    pub(crate) fn of(&self, sector: &str) -> Self {
        Self {
            sector: Some(sector.to_owned()),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(from: &str, to: &str, day: &str) -> (String, String) {
        let asked = Asked {
            from: from.to_owned(),
            to: to.to_owned(),
            day: day.to_owned(),
            ..Asked::default()
        };
        let filter = asked.read(jiff::civil::date(2026, 11, 22));
        (filter.from.to_string(), filter.to.to_string())
    }

    #[test]
    fn a_period_is_read_and_bounded() {
        for ((from, to, day), expected) in [
            (("", "", ""), ("2026-11-22", "2026-11-22")),
            (("", "", "2026-11-20"), ("2026-11-20", "2026-11-20")),
            (("2026-11-01", "", ""), ("2026-11-01", "2026-11-22")),
            (("2026-11-05", "2026-11-01", ""), ("2026-11-01", "2026-11-05")),
            (("2020-01-01", "2026-11-22", ""), ("2020-01-01", "2020-12-31")),
            (("nonsense", "9999-99-99", "x"), ("2026-11-22", "2026-11-22")),
        ] {
            let (a, b) = read(from, to, day);
            assert_eq!((a.as_str(), b.as_str()), expected, "{from} {to} {day}");
        }
    }

    #[test]
    fn an_address_comes_back_as_it_was() {
        let filter = Asked {
            from: "2026-11-01".to_owned(),
            sector: "ho-tich".to_owned(),
            ..Asked::default()
        }
        .read(jiff::civil::date(2026, 11, 22));
        assert_eq!(filter.query(), "from=2026-11-01&to=2026-11-22&sector=ho-tich");
    }
}
