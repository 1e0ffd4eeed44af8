//! Lines of bank statements as they are kept, and what each đồng of them is. A file is taken in whole or not at all; a line
//! that came before, in another file or by a notice of the bank, counts once.
//! It refuses to keep who paid and the text of a transfer in the open: both are sealed.

pub mod http;
pub(crate) mod store;
mod take;
#[cfg(test)]
mod tests;
mod view;

use ::store::Tx;
use identity::AccountId;
use kernel::{Date, Dong, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[cfg(test)]
pub(crate) use take::Taken;
pub(crate) use take::{Batch, BatchLine, Source, take_in};

use crate::account::PayAccountId;
use crate::bill::{self, Payment, PaymentId, Way};
use crate::reconcile::{self, BillId, BillReference, Class, Explanation, RefundId};
use crate::refund::{self, Refund};
use crate::statement::{Direction, Line};
use crate::{By, PaymentError, house};
use kernel::words;

kernel::define_id!(
    /// A statement that was taken in.
    pub struct ImportId
);
kernel::define_id!(
    /// A booking of a bank.
    pub struct LineId
);
kernel::define_id!(
    /// A part of a booking.
    pub struct PartId
);

words! {
    /// What a part of a line is.
    What {
        /// It settles a bill.
        Settles = "settles",
        /// It is a refund that was ordered.
        Refunds = "refunds",
        /// More than the bill asked.
        Overpaid = "overpaid",
        /// The bill was settled already.
        PaidAgain = "paid-again",
        /// The bill was cancelled.
        PaidThoughCancelled = "paid-though-cancelled",
        /// A declared rule knows it.
        Known = "known",
        /// It names no bill.
        Unknown = "unknown",
        /// It names several bills and fits none of the ways to share it.
        Several = "several",
        /// More than the refund that it names.
        BeyondRefund = "beyond-refund",
        /// An officer said what it is.
        Explained = "explained",
        /// An officer ordered it back.
        GivenBack = "given-back",
    }
}

/// A statement that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The account.
    pub account: PayAccountId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Balance before, when the bank tells it.
    pub opening: Option<Dong>,
    /// Balance after.
    pub closing: Option<Dong>,
    /// What came, as the file says.
    pub sum_in: Dong,
    /// What went, as the file says.
    pub sum_out: Dong,
    /// Lines of the file.
    pub lines: i64,
    /// Lines that were new.
    pub lines_new: i64,
    /// Lines that another file or a notice brought before.
    pub lines_known: i64,
    /// Lines that stood in the file twice.
    pub lines_doubled: i64,
    /// When.
    pub imported_at: Timestamp,
    /// By whom.
    pub imported_name: String,
}

/// A booking as it is stored, without its sealed part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    /// Its id.
    pub id: LineId,
    /// The account.
    pub account: PayAccountId,
    /// The statement that has it; none while only a notice told of it.
    pub import: Option<ImportId>,
    /// The day.
    pub booked_on: Date,
    /// Whether money came or went.
    pub direction: Direction,
    /// How much.
    pub amount: Dong,
}

/// What the bank says of a booking. Stored sealed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Detail {
    /// The text of the transfer.
    pub text: String,
    /// Who paid or was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<String>,
    /// The bank's number of the booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_reference: Option<String>,
}

/// Where it is sealed.
pub(crate) fn detail_context(line: LineId) -> String {
    format!("bank_line.detail:{line}")
}

/// Where the reason of a decision is sealed.
pub(crate) fn reason_context(part: PartId) -> String {
    format!("line_part.reason:{part}")
}

/// A part of a booking as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// Its id.
    pub id: PartId,
    /// The line.
    pub line: LineId,
    /// Its place in the line.
    pub seq: i64,
    /// How much.
    pub amount: Dong,
    /// Whether a person has to look.
    pub class: Class,
    /// What it is.
    pub what: What,
    /// The bill.
    pub bill: Option<BillId>,
    /// The refund.
    pub refund: Option<RefundId>,
    /// Code of the rule.
    pub code: Option<String>,
    /// Bills that it may be.
    pub candidates: Vec<BillId>,
    /// When an officer decided it, and who.
    pub decided: Option<(Timestamp, String)>,
    /// Why, sealed.
    pub reason: Option<Vec<u8>>,
}

