//! SQL of records in the order of their list. The order is the one that the definition declares, by whose indexes filters that it
//! declares are answered without a look at other rows. Rows of an import that is not done are left out.

use ::store::{StoreError, Tx};
use identity::UnitId;
use sea_query::{Alias, Condition, Expr, ExprTrait as _, IntoColumnRef as _, Order, Query, SelectStatement};

use crate::import::store::open_batch;
use crate::kind::Kind;
use crate::record::store::{key_of, read, select, visible};
use crate::record::{Record, RecordId};

/// What is asked of a kind.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Only records of these units; of all without it.
    pub units: Option<Vec<UnitId>>,
    /// What must hold.
    pub also: Option<Condition>,
    /// Where the page before ended: the bytes of its last record by which lists are sorted, and the record.
    pub after: Option<(Vec<u8>, RecordId)>,
    /// Whether the order is that of entry, because whoever asks may not know the field by which lists are sorted.
    pub by_entry: bool,
    /// Most records of the page.
    pub limit: u64,
}

fn iden(name: &str) -> Alias {
    Alias::new(name)
}

fn col(name: &str) -> Expr {
    Expr::col(iden(name))
}

fn narrow(tx: &mut Tx, kind: &Kind, listing: &Listing, wanted: &mut SelectStatement) -> Result<(), StoreError> {
    let hidden = open_batch(tx, kind)?;
    if let Some(units) = &listing.units {
        wanted.and_where(col("unit").is_in(units.iter().map(|unit| unit.uuid())));
    }
    if let Some(also) = &listing.also {
        wanted.cond_where(also.clone());
    }
    visible(wanted, hidden);
    Ok(())
}

/// The column by which lists are sorted, and whether from the greatest.
fn sort(kind: &Kind, listing: &Listing) -> (Option<String>, bool) {
    if listing.by_entry {
        return (None, false);
    }
    let order = kind
        .order
        .and_then(|(at, descending)| Some((kind.columns.get(at)?.sort.clone()?, descending)));
    match order {
        Some((sort, descending)) => (Some(sort), descending),
        None => (None, false),
    }
}

/// One page of the records of which everything holds that is asked.
///
/// # Errors
/// What the store says.
pub fn page(tx: &mut Tx, kind: &Kind, listing: &Listing) -> Result<Vec<Record>, StoreError> {
    let mut wanted = select(kind, &kind.table);
    narrow(tx, kind, listing, &mut wanted)?;
    let (sort, descending) = sort(kind, listing);
    let direction = if descending { Order::Desc } else { Order::Asc };
    if let Some((key, id)) = &listing.after {
        let (place, last) = match &sort {
            Some(sort) => (
                Expr::tuple([col(sort), col("id")]),
                Expr::tuple([Expr::value(key.clone()), Expr::value(id.uuid())]),
            ),
            None => (col("id"), Expr::value(id.uuid())),
        };
        wanted.and_where(if descending { place.lt(last) } else { place.gt(last) });
    }
    if let Some(sort) = &sort {
        wanted.order_by(iden(sort).into_column_ref(), direction.clone());
    }
    wanted.order_by(iden("id"), direction).limit(listing.limit);
    tx.all_built(wanted, |row| read(kind, row))
}

/// How many records there are of which everything holds that is asked, counted up to `most`: `most` means at least as many.
///
/// # Errors
/// What the store says.
pub fn count(tx: &mut Tx, kind: &Kind, listing: &Listing, most: u64) -> Result<u64, StoreError> {
    let mut some = Query::select().column(iden("id")).from(iden(&kind.table)).to_owned();
    narrow(tx, kind, listing, &mut some)?;
    some.limit(most);
    let wanted = Query::select()
        .expr(Expr::cust("count(*)"))
        .from_subquery(some, iden("some"))
        .to_owned();
    let found = tx.all_built(wanted, |row| row.get::<i64>(0))?;
    Ok(found.first().copied().unwrap_or(0).unsigned_abs())
}

/// The record with this id, when everything holds of it that is asked.
///
/// # Errors
/// What the store says.
pub fn find(tx: &mut Tx, kind: &Kind, listing: &Listing, id: RecordId) -> Result<Option<Record>, StoreError> {
    let mut wanted = select(kind, &kind.table);
    wanted.and_where(col("id").eq(id.uuid()));
    narrow(tx, kind, listing, &mut wanted)?;
    Ok(tx.all_built(wanted, |row| read(kind, row))?.pop())
}

/// Where a record stands in the order of the list: what the next page begins after.
#[must_use]
pub fn key(kind: &Kind, record: &Record) -> (Vec<u8>, RecordId) {
    key_of(kind, kind.order, record)
}

/// West, south, east and north of all records; none when no record has a place.
///
/// # Errors
/// What the store says.
pub fn extent(tx: &mut Tx, kind: &Kind, listing: &Listing) -> Result<Option<[f64; 4]>, StoreError> {
    let mut wanted = Query::select().from(iden(&kind.table)).to_owned();
    wanted
        .expr(col("west").min())
        .expr(col("south").min())
        .expr(col("east").max())
        .expr(col("north").max());
    narrow(tx, kind, listing, &mut wanted)?;
    let found = tx.all_built(wanted, |row| {
        let sides: [Option<f64>; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        Ok(sides)
    })?;
    let sides = found.first().copied().unwrap_or_default();
    Ok(match sides {
        [Some(west), Some(south), Some(east), Some(north)] => Some([west, south, east, north]),
        _ => None,
    })
}
