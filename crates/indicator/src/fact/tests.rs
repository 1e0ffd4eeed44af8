//! Facts on both engines: an event read twice counts once, what is kept step by step is what a rebuild makes, what was changed
//! behind the program's back is found, lateness is put down to whom another room says.

use std::sync::Arc;

use casework::dossier::DossierId;
use casework::{Casework, Settings};
use identity::{Identity, IdentityConfig, UnitId};
use kernel::calendar::WorkingCalendar;
use kernel::{SignedDuration, Timestamp, World as _};
use store::outbox::Delivered;
use store::verify::Findings;
use store::{StoreError, Tx};
use testkit::TestStore;
use uuid::Uuid;

use super::Channel;
use super::jobs::{CONSUMER, LATE, refresh, take};
use super::store as table;
use crate::Indicators;
use crate::cell::{Ledger, Measures, differences};
use crate::report::{By, Figure, Filter, Question, Set, load};

pub(crate) const MIGRATIONS: &[store::MigrationSet] = &[
    store::MIGRATIONS,
    identity::MIGRATIONS,
    payment::MIGRATIONS,
    casework::MIGRATIONS,
    crate::MIGRATIONS,
];

/// What a made-up dossier went through.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) id: DossierId,
    pub(crate) unit: UnitId,
    code: String,
    pub(crate) procedure: &'static str,
    entered: &'static str,
    state: &'static str,
    filed: Timestamp,
    received: Option<Timestamp>,
    due: Option<Timestamp>,
    stop: Option<(Timestamp, Option<Timestamp>)>,
    decided: Option<Timestamp>,
    supplements: i64,
    extensions: i64,
}

fn at(text: &str) -> Timestamp {
    format!("2026-{text}:00+07:00").parse().expect("a time")
}

pub(crate) fn calendar() -> Arc<WorkingCalendar> {
    Arc::new(WorkingCalendar::plain().clone())
}

impl Story {
    pub(crate) fn new(number: u32, unit: UnitId) -> Self {
        Self {
            id: DossierId::from_uuid(Uuid::from_u128(
                0x0199_0000_0000_7000_8000_0000_0000_0000 + u128::from(number),
            )),
            unit,
            code: format!("H27.15-261101-{number:04}"),
            procedure: "1.001193",
            entered: "self",
            state: "submitted",
            filed: at("11-02T08:00"),
            received: None,
            due: None,
            stop: None,
            decided: None,
            supplements: 0,
            extensions: 0,
        }
    }

    /// Decided at an hour, due at another.
    pub(crate) fn decided(mut self, due: &str, decided: &str) -> Self {
        self.received = Some(at("11-02T09:00"));
        self.due = Some(at(due));
        self.decided = Some(at(decided));
        self.state = "returned";
        self
    }

    fn stood(&self) -> Option<Timestamp> {
        let cut_off = self
            .stop
            .filter(|(_, end)| *end == self.decided && self.decided.is_some());
        cut_off.map(|(from, _)| from).or(self.decided)
    }

    fn is_late(&self) -> bool {
        self.due.zip(self.stood()).is_some_and(|(due, stood)| due < stood)
    }

    fn worked(&self) -> Option<i64> {
        let calendar = calendar();
        let (received, stood) = self.received.zip(self.stood())?;
        let waited = match self.stop {
            Some((from, Some(to))) if to <= stood && from >= received => {
                calendar.working_time_between(from, to).as_mins()
            }
            _ => 0,
        };
        Some((calendar.working_time_between(received, stood).as_mins() - waited).max(0))
    }

