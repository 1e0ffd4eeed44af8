//! A table that rows are brought into. Owns the statements of an import, built from the catalogue with every name quoted,
//! and the numbers that the engine gives out afterwards.

use super::{Kind, export::text};
use crate::{
    EngineKind, StoreError, Tx,
    catalog::{Schema, Table, quoted},
    value::Value,
};

/// A table that is being filled, its columns in the order of the archive.
pub(super) struct Target {
    pub(super) name: String,
    pub(super) kinds: Vec<(String, Kind)>,
    /// Positions of the columns that are filled in at the end, and of the key.
    pub(super) forward: Vec<usize>,
    pub(super) key: Vec<usize>,
    numbered: bool,
}

impl Target {
    pub(super) fn new(schema: &Schema, table: &Table, kinds: &[(String, Kind)]) -> Result<Target, StoreError> {
        let place = |name: &str| kinds.iter().position(|(column, _)| column == name);
        let forward = schema
            .forward_columns(table)
            .into_iter()
            .filter_map(|at| place(&table.columns[at].name));
        Ok(Target {
            name: table.name.clone(),
            kinds: kinds.to_vec(),
            forward: forward.collect(),
            key: table.key.iter().filter_map(|name| place(name)).collect(),
            numbered: table.identity().is_some(),
        })
    }

    pub(super) fn insert(&self, engine: EngineKind, rows: usize) -> String {
        let names: Vec<String> = self.kinds.iter().map(|(name, _)| quoted(name)).collect();
        let columns = names.len();
        let row = |row: usize| {
            let marks: Vec<String> = (1..=columns)
                .map(|column| format!("${}", row * columns + column))
                .collect();
            format!("({})", marks.join(", "))
        };
        let values: Vec<String> = (0..rows).map(row).collect();
        let overriding = if self.numbered && engine == EngineKind::Postgres {
            " OVERRIDING SYSTEM VALUE"
        } else {
            ""
        };
        let table = quoted(&self.name);
        format!(
            "INSERT INTO {table} ({}){overriding} VALUES {}",
            names.join(", "),
            values.join(", ")
        )
    }
}

/// Makes the engine go on after the last number that was given out.
pub(super) fn set_number(tx: &mut Tx, table: &str, column: &str, last: i64) -> Result<(), StoreError> {
    match tx.engine() {
        EngineKind::Sqlite => {
            let changed = tx.execute_text(
                "UPDATE sqlite_sequence SET seq = $1 WHERE name = $2",
                &[Value::Int(last), text(table)],
            )?;
            if changed == 0 {
                let insert = "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)";
                tx.execute_text(insert, &[text(table), Value::Int(last)])?;
            }
            Ok(())
        }
        EngineKind::Postgres => tx.each_text(
            "SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3)",
            &[text(&quoted(table)), text(column), Value::Int(last)],
            &mut |_| Ok(true),
        ),
    }
}
