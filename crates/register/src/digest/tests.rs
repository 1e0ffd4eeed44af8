//! The digest against a naive count and a naive search, after many writes of every kind, on both engines; a second run changes
//! nothing, and neither does beginning anew.

use std::collections::BTreeMap;

use ::store::search::Query;
use testkit::engines;

use super::store::{find, tally};
use super::{catch_up, kind_sign, unit_sign};
use crate::feed;
use crate::record::{Act, Record, store as records};
use crate::tests::house::{House, MIGRATIONS};

async fn all(house: &House) -> Vec<Record> {
    let kind = house.kind.clone();
    let read = house
        .register
        .store()
        .read(move |tx| records::after_id(tx, &kind, crate::RecordId::from_uuid(uuid::Uuid::nil()), 10_000));
    read.await.expect("records")
}

async fn counts(house: &House, field: &'static str) -> BTreeMap<String, i64> {
    let kind = house.kind.clone();
    let read = house.register.store().read(move |tx| tally(tx, &kind, field, None));
    read.await.expect("counts").into_iter().collect()
}

fn naive(records: &[Record], field: &str) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for record in records {
        *counts
            .entry(super::counted_value(record.values.get(field)))
            .or_default() += 1;
    }
    counts
}

async fn found(house: &House, words: &'static str) -> Vec<String> {
    let kind = house.kind.clone();
    let query = Query::typing(words)
        .and_any([kind_sign(&kind)])
        .and_any([unit_sign(house.by.unit.uuid())]);
    let ids = house
        .register
        .store()
        .read(move |tx| find(tx, &query, None, 1_000))
        .await
        .expect("found");
    let mut tags = Vec::new();
    for (_, id) in ids {
        tags.push(house.last(id).await.values["tag"].clone());
    }
    let mut tags: Vec<String> = tags.iter().map(crate::record::value::text_of).collect();
    tags.sort();
    tags
}

/// Waits until the consumer has written every change down, then brings the digest up to date.
async fn settle(house: &House, changes: i64) {
    for _ in 0..500 {
        let seen = house
            .register
            .store()
            .read(|tx| tx.one("SELECT count(*) FROM register_change", &[], |row| row.get::<i64>(0)))
            .await
            .expect("a count");
        if seen >= changes {
            catch_up(&house.register, &house.kind).await.expect("it catches up");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("changes were not written down");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_and_words_are_those_of_the_records() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let consumer = feed::start(&house.register);
        for at in 0..30 {
            let tag = format!("TS-{at:06}");
            let species = ["Sao đen", "Bằng lăng", "Xà cừ"][at % 3];
            let day = format!("2026-{:02}-15", 1 + at % 5);
            let mut values = vec![("tag", tag.as_str()), ("species", species), ("health", "good")];
            if at % 4 > 0 {
                values.push(("inspected_on", day.as_str()));
            }
            let entered = house.command(Act::Add, None, &values);
            let (id, _) = house
                .register
                .record(&house.kind, entered, None)
                .await
                .expect("entered");
            if at % 7 == 0 {
                let seen = house.last(id).await;
                let change = house.command(Act::Change, Some(&seen), &[("health", "dead"), ("species", "Lộc vừng")]);
                house.register.record(&house.kind, change, None).await.expect("changed");
            }
            if at % 10 == 0 {
                catch_up(&house.register, &house.kind).await.expect("it catches up");
            }
        }
        settle(&house, 35).await;
        let records = all(&house).await;
        for round in 0..3 {
            assert_eq!(
                counts(&house, "health").await,
                naive(&records, "health"),
                "round {round}"
            );
            assert_eq!(counts(&house, "inspected_on").await, naive(&records, "inspected_on"));
            assert_eq!(counts(&house, "").await, BTreeMap::from([(String::new(), 30)]));
            assert_eq!(found(&house, "loc vung").await.len(), 5);
            assert_eq!(found(&house, "BANG LANG ts 000001").await, ["TS-000001"]);
            assert_eq!(found(&house, "000029").await, ["TS-000029"]);
            assert!(found(&house, "good").await.is_empty(), "choices are no words");
            assert!(found(&house, "sao lang").await.is_empty());
            // Again from the beginning: nothing is counted twice.
            house
                .register
                .store()
                .write(|tx| tx.execute("DELETE FROM register_digest", &[]))
                .await
                .expect("forgotten");
            catch_up(&house.register, &house.kind).await.expect("it catches up");
        }
        consumer.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_counted_once_it_is_in() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let consumer = feed::start(&house.register);
        catch_up(&house.register, &house.kind).await.expect("it catches up");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("some.csv");
        let mut text = String::from("tag,species,health\n");
        for at in 0..250 {
            text.push_str(&format!(
                "TS-{at:06},Lim xanh,{}\n",
                if at % 5 == 0 { "dead" } else { "good" }
            ));
        }
        std::fs::write(&path, text).expect("written");
        house
            .register
            .import(
                &house.kind,
                &path,
                "some.csv",
                house.by.clone(),
                std::sync::Arc::new(|_, _| {}),
            )
            .await
            .expect("it comes in");
        settle(&house, 1).await;
        let wanted = BTreeMap::from([("dead".to_owned(), 50), ("good".to_owned(), 200)]);
        assert_eq!(counts(&house, "health").await, wanted);
        assert_eq!(found(&house, "lim 000123").await, ["TS-000123"]);
        assert_eq!(found(&house, "li").await.len(), 250);
        consumer.stop().await;
    })
    .await;
}

#[test]
fn signs_are_found_again_among_words() {
    let unit = uuid::Uuid::from_u128(7);
    let weak = format!("so 12 κ0a {} τaa τbb β00", unit_sign(unit));
    assert_eq!(
        super::signs_of(&weak),
        (Some(unit), vec!["τaa".to_owned(), "τbb".to_owned()])
    );
    // They pass through folding as they are.
    assert_eq!(kernel::fold::fold(&weak), weak);
}
