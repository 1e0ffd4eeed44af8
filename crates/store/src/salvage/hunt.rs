//! The hunt for rows between damaged pages: stretches of row numbers are read, and halved where they fail, widest first,
//! so that what lies beside the damage is saved before time goes into what lies within.

use std::{
    collections::BinaryHeap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use rusqlite::Connection;

use super::column_list;
use crate::{
    archive::{ArchiveError, Lost},
    catalog::{Table, quoted},
    engine::sqlite::{cell, store_error},
    value::Value,
};

/// Failed reads spent on one table before the rest of its damaged stretches is given up unhalved.
const FAILURES_MAX: u32 = 50_000;
/// Longest search for an end of a table.
const ASK_MAX: Duration = Duration::from_secs(20);
/// Rows that a page may hold, for a guess at the end of a table.
const ROWS_OF_PAGE: i64 = 64;

/// A stretch of row numbers, ordered by its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    width: u64,
    first: i64,
    last: i64,
}

impl Stretch {
    fn of(first: i64, last: i64) -> Option<Stretch> {
        (first <= last).then(|| Stretch {
            width: last.abs_diff(first),
            first,
            last,
        })
    }
}

type OnRow<'f> = &'f mut dyn FnMut(&[Value<'_>]) -> Result<(), ArchiveError>;

/// Gives every row that can be read to `on_row`; the answer is what cannot.
pub(super) fn every_row(
    raw: &Connection,
    patience: &Patience,
    table: &Table,
    mut on_row: impl FnMut(&[Value<'_>]) -> Result<(), ArchiveError>,
) -> Result<Vec<Lost>, ArchiveError> {
    let mut hunt = Hunt::new(raw, patience, table);
    let mut waiting = BinaryHeap::new();
    let (start, end) = (hunt.edge(End::First), hunt.edge(End::Last));
    waiting.extend(Stretch::of(start.rowid, end.rowid));
    let mut failures = 0;
    while let Some(stretch) = waiting.pop() {
        let Some((rest, reason)) = hunt.read(stretch, &mut on_row)? else {
            continue;
        };
        failures += 1;
        if rest.width == 0 || failures > FAILURES_MAX {
            hunt.lose(rest.first, rest.last, reason);
            continue;
        }
        let middle = rest.first + i64::try_from(rest.width / 2).unwrap_or(0);
        waiting.extend(Stretch::of(rest.first, middle));
        waiting.extend(Stretch::of(middle + 1, rest.last));
    }
    if let Some(reason) = start.beyond {
        hunt.lose(i64::MIN, start.rowid.saturating_sub(1), reason);
    }
    if let Some(reason) = end.beyond {
        hunt.lose(end.rowid.saturating_add(1), i64::MAX, reason);
    }
    Ok(hunt.lost())
}

/// The two ends of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// Where a table's rows begin or end.
struct Edge {
    rowid: i64,
    /// Why nobody knows what lies beyond, if nobody does.
    beyond: Option<String>,
}

/// When a question is dropped, while there is one.
pub(super) type Patience = Arc<Mutex<Option<Instant>>>;

struct Hunt<'c> {
    raw: &'c Connection,
    patience: &'c Patience,
    table: &'c Table,
    rows_sql: String,
    lost: Vec<(i64, i64, String)>,
}

impl<'c> Hunt<'c> {
    fn new(raw: &'c Connection, patience: &'c Patience, table: &'c Table) -> Hunt<'c> {
        let (columns, name) = (column_list(table), quoted(&table.name));
        let rows_sql =
            format!("SELECT rowid, {columns} FROM {name} NOT INDEXED WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid");
        Hunt {
            raw,
            patience,
            table,
            rows_sql,
            lost: Vec::new(),
        }
    }

    /// The first or last row number, by whatever can still say it: the table, an index over it, the numbers given out. When
    /// the table itself cannot, what lies beyond is unknown, and without an index the size of the file gives a guess.
    fn edge(&self, end: End) -> Edge {
        let name = quoted(&self.table.name);
        let wanted = if end == End::First { "min(rowid)" } else { "max(rowid)" };
        let own = self.ask(&format!("SELECT {wanted} FROM {name}"));
        let mut known: Vec<i64> = own.iter().copied().flatten().chain(self.given_out()).collect();
        for index in self.indexes().unwrap_or_default() {
            let found = self.ask(&format!("SELECT {wanted} FROM {name} INDEXED BY {}", quoted(&index)));
            known.extend(found.ok().flatten());
        }
        let rowid = match (end, &own) {
            (End::First, Ok(_)) => known.into_iter().min().unwrap_or(1),
            (End::First, Err(_)) => known.into_iter().min().unwrap_or(1).min(1),
            (End::Last, _) => known.into_iter().max().unwrap_or_else(|| {
                let pages = self.ask("SELECT page_count FROM pragma_page_count").ok().flatten();
                if own.is_ok() {
                    0
                } else {
                    pages.unwrap_or(1).saturating_mul(ROWS_OF_PAGE)
                }
            }),
        };
        let which = if end == End::First { "start" } else { "end" };
        Edge {
            rowid,
            beyond: own.err().map(|fault| format!("the {which} of the table: {fault}")),
        }
    }

    /// One number. Damaged pages may lead in circles, so that the question is dropped after a while.
    fn ask(&self, sql: &str) -> rusqlite::Result<Option<i64>> {
        *self.patience.lock() = Some(Instant::now() + ASK_MAX);
        let answer = self.raw.query_row(sql, [], |row| row.get(0));
        *self.patience.lock() = None;
        answer
    }

    /// The last number given out, of a table that the engine numbers.
    fn given_out(&self) -> Option<i64> {
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
        self.raw.query_row(sql, [&self.table.name], |row| row.get(0)).ok()
    }

    /// Indexes that name every row.
    fn indexes(&self) -> rusqlite::Result<Vec<String>> {
        let mut statement = self
            .raw
            .prepare("SELECT name FROM pragma_index_list(?1) WHERE partial = 0")?;
        let names = statement.query_map([&self.table.name], |row| row.get(0))?;
        names.collect()
    }

    /// Reads a stretch; what remains of it after a fault, and the fault, come back.
    fn read(&mut self, stretch: Stretch, on_row: OnRow<'_>) -> Result<Option<(Stretch, String)>, ArchiveError> {
        let mut from = stretch.first;
        match self.stream(stretch, &mut from, on_row) {
            Ok(()) => Ok(None),
            Err(Fault::Row(fault)) => Err(fault),
            Err(Fault::Engine(fault)) => {
                let reason = store_error(fault, &self.table.name).to_string();
                Ok(Stretch::of(from, stretch.last).map(|rest| (rest, reason)))
            }
        }
    }

    fn stream(&mut self, stretch: Stretch, from: &mut i64, on_row: OnRow<'_>) -> Result<(), Fault> {
        let raw = self.raw;
        let mut statement = raw.prepare_cached(&self.rows_sql)?;
        let mut rows = statement.query([stretch.first, stretch.last])?;
        while let Some(row) = rows.next()? {
            let rowid: i64 = row.get(0)?;
            if rowid < *from {
                return Err(Fault::Engine(out_of_order()));
            }
            match self.decode(row) {
                Ok(values) => on_row(&values).map_err(Fault::Row)?,
                Err(reason) => self.lost.push((rowid, rowid, reason)),
            }
            *from = rowid.saturating_add(1);
            if rowid == i64::MAX {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A row as far as it makes sense: a page may be damaged in a way that SQLite does not see.
    fn decode<'r>(&self, row: &'r rusqlite::Row<'_>) -> Result<Vec<Value<'r>>, String> {
        let columns = self.table.columns.iter().enumerate();
        columns
            .map(|(at, column)| match cell::read(row, at + 1, column.kind) {
                Ok(Value::Null) if !column.nullable => Err(format!("column {} is empty", column.name)),
                Ok(value) => Ok(value),
                Err(fault) => Err(format!("column {}: {fault}", column.name)),
            })
            .collect()
    }

    fn lose(&mut self, first: i64, last: i64, reason: String) {
        self.lost.push((first, last, reason));
    }

    /// What is lost, neighbours put together.
    fn lost(mut self) -> Vec<Lost> {
        self.lost.sort();
        let mut joined: Vec<Lost> = Vec::new();
        for (first, last, reason) in self.lost {
            match joined.last_mut() {
                Some(before) if before.reason == reason && before.rowids.1.saturating_add(1) >= first => {
                    before.rowids.1 = before.rowids.1.max(last);
                }
                _ => joined.push(Lost {
                    table: self.table.name.clone(),
                    rowids: (first, last),
                    reason,
                }),
            }
        }
        joined
    }
}

/// Damage that SQLite does not see: pages that lead back to earlier ones.
fn out_of_order() -> rusqlite::Error {
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    rusqlite::Error::SqliteFailure(corrupt, Some("rows come out of order".to_owned()))
}

enum Fault {
    Engine(rusqlite::Error),
    Row(ArchiveError),
}

impl From<rusqlite::Error> for Fault {
    fn from(fault: rusqlite::Error) -> Fault {
        Fault::Engine(fault)
    }
}
