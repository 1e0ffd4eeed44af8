//! What is kept and for how long, what is held to be true of it, and what is told to others: pruning, `verify`, causes of lateness.

use exchange::portal::Settings;
use identity::Role;
use kernel::{SignedDuration, World as _};
use store::EngineKind;
use store::verify::{Depth, Plan};

use super::Both;
use crate::harness::wait;
use crate::support::people;
use crate::support::province::words_of;

/// What the checks of the exchange find.
async fn found(both: &Both) -> Vec<String> {
    let store = &both.site.app.store;
    let plan = Plan {
        checks: exchange::checks(&store.keys()),
        sealed: Vec::new(),
        depth: Depth::Sample,
    };
    let report = store::verify::verify(store, &plan).await.unwrap();
    let problems = report
        .sections
        .into_iter()
        .flat_map(|section| section.findings.problems);
    problems
        .map(|problem| format!("{}: {}", problem.place, problem.what))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_the_exchange_that_was_changed_behind_the_program_is_found() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some((province, mut both)) = Both::start(engine, Settings::default()).await else {
            continue;
        };
        let now = both.world.now();
        let (id, code) = both.file(1).await;
        both.settle(&id.to_string()).await;
        both.agrees(&code, 9).await;
        let there = both
            .portal
            .with(|portal| portal.file(&both.filing("042190000017"), now));
        both.arrived(&there).await;
        both.agrees(&there, 1).await;
        both.running.take().unwrap().stop().await;
        assert_eq!(found(&both).await, Vec::<String>::new());
        let store = both.site.app.store.clone();
        let changes: [(&'static str, &'static str, &str); 6] = [
            (
                "UPDATE exchange_transfer SET receipt = replace(receipt, 'TSR1.e', 'TSR1.f') WHERE number = 2",
                "UPDATE exchange_transfer SET receipt = replace(receipt, 'TSR1.f', 'TSR1.e') WHERE number = 2",
                "the receipt does not hold",
            ),
            (
                "UPDATE exchange_transfer SET told = told + 1 WHERE number = 1",
                "UPDATE exchange_transfer SET told = told - 1 WHERE number = 1",
                "the receipt says something else",
            ),
            (
                "UPDATE exchange_transfer SET number = number + 100 WHERE number = 2",
                "UPDATE exchange_transfer SET number = number - 100 WHERE number = 102",
                "a number of its transfers is missing",
            ),
            (
                "UPDATE exchange_link SET told_state = 4 WHERE told_state = 9",
                "UPDATE exchange_link SET told_state = 9 WHERE told_state = 4",
                "its vector of states",
            ),
            (
                "UPDATE exchange_link SET our_state = 8 WHERE our_state = 9",
                "UPDATE exchange_link SET our_state = 9 WHERE our_state = 8",
                "another state of ours",
            ),
            (
                "UPDATE exchange_transfer SET stand = 'waiting' WHERE number = 1 AND kind = 'arrival'",
                "UPDATE exchange_transfer SET stand = 'confirmed' WHERE number = 1 AND kind = 'arrival'",
                "its vector of states",
            ),
        ];
        for (change, back, wanted) in changes {
            assert!(
                store.write(move |tx| tx.execute(change, &[])).await.unwrap() > 0,
                "{change}"
            );
            let problems = found(&both).await.join("\n");
            assert!(problems.contains(wanted), "{change}: {problems}");
            store.write(move |tx| tx.execute(back, &[])).await.unwrap();
        }
        // A receipt that is taken away, and a transfer of a dossier that is not there.
        let gone = "UPDATE exchange_transfer SET receipt = NULL WHERE number = 3";
        assert!(store.write(move |tx| tx.execute(gone, &[])).await.unwrap() > 0);
        let done = province.run(&["verify"], &[]);
        assert!(
            !done.status.success() && words_of(&done).contains("its receipt is gone"),
            "{}",
            words_of(&done)
        );
        let orphan = "UPDATE exchange_transfer SET dossier = id WHERE number = 4";
        assert!(store.write(move |tx| tx.execute(orphan, &[])).await.unwrap() > 0);
        let problems = found(&both).await.join("\n");
        assert!(problems.contains("a dossier that is not there"), "{problems}");
        both.stop().await;
    }
}

