//! The rules of the sync, pure: a change, an answer, a look, and what follows. An answer is a claim: only a look that shows what
//! was told confirms it, and what the look shows otherwise is mended by telling the whole state again.
//! Refuses to overwrite what is not ours: a dossier that its applicant took back at the portal is taken back here first, or she
//! is told why not.

use kernel::{SignedDuration, Timestamp};

use super::{After, Clock, Drift, Kind, Line, Seen, Settled, Track};
use crate::wire::{ItemVerdict, Reason, Sighted};

/// The portal is asked this long after the last transfer, and then again and again: what comes late on the way may undo
/// what it took.
pub const CHECKS: [SignedDuration; 9] = [
    SignedDuration::from_secs(2),
    SignedDuration::from_secs(6),
    SignedDuration::from_secs(16),
    SignedDuration::from_secs(40),
    SignedDuration::from_mins(10),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(7 * 24),
];

/// Pauses before a dossier is mended again while the portal does not come into step: refusing for ever is a person's matter.
const MENDS: [SignedDuration; 10] = [
    SignedDuration::from_secs(2),
    SignedDuration::from_secs(4),
    SignedDuration::from_secs(8),
    SignedDuration::from_secs(8),
    SignedDuration::from_secs(8),
    SignedDuration::from_secs(8),
    SignedDuration::from_secs(8),
    SignedDuration::from_mins(2),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(24),
];

/// Refusals in a row after which a transfer has failed: the first one may be the portal's own mistake.
pub const REFUSALS_MAX: u32 = 3;

/// First pause after a refusal; it doubles.
const REFUSED_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// Pause of a dossier whose answer was lost: the line has its own.
const AGAIN_PAUSE: SignedDuration = SignedDuration::from_millis(500);

/// First pause of a faulty line; it doubles.
const LINE_PAUSE: SignedDuration = SignedDuration::from_millis(250);

/// Longest pause of a faulty line.
pub const LINE_PAUSE_MAX: SignedDuration = SignedDuration::from_secs(12);

/// A time that the other side names may be this much ahead of us before it is not believed.
pub const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What is known of a clock fades by one part in so many of the time that has passed.
const FADES: i32 = 20;

/// A clock may be wrong by hours. What the other side dates further ahead of us than this is no hour of any clock.
const CLOCK_AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The code of a dossier that its applicant took back.
pub const WITHDRAWN: u8 = 7;

/// Whether processing has ended with this state: settled, returned, refused, stopped, taken back (QĐ 766/QĐ-TTg, 2.1).
#[must_use]
pub const fn is_end(state: u8) -> bool {
    matches!(state, 3 | 7 | 8 | 9 | 10)
}

fn at(table: &[SignedDuration], step: u32) -> SignedDuration {
    let last = table.len().saturating_sub(1);
    let step = usize::try_from(step).unwrap_or(last).min(last);
    table.get(step).copied().unwrap_or(LINE_PAUSE_MAX)
}

fn set_drift(track: &mut Track, drift: Option<Drift>, now: Timestamp) {
    if track.drift != drift {
        track.drift_since = drift.map(|_| track.drift_since.unwrap_or(now));
        track.drift = drift;
    }
}

/// Something happened to the dossier here: a transfer more is to be sent. Says its number.
pub fn changed(track: &mut Track, state: u8, now: Timestamp) -> i64 {
    track.ours = state;
    track.last += 1;
    track.send_at = Some(track.send_at.map_or(now, |at| at.min(now)));
    if track.drift.is_none() {
        set_drift(track, Some(Drift::Behind), now);
    }
    track.last
}

/// The portal answered about transfer `number`, which told `state`. `chance` spreads tries.
pub fn answered(
    track: &mut Track,
    (number, state): (i64, u8),
    verdict: &ItemVerdict,
    now: Timestamp,
    chance: u8,
) -> Settled {
    if number <= track.settled {
        return Settled::Accepted;
    }
    match verdict {
        ItemVerdict::Accepted => {
            track.settled = number;
            track.told = Some(state);
            track.refusals = 0;
            track.is_alone = false;
            track.checks = 0;
            track.check_at = Some(now + CHECKS[0]);
            track.send_at = (!track.is_settled()).then_some(now);
            if track.is_settled() {
                set_drift(track, None, now);
            }
            Settled::Accepted
        }
        ItemVerdict::Again(reason, _) => {
            track.is_alone = *reason == Reason::Together;
            track.send_at = Some(now + AGAIN_PAUSE + AGAIN_PAUSE * i32::from(chance) / 255);
            Settled::Waits
        }
        ItemVerdict::Refused(_) => refused(track, number, now, chance),
    }
}

