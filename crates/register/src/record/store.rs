//! SQL of records: built by `sea-query` from their kind, because the tables are. The last version lies in the kind's table,
//! those before it in its history. Rows of an import that is not done are left out of every answer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ::store::{Row, StoreError, Tx, Value as Cell};
use definition::expression::Value;
use identity::UnitId;
use kernel::{Date, Timestamp};
use sea_query::{
    Alias, Condition, Expr, ExprTrait as _, InsertStatement, IntoColumnRef as _, Order, Query, SelectStatement,
};
use uuid::Uuid;

use super::value::{filter_cell, of_cell, sort_key, to_cell};
use super::{Record, RecordId, Version};
use crate::geometry::{Shape, cell};
use crate::import::store::open_batch;
use crate::kind::rules::helpers;
use crate::kind::{Column, Kind};

/// Columns that every version has, in the order of the cells.
const HEAD: [&str; 13] = [
    "id",
    "revision",
    "valid_from",
    "known_at",
    "act",
    "source",
    "origin",
    "account",
    "who",
    "reason",
    "unit",
    "batch",
    "key_fold",
];
/// Columns of the place of a record.
pub(crate) const PLACE: [&str; 6] = ["geometry", "west", "south", "east", "north", "outside"];
/// Most versions of one record that are read.
const VERSIONS_MAX: u64 = 1_000;
/// Most records that are like the rows of one part of a file.
const NAMES_MAX: u64 = 5_000;
/// Up to how many records lists count exactly.
pub(crate) const COUNT_MAX: u64 = 10_000;
/// Rows that are read and written at once when helpers of old rows are filled.
const FILL_ROWS: u64 = 500;

/// What a list is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Values of fields, by their position among the columns.
    pub(crate) filters: Vec<(usize, Value)>,
    /// Only records of these units; of all without it.
    pub(crate) units: Option<Vec<UnitId>>,
    /// Only what meets west, south, east, north.
    pub(crate) bounds: Option<[f64; 4]>,
    /// Field and whether from the greatest; by the time of entry without it, the newest first.
    pub(crate) order: Option<(usize, bool)>,
    /// Key of the last record of the page before.
    pub(crate) after: Option<(Vec<u8>, RecordId)>,
    /// Most records.
    pub(crate) limit: u64,
}

fn iden(name: &str) -> Alias {
    Alias::new(name)
}

fn col(name: &str) -> Expr {
    Expr::col(iden(name))
}

fn names(kind: &Kind) -> Vec<String> {
    let place = if kind.geometry().is_some() { &PLACE[..] } else { &[] };
    let head = HEAD.iter().chain(place).map(|name| (*name).to_owned());
    head.chain(kind.columns.iter().map(|column| column.name.clone()))
        .collect()
}

/// The cells of a record, in the order of [`names`].
fn cells(kind: &Kind, record: &Record) -> Vec<Cell<'static>> {
    let text = |text: &Option<String>| text.clone().map_or(Cell::Null, |text| Cell::Text(Cow::Owned(text)));
    let mut cells = vec![
        Cell::Uuid(record.id.uuid()),
        Cell::Int(record.revision),
        Cell::Date(record.valid_from),
        Cell::Time(record.known_at),
        Cell::Text(Cow::Borrowed(record.act.word())),
        Cell::Text(Cow::Borrowed(record.source.word())),
        text(&record.origin),
        record.account.map_or(Cell::Null, |account| Cell::Uuid(account.uuid())),
        Cell::Text(Cow::Owned(record.who.clone())),
        text(&record.reason),
        Cell::Uuid(record.unit.uuid()),
        record.batch.map_or(Cell::Null, Cell::Uuid),
        text(&super::rules::key_fold(kind, &record.values)),
    ];
    if kind.geometry().is_some() {
        match &record.shape {
            None => cells.extend(std::iter::repeat_n(Cell::Null, PLACE.len())),
            Some(shape) => {
                cells.push(Cell::Bytes(Cow::Owned(shape.to_wkb())));
                cells.extend(shape.bounds().map(Cell::Float));
                cells.push(Cell::Bool(!shape.is_in_viet_nam()));
            }
        }
    }
    let values = kind.columns.iter();
    cells.extend(values.map(|column| to_cell(column.shape, record.values.get(&column.field.name))));
    cells
}

