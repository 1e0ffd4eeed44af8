//! SQL of exports: pages of a kind's table in the order of entry, straight into cells. For a day of the past the last version that
//! had begun by then takes the place of the one that holds; filters then look at its values.

use std::collections::HashMap;

use ::store::{Row, StoreError, Tx, Value as Stored};
use definition::expression::Value;
use identity::{PersonRef, UnitId};
use kernel::{Date, Timestamp, fold};
use sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement};
use uuid::Uuid;

use super::{Cell, People, Wanted};
use crate::geometry::Shape as Place;
use crate::kind::{Column, Kind, Shape};
use crate::record::store::{self as records, Asked};
use crate::record::value::{filter_cell, to_cell};

/// A row as it is read.
pub(super) struct Raw {
    pub(super) id: Uuid,
    pub(super) revision: i64,
    pub(super) valid_from: Date,
    pub(super) known_at: Timestamp,
    pub(super) unit: UnitId,
    pub(super) shape: Option<Place>,
    pub(super) cells: Vec<Cell>,
    /// People by the position of their cell.
    pub(super) people: Vec<(usize, Vec<PersonRef>)>,
}

/// Columns before the place and the fields.
const HEAD: [&str; 5] = ["id", "revision", "valid_from", "known_at", "unit"];

fn col(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

/// The fields that are read: those that leave, and for a day of the past those that are filtered by.
fn columns<'k>(kind: &'k Kind, wanted: &Wanted) -> Vec<&'k Column> {
    let own = wanted.fields.iter().filter_map(|at| kind.columns.get(*at));
    let filtered = wanted.asked.filters.iter().filter(|_| wanted.on.is_some());
    own.chain(filtered.filter_map(|(at, _)| kind.columns.get(*at)))
        .collect()
}

fn select(kind: &Kind, table: &str, columns: &[&Column], wanted: &Wanted) -> SelectStatement {
    let mut select = Query::select();
    select.from(Alias::new(table)).columns(HEAD.map(Alias::new));
    if has_place(kind, wanted) {
        select.column(Alias::new("geometry"));
    }
    select.columns(columns.iter().map(|column| Alias::new(&column.name)));
    select.to_owned()
}

fn has_place(kind: &Kind, wanted: &Wanted) -> bool {
    kind.geometry().is_some() && (wanted.geometry || wanted.asked.bounds.is_some())
}

fn read(kind: &Kind, columns: &[&Column], wanted: &Wanted, row: &Row<'_>) -> Result<Raw, StoreError> {
    let mut at = HEAD.len();
    let mut shape = None;
    if has_place(kind, wanted) {
        let bytes: Option<Vec<u8>> = row.get(at)?;
        let read = |bytes: Vec<u8>| Place::from_wkb(&bytes).map_err(|fault| StoreError::Corrupt(fault.to_string()));
        shape = bytes.map(read).transpose()?;
        at += 1;
    }
    let (mut cells, mut people) = (Vec::with_capacity(columns.len()), Vec::new());
    for (place, column) in columns.iter().enumerate() {
        let from = at + place;
        cells.push(match column.shape {
            Shape::Boolean => row.get::<Option<bool>>(from)?.map_or(Cell::Null, Cell::Bool),
            Shape::Text => row.get::<Option<String>>(from)?.map_or(Cell::Null, Cell::Text),
            Shape::Number(_) => row.get::<Option<i64>>(from)?.map_or(Cell::Null, Cell::Number),
            Shape::Date => row.get::<Option<Date>>(from)?.map_or(Cell::Null, Cell::Date),
            Shape::Texts => {
                let all = row.get::<Option<serde_json::Value>>(from)?;
                all.map_or(Cell::Null, |all| Cell::Text(words(&all).join("; ")))
            }
            Shape::Person => {
                let id = row.get::<Option<Uuid>>(from)?;
                people.extend(id.map(|id| (place, vec![PersonRef::from_uuid(id)])));
                Cell::Null
            }
            Shape::Persons => {
                let all = row.get::<Option<serde_json::Value>>(from)?.unwrap_or_default();
                let ids = words(&all).into_iter().filter_map(|id| id.parse().ok());
                people.push((place, ids.collect()));
                Cell::Null
            }
        });
    }
    if wanted.people == People::LeftOut {
        people.clear();
    }
    Ok(Raw {
        id: row.get(0)?,
        revision: row.get(1)?,
        valid_from: row.get(2)?,
        known_at: row.get(3)?,
        unit: row.get(4)?,
        shape,
        cells,
        people,
    })
}

