//! Which number comes next, what may be done with one, and how long people waited. Pure.
//! It refuses to let those who go first starve the others: after two of them in a row comes one of the others.

use kernel::Timestamp;

use super::{Deed, QueueError, Ticket, TicketState};

/// Numbers that one desk gives on one day: three digits stand on the paper.
pub const NUMBERS_MAX: i64 = 999;

/// Numbers that go first, in a row, before one of the others has its turn.
pub const FIRST_IN_A_ROW: usize = 2;

/// The number to call next. `waiting` and `called` are in the order of their numbers; `called` are those called today, the
/// latest last.
#[must_use]
pub fn next<'a>(waiting: &'a [Ticket], called: &[Ticket]) -> Option<&'a Ticket> {
    let first = waiting.iter().find(|ticket| ticket.is_priority);
    let other = waiting.iter().find(|ticket| !ticket.is_priority);
    let row = called.iter().rev().take_while(|ticket| ticket.is_priority).count();
    match (first, other) {
        (Some(_), Some(other)) if row >= FIRST_IN_A_ROW => Some(other),
        (Some(first), _) => Some(first),
        (None, other) => other,
    }
}

/// The number after `deed`.
///
/// # Errors
/// `WrongState` when that cannot be done with this number now.
pub fn after(ticket: &Ticket, deed: Deed, now: Timestamp) -> Result<Ticket, QueueError> {
    use TicketState::{Absent, Called, Done, Waiting};
    let state = match (deed, ticket.state) {
        (Deed::Next, Waiting) | (Deed::Again, Called) | (Deed::Back, Absent) => Called,
        (Deed::Absent, Called) => Absent,
        (Deed::Done, Called) => Done,
        _ => return Err(QueueError::WrongState),
    };
    let mut after = ticket.clone();
    after.state = state;
    if state == Called {
        after.calls += 1;
        after.called_at = after.called_at.or(Some(now));
        after.last_called_at = Some(now);
        after.ended_at = None;
    } else {
        after.ended_at = Some(now);
    }
    Ok(after)
}

/// How a day went at a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Numbers taken.
    pub taken: i64,
    /// Numbers that wait now.
    pub waiting: i64,
    /// Numbers served.
    pub served: i64,
    /// Numbers whose holder was not there.
    pub absent: i64,
    /// Mean seconds from taking a number to its first call; none when nobody was called.
    pub wait_mean_s: Option<i64>,
    /// The longest of them.
    pub wait_max_s: Option<i64>,
    /// Mean seconds from the last call to the end; none when nobody was served.
    pub service_mean_s: Option<i64>,
}

/// The figures of a day's numbers.
#[must_use]
pub fn figures(tickets: &[Ticket]) -> Figures {
    let count = |state: TicketState| count(tickets.iter().filter(|ticket| ticket.state == state));
    let waits: Vec<i64> = tickets
        .iter()
        .filter_map(|ticket| Some(ticket.called_at?.since(ticket.taken_at).as_secs().max(0)))
        .collect();
    let services: Vec<i64> = tickets
        .iter()
        .filter(|ticket| ticket.state == TicketState::Done)
        .filter_map(|ticket| Some(ticket.ended_at?.since(ticket.last_called_at?).as_secs().max(0)))
        .collect();
    Figures {
        taken: i64::try_from(tickets.len()).unwrap_or(i64::MAX),
        waiting: count(TicketState::Waiting),
        served: count(TicketState::Done),
        absent: count(TicketState::Absent),
        wait_mean_s: mean(&waits),
        wait_max_s: waits.iter().copied().max(),
        service_mean_s: mean(&services),
    }
}

fn count<'a>(tickets: impl Iterator<Item = &'a Ticket>) -> i64 {
    i64::try_from(tickets.count()).unwrap_or(i64::MAX)
}

fn mean(values: &[i64]) -> Option<i64> {
    let n = i64::try_from(values.len()).ok().filter(|n| *n > 0)?;
    Some(values.iter().sum::<i64>() / n)
}

/// Numbers taken in each working hour, for the chart: hour of the day and count.
#[must_use]
pub fn by_hour(tickets: &[Ticket]) -> Vec<(i8, u64)> {
    let hour = |ticket: &Ticket| ticket.taken_at.local().hour();
    let (Some(from), Some(until)) = (tickets.iter().map(hour).min(), tickets.iter().map(hour).max()) else {
        return Vec::new();
    };
    (from..=until)
        .map(|at| (at, tickets.iter().filter(|ticket| hour(ticket) == at).count() as u64))
        .collect()
}
