//! SQL of units: the whole list out of the database, changes into it, and its version.
//! It never deletes a unit: one that was closed goes on in old dossiers.

use super::profile::ProfileUnits;
use super::rules::{Effect, plan};
use super::{Change, Code, CodeEntry, Dated, Place, Unit, UnitBook, UnitChangeId, UnitError, UnitId};
use crate::account::AccountId;
use crate::area::Span;
use crate::audit::{self, Actor, detail};
use ::store::{Row, StoreError, Tx};
use jiff::civil::Date;
use kernel::{Bilingual, Timestamp, fold};
use std::collections::HashMap;

/// Rows of a unit's history on its page at most.
const CHANGES_MAX: i64 = 200;

/// The version of the list of units; 0 before there was any.
pub(crate) fn version(tx: &mut Tx) -> Result<i64, StoreError> {
    let version = tx.opt("SELECT version FROM list_version WHERE name = 'units'", &[], |row| {
        row.get(0)
    })?;
    Ok(version.unwrap_or(0))
}

fn bump(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO list_version (name, version) VALUES ('units', 1) \
         ON CONFLICT (name) DO UPDATE SET version = list_version.version + 1",
        &[],
    )?;
    Ok(())
}

/// The newest name of a unit, in Vietnamese.
///
/// # Errors
/// When the store fails.
pub fn name_of(tx: &mut Tx, unit: UnitId) -> Result<Option<String>, StoreError> {
    tx.opt(
        "SELECT name_vi FROM unit_name WHERE unit = $1 ORDER BY valid_from DESC LIMIT 1",
        &[&unit],
        |row| row.get(0),
    )
}

/// A unit in force, as policy and headings want it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Its id.
    pub id: UnitId,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// Its name.
    pub name: Bilingual,
}

/// The units in force on `day`.
///
/// # Errors
/// When the store fails.
pub fn in_force(tx: &mut Tx, day: Date) -> Result<Vec<InForce>, StoreError> {
    tx.all(
        "SELECT u.id, p.parent, n.name_vi, n.name_en FROM unit u \
         JOIN unit_place p ON p.unit = u.id AND p.valid_from <= $1 AND (p.valid_to IS NULL OR p.valid_to >= $2) \
         JOIN unit_name n ON n.unit = u.id AND n.valid_from <= $3 AND (n.valid_to IS NULL OR n.valid_to >= $4) \
         WHERE u.opened_on <= $5 AND (u.closed_on IS NULL OR u.closed_on >= $6) ORDER BY u.id",
        &[&day, &day, &day, &day, &day, &day],
        |row| {
            let name = Bilingual {
                vi: row.get(2)?,
                en: row.get(3)?,
            };
            Ok(InForce {
                id: row.get(0)?,
                parent: row.get(1)?,
                name,
            })
        },
    )
}

