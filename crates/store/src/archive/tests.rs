//! Archives from either engine into either engine, and archives that are not what was written.

use std::path::{Path, PathBuf};

use super::*;
use crate::{
    KeyRing, KeySource, Store, StoreConfig,
    filled::{FILLED, SEALED, SEARCH, fill},
    keys::KeyFile,
    search,
    testing::{TestDb, on_both},
    verify::{Plan, verify},
};

const SETS: [crate::MigrationSet; 1] = [FILLED];

async fn open(db: &TestDb) -> Store {
    db.open(&SETS).await
}

async fn written(store: &Store, path: PathBuf) -> ExportReport {
    export(store, store.world().as_ref(), &path)
        .await
        .expect("the archive is written")
}

/// A second database with the keys of the first.
async fn beside(db: &TestDb, other: &TestDb) -> Store {
    let config = StoreConfig {
        keys: KeySource::Ring(db.ring.clone()),
        ..other.config()
    };
    other.try_open(config, &SETS).await.expect("the store opens")
}

async fn sound(store: &Store) {
    let plan = Plan {
        sealed: SEALED.to_vec(),
        ..Plan::default()
    };
    let report = verify(store, &plan).await.expect("verify runs");
    assert!(report.is_sound(), "{report}");
}

on_both!(an_archive_brings_everything_back, |db| {
    let store = open(&db).await;
    let blobs = fill(&store, 400, 1).await;
    let first = written(&store, db.beside("first.tar.gz")).await;
    assert_eq!(first.manifest.blobs.count, blobs.len() as u64);
    assert_eq!(first.manifest.tables["thing"].rows, 400);

    let other = TestDb::sqlite();
    let copy = beside(&db, &other).await;
    let report = import(&copy, &db.beside("first.tar.gz")).await.expect("it comes in");
    assert!(report.left_out.is_empty());
    let second = written(&copy, db.beside("second.tar")).await;
    assert_eq!(first.manifest.tables, second.manifest.tables);
    assert_eq!(first.manifest.numbers, second.manifest.numbers);
    assert_eq!(first.manifest.blobs, second.manifest.blobs);
    sound(&copy).await;

    // Numbers go on where they were, and the search finds what it found.
    let next = copy
        .write(|tx| {
            let thing: uuid::Uuid = tx.one("SELECT id FROM thing LIMIT 1", &[], |row| row.get(0))?;
            let sql = "INSERT INTO numbered (thing, text) VALUES ($1, 'x') RETURNING id";
            tx.one(sql, &[&thing], |row| row.get::<i64>(0))
        })
        .await
        .expect("a new row");
    assert!(
        next > first.manifest.numbers["numbered"],
        "{next} comes after the last number given out"
    );
    let query = search::Query::words("nguyen thi anh");
    let found = copy
        .read(move |tx| tx.search(&SEARCH, &query, 10))
        .await
        .expect("the search answers");
    assert!(!found.is_empty());
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_sqlite_to_postgres_and_back_is_equal() {
    let Some(postgres) = TestDb::postgres() else { return };
    let (from, back) = (TestDb::sqlite(), TestDb::sqlite());
    let store = open(&from).await;
    fill(&store, 900, 2).await;
    let first = written(&store, from.beside("1.tar.gz")).await;
    let there = beside(&from, &postgres).await;
    import(&there, &from.beside("1.tar.gz")).await.expect("into PostgreSQL");
    sound(&there).await;
    let second = written(&there, from.beside("2.tar.gz")).await;
    let here = beside(&from, &back).await;
    import(&here, &from.beside("2.tar.gz")).await.expect("back into SQLite");
    sound(&here).await;
    let third = written(&here, from.beside("3.tar.gz")).await;
    for other in [&second, &third] {
        assert_eq!(first.manifest.tables, other.manifest.tables);
        assert_eq!(first.manifest.blobs, other.manifest.blobs);
        assert_eq!(first.manifest.numbers, other.manifest.numbers);
    }
}

on_both!(an_import_is_refused_before_it_does_harm, |db| {
    let store = open(&db).await;
    fill(&store, 20, 3).await;
    let path = db.beside("a.tar.gz");
    written(&store, path.clone()).await;
    let refused = import(&store, &path).await;
    assert!(matches!(refused, Err(ArchiveError::StoreNotEmpty(_))), "{refused:?}");
    assert!(matches!(
        export(&store, store.world().as_ref(), &path).await,
        Err(ArchiveError::NotEmpty(_))
    ));

    let stranger = TestDb::sqlite();
    let keys = KeyRing::from_keys(&KeyFile::generate(db.world.as_ref())).expect("other keys");
    let config = StoreConfig {
        keys: KeySource::Ring(keys.into()),
        ..stranger.config()
    };
    let other_keys = stranger.try_open(config, &SETS).await.expect("it opens");
    let refused = import(&other_keys, &path).await;
    assert!(matches!(refused, Err(ArchiveError::OtherKeys)), "{refused:?}");

    let empty = TestDb::sqlite();
    let config = StoreConfig {
        keys: KeySource::Ring(db.ring.clone()),
        ..empty.config()
    };
    let other_schema = empty.try_open(config, &[]).await.expect("it opens");
    let refused = import(&other_schema, &path).await;
    assert!(matches!(refused, Err(ArchiveError::OtherSchema(_))), "{refused:?}");
});

/// A table as a definition makes one.
async fn define(store: &Store) {
    use sea_query::{Alias, ColumnDef, Table};
    let made = store.write(|tx| {
        let table = Table::create()
            .table(Alias::new("tree"))
            .col(ColumnDef::new(Alias::new("id")).uuid().not_null().primary_key())
            .col(ColumnDef::new(Alias::new("species")).text().not_null())
            .to_owned();
        tx.execute_built(table)?;
        tx.execute(
            "INSERT INTO tree (id, species) VALUES ($1, 'đa')",
            &[&uuid::Uuid::from_u128(7)],
        )
    });
    made.await.expect("a table of a definition");
}

on_both!(an_import_with_other_keys_leaves_nothing_and_is_tried_again, |db| {
    let store = open(&db).await;
    fill(&store, 20, 5).await;
    define(&store).await;
    let right = db.beside("right.tar.gz");
    let first = written(&store, right.clone()).await;
    // The archive of another province: the same definitions, other keys.
    let theirs = TestDb::sqlite();
    let keys = KeyRing::from_keys(&KeyFile::generate(db.world.as_ref())).expect("other keys");
    let config = StoreConfig {
        keys: KeySource::Ring(keys.into()),
        ..theirs.config()
    };
    let stranger = theirs.try_open(config, &SETS).await.expect("it opens");
    define(&stranger).await;
    let wrong = db.beside("wrong.tar.gz");
    written(&stranger, wrong.clone()).await;

    for empty in [Some(TestDb::sqlite()), TestDb::postgres()].into_iter().flatten() {
        let copy = beside(&db, &empty).await;
        let refused = import(&copy, &wrong).await;
        assert!(matches!(refused, Err(ArchiveError::OtherKeys)), "{refused:?}");
        import(&copy, &right).await.expect("the place is as it was");
        let second = written(&copy, db.beside(&format!("again-{}.tar", rand::random::<u64>()))).await;
        assert_eq!(first.manifest.tables, second.manifest.tables);
    }
});

/// Spoils the archive at `path` and expects the import to fail, and the store to be refused afterwards.
async fn spoilt(db: &TestDb, path: &Path, spoil: impl FnOnce(&mut Vec<u8>)) -> ArchiveError {
    let mut bytes = std::fs::read(path).expect("the archive");
    spoil(&mut bytes);
    let spoilt = db.beside(&format!("spoilt-{}.tar", rand::random::<u64>()));
    std::fs::write(&spoilt, bytes).expect("the spoilt archive");
    let target = TestDb::sqlite();
    let store = beside(db, &target).await;
    let fault = import(&store, &spoilt).await.expect_err("a spoilt archive is refused");
    store.close().await;
    let config = StoreConfig {
        keys: KeySource::Ring(db.ring.clone()),
        ..target.config()
    };
    let again = target.try_open(config, &SETS).await;
    assert!(
        again.is_err_and(|fault| fault.to_string().contains("broke off")),
        "a half import is not served"
    );
    fault
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spoilt_archive_is_seen() {
    let db = TestDb::sqlite();
    let store = open(&db).await;
    fill(&store, 60, 4).await;
    let path = db.beside("whole.tar");
    written(&store, path.clone()).await;

    let cut = spoilt(&db, &path, |bytes| bytes.truncate(bytes.len() * 2 / 3)).await;
    assert!(
        matches!(
            cut,
            ArchiveError::CutOff | ArchiveError::Io { .. } | ArchiveError::Damaged { .. }
        ),
        "{cut:?}"
    );
    let changed = spoilt(&db, &path, |bytes| {
        let needle = b"DROP TABLE thing";
        let at = bytes
            .windows(needle.len())
            .rposition(|window| window == needle)
            .expect("the text is there");
        bytes[at] = b'd';
    })
    .await;
    assert!(matches!(changed, ArchiveError::Damaged { .. }), "{changed:?}");
    let blob = spoilt(&db, &path, |bytes| {
        let needle = b"blobs/";
        let at = bytes
            .windows(needle.len())
            .rposition(|window| window == needle)
            .expect("a blob is there");
        bytes[at + 512] ^= 1;
    })
    .await;
    assert!(matches!(blob, ArchiveError::Damaged { .. }), "{blob:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_one_moment_while_others_write() {
    let db = TestDb::sqlite();
    let store = open(&db).await;
    fill(&store, 2_000, 5).await;
    // Each write adds a thing and a numbered row: in any one moment there are as many of both.
    let writer = store.clone();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = stop.clone();
    let writing = tokio::spawn(async move {
        let mut done = 0_u64;
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            let id = kernel::id::uuid_v7(writer.world().as_ref());
            let write = move |tx: &mut crate::Tx| {
                tx.execute("INSERT INTO thing (id, yes, words) VALUES ($1, FALSE, '')", &[&id])?;
                tx.execute("INSERT INTO numbered (thing, text) VALUES ($1, '')", &[&id])
            };
            writer.write(write).await.expect("a write goes on");
            done += 1;
        }
        done
    });
    let report = written(&store, db.beside("busy.tar.gz")).await;
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(writing.await.expect("the writer ends") > 0);
    let rows = |name: &str| report.manifest.tables[name].rows;
    assert_eq!(rows("thing"), rows("numbered"));
}
