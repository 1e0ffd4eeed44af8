//! The tables of bills, payments and receipt numbers. A number is drawn from a row that is the lock under which it is given.
//! It refuses a change that was decided on an older revision.

use identity::{AccountId, UnitId};
use kernel::{Dong, Timestamp};
use store::sql::{TextList, UuidList};
use store::{Row, StoreError, Tx};
use uuid::Uuid;

use super::{Bill, Payment, PaymentId, Standing};
use crate::PaymentError;
use crate::account::PayAccountId;
use crate::reconcile::{BillId, BillReference};

store::value_via_display!(crate::reconcile::BillReference, super::Standing, super::Way);

macro_rules! columns {
    () => {
        "id, reference, subject, subject_code, about, unit, unit_name, desk, account, person, payer_mask, lines, amount, \
         settled, surplus, refunded, issued_at, issued_name, paid_at, cancelled_at, cancelled_name, revision"
    };
}

fn bill_of(row: &Row<'_>) -> Result<Bill, StoreError> {
    let lines: serde_json::Value = row.get(11)?;
    Ok(Bill {
        id: row.get(0)?,
        reference: row.get(1)?,
        subject: row.get(2)?,
        subject_code: row.get(3)?,
        about: row.get(4)?,
        unit: row.get(5)?,
        unit_name: row.get(6)?,
        desk: row.get(7)?,
        account: row.get(8)?,
        person: row.get(9)?,
        payer_mask: row.get(10)?,
        lines: serde_json::from_value(lines).unwrap_or_default(),
        amount: row.get(12)?,
        settled: row.get(13)?,
        surplus: row.get(14)?,
        refunded: row.get(15)?,
        issued_at: row.get(16)?,
        issued_name: row.get(17)?,
        paid_at: row.get(18)?,
        cancelled_at: row.get(19)?,
        cancelled_name: row.get(20)?,
        revision: row.get(21)?,
    })
}

/// The next number of references with `prefix`.
pub(crate) fn next_reference(tx: &mut Tx, prefix: &str) -> Result<u64, StoreError> {
    let last: i64 = tx.one(
        "INSERT INTO reference_number (prefix, last) VALUES ($1, 1)
         ON CONFLICT (prefix) DO UPDATE SET last = reference_number.last + 1 RETURNING last",
        &[&prefix],
        |row| row.get(0),
    )?;
    Ok(u64::try_from(last).unwrap_or(0))
}

/// Prefixes with which references ever began.
pub(crate) fn prefixes(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT prefix FROM reference_number ORDER BY prefix LIMIT 100",
        &[],
        |row| row.get(0),
    )
}

/// The next number of a unit's receipts in a year.
pub(crate) fn next_receipt(tx: &mut Tx, unit: UnitId, year: i64) -> Result<i64, StoreError> {
    tx.one(
        "INSERT INTO receipt_number (unit, year, last) VALUES ($1, $2, 1)
         ON CONFLICT (unit, year) DO UPDATE SET last = receipt_number.last + 1 RETURNING last",
        &[&unit, &year],
        |row| row.get(0),
    )
}

pub(crate) fn insert(tx: &mut Tx, bill: &Bill, payer: &[u8], by: AccountId) -> Result<(), PaymentError> {
    let lines = serde_json::to_value(&bill.lines).map_err(|error| PaymentError::Damaged(error.to_string()))?;
    let (waiting, standing) = (bill.waiting(), bill.standing());
    tx.execute(
        "INSERT INTO bill (id, reference, subject, subject_code, about, unit, unit_name, desk, account, person, payer_mask,
             payer, lines, amount, settled, surplus, refunded, waiting, state, issued_at, issued_by, issued_name, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
        &[
            &bill.id,
            &bill.reference,
            &bill.subject,
            &bill.subject_code,
            &bill.about,
            &bill.unit,
            &bill.unit_name,
            &bill.desk,
            &bill.account,
            &bill.person,
            &bill.payer_mask,
            &payer,
            &lines,
            &bill.amount,
            &bill.settled,
            &bill.surplus,
            &bill.refunded,
            &waiting,
            &standing,
            &bill.issued_at,
            &by,
            &bill.issued_name,
            &bill.revision,
        ],
    )?;
    Ok(())
}

