//! The order of changes has no gap and no repeat, however many write at once; a reader who follows it has what the register has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use testkit::engines;

use super::{Change, Place, after, start};
use crate::error::RegisterError;
use crate::import::Done;
use crate::record::{Act, RecordId};
use crate::tests::house::{House, MIGRATIONS};

/// Writers at once.
const WRITERS: usize = 8;
/// Records of each, each entered and then changed.
const EACH: usize = 12;

/// Reads on from a place until nothing comes any more and everything that is awaited has come.
async fn follow(house: &House, mut place: Place, awaited: usize) -> (Vec<Change>, Place) {
    let mut all = Vec::new();
    for _ in 0..2_000 {
        let kind = house.kind.clone();
        let part = house
            .register
            .store()
            .read(move |tx| after(tx, &kind, None, place, 7))
            .await
            .expect("a part");
        let is_end = part.next == place;
        all.extend(part.changes);
        place = part.next;
        if is_end {
            if all.len() >= awaited {
                return (all, place);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    panic!("{} of {awaited} changes came", all.len());
}

fn version(change: &Change) -> (RecordId, i64) {
    match change {
        Change::Version { revision, record, .. } => (record.id, *revision),
        Change::Undone { .. } => panic!("{change:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_leave_no_gap() {
    engines(MIGRATIONS, async |test| {
        let house = Arc::new(House::on(test).await);
        let consumer = start(&house.register);
        let reader = {
            let house = house.clone();
            tokio::spawn(async move { follow(&house, Place::default(), WRITERS * EACH * 2).await })
        };
        let writers = (0..WRITERS).map(|writer| {
            let house = house.clone();
            tokio::spawn(async move {
                for at in 0..EACH {
                    let tag = format!("TS-{:06}", writer * 1_000 + at);
                    let entered =
                        house.command(Act::Add, None, &[("tag", &tag), ("species", "Lim"), ("health", "good")]);
                    let (id, _) = house
                        .register
                        .record(&house.kind, entered, None)
                        .await
                        .expect("entered");
                    let seen = house.last(id).await;
                    let change = house.command(Act::Change, Some(&seen), &[("health", "dead")]);
                    house.register.record(&house.kind, change, None).await.expect("changed");
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.expect("it wrote");
        }
        let (changes, place) = reader.await.expect("it read");
        let mut seen: BTreeMap<(RecordId, i64), usize> = BTreeMap::new();
        let mut last: BTreeMap<RecordId, i64> = BTreeMap::new();
        for change in &changes {
            let (id, revision) = version(change);
            *seen.entry((id, revision)).or_default() += 1;
            assert!(
                last.insert(id, revision).is_none_or(|before| before < revision),
                "out of order"
            );
        }
        assert_eq!(seen.len(), WRITERS * EACH * 2);
        assert!(seen.values().all(|count| *count == 1), "{seen:?}");
        // Nothing comes after the end, and a second reader is told the same.
        assert_eq!(follow(&house, place, 0).await.0, []);
        let again = follow(&house, Place::default(), WRITERS * EACH * 2).await.0;
        let pairs = |changes: &[Change]| changes.iter().map(version).collect::<Vec<_>>();
        assert_eq!(pairs(&again), pairs(&changes));
        consumer.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_told_record_by_record() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let consumer = start(&house.register);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("some.csv");
        let mut text = String::from("tag,species,health\n");
        for at in 0..25 {
            text.push_str(&format!("TS-{at:06},Lim,good\n"));
        }
        std::fs::write(&path, text).expect("written");
        let done = house
            .register
            .import(&house.kind, &path, "some.csv", house.by.clone(), Arc::new(|_, _| {}))
            .await
            .expect("it comes in");
        assert!(matches!(done, Done::In { rows: 25, .. }), "{done:?}");
        let after_it = house.command(
            Act::Add,
            None,
            &[("tag", "TS-999999"), ("species", "Lim"), ("health", "good")],
        );
        house
            .register
            .record(&house.kind, after_it, None)
            .await
            .expect("entered");
        let (changes, _) = follow(&house, Place::default(), 26).await;
        let mut ids: Vec<RecordId> = changes.iter().map(|change| version(change).0).collect();
        assert_eq!(ids.len(), 26);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 26, "each is told once");
        assert!(matches!(&changes[0], Change::Version { import: Some(_), .. }));
        consumer.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_stayed_away_too_long_is_told_so() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let consumer = start(&house.register);
        for at in 0..3 {
            let tag = format!("TS-{at:06}");
            let entered = house.command(Act::Add, None, &[("tag", &tag), ("species", "Lim"), ("health", "good")]);
            house
                .register
                .record(&house.kind, entered, None)
                .await
                .expect("entered");
        }
        let (changes, end) = follow(&house, Place::default(), 3).await;
        house.world.advance(kernel::SignedDuration::from_hours(24 * 91));
        let now = house.register.now();
        let gone = house
            .register
            .store()
            .write(move |tx| super::prune(tx, now))
            .await
            .expect("pruned");
        assert_eq!(gone, 2, "the last change of each kind stays");
        let kind = house.kind.clone();
        let part = house
            .register
            .store()
            .read(move |tx| after(tx, &kind, None, Place::default(), 10))
            .await;
        assert!(matches!(part, Err(RegisterError::Gone)), "{part:?}");
        // Who had read to the end has missed nothing.
        assert_eq!(follow(&house, end, 0).await.0, []);
        assert_eq!(changes.len(), 3);
        consumer.stop().await;
    })
    .await;
}

#[test]
fn places_are_read_as_they_are_written() {
    let id = RecordId::from_uuid(uuid::Uuid::from_u128(7));
    for place in [
        Place::default(),
        Place {
            position: 12,
            within: Some(id),
        },
    ] {
        assert_eq!(place.to_string().parse(), Ok(place));
    }
    for bad in ["", "-1", "x", "1.x", "1.", "."] {
        assert!(bad.parse::<Place>().is_err(), "{bad}");
    }
}