/// The cells of the columns for filters and order, in the order of [`helpers`].
fn helper_cells(kind: &Kind, record: &Record) -> Vec<Cell<'static>> {
    let of = |column: &Column| record.values.get(&column.field.name).cloned();
    let folded = kind.columns.iter().filter(|column| column.is_folded());
    let sorted = kind.columns.iter().filter(|column| column.sort.is_some());
    folded
        .map(|column| filter_cell(column, of(column).as_ref()))
        .chain(sorted.map(|column| Cell::Bytes(Cow::Owned(sort_key(column.shape, of(column).as_ref())))))
        .chain(kind.geometry().map(|_| cell_of(record)))
        .collect()
}

/// Where the index of places has a record; nothing without a place.
fn cell_of(record: &Record) -> Cell<'static> {
    record
        .shape
        .as_ref()
        .map_or(Cell::Null, |shape| Cell::Int(cell::of_bounds(shape.bounds())))
}

fn template(table: &str, names: &[String]) -> InsertStatement {
    Query::insert()
        .into_table(iden(table))
        .columns(names.iter().map(|name| iden(name)))
        .values_panic(names.iter().map(|_| Expr::value(Option::<i64>::None)))
        .to_owned()
}

/// The rows of records in the table of what holds: made before a write, so that the writer has only to write.
pub(crate) fn rows(kind: &Kind, records: &[Record]) -> Vec<Vec<Cell<'static>>> {
    let row = |record: &Record| {
        let mut row = cells(kind, record);
        row.extend(helper_cells(kind, record));
        row
    };
    records.iter().map(row).collect()
}

