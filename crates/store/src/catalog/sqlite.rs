//! SQLite's catalogue. Owns the reading of kinds out of the stored text of a table: its STRICT types do not tell a UUID
//! from other bytes nor a time from a number, so the migrator leaves a comment with each type (`BLOB /*uuid*/`).

use super::{Column, Reference, Table};
use crate::{StoreError, Tx, value::ScalarKind};

const TABLES_SQL: &str = "SELECT s.name, s.sql FROM sqlite_schema AS s JOIN pragma_table_list AS l \
     ON l.schema = 'main' AND l.name = s.name WHERE s.type = 'table' AND l.type = 'table' AND s.name NOT LIKE 'sqlite%'";
const COLUMNS_SQL: &str =
    "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY cid";
const REFERENCES_SQL: &str = "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list($1) ORDER BY id, seq";

pub(super) fn tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let mut found = Vec::new();
    tx.each_text(TABLES_SQL, &[], &mut |row| {
        found.push((row.get::<String>(0)?, row.get::<String>(1)?));
        Ok(true)
    })?;
    found.into_iter().map(|(name, sql)| table(tx, name, &sql)).collect()
}

fn table(tx: &mut Tx, name: String, sql: &str) -> Result<Table, StoreError> {
    let param = [crate::value::Value::Text(name.clone().into())];
    let marks = marks(sql);
    let numbered = sql.to_ascii_uppercase().contains("AUTOINCREMENT");
    let (mut columns, mut key) = (Vec::new(), Vec::new());
    tx.each_text(COLUMNS_SQL, &param, &mut |row| {
        let column: String = row.get(0)?;
        let (declared, notnull, place): (String, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let mark = marks
            .iter()
            .find(|(marked, _)| *marked == column)
            .map(|(_, kind)| *kind);
        let kind = mark
            .or_else(|| plain_kind(&declared))
            .ok_or_else(|| unknown(&name, &column, &declared))?;
        if place > 0 {
            key.push((place, column.clone()));
        }
        let identity = numbered && place > 0;
        columns.push(Column {
            name: column,
            kind,
            nullable: notnull == 0 && place == 0,
            identity,
        });
        Ok(true)
    })?;
    key.sort();
    let references = references(tx, &param)?;
    Ok(Table {
        name,
        columns,
        key: key.into_iter().map(|(_, column)| column).collect(),
        references,
    })
}

fn references(tx: &mut Tx, table: &[crate::value::Value<'static>]) -> Result<Vec<Reference>, StoreError> {
    let mut references: Vec<(i64, Reference)> = Vec::new();
    tx.each_text(REFERENCES_SQL, table, &mut |row| {
        let (id, other, from): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        // Without a column named, the reference is to the primary key.
        let to: Option<String> = row.get(3)?;
        if references.last().is_none_or(|(last, _)| *last != id) {
            references.push((
                id,
                Reference {
                    columns: Vec::new(),
                    table: other,
                    to: Vec::new(),
                },
            ));
        }
        if let Some((_, reference)) = references.last_mut() {
            reference.columns.push(from);
            reference.to.extend(to);
        }
        Ok(true)
    })?;
    Ok(references.into_iter().map(|(_, reference)| reference).collect())
}

fn plain_kind(declared: &str) -> Option<ScalarKind> {
    match declared {
        "INTEGER" | "INT" => Some(ScalarKind::Int),
        "REAL" => Some(ScalarKind::Float),
        "TEXT" => Some(ScalarKind::Text),
        "BLOB" => Some(ScalarKind::Bytes),
        _ => None,
    }
}

fn unknown(table: &str, column: &str, declared: &str) -> StoreError {
    StoreError::Config(format!(
        "column {table}.{column} has the type {declared:?}, which is none of ours"
    ))
}

/// The marked columns of a table's text, with their kinds.
pub(super) fn marks(sql: &str) -> Vec<(String, ScalarKind)> {
    let mut marks = Vec::new();
    for definition in definitions(sql) {
        let (name, rest) = first_name(definition);
        let kind = rest
            .split_once("/*")
            .and_then(|(_, after)| after.split_once("*/"))
            .map(|(mark, _)| mark.trim());
        let kind = match kind {
            Some("uuid") => ScalarKind::Uuid,
            Some("time") => ScalarKind::Time,
            Some("boolean") => ScalarKind::Bool,
            Some("json") => ScalarKind::Json,
            Some("date") => ScalarKind::Date,
            _ => continue,
        };
        marks.push((name, kind));
    }
    marks
}

/// The parts of a table's text between its outer parentheses, cut at the commas of that level.
fn definitions(sql: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_u32, 0);
    let mut at = 0;
    while at < sql.len() {
        let rest = &sql[at..];
        let step = skip(rest);
        if step > 0 {
            at += step;
            continue;
        }
        let letter = rest.chars().next().map_or(1, char::len_utf8);
        match rest.as_bytes()[0] {
            b'(' => {
                depth += 1;
                if depth == 1 {
                    from = at + 1;
                }
            }
            b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    parts.push(&sql[from..at]);
                    return parts;
                }
            }
            b',' if depth == 1 => {
                parts.push(&sql[from..at]);
                from = at + 1;
            }
            _ => {}
        }
        at += letter;
    }
    parts
}

/// Length of the text, quoted name or comment that `rest` begins with; 0 if it begins with none.
fn skip(rest: &str) -> usize {
    let until = |open: usize, close: &str| {
        rest[open..]
            .find(close)
            .map_or(rest.len(), |at| open + at + close.len())
    };
    if rest.starts_with("--") {
        until(2, "\n")
    } else if rest.starts_with("/*") {
        until(2, "*/")
    } else if rest.starts_with('\'') {
        until(1, "'")
    } else if rest.starts_with('"') {
        until(1, "\"")
    } else {
        0
    }
}

/// The name a definition begins with, and what follows it. Comments before the name are passed over.
fn first_name(definition: &str) -> (String, &str) {
    let mut rest = definition.trim_start();
    while rest.starts_with("--") || rest.starts_with("/*") {
        rest = rest[skip(rest)..].trim_start();
    }
    let end = match rest.strip_prefix('"') {
        Some(after) => after.find('"').map_or(rest.len(), |at| at + 2),
        None => rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len()),
    };
    (rest[..end].trim_matches('"').to_owned(), &rest[end..])
}
