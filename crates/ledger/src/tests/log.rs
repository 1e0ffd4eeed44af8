//! The log on both engines: what is recorded is taken in once and proven, places and tiles follow, what was changed behind its back is
//! found and never signed, and the clock may go where it likes.

use kernel::{SignedDuration, Timestamp};
use store::StoreError;

use super::{MIGRATIONS, entries, fact, facts, grown, heads, holds, node, problems, record, settle};
use crate::checkpoint::Checkpoint;
use crate::config::Config;
use crate::error::LedgerError;
use crate::hash::Hash;
use crate::log::{self, Kind, served};
use crate::merkle::{verify_consistency, verify_inclusion};
use crate::note::Note;
use crate::tile::{self, TileName};

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_taken_in_once_and_proven() {
    testkit::engines(MIGRATIONS, async |test| {
        let ledger = node(test, Config::default()).await;
        assert!(ledger.round().await.unwrap().is_none(), "nothing waits");
        let made = facts(test, 3);
        record(test, &made).await;
        record(test, &made).await;
        let shown = ledger.shown(Kind::Paper, made[0].subject).await.unwrap().unwrap();
        assert!(shown.proven.is_none() && shown.fact.is_of(b"paper 0\n") && !shown.fact.is_of(b"paper 1\n"));
        assert_eq!(ledger.standing().await.unwrap().pending.0, 3);

        let head = ledger.round().await.unwrap().unwrap();
        assert_eq!(head.size, 3);
        let (checkpoint, note) = Checkpoint::read(head.note.as_bytes()).unwrap();
        assert_eq!(note.verify(ledger.key()), Ok(()));
        assert_eq!(
            checkpoint,
            Checkpoint::new("tinh.example.vn/log", 3, head.root),
            "the name of the log is its address"
        );
        for one in &made {
            let shown = ledger.shown(Kind::Paper, one.subject).await.unwrap().unwrap();
            let proven = shown.proven.unwrap();
            proven.proof.verify(one.commitment.as_bytes(), ledger.key()).unwrap();
            assert!(proven.proof.verify(b"something else", ledger.key()).is_err());
            assert!(shown.fact.logged_at.is_some());
        }
        assert!(ledger.round().await.unwrap().is_none(), "and nothing waits any more");
        let unknown = kernel::id::uuid_v7(test.world().as_ref());
        assert!(ledger.shown(Kind::Paper, unknown).await.unwrap().is_none());
        holds(test).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_leaves_nothing_behind() {
    testkit::engines(MIGRATIONS, async |test| {
        let made = facts(test, 2);
        let two = made.clone();
        let failed = test.store().write(move |tx| {
            two[0].record(tx)?;
            Err::<(), _>(StoreError::Closed)
        });
        failed.await.unwrap_err();
        assert!(
            fact(test, made[0].subject).await.is_none(),
            "the fact did not come to be, so it is not recorded"
        );
        let ledger = node(test, Config::default()).await;
        assert!(ledger.round().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_lead_from_every_batch_to_every_later_checkpoint() {
    testkit::engines(MIGRATIONS, async |test| {
        let ledger = node(test, Config::default()).await;
        let mut all = Vec::new();
        for count in [1, 1, 5, 249, 1, 300, 700] {
            let made = facts(test, count);
            record(test, &made).await;
            settle(&ledger).await;
            all.extend(made);
        }
        let heads = heads(test).await;
        assert_eq!(
            heads.iter().map(|head| head.size).collect::<Vec<_>>(),
            [1, 2, 7, 256, 257, 557, 1257]
        );
        for one in all.iter().step_by(97) {
            let at = fact(test, one.subject).await.unwrap().position.unwrap();
            for head in heads.iter().filter(|head| head.size > at) {
                let size = head.size;
                let proof = test.store().read(move |tx| log::prove(tx, at, size)).await.unwrap();
                verify_inclusion(&proof, Hash::leaf(one.commitment.as_bytes()), at, size, head.root).unwrap();
            }
        }
        for (older, newer) in heads.iter().flat_map(|old| heads.iter().map(move |new| (old, new))) {
            let (old, new) = (older.size, newer.size);
            let proof = test.store().read(move |tx| log::prove_consistency(tx, old, new)).await;
            match proof {
                Ok(proof) => verify_consistency(&proof, (old, older.root), (new, newer.root)).unwrap(),
                Err(error) => assert!(
                    old > new && matches!(error, LedgerError::NotFound),
                    "{old} {new}: {error}"
                ),
            }
        }
        holds(test).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_are_served_as_they_were_at_every_checkpoint() {
    testkit::engines(MIGRATIONS, async |test| {
        let (_, _) = grown(test, 600).await;
        let get = |path: &str| {
            let name: TileName = path.parse().unwrap();
            test.store().look_up(move |tx| served(tx, name))
        };
        let all = entries(test).await;
        for (path, from, width) in [
            ("tile/entries/000", 0, 256),
            ("tile/entries/001.p/7", 256, 7),
            ("tile/entries/002.p/88", 512, 88),
        ] {
            let bundle = get(path).await.unwrap().unwrap();
            let wanted: Vec<&[u8]> = all[from..from + width]
                .iter()
                .map(|entry| &entry.as_bytes()[..])
                .collect();
            assert_eq!(tile::entries(&bundle, width).unwrap(), wanted, "{path}");
            let leaves = get(&path.replace("entries", "0")).await.unwrap().unwrap();
            let wanted: Vec<Hash> = wanted.into_iter().map(Hash::leaf).collect();
            assert_eq!(tile::hashes(&leaves, width).unwrap(), wanted, "{path}");
        }
        assert_eq!(get("tile/1/000.p/2").await.unwrap().unwrap().len(), 64);
        for beyond in [
            "tile/entries/002",
            "tile/0/002.p/89",
            "tile/0/003.p/1",
            "tile/1/000.p/3",
            "tile/2/000.p/1",
        ] {
            assert_eq!(get(beyond).await.unwrap(), None, "{beyond}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_log_is_found_and_nothing_more_is_signed() {
    testkit::engines(MIGRATIONS, async |test| {
        let (ledger, _) = grown(test, 300).await;
        // An entry of the last tile: what is signed next would hide it, so that nothing is.
        let before = test
            .store()
            .read(|tx| log::store::tile(tx, 0, 1))
            .await
            .unwrap()
            .unwrap();
        let mut changed = before.clone();
        changed[3] ^= 1;
        put(test, 1, changed).await;
        assert!(!problems(test).await.is_empty());
        record(test, &facts(test, 1)).await;
        let refused = ledger.round().await.unwrap_err();
        assert!(matches!(refused, LedgerError::Damaged(_)), "{refused}");
        assert_eq!(heads(test).await.last().unwrap().size, 300, "nothing was signed");
        // A tile that was cut off.
        put(test, 1, before[..before.len() - 32].to_vec()).await;
        assert!(matches!(ledger.round().await, Err(LedgerError::Damaged(_))));
        assert!(problems(test).await.iter().any(|problem| problem.contains("cut off")));
        // Mended, it goes on, and loses nothing.
        put(test, 1, before).await;
        settle(&ledger).await;
        assert_eq!(heads(test).await.last().unwrap().size, 301);
        holds(test).await;
    })
    .await;
}

async fn put(test: &testkit::TestStore, number: i64, content: Vec<u8>) {
    let write = test
        .store()
        .write(move |tx| log::store::put_tile(tx, 0, number, &content));
    write.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_names_what_was_changed() {
    for (sql, wanted) in [
        (
            "UPDATE ledger_fact SET commitment = salt WHERE place = 17",
            "entry 17: the entry is not the hash of its fact",
        ),
        (
            "DELETE FROM ledger_fact WHERE place = 17",
            "entries 17 to 18: the facts behind these entries are gone",
        ),
        (
            "DELETE FROM ledger_fact WHERE place >= 290",
            "entries from 290: facts and entries are not as many",
        ),
        (
            "DELETE FROM ledger_tile WHERE level = 1",
            "tile 1/0: the tile does not follow from the entries",
        ),
        (
            "DELETE FROM ledger_tile WHERE level = 0 AND number = 0",
            "entries 1: a bundle of the log is missing",
        ),
        (
            "UPDATE ledger_checkpoint SET root = (SELECT salt FROM ledger_fact WHERE place = 1)",
            "checkpoint 300: the root",
        ),
        (
            "UPDATE ledger_checkpoint SET note = 'x'",
            "checkpoint 300: the signed note says something else",
        ),
        ("DELETE FROM ledger_checkpoint", "checkpoint 0: the log has 300 entries"),
        (
            "INSERT INTO ledger_tile (level, number, content) SELECT 5, 5, content FROM ledger_tile WHERE level = 1",
            "ledger_tile: there are tiles that the tree does not have",
        ),
    ] {
        let test = testkit::engines::sqlite(MIGRATIONS).await;
        grown(&test, 300).await;
        assert_eq!(problems(&test).await, Vec::<String>::new());
        test.store().write(move |tx| tx.execute(sql, &[])).await.unwrap();
        let found = problems(&test).await;
        assert!(
            found.iter().any(|problem| problem.starts_with(wanted)),
            "{sql}: {found:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_checkpoints_of_one_size() {
    testkit::engines(MIGRATIONS, async |test| {
        grown(test, 2).await;
        let mut head = heads(test).await.pop().unwrap();
        head.root = Hash::of(b"another");
        let second = test.store().write(move |tx| log::store::put_head(tx, &head));
        assert!(matches!(second.await, Err(StoreError::Duplicate { .. })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_loses_nothing() {
    testkit::engines(MIGRATIONS, async |test| {
        let ledger = node(test, Config::default()).await;
        let mut size = 0;
        for hours in [0, -5, 3, -400, 1] {
            test.world().advance(SignedDuration::from_hours(hours));
            record(test, &facts(test, 4)).await;
            settle(&ledger).await;
            size += 4;
            assert_eq!(heads(test).await.last().unwrap().size, size, "after {hours} hours");
        }
        holds(test).await;
        // Another node takes over, though the lease of the first runs far beyond what its own clock says.
        let other = node(test, Config::default()).await;
        test.world().advance(SignedDuration::from_hours(-24));
        record(test, &facts(test, 1)).await;
        settle(&other).await;
        assert_eq!(heads(test).await.last().unwrap().size, size + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_takes_in_and_another_follows_when_it_is_gone() {
    testkit::engines(MIGRATIONS, async |test| {
        let (first, second) = (node(test, Config::default()).await, node(test, Config::default()).await);
        record(test, &facts(test, 1)).await;
        assert!(first.round().await.unwrap().is_some());
        record(test, &facts(test, 1)).await;
        assert!(second.round().await.unwrap().is_none(), "the first one is at it");
        test.world().advance(SignedDuration::from_secs(4));
        assert!(second.round().await.unwrap().is_some(), "the first one is gone");
        holds(test).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_record_while_nodes_take_in() {
    testkit::engines(MIGRATIONS, async |test| {
        let nodes = [node(test, Config::default()).await, node(test, Config::default()).await];
        let all: Vec<_> = (0..8).map(|_| facts(test, 25)).collect();
        let writers = all.iter().map(|mine| async move {
            for one in mine {
                record(test, std::slice::from_ref(one)).await;
            }
        });
        let takers = nodes.iter().map(|node| async move {
            for _ in 0..60 {
                // Under load a round may be told to try again; it must never leave half of it behind.
                let _ = node.round().await;
                tokio::task::yield_now().await;
            }
        });
        futures::join!(futures::future::join_all(writers), futures::future::join_all(takers));
        test.world().advance(SignedDuration::from_secs(10));
        settle(&nodes[0]).await;
        assert_eq!(entries(test).await.len(), 200);
        for one in all.iter().flatten() {
            assert!(fact(test, one.subject).await.unwrap().position.is_some());
        }
        holds(test).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filled_log_is_the_same_as_one_that_grew() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let (ledger, _) = grown(&test, 700).await;
    let wanted = heads(&test).await.pop().unwrap();
    let all = entries(&test).await;
    let other = testkit::engines::sqlite(MIGRATIONS).await;
    let (first, second) = (all[..300].to_vec(), all[300..].to_vec());
    for part in [first, second] {
        let ledger = ledger.clone();
        let load = other
            .store()
            .write(move |tx| log::load(tx, ledger.signer(), &part, Timestamp::from_seconds(7)));
        load.await.unwrap();
    }
    let head = heads(&other).await.pop().unwrap();
    assert_eq!((head.size, head.root), (wanted.size, wanted.root));
    assert_eq!(Note::read(head.note.as_bytes()).unwrap().verify(ledger.key()), Ok(()));
}
