//! The decisions of sending as pure functions: which channels a message takes, whether its turn has come, when morning is, how
//! long a channel that is down is left alone. They read no clock and no table.
//! Refuses to wake people for anything that is not urgent.

use kernel::{SignedDuration, Timestamp};

use super::{LineState, Reason, State};
use crate::channel::Channel;
use crate::config::{Limits, Quiet};

/// How often one delivery is tried when its server says "later".
pub const TRIES_MAX: i64 = 8;
/// First and longest pause of one delivery.
const LATER_FIRST: SignedDuration = SignedDuration::from_secs(60);
const LATER_MAX: SignedDuration = SignedDuration::from_secs(3_600);
/// First and longest pause of a channel that is down.
const DOWN_FIRST: SignedDuration = SignedDuration::from_secs(30);
const DOWN_MAX: SignedDuration = SignedDuration::from_secs(900);
/// A sending that nobody ended after this time was left behind by a program that ended.
pub const LEFT_BEHIND: SignedDuration = SignedDuration::from_secs(600);

/// What a person wants of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Channels that she switched off.
    pub off: &'a [Channel],
    /// Channels that she switched on beyond the usual ones.
    pub on: &'a [Channel],
    /// Whether a browser of hers listens.
    pub has_devices: bool,
}

/// How a message begins on a channel.
///
/// Zalo goes before SMS, which costs more, and a letter goes only when nothing else reached the person, unless she asked
/// for it. Urgent events take SMS as well.
#[must_use]
pub fn begin(channel: Channel, told_by: &[Channel], is_urgent: bool, wanted: Wanted<'_>) -> (State, Option<Reason>) {
    let usual = |other: Channel| told_by.contains(&other) && !wanted.off.contains(&other);
    if wanted.off.contains(&channel) || (channel == Channel::Push && !wanted.has_devices) {
        return (State::Skipped, Some(Reason::Unwanted));
    }
    let waits = match channel {
        Channel::Sms => usual(Channel::Zalo) && !is_urgent,
        Channel::Letter => [Channel::Email, Channel::Sms, Channel::Zalo].into_iter().any(usual),
        Channel::Email | Channel::Zalo | Channel::Push => false,
    };
    if waits && !wanted.on.contains(&channel) {
        return (State::Skipped, Some(Reason::OthersFirst));
    }
    (State::Queued, None)
}

/// Which channel is tried in the place of one that did not reach the person.
#[must_use]
pub fn instead_of(channel: Channel) -> &'static [Channel] {
    match channel {
        Channel::Zalo => &[Channel::Sms, Channel::Letter],
        Channel::Email | Channel::Sms => &[Channel::Letter],
        Channel::Push | Channel::Letter => &[],
    }
}

/// Whether `at` lies in the quiet hours, and then when they end.
#[must_use]
pub fn quiet_until(quiet: Quiet, at: Timestamp) -> Option<Timestamp> {
    let (from, until) = (quiet.from, quiet.until);
    let local = at.local();
    let (day, hour) = (local.date(), local.time());
    let over_midnight = from > until;
    let is_quiet = if over_midnight {
        hour >= from || hour < until
    } else {
        hour >= from && hour < until
    };
    if !is_quiet {
        return None;
    }
    let morning = if over_midnight && hour >= from {
        day.tomorrow().ok()?
    } else {
        day
    };
    Some(Timestamp::from_local(morning.to_datetime(until)))
}

/// When a delivery may be made first.
#[must_use]
pub fn first_try(channel: Channel, is_urgent: bool, quiet: Quiet, now: Timestamp) -> Timestamp {
    if channel.keeps_quiet() && !is_urgent {
        return quiet_until(quiet, now).unwrap_or(now);
    }
    now
}

/// What is done with the delivery whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Send it, and count it.
    Send,
    /// Settle it without sending.
    Drop(Reason),
    /// Not before then; others may go.
    Wait(Timestamp),
    /// The channel has reached a cap; nothing goes.
    Capped,
}

/// Decides the turn of a delivery.
#[must_use]
pub fn turn(
    channel: Channel,
    is_urgent: bool,
    expires_at: Timestamp,
    state: &LineState,
    limits: &Limits,
    quiet: Quiet,
    now: Timestamp,
) -> Turn {
    if now >= expires_at {
        return Turn::Drop(Reason::Stale);
    }
    let first = first_try(channel, is_urgent, quiet, now);
    if first > now {
        return Turn::Wait(first);
    }
    let counted = counted(state, now);
    if counted.minute_count >= i64::from(limits.per_minute_max) {
        return Turn::Capped;
    }
    if limits
        .per_day_dong_max
        .is_some_and(|most| counted.spent_dong + limits.cost_dong > most)
    {
        return Turn::Capped;
    }
    Turn::Send
}

/// The counters as of `now`: those of another minute or day begin afresh.
#[must_use]
pub fn counted(state: &LineState, now: Timestamp) -> LineState {
    let (day, minute) = (now.local_date(), now.as_seconds().div_euclid(60));
    let mut counted = state.clone();
    if counted.day != Some(day) {
        counted.day = Some(day);
        counted.spent_dong = 0;
    }
    if counted.minute != minute {
        counted.minute = minute;
        counted.minute_count = 0;
    }
    counted
}

/// The counters with one more message.
#[must_use]
pub fn charged(state: &LineState, limits: &Limits, now: Timestamp) -> LineState {
    let mut counted = counted(state, now);
    counted.spent_dong += limits.cost_dong;
    counted.minute_count += 1;
    counted
}

fn doubled(first: SignedDuration, most: SignedDuration, times: i64) -> SignedDuration {
    let doublings = u32::try_from(times.saturating_sub(1).clamp(0, 16)).unwrap_or(16);
    (first * (1_i32 << doublings)).min(most)
}

/// The pause of a delivery after its `attempts`th try.
#[must_use]
pub fn later(attempts: i64) -> SignedDuration {
    doubled(LATER_FIRST, LATER_MAX, attempts)
}

/// The pause of a channel after `failures` in a row: at most a quarter of an hour, so that it is found soon when it is back.
#[must_use]
pub fn down(failures: i64) -> SignedDuration {
    doubled(DOWN_FIRST, DOWN_MAX, failures)
}

/// What a report makes of a delivery; none when it changes nothing (it came twice, or late).
#[must_use]
pub const fn reported(state: State, arrived: bool) -> Option<(State, Option<Reason>)> {
    match (state, arrived) {
        // A report may overtake the row that says "sent".
        (State::Sent | State::Sending, true) => Some((State::Delivered, None)),
        // "Failed, unknown" that did arrive after all, and a failure that was taken back.
        (State::Failed, true) => Some((State::Delivered, None)),
        (State::Sent | State::Sending, false) => Some((State::Failed, Some(Reason::Reported))),
        (State::Failed, false) | (State::Queued | State::Delivered | State::Refused | State::Skipped, _) => None,
    }
}

/// Whether an operator may have it tried again.
#[must_use]
pub const fn may_retry(state: State) -> bool {
    matches!(state, State::Failed | State::Refused)
}
