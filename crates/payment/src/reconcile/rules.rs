//! How a line is shared among what it names. Lines are taken in the order of their days, so that the first payment
//! settles and the second is the one that came again; among equal days the content decides, never the order of a file.

use super::reference::Finder;
use super::{
    Bill, BillOutcome, BillReference, BillState, Explanation, ExplanationRule, Part, ReconcileError, Reconciliation,
    Refund,
};
use crate::statement::{Direction, Line};
use kernel::Dong;
use kernel::fold::fold;
use std::collections::BTreeMap;

/// Bills of the same amount that are named beside an unknown payment, at most.
const CANDIDATES_MAX: usize = 5;

/// What a reference stands for, by its place among what was given.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Named {
    Bill(usize),
    Refund(usize),
}

/// Explains every đồng of `lines`.
///
/// # Errors
/// [`ReconcileError`] when references or amounts of bills and refunds cannot be.
pub fn reconcile(
    bills: &[Bill],
    refunds: &[Refund],
    lines: &[Line],
    rules: &[ExplanationRule],
) -> Result<Reconciliation, ReconcileError> {
    let mut work = Work::new(bills, refunds, rules)?;
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_cached_key(|at| {
        let line = &lines[*at];
        (
            line.booked_on,
            line.bank_reference.clone(),
            line.amount,
            line.direction,
            line.text.clone(),
            *at,
        )
    });
    for at in order {
        work.line(at, &lines[at]);
    }
    Ok(work.finish())
}

struct Work<'w> {
    bills: &'w [Bill],
    refunds: &'w [Refund],
    rules: &'w [ExplanationRule],
    finder: Finder<Named>,
    /// What each bill still waits for; nothing when it was cancelled.
    due: Vec<Dong>,
    surplus: Vec<Dong>,
    /// What of each refund has not gone yet.
    to_send: Vec<Dong>,
    parts: Vec<Part>,
}

impl<'w> Work<'w> {
    fn new(bills: &'w [Bill], refunds: &'w [Refund], rules: &'w [ExplanationRule]) -> Result<Self, ReconcileError> {
        let left = |all: Dong, done: Dong, reference: &BillReference| {
            let sound = all > Dong::ZERO && done >= Dong::ZERO && done <= all;
            let left = all.checked_sub(done).filter(|_| sound);
            left.ok_or_else(|| ReconcileError::Amounts(reference.clone()))
        };
        let due: Result<Vec<Dong>, _> = bills
            .iter()
            .map(|bill| {
                let left = left(bill.amount, bill.settled, &bill.reference)?;
                Ok(if bill.cancelled { Dong::ZERO } else { left })
            })
            .collect();
        let to_send: Result<Vec<Dong>, _> = refunds
            .iter()
            .map(|refund| left(refund.amount, refund.sent, &refund.reference))
            .collect();
        let of_bills = bills
            .iter()
            .enumerate()
            .map(|(at, bill)| (bill.reference.clone(), Named::Bill(at)));
        let of_refunds = refunds
            .iter()
            .enumerate()
            .map(|(at, refund)| (refund.reference.clone(), Named::Refund(at)));
        let finder = Finder::new(of_bills.chain(of_refunds)).map_err(ReconcileError::SameReference)?;
        let surplus = vec![Dong::ZERO; bills.len()];
        Ok(Self {
            bills,
            refunds,
            rules,
            finder,
            due: due?,
            surplus,
            to_send: to_send?,
            parts: Vec::new(),
        })
    }

    fn line(&mut self, at: usize, line: &Line) {
        let named = self.finder.find(&line.text);
        match line.direction {
            Direction::In => {
                let bills: Vec<usize> = named
                    .iter()
                    .filter_map(|named| match named {
                        Named::Bill(bill) => Some(*bill),
                        Named::Refund(_) => None,
                    })
                    .collect();
                match bills.as_slice() {
                    [] => self.unnamed(at, line),
                    [bill] => self.pay(at, *bill, line.amount),
                    several => self.pay_several(at, several, line.amount),
                }
            }
            Direction::Out => {
                let refund = named.iter().find_map(|named| match named {
                    Named::Refund(refund) => Some(*refund),
                    Named::Bill(_) => None,
                });
                match refund {
                    Some(refund) => self.send(at, refund, line.amount),
                    None => self.unnamed(at, line),
                }
            }
        }
    }

