//! CSV: layouts of banks, encodings, doubled lines, and faults with their lines.

use super::*;

fn csv_of(table: &str, encoding: Encoding) -> Format {
    Format::Csv(CsvMapping {
        encoding,
        delimiter: ',',
        table: toml::from_str(table).unwrap(),
    })
}

/// A bank that prints one signed column and a balance, newest first.
const SIGNED: &str = r#"
account = "0011"
dates = "yyyy-MM-dd HH:mm:ss"
thousands = "comma"
newest_first = true
columns = { booked_on = "Transaction date", text = "Description", balance = "Balance", currency = "CCY" }
amounts = { kind = "signed", column = "Amount" }
"#;

#[test]
fn a_table_between_title_and_totals_is_read() {
    let text = "Ngân hàng;;;;;\n\
        Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n\
        Số dư đầu kỳ;;;;1.000.000;\n\
        01/07/2025;FT1;NGUYEN VAN A;;150.000;LE PHI  H30.1-250701-0001\n\
        02/07/2025;;;55.000,00;;\"Phí; \"\"SMS\"\"\nquý 3\"\n\
        Cộng phát sinh;;;55.000;150.000;\n\
        Số dư cuối kỳ: 1.095.000;;;;;\n\
        Người lập;;;;;\n99;99\n";
    let statement = read_one(text.as_bytes(), &Format::Csv(csv())).unwrap();
    assert_eq!(
        shown(&statement),
        [
            "4|2025-07-01|150000|NGUYEN VAN A|LE PHI H30.1-250701-0001|FT1",
            "5|2025-07-02|-55000|-|Phí; \"SMS\" quý 3|-",
        ]
    );
    assert_eq!(
        (statement.opening, statement.closing),
        (Some(Dong::new(1_000_000)), Some(Dong::new(1_095_000)))
    );
    assert_eq!(
        (statement.from.to_string(), statement.to.to_string()),
        ("2025-07-01".into(), "2025-07-02".into())
    );
}

#[test]
fn the_balance_beside_each_line_is_held_to_the_one_before() {
    let text = "Transaction date,Description,Amount,CCY,Balance\n\
        2025-07-02 08:00:00,c,\"(1,000)\",VND,\"11,000\"\n\
        2025-07-01 09:30:00,b,+10,VND,\"12,000\"\n\
        2025-07-01 08:00:00,a,\"2,000.00\",VND,\"11,990\"\n";
    let format = csv_of(SIGNED, Encoding::Utf8);
    let statement = read_one(text.as_bytes(), &format).unwrap();
    assert_eq!(shown(&statement)[0], "4|2025-07-01|2000|-|a|-");
    assert_eq!(
        (statement.opening, statement.closing),
        (Some(Dong::new(9_990)), Some(Dong::new(11_000)))
    );
    let wrong = text
        .replace("\"12,000\"", "\"12,001\"")
        .replace("VND,\"11,990\"", "USD,\"11,990\"");
    assert_eq!(
        faults(wrong.as_bytes(), &format),
        ["line 4: the currency is USD, not VND"]
    );
    let wrong = text.replace("\"12,000\"", "\"12,001\"");
    let found = faults(wrong.as_bytes(), &format);
    assert_eq!(found.len(), 2, "the line, and the one behind it: {found:?}");
    assert!(found[1].starts_with("line 3: the balance is 12.001"), "{found:?}");
}

#[test]
fn a_file_without_headings_names_columns_by_number() {
    let table = r#"
account = "1"
dates = "dd/MM/yy"
thousands = "none"
headings = false
columns = { booked_on = "1", text = "4" }
amounts = { kind = "marked", column = "3", mark = "2", credit = "C", debit = "D" }
"#;
    let format = csv_of(table, Encoding::Utf8);
    let statement = read_one(b"01/07/25,C,1000,a\n02/07/25,d,500.00,b\n", &format).unwrap();
    assert_eq!(
        shown(&statement),
        ["1|2025-07-01|1000|-|a|-", "2|2025-07-02|-500|-|b|-"]
    );
    assert_eq!(statement.opening, None);
    assert_eq!(
        faults(b"01/07/25,X,1000,a\n", &format),
        ["line 1: \"X\" means neither credit nor debit"]
    );
}

