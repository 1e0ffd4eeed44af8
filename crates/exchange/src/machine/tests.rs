//! The rules of the machine one by one: what is told as what, what an answer settles, when a look mends and when it waits.

use kernel::{SignedDuration, Timestamp};

use super::rules::{self, CHECKS, REFUSALS_MAX};
use super::{After, Drift, Kind, Line, Outgoing, Settled, Track, group};
use crate::wire::{ItemVerdict, Service, Sighted};

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_000_000 + second)
}

fn shows(state: &str) -> Sighted {
    Sighted {
        code: "H27-261122-0001".to_owned(),
        state: state.parse().map_err(|_| state.to_owned()),
        stamp: Some(at(0)),
        ended_at: None,
    }
}

/// A dossier whose reception was told and taken.
fn told() -> Track {
    let mut track = Track::new(1);
    for state in [1, 2] {
        let number = rules::changed(&mut track, state, at(0));
        assert_eq!(
            rules::answered(&mut track, (number, state), &ItemVerdict::Accepted, at(1), 0),
            Settled::Accepted
        );
    }
    track
}

#[test]
fn what_happens_is_told_as_what_it_changes() {
    assert_eq!(Kind::of_event("dossier.submitted"), Some(Kind::Register));
    assert_eq!(Kind::of_event("dossier.receive"), Some(Kind::Update));
    assert_eq!(Kind::of_event("dossier.claim"), Some(Kind::Progress));
    assert_eq!(Kind::of_event("dossier.work-offer"), None);
    assert_eq!(Kind::of_event("person.deceased"), None);
}

#[test]
fn a_yes_is_asked_about_until_it_is_seen() {
    let mut track = told();
    assert_eq!((track.drift, track.check_at), (None, Some(at(1) + CHECKS[0])));
    assert_eq!(rules::sighted(&mut track, Some(&shows("2")), at(3)), After::InStep);
    assert_eq!(track.check_at, Some(at(3) + CHECKS[1]));
    // It took an older message after the newer one.
    assert_eq!(
        rules::sighted(&mut track, Some(&shows("1")), at(9)),
        After::Mend(Kind::Mend)
    );
    assert_eq!(track.drift, Some(Drift::Differs));
    let number = rules::mend(&mut track, at(9));
    assert_eq!((number, track.send_at), (3, Some(at(9))));
    rules::answered(&mut track, (number, 2), &ItemVerdict::Accepted, at(10), 0);
    assert_eq!((track.drift, track.drift_since), (None, None));
}

#[test]
fn a_dossier_that_is_not_there_is_registered_again() {
    let mut track = told();
    assert_eq!(rules::sighted(&mut track, None, at(3)), After::Mend(Kind::Register));
    assert_eq!(track.drift, Some(Drift::Missing));
}

#[test]
fn a_state_that_nobody_knows_is_told_anew() {
    let mut track = told();
    assert_eq!(
        rules::sighted(&mut track, Some(&shows("42-x")), at(3)),
        After::Mend(Kind::Mend)
    );
    assert_eq!(track.drift, Some(Drift::Unknown));
    assert_eq!(track.seen.map(|seen| seen.state), Some(None));
}

#[test]
fn what_the_applicant_took_back_there_is_not_overwritten() {
    let mut track = told();
    assert_eq!(rules::sighted(&mut track, Some(&shows("7")), at(3)), After::TakenBack);
    assert_eq!((track.drift, track.send_at), (Some(Drift::Ahead), None));
    // Nor by what is on its way, nor when it has ended here: the rules of dossiers have to say so first.
    rules::changed(&mut track, 9, at(4));
    assert_eq!(rules::sighted(&mut track, Some(&shows("7")), at(5)), After::TakenBack);
    // It was carried out here.
    rules::changed(&mut track, 7, at(6));
    assert_eq!(
        rules::sighted(&mut track, Some(&shows("7")), at(7)),
        After::Wait,
        "that is still to be told"
    );
}

#[test]
fn the_answer_to_a_withdrawal_is_not_put_off_by_looking() {
    let mut track = told();
    assert_eq!(rules::sighted(&mut track, Some(&shows("7")), at(3)), After::TakenBack);
    // It cannot be carried out: our state is told again, later each time that the portal does not follow.
    let mut number = 0;
    for _ in 0..3 {
        number = rules::mend(&mut track, at(4));
    }
    let (mends, due) = (track.mends, track.send_at);
    // The portal tells us of it once more before that was sent, again and again.
    for second in 5..10 {
        assert_eq!(rules::sighted(&mut track, Some(&shows("7")), at(second)), After::Wait);
    }
    assert_eq!((track.mends, track.send_at), (mends, due));
    // It was sent, and the portal shows the withdrawal all the same: that is decided again.
    rules::answered(&mut track, (number, 2), &ItemVerdict::Accepted, at(20), 0);
    assert_eq!(rules::sighted(&mut track, Some(&shows("7")), at(22)), After::TakenBack);
}

#[test]
fn an_end_in_a_far_future_is_no_end_of_any_clock() {
    let mut track = told();
    let mut ends = |second: i64| {
        let shown = Sighted {
            ended_at: Some(at(second)),
            ..shows("2")
        };
        rules::sighted(&mut track, Some(&shown), at(0));
        track.seen.and_then(|seen| seen.ended_at)
    };
    assert_eq!(ends(-60), Some(at(-60)));
    assert_eq!(
        ends(7_200),
        Some(at(7_200)),
        "its clock is two hours ahead, and that is what it counts by"
    );
    assert_eq!(ends(365 * 86_400), Some(at(0)), "no clock is wrong by a year");
}

