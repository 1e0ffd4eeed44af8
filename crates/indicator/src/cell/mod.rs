//! Cells: counts and sums of facts over a stretch of time, which pages add up instead of walking over dossiers. Owns their
//! levels, which of them answer a question, and what a difference between two facts changes on each.
//! Refuses a cell that is not the sum of its facts (`checks`), and a level that no page reads.

mod measures;
mod spans;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ::store::{StoreError, Tx};
use identity::UnitId;
use kernel::{Date, words};
use uuid::Uuid;

use crate::cause;
use crate::fact::Fact;

pub use measures::Measures;
pub(crate) use spans::{Span, spans};

words! {
    /// What a cell is of.
    Level {
        /// A day of one unit and procedure.
        Day = "day",
        /// A day of one unit.
        DayUnit = "day-unit",
        /// A day of one procedure, of all units.
        DayProcedure = "day-procedure",
        /// A third of a month of one procedure, of all units.
        ThirdProcedure = "third-procedure",
        /// A month of one unit and procedure.
        Month = "month",
        /// A month of one unit.
        MonthUnit = "month-unit",
        /// A month of one procedure, of all units.
        MonthProcedure = "month-procedure",
        /// A year of one unit and procedure.
        Year = "year",
        /// A year of one procedure, of all units.
        YearProcedure = "year-procedure",
    }
}

::store::value_via_display!(Level);

/// A stretch of time that cells are of. From coarse to fine, as they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grain {
    Year,
    Month,
    /// Days 1 to 10, 11 to 20, and the rest of a month.
    Third,
    Day,
}

/// What cells of one level have in common beside their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One unit and procedure.
    Both,
    /// One unit, all procedures.
    Unit,
    /// One procedure, all units.
    Procedure,
}

impl Shape {
    /// The stretches of time of which there are cells, from coarse to fine.
    pub(crate) const fn grains(self) -> &'static [Grain] {
        match self {
            Self::Both => &[Grain::Year, Grain::Month, Grain::Day],
            // A province has a hundred units and two thousand procedures: the former need no years.
            Self::Unit => &[Grain::Month, Grain::Day],
            Self::Procedure => &[Grain::Year, Grain::Month, Grain::Third, Grain::Day],
        }
    }

    /// The level of a grain; a finer one where the shape has no such cells.
    pub(crate) const fn level(self, grain: Grain) -> Level {
        match (self, grain) {
            (Self::Both, Grain::Year) => Level::Year,
            (Self::Both, Grain::Month) => Level::Month,
            (Self::Both, Grain::Third | Grain::Day) => Level::Day,
            (Self::Unit, Grain::Year | Grain::Month) => Level::MonthUnit,
            (Self::Unit, Grain::Third | Grain::Day) => Level::DayUnit,
            (Self::Procedure, Grain::Year) => Level::YearProcedure,
            (Self::Procedure, Grain::Month) => Level::MonthProcedure,
            (Self::Procedure, Grain::Third) => Level::ThirdProcedure,
            (Self::Procedure, Grain::Day) => Level::DayProcedure,
        }
    }
}

/// Under which all units stand together.
pub(crate) const fn all_units() -> UnitId {
    UnitId::from_uuid(Uuid::nil())
}

/// A day of a unit and a procedure: where a fact counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) day: Date,
    pub(crate) unit: UnitId,
    pub(crate) procedure: String,
}

/// What the cells of days must have more or less, because a fact became another one.
pub(crate) fn differences(before: Option<&Fact>, after: &Fact) -> Vec<(Key, Measures)> {
    let mut all: BTreeMap<Key, Measures> = BTreeMap::new();
    let key = |fact: &Fact, day: Date| Key {
        day,
        unit: fact.unit,
        procedure: fact.procedure.clone(),
    };
    for (day, measures) in after.parts() {
        *all.entry(key(after, day)).or_default() += measures;
    }
    if let Some(before) = before {
        for (day, measures) in before.parts() {
            *all.entry(key(before, day)).or_default() -= measures;
        }
    }
    all.into_iter().filter(|(_, sum)| !sum.is_empty()).collect()
}

/// One cell: level, name of its time, unit, procedure.
pub(crate) type Place = (Level, String, UnitId, String);

/// Differences of many facts, added up before they are written: a batch of events changes the cell of a month once.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    cells: BTreeMap<Place, Measures>,
    /// The same of late dossiers by their causes.
    pub(crate) causes: cause::cell::Ledger,
}

impl Ledger {
    /// Adds a difference on every level.
    pub(crate) fn add(&mut self, key: &Key, by: &Measures) {
        for shape in [Shape::Both, Shape::Unit, Shape::Procedure] {
            let unit = if shape == Shape::Procedure {
                all_units()
            } else {
                key.unit
            };
            let procedure = if shape == Shape::Unit {
                ""
            } else {
                key.procedure.as_str()
            };
            for grain in shape.grains() {
                let place = (shape.level(*grain), grain.name(key.day), unit, procedure.to_owned());
                *self.cells.entry(place).or_default() += *by;
            }
        }
    }

    /// Writes what was added up, always in the same order.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        let changed = self.cells.into_iter().filter(|(_, by)| !by.is_empty());
        changed
            .into_iter()
            .try_for_each(|(place, by)| store::add(tx, &place, &by))?;
        self.causes.write(tx)
    }
}
