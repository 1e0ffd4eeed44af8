//! Two nodes on one PostgreSQL race over an invariant; serializable transactions hold it, and clashes are tried again even
//! when domain code has turned the error into its own.

use std::sync::Arc;

use super::{SAMPLE, add};
use crate::{
    Limits, Store, StoreConfig, StoreError, Tx,
    testing::{TestDb, until},
};

#[derive(Debug, thiserror::Error)]
enum TakeError {
    #[error("nothing is left")]
    NothingLeft,
    #[error("the store failed and says no more")]
    Opaque,
}

impl From<StoreError> for TakeError {
    fn from(_: StoreError) -> Self {
        Self::Opaque
    }
}

async fn nodes(db: &TestDb) -> [Store; 2] {
    let limits = Limits {
        connections_max: 6,
        tries_max: 60,
        ..Limits::default()
    };
    let config = StoreConfig {
        limits,
        double_run: false,
        ..db.config()
    };
    [
        db.try_open(config.clone(), &[SAMPLE]).await.unwrap(),
        db.try_open(config, &[SAMPLE]).await.unwrap(),
    ]
}

/// Takes one from either of two heaps, as long as together they hold something: a rule over several rows, which weaker
/// isolation breaks (write skew).
fn take(tx: &mut Tx, from: i64) -> Result<(), TakeError> {
    let left = tx.one("SELECT sum_int(weight) FROM note", &[], |row| row.get::<i64>(0))?;
    if left <= 10 {
        return Err(TakeError::NothingLeft);
    }
    tx.execute("UPDATE note SET weight = weight - 1 WHERE id = $1", &[&from])?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_invariant_over_rows_holds_between_nodes() {
    let Some(db) = TestDb::postgres() else { return };
    let nodes = nodes(&db).await;
    let insert = "INSERT INTO note (id, name, weight) VALUES (1, 'a', 20), (2, 'b', 20)";
    nodes[0].write(move |tx| tx.execute(insert, &[])).await.unwrap();
    let mut taking = Vec::new();
    for turn in 0..60_usize {
        let store = nodes[turn % 2].clone();
        let from = (turn / 2 % 2) as i64 + 1;
        taking.push(tokio::spawn(async move { store.write(move |tx| take(tx, from)).await }));
    }
    let (mut taken, mut refused) = (0, 0);
    for one in taking {
        match one.await.unwrap() {
            Ok(()) => taken += 1,
            Err(TakeError::NothingLeft) => refused += 1,
            Err(TakeError::Opaque) => panic!("a clash came through"),
        }
    }
    assert_eq!((taken, refused), (30, 30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tries_are_bounded() {
    let Some(db) = TestDb::postgres() else { return };
    let limits = Limits {
        tries_max: 3,
        lock_time_max: std::time::Duration::from_millis(300),
        ..Limits::default()
    };
    let config = StoreConfig {
        limits,
        double_run: false,
        ..db.config()
    };
    let store = db.try_open(config, &[SAMPLE]).await.unwrap();
    store.write(|tx| add(tx, 1, "one")).await.unwrap();
    // Each try reads, then somebody else changes what it read, then it writes: it clashes every time.
    let (other, handle) = (store.clone(), tokio::runtime::Handle::current());
    let answer: Result<u64, StoreError> = store
        .write(move |tx| {
            let weight = tx.one("SELECT weight FROM note WHERE id = 1", &[], |row| row.get::<i64>(0))?;
            let (send, done) = std::sync::mpsc::channel();
            let other = other.clone();
            handle.spawn(async move {
                let update = "UPDATE note SET weight = weight + 1 WHERE id = 1";
                send.send(other.write(move |tx| tx.execute(update, &[])).await)
            });
            done.recv().expect("the other write answers")?;
            tx.execute("UPDATE note SET weight = $1 WHERE id = 1", &[&(weight + 100)])
        })
        .await;
    assert!(matches!(answer, Err(StoreError::Contention { tries: 3 })), "{answer:?}");
    let weight = store
        .read(|tx| tx.one("SELECT weight FROM note", &[], |row| row.get::<i64>(0)))
        .await
        .unwrap();
    assert_eq!(weight, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lost_connection_is_replaced() {
    let Some(db) = TestDb::postgres() else { return };
    let store = Arc::new(
        db.try_open(
            StoreConfig {
                double_run: false,
                ..db.config()
            },
            &[SAMPLE],
        )
        .await
        .unwrap(),
    );
    store.write(|tx| add(tx, 1, "one")).await.unwrap();
    // In the middle of a transaction: its caller is told, and nothing of it stays.
    let cut = store
        .write(|tx| -> Result<(), StoreError> {
            add(tx, 2, "two")?;
            tx.all(
                "SELECT 1 FROM (SELECT pg_terminate_backend(pg_backend_pid())) AS x",
                &[],
                |_| Ok(()),
            )?;
            Ok(())
        })
        .await;
    assert!(matches!(cut, Err(StoreError::Unavailable(_))), "{cut:?}");
    until("the store answers again", || async { store.ready().await.is_ok() }).await;
    store.write(|tx| add(tx, 2, "two again")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_statement_has_a_time_limit() {
    let Some(db) = TestDb::postgres() else { return };
    let limits = Limits {
        statement_time_max: std::time::Duration::from_millis(200),
        ..Limits::default()
    };
    let store = db
        .try_open(StoreConfig { limits, ..db.config() }, &[SAMPLE])
        .await
        .unwrap();
    let slow = store
        .read(|tx| tx.all("SELECT 1 FROM (SELECT pg_sleep(20)) AS x", &[], |_| Ok(())))
        .await;
    assert!(matches!(slow, Err(StoreError::Timeout(_))), "{slow:?}");
    store.ready().await.unwrap();
}
