//! The waiting line: turns are kept, nobody passes, who goes away is forgotten; and the page keeps what was typed.

use kernel::Timestamp;
use uuid::Uuid;

use super::*;
use crate::journeys::citizen;
use crate::testing::{MIGRATIONS, Province, hidden, hidden_of};

fn who(at: u128) -> Uuid {
    Uuid::from_u128(at)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

#[test]
fn nobody_waits_while_there_is_room_and_nobody_passes_those_who_wait() {
    let line = Line::default();
    assert_eq!(line.pass(who(1), 0, at(0)), Ok(()), "an empty line holds nobody up");
    let first = line.wait(who(1), at(0));
    let second = line.wait(who(2), at(0));
    assert_eq!((first.before, second.before), (0, 1));
    // A newcomer stands behind both, whatever she does.
    assert_eq!(line.pass(who(3), 4, at(1)).map_err(|place| place.before), Err(2));
    assert_eq!(line.pass(who(3), 4, at(2)).map_err(|place| place.before), Err(2));
    // There is room for two: the first two pass, in whichever order they ask.
    assert_eq!(line.pass(who(2), 4, at(3)), Ok(()));
    assert_eq!(line.pass(who(1), 4, at(3)), Ok(()));
    line.leave(who(1));
    line.leave(who(2));
    assert_eq!(line.pass(who(3), 4, at(4)), Ok(()));
    line.leave(who(3));
    assert_eq!(line.pass(who(4), 0, at(5)), Ok(()));
}

#[test]
fn who_does_not_ask_again_holds_nobody_up() {
    let line = Line::default();
    line.wait(who(1), at(0));
    line.wait(who(2), at(30));
    assert_eq!(line.pass(who(2), 2, at(59)).map_err(|place| place.before), Err(1));
    assert_eq!(line.pass(who(2), 2, at(61)), Ok(()), "the first has gone away");
}

#[test]
fn the_further_behind_the_later_it_is_asked_again_within_bounds() {
    let line = Line::default();
    let mut places = (0..20_000).map(|number| line.wait(who(number), at(0)));
    assert_eq!(places.next().map(|place| place.again_s), Some(AGAIN_S.0));
    assert_eq!(places.last().map(|place| place.again_s), Some(AGAIN_S.1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_that_waits_keeps_what_was_typed_and_goes_through_in_its_turn() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut hoa = citizen(&province).await;
        let review = crate::journeys::draft_to_review(&province, &mut hoa).await;
        let draft: Uuid = review.split('/').nth(3).expect("a draft").parse().expect("its id");
        // As many others wait as there is room.
        let room = province.house.store().room();
        let others: Vec<Uuid> = (0..room as u128).map(|number| who(number + 1)).collect();
        for other in &others {
            province.house.line().wait(*other, province.house.now());
        }
        let page = hoa.get(&review).await.expect(200).body;
        let (csrf, once) = (
            hidden(&page, "_csrf"),
            hidden_of(&page, &review, "_once").expect("a key"),
        );
        let answer = hoa
            .post_with(&review, &csrf, &once, &[("declared", "yes")])
            .await
            .expect(503);
        assert!(answer.headers.contains_key("retry-after"));
        answer
            .says("data-again")
            .says("name=\"declared\" value=\"yes\"")
            .says(&once);
        answer.says("người trước bạn");
        assert_eq!(province.house.line().wait(draft, province.house.now()).before, room);
        // The draft is there as it was, and nothing was received.
        hoa.get(&review).await.expect(200);
        for other in &others {
            province.house.line().leave(*other);
        }
        // The same form again, as the page sends it by itself or by its button.
        let sent = hoa
            .post_with(&review, &csrf, &once, &[("declared", "yes")])
            .await
            .expect(303);
        assert!(sent.location.contains("/receipt"), "{}", sent.location);
        assert_eq!(
            province.house.line().pass(who(1), 0, province.house.now()),
            Ok(()),
            "nobody waits any more"
        );
    })
    .await;
}
