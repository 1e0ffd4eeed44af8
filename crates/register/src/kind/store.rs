//! Tables of kinds: made and widened by what `sea-query` builds, and the row that says what their columns are.
//! Nothing here drops a column or a table.

use ::store::{StoreError, Tx};
use kernel::Timestamp;
use sea_query::{Alias, ColumnDef, Expr, ExprTrait as _, Index, IndexOrder, Query, Table};

use super::rules::{CELL, Plan, PlanFault, Stored, after, helpers, people, plan};
use super::{Kind, Shape};
use crate::record::store as records;

/// What the columns of a kind are.
pub(crate) fn stored(tx: &mut Tx, system: &str, kind: &str) -> Result<Option<Stored>, StoreError> {
    let found = tx.opt(
        "SELECT shape FROM register_kind WHERE system = $1 AND kind = $2",
        &[&system, &kind],
        |row| row.get::<serde_json::Value>(0),
    )?;
    let read =
        |shape| serde_json::from_value(shape).map_err(|error| StoreError::Config(format!("register_kind: {error}")));
    found.map(read).transpose()
}

/// What taking over a definition would do, or why it cannot be.
pub(crate) fn look(tx: &mut Tx, kind: &Kind) -> Result<Result<Plan, Vec<PlanFault>>, StoreError> {
    let found = stored(tx, &kind.system.code, &kind.record.name)?;
    plan(found.as_ref(), &Stored::wanted(kind), &mut |field| {
        has_data(tx, kind, field)
    })
}

fn has_data(tx: &mut Tx, kind: &Kind, field: &str) -> Result<bool, StoreError> {
    for table in [&kind.table, &kind.history] {
        let select = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new(format!("f_{field}"))).is_not_null())
            .limit(1)
            .to_owned();
        if !tx.all_built(select, |row| row.get::<uuid::Uuid>(0))?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Brings the tables of a kind to its definition. Says what was done.
pub(crate) fn take_over(tx: &mut Tx, kind: &Kind, now: Timestamp) -> Result<Result<Plan, Vec<PlanFault>>, StoreError> {
    let found = stored(tx, &kind.system.code, &kind.record.name)?;
    let wanted = Stored::wanted(kind);
    let next = match plan(found.as_ref(), &wanted, &mut |field| has_data(tx, kind, field))? {
        Ok(next) => next,
        Err(faults) => return Ok(Err(faults)),
    };
    let shape = after(found.as_ref(), &wanted);
    let unchanged = next == Plan::Keep && found.as_ref() == Some(&shape);
    if unchanged {
        return Ok(Ok(Plan::Keep));
    }
    // The row first: of two nodes that start at once the second waits here, and finds the tables made.
    let document = serde_json::to_value(&shape).map_err(|error| StoreError::Config(error.to_string()))?;
    tx.execute(
        "INSERT INTO register_kind (system, kind, table_name, shape, version, changed_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (system, kind) DO UPDATE SET shape = excluded.shape, version = excluded.version, \
         changed_at = excluded.changed_at",
        &[
            &kind.system.code,
            &kind.record.name,
            &kind.table,
            &document,
            &i64::from(kind.system.version),
            &now,
        ],
    )?;
    match &next {
        Plan::Create => create(tx, kind)?,
        Plan::Keep => {}
        Plan::Widen { fields, helpers } => {
            widen(tx, kind, fields, helpers)?;
            if !helpers.is_empty() {
                records::fill_helpers(tx, kind)?;
            }
        }
    }
    indexes(tx, kind)?;
    Ok(Ok(next))
}

fn column(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
}

fn of_shape(name: &str, shape: Shape) -> ColumnDef {
    let mut column = column(name);
    match shape {
        Shape::Boolean => column.boolean(),
        Shape::Text => column.text(),
        Shape::Number(_) => column.big_integer(),
        Shape::Date => column.date(),
        Shape::Person => column.uuid(),
        Shape::Persons | Shape::Texts => column.json_binary(),
    };
    column
}