/// Writes the sums of a bill, if it is still at the revision it was read at.
///
/// # Errors
/// `Stale` when somebody else was faster.
pub(crate) fn update(tx: &mut Tx, bill: &Bill) -> Result<(), PaymentError> {
    let (waiting, standing, before) = (bill.waiting(), bill.standing(), bill.revision - 1);
    let changed = tx.execute(
        "UPDATE bill SET settled = $1, surplus = $2, refunded = $3, waiting = $4, state = $5, paid_at = $6, cancelled_at = $7,
             cancelled_name = $8, revision = $9 WHERE id = $10 AND revision = $11",
        &[
            &bill.settled,
            &bill.surplus,
            &bill.refunded,
            &waiting,
            &standing,
            &bill.paid_at,
            &bill.cancelled_at,
            &bill.cancelled_name,
            &bill.revision,
            &bill.id,
            &before,
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(PaymentError::Stale) }
}

pub(crate) fn set_cancelled_why(tx: &mut Tx, id: BillId, why: &[u8]) -> Result<(), StoreError> {
    tx.execute("UPDATE bill SET cancelled_why = $1 WHERE id = $2", &[&why, &id])?;
    Ok(())
}

pub(crate) fn find(tx: &mut Tx, id: BillId) -> Result<Bill, PaymentError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM bill WHERE id = $1"),
        &[&id],
        bill_of,
    )?
    .ok_or(PaymentError::NotFound("bill"))
}

pub(crate) fn of_subject(tx: &mut Tx, subject: Uuid) -> Result<Vec<Bill>, PaymentError> {
    Ok(tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM bill WHERE subject = $1 ORDER BY issued_at, id LIMIT 100"
        ),
        &[&subject],
        bill_of,
    )?)
}

/// The bills of these references.
pub(crate) fn by_references(tx: &mut Tx, references: &[BillReference]) -> Result<Vec<Bill>, StoreError> {
    let references = TextList::new(references);
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM bill WHERE reference IN (SELECT value FROM text_list($1)) ORDER BY reference"
        ),
        &[&references],
        bill_of,
    )
}

/// Bills of an account that wait for exactly `amount`, oldest first, at most `limit`.
pub(crate) fn waiting_for(
    tx: &mut Tx,
    account: PayAccountId,
    amount: Dong,
    limit: i64,
) -> Result<Vec<Bill>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM bill WHERE account = $1 AND waiting = $2 ORDER BY issued_at, id LIMIT $3"
        ),
        &[&account, &amount, &limit],
        bill_of,
    )
}

/// Which bills a list shows.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// Units at which the officer may read.
    pub(crate) units: Vec<UnitId>,
    /// She acts at a desk: its bills, wherever they are settled.
    pub(crate) at_desk: bool,
    /// States that are shown.
    pub(crate) states: Vec<Standing>,
    /// Where the part begins, newest first.
    pub(crate) before: (Timestamp, BillId),
    pub(crate) limit: i64,
}

/// A part of a list, newest first.
pub(crate) fn list(tx: &mut Tx, filter: &Filter) -> Result<Vec<Bill>, StoreError> {
    let units = UuidList::new(filter.units.iter().map(|unit| unit.uuid()));
    let states = TextList::new(&filter.states);
    let sql = if filter.at_desk {
        concat!(
            "SELECT ",
            columns!(),
            " FROM bill WHERE desk IN (SELECT value FROM uuid_list($1)) AND state IN (SELECT value FROM text_list($2))
             AND (issued_at, id) < ($3, $4) ORDER BY issued_at DESC, id DESC LIMIT $5"
        )
    } else {
        concat!(
            "SELECT ",
            columns!(),
            " FROM bill WHERE unit IN (SELECT value FROM uuid_list($1)) AND state IN (SELECT value FROM text_list($2))
             AND (issued_at, id) < ($3, $4) ORDER BY issued_at DESC, id DESC LIMIT $5"
        )
    };
    tx.all(
        sql,
        &[&units, &states, &filter.before.0, &filter.before.1, &filter.limit],
        bill_of,
    )
}

