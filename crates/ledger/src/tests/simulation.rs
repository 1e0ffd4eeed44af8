//! A seeded life of the log: facts come and are taken back, nodes take in, the plug is pulled at every moment, futures are dropped in
//! the middle, the clock jumps, the store is closed and opened. Afterwards nothing is lost, nothing is doubled, and every checkpoint that
//! was ever seen still stands.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kernel::{SignedDuration, World as _};
use store::{EngineKind, StoreError};
use testkit::TestStore;
use uuid::Uuid;

use super::{MIGRATIONS, entries, fact, facts, heads, holds, node};
use crate::config::Config;
use crate::hash::Hash;
use crate::house::Ledger;
use crate::log::{Fact, Moment, take_in};

/// What the world has seen, and must still be so afterwards.
#[derive(Default)]
struct Seen {
    recorded: Vec<Fact>,
    signed: BTreeMap<u64, Hash>,
    places: BTreeMap<Uuid, u64>,
    cut: BTreeSet<&'static str>,
}

impl Seen {
    async fn look(&mut self, test: &TestStore) {
        let heads = heads(test).await;
        let now: BTreeMap<u64, Hash> = heads.into_iter().map(|head| (head.size, head.root)).collect();
        for (size, root) in &self.signed {
            assert_eq!(
                now.get(size),
                Some(root),
                "the checkpoint of {size} entries was taken back"
            );
        }
        self.signed = now;
        for (subject, place) in &self.places {
            let now = fact(test, *subject).await.unwrap().position;
            assert_eq!(now, Some(*place), "an entry moved");
        }
        for one in self.recorded.iter().rev().take(20) {
            if let Some(place) = fact(test, one.subject).await.unwrap().position {
                self.places.insert(one.subject, place);
            }
        }
    }
}

/// Records some facts, or breaks off after they were written.
async fn come(test: &TestStore, seen: &mut Seen) {
    let count = 1 + test.world().below(60);
    let made = facts(test, count);
    let (rows, breaks) = (made.clone(), test.world().below(4) == 0);
    let written = test.store().write(move |tx| {
        rows.iter().try_for_each(|fact| fact.record(tx))?;
        if breaks { Err(StoreError::Closed) } else { Ok(()) }
    });
    match written.await {
        Ok(()) => seen.recorded.extend(made),
        Err(_) => assert!(breaks),
    }
}

/// Takes in with the plug pulled at some moment.
async fn cut(test: &TestStore, ledger: &Ledger, seen: &mut Seen) {
    let (name, moment) = [
        ("placed", Moment::Placed),
        ("tiled", Moment::Tiled),
        ("signed", Moment::Signed),
    ][usize::try_from(test.world().below(3)).unwrap()];
    let (ledger, now) = (ledger.clone(), test.world().now());
    let limit = 1 + i64::try_from(test.world().below(400)).unwrap();
    let round = test.store().write(move |tx| {
        take_in(tx, ledger.signer(), (now, limit), |at| {
            if at == moment { Err(StoreError::Closed) } else { Ok(()) }
        })
    });
    match round.await {
        Ok(None) => {}
        Ok(Some(_)) => panic!("the plug was pulled and it went on"),
        Err(_) => {
            seen.cut.insert(name);
        }
    }
}

/// Takes in, and is gone before it hears what came of it.
async fn vanish(test: &TestStore, ledger: &Ledger) {
    let patience = Duration::from_micros(test.world().below(3_000));
    // Whether it was done in time is chance; that it was done whole or not at all is what is looked at.
    let _ = tokio::time::timeout(patience, ledger.round()).await;
}

async fn live(mut test: TestStore, steps: u64) {
    let mut seen = Seen::default();
    let mut nodes = [
        node(&test, Config::default()).await,
        node(&test, Config::default()).await,
    ];
    for _ in 0..steps {
        let which = usize::try_from(test.world().below(2)).unwrap();
        match test.world().below(12) {
            0..=3 => come(&test, &mut seen).await,
            4..=5 => drop(nodes[which].round().await.unwrap()),
            6..=8 => cut(&test, &nodes[which], &mut seen).await,
            9 => vanish(&test, &nodes[which]).await,
            10 => {
                let seconds = i64::try_from(test.world().below(40)).unwrap() - 15;
                test.world().advance(SignedDuration::from_secs(seconds));
            }
            _ => {
                drop(nodes);
                test.reopen(MIGRATIONS).await;
                nodes = [
                    node(&test, Config::default()).await,
                    node(&test, Config::default()).await,
                ];
            }
        }
        seen.look(&test).await;
    }
    test.world().advance(SignedDuration::from_secs(100));
    while nodes[0].round().await.unwrap().is_some() {}
    seen.look(&test).await;
    let all = entries(&test).await;
    assert_eq!(all.len(), seen.recorded.len(), "nothing is lost and nothing is doubled");
    let known: BTreeSet<Hash> = seen.recorded.iter().map(|fact| fact.commitment).collect();
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), known);
    assert_eq!(seen.cut.len(), 3, "the plug was pulled at every moment: {:?}", seen.cut);
    holds(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_killed_at_every_step_is_the_same_log_on_sqlite() {
    live(testkit::engines::sqlite(MIGRATIONS).await, 160).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_killed_at_every_step_is_the_same_log_on_postgres() {
    if let Some(test) = testkit::engines::on(EngineKind::Postgres, MIGRATIONS).await {
        live(test, 100).await;
    }
}
