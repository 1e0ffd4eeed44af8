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
