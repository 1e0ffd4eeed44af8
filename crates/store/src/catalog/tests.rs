//! The catalogues of both engines say the same of the same migrations.

use super::{Column, Reference, Table, order, sqlite};
use crate::value::ScalarKind;

fn table(name: &str, references: &[(&str, bool)]) -> Table {
    let column = |(other, nullable): &(&str, bool)| Column {
        name: format!("{other}_id"),
        kind: ScalarKind::Uuid,
        nullable: *nullable,
        identity: false,
    };
    let reference = |(other, _): &(&str, bool)| Reference {
        columns: vec![format!("{other}_id")],
        table: (*other).to_owned(),
        to: vec!["id".to_owned()],
    };
    Table {
        name: name.to_owned(),
        columns: references.iter().map(column).collect(),
        key: vec!["id".to_owned()],
        references: references.iter().map(reference).collect(),
    }
}

fn names(tables: Vec<Table>) -> Vec<String> {
    order::by_reference(tables)
        .into_iter()
        .map(|table| table.name)
        .collect()
}

#[test]
fn a_table_comes_after_those_it_refers_to() {
    let tables = vec![
        table("a", &[("b", false), ("a", true)]),
        table("b", &[("c", false)]),
        table("c", &[]),
    ];
    assert_eq!(names(tables), ["c", "b", "a"]);
}

#[test]
fn a_ring_is_cut_where_a_reference_may_be_empty() {
    let tables = vec![table("a", &[("b", false)]), table("b", &[("a", true)])];
    assert_eq!(names(tables), ["b", "a"]);
}

#[test]
fn kinds_are_read_from_the_text_of_a_table() {
    let sql =
        "CREATE TABLE \"t\" (id BLOB /*uuid*/ PRIMARY KEY, -- a, comment (here\n \"at\" INTEGER /*time*/ NOT NULL,
        size INTEGER CHECK (size > 0 AND size < 9), ok INTEGER /*boolean*/ DEFAULT FALSE, doc TEXT /*json*/,
        kind TEXT CHECK (kind IN ('a, b', 'c')), day TEXT /*date*/, UNIQUE (id, \"at\")) STRICT";
    let expected = [
        ("id", ScalarKind::Uuid),
        ("at", ScalarKind::Time),
        ("ok", ScalarKind::Bool),
        ("doc", ScalarKind::Json),
        ("day", ScalarKind::Date),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(name, kind)| (name.to_owned(), kind))
        .collect();
    assert_eq!(sqlite::marks(sql), expected);
}
