//! Cells of causes: late dossiers by what they waited for most, added up by month and day, so that no page walks over late dossiers. Owns
//! what a late dossier adds and on which levels; says it once in Rust and once in SQL (`store.rs`), and `checks` holds one to the other.
//! Refuses years and thirds of months: late dossiers are few.

pub(crate) mod store;

use std::collections::BTreeMap;

use ::store::{StoreError, Tx};
use identity::UnitId;

use super::{Cause, PutTo, Waited};
use crate::cell::{Grain, Level, Shape, all_units};
use crate::fact::Fact;

/// The stretches of time of which there are cells, from coarse to fine.
pub(crate) const GRAINS: &[Grain] = &[Grain::Month, Grain::Day];

/// What a cell counts and sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Late dossiers.
    pub(crate) count: i64,
    /// Their working minutes at agencies that were asked.
    pub(crate) agency_minutes: i64,
    /// At the officer.
    pub(crate) officer_minutes: i64,
    /// At the leader.
    pub(crate) leader_minutes: i64,
    /// At the applicant.
    pub(crate) applicant_minutes: i64,
    /// Of these, put down to a person.
    pub(crate) by_person: i64,
    /// Of these, put down to a system.
    pub(crate) by_system: i64,
}

impl Parts {
    /// What one late dossier adds.
    pub(crate) fn of(fact: &Fact, waited: &Waited) -> Self {
        Self {
            count: 1,
            agency_minutes: waited.agency_minutes,
            officer_minutes: waited.officer_minutes,
            leader_minutes: waited.leader_minutes,
            applicant_minutes: waited.applicant_minutes,
            by_person: i64::from(fact.attributed == Some(PutTo::Person)),
            by_system: i64::from(fact.attributed == Some(PutTo::System)),
        }
    }

    /// The same, taken away.
    pub(crate) const fn minus(self) -> Self {
        Self {
            count: -self.count,
            agency_minutes: -self.agency_minutes,
            officer_minutes: -self.officer_minutes,
            leader_minutes: -self.leader_minutes,
            applicant_minutes: -self.applicant_minutes,
            by_person: -self.by_person,
            by_system: -self.by_system,
        }
    }
}

impl std::ops::AddAssign for Parts {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.agency_minutes += other.agency_minutes;
        self.officer_minutes += other.officer_minutes;
        self.leader_minutes += other.leader_minutes;
        self.applicant_minutes += other.applicant_minutes;
        self.by_person += other.by_person;
        self.by_system += other.by_system;
    }
}

/// One cell: level, name of its time, unit, procedure, cause.
pub(crate) type Place = (Level, String, UnitId, String, Cause);

/// Differences of many late dossiers, added up before they are written.
#[derive(Debug, Default)]
pub(crate) struct Ledger(BTreeMap<Place, Parts>);

impl Ledger {
    /// Adds on every level what a late dossier adds; one that has not ended adds nothing.
    pub(crate) fn add(&mut self, fact: &Fact, cause: Cause, parts: Parts) {
        let Some(day) = fact.ended_on else { return };
        for shape in [Shape::Both, Shape::Unit, Shape::Procedure] {
            let unit = if shape == Shape::Procedure {
                all_units()
            } else {
                fact.unit
            };
            let procedure = if shape == Shape::Unit {
                String::new()
            } else {
                fact.procedure.clone()
            };
            for grain in GRAINS {
                let place = (shape.level(*grain), grain.name(day), unit, procedure.clone(), cause);
                *self.0.entry(place).or_default() += parts;
            }
        }
    }

    /// Writes what was added up, always in the same order.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        let mut changed = self.0.into_iter().filter(|(_, by)| *by != Parts::default());
        changed.try_for_each(|(place, by)| store::add(tx, &place, &by))
    }
}
