//! Pages of features. A box is walked in the order of places; a filter that finds few rows, or no box at all, in the order of the
//! list, whose indexes know the filters that the definition declares. What the database cannot decide is decided of each row
//! that it lets through, and of a bounded number of rows a page.

use std::collections::HashMap;
use std::ops::ControlFlow;

use ::store::{StoreError, Tx};
use geo::Geometry;
use identity::UnitId;
use kernel::{Date, Timestamp};
use parking_lot::Mutex;
use register::listing::{self, Listing};
use register::place::{self, Reach};
use register::{Record, RecordId};
use sea_query::Condition;

use super::ask::{Ask, Cursor};
use super::collection::{Collection, View};
use super::{COUNT_MAX, feature};
use crate::cql::Comparison;
use crate::cql::check::{Node, Term};
use crate::cql::evaluate::{Facts, decide};
use crate::cql::store::narrowed;
use crate::tile::store::{Changed, changed, position};

/// Rows that are looked at for one page when the database cannot decide its filter.
const LOOK_MAX: u64 = 20_000;
/// Rows that are read at once then.
const LOOK_ROWS: u64 = 500;
/// A filter that finds no more rows than this is answered in the order of the list, whatever the box.
const FEW: u64 = 2_000;

/// Counts that are remembered.
const COUNTS_MAX: usize = 4_000;
/// How long the box of a collection is remembered.
const EXTENT_SECONDS: i64 = 600;
/// Longest question whose count is remembered, in bytes.
const QUESTION_MAX: usize = 2_000;

/// How many features questions had, until a record of the kind changes: the same few questions are asked again and again.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<HashMap<String, (i64, Option<u64>)>>, Extents);

/// The box of a collection by whose rows it holds, and when it was found.
type Extents = Mutex<HashMap<String, (Timestamp, [f64; 4])>>;

impl Counts {
    /// The count of a question, from memory while no record of the kind has changed since.
    fn of(&self, tx: &mut Tx, source: &Source<'_>, question: String) -> Result<Option<u64>, StoreError> {
        let kind = &source.collection.kind;
        // On PostgreSQL a change has its place in the order of changes only some time after it is there.
        if tx
            .opt("SELECT id FROM outbox WHERE position IS NULL LIMIT 1", &[], |_| Ok(()))?
            .is_some()
        {
            return source.count(tx);
        }
        let known = self.0.lock().get(&question).copied();
        if let Some((since, count)) = known {
            let (what, now) = changed(tx, &kind.system.code, &kind.record.name, since)?;
            if what == Changed::Nothing {
                self.keep(question, now, count);
                return Ok(count);
            }
        }
        // The position first: what changes after it makes the count old, not new.
        let now = position(tx)?;
        let count = source.count(tx)?;
        self.keep(question, now, count);
        Ok(count)
    }

    fn keep(&self, question: String, position: i64, count: Option<u64>) {
        let mut all = self.0.lock();
        if all.len() >= COUNTS_MAX {
            all.clear();
        }
        if question.len() <= QUESTION_MAX {
            all.insert(question, (position, count));
        }
    }
}

/// A page of features.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The records.
    pub(crate) records: Vec<Record>,
    /// Where the next page begins.
    pub(crate) next: Option<Cursor>,
    /// How many there are, when they were counted and are not too many.
    pub(crate) matched: Option<u64>,
}

/// What the database decides, and what is left.
struct Query<'a> {
    units: Option<Vec<UnitId>>,
    also: Option<Condition>,
    exact: Option<&'a Node>,
}

fn query<'a>(tx: &Tx, collection: &Collection, filter: Option<&'a Node>, today: Date) -> Query<'a> {
    let (units, rows) = match &collection.view {
        View::Own(units) => (units.clone(), None),
        View::Public(published) => (None, published.condition(&collection.kind, tx.engine(), today)),
    };
    let mut also = rows.map(|rows| Condition::all().add(rows));
    let mut exact = None;
    if let Some(node) = filter {
        let narrowed = narrowed(node, &collection.fields);
        also = Some(also.unwrap_or_else(Condition::all).add(narrowed.condition));
        exact = (!narrowed.is_exact).then_some(node);
    }
    Query { units, also, exact }
}

/// One page, and how many there are when `counts` are wanted: on the first.
pub(crate) fn page(
    tx: &mut Tx,
    collection: &Collection,
    ask: &Ask,
    today: Date,
    counts: Option<&Counts>,
) -> Result<Page, StoreError> {
    let query = query(tx, collection, ask.filter.as_ref(), today);
    let walk = walk(tx, collection, ask, today)?;
    let source = Source {
        collection,
        query: &query,
        walk,
    };
    match query.exact {
        None => decided(tx, &source, ask, counts.map(|counts| (counts, today))),
        Some(node) => looked_at(tx, &source, ask, node, counts.is_some()),
    }
}