fn words(all: &serde_json::Value) -> Vec<&str> {
    all.as_array()
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
        .collect()
}

/// The rows after a record that are wanted, and the last record that was looked at; none when there are no more.
pub(super) fn page(
    tx: &mut Tx,
    kind: &Kind,
    wanted: &Wanted,
    after: Uuid,
    limit: u64,
) -> Result<(Vec<Raw>, Option<Uuid>), StoreError> {
    let hidden = crate::import::store::open_batch(tx, kind)?;
    let columns = columns(kind, wanted);
    let mut select = select(kind, &kind.table, &columns, wanted);
    let mut asked = Asked {
        units: wanted.units.clone(),
        ..wanted.asked.clone()
    };
    if wanted.on.is_some() {
        // A version of the past may have had other values, and may have lain elsewhere.
        asked.filters.clear();
        asked.bounds = None;
    }
    records::narrow(kind, &asked, hidden, &mut select);
    select
        .and_where(col("id").gt(after))
        .order_by(Alias::new("id"), Order::Asc)
        .limit(limit);
    let mut rows = tx.all_built(select, |row| read(kind, &columns, wanted, row))?;
    let last = rows.last().map(|row| row.id).filter(|_| rows.len() as u64 == limit);
    if let Some(on) = wanted.on {
        rows = of_day(tx, kind, wanted, &columns, rows, on)?;
    }
    Ok((rows, last))
}

/// What held on a day, of the records of a page.
fn of_day(
    tx: &mut Tx,
    kind: &Kind,
    wanted: &Wanted,
    columns: &[&Column],
    rows: Vec<Raw>,
    on: Date,
) -> Result<Vec<Raw>, StoreError> {
    let later: Vec<Uuid> = rows
        .iter()
        .filter(|row| row.valid_from > on)
        .map(|row| row.id)
        .collect();
    let mut then: HashMap<Uuid, Raw> = HashMap::new();
    if !later.is_empty() {
        let mut select = select(kind, &kind.history, columns, wanted);
        select
            .and_where(col("id").is_in(later))
            .and_where(col("voided").eq(false))
            .and_where(col("valid_from").lte(on))
            .order_by(Alias::new("valid_from"), Order::Asc)
            .order_by(Alias::new("revision"), Order::Asc);
        // The last of each record stays.
        for raw in tx.all_built(select, |row| read(kind, columns, wanted, row))? {
            then.insert(raw.id, raw);
        }
    }
    let held = rows.into_iter().filter_map(|row| {
        if row.valid_from > on {
            then.remove(&row.id)
        } else {
            Some(row)
        }
    });
    let own = wanted.fields.len();
    let fits = |raw: &Raw| {
        let filters = wanted.asked.filters.iter().zip(&raw.cells[own..]);
        let all = filters
            .into_iter()
            .all(|((at, value), cell)| has(&kind.columns[*at], cell, value));
        all && wanted
            .asked
            .bounds
            .is_none_or(|bounds| raw.shape.as_ref().is_some_and(|shape| meets(shape, bounds)))
    };
    let cut = |mut raw: Raw| {
        raw.cells.truncate(own);
        raw
    };
    Ok(held.filter(fits).map(cut).collect())
}

fn meets(shape: &Place, [west, south, east, north]: [f64; 4]) -> bool {
    let own = shape.bounds();
    own[0] <= east && own[2] >= west && own[1] <= north && own[3] >= south
}

/// Whether a value is the one that a filter wants, as the column beside it would say.
fn has(column: &Column, cell: &Cell, wanted: &Value) -> bool {
    match (cell, filter_cell(column, Some(wanted))) {
        (Cell::Text(text), Stored::Text(folded)) if column.is_folded() => fold::fold(text) == folded,
        (Cell::Text(text), Stored::Text(wanted)) => *text == wanted,
        (Cell::Bool(yes), Stored::Bool(wanted)) => *yes == wanted,
        (Cell::Number(units), _) => {
            matches!(to_cell(column.shape, Some(wanted)), Stored::Int(wanted) if wanted == *units)
        }
        (Cell::Date(day), Stored::Date(wanted)) => *day == wanted,
        _ => false,
    }
}
