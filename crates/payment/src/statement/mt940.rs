//! SWIFT MT940, customer statement message: fields 20, 25, 28C, 60, 61, 86, 62 with or without the blocks around them.
//! Pages (60M, 62M) are put together, and each must go on where the one before ended.
//! Source: SWIFT Standards MT, category 9. Other fields (64, 65, 90) say nothing that the lines do not.

use super::amount::{AmountError, Thousands};
use super::check::{Draft, finish};
use super::encoding::{Encoding, decode};
use super::fault::{Faults, StatementError, What, quoted};
use super::{Direction, LINES_MAX, Line, Statement, TEXT_CHARS_MAX};
use kernel::{Date, Dong};

/// What a bank writes that gives no reference of its own.
const NO_REFERENCE: &str = "NONREF";

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Statement>, StatementError> {
    let text = decode(bytes, Encoding::Utf8)?;
    let mut reading = Reading::default();
    each_field(&text, |field| {
        reading.field(field);
        // Of all statements of the file together, and statements without a line count too.
        if reading.held > LINES_MAX {
            return Err(StatementError::TooManyLines { lines_max: LINES_MAX });
        }
        Ok(())
    })?;
    reading.finish()
}

/// A field: its tag, where it begins, and its lines.
struct Field<'t> {
    tag: &'t str,
    number: u64,
    lines: Vec<&'t str>,
}

/// The fields of the text, one after the other. Headers and trailers of blocks (`{1:…}`, `-}`) end a field and are none.
fn each_field<'t>(
    text: &'t str,
    mut take: impl FnMut(&Field<'t>) -> Result<(), StatementError>,
) -> Result<(), StatementError> {
    let mut last: Option<Field<'t>> = None;
    let mut open = false;
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim_end();
        let line = line.rsplit_once("{4:").map_or(line, |(_, rest)| rest);
        if line.is_empty() || line.starts_with('{') || line == "-" || line.starts_with("-}") {
            open = false;
        } else if let Some((tag, content)) = tagged(line) {
            if let Some(field) = last.take() {
                take(&field)?;
            }
            let lines = vec![content];
            last = Some(Field { tag, number, lines });
            open = true;
        } else if let (true, Some(field)) = (open, &mut last) {
            // Each line has a letter at least: one more than this, and the text is too long already.
            if field.lines.len() <= TEXT_CHARS_MAX {
                field.lines.push(line);
            }
        }
    }
    last.map_or(Ok(()), |field| take(&field))
}

fn tagged(line: &str) -> Option<(&str, &str)> {
    let (tag, content) = line.strip_prefix(':')?.split_once(':')?;
    let digits = tag.len() >= 2 && tag.bytes().take(2).all(|b| b.is_ascii_digit());
    (digits && tag.len() <= 3 && tag.bytes().skip(2).all(|b| b.is_ascii_uppercase())).then_some((tag, content))
}

#[derive(Default)]
struct Reading {
    draft: Option<Draft>,
    /// The closing balance of the page before, while a statement goes on.
    page: Option<Dong>,
    statements: Vec<Draft>,
    /// Statements and lines so far.
    held: usize,
    faults: Faults,
}

impl Reading {
    fn field(&mut self, field: &Field<'_>) {
        let of_a_statement = matches!(field.tag, "25" | "25P" | "60F" | "60M" | "61" | "62F" | "62M");
        if of_a_statement && self.draft.is_none() {
            self.faults.at(field.number, What::Missing(":20: before this field"));
            return;
        }
        match field.tag {
            "20" if self.page.is_none() => {
                self.close(Some(field.number));
                self.held += 1;
                self.draft = Some(Draft::default());
            }
            "25" | "25P" => self.account(field),
            "60F" | "60M" => self.opening(field),
            "61" => self.line(field),
            "86" => self.information(field),
            "62F" | "62M" => self.closing(field),
            _ => {}
        }
    }

    /// Ends the statement that is open, if one is.
    fn close(&mut self, number: Option<u64>) {
        let Some(draft) = self.draft.take() else { return };
        for (what, missing) in [
            (":25: (account)", draft.account.is_empty()),
            (":60F: (opening balance)", draft.opening.is_none()),
            (":62F: (closing balance)", draft.closing.is_none()),
        ] {
            if missing {
                self.faults.push(number, What::Missing(what));
            }
        }
        self.statements.push(draft);
    }