/// Writes rows into the table of what holds.
pub(crate) fn insert_rows(tx: &mut Tx, kind: &Kind, rows: &[Vec<Cell<'static>>]) -> Result<(), StoreError> {
    let mut names = names(kind);
    names.extend(helpers(kind));
    tx.insert_all_built(template(&kind.table, &names), rows)
}

/// Writes records into the table of what holds.
pub(crate) fn insert(tx: &mut Tx, kind: &Kind, records: &[Record]) -> Result<(), StoreError> {
    insert_rows(tx, kind, &rows(kind, records))
}

/// Moves the version that holds into the history.
pub(crate) fn supersede(
    tx: &mut Tx,
    kind: &Kind,
    current: &Record,
    voided: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut names = names(kind);
    names.extend(["superseded_at".to_owned(), "voided".to_owned()]);
    let mut row = cells(kind, current);
    row.extend([Cell::Time(now), Cell::Bool(voided)]);
    tx.insert_all_built(template(&kind.history, &names), &[row])?;
    let delete = Query::delete()
        .from_table(iden(&kind.table))
        .and_where(col("id").eq(current.id.uuid()))
        .to_owned();
    tx.execute_built(delete).map(|_| ())
}

pub(crate) fn select(kind: &Kind, table: &str) -> SelectStatement {
    let mut wanted: Vec<String> = HEAD[..12].iter().map(|name| (*name).to_owned()).collect();
    if kind.geometry().is_some() {
        wanted.push("geometry".to_owned());
    }
    wanted.extend(kind.columns.iter().map(|column| column.name.clone()));
    Query::select()
        .columns(wanted.iter().map(|name| iden(name)))
        .from(iden(table))
        .to_owned()
}

/// How many columns [`select`] asks for.
pub(crate) fn width(kind: &Kind) -> usize {
    12 + usize::from(kind.geometry().is_some()) + kind.columns.len()
}

pub(crate) fn read(kind: &Kind, row: &Row<'_>) -> Result<Record, StoreError> {
    let mut at = 12;
    let mut shape = None;
    if kind.geometry().is_some() {
        let bytes: Option<Vec<u8>> = row.get(at)?;
        let read = |bytes: Vec<u8>| Shape::from_wkb(&bytes).map_err(|fault| StoreError::Corrupt(fault.to_string()));
        shape = bytes.map(read).transpose()?;
        at += 1;
    }
    let mut values = BTreeMap::new();
    for (offset, column) in kind.columns.iter().enumerate() {
        let value = of_cell(column.shape, row, at + offset)?;
        if value != Value::Null {
            values.insert(column.field.name.clone(), value);
        }
    }
    Ok(Record {
        id: row.get(0)?,
        revision: row.get(1)?,
        valid_from: row.get(2)?,
        known_at: row.get(3)?,
        act: row.get(4)?,
        source: row.get(5)?,
        origin: row.get(6)?,
        account: row.get(7)?,
        who: row.get(8)?,
        reason: row.get(9)?,
        unit: row.get(10)?,
        batch: row.get(11)?,
        shape,
        values,
    })
}

/// Rows of an import that is not done are nobody's to see.
pub(crate) fn visible(statement: &mut SelectStatement, hidden: Option<Uuid>) {
    if let Some(batch) = hidden {
        statement.cond_where(Condition::any().add(col("batch").is_null()).add(col("batch").ne(batch)));
    }
}

/// The version that holds.
pub(crate) fn find(tx: &mut Tx, kind: &Kind, id: RecordId) -> Result<Option<Record>, StoreError> {
    let hidden = open_batch(tx, kind)?;
    let mut wanted = select(kind, &kind.table);
    wanted.and_where(col("id").eq(id.uuid()));
    visible(&mut wanted, hidden);
    Ok(tx.all_built(wanted, |row| read(kind, row))?.pop())
}

/// The record with this key, rows of an open import among them: nothing else may take it.
pub(crate) fn with_key(tx: &mut Tx, kind: &Kind, key: &str) -> Result<Option<RecordId>, StoreError> {
    let wanted = Query::select()
        .column(iden("id"))
        .from(iden(&kind.table))
        .and_where(col("key_fold").eq(key))
        .limit(1)
        .to_owned();
    Ok(tx.all_built(wanted, |row| row.get(0))?.pop())
}

/// The records whose field names one of these people, the newest first.
pub(crate) fn of_people(
    tx: &mut Tx,
    kind: &Kind,
    column: &Column,
    people: &[identity::PersonRef],
    most: u64,
) -> Result<Vec<Record>, StoreError> {
    let hidden = open_batch(tx, kind)?;
    let mut wanted = select(kind, &kind.table);
    wanted.and_where(col(&column.name).is_in(people.iter().map(|person| person.uuid())));
    visible(&mut wanted, hidden);
    wanted.order_by(iden("id"), Order::Desc).limit(most);
    tx.all_built(wanted, |row| read(kind, row))
}

/// Which of these keys are taken.
pub(crate) fn taken(tx: &mut Tx, kind: &Kind, keys: &[String]) -> Result<Vec<String>, StoreError> {
    let wanted = Query::select()
        .column(iden("key_fold"))
        .from(iden(&kind.table))
        .and_where(col("key_fold").is_in(keys.iter().cloned()))
        .to_owned();
    tx.all_built(wanted, |row| row.get(0))
}

/// Records whose names, folded, are among these: each with its name. Only where lists can filter by all of the name.
pub(crate) fn with_names(tx: &mut Tx, kind: &Kind, names: &[String]) -> Result<Vec<(String, RecordId)>, StoreError> {
    let filters: Option<Vec<&String>> = super::rules::name_columns(kind)
        .into_iter()
        .map(|column| column.filter.as_ref().filter(|_| column.is_folded()))
        .collect();
    let Some([first, others @ ..]) = filters.as_deref() else {
        return Ok(Vec::new());
    };
    let hidden = open_batch(tx, kind)?;
    let firsts = names
        .iter()
        .map(|name| name.split('\u{1f}').next().unwrap_or(name).to_owned());
    let mut wanted = Query::select()
        .column(iden("id"))
        .column(iden(first))
        .columns(others.iter().map(|name| iden(name)))
        .from(iden(&kind.table))
        .and_where(col(first).is_in(firsts))
        .limit(NAMES_MAX)
        .to_owned();
    visible(&mut wanted, hidden);
    let width = others.len() + 1;
    tx.all_built(wanted, |row| {
        let parts = (1..=width).map(|at| Ok(row.get::<Option<String>>(at)?.unwrap_or_default()));
        Ok((
            parts.collect::<Result<Vec<_>, StoreError>>()?.join("\u{1f}"),
            row.get(0)?,
        ))
    })
}

/// Records of an import that were changed since, the first of them, and how many.
pub(crate) fn changed_since(
    tx: &mut Tx,
    kind: &Kind,
    batch: Uuid,
    from: RecordId,
    most: usize,
) -> Result<(Vec<RecordId>, u64), StoreError> {
    let wanted = Query::select()
        .column(iden("id"))
        .from(iden(&kind.history))
        .and_where(col("id").gte(from.uuid()))
        .and_where(col("batch").eq(batch))
        .order_by(iden("id"), Order::Asc)
        .limit(COUNT_MAX)
        .to_owned();
    let mut found: Vec<RecordId> = tx.all_built(wanted, |row| row.get(0))?;
    let count = found.len() as u64;
    found.truncate(most);
    Ok((found, count))
}

/// Moves records of an import into the history as what was never right, some at a time; gives how many.
pub(crate) fn take_back(
    tx: &mut Tx,
    kind: &Kind,
    batch: Uuid,
    (from, most): (RecordId, u64),
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut wanted = select(kind, &kind.table);
    wanted
        .and_where(col("id").gte(from.uuid()))
        .and_where(col("batch").eq(batch))
        .order_by(iden("id"), Order::Asc)
        .limit(most);
    let records = tx.all_built(wanted, |row| read(kind, row))?;
    let mut names = names(kind);
    names.extend(["superseded_at".to_owned(), "voided".to_owned()]);
    let row = |record: &Record| {
        let mut row = cells(kind, record);
        row.extend([Cell::Time(now), Cell::Bool(true)]);
        row
    };
    let rows: Vec<_> = records.iter().map(row).collect();
    tx.insert_all_built(template(&kind.history, &names), &rows)?;
    let delete = Query::delete()
        .from_table(iden(&kind.table))
        .and_where(col("id").is_in(records.iter().map(|record| record.id.uuid())))
        .to_owned();
    tx.execute_built(delete)
}

/// The latest day on which one of the versions before the last began to hold that were not corrected.
pub(crate) fn floor(tx: &mut Tx, kind: &Kind, id: RecordId) -> Result<Option<Date>, StoreError> {
    let wanted = Query::select()
        .expr(col("valid_from").max())
        .from(iden(&kind.history))
        .and_where(col("id").eq(id.uuid()))
        .and_where(col("voided").eq(false))
        .to_owned();
    let found = tx.all_built(wanted, |row| row.get::<Option<Date>>(0))?;
    Ok(found.into_iter().flatten().next())
}

/// Every version of a record, the last first.
pub(crate) fn versions(tx: &mut Tx, kind: &Kind, id: RecordId) -> Result<Vec<Version>, StoreError> {
    let Some(record) = find(tx, kind, id)? else {
        return Ok(Vec::new());
    };
    let mut versions = vec![Version {
        record,
        superseded_at: None,
        voided: false,
    }];
    let mut wanted = select(kind, &kind.history);
    wanted
        .columns(["superseded_at", "voided"].map(iden))
        .and_where(col("id").eq(id.uuid()))
        .order_by(iden("revision"), Order::Desc)
        .limit(VERSIONS_MAX);
    let at = width(kind);
    versions.extend(tx.all_built(wanted, |row| {
        Ok(Version {
            record: read(kind, row)?,
            superseded_at: row.get(at)?,
            voided: row.get(at + 1)?,
        })
    })?);
    Ok(versions)
}

/// Whether a record is there, hidden or not.
pub(crate) fn is_there(tx: &mut Tx, kind: &Kind, id: RecordId) -> Result<bool, StoreError> {
    let wanted = Query::select()
        .column(iden("id"))
        .from(iden(&kind.table))
        .and_where(col("id").eq(id.uuid()))
        .to_owned();
    Ok(!tx.all_built(wanted, |row| row.get::<Uuid>(0))?.is_empty())
}

/// Versions of a record of which none holds any more, the last first: it was taken back with the import that brought it.
pub(crate) fn past(tx: &mut Tx, kind: &Kind, id: RecordId) -> Result<Vec<Version>, StoreError> {
    let mut wanted = select(kind, &kind.history);
    wanted
        .columns(["superseded_at", "voided"].map(iden))
        .and_where(col("id").eq(id.uuid()))
        .order_by(iden("revision"), Order::Desc)
        .limit(VERSIONS_MAX);
    let at = width(kind);
    tx.all_built(wanted, |row| {
        Ok(Version {
            record: read(kind, row)?,
            superseded_at: row.get(at)?,
            voided: row.get(at + 1)?,
        })
    })
}

/// Narrows a query over the table of a kind to what is asked for, and to what may be seen.
pub(crate) fn narrow(kind: &Kind, asked: &Asked, hidden: Option<Uuid>, statement: &mut SelectStatement) {
    for (at, value) in &asked.filters {
        let Some(column) = kind.columns.get(*at) else { continue };
        let Some(filter) = &column.filter else { continue };
        statement.and_where(match filter_cell(column, Some(value)) {
            Cell::Bool(yes) => col(filter).eq(yes),
            Cell::Int(number) => col(filter).eq(number),
            Cell::Text(text) => col(filter).eq(text.into_owned()),
            Cell::Date(day) => col(filter).eq(day),
            _ => Expr::value(false),
        });
    }
    if let Some(units) = &asked.units {
        statement.and_where(col("unit").is_in(units.iter().map(|unit| unit.uuid())));
    }
    if let Some([west, south, east, north]) = asked.bounds {
        statement
            .and_where(col("west").lte(east))
            .and_where(col("east").gte(west))
            .and_where(col("south").lte(north))
            .and_where(col("north").gte(south));
    }
    visible(statement, hidden);
}

/// The key after which the next page begins.
pub(crate) fn key_of(kind: &Kind, order: Option<(usize, bool)>, record: &Record) -> (Vec<u8>, RecordId) {
    let key = order.and_then(|(at, _)| {
        let column = kind.columns.get(at)?;
        Some(sort_key(column.shape, record.values.get(&column.field.name)))
    });
    (key.unwrap_or_default(), record.id)
}

/// One page of a list.
pub(crate) fn list(tx: &mut Tx, kind: &Kind, asked: &Asked) -> Result<Vec<Record>, StoreError> {
    let hidden = open_batch(tx, kind)?;
    let mut wanted = select(kind, &kind.table);
    narrow(kind, asked, hidden, &mut wanted);
    let sort = asked
        .order
        .and_then(|(at, descending)| Some((kind.columns.get(at)?.sort.clone()?, descending)));
    let descending = sort.as_ref().is_none_or(|(_, descending)| *descending);
    let direction = if descending { Order::Desc } else { Order::Asc };
    if let Some((key, id)) = &asked.after {
        let (place, last) = match &sort {
            Some((sort, _)) => (
                Expr::tuple([col(sort), col("id")]),
                Expr::tuple([Expr::value(key.clone()), Expr::value(id.uuid())]),
            ),
            None => (col("id"), Expr::value(id.uuid())),
        };
        wanted.and_where(if descending { place.lt(last) } else { place.gt(last) });
    }
    if let Some((sort, _)) = &sort {
        wanted.order_by(iden(sort).into_column_ref(), direction.clone());
    }
    wanted.order_by(iden("id"), direction).limit(asked.limit);
    tx.all_built(wanted, |row| read(kind, row))
}

/// How many records there are, counted up to [`COUNT_MAX`]: one more means more. None while an import is open: its rows would all
/// be passed over.
pub(crate) fn count(tx: &mut Tx, kind: &Kind, asked: &Asked) -> Result<Option<u64>, StoreError> {
    let hidden = open_batch(tx, kind)?;
    if hidden.is_some() {
        return Ok(None);
    }
    let mut some = Query::select().column(iden("id")).from(iden(&kind.table)).to_owned();
    narrow(kind, asked, hidden, &mut some);
    some.limit(COUNT_MAX + 1);
    let wanted = Query::select()
        .expr(Expr::cust("count(*)"))
        .from_subquery(some, iden("some"))
        .to_owned();
    let found = tx.all_built(wanted, |row| row.get::<i64>(0))?;
    Ok(Some(found.first().copied().unwrap_or(0).unsigned_abs()))
}

/// Fills the columns for filters and order of rows that were there before them, page by page.
pub(crate) fn fill_helpers(tx: &mut Tx, kind: &Kind) -> Result<(), StoreError> {
    let names = helpers(kind);
    let mut after = Uuid::nil();
    loop {
        let mut wanted = select(kind, &kind.table);
        wanted
            .and_where(col("id").gt(after))
            .order_by(iden("id"), Order::Asc)
            .limit(FILL_ROWS);
        let page = tx.all_built(wanted, |row| read(kind, row))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id.uuid();
        for record in &page {
            let mut update = Query::update().table(iden(&kind.table)).to_owned();
            for (name, cell) in names.iter().zip(helper_cells(kind, record)) {
                let value = match cell {
                    Cell::Text(text) => Expr::value(text.into_owned()),
                    Cell::Bytes(bytes) => Expr::value(bytes.into_owned()),
                    Cell::Int(number) => Expr::value(number),
                    _ => Expr::value(Option::<String>::None),
                };
                update.value(iden(name), value);
            }
            update.and_where(col("id").eq(record.id.uuid()));
            tx.execute_built(update)?;
        }
    }
}

/// Records of a kind after one of them, in the order of entry; rows of an open import are left out.
pub(crate) fn after_id(tx: &mut Tx, kind: &Kind, after: RecordId, limit: u64) -> Result<Vec<Record>, StoreError> {
    let hidden = open_batch(tx, kind)?;
    let mut wanted = select(kind, &kind.table);
    wanted
        .and_where(col("id").gt(after.uuid()))
        .order_by(iden("id"), Order::Asc)
        .limit(limit);
    visible(&mut wanted, hidden);
    tx.all_built(wanted, |row| read(kind, row))
}

/// Records that an import brought and that nobody changed since, after one of them.
pub(crate) fn of_batch(
    tx: &mut Tx,
    kind: &Kind,
    batch: Uuid,
    after: RecordId,
    limit: u64,
) -> Result<Vec<Record>, StoreError> {
    let mut wanted = select(kind, &kind.table);
    wanted
        .and_where(col("id").gt(after.uuid()))
        .and_where(col("batch").eq(batch))
        .order_by(iden("id"), Order::Asc)
        .limit(limit);
    tx.all_built(wanted, |row| read(kind, row))
}

/// Takes rows of an import away again, some at a time; gives how many.
pub(crate) fn take_away(tx: &mut Tx, kind: &Kind, batch: Uuid, from: RecordId, most: u64) -> Result<u64, StoreError> {
    let some = Query::select()
        .column(iden("id"))
        .from(iden(&kind.table))
        .and_where(col("id").gte(from.uuid()))
        .and_where(col("batch").eq(batch))
        .order_by(iden("id"), Order::Asc)
        .limit(most)
        .to_owned();
    let delete = Query::delete()
        .from_table(iden(&kind.table))
        .and_where(col("id").in_subquery(some))
        .to_owned();
    tx.execute_built(delete)
}
