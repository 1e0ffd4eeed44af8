//! Backups of a busy province, and the way back, with its refusals.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::*;
use crate::{
    BlobConfig, KeyRing, KeySource, StoreConfig,
    filled::{FILLED, SEALED, fill},
    keys::KeyFile,
    testing::{TestDb, on_both},
    verify::{Plan, verify},
};

const SETS: [crate::MigrationSet; 1] = [FILLED];

fn with_keys_of(db: &TestDb, other: &TestDb) -> StoreConfig {
    StoreConfig {
        keys: KeySource::Ring(db.ring.clone()),
        ..other.config()
    }
}

async fn sums(store: &Store, path: std::path::PathBuf) -> crate::archive::Manifest {
    crate::archive::export(store, store.world().as_ref(), &path)
        .await
        .expect("an archive to compare")
        .manifest
}

on_both!(a_backup_is_restored_whole, |db| {
    let store = db.open(&SETS).await;
    fill(&store, 300, 1).await;
    let before = sums(&store, db.beside("before.tar.gz")).await;
    for name in ["folder", "one.tar"] {
        let report = backup(&store, store.world().as_ref(), &db.beside(name))
            .await
            .expect("a backup");
        assert!(report.summary.files > 0 && report.summary.bytes > 0);
        let Some(other) = same_engine(&store) else { return };
        let config = with_keys_of(&db, &other);
        db.world.pass(kernel::SignedDuration::from_mins(5));
        let restored = restore(&db.beside(name), &config, &SETS, db.world.clone())
            .await
            .expect("it comes back");
        assert_eq!(restored.taken_at, report.summary.taken_at);
        assert_eq!(restored.loss.as_secs(), 300, "the window of loss is told");
        let copy = other
            .try_open(config.clone(), &SETS)
            .await
            .expect("what was restored opens");
        let after = sums(&copy, db.beside(&format!("{name}-after.tar.gz"))).await;
        assert_eq!(
            (before.tables.clone(), before.blobs.clone()),
            (after.tables, after.blobs)
        );
        let plan = Plan {
            sealed: SEALED.to_vec(),
            ..Plan::default()
        };
        let verdict = verify(&copy, &plan).await.expect("verify runs");
        assert!(verdict.is_sound(), "{verdict}");
        copy.close().await;
        let again = restore(&db.beside(name), &config, &SETS, db.world.clone()).await;
        assert!(
            matches!(again, Err(ArchiveError::NotEmpty(_) | ArchiveError::StoreNotEmpty(_))),
            "{again:?}"
        );
    }
});

