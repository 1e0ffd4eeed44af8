//! What the disk and the seam give without the program above: the entries and bytes of a submission, written by 64 tasks
//! through the same group commit into a table of their own. Printed beside the submissions of the same run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use store::keys::KeyFile;
use store::{
    BlobConfig, Database, KeyRing, KeySource, Limits, Migration, MigrationSet, Mode, Store, StoreConfig, StoreError,
};
use tinhso::world::RealWorld;
use uuid::Uuid;

const TABLE: MigrationSet = MigrationSet::new(
    "bench",
    &[Migration::portable(
        "0001_raw",
        "CREATE TABLE raw (id UUID PRIMARY KEY, body BYTEA NOT NULL);",
    )],
);

/// Entries of tables and indexes, and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Weight {
    pub(crate) entries: i64,
    pub(crate) bytes: i64,
}

/// The weight of each table and each index.
pub(crate) type Weights = BTreeMap<String, Weight>;

/// What was written between two weighings: entries that came and entries that went (drafts go away when they are sent), for
/// taking one out of a tree writes its page as putting one in does. Rows that were only changed are not seen.
pub(crate) fn written(before: &Weights, after: &Weights) -> Weight {
    let mut sum = Weight::default();
    for (name, after) in after {
        let before = before.get(name).copied().unwrap_or_default();
        sum.entries += (after.entries - before.entries).abs();
        sum.bytes += (after.bytes - before.bytes).abs();
    }
    sum
}

/// Weighs the tables and indexes of a SQLite store, as `dbstat` sees them; `None` on PostgreSQL.
pub(crate) async fn weigh(store: &Store) -> Result<Option<Weights>, String> {
    if store.engine() != store::EngineKind::Sqlite {
        return Ok(None);
    }
    let weighed = store.read(|tx| {
        let sql = "SELECT name, ncell, payload FROM dbstat WHERE aggregate = TRUE";
        let rows = tx.all(sql, &[], |row| {
            let (entries, bytes) = (row.get(1)?, row.get(2)?);
            Ok((row.get::<String>(0)?, Weight { entries, bytes }))
        })?;
        Ok::<_, StoreError>(rows.into_iter().collect())
    });
    weighed.await.map(Some).map_err(|error| error.to_string())
}

/// Transactions per second by 64 tasks for `time`, each of `entries` entries with together `bytes` bytes: half of them rows,
/// half of them the entries of their key's index.
pub(crate) async fn rate(
    folder: &Path,
    database: Option<&str>,
    entries: usize,
    bytes: usize,
    time: Duration,
) -> Result<f64, String> {
    let world = Arc::new(RealWorld::new());
    let keys = KeyRing::from_keys(&KeyFile::generate(world.as_ref())).map_err(|error| error.to_string())?;
    let config = StoreConfig {
        database: database.map_or_else(|| Database::sqlite(folder.join("raw")), Database::postgres),
        keys: KeySource::Ring(Arc::new(keys)),
        blobs: BlobConfig::Folder(folder.join("raw-blobs")),
        mode: Mode::Serve,
        limits: Limits::default(),
        double_run: false,
    };
    let store = Store::open(config, &[TABLE], world)
        .await
        .map_err(|error| error.to_string())?;
    let rows = entries.div_ceil(2).max(1);
    // A row holds its id, and the index holds it again.
    let each = (bytes / rows).saturating_sub(2 * size_of::<Uuid>()).max(1);
    let started = Instant::now();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut count = 0_u32;
                while started.elapsed() < time {
                    let ids: Vec<Uuid> = (0..rows).map(|_| Uuid::from_u128(rand::random())).collect();
                    let body = vec![0x5a_u8; each];
                    let written = store
                        .write(move |tx| {
                            for id in &ids {
                                tx.execute("INSERT INTO raw (id, body) VALUES ($1, $2)", &[id, &body])?;
                            }
                            Ok::<_, StoreError>(())
                        })
                        .await;
                    count += u32::from(written.is_ok());
                }
                count
            })
        })
        .collect();
    let mut total = 0_u32;
    for task in tasks {
        total += task.await.map_err(|error| error.to_string())?;
    }
    let rate = f64::from(total) / started.elapsed().as_secs_f64();
    store.close().await;
    Ok(rate)
}
