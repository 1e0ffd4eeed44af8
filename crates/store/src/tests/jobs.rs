//! Jobs are done at least once, by one worker at a time, tried again, laid aside, and taken over from a node that died.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kernel::{SignedDuration, World};
use serde_json::json;

use super::{SAMPLE, add, count};
use crate::{
    Job, JobError, Once, Store, StoreError, Worker,
    jobs::WorkerHandle,
    testing::{TestDb, on_both, until},
};

async fn put(store: &Store, job: Job) -> bool {
    store.write(move |tx| tx.enqueue(&job)).await.unwrap()
}

fn job(db: &TestDb, kind: &'static str) -> Job {
    Job::new(db.world.as_ref(), kind, json!({}))
}

fn counting(store: &Store, kind: &'static str, done: &Arc<AtomicU64>) -> WorkerHandle {
    let done = done.clone();
    Worker::new(store.clone())
        .on(kind, move |_| {
            done.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        })
        .timing(Duration::from_secs(60), Duration::from_millis(50))
        .start()
}

async fn all_done(store: &Store) {
    until("the queue is empty", || {
        let store = store.clone();
        async move {
            let counts = store.read(|tx| tx.job_counts()).await.unwrap();
            counts.ready + counts.running == 0
        }
    })
    .await;
}

on_both!(each_job_is_done_once, |db| {
    let store = db.open(&[SAMPLE]).await;
    let done = Arc::new(AtomicU64::new(0));
    let workers = [counting(&store, "k", &done), counting(&store, "k", &done)];
    for _ in 0..50 {
        assert!(put(&store, job(&db, "k")).await);
    }
    all_done(&store).await;
    assert_eq!(done.load(Ordering::Relaxed), 50);
    for worker in workers {
        worker.stop().await;
    }
});

on_both!(a_job_waits_for_its_time, |db| {
    let store = db.open(&[SAMPLE]).await;
    let done = Arc::new(AtomicU64::new(0));
    put(&store, job(&db, "k").at(db.world.now() + SignedDuration::from_secs(60))).await;
    let worker = counting(&store, "k", &done);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(done.load(Ordering::Relaxed), 0);
    db.world.pass(SignedDuration::from_secs(61));
    all_done(&store).await;
    assert_eq!(done.load(Ordering::Relaxed), 1);
    worker.stop().await;
});

on_both!(a_unique_job_is_put_in_once, |db| {
    let store = db.open(&[SAMPLE]).await;
    assert!(put(&store, job(&db, "k").unique("tax-2026")).await);
    assert!(!put(&store, job(&db, "k").unique("tax-2026")).await);
    assert!(put(&store, job(&db, "k").unique("tax-2027")).await);
    assert!(put(&store, job(&db, "other").unique("tax-2026")).await);
    assert!(put(&store, job(&db, "k")).await);
    assert!(put(&store, job(&db, "k")).await);
});

on_both!(
    a_failing_job_is_tried_again_then_laid_aside_then_run_by_an_operator,
    |db| {
        let store = db.open(&[SAMPLE]).await;
        let (tries, cured) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (counted, cure) = (tries.clone(), cured.clone());
        let worker = Worker::new(store.clone())
            .on("k", move |run| {
                counted.fetch_add(1, Ordering::Relaxed);
                let sick = cure.load(Ordering::Relaxed) == 0;
                async move {
                    match (sick, run.attempt) {
                        (false, _) => Ok(()),
                        (true, 1) => Err(JobError::retry("the server is away")),
                        (true, 2) => panic!("the handler is broken"),
                        (true, _) => Err(JobError::hopeless("it will never work")),
                    }
                }
            })
            .timing(Duration::from_secs(60), Duration::from_millis(20))
            .start();
        put(&store, job(&db, "k")).await;
        for turn in 1..=3 {
            until("a try", || async { tries.load(Ordering::Relaxed) == turn }).await;
            // The failure is written after the try; a panic with a long backtrace takes its time.
            until("the end of the try", || {
                let store = store.clone();
                async move { store.read(|tx| tx.job_counts()).await.unwrap().running == 0 }
            })
            .await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert_eq!(tries.load(Ordering::Relaxed), turn, "it waits between tries");
            db.world.pass(SignedDuration::from_secs(10));
        }
        until("it is dead", || {
            let store = store.clone();
            async move { store.read(|tx| tx.job_counts()).await.unwrap().dead == 1 }
        })
        .await;
        let dead = store.read(|tx| tx.dead_jobs(10)).await.unwrap().remove(0);
        assert_eq!((dead.attempts, dead.last_error.as_str()), (3, "it will never work"));
        cured.store(1, Ordering::Relaxed);
        let now = db.world.now();
        assert!(store.write(move |tx| tx.rerun_job(dead.id, now)).await.unwrap());
        all_done(&store).await;
        assert_eq!(store.read(|tx| tx.job_counts()).await.unwrap().dead, 0);
        assert!(!store.write(move |tx| tx.drop_dead_job(dead.id)).await.unwrap());
        worker.stop().await;
    }
);

