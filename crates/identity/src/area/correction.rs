//! Corrections of the lists: a CSV file that an operator can extend, applied after all lists.
//!
//! Columns `action,code,on,value,note`. Actions:
//! `successor` (the area that bore `code` on the day `on` is followed, the day after, by the area
//! with the code `value`), `no-successor` (takes such a row away), `name` (the area that bears `code`
//! on `on` is named `value` from that day), `ended` (the area that bore `code` on `on` had its last
//! day on `value`). A row that changes nothing or fits nothing is reported, never skipped in silence.

use super::kind::{AreaKind, english_name};
use super::{Area, AreaCode, AreaError, AreaState, Draft, Span};
use jiff::civil::Date;
use kernel::Bilingual;
use serde::Deserialize;

/// One row of a corrections file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Its line in the file.
    pub line: u64,
    /// The code that is corrected.
    pub code: AreaCode,
    /// The day on which that code is meant.
    pub on: Date,
    /// What is corrected.
    pub action: Action,
}

/// What a correction does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Adds a succession to the area with this code on the day after.
    Successor(AreaCode),
    /// Takes that succession away.
    NoSuccessor(AreaCode),
    /// Gives a name from the day on.
    Name(String),
    /// Sets the last day.
    Ended(Date),
}

/// What became of a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It changed something.
    Applied,
    /// It was so already.
    AlreadySo,
    /// No area, or more than one, bore the code on that day.
    NoSuchArea,
    /// The other area is none, or there are several.
    NoSuchTarget,
}

#[derive(Debug, Deserialize)]
struct Row {
    action: String,
    code: String,
    on: String,
    value: String,
}

/// Reads a corrections file; lines that begin with `#` are remarks.
///
/// # Errors
/// [`AreaError::Row`] at the first row that says nothing we know.
pub fn parse(file: &str, text: &str) -> Result<Vec<Correction>, AreaError> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers().cloned().map_err(|error| AreaError::File {
        file: file.to_owned(),
        reason: error.to_string(),
    })?;
    let mut corrections = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| AreaError::File {
            file: file.to_owned(),
            reason: error.to_string(),
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let fault = |reason: String| AreaError::Row {
            file: file.to_owned(),
            line,
            reason,
        };
        let row: Row = record
            .deserialize(Some(&headers))
            .map_err(|error| fault(error.to_string()))?;
        corrections.push(read_row(line, &row).map_err(fault)?);
    }
    Ok(corrections)
}

fn read_row(line: u64, row: &Row) -> Result<Correction, String> {
    let code = |text: &str| text.parse::<AreaCode>().map_err(|error| format!("{text:?}: {error}"));
    let day = |text: &str| text.parse::<Date>().map_err(|_| format!("{text:?} is no date"));
    let action = match row.action.as_str() {
        "successor" => Action::Successor(code(&row.value)?),
        "no-successor" => Action::NoSuccessor(code(&row.value)?),
        "name" if AreaKind::of_name(&row.value).is_some() => Action::Name(row.value.clone()),
        "name" => return Err(format!("{:?} does not begin with a kind of area", row.value)),
        "ended" => Action::Ended(day(&row.value)?),
        other => return Err(format!("unknown action {other:?}")),
    };
    Ok(Correction {
        line,
        code: code(&row.code)?,
        on: day(&row.on)?,
        action,
    })
}

/// Applies the corrections in order and says what became of each.
pub fn apply(draft: &mut Draft, corrections: &[Correction]) -> Vec<(u64, Outcome)> {
    corrections
        .iter()
        .map(|correction| (correction.line, apply_one(draft, correction)))
        .collect()
}

fn apply_one(draft: &mut Draft, correction: &Correction) -> Outcome {
    let Some(key) = draft.key_on(correction.code.as_str(), correction.on).map(str::to_owned) else {
        return Outcome::NoSuchArea;
    };
    match &correction.action {
        Action::Successor(target) => succession(draft, key, correction.on, target, true),
        Action::NoSuccessor(target) => succession(draft, key, correction.on, target, false),
        Action::Name(name) => edit(draft, &key, |area| rename(area, correction.on, name)),
        Action::Ended(last_day) => edit(draft, &key, |area| end(area, *last_day)),
    }
}

fn succession(draft: &mut Draft, old: String, on: Date, target: &AreaCode, wanted: bool) -> Outcome {
    let Ok(first_day) = on.tomorrow() else {
        return Outcome::NoSuchTarget;
    };
    let Some(new) = draft.key_on(target.as_str(), first_day).map(str::to_owned) else {
        return Outcome::NoSuchTarget;
    };
    let pair = (old, new);
    if draft.successions.contains_key(&pair) == wanted {
        return Outcome::AlreadySo;
    }
    if wanted {
        draft.successions.insert(pair.clone(), first_day);
        draft.corrected.insert(pair);
    } else {
        draft.successions.remove(&pair);
        draft.corrected.remove(&pair);
    }
    Outcome::Applied
}

fn edit(draft: &mut Draft, key: &str, change: impl FnOnce(&mut Area) -> Outcome) -> Outcome {
    draft.areas.get_mut(key).map_or(Outcome::NoSuchArea, change)
}

fn rename(area: &mut Area, from: Date, name: &str) -> Outcome {
    let Some(index) = area.states.iter().rposition(|state| state.possible.holds(from)) else {
        return Outcome::NoSuchArea;
    };
    let (Some(kind), Ok(before)) = (AreaKind::of_name(name), from.yesterday()) else {
        return Outcome::NoSuchTarget;
    };
    let old = &mut area.states[index];
    if old.name.vi == name {
        return Outcome::AlreadySo;
    }
    let renamed = AreaState {
        kind,
        name: Bilingual::new(name, english_name(name)),
        possible: Span {
            from,
            to: old.possible.to,
        },
        seen: Span { from, to: old.seen.to },
        ..old.clone()
    };
    if old.possible.from == from {
        *old = renamed;
    } else {
        old.possible.to = Some(before);
        old.seen.to = Some(before);
        area.states.insert(index + 1, renamed);
    }
    Outcome::Applied
}

fn end(area: &mut Area, last_day: Date) -> Outcome {
    let kept: Vec<AreaState> = area
        .states
        .iter()
        .filter(|state| state.possible.from <= last_day)
        .cloned()
        .collect();
    let Some((last, _)) = kept.split_last() else {
        return Outcome::NoSuchTarget;
    };
    if last.possible.to == Some(last_day) && kept.len() == area.states.len() {
        return Outcome::AlreadySo;
    }
    area.states = kept;
    if let Some(last) = area.states.last_mut() {
        last.possible.to = Some(last_day);
        // The day is certain now: a correction is a document somebody read.
        last.seen.to = Some(last_day);
    }
    Outcome::Applied
}
