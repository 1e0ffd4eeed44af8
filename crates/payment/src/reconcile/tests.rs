//! Each way in which money meets a bill, and the proof that no đồng is lost: for random bills, lines and orders the
//! parts make up the statement.

use super::*;
use crate::statement::Line;
use kernel::Date;
use proptest::prelude::*;

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: usize) -> T {
    format!("00000000-0000-0000-0000-{number:012}").parse().unwrap()
}

fn reference(number: usize) -> BillReference {
    BillReference::issue("TS", u64::try_from(number).unwrap()).unwrap()
}

fn bill(number: usize, amount: i64) -> Bill {
    let (amount, settled) = (Dong::new(amount), Dong::ZERO);
    Bill {
        id: id(number),
        reference: reference(number),
        amount,
        settled,
        cancelled: false,
    }
}

fn refund(number: usize, amount: i64) -> Refund {
    Refund {
        id: id(number),
        reference: reference(number),
        amount: Dong::new(amount),
        sent: Dong::ZERO,
    }
}

fn line(amount: i64, text: &str) -> Line {
    Line {
        number: 1,
        booked_on: Date::constant(2025, 7, 1),
        amount: Dong::new(amount.abs()),
        direction: if amount < 0 { Direction::Out } else { Direction::In },
        counterparty: Some("NGAN HANG A".to_owned()),
        text: text.to_owned(),
        bank_reference: None,
    }
}

fn rules() -> Vec<ExplanationRule> {
    let text = r#"
[[rule]]
code = "interest"
direction = "in"
text_begins = "Trả lãi"
counterparty = "Ngân hàng A"
amount_max = 100
[[rule]]
code = "bank-fee"
direction = "out"
text_begins = "Phí SMS"
amount_max = 55000
"#;
    #[derive(Deserialize)]
    struct Rules {
        rule: Vec<ExplanationRule>,
    }
    toml::from_str::<Rules>(text).unwrap().rule
}

/// `line:amount what` of each part; bills and refunds by their number.
fn explained(bills: &[Bill], refunds: &[Refund], lines: &[Line]) -> Vec<String> {
    let result = reconcile(bills, refunds, lines, &rules()).unwrap();
    let short = |id: &dyn std::fmt::Display| id.to_string().trim_start_matches(['0', '-']).to_owned();
    let all = |ids: &[BillId]| ids.iter().map(|id| short(id)).collect::<Vec<_>>().join(",");
    let what = |what: &Explanation| match what {
        Explanation::Settles(id) => format!("settles {}", short(id)),
        Explanation::Refunds(id) => format!("refunds {}", short(id)),
        Explanation::Overpaid(id) => format!("overpaid {}", short(id)),
        Explanation::PaidAgain(id) => format!("again {}", short(id)),
        Explanation::PaidThoughCancelled(id) => format!("cancelled {}", short(id)),
        Explanation::Known(code) => code.clone(),
        Explanation::Unknown(ids) => format!("unknown {}", all(ids)).trim_end().to_owned(),
        Explanation::Several(ids) => format!("several {}", all(ids)),
        Explanation::BeyondRefund(id) => format!("beyond {}", short(id)),
    };
    result
        .parts
        .iter()
        .map(|part| format!("{}:{} {}", part.line, part.amount.get(), what(&part.what)))
        .collect()
}

fn states(bills: &[Bill], lines: &[Line]) -> Vec<(BillState, i64)> {
    let result = reconcile(bills, &[], lines, &[]).unwrap();
    result
        .bills
        .iter()
        .map(|bill| (bill.state, bill.surplus.get()))
        .collect()
}

