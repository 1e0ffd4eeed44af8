//! Bodies in and out, their rows, erasure and the sweep, on both engines.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use kernel::{SignedDuration, World as _};
use tokio::io::{AsyncReadExt as _, ReadBuf};

use super::*;
use crate::{
    Store, StoreError,
    filled::put,
    testing::{TestDb, on_both},
};

fn owner(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

async fn attach(store: &Store, stored: &StoredBlob) -> BlobId {
    let stored = stored.clone();
    store.write(move |tx| tx.attach_blob(&stored)).await.expect("attached")
}

async fn row(store: &Store, id: BlobId) -> Blob {
    store
        .read(move |tx| tx.blob(id))
        .await
        .expect("read")
        .expect("the row is there")
}

fn meta(size_max: u64, personal: bool) -> BlobMeta {
    BlobMeta {
        owner: owner(1),
        media_type: "application/pdf".to_owned(),
        personal,
        size_max,
    }
}

on_both!(a_body_comes_back_as_it_came_in, |db| {
    let store = db.open(&[]).await;
    for (length, personal) in [
        (0, false),
        (0, true),
        (10, true),
        (65_536, true),
        (3_000_001, false),
        (3_000_001, true),
    ] {
        let body: Vec<u8> = (0..length).map(|at: u32| (at % 253) as u8).collect();
        let stored = put(&store, owner(1), &body, personal).await;
        let id = attach(&store, &stored).await;
        let blob = row(&store, id).await;
        assert_eq!((blob.size, blob.personal), (u64::from(length), personal));
        assert_eq!(store.blobs().get_all(&blob, u64::MAX).await.expect("it is read"), body);
        let (stored_size, _) = store.blobs().stored(id).await.expect("the object");
        assert_eq!(stored_size, blob.stored_size);
        if personal && length > 100 {
            let object = std::fs::read(db.beside("blobs").join(store.blobs().place(id))).expect("the object");
            assert!(
                !object.windows(50).any(|window| window == &body[..50]),
                "no plain text on the disk"
            );
        }
    }
});

on_both!(equal_bodies_are_one_within_an_owner_and_two_across, |db| {
    let store = db.open(&[]).await;
    let first = attach(&store, &put(&store, owner(1), b"same", true).await).await;
    let second = put(&store, owner(1), b"same", true).await;
    assert_ne!(second.id, first);
    assert_eq!(attach(&store, &second).await, first);
    let other = attach(&store, &put(&store, owner(2), b"same", true).await).await;
    let open = attach(&store, &put(&store, owner(1), b"same", false).await).await;
    assert!(
        other != first && open != first,
        "neither another owner's nor an open copy is shared"
    );
    let jobs: Vec<serde_json::Value> = store
        .read(|tx| {
            tx.all("SELECT payload FROM job WHERE kind = 'store.blob.delete'", &[], |row| {
                row.get(0)
            })
        })
        .await
        .expect("jobs");
    assert_eq!(
        jobs,
        [serde_json::json!({ "blob": second.id })],
        "the second object is removed by a job"
    );
});

on_both!(an_erased_body_is_gone_for_good, |db| {
    let store = db.open(&[]).await;
    let id = attach(&store, &put(&store, owner(1), b"personal", true).await).await;
    let before = row(&store, id).await;
    let now = db.world.now();
    assert!(store.write(move |tx| tx.erase_blob(id, now)).await.expect("erased"));
    assert!(
        !store
            .write(move |tx| tx.erase_blob(id, now))
            .await
            .expect("once is enough")
    );
    let blob = row(&store, id).await;
    assert!(blob.wrapped_key.is_none() && blob.sha256.is_none() && blob.erased_at == Some(now));
    assert!(matches!(store.blobs().get(&blob).await, Err(BlobError::Erased(_))));

    let worker = crate::Worker::new(store.clone());
    let handle = delete_jobs(worker).start();
    let gone = || async { matches!(store.blobs().exists(id).await, Err(BlobError::Missing(_))) };
    crate::testing::until("the object is deleted", gone).await;
    handle.stop().await;
    assert!(matches!(store.blobs().get(&before).await, Err(BlobError::Missing(_))));
    store.blobs().delete(id).await.expect("a second deletion is no error");
});

on_both!(the_sweep_takes_what_no_row_names_after_a_day, |db| {
    let store = db.open(&[]).await;
    // Objects bear the real time of the disk; the test's clock starts there.
    db.world.pass(since(&db));
    let named = attach(&store, &put(&store, owner(1), b"named", false).await).await;
    let orphan = put(&store, owner(1), b"orphan", true).await;
    let broken = db.beside("blobs").join(format!("{}#1", store.blobs().place(orphan.id)));
    std::fs::write(&broken, b"half").expect("an upload that broke off");
    let swept = store.sweep_blobs().await.expect("a sweep");
    assert_eq!(
        swept,
        Swept {
            seen: 2,
            orphans: 0,
            broken_off: 0
        },
        "their rows may still come"
    );
    db.world.pass(SignedDuration::from_hours(25));
    let swept = store.sweep_blobs().await.expect("a sweep");
    assert_eq!(
        swept,
        Swept {
            seen: 2,
            orphans: 1,
            broken_off: 1
        }
    );
    store.blobs().exists(named).await.expect("what is named stays");
    assert!(store.blobs().exists(orphan.id).await.is_err() && !broken.exists());
});

fn since(db: &TestDb) -> SignedDuration {
    jiff::Timestamp::now().duration_since(db.world.now().jiff()) + SignedDuration::from_mins(1)
}

/// A body that breaks off after some bytes.
struct Breaking(u64);

impl AsyncRead for Breaking {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.0 == 0 {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::ConnectionReset)));
        }
        let n = to.remaining().min(usize::try_from(self.0).unwrap_or(usize::MAX));
        to.initialize_unfilled_to(n).fill(1);
        to.advance(n);
        self.0 -= n as u64;
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_or_is_too_long_leaves_nothing() {
    let db = TestDb::sqlite();
    let store = db.open(&[]).await;
    let broken = store
        .blobs()
        .put(db.world.as_ref(), Breaking(5_000_000), meta(u64::MAX, true))
        .await;
    assert!(matches!(broken, Err(BlobError::Source(_))));
    let long = store
        .blobs()
        .put(db.world.as_ref(), tokio::io::repeat(1), meta(4_000_000, false))
        .await;
    assert!(matches!(long, Err(BlobError::TooLarge { size_max: 4_000_000 })));
    let exact = store
        .blobs()
        .put(
            db.world.as_ref(),
            tokio::io::repeat(1).take(4_000_000),
            meta(4_000_000, false),
        )
        .await;
    exact.expect("the limit itself is allowed");
    let shards = std::fs::read_dir(db.beside("blobs")).expect("the folder");
    let files = shards
        .flat_map(|shard| std::fs::read_dir(shard.expect("a shard").path()).expect("a shard"))
        .count();
    assert_eq!(files, 1, "one object and no broken upload");
}