/// Reads all units.
///
/// # Errors
/// [`UnitError::Store`] when the store fails.
pub fn load(tx: &mut Tx) -> Result<UnitBook, UnitError> {
    let version = version(tx)?;
    let (mut names, mut places, mut codes) = (load_names(tx)?, load_places(tx)?, load_codes(tx)?);
    let mut units = tx.all(
        "SELECT id, kind, opened_on, closed_on, working_hours, sectors, version FROM unit ORDER BY id",
        &[],
        read_unit,
    )?;
    for unit in &mut units {
        unit.names = names.remove(&unit.id).unwrap_or_default();
        unit.places = places.remove(&unit.id).unwrap_or_default();
        unit.codes = codes.remove(&unit.id).unwrap_or_default();
    }
    // A unit is written with name and place in one transaction; one without is a damaged row.
    units.retain(|unit| !unit.names.is_empty() && !unit.places.is_empty());
    let successors = tx.all("SELECT old_unit, new_unit, starts_on FROM unit_successor", &[], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    Ok(UnitBook::new(version, units, successors))
}

fn read_unit(row: &Row<'_>) -> Result<Unit, StoreError> {
    let sectors: serde_json::Value = row.get(5)?;
    Ok(Unit {
        id: row.get(0)?,
        kind: row.get(1)?,
        span: Span {
            from: row.get(2)?,
            to: row.get(3)?,
        },
        working_hours: row.get(4)?,
        sectors: serde_json::from_value(sectors).unwrap_or_default(),
        codes: Vec::new(),
        names: Vec::new(),
        places: Vec::new(),
        version: row.get(6)?,
    })
}

type ByUnit<T> = HashMap<UnitId, Vec<Dated<T>>>;

fn by_unit<T>(rows: Vec<(UnitId, Dated<T>)>) -> ByUnit<T> {
    let mut map: ByUnit<T> = HashMap::new();
    for (unit, dated) in rows {
        map.entry(unit).or_default().push(dated);
    }
    map
}

/// A value of a unit whose row ends in the days on which it holds: `from` is the column of the first one.
fn dated<T>(row: &Row<'_>, value: T, from: usize) -> Result<(UnitId, Dated<T>), StoreError> {
    let span = Span {
        from: row.get(from)?,
        to: row.get(from + 1)?,
    };
    Ok((row.get(0)?, Dated { span, value }))
}

fn load_names(tx: &mut Tx) -> Result<ByUnit<Bilingual>, StoreError> {
    let rows = tx.all(
        "SELECT unit, name_vi, name_en, valid_from, valid_to FROM unit_name ORDER BY unit, valid_from",
        &[],
        |row| {
            let value = Bilingual {
                vi: row.get(1)?,
                en: row.get(2)?,
            };
            dated(row, value, 3)
        },
    )?;
    Ok(by_unit(rows))
}

fn load_places(tx: &mut Tx) -> Result<ByUnit<Place>, StoreError> {
    let rows = tx.all(
        "SELECT unit, parent, area, valid_from, valid_to FROM unit_place ORDER BY unit, valid_from",
        &[],
        |row| {
            let value = Place {
                parent: row.get(1)?,
                area: row.get(2)?,
            };
            dated(row, value, 3)
        },
    )?;
    Ok(by_unit(rows))
}

fn load_codes(tx: &mut Tx) -> Result<ByUnit<CodeEntry>, StoreError> {
    let rows = tx.all(
        "SELECT unit, code, form, verified, valid_from, valid_to FROM unit_code ORDER BY unit, valid_from, form",
        &[],
        |row| {
            let form: String = row.get(2)?;
            let code = if form == "new" {
                Code::New(row.get(1)?)
            } else {
                Code::Old(row.get(1)?)
            };
            let value = CodeEntry {
                code,
                verified: row.get(3)?,
            };
            dated(row, value, 4)
        },
    )?;
    Ok(by_unit(rows))
}

/// Decides a change on the units as they are in this transaction and writes it down, with its row of
/// history and its audit entry. Gives the number of things written.
///
/// # Errors
/// What [`plan`] refuses, and [`UnitError::Store`].
pub fn apply(tx: &mut Tx, change: &Change, actor: Actor, now: Timestamp) -> Result<usize, UnitError> {
    let book = load(tx)?;
    let effects = plan(&book, change)?;
    for effect in &effects {
        write_effect(tx, effect, change.on)?;
    }
    let touched = touched(change, &effects);
    for (place, unit) in (0_u8..).zip(&touched) {
        write_change(tx, change, *unit, place, actor, now)?;
    }
    let what = match change.kind.as_str() {
        "open" => "unit.open",
        "rename" => "unit.rename",
        "recode" => "unit.recode",
        "move" => "unit.move",
        "close" => "unit.close",
        _ => "unit.merge",
    };
    let units: Vec<String> = touched.iter().map(ToString::to_string).collect();
    let detail = detail([
        ("on", change.on.to_string()),
        ("reason", change.reason.trim().to_owned()),
        ("units", units.join(" ")),
    ]);
    audit::append(tx, actor, what, &change.kind.unit().to_string(), detail, now)?;
    bump(tx)?;
    Ok(effects.len())
}

/// The units whose history tells of a change: the one it names first, then all others it touches.
fn touched(change: &Change, effects: &[Effect]) -> Vec<UnitId> {
    let mut units = vec![change.kind.unit()];
    for effect in effects {
        let unit = match effect {
            Effect::Open(unit) => unit.id,
            Effect::Name(unit, _)
            | Effect::Code(unit, _)
            | Effect::Place(unit, _)
            | Effect::Close(unit)
            | Effect::Follow(unit, _) => *unit,
        };
        if !units.contains(&unit) {
            units.push(unit);
        }
    }
    units
}

fn write_effect(tx: &mut Tx, effect: &Effect, on: Date) -> Result<(), UnitError> {
    // The newest state ends on the day before; rules made sure that it began earlier.
    let last_day = on.yesterday().unwrap_or(on);
    match effect {
        Effect::Open(unit) => insert_unit(tx, unit)?,
        Effect::Name(unit, name) => {
            end_names(tx, *unit, last_day)?;
            insert_name(
                tx,
                *unit,
                &Dated {
                    span: Span { from: on, to: None },
                    value: name.clone(),
                },
            )?;
            grow(tx, *unit)?;
        }
        Effect::Code(unit, entry) => {
            tx.execute(
                "UPDATE unit_code SET valid_to = $1 WHERE unit = $2 AND form = $3 AND valid_to IS NULL",
                &[&last_day, unit, &entry.code.form()],
            )?;
            insert_code(
                tx,
                *unit,
                &Dated {
                    span: Span { from: on, to: None },
                    value: entry.clone(),
                },
            )?;
            grow(tx, *unit)?;
        }
        Effect::Place(unit, place) => {
            end_places(tx, *unit, last_day)?;
            insert_place(
                tx,
                *unit,
                &Dated {
                    span: Span { from: on, to: None },
                    value: *place,
                },
            )?;
            grow(tx, *unit)?;
        }
        Effect::Close(unit) => {
            end_names(tx, *unit, last_day)?;
            end_places(tx, *unit, last_day)?;
            tx.execute(
                "UPDATE unit_code SET valid_to = $1 WHERE unit = $2 AND valid_to IS NULL",
                &[&last_day, unit],
            )?;
            tx.execute(
                "UPDATE unit SET closed_on = $1, version = version + 1 WHERE id = $2",
                &[&last_day, unit],
            )?;
        }
        Effect::Follow(old, new) => insert_successor(tx, *old, *new, on)?,
    }
    Ok(())
}

fn end_names(tx: &mut Tx, unit: UnitId, last_day: Date) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE unit_name SET valid_to = $1 WHERE unit = $2 AND valid_to IS NULL",
        &[&last_day, &unit],
    )?;
    Ok(())
}