/// How many rows a table has.
async fn count(both: &Both, sql: &'static str) -> i64 {
    let count = both
        .site
        .app
        .store
        .read(move |tx| tx.one(sql, &[], |row| row.get::<i64>(0)));
    count.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_transfers_go_and_receipts_and_what_proves_lateness_stay() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some((province, mut both)) = Both::start(engine, Settings::default()).await else {
            continue;
        };
        let ((settled, code), (late, late_code)) = (both.file(1).await, both.file(2).await);
        both.settle(&settled.to_string()).await;
        both.agrees(&code, 9).await;
        both.act(&both.staff.desk, &late.to_string(), "receive", &[("days", "3")])
            .await;
        both.agrees(&late_code, 2).await;
        let before = count(&both, "SELECT count(*) FROM exchange_transfer").await;
        both.world.advance(SignedDuration::from_hours(24 * 399));
        let of_late = count(&both, "SELECT count(*) FROM exchange_transfer t JOIN exchange_link l ON l.dossier = t.dossier WHERE l.our_state = 2").await;
        both.world.advance(SignedDuration::from_hours(24 * 3));
        wait::until("what is old went", wait::LONG, || async {
            both.world.advance(SignedDuration::from_mins(5));
            let left = count(&both, "SELECT count(*) FROM exchange_transfer").await;
            if left == of_late {
                Ok(())
            } else {
                Err(format!("{left} of {before}, {of_late} are late"))
            }
        })
        .await;
        assert_eq!(
            count(&both, "SELECT count(*) FROM exchange_receipt WHERE receipt IS NOT NULL").await,
            before - of_late
        );
        let operator = both.operator().await;
        let page = operator.page(&format!("/admin/exchange/dossiers/{settled}")).await;
        assert!(
            page.words().contains("Biên nhận của các lượt gửi cũ"),
            "{}",
            page.words()
        );
        let receipt = page.text();
        let receipt = receipt
            .split("/exchange/receipts?receipt=")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap();
        let shown = both
            .site
            .visitor()
            .page(&format!("/exchange/receipts?receipt={receipt}"))
            .await
            .words();
        assert!(shown.contains("Biên nhận có thật") && shown.contains(&code), "{shown}");
        both.running.take().unwrap().stop().await;
        province.verify();
        // A kept receipt that is taken away is missed.
        let gone = "DELETE FROM exchange_receipt WHERE number = 1";
        assert!(
            both.site
                .app
                .store
                .write(move |tx| tx.execute(gone, &[]))
                .await
                .unwrap()
                > 0
        );
        let problems = found(&both).await.join("\n");
        assert!(problems.contains("a number of its transfers is missing"), "{problems}");
        both.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_province_that_begins_to_sync_has_no_lateness_of_systems() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some((_province, mut both)) = Both::quiet(engine, Settings::default()).await else {
            continue;
        };
        // Settled in time long ago; its events still lie in the outbox. Another was settled late, by people.
        let ((settled, code), (late, late_code)) = (both.file(1).await, both.file(2).await);
        both.settle(&settled.to_string()).await;
        both.act(&both.staff.desk, &late.to_string(), "receive", &[("days", "3")])
            .await;
        both.world.advance(SignedDuration::from_hours(24 * 30));
        both.run();
        both.agrees(&code, 9).await;
        both.agrees(&late_code, 2).await;
        wait::until("both are judged", wait::LONG, || async {
            both.world.advance(SignedDuration::from_mins(11));
            let link = both.link(&late_code).await.unwrap();
            if link.cause.is_some() {
                Ok(())
            } else {
                Err(format!("{link:?}"))
            }
        })
        .await;
        let link = both.link(&code).await.unwrap();
        assert!(link.due_at.is_some() && link.ended_at <= link.due_at, "{link:?}");
        assert_eq!(link.cause, None, "nobody could tell the portal of it in time: {link:?}");
        assert_eq!(
            count(&both, "SELECT count(*) FROM exchange_link WHERE cause = 'system'").await,
            0
        );
        both.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_told_once_to_whom_a_lateness_was_put_down() {
    Both::on_both(Settings::default(), async |both, _| {
        let ((in_time, told_late), (slow, slow_code)) = both.late_twice().await;
        both.agrees(&slow_code, 2).await;
        let told = wait::until("both were put down", wait::LONG, || async {
            both.world.advance(SignedDuration::from_mins(11));
            let events = both.site.app.store.read(|tx| {
                tx.all(
                    "SELECT subject, payload FROM outbox WHERE kind = 'lateness.attributed' ORDER BY at, id",
                    &[],
                    |row| Ok((row.get::<uuid::Uuid>(0)?, row.get::<serde_json::Value>(1)?)),
                )
            });
            let events = events.await.unwrap();
            if events.len() >= 2 {
                Ok(events)
            } else {
                Err(format!("{events:?}"))
            }
        })
        .await;
        assert!(
            told.contains(&(in_time, serde_json::json!({ "to": "system" }))),
            "{told:?}"
        );
        assert!(
            told.contains(&(slow, serde_json::json!({ "to": "person" }))),
            "{told:?}"
        );
        // It is judged again and again, and told once.
        for _ in 0..5 {
            both.world.advance(SignedDuration::from_mins(11));
            both.site.app.exchange.round().await.unwrap();
        }
        assert_eq!(
            count(both, "SELECT count(*) FROM outbox WHERE kind = 'lateness.attributed'").await,
            2
        );
        let leader = people::officer(&both.site.app, "lanhdao2", Role::Leader, both.staff.commune).await;
        let list = both.at(&leader).page("/desk/lateness").await.words();
        assert!(list.contains(&told_late) && list.contains(&slow_code), "{list}");
        // As they lay in a province that judged before others were told: the page shows them as it did, and they are told once.
        let as_before = both.site.app.store.write(|tx| {
            tx.execute("DELETE FROM outbox WHERE kind = 'lateness.attributed'", &[])?;
            tx.execute(
                "UPDATE exchange_link SET told_cause = NULL, judge_at = due_at WHERE cause IS NOT NULL",
                &[],
            )
        });
        as_before.await.map_err(|error: store::StoreError| error).unwrap();
        let list = both.at(&leader).page("/desk/lateness").await.words();
        assert!(list.contains(&told_late) && list.contains(&slow_code), "{list}");
        for _ in 0..5 {
            both.world.advance(SignedDuration::from_mins(11));
            both.site.app.exchange.round().await.unwrap();
        }
        assert_eq!(
            count(both, "SELECT count(*) FROM outbox WHERE kind = 'lateness.attributed'").await,
            2
        );
    })
    .await;
}
