//! A set of areas and successions while it is read, corrected and written: plain rows by key.
//!
//! It refuses a row that names an unknown key; [`super::AreaBook`] is the checked form for reading.

use super::{Area, AreaBook, AreaId, AreaState, Succession, area_id};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Areas by key and successions by pairs of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The areas by key.
    pub areas: BTreeMap<String, Area>,
    /// `(old key, new key)` and the first day of the new area.
    pub successions: BTreeMap<(String, String), Date>,
    /// The successions that a correction added.
    pub corrected: BTreeSet<(String, String)>,
}

impl Draft {
    /// Adds `state` to the area with `key`, which is made if it is new.
    pub fn push_state(&mut self, key: &str, state: AreaState) {
        let level = state.code.level();
        let area = self.areas.entry(key.to_owned()).or_insert_with(|| Area {
            id: area_id(key),
            key: key.to_owned(),
            level,
            states: Vec::with_capacity(1),
            hint: None,
        });
        area.states.push(state);
    }

    /// The key of the area that bore `code` on `day`, if exactly one may have.
    pub fn key_on(&self, code: &str, day: Date) -> Option<&str> {
        // Keys begin with the code that the area was made with.
        let from_code = self.areas.range(code.to_owned()..).map(|(_, area)| area);
        let mut found = from_code.take_while(|area| area.key.starts_with(code)).filter(|area| {
            area.states
                .iter()
                .any(|state| state.code.as_str() == code && state.possible.holds(day))
        });
        let first = found.next()?;
        found.next().is_none().then_some(first.key.as_str())
    }

    /// The successions by id.
    pub fn succession_ids(&self) -> impl Iterator<Item = (Succession, bool)> + '_ {
        self.successions.iter().map(|(pair, on)| {
            let id = |key: &str| self.areas.get(key).map_or_else(|| area_id(key), |area| area.id);
            let succession = Succession {
                old: id(&pair.0),
                new: id(&pair.1),
                on: *on,
            };
            (succession, self.corrected.contains(pair))
        })
    }

    /// The book of these areas.
    pub fn book(&self, version: i64) -> AreaBook {
        let areas = self.areas.values().cloned().collect();
        AreaBook::new(
            version,
            areas,
            self.succession_ids().map(|(succession, _)| succession).collect(),
        )
    }

    /// The ids of all areas.
    pub fn ids(&self) -> impl Iterator<Item = AreaId> + '_ {
        self.areas.values().map(|area| area.id)
    }
}