#[test]
fn every_fault_is_told_at_once_with_its_line() {
    let text = "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n\
        31/02/2025;;;;1.000;a\n\
        01/07/2025;;;;1.5;b\n\
        01/07/2025;;;;1.500,50;c\n\
        01/07/2025;;;;;d\n\
        01/07/2025;;;1;1;e\n\
        \n\
        Bảng kê;;;;1;f\n\
        01/07/2025;;;0;0;g\n\
        01/07/2025;;;;99999999999999999999;h\n";
    assert_eq!(
        faults(text.as_bytes(), &Format::Csv(csv())),
        [
            "line 2: \"31/02/2025\" is no date of the form dd/MM/yyyy",
            "line 3: \"1.5\" is no amount in the declared form",
            "line 4: \"1.500,50\" is no whole number of đồng",
            "line 5: there is no amount",
            "line 6: there is both a credit and a debit",
            "line 8: \"Bảng kê\" is no date of the form dd/MM/yyyy",
            "line 9: there is no amount",
            "line 10: \"99999999999999999999\" is no amount in the declared form",
        ]
    );
    assert_eq!(
        faults(b"a;b\n1;2\n", &Format::Csv(csv())),
        ["no row has the headings Ngày GD, Diễn giải, Đối tác, Số tham chiếu, Ghi có, Ghi nợ"]
    );
    let empty = "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n";
    assert_eq!(faults(empty.as_bytes(), &Format::Csv(csv())), ["there are no lines"]);
}

#[test]
fn a_flood_of_faults_is_counted_not_kept() {
    let mut text = "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n".to_owned();
    text += &"01/07/2025;;;;;x\n".repeat(10_000);
    let Err(StatementError::Faults(faults)) = read(text.as_bytes(), &Format::Csv(csv())) else {
        panic!("faults")
    };
    assert_eq!((faults.listed().len(), faults.count()), (500, 10_000));
    assert!(faults.to_string().ends_with("and 9500 more"));
}

#[test]
fn a_payers_text_cannot_pose_as_a_balance() {
    let text = "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n\
        Số dư đầu kỳ;;;;0;\n01/07/2025;;;;5;Số dư cuối kỳ: 9\n01/07/2025;Số dư cuối kỳ;9;;5;x\nSố dư cuối kỳ;;;;10;\n";
    let statement = read_one(text.as_bytes(), &Format::Csv(csv())).unwrap();
    assert_eq!(statement.closing, Some(Dong::new(10)));
}

#[test]
fn doubled_lines_count_once_unless_the_balances_need_them() {
    let file = |closing: i64| {
        format!(
            "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\nSố dư đầu kỳ;;;;0;\n\
             01/07/2025;FT1;;;5;a\n01/07/2025;FT1;;;5;a\nSố dư cuối kỳ;;;;{closing};\n"
        )
    };
    let once = read_one(file(5).as_bytes(), &Format::Csv(csv())).unwrap();
    assert_eq!(
        (once.lines.len(), once.doubled.len(), once.doubled[0].number),
        (1, 1, 4)
    );
    let twice = read_one(file(10).as_bytes(), &Format::Csv(csv())).unwrap();
    assert_eq!(
        (twice.lines.len(), twice.doubled.len()),
        (2, 0),
        "the bank used a reference twice"
    );
    assert_eq!(faults(file(7).as_bytes(), &Format::Csv(csv())).len(), 1);
}

#[test]
fn two_payments_alike_without_reference_are_two() {
    let text = "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n01/07/2025;;;;5;a\n01/07/2025;;;;5;a\n";
    assert_eq!(read_one(text.as_bytes(), &Format::Csv(csv())).unwrap().lines.len(), 2);
    let balanced = "Transaction date,Description,Amount,CCY,Balance\n\
        2025-07-01 08:00:00,a,5,VND,15\n2025-07-01 08:00:00,a,5,VND,15\n2025-07-01 08:00:00,a,5,VND,10\n";
    let statement = read_one(balanced.as_bytes(), &csv_of(SIGNED, Encoding::Utf8)).unwrap();
    assert_eq!(
        (statement.lines.len(), statement.doubled.len()),
        (2, 1),
        "the same balance is the same line"
    );
}

#[test]
fn windows_1258_is_read_and_composed() {
    let text = "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n01/07/2025;FT1;Nguyễn Thị Ánh;;5;Lệ phí đất\n";
    let bytes = windows_1258(text);
    let format = Format::Csv(CsvMapping {
        encoding: Encoding::Windows1258,
        ..csv()
    });
    let statement = read_one(&bytes, &format).unwrap();
    assert_eq!(shown(&statement), ["2|2025-07-01|5|Nguyễn Thị Ánh|Lệ phí đất|FT1"]);
}

/// Letters that windows-1258 has whole, and tones as marks behind them.
fn windows_1258(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for letter in text.chars() {
        let text = letter.to_string();
        let (one, _, unknown) = encoding_rs::WINDOWS_1258.encode(&text);
        if !unknown {
            bytes.extend_from_slice(&one);
            continue;
        }
        let (base, tone) = split(letter);
        bytes.extend_from_slice(&encoding_rs::WINDOWS_1258.encode(&base).0);
        bytes.extend_from_slice(&encoding_rs::WINDOWS_1258.encode(&tone).0);
    }
    bytes
}

