//! The lists as shipped: two small compressed CSV files under `provinces/_country`, embedded.
//!
//! `areas.csv.gz` has a row for each state of an area, `area-successors.csv.gz` a row for each
//! succession. English names are made by rule and stand in the file only where they differ.
//! Sources and licences: `provinces/_country/PROVENANCE.md`.

use super::kind::{AreaKind, english_name};
use super::{AreaCode, AreaError, AreaId, AreaState, Draft, Span, area_id, correction};
use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use jiff::civil::Date;
use kernel::Bilingual;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::{Read, Write};

const AREAS: &[u8] = include_bytes!("../../../../provinces/_country/areas.csv.gz");
const SUCCESSORS: &[u8] = include_bytes!("../../../../provinces/_country/area-successors.csv.gz");
const CORRECTIONS: &str = include_str!("../../../../provinces/_country/corrections.csv");

/// More than any list of a country; a file that unpacks to more is refused.
const UNPACKED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A state of an area as a row of `areas.csv`.
#[derive(Debug, Serialize, Deserialize)]
struct AreaRow {
    key: String,
    code: String,
    parent: String,
    name: String,
    name_en: String,
    from: String,
    to: String,
    seen_from: String,
    seen_to: String,
    hint: String,
}

/// A succession as a row of `area-successors.csv`.
#[derive(Debug, Serialize, Deserialize)]
struct SuccessorRow {
    old: String,
    new: String,
    on: String,
}

/// The shipped lists with the shipped corrections applied.
///
/// # Errors
/// [`AreaError::Row`] when a shipped file is damaged; tests read them all.
pub fn shipped() -> Result<Draft, AreaError> {
    let mut draft = uncorrected()?;
    let corrections = correction::parse("corrections.csv", CORRECTIONS)?;
    correction::apply(&mut draft, &corrections);
    Ok(draft)
}

/// The shipped lists as they were imported.
///
/// # Errors
/// [`AreaError::Row`] when a shipped file is damaged.
pub fn uncorrected() -> Result<Draft, AreaError> {
    read(AREAS, SUCCESSORS)
}

/// Reads a pair of compressed lists.
///
/// # Errors
/// [`AreaError::File`] or [`AreaError::Row`] with the place of the fault.
pub fn read(areas: &[u8], successors: &[u8]) -> Result<Draft, AreaError> {
    let mut draft = Draft::default();
    each_row("areas.csv.gz", areas, |row: AreaRow| {
        let hint = row.hint.clone();
        let key = row.key.clone();
        let state = state_of(row)?;
        draft.push_state(&key, state);
        if let (Some(area), false) = (draft.areas.get_mut(&key), hint.is_empty()) {
            area.hint = Some(hint.parse::<AreaCode>().map_err(|error| error.to_string())?);
        }
        Ok(())
    })?;
    each_row("area-successors.csv.gz", successors, |row: SuccessorRow| {
        if !draft.areas.contains_key(&row.old) || !draft.areas.contains_key(&row.new) {
            return Err(format!("{} or {} is no area", row.old, row.new));
        }
        let on = date(&row.on)?;
        draft.successions.insert((row.old, row.new), on);
        Ok(())
    })?;
    Ok(draft)
}

fn state_of(row: AreaRow) -> Result<AreaState, String> {
    let kind = AreaKind::of_name(&row.name).ok_or_else(|| format!("{}: of what kind?", row.name))?;
    let english = if row.name_en.is_empty() {
        english_name(&row.name)
    } else {
        row.name_en
    };
    Ok(AreaState {
        code: row.code.parse::<AreaCode>().map_err(|error| error.to_string())?,
        parent: (!row.parent.is_empty()).then(|| area_id(&row.parent)),
        kind,
        name: Bilingual::new(row.name, english),
        possible: span(&row.from, &row.to)?,
        seen: span(&row.seen_from, &row.seen_to)?,
    })
}

fn span(from: &str, to: &str) -> Result<Span, String> {
    Ok(Span {
        from: date(from)?,
        to: if to.is_empty() { None } else { Some(date(to)?) },
    })
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text:?} is no date"))
}

/// Gives each row of a compressed CSV file to `take`.
fn each_row<R, F>(file: &str, packed: &[u8], mut take: F) -> Result<(), AreaError>
where
    R: for<'de> Deserialize<'de>,
    F: FnMut(R) -> Result<(), String>,
{
    let text = GzDecoder::new(packed).take(UNPACKED_BYTES_MAX);
    let mut reader = csv::Reader::from_reader(text);
    for (index, row) in reader.deserialize::<R>().enumerate() {
        let line = index as u64 + 2;
        let fault = |reason: String| AreaError::Row {
            file: file.to_owned(),
            line,
            reason,
        };
        take(row.map_err(|error| fault(error.to_string()))?).map_err(fault)?;
    }
    Ok(())
}

/// The two lists as files: `areas.csv.gz` and `area-successors.csv.gz`. The same draft gives the
/// same bytes.
///
/// # Errors
/// [`AreaError::File`] when packing fails.
pub fn write(draft: &Draft) -> Result<(Vec<u8>, Vec<u8>), AreaError> {
    let keys: HashMap<AreaId, &str> = draft.areas.values().map(|area| (area.id, area.key.as_str())).collect();
    let parent_key = |id: Option<AreaId>| id.and_then(|id| keys.get(&id).copied()).unwrap_or_default().to_owned();
    let rows = draft
        .areas
        .values()
        .flat_map(|area| area.states.iter().map(move |state| (area, state)));
    let areas = pack(
        "areas.csv",
        rows.map(|(area, state)| AreaRow {
            key: area.key.clone(),
            code: state.code.to_string(),
            parent: parent_key(state.parent),
            name_en: state
                .name
                .en
                .clone()
                .filter(|en| *en != english_name(&state.name.vi))
                .unwrap_or_default(),
            name: state.name.vi.clone(),
            from: state.possible.from.to_string(),
            to: state.possible.to.map(|day| day.to_string()).unwrap_or_default(),
            seen_from: state.seen.from.to_string(),
            seen_to: state.seen.to.map(|day| day.to_string()).unwrap_or_default(),
            hint: area.hint.map(|code| code.to_string()).unwrap_or_default(),
        }),
    )?;
    let successors = draft.successions.iter().map(|((old, new), on)| SuccessorRow {
        old: old.clone(),
        new: new.clone(),
        on: on.to_string(),
    });
    Ok((areas, pack("area-successors.csv", successors)?))
}

fn pack<R: Serialize>(name: &str, rows: impl Iterator<Item = R>) -> Result<Vec<u8>, AreaError> {
    let fault = |reason: String| AreaError::File {
        file: name.to_owned(),
        reason,
    };
    let mut text = csv::Writer::from_writer(Vec::new());
    for row in rows {
        text.serialize(row).map_err(|error| fault(error.to_string()))?;
    }
    let text = text.into_inner().map_err(|error| fault(error.to_string()))?;
    // Without name and time in its head, the file depends on the rows alone.
    let mut packer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    packer.write_all(&text).map_err(|error| fault(error.to_string()))?;
    packer.finish().map_err(|error| fault(error.to_string()))
}
