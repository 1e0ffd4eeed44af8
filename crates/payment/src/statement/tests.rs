//! What the tests of all formats share: mappings, a generator of lines, and writers of each format.

mod camt053;
mod csv;
mod key;
mod mt940;
mod pieces;
mod round_trip;
mod scale;
mod write;
mod xlsx;

use super::*;
use proptest::prelude::*;

/// The account of all statements here.
const ACCOUNT: &str = "1017595600";

/// A table as many Vietnamese banks export it.
const TABLE: &str = r#"
account = "1017595600"
dates = "dd/MM/yyyy"
thousands = "dot"
opening_label = "Số dư đầu kỳ"
closing_label = "Số dư cuối kỳ"
skip_labels = ["Cộng phát sinh"]
end_label = "Người lập"
columns = { booked_on = "Ngày GD", text = "Diễn giải", reference = "Số tham chiếu", counterparty = "Đối tác" }
amounts = { kind = "split", credit = "Ghi có", debit = "Ghi nợ" }
"#;

fn table() -> TableMapping {
    toml::from_str(TABLE).unwrap()
}

/// A CSV of that table.
fn csv() -> CsvMapping {
    CsvMapping {
        encoding: Encoding::Utf8,
        delimiter: ';',
        table: table(),
    }
}

fn read_one(bytes: &[u8], format: &Format) -> Result<Statement, StatementError> {
    let mut all = read(bytes, format)?;
    assert_eq!(all.len(), 1);
    Ok(all.remove(0))
}

/// The faults of a file as a person reads them, a line each.
fn faults(bytes: &[u8], format: &Format) -> Vec<String> {
    let error = read(bytes, format).expect_err("there are faults");
    error.to_string().lines().map(str::to_owned).collect()
}

/// `number|day|signed amount|counterparty|text|reference` of each line.
fn shown(statement: &Statement) -> Vec<String> {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let line = |line: &Line| {
        let (amount, who) = (line.signed().get(), or_dash(&line.counterparty));
        format!(
            "{}|{}|{amount}|{who}|{}|{}",
            line.number,
            line.booked_on,
            line.text,
            or_dash(&line.bank_reference)
        )
    };
    statement.lines.iter().map(line).collect()
}

/// A statement as a bank would send it: any lines, in order of days, with balances that hold.
fn any_statement(words: &'static str) -> impl Strategy<Value = Statement> {
    let line = (
        0i8..28,
        1i64..=999_999_999_999,
        any::<bool>(),
        words,
        proptest::option::of(words),
        any::<bool>(),
    );
    (proptest::collection::vec(line, 1..30), -1_000_000i64..1_000_000_000_000).prop_map(|(mut rows, opening)| {
        rows.sort_by_key(|row| row.0);
        let lines: Vec<Line> = rows
            .into_iter()
            .zip(1..)
            .map(|((day, amount, is_in, text, counterparty, referenced), number)| Line {
                number,
                booked_on: kernel::Date::constant(2025, 7, day + 1),
                amount: Dong::new(amount),
                direction: if is_in { Direction::In } else { Direction::Out },
                counterparty,
                text,
                bank_reference: referenced.then(|| format!("FT25{number:06}")),
            })
            .collect();
        let closing = opening + lines.iter().map(|line| line.signed().get()).sum::<i64>();
        Statement {
            account: ACCOUNT.to_owned(),
            from: lines[0].booked_on,
            to: lines[lines.len() - 1].booked_on,
            opening: Some(Dong::new(opening)),
            closing: Some(Dong::new(closing)),
            lines,
            doubled: Vec::new(),
        }
    })
}
