//! Work that a unit handed over, on both engines: its lateness is the other unit's, what that unit asked back is not its time, and
//! no figure of dossiers knows one more.

use identity::UnitId;
use kernel::Timestamp;
use store::StoreError;
use testkit::TestStore;
use uuid::Uuid;

use super::super::{Span, store as causes};
use super::{store as table, without};
use crate::fact::tests::{MIGRATIONS, Story, built, problems, tell, units};

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00+07:00").parse().expect("a time")
}

fn span(from: &str, to: &str) -> Span {
    Span {
        from: at(from),
        to: at(to),
    }
}

#[test]
fn what_is_cut_out_is_gone_and_nothing_else() {
    let whole = span("02T08:00", "06T08:00");
    assert_eq!(without(whole, &[]), [whole]);
    assert_eq!(
        without(whole, &[span("03T08:00", "04T08:00")]),
        [span("02T08:00", "03T08:00"), span("04T08:00", "06T08:00")]
    );
    assert_eq!(without(whole, &[span("01T08:00", "07T08:00")]), []);
    let two = [span("01T08:00", "03T08:00"), span("05T08:00", "09T08:00")];
    assert_eq!(without(whole, &two), [span("03T08:00", "05T08:00")]);
}

/// A child of the dossier at another unit: two hours late, with one question to the sender.
async fn handed_over(test: &TestStore, story: &Story, to: UnitId) {
    let (dossier, id) = (story.id, Uuid::from_u128(77));
    let written = test.store().write(move |tx| {
        tx.execute(
            "INSERT INTO coordination (id, dossier, kind, step, agency, agency_name, unit, state, asked_at, asked_by, asked_unit,
                 due_at, ended_at)
             VALUES ($1, $2, 'hand-over', 'examine', 'x', 'Sở Tư pháp', $3, 'answered', $4, 'x', 'x', $5, $6)",
            &[&id, &dossier, &to, &at("03T08:00"), &at("05T08:00"), &at("05T10:00")],
        )?;
        tx.execute(
            "INSERT INTO child_dossier (id, dossier, number, code, unit, unit_name, from_name, process_version, quota, step,
                 step_since, state, is_open, sent_at, accept_by, is_late_accept, due_at, is_due_confirmed, is_held,
                 stopped_minutes, late_paused_minutes, ended_at, is_late, late_minutes, worked_minutes, changed_at, revision)
             VALUES ($1, $2, 1, 'H27.15-261101-0001/1', $3, 'Sở Tư pháp', 'x', 0, '16 working_hours', 'give', $4, 'answered',
                 $5, $4, $6, $7, $8, $7, $5, 0, 0, $9, $7, 120, 960, $9, 7)",
            &[
                &id, &dossier, &to, &at("03T08:00"), &false, &at("04T08:00"), &true, &at("05T08:00"), &at("05T10:00"),
            ],
        )?;
        tx.execute(
            "INSERT INTO child_stop (child, cause, started_at, ended_at, due_before) VALUES ($1, 'asked', $2, $3, $4)",
            &[&id, &at("04T08:00"), &at("04T16:00"), &at("05T08:00")],
        )?;
        Ok::<_, StoreError>(())
    });
    written.await.expect("the child is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn lateness_is_whose_it_is_and_a_child_is_no_dossier() {
    testkit::engines(MIGRATIONS, async |test| {
        built(test).await;
        let [commune, department, stranger] = units(test);
        let story = Story::new(1, commune).decided("11-04T17:00", "11-09T10:00");
        handed_over_first(test, &story, department).await;
        let asked = test
            .store()
            .read(move |tx| causes::asked(tx, story.id))
            .await
            .expect("read");
        assert_eq!(
            asked,
            [span("03T08:00", "04T08:00"), span("04T16:00", "05T10:00")],
            "what it asked back is not its time"
        );

        let days = (jiff::civil::date(2026, 11, 1), jiff::civil::date(2026, 12, 1));
        let sums = |units: Option<Vec<UnitId>>| {
            let store = test.store().clone();
            async move {
                let read = store.read(move |tx| {
                    let held = table::by_unit(tx, units.as_deref(), None, days)?;
                    Ok::<_, StoreError>((held, table::late(tx, units.as_deref(), None, days, 10)?))
                });
                read.await.expect("read")
            }
        };
        for units in [None, Some(vec![department]), Some(vec![commune])] {
            let (held, late) = sums(units).await;
            assert_eq!(held.len(), 1);
            assert_eq!(
                (held[0].unit_name.as_str(), held[0].count, held[0].late),
                ("Sở Tư pháp", 1, 1)
            );
            assert_eq!((held[0].late_accept, held[0].late_minutes), (1, 120));
            assert_eq!(late[0].code, "H27.15-261101-0001/1");
        }
        assert_eq!(sums(Some(vec![stranger])).await, (vec![], vec![]));
        let (facts, late): (i64, i64) = test
            .store()
            .read(|tx| {
                tx.one(
                    "SELECT count(*), CAST(sum(CASE WHEN is_late THEN 1 ELSE 0 END) AS BIGINT) FROM figure_fact",
                    &[],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
            })
            .await
            .expect("counted");
        assert_eq!(
            (facts, late),
            (1, 1),
            "one dossier came and one is late: the child is neither"
        );
        assert_eq!(problems(test).await, Vec::<String>::new());
    })
    .await;
}

/// The dossier with its child, told to the figures once both are there.
async fn handed_over_first(test: &TestStore, story: &Story, to: UnitId) {
    assert!(tell(test, story).await);
    handed_over(test, story, to).await;
}
