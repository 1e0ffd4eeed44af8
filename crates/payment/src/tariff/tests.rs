//! Charges by table, what is refused, and what holds for any tariff. The amounts and clauses here are invented.

use super::*;
use kernel::Fault as _;
use proptest::prelude::*;

const TARIFF: &str = r#"
procedure = "1.005129"
valid_from = "2025-07-01"
valid_to = "2025-12-31"
legal_basis = "NQ 01/2025/NQ-HĐND"
rounding = { to_dong = 1000, mode = "nearest" }
[[fees]]
code = "issue"
name = { vi = "Lệ phí cấp giấy phép", en = "Charge for the licence" }
kind = "charge"
amount = 75000
online = 50000
[[fees]]
code = "copy"
name = { vi = "Phí sao lục" }
kind = "fee"
amount = 2001
per = "page"
[[reliefs]]
ground = "poor-household"
name = { vi = "Hộ nghèo" }
legal_basis = "Đ10"
effect = { kind = "exempt" }
fees = ["issue"]
[[reliefs]]
ground = "child"
name = { vi = "Trẻ em" }
legal_basis = "Đ10 k2"
effect = { kind = "percent", percent = 50 }
[[reliefs]]
ground = "remote"
name = { vi = "Vùng sâu" }
legal_basis = "Đ5"
effect = { kind = "minus", amount = 30000 }
fees = ["issue"]
channels = ["desk"]
valid_to = "2025-09-30"
"#;

fn tariff() -> Tariff {
    toml::from_str(TARIFF).unwrap()
}

fn facts(channel: Channel, grounds: &[&str], pages: u32) -> Facts {
    let grounds = grounds.iter().map(|ground| (*ground).to_owned()).collect();
    Facts {
        channel,
        grounds,
        quantities: [("page".to_owned(), pages)].into(),
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// `due of issue + due of copy = total: grounds taken`.
fn charged(tariff: Tariff, facts: &Facts, on: &str) -> String {
    let charge = compute(&tariff.checked().unwrap(), facts, day(on)).unwrap();
    let dues: Vec<String> = charge.lines.iter().map(|line| line.due.get().to_string()).collect();
    let taken: Vec<String> = charge
        .grounds
        .iter()
        .map(|one| format!("{}@{}", one.ground, one.fee))
        .collect();
    format!("{} = {}: {}", dues.join(" + "), charge.total.get(), taken.join(" "))
}

#[test]
fn charges_by_channel_ground_and_day() {
    use Channel::{Desk, Online, Post};
    let table: [(Channel, &[&str], u32, &str, &str); 9] = [
        (Desk, &[], 3, "2025-07-01", "75000 + 6003 = 81003: "),
        (Online, &[], 1, "2025-12-31", "50000 + 2001 = 52001: "),
        (Post, &[], 0, "2025-08-01", "75000 + 0 = 75000: "),
        (
            Desk,
            &["poor-household"],
            1,
            "2025-08-01",
            "0 + 2001 = 2001: poor-household@issue",
        ),
        (
            Desk,
            &["child"],
            3,
            "2025-08-01",
            "38000 + 3000 = 41000: child@issue child@copy",
        ),
        (
            Desk,
            &["child", "poor-household"],
            0,
            "2025-08-01",
            "0 + 0 = 0: poor-household@issue",
        ),
        (
            Desk,
            &["child", "remote"],
            0,
            "2025-08-01",
            "38000 + 0 = 38000: child@issue",
        ),
        (Desk, &["remote"], 0, "2025-10-01", "75000 + 0 = 75000: "),
        (Online, &["remote"], 0, "2025-08-01", "50000 + 0 = 50000: "),
    ];
    for (channel, grounds, pages, on, expected) in table {
        assert_eq!(
            charged(tariff(), &facts(channel, grounds, pages), on),
            expected,
            "{channel:?} {grounds:?} {on}"
        );
    }
    let sum = Tariff {
        combine: Combine::Sum,
        ..tariff()
    };
    assert_eq!(
        charged(sum, &facts(Desk, &["child", "remote"], 0), "2025-08-01"),
        "8000 + 0 = 8000: child@issue remote@issue"
    );
}

#[test]
fn rounding_goes_as_declared_and_never_above_the_full_amount() {
    let table = [
        (1, RoundingMode::Down, 1000), // half of 2001
        (1, RoundingMode::Up, 1001),
        (1, RoundingMode::Nearest, 1001),
        (1000, RoundingMode::Down, 1000),
        (1000, RoundingMode::Up, 2000),
        (1000, RoundingMode::Nearest, 1000),
        (5000, RoundingMode::Up, 2001),
        (5000, RoundingMode::Down, 0),
    ];
    for (to_dong, mode, due) in table {
        let tariff = Tariff {
            rounding: Rounding { to_dong, mode },
            ..tariff()
        }
        .checked()
        .unwrap();
        let charge = compute(&tariff, &facts(Channel::Desk, &["child"], 1), day("2025-08-01")).unwrap();
        assert_eq!(charge.lines[1].due, Dong::new(due), "{to_dong} {mode:?}");
    }
}

#[test]
fn what_is_not_known_is_not_guessed() {
    let checked = tariff().checked().unwrap();
    let on = day("2025-08-01");
    let error = |facts: &Facts, on| compute(&checked, facts, on).expect_err("refused");
    assert_eq!(
        error(&facts(Channel::Desk, &["soldier"], 1), on).code(),
        "tariff-ground-unknown"
    );
    let none = Facts {
        quantities: BTreeMap::new(),
        ..facts(Channel::Desk, &[], 0)
    };
    assert_eq!(
        error(&none, on).to_string(),
        "fee copy is per page, and nobody said how many"
    );
    for other in ["2025-06-30", "2026-01-01"] {
        assert_eq!(
            error(&facts(Channel::Desk, &[], 0), day(other)).code(),
            "tariff-missing"
        );
    }
    let mut large = tariff();
    large.fees[1].amount = Dong::new(i64::MAX / 2);
    let result = compute(&large.checked().unwrap(), &facts(Channel::Desk, &[], 3), on);
    assert_eq!(result, Err(TariffError::TooLarge));
}

#[test]
fn faults_of_a_tariff_are_told_at_once() {
    let mut faulty = tariff();
    faulty.valid_to = Some(day("2025-01-01"));
    faulty.legal_basis = " ".to_owned();
    faulty.rounding.to_dong = 0;
    faulty.fees[0].online = Some(Dong::new(-1));
    faulty.fees[1].code = "issue".to_owned();
    faulty.reliefs[0].fees = vec!["other".to_owned()];
    faulty.reliefs[1].effect = Effect::Percent { percent: 101 };
    faulty.reliefs[2].legal_basis = String::new();
    let words: Vec<String> = faulty.checked().unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "1.005129: the last day is before the first",
            "1.005129: a code, a name or the legal basis is empty",
            "rounding is to a multiple of 1 to 1,000,000 đồng",
            "fee issue: an amount is negative",
            "fee issue stands twice",
            "relief poor-household: there is no fee other",
            "relief child: a percentage is 1 to 100, an amount more than nothing",
            "relief remote: a code, a name or the legal basis is empty",
        ]
    );
    assert!(
        toml::from_str::<Tariff>(&TARIFF.replace("legal_basis = \"Đ5\"\n", "")).is_err(),
        "no relief without a clause"
    );
}

