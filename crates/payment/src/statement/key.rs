//! By what a booking is recognised when it comes again: the bank's reference, or day, amount and text with its number
//! among equal ones. Importing a file twice, or two files that overlap, changes nothing.
//!
//! A file must hold whole days: the number among equals counts within a day of one file.

use super::{Direction, Line, Statement};
use kernel::{Date, Dong};
use std::collections::BTreeMap;
use std::fmt;

/// The identity of a booking on an account. Its text form is stable and may be stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineKey {
    account: String,
    content: Content,
    /// Number among equal ones, from 0.
    ordinal: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Content {
    /// Banks give one reference to a payment and its fee, so the amount belongs to it.
    Reference {
        reference: String,
        direction: Direction,
        amount: Dong,
    },
    Words {
        booked_on: Date,
        direction: Direction,
        amount: Dong,
        text: String,
    },
}

impl fmt::Display for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = |direction: &Direction| if *direction == Direction::In { '+' } else { '-' };
        let (account, ordinal) = (&self.account, self.ordinal);
        match &self.content {
            Content::Reference {
                reference,
                direction,
                amount,
            } => {
                write!(
                    f,
                    "{account}|ref|{reference}|{}{}|{ordinal}",
                    sign(direction),
                    amount.get()
                )
            }
            Content::Words {
                booked_on,
                direction,
                amount,
                text,
            } => {
                write!(
                    f,
                    "{account}|{booked_on}|{text}|{}{}|{ordinal}",
                    sign(direction),
                    amount.get()
                )
            }
        }
    }
}

fn content(line: &Line) -> Content {
    let (direction, amount) = (line.direction, line.amount);
    match &line.bank_reference {
        Some(reference) => Content::Reference {
            reference: reference.clone(),
            direction,
            amount,
        },
        None => Content::Words {
            booked_on: line.booked_on,
            direction,
            amount,
            text: kernel::fold::fold(&line.text),
        },
    }
}

impl Statement {
    /// The key of each line, in their order. No two are equal.
    #[must_use]
    pub fn keys(&self) -> Vec<LineKey> {
        let mut seen: BTreeMap<Content, u32> = BTreeMap::new();
        let mut key = |line: &Line| {
            let content = content(line);
            let count = seen.entry(content.clone()).or_insert(0);
            let ordinal = *count;
            *count += 1;
            LineKey {
                account: self.account.clone(),
                content,
                ordinal,
            }
        };
        self.lines.iter().map(&mut key).collect()
    }

    /// The lines that were not imported before, with their keys.
    pub fn new_lines(&self, is_known: impl Fn(&LineKey) -> bool) -> Vec<(LineKey, &Line)> {
        let keyed = self.keys().into_iter().zip(&self.lines);
        keyed.filter(|(key, _)| !is_known(key)).collect()
    }
}