impl StoredPart {
    /// The part `seq` (from 1) of a line, as reconciliation explains it. Its id follows from `base`.
    fn of(line: LineId, base: Uuid, seq: usize, amount: Dong, explanation: &Explanation) -> Self {
        let mut part = Self {
            id: PartId::from_uuid(house::following(base, seq)),
            line,
            seq: i64::try_from(seq).unwrap_or(i64::MAX),
            amount,
            class: explanation.class(),
            what: What::Unknown,
            bill: None,
            refund: None,
            code: None,
            candidates: Vec::new(),
            decided: None,
            reason: None,
        };
        match explanation {
            Explanation::Settles(bill) => (part.what, part.bill) = (What::Settles, Some(*bill)),
            Explanation::Overpaid(bill) => (part.what, part.bill) = (What::Overpaid, Some(*bill)),
            Explanation::PaidAgain(bill) => (part.what, part.bill) = (What::PaidAgain, Some(*bill)),
            Explanation::PaidThoughCancelled(bill) => {
                (part.what, part.bill) = (What::PaidThoughCancelled, Some(*bill));
            }
            Explanation::Refunds(refund) => (part.what, part.refund) = (What::Refunds, Some(*refund)),
            Explanation::BeyondRefund(refund) => (part.what, part.refund) = (What::BeyondRefund, Some(*refund)),
            Explanation::Known(code) => (part.what, part.code) = (What::Known, Some(code.clone())),
            Explanation::Unknown(bills) => part.candidates = bills.clone(),
            Explanation::Several(bills) => (part.what, part.candidates) = (What::Several, bills.clone()),
        }
        part
    }
}

/// What follows from a part: money of a bill, a refund that went. A bill is changed in `bills`, which holds each once.
fn follow(
    tx: &mut Tx,
    part: &StoredPart,
    paid_on: Date,
    bills: &mut [bill::Bill],
    by_name: Option<&str>,
    now: Timestamp,
) -> Result<(), PaymentError> {
    let is_surplus = match part.what {
        What::Settles => false,
        What::Overpaid | What::PaidAgain | What::PaidThoughCancelled => true,
        What::Refunds => {
            let id = part.refund.ok_or(PaymentError::NotFound("refund"))?;
            let order = refund::store::find(tx, id)?;
            return refund::sent(tx, order, part.amount, now);
        }
        What::Known | What::Unknown | What::Several | What::BeyondRefund | What::Explained | What::GivenBack => {
            return Ok(());
        }
    };
    let bill = bills.iter_mut().find(|bill| Some(bill.id) == part.bill);
    let bill = bill.ok_or(PaymentError::NotFound("bill"))?;
    let payment = Payment {
        id: PaymentId::from_uuid(part.id.uuid()),
        bill: bill.id,
        amount: part.amount,
        is_surplus,
        way: Way::Transfer,
        paid_on,
        at: now,
        by_name: by_name.map(str::to_owned),
        receipt: None,
    };
    // A part settles at most one bill, so that its id is also that of the event.
    bill::take(tx, bill, payment, part.id.uuid())
}

/// What an officer decides about a listed part: minted and sealed before the transaction.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) part: PartId,
    /// Base of the ids of the parts that take its place.
    pub(crate) base: Uuid,
    /// The reason, sealed for each of the two parts there may be.
    pub(crate) reasons: [Vec<u8>; 2],
    pub(crate) by: By,
    pub(crate) now: Timestamp,
}

/// A listed part that nobody decided yet, with its line.
fn undecided(tx: &mut Tx, id: PartId) -> Result<(StoredPart, BankLine), PaymentError> {
    let part = store::part(tx, id)?;
    if part.class != Class::Listed || !store::is_current(tx, id)? {
        return Err(PaymentError::PartDecided);
    }
    let line = store::line(tx, part.line)?;
    Ok((part, line))
}

