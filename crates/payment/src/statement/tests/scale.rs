//! A year of a busy account in one file: 100,000 lines of each format, and bounds beyond which a file is refused.

use super::*;

fn busy(lines: u32) -> Statement {
    let line = |number: u32| Line {
        number: u64::from(number),
        booked_on: kernel::Date::constant(2025, 7, i8::try_from(number * 28 / (lines + 1)).unwrap() + 1),
        amount: Dong::new(i64::from(number) + 1),
        direction: if number.is_multiple_of(7) {
            Direction::Out
        } else {
            Direction::In
        },
        counterparty: Some("NGUYEN THI MINH KHAI".to_owned()),
        text: format!("LE PHI H30.1-250701-{number:06} NOP QUA NGAN HANG"),
        bank_reference: Some(format!("FT25182{number:06}")),
    };
    let lines: Vec<Line> = (0..lines).map(line).collect();
    let closing: Dong = lines.iter().map(Line::signed).sum();
    Statement {
        account: ACCOUNT.to_owned(),
        from: lines[0].booked_on,
        to: lines[lines.len() - 1].booked_on,
        opening: Some(Dong::ZERO),
        closing: Some(closing),
        lines,
        doubled: Vec::new(),
    }
}

#[test]
fn slow_a_hundred_thousand_lines_of_each_format() {
    let statement = busy(100_000);
    let xlsx = Format::Xlsx(XlsxMapping {
        sheet: None,
        table: table(),
    });
    for (name, bytes, format) in [
        ("CSV", write::csv(&statement).into_bytes(), Format::Csv(csv())),
        ("XLSX", write::xlsx(&statement), xlsx),
        ("MT940", write::mt940(&statement).into_bytes(), Format::Mt940),
        ("camt.053", write::camt053(&statement).into_bytes(), Format::Camt053),
    ] {
        let before = std::time::Instant::now();
        let read = read_one(&bytes, &format).unwrap();
        let seconds = before.elapsed().as_secs_f64();
        println!("{name}: {} bytes in {seconds:.2} s", bytes.len());
        assert_eq!(read.lines.len(), 100_000, "{name}");
        assert_eq!(read.closing, statement.closing, "{name}");
        assert!(
            seconds < 30.0,
            "{name} took {seconds} s, unoptimised and beside other tests"
        );
        assert_eq!(read.keys().len(), 100_000);
    }
}

#[test]
fn a_file_beyond_the_bounds_is_refused() {
    let bytes = vec![b'a'; BYTES_MAX + 1];
    assert_eq!(
        read(&bytes, &Format::Mt940),
        Err(StatementError::TooLarge { bytes_max: BYTES_MAX })
    );
    let mut text = ":20:A\n:25:1\n:60F:C250701VND0,\n".to_owned();
    text += &":61:250701C1,NTRFX\n".repeat(LINES_MAX + 1);
    let too_many = Err(StatementError::TooManyLines { lines_max: LINES_MAX });
    assert_eq!(read(text.as_bytes(), &Format::Mt940), too_many);
}

/// The most memory that this process has held so far, in bytes. Tests run one a process.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

/// A million lines are refused before they are held: in one statement, in a thousand of them, and as a million empty ones.
#[test]
fn slow_a_million_lines_stay_bounded_in_memory() {
    const MILLION: usize = 1_000_000;
    const HELD_BYTES_MAX: u64 = 320 << 20;
    let entry =
        "<Ntry><Amt Ccy=\"VND\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2025-07-01</Dt></BookgDt></Ntry>";
    let batch = format!(
        "<Ntry><Amt Ccy=\"VND\">3</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2025-07-01</Dt></BookgDt><NtryDtls>{}</NtryDtls></Ntry>",
        "<TxDtls><Amt Ccy=\"VND\">1</Amt></TxDtls>".repeat(3)
    );
    let camt = |content: String| format!("<Document><BkToCstmrStmt>{content}</BkToCstmrStmt></Document>").into_bytes();
    let head = "Ngày GD;Số tham chiếu;Đối tác;Ghi nợ;Ghi có;Diễn giải\n";
    let cells = "<row><c r=\"A1\" s=\"1\"><v>45839</v></c><c r=\"E1\"><v>7</v></c></row>";
    let sheet = format!("{}{}", xlsx::rows(45839), cells.repeat(MILLION));
    let line = ":61:250701C1,NTRFX\n";
    let files: Vec<(&str, Vec<u8>, Format)> = vec![
        (
            "CSV",
            format!("{head}{}", "01/07/2025;;;;1;x\n".repeat(MILLION)).into_bytes(),
            Format::Csv(csv()),
        ),
        ("XLSX", xlsx::workbook(&sheet, xlsx::BOOK), xlsx::format(None)),
        (
            "MT940, one statement",
            format!(":20:A\n:25:1\n:60F:C250701VND0,\n{}", line.repeat(MILLION)).into_bytes(),
            Format::Mt940,
        ),
        (
            "MT940, a thousand statements",
            format!(
                ":20:A\n:25:1\n:60F:C250701VND0,\n{}:62F:C250701VND1000,\n",
                line.repeat(1000)
            )
            .repeat(1000)
            .into_bytes(),
            Format::Mt940,
        ),
        (
            "MT940, statements without a line",
            ":20:A\n".repeat(MILLION).into_bytes(),
            Format::Mt940,
        ),
        (
            "camt.053, one statement",
            camt(format!("<Stmt>{}</Stmt>", entry.repeat(300_000))),
            Format::Camt053,
        ),
        (
            "camt.053, batches",
            camt(format!("<Stmt>{}</Stmt>", batch.repeat(150_000))),
            Format::Camt053,
        ),
        (
            "camt.053, statements without a line",
            camt("<Stmt></Stmt>".repeat(MILLION)),
            Format::Camt053,
        ),
    ];
    for (name, bytes, format) in files {
        // The peak is counted anew: making the files took more than reading them.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = peak_bytes();
        let said = read(&bytes, &format);
        assert_eq!(
            said,
            Err(StatementError::TooManyLines { lines_max: LINES_MAX }),
            "{name}"
        );
        let held = peak_bytes() - before;
        println!("{name}: {} bytes, {held} bytes more at the peak", bytes.len());
        assert!(held < HELD_BYTES_MAX, "{name} held {held} bytes more");
    }
}
