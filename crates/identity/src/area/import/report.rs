//! What the importer says: how much it read, how the codes of three days resolve, and every gap.
//! It hides no gap: a code that resolves to nothing is listed with the reason.

use super::super::kind::{LEVELS, level_word};
use super::super::{Area, AreaBook, AreaLevel, Draft, NEW_ORDER_FIRST_DAY, Resolved, Tally, Why};
use super::{MapRow, Sources};
use jiff::civil::Date;
use kernel::Lang;
use serde::Serialize;
use std::fmt;

/// What one list held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionCount {
    /// The name of the file.
    pub file: &'static str,
    /// The day it shows.
    pub as_of: Date,
    /// Provinces, districts, communes.
    pub counts: [usize; 3],
}

/// What the importer read and could not join.
#[derive(Debug)]
pub struct ImportReport {
    /// The lists.
    pub editions: Vec<EditionCount>,
    /// Rows of the old-to-new map.
    pub map_rows: usize,
    /// Rows of the map whose old commune was found in no list.
    pub unjoined: Vec<MapRow>,
    /// Pairs of codes in the map of which one is in no list.
    pub unknown_pairs: Vec<(String, String)>,
    /// Codes that the two lists of the new order do not share.
    pub disputed_codes: Vec<String>,
    /// Areas that went through 1 July 2025 unchanged.
    pub continuing: usize,
    /// Areas without successor for which another name in the list of 2025 gives a hint.
    pub hinted: usize,
}

impl ImportReport {
    pub(super) fn of(sources: &Sources, continuing: usize) -> Self {
        let editions = [
            &sources.old_early,
            &sources.old_late,
            &sources.new_early,
            &sources.new_late,
        ];
        let early = &sources.new_early;
        let late = &sources.new_late;
        let only_early = early.all().filter(|(code, _)| late.get(code).is_none());
        let only_late = late.all().filter(|(code, _)| early.get(code).is_none());
        Self {
            editions: editions
                .iter()
                .map(|list| EditionCount {
                    file: list.file,
                    as_of: list.as_of,
                    counts: [list.count(2), list.count(3), list.count(5)],
                })
                .collect(),
            map_rows: sources.map.len(),
            unjoined: sources
                .map
                .iter()
                .filter(|row| row.old_ward_code.is_empty())
                .cloned()
                .collect(),
            unknown_pairs: Vec::new(),
            disputed_codes: only_early.chain(only_late).map(|(code, _)| code.to_owned()).collect(),
            continuing,
            hinted: 0,
        }
    }

    /// The report as text, with how the commune codes of each list resolve in `draft`.
    pub fn text(&self, draft: &Draft) -> String {
        format!("{self}\n{}", self.figures(draft))
    }

    /// How the codes of each list resolve in `draft`, and how many gaps there are.
    pub fn figures(&self, draft: &Draft) -> String {
        let book = draft.book(0);
        let mut lines = Vec::new();
        for edition in &self.editions {
            for level in LEVELS {
                let Tally { one, several, unknown } = book.tally(level, edition.as_of);
                if one + several + unknown > 0 {
                    let day = edition.as_of;
                    let level = level_word(level);
                    lines.push(format!(
                        "{level} codes on {day}: one {one}, several {several}, unknown {unknown}"
                    ));
                }
            }
        }
        let gaps = gaps(&book);
        let without_successor = gaps.iter().filter(|gap| gap.kind == GapKind::NoSuccessor).count();
        let without_origin = gaps.len() - without_successor;
        lines.push(format!(
            "gaps: {without_successor} old codes lead nowhere, {without_origin} new communes come from nowhere"
        ));
        lines.join("\n")
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for EditionCount {
            file,
            as_of,
            counts: [provinces, districts, communes],
        } in &self.editions
        {
            writeln!(
                f,
                "{file} ({as_of}): {provinces} provinces, {districts} districts, {communes} communes"
            )?;
        }
        writeln!(
            f,
            "old-to-new map: {} rows, {} without an old code",
            self.map_rows,
            self.unjoined.len()
        )?;
        for row in &self.unjoined {
            let MapRow {
                old_ward,
                old_district,
                old_province,
                new_ward_code,
                new_ward,
                ..
            } = row;
            writeln!(
                f,
                "  {old_ward}, {old_district}, {old_province} -> {new_ward_code} {new_ward}"
            )?;
        }
        for (old, new) in &self.unknown_pairs {
            writeln!(f, "in the map but in no list: {old} -> {new}")?;
        }
        writeln!(
            f,
            "codes in one list of the new order only: {}",
            self.disputed_codes.join(", ")
        )?;
        write!(
            f,
            "{} areas went on unchanged; {} lost ones have a hint",
            self.continuing, self.hinted
        )
    }
}

/// What is missing at an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// What became of it is in no list.
    NoSuccessor,
    /// What it was made of is in no list.
    NoPredecessor,
}

/// A row of `gaps.csv`: something no list tells, for a person to look up and write down in
/// `corrections.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// What is missing.
    pub kind: GapKind,
    /// The code.
    pub code: String,
    /// A day on which a list shows the code.
    pub on: Date,
    /// The name.
    pub name: String,
    /// The areas above.
    pub within: String,
    /// A commune that may have taken it in: by another name in the list of 2025, not confirmed.
    pub hint: String,
}

/// Every area that leads nowhere, and every commune of the new order that comes from nowhere.
pub fn gaps(book: &AreaBook) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = book.all().filter_map(|area| gap(book, area)).collect();
    gaps.sort_by(|a, b| (a.kind, &a.code).cmp(&(b.kind, &b.code)));
    gaps
}

fn gap(book: &AreaBook, area: &Area) -> Option<Gap> {
    let state = area
        .states
        .iter()
        .find(|state| state.seen.to != Some(state.seen.from))
        .unwrap_or(area.last());
    let on = state.seen.to.unwrap_or(state.seen.from);
    let kind = match book.resolve(&state.code, on) {
        Resolved::Unknown(Why::NoSuccessor { .. }) => GapKind::NoSuccessor,
        _ if area.level == AreaLevel::Commune
            && area.span().from >= NEW_ORDER_FIRST_DAY
            && book.predecessors(area.id).is_empty() =>
        {
            GapKind::NoPredecessor
        }
        _ => return None,
    };
    let above = book.above_on(area.id, on);
    let within: Vec<&str> = above.iter().map(|area| area.name_on(on).get(Lang::Vi)).collect();
    Some(Gap {
        kind,
        code: state.code.to_string(),
        on,
        name: state.name.vi.clone(),
        within: within.join(", "),
        hint: area.hint.map(|code| code.to_string()).unwrap_or_default(),
    })
}

/// The gaps as a CSV file.
pub fn gaps_csv(gaps: &[Gap]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for gap in gaps {
        writer.serialize(gap).expect("a gap is a flat row of texts");
    }
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("all fields are text")
}