    fn write(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let empty: &[u8] = &[0];
        let open = !matches!(self.state, "returned" | "refused" | "stopped" | "withdrawn");
        let check = self.filed + SignedDuration::from_hours(9);
        let sort = self.due.unwrap_or(check);
        let waited = self.worked().map_or(0, |_| match self.stop {
            Some((from, Some(to))) if Some(to) != self.decided => calendar().working_time_between(from, to).as_mins(),
            _ => 0,
        });
        tx.execute("DELETE FROM dossier_stop WHERE dossier = $1", &[&self.id])?;
        tx.execute("DELETE FROM dossier_event WHERE dossier = $1", &[&self.id])?;
        tx.execute("DELETE FROM dossier WHERE id = $1", &[&self.id])?;
        tx.execute(
            "INSERT INTO dossier (id, code, procedure_code, procedure_version, procedure_name, unit, unit_name, desk, desk_name,
                 person, person_mask, person_index, check_person, representation, entered, delivery, content, state, is_open,
                 supplements, submitted_at, check_by, received_at, is_late_receipt, due_at, is_due_confirmed, sort_at,
                 decided_at, is_late, stopped_minutes, worked_minutes, changed_at, revision, process_version, at_unit,
                 at_unit_name, extensions)
             VALUES ($1, $2, $3, 1, 'x', $4, 'x', $4, 'x', $4, 'x', $5, $5, 'own', $6, 'electronic', $5, $7, $8, $9, $10, $11, $12,
                 $13, $14, $15, $16, $17, $18, $19, $20, $10, 1, 0, $4, 'x', $21)",
            &[
                &self.id, &self.code, &self.procedure, &self.unit, &empty, &self.entered, &self.state, &open,
                &self.supplements, &self.filed, &check, &self.received, &self.received.is_some_and(|at| at > check),
                &self.due, &true, &sort, &self.decided, &self.is_late(), &waited, &self.worked(), &self.extensions,
            ],
        )?;
        if let Some((from, to)) = self.stop {
            tx.execute(
                "INSERT INTO dossier_stop (id, dossier, cause, started_at, ended_at) VALUES ($1, $1, 'ask-supplement', $2, $3)",
                &[&self.id, &from, &to],
            )?;
        }
        let steps = [
            ("submitted", Some(self.filed)),
            ("processing", self.received),
            ("returned", self.decided),
        ];
        for (seq, (state, at)) in (1_i64..).zip(steps) {
            let Some(at) = at else { continue };
            let event = Uuid::from_u128(self.id.uuid().as_u128() ^ (u128::from(seq.unsigned_abs()) << 64));
            tx.execute(
                "INSERT INTO dossier_event (id, dossier, seq, at, action, to_state, capacity)
                 VALUES ($1, $2, $3, $4, 'x', $5, 'desk')",
                &[&event, &self.id, &seq, &at, &state],
            )?;
        }
        Ok(())
    }
}

pub(crate) async fn tell(test: &TestStore, story: &Story) -> bool {
    let (story, world) = (story.clone(), test.world().clone());
    let (event, now) = (kernel::id::uuid_v7(world.as_ref()), world.now());
    let done = test.store().write(move |tx| {
        story.write(tx)?;
        let mut ledger = Ledger::default();
        let has_changed = refresh(tx, story.id, &calendar(), (event, now), &mut ledger)?;
        ledger.write(tx)?;
        Ok::<_, StoreError>(has_changed)
    });
    done.await.expect("the fact is kept")
}

pub(crate) async fn problems(test: &TestStore) -> Vec<String> {
    let mut all = Vec::new();
    for check in crate::checks() {
        let found = test.store().read(move |tx| {
            let mut findings = Findings::default();
            check.run(tx, &mut findings)?;
            Ok::<_, StoreError>(findings)
        });
        let found = found.await.expect("the check runs");
        all.extend(
            found
                .problems
                .into_iter()
                .map(|problem| format!("{}: {}", problem.place, problem.what)),
        );
    }
    all
}

async fn cells(test: &TestStore) -> Vec<(String, String, i64, i64, i64)> {
    let read = test.store().read(|tx| {
        tx.all(
            "SELECT level, day, entries, decided, worked_minutes FROM figure_cell ORDER BY level, day, unit, procedure",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )
    });
    read.await.expect("cells")
}

pub(crate) async fn built(test: &TestStore) {
    let now = test.world().now();
    test.store()
        .write(move |tx| table::note_built(tx, now, 1))
        .await
        .expect("noted");
}