fn end_places(tx: &mut Tx, unit: UnitId, last_day: Date) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE unit_place SET valid_to = $1 WHERE unit = $2 AND valid_to IS NULL",
        &[&last_day, &unit],
    )?;
    Ok(())
}

fn grow(tx: &mut Tx, unit: UnitId) -> Result<(), StoreError> {
    tx.execute("UPDATE unit SET version = version + 1 WHERE id = $1", &[&unit])?;
    Ok(())
}

fn insert_unit(tx: &mut Tx, unit: &Unit) -> Result<(), StoreError> {
    let sectors = serde_json::Value::from(unit.sectors.clone());
    tx.execute(
        "INSERT INTO unit (id, kind, opened_on, closed_on, working_hours, sectors, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &unit.id,
            &unit.kind,
            &unit.span.from,
            &unit.span.to,
            &unit.working_hours,
            &sectors,
            &unit.version,
        ],
    )?;
    for name in &unit.names {
        insert_name(tx, unit.id, name)?;
    }
    for place in &unit.places {
        insert_place(tx, unit.id, place)?;
    }
    for code in &unit.codes {
        insert_code(tx, unit.id, code)?;
    }
    Ok(())
}

fn insert_name(tx: &mut Tx, unit: UnitId, name: &Dated<Bilingual>) -> Result<(), StoreError> {
    let (vi, en) = (&name.value.vi, &name.value.en);
    tx.execute(
        "INSERT INTO unit_name (unit, name_vi, name_en, name_fold, name_sort, valid_from, valid_to) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &unit,
            vi,
            en,
            &fold::fold(vi),
            &fold::sort_key(vi),
            &name.span.from,
            &name.span.to,
        ],
    )?;
    Ok(())
}

