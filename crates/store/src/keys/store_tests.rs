//! The ring and a database: the start with other keys, and the walk to a new key.

use super::*;
use crate::{
    KeySource, StoreConfig, StoreError,
    filled::{FILLED, SEALED, fill},
    testing::on_both,
};

const SETS: [crate::MigrationSet; 1] = [FILLED];

on_both!(a_start_with_other_keys_is_refused, |db| {
    db.open(&SETS).await.close().await;
    db.open(&SETS).await.close().await;
    let stranger = KeyRing::from_keys(&KeyFile::generate(db.world.as_ref())).expect("other keys");
    let config = StoreConfig {
        keys: KeySource::Ring(stranger.into()),
        ..db.config()
    };
    let refused = db.try_open(config, &SETS).await.expect_err("other keys");
    assert!(
        matches!(refused, StoreError::Key(KeyError::WrongKeys { .. })),
        "{refused:?}"
    );
    assert!(
        refused
            .to_string()
            .contains("start with the key file the province was made with")
    );
});

on_both!(the_same_sealing_keys_with_another_index_root_are_refused, |db| {
    let (path, mixed) = (db.beside("keys.toml"), db.beside("mixed.toml"));
    let config = |path: &Path| StoreConfig {
        keys: KeySource::File(path.to_owned()),
        ..db.config()
    };
    create(&path, db.world.as_ref()).expect("keys");
    db.try_open(config(&path), &SETS).await.expect("it opens").close().await;
    let secrets = |path: &Path| -> Vec<String> {
        let text = std::fs::read_to_string(path).expect("the key file");
        text.lines()
            .filter(|line| line.starts_with("secret"))
            .map(str::to_owned)
            .collect()
    };
    create(&mixed, db.world.as_ref()).expect("other keys");
    let (ours, theirs) = (secrets(&path), secrets(&mixed));
    let text = std::fs::read_to_string(&mixed)
        .expect("the key file")
        .replace(&theirs[1], &ours[1]);
    std::fs::write(&mixed, text).expect("the sealing key of one, the index root of the other");
    let refused = db
        .try_open(config(&mixed), &SETS)
        .await
        .expect_err("another index root");
    assert!(refused.to_string().contains("index key"), "{refused}");
});

on_both!(a_running_server_takes_a_new_key_into_use, |db| {
    let path = db.beside("keys.toml");
    create(&path, db.world.as_ref()).expect("keys");
    let config = StoreConfig {
        keys: KeySource::File(path.clone()),
        ..db.config()
    };
    let store = db.try_open(config, &SETS).await.expect("it opens");
    fill(&store, 300, 2).await;
    let new = rotate(&path, db.world.as_ref()).expect("a new key");
    let workers = reseal_jobs(crate::Worker::new(store.clone()), SEALED.to_vec()).start();
    let job = crate::Job::new(db.world.as_ref(), RESEAL_JOB, serde_json::Value::Null);
    store.write(move |tx| tx.enqueue(&job)).await.expect("the job waits");
    let moved = || async {
        let counts = census(&store, &SEALED).await.expect("a census");
        counts.keys().all(|key| *key == new)
    };
    crate::testing::until("every value is under the new key", moved).await;
    assert_eq!(store.keys().active(), new);
    workers.stop().await;
});

on_both!(resealing_moves_every_value_and_begins_again_where_it_stopped, |db| {
    let path = db.beside("keys.toml");
    create(&path, db.world.as_ref()).expect("keys");
    let config = StoreConfig {
        keys: KeySource::File(path.clone()),
        ..db.config()
    };
    let store = db.try_open(config, &SETS).await.expect("it opens");
    fill(&store, 1_200, 1).await;
    let old = store.keys().active();
    let new = rotate(&path, db.world.as_ref()).expect("a new key");
    store.keys().reload().expect("the file is read again");
    let before = census(&store, &SEALED).await.expect("a census");
    assert_eq!(before.keys().collect::<Vec<_>>(), [&old]);

    // The first walk is dropped in its middle, as by a stop of the process.
    let (stop, mut stopped) = tokio::sync::mpsc::channel::<()>(1);
    let walk = {
        let store = store.clone();
        tokio::spawn(async move {
            let world = store.world().clone();
            reseal(&store, world.as_ref(), &SEALED, |progress| {
                if progress.resealed > 300 {
                    let _ = stop.try_send(());
                }
            })
            .await
        })
    };
    stopped.recv().await;
    walk.abort();
    let _ = walk.await;
    let done = reseal(&store, db.world.as_ref(), &SEALED, |_| {})
        .await
        .expect("the second walk ends");
    assert!(
        done.resealed < before[&old],
        "the second walk skips what the first did: {done:?}"
    );
    let after = census(&store, &SEALED).await.expect("a census");
    assert_eq!((after.len(), after.get(&new)), (1, before.get(&old)));

    retire(&path, old).expect("nothing is under the old key");
    store.keys().reload().expect("the file is read again");
    for column in SEALED {
        let mut failed = Vec::new();
        let opened = check_sealed(&store, column, 1, |failure| failed.push(failure))
            .await
            .expect("a walk");
        assert!(opened > 0 && failed.is_empty(), "{failed:?}");
    }
});
