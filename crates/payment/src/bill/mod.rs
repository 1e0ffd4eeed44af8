//! A bill: what one payer owes for one matter, with a payment reference, the lines of the tariff and the account that
//! receives. How it stands follows from what came and what went back, never from a button.
//! It refuses a bill over nothing: what is free asks for nothing. Law: Luật Phí và lệ phí 97/2015/QH13.

pub mod http;
pub(crate) mod receipt;
pub(crate) mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub mod view;
pub(crate) mod words;

use ::store::{Event, Once, Tx};
use identity::{PersonRef, Resource, UnitId};
use kernel::{Bilingual, Date, Dong, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::account::{self, PayAccount, PayAccountId};
use crate::reconcile::{self, BillId, BillReference};
use crate::tariff::Charge;
use crate::vietqr::{IssueError, VietQr, purpose_of};
use crate::{By, PaymentError, Payments, Settings, house};
use kernel::words;

kernel::define_id!(
    /// Money that came for a bill.
    pub struct PaymentId
);

words! {
    /// How a bill stands.
    Standing {
        /// Nothing came yet.
        Open = "open",
        /// Something came, not all.
        Partly = "partly",
        /// All came.
        Paid = "paid",
        /// More is here than is asked: it goes back.
        Over = "over",
        /// Nothing is asked any more.
        Cancelled = "cancelled",
        /// All that came went back.
        Refunded = "refunded",
    }
}

words! {
    /// How money comes or goes.
    Way {
        /// By a bank.
        Transfer = "transfer",
        /// At a desk.
        Cash = "cash",
    }
}

/// The kind of event that tells others of a paid bill.
pub const PAID: &str = "bill.paid";

/// A line of a bill: one fee, and why it is not more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillLine {
    /// Its name as the law has it.
    pub name: Bilingual,
    /// Amount for one.
    pub unit_amount: Dong,
    /// How many.
    pub quantity: u32,
    /// Amount without any relief.
    pub full: Dong,
    /// Amount to pay.
    pub due: Dong,
    /// The text that sets the amount.
    pub legal_basis: String,
    /// Grounds that lowered it, each with its clause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reliefs: Vec<(Bilingual, String)>,
}

impl BillLine {
    /// One amount under a name.
    #[must_use]
    pub fn plain(name: Bilingual, amount: Dong, legal_basis: impl Into<String>) -> Self {
        Self {
            name,
            unit_amount: amount,
            quantity: 1,
            full: amount,
            due: amount,
            legal_basis: legal_basis.into(),
            reliefs: Vec::new(),
        }
    }

    /// The lines of a charge.
    #[must_use]
    pub fn of_charge(charge: &Charge) -> Vec<Self> {
        let line = |line: &crate::tariff::ChargeLine| Self {
            name: line.name.clone(),
            unit_amount: line.unit_amount,
            quantity: line.quantity,
            full: line.full,
            due: line.due,
            legal_basis: charge.legal_basis.clone(),
            reliefs: charge
                .grounds
                .iter()
                .filter(|ground| ground.fee == line.fee)
                .map(|ground| (ground.name.clone(), ground.legal_basis.clone()))
                .collect(),
        };
        charge.lines.iter().map(line).collect()
    }
}

/// A bill as it is stored, without its sealed parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Its id.
    pub id: BillId,
    /// What the payer writes.
    pub reference: BillReference,
    /// What it is for: the id of a dossier.
    pub subject: Uuid,
    /// Its code.
    pub subject_code: String,
    /// What it is about: the name of the procedure.
    pub about: String,
    /// The unit that settles.
    pub unit: UnitId,
    /// Its name on the day.
    pub unit_name: String,
    /// The desk at which cash is taken.
    pub desk: UnitId,
    /// The account that receives; none when there is cash alone.
    pub account: Option<PayAccountId>,
    /// Who pays.
    pub person: Option<PersonRef>,
    /// Her name, masked.
    pub payer_mask: String,
    /// What is to pay.
    pub lines: Vec<BillLine>,
    /// How much in all.
    pub amount: Dong,
    /// How much of it came.
    pub settled: Dong,
    /// How much came beyond it.
    pub surplus: Dong,
    /// How much went back.
    pub refunded: Dong,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// By whom.
    pub issued_name: String,
    /// When all had come.
    pub paid_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// By whom.
    pub cancelled_name: Option<String>,
    /// Grows by one with each change.
    pub revision: i64,
}

