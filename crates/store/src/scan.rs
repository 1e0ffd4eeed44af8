//! A table read whole, page by page, in the order of its key. Owns the bound on memory of every walk over all rows
//! (export, re-sealing, verify). It refuses a table without a key: a page could not say where the next one begins.

use std::cmp::Ordering;

use crate::{
    StoreError, Tx,
    catalog::{Table, quoted},
    row::Row,
    value::{ScalarKind, Value},
};

/// Where a walk over a table stands. Cheap to clone; a clone goes on from the same place.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    first: String,
    next: String,
    kinds: Vec<ScalarKind>,
    /// Positions of the key within the selected columns.
    key: Vec<usize>,
    after: Option<Vec<Value<'static>>>,
    rows: usize,
    ended: bool,
}

impl Scan {
    /// Reads `columns`, which contain `key`, in pages of `rows`.
    pub(crate) fn new(table: &Table, columns: &[&str], key: &[&str], rows: usize) -> Result<Self, StoreError> {
        let mut kinds = Vec::new();
        for column in columns {
            kinds.push(table.column(column)?.kind);
        }
        let place = |name: &&str| columns.iter().position(|column| column == name);
        let Some(positions) = key
            .iter()
            .map(place)
            .collect::<Option<Vec<_>>>()
            .filter(|found| !found.is_empty())
        else {
            return Err(StoreError::Config(format!(
                "table {} has no key to read it by",
                table.name
            )));
        };
        let list = |names: &[&str]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let head = format!("SELECT {} FROM {}", list(columns), quoted(&table.name));
        let tail = format!("ORDER BY {} LIMIT {rows}", list(key));
        let marks = (1..=key.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        Ok(Self {
            first: format!("{head} {tail}"),
            next: format!("{head} WHERE ({}) > ({marks}) {tail}", list(key)),
            kinds,
            key: positions,
            after: None,
            rows,
            ended: false,
        })
    }

    /// The key of the last row that was read, for people.
    pub(crate) fn place(&self) -> String {
        let key = self.after.as_deref().unwrap_or_default();
        key.iter().map(text_of).collect::<Vec<_>>().join("/")
    }

    /// The next rows, none after the last.
    pub(crate) fn page(&mut self, tx: &mut Tx) -> Result<Vec<Vec<Value<'static>>>, StoreError> {
        if self.ended {
            return Ok(Vec::new());
        }
        let mut page = Vec::with_capacity(self.rows);
        let (sql, params) = match &self.after {
            None => (&self.first, &[][..]),
            Some(key) => (&self.next, key.as_slice()),
        };
        let (kinds, key) = (&self.kinds, &self.key);
        let mut after = self.after.clone();
        tx.each_text(sql, params, &mut |row| {
            let row = read(row, kinds)?;
            let place: Vec<Value<'static>> = key.iter().map(|at| row[*at].clone()).collect();
            if after.as_ref().is_some_and(|before| !comes_after(before, &place)) {
                // Damaged pages may lead in circles: the walk would never end.
                return Err(StoreError::Corrupt("the rows of a table come out of order".to_owned()));
            }
            after = Some(place);
            page.push(row);
            Ok(true)
        })?;
        self.after = after;
        self.ended = page.len() < self.rows;
        Ok(page)
    }
}

fn read(row: &Row<'_>, kinds: &[ScalarKind]) -> Result<Vec<Value<'static>>, StoreError> {
    kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| row.value(at, *kind).map(Value::into_owned))
        .collect()
}

/// Whether a key comes after another, as both engines order keys.
fn comes_after(before: &[Value<'_>], key: &[Value<'_>]) -> bool {
    let order = before.iter().zip(key).map(|pair| match pair {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Uuid(a), Value::Uuid(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        // Keys of other kinds are not compared.
        _ => Ordering::Less,
    });
    order.into_iter().find(|order| order.is_ne()) == Some(Ordering::Less)
}

/// A value of a key, for people.
pub(crate) fn text_of(value: &Value<'_>) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::Json(_) => format!("{value:?}"),
        Value::Int(v) => v.to_string(),
        Value::Text(v) => v.clone().into_owned(),
        Value::Bytes(v) => hex::encode(v),
        Value::Uuid(v) => v.to_string(),
        Value::Time(v) => v.to_string(),
        Value::Date(v) => v.to_string(),
    }
}
