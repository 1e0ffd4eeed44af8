//! What any bank might send is read back as it was, in each format; and no bytes at all make a reader panic.

use super::*;

/// Vietnamese words with the signs that separators, quotes and markup are made of.
const WORDS: &str =
    "[A-Za-zĐđƠơƯưẾếệỹ0-9][A-Za-zĐđƠơƯưẾếệỹ0-9;,\"'&<>.:/-]{0,30}( [a-zàảãáạăắâầêếôồơờưừỳỹđ;0-9]{1,8}){0,3}";
/// What SWIFT carries.
const SWIFT_WORDS: &str = "[A-Z0-9][A-Z0-9.,/()+-]{0,20}( [A-Z0-9]{1,8}){0,3}";

/// A statement with the numbers of its lines forgotten.
fn content(statement: &Statement) -> (&str, Option<Dong>, Option<Dong>, Vec<Line>, usize) {
    let lines = statement
        .lines
        .iter()
        .map(|line| Line {
            number: 0,
            ..line.clone()
        })
        .collect();
    (
        &statement.account,
        statement.opening,
        statement.closing,
        lines,
        statement.doubled.len(),
    )
}

fn composed(mut statement: Statement) -> Statement {
    for line in &mut statement.lines {
        line.text = kernel::fold::nfc(&line.text).into_owned();
        line.counterparty = line
            .counterparty
            .as_deref()
            .map(|who| kernel::fold::nfc(who).into_owned());
    }
    statement
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn csv_is_read_back(statement in any_statement(WORDS).prop_map(composed)) {
        let text = write::csv(&statement);
        let utf8 = read_one(text.as_bytes(), &Format::Csv(csv())).unwrap();
        prop_assert_eq!(content(&utf8), content(&statement));
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let format = Format::Csv(CsvMapping { encoding: Encoding::Utf16, ..csv() });
        prop_assert_eq!(read_one(&bytes, &format), Ok(utf8));
    }

    #[test]
    fn xlsx_is_read_back(statement in any_statement(WORDS).prop_map(composed)) {
        let format = Format::Xlsx(XlsxMapping { sheet: Some("Sao kê".to_owned()), table: table() });
        let read = read_one(&write::xlsx(&statement), &format).unwrap();
        prop_assert_eq!(content(&read), content(&statement));
    }

    #[test]
    fn mt940_is_read_back(statement in any_statement(SWIFT_WORDS)) {
        let read = read_one(write::mt940(&statement).as_bytes(), &Format::Mt940).unwrap();
        prop_assert_eq!(content(&read), content(&statement));
    }

    #[test]
    fn camt053_is_read_back(statement in any_statement(WORDS).prop_map(composed)) {
        let read = read_one(write::camt053(&statement).as_bytes(), &Format::Camt053).unwrap();
        prop_assert_eq!(content(&read), content(&statement));
    }

    #[test]
    fn a_line_less_is_found_in_every_format(statement in any_statement(SWIFT_WORDS), at in any::<prop::sample::Index>()) {
        let mut less = statement;
        less.lines.remove(at.index(less.lines.len()));
        prop_assume!(!less.lines.is_empty());
        let xlsx = Format::Xlsx(XlsxMapping { sheet: None, table: table() });
        for (bytes, format) in [
            (write::csv(&less).into_bytes(), Format::Csv(csv())),
            (write::xlsx(&less), xlsx),
            (write::mt940(&less).into_bytes(), Format::Mt940),
            (write::camt053(&less).into_bytes(), Format::Camt053),
        ] {
            let found = faults(&bytes, &format);
            prop_assert!(found.len() == 1 && found[0].contains("closing balance"), "{:?}", found);
        }
    }

    #[test]
    fn any_bytes_end_in_a_statement_or_an_error(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        statement in any_statement(SWIFT_WORDS),
    ) {
        let xlsx = Format::Xlsx(XlsxMapping { sheet: None, table: table() });
        let windows = Format::Csv(CsvMapping { encoding: Encoding::Windows1258, ..csv() });
        let utf16 = Format::Csv(CsvMapping { encoding: Encoding::Utf16, ..csv() });
        for (whole, format) in [
            (write::csv(&statement).into_bytes(), Format::Csv(csv())),
            (write::csv(&statement).into_bytes(), windows),
            (write::csv(&statement).into_bytes(), utf16),
            (write::xlsx(&statement), xlsx),
            (write::mt940(&statement).into_bytes(), Format::Mt940),
            (write::camt053(&statement).into_bytes(), Format::Camt053),
        ] {
            let _ = read(&bytes, &format);
            let mut damaged = whole.clone();
            let at = at.index(damaged.len());
            damaged.splice(at..(at + 5).min(whole.len()), bytes.iter().take(5).copied());
            let _ = read(&damaged, &format);
            let _ = read(&whole[..at], &format);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Real statements with bytes wrong, in each format and encoding; what is read all the same adds up.
    #[test]
    fn damaged_statements_are_read_or_refused(statement in any_statement(SWIFT_WORDS), seed: u64) {
        let xlsx = Format::Xlsx(XlsxMapping { sheet: None, table: table() });
        let windows = Format::Csv(CsvMapping { encoding: Encoding::Windows1258, ..csv() });
        let utf16 = Format::Csv(CsvMapping { encoding: Encoding::Utf16, ..csv() });
        let wide: Vec<u8> = write::csv(&statement).encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (at, (whole, format)) in [
            (write::csv(&statement).into_bytes(), Format::Csv(csv())),
            (write::csv(&statement).into_bytes(), windows),
            (wide, utf16),
            (write::xlsx(&statement), xlsx),
            (write::mt940(&statement).into_bytes(), Format::Mt940),
            (write::camt053(&statement).into_bytes(), Format::Camt053),
        ]
        .into_iter()
        .enumerate()
        {
            let damaged = testkit::damaged(&whole, seed.wrapping_add(at as u64));
            let Ok(read) = read(&damaged, &format) else { continue };
            for one in read {
                let signed = one.lines.iter().map(|line| match line.direction {
                    Direction::In => line.amount.get(),
                    Direction::Out => -line.amount.get(),
                });
                let sum: i64 = signed.sum();
                if let (Some(opening), Some(closing)) = (one.opening, one.closing) {
                    prop_assert_eq!(opening.get() + sum, closing.get(), "what is accepted adds up");
                }
            }
        }
    }
}
