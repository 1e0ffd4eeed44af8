//! The queue: pure order first, then numbers, calls and races on both engines, then its pages.

use identity::Role;
use identity::session::Level;
use kernel::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::rules::{self, FIRST_IN_A_ROW};
use super::{Deed, Lane, QueueError, Ticket, TicketId, TicketState, store as table};
use crate::testing::{MIGRATIONS, Province, hidden_of};

fn ticket(number: i64, is_priority: bool, at: Timestamp) -> Ticket {
    Ticket {
        id: TicketId::from_uuid(Uuid::from_u128(u128::from(number.unsigned_abs()) + 1)),
        desk: identity::UnitId::from_uuid(Uuid::from_u128(7)),
        day: at.local_date(),
        number,
        lane: Lane::File,
        is_priority,
        state: TicketState::Waiting,
        taken_at: at,
        called_at: None,
        last_called_at: None,
        calls: 0,
        counter: String::new(),
        officer: None,
        ended_at: None,
    }
}

const MORNING: Timestamp = Timestamp::from_micros(1_794_963_600_000_000);

proptest! {
    /// Everybody is called exactly once, each kind in the order of its numbers, and nobody starves.
    #[test]
    fn everybody_has_a_turn_in_order(kinds in prop::collection::vec(any::<bool>(), 1..40)) {
        let mut waiting: Vec<Ticket> = kinds
            .iter()
            .enumerate()
            .map(|(at, first)| ticket(i64::try_from(at).unwrap_or(0) + 1, *first, MORNING))
            .collect();
        let mut called: Vec<Ticket> = Vec::new();
        while let Some(next) = rules::next(&waiting, &called).cloned() {
            waiting.retain(|one| one.id != next.id);
            called.push(next);
        }
        prop_assert!(waiting.is_empty());
        for kind in [true, false] {
            let numbers: Vec<i64> = called.iter().filter(|one| one.is_priority == kind).map(|one| one.number).collect();
            prop_assert!(numbers.is_sorted());
        }
        // As long as one of the others waits, no more than so many go before it in a row.
        let last_other = called.iter().rposition(|one| !one.is_priority).unwrap_or(0);
        let run = |window: &[Ticket]| window.iter().all(|one| one.is_priority);
        prop_assert!(!called[..last_other].windows(FIRST_IN_A_ROW + 1).any(run));
    }
}

#[test]
fn a_number_goes_only_where_it_can() {
    let one = ticket(1, false, MORNING);
    let called = rules::after(&one, Deed::Next, MORNING + SignedDuration::from_mins(5)).expect("waits");
    assert_eq!((called.state, called.calls), (TicketState::Called, 1));
    assert!(matches!(
        rules::after(&called, Deed::Next, MORNING),
        Err(QueueError::WrongState)
    ));
    assert!(matches!(
        rules::after(&one, Deed::Done, MORNING),
        Err(QueueError::WrongState)
    ));
    let absent = rules::after(&called, Deed::Absent, MORNING + SignedDuration::from_mins(6)).expect("called");
    let back = rules::after(&absent, Deed::Back, MORNING + SignedDuration::from_mins(9)).expect("absent");
    assert_eq!((back.calls, back.called_at, back.ended_at), (2, called.called_at, None));
    let done = rules::after(&back, Deed::Done, MORNING + SignedDuration::from_mins(19)).expect("called");
    let figures = rules::figures(&[done, ticket(2, true, MORNING)]);
    assert_eq!((figures.taken, figures.served, figures.waiting), (2, 1, 1));
    assert_eq!((figures.wait_mean_s, figures.service_mean_s), (Some(300), Some(600)));
    assert_eq!(rules::figures(&[]).wait_mean_s, None, "no data is no zero");
    assert_eq!(ticket(12, true, MORNING).shown(), "U012");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_at_the_kiosk_and_five_officers_never_share_a_number() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (desk, now) = (province.desk, province.house.now());
        let mut crowd = Vec::new();
        for at in 0..40_u128 {
            let store = test.store().clone();
            crowd.push(tokio::spawn(async move {
                let one = Ticket {
                    id: TicketId::from_uuid(Uuid::from_u128(at + 1)),
                    desk,
                    ..ticket(0, at % 5 == 0, now)
                };
                store
                    .write(move |tx| table::give(tx, &one))
                    .await
                    .expect("a number")
                    .number
            }));
        }
        let mut numbers = Vec::new();
        for one in crowd {
            numbers.push(one.await.expect("no panic"));
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
        let mut officers = Vec::new();
        for at in 0..5_u128 {
            let store = test.store().clone();
            officers.push(tokio::spawn(async move {
                let by = table::Caller {
                    desk,
                    day: now.local_date(),
                    officer: identity::AccountId::from_uuid(Uuid::from_u128(at + 100)),
                    counter: format!("{at}"),
                };
                let mut called = Vec::new();
                for step in 0..8 {
                    let (by, at) = (by.clone(), now + SignedDuration::from_secs(step));
                    let next = store.write(move |tx| table::call_next(tx, &by, at)).await;
                    called.push(next.expect("somebody waits").number);
                }
                called
            }));
        }
        let mut called = Vec::new();
        for one in officers {
            called.extend(one.await.expect("no panic"));
        }
        called.sort_unstable();
        assert_eq!(called, numbers, "each number was called once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_goes_from_the_kiosk_to_the_wall() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let lan = province.officer("lan", Role::Desk, province.desk).await;
        let mut lan = province.browser(lan, Level::Password).await;
        let mut visitor = province.stranger();
        let desk = province.desk;
        visitor.get(&format!("/queue/{desk}/kiosk")).await.expect(404);
        visitor.get(&format!("/queue/{desk}/kiosk?k=abc")).await.expect(404);
        let page = lan.get("/desk/queue").await.expect(200).body;
        let at = page.find("/kiosk?k=").expect("the kiosk's address");
        let key: String = page[at + 9..].chars().take_while(char::is_ascii_hexdigit).collect();
        let kiosk = format!("/queue/{desk}/kiosk?k={key}");
        let paper = visitor
            .post(&kiosk, &kiosk, &[("lane", "file")])
            .await
            .expect(303)
            .location;
        visitor.get(&paper).await.expect(200).says("A001");
        let display = format!("/queue/{desk}/display");
        let shown = visitor.get(&display).await.expect(200);
        shown.hides("A001").says("1 người đang chờ");
        assert!(shown.headers.contains_key("refresh"), "it asks again without scripts");
        let live = visitor.get(&format!("{display}?live=yes")).await.expect(200);
        assert!(!live.headers.contains_key("refresh"), "with scripts the page stays");
        for deed in ["next", "again", "absent"] {
            let page = lan.get("/desk/queue").await.expect(200).body;
            let ticket = hidden_of(&page, "/desk/queue", "ticket").unwrap_or_default();
            let fields = [("do", deed), ("counter", "3"), ("ticket", ticket.as_str())];
            let answer = lan.post("/desk/queue", "/desk/queue", &fields).await.expect(303);
            assert_eq!(answer.location, "/desk/queue", "{deed}");
            let wall = visitor.get(&display).await.expect(200);
            match deed {
                "absent" => wall.hides("A001"),
                _ => wall.says("A001").says("quầy 3").says("A 0 0 1"),
            };
        }
        let empty = lan
            .post("/desk/queue", "/desk/queue", &[("do", "next"), ("counter", "3")])
            .await;
        assert_eq!(empty.expect(303).location, "/desk/queue?said=empty");
    })
    .await;
}
