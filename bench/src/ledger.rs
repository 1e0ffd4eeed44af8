//! How fast the public log takes in, durably, what others record in batches; and how long a proof takes in a log of ten million entries,
//! which is filled for it without facts behind the entries.

use std::path::Path;
use std::time::Instant;

use kernel::World as _;
use ledger::{Fact, Hash, Kind, Ledger};
use rand::Rng as _;
use store::StoreError;
use tinhso::world::RealWorld;

use crate::province::Province;
use crate::stats::{Latencies, Line};

/// Facts that are recorded.
const FACTS: usize = 100_000;
/// Facts of one transaction.
const BATCH: usize = 500;
/// Entries of the large log.
const ENTRIES: u64 = 10_000_000;
/// Entries of one transaction while it is filled: whole tiles.
const CHUNK: u64 = 65_536;
/// Proofs that are timed.
const PROOFS: usize = 2_000;

/// Records and takes in, then proves.
pub(crate) async fn measure(engine: &str, folder: &Path, database: Option<&str>) -> Result<Vec<Line>, String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let province = Province::serve(folder, database).await?;
    let mut lines = vec![taken_in(engine, &province.app.ledger).await?];
    crate::say(&format!("{engine}: filling a log of {ENTRIES} entries"));
    fill(&province.app.ledger).await?;
    lines.push(proven(engine, &province.app.ledger).await?);
    province.stop().await;
    Ok(lines)
}

async fn size(ledger: &Ledger) -> Result<u64, String> {
    let head = ledger.store().read(ledger::log::head).await;
    let head = head.map_err(|error: StoreError| error.to_string())?;
    Ok(head.map_or(0, |head| head.size))
}

/// From the first fact that is recorded to the checkpoint over the last one, both durable.
async fn taken_in(engine: &str, ledger: &Ledger) -> Result<Line, String> {
    let world = RealWorld::new();
    let fact = |_| Fact::new(&world, Kind::Paper, kernel::id::uuid_v7(&world), b"bench\n");
    let all: Vec<Fact> = (0..FACTS).map(fact).collect();
    let began = Instant::now();
    for part in all.chunks(BATCH) {
        let facts = part.to_vec();
        let write = ledger.store().write(move |tx| ledger::log::record_all(tx, &facts));
        write.await.map_err(|error: StoreError| error.to_string())?;
    }
    let recorded = began.elapsed();
    while size(ledger).await? < FACTS as u64 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let took = began.elapsed();
    let rate = FACTS as f64 / took.as_secs_f64().max(f64::EPSILON);
    Ok(Line::new(
        &format!("entries recorded and taken into the public log, {engine}"),
        format!("{rate:.0}/s"),
        "at least 10,000/s",
        rate >= 10_000.0,
        format!(
            "{FACTS} facts, {BATCH} a transaction, recorded in {:.1} s, in a signed checkpoint {:.1} s later",
            recorded.as_secs_f64(),
            (took - recorded).as_secs_f64()
        ),
    ))
}

async fn fill(ledger: &Ledger) -> Result<(), String> {
    let mut at = size(ledger).await?;
    while at < ENTRIES {
        let until = (at / CHUNK * CHUNK + CHUNK).min(ENTRIES);
        let entries: Vec<Hash> = (at..until).map(|entry| Hash::of(&entry.to_be_bytes())).collect();
        let (writer, now) = (ledger.clone(), RealWorld::new().now());
        let write = ledger
            .store()
            .write(move |tx| ledger::log::load(tx, writer.signer(), &entries, now));
        at = write.await.map_err(|error| error.to_string())?.size;
    }
    Ok(())
}

async fn proven(engine: &str, ledger: &Ledger) -> Result<Line, String> {
    let mut latencies = Latencies::default();
    for _ in 0..PROOFS {
        let index = rand::rng().random_range(0..ENTRIES);
        let reader = ledger.clone();
        let began = Instant::now();
        let proven = ledger.store().read(move |tx| reader.proven(tx, index)).await;
        latencies.add(began.elapsed());
        let proven = proven.map_err(|error| error.to_string())?;
        if proven.size != ENTRIES {
            return Err(format!("the proof is of a log of {} entries", proven.size));
        }
    }
    let p99 = latencies.percentile(0.99);
    Ok(Line::new(
        &format!("a proof in a log of {ENTRIES} entries, {engine}"),
        format!("p99 {:.2} ms", p99.as_secs_f64() * 1000.0),
        "under 5 ms",
        p99 < std::time::Duration::from_millis(5),
        format!("{PROOFS} proofs of random entries; {}", latencies.summary()),
    ))
}
