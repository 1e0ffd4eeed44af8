//! The tables as the database itself describes them: columns with their kinds, keys, references.
//! Owns the reading of both engines' catalogues, so that export, verify and re-sealing need no word from the crates whose
//! tables they walk. It refuses a column of a type that migrations may not use.

mod order;
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;

use crate::{EngineKind, StoreError, Tx, value::ScalarKind};

/// The tables of a database, a table after those it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The tables.
    pub tables: Vec<Table>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in their order; those that the engine computes are left out.
    pub columns: Vec<Column>,
    /// The columns of its primary key.
    pub key: Vec<String>,
    /// Its references to other tables, and to itself.
    pub references: Vec<Reference>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The shape of its values.
    pub kind: ScalarKind,
    /// Whether it may be empty.
    pub nullable: bool,
    /// Whether the engine numbers its rows.
    pub identity: bool,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table referred to.
    pub table: String,
    /// The columns referred to.
    pub to: Vec<String>,
}

impl Schema {
    /// Reads the catalogue of the database.
    ///
    /// # Errors
    /// A column of an unknown type, tables that refer to each other in a ring that cannot be cut, or a fault of the engine.
    pub fn read(tx: &mut Tx) -> Result<Self, StoreError> {
        let tables = match tx.engine() {
            EngineKind::Sqlite => sqlite::tables(tx)?,
            EngineKind::Postgres => postgres::tables(tx)?,
        };
        Ok(Self {
            tables: order::by_reference(tables),
        })
    }

    /// The table of this name.
    ///
    /// # Errors
    /// `Config` when there is none.
    pub fn table(&self, name: &str) -> Result<&Table, StoreError> {
        let found = self.tables.iter().find(|table| table.name == name);
        found.ok_or_else(|| StoreError::Config(format!("there is no table {name} in the database")))
    }

    /// The columns of `table` that refer to tables which come later, or to itself: an import fills them last.
    pub fn forward_columns(&self, table: &Table) -> Vec<usize> {
        let place = |name: &str| self.tables.iter().position(|other| other.name == name);
        let own = place(&table.name);
        let forward = table
            .references
            .iter()
            .filter(|reference| place(&reference.table) >= own);
        let names: Vec<&String> = forward.flat_map(|reference| &reference.columns).collect();
        let late = |column: &Column| column.nullable && names.contains(&&column.name);
        (0..table.columns.len())
            .filter(|at| late(&table.columns[*at]))
            .collect()
    }
}

impl Table {
    /// The column of this name.
    ///
    /// # Errors
    /// `Config` when there is none.
    pub fn column(&self, name: &str) -> Result<&Column, StoreError> {
        let found = self.columns.iter().find(|column| column.name == name);
        found.ok_or_else(|| StoreError::Config(format!("there is no column {name} in table {}", self.name)))
    }

    /// `UPDATE … SET column = $1 WHERE key = $2 … AND column = $n`: changes a value only if it is still the old one.
    pub(crate) fn update_statement(&self, column: &str, key: &[&str]) -> Result<String, StoreError> {
        self.column(column)?;
        let mut wheres = Vec::new();
        for name in key.iter().copied().chain([column]) {
            self.column(name)?;
            wheres.push(format!("{} = ${}", quoted(name), wheres.len() + 2));
        }
        let (table, column) = (quoted(&self.name), quoted(column));
        Ok(format!(
            "UPDATE {table} SET {column} = $1 WHERE {}",
            wheres.join(" AND ")
        ))
    }

    /// Names of the columns.
    pub(crate) fn column_names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// Names of the columns of the key.
    pub(crate) fn key_names(&self) -> Vec<&str> {
        self.key.iter().map(String::as_str).collect()
    }

    /// The column that the engine numbers, if there is one.
    pub(crate) fn identity(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.identity)
    }
}

/// A name as both engines take it, whatever it holds.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