#[test]
fn each_way_in_which_money_meets_a_bill() {
    let bills = [bill(1, 1000), bill(2, 500)];
    let cancelled = [Bill {
        cancelled: true,
        ..bill(1, 1000)
    }];
    let (one, two) = (reference(1).to_string(), reference(2).to_string());
    let both = format!("{one} {two}");
    let table: [(&[Bill], &[Line], &[&str]); 11] = [
        (&bills, &[line(1000, &one)], &["0:1000 settles 1"]),
        (&bills, &[line(999, &one)], &["0:999 settles 1"]),
        (
            &bills,
            &[line(999, &one), line(1, &one)],
            &["0:999 settles 1", "1:1 settles 1"],
        ),
        (&bills, &[line(1001, &one)], &["0:1000 settles 1", "0:1 overpaid 1"]),
        (
            &bills,
            &[line(1000, &one), line(1000, &one)],
            &["0:1000 settles 1", "1:1000 again 1"],
        ),
        (&cancelled, &[line(1000, &one)], &["0:1000 cancelled 1"]),
        (&bills, &[line(1000, "chuyen tien")], &["0:1000 unknown 1"]),
        (&bills, &[line(7, "chuyen tien")], &["0:7 unknown"]),
        (&bills, &[line(1500, &both)], &["0:1000 settles 1", "0:500 settles 2"]),
        (&bills, &[line(500, &both)], &["0:500 settles 2"]),
        (&bills, &[line(700, &both)], &["0:700 several 1,2"]),
    ];
    for (bills, lines, expected) in table {
        assert_eq!(explained(bills, &[], lines), expected);
    }
    assert_eq!(
        states(&bills, &[line(999, &one)]),
        [(BillState::Short(Dong::new(1)), 0), (BillState::Unpaid, 0)]
    );
    assert_eq!(states(&bills, &[line(1001, &one)])[0], (BillState::Paid, 1));
    assert_eq!(states(&cancelled, &[line(10, &one)]), [(BillState::Cancelled, 10)]);
    let before = [Bill {
        settled: Dong::new(999),
        ..bill(1, 1000)
    }];
    assert_eq!(states(&before, &[]), [(BillState::Short(Dong::new(1)), 0)]);
    assert_eq!(
        states(&before, &[line(1, &one)]),
        [(BillState::Paid, 0)],
        "what came before counts"
    );
}

#[test]
fn money_that_goes_is_a_refund_or_known_or_listed() {
    let refunds = [refund(9, 300)];
    let nine = reference(9).to_string();
    let lines = [
        line(-200, &nine),
        line(-150, &nine),
        line(-55_000, "PHI SMS T7"),
        line(-55_001, "phí sms"),
        line(-5, "x"),
    ];
    assert_eq!(
        explained(&[bill(1, 5)], &refunds, &lines),
        [
            "0:150 refunds 9",
            "0:50 beyond 9",
            "1:150 refunds 9",
            "2:55000 bank-fee",
            "3:55001 unknown",
            "4:5 unknown",
        ]
    );
    assert_eq!(
        explained(&[], &refunds, &[line(300, &nine)]),
        ["0:300 unknown"],
        "a refund that came back is looked at"
    );
}

#[test]
fn a_payer_cannot_pose_as_the_bank() {
    let interest = line(90, "TRA LAI tien gui");
    assert_eq!(explained(&[], &[], std::slice::from_ref(&interest)), ["0:90 interest"]);
    let posing = Line {
        counterparty: Some("NGUYEN VAN A".to_owned()),
        ..interest.clone()
    };
    assert_eq!(explained(&[], &[], &[posing]), ["0:90 unknown"]);
    assert_eq!(
        explained(
            &[],
            &[],
            &[Line {
                amount: Dong::new(101),
                ..interest
            }]
        ),
        ["0:101 unknown"]
    );
}

#[test]
fn references_are_found_however_banks_deliver_them() {
    let bills = [bill(1, 10)];
    let one = reference(1).to_string();
    let (front, back) = one.split_at(5);
    for text in [
        format!("MBVCB.6541.{one}.CT tu 0011 NGUYEN VAN A"),
        format!("nop le phi {}", one.to_lowercase()),
        format!("{front} {back}"),
        format!("{front}-{back}/FT25182"),
        format!("IBFT{one}GD 123"),
    ] {
        assert_eq!(explained(&bills, &[], &[line(10, &text)]), ["0:10 settles 1"], "{text}");
    }
    let mistyped = one.replace('Z', "Y");
    assert_eq!(explained(&bills, &[], &[line(10, &mistyped)]), ["0:10 unknown 1"]);
}

