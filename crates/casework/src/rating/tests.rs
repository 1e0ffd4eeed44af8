//! Ratings: once, after the result is handed over, to be changed for a while; figures that tell nobody apart.

use kernel::SignedDuration;

use super::rules::{Tally, may_rate};
use super::*;
use crate::dossier::state::State;
use crate::journeys::{act, cast, citizen};
use crate::testing::{MIGRATIONS, Province, filed};

#[test]
fn the_factors_are_read_and_named_in_both_languages() {
    assert_eq!(FACTORS.list.len(), 5);
    for factor in &FACTORS.list {
        assert!(
            !factor.words.vi.is_empty() && factor.words.en.is_some(),
            "{}",
            factor.id
        );
    }
}

#[test]
fn the_index_is_rounded_and_absent_for_few() {
    let index = |scores, satisfied| Tally { scores, satisfied }.index();
    assert_eq!(index(4, 4), None);
    assert_eq!(index(5, 5), Some(1_000));
    assert_eq!(index(6, 4), Some(667));
    assert_eq!(index(8, 1), Some(125));
    assert_eq!(index(7, 0), Some(0));
}

#[test]
fn a_rating_is_taken_after_the_return_and_changed_for_thirty_days() {
    let now = Timestamp::from_micros(1_800_000_000_000_000);
    let rating = |rated_at| Rating {
        rated_at,
        scores: Vec::new(),
    };
    for state in [State::Submitted, State::Approved, State::Stopped] {
        assert!(matches!(may_rate(state, None, now), Err(RatingError::TooEarly)));
    }
    assert!(may_rate(State::Returned, None, now).is_ok());
    assert!(may_rate(State::Returned, Some(&rating(now + -CHANGEABLE)), now).is_ok());
    let late = rating(now + -CHANGEABLE + -SignedDuration::from_secs(1));
    assert!(matches!(
        may_rate(State::Returned, Some(&late), now),
        Err(RatingError::TooLate)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_rates_once_and_figures_count() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let (mut hoa, mut cast) = (citizen(&province).await, cast(&province).await);
        let own = filed(&province, &mut hoa).await;
        let desk = own.replace("/my/", "/desk/");
        let rate = format!("{own}/rating");
        hoa.get(&rate).await.expect(409);
        act(&mut cast.desk, &desk, "receive", &[]).await;
        act(&mut cast.specialist, &desk, "claim", &[]).await;
        act(&mut cast.specialist, &desk, "propose", &[("outcome", "granted")]).await;
        act(&mut cast.leader, &desk, "approve", &[]).await;
        hoa.get(&own).await.expect(200).hides("rating");
        act(
            &mut cast.desk,
            &desk,
            "return",
            &[
                ("delivery", "pick-up"),
                ("taken-by", "Trần Thị Hoa"),
                ("proof", "receipt"),
            ],
        )
        .await;
        hoa.get(&own).await.expect(200).says(&rate);
        hoa.post(&rate, &rate, &[("access", "5")]).await.expect(422);
        let all: Vec<(&str, &str)> = FACTORS.list.iter().map(|factor| (factor.id.as_str(), "4")).collect();
        hoa.post(&rate, &rate, &all).await.expect(303);
        let changed: Vec<(&str, &str)> = FACTORS.list.iter().map(|factor| (factor.id.as_str(), "2")).collect();
        hoa.post(&rate, &rate, &changed).await.expect(303);
        let (from, until) = (Timestamp::from_micros(0), Timestamp::MAX);
        let read = move |tx: &mut ::store::Tx| {
            Ok::<_, RatingError>((store::count(tx, from, until)?, store::parts(tx, from, until)?))
        };
        let (count, parts) = province.house.store().read(read).await.expect("read");
        assert_eq!((count, parts.len()), (1, 5));
        assert!(
            parts.iter().all(|part| part.tally
                == Tally {
                    scores: 1,
                    satisfied: 0
                }),
            "{parts:?}"
        );
        let figures = province.stranger().get("/figures/satisfaction").await.expect(200);
        figures
            .says("UBND phường Thành Sen")
            .says("Chưa đủ số liệu")
            .hides("Trần");
        province.world.advance(SignedDuration::from_hours(24 * 31));
        let mut hoa = citizen(&province).await;
        hoa.get(&rate).await.expect(410);
    })
    .await;
}
