//! The published vector, what is refused and why, round trips over any code, and codes read back by a QR decoder.

use super::*;
use kernel::Fault as _;
use proptest::prelude::*;

/// Section 15 of the domain paper: BIN 970436, account 1017595600, 150,000 đồng.
const VECTOR: &str = "00020101021238540010A00000072701240006970436011010175956000208QRIBFTTA53037045406150000\
5802VN62280824LE PHI H30.1-250701-000163049890";

fn account() -> Beneficiary {
    let (bin, number) = ("970436".parse().unwrap(), "1017595600".parse().unwrap());
    Beneficiary::Account { bin, number }
}

fn with_crc(text: &str) -> String {
    let text = format!("{text}6304");
    format!("{text}{:04X}", crc16(text.as_bytes()))
}

#[test]
fn the_vector_is_written_and_read() {
    let mut code = VietQr::to(account()).of_amount(Dong::new(150_000));
    code.purpose = Some("LE PHI H30.1-250701-0001".to_owned());
    assert_eq!(code.encode(PurposeLimit::STANDARD).as_deref(), Ok(VECTOR));
    assert_eq!(VietQr::parse(VECTOR), Ok(code.clone()));
    assert_eq!(VietQr::parse(&format!(" {VECTOR}\r\n")), Ok(code));
    assert_eq!(crc16(b"123456789"), 0x29b1);
}

#[test]
fn static_and_card_codes_are_written() {
    let wall = VietQr::to(account()).encode(PurposeLimit::STANDARD).unwrap();
    assert!(wall.starts_with("000201010211"), "{wall}");
    assert!(!wall.contains("62"), "an empty template is left out: {wall}");
    let number = "9704361234567890".parse().unwrap();
    let card = Beneficiary::Card {
        bin: "970436".parse().unwrap(),
        number,
    };
    let code = VietQr::to(card).of_bill("HD-0001");
    let payload = code.encode(PurposeLimit::STANDARD).unwrap();
    assert!(
        payload.starts_with("000201010212") && payload.contains("0208QRIBFTTC"),
        "{payload}"
    );
    assert!(payload.contains("62110107HD-0001"), "{payload}");
    assert_eq!(VietQr::parse(&payload), Ok(code.clone()));
    assert!(
        !format!("{code:?}").contains("9704361234567890"),
        "a card number is not for logs"
    );
}

#[test]
fn what_banks_would_not_read_is_not_issued() {
    let base = || VietQr::to(account());
    let purpose = |text: &str| VietQr {
        purpose: Some(text.to_owned()),
        ..base()
    };
    let unknown = |place, tag| {
        let field = UnknownField {
            place,
            tag,
            value: "x".to_owned(),
        };
        VietQr {
            unknown: vec![field],
            ..base()
        }
    };
    let table = [
        (base().of_amount(Dong::ZERO), "amount is 0"),
        (base().of_amount(Dong::new(-1)), "amount is -1"),
        (base().of_amount(Dong::new(10_000_000_000_000)), "9,999,999,999,999"),
        (purpose("Lệ phí"), "field 62-08 has the character 'ệ'"),
        (purpose("A\nB"), "field 62-08 has the character '\\n'"),
        (
            purpose("12345678901234567890123456"),
            "field 62-08 has 26 characters; 1 to 25 fit",
        ),
        (purpose(""), "field 62-08 has 0 characters"),
        (
            VietQr {
                initiation: Initiation::Static,
                ..base().of_amount(Dong::new(1))
            },
            "dynamic, not static",
        ),
        (
            VietQr {
                merchant_category: Some("12a4".to_owned()),
                ..base()
            },
            "four digits",
        ),
        (
            VietQr {
                merchant_city: Some("A".repeat(16)),
                ..base()
            },
            "field 60 has 16",
        ),
        (unknown(Place::Root, 54), "Root 54"),
        (unknown(Place::Additional, 100), "Additional 100"),
    ];
    for (code, words) in table {
        let error = code.encode(PurposeLimit::STANDARD).expect_err(words);
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.code(), "vietqr-cannot-be-issued");
    }
    let full = Some("A".repeat(25));
    let code = VietQr {
        bill_number: full.clone(),
        reference: full.clone(),
        terminal: full.clone(),
        ..purpose("A")
    };
    let code = VietQr {
        initiation: Initiation::Dynamic,
        purpose: full,
        ..code
    };
    let whole = IssueError::Length {
        tag: "62".to_owned(),
        chars: 116,
        chars_max: 99,
    };
    assert_eq!(code.encode(PurposeLimit::STANDARD), Err(whole));
}

#[test]
fn a_limit_is_the_operators_within_what_the_template_holds() {
    assert_eq!([0, 96].map(PurposeLimit::new), [None, None]);
    let longer = PurposeLimit::new(50).unwrap();
    let text = "Phi tham dinh ho so cap phep so 12345";
    let code = VietQr {
        purpose: purpose_of(text, longer),
        ..VietQr::to(account())
    };
    assert_eq!(code.purpose.as_deref(), Some("PHI THAM DINH HO SO CAP PHEP SO 12345"));
    assert!(code.encode(PurposeLimit::STANDARD).is_err());
    assert_eq!(VietQr::parse(&code.encode(longer).unwrap()), Ok(code));
}

