//! The book: all units in memory with the tree of any day; immutable once made.
//!
//! A province has some four hundred to a thousand units, so walks over all of them are cheap and
//! no list page asks the database about a single unit.

use super::{Code, Unit, UnitId, UnitKind};
use crate::area::AreaId;
use jiff::civil::Date;
use kernel::{AgencyCode, Lang, OldAgencyCode, fold};
use std::collections::{BTreeSet, HashMap};

/// No tree of government is deeper; a longer walk is a ring in the data and is cut.
const DEPTH_MAX: usize = 16;

/// At which level a procedure is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// By the province or one of its departments.
    Province,
    /// By the people's committee of the commune.
    Commune,
}

/// All units.
#[derive(Debug, Default)]
pub struct UnitBook {
    version: i64,
    units: Vec<Unit>,
    by_id: HashMap<UnitId, usize>,
    by_code: HashMap<String, Vec<usize>>,
    /// Units that stood below a unit on any day.
    below: HashMap<UnitId, Vec<usize>>,
    successors: Vec<(UnitId, UnitId, Date)>,
    /// The folded names of each unit, a line each.
    folded: Vec<String>,
    /// The folded sectors of each unit: every sending of a dossier looks for the unit that has one.
    sectors: Vec<Vec<String>>,
    sort_keys: Vec<Vec<u8>>,
}

/// What to search units by.
#[derive(Debug, Clone, Copy)]
pub struct UnitSearch<'a> {
    /// Words of the name with or without diacritics, or the beginning of a code.
    pub words: &'a str,
    /// Only this kind.
    pub kind: Option<UnitKind>,
    /// Only below this unit, itself included.
    pub within: Option<UnitId>,
    /// Only units that existed on this day; none for any day.
    pub on: Option<Date>,
}

impl UnitBook {
    /// The book of these units and successions (old, new, first day of the new).
    pub fn new(version: i64, mut units: Vec<Unit>, successors: Vec<(UnitId, UnitId, Date)>) -> Self {
        units.sort_by_key(|unit| {
            (
                unit.kind,
                unit.codes.first().map(|code| code.value.code.to_string()),
                unit.id,
            )
        });
        let mut book = Self {
            version,
            successors,
            ..Self::default()
        };
        for (index, unit) in units.iter().enumerate() {
            book.by_id.insert(unit.id, index);
            for dated in &unit.codes {
                book.by_code
                    .entry(dated.value.code.to_string())
                    .or_default()
                    .push(index);
            }
            let parents: BTreeSet<UnitId> = unit.places.iter().filter_map(|place| place.value.parent).collect();
            for parent in parents {
                book.below.entry(parent).or_default().push(index);
            }
            let names: Vec<String> = unit.names.iter().map(|name| fold::fold(&name.value.vi)).collect();
            book.folded.push(names.join("\n"));
            book.sectors
                .push(unit.sectors.iter().map(|sector| fold::fold(sector)).collect());
            book.sort_keys.push(
                unit.names
                    .last()
                    .map(|name| fold::sort_key(&name.value.vi))
                    .unwrap_or_default(),
            );
        }
        book.units = units;
        book
    }

    /// The version of the list this book was loaded from.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// The unit with this id.
    pub fn get(&self, id: UnitId) -> Option<&Unit> {
        self.by_id.get(&id).and_then(|index| self.units.get(*index))
    }

    /// Where a unit stands among others by the last of its names, in the order of the alphabet.
    pub fn sort_key(&self, id: UnitId) -> &[u8] {
        let index = self.by_id.get(&id);
        index
            .and_then(|index| self.sort_keys.get(*index))
            .map_or(&[], Vec::as_slice)
    }

    /// All units: by kind, then by code.
    pub fn all(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter()
    }

    /// The name of a unit on `day`, empty for no unit.
    pub fn name(&self, id: UnitId, lang: Lang, day: Date) -> &str {
        self.get(id).map_or("", |unit| unit.name_on(day).get(lang))
    }

    /// The unit that had this code on `day`.
    pub fn by_code(&self, code: &AgencyCode, day: Date) -> Option<&Unit> {
        self.holder(&Code::New(code.clone()), day)
    }

