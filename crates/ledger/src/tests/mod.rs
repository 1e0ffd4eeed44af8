//! Tests of the log: the arithmetic against known vectors and an independent implementation, the formats against known notes and damage,
//! taking in on both engines with the plug pulled at every moment, witnesses that are down or lie, audits of logs that were changed.

mod audit;
mod formats;
mod log;
mod merkle;
mod simulation;
mod witness;

use std::sync::Arc;

use ::store::{MigrationSet, StoreError};
use identity::{Identity, IdentityConfig};
use testkit::TestStore;
use uuid::Uuid;

use crate::config::Config;
use crate::hash::Hash;
use crate::house::Ledger;
use crate::log::{Fact, Head, Kind, store as table};
use crate::merkle::Edge;

const MIGRATIONS: &[MigrationSet] = &[store::MIGRATIONS, identity::MIGRATIONS, crate::MIGRATIONS];

/// A log on a store. Each call is another node.
async fn node(test: &TestStore, config: Config) -> Ledger {
    let settings = IdentityConfig {
        origin: "https://tinh.example.vn".to_owned(),
        secure: true,
        issuer: "Tỉnh Thử".to_owned(),
        providers: Vec::new(),
    };
    let world: Arc<dyn kernel::World> = test.world().clone();
    let identity = Identity::open(test.store().clone(), world, settings).await.unwrap();
    Ledger::open(&identity, "https://tinh.example.vn", config).unwrap()
}

/// Facts that nobody recorded yet.
fn facts(test: &TestStore, count: u64) -> Vec<Fact> {
    let world = test.world().as_ref();
    let one = |at: u64| {
        Fact::new(
            world,
            Kind::Paper,
            kernel::id::uuid_v7(world),
            format!("paper {at}\n").as_bytes(),
        )
    };
    (0..count).map(one).collect()
}

async fn record(test: &TestStore, facts: &[Fact]) {
    let facts = facts.to_vec();
    let write = test
        .store()
        .write(move |tx| facts.iter().try_for_each(|fact| fact.record(tx)));
    write.await.unwrap();
}

/// Takes in until nothing waits.
async fn settle(ledger: &Ledger) {
    while ledger.round().await.unwrap().is_some() {}
}

/// A log of so many entries.
async fn grown(test: &TestStore, count: u64) -> (Ledger, Vec<Fact>) {
    let ledger = node(test, Config::default()).await;
    let made = facts(test, count);
    for part in made.chunks(700) {
        record(test, part).await;
        settle(&ledger).await;
    }
    (ledger, made)
}

async fn heads(test: &TestStore) -> Vec<Head> {
    test.store()
        .read(|tx| table::heads_after(tx, 0, 1_000_000))
        .await
        .unwrap()
}

/// The entries as they lie in the tiles.
async fn entries(test: &TestStore) -> Vec<Hash> {
    let tiles = test.store().read(|tx| table::tiles(tx, 0, 0, 1_000_000)).await.unwrap();
    let bytes: Vec<u8> = tiles.into_iter().flat_map(|(_, content)| content).collect();
    bytes.chunks(32).map(|entry| Hash::from_slice(entry).unwrap()).collect()
}

async fn fact(test: &TestStore, subject: Uuid) -> Option<Fact> {
    let found = test.store().read(move |tx| crate::log::find(tx, Kind::Paper, subject));
    found.await.unwrap()
}

/// Holds that every checkpoint is over a beginning of the entries, that places and facts agree, and that `verify` finds nothing.
async fn holds(test: &TestStore) {
    let (entries, heads) = (entries(test).await, heads(test).await);
    let mut edge = Edge::default();
    let mut heads = heads.iter().peekable();
    let mut last = None;
    for entry in &entries {
        edge.push(Hash::leaf(entry.as_bytes()), |_, _, _| {});
        if let Some(head) = heads.next_if(|head| head.size == edge.size()) {
            assert_eq!(head.root, edge.root(), "the checkpoint of {} entries", head.size);
            assert!(last <= Some(head.at), "time goes on from checkpoint to checkpoint");
            last = Some(head.at);
        }
    }
    assert!(heads.next().is_none(), "a checkpoint of more entries than there are");
    assert_eq!(problems(test).await, Vec::<String>::new());
}

/// What `tinhso verify` says.
async fn problems(test: &TestStore) -> Vec<String> {
    let keys = test.store().keys();
    let read = test.store().read(move |tx| {
        let mut findings = store::verify::Findings::default();
        for check in crate::checks(&keys) {
            check.run(tx, &mut findings)?;
        }
        Ok::<_, StoreError>(findings)
    });
    let findings = read.await.unwrap();
    findings
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.place, problem.what))
        .collect()
}