/// Says that a listed part pays the bill of `reference`: what the bill waits for settles it, the rest is beyond.
///
/// # Errors
/// `NotFound` for a reference of no bill, `PartDecided`, and what the tables say.
pub(crate) fn assign(tx: &mut Tx, decision: &Decision, reference: &BillReference) -> Result<(), PaymentError> {
    let (part, line) = undecided(tx, decision.part)?;
    let mut bills = bill::store::by_references(tx, std::slice::from_ref(reference))?;
    let bill = bills.first().filter(|_| line.direction == Direction::In);
    let bill = bill.ok_or(PaymentError::NotFound("bill"))?;
    // The rules of reconciliation decide how it is shared, as if the payer had written the reference.
    let written = Line {
        number: 1,
        booked_on: line.booked_on,
        amount: part.amount,
        direction: line.direction,
        counterparty: None,
        text: reference.to_string(),
        bank_reference: None,
    };
    let shared = reconcile::reconcile(&[bill.owed()], &[], &[written], &[])?;
    store::end_part(tx, part.id, decision.now)?;
    for (at, one) in shared.parts.iter().enumerate() {
        let mut new = StoredPart::of(line.id, decision.base, at + 1, one.amount, &one.what);
        new.seq = part.seq;
        new.decided = Some((decision.now, decision.by.name.clone()));
        new.reason = decision.reasons.get(at).cloned();
        store::insert_part(tx, &new)?;
        follow(
            tx,
            &new,
            line.booked_on,
            &mut bills,
            Some(&decision.by.name),
            decision.now,
        )?;
    }
    Ok(())
}

/// Says what a listed part is, without a bill: words are the reason.
///
/// # Errors
/// `PartDecided`, and what the tables say.
pub(crate) fn explain(tx: &mut Tx, decision: &Decision) -> Result<(), PaymentError> {
    let (part, _) = undecided(tx, decision.part)?;
    replace(
        tx,
        decision.base,
        &part,
        What::Explained,
        None,
        (decision.now, &decision.by, Some(&decision.reasons[0])),
    )
}

/// Marks a listed part as ordered back.
pub(crate) fn give_back(tx: &mut Tx, id: PartId, refund: &Refund, order: &refund::Order) -> Result<(), PaymentError> {
    let (part, line) = undecided(tx, id)?;
    if line.direction != Direction::In || refund.amount != part.amount {
        return Err(PaymentError::RefundTooLarge(part.amount));
    }
    replace(
        tx,
        order.parts,
        &part,
        What::GivenBack,
        Some(refund.id),
        (order.now, &order.by, None),
    )
}

/// Lists again what a refused refund would have given back.
pub(crate) fn list_again(tx: &mut Tx, refund: &Refund, base: Uuid, now: Timestamp) -> Result<(), PaymentError> {
    let before = store::part(tx, refund.part.ok_or(PaymentError::NotFound("line"))?)?;
    let parts = store::parts(tx, before.line)?;
    let given = parts.iter().find(|part| part.refund == Some(refund.id));
    store::end_part(tx, given.ok_or(PaymentError::PartDecided)?.id, now)?;
    let new = StoredPart {
        id: PartId::from_uuid(house::following(base, 1)),
        ..before
    };
    Ok(store::insert_part(tx, &new)?)
}

fn replace(
    tx: &mut Tx,
    base: Uuid,
    part: &StoredPart,
    what: What,
    refund: Option<RefundId>,
    (now, by, reason): (Timestamp, &By, Option<&Vec<u8>>),
) -> Result<(), PaymentError> {
    store::end_part(tx, part.id, now)?;
    let new = StoredPart {
        id: PartId::from_uuid(house::following(base, 1)),
        class: Class::Explained,
        what,
        refund,
        candidates: Vec::new(),
        decided: Some((now, by.name.clone())),
        reason: reason.cloned(),
        ..part.clone()
    };
    Ok(store::insert_part(tx, &new)?)
}

/// Sums of what came and went, by class: they make up the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// All of it.
    pub total: Dong,
    /// Lines.
    pub lines: i64,
    /// What was expected.
    pub matched: Dong,
    /// What is known.
    pub explained: Dong,
    /// What a person has to look at.
    pub listed: Dong,
}

impl Sums {
    /// Whether the classes make up the whole to the đồng.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        [self.matched, self.explained, self.listed].into_iter().sum::<Dong>() == self.total
    }
}

/// Who imports, for the tables.
pub(crate) type Importer = (AccountId, String);
