//! The clock of a child dossier: it stands still with its dossier and while the sender is asked, its lateness is that of the unit
//! that had it, and is told in time. By stories through the router, and by any order of steps for the rules.

use identity::Role;
use identity::audit::Actor as AuditActor;
use identity::session::Level;
use identity::unit::{self, Change, ChangeKind, UnitChangeId};
use kernel::calendar::{TimeLimit, WorkingCalendar};
use kernel::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::super::rules::{self, Actor, Deed};
use super::super::{Child, ChildAction, ChildState, Handed, StopCause, jobs};
use super::{scene, step};
use crate::coordination::{Coordination, CoordinationId, CoordinationKind, CoordinationState};
use crate::dossier::state::{Capacity, State};
use crate::dossier::tests::dossier;
use crate::journeys::{act, check, citizen};
use crate::process::Process;
use crate::reminder::Stage;
use crate::succession::jobs::succeed;
use crate::testing::MIGRATIONS;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn monday() -> Timestamp {
    "2026-11-23T08:00:00+07:00".parse().expect("a time")
}

fn handed(hours: u32) -> Handed {
    let quota = TimeLimit::WorkingHours(hours);
    Handed {
        procedure: None,
        process: Process::generic(Some(quota)),
        quota,
    }
}

/// A child of so many working hours, sent at `at`.
fn sent(at: Timestamp, hours: u32) -> (Child, Process) {
    let (parent, handed, calendar) = (dossier(State::Processing), handed(hours), WorkingCalendar::plain());
    let request = Coordination {
        id: CoordinationId::from_uuid(Uuid::from_u128(7)),
        dossier: parent.id,
        kind: CoordinationKind::HandOver,
        step: "examine".to_owned(),
        agency: "department-of-justice".to_owned(),
        agency_name: "Sở Tư pháp".to_owned(),
        unit: Some(parent.unit),
        state: CoordinationState::Asked,
        asked_at: at,
        asked_by: "Minh".to_owned(),
        asked_unit: "UBND phường".to_owned(),
        due_at: calendar.deadline(at, handed.quota).at,
        accepted_at: None,
        accepted_by: None,
        ended_at: None,
        ended_by: None,
        opinion: None,
    };
    let child = rules::opened(&parent, &request, (parent.unit, 1), &handed, calendar);
    (child, handed.process)
}

fn who(account: u128, receiver: Option<Capacity>) -> Actor {
    Actor {
        account: Some(identity::AccountId::from_uuid(Uuid::from_u128(account))),
        name: format!("Officer {account}"),
        receiver,
        is_sender: receiver.is_none(),
        is_assignee: receiver == Some(Capacity::Specialist),
    }
}

/// The one who may take an action.
fn actor_of(action: ChildAction) -> Actor {
    match action {
        ChildAction::Reply | ChildAction::TakeBack => who(3, None),
        ChildAction::Assign | ChildAction::SendBack | ChildAction::Approve => who(2, Some(Capacity::Leader)),
        _ => who(1, Some(Capacity::Specialist)),
    }
}

fn deed() -> Deed {
    Deed {
        has_words: true,
        assignee: Some((
            identity::AccountId::from_uuid(Uuid::from_u128(1)),
            "Officer 1".to_owned(),
        )),
    }
}

fn minutes(from: Timestamp, to: Timestamp) -> i64 {
    WorkingCalendar::plain().working_time_between(from, to).as_mins()
}

#[test]
fn it_must_be_accepted_as_soon_as_a_desk_must_look_and_never_later_than_it_is_due() {
    let calendar = WorkingCalendar::plain();
    let (long, process) = sent(monday(), 40);
    assert_eq!(long.accept_by, calendar.add_working_hours(monday(), 8));
    let (short, _) = sent(monday(), 3);
    assert_eq!(short.accept_by, short.due_at);
    assert!(
        long.position.due_at <= Some(long.due_at),
        "no step is longer than the whole"
    );
    let late = calendar.add_working_hours(monday(), 9);
    let accepted = rules::apply(
        &long,
        &process,
        ChildAction::Accept,
        &deed(),
        &actor_of(ChildAction::Accept),
        late,
        calendar,
    );
    let accepted = accepted.expect("it is accepted");
    assert!(accepted.is_late_accept);
    assert_eq!(accepted.due_at, long.due_at, "its time runs from being sent");
}

