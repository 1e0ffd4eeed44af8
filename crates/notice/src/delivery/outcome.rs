//! What became of a try, written in one transaction: the delivery, the counters of its channel, and the channel that goes in its
//! place. Owns the difference between a message that failed and a channel that is down.
//! Refuses to count a try, or money, for what was never handed over.

use ::store::{StoreError, Tx};
use kernel::Timestamp;

use super::rules::{self, TRIES_MAX};
use super::store::{self as table, End};
use super::{Due, LineState, Reason, State};
use crate::channel::{Accepted, Channel, Line, SendFault};
use crate::message::MessageId;
use crate::preference::store as preferences;

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    Sent,
    PutOff,
    Down,
    Dropped,
    Failed,
}

impl Went {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::PutOff => "put-off",
            Self::Down => "down",
            Self::Dropped => "dropped",
            Self::Failed => "failed",
        }
    }
}

/// Why a delivery did not go.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Failed {
    #[error("{0}")]
    Send(SendFault),
    #[error("no words: {0}")]
    Words(String),
}

pub(super) fn end(state: State, reason: Option<Reason>, detail: Option<String>, now: Timestamp) -> End {
    End {
        state,
        reason,
        detail,
        provider_id: None,
        cost_dong: 0,
        now,
    }
}

/// Writes what became of a try.
pub(super) fn finish(
    tx: &mut Tx,
    line: &Line,
    due: &Due,
    outcome: &Result<Accepted, Failed>,
    now: Timestamp,
) -> Result<Went, StoreError> {
    let attempts = due.attempts + 1;
    let (state, reason, detail) = match outcome {
        Ok(accepted) => return taken(tx, line, due, accepted, now),
        Err(Failed::Send(SendFault::Down(why))) => return down(tx, line, due, why, now),
        Err(Failed::Send(SendFault::Later(why))) if attempts < TRIES_MAX => {
            give_back(tx, line, now)?;
            table::put_back(tx, due.id, now + rules::later(attempts), why, true)?;
            return Ok(Went::PutOff);
        }
        Err(Failed::Send(SendFault::Later(why))) => (State::Failed, Reason::Tries, Some(why)),
        Err(Failed::Send(SendFault::Refused(why))) => (State::Refused, Reason::Refused, Some(why)),
        Err(Failed::Send(SendFault::NoAddress)) => (State::Skipped, Reason::NoAddress, None),
        Err(Failed::Send(SendFault::NoTemplate)) => (State::Skipped, Reason::NoTemplate, None),
        Err(Failed::Words(why)) => (State::Failed, Reason::Words, Some(why)),
    };
    give_back(tx, line, now)?;
    if table::settle(
        tx,
        due.id,
        State::Sending,
        &end(state, Some(reason), detail.cloned(), now),
    )? {
        fall_back(tx, line.channel, due.message, now)?;
    }
    Ok(if state == State::Skipped {
        Went::Dropped
    } else {
        Went::Failed
    })
}

/// A server took it, or every browser of a push is gone.
fn taken(tx: &mut Tx, line: &Line, due: &Due, accepted: &Accepted, now: Timestamp) -> Result<Went, StoreError> {
    accepted
        .gone
        .iter()
        .try_for_each(|id| preferences::forget_device(tx, *id))?;
    let all_gone = match due.stored.account {
        Some(account) if !accepted.gone.is_empty() => !preferences::has_devices(tx, account)?,
        _ => false,
    };
    let ended = End {
        state: if all_gone { State::Failed } else { State::Sent },
        reason: all_gone.then_some(Reason::DevicesGone),
        detail: None,
        provider_id: accepted.provider_id.clone(),
        cost_dong: line.limits.cost_dong,
        now,
    };
    table::settle(tx, due.id, State::Sending, &ended)?;
    let state = table::line(tx, line.channel)?;
    let fine = LineState {
        failures: 0,
        paused_until: None,
        last_error: None,
        sent_at: Some(now),
        ..state
    };
    table::set_line(tx, line.channel, &fine)?;
    Ok(if all_gone { Went::Failed } else { Went::Sent })
}

/// The channel is down: the delivery keeps its place and its tries, and the channel is left alone for a while.
fn down(tx: &mut Tx, line: &Line, due: &Due, why: &str, now: Timestamp) -> Result<Went, StoreError> {
    give_back(tx, line, now)?;
    table::put_back(tx, due.id, now, why, false)?;
    let state = table::line(tx, line.channel)?;
    let failures = state.failures + 1;
    let paused_until = Some(now + rules::down(failures));
    let last_error = Some(why.to_owned());
    table::set_line(
        tx,
        line.channel,
        &LineState {
            failures,
            paused_until,
            last_error,
            ..state
        },
    )?;
    Ok(Went::Down)
}

/// What was not sent is not paid.
fn give_back(tx: &mut Tx, line: &Line, now: Timestamp) -> Result<(), StoreError> {
    if line.limits.cost_dong == 0 {
        return Ok(());
    }
    let mut state = rules::counted(&table::line(tx, line.channel)?, now);
    state.spent_dong = (state.spent_dong - line.limits.cost_dong).max(0);
    table::set_line(tx, line.channel, &state)
}

/// Has another channel tell what this one could not, when none does so already.
pub(super) fn fall_back(tx: &mut Tx, channel: Channel, message: MessageId, now: Timestamp) -> Result<(), StoreError> {
    for instead in rules::instead_of(channel) {
        if *instead == Channel::Letter && table::is_told_elsewhere(tx, message, channel)? {
            return Ok(());
        }
        if table::wake(tx, message, *instead, now)? {
            return Ok(());
        }
    }
    Ok(())
}