fn same_engine(store: &Store) -> Option<TestDb> {
    match store.engine() {
        crate::EngineKind::Sqlite => Some(TestDb::sqlite()),
        crate::EngineKind::Postgres => TestDb::postgres(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_of_a_busy_province_is_one_moment() {
    let db = TestDb::sqlite();
    let store = db.open(&SETS).await;
    fill(&store, 3_000, 2).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|_| tokio::spawn(keep_writing(store.clone(), stop.clone())))
        .collect();
    let acknowledged = numbered(&store).await;
    let report = backup(&store, store.world().as_ref(), &db.beside("busy"))
        .await
        .expect("a backup");
    stop.store(true, Ordering::Relaxed);
    let mut written = 0;
    for writer in writers {
        written += writer.await.expect("a writer ends");
    }
    assert!(written > 0, "the province was served meanwhile");

    let other = TestDb::sqlite();
    let config = with_keys_of(&db, &other);
    restore(&db.beside("busy"), &config, &SETS, db.world.clone())
        .await
        .expect("it comes back");
    let copy = other.try_open(config, &SETS).await.expect("it opens");
    let things = copy
        .read(|tx| tx.one("SELECT count(*) FROM thing", &[], |row| row.get::<i64>(0)))
        .await
        .expect("count");
    assert_eq!(things, numbered(&copy).await, "no transaction is cut in two");
    assert!(
        things >= acknowledged,
        "what was acknowledged before the backup is in it"
    );
    let verdict = verify(
        &copy,
        &Plan {
            sealed: SEALED.to_vec(),
            ..Plan::default()
        },
    )
    .await
    .expect("verify runs");
    assert!(verdict.is_sound(), "{verdict}");
    crate::testing::say(&format!(
        "{} files, {} bytes in {:?}",
        report.summary.files, report.summary.bytes, report.took
    ));
}

async fn numbered(store: &Store) -> i64 {
    let count = store.read(|tx| tx.one("SELECT count(*) FROM numbered", &[], |row| row.get::<i64>(0)));
    count.await.expect("count")
}

async fn keep_writing(store: Store, stop: Arc<AtomicBool>) -> u64 {
    let mut done = 0;
    while !stop.load(Ordering::Relaxed) {
        let id = kernel::id::uuid_v7(store.world().as_ref());
        let stored = crate::filled::put(&store, id, id.as_bytes(), done % 2 == 0).await;
        let write = move |tx: &mut crate::Tx| {
            tx.execute("INSERT INTO thing (id, yes, words) VALUES ($1, TRUE, 'bận')", &[&id])?;
            tx.execute("INSERT INTO numbered (thing, text) VALUES ($1, '')", &[&id])?;
            let blob = tx.attach_blob(&stored)?;
            tx.execute(
                "INSERT INTO attached (thing, place, blob) VALUES ($1, 0, $2)",
                &[&id, &blob],
            )
        };
        store.write(write).await.expect("a write goes on");
        done += 1;
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_was_touched_is_refused() {
    let db = TestDb::sqlite();
    let store = db.open(&SETS).await;
    fill(&store, 50, 3).await;
    let folder = db.beside("backup");
    backup(&store, store.world().as_ref(), &folder).await.expect("a backup");
    let again = backup(&store, store.world().as_ref(), &folder).await;
    assert!(
        matches!(again, Err(ArchiveError::NotEmpty(_))),
        "a backup is not written over"
    );
    let text = fs::read_to_string(folder.join(SUMMARY)).expect("the summary");
    assert!(
        !text.contains("secret") && !folder.join("keys.toml").exists(),
        "a backup holds no keys"
    );

    let attempt = async |what: &str| {
        let other = TestDb::sqlite();
        let done = restore(&folder, &with_keys_of(&db, &other), &SETS, db.world.clone()).await;
        let fault = done.err().unwrap_or_else(|| panic!("{what}: it was taken"));
        assert!(
            !other.folder().join(crate::DATABASE_FILE).exists(),
            "{what}: nothing is left that could be served"
        );
        fault
    };
    let flip = |path: &std::path::Path| {
        let mut bytes = fs::read(path).expect("a file");
        let at = bytes.len() / 2;
        bytes[at] ^= 4;
        fs::write(path, bytes).expect("a file");
    };
    let database = folder.join(crate::DATABASE_FILE);
    flip(&database);
    assert!(matches!(
        attempt("a changed database").await,
        ArchiveError::Damaged { .. }
    ));
    flip(&database);
    let summary = folder.join(SUMMARY);
    fs::rename(&summary, folder.join("away")).expect("rename");
    assert!(matches!(attempt("no summary").await, ArchiveError::BadForm { .. }));
    fs::rename(folder.join("away"), &summary).expect("rename");

    let other = TestDb::sqlite();
    let keys = KeyRing::from_keys(&KeyFile::generate(db.world.as_ref())).expect("other keys");
    let config = StoreConfig {
        keys: KeySource::Ring(keys.into()),
        ..other.config()
    };
    let refused = restore(&folder, &config, &SETS, db.world.clone()).await;
    assert!(
        refused.is_err_and(|fault| fault.to_string().contains("does not fit")),
        "other keys"
    );
    let config = StoreConfig {
        keys: KeySource::File(other.beside("none.toml")),
        ..other.config()
    };
    let refused = restore(&folder, &config, &SETS, db.world.clone()).await;
    assert!(
        refused.is_err_and(|fault| fault.to_string().contains("no key file")),
        "no keys"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_while_a_backup_ran_stays_erased() {
    let db = TestDb::sqlite();
    let store = db.open(&SETS).await;
    let ids = fill(&store, 30, 4).await;
    let folder = db.beside("backup");
    backup(&store, store.world().as_ref(), &folder).await.expect("a backup");
    // As if the object had gone between the copy of the rows and that of the objects.
    let mut summary: Summary = serde_json::from_slice(&fs::read(folder.join(SUMMARY)).expect("read")).expect("parse");
    summary.erased.push(ids[0].to_string());
    fs::write(folder.join(SUMMARY), serde_json::to_vec(&summary).expect("JSON")).expect("write");
    let other = TestDb::sqlite();
    let config = StoreConfig {
        blobs: BlobConfig::Folder(other.beside("elsewhere")),
        ..with_keys_of(&db, &other)
    };
    restore(&folder, &config, &SETS, db.world.clone())
        .await
        .expect("it comes back");
    let copy = other.try_open(config, &SETS).await.expect("it opens");
    let id = ids[0];
    let row = copy
        .read(move |tx| tx.blob(id))
        .await
        .expect("read")
        .expect("the row is there");
    assert!(row.erased_at.is_some() && row.wrapped_key.is_none() && row.sha256.is_none());
}
