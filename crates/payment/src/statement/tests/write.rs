//! Statements written in each format by hand, as a bank would: what the round trips read.

use crate::statement::{Direction, Line, Statement};
use std::fmt::Write as _;

/// `1.500.000`.
pub(super) fn dotted(dong: i64) -> String {
    kernel::Dong::new(dong)
        .to_string()
        .trim_end_matches("\u{a0}₫")
        .to_owned()
}

/// With headings below a title, split columns, labels around and quotes wherever a cell needs them.
pub(super) fn csv(statement: &Statement) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut out = "Sao kê tài khoản\n\nNgày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n".to_owned();
    let balance = |dong: Option<kernel::Dong>| dong.map(|dong| dotted(dong.get())).unwrap_or_default();
    writeln!(out, "Số dư đầu kỳ;;;;{};", balance(statement.opening)).unwrap();
    for line in &statement.lines {
        let amount = dotted(line.amount.get());
        let (debit, credit) = if line.direction == Direction::In {
            ("", &*amount)
        } else {
            (&*amount, "")
        };
        let reference = line.bank_reference.clone().unwrap_or_default();
        let who = quoted(line.counterparty.as_deref().unwrap_or_default());
        let day = line.booked_on.strftime("%d/%m/%Y");
        writeln!(out, "{day};{reference};{who};{debit};{credit};{}", quoted(&line.text)).unwrap();
    }
    writeln!(out, "Cộng phát sinh;;;1;2;").unwrap();
    writeln!(
        out,
        "Số dư cuối kỳ;;;;{};\nNgười lập bảng;;;;;\nmuốn gì thì viết",
        balance(statement.closing)
    )
    .unwrap();
    out
}

pub(super) fn mt940(statement: &Statement) -> String {
    let day = |date: kernel::Date| date.strftime("%y%m%d").to_string();
    let balance = |dong: Option<kernel::Dong>| {
        let dong = dong.unwrap_or_default().get();
        (if dong < 0 { 'D' } else { 'C' }, dong.abs())
    };
    let mut out = "{1:F01BFTVVNVXAXXX0000000000}{2:O9400000}{4:\r\n:20:STMT1\r\n".to_owned();
    let (mark, amount) = balance(statement.opening);
    write!(out, ":25:{}\r\n:28C:1/1\r\n", statement.account).unwrap();
    write!(out, ":60F:{mark}{}VND{amount},\r\n", day(statement.from)).unwrap();
    for line in &statement.lines {
        let mark = if line.direction == Direction::In { 'C' } else { 'D' };
        let reference = line
            .bank_reference
            .as_ref()
            .map(|text| format!("//{text}"))
            .unwrap_or_default();
        let entry = line.booked_on.strftime("%m%d");
        let value = day(line.booked_on);
        write!(
            out,
            ":61:{value}{entry}{mark}{},00NTRFNONREF{reference}\r\n",
            line.amount.get()
        )
        .unwrap();
        write!(out, ":86:{}\r\n", information(line)).unwrap();
    }
    let (mark, amount) = balance(statement.closing);
    write!(out, ":62F:{mark}{}VND{amount},\r\n-}}", day(statement.to)).unwrap();
    out
}

fn information(line: &Line) -> String {
    match &line.counterparty {
        Some(who) => format!("166?00TRANSFER?20{}?32{who}", line.text),
        None => line.text.clone(),
    }
}

pub(super) fn camt053(statement: &Statement) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&#34;");
    let balance = |code: &str, dong: Option<kernel::Dong>| {
        let dong = dong.unwrap_or_default().get();
        let mark = if dong < 0 { "DBIT" } else { "CRDT" };
        let amount = dong.abs();
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">{amount}.00</Amt>\
             <CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>2025-07-01</Dt></Dt></Bal>\n"
        )
    };
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- of a bank -->\n<Document \
                   xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr/>\n<Stmt>"
        .to_owned();
    let (account, from, to) = (&statement.account, statement.from, statement.to);
    write!(
        out,
        "<FrToDt><FrDtTm>{from}T00:00:00+07:00</FrDtTm><ToDtTm>{to}T23:59:59</ToDtTm></FrToDt>"
    )
    .unwrap();
    writeln!(
        out,
        "<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>VND</Ccy></Acct>"
    )
    .unwrap();
    out += &balance("OPBD", statement.opening);
    out += &balance("CLBD", statement.closing);
    for line in &statement.lines {
        let (mark, role) = if line.direction == Direction::In {
            ("CRDT", "Dbtr")
        } else {
            ("DBIT", "Cdtr")
        };
        let who = line.counterparty.as_ref().map(|who| {
            format!(
                "<RltdPties><{role}><Pty><Nm>{}</Nm></Pty></{role}></RltdPties>",
                escaped(who)
            )
        });
        let reference = line
            .bank_reference
            .as_ref()
            .map(|text| format!("<AcctSvcrRef>{text}</AcctSvcrRef>"));
        writeln!(
            out,
            "<Ntry><Amt Ccy=\"VND\">{}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <BookgDt><Dt>{}</Dt></BookgDt>{}<NtryDtls><TxDtls>{}<RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
            line.amount.get(),
            line.booked_on,
            reference.unwrap_or_default(),
            who.unwrap_or_default(),
            escaped(&line.text),
        )
        .unwrap();
    }
    out + "</Stmt></BkToCstmrStmt></Document>"
}

/// By a library of its own, which writes what Excel writes: shared texts, styles, serial numbers of days.
pub(super) fn xlsx(statement: &Statement) -> Vec<u8> {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let money = Format::new().set_num_format("#,##0 \"đ\"");
    sheet.set_name("Sao kê").unwrap();
    sheet.write(0, 0, "Sao kê tài khoản").unwrap();
    for (at, name) in (0..).zip(["Ngày GD", "Số tham chiếu", "Đối tác", "Ghi nợ", "Ghi có", "Diễn giải"])
    {
        sheet.write(2, at, name).unwrap();
    }
    let number = |dong: kernel::Dong| dong.get() as f64;
    sheet.write(3, 0, "Số dư đầu kỳ").unwrap();
    sheet
        .write(3, 4, statement.opening.map(number).unwrap_or_default())
        .unwrap();
    let mut row = 4;
    for line in &statement.lines {
        let date = line.booked_on;
        let date = ExcelDateTime::from_ymd(
            date.year().unsigned_abs(),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        );
        sheet.write_with_format(row, 0, date.unwrap(), &day).unwrap();
        sheet
            .write(row, 1, line.bank_reference.as_deref().unwrap_or_default())
            .unwrap();
        sheet
            .write(row, 2, line.counterparty.as_deref().unwrap_or_default())
            .unwrap();
        let column = if line.direction == Direction::In { 4 } else { 3 };
        sheet
            .write_with_format(row, column, number(line.amount), &money)
            .unwrap();
        sheet.write(row, 5, &line.text).unwrap();
        row += 1;
    }
    sheet.write(row, 0, "Số dư cuối kỳ").unwrap();
    sheet
        .write(row, 4, statement.closing.map(number).unwrap_or_default())
        .unwrap();
    book.save_to_buffer().unwrap()
}
