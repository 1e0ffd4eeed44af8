//! Migrations go forward only, once, whole, and are never edited afterwards.

use super::{SAMPLE, count};
use crate::{Migration, MigrationSet, Mode, StoreConfig, StoreError, testing::on_both};

const FIRST: Migration = SAMPLE.migrations[0];

on_both!(a_later_program_adds_and_an_earlier_one_refuses, |db| {
    const OLD: MigrationSet = MigrationSet::new("sample", &[FIRST]);
    drop(db.open(&[OLD]).await);
    let beside = db
        .try_open(
            StoreConfig {
                mode: Mode::Beside,
                ..db.config()
            },
            &[SAMPLE],
        )
        .await;
    assert!(matches!(beside, Err(StoreError::Older)), "{beside:?}");
    drop(db.open(&[SAMPLE]).await);
    drop(db.open(&[SAMPLE]).await);
    let refused = db.try_open(db.config(), &[OLD]).await.unwrap_err();
    assert!(refused.to_string().contains("written by a newer version"), "{refused}");
    let unknown = db.try_open(db.config(), &[]).await;
    assert!(matches!(unknown, Err(StoreError::Newer { .. })), "{unknown:?}");
});

on_both!(an_edited_migration_is_refused, |db| {
    const EDITED: MigrationSet = MigrationSet::new(
        "sample",
        &[Migration::portable(
            "0001_note",
            "CREATE TABLE note (id BIGINT PRIMARY KEY);",
        )],
    );
    const OLD: MigrationSet = MigrationSet::new("sample", &[FIRST]);
    drop(db.open(&[OLD]).await);
    let refused = db.try_open(db.config(), &[EDITED]).await;
    let Err(StoreError::Changed { set, migration }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((set.as_str(), migration.as_str()), ("sample", "0001_note"));
    const BEFORE: MigrationSet = MigrationSet::new(
        "sample",
        &[Migration::portable("0000_first", "CREATE TABLE x (id BIGINT);"), FIRST],
    );
    let refused = db.try_open(db.config(), &[BEFORE]).await;
    assert!(matches!(refused, Err(StoreError::Changed { .. })), "{refused:?}");
});

on_both!(a_migration_that_fails_leaves_nothing, |db| {
    const BAD: MigrationSet = MigrationSet::new(
        "sample",
        &[
            FIRST,
            Migration::portable(
                "0002_bad",
                "CREATE TABLE half (id BIGINT PRIMARY KEY); CREATE TABLE note (id BIGINT);",
            ),
        ],
    );
    let refused = db.try_open(db.config(), &[BAD]).await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Migration { migration, .. } if migration == "0002_bad"),
        "{refused}"
    );
    let store = db.open(&[SAMPLE]).await;
    assert_eq!(count(&store).await, 0);
    let half = store
        .read(|tx| tx.one("SELECT count(*) FROM half", &[], |row| row.get::<i64>(0)))
        .await;
    assert!(half.is_err());
});

on_both!(a_table_is_made_anew_under_its_references, |db| {
    const ANEW: MigrationSet = MigrationSet::new(
        "sample",
        &[
            FIRST,
            Migration::each(
                "0002_anew",
                "CREATE TABLE note_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, weight INTEGER NOT NULL,
                     parent INTEGER REFERENCES note (id)) STRICT;
                 INSERT INTO note_new SELECT id, name, weight, parent FROM note;
                 DROP TABLE note;
                 ALTER TABLE note_new RENAME TO note;",
                "ALTER TABLE note ALTER COLUMN weight DROP DEFAULT;",
            ),
        ],
    );
    const OLD: MigrationSet = MigrationSet::new("sample", &[FIRST]);
    let store = db.open(&[OLD]).await;
    let insert = "INSERT INTO note (id, name, weight, parent) VALUES (1, 'a', 0, NULL), (2, 'b', 0, 1)";
    store.write(move |tx| tx.execute(insert, &[])).await.unwrap();
    drop(store);
    let store = db.open(&[ANEW]).await;
    assert_eq!(count(&store).await, 2);
    let orphan = store.write(|tx| tx.execute("DELETE FROM note WHERE id = 1", &[])).await;
    assert!(matches!(orphan, Err(StoreError::Reference { .. })), "{orphan:?}");
});

on_both!(nodes_that_start_together_migrate_once, |db| {
    if db.url().is_none() {
        return; // One server at a time on SQLite: its lock is tested elsewhere.
    }
    let opening = (0..4).map(|_| db.try_open(db.config(), &[SAMPLE]));
    for store in futures::future::join_all(opening).await {
        store.unwrap();
    }
});