#[test]
fn numbers_are_checked_at_the_edge() {
    for text in ["", "97043", "9704366", "97043a", "٩٧٠٤٣٦"] {
        assert_eq!(text.parse::<BankBin>(), Err(NumberError::Bin), "{text}");
    }
    for text in ["", "12 34", "1-2", "12345678901234567890", "số"] {
        assert_eq!(text.parse::<AccountNumber>(), Err(NumberError::Account), "{text}");
    }
    for text in ["12345678901", "12345678901234567890", "97043612345678VN"] {
        assert_eq!(text.parse::<CardNumber>(), Err(NumberError::Card), "{text}");
    }
    assert_eq!(
        "VQRQ0001abc".parse::<AccountNumber>().unwrap().to_string(),
        "VQRQ0001abc"
    );
}

#[test]
fn faults_of_foreign_codes_are_told_apart() {
    let damaged = VECTOR.replace("150000", "950000");
    let who = "38540010A00000072701240006970436011010175956000208QRIBFTTA";
    let table = [
        (damaged, "something was changed or misread"),
        (
            VECTOR[..VECTOR.len() - 8].to_owned(),
            "check value (field 63) is missing",
        ),
        ("00020101".to_owned(), "character 6 is cut off"),
        ("0002".to_owned(), "character 0 is cut off"),
        ("0x0201".to_owned(), "character 0"),
        ("Đây là chữ".to_owned(), "character 0"),
        (String::new(), "check value (field 63) is missing"),
        (with_crc(&format!("000202010211{who}5303704")), "format is not 01"),
        (
            with_crc(&format!("000201010213{who}5303704")),
            "neither 11 (static) nor 12",
        ),
        (with_crc("0002010102115303704"), "another scheme"),
        (with_crc("00020101021138080004ABCD5303704"), "another scheme"),
        (with_crc(&format!("000201010211{who}5303840")), "currency is 840"),
        (with_crc(&format!("000201010211{who}53037045802LA")), "country is LA"),
        (
            with_crc(&format!("000201010211{who}530370454041.50")),
            "1.50 is no whole number",
        ),
        (
            with_crc(&format!("000201010211{who}5303704540100")),
            "is cut off or malformed",
        ),
        (with_crc(&format!("000201010211{who}{who}")), "field 38 stands twice"),
        (
            with_crc(&format!("000201010211{}", who.replace("FTTA", "FTTX"))),
            "service QRIBFTTX",
        ),
        (
            with_crc(&format!("000201010211{}", who.replace("970436", "97O436"))),
            "BIN is six digits",
        ),
        ("9".repeat(3000), "at most 2953"),
    ];
    for (text, words) in table {
        let error = VietQr::parse(&text).expect_err(words);
        assert!(error.to_string().contains(words), "{text}: {error}");
    }
}

#[test]
fn codes_seen_in_use_are_read_and_written_back() {
    let who = "38540010A00000072701240006970436011010175956000208QRIBFTTA";
    let text =
        format!("0002010102112614A0000007750002{who}520499995405100.05915NGUYỄN THỊ XUÂN6006HÀ NỘI62140303ABC0703TT1");
    let read = VietQr::parse(&with_crc(&text)).unwrap();
    assert_eq!(read.amount, Some(Dong::new(100)));
    assert_eq!(read.merchant_name.as_deref(), Some("NGUYỄN THỊ XUÂN"));
    assert_eq!(read.terminal.as_deref(), Some("TT1"));
    let kept: Vec<_> = read
        .unknown
        .iter()
        .map(|field| (field.place, field.tag, field.value.as_str()))
        .collect();
    assert_eq!(
        kept,
        [(Place::Root, 26, "A0000007750002"), (Place::Additional, 3, "ABC")]
    );
}

#[test]
fn small_letters_in_the_check_value_are_read() {
    let codes = (1..20).map(|dong| VietQr::to(account()).of_amount(Dong::new(dong)));
    let payloads = codes.map(|code| code.encode(PurposeLimit::STANDARD).unwrap());
    let mut lettered = payloads.filter(|text| text[text.len() - 4..].contains(|c: char| c.is_ascii_alphabetic()));
    let text = lettered.next_back().unwrap();
    let (body, crc) = text.split_at(text.len() - 4);
    assert_eq!(
        VietQr::parse(&format!("{body}{}", crc.to_lowercase())),
        VietQr::parse(&text)
    );
}

/// What a decoder that is not ours reads from a drawing of dark and light modules.
fn decoded(width: usize, height: usize, dark: impl Fn(usize, usize) -> bool) -> String {
    let scale = 4;
    let mut image =
        rqrr::PreparedImage::prepare_from_bitmap(width * scale, height * scale, |x, y| dark(x / scale, y / scale));
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code is seen");
    grids[0].decode().unwrap().1
}

