//! A store under load loses its power at many moments: whatever it had acknowledged is there afterwards and verifies, and
//! nothing is half-written. The last tests prove that these would fail if the store did not sync.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may fail by panicking")]

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, LazyLock},
};

use kernel::World as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use store::{
    BlobConfig, Database, KeySource, Limits, Migration, MigrationSet, Mode, Store, StoreConfig, StoreError, Tx,
    blob::{BlobId, BlobMeta},
    keys,
    verify::{Plan, verify},
};
use testkit::{
    ManualWorld,
    powercut::{Acks, Disk, Log, Loss, Names, PowerCut},
    say,
};
use uuid::Uuid;

const ROOT: &str = "POWERCUT_TEST_ROOT";
const KEYS: &str = "POWERCUT_TEST_KEYS";
const WRITERS: u64 = 6;
const WRITES: u64 = 130;
const CUTS: usize = 56;

const PAIRS: [MigrationSet; 1] = [MigrationSet::new(
    "pairs",
    &[Migration::portable(
        "0001_pairs",
        "CREATE TABLE first (id UUID PRIMARY KEY, text TEXT NOT NULL);
         CREATE TABLE second (id UUID PRIMARY KEY REFERENCES first (id), blob UUID REFERENCES blob (id));",
    )],
)];

fn config(root: &Path, key_file: &Path) -> StoreConfig {
    StoreConfig {
        database: Database::sqlite(root.join("data")),
        keys: KeySource::File(key_file.to_owned()),
        blobs: BlobConfig::Folder(root.join("blobs")),
        mode: Mode::Serve,
        limits: Limits::default(),
        double_run: false,
    }
}

/// What a row says follows from its id, so that a reader knows it.
fn text(id: Uuid) -> String {
    format!("{id} chữ có dấu ").repeat(60)
}

fn body(id: Uuid) -> Vec<u8> {
    let mut body = vec![0; 70_000];
    ChaCha8Rng::seed_from_u64(id.as_u64_pair().1).fill(body.as_mut_slice());
    body
}

#[test]
#[ignore = "runs only under the layer, started by the other tests"]
fn write_under_the_layer() {
    let (Some(root), Some(key_file)) = (std::env::var_os(ROOT), std::env::var_os(KEYS)) else {
        return;
    };
    let acks = Arc::new(Acks::open().expect("the layer names the file of promises"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = ManualWorld::with_seed(1);
        let config = config(Path::new(&root), Path::new(&key_file));
        let store = Store::open(config, &PAIRS, world.clone())
            .await
            .expect("the store opens under the layer");
        let writers: Vec<_> = (0..WRITERS)
            .map(|n| tokio::spawn(write_many(store.clone(), world.clone(), acks.clone(), n)))
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        store.close().await;
    });
}

async fn write_many(store: Store, world: Arc<ManualWorld>, acks: Arc<Acks>, writer: u64) {
    for at in 0..WRITES {
        let id = kernel::id::uuid_v7(world.as_ref());
        let stored = if (writer + at).is_multiple_of(9) {
            let meta = BlobMeta {
                owner: id,
                media_type: "image/png".to_owned(),
                personal: at % 2 == 0,
                size_max: 1 << 20,
            };
            Some(
                store
                    .blobs()
                    .put(world.as_ref(), body(id).as_slice(), meta)
                    .await
                    .unwrap(),
            )
        } else {
            None
        };
        let pair = move |tx: &mut Tx| {
            tx.execute("INSERT INTO first (id, text) VALUES ($1, $2)", &[&id, &text(id)])?;
            let blob = stored.as_ref().map(|stored| tx.attach_blob(stored)).transpose()?;
            tx.execute("INSERT INTO second (id, blob) VALUES ($1, $2)", &[&id, &blob])?;
            Ok::<_, StoreError>(blob)
        };
        let blob = store.write(pair).await.unwrap();
        acks.ack(&match blob {
            Some(blob) => format!("blob {id} {blob}"),
            None => format!("row {id}"),
        });
    }
}

/// One life of a store under the layer, written down; the tests share it.
struct Life {
    log: Log,
    key_file: PathBuf,
    _folder: tempfile::TempDir,
}

static LIFE: LazyLock<Life> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    std::fs::create_dir(&root).unwrap();
    let key_file = folder.path().join("keys.toml");
    keys::create(&key_file, ManualWorld::with_seed(2).as_ref()).unwrap();
    let layer = PowerCut::new(&root);
    let mut this = Command::new(std::env::current_exe().unwrap());
    this.args(["--ignored", "--exact", "write_under_the_layer"])
        .env(ROOT, &root)
        .env(KEYS, &key_file);
    layer.watch(&mut this, 700);
    let done = this.output().unwrap();
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    let log = layer.log();
    let life = Life {
        log,
        key_file,
        _folder: folder,
    };
    let acks = life.log.cut(life.log.len(), Loss::Nothing, Names::Strict, 0).acks.len();
    assert_eq!(acks as u64, WRITERS * WRITES, "every write was acknowledged");
    say(&format!(
        "{} operations, {} syncs, {acks} promises",
        life.log.len(),
        life.log.syncs()
    ));
    life
});