#[test]
fn one_tariff_a_day() {
    let next = Tariff {
        valid_from: day("2026-01-01"),
        valid_to: None,
        ..tariff()
    };
    let all = [next.checked().unwrap(), tariff().checked().unwrap()];
    assert!(check_all(&all).is_empty());
    let found = |on: &str| in_force(&all, &tariff().procedure, day(on)).map(|one| one.tariff().valid_from.to_string());
    assert_eq!(found("2025-12-31").as_deref(), Ok("2025-07-01"));
    assert_eq!(found("2026-01-01").as_deref(), Ok("2026-01-01"));
    assert!(found("2025-06-30").is_err());
    let open = Tariff {
        valid_to: None,
        ..tariff()
    }
    .checked()
    .unwrap();
    let overlap = check_all(&[all[0].clone(), open]);
    assert_eq!(overlap.len(), 1);
    assert_eq!(
        overlap[0].to_string(),
        "procedure 1.005129 has two tariffs on 2026-01-01"
    );
}

fn any_effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        1 => Just(Effect::Exempt),
        4 => (1u8..=100).prop_map(|percent| Effect::Percent { percent }),
        4 => (1i64..2_000_000).prop_map(|amount| Effect::Minus { amount: Dong::new(amount) }),
    ]
}

prop_compose! {
    fn any_tariff()(
        amounts in proptest::collection::vec((0i64..10_000_000, proptest::option::of(0i64..10_000_000)), 1..4),
        effects in proptest::collection::vec((any_effect(), any::<bool>()), 0..6),
        (to_dong, mode) in (1u32..100_000, prop_oneof![Just(RoundingMode::Down), Just(RoundingMode::Up), Just(RoundingMode::Nearest)]),
        combine in prop_oneof![Just(Combine::Largest), Just(Combine::Sum)],
    ) -> CheckedTariff {
        let mut tariff = Tariff { rounding: Rounding { to_dong, mode }, combine, valid_to: None, ..tariff() };
        let (fee, relief) = (tariff.fees[0].clone(), tariff.reliefs[1].clone());
        tariff.fees = amounts.iter().zip(0..).map(|((amount, online), number)| Fee {
            code: format!("f{number}"), amount: Dong::new(*amount), online: online.map(Dong::new), ..fee.clone()
        }).collect();
        tariff.reliefs = effects.iter().zip(0..).map(|((effect, one), number)| Relief {
            ground: format!("g{number}"), effect: *effect,
            fees: if *one { vec!["f0".to_owned()] } else { Vec::new() }, ..relief.clone()
        }).collect();
        tariff.checked().unwrap()
    }
}

proptest! {
    #[test]
    fn a_charge_is_bounded_and_more_grounds_never_cost_more(
        tariff in any_tariff(), mask in any::<u8>(), more in any::<u8>(), online: bool,
    ) {
        let channel = if online { Channel::Online } else { Channel::Desk };
        let with = |mask: u8| {
            let all = tariff.tariff().reliefs.iter().zip(0u32..);
            let grounds = all.filter(|(_, bit)| mask >> bit & 1 == 1).map(|(relief, _)| relief.ground.clone()).collect();
            compute(&tariff, &Facts { channel, grounds, quantities: BTreeMap::new() }, day("2025-08-01")).unwrap()
        };
        let (fewer, all) = (with(mask), with(mask | more));
        prop_assert_eq!(fewer.total, fewer.lines.iter().map(|line| line.due).sum());
        for (one, other) in fewer.lines.iter().zip(&all.lines) {
            prop_assert!(one.due >= Dong::ZERO && one.due <= one.full);
            prop_assert!(other.due <= one.due, "{:?} {:?}", one, other);
        }
        for taken in &all.grounds {
            prop_assert!(!taken.legal_basis.is_empty());
            let line = all.lines.iter().find(|line| line.fee == taken.fee).unwrap();
            let relief = tariff.tariff().reliefs.iter().find(|relief| relief.ground == taken.ground).unwrap();
            prop_assert!(relief.effect != Effect::Exempt || line.due.is_zero(), "exempt is nothing to pay");
        }
    }
}