    /// The unit that had this old code on `day`.
    pub fn by_old_code(&self, code: &OldAgencyCode, day: Date) -> Option<&Unit> {
        self.holder(&Code::Old(code.clone()), day)
    }

    /// The unit that holds a code of either form on `day`.
    pub fn holder(&self, code: &Code, day: Date) -> Option<&Unit> {
        let holders = self.by_code.get(&code.to_string())?;
        holders.iter().filter_map(|index| self.units.get(*index)).find(|unit| {
            unit.codes
                .iter()
                .any(|dated| dated.value.code == *code && dated.span.holds(day))
        })
    }

    /// The units directly below on `day`: agencies by code, then in the order of the alphabet.
    pub fn children(&self, id: UnitId, day: Date) -> Vec<&Unit> {
        let below = self.below.get(&id).map_or(&[][..], Vec::as_slice);
        let units = below.iter().filter_map(|index| self.units.get(*index));
        units.filter(|unit| unit.parent_on(day) == Some(id)).collect()
    }

    /// The units above on `day`, the nearest first.
    pub fn ancestors(&self, id: UnitId, day: Date) -> Vec<&Unit> {
        let mut above: Vec<&Unit> = Vec::with_capacity(4);
        let mut next = self.get(id).and_then(|unit| unit.parent_on(day));
        while let Some(unit) = next.and_then(|id| self.get(id)).filter(|_| above.len() < DEPTH_MAX) {
            above.push(unit);
            next = unit.parent_on(day);
        }
        above
    }

    /// The unit and all units below it on `day`, parents before children.
    pub fn subtree(&self, id: UnitId, day: Date) -> Vec<UnitId> {
        let mut found = vec![id];
        let mut seen = BTreeSet::from([id]);
        let mut next = 0;
        while let Some(id) = found.get(next).copied() {
            found.extend(
                self.children(id, day)
                    .iter()
                    .map(|unit| unit.id)
                    .filter(|id| seen.insert(*id)),
            );
            next += 1;
        }
        found
    }

    /// The top of the tree on `day`: the people's committee of the province.
    pub fn root(&self, day: Date) -> Option<&Unit> {
        self.units
            .iter()
            .find(|unit| unit.kind == UnitKind::Province && unit.is_in_force(day))
    }