/// Made-up dossiers of every kind, the same ones each time.
pub(crate) fn crowd(units: &[UnitId; 3], count: u32) -> Vec<Story> {
    (0..count)
        .map(|n| {
            let mut story = Story::new(n, units[n as usize % 3]);
            story.procedure = ["1.001193", "2.000815", "1.004873"][n as usize / 3 % 3];
            story.entered = ["self", "assisted", "officer"][n as usize / 2 % 3];
            let hours = |hours: u32| SignedDuration::from_hours(i64::from(hours));
            story.filed =
                at("09-28T07:45") + hours(n * 17 % 1500) + SignedDuration::from_secs(i64::from(n * 37 % 3600));
            if n % 7 == 6 {
                return story;
            }
            let received = story.filed + hours(1 + n % 20);
            story.received = Some(received);
            story.due = (n % 11 != 10).then(|| received + hours(72));
            story.state = "processing";
            if n % 5 == 4 {
                story.supplements = 1 + i64::from(n % 2);
                story.stop = Some((received + hours(5), Some(received + hours(30))));
            }
            match n % 13 {
                12 => {}
                11 => {
                    // Stopped while it waited for the applicant.
                    let end = received + hours(90);
                    (story.state, story.decided, story.stop) =
                        ("stopped", Some(end), Some((received + hours(8), Some(end))));
                }
                10 => (story.state, story.decided) = ("withdrawn", Some(received + hours(20))),
                rest => (story.state, story.decided) = ("returned", Some(received + hours(31 + rest * 7))),
            }
            story.extensions = i64::from(n % 17 == 0);
            story
        })
        .collect()
}