fn decoded_from_blocks(blocks: &str) -> String {
    let rows: Vec<Vec<char>> = blocks.lines().map(|line| line.chars().collect()).collect();
    let light = |x: usize, y: usize| match rows[y / 2][x] {
        '█' => true,
        '▀' => y.is_multiple_of(2),
        '▄' => !y.is_multiple_of(2),
        _ => false,
    };
    let width = rows[0].len();
    decoded(width, width, |x, y| !light(x, y))
}

/// The dark modules of an SVG that is one path of unit squares (`M8 8h8v8H8V8`).
fn decoded_from_svg(svg: &str) -> String {
    let path = svg.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
    let number = |text: &str| text.parse::<f64>().unwrap() as usize;
    let squares: Vec<(usize, usize, usize)> = path
        .split('M')
        .skip(1)
        .map(|square| {
            let (x, rest) = square.split_once(' ').or_else(|| square.split_once(',')).unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            (number(x), number(y), number(rest.split('v').next().unwrap()))
        })
        .collect();
    let unit = squares[0].2;
    let side = squares.iter().map(|(x, y, _)| x.max(y)).max().unwrap() / unit + 1 + 4;
    let dark: std::collections::BTreeSet<_> = squares.iter().map(|(x, y, _)| (x / unit, y / unit)).collect();
    decoded(side, side, |x, y| dark.contains(&(x, y)))
}

#[test]
fn a_decoder_reads_what_was_drawn() {
    assert_eq!(decoded_from_blocks(&text_blocks(VECTOR).unwrap()), VECTOR);
    assert_eq!(decoded_from_svg(&svg(VECTOR, 300).unwrap()), VECTOR);
    let wall = VietQr::to(account()).encode(PurposeLimit::STANDARD).unwrap();
    assert_eq!(decoded_from_blocks(&text_blocks(&wall).unwrap()), wall);
    assert_eq!(text_blocks(&"A".repeat(5000)), Err(ImageError));
}

prop_compose! {
    fn beneficiary()(bin in "[0-9]{6}", account in "[0-9A-Za-z]{1,19}", card in "[0-9]{12,19}", to_card: bool)
        -> Beneficiary {
        let bin = bin.parse().unwrap();
        if to_card {
            Beneficiary::Card { bin, number: card.parse().unwrap() }
        } else {
            Beneficiary::Account { bin, number: account.parse().unwrap() }
        }
    }
}

fn words(chars_max: usize) -> impl Strategy<Value = Option<String>> {
    proptest::option::of(proptest::string::string_regex(&format!("[ -~]{{1,{chars_max}}}")).unwrap())
}

prop_compose! {
    fn any_code()(
        beneficiary in beneficiary(),
        amount in proptest::option::of(1i64..=9_999_999_999_999),
        (merchant_category, merchant_name, merchant_city) in (proptest::option::of("[0-9]{4}"), words(25), words(15)),
        (bill_number, reference, terminal, purpose) in (words(19), words(19), words(19), words(25)),
        unknown in proptest::collection::btree_map(
            prop_oneof![(2u8..38).prop_map(|t| (Place::Root, t)), (80u8..=99).prop_map(|t| (Place::Root, t))],
            "\\PC{0,20}", 0..3),
        dynamic: bool,
    ) -> VietQr {
        let bound = dynamic || amount.is_some() || bill_number.is_some();
        let unknown = unknown.into_iter().map(|((place, tag), value)| UnknownField { place, tag, value }).collect();
        VietQr {
            initiation: if bound { Initiation::Dynamic } else { Initiation::Static },
            beneficiary, merchant_category, amount: amount.map(Dong::new), merchant_name, merchant_city,
            bill_number, reference, terminal, purpose, unknown,
        }
    }
}

proptest! {
    #[test]
    fn what_is_issued_is_read_back(code in any_code()) {
        let payload = code.encode(PurposeLimit::STANDARD);
        if let Ok(payload) = payload {
            prop_assert_eq!(VietQr::parse(&payload), Ok(code));
        } else {
            let too_much = matches!(payload, Err(IssueError::Length { tag, .. }) if tag == "62");
            prop_assert!(too_much, "only the whole of template 62 may not fit");
        }
    }

    #[test]
    fn one_changed_character_is_found(code in any_code(), at in any::<proptest::sample::Index>()) {
        let Ok(payload) = code.encode(PurposeLimit::STANDARD) else { return Ok(()) };
        let mut bytes = payload.clone().into_bytes();
        let at = at.index(bytes.len() - 4);
        bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(VietQr::parse(&changed).is_err(), "{}", changed);
        }
    }

    #[test]
    fn reading_never_panics(text in any::<String>(), digits in "[0-9A]{0,200}") {
        let _ = VietQr::parse(&text);
        let _ = VietQr::parse(&digits);
        let _ = VietQr::parse(&with_crc(&digits));
        let _ = VietQr::parse(&with_crc(&format!("00020138{digits}")));
    }

    #[test]
    fn any_text_becomes_a_purpose_that_can_be_issued(text in any::<String>(), chars in 1usize..=95) {
        let limit = PurposeLimit::new(chars).unwrap();
        let code = VietQr { purpose: purpose_of(&text, limit), ..VietQr::to(account()) };
        let payload = code.encode(limit);
        prop_assert!(payload.is_ok(), "{:?}", payload);
    }
}
