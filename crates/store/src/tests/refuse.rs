//! What a store refuses to start on, in words that say what to do.

use super::{SAMPLE, add, count};
use crate::{
    Database, KeyRing, KeySource, Mode, StoreConfig, StoreError,
    keys::KeyFile,
    testing::{TestDb, is_root, on_both},
};

#[tokio::test]
async fn a_second_server_on_the_folder() {
    let db = TestDb::sqlite();
    let store = db.open(&[SAMPLE]).await;
    let second = db.try_open(db.config(), &[SAMPLE]).await;
    let Err(error @ StoreError::InUse { .. }) = second else {
        panic!("{second:?}")
    };
    assert!(error.to_string().contains("another server is running"), "{error}");
    // What only reads may run beside it, and does not see what is not committed.
    store.write(|tx| add(tx, 1, "one")).await.unwrap();
    let beside = db
        .try_open(
            StoreConfig {
                mode: Mode::Beside,
                ..db.config()
            },
            &[SAMPLE],
        )
        .await
        .unwrap();
    assert_eq!(count(&beside).await, 1);
    let write = beside.write(|tx| add(tx, 2, "two")).await;
    assert!(matches!(write, Err(StoreError::ReadOnly { .. })));
    drop((beside, store));
    db.open(&[SAMPLE]).await;
}

#[tokio::test]
async fn a_folder_without_a_database_for_reading() {
    let db = TestDb::sqlite();
    let beside = db
        .try_open(
            StoreConfig {
                mode: Mode::Beside,
                ..db.config()
            },
            &[SAMPLE],
        )
        .await;
    assert!(matches!(beside, Err(StoreError::Missing { .. })), "{beside:?}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written() {
    let db = TestDb::sqlite();
    // A file where the folder's parent should be works for every user, root too.
    std::fs::write(db.beside("file"), "x").unwrap();
    let database = Database::sqlite(db.beside("file").join("data"));
    let refused = db
        .try_open(
            StoreConfig {
                database,
                ..db.config()
            },
            &[],
        )
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("the data folder"), "{refused}");
    if is_root() {
        return;
    }
    let folder = db.beside("read-only");
    std::fs::create_dir(&folder).unwrap();
    let mut permissions = folder.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&folder, permissions).unwrap();
    let refused = db
        .try_open(
            StoreConfig {
                database: Database::sqlite(folder),
                ..db.config()
            },
            &[],
        )
        .await;
    assert!(matches!(refused, Err(StoreError::ReadOnly { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_of_ours() {
    let db = TestDb::sqlite();
    std::fs::create_dir_all(db.folder()).unwrap();
    std::fs::write(db.folder().join(crate::DATABASE_FILE), vec![b'x'; 8192]).unwrap();
    let refused = db.try_open(db.config(), &[]).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    std::fs::remove_file(db.folder().join(crate::DATABASE_FILE)).unwrap();
    db.outside("CREATE TABLE theirs (a)");
    let refused = db.try_open(db.config(), &[]).await;
    assert!(matches!(refused, Err(StoreError::Config(_))), "{refused:?}");
}

on_both!(other_keys, |db| {
    drop(db.open(&[SAMPLE]).await);
    db.world.pass(kernel::SignedDuration::from_secs(1));
    let ring = KeyRing::from_keys(&KeyFile::generate(db.world.as_ref())).unwrap();
    let refused = db
        .try_open(
            StoreConfig {
                keys: KeySource::Ring(ring.into()),
                ..db.config()
            },
            &[SAMPLE],
        )
        .await;
    assert!(matches!(refused, Err(StoreError::Key(_))), "{refused:?}");
    db.open(&[SAMPLE]).await;
});

#[tokio::test]
async fn a_database_url_that_leads_nowhere() {
    let db = TestDb::sqlite();
    for url in [
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql://nobody@127.0.0.1:1/none?sslmode=require",
        "no url",
    ] {
        let refused = db
            .try_open(
                StoreConfig {
                    database: Database::postgres(url),
                    ..db.config()
                },
                &[],
            )
            .await;
        let error = refused.unwrap_err();
        assert!(
            matches!(error, StoreError::Unavailable(_) | StoreError::Config(_)),
            "{error:?}"
        );
    }
}
