//! A refund: money that goes back to who paid it, ordered by an officer with a reason, sent by the bank or given at the
//! desk. That it went is read from the bank's statement or from the till, never from a button. Nothing goes before a second
//! officer approved it. It refuses more than came. Law: Luật Phí và lệ phí 97/2015/QH13, Đ13; Luật Kế toán 88/2015/QH13, Đ21.

pub mod http;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use ::store::{Event, Once, Tx};
use identity::{AccountId, Resource, UnitId};
use kernel::{Dong, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::account::PayAccountId;
use crate::bill::{self, Way, rules};
use crate::import::PartId;
use crate::reconcile::{self, BillId, BillReference, RefundId};
use crate::{By, PaymentError, house, import};

/// A refund as it is stored, without its sealed part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// What stands in its transfer.
    pub reference: BillReference,
    /// The bill of which money goes back.
    pub bill: Option<BillId>,
    /// Or the part of a line that belongs to nobody here.
    pub part: Option<PartId>,
    /// The unit.
    pub unit: UnitId,
    /// The desk that gives cash.
    pub desk: UnitId,
    /// The account from which it goes.
    pub account: Option<PayAccountId>,
    /// How it goes.
    pub way: Way,
    /// How much.
    pub amount: Dong,
    /// How much of it went.
    pub sent: Dong,
    /// When it was ordered.
    pub ordered_at: Timestamp,
    /// By whom.
    pub ordered_name: String,
    /// By which account; none for orders from before there was an approval.
    pub ordered_by: Option<AccountId>,
    /// When and by whom it was approved. Until then nothing goes.
    pub approved: Option<(Timestamp, String)>,
    /// By whom it was refused.
    pub refused_name: Option<String>,
    /// When all of it had gone.
    pub sent_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
}

impl Refund {
    /// What is still to go.
    #[must_use]
    pub fn waiting(&self) -> Dong {
        if self.cancelled_at.is_some() {
            Dong::ZERO
        } else {
            Dong::new((self.amount.get() - self.sent.get()).max(0))
        }
    }

    /// Whether a second officer still has to say yes or no.
    #[must_use]
    pub fn is_unapproved(&self) -> bool {
        self.approved.is_none() && self.cancelled_at.is_none()
    }

    /// What reconciliation looks at.
    #[must_use]
    pub fn order(&self) -> reconcile::Refund {
        reconcile::Refund {
            id: self.id,
            reference: self.reference.clone(),
            amount: self.amount,
            sent: self.sent,
        }
    }

    /// What policy decides on.
    #[must_use]
    pub fn resource(&self) -> Resource {
        Resource::at(self.unit).and_at(self.desk)
    }
}

/// To whom it goes, and why. Stored sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Bank, account and name, or who takes the cash.
    pub to: String,
    /// Why.
    pub why: String,
}

/// Where it is sealed.
pub(crate) fn target_context(refund: RefundId) -> String {
    format!("refund.target:{refund}")
}

/// What is ordered and has not gone yet.
pub(crate) fn ordered(refunds: &[Refund]) -> Dong {
    refunds.iter().map(Refund::waiting).sum()
}

/// Of what money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// Of what came for a bill.
    Bill(BillId),
    /// A part of a line that nobody knows.
    Part(PartId),
}

/// An order, minted and sealed before the transaction.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) once: Uuid,
    pub(crate) id: RefundId,
    pub(crate) of: Of,
    pub(crate) unit: UnitId,
    pub(crate) desk: UnitId,
    pub(crate) account: Option<PayAccountId>,
    pub(crate) way: Way,
    pub(crate) amount: Dong,
    pub(crate) target: Vec<u8>,
    pub(crate) prefix: String,
    pub(crate) by: By,
    pub(crate) now: Timestamp,
    pub(crate) event: Uuid,
    /// Base of the ids of new parts.
    pub(crate) parts: Uuid,
}

/// Orders a refund.
///
/// # Errors
/// `RefundTooLarge` beyond what came and has not gone back, `PartDecided` when somebody decided the part.
pub(crate) fn order(tx: &mut Tx, order: &Order) -> Result<Refund, PaymentError> {
    if let Once::Again(id) = tx.once("refund.order", order.once, order.now)? {
        return store::find(tx, id.parse().map_err(|_| PaymentError::NotFound("refund"))?);
    }
    let most = match order.of {
        Of::Bill(id) => {
            let bill = bill::store::find(tx, id)?;
            let open = ordered(&store::of_bill(tx, id)?);
            Dong::new((rules::here(&bill).get() - open.get()).max(0))
        }
        Of::Part(id) => import::store::part(tx, id)?.amount,
    };
    if order.amount <= Dong::ZERO || order.amount > most {
        return Err(PaymentError::RefundTooLarge(most));
    }
    let number = bill::store::next_reference(tx, &order.prefix)?;
    let refund = Refund {
        id: order.id,
        reference: BillReference::issue(&order.prefix, number)?,
        bill: if let Of::Bill(id) = order.of { Some(id) } else { None },
        part: if let Of::Part(id) = order.of { Some(id) } else { None },
        unit: order.unit,
        desk: order.desk,
        account: order.account,
        way: order.way,
        amount: order.amount,
        sent: Dong::ZERO,
        ordered_at: order.now,
        ordered_name: order.by.name.clone(),
        ordered_by: Some(order.by.account),
        approved: None,
        refused_name: None,
        sent_at: None,
        cancelled_at: None,
    };
    store::insert(tx, &refund, &order.target)?;
    if let Of::Part(id) = order.of {
        import::give_back(tx, id, &refund, order)?;
    }
    tx.emit(&Event {
        id: order.event,
        kind: "refund.ordered".into(),
        subject: refund.id.uuid(),
        at: order.now,
        payload: serde_json::json!({ "reference": refund.reference.to_string(), "amount": refund.amount.get(), "bill": refund.bill }),
    })?;
    tx.once_done("refund.order", order.once, &refund.id.to_string())?;
    Ok(refund)
}

