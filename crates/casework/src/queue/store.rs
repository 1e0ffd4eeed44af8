//! The tables of the queue. The row of a desk's day is the lock under which numbers are given; a change of a number names the
//! state in which it was read, so that two officers never call the same one.

use identity::{AccountId, UnitId};
use kernel::{Date, Timestamp};
use store::{Row, StoreError, Tx};

use super::rules::{self, NUMBERS_MAX};
use super::{Deed, QueueError, Ticket, TicketId};

store::value_via_display!(super::Lane, super::TicketState);

/// Numbers of a day that are looked at; a desk gives no more.
const DAY_MAX: i64 = NUMBERS_MAX;

macro_rules! columns {
    () => {
        "id, desk, day, number, lane, is_priority, state, taken_at, called_at, last_called_at, calls, counter, officer, ended_at"
    };
}

fn ticket_of(row: &Row<'_>) -> Result<Ticket, StoreError> {
    Ok(Ticket {
        id: row.get(0)?,
        desk: row.get(1)?,
        day: row.get(2)?,
        number: row.get(3)?,
        lane: row.get(4)?,
        is_priority: row.get(5)?,
        state: row.get(6)?,
        taken_at: row.get(7)?,
        called_at: row.get(8)?,
        last_called_at: row.get(9)?,
        calls: row.get(10)?,
        counter: row.get(11)?,
        officer: row.get(12)?,
        ended_at: row.get(13)?,
    })
}

/// Gives the next number of the desk's day to `ticket`, whose own number is not looked at.
pub(crate) fn give(tx: &mut Tx, ticket: &Ticket) -> Result<Ticket, QueueError> {
    let number: i64 = tx.one(
        "INSERT INTO queue_day (desk, day, last) VALUES ($1, $2, 1)
         ON CONFLICT (desk, day) DO UPDATE SET last = queue_day.last + 1
         RETURNING last",
        &[&ticket.desk, &ticket.day],
        |row| row.get(0),
    )?;
    if number > NUMBERS_MAX {
        return Err(QueueError::Full);
    }
    let ticket = Ticket {
        number,
        ..ticket.clone()
    };
    tx.execute(
        "INSERT INTO queue_ticket (id, desk, day, number, lane, is_priority, state, taken_at, calls, counter)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '')",
        &[
            &ticket.id,
            &ticket.desk,
            &ticket.day,
            &ticket.number,
            &ticket.lane,
            &ticket.is_priority,
            &ticket.state,
            &ticket.taken_at,
        ],
    )?;
    Ok(ticket)
}

/// All numbers of a desk's day, in their order.
pub(crate) fn of_day(tx: &mut Tx, desk: UnitId, day: Date) -> Result<Vec<Ticket>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM queue_ticket WHERE desk = $1 AND day = $2 ORDER BY number LIMIT $3"
        ),
        &[&desk, &day, &DAY_MAX],
        ticket_of,
    )
}

/// The numbers called last at a desk, the latest first.
pub(crate) fn called(tx: &mut Tx, desk: UnitId, day: Date, limit: i64) -> Result<Vec<Ticket>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM queue_ticket WHERE desk = $1 AND day = $2 AND last_called_at IS NOT NULL
             ORDER BY last_called_at DESC, number DESC LIMIT $3"
        ),
        &[&desk, &day, &limit],
        ticket_of,
    )
}

fn waiting(tx: &mut Tx, desk: UnitId, day: Date) -> Result<Vec<Ticket>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM queue_ticket WHERE desk = $1 AND day = $2 AND state = 'waiting' ORDER BY number LIMIT $3"
        ),
        &[&desk, &day, &DAY_MAX],
        ticket_of,
    )
}

/// How many wait at a desk before a number.
pub(crate) fn waiting_before(tx: &mut Tx, ticket: &Ticket) -> Result<i64, StoreError> {
    tx.one(
        "SELECT count(*) FROM queue_ticket WHERE desk = $1 AND day = $2 AND state = 'waiting'
             AND ((number < $3 AND is_priority = $4) OR (is_priority AND NOT $4))",
        &[&ticket.desk, &ticket.day, &ticket.number, &ticket.is_priority],
        |row| row.get(0),
    )
}

/// One number.
pub(crate) fn find(tx: &mut Tx, id: TicketId) -> Result<Option<Ticket>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM queue_ticket WHERE id = $1"),
        &[&id],
        ticket_of,
    )
}

/// The number that an officer serves now.
pub(crate) fn served_by(tx: &mut Tx, officer: AccountId, day: Date) -> Result<Option<Ticket>, StoreError> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM queue_ticket WHERE officer = $1 AND day = $2 AND state = 'called'
             ORDER BY last_called_at DESC, number DESC LIMIT 1"
        ),
        &[&officer, &day],
        ticket_of,
    )
}

/// The counter at which an officer called last today.
pub(crate) fn counter_of(tx: &mut Tx, officer: AccountId, day: Date) -> Result<Option<String>, StoreError> {
    tx.opt(
        "SELECT counter FROM queue_ticket WHERE officer = $1 AND day = $2 AND last_called_at IS NOT NULL
         ORDER BY last_called_at DESC, number DESC LIMIT 1",
        &[&officer, &day],
        |row| row.get(0),
    )
}

/// Who calls, from where.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) desk: UnitId,
    pub(crate) day: Date,
    pub(crate) officer: AccountId,
    pub(crate) counter: String,
}

/// Calls the next number. Whoever is still at the counter is done with it.
pub(crate) fn call_next(tx: &mut Tx, by: &Caller, now: Timestamp) -> Result<Ticket, QueueError> {
    if let Some(open) = served_by(tx, by.officer, by.day)?.filter(|open| open.desk == by.desk) {
        let done = rules::after(&open, Deed::Done, now)?;
        update(tx, &open, &done)?;
    }
    let waiting = waiting(tx, by.desk, by.day)?;
    let mut recent = called(tx, by.desk, by.day, 10)?;
    recent.reverse();
    let before = rules::next(&waiting, &recent).ok_or(QueueError::Empty)?;
    let mut after = rules::after(before, Deed::Next, now)?;
    after.officer = Some(by.officer);
    after.counter.clone_from(&by.counter);
    update(tx, before, &after)?;
    Ok(after)
}

/// Does something else with one number of the desk.
pub(crate) fn act(tx: &mut Tx, by: &Caller, id: TicketId, deed: Deed, now: Timestamp) -> Result<Ticket, QueueError> {
    let before = find(tx, id)?
        .filter(|ticket| ticket.desk == by.desk && ticket.day == by.day)
        .ok_or(QueueError::NoTicket)?;
    let mut after = rules::after(&before, deed, now)?;
    after.officer = Some(by.officer);
    if !by.counter.is_empty() {
        after.counter.clone_from(&by.counter);
    }
    update(tx, &before, &after)?;
    Ok(after)
}

/// Writes a changed number, if it still stands as it was read.
fn update(tx: &mut Tx, before: &Ticket, after: &Ticket) -> Result<(), QueueError> {
    let changed = tx.execute(
        "UPDATE queue_ticket SET state = $1, called_at = $2, last_called_at = $3, calls = $4, counter = $5, officer = $6,
             ended_at = $7
         WHERE id = $8 AND state = $9 AND calls = $10",
        &[
            &after.state,
            &after.called_at,
            &after.last_called_at,
            &after.calls,
            &after.counter,
            &after.officer,
            &after.ended_at,
            &after.id,
            &before.state,
            &before.calls,
        ],
    )?;
    if changed == 1 {
        Ok(())
    } else {
        Err(QueueError::WrongState)
    }
}
