//! The book: all areas in memory, indexed by id, by code and by parent; immutable once made.
//!
//! Some 14,000 areas take a few megabytes and answer in microseconds, so pages and interfaces never
//! ask the database about a single area.

use super::{Area, AreaCode, AreaId, AreaLevel, Resolved, Span, Succession, Tally, rules};
use jiff::civil::Date;
use kernel::fold;
use std::collections::HashMap;

/// One bearer of a code: the area, the days it may have borne it, the days a list shows it.
type Bearer = (AreaId, Span, Span);

/// All areas and their successions.
#[derive(Debug, Default)]
pub struct AreaBook {
    version: i64,
    areas: Vec<Area>,
    by_id: HashMap<AreaId, usize>,
    by_code: HashMap<AreaCode, Vec<Bearer>>,
    children: HashMap<AreaId, Vec<usize>>,
    successors: HashMap<AreaId, Vec<Succession>>,
    predecessors: HashMap<AreaId, Vec<Succession>>,
    /// The folded names of each area, one text: bare names first, for the search.
    folded: Vec<String>,
}

/// What to search areas by.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Words of the name, with or without diacritics, or the first digits of the code.
    pub words: &'a str,
    /// Only this level.
    pub level: Option<AreaLevel>,
    /// Only areas below this one.
    pub within: Option<AreaId>,
    /// Only areas that existed on this day; none for any day.
    pub on: Option<Date>,
}

impl AreaBook {
    /// The book of these areas and successions.
    pub fn new(version: i64, mut areas: Vec<Area>, successions: Vec<Succession>) -> Self {
        areas.sort_by(|a, b| (a.level, &a.key).cmp(&(b.level, &b.key)));
        let mut book = Self {
            version,
            folded: areas.iter().map(folded_names).collect(),
            ..Self::default()
        };
        for (index, area) in areas.iter().enumerate() {
            book.by_id.insert(area.id, index);
            for state in &area.states {
                book.by_code
                    .entry(state.code)
                    .or_default()
                    .push((area.id, state.possible, state.seen));
                if let Some(parent) = state.parent {
                    let siblings = book.children.entry(parent).or_default();
                    if siblings.last() != Some(&index) {
                        siblings.push(index);
                    }
                }
            }
        }
        for bearers in book.by_code.values_mut() {
            bearers.sort_by_key(|(_, possible, _)| possible.from);
        }
        for succession in successions {
            book.successors.entry(succession.old).or_default().push(succession);
            book.predecessors.entry(succession.new).or_default().push(succession);
        }
        book.areas = areas;
        book
    }

    /// The version of the lists this book was loaded from.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// The area with this id.
    pub fn get(&self, id: AreaId) -> Option<&Area> {
        self.by_id.get(&id).and_then(|index| self.areas.get(*index))
    }

    /// All areas: provinces, then districts, then communes, by key.
    pub fn all(&self) -> impl Iterator<Item = &Area> {
        self.areas.iter()
    }

    /// The area that bears `code` today.
    pub fn current(&self, code: &AreaCode) -> Option<&Area> {
        self.bearers(code)
            .iter()
            .rev()
            .find_map(|(id, possible, _)| possible.to.is_none().then(|| self.get(*id)).flatten())
    }

    /// Who bore `code`, oldest first.
    pub(super) fn bearers(&self, code: &AreaCode) -> &[Bearer] {
        self.by_code.get(code).map_or(&[], Vec::as_slice)
    }

    /// What directly followed an area.
    pub fn successors(&self, id: AreaId) -> &[Succession] {
        self.successors.get(&id).map_or(&[], Vec::as_slice)
    }