#[test]
fn nobody_waits_for_what_stands_still_and_each_stage_comes_once() {
    let calendar = WorkingCalendar::plain();
    let (child, _) = sent(monday(), 16);
    let stages = |child: &Child, now| -> Vec<Stage> {
        jobs::reached(child, calendar, now)
            .into_iter()
            .map(|(stage, _)| stage)
            .collect()
    };
    assert_eq!(stages(&child, monday() + HOUR), []);
    let hours = |n| calendar.add_working_hours(monday(), n);
    assert_eq!(stages(&child, hours(8)), [Stage::ReceiptLate]);
    assert_eq!(stages(&child, hours(13)), [Stage::ReceiptLate, Stage::Near]);
    assert_eq!(stages(&child, hours(16)), [Stage::ReceiptLate, Stage::Over]);
    assert_eq!(
        stages(&child, hours(32)),
        [Stage::ReceiptLate, Stage::Over, Stage::Escalated]
    );
    let held = rules::held(&child, hours(7));
    assert_eq!(stages(&held, hours(40)), []);
}

#[test]
fn a_chain_of_units_divides_its_lateness_and_counts_no_minute_twice() {
    let calendar = WorkingCalendar::plain();
    let (first, process) = sent(monday(), 8);
    let gone_on = calendar.add_working_hours(monday(), 11);
    let first = rules::apply(
        &first,
        &process,
        ChildAction::SendOn,
        &deed(),
        &actor_of(ChildAction::SendOn),
        gone_on,
        calendar,
    );
    let first = first.expect("it goes on");
    let second = Child {
        state: ChildState::Sent,
        sent_at: gone_on,
        ended_at: None,
        is_late: false,
        late_minutes: 0,
        worked_minutes: None,
        ..first.clone()
    };
    let end = calendar.add_working_hours(monday(), 15);
    let second = rules::ended(&second, end, calendar);
    assert_eq!((first.late_minutes, second.late_minutes), (180, 240));
    assert_eq!(first.late_minutes + second.late_minutes, minutes(first.due_at, end));
}

/// What may be tried at any moment; the second half is the dossier's.
fn moves() -> impl Strategy<Value = Vec<(usize, u32)>> {
    proptest::collection::vec((0..ChildAction::ALL.len() + 2, 1_u32..30 * 60), 1..40)
}

proptest! {
    #[test]
    fn whatever_is_done_the_clock_adds_up(hours in 1_u32..80, moves in moves()) {
        let calendar = WorkingCalendar::plain();
        let (mut child, process) = sent(monday(), hours);
        let promised = child.due_at;
        let mut now = monday();
        // The stops as the rules have them, kept by a second book.
        let mut stood: Vec<(Timestamp, Timestamp)> = Vec::new();
        let mut since: Option<Timestamp> = None;
        for (pick, wait) in moves {
            now += SignedDuration::from_mins(i64::from(wait));
            let before = child.clone();
            let result = match ChildAction::ALL.get(pick) {
                Some(action) => rules::apply(&before, &process, *action, &deed(), &actor_of(*action), now, calendar),
                None if !before.is_open() => continue,
                None if before.is_held => rules::released(&before, now, calendar),
                None => Ok(rules::held(&before, now)),
            };
            let Ok(after) = result else { continue };
            prop_assert!(before.is_open(), "what has ended does not move");
            prop_assert_eq!(after.revision, before.revision + 1);
            match (before.stopped_at, after.stopped_at) {
                (None, Some(at)) => since = Some(at),
                (Some(_), None) => stood.extend(since.take().map(|at| (at, now))),
                _ => {}
            }
            prop_assert_eq!(after.is_open() && (after.is_held || after.state == ChildState::Waiting), after.stopped_at.is_some());
            prop_assert!(after.due_at >= before.due_at, "a date never comes nearer");
            if before.stopped_at.is_none() || after.stopped_at.is_some() {
                prop_assert_eq!(after.due_at, before.due_at, "only the end of a stop moves a date");
            }
            child = after;
        }
        if child.is_open() {
            child = rules::ended(&child, now, calendar);
            stood.extend(since.take().map(|at| (at, now)));
        }
        let end = child.ended_at.expect("it has ended");
        let stopped: i64 = stood.iter().map(|(from, to)| minutes(*from, *to)).sum();
        let worked = child.worked_minutes.expect("it has ended");
        // Each minute of the whole was worked or stood still; a stop may begin inside a minute.
        prop_assert!((worked + stopped - minutes(monday(), end)).abs() <= i64::try_from(stood.len()).unwrap() + 1);
        // What was not stopped before the promise is late after it, and nothing else is.
        let quota = minutes(monday(), promised);
        prop_assert!((child.late_minutes - (worked - quota).max(0)).abs() <= i64::try_from(stood.len()).unwrap() + 1,
            "late {} of {} worked, {} promised", child.late_minutes, worked, quota);
        if child.late_minutes > 0 {
            prop_assert!(child.is_late);
        }
    }
}

