//! ISO 20022 camt.053, bank-to-customer statement, versions 02 to 13: `Stmt` with balances and entries. Only booked
//! entries count; an entry of several transactions becomes a line each when their amounts add up to it.
//! The schema's other two hundred elements are passed over. Entities and document types are refused.

use super::amount::{AmountError, Thousands};
use super::check::{Draft, finish};
use super::encoding::{Encoding, decode};
use super::fault::{Faults, StatementError, What, quoted};
use super::xml::{Item, Node, walk};
use super::{Direction, LINES_MAX, Line, Statement, TEXT_CHARS_MAX};
use kernel::{Date, Dong};

const FORMAT: &str = "camt.053";
/// The elements that are looked at whole.
const CHOSEN: &[&str] = &["Acct", "FrToDt", "Bal", "Ntry"];
/// References that say that there is none.
const NO_REFERENCE: &[&str] = &["NOTPROVIDED", "NONREF"];

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Statement>, StatementError> {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let text = decode(bytes, if utf16 { Encoding::Utf16 } else { Encoding::Utf8 })?;
    let mut lines = LineCounter {
        text: text.as_bytes(),
        at: 0,
        line: 1,
    };
    let mut reading = Reading::default();
    walk(text.as_bytes(), FORMAT, CHOSEN, |at, item| {
        let number = lines.line_at(at);
        match item {
            Item::Enter(name) if name == "Stmt" => reading.begin(),
            Item::Leave(name) if name == "Stmt" => reading.end(),
            Item::Tree(node) => reading.tree(number, &node),
            Item::Enter(_) | Item::Leave(_) => {}
        }
        // Of all statements of the file together, and statements without a line count too.
        if reading.held > LINES_MAX {
            return Err(StatementError::TooManyLines { lines_max: LINES_MAX });
        }
        Ok(())
    })?;
    reading.finish()
}

/// The line of a byte, for bytes that only grow.
struct LineCounter<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl LineCounter<'_> {
    fn line_at(&mut self, byte: u64) -> u64 {
        let to = usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        if to > self.at {
            let newlines = self.text[self.at..to].iter().filter(|byte| **byte == b'\n').count();
            self.line += u64::try_from(newlines).unwrap_or_default();
            self.at = to;
        }
        self.line
    }
}

#[derive(Default)]
struct Reading {
    draft: Option<Draft>,
    opening_is_exact: bool,
    /// Statements and lines so far.
    held: usize,
    drafts: Vec<Draft>,
    faults: Faults,
}

impl Reading {
    fn begin(&mut self) {
        self.draft = Some(Draft::default());
        self.held += 1;
        self.opening_is_exact = false;
    }

    fn end(&mut self) {
        let Some(draft) = self.draft.take() else { return };
        for (what, missing) in [
            ("Stmt/Acct/Id", draft.account.is_empty()),
            ("the opening balance (OPBD or PRCD)", draft.opening.is_none()),
            ("the closing balance (CLBD)", draft.closing.is_none()),
        ] {
            if missing {
                self.faults.push(None, What::Missing(what));
            }
        }
        self.drafts.push(draft);
    }

    fn finish(self) -> Result<Vec<Statement>, StatementError> {
        if self.drafts.is_empty() {
            let why = "there is no BkToCstmrStmt/Stmt in it".to_owned();
            return Err(StatementError::NotOfFormat { format: FORMAT, why });
        }
        let drafts = self.faults.or(self.drafts)?;
        drafts
            .into_iter()
            .map(|draft| finish(draft, Faults::default()))
            .collect()
    }

    fn tree(&mut self, number: u64, node: &Node) {
        let Some(mut draft) = self.draft.take() else { return };
        match node.name.as_str() {
            "Acct" => draft.account = account(node).unwrap_or_default().to_owned(),
            "FrToDt" => draft.period = self.period(number, node),
            "Bal" => self.balance(number, node, &mut draft),
            _ => self.entry(number, node, &mut draft),
        }
        self.draft = Some(draft);
    }

    fn period(&mut self, number: u64, node: &Node) -> Option<(Date, Date)> {
        let day = |names: [&str; 2]| names.iter().find_map(|name| node.text_at(&[name])).and_then(day_of);
        let period = day(["FrDt", "FrDtTm"]).zip(day(["ToDt", "ToDtTm"]));
        if period.is_none() {
            self.faults.at(number, What::Malformed("FrToDt"));
        }
        period
    }

    /// Takes the balances that bound the statement. The opening one (OPBD) goes before the last of before (PRCD).
    fn balance(&mut self, number: u64, node: &Node, draft: &mut Draft) {
        let Some(code) = node.text_at(&["Tp", "CdOrPrtry", "Cd"]) else {
            return;
        };
        if !matches!(code, "OPBD" | "PRCD" | "CLBD") || (code == "PRCD" && self.opening_is_exact) {
            return;
        }
        let Some((amount, direction)) = self.amount(number, node) else {
            return;
        };
        let signed = if direction == Direction::In {
            amount
        } else {
            Dong::new(-amount.get())
        };
        match code {
            "CLBD" => draft.closing = Some(signed),
            _ => {
                self.opening_is_exact = code == "OPBD";
                draft.opening = Some(signed);
            }
        }
    }

