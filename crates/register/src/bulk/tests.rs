//! A bulk edit changes what was looked at and nothing else, passes over what others changed, and can be taken back.

use definition::expression::Value;
use testkit::engines;

use super::{Bulk, BulkId, RowState, State, preview, store};
use crate::record::{Act, RecordId, Source};
use crate::tests::house::{House, MIGRATIONS};

fn edit(house: &House, field: &str, value: serde_json::Value) -> Bulk {
    Bulk {
        id: BulkId::new(house.world.as_ref()),
        system: house.kind.system.code.clone(),
        kind: house.kind.record.name.clone(),
        field: field.to_owned(),
        value,
        reason: "Bão số 9".to_owned(),
        valid_from: house.register.today(),
        state: State::Running,
        account: house.by.account,
        who: house.by.who.clone(),
        unit: house.by.unit,
        undone_who: None,
        created_at: house.register.now(),
        ended_at: None,
    }
}

async fn plant(house: &House, tag: &str, health: &str) -> RecordId {
    let entered = house.command(Act::Add, None, &[("tag", tag), ("species", "Lim"), ("health", health)]);
    house
        .register
        .record(&house.kind, entered, None)
        .await
        .expect("entered")
        .0
}

async fn counts(house: &House, id: BulkId) -> Vec<(RowState, i64)> {
    house
        .register
        .store()
        .read(move |tx| store::counts(tx, id))
        .await
        .expect("counts")
}

async fn state(house: &House, id: BulkId) -> State {
    let found = house.register.store().read(move |tx| store::get(tx, id)).await;
    found.expect("read").expect("there").state
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_are_changed_once_and_given_back() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let mut rows = Vec::new();
        for at in 0..120 {
            let health = if at == 7 { "dead" } else { "good" };
            rows.push((plant(&house, &format!("TS-{at:06}"), health).await, 1));
        }
        // Somebody was faster with one of them.
        let seen = house.last(rows[3].0).await;
        let other = house.command(Act::Change, Some(&seen), &[("height_m", "3.5")]);
        house.register.record(&house.kind, other, None).await.expect("changed");

        let bulk = edit(&house, "health", "dead".into());
        let id = bulk.id;
        house
            .register
            .begin_bulk(bulk.clone(), rows.clone())
            .await
            .expect("begun");
        // The same form again is the same edit.
        house.register.begin_bulk(bulk, rows.clone()).await.expect("begun");
        assert!(
            !house.register.undo_bulk(id, &house.by).await.expect("asked"),
            "it is not done yet"
        );
        house.register.work_on(id).await.expect("done");
        assert_eq!(state(&house, id).await, State::Done);
        let wanted = [(RowState::Changed, 118), (RowState::Passed, 1), (RowState::Same, 1)];
        assert_eq!(counts(&house, id).await, wanted);
        let changed = house.last(rows[0].0).await;
        assert_eq!(changed.values["health"], Value::Text("dead".to_owned()));
        assert_eq!((changed.revision, changed.reason.as_deref()), (2, Some("Bão số 9")));
        assert_eq!(
            (changed.source, changed.origin),
            (Source::Typed, Some(format!("bulk:{id}")))
        );
        assert_eq!(
            house.last(rows[3].0).await.values["health"],
            Value::Text("good".to_owned())
        );

        // One is changed again before the edit is taken back: that change stays.
        let seen = house.last(rows[10].0).await;
        let later = house.command(Act::Change, Some(&seen), &[("height_m", "9.5")]);
        house.register.record(&house.kind, later, None).await.expect("changed");
        assert!(house.register.undo_bulk(id, &house.by).await.expect("asked"));
        house.register.work_on(id).await.expect("done");
        assert_eq!(state(&house, id).await, State::Undone);
        let wanted = [
            (RowState::Kept, 1),
            (RowState::Passed, 1),
            (RowState::Same, 1),
            (RowState::Undone, 117),
        ];
        let mut found = counts(&house, id).await;
        found.sort_by_key(|(state, _)| state.word());
        assert_eq!(found, wanted);
        let back = house.last(rows[0].0).await;
        assert_eq!((back.revision, back.act), (3, Act::Correct));
        assert_eq!(back.values["health"], Value::Text("good".to_owned()));
        assert_eq!(
            house.last(rows[10].0).await.values["health"],
            Value::Text("dead".to_owned())
        );
        assert!(!house.register.undo_bulk(id, &house.by).await.expect("asked"), "once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_rules_refuse() {
    engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let id = plant(&house, "TS-000001", "good").await;
        let record = house.last(id).await;
        let look = |value: Value| preview(&house.kind, record.clone(), "health", &value, house.register.today());
        assert_eq!(look(Value::Text("good".to_owned())).outcome, RowState::Same);
        assert_eq!(look(Value::Text("dead".to_owned())).outcome, RowState::Changed);
        let refused = look(Value::Null);
        assert_eq!((refused.outcome, refused.wrong.len()), (RowState::Refused, 1));
        // What a preview refuses the edit refuses as well, and nothing else is changed.
        let bulk = edit(&house, "health", serde_json::Value::Null);
        let of = bulk.id;
        house.register.begin_bulk(bulk, vec![(id, 1)]).await.expect("begun");
        house.register.work_on(of).await.expect("done");
        assert_eq!(counts(&house, of).await, [(RowState::Refused, 1)]);
        assert_eq!(house.last(id).await.revision, 1);
    })
    .await;
}