#[test]
fn a_refusal_is_believed_the_third_time() {
    let mut track = Track::new(1);
    let number = rules::changed(&mut track, 1, at(0));
    let waiting = rules::changed(&mut track, 2, at(0));
    let refused = ItemVerdict::Refused("4".to_owned());
    for n in 1..REFUSALS_MAX {
        let now = at(i64::from(n) * 10);
        assert_eq!(
            rules::answered(&mut track, (number, 1), &refused, now, 128),
            Settled::Waits,
            "{n}"
        );
        assert!(track.send_at > Some(now), "{n}");
    }
    assert_eq!(
        rules::answered(&mut track, (number, 1), &refused, at(60), 0),
        Settled::Failed
    );
    assert_eq!(
        (track.drift, track.send_at),
        (Some(Drift::Refused), None),
        "what waits would be refused too"
    );
    // The look finds what the portal has, and everything is told in one.
    assert_eq!(rules::sighted(&mut track, None, at(62)), After::Mend(Kind::Register));
    assert!(rules::mend(&mut track, at(62)) > waiting);
    assert!(!track.is_settled());
}

#[test]
fn an_answer_that_comes_twice_settles_once() {
    let mut track = told();
    let before = track.clone();
    rules::answered(&mut track, (1, 1), &ItemVerdict::Refused("9".to_owned()), at(5), 0);
    assert_eq!(track, before);
}

#[test]
fn a_mend_that_does_not_help_waits_longer_each_time() {
    let mut track = told();
    let mut pauses = Vec::new();
    for _ in 0..10 {
        rules::mend(&mut track, at(0));
        pauses.push(track.send_at.map(|due| due.since(at(0))).unwrap());
    }
    assert_eq!(pauses[0], SignedDuration::ZERO);
    assert!(
        pauses.is_sorted() && pauses[9] > SignedDuration::from_mins(1),
        "{pauses:?}"
    );
}

#[test]
fn a_faulty_line_rests_and_comes_back_at_once() {
    let mut line = Line::default();
    for n in 0..20 {
        rules::line_failed(&mut line, at(0), 255);
        let pause = line.paused_until.unwrap().since(at(0));
        assert!(pause <= rules::LINE_PAUSE_MAX, "{n}: {pause:?}");
        assert!(!rules::is_open(&line, at(0)));
    }
    assert!(rules::is_open(&line, at(12)));
    rules::line_stands(&mut line);
    assert!(rules::is_open(&line, at(0)));
}

#[test]
fn a_date_in_the_future_is_not_believed() {
    let believed = |named: Option<i64>| rules::believed(named.map(at), None, at(0));
    assert_eq!(believed(Some(3600)), (at(0), true));
    assert_eq!(believed(Some(60)), (at(0), false), "within what clocks differ");
    assert_eq!(believed(Some(-60)), (at(-60), false));
    assert_eq!(believed(None), (at(0), false));
}

#[test]
fn a_wrong_clock_is_told_by_what_it_writes() {
    // It is an hour behind: what it writes seems an hour old.
    let behind = rules::clock_told(None, at(-3600), at(0));
    assert_eq!(rules::believed(Some(at(-3600)), Some(behind), at(1)), (at(0), false));
    // A message that lay for long proves nothing against what is known better.
    let known = rules::clock_told(Some(behind), at(-9000), at(10));
    let lay = at(10).since(rules::believed(Some(at(-9000)), Some(known), at(10)).0);
    assert!(lay >= SignedDuration::from_secs(5_400), "{lay:?}");
    // It is ahead.
    let ahead = rules::clock_told(Some(known), at(3620), at(20));
    assert_eq!(rules::believed(Some(at(3620)), Some(ahead), at(20)), (at(20), true));
    // A date in a far future is no clock's, and takes nothing from what is known.
    assert_eq!(rules::clock_told(Some(ahead), at(86_400 * 365), at(21)), ahead);
    let nothing = rules::clock_told(None, at(86_400 * 365), at(0));
    assert_eq!(rules::believed(Some(at(-60)), Some(nothing), at(0)), (at(-60), false));
    // It was put right long ago: that is learned.
    let right = rules::clock_told(Some(ahead), at(20 + 80_000), at(20 + 80_000));
    assert!(right.ahead_at_least < SignedDuration::from_secs(10), "{right:?}");
}

#[test]
fn items_of_one_service_travel_together_and_the_doubtful_ones_alone() {
    let item = |tag: u32, service, is_updating, is_alone| Outgoing {
        tag,
        code: tag.to_string(),
        service,
        is_updating,
        is_alone,
        item: serde_json::Value::Null,
    };
    let items = vec![
        item(1, Service::Sync, false, false),
        item(2, Service::Sync, true, false),
        item(3, Service::Sync, false, true),
        item(4, Service::Sync, false, false),
        item(5, Service::Progress, false, false),
        item(6, Service::Sync, false, false),
    ];
    let tags: Vec<Vec<u32>> = group(items, 2)
        .into_iter()
        .map(|(request, inside)| {
            assert_eq!(request.data.len(), inside.len());
            inside.into_iter().map(|one| one.tag).collect()
        })
        .collect();
    assert_eq!(tags, [vec![1, 4], vec![2], vec![3], vec![5], vec![6]]);
}
