//! Rows of cells become lines by a mapping: what CSV and XLSX have in common. Rows before the headings and rows with
//! declared labels are no bookings; any other row that cannot be read is a fault, never passed over.
//!
//! A label counts below the headings only where no date stands, so that no payer's text can pose as a balance.

use super::check::{Draft, finish};
use super::fault::{Faults, StatementError, What, quoted};
use super::mapping::{Amounts, TableMapping};
use super::{AmountError, Direction, LINES_MAX, Line, Statement, TEXT_CHARS_MAX};
use kernel::fold::fold;
use kernel::{Date, Dong};

/// Rows in which the headings are looked for.
const HEADING_ROWS_MAX: u64 = 100;

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Cell {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    Date(Date),
}

impl Cell {
    fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Date(_) => false,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
        }
    }
}

/// Where the columns are, from 0.
struct Places {
    booked_on: usize,
    text: usize,
    counterparty: Option<usize>,
    reference: Option<usize>,
    balance: Option<usize>,
    currency: Option<usize>,
    /// The amount or the credit, and the mark or the debit.
    amounts: (usize, Option<usize>),
}

/// A table while its rows come in.
pub(super) struct Table<'m> {
    mapping: &'m TableMapping,
    places: Option<Places>,
    rows: u64,
    ended: bool,
    draft: Draft,
    faults: Faults,
}

impl<'m> Table<'m> {
    pub(super) fn new(mapping: &'m TableMapping) -> Self {
        let draft = Draft {
            account: mapping.account.clone(),
            ..Draft::default()
        };
        let places = if mapping.headings { None } else { by_number(mapping) };
        Self {
            mapping,
            places,
            rows: 0,
            ended: false,
            draft,
            faults: Faults::default(),
        }
    }

