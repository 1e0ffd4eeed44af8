//! Legal grounds, out of a table that was run together into text: title, number, title, number …
//! A number such as `22/2023/TT-BCA` ends a row when the next cell follows without a space. Where the letters of the number end
//! and those of the next title begin is told by the list of agencies that issue norms.

use super::report::{Notes, SourceField};
use super::text::{char_before, clean, leading_digits, said};
use crate::procedure::LegalBasis;

const HEAD: &str = "Tên văn bản pháp lýMã văn bản";

/// Agencies in numbers of legal documents (NĐ 30/2020/NĐ-CP, phụ lục), the longer of two that start alike first.
const AGENCIES: [&str; 47] = [
    "BNNPTNT",
    "BNN&PTNT",
    "BNNMT",
    "BNN",
    "BTNMT",
    "BGTVT",
    "BGDĐT",
    "BLĐTBXH",
    "BLĐ-TBXH",
    "BLDTBXH",
    "BLĐTB&XH",
    "BVHTTDL",
    "BVHTT",
    "BKHĐT",
    "BKHCN",
    "BTTTT",
    "BDTTG",
    "BTCCBCP",
    "BTC",
    "BCA",
    "BTP",
    "BXD",
    "BYT",
    "BCT",
    "BNV",
    "BQP",
    "BNG",
    "BTM",
    "BCN",
    "BTS",
    "BCĐ",
    "VPCP",
    "NHNN",
    "BHXH",
    "TTCP",
    "TTg",
    "UBTVQH",
    "UBND",
    "UBDT",
    "HĐND",
    "HĐTP",
    "TANDTC",
    "VKSNDTC",
    "KTNN",
    "CTN",
    "CP",
    "QH",
];

/// Kinds of documents in such numbers.
const KINDS: [&str; 16] = [
    "TTLT", "NQLT", "VBHN", "NĐ", "ND", "TT", "QĐ", "QD", "NQ", "PL", "CT", "SL", "L", "CV", "TB", "KH",
];

/// Words that belong to a number and not to the end of the title before it.
const LEAD_INS: [&str; 14] = [
    "Thông tư liên tịch số",
    "Thông tư liên tịch",
    "Bộ luật số",
    "Thông tư số",
    "Nghị định số",
    "Quyết định số",
    "Nghị quyết số",
    "Luật số",
    "Bộ luật",
    "Thông tư",
    "Nghị định",
    "Quyết định",
    "Nghị quyết",
    "Luật",
];

/// Most grounds of one procedure.
const GROUNDS_MAX: usize = 200;

/// Reads the table.
pub(super) fn read(text: &str, notes: &mut Notes<'_>) -> Vec<LegalBasis> {
    let text = text.trim();
    let Some(body) = text.strip_prefix(HEAD) else {
        if said(text).is_empty() || text.starts_with("Không có thông tin") {
            notes.absent(SourceField::LegalBasis);
        } else {
            notes.unread(SourceField::LegalBasis, "no table of legal grounds", text);
        }
        return Vec::new();
    };
    let mut grounds: Vec<LegalBasis> = Vec::new();
    let mut start = 0;
    for (from, to) in ends_of_rows(body) {
        push(&mut grounds, &body[start..from], &body[from..to]);
        start = to;
    }
    for _ in &grounds {
        notes.read(SourceField::LegalBasis);
    }
    let rest = clean(&body[start..]);
    if !said(&rest).is_empty() {
        notes.unread(SourceField::LegalBasis, "no number can be told apart", &rest);
        grounds.push(LegalBasis {
            number: String::new(),
            title: rest,
            issued_on: None,
            issuer: String::new(),
        });
    } else if grounds.is_empty() {
        notes.absent(SourceField::LegalBasis);
    }
    grounds.truncate(GROUNDS_MAX);
    grounds
}

/// Adds a row. A title that ends with its own number gives two numbers in a row: they are one.
fn push(grounds: &mut Vec<LegalBasis>, title: &str, number: &str) {
    let number = clean(number);
    let title = clean(title);
    if let Some(last) = grounds
        .last_mut()
        .filter(|last| title.is_empty() && last.number == number)
    {
        if !last.title.is_empty() && !last.title.contains(&number) {
            last.title = format!("{} {number}", last.title);
        }
        return;
    }
    let title = without_lead_in(&title);
    grounds.push(LegalBasis {
        number,
        title: title.to_owned(),
        issued_on: None,
        issuer: String::new(),
    });
}

/// `… Bảo hiểm y tếLuật` is the end of a title and the beginning of `Luật 46/2014/QH13`.
fn without_lead_in(title: &str) -> &str {
    for lead_in in LEAD_INS {
        if let Some(rest) = title.strip_suffix(lead_in) {
            let glued = rest.chars().next_back().is_some_and(|before| !before.is_whitespace());
            return if glued { rest } else { title };
        }
    }
    title
}