#[tokio::test]
async fn a_damaged_object_never_looks_whole() {
    let db = TestDb::sqlite();
    let store = db.open(&[]).await;
    for personal in [false, true] {
        let body = vec![9; 300_000];
        let id = attach(&store, &put(&store, owner(1), &body, personal).await).await;
        let blob = row(&store, id).await;
        let path = db.beside("blobs").join(store.blobs().place(id));
        let whole = std::fs::read(&path).expect("the object");
        let mut flipped = whole.clone();
        flipped[150_000] ^= 1;
        let spoilt = [
            flipped,
            whole[..whole.len() - 1].to_vec(),
            [&whole[..], &[9]].concat(),
            Vec::new(),
        ];
        for (which, bytes) in spoilt.into_iter().enumerate() {
            std::fs::write(&path, bytes).expect("the object is spoilt");
            let mut reader = store.blobs().get(&blob).await.expect("it opens");
            let mut given = 0;
            let fault = loop {
                match reader.next_piece().await {
                    Ok(Some(piece)) => given += piece.len(),
                    Ok(None) => panic!("spoilt {which} looked whole"),
                    Err(fault) => break fault,
                }
            };
            assert!(matches!(fault, BlobError::Corrupt { .. }), "{fault:?}");
            assert!(given < body.len(), "the last piece is held back");
        }
    }
}

/// The most memory this process has used, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    let kib: u64 = line
        .split_whitespace()
        .nth(1)
        .expect("a number")
        .parse()
        .expect("a number");
    kib * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_five_hundred_megabytes_need_little_memory() {
    let db = TestDb::sqlite();
    let store = db.open(&[]).await;
    let before = peak_memory();
    let started = std::time::Instant::now();
    let body = tokio::io::repeat(0xA5).take(500_000_000);
    let stored = store
        .blobs()
        .put(db.world.as_ref(), body, meta(600_000_000, true))
        .await
        .expect("it is stored");
    let put = started.elapsed();
    let id = attach(&store, &stored).await;
    store.blobs().check(&row(&store, id).await).await.expect("it is whole");
    let grown = peak_memory() - before;
    crate::testing::say(&format!(
        "500 MB in {put:?}, out in {:?}, {} MB of memory",
        started.elapsed() - put,
        grown / 1_000_000
    ));
    assert!(grown < 60_000_000, "{grown} bytes of memory");
}

#[tokio::test]
async fn an_s3_endpoint_without_tls_or_credentials_is_refused() {
    let keys = TestDb::sqlite().ring.clone();
    let config = |text: &str| toml::from_str::<S3Config>(text).expect("settings");
    let open = config("endpoint = \"http://s3.example.vn\"\nbucket = \"b\"\ncredentials_file = \"/nonexistent\"");
    let refused = Blobs::open(&BlobConfig::S3(open), keys.clone());
    assert!(refused.is_err_and(|fault| fault.to_string().contains("not encrypted")));
    let nameless = config("endpoint = \"https://s3.example.vn\"\nbucket = \"b\"\ncredentials_file = \"/nonexistent\"");
    assert!(matches!(
        Blobs::open(&BlobConfig::S3(nameless), keys),
        Err(BlobError::Io { .. })
    ));
}

#[tokio::test]
async fn a_write_that_attaches_may_run_twice() {
    let db = TestDb::sqlite();
    let store = db.open(&[]).await;
    let stored = put(&store, owner(3), b"twice", true).await;
    let failed: Result<(), StoreError> = {
        let stored = stored.clone();
        store
            .write(move |tx| tx.attach_blob(&stored).and(Err(StoreError::Closed)))
            .await
    };
    assert!(failed.is_err());
    assert_eq!(attach(&store, &stored).await, stored.id);
    assert_eq!(
        attach(&store, &stored).await,
        stored.id,
        "the same body attached again is itself"
    );
    store
        .blobs()
        .check(&row(&store, stored.id).await)
        .await
        .expect("its object stays");
}