    /// Takes row `number` of the file.
    pub(super) fn row(&mut self, number: u64, cells: &[Cell]) -> Result<(), StatementError> {
        self.rows += 1;
        if self.ended || cells.iter().all(Cell::is_empty) {
            return Ok(());
        }
        let Some(places) = self.places.take() else {
            self.before_headings(number, cells);
            return Ok(());
        };
        if self.day_of(cell(cells, places.booked_on)).is_none() && self.labelled(number, cells) {
            self.places = Some(places);
            return Ok(());
        }
        if let Some(line) = self.line(number, cells, &places) {
            self.draft.lines.push(line);
        }
        self.places = Some(places);
        if self.draft.lines.len() > LINES_MAX {
            return Err(StatementError::TooManyLines { lines_max: LINES_MAX });
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Statement, StatementError> {
        if self.places.is_none() {
            let wanted: Vec<&str> = headings(self.mapping).into_iter().map(|(name, _)| name).collect();
            self.faults.push(None, What::NoHeading(wanted.join(", ")));
        }
        if self.mapping.newest_first {
            self.draft.lines.reverse();
        }
        finish(self.draft, self.faults)
    }

    fn before_headings(&mut self, number: u64, cells: &[Cell]) {
        if self.rows <= HEADING_ROWS_MAX {
            self.places = by_heading(self.mapping, cells);
        }
        if self.places.is_none() {
            self.labelled(number, cells);
        }
    }

    /// Takes a row that begins with a declared label; false when there is none.
    fn labelled(&mut self, number: u64, cells: &[Cell]) -> bool {
        let Some(first) = cells.iter().position(|cell| !cell.is_empty()) else {
            return true;
        };
        let words = fold(&cells[first].text());
        let begins = |label: &str| !label.is_empty() && words.starts_with(&fold(label));
        let mapping = self.mapping;
        if mapping.end_label.as_deref().is_some_and(begins) {
            self.ended = true;
            return true;
        }
        let opening = mapping.opening_label.as_deref().is_some_and(begins);
        let closing = mapping.closing_label.as_deref().is_some_and(begins);
        if opening || closing {
            let balance = self.labelled_amount(number, cells, first);
            let place = if opening {
                &mut self.draft.opening
            } else {
                &mut self.draft.closing
            };
            *place = place.or(balance);
            return true;
        }
        mapping.skip_labels.iter().any(|label| begins(label))
    }

    /// The amount behind a label: after a colon in the same cell, or in the last filled cell of the row.
    fn labelled_amount(&mut self, number: u64, cells: &[Cell], first: usize) -> Option<Dong> {
        let behind = cells[first]
            .text()
            .split_once(':')
            .map(|(_, rest)| Cell::Text(rest.to_owned()));
        let last = cells[first + 1..].iter().rfind(|cell| !cell.is_empty()).cloned();
        let found = last.or(behind.filter(|cell| !cell.is_empty()));
        let Some(found) = found else {
            self.faults.at(number, What::Missing("the balance"));
            return None;
        };
        self.amount(number, &found)
    }

    fn line(&mut self, number: u64, cells: &[Cell], places: &Places) -> Option<(Line, Option<Dong>)> {
        let booked_on = self.date(number, cell(cells, places.booked_on));
        let signed = self.signed(number, cells, places.amounts);
        let text = self.words(number, cell(cells, places.text));
        let counterparty = places.counterparty.and_then(|at| self.words(number, cell(cells, at)));
        let bank_reference = places.reference.and_then(|at| self.words(number, cell(cells, at)));
        if let Some(currency) = places.currency.map(|at| cell(cells, at).text())
            && !currency.eq_ignore_ascii_case("VND")
        {
            self.faults.at(number, What::Currency(quoted(&currency)));
        }
        let balance = match places.balance.map(|at| cell(cells, at)) {
            Some(found) if found.is_empty() => {
                self.faults.at(number, What::Missing("the balance"));
                None
            }
            found => found.and_then(|found| self.amount(number, found)),
        };
        let (amount, direction) = signed?;
        let line = Line {
            number,
            booked_on: booked_on?,
            amount,
            direction,
            counterparty,
            text: text.unwrap_or_default(),
            bank_reference,
        };
        Some((line, balance))
    }

    fn date(&mut self, number: u64, found: &Cell) -> Option<Date> {
        let date = self.day_of(found);
        if date.is_none() {
            let format = self.mapping.dates.to_string();
            self.faults.at(
                number,
                What::Date {
                    found: quoted(&found.text()),
                    format,
                },
            );
        }
        date
    }

    fn day_of(&self, found: &Cell) -> Option<Date> {
        match found {
            Cell::Date(date) => Some(*date),
            Cell::Text(text) => self.mapping.dates.parse(text),
            Cell::Number(number) => self.mapping.dates.parse(&number.to_string()),
            Cell::Empty => None,
        }
    }

    /// The amount and its direction, or a fault.
    fn signed(&mut self, number: u64, cells: &[Cell], places: (usize, Option<usize>)) -> Option<(Dong, Direction)> {
        let first = cell(cells, places.0);
        let second = places.1.map_or(&Cell::Empty, |at| cell(cells, at));
        let signed = match &self.mapping.amounts {
            Amounts::Signed { .. } => self.amount_of(number, first)?,
            Amounts::Split { .. } => {
                let [credit, debit] = [
                    self.amount_or_nothing(number, first)?,
                    self.amount_or_nothing(number, second)?,
                ];
                if !credit.is_zero() && !debit.is_zero() {
                    self.faults.at(number, What::TwoAmounts);
                    return None;
                }
                // Some banks print what went with a minus in a column of its own.
                Dong::new(credit.get() - debit.get().abs())
            }
            Amounts::Marked { credit, debit, .. } => {
                let word = fold(&second.text());
                let amount = self.amount_of(number, first)?.get().abs();
                if word == fold(credit) {
                    Dong::new(amount)
                } else if word == fold(debit) {
                    Dong::new(-amount)
                } else {
                    self.faults.at(number, What::Mark(quoted(&second.text())));
                    return None;
                }
            }
        };
        if signed.is_zero() {
            self.faults.at(number, What::NoAmount);
            return None;
        }
        let direction = if signed > Dong::ZERO {
            Direction::In
        } else {
            Direction::Out
        };
        Some((Dong::new(signed.get().abs()), direction))
    }

    fn amount_of(&mut self, number: u64, found: &Cell) -> Option<Dong> {
        if found.is_empty() {
            self.faults.at(number, What::NoAmount);
            return None;
        }
        self.amount(number, found)
    }

    fn amount_or_nothing(&mut self, number: u64, found: &Cell) -> Option<Dong> {
        let dash = matches!(found, Cell::Text(text) if text.trim() == "-");
        if found.is_empty() || dash {
            Some(Dong::ZERO)
        } else {
            self.amount(number, found)
        }
    }

    fn amount(&mut self, number: u64, found: &Cell) -> Option<Dong> {
        let read = match found {
            Cell::Number(number) => whole(*number),
            Cell::Text(text) => self.mapping.thousands.parse(text),
            Cell::Empty | Cell::Date(_) => Err(AmountError::Form),
        };
        match read {
            Ok(dong) => Some(dong),
            Err(error) => {
                let text = quoted(&found.text());
                let what = if error == AmountError::NotWhole {
                    What::NotWhole(text)
                } else {
                    What::Amount(text)
                };
                self.faults.at(number, what);
                None
            }
        }
    }

    /// A text with single spaces; `None` when there is none.
    fn words(&mut self, number: u64, found: &Cell) -> Option<String> {
        let text = found.text();
        if text.chars().count() > TEXT_CHARS_MAX {
            self.faults.at(number, What::TextTooLong(TEXT_CHARS_MAX));
            return None;
        }
        (!text.is_empty()).then_some(text)
    }
}

/// A number of a sheet is floating point; whole numbers up to 2^53 are exact in it.
fn whole(number: f64) -> Result<Dong, AmountError> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if number.fract() != 0.0 {
        return Err(AmountError::NotWhole);
    }
    if number.abs() > EXACT_MAX {
        return Err(AmountError::Form);
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, checked above")]
    Ok(Dong::new(number as i64))
}

fn cell(cells: &[Cell], at: usize) -> &Cell {
    cells.get(at).unwrap_or(&Cell::Empty)
}

/// The columns that the mapping names, and whether the amounts are the first of two.
fn headings(mapping: &TableMapping) -> Vec<(&str, Role)> {
    let columns = &mapping.columns;
    let mut all = vec![
        (columns.booked_on.as_str(), Role::BookedOn),
        (columns.text.as_str(), Role::Text),
    ];
    let optional = [
        (&columns.counterparty, Role::Counterparty),
        (&columns.reference, Role::Reference),
        (&columns.balance, Role::Balance),
        (&columns.currency, Role::Currency),
    ];
    all.extend(
        optional
            .into_iter()
            .filter_map(|(name, role)| name.as_deref().map(|name| (name, role))),
    );
    match &mapping.amounts {
        Amounts::Signed { column } => all.push((column, Role::Amount)),
        Amounts::Split {
            credit: one,
            debit: two,
        }
        | Amounts::Marked {
            column: one, mark: two, ..
        } => {
            all.extend([(one.as_str(), Role::Amount), (two.as_str(), Role::SecondAmount)]);
        }
    }
    all
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    BookedOn,
    Text,
    Counterparty,
    Reference,
    Balance,
    Currency,
    Amount,
    SecondAmount,
}

/// The places of all columns, when `find` knows each.
fn places(mapping: &TableMapping, find: impl Fn(&str) -> Option<usize>) -> Option<Places> {
    let found: Option<Vec<(Role, usize)>> = headings(mapping)
        .into_iter()
        .map(|(name, role)| find(name).map(|at| (role, at)))
        .collect();
    let found = found?;
    let at = |wanted: Role| found.iter().find(|(role, _)| *role == wanted).map(|(_, at)| *at);
    Some(Places {
        booked_on: at(Role::BookedOn)?,
        text: at(Role::Text)?,
        counterparty: at(Role::Counterparty),
        reference: at(Role::Reference),
        balance: at(Role::Balance),
        currency: at(Role::Currency),
        amounts: (at(Role::Amount)?, at(Role::SecondAmount)),
    })
}

fn by_heading(mapping: &TableMapping, cells: &[Cell]) -> Option<Places> {
    let words: Vec<String> = cells.iter().map(|cell| fold(&cell.text())).collect();
    places(mapping, |name| words.iter().position(|word| *word == fold(name)))
}

fn by_number(mapping: &TableMapping) -> Option<Places> {
    places(mapping, |name| {
        name.trim()
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1))
    })
}
