//! What the disk and the seam give without the program above: the rows and bytes of a submission, written by 64 tasks
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

/// Rows and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Weight {
    pub(crate) rows: i64,
    pub(crate) bytes: i64,
}

/// Rows and bytes of each table.
pub(crate) type Weights = BTreeMap<String, Weight>;

/// What was added between two weighings. Tables that shrank (drafts go away when they are sent) take nothing off: their
/// deletions are work too.
pub(crate) fn added(before: &Weights, after: &Weights) -> Weight {
    let mut sum = Weight::default();
    for (table, after) in after {
        let before = before.get(table).copied().unwrap_or_default();
        sum.rows += (after.rows - before.rows).max(0);
        sum.bytes += (after.bytes - before.bytes).max(0);
    }
    sum
}

/// Weighs the tables of a SQLite store; `None` on PostgreSQL.
pub(crate) async fn weigh(store: &Store) -> Result<Option<Weights>, String> {
    if store.engine() != store::EngineKind::Sqlite {
        return Ok(None);
    }
    let weighed = store.read(|tx| {
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%VIRTUAL%'";
        let mut weights = Weights::new();
        for table in tx.all(tables, &[], |row| row.get::<String>(0))? {
            let columns: &'static str = leak(format!("SELECT name FROM pragma_table_info('{table}')"));
            let columns = tx.all(columns, &[], |row| row.get::<String>(0))?;
            let length = |name: &String| format!("COALESCE(LENGTH(CAST(\"{name}\" AS BLOB)), 0)");
            let sum: Vec<String> = columns.iter().map(length).collect();
            let sql = leak(format!("SELECT COUNT(*), COALESCE(SUM({}), 0) FROM \"{table}\"", sum.join(" + ")));
            let (rows, bytes) = tx.one(sql, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?;
            weights.insert(table, Weight { rows, bytes });
        }
        Ok::<_, StoreError>(weights)
    });
    weighed.await.map(Some).map_err(|error| error.to_string())
}

/// A text that lives as long as the process: `Tx` takes no other. There are as many as there are tables.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// Transactions per second of `rows` rows with together `bytes` bytes each, by 64 tasks for `time`.
pub(crate) async fn rate(
    folder: &Path,
    database: Option<&str>,
    rows: usize,
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
    let each = (bytes / rows.max(1)).max(1);
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
