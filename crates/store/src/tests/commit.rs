//! What a commit promises: answers come after it, a panic or an error takes nothing else with it, a failed statement ends
//! its transaction on both engines, and a write that cannot be replayed is found.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{SAMPLE, add, count};
use crate::{
    Limits, Store, StoreConfig, StoreError, Tx,
    testing::{TestDb, on_both, until},
};

#[derive(Debug, thiserror::Error)]
#[error("mapped: {0}")]
struct Mapped(String);

impl From<StoreError> for Mapped {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

on_both!(an_answer_comes_after_its_commit, |db| {
    let store = db.open(&[SAMPLE]).await;
    let mut waiting = Vec::new();
    for id in 0..200 {
        let store = store.clone();
        waiting.push(tokio::spawn(async move {
            store.write(move |tx| add(tx, id, &format!("n{id}"))).await?;
            // Another connection sees it: it is committed.
            let seen = store
                .read(move |tx| {
                    tx.opt("SELECT name FROM note WHERE id = $1", &[&id], |row| {
                        row.get::<String>(0)
                    })
                })
                .await?;
            assert_eq!(seen, Some(format!("n{id}")));
            Ok::<_, StoreError>(())
        }));
    }
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    assert_eq!(count(&store).await, 200);
});

on_both!(a_look_up_sees_what_is_committed_and_cannot_write, |db| {
    let store = db.open(&[SAMPLE]).await;
    let looked = || {
        let store = store.clone();
        async move {
            let names =
                store.look_up(|tx| tx.all("SELECT name FROM note ORDER BY id", &[], |row| row.get::<String>(0)));
            names.await.unwrap()
        }
    };
    // The first one opens its connection, the next ones find it open.
    for (id, name) in [(1, "one"), (2, "two"), (3, "three")] {
        store.write(move |tx| add(tx, id, name)).await.unwrap();
        assert_eq!(looked().await.len(), usize::try_from(id).unwrap());
    }
    let write = store.look_up(|tx| add(tx, 4, "four")).await;
    assert!(write.is_err(), "a look-up wrote");
    let panic: Result<(), StoreError> = store.look_up(|_| panic!("as planned")).await;
    assert!(matches!(panic, Err(StoreError::Panicked(_))), "{panic:?}");
    assert_eq!(looked().await, ["one", "two", "three"]);
});

on_both!(a_panic_or_an_error_takes_nothing_with_it, |db| {
    let store = db.open(&[SAMPLE]).await;
    let mut waiting = Vec::new();
    for id in 0..60_i64 {
        let store = store.clone();
        waiting.push(tokio::spawn(async move {
            let answer = store
                .write(move |tx| -> Result<i64, Mapped> {
                    add(tx, id, &format!("n{id}"))?;
                    match id % 3 {
                        0 => panic!("as planned"),
                        1 => Err(Mapped("refused".to_owned())),
                        _ => Ok(id),
                    }
                })
                .await;
            match (id % 3, answer) {
                (0, Err(error)) => assert!(error.0.contains("as planned"), "{error}"),
                (1, Err(error)) => assert_eq!(error.0, "refused"),
                (2, Ok(done)) => assert_eq!(done, id),
                (_, other) => panic!("{other:?}"),
            }
        }));
    }
    for one in waiting {
        one.await.unwrap();
    }
    assert_eq!(count(&store).await, 20);
    store.ready().await.unwrap();
});

on_both!(a_failed_statement_ends_its_transaction, |db| {
    let store = db.open(&[SAMPLE]).await;
    store.write(|tx| add(tx, 1, "one")).await.unwrap();
    // The closure ignores the clash and answers with success; nothing of it stays.
    let answer: Result<(), StoreError> = store
        .write(|tx| {
            add(tx, 2, "two")?;
            let clash = add(tx, 1, "again");
            assert!(matches!(clash, Err(StoreError::Duplicate { .. })), "{clash:?}");
            let after = add(tx, 3, "three");
            assert!(matches!(after, Err(StoreError::Aborted(_))), "{after:?}");
            Ok(())
        })
        .await;
    assert!(matches!(answer, Err(StoreError::Aborted(_))), "{answer:?}");
    assert_eq!(count(&store).await, 1);
    let none = store
        .write(|tx| {
            // A row that is not there is no failed statement.
            let none = tx.one("SELECT id FROM note WHERE id = 99", &[], |row| row.get::<i64>(0));
            assert!(matches!(none, Err(StoreError::NoRow { .. })));
            add(tx, 4, "four")
        })
        .await;
    none.unwrap();
});

on_both!(rules_of_tables_are_told_apart, |db| {
    let store = db.open(&[SAMPLE]).await;
    let refused = |sql: &'static str| {
        let store = store.clone();
        async move { store.write(move |tx| tx.execute(sql, &[])).await.unwrap_err() }
    };
    store.write(|tx| add(tx, 1, "one")).await.unwrap();
    let duplicate = refused("INSERT INTO note (id, name) VALUES (2, 'one')").await;
    assert!(matches!(duplicate, StoreError::Duplicate { .. }), "{duplicate}");
    let reference = refused("INSERT INTO note (id, name, parent) VALUES (2, 'two', 77)").await;
    assert!(matches!(reference, StoreError::Reference { .. }), "{reference}");
    let rule = refused("INSERT INTO note (id, name, weight) VALUES (2, 'two', -1)").await;
    assert!(matches!(rule, StoreError::Rule { .. }), "{rule}");
    let null = refused("INSERT INTO note (id, name) VALUES (2, NULL)").await;
    assert!(matches!(null, StoreError::Rule { .. }), "{null}");
    let wrong = refused("SELECT nonsense FROM note").await;
    assert!(matches!(wrong, StoreError::Statement { .. }), "{wrong}");
});

