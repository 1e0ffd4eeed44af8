//! Does it add up? Opening balance, lines and closing balance must agree to the đồng, and a balance beside a line must
//! follow from the line before. Lines that stand in the file twice are taken out only when the balances do not need
//! them.

use super::fault::{Faults, StatementError, What};
use super::{Line, Statement};
use kernel::{Date, Dong};
use std::collections::BTreeMap;

/// What a reader found, before it is believed.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) account: String,
    pub(super) period: Option<(Date, Date)>,
    pub(super) opening: Option<Dong>,
    pub(super) closing: Option<Dong>,
    /// The lines, oldest first, each with the balance beside it.
    pub(super) lines: Vec<(Line, Option<Dong>)>,
}

/// The statement, or all faults: those that the reader found, and those of the sums when it found none.
pub(super) fn finish(draft: Draft, mut faults: Faults) -> Result<Statement, StatementError> {
    if faults.count() > 0 {
        return Err(faults.into_error());
    }
    let Draft {
        account,
        period,
        mut opening,
        mut closing,
        lines,
    } = draft;
    let days = lines
        .iter()
        .map(|(line, _)| line.booked_on)
        .chain(period.into_iter().flat_map(|(a, b)| [a, b]));
    let (Some(from), Some(to)) = (days.clone().min(), days.max()) else {
        faults.push(None, What::NoLines);
        return Err(faults.into_error());
    };
    let (lines, doubled) = without_doubled(lines, opening, closing);
    running_balances(&lines, &mut opening, &mut closing, &mut faults);
    let lines: Vec<Line> = lines.into_iter().map(|(line, _)| line).collect();
    if faults.count() == 0 {
        totals(opening, closing, &lines, &mut faults);
    }
    faults.or(Statement {
        account,
        from,
        to,
        opening,
        closing,
        lines,
        doubled,
    })
}

type Balanced = (Line, Option<Dong>);

/// Separates the lines that say again what a line before said.
///
/// With a balance beside each line, a repeat is one that shows the same balance. Without, a repeat carries the same
/// bank reference, and the balances of the whole decide: when they hold with it, a bank has used a reference twice.
fn without_doubled(lines: Vec<Balanced>, opening: Option<Dong>, closing: Option<Dong>) -> (Vec<Balanced>, Vec<Line>) {
    if let (Some(opening), Some(closing)) = (opening, closing)
        && sum(opening, lines.iter().map(|(line, _)| line)) == Some(closing)
    {
        return (lines, Vec::new());
    }
    let mut seen: BTreeMap<_, ()> = BTreeMap::new();
    let mut is_repeat = |(line, balance): &Balanced| {
        if line.bank_reference.is_none() && balance.is_none() {
            return false;
        }
        let said = (
            line.bank_reference.clone(),
            line.booked_on,
            line.signed(),
            line.text.clone(),
            *balance,
        );
        seen.insert(said, ()).is_some()
    };
    let (doubled, kept): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| is_repeat(line));
    (kept, doubled.into_iter().map(|(line, _)| line).collect())
}

/// Holds each balance beside a line to the one before; the first and the last give opening and closing balance.
fn running_balances(lines: &[Balanced], opening: &mut Option<Dong>, closing: &mut Option<Dong>, faults: &mut Faults) {
    let mut last = *opening;
    for (line, balance) in lines {
        let Some(found) = *balance else {
            last = last.and_then(|last| last.checked_add(line.signed()));
            continue;
        };
        match last {
            None if opening.is_none() => *opening = found.checked_sub(line.signed()),
            None => faults.at(line.number, What::Overflow),
            Some(last) => match last.checked_add(line.signed()) {
                Some(expected) if expected != found => {
                    faults.at(line.number, What::RunningBalance { found, expected });
                }
                Some(_) => {}
                None => faults.at(line.number, What::Overflow),
            },
        }
        last = Some(found);
    }
    if let Some((_, Some(balance))) = lines.last()
        && closing.is_none()
    {
        *closing = Some(*balance);
    }
}

fn totals(opening: Option<Dong>, closing: Option<Dong>, lines: &[Line], faults: &mut Faults) {
    let Some(expected) = sum(opening.unwrap_or_default(), lines) else {
        faults.push(None, What::Overflow);
        return;
    };
    if let (Some(_), Some(found)) = (opening, closing)
        && expected != found
    {
        faults.push(None, What::Balance { found, expected });
    }
}

fn sum<'a>(opening: Dong, lines: impl IntoIterator<Item = &'a Line>) -> Option<Dong> {
    lines
        .into_iter()
        .try_fold(opening, |sum, line| sum.checked_add(line.signed()))
}