#[test]
fn a_mistyped_reference_is_nobody_elses() {
    let all: Vec<BillReference> = (0..2000).map(reference).collect();
    assert!(all.iter().all(BillReference::check_fits));
    for one in &all[..50] {
        let text = one.to_string();
        for at in 0..text.len() {
            for other in ('0'..='9')
                .chain('A'..='Z')
                .filter(|other| !text[at..].starts_with(*other))
            {
                let mut typed = text.clone();
                typed.replace_range(at..=at, &other.to_string());
                assert!(!typed.parse::<BillReference>().unwrap().check_fits(), "{text} {typed}");
            }
        }
    }
    for text in [
        "",
        "TS001",
        "ts0000001",
        "TS-00001",
        "TSĐ00001",
        "T23456789012345678901234567",
    ] {
        assert_eq!(text.parse::<BillReference>(), Err(ReferenceError::Shape), "{text}");
    }
    assert_eq!(BillReference::issue("t", 1), Err(ReferenceError::Prefix));
    assert_eq!(BillReference::issue("TS", 1 << 35), Err(ReferenceError::Number));
    assert!(BillReference::issue("TS", (1 << 35) - 1).unwrap().check_fits());
}

#[test]
fn what_cannot_be_is_refused() {
    let twice = [
        bill(1, 5),
        Bill {
            id: id(2),
            ..bill(1, 5)
        },
    ];
    assert_eq!(
        reconcile(&twice, &[], &[], &[]),
        Err(ReconcileError::SameReference(reference(1)))
    );
    let both = reconcile(&twice[..1], &[refund(1, 5)], &[], &[]);
    assert_eq!(both, Err(ReconcileError::SameReference(reference(1))));
    for (amount, settled) in [(0, 0), (-1, 0), (5, 6), (5, -1)] {
        let bad = Bill {
            amount: Dong::new(amount),
            settled: Dong::new(settled),
            ..bill(1, 5)
        };
        assert_eq!(
            reconcile(&[bad], &[], &[], &[]),
            Err(ReconcileError::Amounts(reference(1)))
        );
    }
}

prop_compose! {
    fn any_bill(number: usize)(amount in 1i64..2_000, part in 0i64..=100, cancelled in proptest::bool::weighted(0.2)) -> Bill {
        Bill { settled: Dong::new(amount * part / 100), cancelled, ..bill(number, amount) }
    }
}

fn any_line() -> impl Strategy<Value = Line> {
    let named = proptest::collection::vec(0usize..14, 0..3);
    (named, -2_000i64..2_500, 1i8..28, "[A-Z0-9 .]{0,12}").prop_map(|(named, amount, day, words)| {
        let references: Vec<String> = named.into_iter().map(|number| reference(number).to_string()).collect();
        let amount = if amount == 0 { 1 } else { amount };
        let text = format!("{words} {}", references.join("."));
        Line {
            booked_on: Date::constant(2025, 7, day),
            ..line(amount, &text)
        }
    })
}

/// Bills 0 to 9, refunds 10 and 11; 12 and 13 are nobody's.
fn any_books() -> impl Strategy<Value = (Vec<Bill>, Vec<Refund>)> {
    let bills: Vec<_> = (0..10).map(any_bill).collect();
    (bills, 1i64..2_000, 1i64..2_000).prop_map(|(bills, a, b)| (bills, vec![refund(10, a), refund(11, b)]))
}

/// How much of what kind, whatever the order of lines was.
fn totals(result: &Reconciliation) -> Vec<(Direction, Explanation, Dong)> {
    let mut all: std::collections::BTreeMap<(Direction, Explanation), Dong> = std::collections::BTreeMap::new();
    for part in &result.parts {
        let sum = all.entry((part.direction, part.what.clone())).or_default();
        *sum = sum.checked_add(part.amount).unwrap();
    }
    all.into_iter()
        .map(|((direction, what), sum)| (direction, what, sum))
        .collect()
}

