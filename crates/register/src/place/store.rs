//! SQL of records by place. A page walks the index of cells from one range to the next and stops when it is full, so that the
//! smallest page of the largest box reads no more than itself. Rows of an import that is not done are left out.

use ::store::{Row, StoreError, Tx};
use definition::Geometry;
use identity::UnitId;
use kernel::{Date, fold};
use sea_query::{Alias, Condition, Expr, ExprTrait as _, Order, Query, SelectStatement};

use super::{Found, Place, Reach};
use crate::import::store::open_batch;
use crate::kind::{Column, Kind, Shape};
use crate::open::Published;
use crate::record::store::{PLACE, read, select, visible, width};
use crate::record::{Record, RecordId};

/// A further condition on rows, by the columns of the kind's table.
pub type Also = Condition;

/// The least and the greatest cell: rows without a place have none.
const ALL: (i64, i64) = (0, i64::MAX);
/// Cells that are no range are asked for so many at a time.
const SINGLE_MAX: usize = 100;

fn iden(name: &str) -> Alias {
    Alias::new(name)
}

fn col(name: &str) -> Expr {
    Expr::col(iden(name))
}

/// One of several; nothing is one of none. PostgreSQL takes no comparison of two bare parameters, which an empty list becomes.
fn among(name: &str, all: impl Iterator<Item = uuid::Uuid>) -> Expr {
    let all: Vec<uuid::Uuid> = all.collect();
    if all.is_empty() {
        return Expr::cust("1 = 0");
    }
    col(name).is_in(all)
}

/// What rows must hold whose bounds meet one of these boxes; what is not in the index of cells.
fn meets(boxes: &[[f64; 4]]) -> Condition {
    let each = boxes.iter().map(|[west, south, east, north]| {
        Condition::all()
            .add(col("west").lte(*east))
            .add(col("east").gte(*west))
            .add(col("south").lte(*north))
            .add(col("north").gte(*south))
    });
    each.fold(Condition::any(), Condition::add)
}

/// A step of the walk: one range, or several single cells.
enum Step {
    Range(i64, i64),
    Single(Vec<i64>),
}

fn steps(kind: &Kind, reach: &Reach) -> Vec<Step> {
    if reach.bounds.is_none() {
        return vec![Step::Range(ALL.0, ALL.1)];
    }
    let mut steps = Vec::new();
    for (first, last) in reach.ranges(kind.geometry() == Some(Geometry::Point)) {
        match steps.last_mut() {
            _ if first < last => steps.push(Step::Range(first, last)),
            Some(Step::Single(cells)) if cells.len() < SINGLE_MAX => cells.push(first),
            _ => steps.push(Step::Single(vec![first])),
        }
    }
    steps
}

impl Step {
    fn last(&self) -> i64 {
        match self {
            Self::Range(_, last) => *last,
            Self::Single(cells) => cells.last().copied().unwrap_or(0),
        }
    }

    fn narrow(&self, wanted: &mut SelectStatement) {
        match self {
            Self::Range(first, last) => wanted.and_where(col("cell").between(*first, *last)),
            Self::Single(cells) => wanted.and_where(col("cell").is_in(cells.iter().copied())),
        };
    }
}

fn narrow(reach: &Reach, hidden: Option<uuid::Uuid>, wanted: &mut SelectStatement) {
    if reach.bounds.is_some() {
        wanted.cond_where(meets(&reach.boxes()));
    }
    if let Some(units) = &reach.units {
        wanted.and_where(among("unit", units.iter().map(|unit| unit.uuid())));
    }
    if let Some(also) = &reach.also {
        wanted.cond_where(also.clone());
    }
    visible(wanted, hidden);
}

/// One page of the records that meet a box.
///
/// # Errors
/// What the store says.
pub fn records(tx: &mut Tx, kind: &Kind, reach: &Reach) -> Result<Vec<Found>, StoreError> {
    let hidden = open_batch(tx, kind)?;
    let (mut found, at) = (Vec::new(), width(kind));
    for step in steps(kind, reach) {
        if reach.after.is_some_and(|after| after.cell > step.last()) {
            continue;
        }
        let left = reach.limit.saturating_sub(found.len() as u64);
        if left == 0 {
            break;
        }
        let mut wanted = select(kind, &kind.table);
        wanted.column(iden("cell"));
        step.narrow(&mut wanted);
        narrow(reach, hidden, &mut wanted);
        if let Some(after) = reach.after {
            let last = Expr::tuple([Expr::value(after.cell), Expr::value(after.id.uuid())]);
            wanted.and_where(Expr::tuple([col("cell"), col("id")]).gt(last));
        }
        wanted
            .order_by(iden("cell"), Order::Asc)
            .order_by(iden("id"), Order::Asc)
            .limit(left);
        found.extend(tx.all_built(wanted, |row| {
            let record = read(kind, row)?;
            let place = Place {
                cell: row.get(at)?,
                id: record.id,
            };
            Ok(Found { place, record })
        })?);
    }
    Ok(found)
}