/// The few letters of the test apart.
fn split(letter: char) -> (String, String) {
    let known = [
        ('ố', "ô\u{301}"),
        ('ế', "ê\u{301}"),
        ('ễ', "ê\u{303}"),
        ('ị', "i\u{323}"),
        ('ợ', "ơ\u{323}"),
        ('ệ', "ê\u{323}"),
        ('ấ', "â\u{301}"),
        ('ả', "a\u{309}"),
    ];
    let found = known.iter().find(|(whole, _)| *whole == letter);
    let parts = found.unwrap_or_else(|| panic!("{letter} is not in the table")).1;
    let (base, tone) = parts.split_at(parts.chars().next().unwrap().len_utf8());
    (base.to_owned(), tone.to_owned())
}

#[test]
fn a_wrong_encoding_is_one_clear_error() {
    let text = "Ngày GD;Diễn giải\n01/07/2025;phí\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let with_mark: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let eight_bit = b"Ng\xe0y GD;Di\xean gi\xf2i\n".to_vec();
    let table: [(&[u8], Encoding, &str); 11] = [
        (
            &utf16,
            Encoding::Utf8,
            "declared as UTF-8, but it is UTF-16; declare utf-16",
        ),
        (
            &with_mark,
            Encoding::Windows1258,
            "declared as windows-1258, but it is UTF-16",
        ),
        (
            &eight_bit,
            Encoding::Utf8,
            "but it is eight-bit text (windows-1258, TCVN3, VNI or damaged); export it as UTF-8",
        ),
        (
            text.as_bytes(),
            Encoding::Windows1258,
            "declared as windows-1258, but it is UTF-8; declare utf-8",
        ),
        (text.as_bytes(), Encoding::Utf16, "declared as UTF-16, but it is UTF-8"),
        (
            b"PK\x03\x04abcd",
            Encoding::Utf8,
            "XLSX workbook; declare the format xlsx",
        ),
        (
            &[0xd0, 0xcf, 0x11, 0xe0, 1],
            Encoding::Utf8,
            "Excel 97 to 2003; open it and save it as XLSX",
        ),
        (b"%PDF-1.7", Encoding::Utf8, "it is a PDF; ask the bank for"),
        (
            b"\r\n<html><table>",
            Encoding::Utf8,
            "it is a web page, whatever its name says; open it and save it",
        ),
        (b"a\0b;c", Encoding::Utf8, "it is no text"),
        (&[0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00], Encoding::Utf16, "it is no text"),
    ];
    for (bytes, encoding, words) in table {
        let error = read(bytes, &Format::Csv(CsvMapping { encoding, ..csv() })).expect_err(words);
        assert!(error.to_string().contains(words), "{error}");
        assert!(matches!(error, StatementError::Encoding(_)));
    }
    let marked = format!("\u{feff}{}", write::csv(&sample()));
    assert!(
        read(marked.as_bytes(), &Format::Csv(csv())).is_ok(),
        "a byte order mark is no fault"
    );
}

fn sample() -> Statement {
    let text = "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n01/07/2025;;;;5;a\n";
    let read = read_one(text.as_bytes(), &Format::Csv(csv())).unwrap();
    Statement {
        opening: Some(Dong::ZERO),
        closing: Some(Dong::new(5)),
        ..read
    }
}

#[test]
fn a_quote_that_never_closes_is_a_fault() {
    let text = format!(
        "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n01/07/2025;;;;5;\"a\n{}",
        "01/07/2025;;;;5;b\n".repeat(500)
    );
    assert_eq!(
        faults(text.as_bytes(), &Format::Csv(csv())),
        ["line 2: a text has more than 2000 characters"]
    );
}

#[test]
fn mappings_are_data_and_wrong_ones_are_refused() {
    let whole = format!("format = \"csv\"\nencoding = \"utf-8-bom\"\ndelimiter = \";\"\n[table]\n{TABLE}");
    assert_eq!(toml::from_str::<Format>(&whole), Ok(Format::Csv(csv())));
    assert_eq!(toml::from_str::<Format>("format = \"mt940\""), Ok(Format::Mt940));
    for (from, to) in [
        ("dd/MM/yyyy", "dd/mm/yyyy"),
        ("kind = \"split\"", "kind = \"both\""),
        ("account", "acount"),
    ] {
        assert!(toml::from_str::<Format>(&whole.replace(from, to)).is_err(), "{to}");
    }
    let tab = Format::Csv(CsvMapping {
        delimiter: 'đ',
        ..csv()
    });
    assert!(read(b"a", &tab).unwrap_err().to_string().contains("no ASCII character"));
}
