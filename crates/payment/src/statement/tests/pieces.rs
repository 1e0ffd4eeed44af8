//! Amounts and dates in the forms of banks.

use super::*;

#[test]
fn amounts_are_read_in_the_declared_form_only() {
    let good = [
        (Thousands::Dot, "1.500.000", 1_500_000),
        (Thousands::Dot, "1.500.000,00 VND", 1_500_000),
        (Thousands::Dot, "1500000", 1_500_000),
        (Thousands::Dot, " -1.500 ", -1_500),
        (Thousands::Comma, "1,500,000.00", 1_500_000),
        (Thousands::Comma, "1,500-", -1_500),
        (Thousands::Comma, "(1,500.0)", -1_500),
        (Thousands::Comma, "VND 1,500", 1_500),
        (Thousands::Space, "1 500\u{a0}000,00", 1_500_000),
        (Thousands::None, "1500.00", 1_500),
        (Thousands::None, "1500,", 1_500),
        (Thousands::None, "\u{2212}1500 đ", -1_500),
        (Thousands::None, "+0", 0),
    ];
    for (form, text, dong) in good {
        assert_eq!(form.parse(text), Ok(Dong::new(dong)), "{text}");
    }
    for (form, text) in [
        (Thousands::Dot, "1,5"),
        (Thousands::Comma, "1.50"),
        (Thousands::None, "0.01"),
    ] {
        assert_eq!(form.parse(text), Err(AmountError::NotWhole), "{text}");
    }
    for (form, text) in [
        (Thousands::Dot, ""),
        (Thousands::Dot, "1.5"),
        (Thousands::Dot, "1.500.00"),
        (Thousands::Dot, "1000.000"),
        (Thousands::Dot, "1,500,000"),
        (Thousands::Dot, ".500"),
        (Thousands::Comma, "1.500.000"),
        (Thousands::Space, "1  500"),
        (Thousands::None, "1.500.000"),
        (Thousands::None, "--5"),
        (Thousands::None, "5 USD"),
        (Thousands::None, "٣"),
        (Thousands::None, "9223372036854775808"),
        (Thousands::None, "1e5"),
    ] {
        assert_eq!(form.parse(text), Err(AmountError::Form), "{text}");
    }
}

#[test]
fn dates_are_read_in_the_declared_form_only() {
    let good = [
        ("dd/MM/yyyy", "01/07/2025"),
        ("d/M/yyyy", "1/7/2025"),
        ("d/M/yyyy", "01/07/2025"),
        ("dd-MM-yy", "01-07-25"),
        ("yyyyMMdd", "20250701"),
        ("yyyy-MM-ddTHH:mm:ss", ""),
        ("dd/MM/yyyy HH:mm:ss", "01/07/2025   23:59:59"),
        ("HH:mm dd.MM.yyyy", "08:00 01.07.2025"),
    ];
    for (form, text) in good {
        let Ok(form) = form.parse::<DateFormat>() else {
            assert!(form.contains('T'), "a letter that is no field: {form}");
            continue;
        };
        assert_eq!(form.parse(text), Some(kernel::Date::constant(2025, 7, 1)), "{text}");
    }
    let form: DateFormat = "dd/MM/yyyy".parse().unwrap();
    for text in [
        "",
        "1/7/2025",
        "31/06/2025",
        "29/02/2025",
        "00/07/2025",
        "01/07/2025 ",
        "01/07/20255",
        "01-07-2025",
        "٠١/07/2025",
    ] {
        assert_eq!(
            form.parse(text),
            (text == "01/07/2025 ").then(|| kernel::Date::constant(2025, 7, 1)),
            "{text}"
        );
    }
    let timed: DateFormat = "dd/MM/yyyy HH:mm".parse().unwrap();
    assert_eq!(timed.parse("01/07/2025 24:00"), None);
    for form in [
        "",
        "dd/MM",
        "dd/mm/yyyy",
        "dd/MM/yyy",
        "ddd/MM/yyyy",
        "dd/dd/MM/yyyy",
        "dd/MM/yyyy zz",
    ] {
        assert!(form.parse::<DateFormat>().is_err(), "{form}");
    }
}

proptest! {
    #[test]
    fn pieces_never_panic(text in any::<String>(), form in "[dMyHms/ :.-]{0,12}") {
        for thousands in [Thousands::None, Thousands::Dot, Thousands::Comma, Thousands::Space] {
            let _ = thousands.parse(&text);
        }
        if let Ok(form) = form.parse::<DateFormat>() {
            let _ = form.parse(&text);
        }
    }
}