/// Writes down that `amount` of a refund went.
///
/// # Errors
/// `RefundEnded` when nothing more is to go.
pub(crate) fn sent(tx: &mut Tx, mut refund: Refund, amount: Dong, now: Timestamp) -> Result<(), PaymentError> {
    if amount > refund.waiting() {
        return Err(PaymentError::RefundEnded);
    }
    if refund.approved.is_none() {
        return Err(PaymentError::RefundUnapproved);
    }
    refund.sent = [refund.sent, amount].into_iter().sum();
    if refund.waiting().is_zero() {
        refund.sent_at = Some(now);
    }
    store::update(tx, &refund)?;
    if let Some(id) = refund.bill {
        let mut bill = bill::store::find(tx, id)?;
        bill.refunded = [bill.refunded, amount].into_iter().sum();
        bill.revision += 1;
        bill::store::update(tx, &bill)?;
    }
    Ok(())
}

/// What a second officer says to an order.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) id: RefundId,
    pub(crate) by: By,
    pub(crate) now: Timestamp,
    pub(crate) event: Uuid,
    /// Base of the ids of new parts.
    pub(crate) parts: Uuid,
}

/// The order, if this officer may decide about it: not her own, and nobody has.
fn decided_by(tx: &mut Tx, verdict: &Verdict) -> Result<Refund, PaymentError> {
    let refund = store::find(tx, verdict.id)?;
    if !refund.is_unapproved() {
        return Err(PaymentError::RefundDecided);
    }
    if refund.ordered_by == Some(verdict.by.account) {
        return Err(PaymentError::RefundOwn);
    }
    Ok(refund)
}

/// Approves an order of somebody else: from now on it can go.
///
/// # Errors
/// `RefundOwn` for one's own, `RefundDecided` when it is approved, refused or cancelled.
pub(crate) fn approve(tx: &mut Tx, verdict: &Verdict) -> Result<(), PaymentError> {
    let refund = decided_by(tx, verdict)?;
    if !store::approve(tx, refund.id, &verdict.by, verdict.now)? {
        return Err(PaymentError::RefundDecided);
    }
    tell(tx, verdict, &refund, "refund.approved")
}

/// Refuses an order of somebody else. What it would have given back of a line waits for a decision again.
///
/// # Errors
/// As [`approve`].
pub(crate) fn refuse(tx: &mut Tx, verdict: &Verdict) -> Result<(), PaymentError> {
    let refund = decided_by(tx, verdict)?;
    if !store::refuse(tx, refund.id, &verdict.by, verdict.now)? {
        return Err(PaymentError::RefundDecided);
    }
    if refund.part.is_some() {
        import::list_again(tx, &refund, verdict.parts, verdict.now)?;
    }
    tell(tx, verdict, &refund, "refund.refused")
}

fn tell(tx: &mut Tx, verdict: &Verdict, refund: &Refund, kind: &'static str) -> Result<(), PaymentError> {
    tx.emit(&Event {
        id: verdict.event,
        kind: kind.into(),
        subject: refund.id.uuid(),
        at: verdict.now,
        payload: serde_json::json!({ "reference": refund.reference.to_string(), "amount": refund.amount.get(), "bill": refund.bill }),
    })?;
    Ok(())
}

/// Cancels a refund of which nothing went.
///
/// # Errors
/// `RefundEnded` when something went, or it is cancelled.
pub(crate) fn cancel(tx: &mut Tx, id: RefundId, now: Timestamp) -> Result<(), PaymentError> {
    let mut refund = store::find(tx, id)?;
    if refund.waiting().is_zero() || !refund.sent.is_zero() || refund.part.is_some() {
        return Err(PaymentError::RefundEnded);
    }
    refund.cancelled_at = Some(now);
    Ok(store::update(tx, &refund)?)
}

/// Opens to whom a refund goes and why.
pub(crate) fn target(
    keys: &::store::keys::KeyRing,
    purpose: &identity::Purpose,
    id: RefundId,
    sealed: &[u8],
) -> Result<Target, PaymentError> {
    let text = house::open(keys, purpose, &target_context(id), sealed)?;
    serde_json::from_str(&text).map_err(|error| PaymentError::Damaged(error.to_string()))
}
