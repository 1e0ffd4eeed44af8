//! The table of refunds. To whom money goes is sealed.
//! It refuses to delete: a cancelled refund stays.

use identity::UnitId;
use kernel::Timestamp;
use store::sql::{TextList, UuidList};
use store::{Row, StoreError, Tx};

use super::Refund;
use crate::reconcile::{BillId, BillReference, RefundId};
use crate::{By, PaymentError};

macro_rules! columns {
    () => {
        "id, reference, bill, part, unit, desk, account, way, amount, sent, ordered_at, ordered_name, sent_at, \
         cancelled_at, ordered_by, approved_at, approved_name, refused_name"
    };
}

fn refund_of(row: &Row<'_>) -> Result<Refund, StoreError> {
    let (approved_at, approved_name): (Option<Timestamp>, Option<String>) = (row.get(15)?, row.get(16)?);
    Ok(Refund {
        id: row.get(0)?,
        reference: row.get(1)?,
        bill: row.get(2)?,
        part: row.get(3)?,
        unit: row.get(4)?,
        desk: row.get(5)?,
        account: row.get(6)?,
        way: row.get(7)?,
        amount: row.get(8)?,
        sent: row.get(9)?,
        ordered_at: row.get(10)?,
        ordered_name: row.get(11)?,
        sent_at: row.get(12)?,
        cancelled_at: row.get(13)?,
        ordered_by: row.get(14)?,
        approved: approved_at.map(|at| (at, approved_name.unwrap_or_default())),
        refused_name: row.get(17)?,
    })
}

pub(crate) fn insert(tx: &mut Tx, refund: &Refund, target: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO refund (id, reference, bill, part, unit, desk, account, way, amount, sent, target, ordered_at,
             ordered_name, ordered_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        &[
            &refund.id,
            &refund.reference,
            &refund.bill,
            &refund.part,
            &refund.unit,
            &refund.desk,
            &refund.account,
            &refund.way,
            &refund.amount,
            &refund.sent,
            &target,
            &refund.ordered_at,
            &refund.ordered_name,
            &refund.ordered_by,
        ],
    )?;
    Ok(())
}

pub(crate) fn update(tx: &mut Tx, refund: &Refund) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE refund SET sent = $1, sent_at = $2, cancelled_at = $3 WHERE id = $4",
        &[&refund.sent, &refund.sent_at, &refund.cancelled_at, &refund.id],
    )?;
    Ok(())
}

/// Writes the approval, if nobody has decided; says whether it did.
pub(crate) fn approve(tx: &mut Tx, id: RefundId, by: &By, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE refund SET approved_at = $1, approved_by = $2, approved_name = $3
         WHERE id = $4 AND approved_at IS NULL AND cancelled_at IS NULL",
        &[&now, &by.account, &by.name, &id],
    )?;
    Ok(changed == 1)
}

/// Writes the refusal, if nobody has decided; says whether it did.
pub(crate) fn refuse(tx: &mut Tx, id: RefundId, by: &By, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE refund SET cancelled_at = $1, refused_name = $2
         WHERE id = $3 AND approved_at IS NULL AND cancelled_at IS NULL",
        &[&now, &by.name, &id],
    )?;
    Ok(changed == 1)
}

pub(crate) fn find(tx: &mut Tx, id: RefundId) -> Result<Refund, PaymentError> {
    tx.opt(
        concat!("SELECT ", columns!(), " FROM refund WHERE id = $1"),
        &[&id],
        refund_of,
    )?
    .ok_or(PaymentError::NotFound("refund"))
}

/// The sealed part.
pub(crate) fn target(tx: &mut Tx, id: RefundId) -> Result<Vec<u8>, StoreError> {
    tx.one("SELECT target FROM refund WHERE id = $1", &[&id], |row| row.get(0))
}

pub(crate) fn of_bill(tx: &mut Tx, bill: BillId) -> Result<Vec<Refund>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM refund WHERE bill = $1 ORDER BY ordered_at, id LIMIT 100"
        ),
        &[&bill],
        refund_of,
    )
}

/// Refunds of units, newest first.
pub(crate) fn of_units(tx: &mut Tx, units: &[UnitId], limit: i64) -> Result<Vec<Refund>, StoreError> {
    let units = UuidList::new(units.iter().map(|unit| unit.uuid()));
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM refund WHERE unit IN (SELECT value FROM uuid_list($1)) OR desk IN (SELECT value FROM uuid_list($1))
             ORDER BY ordered_at DESC, id DESC LIMIT $2"
        ),
        &[&units, &limit],
        refund_of,
    )
}

/// Approved refunds by transfer of these references that may still go or went.
pub(crate) fn by_references(tx: &mut Tx, references: &[BillReference]) -> Result<Vec<Refund>, StoreError> {
    let references = TextList::new(references);
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM refund WHERE reference IN (SELECT value FROM text_list($1)) AND way = 'transfer' AND cancelled_at IS NULL
                 AND approved_at IS NOT NULL
             ORDER BY reference"
        ),
        &[&references],
        refund_of,
    )
}