/// How many records meet a box, counted up to `most`: `most` means at least as many.
///
/// # Errors
/// What the store says.
pub fn count(tx: &mut Tx, kind: &Kind, reach: &Reach, most: u64) -> Result<u64, StoreError> {
    let hidden = open_batch(tx, kind)?;
    let mut total = 0;
    for step in steps(kind, reach) {
        let mut some = Query::select().column(iden("id")).from(iden(&kind.table)).to_owned();
        step.narrow(&mut some);
        narrow(reach, hidden, &mut some);
        some.limit(most - total);
        let wanted = Query::select()
            .expr(Expr::cust("count(*)"))
            .from_subquery(some, iden("some"))
            .to_owned();
        total += tx
            .all_built(wanted, |row| row.get::<i64>(0))?
            .first()
            .copied()
            .unwrap_or(0)
            .unsigned_abs();
        if total >= most {
            break;
        }
    }
    Ok(total)
}

/// Which rows [`rows`] goes through.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// Every row with a place.
    All,
    /// Those that meet a box.
    Box([f64; 4]),
    /// These.
    Records(&'a [RecordId]),
}

/// The first column of a value among those that [`rows`] reads.
pub const VALUES_FROM: usize = 8;

/// Goes through rows with a place, in no order: id, unit, west, south, east, north, well-known binary (of a point its west again), whether
/// `published` admits the row, then `columns` of the kind's table by name. Nothing is kept of a row but what `on` keeps.
///
/// # Errors
/// What the store or `on` says.
pub fn rows(
    tx: &mut Tx,
    kind: &Kind,
    columns: &[&str],
    (published, today): (Option<&Published>, Date),
    which: Which<'_>,
    on: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let hidden = open_batch(tx, kind)?;
    let admitted = match published {
        None => Expr::cust("false"),
        Some(rule) => rule
            .condition(kind, tx.engine(), today)
            .unwrap_or_else(|| Expr::cust("true")),
    };
    let mut wanted = Query::select()
        .columns(["id", "unit", "west", "south", "east", "north"].map(iden))
        .from(iden(&kind.table))
        .to_owned();
    // A point is its bounds.
    let is_point = kind.geometry() == Some(Geometry::Point);
    wanted.column(iden(if is_point { "west" } else { PLACE[0] }));
    wanted.expr_as(Expr::expr(admitted), iden("admitted"));
    wanted.columns(columns.iter().map(|name| iden(name)));
    visible(&mut wanted, hidden);
    match which {
        Which::All => {
            wanted.and_where(col("west").is_not_null());
        }
        Which::Records(ids) => {
            wanted.and_where(col("west").is_not_null());
            wanted.and_where(among("id", ids.iter().map(|id| id.uuid())));
        }
        Which::Box(bounds) => {
            let reach = Reach {
                bounds: Some(bounds),
                ..Reach::default()
            };
            for step in steps(kind, &reach) {
                let mut part = wanted.clone();
                step.narrow(&mut part);
                part.cond_where(meets(&reach.boxes()));
                tx.all_built(part, &mut *on)?;
            }
            return Ok(());
        }
    }
    tx.all_built(wanted, on).map(|_| ())
}

/// These records, as far as they are there, in no order.
///
/// # Errors
/// What the store says.
pub fn of_ids(tx: &mut Tx, kind: &Kind, ids: &[RecordId]) -> Result<Vec<Record>, StoreError> {
    let hidden = open_batch(tx, kind)?;
    let mut wanted = select(kind, &kind.table);
    wanted.and_where(among("id", ids.iter().map(|id| id.uuid())));
    visible(&mut wanted, hidden);
    tx.all_built(wanted, |row| read(kind, row))
}

/// Records whose folded texts or key begin with these words, the first fields first, at most `limit`.
///
/// # Errors
/// What the store says.
pub fn beginning_with(
    tx: &mut Tx,
    kind: &Kind,
    text: &str,
    units: Option<&[UnitId]>,
    also: Option<Expr>,
    fields: &[&str],
    limit: u64,
) -> Result<Vec<Record>, StoreError> {
    let text = fold::fold(text);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let hidden = open_batch(tx, kind)?;
    // The first text after all that begin with these words.
    let end = format!("{text}\u{10ffff}");
    let folded = |column: &&Column| {
        column.is_folded() && column.shape == Shape::Text && fields.contains(&column.field.name.as_str())
    };
    let names = kind
        .columns
        .iter()
        .filter(folded)
        .filter_map(|column| column.filter.clone());
    let mut found: Vec<Record> = Vec::new();
    for name in names {
        let mut wanted = select(kind, &kind.table);
        wanted
            .and_where(col(&name).gte(text.clone()))
            .and_where(col(&name).lt(end.clone()))
            .limit(limit);
        if let Some(units) = units {
            wanted.and_where(among("unit", units.iter().map(|unit| unit.uuid())));
        }
        if let Some(also) = &also {
            wanted.and_where(also.clone());
        }
        visible(&mut wanted, hidden);
        for record in tx.all_built(wanted, |row| read(kind, row))? {
            if found.iter().all(|known| known.id != record.id) {
                found.push(record);
            }
        }
    }
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}