    fn finish(mut self) -> Result<Vec<Statement>, StatementError> {
        if self.page.is_some() {
            self.faults.push(None, What::PageGap);
        }
        self.close(None);
        if self.statements.is_empty() {
            let why = "there is no field :20: at the start of a line".to_owned();
            return Err(StatementError::NotOfFormat { format: "MT940", why });
        }
        let drafts = self.faults.or(self.statements)?;
        drafts
            .into_iter()
            .map(|draft| finish(draft, Faults::default()))
            .collect()
    }

    fn account(&mut self, field: &Field<'_>) {
        let Some(draft) = &mut self.draft else { return };
        // BANKBIC/account, account, or account with the currency behind it.
        let last = field.lines[0].rsplit('/').next().unwrap_or_default().trim();
        let account = last.strip_suffix("VND").map_or(last, str::trim_end);
        if self.page.is_some() && draft.account != account {
            self.faults.at(field.number, What::PageGap);
        }
        account.clone_into(&mut draft.account);
    }

    fn opening(&mut self, field: &Field<'_>) {
        let Some((day, balance)) = self.balance(field) else {
            return;
        };
        let page = self.page.take();
        let Some(draft) = &mut self.draft else { return };
        match page {
            Some(before) if before != balance => self.faults.at(field.number, What::PageGap),
            Some(_) => {}
            None => {
                draft.opening = Some(balance);
                draft.period = Some((day, day));
            }
        }
    }

    fn closing(&mut self, field: &Field<'_>) {
        let Some((day, balance)) = self.balance(field) else {
            return;
        };
        let Some(draft) = &mut self.draft else { return };
        if field.tag == "62M" {
            self.page = Some(balance);
        } else {
            draft.closing = Some(balance);
            draft.period = Some(
                draft
                    .period
                    .map_or((day, day), |(from, to)| (from.min(day), to.max(day))),
            );
        }
    }

    /// `C250701VND1000000,`: mark, day, currency, amount.
    fn balance(&mut self, field: &Field<'_>) -> Option<(Date, Dong)> {
        let text = field.lines[0].trim();
        let parts = (
            text.get(..1),
            text.get(1..7).and_then(day_of),
            text.get(7..10),
            text.get(10..),
        );
        let (Some(mark @ ("C" | "D")), Some(day), Some(currency), Some(amount)) = parts else {
            self.faults.at(field.number, What::Malformed("the balance"));
            return None;
        };
        if currency != "VND" {
            self.faults.at(field.number, What::Currency(quoted(currency)));
            return None;
        }
        let amount = self.amount(field.number, amount)?;
        Some((day, if mark == "C" { amount } else { Dong::new(-amount.get()) }))
    }

    fn line(&mut self, field: &Field<'_>) {
        let Some(parsed) = statement_line(field.lines[0]) else {
            self.faults.at(field.number, What::Malformed(":61:"));
            return;
        };
        let Some(amount) = self.amount(field.number, parsed.amount) else {
            return;
        };
        if amount.is_zero() {
            self.faults.at(field.number, What::NoAmount);
            return;
        }
        let Some(draft) = &mut self.draft else { return };
        let text = field.lines[1..].join(" ");
        if text.chars().count() > TEXT_CHARS_MAX {
            self.faults.at(field.number, What::TextTooLong(TEXT_CHARS_MAX));
            return;
        }
        let line = Line {
            number: field.number,
            booked_on: parsed.booked_on,
            amount,
            direction: parsed.direction,
            counterparty: None,
            text,
            bank_reference: parsed.bank_reference.map(str::to_owned),
        };
        draft.lines.push((line, None));
        self.held += 1;
    }