/// The sealed name of the payer.
pub(crate) fn payer(tx: &mut Tx, id: BillId) -> Result<Vec<u8>, StoreError> {
    tx.one("SELECT payer FROM bill WHERE id = $1", &[&id], |row| row.get(0))
}

/// The sealed reason of a cancellation.
pub(crate) fn cancelled_why(tx: &mut Tx, id: BillId) -> Result<Option<Vec<u8>>, StoreError> {
    tx.one("SELECT cancelled_why FROM bill WHERE id = $1", &[&id], |row| row.get(0))
}

pub(crate) fn insert_payment(tx: &mut Tx, payment: &Payment, unit: UnitId) -> Result<(), StoreError> {
    let unit = payment.receipt.map(|_| unit);
    let (year, number) = (
        payment.receipt.map(|receipt| receipt.0),
        payment.receipt.map(|receipt| receipt.1),
    );
    tx.execute(
        "INSERT INTO payment (id, bill, amount, is_surplus, way, paid_on, at, by_name, receipt_unit, receipt_year,
             receipt_number)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &payment.id,
            &payment.bill,
            &payment.amount,
            &payment.is_surplus,
            &payment.way,
            &payment.paid_on,
            &payment.at,
            &payment.by_name,
            &unit,
            &year,
            &number,
        ],
    )?;
    Ok(())
}

fn payment_of(row: &Row<'_>) -> Result<Payment, StoreError> {
    let (year, number): (Option<i64>, Option<i64>) = (row.get(8)?, row.get(9)?);
    Ok(Payment {
        id: row.get(0)?,
        bill: row.get(1)?,
        amount: row.get(2)?,
        is_surplus: row.get(3)?,
        way: row.get(4)?,
        paid_on: row.get(5)?,
        at: row.get(6)?,
        by_name: row.get(7)?,
        receipt: year.zip(number),
    })
}

pub(crate) fn payments(tx: &mut Tx, bill: BillId) -> Result<Vec<Payment>, StoreError> {
    tx.all(
        "SELECT id, bill, amount, is_surplus, way, paid_on, at, by_name, receipt_year, receipt_number FROM payment
         WHERE bill = $1 ORDER BY at, id LIMIT 1000",
        &[&bill],
        payment_of,
    )
}

pub(crate) fn payment(tx: &mut Tx, id: PaymentId) -> Result<Payment, PaymentError> {
    tx.opt(
        "SELECT id, bill, amount, is_surplus, way, paid_on, at, by_name, receipt_year, receipt_number FROM payment
         WHERE id = $1",
        &[&id],
        payment_of,
    )?
    .ok_or(PaymentError::NotFound("receipt"))
}

/// References of bills whose sums are not those of their payments and refunds, at most `limit`; and how many bills there are.
pub(crate) fn broken_sums(tx: &mut Tx, limit: i64) -> Result<(i64, Vec<String>), StoreError> {
    let count = tx.one("SELECT count(*) FROM bill", &[], |row| row.get(0))?;
    let broken = tx.all(
        "SELECT reference FROM bill b
         WHERE settled <> (SELECT sum_int(p.amount) FROM payment p WHERE p.bill = b.id AND p.is_surplus = FALSE)
            OR surplus <> (SELECT sum_int(p.amount) FROM payment p WHERE p.bill = b.id AND p.is_surplus = TRUE)
            OR refunded <> (SELECT sum_int(r.sent) FROM refund r WHERE r.bill = b.id)
            OR waiting <> CASE WHEN cancelled_at IS NOT NULL OR settled > amount THEN 0 ELSE amount - settled END
         ORDER BY reference LIMIT $1",
        &[&limit],
        |row| row.get(0),
    )?;
    Ok((count, broken))
}