/// In which order the rows are read.
#[derive(Clone, Copy)]
enum Walk {
    Places([f64; 4]),
    List,
}

fn walk(tx: &mut Tx, collection: &Collection, ask: &Ask, today: Date) -> Result<Walk, StoreError> {
    let Some(bounds) = ask.bounds else {
        return Ok(Walk::List);
    };
    match &ask.after {
        Some(Cursor::Place(..)) => return Ok(Walk::Places(bounds)),
        Some(Cursor::List(..)) => return Ok(Walk::List),
        None => {}
    }
    let Some(found) = ask.filter.as_ref().and_then(|filter| declared(filter, collection)) else {
        return Ok(Walk::Places(bounds));
    };
    let few = query(tx, collection, Some(&found), today);
    let listing = Listing {
        units: few.units,
        also: few.also,
        ..Listing::default()
    };
    let count = listing::store::count(tx, &collection.kind, &listing, FEW)?;
    Ok(if count < FEW { Walk::List } else { Walk::Places(bounds) })
}

/// The part of a filter that an index of the list answers.
fn declared(node: &Node, collection: &Collection) -> Option<Node> {
    match node {
        Node::And(all) => all.iter().find_map(|node| declared(node, collection)),
        Node::Compare(Comparison::Equal, one, other) => {
            let at = match (one, other) {
                (term, Term::Value(_)) | (Term::Value(_), term) => field_of(term)?,
                _ => return None,
            };
            collection
                .fields
                .get(at)
                .filter(|field| field.indexed)
                .map(|_| node.clone())
        }
        _ => None,
    }
}

fn field_of(term: &Term) -> Option<usize> {
    match term {
        Term::Field(at) => Some(*at),
        Term::Fold { inner, .. } => field_of(inner),
        Term::Value(_) => None,
    }
}

struct Source<'a> {
    collection: &'a Collection,
    query: &'a Query<'a>,
    walk: Walk,
}

impl Source<'_> {
    fn listing(&self, after: Option<&Cursor>, limit: u64) -> Listing {
        Listing {
            units: self.query.units.clone(),
            also: self.query.also.clone(),
            after: match after {
                Some(Cursor::List(key, id)) => Some((key.clone(), *id)),
                _ => None,
            },
            by_entry: self.collection.hides_order(),
            limit,
        }
    }

    fn reach(&self, bounds: [f64; 4], after: Option<&Cursor>, limit: u64) -> Reach {
        Reach {
            bounds: Some(bounds),
            units: self.query.units.clone(),
            also: self.query.also.clone(),
            after: match after {
                Some(Cursor::Place(cell, id)) => Some(place::Place { cell: *cell, id: *id }),
                _ => None,
            },
            limit,
        }
    }

    /// Rows that the database lets through, each with where it stands.
    fn rows(&self, tx: &mut Tx, after: Option<&Cursor>, limit: u64) -> Result<Vec<(Record, Cursor)>, StoreError> {
        let kind = &self.collection.kind;
        match self.walk {
            Walk::Places(bounds) => {
                let found = place::store::records(tx, kind, &self.reach(bounds, after, limit))?;
                let found = found.into_iter();
                Ok(found
                    .map(|found| (found.record, Cursor::Place(found.place.cell, found.place.id)))
                    .collect())
            }
            Walk::List => {
                let found = listing::store::page(tx, kind, &self.listing(after, limit))?;
                let at = |record: &Record| {
                    if self.collection.hides_order() {
                        return Cursor::List(Vec::new(), record.id);
                    }
                    let (key, id) = listing::store::key(kind, record);
                    Cursor::List(key, id)
                };
                Ok(found
                    .into_iter()
                    .map(|record| (at(&record), record))
                    .map(|(at, record)| (record, at))
                    .collect())
            }
        }
    }

    /// What is asked, as one text: whose rows, of which day, and which of them.
    fn question(&self, ask: &Ask, today: Date) -> String {
        let whose = self.collection.whose();
        format!(
            "{} {today} {whose} {:?} {:?}",
            self.collection.kind.table, ask.bounds, ask.filter
        )
    }

    fn count(&self, tx: &mut Tx) -> Result<Option<u64>, StoreError> {
        let (kind, most) = (&self.collection.kind, COUNT_MAX + 1);
        let count = match self.walk {
            Walk::Places(bounds) => place::store::count(tx, kind, &self.reach(bounds, None, 0), most)?,
            Walk::List => listing::store::count(tx, kind, &self.listing(None, 0), most)?,
        };
        Ok((count < most).then_some(count))
    }
}

