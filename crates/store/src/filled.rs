//! For the tests of what keeps data (archive, backup, verify, salvage): tables with every kind of column, and odd values.

use std::sync::Arc;

use kernel::{Date, Timestamp, World};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Migration, MigrationSet, Store, StoreError, Tx,
    blob::{BlobId, BlobMeta},
    keys::SealedColumn,
    search,
};

pub(crate) const FILLED: MigrationSet = MigrationSet::new(
    "filled",
    &[Migration::portable(
        "0001_everything",
        "CREATE TABLE thing (
            id UUID PRIMARY KEY, parent UUID REFERENCES thing (id), yes BOOLEAN NOT NULL, whole BIGINT, real DOUBLE PRECISION,
            words TEXT NOT NULL, raw BYTEA, at TIMESTAMPTZ, day DATE, doc JSONB
        );
        CREATE TABLE numbered (
            id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, thing UUID NOT NULL REFERENCES thing (id), text TEXT NOT NULL
        );
        CREATE TABLE attached (
            thing UUID NOT NULL REFERENCES thing (id), place BIGINT NOT NULL, blob UUID NOT NULL REFERENCES blob (id),
            PRIMARY KEY (thing, place)
        );
        CREATE TABLE secret (id UUID PRIMARY KEY, name BYTEA, number BYTEA);
        CREATE TABLE coded (code TEXT PRIMARY KEY, \"order\" BIGINT NOT NULL);
        CREATE SEARCH INDEX filled_search;",
    )],
);

pub(crate) const SEALED: [SealedColumn; 2] = [
    SealedColumn::by_id("secret", "name"),
    SealedColumn::by_id("secret", "number"),
];

pub(crate) const SEARCH: search::SearchIndex = crate::search_index!("filled_search");

#[derive(Clone)]
struct Thing {
    id: Uuid,
    parent: Option<Uuid>,
    whole: Option<i64>,
    real: Option<f64>,
    words: String,
    raw: Option<Vec<u8>>,
    at: Option<Timestamp>,
    day: Option<Date>,
    doc: Option<serde_json::Value>,
}

/// Fills the tables with `count` things and all that hangs on them; gives their blobs.
pub(crate) async fn fill(store: &Store, count: usize, seed: u64) -> Vec<BlobId> {
    let mut chance = ChaCha20Rng::seed_from_u64(seed);
    let things = Arc::new(things(count, &mut chance));
    // The parents of some come after them, so that an import must wait with the reference.
    let rows = things.clone();
    store
        .write(move |tx| rows.iter().try_for_each(|thing| insert(tx, thing)))
        .await
        .expect("things are stored");
    let rows = things.clone();
    store
        .write(move |tx| rows.iter().try_for_each(|thing| hang(tx, thing)))
        .await
        .expect("parents are set");
    secrets(store, count / 2, &mut chance).await;
    let mut blobs = Vec::new();
    for (place, thing) in things.iter().take(12).enumerate() {
        blobs.push(blob(store, thing.id, place, &mut chance).await);
    }
    blobs
}

fn things(count: usize, chance: &mut ChaCha20Rng) -> Vec<Thing> {
    let ids: Vec<Uuid> = (0..count).map(|_| Uuid::from_u128(chance.random())).collect();
    (0..count)
        .map(|at| Thing {
            id: ids[at],
            parent: (at % 3 == 0).then(|| ids[chance.random_range(0..count)]),
            whole: [Some(i64::MIN), Some(i64::MAX), Some(0), None, Some(chance.random())][at % 5],
            real: [
                Some(0.1 + 0.2),
                Some(-0.0),
                Some(1e300),
                None,
                Some(f64::MIN_POSITIVE),
                Some(105.905_6),
            ][at % 6],
            words: odd_text(at, chance),
            raw: [Some(Vec::new()), None, Some((0..=255).collect()), Some(vec![0; 3])][at % 4].clone(),
            at: [
                None,
                Some(Timestamp::from_micros(1_795_000_000_123_456)),
                Some(Timestamp::from_micros(-1)),
            ][at % 3],
            day: [
                None,
                Some(jiff::civil::date(1900, 2, 28)),
                Some(jiff::civil::date(2026, 11, 22)),
            ][at % 3],
            doc: odd_document(at, chance),
        })
        .collect()
}

