//! The importer of the country's lists: four published lists and the old-to-new map become the two
//! compact files of [`super::seed`]. Run once per edition of the lists, by an operator.
//!
//! It joins by code and compares by name; it refuses to guess. What does not join is in the report
//! and, after the corrections, in `gaps.csv`.

mod merge;
mod report;
mod sources;

pub use report::{Gap, GapKind, ImportReport, gaps, gaps_csv};
pub use sources::{Edition, Entry, MapRow, Sources};

use super::correction::{self, Outcome};
use super::{AreaCode, AreaError, Draft, NEW_ORDER_FIRST_DAY};
use merge::Merged;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Reads the published lists in `folder` and makes the areas and successions of them.
///
/// # Errors
/// [`AreaError::File`] or [`AreaError::Row`] when a list is missing or is not what it was.
pub fn from_folder(folder: &Path) -> Result<(Draft, ImportReport), AreaError> {
    let sources = sources::read(folder)?;
    from_sources(&sources)
}

/// Imports the published lists in `lists` into the folder `country`: `areas.csv.gz`, `area-successors.csv.gz` and, after
/// the `corrections.csv` that lies there, `gaps.csv`. Gives the report.
///
/// # Errors
/// [`AreaError::File`] or [`AreaError::Row`] when a list cannot be read or a file cannot be written.
pub fn run(lists: &Path, country: &Path) -> Result<String, AreaError> {
    let (mut draft, report) = from_folder(lists)?;
    let (areas, successors) = super::seed::write(&draft)?;
    let text = read_corrections(country)?;
    let before = report.text(&draft);
    let outcomes = correction::apply(&mut draft, &correction::parse(CORRECTIONS, &text)?);
    put(country, "areas.csv.gz", &areas)?;
    put(country, "area-successors.csv.gz", &successors)?;
    put(country, "gaps.csv", gaps_csv(&gaps(&draft.book(0))).as_bytes())?;
    let idle = outcomes.iter().filter(|(_, outcome)| *outcome != Outcome::Applied);
    let idle: String = idle
        .map(|(line, outcome)| format!("{CORRECTIONS}, line {line}: {outcome:?}\n"))
        .collect();
    Ok(format!(
        "{before}\nafter {} corrections:\n{idle}{}",
        outcomes.len(),
        report.figures(&draft)
    ))
}

const CORRECTIONS: &str = "corrections.csv";

fn read_corrections(country: &Path) -> Result<String, AreaError> {
    match std::fs::read_to_string(country.join(CORRECTIONS)) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok("action,code,on,value,note\n".to_owned()),
        Err(error) => Err(AreaError::File {
            file: CORRECTIONS.to_owned(),
            reason: error.to_string(),
        }),
    }
}

fn put(folder: &Path, file: &str, bytes: &[u8]) -> Result<(), AreaError> {
    std::fs::write(folder.join(file), bytes).map_err(|error| AreaError::File {
        file: file.to_owned(),
        reason: error.to_string(),
    })
}

/// Makes the areas and successions of lists already read.
///
/// # Errors
/// [`AreaError::File`] when a name says no kind of area.
pub fn from_sources(sources: &Sources) -> Result<(Draft, ImportReport), AreaError> {
    let links = Links::of(&sources.map);
    let merged = Merged::of(sources, &links)?;
    let mut draft = merged.draft;
    let mut report = ImportReport::of(sources, merged.continuing);
    for (old, new) in links.pairs() {
        let new_key = merged.new_keys.get(new);
        match (draft.areas.contains_key(old), new_key) {
            (true, Some(new_key)) if new_key == old => {}
            (true, Some(new_key)) => {
                draft
                    .successions
                    .insert((old.to_owned(), new_key.clone()), NEW_ORDER_FIRST_DAY);
            }
            _ => report.unknown_pairs.push((old.to_owned(), new.to_owned())),
        }
    }
    report.hinted = set_hints(&mut draft, sources);
    Ok((draft, report))
}

/// Which old code lives on in which new ones, for provinces and communes.
pub(super) struct Links {
    after: BTreeMap<String, BTreeSet<String>>,
    before: BTreeMap<String, BTreeSet<String>>,
}

impl Links {
    fn of(map: &[MapRow]) -> Self {
        let mut links = Self {
            after: BTreeMap::new(),
            before: BTreeMap::new(),
        };
        for row in map {
            // A row whose old name was found in no list still is a part of the new commune.
            let old = if row.old_ward_code.is_empty() {
                format!("?{}", row.old_ward)
            } else {
                row.old_ward_code.clone()
            };
            links.add(&old, &row.new_ward_code);
            if !row.old_province_code.is_empty() {
                links.add(&row.old_province_code, &row.new_province_code);
            }
        }
        links
    }

    fn add(&mut self, old: &str, new: &str) {
        self.after.entry(old.to_owned()).or_default().insert(new.to_owned());
        self.before.entry(new.to_owned()).or_default().insert(old.to_owned());
    }

    /// Whether the area with this code went on whole, with no other part joining it.
    fn goes_on(&self, code: &str) -> bool {
        let only = |set: Option<&BTreeSet<String>>| set.is_some_and(|set| set.len() == 1 && set.contains(code));
        only(self.after.get(code)) && only(self.before.get(code))
    }

    fn has_successor(&self, code: &str) -> bool {
        self.after.contains_key(code)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let known = self.after.iter().filter(|(old, _)| !old.starts_with('?'));
        known.flat_map(|(old, new)| new.iter().map(move |new| (old.as_str(), new.as_str())))
    }
}

/// Writes down, for a commune that the list of 2025 no longer has, the one commune of the same
/// province which that list gives its name to as another name.
fn set_hints(draft: &mut Draft, sources: &Sources) -> usize {
    let mut bearers: BTreeMap<(&str, String), BTreeSet<&str>> = BTreeMap::new();
    for alias in &sources.aliases {
        bearers
            .entry((&alias.province, alias.name.clone()))
            .or_default()
            .insert(&alias.code);
    }
    let mut hinted = 0;
    for (code, entry) in sources
        .old_early
        .communes()
        .filter(|(code, _)| sources.old_late.get(code).is_none())
    {
        let district = entry.parent.as_deref().and_then(|parent| sources.old_early.get(parent));
        let Some(province) = district.and_then(|district| district.parent.as_deref()) else {
            continue;
        };
        let name = super::kind::comparable(&entry.name);
        let Some(bearers) = bearers.get(&(province, name)).filter(|bearers| bearers.len() == 1) else {
            continue;
        };
        let hint = bearers.first().and_then(|code| code.parse::<AreaCode>().ok());
        if let (Some(area), Some(hint)) = (draft.areas.get_mut(code), hint) {
            area.hint = Some(hint);
            hinted += 1;
        }
    }
    hinted
}
