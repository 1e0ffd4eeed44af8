//! To whom a lateness is put down: to people, or to the systems between them. A dossier that was settled here in time and that
//! the portal counts late is the systems'; one that would have been in time had it come when it was sent is theirs too.
//! What ended before the exchange began could not be told in time: nobody's systems are late with it.
//! Refuses a cause without evidence: the page shows the transfers, or the steps, that it rests on.
//! Law: QĐ 766/QĐ-TTg, indicator 2.1 (`NgayKetThucXuLy ≤ NgayHenTra`).

pub(crate) mod http;
pub(crate) mod judge;

use kernel::{SignedDuration, Timestamp};

use kernel::words;

/// The kind of event that tells others to whom a lateness was put down: its payload is `{"to": "person"}` or
/// `{"to": "system"}`, and `{"to": null}` when it is taken back: the due date was extended, or the clock stopped.
pub const ATTRIBUTED: &str = "lateness.attributed";

words! {
    /// To whom a lateness is put down.
    Cause {
        /// It was settled late here.
        Person = "person",
        /// It was settled in time here and reached the other side too late, or came here too late.
        System = "system",
    }
}

/// A dossier that took longer than this from the portal to us was held up on the way.
pub const ARRIVAL_MAX: SignedDuration = SignedDuration::from_mins(15);

/// A lateness that is not settled on both sides is looked at again after this time.
pub const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// What a judgement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The result is due.
    pub due_at: Timestamp,
    /// Processing ended here.
    pub ended_at: Option<Timestamp>,
    /// Since when the portal holds that it has ended, by its own clock.
    pub ended_there: Option<Timestamp>,
    /// Filed at the portal and arrived here; none for what was filed here.
    pub way: Option<(Timestamp, Timestamp)>,
    /// Since when the exchange runs here.
    pub began_at: Timestamp,
}

/// To whom the lateness of a dossier is put down at `now`; none when it is not late on either side.
#[must_use]
pub fn cause(facts: &Facts, now: Timestamp) -> Option<Cause> {
    let ended = facts.ended_at.unwrap_or(now);
    if ended > facts.due_at {
        let lost = facts
            .way
            .map_or(SignedDuration::ZERO, |(filed, arrived)| arrived.since(filed));
        let is_lost = lost > ARRIVAL_MAX && ended - lost <= facts.due_at;
        return Some(if is_lost { Cause::System } else { Cause::Person });
    }
    // Still open and not due yet: nobody is late. Ended here in time: the portal has until the due date to know.
    let there = facts.ended_there.unwrap_or(now);
    let could_be_told = facts.ended_at.is_some_and(|ended| ended >= facts.began_at);
    (could_be_told && there > facts.due_at).then_some(Cause::System)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_micros(hour * 3_600_000_000)
    }

    #[test]
    fn a_lateness_is_put_down_by_its_evidence() {
        let facts = |ended: Option<i64>, there: Option<i64>, way: Option<(i64, i64)>| Facts {
            due_at: at(100),
            ended_at: ended.map(at),
            ended_there: there.map(at),
            way: way.map(|(filed, arrived)| (at(filed), at(arrived))),
            began_at: at(50),
        };
        for (case, now, expected) in [
            (facts(Some(90), Some(91), None), 200, None),
            (facts(Some(90), Some(101), None), 200, Some(Cause::System)),
            (facts(Some(90), None, None), 101, Some(Cause::System)),
            (facts(Some(90), None, None), 99, None),
            (facts(Some(101), Some(101), None), 200, Some(Cause::Person)),
            (facts(None, None, None), 101, Some(Cause::Person)),
            (facts(None, None, None), 99, None),
            // It lay eight hours between the portal and us, and was one hour late.
            (facts(Some(101), Some(101), Some((0, 8))), 200, Some(Cause::System)),
            (facts(Some(110), Some(110), Some((0, 8))), 200, Some(Cause::Person)),
            (facts(Some(90), Some(101), Some((0, 8))), 200, Some(Cause::System)),
            // It ended before the exchange began: nobody could tell the portal in time.
            (facts(Some(49), Some(150), None), 200, None),
            (facts(Some(49), None, None), 200, None),
        ] {
            assert_eq!(cause(&case, at(now)), expected, "{case:?} at {now}");
        }
    }
}
