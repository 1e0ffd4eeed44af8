//! The papers of a dossier, out of tables that were run together into text: a case (or `--`), the head of a table, then rows
//! of name, form files and `1 bản chính,1 bản sao`.
//! A quantity ends a row when it follows the name without a space; "01 bản chính" within a sentence does not.

use kernel::Bilingual;

use super::file_names;
use super::report::{Notes, SourceField};
use super::text::{char_before, clean, digits_before, leading_digits, said};
use crate::procedure::{Component, ComponentSource};

const HEAD: &str = "Tên giấy tờMẫu đơn, tờ khaiSố lượng";
const ORIGINALS: &str = " bản chính";
const COPIES: &str = " bản sao";

/// Most papers of one procedure.
const PAPERS_MAX: usize = 500;

/// The papers of a procedure, and what the source notes beside them.
#[derive(Debug, Default)]
pub(super) struct Papers {
    pub(super) components: Vec<Component>,
    pub(super) remarks: Vec<String>,
}

/// Reads the tables.
pub(super) fn read(text: &str, notes: &mut Notes<'_>) -> Papers {
    let text = text.trim();
    let mut papers = Papers::default();
    if said(text).is_empty() {
        notes.absent(SourceField::Components);
        return papers;
    }
    let mut parts = text.split(HEAD);
    let mut case = case_of(parts.next().unwrap_or_default());
    let mut tables = 0;
    for part in parts {
        tables += 1;
        let (rows, rest) = rows(part);
        for row in rows.iter().filter(|row| !is_count_of_sets(row.name)) {
            let is_full = papers.components.len() + papers.remarks.len() >= PAPERS_MAX;
            if !is_full {
                take(row, case.as_deref(), &mut papers, notes);
            }
        }
        case = case_of(rest);
    }
    if tables == 0 {
        notes.unread(SourceField::Components, "no table of papers", text);
    } else if let Some(rest) = case.filter(|rest| !is_count_of_sets(rest)) {
        notes.unread(SourceField::Components, "a row without a quantity", &rest);
    } else if papers.components.is_empty() {
        notes.absent(SourceField::Components);
    }
    // The source gives its rows in no order: what everybody needs comes first, then what some do, then the cases.
    papers
        .components
        .sort_by_key(|paper| (paper.case.is_some(), !paper.required));
    papers
}

/// The name of a case; `--` stands for none.
fn case_of(text: &str) -> Option<String> {
    let text = clean(text);
    let bare = text.trim_matches(|c: char| c == '-' || c == '.' || c == ':' || c == '*' || c.is_whitespace());
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// "* Số lượng hồ sơ: 01 (một) bộ." is no paper.
fn is_count_of_sets(name: &str) -> bool {
    let folded = kernel::fold::fold(name);
    folded
        .trim_start_matches(|c: char| !c.is_alphabetic())
        .starts_with("so luong ho so")
}

struct Row<'a> {
    name: &'a str,
    originals: u32,
    copies: u32,
}

/// The rows of one table, and what stands behind the last of them.
fn rows(table: &str) -> (Vec<Row<'_>>, &str) {
    let mut rows = Vec::new();
    let mut start = 0;
    for (at, _) in table.match_indices(ORIGINALS) {
        let end = at + ORIGINALS.len();
        let (copies, copies_len) = copies_at(&table[end..]);
        let Some(name_end) = quantity_start(table, start, at, &table[end + copies_len..]) else {
            continue;
        };
        let originals = table[name_end..at].parse().unwrap_or(0);
        rows.push(Row {
            name: &table[start..name_end],
            originals,
            copies,
        });
        start = end + copies_len;
    }
    (rows, &table[start..])
}

/// Where the number of originals that ends at `end` starts, when it ends a row that starts at `from` and `after` follows.
fn quantity_start(table: &str, from: usize, end: usize, after: &str) -> Option<usize> {
    let digits = digits_before(table, end);
    let start = end - digits.len();
    if digits.is_empty() || start < from {
        return None;
    }
    let spaced = char_before(&table[from..], start - from)
        .is_none_or(|before| before.is_whitespace() || before == '(' || before == ':');
    match (digits.len(), spaced) {
        // "khiếu nại1 bản chính"
        (1, false) => Some(start),
        // "hỗ trợ. 1 bản chính- Quyết định": a name that ends with a space; "nộp 1 bản chính;" is a sentence.
        (1, true)
            if after
                .chars()
                .next()
                .is_none_or(|next| next.is_uppercase() || matches!(next, '-' | '+')) =>
        {
            Some(start)
        }
        // "khiếu nại10 bản chính", but "gồm:01 bản chính" is a sentence.
        (2, false) if !digits.starts_with('0') => Some(start),
        // "Mẫu số 11 bản chính" is form 1, one original; "Mẫu số 011" and "12/20251" alike.
        (2, true) if !digits.starts_with('0') => Some(end - 1),
        (3.., _) => Some(end - 1),
        _ => None,
    }
}

