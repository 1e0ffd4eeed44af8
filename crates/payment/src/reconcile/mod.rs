//! Which money belongs to which bill. Every đồng of a statement ends up matched, explained or listed for a person;
//! nothing is guessed: an amount alone never settles a bill, and a bill short by one đồng is short.
//!
//! Pure: bills and lines in, an explanation out, the same for any order of the lines. What it costs to be wrong: a
//! fee marked as paid that was not, or a citizen asked to pay twice.

mod reference;
mod rules;
#[cfg(test)]
mod tests;

pub use reference::{BillReference, ReferenceError, references_in};
pub use rules::reconcile;

use crate::statement::Direction;
use kernel::words;
use kernel::{Dong, ErrorKind, Fault};
use serde::Deserialize;

kernel::define_id! {
    /// A bill.
    pub struct BillId;
}

kernel::define_id! {
    /// A refund that was ordered.
    pub struct RefundId;
}

/// A bill as it stands before the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Its id.
    pub id: BillId,
    /// What the payer was asked to write.
    pub reference: BillReference,
    /// How much is owed in all.
    pub amount: Dong,
    /// How much of it came before this statement.
    pub settled: Dong,
    /// Whether it was cancelled: nothing settles it any more.
    pub cancelled: bool,
}

/// A refund that was ordered and may show among the money that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// What stands in its transfer.
    pub reference: BillReference,
    /// How much goes back in all.
    pub amount: Dong,
    /// How much of it went before this statement.
    pub sent: Dong,
}

/// Words by which money that names no bill explains itself: a bank's fee, interest. Data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplanationRule {
    /// Code of the explanation, for the books.
    pub code: String,
    /// Which way the money goes.
    pub direction: Direction,
    /// Words with which the text begins, without case and diacritics. Payers choose the text of money that comes, so
    /// a rule for it should go with a counterparty.
    pub text_begins: String,
    /// Who pays or is paid, whole; anybody when there is none.
    #[serde(default)]
    pub counterparty: Option<String>,
    /// The most that is believed.
    pub amount_max: Dong,
}

/// A part of a line, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Place of the line among the lines that were given.
    pub line: usize,
    /// Which way it goes.
    pub direction: Direction,
    /// How much of the line; more than nothing.
    pub amount: Dong,
    /// What it is.
    pub what: Explanation,
}

/// What a part of a line is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Explanation {
    /// It settles a bill, wholly or in part.
    Settles(BillId),
    /// It is the refund that was ordered.
    Refunds(RefundId),
    /// It is more than the bill asked for; to be refunded.
    Overpaid(BillId),
    /// The bill was settled already; to be refunded.
    PaidAgain(BillId),
    /// The bill was cancelled; to be refunded.
    PaidThoughCancelled(BillId),
    /// A declared rule knows it.
    Known(String),
    /// It names no bill. The bills that wait for exactly this amount may be it; a person decides.
    Unknown(Vec<BillId>),
    /// It names several bills and fits none of the ways to share it.
    Several(Vec<BillId>),
    /// It names a refund, and is more than was ordered.
    BeyondRefund(RefundId),
}

words! {
    /// Whether a person has to look.
    Class {
        /// It is what was expected.
        Matched = "matched",
        /// It was not expected, but it is known what it is and what follows.
        Explained = "explained",
        /// Nobody knows yet.
        Listed = "listed",
    }
}

impl Explanation {
    /// Whether a person has to look.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Settles(_) | Self::Refunds(_) => Class::Matched,
            Self::Overpaid(_) | Self::PaidAgain(_) | Self::PaidThoughCancelled(_) | Self::Known(_) => Class::Explained,
            Self::Unknown(_) | Self::Several(_) | Self::BeyondRefund(_) => Class::Listed,
        }
    }
}

/// A bill after the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillOutcome {
    /// The bill.
    pub bill: BillId,
    /// How much of it is settled now, in all.
    pub settled: Dong,
    /// How it stands.
    pub state: BillState,
    /// How much came beyond it in this statement, to be refunded.
    pub surplus: Dong,
}

/// How a bill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillState {
    /// Nothing came.
    Unpaid,
    /// Something came, and this is missing.
    Short(Dong),
    /// All came.
    Paid,
    /// It was cancelled.
    Cancelled,
}

/// What a statement means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Parts that make up every line, in the order of the lines.
    pub parts: Vec<Part>,
    /// The bills, in the order in which they were given.
    pub bills: Vec<BillOutcome>,
}

impl Reconciliation {
    /// How much of the money that went `direction` is of `class`.
    #[must_use]
    pub fn sum(&self, direction: Direction, class: Class) -> Dong {
        let of = |part: &&Part| part.direction == direction && part.what.class() == class;
        self.parts.iter().filter(of).map(|part| part.amount).sum()
    }
}

/// Why nothing can be reconciled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    /// Two bills or refunds of one reference: no payment could tell them apart.
    #[error("the reference {0} is given twice")]
    SameReference(BillReference),
    /// An amount that no bill or refund has: nothing or less, or more settled than owed.
    #[error("the amounts of {0} cannot be")]
    Amounts(BillReference),
}

impl Fault for ReconcileError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::SameReference(_) => ErrorKind::Conflict,
            Self::Amounts(_) => ErrorKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::SameReference(_) => "reference-given-twice",
            Self::Amounts(_) => "bill-amounts-invalid",
        }
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::SameReference(reference) | Self::Amounts(reference) => vec![("reference", reference.to_string())],
        }
    }
}
