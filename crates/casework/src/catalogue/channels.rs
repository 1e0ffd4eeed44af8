//! Ways of filing with time limit and fees, out of a table that was run together into text:
//! `Trực tuyến5 Ngày làm việc10 USD(/lần)Dịch vụ bưu chính5 Ngày làm việcMiễn phí…`.
//! A row starts where the word of a channel is followed, without a space, by a cell of time and a cell of fees; remarks that
//! mention a channel are not followed by these.

use kernel::calendar::TimeLimit;

use super::fees::{fees, money_unit, number_at, says_thousands, starts_fees};
use super::report::{Notes, SourceField};
use super::text::{bracketed, clean, denies, floor_boundary, leading_digits, paragraphs, said};
use crate::procedure::{Channel, ChannelKind};

const HEAD: &str = "Hình thức nộpThời gianPhí, lệ phíMô tả";
/// What the portal shows in an empty cell.
pub(super) const NOTHING: &str = "Không có thông tin";

const KINDS: [(&str, ChannelKind); 3] = [
    ("Trực tuyến", ChannelKind::Online),
    ("Trực tiếp", ChannelKind::Desk),
    ("Dịch vụ bưu chính", ChannelKind::Post),
];

/// Units of time that the portal writes; the longer of two that start alike comes first.
const TIME_UNITS: [&str; 7] = ["Ngày làm việc", "Ngày", "Giờ làm việc", "Giờ", "Tháng", "Năm", "Tuần"];

/// Longest time given in free words, in bytes.
const FREE_TIME_BYTES: usize = 200;

/// The kind of a channel by its whole name.
pub(super) fn kind_of(name: &str) -> Option<ChannelKind> {
    KINDS
        .iter()
        .find(|(word, _)| *word == name.trim())
        .map(|(_, kind)| *kind)
}

/// One row, cut into its cells.
struct Row<'a> {
    kind: ChannelKind,
    time: &'a str,
    /// Fees, then the remark.
    rest: &'a str,
}

/// Reads the table. `steps` is the text of the procedure in which the unit of a bare number may be found.
pub(super) fn read(table: &str, steps: &str, notes: &mut Notes<'_>) -> Vec<Channel> {
    let table = table.trim();
    if said(table).is_empty() {
        notes.absent(SourceField::Channels);
        return Vec::new();
    }
    let Some(body) = table.strip_prefix(HEAD) else {
        notes.unread(SourceField::Channels, "no table of channels", table);
        return Vec::new();
    };
    let rows = rows(body);
    if rows.is_empty() {
        if body.trim().is_empty() {
            notes.absent(SourceField::Channels);
        } else {
            notes.unread(SourceField::Channels, "no row of the table can be told apart", body);
        }
    }
    rows.iter().map(|row| channel(row, steps, notes)).collect()
}

fn channel(row: &Row<'_>, steps: &str, notes: &mut Notes<'_>) -> Channel {
    notes.read(SourceField::Channels);
    let (fees, remark) = fees(row.rest, notes);
    let note = paragraphs(remark).join("\n");
    let (time, time_text) = time(row.time, &[&note, steps], notes);
    Channel {
        kind: row.kind,
        time,
        time_text,
        fees,
        note,
    }
}

/// All rows; what stands before the first is lost, which only a damaged table has.
fn rows(body: &str) -> Vec<Row<'_>> {
    let mut starts: Vec<(usize, ChannelKind, usize, usize)> = Vec::new();
    for (word, kind) in KINDS {
        for (at, _) in body.match_indices(word) {
            let cells = at + word.len();
            if let Some(time_len) = time_cell(&body[cells..]) {
                starts.push((at, kind, cells, cells + time_len));
            }
        }
    }
    starts.sort_unstable_by_key(|start| start.0);
    let ends: Vec<usize> = starts.iter().skip(1).map(|start| start.0).chain([body.len()]).collect();
    let with_ends = starts.into_iter().zip(ends);
    with_ends
        .filter(|((_, _, _, fees), end)| fees <= end)
        .map(|((_, kind, time, fees), end)| Row {
            kind,
            time: &body[time..fees],
            rest: &body[fees..end],
        })
        .collect()
}