on_both!(a_read_cannot_write_and_sees_one_state, |db| {
    let store = db.open(&[SAMPLE]).await;
    store.write(|tx| add(tx, 1, "one")).await.unwrap();
    let written = store.read(|tx| add(tx, 2, "two")).await;
    assert!(matches!(written, Err(StoreError::ReadOnly { .. })), "{written:?}");
    let (other, handle) = (store.clone(), tokio::runtime::Handle::current());
    let counts = store
        .read(move |tx| -> Result<(i64, i64), StoreError> {
            let sql = "SELECT count(*) FROM note";
            let before = tx.one(sql, &[], |row| row.get(0))?;
            let (send, written) = std::sync::mpsc::channel();
            handle.spawn(async move { send.send(other.write(|tx| add(tx, 3, "three")).await) });
            written.recv().expect("the other write answers")?;
            Ok((before, tx.one(sql, &[], |row| row.get(0))?))
        })
        .await
        .unwrap();
    assert_eq!(counts, (1, 1));
    assert_eq!(count(&store).await, 2);
});

on_both!(a_write_that_cannot_be_replayed_is_found, |db| {
    let store = db.open(&[SAMPLE]).await;
    let runs = AtomicU64::new(0);
    let answer = store
        .write(move |tx| add(tx, runs.fetch_add(1, Ordering::Relaxed) as i64, "n"))
        .await;
    let Err(StoreError::NotReplayable { statement }) = answer else {
        panic!("{answer:?}")
    };
    assert!(statement.starts_with("INSERT INTO note"));
    let runs = AtomicU64::new(0);
    let more = store
        .write(move |tx| -> Result<(), StoreError> {
            add(tx, 1, "one")?;
            if runs.fetch_add(1, Ordering::Relaxed) > 0 {
                add(tx, 2, "two")?;
            }
            Ok(())
        })
        .await;
    assert!(matches!(more, Err(StoreError::NotReplayable { .. })), "{more:?}");
    assert_eq!(count(&store).await, 0);
});

