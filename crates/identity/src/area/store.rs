//! SQL of areas: the whole list out of and into the database, and its version.
//!
//! Rows go in by the hundred: some 40,000 of them take a second on either engine.

use super::{Area, AreaBook, AreaError, AreaId, AreaKind, AreaState, Draft, Span, Succession};
use ::store::{Row, Store, StoreError, Tx};
use jiff::civil::Date;
use kernel::Bilingual;
use parking_lot::RwLock;
use sea_query::{Expr, OnConflict, Query, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Rows of one statement; with ten columns far below both engines' bound on parameters.
const ROWS_A_STATEMENT: usize = 500;

/// The version of the list of areas; 0 before it was ever loaded.
pub(crate) fn version(tx: &mut Tx) -> Result<i64, StoreError> {
    let version = tx.opt("SELECT version FROM list_version WHERE name = 'areas'", &[], |row| {
        row.get(0)
    })?;
    Ok(version.unwrap_or(0))
}

/// Reads all areas.
///
/// # Errors
/// [`AreaError::Store`] when the store fails, [`AreaError::File`] when a stored name says no kind of area.
pub fn load(tx: &mut Tx) -> Result<AreaBook, AreaError> {
    let version = version(tx)?;
    let mut states = load_states(tx)?;
    let heads = tx.all("SELECT id, key, hint FROM area ORDER BY key", &[], |row| {
        Ok((row.get::<AreaId>(0)?, row.get::<String>(1)?, row.get(2)?))
    })?;
    let mut areas = Vec::with_capacity(heads.len());
    for (id, key, hint) in heads {
        // An area that a newer list no longer has keeps its row, because units may serve it.
        let Some(states) = states.remove(&id) else { continue };
        let Some(level) = states.first().map(|state| state.code.level()) else {
            continue;
        };
        areas.push(Area {
            id,
            key,
            level,
            states,
            hint,
        });
    }
    let successions = tx.all("SELECT old_area, new_area, starts_on FROM area_successor", &[], |row| {
        Ok(Succession {
            old: row.get(0)?,
            new: row.get(1)?,
            on: row.get(2)?,
        })
    })?;
    Ok(AreaBook::new(version, areas, successions))
}

fn load_states(tx: &mut Tx) -> Result<HashMap<AreaId, Vec<AreaState>>, AreaError> {
    let mut states: HashMap<AreaId, Vec<AreaState>> = HashMap::new();
    let rows = tx.all(
        "SELECT area, code, parent, name_vi, name_en, valid_from, valid_to, seen_from, seen_to \
         FROM area_state ORDER BY area, place",
        &[],
        |row| Ok((row.get::<AreaId>(0)?, read_state(row)?)),
    )?;
    for (area, state) in rows {
        let state = state.ok_or_else(|| AreaError::File {
            file: "area_state".to_owned(),
            reason: format!("a name of area {area} says no kind"),
        })?;
        states.entry(area).or_default().push(state);
    }
    Ok(states)
}

fn read_state(row: &Row<'_>) -> Result<Option<AreaState>, StoreError> {
    let name: String = row.get(3)?;
    let Some(kind) = AreaKind::of_name(&name) else {
        return Ok(None);
    };
    Ok(Some(AreaState {
        code: row.get(1)?,
        parent: row.get(2)?,
        kind,
        name: Bilingual::new(name, row.get::<String>(4)?),
        possible: Span {
            from: row.get(5)?,
            to: row.get(6)?,
        },
        seen: Span {
            from: row.get(7)?,
            to: row.get(8)?,
        },
    }))
}

/// Whether a list was loaded.
///
/// # Errors
/// When the store fails.
pub fn is_loaded(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(tx
        .opt("SELECT 1 FROM area_state LIMIT 1", &[], |row| row.get::<i64>(0))?
        .is_some())
}

/// Puts a list in the place of the one that is stored. Areas that it no longer has stay as bare ids.
///
/// # Errors
/// [`AreaError::Store`] when the store fails.
pub fn replace_all(tx: &mut Tx, draft: &Draft) -> Result<(), AreaError> {
    tx.execute("DELETE FROM area_successor", &[])?;
    tx.execute("DELETE FROM area_state", &[])?;
    let areas = draft.areas.values().map(|area| {
        vec![
            area.id.uuid().into(),
            area.key.clone().into(),
            area.hint.map(|code| code.to_string()).into(),
        ]
    });
    insert(tx, "area", &["id", "key", "hint"], areas, true)?;
    insert(
        tx,
        "area_state",
        &STATE_COLUMNS,
        draft.areas.values().flat_map(state_rows),
        false,
    )?;
    let successions = draft.succession_ids().map(|(succession, corrected)| {
        vec![
            succession.old.uuid().into(),
            succession.new.uuid().into(),
            date(succession.on),
            corrected.into(),
        ]
    });
    let columns = ["old_area", "new_area", "starts_on", "corrected"];
    insert(tx, "area_successor", &columns, successions, false)?;
    tx.execute(
        "INSERT INTO list_version (name, version) VALUES ('areas', 1) \
         ON CONFLICT (name) DO UPDATE SET version = list_version.version + 1",
        &[],
    )?;
    Ok(())
}

const STATE_COLUMNS: [&str; 10] = [
    "area",
    "place",
    "code",
    "parent",
    "name_vi",
    "name_en",
    "valid_from",
    "valid_to",
    "seen_from",
    "seen_to",
];

fn state_rows(area: &Area) -> impl Iterator<Item = Vec<Value>> + '_ {
    (0_i64..).zip(&area.states).map(move |(place, state)| {
        vec![
            area.id.uuid().into(),
            place.into(),
            state.code.to_string().into(),
            state.parent.map(AreaId::uuid).into(),
            state.name.vi.clone().into(),
            state.name.en.clone().unwrap_or_default().into(),
            date(state.possible.from),
            optional_date(state.possible.to),
            date(state.seen.from),
            optional_date(state.seen.to),
        ]
    })
}