proptest! {
    #[test]
    fn every_dong_is_matched_explained_or_listed(
        (bills, refunds) in any_books(),
        lines in proptest::collection::vec(any_line(), 0..40),
    ) {
        let result = reconcile(&bills, &refunds, &lines, &rules()).unwrap();
        for (at, line) in lines.iter().enumerate() {
            let parts: Vec<_> = result.parts.iter().filter(|part| part.line == at).collect();
            prop_assert!(parts.iter().all(|part| part.amount > Dong::ZERO && part.direction == line.direction));
            prop_assert_eq!(parts.iter().map(|part| part.amount).sum::<Dong>(), line.amount);
        }
        for direction in [Direction::In, Direction::Out] {
            let classes = [Class::Matched, Class::Explained, Class::Listed];
            let parts: Dong = classes.into_iter().map(|class| result.sum(direction, class)).sum();
            let statement: Dong = lines.iter().filter(|line| line.direction == direction).map(|line| line.amount).sum();
            prop_assert_eq!(parts, statement);
        }
        for (bill, outcome) in bills.iter().zip(&result.bills) {
            let of = |wanted: fn(BillId) -> Explanation| -> i64 {
                let parts = result.parts.iter().filter(|part| part.what == wanted(bill.id));
                parts.map(|part| part.amount.get()).sum()
            };
            let settles = of(Explanation::Settles);
            prop_assert_eq!(bill.settled.get() + settles, outcome.settled.get());
            prop_assert!(outcome.settled <= bill.amount, "no bill is settled beyond its amount");
            prop_assert!(!bill.cancelled || settles == 0);
            prop_assert_eq!(outcome.state == BillState::Paid, !bill.cancelled && outcome.settled == bill.amount);
            let surplus = of(Explanation::Overpaid) + of(Explanation::PaidAgain) + of(Explanation::PaidThoughCancelled);
            prop_assert_eq!(surplus, outcome.surplus.get());
        }
        for refund in &refunds {
            let sent = result.parts.iter().filter(|part| part.what == Explanation::Refunds(refund.id));
            prop_assert!(sent.map(|part| part.amount).sum::<Dong>() <= refund.amount);
        }
    }

    #[test]
    fn the_order_of_a_file_changes_nothing(
        (bills, refunds) in any_books(),
        (lines, shuffled) in proptest::collection::vec(any_line(), 0..30)
            .prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle())),
    ) {
        let one = reconcile(&bills, &refunds, &lines, &rules()).unwrap();
        let other = reconcile(&bills, &refunds, &shuffled, &rules()).unwrap();
        prop_assert_eq!(totals(&one), totals(&other));
        prop_assert_eq!(one.bills, other.bills);
    }

    #[test]
    fn no_text_panics(text in any::<String>(), amount in 1i64..) {
        let lines = [line(amount, &text)];
        let result = reconcile(&[bill(1, i64::MAX), bill(2, i64::MAX)], &[], &lines, &rules()).unwrap();
        prop_assert_eq!(result.parts.len(), 1);
    }
}

#[test]
fn slow_a_year_of_bills_and_lines() {
    let bills: Vec<Bill> = (0..100_000).map(|number| bill(number, 50_000)).collect();
    let text = |number: usize| format!("NOP LE PHI {} QUA NGAN HANG TMCP NGOAI THUONG", reference(number));
    let lines: Vec<Line> = (0..100_000).map(|number| line(50_000, &text(number))).collect();
    let before = std::time::Instant::now();
    let result = reconcile(&bills, &[], &lines, &rules()).unwrap();
    let seconds = before.elapsed().as_secs_f64();
    println!("100,000 lines against 100,000 bills in {seconds:.2} s");
    assert!(result.bills.iter().all(|bill| bill.state == BillState::Paid));
    assert!(seconds < 30.0, "took {seconds} s, unoptimised and beside other tests");
}
