//! The waiting line: nobody passes, nobody is put off for ever, never more at once than the bound, and the bound follows the
//! times; what is held is held once and within bounds; and the page tells a place, keeps what was sent, and leads on.

use std::collections::HashMap;

use kernel::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::limit::{BEGINS, LEAST, MOST};
use super::turns::NEW_EVERY;
use super::*;
use crate::journeys::citizen;
use crate::testing::{MIGRATIONS, Province, claimed, hidden, hidden_of};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

#[test]
fn the_bound_falls_when_processors_are_waited_for_and_rises_when_they_are_free() {
    // Microseconds that each waits for a processor, whether the bound is reached, and where it ends.
    let cases = [
        (100, true, MOST),
        (100, false, BEGINS),
        (3_000, true, BEGINS),
        (20_000, true, LEAST),
        (20_000, false, LEAST),
    ];
    for (us, was_full, expected) in cases {
        let mut limit = Limit::default();
        for _ in 0..10_000 {
            limit.waited(SignedDuration::from_micros(us), was_full);
        }
        assert_eq!(limit.at_once(), expected, "{us} us, full {was_full}");
        // It finds its way back, whatever was before.
        for _ in 0..10_000 {
            limit.waited(SignedDuration::ZERO, true);
        }
        assert_eq!(limit.at_once(), MOST);
    }
    // Choked by the engine it falls at once.
    let mut limit = Limit::default();
    limit.choke();
    limit.choke();
    assert_eq!(limit.at_once(), LEAST);
}