    /// What an area directly came from.
    pub fn predecessors(&self, id: AreaId) -> &[Succession] {
        self.predecessors.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The areas directly below `id` on `day`, by code.
    pub fn children_on(&self, id: AreaId, day: Date) -> Vec<&Area> {
        let below = self.children.get(&id).map_or(&[][..], Vec::as_slice);
        below
            .iter()
            .filter_map(|index| self.areas.get(*index))
            .filter(|area| area.state_on(day).is_some_and(|state| state.parent == Some(id)))
            .collect()
    }

    /// The areas above `id` on `day`, the nearest first.
    pub fn above_on(&self, id: AreaId, day: Date) -> Vec<&Area> {
        let mut above = Vec::with_capacity(2);
        let mut below = self.get(id);
        while let Some(area) = below.filter(|_| above.len() < super::kind::LEVELS.len()) {
            let parent = area.state_on(day).unwrap_or_else(|| area.last()).parent;
            below = parent.and_then(|id| self.get(id));
            above.extend(below);
        }
        above
    }

    /// The name with the areas above, "Phường Thành Sen, Tỉnh Hà Tĩnh".
    pub fn full_name(&self, id: AreaId, lang: kernel::Lang, day: Date) -> String {
        let own = self.get(id).map(|area| area.name_on(day).get(lang)).into_iter();
        let above = self.above_on(id, day);
        let names: Vec<&str> = own
            .chain(above.iter().map(|area| area.name_on(day).get(lang)))
            .collect();
        names.join(", ")
    }

    /// What `code` of the day `on` is today.
    pub fn resolve(&self, code: &AreaCode, on: Date) -> Resolved {
        rules::resolve(self, code, on)
    }

    /// What an area lives on in today, and whether every part of it is known.
    pub fn today(&self, id: AreaId) -> (Vec<AreaId>, bool) {
        rules::today(self, id)
    }

    /// How the codes of a level that a list shows for `on` resolve.
    pub fn tally(&self, level: AreaLevel, on: Date) -> Tally {
        rules::tally(self, level, on)
    }

    /// The areas that match, best first: exact names, then beginnings, then words anywhere; within
    /// these by level and key. At most `limit` after `skip`, and how many there are in all.
    pub fn search(&self, search: &Search<'_>, skip: usize, limit: usize) -> (Vec<&Area>, usize) {
        let words = fold::fold(search.words);
        let mut found: Vec<(u8, usize)> = (0..self.areas.len())
            .filter(|index| self.admits(search, *index))
            .filter_map(|index| Some((self.rank(index, &words)?, index)))
            .collect();
        found.sort_unstable();
        let total = found.len();
        let page = found.into_iter().skip(skip).take(limit);
        (page.filter_map(|(_, index)| self.areas.get(index)).collect(), total)
    }

    fn admits(&self, search: &Search<'_>, index: usize) -> bool {
        let Some(area) = self.areas.get(index) else {
            return false;
        };
        let day = search
            .on
            .or_else(|| area.span().to)
            .unwrap_or(super::NEW_ORDER_FIRST_DAY);
        search.level.is_none_or(|level| level == area.level)
            && search.on.is_none_or(|day| area.span().holds(day))
            && search
                .within
                .is_none_or(|id| self.above_on(area.id, day).iter().any(|above| above.id == id))
    }

    fn rank(&self, index: usize, words: &str) -> Option<u8> {
        let area = self.areas.get(index)?;
        if words.is_empty() {
            return Some(3);
        }
        if words.bytes().all(|byte| byte.is_ascii_digit()) && words.len() > 1 {
            let starts = area.states.iter().any(|state| state.code.as_str().starts_with(words));
            return starts.then_some(0);
        }
        let names = self.folded.get(index)?;
        let exact = names.split('\n').any(|name| name == words);
        let begins = names.split('\n').any(|name| name.starts_with(words));
        match (exact, begins, names.contains(words)) {
            (true, _, _) => Some(0),
            (_, true, _) => Some(1),
            (_, _, true) => Some(2),
            _ => words.split(' ').all(|word| names.contains(word)).then_some(4),
        }
    }
}

/// Bare and full names of all states, folded, a line each.
fn folded_names(area: &Area) -> String {
    let mut names: Vec<String> = Vec::with_capacity(area.states.len() * 2);
    for state in &area.states {
        let full = fold::fold(&state.name.vi);
        let bare = super::AreaKind::split(&state.name.vi).map(|(_, bare)| fold::fold(bare));
        names.extend(bare.into_iter().chain([full]).filter(|name| !name.is_empty()));
    }
    names.dedup();
    names.join("\n")
}
