//! The till of a desk on a day: cash taken for bills, cash given back, and the closing: what is expected, what was counted,
//! what was handed over, and why the two differ. A closed till never changes.
//! It refuses cash on a day that is closed, and before the day before is closed. Law: Luật Kế toán 88/2015/QH13 (cash is
//! counted daily).

pub mod http;
pub(crate) mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

use ::store::{Event, Once, Tx};
use identity::{OfficerCaller, Resource, UnitId};
use kernel::{Date, Dong, Timestamp};
use uuid::Uuid;

use crate::bill::{self, Bill, Payment, PaymentId, Way};
use crate::reconcile::{BillId, RefundId};
use crate::{By, PaymentError, Payments, refund};

kernel::define_id!(
    /// The till of a desk on a day.
    pub struct TillId
);
kernel::define_id!(
    /// Cash taken or given back.
    pub struct CashId
);

/// A till as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Till {
    /// Its id.
    pub id: TillId,
    /// The desk.
    pub desk: UnitId,
    /// Its name on the day.
    pub desk_name: String,
    /// The day.
    pub day: Date,
    /// What lay in it in the morning: what was counted the day before and not handed over.
    pub opening: Dong,
    /// Since when.
    pub opened_at: Timestamp,
    /// How it was closed; none while it is open.
    pub closing: Option<Closing>,
}

/// How a till was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// What must be there.
    pub expected: Dong,
    /// What was there.
    pub counted: Dong,
    /// How much of it was handed over; the rest is tomorrow's opening.
    pub handed_over: Dong,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

impl Closing {
    /// What is there beyond what must be; less than nothing when it is short.
    #[must_use]
    pub fn difference(&self) -> Dong {
        Dong::new(self.counted.get() - self.expected.get())
    }
}

impl Till {
    /// What policy decides on.
    #[must_use]
    pub fn resource(&self) -> Resource {
        Resource::at(self.desk)
    }
}

/// One movement of cash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cash {
    /// Its id.
    pub id: CashId,
    /// The till.
    pub till: TillId,
    /// The bill for which it was taken, or of which it went back.
    pub bill: Option<BillId>,
    /// The refund that it is.
    pub refund: Option<RefundId>,
    /// More than nothing when taken, less when given back.
    pub amount: Dong,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// Where the explanation of a difference is sealed.
pub(crate) fn why_context(till: TillId) -> String {
    format!("till.why:{till}")
}

/// Cash that an officer takes or gives: minted before the transaction.
#[derive(Debug, Clone)]
pub struct Taking {
    once: Uuid,
    bill: BillId,
    refund: Option<RefundId>,
    desk: UnitId,
    desk_name: String,
    till: TillId,
    cash: CashId,
    payment: PaymentId,
    event: Uuid,
    by: By,
    now: Timestamp,
}

impl Taking {
    /// Cash for all that `bill` waits for, taken by `officer` at her desk.
    #[must_use]
    pub fn prepare(house: &Payments, officer: &OfficerCaller, once: Uuid, bill: &Bill) -> Self {
        Self::at(house.identity(), officer, once, bill.id, bill.desk)
    }

    /// The same for another room, which knows the desk.
    #[must_use]
    pub fn at(identity: &identity::Identity, officer: &OfficerCaller, once: Uuid, bill: BillId, desk: UnitId) -> Self {
        let world = identity.world().as_ref();
        // The till is that of the desk at which the officer acts.
        let desk = officer.unit().unwrap_or(desk);
        Self {
            once,
            bill,
            refund: None,
            desk,
            desk_name: identity.unit_name(desk, kernel::Lang::Vi),
            till: TillId::new(world),
            cash: CashId::new(world),
            payment: PaymentId::new(world),
            event: kernel::id::uuid_v7(world),
            by: By::of(officer),
            now: identity.now(),
        }
    }

    /// Cash for all that `bill` waits for, taken at an hour of the past.
    pub(crate) fn past(identity: &identity::Identity, bill: BillId, by: By, now: Timestamp) -> Self {
        let world = identity.world().as_ref();
        Self {
            once: kernel::id::uuid_v7(world),
            bill,
            refund: None,
            desk: UnitId::from_uuid(Uuid::nil()),
            desk_name: String::new(),
            till: TillId::new(world),
            cash: CashId::new(world),
            payment: PaymentId::new(world),
            event: kernel::id::uuid_v7(world),
            by,
            now,
        }
    }

    /// Into this till of this desk, if it is the first cash of the day.
    pub(crate) fn into_till(mut self, till: TillId, desk: UnitId, desk_name: &str) -> Self {
        (self.till, self.desk, self.desk_name) = (till, desk, desk_name.to_owned());
        self
    }

    /// Cash that goes back for a refund.
    #[must_use]
    pub(crate) fn back(mut self, refund: RefundId) -> Self {
        self.refund = Some(refund);
        self
    }
}

