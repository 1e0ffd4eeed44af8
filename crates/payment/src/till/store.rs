//! The tables of tills and of cash. A till of a desk and a day stands there once; a closed one is never written again.
//! It refuses nothing by itself: whoever writes cash has looked whether the till is open, in the same transaction.

use identity::{AccountId, UnitId};
use kernel::{Date, Dong};
use store::sql::UuidList;
use store::{Row, StoreError, Tx};

use super::{Cash, Closing, Till, TillId};
use crate::PaymentError;

macro_rules! columns {
    () => {
        "id, desk, desk_name, day, opening, opened_at, expected, counted, handed_over, closed_at, closed_name"
    };
}

fn till_of(row: &Row<'_>) -> Result<Till, StoreError> {
    let closed_at: Option<kernel::Timestamp> = row.get(9)?;
    let closing = match closed_at {
        Some(at) => Some(Closing {
            expected: row.get(6)?,
            counted: row.get(7)?,
            handed_over: row.get(8)?,
            at,
            by_name: row.get(10)?,
        }),
        None => None,
    };
    Ok(Till {
        id: row.get(0)?,
        desk: row.get(1)?,
        desk_name: row.get(2)?,
        day: row.get(3)?,
        opening: row.get(4)?,
        opened_at: row.get(5)?,
        closing,
    })
}

pub(crate) fn insert(tx: &mut Tx, till: &Till) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO till (id, desk, desk_name, day, opening, opened_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &till.id,
            &till.desk,
            &till.desk_name,
            &till.day,
            &till.opening,
            &till.opened_at,
        ],
    )?;
    Ok(())
}

pub(crate) fn find(tx: &mut Tx, id: TillId) -> Result<Till, PaymentError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM till WHERE id = $1"),
        &[&id],
        till_of,
    )?
    .ok_or(PaymentError::NotFound("till"))
}

pub(crate) fn of_day(tx: &mut Tx, desk: UnitId, day: Date) -> Result<Option<Till>, StoreError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM till WHERE desk = $1 AND day = $2"),
        &[&desk, &day],
        till_of,
    )
}

/// Whether there ever was a till.
pub(crate) fn any(tx: &mut Tx) -> Result<bool, StoreError> {
    let one = tx.opt("SELECT id FROM till ORDER BY desk, day LIMIT 1", &[], |row| {
        row.get::<TillId>(0)
    })?;
    Ok(one.is_some())
}

/// The newest till of a desk.
pub(crate) fn newest(tx: &mut Tx, desk: UnitId) -> Result<Option<Till>, StoreError> {
    tx.opt(
        concat!(
            "SELECT ",
            columns!(),
            " FROM till WHERE desk = $1 ORDER BY day DESC LIMIT 1"
        ),
        &[&desk],
        till_of,
    )
}

/// The newest tills of desks.
pub(crate) fn list(tx: &mut Tx, desks: &[UnitId], limit: i64) -> Result<Vec<Till>, StoreError> {
    let desks = UuidList::new(desks.iter().map(|desk| desk.uuid()));
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM till WHERE desk IN (SELECT value FROM uuid_list($1)) ORDER BY day DESC, id LIMIT $2"
        ),
        &[&desks, &limit],
        till_of,
    )
}

pub(crate) fn close(
    tx: &mut Tx,
    id: TillId,
    closing: &Closing,
    why: Option<&[u8]>,
    by: AccountId,
) -> Result<(), PaymentError> {
    let closed = tx.execute(
        "UPDATE till SET expected = $1, counted = $2, handed_over = $3, why = $4, closed_at = $5, closed_by = $6,
             closed_name = $7 WHERE id = $8 AND closed_at IS NULL",
        &[
            &closing.expected,
            &closing.counted,
            &closing.handed_over,
            &why,
            &closing.at,
            &by,
            &closing.by_name,
            &id,
        ],
    )?;
    if closed == 1 { Ok(()) } else { Err(PaymentError::Stale) }
}

/// The sealed explanation of a difference.
pub(crate) fn why(tx: &mut Tx, id: TillId) -> Result<Option<Vec<u8>>, StoreError> {
    tx.one("SELECT why FROM till WHERE id = $1", &[&id], |row| row.get(0))
}

pub(crate) fn insert_cash(tx: &mut Tx, cash: &Cash, by: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO cash (id, till, bill, refund, amount, at, by_account, by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &cash.id,
            &cash.till,
            &cash.bill,
            &cash.refund,
            &cash.amount,
            &cash.at,
            &by,
            &cash.by_name,
        ],
    )?;
    Ok(())
}

/// What moved in a till.
pub(crate) fn sum(tx: &mut Tx, till: TillId) -> Result<Dong, StoreError> {
    tx.one("SELECT sum_int(amount) FROM cash WHERE till = $1", &[&till], |row| {
        row.get(0)
    })
}

/// The movements of a till with the references of their bills, oldest first.
pub(crate) fn movements(tx: &mut Tx, till: TillId) -> Result<Vec<(Cash, Option<String>)>, StoreError> {
    tx.all(
        "SELECT c.id, c.till, c.bill, c.refund, c.amount, c.at, c.by_name, b.reference FROM cash c
         LEFT JOIN bill b ON b.id = c.bill WHERE c.till = $1 ORDER BY c.at, c.id LIMIT 5000",
        &[&till],
        |row| {
            let cash = Cash {
                id: row.get(0)?,
                till: row.get(1)?,
                bill: row.get(2)?,
                refund: row.get(3)?,
                amount: row.get(4)?,
                at: row.get(5)?,
                by_name: row.get(6)?,
            };
            Ok((cash, row.get(7)?))
        },
    )
}

/// Closed tills whose expected sum is not what lay there and what moved: desk and day, at most `limit`; and how many there are.
pub(crate) fn broken(tx: &mut Tx, limit: i64) -> Result<(i64, Vec<String>), StoreError> {
    let count = tx.one("SELECT count(*) FROM till", &[], |row| row.get(0))?;
    let broken = tx.all(
        "SELECT desk_name, day FROM till t
         WHERE closed_at IS NOT NULL AND expected <> opening + (SELECT sum_int(c.amount) FROM cash c WHERE c.till = t.id)
         ORDER BY day, desk_name LIMIT $1",
        &[&limit],
        |row| Ok(format!("{} {}", row.get::<String>(0)?, row.get::<Date>(1)?)),
    )?;
    Ok((count, broken))
}