    fn entry(&mut self, number: u64, node: &Node, draft: &mut Draft) {
        let status = node.text_at(&["Sts", "Cd"]).or_else(|| node.text_at(&["Sts"]));
        if status.is_some_and(|status| status != "BOOK") {
            return;
        }
        let booked = ["BookgDt", "ValDt"].iter().find_map(|name| node.child(name));
        let day = booked
            .and_then(|date| date.text_at(&["Dt"]).or_else(|| date.text_at(&["DtTm"])))
            .and_then(day_of);
        let amount = self.amount(number, node);
        if day.is_none() {
            self.faults.at(number, What::Missing("BookgDt"));
        }
        let (Some(booked_on), Some((amount, direction))) = (day, amount) else {
            return;
        };
        if amount.is_zero() {
            self.faults.at(number, What::NoAmount);
            return;
        }
        let line = |amount, details: Option<&Node>| Line {
            number,
            booked_on,
            amount,
            direction,
            counterparty: details.and_then(|details| counterparty(details, direction)),
            text: text(node, details),
            bank_reference: reference(node, details),
        };
        let details: Vec<&Node> = node.all("NtryDtls").flat_map(|all| all.all("TxDtls")).collect();
        let lines: Vec<Line> = match parts(&details, amount) {
            Some(parts) => parts
                .into_iter()
                .zip(&details)
                .map(|(part, one)| line(part, Some(one)))
                .collect(),
            None => vec![line(amount, details.first().copied())],
        };
        if lines.iter().any(|line| line.text.chars().count() > TEXT_CHARS_MAX) {
            self.faults.at(number, What::TextTooLong(TEXT_CHARS_MAX));
        }
        self.held += lines.len();
        draft.lines.extend(lines.into_iter().map(|line| (line, None)));
    }

    /// `Amt` and `CdtDbtInd`; a reversal (`RvslInd`) already carries the direction of the money.
    fn amount(&mut self, number: u64, node: &Node) -> Option<(Dong, Direction)> {
        let Some(amount) = node.child("Amt") else {
            self.faults.at(number, What::Missing("Amt"));
            return None;
        };
        let currency = amount.attribute("Ccy").unwrap_or_default();
        if currency != "VND" {
            self.faults.at(number, What::Currency(quoted(currency)));
            return None;
        }
        let direction = match node.text_at(&["CdtDbtInd"]) {
            Some("CRDT") => Direction::In,
            Some("DBIT") => Direction::Out,
            _ => {
                self.faults.at(number, What::Malformed("CdtDbtInd"));
                return None;
            }
        };
        match positive(&amount.text) {
            Ok(dong) => Some((dong, direction)),
            Err(AmountError::NotWhole) => {
                self.faults.at(number, What::NotWhole(quoted(&amount.text)));
                None
            }
            Err(AmountError::Form) => {
                self.faults.at(number, What::Amount(quoted(&amount.text)));
                None
            }
        }
    }
}

fn positive(text: &str) -> Result<Dong, AmountError> {
    let dong = Thousands::None.parse(text)?;
    if dong < Dong::ZERO {
        Err(AmountError::Form)
    } else {
        Ok(dong)
    }
}

fn account(node: &Node) -> Option<&str> {
    node.text_at(&["Id", "Othr", "Id"])
        .or_else(|| node.text_at(&["Id", "IBAN"]))
}

/// The day of a date or of a date with time; the clock of the bank is Vietnam's.
fn day_of(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// The amounts of several transactions, when each has one and they add up to the entry.
fn parts(details: &[&Node], amount: Dong) -> Option<Vec<Dong>> {
    if details.len() < 2 {
        return None;
    }
    let of = |node: &&Node| {
        let amount = node.child("Amt").or_else(|| node.at(&["AmtDtls", "TxAmt", "Amt"]))?;
        positive(&amount.text)
            .ok()
            .filter(|dong| amount.attribute("Ccy") == Some("VND") && !dong.is_zero())
    };
    let parts: Vec<Dong> = details.iter().map(of).collect::<Option<_>>()?;
    let sum = parts.iter().try_fold(Dong::ZERO, |sum, part| sum.checked_add(*part))?;
    (sum == amount).then_some(parts)
}

fn counterparty(details: &Node, direction: Direction) -> Option<String> {
    let role = if direction == Direction::In { "Dbtr" } else { "Cdtr" };
    let party = details.at(&["RltdPties", role])?;
    party
        .text_at(&["Nm"])
        .or_else(|| party.text_at(&["Pty", "Nm"]))
        .map(str::to_owned)
}

fn text(entry: &Node, details: Option<&Node>) -> String {
    let remittance = details.and_then(|details| details.child("RmtInf"));
    let words: Vec<&str> = remittance
        .into_iter()
        .flat_map(|info| info.all("Ustrd"))
        .map(|one| one.text.trim())
        .collect();
    if !words.is_empty() {
        return words.join(" ");
    }
    let other = details.and_then(|details| details.text_at(&["AddtlTxInf"]));
    other
        .or_else(|| entry.text_at(&["AddtlNtryInf"]))
        .unwrap_or_default()
        .to_owned()
}

/// The bank's own reference, of the transaction before that of the entry.
fn reference(entry: &Node, details: Option<&Node>) -> Option<String> {
    let of_details = details.and_then(|details| details.text_at(&["Refs", "AcctSvcrRef"]));
    let found = of_details
        .or_else(|| entry.text_at(&["AcctSvcrRef"]))
        .or_else(|| entry.text_at(&["NtryRef"]));
    found.filter(|text| !NO_REFERENCE.contains(text)).map(str::to_owned)
}