    /// A payment for one bill: what it still waits for, and what is beyond.
    fn pay(&mut self, at: usize, bill: usize, amount: Dong) {
        let (id, waited) = (self.bills[bill].id, self.due[bill]);
        let settles = amount.min(waited);
        let beyond = Dong::new(amount.get() - settles.get());
        self.due[bill] = Dong::new(waited.get() - settles.get());
        self.surplus[bill] = [self.surplus[bill], beyond].into_iter().sum();
        self.part(at, Direction::In, settles, Explanation::Settles(id));
        let why = if self.bills[bill].cancelled {
            Explanation::PaidThoughCancelled(id)
        } else if waited.is_zero() {
            Explanation::PaidAgain(id)
        } else {
            Explanation::Overpaid(id)
        };
        self.part(at, Direction::In, beyond, why);
    }

    /// A payment that names several bills: it settles all of them to the đồng, or exactly one of them, or a person
    /// has to look.
    fn pay_several(&mut self, at: usize, bills: &[usize], amount: Dong) {
        let sum = bills
            .iter()
            .try_fold(Dong::ZERO, |sum, bill| sum.checked_add(self.due[*bill]));
        if sum == Some(amount) {
            for bill in bills {
                let waited = self.due[*bill];
                if !waited.is_zero() {
                    self.pay(at, *bill, waited);
                }
            }
            return;
        }
        let mut exact = bills.iter().copied().filter(|bill| self.due[*bill] == amount);
        match (exact.next(), exact.next()) {
            (Some(one), None) => self.pay(at, one, amount),
            _ => {
                let ids = bills.iter().map(|bill| self.bills[*bill].id).collect();
                self.part(at, Direction::In, amount, Explanation::Several(ids));
            }
        }
    }

    fn send(&mut self, at: usize, refund: usize, amount: Dong) {
        let (id, waited) = (self.refunds[refund].id, self.to_send[refund]);
        let refunds = amount.min(waited);
        self.to_send[refund] = Dong::new(waited.get() - refunds.get());
        self.part(at, Direction::Out, refunds, Explanation::Refunds(id));
        let beyond = Dong::new(amount.get() - refunds.get());
        self.part(at, Direction::Out, beyond, Explanation::BeyondRefund(id));
    }

    /// A line that names nothing of ours: a rule knows it, or nobody does yet.
    fn unnamed(&mut self, at: usize, line: &Line) {
        let text = fold(&line.text);
        let who = line.counterparty.as_deref().map(fold);
        let knows = |rule: &&ExplanationRule| {
            let begins = fold(&rule.text_begins);
            rule.direction == line.direction
                && !begins.is_empty()
                && text.starts_with(&begins)
                && line.amount <= rule.amount_max
                && rule
                    .counterparty
                    .as_deref()
                    .is_none_or(|wanted| who.as_deref() == Some(&fold(wanted)))
        };
        let what = match self.rules.iter().find(knows) {
            Some(rule) => Explanation::Known(rule.code.clone()),
            None => Explanation::Unknown(Vec::new()),
        };
        self.part(at, line.direction, line.amount, what);
    }

    fn part(&mut self, line: usize, direction: Direction, amount: Dong, what: Explanation) {
        if !amount.is_zero() {
            self.parts.push(Part {
                line,
                direction,
                amount,
                what,
            });
        }
    }

    fn finish(mut self) -> Reconciliation {
        self.name_candidates();
        // Parts of one line stay in the order in which they were cut.
        self.parts.sort_by_key(|part| part.line);
        let outcome = |(at, bill): (usize, &Bill)| {
            let due = self.due[at];
            let settled = if bill.cancelled {
                bill.settled
            } else {
                Dong::new(bill.amount.get() - due.get())
            };
            let state = if bill.cancelled {
                BillState::Cancelled
            } else if due.is_zero() {
                BillState::Paid
            } else if settled.is_zero() {
                BillState::Unpaid
            } else {
                BillState::Short(due)
            };
            BillOutcome {
                bill: bill.id,
                settled,
                state,
                surplus: self.surplus[at],
            }
        };
        let bills = self.bills.iter().enumerate().map(outcome).collect();
        Reconciliation {
            parts: self.parts,
            bills,
        }
    }

    /// Names beside each unknown payment the bills that wait for exactly its amount when all lines are done.
    fn name_candidates(&mut self) {
        let mut waiting: BTreeMap<Dong, Vec<_>> = BTreeMap::new();
        for (bill, due) in self.bills.iter().zip(&self.due).filter(|(_, due)| !due.is_zero()) {
            let ids = waiting.entry(*due).or_default();
            if ids.len() < CANDIDATES_MAX {
                ids.push(bill.id);
            }
        }
        for part in self.parts.iter_mut().filter(|part| part.direction == Direction::In) {
            if let Explanation::Unknown(candidates) = &mut part.what {
                *candidates = waiting.get(&part.amount).cloned().unwrap_or_default();
            }
        }
    }
}