#[test]
fn two_causes_are_one_stop() {
    let calendar = WorkingCalendar::plain();
    let (child, process) = sent(monday(), 16);
    let apply = |child: &Child, action, hours| {
        let now = calendar.add_working_hours(monday(), hours);
        rules::apply(child, &process, action, &deed(), &actor_of(action), now, calendar).expect("it is done")
    };
    let accepted = apply(&child, ChildAction::Accept, 1);
    let asked = apply(&accepted, ChildAction::AskBack, 2);
    let held = rules::held(&asked, calendar.add_working_hours(monday(), 4));
    let replied = apply(&held, ChildAction::Reply, 6);
    assert_eq!(
        replied.stopped_at,
        Some(calendar.add_working_hours(monday(), 2)),
        "the dossier still waits"
    );
    let on = rules::released(&replied, calendar.add_working_hours(monday(), 9), calendar).expect("it goes on");
    assert_eq!((on.stopped_minutes, on.stopped_at), (7 * 60, None));
    assert_eq!(on.due_at, calendar.add_working_hours(monday(), 23));
    assert_eq!(StopCause::ALL.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stands_still_with_its_dossier_and_while_the_sender_is_asked() {
    testkit::engines(MIGRATIONS, async |test| {
        let mut scene = scene(test).await;
        let unit = scene.justice.unit;
        let path = scene.hand_over(unit, "16").await;
        step(&mut scene.justice.specialist, &path, "accept", &[])
            .await
            .expect(303);
        step(&mut scene.justice.specialist, &path, "claim", &[])
            .await
            .expect(303);
        let before = scene.child(&path).await;
        let ask = [("note", "Cần bản chính")];
        step(&mut scene.justice.specialist, &path, "ask-back", &ask)
            .await
            .expect(303);
        scene
            .cast
            .specialist
            .get("/desk/notices")
            .await
            .expect(200)
            .says("hỏi về hồ sơ con");
        // While it waits, the commune asks the applicant: both clocks stand still, and the dossier's alone is the applicant's.
        let defect = [("what-1", "Ảnh"), ("clause-1", "Điều 16"), ("example-1", "Ảnh rõ")];
        act(&mut scene.cast.specialist, &scene.desk, "ask-supplement", &defect).await;
        let held = scene.child(&path).await;
        assert!(held.is_held && held.state == ChildState::Waiting);
        scene.hoa.get(&scene.own).await.expect(200).says("đang tạm dừng");
        scene.province.world.advance(SignedDuration::from_hours(24 * 2));
        scene.again().await;
        step(&mut scene.cast.specialist, &path, "reply", &[("note", "Gửi kèm")])
            .await
            .expect(303);
        assert!(
            scene.child(&path).await.stopped_at.is_some(),
            "the applicant has not answered"
        );
        let mut hoa = citizen(&scene.province).await;
        let answer = format!("{}/supplement", scene.own);
        let form = hoa.get(&answer).await.expect(200).body;
        let revision = crate::testing::hidden(&form, "revision");
        let fields = [("note", "Đây ạ"), ("revision", revision.as_str())];
        hoa.send_form(&form, &answer, &fields, &[]).await.expect(303);
        let after = scene.child(&path).await;
        let calendar = scene.province.house.calendar();
        let stood = minutes_of(calendar, before.changed_at, scene.province.house.now());
        assert!(
            (after.stopped_minutes - stood).abs() <= 1,
            "{} of {stood}",
            after.stopped_minutes
        );
        assert!(after.due_at > before.due_at && after.stopped_at.is_none());
        let page = scene.justice.specialist.get(&path).await.expect(200);
        page.says("Hồ sơ gốc chờ người nộp")
            .says("Chờ đơn vị chuyển trả lời")
            .says("Gửi kèm");
        check(&scene.province).await;
    })
    .await;
}

fn minutes_of(calendar: &WorkingCalendar, from: Timestamp, to: Timestamp) -> i64 {
    calendar.working_time_between(from, to).as_mins()
}

#[tokio::test(flavor = "multi_thread")]
async fn its_lateness_is_the_departments_and_is_told() {
    testkit::engines(MIGRATIONS, async |test| {
        let mut scene = scene(test).await;
        let notices = crate::reminder::tests::notices(&scene.province);
        let unit = scene.justice.unit;
        let path = scene.hand_over(unit, "8").await;
        scene.province.world.advance(SignedDuration::from_hours(24 * 7));
        scene.again().await;
        crate::reminder::remind(&scene.province.house, &notices)
            .await
            .expect("a round");
        crate::reminder::remind(&scene.province.house, &notices)
            .await
            .expect("another");
        let told = scene.justice.leader.get("/desk/notices").await.expect(200);
        told.says("Hồ sơ con quá hạn.")
            .says("Hồ sơ con chưa được nhận đúng giờ.");
        assert_eq!(told.body.matches("Hồ sơ con quá hạn.").count(), 1, "once");
        told.says(&path);
        scene
            .cast
            .specialist
            .get("/desk/notices")
            .await
            .expect(200)
            .says("Hồ sơ con quá hạn.");
        let dossier = scene.cast.specialist.get(&scene.desk).await.expect(200);
        dossier.says("Sở Tư pháp trễ").says("Thời gian này tính cho đơn vị đó");
        scene
            .justice
            .specialist
            .get("/desk/child-dossiers?view=over")
            .await
            .expect(200)
            .says(&path);
        step(&mut scene.justice.specialist, &path, "accept", &[])
            .await
            .expect(303);
        step(&mut scene.justice.specialist, &path, "claim", &[])
            .await
            .expect(303);
        step(&mut scene.justice.specialist, &path, "propose", &[("note", "Đúng")])
            .await
            .expect(303);
        step(&mut scene.justice.leader, &path, "approve", &[]).await.expect(303);
        let child = scene.child(&path).await;
        assert!(child.is_late && child.is_late_accept && child.late_minutes > 16 * 60);
        check(&scene.province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_that_is_merged_hands_it_to_its_successor() {
    testkit::engines(MIGRATIONS, async |test| {
        let mut scene = scene(test).await;
        let heir = super::department(&scene.province, "noivu", "Sở Nội vụ", "H27.07").await;
        let unit = scene.justice.unit;
        let path = scene.hand_over(unit, "16").await;
        step(&mut scene.justice.specialist, &path, "accept", &[])
            .await
            .expect(303);
        step(&mut scene.justice.specialist, &path, "claim", &[])
            .await
            .expect(303);
        let before = scene.child(&path).await;
        scene.province.world.advance(SignedDuration::from_hours(24));
        let now = scene.province.house.now();
        let change = Change {
            id: UnitChangeId::new(scene.province.world.as_ref()),
            kind: ChangeKind::Merge {
                units: vec![unit],
                into: heir.unit,
            },
            on: now.local_date(),
            reason: "NQ 1/NQ-HĐND".to_owned(),
        };
        let merged = scene
            .province
            .house
            .store()
            .write(move |tx| unit::apply(tx, &change, AuditActor::System, now));
        merged.await.expect("merged");
        scene
            .province
            .house
            .identity()
            .refresh_units()
            .await
            .expect("read again");
        assert_eq!(succeed(&scene.province.house).await.expect("a round").requests, 1);
        assert_eq!(
            succeed(&scene.province.house).await.expect("again").requests,
            0,
            "twice is once"
        );
        let after = scene.child(&path).await;
        assert_eq!(
            (after.unit, after.due_at, after.code),
            (heir.unit, before.due_at, before.code)
        );
        assert_eq!(
            (after.state, after.assignee),
            (ChildState::Accepted, None),
            "nobody there has it yet"
        );
        let officer = scene.province.officer("noivu2", Role::Specialist, heir.unit).await;
        let mut officer = scene.province.browser(officer, Level::Password).await;
        officer
            .get(&path)
            .await
            .expect(200)
            .says("Chuyển cho đơn vị kế thừa")
            .says("Sở Nội vụ");
        step(&mut officer, &path, "claim", &[]).await.expect(303);
        check(&scene.province).await;
    })
    .await;
}
