//! PostgreSQL's catalogue, of the schema that the connection works in. Leaves out what the engine computes by itself
//! (generated columns), and refuses types that migrations may not use.

use super::{Column, Reference, Table};
use crate::{StoreError, Tx, value::ScalarKind};

const COLUMNS_SQL: &str = "SELECT c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable = 'YES', \
     c.is_identity = 'YES' FROM information_schema.columns AS c JOIN information_schema.tables AS t \
     ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
     WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' \
     ORDER BY c.table_name, c.ordinal_position";

/// Keys and references: the constraint, its kind, its table, the other table, one row for each pair of columns.
const KEYS_SQL: &str = "SELECT c.contype::text, c.conname::text, t.relname::text, f.relname::text, a.attname::text, b.attname::text \
     FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid LEFT JOIN pg_class AS f ON f.oid = c.confrelid \
     CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (own, other, place) \
     JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.own \
     LEFT JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = k.other \
     WHERE c.contype IN ('p', 'f') AND c.connamespace = current_schema()::regnamespace \
     ORDER BY t.relname, c.conname, k.place";

pub(super) fn tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let mut tables: Vec<Table> = Vec::new();
    tx.each_text(COLUMNS_SQL, &[], &mut |row| {
        let (table, column, declared): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let kind = kind(&declared).ok_or_else(|| {
            StoreError::Config(format!(
                "column {table}.{column} has the type {declared:?}, which is none of ours"
            ))
        })?;
        if tables.last().is_none_or(|last| last.name != table) {
            tables.push(Table {
                name: table,
                columns: Vec::new(),
                key: Vec::new(),
                references: Vec::new(),
            });
        }
        if let Some(last) = tables.last_mut() {
            last.columns.push(Column {
                name: column,
                kind,
                nullable: row.get(3)?,
                identity: row.get(4)?,
            });
        }
        Ok(true)
    })?;
    keys(tx, &mut tables)?;
    Ok(tables)
}

fn keys(tx: &mut Tx, tables: &mut [Table]) -> Result<(), StoreError> {
    let mut last = String::new();
    tx.each_text(KEYS_SQL, &[], &mut |row| {
        let (sort, constraint, name): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (other, column): (Option<String>, String) = (row.get(3)?, row.get(4)?);
        let to: Option<String> = row.get(5)?;
        let Some(table) = tables.iter_mut().find(|table| table.name == name) else {
            return Ok(true);
        };
        if sort == "p" {
            table.key.push(column);
            return Ok(true);
        }
        let full = format!("{name}.{constraint}");
        if full != last {
            let other = other.unwrap_or_default();
            table.references.push(Reference {
                columns: Vec::new(),
                table: other,
                to: Vec::new(),
            });
            last = full;
        }
        if let Some(reference) = table.references.last_mut() {
            reference.columns.push(column);
            reference.to.extend(to);
        }
        Ok(true)
    })
}

fn kind(declared: &str) -> Option<ScalarKind> {
    Some(match declared {
        "boolean" => ScalarKind::Bool,
        "bigint" => ScalarKind::Int,
        "double precision" => ScalarKind::Float,
        "text" => ScalarKind::Text,
        "bytea" => ScalarKind::Bytes,
        "uuid" => ScalarKind::Uuid,
        "timestamp with time zone" => ScalarKind::Time,
        "date" => ScalarKind::Date,
        "jsonb" => ScalarKind::Json,
        _ => return None,
    })
}