fn odd_text(at: usize, chance: &mut ChaCha20Rng) -> String {
    let texts = [
        "",
        "Nguyễn Thị Ánh",
        "Nguye\u{302}\u{303}n",
        "👩‍👩‍👧‍👦 🇻🇳",
        "'; DROP TABLE thing; --",
        "\"\\\n\t\u{1}",
        "\u{FFFD}\u{10FFFF}",
    ];
    match at % 9 {
        7 => "x".repeat(chance.random_range(0..9_000)),
        8 => char::from_u32(chance.random_range(0x20..0xD800))
            .map_or_else(String::new, String::from)
            .repeat(50),
        n => texts[n].to_owned(),
    }
}

fn odd_document(at: usize, chance: &mut ChaCha20Rng) -> Option<serde_json::Value> {
    match at % 5 {
        0 => None,
        1 => Some(serde_json::Value::Null),
        2 => Some(json!({"z": 1, "a": {"y": [1.5, null, "ế", {"b": true, "a": -7}], "xx": ""}, "": []})),
        3 => Some(json!([chance.random::<i64>(), "👍", {}])),
        _ => Some(json!("chỉ một chữ")),
    }
}

fn insert(tx: &mut Tx, thing: &Thing) -> Result<(), StoreError> {
    let yes = thing.whole.is_some();
    tx.execute(
        "INSERT INTO thing (id, yes, whole, real, words, raw, at, day, doc) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[&thing.id, &yes, &thing.whole, &thing.real, &thing.words, &thing.raw, &thing.at, &thing.day, &thing.doc],
    )?;
    tx.execute(
        "INSERT INTO numbered (thing, text) VALUES ($1, $2)",
        &[&thing.id, &thing.words],
    )?;
    let code = thing.id.to_string();
    tx.execute("INSERT INTO coded (code, \"order\") VALUES ($1, $2)", &[&code, &1_i64])?;
    tx.search_put(
        &SEARCH,
        search::Entry {
            id: thing.id,
            rank: 1,
            strong: &thing.words,
            weak: "chung",
        },
    )
}

fn hang(tx: &mut Tx, thing: &Thing) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE thing SET parent = $1 WHERE id = $2",
        &[&thing.parent, &thing.id],
    )
    .map(|_| ())
}

async fn secrets(store: &Store, count: usize, chance: &mut ChaCha20Rng) {
    let (keys, world) = (store.keys(), store.world().clone());
    let rows: Vec<(Uuid, Option<Vec<u8>>, Vec<u8>)> = (0..count)
        .map(|at| {
            let id = Uuid::from_u128(chance.random());
            let seal = |column: &str, plain: &str| {
                keys.seal(world.as_ref(), &format!("secret.{column}:{id}"), plain.as_bytes())
                    .into_bytes()
            };
            (
                id,
                (at % 4 != 0).then(|| seal("name", "Trần Văn Bé")),
                seal("number", "038099001234"),
            )
        })
        .collect();
    let insert = move |tx: &mut Tx| {
        for (id, name, number) in &rows {
            tx.execute(
                "INSERT INTO secret (id, name, number) VALUES ($1, $2, $3)",
                &[id, name, number],
            )?;
        }
        Ok::<_, StoreError>(())
    };
    store.write(insert).await.expect("secrets are stored");
}

async fn blob(store: &Store, thing: Uuid, place: usize, chance: &mut ChaCha20Rng) -> BlobId {
    let length = [0, 1, 65_536, 200_000][place % 4];
    let mut body = vec![0; length];
    chance.fill(body.as_mut_slice());
    let stored = put(store, thing, &body, place.is_multiple_of(2)).await;
    let place = i64::try_from(place).expect("small");
    store
        .write(move |tx| {
            let id = tx.attach_blob(&stored)?;
            tx.execute(
                "INSERT INTO attached (thing, place, blob) VALUES ($1, $2, $3)",
                &[&thing, &place, &id],
            )?;
            Ok::<_, StoreError>(id)
        })
        .await
        .expect("a blob is attached")
}

pub(crate) async fn put(store: &Store, owner: Uuid, body: &[u8], personal: bool) -> crate::blob::StoredBlob {
    let meta = BlobMeta {
        owner,
        media_type: "application/octet-stream".to_owned(),
        personal,
        size_max: 1 << 40,
    };
    store
        .blobs()
        .put(store.world().as_ref() as &dyn World, body, meta)
        .await
        .expect("the body is stored")
}