/// Folded texts are texts, sort keys are bytes, the cell is a number.
fn helper(name: &str) -> ColumnDef {
    let mut column = column(name);
    if name == CELL {
        column.big_integer()
    } else if name.starts_with("x_") {
        column.text()
    } else {
        column.blob()
    };
    column
}

fn create(tx: &mut Tx, kind: &Kind) -> Result<(), StoreError> {
    for (name, is_history) in [(&kind.table, false), (&kind.history, true)] {
        let mut table = Table::create().table(Alias::new(name)).if_not_exists().to_owned();
        table.col(column("id").uuid().not_null());
        table.col(column("revision").big_integer().not_null());
        table.col(column("valid_from").date().not_null());
        table.col(column("known_at").timestamp_with_time_zone().not_null());
        for text in ["act", "source", "who"] {
            table.col(column(text).text().not_null());
        }
        for text in ["origin", "reason", "key_fold"] {
            table.col(column(text).text());
        }
        table.col(column("unit").uuid().not_null());
        table.col(column("account").uuid());
        table.col(column("batch").uuid());
        if kind.geometry().is_some() {
            table.col(column("geometry").blob());
            for side in ["west", "south", "east", "north"] {
                table.col(column(side).double());
            }
            table.col(column("outside").boolean());
        }
        for one in &kind.columns {
            table.col(of_shape(&one.name, one.shape));
        }
        if is_history {
            table.col(column("superseded_at").timestamp_with_time_zone().not_null());
            table.col(column("voided").boolean().not_null());
            table.primary_key(Index::create().col(Alias::new("id")).col(Alias::new("revision")));
        } else {
            for name in helpers(kind) {
                table.col(helper(&name));
            }
            table.primary_key(Index::create().col(Alias::new("id")));
        }
        tx.execute_built(table)?;
    }
    Ok(())
}

fn widen(tx: &mut Tx, kind: &Kind, fields: &[String], helpers: &[String]) -> Result<(), StoreError> {
    let add = |tx: &mut Tx, table: &str, column: ColumnDef| {
        let alter = Table::alter().table(Alias::new(table)).add_column(column).to_owned();
        tx.execute_built(alter).map(|_| ())
    };
    for field in fields {
        let Some(one) = kind.column(field) else { continue };
        for table in [&kind.table, &kind.history] {
            add(tx, table, of_shape(&one.name, one.shape))?;
        }
    }
    helpers.iter().try_for_each(|name| add(tx, &kind.table, helper(name)))
}

/// Each declared pair of a filter and the order of lists, each field that lists can be sorted by, the units, the key. The batch
/// stands last, so that rows of an open import are passed over without a look at the table.
fn indexes(tx: &mut Tx, kind: &Kind) -> Result<(), StoreError> {
    let order = kind.order.and_then(|(at, _)| kind.columns[at].sort.clone());
    let mut wanted: Vec<Vec<String>> = kind
        .columns
        .iter()
        .filter_map(|one| one.sort.clone())
        .map(|sort| vec![sort])
        .collect();
    let filters = kind.filters.iter().filter_map(|at| kind.columns[*at].filter.clone());
    for first in filters.chain(["unit".to_owned()]) {
        wanted.push(std::iter::once(first).chain(order.clone()).collect());
    }
    if kind.geometry().is_some() {
        wanted.push(vec![CELL.to_owned()]);
    }
    wanted.extend(people(kind).into_iter().map(|column| vec![column]));
    for columns in wanted {
        let mut index = Index::create()
            .name(format!("{}_{}", kind.table, short(&columns)))
            .table(Alias::new(&kind.table))
            .if_not_exists()
            .to_owned();
        for name in columns.iter().map(String::as_str).chain(["id", "batch"]) {
            index.col((Alias::new(name), IndexOrder::Asc));
        }
        tx.execute_built(index)?;
    }
    let key = Index::create()
        .name(format!("{}_key", kind.table))
        .table(Alias::new(&kind.table))
        .if_not_exists()
        .unique()
        .col(Alias::new("key_fold"))
        .to_owned();
    tx.execute_built(key).map(|_| ())
}

/// A short name of an index that differs for other columns.
fn short(columns: &[String]) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, columns.join(",").as_bytes());
    hex::encode(&hash.as_ref()[..6])
}
