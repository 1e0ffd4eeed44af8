//! Every reference has its target. Both engines see to that at each write; here it is seen again, after damage, a restore
//! or a hand at the database.

use super::{Findings, schema};
use crate::{
    Store, StoreError,
    catalog::{Reference, Schema, Table, quoted},
    value::Value,
};

/// Dangling references that are named one by one for each foreign key.
const NAMED_MAX: usize = 100;

pub(super) async fn check(store: &Store) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    let schema = schema(store).await?;
    for table in &schema.tables {
        for reference in &table.references {
            let found = one(store, &schema, table, reference).await?;
            findings.checked(1);
            let place = format!("{}.{}", table.name, reference.columns.join(","));
            for row in found {
                findings.problem(format!("{place} {row}"), format!("no such row in {}", reference.table));
            }
        }
    }
    Ok(findings)
}

async fn one(store: &Store, schema: &Schema, table: &Table, reference: &Reference) -> Result<Vec<String>, StoreError> {
    let to = if reference.to.is_empty() {
        &schema.table(&reference.table)?.key
    } else {
        &reference.to
    };
    let pairs: Vec<String> = reference
        .columns
        .iter()
        .zip(to)
        .map(|(own, other)| format!("p.{} = c.{}", quoted(other), quoted(own)))
        .collect();
    let filled: Vec<String> = reference
        .columns
        .iter()
        .map(|own| format!("c.{} IS NOT NULL", quoted(own)))
        .collect();
    let key: Vec<String> = table.key.iter().map(|column| format!("c.{}", quoted(column))).collect();
    let sql = format!(
        "SELECT {} FROM {} AS c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {}) LIMIT {NAMED_MAX}",
        if key.is_empty() { "1".to_owned() } else { key.join(", ") },
        quoted(&table.name),
        filled.join(" AND "),
        quoted(&reference.table),
        pairs.join(" AND "),
    );
    let kinds = table
        .key
        .iter()
        .map(|name| table.column(name).map(|column| column.kind))
        .collect::<Result<Vec<_>, _>>()?;
    store
        .read(move |tx| {
            let mut found = Vec::new();
            tx.each_text(&sql, &[], &mut |row| {
                let key: Result<Vec<String>, StoreError> = kinds
                    .iter()
                    .enumerate()
                    .map(|(at, kind)| row.value(at, *kind).map(|value| shown(&value)))
                    .collect();
                found.push(key?.join("/"));
                Ok(true)
            })?;
            Ok(found)
        })
        .await
}

fn shown(value: &Value<'_>) -> String {
    crate::scan::text_of(value)
}