    /// The units in force on `day` with their parents, as policy wants them.
    pub fn pairs(&self, day: Date) -> impl Iterator<Item = (UnitId, Option<UnitId>)> + '_ {
        let in_force = self.units.iter().filter(move |unit| unit.is_in_force(day));
        in_force.map(move |unit| (unit.id, unit.parent_on(day)))
    }

    /// The agency that a unit belongs to on `day`: itself, or the nearest agency above.
    pub fn agency_of(&self, id: UnitId, day: Date) -> Option<&Unit> {
        let own = self.get(id).into_iter();
        own.chain(self.ancestors(id, day)).find(|unit| unit.kind.is_agency())
    }

    /// The people's committee that serves a commune on `day`.
    pub fn committee_of(&self, area: AreaId, day: Date) -> Option<&Unit> {
        let committees = self.units.iter().filter(|unit| unit.kind == UnitKind::Commune);
        committees
            .into_iter()
            .find(|unit| unit.place_on(day).is_some_and(|place| place.area == Some(area)))
    }

    /// The one-stop desk of a commune on `day`.
    pub fn desk_of(&self, area: AreaId, day: Date) -> Option<&Unit> {
        self.desk_below(self.committee_of(area, day)?.id, day)
    }

    /// The desk at which dossiers of a unit are received on `day`: its agency's own, else that of the province.
    pub fn desk_for(&self, id: UnitId, day: Date) -> Option<&Unit> {
        let agency = self.agency_of(id, day)?;
        let own = self.desk_below(agency.id, day);
        own.or_else(|| self.desk_below(self.root(day)?.id, day))
    }

    fn desk_below(&self, id: UnitId, day: Date) -> Option<&Unit> {
        self.children(id, day)
            .into_iter()
            .find(|unit| unit.kind == UnitKind::Desk)
    }

    /// The unit competent for procedures of `sector` at `level` for `area` on `day`: a department, or
    /// the division of a commune that has the sector, else the people's committee itself.
    pub fn competent_unit(&self, level: Level, area: AreaId, sector: &str, day: Date) -> Option<UnitId> {
        let agency = match level {
            Level::Province => self.root(day)?,
            Level::Commune => self.committee_of(area, day)?,
        };
        let sector = fold::fold(sector);
        let inside = self
            .children(agency.id, day)
            .into_iter()
            .filter(|unit| unit.kind != UnitKind::Commune);
        let mut competent = inside.filter(|unit| self.sectors_of(unit.id).contains(&sector));
        Some(competent.next().map_or(agency.id, |unit| unit.id))
    }

    /// The folded sectors of a unit.
    fn sectors_of(&self, id: UnitId) -> &[String] {
        let index = self.by_id.get(&id);
        index
            .and_then(|index| self.sectors.get(*index))
            .map_or(&[], Vec::as_slice)
    }

    /// The units that followed a unit, with the first day.
    pub fn successors(&self, id: UnitId) -> impl Iterator<Item = (UnitId, Date)> + '_ {
        self.successors
            .iter()
            .filter(move |(old, _, _)| *old == id)
            .map(|(_, new, on)| (*new, *on))
    }

    /// The units that a unit followed, with its first day after them.
    pub fn predecessors(&self, id: UnitId) -> impl Iterator<Item = (UnitId, Date)> + '_ {
        self.successors
            .iter()
            .filter(move |(_, new, _)| *new == id)
            .map(|(old, _, on)| (*old, *on))
    }

    /// The units in force on `day` that a unit lives on in: itself, or what followed it.
    pub fn living_on(&self, id: UnitId, day: Date) -> Vec<UnitId> {
        let mut wave = vec![id];
        let mut seen = BTreeSet::from([id]);
        let mut found = Vec::new();
        for _ in 0..DEPTH_MAX {
            let (alive, gone): (Vec<_>, Vec<_>) = wave
                .into_iter()
                .partition(|id| self.get(*id).is_some_and(|unit| unit.is_in_force(day)));
            found.extend(alive);
            wave = gone
                .into_iter()
                .flat_map(|id| self.successors(id))
                .map(|(new, _)| new)
                .collect();
            wave.retain(|id| seen.insert(*id));
        }
        found
    }

    /// The units that match, best first, at most `limit` after `skip`, and how many in all.
    pub fn search(&self, search: &UnitSearch<'_>, skip: usize, limit: usize) -> (Vec<&Unit>, usize) {
        let words = fold::fold(search.words);
        let mut found: Vec<(u8, UnitKind, &[u8], usize)> = Vec::new();
        for (index, unit) in self.units.iter().enumerate() {
            if !self.admits(search, unit) {
                continue;
            }
            if let (Some(rank), Some(key)) = (self.rank(index, &words), self.sort_keys.get(index)) {
                found.push((rank, unit.kind, key, index));
            }
        }
        found.sort_unstable();
        let total = found.len();
        let page = found.into_iter().skip(skip).take(limit);
        (
            page.filter_map(|(_, _, _, index)| self.units.get(index)).collect(),
            total,
        )
    }

    fn admits(&self, search: &UnitSearch<'_>, unit: &Unit) -> bool {
        let day = search.on.or(unit.span.to).unwrap_or(unit.span.from);
        search.kind.is_none_or(|kind| kind == unit.kind)
            && search.on.is_none_or(|day| unit.is_in_force(day))
            && search
                .within
                .is_none_or(|id| unit.id == id || self.ancestors(unit.id, day).iter().any(|above| above.id == id))
    }

    fn rank(&self, index: usize, words: &str) -> Option<u8> {
        let unit = self.units.get(index)?;
        if words.is_empty() {
            return Some(1);
        }
        let starts = |code: &Code| code.to_string().to_lowercase().starts_with(words);
        if unit.codes.iter().any(|dated| starts(&dated.value.code)) {
            return Some(0);
        }
        let names = self.folded.get(index)?;
        if names.split('\n').any(|name| name.starts_with(words)) {
            return Some(1);
        }
        if names.contains(words) {
            return Some(2);
        }
        words.split(' ').all(|word| names.contains(word)).then_some(3)
    }
}