/// A page of which the database decides everything.
fn decided(tx: &mut Tx, source: &Source<'_>, ask: &Ask, counts: Option<(&Counts, Date)>) -> Result<Page, StoreError> {
    let mut rows = source.rows(tx, ask.after.as_ref(), ask.limit + 1)?;
    let is_full = rows.len() as u64 > ask.limit;
    rows.truncate(usize::try_from(ask.limit).unwrap_or(usize::MAX));
    let matched = match (counts, is_full) {
        (None, _) => None,
        // The first page is all there is.
        (Some(_), false) => Some(rows.len() as u64),
        (Some((counts, today)), true) => counts.of(tx, source, source.question(ask, today))?,
    };
    let next = rows.last().filter(|_| is_full).map(|(_, at)| at.clone());
    Ok(Page {
        records: rows.into_iter().map(|(record, _)| record).collect(),
        next,
        matched,
    })
}

/// A page of which each row is looked at. It may end before it is full: the next one goes on where this one stopped looking.
fn looked_at(tx: &mut Tx, source: &Source<'_>, ask: &Ask, node: &Node, counts: bool) -> Result<Page, StoreError> {
    let mut look = Look {
        source,
        node,
        limit: ask.limit,
        counts,
        page: Page::default(),
        last: None,
        matched: 0,
    };
    let (mut after, mut left) = (ask.after.clone(), LOOK_MAX);
    while left > 0 {
        let rows = source.rows(tx, after.as_ref(), LOOK_ROWS.min(left))?;
        let is_last = (rows.len() as u64) < LOOK_ROWS.min(left);
        left -= rows.len() as u64;
        after = rows.last().map(|(_, at)| at.clone()).or(after);
        for row in rows {
            if look.take(row).is_break() {
                return Ok(look.page);
            }
        }
        if is_last {
            look.page.matched = counts.then_some(look.matched);
            return Ok(look.page);
        }
    }
    look.page.next = look.page.next.or(after);
    Ok(look.page)
}

struct Look<'a> {
    source: &'a Source<'a>,
    node: &'a Node,
    limit: u64,
    counts: bool,
    page: Page,
    last: Option<Cursor>,
    matched: u64,
}

impl Look<'_> {
    /// Takes a row when the filter is true of it; breaks once nothing more needs to be known.
    fn take(&mut self, (record, at): (Record, Cursor)) -> ControlFlow<()> {
        let place = record.shape.as_ref().map(feature::geometry);
        if !holds(self.node, self.source.collection, &record, place.as_ref()) {
            return ControlFlow::Continue(());
        }
        self.matched += 1;
        if (self.page.records.len() as u64) < self.limit {
            self.page.records.push(record);
            self.last = Some(at);
            return ControlFlow::Continue(());
        }
        self.page.next = self.page.next.take().or_else(|| self.last.clone());
        if self.counts && self.matched <= COUNT_MAX {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

fn holds(node: &Node, collection: &Collection, record: &Record, place: Option<&Geometry<f64>>) -> bool {
    let values = collection.values(record);
    let facts = Facts { values: &values, place };
    decide(node, &facts) == Some(true)
}

/// One feature.
pub(crate) fn one(
    tx: &mut Tx,
    collection: &Collection,
    id: RecordId,
    today: Date,
) -> Result<Option<Record>, StoreError> {
    let query = query(tx, collection, None, today);
    let listing = Listing {
        units: query.units,
        also: query.also,
        ..Listing::default()
    };
    listing::store::find(tx, &collection.kind, &listing, id)
}

/// The box in which all features lie, as it was some minutes ago at most: every row is looked at for it.
pub(crate) fn extent(
    tx: &mut Tx,
    collection: &Collection,
    (now, counts): (Timestamp, &Counts),
) -> Result<Option<[f64; 4]>, StoreError> {
    let key = format!("{} {}", collection.kind.table, collection.whose());
    let known = counts.1.lock().get(&key).copied();
    if let Some((found, sides)) = known
        && now.since(found).as_secs() < EXTENT_SECONDS
    {
        return Ok(Some(sides));
    }
    let query = query(tx, collection, None, now.local_date());
    let listing = Listing {
        units: query.units,
        also: query.also,
        ..Listing::default()
    };
    let found = listing::store::extent(tx, &collection.kind, &listing)?;
    let mut all = counts.1.lock();
    if all.len() >= COUNTS_MAX {
        all.clear();
    }
    if let Some(sides) = found {
        all.insert(key, (now, sides));
    }
    Ok(found)
}
