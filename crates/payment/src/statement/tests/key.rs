//! Importing a file twice, or two files that overlap, changes nothing.

use super::*;
use std::collections::BTreeSet;

fn import(known: &mut BTreeSet<String>, statement: &Statement) -> usize {
    let new: Vec<String> = statement
        .new_lines(|key| known.contains(&key.to_string()))
        .into_iter()
        .map(|(key, _)| key.to_string())
        .collect();
    known.extend(new.iter().cloned());
    new.len()
}

proptest! {
    #[test]
    fn a_second_import_brings_nothing(statement in any_statement("[a-c]"), days in 1i8..28) {
        let mut known = BTreeSet::new();
        prop_assert_eq!(import(&mut known, &statement), statement.lines.len(), "no two lines have one key");
        prop_assert_eq!(import(&mut known, &statement), 0);
        let day = kernel::Date::constant(2025, 7, days);
        let mut overlap = statement.clone();
        overlap.lines.retain(|line| line.booked_on >= day);
        prop_assert_eq!(import(&mut known, &overlap), 0, "whole days of another file");
    }
}

#[test]
fn what_makes_a_booking_another_one() {
    let line = Line {
        number: 1,
        booked_on: kernel::Date::constant(2025, 7, 1),
        amount: Dong::new(5),
        direction: Direction::In,
        counterparty: None,
        text: "Lệ  phí".to_owned(),
        bank_reference: None,
    };
    let key = |line: &Line| {
        let lines = vec![line.clone()];
        let (from, to) = (line.booked_on, line.booked_on);
        let account = ACCOUNT.to_owned();
        let one = Statement {
            account,
            from,
            to,
            opening: None,
            closing: None,
            lines,
            doubled: Vec::new(),
        };
        one.keys().remove(0)
    };
    let base = key(&line);
    assert_eq!(base.to_string(), "1017595600|2025-07-01|le phi|+5|0");
    assert_eq!(
        key(&Line {
            number: 9,
            text: "LE PHI".to_owned(),
            counterparty: Some("A".to_owned()),
            ..line.clone()
        }),
        base
    );
    assert_ne!(
        key(&Line {
            amount: Dong::new(6),
            ..line.clone()
        }),
        base
    );
    assert_ne!(
        key(&Line {
            direction: Direction::Out,
            ..line.clone()
        }),
        base
    );
    let referenced = Line {
        bank_reference: Some("FT1".to_owned()),
        ..line.clone()
    };
    assert_eq!(key(&referenced).to_string(), "1017595600|ref|FT1|+5|0");
    assert_eq!(
        key(&Line {
            text: "other words".to_owned(),
            ..referenced.clone()
        }),
        key(&referenced)
    );
    assert_ne!(
        key(&Line {
            amount: Dong::new(1),
            ..referenced.clone()
        }),
        key(&referenced),
        "a fee under the same number"
    );
}