/// Opens what a cut left, and says what is wrong with it.
async fn faults(life: &Life, disk: &Disk) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    disk.write_to(folder.path());
    let world = ManualWorld::with_seed(3);
    world.set(world.now() + kernel::SignedDuration::from_hours(1));
    let opened = Store::open(config(folder.path(), &life.key_file), &PAIRS, world.clone()).await;
    let store = match opened {
        Ok(store) => store,
        Err(fault) => return vec![format!("it does not open: {fault}")],
    };
    let mut faults = broken_promises(&store, disk).await;
    let report = verify(&store, &Plan::default()).await.unwrap();
    if !report.is_sound() {
        faults.push(report.to_string());
    }
    let halves = "SELECT count(*) FROM first AS f LEFT JOIN second AS s ON s.id = f.id WHERE s.id IS NULL";
    let halves = store
        .read(|tx| tx.one(halves, &[], |row| row.get::<i64>(0)))
        .await
        .unwrap();
    if halves > 0 {
        faults.push(format!("{halves} transactions are half there"));
    }
    let id = kernel::id::uuid_v7(world.as_ref());
    let next = store
        .write(move |tx| tx.execute("INSERT INTO first (id, text) VALUES ($1, 'x')", &[&id]))
        .await;
    faults.extend(next.err().map(|fault| format!("it takes no further write: {fault}")));
    store.close().await;
    faults
}

async fn broken_promises(store: &Store, disk: &Disk) -> Vec<String> {
    let rows = store
        .read(|tx| {
            tx.all(
                "SELECT f.id, f.text, s.blob FROM first AS f JOIN second AS s ON s.id = f.id",
                &[],
                |row| {
                    Ok((
                        row.get::<Uuid>(0)?,
                        row.get::<String>(1)?,
                        row.get::<Option<BlobId>>(2)?,
                    ))
                },
            )
        })
        .await
        .unwrap();
    let mut faults: Vec<String> = rows
        .iter()
        .filter(|(id, said, _)| *said != text(*id))
        .map(|(id, ..)| format!("row {id} is garbled"))
        .collect();
    let there: HashSet<String> = rows
        .iter()
        .map(|(id, _, blob)| match blob {
            Some(blob) => format!("blob {id} {blob}"),
            None => format!("row {id}"),
        })
        .collect();
    faults.extend(
        disk.acks
            .iter()
            .filter(|ack| !there.contains(*ack))
            .map(|ack| format!("{ack} is lost")),
    );
    for (id, _, blob) in rows.into_iter().filter(|(.., blob)| blob.is_some()) {
        let found = store.read(move |tx| tx.blob(blob.unwrap())).await.unwrap().unwrap();
        match store.blobs().get_all(&found, 1 << 20).await {
            Ok(found) if found == body(id) => {}
            Ok(_) => faults.push(format!("the blob of {id} is another one")),
            Err(fault) => faults.push(format!("the blob of {id}: {fault}")),
        }
    }
    faults
}

fn seed() -> u64 {
    let seed = std::env::var(testkit::SEED)
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(rand::random);
    say(&format!("{}={seed}", testkit::SEED));
    seed
}

/// Cuts at seeded moments with seeded losses, until `found` is satisfied or the cuts are used up.
async fn cut_often(life: &Life, log: &Log, cuts: usize, mut found: impl FnMut(String) -> bool) {
    let mut chance = ChaCha8Rng::seed_from_u64(seed());
    for _ in 0..cuts {
        let at = chance.random_range(0..=log.len());
        let loss = [Loss::All, Loss::Some, Loss::Torn, Loss::Nothing][chance.random_range(0..4)];
        let names = [Names::Strict, Names::Journal][chance.random_range(0..2)];
        let disk = log.cut(at, loss, names, chance.random());
        let faults = faults(life, &disk).await;
        if !faults.is_empty() {
            let shown: Vec<_> = faults.iter().take(5).cloned().collect();
            let told = format!(
                "cut at {at} of {} ({loss:?}, {names:?}): {}",
                log.len(),
                shown.join("; ")
            );
            if found(told) {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_nothing_acknowledged_is_lost_in_a_power_cut() {
    let life = &*LIFE;
    let mut wrong = Vec::new();
    cut_often(life, &life.log, CUTS, |fault| {
        wrong.push(fault);
        false
    })
    .await;
    assert!(wrong.is_empty(), "{} of {CUTS} cuts: {}", wrong.len(), wrong.join("\n"));
}

/// The cuts that hurt most: right after a promise, everything unsynced lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_a_promise_holds_from_its_first_moment() {
    let life = &*LIFE;
    let acks = life.log.promises();
    let mut chance = ChaCha8Rng::seed_from_u64(seed());
    for _ in 0..24 {
        let at = acks[chance.random_range(0..acks.len())] + 1;
        let disk = life.log.cut(at, Loss::All, Names::Strict, chance.random());
        let faults = faults(life, &disk).await;
        assert!(faults.is_empty(), "cut at {at}: {}", faults.join("; "));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_a_database_that_is_not_synced_is_caught() {
    let life = &*LIFE;
    let mut caught = None;
    cut_often(life, &life.log.with_syncs_ignored("data"), 40, |fault| {
        caught = Some(fault);
        true
    })
    .await;
    say(&caught.expect("a store that does not sync its database must be found out"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_blobs_that_are_not_synced_are_caught() {
    let life = &*LIFE;
    let mut caught = None;
    cut_often(life, &life.log.with_syncs_ignored("blobs"), 40, |fault| {
        caught = Some(fault);
        true
    })
    .await;
    say(&caught.expect("a store that does not sync its blobs must be found out"));
}