on_both!(a_closed_store_has_done_what_was_queued, |db| {
    let store = db.open(&[SAMPLE]).await;
    let mut waiting = Vec::new();
    for id in 0..100 {
        let store = store.clone();
        waiting.push(tokio::spawn(async move {
            store.write(move |tx| add(tx, id, &format!("n{id}"))).await
        }));
    }
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    store.close().await;
    let mut done = 0;
    for one in waiting {
        match one.await.unwrap() {
            Ok(()) => done += 1,
            Err(StoreError::Closed) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert!(matches!(
        store.write(|tx| add(tx, 500, "late")).await,
        Err(StoreError::Closed)
    ));
    assert!(store.ready().await.is_err());
    drop(store);
    let again = db.open(&[SAMPLE]).await;
    assert_eq!(count(&again).await, done);
});

on_both!(many_at_once, |db| {
    let config = StoreConfig {
        double_run: false,
        ..db.config()
    };
    let store = db.try_open(config, &[SAMPLE]).await.unwrap();
    store.write(|tx| add(tx, 0, "sum")).await.unwrap();
    let mut waiting = Vec::new();
    for worker in 0..16_i64 {
        let store = store.clone();
        waiting.push(tokio::spawn(async move {
            for turn in 0..15_i64 {
                let id = 1 + worker * 100 + turn;
                store.write(move |tx| add(tx, id, &format!("n{id}"))).await?;
                store
                    .read(move |tx| tx.one("SELECT count(*) FROM note", &[], |row| row.get::<i64>(0)))
                    .await?;
            }
            Ok::<_, StoreError>(())
        }));
    }
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    assert_eq!(count(&store).await, 1 + 16 * 15);
});

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_answers_busy() {
    let db = TestDb::sqlite();
    let limits = Limits {
        queue_max: 4,
        ..Limits::default()
    };
    let store = db
        .try_open(
            StoreConfig {
                limits,
                double_run: false,
                ..db.config()
            },
            &[SAMPLE],
        )
        .await
        .unwrap();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = parking_lot::Mutex::new(gate);
    let begun = Arc::new(AtomicU64::new(0));
    let (blocked, begins) = (store.clone(), begun.clone());
    let first = tokio::spawn(async move {
        blocked
            .write(move |tx: &mut Tx| {
                begins.store(1, Ordering::Release);
                gate.lock().recv().expect("the gate is opened");
                add(tx, 0, "first")
            })
            .await
    });
    until("the first write runs", || async { begun.load(Ordering::Acquire) == 1 }).await;
    let queued: Vec<_> = (1..=4)
        .map(|id| {
            let store: Store = store.clone();
            tokio::spawn(async move { store.write(move |tx| add(tx, id, &format!("n{id}"))).await })
        })
        .collect();
    until("the queue is full", || {
        let store = store.clone();
        async move {
            matches!(
                tokio::time::timeout(
                    std::time::Duration::from_millis(20),
                    store.write(|tx| add(tx, 99, "late"))
                )
                .await,
                Ok(Err(StoreError::Busy { retry_after_s: 1 }))
            )
        }
    })
    .await;
    open.send(()).unwrap();
    first.await.unwrap().unwrap();
    for one in queued {
        // One of them may have lost its place to a probe that was let in.
        let _ = one.await.unwrap();
    }
    store.write(|tx| add(tx, 100, "after")).await.unwrap();
}

/// A COMMIT that fails: SQLite's deferred references are checked there. The store allows none; here they stand for every
/// fault that shows only at the end.
#[tokio::test(flavor = "multi_thread")]
async fn writes_of_a_failed_commit_run_again_alone() {
    let db = TestDb::sqlite();
    let store = db
        .try_open(
            StoreConfig {
                double_run: false,
                ..db.config()
            },
            &[SAMPLE],
        )
        .await
        .unwrap();
    db.outside(
        "CREATE TABLE late (id INTEGER PRIMARY KEY, note INTEGER NOT NULL REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)",
    );
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = parking_lot::Mutex::new(Some(gate));
    let runs = Arc::new(AtomicU64::new(0));
    let mut waiting = Vec::new();
    let (blocked, seen) = (store.clone(), runs.clone());
    waiting.push(tokio::spawn(async move {
        blocked
            .write(move |tx| {
                // Holds the batch open in its first run, so that the others join it.
                if let Some(gate) = gate.lock().take() {
                    seen.store(1, Ordering::Release);
                    gate.recv().expect("the gate is opened");
                }
                add(tx, 0, "n0")
            })
            .await
    }));
    until("the first write runs", || async { runs.load(Ordering::Acquire) == 1 }).await;
    for id in 1..=5_i64 {
        let store = store.clone();
        waiting.push(tokio::spawn(async move {
            store
                .write(move |tx| -> Result<(), StoreError> {
                    if id == 3 {
                        tx.execute("INSERT INTO late (id, note) VALUES (1, 777)", &[])?;
                    }
                    add(tx, id, &format!("n{id}"))
                })
                .await
        }));
    }
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    open.send(()).unwrap();
    for (id, one) in waiting.into_iter().enumerate() {
        let answer = one.await.unwrap();
        assert_eq!(answer.is_err(), id == 3, "{id}: {answer:?}");
    }
    assert_eq!(count(&store).await, 5);
}

/// A disk that is full: SQLite is told that its file may not grow, which it answers as it does when the disk is full.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_harms_nothing() {
    let db = TestDb::sqlite();
    let store = db
        .try_open(
            StoreConfig {
                double_run: false,
                ..db.config()
            },
            &[SAMPLE],
        )
        .await
        .unwrap();
    store.write(|tx| add(tx, 0, "first")).await.unwrap();
    let pages = store
        .read(|tx| tx.one("PRAGMA page_count", &[], |row| row.get::<i64>(0)))
        .await
        .unwrap();
    let bound: &'static str = Box::leak(format!("PRAGMA max_page_count = {}", pages + 2).into_boxed_str());
    store.write(move |tx| tx.all(bound, &[], |_| Ok(()))).await.unwrap();
    let writes = (1..=20_i64).map(|id| {
        let store = store.clone();
        async move {
            let long = "x".repeat(if id % 4 == 0 { 200_000 } else { 10 });
            store.write(move |tx| add(tx, id, &format!("{id} {long}"))).await
        }
    });
    let answers = futures::future::join_all(writes).await;
    let mut kept = 1;
    for (at, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(()) => kept += 1,
            Err(error @ (StoreError::DiskFull(_) | StoreError::Aborted(_))) => assert_eq!((at + 1) % 4, 0, "{error}"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(kept, 16);
    assert_eq!(count(&store).await, kept);
    store
        .write(|tx| tx.all("PRAGMA max_page_count = 1000000", &[], |_| Ok(())))
        .await
        .unwrap();
    store.write(|tx| add(tx, 100, &"x".repeat(200_000))).await.unwrap();
    assert_eq!(count(&store).await, kept + 1);
}

on_both!(statements_are_read_without_being_run, |db| {
    let store = db.open(&[SAMPLE]).await;
    let check = |sql: &'static str| {
        let store = store.clone();
        async move { store.read(move |tx| tx.check(sql)).await }
    };
    check("INSERT INTO note (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
        .await
        .unwrap();
    check("SELECT name FROM note WHERE id IN (SELECT value FROM int_list($1)) AND name = $2")
        .await
        .unwrap();
    assert!(check("SELECT nonsense FROM note").await.is_err());
    assert!(
        check("SELECT name FROM note WHERE id = $2 AND weight = $1")
            .await
            .is_err()
    );
    assert_eq!(count(&store).await, 0);
    store.analyze().await.unwrap();
});