    fn amount(&mut self, number: u64, text: &str) -> Option<Dong> {
        let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b',') && text.contains(',');
        let read = if digits {
            Thousands::None.parse(text)
        } else {
            Err(AmountError::Form)
        };
        match read {
            Ok(dong) => Some(dong),
            Err(AmountError::NotWhole) => {
                self.faults.at(number, What::NotWhole(quoted(text)));
                None
            }
            Err(AmountError::Form) => {
                self.faults.at(number, What::Amount(quoted(text)));
                None
            }
        }
    }

    /// Field 86 belongs to the line before it. After the closing balance it speaks of the whole, which nobody needs.
    fn information(&mut self, field: &Field<'_>) {
        let Some(draft) = self.draft.as_mut().filter(|draft| draft.closing.is_none()) else {
            return;
        };
        let Some((line, _)) = draft.lines.last_mut() else {
            return;
        };
        let (text, counterparty) = information(&field.lines);
        if text.chars().count() > TEXT_CHARS_MAX {
            self.faults.at(field.number, What::TextTooLong(TEXT_CHARS_MAX));
            return;
        }
        line.text = text;
        line.counterparty = counterparty;
    }
}

struct StatementLine<'t> {
    booked_on: Date,
    direction: Direction,
    amount: &'t str,
    bank_reference: Option<&'t str>,
}

/// `2507010702CD150000,NTRFcustomer//bank`: value day, entry day, mark, amount, type, references.
fn statement_line(text: &str) -> Option<StatementLine<'_>> {
    let value = day_of(text.get(..6)?)?;
    let mut rest = &text[6..];
    let mut booked_on = value;
    if let Some(entry) = rest.get(..4).filter(|entry| entry.bytes().all(|b| b.is_ascii_digit())) {
        booked_on = near(value, entry)?;
        rest = &rest[4..];
    }
    let marks = [
        ("RC", Direction::Out),
        ("RD", Direction::In),
        ("C", Direction::In),
        ("D", Direction::Out),
    ];
    let (direction, behind) = marks
        .iter()
        .find_map(|(mark, direction)| rest.strip_prefix(mark).map(|behind| (*direction, behind)))?;
    // The third letter of the currency may follow the mark.
    let behind = behind.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(behind);
    let end = behind.find(|c: char| !(c.is_ascii_digit() || c == ','))?;
    let (amount, behind) = behind.split_at(end);
    let kind = behind.get(..4).filter(|kind| kind.starts_with(['N', 'F', 'S']))?;
    let references = &behind[kind.len()..];
    let (customer, bank) = references.split_once("//").unwrap_or((references, ""));
    let given = |text: &&str| !text.trim().is_empty() && text.trim() != NO_REFERENCE;
    let bank_reference = Some(bank)
        .filter(given)
        .or_else(|| Some(customer).filter(given))
        .map(str::trim);
    Some(StatementLine {
        booked_on,
        direction,
        amount,
        bank_reference,
    })
}

/// `yymmdd`, of this century.
fn day_of(text: &str) -> Option<Date> {
    if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text[range].parse::<i8>().ok();
    Date::new(2000 + i16::from(part(0..2)?), part(2..4)?, part(4..6)?).ok()
}

/// The day `mmdd` that lies nearest to `value`: an entry of 2 January may have a value day in December.
fn near(value: Date, month_and_day: &str) -> Option<Date> {
    let (month, day) = (month_and_day[..2].parse().ok()?, month_and_day[2..].parse().ok()?);
    let years = [value.year() - 1, value.year(), value.year() + 1];
    let days = years.into_iter().filter_map(|year| Date::new(year, month, day).ok());
    days.min_by_key(|day| value.until(*day).map_or(i32::MAX, |span| span.get_days().abs()))
}

/// The text and the counterparty of field 86: plain, or in sub-fields (`?20…`, `?32…`) as many banks write it.
fn information(lines: &[&str]) -> (String, Option<String>) {
    let joined = lines.concat();
    let structured = joined
        .get(..4)
        .is_some_and(|head| head.ends_with('?') && head[..3].bytes().all(|b| b.is_ascii_digit()));
    if !structured {
        return (lines.join(" ").trim().to_owned(), None);
    }
    let (mut text, mut name) = (String::new(), String::new());
    for part in joined[4..].split('?') {
        let (Some(tag), Some(value)) = (part.get(..2), part.get(2..)) else {
            continue;
        };
        match tag.parse::<u8>() {
            Ok(20..=29 | 60..=63) => text.push_str(value),
            Ok(32 | 33) => name.push_str(value),
            _ => {}
        }
    }
    (
        text.trim().to_owned(),
        Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
    )
}
