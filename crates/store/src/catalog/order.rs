//! The order in which tables can be filled. Owns the rule for rings of references: they are cut where a reference may be
//! empty, and such references are filled in last.

use super::{Reference, Table};

/// A table after those it refers to; by name where that leaves a choice, so that both engines give one order.
pub(super) fn by_reference(mut tables: Vec<Table>) -> Vec<Table> {
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    let mut ordered: Vec<Table> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let ready = |strict: bool| {
            tables.iter().position(|table| {
                table.references.iter().all(|reference| {
                    reference.table == table.name
                        || ordered.iter().any(|done| done.name == reference.table)
                        || (!strict && may_be_empty(table, reference))
                })
            })
        };
        // In a ring without an optional reference any order fails; the import then says so at the row.
        let next = ready(true).or_else(|| ready(false)).unwrap_or(0);
        ordered.push(tables.remove(next));
    }
    ordered
}

fn may_be_empty(table: &Table, reference: &Reference) -> bool {
    let nullable = |name: &String| {
        table
            .columns
            .iter()
            .any(|column| column.nullable && column.name == *name)
    };
    reference.columns.iter().any(nullable)
}