fn insert_place(tx: &mut Tx, unit: UnitId, place: &Dated<Place>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO unit_place (unit, parent, area, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5)",
        &[
            &unit,
            &place.value.parent,
            &place.value.area,
            &place.span.from,
            &place.span.to,
        ],
    )?;
    Ok(())
}

fn insert_code(tx: &mut Tx, unit: UnitId, code: &Dated<CodeEntry>) -> Result<(), StoreError> {
    let CodeEntry { code: value, verified } = &code.value;
    tx.execute(
        "INSERT INTO unit_code (unit, code, form, verified, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &unit,
            &value.to_string(),
            &value.form(),
            verified,
            &code.span.from,
            &code.span.to,
        ],
    )?;
    Ok(())
}

fn insert_successor(tx: &mut Tx, old: UnitId, new: UnitId, on: Date) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO unit_successor (old_unit, new_unit, starts_on) VALUES ($1, $2, $3) \
         ON CONFLICT (old_unit, new_unit) DO NOTHING",
        &[&old, &new, &on],
    )?;
    Ok(())
}

fn write_change(
    tx: &mut Tx,
    change: &Change,
    unit: UnitId,
    place: u8,
    actor: Actor,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Rows of one change have ids that differ in the last byte.
    let mut bytes = *change.id.uuid().as_bytes();
    bytes[15] ^= place;
    let id = UnitChangeId::from_uuid(uuid::Uuid::from_bytes(bytes));
    let account: Option<AccountId> = actor.account();
    tx.execute(
        "INSERT INTO unit_change (id, unit, kind, on_day, reason, at, account) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &id,
            &unit,
            &change.kind.as_str(),
            &change.on,
            &change.reason.trim(),
            &now,
            &account,
        ],
    )?;
    Ok(())
}

/// A row of a unit's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The word of the change.
    pub kind: String,
    /// The first day on which it holds.
    pub on: Date,
    /// Why.
    pub reason: String,
    /// When it was typed.
    pub at: Timestamp,
    /// By whom; nobody for what the program loaded.
    pub account: Option<AccountId>,
}

/// The history of a unit, newest first.
///
/// # Errors
/// When the store fails.
pub fn changes_of(tx: &mut Tx, unit: UnitId) -> Result<Vec<ChangeRow>, StoreError> {
    tx.all(
        "SELECT kind, on_day, reason, at, account FROM unit_change WHERE unit = $1 ORDER BY at DESC, id DESC LIMIT $2",
        &[&unit, &CHANGES_MAX],
        |row| {
            Ok(ChangeRow {
                kind: row.get(0)?,
                on: row.get(1)?,
                reason: row.get(2)?,
                at: row.get(3)?,
                account: row.get(4)?,
            })
        },
    )
}

/// Writes down the units of a profile that are not there yet; those that are stay as they are, because
/// an administrator may have changed them. Gives how many were new.
///
/// # Errors
/// When the store fails.
pub fn save_profile(tx: &mut Tx, made: &ProfileUnits, name: &str, now: Timestamp) -> Result<usize, UnitError> {
    let there: std::collections::HashSet<UnitId> = tx
        .all("SELECT id FROM unit", &[], |row| row.get(0))?
        .into_iter()
        .collect();
    let new: Vec<&Unit> = made.units.iter().filter(|unit| !there.contains(&unit.id)).collect();
    for unit in &new {
        insert_unit(tx, unit)?;
    }
    for (old, successor, on) in &made.successors {
        insert_successor(tx, *old, *successor, *on)?;
    }
    if !new.is_empty() {
        let detail = detail([("units", new.len().to_string())]);
        audit::append(tx, Actor::System, "unit.load", name, detail, now)?;
        bump(tx)?;
    }
    Ok(new.len())
}
