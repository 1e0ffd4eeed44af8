//! Fees and charges, in the words of the portal's table and of the nested form.
//! "Miễn phí" is what the portal shows when no amount was entered, so it counts as free only where the words beside it do not
//! name a fee. Refuses foreign money and amounts that cannot be: those stay words.

use kernel::Dong;

use super::channels::NOTHING;
use super::report::{Notes, SourceField};
use super::text::{bracketed, clean, denies, leading_digits, paragraphs};
use crate::procedure::Fee;

const FREE: &str = "Miễn phí";

const MONEY_UNITS: [&str; 4] = ["Việt Nam Đồng", "VNĐ", "Đồng", "đồng"];

/// Amounts below are slips of the source ("100 VNĐ" for 100.000 đồng); they count when the words give the amount in full.
const CREDIBLE_MIN: Dong = Dong::new(500);

pub(super) fn number_at(text: &str) -> &str {
    let end = text
        .bytes()
        .position(|byte| !(byte.is_ascii_digit() || byte == b',' || byte == b'.'))
        .unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        &text[..end]
    } else {
        ""
    }
}

pub(super) fn starts_fees(text: &str) -> bool {
    text.starts_with(FREE) || text.starts_with(NOTHING) || amount_at(text).is_some()
}

/// A number and a unit of money: the number, the unit and what follows.
fn amount_at(text: &str) -> Option<(&str, &str, &str)> {
    let number = number_at(text);
    let rest = text[number.len()..].strip_prefix(' ').filter(|_| !number.is_empty())?;
    let unit = money_unit(rest)?;
    Some((number, unit, &rest[unit.len()..]))
}

pub(super) fn money_unit(text: &str) -> Option<&str> {
    if let Some(unit) = MONEY_UNITS.iter().find(|unit| text.starts_with(**unit)) {
        return Some(&text[..unit.len()]);
    }
    let code = text.get(..3)?;
    let alone = !text[3..].starts_with(|c: char| c.is_alphanumeric());
    (alone && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(code)
}

/// Whether the words name the amount in thousands: "135 VNĐ(Lệ phí: 135.000 đồng/lần)".
pub(super) fn says_thousands(words: &str, amount: &str) -> bool {
    words.match_indices(amount).any(|(at, _)| {
        let alone = super::text::char_before(words, at).is_none_or(|before| !before.is_ascii_digit() && before != '.');
        let tail = &words[at + amount.len()..];
        let thousands = tail
            .strip_prefix(['.', ','])
            .is_some_and(|rest| leading_digits(rest) == "000");
        alone && thousands && !tail[4..].starts_with(['.', ','])
    })
}

/// The fees at the start of `text`, and the remark after them.
pub(super) fn fees<'a>(text: &'a str, notes: &mut Notes<'_>) -> (Vec<Fee>, &'a str) {
    let mut fees = Vec::new();
    let mut rest = text;
    let mut nothing = true;
    loop {
        let (amount, after) = if let Some(after) = rest.strip_prefix(NOTHING).filter(|_| nothing && fees.is_empty()) {
            nothing = false;
            rest = after;
            continue;
        } else if let Some(after) = rest.strip_prefix(FREE) {
            (None, after)
        } else if let Some((number, unit, after)) = amount_at(rest) {
            (Some((number, unit)), after)
        } else {
            break;
        };
        let (words, after) = bracketed(after).unwrap_or(("", after));
        fees.push(fee(amount, words, notes));
        rest = after;
    }
    if fees.is_empty() {
        notes.absent(SourceField::Fees);
    }
    (fees, rest)
}

/// One fee; `amount` is `None` for "Miễn phí".
fn fee(amount: Option<(&str, &str)>, words: &str, notes: &mut Notes<'_>) -> Fee {
    let inner = bracketed(words.trim())
        .filter(|(_, after)| after.trim().is_empty())
        .map_or(words, |(inner, _)| inner);
    let words = paragraphs(inner).join("\n");
    let Some((number, unit)) = amount else {
        return free(words, notes);
    };
    let is_dong = MONEY_UNITS.contains(&unit);
    match Dong::parse_text(number) {
        Ok(amount) if is_dong && amount >= CREDIBLE_MIN => {
            notes.read(SourceField::Fees);
            Fee {
                amount: Some(amount),
                text: words,
            }
        }
        Ok(amount) if is_dong && says_thousands(&words, number) => {
            notes.read(SourceField::Fees);
            Fee {
                amount: amount.checked_mul(1_000),
                text: words,
            }
        }
        _ => {
            let reason = if is_dong {
                "not a credible amount of đồng"
            } else {
                "not in đồng"
            };
            let text = clean(&format!("{number} {unit} {words}"));
            notes.unread(SourceField::Fees, reason, &text);
            Fee { amount: None, text }
        }
    }
}

/// "Miễn phí" is what the portal shows when no amount was entered; words beside it often say that there is one.
fn free(words: String, notes: &mut Notes<'_>) -> Fee {
    let folded = kernel::fold::fold(&words);
    let inner = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_free = denies(&words)
        || [
            "khong thu",
            "khong phai nop",
            "khong mat phi",
            "mien le phi",
            "mien phi",
            "khong quy dinh",
        ]
        .iter()
        .any(|start| inner.starts_with(start));
    // "Miễn lệ phí cho người …" frees some people only.
    let for_some = inner.starts_with("mien") && (inner.contains(" cho ") || inner.contains("doi voi"));
    if is_free && !for_some {
        notes.read(SourceField::Fees);
        let text = if denies(&words) { String::new() } else { words };
        return Fee {
            amount: Some(Dong::ZERO),
            text,
        };
    }
    notes.unread(SourceField::Fees, "free by the table, not by its words", &words);
    Fee {
        amount: None,
        text: words,
    }
}

/// Fees of the nested form, one a line: `Phí : 2.000.000 Đồng (Thẩm định …)`.
pub(super) fn nested_fees(text: &str, notes: &mut Notes<'_>) -> Vec<Fee> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("File đính kèm"));
    let fees: Vec<Fee> = lines.map(|line| nested_fee(line, notes)).collect();
    if fees.is_empty() {
        notes.absent(SourceField::Fees);
    }
    fees
}

fn nested_fee(line: &str, notes: &mut Notes<'_>) -> Fee {
    let value = line.split_once(':').map_or(line, |(_, value)| value).trim();
    let (amount, words) = match value.find('(') {
        Some(at) => (
            value[..at].trim(),
            bracketed(&value[at..]).map_or(&value[at + 1..], |(words, _)| words),
        ),
        None => (value, ""),
    };
    let number = amount.strip_suffix("Đồng").unwrap_or(amount).trim();
    let zero = matches!(kernel::fold::fold(number).as_str(), "0" | "khong" | "o");
    let amount_read = if zero { Ok(Dong::ZERO) } else { Dong::parse_text(number) };
    match amount_read {
        Ok(amount) if amount.is_zero() && words.is_empty() || amount >= CREDIBLE_MIN => {
            notes.read(SourceField::Fees);
            Fee {
                amount: Some(amount),
                text: clean(words),
            }
        }
        _ => {
            notes.unread(SourceField::Fees, "not an amount of đồng", line);
            let shown = if number.is_empty() {
                words.to_owned()
            } else {
                format!("{amount} {words}")
            };
            Fee {
                amount: None,
                text: clean(&shown),
            }
        }
    }
}
