//! Blobs on an S3 server behave as in the folder.

use std::path::Path;
use std::sync::Arc;

use kernel::World as _;
use store::blob::{Blob, BlobError, BlobId, BlobMeta, S3Config, StoredBlob, Swept};
use store::{BlobConfig, Database, KeySource, Store, StoreConfig, StoreError, archive, backup, verify};
use testkit::ManualWorld;
use tokio::io::AsyncReadExt as _;
use uuid::Uuid;

use crate::support::bucket::Bucket;

async fn on_s3(server: &Bucket, root: &Path, world: &Arc<ManualWorld>) -> (Store, StoreConfig) {
    let config = testkit::engines::config(Database::sqlite(root.join("data")), root, world);
    let config = StoreConfig {
        blobs: BlobConfig::S3(server.settings()),
        ..config
    };
    let store = Store::open(config.clone(), &[], world.clone()).await.unwrap();
    (store, config)
}

async fn put(store: &Store, owner: u128, length: u64, personal: bool) -> StoredBlob {
    let meta = BlobMeta {
        owner: Uuid::from_u128(owner),
        media_type: "application/pdf".to_owned(),
        personal,
        size_max: 1 << 40,
    };
    store
        .blobs()
        .put(store.world().as_ref(), tokio::io::repeat(7).take(length), meta)
        .await
        .unwrap()
}

async fn attach(store: &Store, stored: &StoredBlob) -> Blob {
    let stored = stored.clone();
    let attach = move |tx: &mut store::Tx| {
        let id = tx.attach_blob(&stored)?;
        Ok::<_, StoreError>(tx.blob(id)?.unwrap())
    };
    store.write(attach).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_of_every_length_come_back_from_s3() {
    let (server, root, world) = (Bucket::start().await, tempfile::tempdir().unwrap(), ManualWorld::new());
    let (store, _) = on_s3(&server, root.path(), &world).await;
    // Below, at and above the length of one part, where an upload begins to be made of several.
    for (owner, length) in [0, 1, 70_000, 8 << 20, (8 << 20) + 1, 20_000_000]
        .into_iter()
        .enumerate()
    {
        for personal in [false, true] {
            let blob = attach(&store, &put(&store, owner as u128, length, personal).await).await;
            store.blobs().check(&blob).await.unwrap();
            assert_eq!(
                std::fs::metadata(server.object(blob.id)).unwrap().len(),
                blob.stored_size
            );
        }
    }
    let report = verify::verify(&store, &verify::Plan::default()).await.unwrap();
    assert!(report.is_sound(), "{report}");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erasure_sweep_and_damage_on_s3_are_as_in_the_folder() {
    let (server, root, world) = (Bucket::start().await, tempfile::tempdir().unwrap(), ManualWorld::new());
    let (store, _) = on_s3(&server, root.path(), &world).await;
    let real = jiff::Timestamp::now().duration_since(world.now().jiff());
    world.advance(real + kernel::SignedDuration::from_mins(1));

    let kept = attach(&store, &put(&store, 1, 100_000, true).await).await;
    let orphan = put(&store, 2, 100_000, true).await;
    assert_eq!(
        store.sweep_blobs().await.unwrap(),
        Swept {
            seen: 2,
            orphans: 0,
            broken_off: 0
        }
    );
    world.advance(kernel::SignedDuration::from_hours(25));
    assert_eq!(
        store.sweep_blobs().await.unwrap(),
        Swept {
            seen: 2,
            orphans: 1,
            broken_off: 0
        }
    );
    assert!(matches!(
        store.blobs().exists(orphan.id).await,
        Err(BlobError::Missing(_))
    ));

    let mut bytes = std::fs::read(server.object(kept.id)).unwrap();
    bytes[70_000] ^= 1;
    std::fs::write(server.object(kept.id), bytes).unwrap();
    assert!(matches!(
        store.blobs().check(&kept).await,
        Err(BlobError::Corrupt { .. })
    ));

    let (id, now) = (kept.id, world.now());
    assert!(store.write(move |tx| tx.erase_blob(id, now)).await.unwrap());
    store.blobs().delete(id).await.unwrap();
    store.blobs().delete(id).await.unwrap();
    assert!(!server.object(id).exists());
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backup_and_archive_carry_objects_between_s3_and_a_folder() {
    let (server, root, world) = (Bucket::start().await, tempfile::tempdir().unwrap(), ManualWorld::new());
    let (store, config) = on_s3(&server, root.path(), &world).await;
    let blob = attach(&store, &put(&store, 1, 9_000_000, true).await).await;
    backup::backup(&store, world.as_ref(), &root.path().join("backup"))
        .await
        .unwrap();
    archive::export(&store, world.as_ref(), &root.path().join("archive.tar"))
        .await
        .unwrap();
    store.close().await;

    let folder = StoreConfig {
        database: Database::sqlite(root.path().join("restored/data")),
        blobs: BlobConfig::Folder(root.path().join("restored/blobs")),
        ..config.clone()
    };
    backup::restore(&root.path().join("backup"), &folder, &[], world.clone())
        .await
        .unwrap();
    let restored = Store::open(folder, &[], world.clone()).await.unwrap();
    restored.blobs().check(&blob).await.unwrap();
    restored.close().await;

    let other = Bucket::start().await;
    let imported = StoreConfig {
        database: Database::sqlite(root.path().join("imported")),
        blobs: BlobConfig::S3(other.settings()),
        ..config
    };
    let imported = Store::open(imported, &[], world.clone()).await.unwrap();
    archive::import(&imported, &root.path().join("archive.tar"))
        .await
        .unwrap();
    imported.blobs().check(&blob).await.unwrap();
    imported.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials_and_a_server_that_is_gone_are_said_plainly() {
    let (server, root, world) = (Bucket::start().await, tempfile::tempdir().unwrap(), ManualWorld::new());
    let credentials = root.path().join("wrong");
    std::fs::write(
        &credentials,
        "TINHSO_S3_ACCESS_KEY_ID=tinhso-test\nTINHSO_S3_SECRET_ACCESS_KEY=wrong\n",
    )
    .unwrap();
    let settings = S3Config {
        credentials_file: Some(credentials),
        ..server.settings()
    };
    let config = testkit::engines::config(Database::sqlite(root.path().join("data")), root.path(), &world);
    let KeySource::Ring(ring) = config.keys else {
        panic!("the test kit gives a ring")
    };
    let blobs = store::blob::Blobs::open(&BlobConfig::S3(settings), ring).unwrap();
    let refused = blobs.exists(BlobId::new(world.as_ref())).await;
    assert!(matches!(refused, Err(BlobError::Storage(_))), "{refused:?}");
    assert!(!format!("{refused:?}").contains("wrong"), "no secret in an error");
}