fn refused(track: &mut Track, number: i64, now: Timestamp, chance: u8) -> Settled {
    track.refusals += 1;
    if track.refusals < REFUSALS_MAX {
        let pause = REFUSED_PAUSE * (1 << (track.refusals - 1).min(8));
        track.send_at = Some(now + pause / 2 + pause * i32::from(chance) / 510);
        return Settled::Waits;
    }
    track.settled = number;
    track.refusals = 0;
    // What waits behind it would be refused as well: the look says what the portal has, and the mend carries everything.
    track.send_at = None;
    track.check_at = Some(now + at(&MENDS, track.mends));
    set_drift(track, Some(Drift::Refused), now);
    Settled::Failed
}

/// The portal was asked and showed the dossier so, or not at all.
pub fn sighted(track: &mut Track, found: Option<&Sighted>, now: Timestamp) -> After {
    let state = found.and_then(|found| found.state.clone().ok());
    if let Some(found) = found {
        track.seen = Some(Seen {
            state,
            at: now,
            ended_at: found.ended_at.map(|ended| believed_end(ended, now)),
        });
    }
    track.checks = track.checks.saturating_add(1);
    track.check_at = Some(now + at(&CHECKS, track.checks));
    if state == Some(WITHDRAWN) && track.ours != WITHDRAWN {
        // Seen before, and our answer to it is to be sent: deciding it anew would put that answer off each time somebody looks.
        let is_answered = track.drift == Some(Drift::Ahead) && track.mends > 0 && track.send_at.is_some();
        set_drift(track, Some(Drift::Ahead), now);
        return if is_answered { After::Wait } else { After::TakenBack };
    }
    if track.send_at.is_some() {
        return After::Wait;
    }
    let drift = match (found, state) {
        (None, _) => Drift::Missing,
        (Some(_), None) => Drift::Unknown,
        (Some(_), Some(theirs)) if theirs == track.ours => {
            track.mends = 0;
            if track.is_settled() {
                set_drift(track, None, now);
                return After::InStep;
            }
            // The last change was refused and is there all the same, with others behind it that are not.
            Drift::Refused
        }
        (Some(_), Some(_)) => Drift::Differs,
    };
    set_drift(track, Some(drift), now);
    After::Mend(if found.is_none() { Kind::Register } else { Kind::Mend })
}

/// The other side's own end of a dossier, and now for one that it dates into a future that no clock is wrong by.
fn believed_end(named: Timestamp, now: Timestamp) -> Timestamp {
    if named > now + CLOCK_AHEAD_MAX { now } else { named }
}

/// A mend is sent: everything that waited is carried by it. Says its number.
pub fn mend(track: &mut Track, now: Timestamp) -> i64 {
    track.mends = track.mends.saturating_add(1);
    track.last += 1;
    track.settled = track.last - 1;
    track.refusals = 0;
    track.checks = 0;
    let pause = if track.mends <= 1 {
        SignedDuration::ZERO
    } else {
        at(&MENDS, track.mends - 2)
    };
    track.send_at = Some(now + pause);
    track.check_at = None;
    track.last
}

/// A request met a fault of the line.
pub fn line_failed(line: &mut Line, now: Timestamp, chance: u8) {
    line.faults = line.faults.saturating_add(1);
    let full = (LINE_PAUSE * (1 << (line.faults - 1).min(10))).min(LINE_PAUSE_MAX);
    line.paused_until = Some(now + full / 2 + full * i32::from(chance) / 510);
}

/// A request got through.
pub fn line_stands(line: &mut Line) {
    *line = Line::default();
}

/// A look was not answered: the same is asked again soon.
pub fn unseen(track: &mut Track, now: Timestamp) {
    track.check_at = Some(now + SignedDuration::from_secs(1));
}

/// Whether something may be sent.
#[must_use]
pub fn is_open(line: &Line, now: Timestamp) -> bool {
    line.paused_until.is_none_or(|until| until <= now)
}

/// The instant that counts of a time that the other side names: its own by our clock, and never one ahead of us. Says whether
/// the named one lies ahead.
#[must_use]
pub fn believed(named: Option<Timestamp>, clock: Option<Clock>, now: Timestamp) -> (Timestamp, bool) {
    let Some(named) = named else {
        return (now, false);
    };
    let ours = clock.map_or(named, |clock| named - clock.ahead_at_least);
    (ours.min(now), named > now + AHEAD_MAX)
}

/// What a time that the other side wrote tells of its clock: at `now` it has not yet passed there, so that the clock is at
/// least so much ahead. Older knowledge fades slowly, because clocks are put right. A date that no clock shows tells nothing.
#[must_use]
pub fn clock_told(known: Option<Clock>, stamp: Timestamp, now: Timestamp) -> Clock {
    if stamp.since(now) > CLOCK_AHEAD_MAX {
        return known.unwrap_or(Clock {
            ahead_at_least: SignedDuration::ZERO,
            at: now,
        });
    }
    let told = Clock {
        ahead_at_least: stamp.since(now),
        at: now,
    };
    match known {
        Some(known) => {
            let faded = known.ahead_at_least - now.since(known.at) / FADES;
            if faded > told.ahead_at_least {
                Clock {
                    ahead_at_least: faded,
                    at: now,
                }
            } else {
                told
            }
        }
        None => told,
    }
}