/// Takes cash for all that a bill waits for.
///
/// # Errors
/// `BillEnded`, `TillClosed`, `EarlierTill`, and what the tables say.
pub fn take(tx: &mut Tx, taking: &Taking) -> Result<Bill, PaymentError> {
    let mut bill = bill::store::find(tx, taking.bill)?;
    if let Once::Again(_) = tx.once("till.take", taking.once, taking.now)? {
        return Ok(bill);
    }
    let amount = bill.waiting();
    if amount.is_zero() {
        return Err(PaymentError::BillEnded);
    }
    let till = open_till(tx, taking)?;
    store::insert_cash(tx, &cash(taking, &till, amount), taking.by.account)?;
    let payment = Payment {
        id: taking.payment,
        bill: bill.id,
        amount,
        is_surplus: false,
        way: Way::Cash,
        paid_on: till.day,
        at: taking.now,
        by_name: Some(taking.by.name.clone()),
        receipt: None,
    };
    bill::take(tx, &mut bill, payment, taking.event)?;
    tx.once_done("till.take", taking.once, &bill.id.to_string())?;
    Ok(bill)
}

/// Gives back in cash what a refund orders.
///
/// # Errors
/// `RefundEnded`, `TillClosed`, `EarlierTill`, and what the tables say.
pub(crate) fn give(tx: &mut Tx, taking: &Taking) -> Result<(), PaymentError> {
    let id = taking.refund.ok_or(PaymentError::NotFound("refund"))?;
    if let Once::Again(_) = tx.once("till.give", taking.once, taking.now)? {
        return Ok(());
    }
    let order = refund::store::find(tx, id)?;
    if order.way != Way::Cash || order.waiting().is_zero() {
        return Err(PaymentError::RefundEnded);
    }
    if order.approved.is_none() {
        return Err(PaymentError::RefundUnapproved);
    }
    let amount = order.waiting();
    let till = open_till(tx, taking)?;
    let movement = Cash {
        bill: order.bill,
        ..cash(taking, &till, Dong::new(-amount.get()))
    };
    store::insert_cash(tx, &movement, taking.by.account)?;
    refund::sent(tx, order, amount, taking.now)?;
    tx.once_done("till.give", taking.once, "")?;
    Ok(())
}

fn cash(taking: &Taking, till: &Till, amount: Dong) -> Cash {
    Cash {
        id: taking.cash,
        till: till.id,
        bill: Some(taking.bill),
        refund: taking.refund,
        amount,
        at: taking.now,
        by_name: taking.by.name.clone(),
    }
}

/// The open till of the desk today: begun with what the last closing left, refused while an earlier one is open.
fn open_till(tx: &mut Tx, taking: &Taking) -> Result<Till, PaymentError> {
    let today = taking.now.local_date();
    if let Some(till) = store::of_day(tx, taking.desk, today)? {
        return if till.closing.is_none() {
            Ok(till)
        } else {
            Err(PaymentError::TillClosed(today))
        };
    }
    let last = store::newest(tx, taking.desk)?;
    let opening = match &last {
        Some(till) => rules::left(till).ok_or(PaymentError::EarlierTill(till.day))?,
        None => Dong::ZERO,
    };
    let till = Till {
        id: taking.till,
        desk: taking.desk,
        desk_name: taking.desk_name.clone(),
        day: today,
        opening,
        opened_at: taking.now,
        closing: None,
    };
    store::insert(tx, &till)?;
    Ok(till)
}

/// What must be in a till now.
pub(crate) fn expected(tx: &mut Tx, till: TillId) -> Result<Dong, PaymentError> {
    let found = store::find(tx, till)?;
    Ok(rules::expected(&found, store::sum(tx, till)?))
}

/// What a closing says: minted and sealed before the transaction.
#[derive(Debug, Clone)]
pub(crate) struct Close {
    pub(crate) till: TillId,
    pub(crate) counted: Dong,
    pub(crate) handed_over: Dong,
    pub(crate) why: Option<Vec<u8>>,
    pub(crate) by: By,
    pub(crate) now: Timestamp,
    pub(crate) event: Uuid,
}

/// Closes a till for good.
///
/// # Errors
/// `TillClosed` when it is, `Difference` without its reason, `HandedOver` when more went than was there.
pub(crate) fn close(tx: &mut Tx, close: &Close) -> Result<Till, PaymentError> {
    let mut till = store::find(tx, close.till)?;
    if till.closing.is_some() {
        return Err(PaymentError::TillClosed(till.day));
    }
    let expected = rules::expected(&till, store::sum(tx, till.id)?);
    let closing = rules::close(expected, close)?;
    store::close(tx, till.id, &closing, close.why.as_deref(), close.by.account)?;
    tx.emit(&Event {
        id: close.event,
        kind: "till.closed".into(),
        subject: till.id.uuid(),
        at: close.now,
        payload: serde_json::json!({
            "desk": till.desk, "day": till.day, "expected": expected.get(), "counted": close.counted.get(),
            "handed_over": close.handed_over.get(),
        }),
    })?;
    till.closing = Some(closing);
    Ok(till)
}