impl Bill {
    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        rules::standing(self)
    }

    /// What is still to come: nothing once it is paid or cancelled.
    #[must_use]
    pub fn waiting(&self) -> Dong {
        rules::waiting(self)
    }

    /// What reconciliation looks at.
    #[must_use]
    pub fn owed(&self) -> reconcile::Bill {
        reconcile::Bill {
            id: self.id,
            reference: self.reference.clone(),
            amount: self.amount,
            settled: self.settled,
            cancelled: self.cancelled_at.is_some(),
        }
    }

    /// What policy decides on: it lies at the unit that settles and at the desk that takes cash.
    #[must_use]
    pub fn resource(&self) -> Resource {
        let at = Resource::at(self.unit).and_at(self.desk);
        match self.person {
            Some(person) => at.owned_by(person),
            None => at,
        }
    }

    /// The text of the transfer: the reference, with the code of the matter when both fit.
    #[must_use]
    pub fn purpose(&self, settings: &Settings) -> String {
        let both = format!("{} {}", self.reference, self.subject_code);
        let limit = settings.purpose_limit;
        let whole =
            purpose_of(&both, limit).filter(|purpose| both.len() <= limit.chars() && purpose.len() == both.len());
        whole.unwrap_or_else(|| self.reference.to_string())
    }

    /// The payload of the code that pays what is still to come.
    ///
    /// # Errors
    /// [`IssueError`] when the amount or a text fits into no code.
    pub fn code(&self, account: &PayAccount, settings: &Settings) -> Result<String, IssueError> {
        let mut code = VietQr::to(account.beneficiary())
            .of_amount(self.waiting())
            .of_bill(self.reference.to_string());
        code.purpose = Some(self.purpose(settings));
        code.encode(settings.purpose_limit)
    }
}

/// Where a payer's name is sealed.
pub(crate) fn payer_context(bill: BillId) -> String {
    format!("bill.payer:{bill}")
}

/// Where the reason of a cancellation is sealed.
pub(crate) fn cancelled_context(bill: BillId) -> String {
    format!("bill.cancelled_why:{bill}")
}

/// Money that came for a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The bill.
    pub bill: BillId,
    /// How much; more than nothing.
    pub amount: Dong,
    /// It is beyond what the bill asks.
    pub is_surplus: bool,
    /// How it came.
    pub way: Way,
    /// On which day the payer paid.
    pub paid_on: Date,
    /// When it was written down.
    pub at: Timestamp,
    /// The officer who took it or said whose it is; none when the transfer named the bill.
    pub by_name: Option<String>,
    /// Year and number of its receipt; none for what is beyond.
    pub receipt: Option<(i64, i64)>,
}

/// What a new bill is made of. Made before the transaction: the payer's name is sealed here.
#[derive(Debug, Clone)]
pub struct NewBill {
    once: Uuid,
    prefix: String,
    units: Vec<UnitId>,
    bill: Draft,
    payer: Vec<u8>,
    event: Uuid,
}

/// What is said of a new bill.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it is for.
    pub subject: Uuid,
    /// Its code.
    pub subject_code: String,
    /// What it is about.
    pub about: String,
    /// The unit that settles.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// The desk.
    pub desk: UnitId,
    /// Who pays.
    pub person: Option<PersonRef>,
    /// Her name.
    pub payer: String,
    /// Her name, masked, for lists.
    pub payer_mask: String,
    /// What is to pay.
    pub lines: Vec<BillLine>,
}

impl NewBill {
    /// Seals and mints what the transaction needs.
    ///
    /// # Errors
    /// `NothingDue` when nothing is to pay: then there is no bill.
    pub fn prepare(
        once: Uuid,
        draft: Draft,
        by: &By,
        settings: &Settings,
        identity: &identity::Identity,
    ) -> Result<(Self, Bill), PaymentError> {
        let amount: Dong = draft.lines.iter().map(|line| line.due).sum();
        if amount <= Dong::ZERO {
            return Err(PaymentError::NothingDue);
        }
        let world = identity.world().as_ref();
        let id = BillId::new(world);
        let day = identity.now().local_date();
        // The unit's own account, else that of the agency above it.
        let mut units = vec![draft.unit];
        units.extend(identity.units().ancestors(draft.unit, day).iter().map(|unit| unit.id));
        units.dedup();
        let payer = identity.keys().seal(world, &payer_context(id), draft.payer.as_bytes());
        let bill = Bill {
            id,
            reference: BillReference::issue(&settings.reference_prefix, 0)?,
            subject: draft.subject,
            subject_code: draft.subject_code.clone(),
            about: draft.about.clone(),
            unit: draft.unit,
            unit_name: draft.unit_name.clone(),
            desk: draft.desk,
            account: None,
            person: draft.person,
            payer_mask: draft.payer_mask.clone(),
            lines: draft.lines.clone(),
            amount,
            settled: Dong::ZERO,
            surplus: Dong::ZERO,
            refunded: Dong::ZERO,
            issued_at: identity.now(),
            issued_name: by.name.clone(),
            paid_at: None,
            cancelled_at: None,
            cancelled_name: None,
            revision: 1,
        };
        let new = Self {
            once,
            prefix: settings.reference_prefix.clone(),
            units,
            bill: draft,
            payer: payer.into_bytes(),
            event: kernel::id::uuid_v7(world),
        };
        Ok((new, bill))
    }

    /// What it is for.
    #[must_use]
    pub fn subject(&self) -> Uuid {
        self.bill.subject
    }
}