on_both!(a_job_of_a_dead_node_is_taken_over, |db| {
    let store = db.open(&[SAMPLE]).await;
    put(&store, job(&db, "k")).await;
    // A node that claims and is never heard of again: its task hangs and does not extend the lease.
    let begun = Arc::new(AtomicU64::new(0));
    let begins = begun.clone();
    let dead = Worker::new(store.clone())
        .on("k", move |_| {
            begins.fetch_add(1, Ordering::Relaxed);
            std::future::pending()
        })
        .concurrency(1)
        .timing(Duration::from_secs(600), Duration::from_millis(20))
        .start();
    until("the first node has it", || async { begun.load(Ordering::Relaxed) == 1 }).await;
    let done = Arc::new(AtomicU64::new(0));
    let living = Worker::new(store.clone());
    let counted = done.clone();
    let living = living
        .on("k", move |run| {
            counted.store(u64::from(run.attempt), Ordering::Relaxed);
            async { Ok(()) }
        })
        .timing(Duration::from_secs(600), Duration::from_millis(20))
        .start();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(done.load(Ordering::Relaxed), 0, "its lease holds");
    db.world.pass(SignedDuration::from_secs(601));
    all_done(&store).await;
    assert_eq!(done.load(Ordering::Relaxed), 2, "it is the second try");
    living.stop().await;
    drop(dead);
});

on_both!(a_clock_set_back_does_not_hold_a_job_for_ever, |db| {
    let store = db.open(&[SAMPLE]).await;
    put(&store, job(&db, "k")).await;
    db.world.pass(SignedDuration::from_hours(48));
    let held = Worker::new(store.clone())
        .on("k", |_| std::future::pending())
        .concurrency(1)
        .timing(Duration::from_secs(600), Duration::from_millis(20))
        .start();
    until("it is held", || {
        let store = store.clone();
        async move { store.read(|tx| tx.job_counts()).await.unwrap().running == 1 }
    })
    .await;
    db.world.pass(SignedDuration::from_hours(-40));
    let done = Arc::new(AtomicU64::new(0));
    let worker = counting(&store, "k", &done);
    until("it is done", || async { done.load(Ordering::Relaxed) >= 1 }).await;
    worker.stop().await;
    drop(held);
});

on_both!(work_and_end_of_a_job_are_one_transaction, |db| {
    let store = db.open(&[SAMPLE]).await;
    put(&store, job(&db, "k")).await;
    let worker = Worker::new(store.clone())
        .on("k", |run| async move {
            let store = run.store.clone();
            store
                .write(move |tx| -> Result<(), StoreError> {
                    if run.finish_in(tx)? {
                        add(tx, 1, "done")?;
                    }
                    Ok(())
                })
                .await
                .map_err(JobError::from)
        })
        .timing(Duration::from_secs(60), Duration::from_millis(20))
        .start();
    all_done(&store).await;
    assert_eq!(count(&store).await, 1);
    worker.stop().await;
});

on_both!(a_stop_waits_for_what_runs, |db| {
    let store = db.open(&[SAMPLE]).await;
    let (begun, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (begins, ends) = (begun.clone(), done.clone());
    let worker = Worker::new(store.clone())
        .on("k", move |_| {
            let (begins, ends) = (begins.clone(), ends.clone());
            async move {
                begins.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(200)).await;
                ends.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        })
        .concurrency(2)
        .start();
    for _ in 0..5 {
        put(&store, job(&db, "k")).await;
    }
    until("two run", || async { begun.load(Ordering::Relaxed) == 2 }).await;
    worker.stop().await;
    assert_eq!(begun.load(Ordering::Relaxed), done.load(Ordering::Relaxed));
    let counts = store.read(|tx| tx.job_counts()).await.unwrap();
    assert_eq!(counts.running, 0);
    assert_eq!(counts.ready + done.load(Ordering::Relaxed), 5);
});

on_both!(a_form_sent_twice_is_done_once, |db| {
    let store = db.open(&[SAMPLE]).await;
    let (key, now) = (uuid::Uuid::from_u128(5), db.world.now());
    let send = |id: i64| {
        let store = store.clone();
        async move {
            store
                .write(move |tx| -> Result<String, StoreError> {
                    match tx.once("dossier", key, now)? {
                        Once::Again(code) => Ok(code),
                        Once::First => {
                            add(tx, id, &format!("n{id}"))?;
                            tx.once_done("dossier", key, "H27-0001")?;
                            Ok("H27-0001".to_owned())
                        }
                    }
                })
                .await
        }
    };
    let answers = futures::future::join_all((1..=6).map(send)).await;
    for answer in answers {
        assert_eq!(answer.unwrap(), "H27-0001");
    }
    assert_eq!(count(&store).await, 1);
    let later = now + SignedDuration::from_hours(24);
    assert_eq!(store.write(move |tx| tx.once_prune(later)).await.unwrap(), 1);
});