pub(crate) fn units(test: &TestStore) -> [UnitId; 3] {
    [(); 3].map(|()| UnitId::new(test.world().as_ref()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_read_twice_counts_once() {
    testkit::engines(MIGRATIONS, async |test| {
        built(test).await;
        let [unit, other, _] = units(test);
        let mut story = Story::new(1, unit);
        assert!(tell(test, &story).await);
        assert!(!tell(test, &story).await, "nothing has changed");
        assert_eq!(
            cells(test).await.iter().map(|cell| cell.2).collect::<Vec<_>>(),
            [1; 9],
            "one on each level"
        );
        story = story.decided("11-05T17:00", "11-04T10:00");
        assert!(tell(test, &story).await);
        assert!(!tell(test, &story).await);
        assert_eq!(problems(test).await, Vec::<String>::new());
        let month = cells(test)
            .await
            .into_iter()
            .find(|cell| cell.0 == "month-unit")
            .expect("a month");
        assert_eq!(
            (month.1.as_str(), month.2, month.3),
            ("2026-11", 3, 1),
            "filed, received, ended"
        );
        // It goes to a unit that followed: nothing stays where it was.
        story.unit = other;
        assert!(tell(test, &story).await);
        assert_eq!(
            cells(test).await.len(),
            3 * 2 + 1 + 3 + 2,
            "two days, one third, one month, one year"
        );
        assert_eq!(problems(test).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_step_by_step_is_what_a_rebuild_makes() {
    testkit::engines(MIGRATIONS, async |test| {
        let stories = crowd(&units(test), 120);
        for story in &stories {
            // Each was open once, and decided later: the cells move with it.
            tell(
                test,
                &Story {
                    decided: None,
                    state: "submitted",
                    received: None,
                    due: None,
                    stop: None,
                    ..story.clone()
                },
            )
            .await;
            tell(test, story).await;
        }
        built(test).await;
        let step_by_step = cells(test).await;
        assert_eq!(problems(test).await, Vec::<String>::new());
        let made = crate::rebuild(test.store(), &calendar(), |_| {})
            .await
            .expect("rebuilt");
        assert_eq!(made, 120);
        assert_eq!(cells(test).await, step_by_step);
        assert_eq!(problems(test).await, Vec::<String>::new());
        // Dossiers that are gone take their facts and cells with them.
        let done = test.store().write(|tx| {
            for statement in [
                "DELETE FROM dossier_event",
                "DELETE FROM dossier_stop",
                "DELETE FROM dossier",
            ] {
                tx.execute(statement, &[])?;
            }
            Ok::<_, StoreError>(())
        });
        done.await.expect("gone");
        assert!(
            problems(test)
                .await
                .iter()
                .any(|problem| problem.contains("without a dossier"))
        );
        assert_eq!(
            crate::rebuild(test.store(), &calendar(), |_| {})
                .await
                .expect("rebuilt"),
            0
        );
        assert_eq!(cells(test).await, []);
        assert_eq!(problems(test).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_changed_behind_the_programs_back_is_found() {
    testkit::engines(MIGRATIONS, async |test| {
        let [unit, ..] = units(test);
        tell(test, &Story::new(1, unit).decided("11-05T17:00", "11-04T10:00")).await;
        built(test).await;
        assert_eq!(problems(test).await, Vec::<String>::new());
        let change = async |sql: &'static str| {
            let done = test
                .store()
                .write(move |tx| tx.execute(sql, &[]))
                .await
                .expect("changed");
            assert_eq!(done, 1, "{sql}");
            let found = problems(test).await;
            crate::rebuild(test.store(), &calendar(), |_| {})
                .await
                .expect("rebuilt");
            assert_eq!(problems(test).await, Vec::<String>::new(), "a rebuild mends it: {sql}");
            found
        };
        let found = change("UPDATE dossier SET worked_minutes = worked_minutes - 60").await;
        assert!(
            found.iter().any(|one| one.starts_with("H27.15-261101-0001")),
            "{found:?}"
        );
        let found = change("UPDATE figure_fact SET is_early = NOT is_early").await;
        assert!(
            found.len() >= 2,
            "the fact, and the cells that no longer follow from it: {found:?}"
        );
        let found =
            change("UPDATE figure_cell SET decided = decided + 1 WHERE level = 'day-unit' AND decided > 0").await;
        assert!(found.iter().any(|one| one.contains("2026-11 day-unit")), "{found:?}");
        let found = change("DELETE FROM figure_cell WHERE level = 'month-procedure'").await;
        assert!(
            found.iter().any(|one| one.contains("2026-11 month-procedure")),
            "{found:?}"
        );
        let found = change("UPDATE figure_cell SET filed = filed + 1 WHERE level = 'year'").await;
        assert!(found.iter().any(|one| one.contains("2026 year")), "{found:?}");
        let found = change("UPDATE figure_cell SET day = '2025' WHERE level = 'year-procedure'").await;
        assert!(
            found.iter().any(|one| one.starts_with("2025: cells of a time")),
            "{found:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_still_waits_in_the_outbox_is_no_fault() {
    testkit::engines(MIGRATIONS, async |test| {
        built(test).await;
        let [unit, ..] = units(test);
        let story = Story::new(1, unit);
        tell(test, &story).await;
        let later = Story {
            state: "processing",
            received: Some(at("11-02T09:00")),
            due: Some(at("11-09T09:00")),
            ..story.clone()
        };
        let event = store::Event::new(
            test.world().as_ref(),
            "dossier.receive",
            story.id.uuid(),
            serde_json::Value::Null,
        );
        let sent = event.clone();
        let done = test.store().write(move |tx| {
            later.write(tx)?;
            tx.emit(&sent)
        });
        done.await.expect("received");
        assert_eq!(problems(test).await, Vec::<String>::new());
        let since = test
            .store()
            .read(|tx| table::waiting_since(tx, CONSUMER))
            .await
            .expect("read");
        assert_eq!(since, Some(event.at), "the cut-off is before what was not counted");
        // Nobody told: then it is one.
        let done = test.store().write(|tx| tx.execute("DELETE FROM outbox", &[]));
        done.await.expect("forgotten");
        assert!(!problems(test).await.is_empty());
        let delivered = Delivered { position: 1, event };
        let twice = [delivered.clone(), delivered];
        let done = test.store().write(move |tx| take(tx, &twice, &calendar()));
        done.await.expect("taken");
        assert_eq!(problems(test).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_dossier_is_told_once_with_its_cause_and_may_be_attributed() {
    testkit::engines(MIGRATIONS, async |test| {
        built(test).await;
        let [unit, ..] = units(test);
        let story = Story::new(1, unit).decided("11-05T17:00", "11-06T10:00");
        tell(test, &story).await;
        tell(
            test,
            &Story {
                extensions: 1,
                ..story.clone()
            },
        )
        .await;
        let id = story.id;
        let events = test
            .store()
            .read(move |tx| tx.events_of(id.uuid(), 10))
            .await
            .expect("read");
        let late: Vec<_> = events.iter().filter(|event| event.kind == LATE).collect();
        assert_eq!(late.len(), 1, "{events:?}");
        assert_eq!(late[0].payload["cause"], "officer");
        attribute(test, id, Some("system")).await;
        crate::rebuild(test.store(), &calendar(), |_| {})
            .await
            .expect("rebuilt");
        let days = (
            "2026-11-01".parse().expect("a day"),
            "2026-12-01".parse().expect("a day"),
        );
        let sums = test
            .store()
            .read(move |tx| crate::cause::store::sums(tx, None, None, days))
            .await
            .expect("read");
        let parts = sums.first().map(|sum| (sum.parts.count, sum.parts.by_system));
        assert_eq!((sums.len(), parts), (1, Some((1, 1))), "{sums:?}");
        // In time after all: a due date that was wrong is corrected, and the cause goes.
        tell(
            test,
            &Story {
                due: Some(at("11-09T10:00")),
                ..story
            },
        )
        .await;
        assert_eq!(problems(test).await, Vec::<String>::new());
    })
    .await;
}

/// Another room says to whom the lateness of a dossier is put down.
pub(crate) async fn attribute(test: &TestStore, dossier: DossierId, to: Option<&str>) {
    let event = store::Event::new(
        test.world().as_ref(),
        super::jobs::ATTRIBUTED,
        dossier.uuid(),
        serde_json::json!({ "to": to }),
    );
    let told = [Delivered { position: 1, event }];
    let done = test.store().write(move |tx| take(tx, &told, &calendar()));
    done.await.expect("taken");
}

/// How many are put down to a person and to a system, and the codes of the rows behind each.
async fn attributed(test: &TestStore) -> (i64, i64, Vec<String>, Vec<String>) {
    let question = Question::over(&house(test).await, filter("2026-11-01", "2026-11-30"), None, Vec::new()).await;
    let question = question.expect("a question");
    let read = test.store().read(move |tx| {
        let sums = load(tx, &question, By::Unit, kernel::Lang::Vi)?.total;
        let days = (question.filter.from, question.filter.until());
        let part = (days, (kernel::Date::MAX, DossierId::from_uuid(Uuid::max())));
        let mut codes = Vec::new();
        for set in [Set::LatePerson, Set::LateSystem] {
            let rows = crate::report::store::rows(tx, &question.scope, set, part, 10)?;
            codes.push(rows.into_iter().map(|fact| fact.code).collect());
        }
        let number = |figure: Figure| figure.parts(&sums).0;
        let systems = codes.pop().unwrap_or_default();
        let people = codes.pop().unwrap_or_default();
        Ok::<_, StoreError>((number(Figure::LatePerson), number(Figure::LateSystem), people, systems))
    });
    read.await.expect("read")
}

#[tokio::test(flavor = "multi_thread")]
async fn lateness_put_down_to_people_or_systems_is_counted_with_its_rows() {
    testkit::engines(MIGRATIONS, async |test| {
        built(test).await;
        let [unit, ..] = units(test);
        // One was late here; one was in time here, and the portal notes it late; of one it is said before it ends.
        let late = Story::new(1, unit).decided("11-05T17:00", "11-06T10:00");
        let kept = Story::new(2, unit).decided("11-05T17:00", "11-04T10:00");
        let open = Story::new(3, unit);
        for story in [&late, &kept, &open] {
            tell(test, story).await;
        }
        attribute(test, late.id, Some("person")).await;
        attribute(test, kept.id, Some("system")).await;
        attribute(test, open.id, Some("person")).await;
        attribute(test, kept.id, Some("nobody knows")).await;
        assert_eq!(
            attributed(test).await,
            (1, 0, vec![late.code.clone()], vec![]),
            "what is not said to be anybody's is nobody's"
        );
        attribute(test, kept.id, Some("system")).await;
        attribute(test, kept.id, Some("system")).await;
        tell(test, &open.clone().decided("11-05T17:00", "11-09T10:00")).await;
        let both = vec![open.code.clone(), late.code.clone()];
        assert_eq!(attributed(test).await, (2, 1, both.clone(), vec![kept.code.clone()]));
        assert_eq!(problems(test).await, Vec::<String>::new());
        crate::rebuild(test.store(), &calendar(), |_| {})
            .await
            .expect("rebuilt");
        assert_eq!(attributed(test).await, (2, 1, both, vec![kept.code.clone()]));
        assert_eq!(problems(test).await, Vec::<String>::new());
        // It is taken back.
        attribute(test, open.id, None).await;
        assert_eq!(attributed(test).await.0, 1);
        assert_eq!(problems(test).await, Vec::<String>::new());
    })
    .await;
}

pub(crate) async fn house(test: &TestStore) -> Indicators {
    let config = IdentityConfig {
        origin: "http://127.0.0.1:8080".to_owned(),
        secure: false,
        issuer: "Tỉnh Thử".to_owned(),
        providers: Vec::new(),
    };
    let identity = Identity::open(test.store().clone(), test.world().clone(), config)
        .await
        .expect("identity opens");
    Indicators::new(&Casework::new(&identity, Settings::default()))
}

pub(crate) fn filter(from: &str, to: &str) -> Filter {
    Filter {
        from: from.parse().expect("a day"),
        to: to.parse().expect("a day"),
        unit: None,
        sector: None,
        procedure: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_of_every_view_make_up_the_same_whole_and_no_data_is_said() {
    testkit::engines(MIGRATIONS, async |test| {
        let stories = crowd(&units(test), 150);
        for story in &stories {
            tell(test, story).await;
        }
        let house = house(test).await;
        // Whole months, days, and both; all units, one unit, one procedure.
        for (from, to) in [
            ("2026-01-01", "2026-12-31"),
            ("2026-10-05", "2026-10-20"),
            ("2026-09-29", "2026-11-03"),
        ] {
            for (unit, procedure) in [
                (None, None),
                (Some(stories[0].unit), None),
                (None, Some("2.000815".to_owned())),
            ] {
                let filter = Filter {
                    unit,
                    procedure,
                    ..filter(from, to)
                };
                let chosen = unit.map(|unit| vec![unit]);
                let question = Question::over(&house, filter, chosen, Vec::new())
                    .await
                    .expect("a question");
                let by_view = test.store().read(move |tx| {
                    By::ALL
                        .iter()
                        .map(|by| load(tx, &question, *by, kernel::Lang::Vi))
                        .collect::<Result<Vec<_>, _>>()
                });
                let by_view = by_view.await.expect("read");
                let counted = |story: &&Story| {
                    let day = story.filed.local_date().to_string();
                    let here = unit.is_none_or(|unit| unit == story.unit);
                    let of = story.procedure == "2.000815" || by_view[0].total == by_view[1].total;
                    here && of && day.as_str() >= from && day.as_str() <= to
                };
                assert!(stories.iter().filter(counted).count() > 0, "the test tries something");
                for view in &by_view {
                    assert_eq!(view.total, by_view[0].total, "{from} {to} {unit:?}");
                    let mut sum = Measures::default();
                    for line in &view.lines {
                        sum += line.sums.all;
                    }
                    assert_eq!(sum, view.total.all, "the lines are the whole: {from} {to} {unit:?}");
                }
                assert!(by_view[0].total.all.decided > 0 && by_view[0].total.open.all > 0);
            }
        }
        let empty = Question::over(&house, filter("2020-01-01", "2020-12-31"), Some(Vec::new()), Vec::new()).await;
        let empty = empty.expect("a question");
        let report = test
            .store()
            .read(move |tx| load(tx, &empty, By::Unit, kernel::Lang::Vi))
            .await
            .expect("read");
        assert!(report.total.is_empty() && report.lines.is_empty());
        assert_eq!(Figure::OnTime.value(&report.total).value, None);
    })
    .await;
}

#[test]
fn a_difference_takes_away_what_was_and_adds_what_is() {
    let calendar = calendar();
    assert!(calendar.is_working_day("2026-11-02".parse().expect("a day")));
    let story = Story::new(1, UnitId::from_uuid(Uuid::nil()));
    let fact = super::Fact {
        dossier: story.id,
        code: story.code,
        unit: story.unit,
        desk: story.unit,
        procedure: "1.001193".to_owned(),
        channel: Channel::SelfFiled,
        state: "submitted".to_owned(),
        is_open: true,
        until_at: None,
        filed_at: story.filed,
        filed_on: story.filed.local_date(),
        received_at: None,
        received_on: None,
        due_at: None,
        ended_at: None,
        ended_on: None,
        ending: None,
        stood_at: None,
        returned_at: None,
        is_counted: false,
        is_early: false,
        is_late: false,
        is_late_receipt: false,
        requests: 0,
        extensions: 0,
        worked_minutes: 0,
        stopped_minutes: 0,
        attributed: None,
        has_result: false,
        has_papers: false,
        owes: false,
        paid_online: false,
    };
    assert_eq!(differences(None, &fact).len(), 1);
    assert_eq!(differences(Some(&fact), &fact), vec![], "nothing changed");
    let moved = super::Fact {
        channel: Channel::Post,
        ..fact.clone()
    };
    let difference = differences(Some(&fact), &moved);
    let sum: Measures = difference.iter().map(|(_, sum)| *sum).sum();
    assert_eq!(
        (difference.len(), sum.filed, sum.self_filed, sum.on_behalf),
        (1, 0, -1, 1)
    );
    let elsewhere = super::Fact {
        procedure: "2.000815".to_owned(),
        ..fact.clone()
    };
    assert_eq!(
        differences(Some(&fact), &elsewhere).len(),
        2,
        "from one cell to another"
    );
}