/// Issues a bill: draws its reference, finds the account that receives, tells others. A second send gives the first bill.
///
/// # Errors
/// What the tables say.
pub fn issue(tx: &mut Tx, new: &NewBill, blank: &Bill, by: &By) -> Result<Bill, PaymentError> {
    if let Once::Again(id) = tx.once("bill.issue", new.once, blank.issued_at)? {
        let id = id.parse().map_err(|_| PaymentError::NotFound("bill"))?;
        return store::find(tx, id);
    }
    let number = store::next_reference(tx, &new.prefix)?;
    let mut bill = blank.clone();
    bill.reference = BillReference::issue(&new.prefix, number)?;
    for unit in &new.units {
        if let Some(account) = account::store::open_of(tx, *unit)? {
            bill.account = Some(account.id);
            break;
        }
    }
    store::insert(tx, &bill, &new.payer, by.account)?;
    tx.emit(&Event {
        id: new.event,
        kind: "bill.issued".into(),
        subject: bill.subject,
        at: bill.issued_at,
        payload: payload(&bill),
    })?;
    tx.once_done("bill.issue", new.once, &bill.id.to_string())?;
    Ok(bill)
}

fn payload(bill: &Bill) -> serde_json::Value {
    serde_json::json!({
        "bill": bill.id, "reference": bill.reference.to_string(), "amount": bill.amount.get(), "unit": bill.unit,
        "subject_code": bill.subject_code,
    })
}

/// Writes down money that came for a bill, and tells others when with it all has come.
///
/// # Errors
/// What the tables say.
pub(crate) fn take(tx: &mut Tx, bill: &mut Bill, mut payment: Payment, event: Uuid) -> Result<(), PaymentError> {
    let was_waiting = bill.waiting();
    if payment.is_surplus {
        bill.surplus = [bill.surplus, payment.amount].into_iter().sum();
    } else {
        bill.settled = [bill.settled, payment.amount].into_iter().sum();
        let year = i64::from(payment.at.local_date().year());
        payment.receipt = Some((year, store::next_receipt(tx, bill.unit, year)?));
    }
    store::insert_payment(tx, &payment, bill.unit)?;
    let is_paid_now = bill.cancelled_at.is_none() && !was_waiting.is_zero() && bill.waiting().is_zero();
    if is_paid_now {
        bill.paid_at = Some(payment.at);
    }
    bill.revision += 1;
    store::update(tx, bill)?;
    if is_paid_now {
        tx.emit(&Event {
            id: event,
            kind: PAID.into(),
            subject: bill.subject,
            at: payment.at,
            payload: payload(bill),
        })?;
    }
    Ok(())
}

/// Cancels a bill that still waits. What came for it is then to go back.
///
/// # Errors
/// `BillEnded` when nothing is waited for.
pub fn cancel(tx: &mut Tx, id: BillId, by_name: &str, why: &[u8], now: Timestamp) -> Result<Bill, PaymentError> {
    let mut bill = store::find(tx, id)?;
    if bill.waiting().is_zero() {
        return Err(PaymentError::BillEnded);
    }
    bill.cancelled_at = Some(now);
    bill.cancelled_name = Some(by_name.to_owned());
    bill.revision += 1;
    store::update(tx, &bill)?;
    store::set_cancelled_why(tx, id, why)?;
    Ok(bill)
}

/// Seals the reason of a cancellation.
#[must_use]
pub fn seal_why(identity: &identity::Identity, bill: BillId, why: &str) -> Vec<u8> {
    let sealed = identity
        .keys()
        .seal(identity.world().as_ref(), &cancelled_context(bill), why.as_bytes());
    sealed.into_bytes()
}

/// The bills of a matter, oldest first.
///
/// # Errors
/// When the store fails.
pub fn of_subject(tx: &mut Tx, subject: Uuid) -> Result<Vec<Bill>, PaymentError> {
    store::of_subject(tx, subject)
}

/// The account that a bill is paid to.
///
/// # Errors
/// When the store fails.
pub fn account_of(tx: &mut Tx, bill: &Bill) -> Result<Option<PayAccount>, PaymentError> {
    bill.account.map(|id| account::store::find(tx, id)).transpose()
}

/// The payments of a bill, oldest first.
///
/// # Errors
/// When the store fails.
pub fn payments(tx: &mut Tx, bill: BillId) -> Result<Vec<Payment>, PaymentError> {
    Ok(store::payments(tx, bill)?)
}

/// One bill.
///
/// # Errors
/// `NotFound`.
pub fn find(tx: &mut Tx, id: BillId) -> Result<Bill, PaymentError> {
    store::find(tx, id)
}

/// Opens the payer's name for a purpose; the use is recorded by whoever shows it.
pub(crate) async fn payer(house: &Payments, purpose: &identity::Purpose, id: BillId) -> Result<String, PaymentError> {
    let sealed = house.store().read(move |tx| store::payer(tx, id)).await?;
    house::open(&house.keys(), purpose, &payer_context(id), &sealed)
}