/// The length of the cell of time at the start of `text`, when a cell of fees follows it.
fn time_cell(text: &str) -> Option<usize> {
    if let Some(rest) = text.strip_prefix(NOTHING) {
        return starts_fees(rest).then_some(NOTHING.len());
    }
    let number = number_at(text);
    if !number.is_empty() {
        let rest = &text[number.len()..];
        if let Some(spaced) = rest.strip_prefix(' ') {
            if let Some(unit) = TIME_UNITS.iter().find(|unit| spaced.starts_with(**unit)) {
                let len = number.len() + 1 + unit.len();
                return starts_fees(&text[len..]).then_some(len);
            }
            // A bare number run together with an amount: "1100,000 VNĐ".
            let unit = money_unit(spaced)?;
            let words = bracketed(&spaced[unit.len()..]).map_or("", |(words, _)| words);
            return Some(split_bare(number, words));
        }
        return starts_fees(rest).then_some(number.len());
    }
    free_time(text)
}

/// A time in words: up to where the fees start, if that is near.
fn free_time(text: &str) -> Option<usize> {
    if !text.chars().next().is_some_and(char::is_uppercase) {
        return None;
    }
    let near = &text[..floor_boundary(text, FREE_TIME_BYTES)];
    let end = near
        .char_indices()
        .map(|(at, _)| at)
        .find(|at| starts_fees(&text[*at..]))?;
    (end > 0 && !near[..end].contains([':', '\n'])).then_some(end)
}

/// Where a bare number ends and an amount begins. When there are several ways to cut them, the words behind the amount may
/// tell; else all of it counts as the amount, which will not be credible.
fn split_bare(number: &str, words: &str) -> usize {
    let cuts: Vec<usize> = (1..number.len())
        .filter(|cut| {
            let (time, amount) = number.split_at(*cut);
            let first = amount.split([',', '.']).next().unwrap_or_default();
            let is_amount =
                (1..=3).contains(&first.len()) && !first.starts_with('0') && kernel::Dong::parse_text(amount).is_ok();
            is_amount && time.bytes().all(|byte| byte.is_ascii_digit())
        })
        .collect();
    match cuts[..] {
        [only] => only,
        _ => cuts
            .into_iter()
            .find(|cut| says_thousands(words, &number[*cut..]))
            .unwrap_or(0),
    }
}

/// The time limit, or the words that are none.
pub(super) fn time(cell: &str, context: &[&str], notes: &mut Notes<'_>) -> (Option<TimeLimit>, String) {
    let cell = said(cell);
    if cell.is_empty() {
        notes.absent(SourceField::Time);
        return (None, String::new());
    }
    if let Ok(limit) = TimeLimit::parse_vi(cell) {
        // Zero days is the portal's way of leaving the cell empty.
        if limit.number() > 0 {
            notes.read(SourceField::Time);
            return (Some(limit), String::new());
        }
    }
    if let Some(limit) = working_hours(cell, context) {
        notes.read(SourceField::Time);
        return (Some(limit), String::new());
    }
    if let Some(limit) = unit_in_context(cell, context) {
        notes.read(SourceField::Time);
        return (
            Some(limit),
            format!("{} (đơn vị theo trình tự thực hiện)", limit.text(kernel::Lang::Vi)),
        );
    }
    let bare = leading_digits(cell).len() == cell.len();
    if denies(cell) {
        notes.absent(SourceField::Time);
    } else {
        let reason = if bare {
            "the time limit has no unit"
        } else {
            "the time limit is no number of days, months or working hours"
        };
        notes.unread(SourceField::Time, reason, cell);
    }
    // A bare number without its unit would only mislead a reader.
    (None, if bare { String::new() } else { clean(cell) })
}

/// "8 Giờ" is eight working hours when the procedure's own words say so; the portal's table has no such unit.
fn working_hours(cell: &str, context: &[&str]) -> Option<TimeLimit> {
    let number: u32 = cell.strip_suffix(" Giờ")?.parse().ok().filter(|number| *number > 0)?;
    let mut mentions = context
        .iter()
        .flat_map(|text| text.match_indices(" giờ làm việc").map(move |(at, _)| (text, at)));
    let said = mentions.any(|(text, at)| super::text::digits_before(text, at).parse() == Ok(number));
    said.then_some(TimeLimit::WorkingHours(number))
}

/// The unit of a bare number of at least two, when the procedure's own words name that many working days and nowhere that
/// many plain ones.
fn unit_in_context(cell: &str, context: &[&str]) -> Option<TimeLimit> {
    let number: u32 = cell.parse().ok().filter(|number| (2..=365).contains(number))?;
    let mut working = false;
    for text in context {
        for (at, _) in text.match_indices(" ngày") {
            let digits = super::text::digits_before(text, at);
            if digits.parse() == Ok(number) {
                if !text[at..].starts_with(" ngày làm việc") {
                    return None;
                }
                working = true;
            }
        }
    }
    working.then_some(TimeLimit::WorkingDays(number))
}
