//! Events reach each consumer at least once, in order, and none is skipped: not one that commits late, not after a failure.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use parking_lot::Mutex;
use serde_json::json;
use uuid::Uuid;

use super::{SAMPLE, add, count};
use crate::{
    Event, Store, StoreError,
    outbox::ConsumeError,
    testing::{TestDb, on_both, until},
};

fn event(db: &TestDb, kind: &'static str, n: i64) -> Event {
    Event::new(db.world.as_ref(), kind, Uuid::from_u128(7), json!({ "n": n }))
}

async fn emit(store: &Store, event: Event) {
    store.write(move |tx| tx.emit(&event)).await.unwrap();
}

type Got = Arc<Mutex<Vec<i64>>>;

fn number(event: &Event) -> i64 {
    event.payload["n"].as_i64().expect("the tests' events are numbered")
}

fn gather(store: &Store, name: &'static str, kinds: &'static [&'static str]) -> (Got, crate::outbox::Consumer) {
    let got = Got::default();
    let seen = got.clone();
    let consumer = store.consume(name, kinds, move |events| {
        seen.lock().extend(events.iter().map(|one| number(&one.event)));
        async { Ok(()) }
    });
    (got, consumer)
}

on_both!(events_come_in_order_and_by_kind, |db| {
    let store = db.open(&[SAMPLE]).await;
    for n in 0..250 {
        emit(&store, event(&db, if n % 5 == 0 { "a" } else { "b" }, n)).await;
    }
    let (all, first) = gather(&store, "all", &[]);
    let (some, second) = gather(&store, "some", &["a"]);
    until("both got theirs", || async {
        all.lock().len() == 250 && some.lock().len() == 50
    })
    .await;
    emit(&store, event(&db, "a", 250)).await;
    until("both got the new one", || async {
        all.lock().len() == 251 && some.lock().len() == 51
    })
    .await;
    assert_eq!(*all.lock(), (0..=250).collect::<Vec<_>>());
    assert!(some.lock().iter().all(|n| n % 5 == 0));
    first.stop().await;
    second.stop().await;
    // A consumer that starts again goes on where it was.
    let (again, third) = gather(&store, "all", &[]);
    emit(&store, event(&db, "a", 251)).await;
    until("the new one alone", || async { *again.lock() == [251] }).await;
    third.stop().await;
    let states = store.read(|tx| tx.consumers()).await.unwrap();
    assert_eq!(states.len(), 2);
    let about = store.read(|tx| tx.events_of(Uuid::from_u128(7), 3)).await.unwrap();
    assert_eq!(about.iter().map(number).collect::<Vec<_>>(), [0, 1, 2]);
});

on_both!(a_rolled_back_event_never_was, |db| {
    let store = db.open(&[SAMPLE]).await;
    let lost = event(&db, "a", 1);
    let answer: Result<(), StoreError> = store
        .write(move |tx| {
            tx.emit(&lost)?;
            Err(StoreError::Closed)
        })
        .await;
    assert!(answer.is_err());
    let (got, consumer) = gather(&store, "all", &[]);
    emit(&store, event(&db, "a", 2)).await;
    until("the other one", || async { *got.lock() == [2] }).await;
    consumer.stop().await;
});

on_both!(a_batch_that_fails_comes_again, |db| {
    let store = db.open(&[SAMPLE]).await;
    emit(&store, event(&db, "a", 1)).await;
    let (tries, got) = (Arc::new(AtomicU64::new(0)), Got::default());
    let (counted, seen) = (tries.clone(), got.clone());
    let consumer = store.consume("grumpy", &[], move |events| {
        let refuse = counted.fetch_add(1, Ordering::Relaxed) < 2;
        if !refuse {
            seen.lock().extend(events.iter().map(|one| number(&one.event)));
        }
        async move {
            if refuse {
                Err(ConsumeError::new("not now"))
            } else {
                Ok(())
            }
        }
    });
    until("the third try", || async { *got.lock() == [1] }).await;
    assert_eq!(tries.load(Ordering::Relaxed), 3);
    consumer.stop().await;
});

on_both!(effects_in_the_transaction_happen_once, |db| {
    let store = db.open(&[SAMPLE]).await;
    for n in 1..=30 {
        emit(&store, event(&db, "a", n)).await;
    }
    let fails = Arc::new(AtomicU64::new(0));
    let consumer = store.consume_in_tx("rows", &["a"], move |tx, one| {
        let n = number(&one.event);
        if n == 20 && fails.fetch_add(1, Ordering::Relaxed) < 3 {
            return Err(StoreError::Config("not yet".to_owned()));
        }
        add(tx, n, &format!("n{n}"))
    });
    until("all rows", || {
        let store = store.clone();
        async move { count(&store).await == 30 }
    })
    .await;
    consumer.stop().await;
    let state = store.read(|tx| tx.consumers()).await.unwrap().remove(0);
    assert_eq!((state.name.as_str(), state.failures), ("rows", 0));
});

on_both!(old_events_go_when_all_have_had_them, |db| {
    let store = db.open(&[SAMPLE]).await;
    for n in 0..10 {
        emit(&store, event(&db, "a", n)).await;
    }
    db.world.pass(kernel::SignedDuration::from_hours(1));
    let now = kernel::World::now(db.world.as_ref());
    let (got, consumer) = gather(&store, "all", &[]);
    until("all", || async { got.lock().len() == 10 }).await;
    consumer.stop().await;
    let pruned = store.write(move |tx| tx.prune_outbox(now)).await.unwrap();
    assert_eq!(pruned, 9);
    let (got, consumer) = gather(&store, "all", &[]);
    emit(&store, event(&db, "a", 10)).await;
    until("the next one", || async { *got.lock() == [10] }).await;
    consumer.stop().await;
});

/// The event of a transaction that began first and commits last is not skipped, although a later number was delivered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_event_that_commits_late_is_not_skipped() {
    let Some(db) = TestDb::postgres() else { return };
    let store = db
        .try_open(
            crate::StoreConfig {
                double_run: false,
                ..db.config()
            },
            &[SAMPLE],
        )
        .await
        .unwrap();
    let (got, consumer) = gather(&store, "all", &[]);
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let began = Arc::new(AtomicU64::new(0));
    let (late, slow, begins) = (event(&db, "a", 1), store.clone(), began.clone());
    let slow = tokio::spawn(async move {
        slow.write(move |tx| {
            tx.emit(&late)?;
            begins.store(1, Ordering::Release);
            gate.lock().recv().expect("the gate is opened");
            Ok::<_, StoreError>(())
        })
        .await
    });
    until("the slow one has its row", || async {
        began.load(Ordering::Acquire) == 1
    })
    .await;
    emit(&store, event(&db, "a", 2)).await;
    until("the quick one is delivered", || async { *got.lock() == [2] }).await;
    open.send(()).unwrap();
    slow.await.unwrap().unwrap();
    until("the late one is delivered", || async { *got.lock() == [2, 1] }).await;
    consumer.stop().await;
}

/// Two nodes with the same consumer: each event is delivered, and one node delivers at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_share_a_consumer() {
    let Some(db) = TestDb::postgres() else { return };
    let config = crate::StoreConfig {
        double_run: false,
        ..db.config()
    };
    let one = db.try_open(config.clone(), &[SAMPLE]).await.unwrap();
    let two = db.try_open(config, &[SAMPLE]).await.unwrap();
    let (got_one, consumer_one) = gather(&one, "all", &[]);
    let (got_two, consumer_two) = gather(&two, "all", &[]);
    for n in 0..40 {
        emit(if n % 2 == 0 { &one } else { &two }, event(&db, "a", n)).await;
    }
    until("each has come", || async {
        got_one.lock().len() + got_two.lock().len() >= 40
    })
    .await;
    consumer_one.stop().await;
    consumer_two.stop().await;
    let mut all: Vec<i64> = got_one.lock().iter().chain(got_two.lock().iter()).copied().collect();
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<_>>());
}
