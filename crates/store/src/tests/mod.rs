//! Tests of the seam on both engines. PostgreSQL is the private cluster that `TINHSO_TEST_POSTGRES` names.

mod commit;
mod jobs;
mod migrations;
mod outbox;
mod race;
mod refuse;
mod search;
mod values;

use crate::{Migration, MigrationSet, Store, StoreError, Tx};

/// Tables for these tests.
pub(crate) const SAMPLE: MigrationSet = MigrationSet::new(
    "sample",
    &[
        Migration::portable(
            "0001_note",
            "CREATE TABLE note (
                id BIGINT PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                weight BIGINT NOT NULL DEFAULT 0 CHECK (weight >= 0),
                parent BIGINT REFERENCES note (id)
            );
            CREATE INDEX note_parent ON note (parent);",
        ),
        Migration::portable(
            "0002_kinds",
            "CREATE TABLE kinds (
                id UUID PRIMARY KEY, yes BOOLEAN, whole BIGINT, real DOUBLE PRECISION, words TEXT, raw BYTEA,
                at TIMESTAMPTZ, day DATE, doc JSONB
            );
            CREATE SEARCH INDEX sample_search;",
        ),
    ],
);

pub(crate) fn add(tx: &mut Tx, id: i64, name: &str) -> Result<(), StoreError> {
    tx.execute("INSERT INTO note (id, name) VALUES ($1, $2)", &[&id, &name])
        .map(|_| ())
}

pub(crate) async fn count(store: &Store) -> i64 {
    let count = store.read(|tx| tx.one("SELECT count(*) FROM note", &[], |row| row.get::<i64>(0)));
    count.await.expect("the count is read")
}
