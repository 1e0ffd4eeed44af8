//! Owns the unit tree as policy sees it: who lies below whom, today. A plain value, built from (unit, parent) pairs.
//! Refuses cycles by bounding every walk: a tree of government has few levels.

use std::collections::HashMap;

use crate::unit::UnitId;

/// No government tree is deeper; a longer walk means a cycle in the data and stops.
const DEPTH_MAX: usize = 16;

/// The units in force and their parents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitTree {
    parents: HashMap<UnitId, Option<UnitId>>,
    units: Vec<UnitId>,
}

impl UnitTree {
    /// Builds the tree. A parent that is not itself in the list counts as no parent.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (UnitId, Option<UnitId>)>) -> Self {
        let parents: HashMap<_, _> = pairs.into_iter().collect();
        let mut units: Vec<_> = parents.keys().copied().collect();
        units.sort_unstable();
        Self { parents, units }
    }

    /// All units, in the order of their ids.
    #[must_use]
    pub fn units(&self) -> &[UnitId] {
        &self.units
    }

    /// Whether the unit is in force.
    #[must_use]
    pub fn contains(&self, unit: UnitId) -> bool {
        self.parents.contains_key(&unit)
    }

    /// Units without a parent: as a rule one, the province.
    pub fn roots(&self) -> impl Iterator<Item = UnitId> + '_ {
        self.units.iter().copied().filter(|unit| self.parent(*unit).is_none())
    }

    /// The parent, if it has one in force.
    #[must_use]
    pub fn parent(&self, unit: UnitId) -> Option<UnitId> {
        self.parents
            .get(&unit)
            .copied()
            .flatten()
            .filter(|parent| self.parents.contains_key(parent))
    }

    /// The unit and what lies above it, nearest first. Empty for a unit that is not in force.
    #[must_use]
    pub fn chain(&self, unit: UnitId) -> Vec<UnitId> {
        let mut chain = Vec::new();
        let mut next = self.contains(unit).then_some(unit);
        while let Some(current) = next {
            if chain.len() == DEPTH_MAX || chain.contains(&current) {
                break;
            }
            chain.push(current);
            next = self.parent(current);
        }
        chain
    }

    /// Whether `unit` is `above` or lies below it.
    #[must_use]
    pub fn is_within(&self, unit: UnitId, above: UnitId) -> bool {
        self.chain(unit).contains(&above)
    }
}