/// The numbers that end a row, from and to.
fn ends_of_rows(body: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((start, end)) = number_after(body, from) {
        let ends = match body[end..].chars().next() {
            None => true,
            Some('-' | '–') => body[end..].chars().nth(1).is_some_and(char::is_uppercase),
            // "22/2023/TT-BCAngày 30/6/2023" lost a space within the title.
            Some(_) if body[end..].starts_with("ngày") => false,
            Some(next) => next.is_alphanumeric() || matches!(next, '"' | '“' | '('),
        };
        if ends {
            found.push((start, end));
        }
        from = end;
    }
    found
}

/// The first number of a legal document in `text`.
pub(super) fn first_number(text: &str) -> Option<&str> {
    number_after(text, 0).map(|(start, end)| &text[start..end])
}

/// The first number at or after `from`: where it starts and ends.
fn number_after(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(slash) = bytes
        .get(at..)?
        .iter()
        .position(|byte| *byte == b'/')
        .map(|offset| at + offset)
    {
        let digits = super::text::digits_before(text, slash);
        // The term of an Assembly and the next number run together: "QH1361/2014/QH13".
        let run_start = (slash - digits.len()).max(from);
        if run_start < slash
            && let Some(end) = symbol_end(text, slash)
        {
            return Some((number_start(text, run_start, slash), end));
        }
        at = slash + 1;
    }
    None
}

/// Where the number proper starts within digits that may belong to the title: "sửa đổi 202323/2023/QH15".
fn number_start(text: &str, run_start: usize, slash: usize) -> usize {
    let digits = &text[run_start..slash];
    if digits.len() > 4 && (digits.starts_with("19") || digits.starts_with("20")) {
        return run_start + 4;
    }
    // Resolutions of 2025 and after count within a series: "66.16/2026/NQ-CP".
    if char_before(text, run_start) == Some('.') {
        let series = super::text::digits_before(text, run_start - 1);
        let before = run_start - 1 - series.len();
        let clean_start = char_before(text, before).is_none_or(|c| !c.is_ascii_digit());
        if !series.is_empty() && series.len() <= 3 && clean_start {
            return before;
        }
    }
    run_start
}

/// The end of `/2023/TT-BCA` or `/QĐ-BTC`, whose first slash is at `slash`.
fn symbol_end(text: &str, slash: usize) -> Option<usize> {
    let mut at = slash + 1;
    let year = leading_digits(&text[at..]);
    if year.len() == 4 && text[at + 4..].starts_with('/') {
        at += 5;
    } else if !year.is_empty() {
        return None;
    }
    if let Some(len) = assembly(&text[at..]) {
        return Some(at + len);
    }
    let kind = KINDS.iter().find(|kind| text[at..].starts_with(**kind))?;
    at += kind.len();
    let mut agencies = 0;
    // Joint documents name up to a handful of agencies.
    while agencies < 8 {
        let Some(rest) = text[at..].strip_prefix(['-', '–', '/']) else {
            break;
        };
        let Some(len) = agency(rest) else {
            break;
        };
        at = text.len() - rest.len() + len;
        agencies += 1;
    }
    let enough = agencies > 0 || (kind.len() >= 2 && !text[at..].starts_with(char::is_alphabetic));
    enough.then_some(at)
}

/// "QH15", "UBTVQH10": the term of the Assembly has two digits when it starts with 1 and another one follows.
fn assembly(text: &str) -> Option<usize> {
    let name = ["UBTVQH", "QH"].into_iter().find(|name| text.starts_with(name))?;
    let digits = leading_digits(&text[name.len()..]);
    let term = match digits.len() {
        0 => return (name == "UBTVQH").then_some(name.len()),
        1 => 1,
        _ if digits.starts_with('1') => 2,
        _ => 1,
    };
    Some(name.len() + term)
}

/// The length of the agency at the start of `text`.
fn agency(text: &str) -> Option<usize> {
    if let Some(len) = assembly(text) {
        return Some(len);
    }
    if let Some(known) = AGENCIES
        .iter()
        .filter(|known| text.starts_with(**known))
        .max_by_key(|known| known.len())
    {
        return Some(known.len());
    }
    // An agency that the list lacks: its capitals, without the one that begins the next word.
    let run: Vec<(usize, char)> = text
        .char_indices()
        .take_while(|(_, c)| c.is_uppercase() || *c == '&')
        .collect();
    let end = run.last().map(|(at, c)| at + c.len_utf8())?;
    let next_is_small = text[end..].starts_with(char::is_lowercase);
    let (last, _) = *run.last()?;
    let len = if next_is_small { last } else { end };
    (len > 0).then_some(len)
}