fn date(day: Date) -> Value {
    Value::JiffDate(Some(day))
}

fn optional_date(day: Option<Date>) -> Value {
    Value::JiffDate(day)
}

/// Inserts rows by the hundred; with `keep`, rows whose first column is there already stay and take the new values.
fn insert(
    tx: &mut Tx,
    table: &'static str,
    columns: &[&'static str],
    rows: impl Iterator<Item = Vec<Value>>,
    keep: bool,
) -> Result<(), StoreError> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let mut statement = Query::insert();
        statement.into_table(table).columns(columns.iter().copied());
        for row in rows.by_ref().take(ROWS_A_STATEMENT) {
            statement.values_panic(row.into_iter().map(Expr::val));
        }
        if let (true, Some((first, others))) = (keep, columns.split_first()) {
            statement.on_conflict(
                OnConflict::column(*first)
                    .update_columns(others.iter().copied())
                    .to_owned(),
            );
        }
        tx.execute_built(statement)?;
    }
    Ok(())
}

/// The book of areas held in memory, fresh by its version in the database.
#[derive(Debug, Clone, Default)]
pub struct AreaCache(Arc<RwLock<Arc<AreaBook>>>);

impl AreaCache {
    /// The book as it was when it was last looked up; asks nothing.
    pub fn held(&self) -> Arc<AreaBook> {
        self.0.read().clone()
    }

    /// The book of now: reads the version, and the areas only when it has changed.
    ///
    /// # Errors
    /// [`AreaError::Store`] when the store does not answer.
    pub async fn current(&self, store: &Store) -> Result<Arc<AreaBook>, AreaError> {
        let held = self.held();
        let newer = store
            .read(move |tx| {
                let version = version(tx)?;
                if version == held.version() {
                    Ok::<_, AreaError>(None)
                } else {
                    load(tx).map(Some)
                }
            })
            .await?;
        if let Some(book) = newer {
            let mut held = self.0.write();
            if held.version() < book.version() {
                *held = Arc::new(book);
            }
        }
        Ok(self.held())
    }
}