fn copies_at(text: &str) -> (u32, usize) {
    let Some(rest) = text.strip_prefix(',') else {
        return (0, 0);
    };
    let digits = leading_digits(rest);
    match digits.parse() {
        Ok(copies) if rest[digits.len()..].starts_with(COPIES) => (copies, 1 + digits.len() + COPIES.len()),
        _ => (0, 0),
    }
}

/// Headings that only say that papers follow, folded: they are no case in which a paper is needed.
const PLAIN_HEADINGS: [&str; 6] = [
    "giay to phai nop",
    "thanh phan ho so",
    "thanh phan, so luong ho so",
    "ho so gom",
    "ho so bao gom",
    "ho so",
];

fn is_plain_heading(case: &str) -> bool {
    let folded = kernel::fold::fold(case);
    let heading = folded.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | '(' | ' '));
    let heading = heading.strip_prefix("a) ").unwrap_or(heading);
    let heading = heading.trim_end_matches([',', ' ', ':']);
    let heading = ["bao gom", "gom co", "gom"]
        .iter()
        .find_map(|end| heading.strip_suffix(end))
        .unwrap_or(heading);
    PLAIN_HEADINGS.contains(&heading.trim_end_matches([',', ' '])) || PLAIN_HEADINGS.contains(&folded.as_str())
}

/// Whether a row of which neither original nor copy is wanted is an explanation and no paper.
fn is_remark(row: &Row<'_>, case: Option<&str>, template: Option<&str>) -> bool {
    let starts = [
        "truong hop",
        "doi voi",
        "luu y",
        "nguoi ",
        "co quan",
        "neu ",
        "ban chup",
        "ca nhan",
        "khi ",
        "viec ",
        "ngoai ra",
        "giay to do co quan co tham quyen cua nuoc ngoai",
    ];
    let folded = kernel::fold::fold(row.name);
    let bare = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let under_notes = case.is_some_and(|case| kernel::fold::fold(case).starts_with("luu y"));
    row.originals + row.copies == 0
        && template.is_none()
        && (under_notes || starts.iter().any(|start| bare.starts_with(start)))
}

fn take(row: &Row<'_>, case: Option<&str>, papers: &mut Papers, notes: &mut Notes<'_>) {
    let (name, template, unclear) = file_names::split(row.name);
    match (template, unclear) {
        (_, true) => notes.unread(
            SourceField::Template,
            "cannot tell where the file name starts",
            row.name,
        ),
        (Some(_), false) => notes.read(SourceField::Template),
        (None, false) => {}
    }
    let name = bare_name(name);
    // Some rows are nothing but a form file: then the file is all the name there is.
    let name = if name.is_empty() {
        template.map(clean).unwrap_or_default()
    } else {
        name
    };
    if name.is_empty() {
        notes.unread(SourceField::Components, "a paper without a name", row.name);
    } else if is_remark(row, case, template) {
        papers.remarks.push(name);
    } else {
        notes.read(SourceField::Components);
        let case = case.filter(|case| !is_plain_heading(case));
        papers
            .components
            .push(make(case, &name, row.originals, row.copies, template.map(clean)));
    }
}

/// A name without the list marks in front of it and the stops behind it.
pub(super) fn bare_name(name: &str) -> String {
    let name = clean(name);
    let marks = |c: char| matches!(c, '-' | '+' | '*' | '•' | '–' | '.' | ',' | ';') || c.is_whitespace();
    name.trim_start_matches(marks)
        .trim_end_matches([';', ' ', ',', '.'])
        .to_owned()
}

/// The component. An interactive e-form ("mẫu điện tử tương tác") is the online form itself. Only papers outside of a case, of which an original or a copy is wanted, are always required.
pub(super) fn make(case: Option<&str>, name: &str, originals: u32, copies: u32, template: Option<String>) -> Component {
    // "Giấy chứng sinh; trường hợp không có …" is always needed, "Giấy ủy quyền trong trường hợp …" is not.
    let folded = kernel::fold::fold(name);
    let clause = folded.split(';').next().unwrap_or_default();
    let sometimes = ["neu co", "truong hop", "doi voi", "uy quyen"]
        .iter()
        .any(|words| clause.contains(words));
    Component {
        case: case.map(str::to_owned),
        name: Bilingual::vi(name),
        originals,
        copies,
        template,
        required: case.is_none() && originals + copies > 0 && !sometimes,
        source: if folded.contains("dien tu tuong tac") {
            ComponentSource::Form
        } else {
            ComponentSource::Upload
        },
        clause: None,
        example: None,
    }
}