#[test]
fn who_has_begun_goes_first_and_who_begins_has_one_turn_in_eight() {
    let mut turns = Turns::default();
    assert!(turns.take(1) && !turns.take(1));
    let begins: Vec<Ticket> = (0..3).map(|who| turns.wait(Class::New, who)).collect();
    let goes_on: Vec<Ticket> = (100..120).map(|who| turns.wait(Class::UnderWay, who)).collect();
    assert_eq!(
        begins.iter().map(|ticket| turns.before(*ticket)).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    assert_eq!(turns.before(goes_on[19]), 19);
    assert_eq!(turns.next(1), None, "the one turn is taken");
    let order: Vec<u32> = (0..23)
        .map(|_| {
            turns.give_back();
            turns.next(1).expect("somebody waits").1
        })
        .collect();
    assert_eq!(order[..9], [100, 101, 102, 103, 104, 105, 106, 0, 107]);
    assert_eq!(order[15], 1);
    assert_eq!(order[22], 2);
    assert_eq!((turns.waiting(), turns.active()), (0, 1));
}

/// What may happen to a line.
#[derive(Debug, Clone)]
enum Act {
    Come(Class),
    End,
    /// One of those who wait leaves.
    Leave(usize),
    /// The bound becomes another one.
    Bound(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => any::<bool>().prop_map(|new| Act::Come(if new { Class::New } else { Class::UnderWay })),
        4 => Just(Act::End),
        1 => (0..20_usize).prop_map(Act::Leave),
        1 => (1..12_usize).prop_map(Act::Bound),
    ];
    proptest::collection::vec(act, 1..400)
}

proptest! {
    #[test]
    fn every_line_is_fair_bounded_and_loses_nobody(acts in acts()) {
        let mut turns = Turns::default();
        let (mut bound, mut came, mut active) = (3, 0_u32, 0_usize);
        let mut waiting: HashMap<Class, std::collections::VecDeque<(u32, Ticket, usize)>> = HashMap::new();
        let mut without_new = 0;
        for act in acts {
            match act {
                Act::Bound(at_once) => bound = at_once,
                Act::Leave(at) => {
                    let line = waiting.values_mut().find(|line| line.len() > at);
                    if let Some((_, ticket, _)) = line.and_then(|line| line.remove(at)) {
                        turns.leave(ticket);
                        turns.leave(ticket);
                    }
                }
                Act::End => {
                    if active > 0 {
                        turns.give_back();
                        active -= 1;
                    }
                }
                Act::Come(class) => {
                    came += 1;
                    if turns.take(bound) {
                        // Nobody is passed by who takes a turn at once.
                        prop_assert!(waiting.values().all(std::collections::VecDeque::is_empty));
                        active += 1;
                    } else {
                        let ticket = turns.wait(class, came);
                        let line = waiting.entry(class).or_default();
                        prop_assert_eq!(turns.before(ticket), line.len());
                        line.push_back((came, ticket, line.len()));
                    }
                }
            }
            while let Some((class, who)) = turns.next(bound) {
                active += 1;
                prop_assert!(active <= bound, "more at once than the bound");
                let first = waiting.get_mut(&class).and_then(std::collections::VecDeque::pop_front);
                prop_assert_eq!(first.map(|(first, _, _)| first), Some(who), "somebody was passed");
                let new_waits = waiting.get(&Class::New).is_some_and(|line| !line.is_empty());
                without_new = if class == Class::UnderWay && new_waits { without_new + 1 } else { 0 };
                prop_assert!(without_new < NEW_EVERY, "who begins is put off");
            }
            // Nobody waits beside a free turn, and nobody's place grows.
            let all: usize = waiting.values().map(std::collections::VecDeque::len).sum();
            prop_assert!(all == 0 || active >= bound);
            prop_assert_eq!((turns.waiting(), turns.active()), (all, active));
            for (_, ticket, place) in waiting.values_mut().flatten() {
                let before = turns.before(*ticket);
                prop_assert!(before <= *place, "a place grew");
                *place = before;
            }
        }
        // Everybody comes to her turn in the end.
        for _ in 0..=came {
            for _ in 0..active {
                turns.give_back();
            }
            active = std::iter::from_fn(|| turns.next(bound)).count();
        }
        prop_assert_eq!((turns.waiting(), active), (0, 0));
    }
}

fn nothing() -> Work {
    Arc::new(|| Box::pin(async { Ok(web::see_other("/there")) }))
}

fn asked(once: u128, account: AccountId) -> Asked {
    Asked {
        once: Uuid::from_u128(once),
        account,
        bytes: 10,
        back: "/back".to_owned(),
    }
}

#[test]
fn a_submission_is_held_once_shown_to_its_account_alone_and_answered_once() {
    let (line, mine, hers) = (
        Line::default(),
        AccountId::from_uuid(Uuid::from_u128(1)),
        AccountId::from_uuid(Uuid::from_u128(2)),
    );
    let all: Vec<Turn> = std::iter::from_fn(|| line.turn(at(0))).collect();
    let once = Uuid::from_u128(7);
    let taken = line.take_in(asked(7, mine), Class::New, nothing(), at(0));
    assert!(taken.is_ok_and(|turn| turn.is_some()));
    assert!(
        matches!(line.take_in(asked(7, mine), Class::New, nothing(), at(1)), Ok(None)),
        "held twice"
    );
    assert!(
        line.take_in(asked(7, hers), Class::New, nothing(), at(1)).is_err(),
        "taken over"
    );
    assert!(matches!(line.look(once, hers), Look::Unknown));
    let Look::Waits(ticket) = line.look(once, mine) else {
        panic!("it does not wait")
    };
    assert_eq!(line.place(ticket).before, 0);
    // One account has so many in the line, and no more.
    let more = (100..120).filter(|at| {
        line.take_in(asked(*at, mine), Class::New, nothing(), at_start())
            .is_ok()
    });
    assert_eq!(more.count(), super::http::held::ACCOUNT_MAX - 1);
    drop(all);
    assert!(
        line.begin(once).is_some() && line.begin(once).is_none(),
        "worked on twice"
    );
    assert!(matches!(line.look(once, mine), Look::Works));
    line.finish(once, Ok(web::see_other("/there")), at(2));
    assert!(matches!(line.look(once, mine), Look::Answered(Ok(_))));
    assert!(matches!(line.look(once, mine), Look::Led(to) if to == "/there"));
    // It is forgotten when the next one is answered long after.
    line.begin(Uuid::from_u128(100));
    line.finish(Uuid::from_u128(100), Ok(web::see_other("/else")), at(10_000));
    assert!(matches!(line.look(once, mine), Look::Unknown));
}

/// An answer of so many bytes.
fn page(bytes: usize) -> Answer {
    Ok(axum::response::Response::new(axum::body::Body::from(vec![b'x'; bytes])))
}

#[test]
fn answers_that_nobody_fetches_go_with_time_and_stay_within_bounds() {
    let line = Line::default();
    let _all: Vec<Turn> = std::iter::from_fn(|| line.turn(at(0))).collect();
    let big = 1 << 20;
    let answered = |number: u128, seconds: i64| {
        let account = AccountId::from_uuid(Uuid::from_u128(number));
        assert!(
            line.take_in(asked(number, account), Class::New, nothing(), at(seconds))
                .is_ok()
        );
        line.begin(Uuid::from_u128(number));
        line.finish(Uuid::from_u128(number), page(big), at(seconds));
        account
    };
    for number in 1..=100 {
        answered(number, 0);
        let (_, bytes) = line.0.held.lock().kept();
        assert!(
            bytes <= super::http::held::ANSWER_BYTES_MAX,
            "{bytes} bytes after {number}"
        );
    }
    let (count, before) = line.0.held.lock().kept();
    assert!((20..40).contains(&count), "{count} are kept");
    // Fetched, it weighs nothing any more; sent and answered once more, it weighs once.
    let last = AccountId::from_uuid(Uuid::from_u128(100));
    assert!(matches!(line.look(Uuid::from_u128(100), last), Look::Answered(_)));
    assert!(line.0.held.lock().kept().1 + big <= before);
    answered(100, 1);
    answered(100, 2);
    assert!(line.0.held.lock().kept().1 <= before);
    // The surge is over, and nobody submits anything: the clock alone lets go of them.
    line.forget(at(60));
    assert_ne!(line.0.held.lock().kept().0, 0);
    line.forget(at(603));
    assert_eq!(line.0.held.lock().kept(), (0, 0));
}

#[test]
fn an_answer_that_nobody_has_seen_stays_however_many_are_fetched_meanwhile() {
    let line = Line::default();
    let _all: Vec<Turn> = std::iter::from_fn(|| line.turn(at(0))).collect();
    let answered = |number: u128| {
        let account = AccountId::from_uuid(Uuid::from_u128(number));
        assert!(
            line.take_in(asked(number, account), Class::New, nothing(), at(0))
                .is_ok()
        );
        line.begin(Uuid::from_u128(number));
        line.finish(Uuid::from_u128(number), Ok(web::see_other("/there")), at(1));
        account
    };
    let slow = answered(1);
    let many = 2 * super::http::held::FETCHED_MAX as u128;
    for number in 2..many {
        let account = answered(number);
        assert!(matches!(line.look(Uuid::from_u128(number), account), Look::Answered(_)));
    }
    assert!(line.0.held.lock().kept().0 <= super::http::held::FETCHED_MAX + 1);
    assert!(matches!(line.look(Uuid::from_u128(1), slow), Look::Answered(_)));
}

fn at_start() -> Timestamp {
    at(0)
}

#[test]
fn the_further_behind_the_later_it_looks_again_within_bounds() {
    assert_eq!(place(0, 0, None).again_s, AGAIN_S.0);
    assert_eq!(place(5_000, 5_000, None).again_s, AGAIN_S.1);
    let near = place(30, 700, Some(10.0));
    assert_eq!((near.about_s, near.again_s), (Some(3), 7));
    let far = place(3_000, 100, Some(50.0));
    assert_eq!((far.about_s, far.again_s), (Some(60), 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_that_waits_shows_its_place_and_is_sent_in_its_turn() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut hoa = citizen(&province).await;
        let review = crate::journeys::draft_to_review(&province, &mut hoa).await;
        let line = province.house.line();
        // The line is held up, and three others wait.
        let all = province.house.hold_up_submissions();
        let other = AccountId::from_uuid(Uuid::from_u128(9));
        let waiting: Vec<_> = (0..3)
            .map(|number| line.take_in(asked(number, other), Class::UnderWay, nothing(), province.house.now()))
            .collect();
        let page = hoa.get(&review).await.expect(200).body;
        let (csrf, once) = (
            hidden(&page, "_csrf"),
            hidden_of(&page, &review, "_once").expect("a key"),
        );
        let wait = format!("/my/line/{once}");
        // Pressed twice, the first time without the declaration: held once, as it was sent last.
        for fields in [&[][..], &[("declared", "yes")][..]] {
            let answer = hoa.post_with(&review, &csrf, &once, fields).await.expect(202);
            answer.says("Có 3 người trước bạn").says(&wait);
            let refresh = answer
                .headers
                .get("refresh")
                .and_then(|value| value.to_str().ok())
                .unwrap_or("");
            assert!(refresh.ends_with(&format!("; url={wait}")), "{refresh}");
        }
        hoa.get(&wait).await.expect(202).says("Có 3 người trước bạn");
        // Nobody else sees it, and nothing was received.
        let other = province.citizen("042190009876", "Lê Văn Khác").await;
        let mut stranger = province.browser(other, identity::session::Level::Oidc).await;
        stranger.get(&wait).await.expect(404).hides("người trước bạn");
        hoa.get(&review).await.expect(200);
        // Turns are given back: it is sent without anybody pressing anything.
        drop((all, waiting));
        let mut answer = hoa.get(&wait).await;
        for _ in 0..100 {
            if answer.status != 202 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            answer = hoa.get(&wait).await;
        }
        let receipt = answer.expect(303).location;
        assert!(receipt.ends_with("/receipt"), "{receipt}");
        // The page asked for once more leads to the same place.
        assert_eq!(hoa.get(&wait).await.expect(303).location, receipt);
        hoa.get(&receipt).await.expect(200);
        let sent = hoa
            .post_with(&review, &csrf, &once, &[("declared", "yes")])
            .await
            .expect(303);
        assert!(
            sent.location.starts_with(receipt.trim_end_matches("/receipt")),
            "{}",
            sent.location
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_people_who_wait_all_come_through_once_and_work_that_breaks_off_says_so() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (house, start) = (&province.house, "/procedures/1.001193/start");
        let people: Vec<_> = (0..20)
            .map(|at| claimed(&format!("0420900055{at:02}"), &format!("Trần Thị Thử {at}")))
            .collect();
        let accounts = house.identity().open_citizens(&people).await.expect("accounts");
        let mut all: Vec<Turn> = std::iter::from_fn(|| house.line().turn(house.now())).collect();
        let mut browsers = Vec::new();
        for (account, _) in &accounts {
            let mut browser = province.browser(*account, identity::session::Level::Oidc).await;
            let page = browser.get(start).await.expect(200).body;
            let (csrf, once) = (hidden(&page, "_csrf"), hidden_of(&page, start, "_once").expect("a key"));
            browsers.push((browser, csrf, once));
        }
        let sent = browsers.into_iter().map(async |(mut browser, csrf, once)| {
            let answer = browser.post_with(start, &csrf, &once, &[]).await;
            (browser, once, answer.expect(202))
        });
        let mut waiting = futures::future::join_all(sent).await;
        let mut places: Vec<usize> = waiting
            .iter()
            .map(|(_, _, answer)| {
                (0..20)
                    .filter(|at| answer.body.contains(&format!("Có {at} người")))
                    .sum()
            })
            .collect();
        places.sort_unstable();
        assert_eq!(places, (0..20).collect::<Vec<_>>(), "everybody has a place of her own");
        // One turn is enough for all of them, one after another.
        all.pop();
        for (browser, once, _) in &mut waiting {
            let wait = format!("/my/line/{once}");
            let mut answer = browser.get(&wait).await;
            for _ in 0..200 {
                if answer.status != 202 {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                answer = browser.get(&wait).await;
            }
            assert_eq!(answer.expect(303).location, format!("/my/drafts/{once}/who"));
        }
        let drafts: i64 = house
            .store()
            .read(|tx| tx.one("SELECT count(*) FROM draft", &[], |row| row.get(0)))
            .await
            .map_err(|error: store::StoreError| error)
            .expect("drafts");
        assert_eq!(drafts, 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_held_waits_for_its_turn_and_is_told_its_place_where_that_does_not_come() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (house, line) = (&province.house, province.house.line());
        let all: Vec<Turn> = std::iter::from_fn(|| line.turn(house.now())).collect();
        // Her turn comes while she waits.
        let work = super::http::within(house, Class::UnderWay, async { 7 });
        let given = async {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            drop(all);
        };
        assert_eq!(tokio::join!(work, given).0, Ok(7));
        assert!(line.turn(house.now()).is_some(), "it was given back");
        // It does not come: somebody else is before her, and nothing is done.
        let held_up = house.hold_up_submissions();
        let other = AccountId::from_uuid(Uuid::from_u128(9));
        let waiting = line.take_in(asked(1, other), Class::New, nothing(), house.now());
        let work = async { panic!("it is nobody's turn") };
        let refused: Result<(), NoTurn> = super::http::within(house, Class::New, work).await;
        let refused = refused.expect_err("held up");
        assert_eq!(refused.args(), [("before", "1".to_owned())]);
        assert!(matches!(refused.kind(), ErrorKind::Busy { retry_after_s } if retry_after_s >= AGAIN_S.0));
        // So is what a program sends. A petition without files is held like any form.
        let mut hoa = citizen(&province).await;
        let body = serde_json::json!({
            "once": Uuid::from_u128(77), "procedure": "1.001193", "agency": Uuid::from_u128(1), "phone": "0912345678",
            "address": "Tổ 3", "answers": {}, "delivery": "pick-up",
        });
        let answer = hoa.json("/api/my/dossiers", &body).await.expect(503);
        assert!(answer.headers.contains_key("retry-after"), "{:?}", answer.headers);
        answer.says("Số người trước bạn: 1");
        drop((held_up, waiting));
    })
    .await;
}
