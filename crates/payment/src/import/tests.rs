//! Lines taken in on both engines: what settles, what is short, what comes twice, what nobody knows, and that every đồng is
//! matched, explained or listed.

use kernel::Dong;

use super::{Decision, PartId, Sums, What, assign, detail_context, explain, reason_context, store};
use crate::bill::{PAID, Standing};
use crate::house::following;
use crate::reconcile::{Class, ExplanationRule};
use crate::statement::Direction;
use crate::testing::{House, MIGRATIONS, day, line, statement};
use crate::{PaymentError, bill};

async fn sums(house: &House) -> (Sums, Sums) {
    let account = house.account.id;
    let read = house
        .payments
        .store()
        .read(move |tx| store::sums(tx, account, day(1), day(30)))
        .await;
    let sums = read.expect("the sums are read");
    assert!(sums.0.adds_up() && sums.1.adds_up(), "{sums:?}");
    sums
}

/// The parts that a person has to look at.
async fn listed(house: &House) -> Vec<store::PartRow> {
    let units = [house.unit];
    let read = house
        .payments
        .store()
        .read(move |tx| store::listed(tx, &units, 100))
        .await;
    read.expect("the list is read")
}

fn decision(house: &House, part: PartId) -> Decision {
    let base = house.id();
    let seal = |n| {
        let id = PartId::from_uuid(following(base, n));
        house
            .payments
            .seal(&reason_context(id), "Người nộp gọi điện xác nhận".as_bytes())
    };
    Decision {
        part,
        base,
        reasons: [seal(1), seal(2)],
        by: house.by.clone(),
        now: house.now(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_settles_its_bill_and_tells_once() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(50_000).await;
        let text = format!("NHAN TU 970422 ND {} nop le phi", bill.reference);
        let taken = house
            .import(1, statement(vec![line(day(18), 50_000, &text, "FT1")]))
            .await
            .expect("taken in");
        assert_eq!(taken.new, 1);
        let paid = house.find(bill.id).await;
        assert_eq!((paid.standing(), paid.settled), (Standing::Paid, Dong::new(50_000)));
        assert!(paid.paid_at.is_some());
        assert_eq!(house.events(bill.subject, PAID).await, 1);
        let again = house
            .import(1, statement(vec![line(day(18), 50_000, &text, "FT1")]))
            .await
            .expect("nothing changes");
        assert_eq!(
            (again.new, again.import),
            (0, taken.import),
            "the same file is the same import"
        );
        assert_eq!(house.events(bill.subject, PAID).await, 1);
        let id = bill.id;
        let payments = house
            .payments
            .store()
            .read(move |tx| bill::payments(tx, id))
            .await
            .expect("read");
        assert_eq!(payments.len(), 1);
        assert_eq!(payments[0].receipt, Some((2026, 1)));
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_dong_short_is_short() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(50_000).await;
        let text = bill.reference.to_string();
        house
            .import(1, statement(vec![line(day(18), 49_999, &text, "FT1")]))
            .await
            .expect("taken in");
        let short = house.find(bill.id).await;
        assert_eq!((short.standing(), short.waiting()), (Standing::Partly, Dong::new(1)));
        assert_eq!(
            house.events(bill.subject, PAID).await,
            0,
            "nobody is told of a bill that is short"
        );
        house
            .import(2, statement(vec![line(day(19), 2, &text, "FT2")]))
            .await
            .expect("taken in");
        let over = house.find(bill.id).await;
        assert_eq!((over.standing(), over.surplus), (Standing::Over, Dong::new(1)));
        assert_eq!(house.events(bill.subject, PAID).await, 1);
        let (came, _) = sums(&house).await;
        assert_eq!(
            (came.matched, came.explained, came.listed),
            (Dong::new(50_000), Dong::new(1), Dong::ZERO)
        );
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_in_two_files_counts_once() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let (one, two) = (house.bill(10_000).await, house.bill(20_000).await);
        let first = line(day(17), 10_000, &one.reference.to_string(), "FT1");
        let second = line(day(18), 20_000, &two.reference.to_string(), "");
        house
            .import(1, statement(vec![first.clone(), second.clone()]))
            .await
            .expect("taken in");
        let fee = line(day(19), -1_100, "PHI SMS", "FT3");
        let both = house.import(2, statement(vec![second, fee])).await.expect("taken in");
        let row = house.import_row(&both).await;
        assert_eq!((row.lines, row.lines_new, row.lines_known), (2, 1, 1));
        let (came, went) = sums(&house).await;
        assert_eq!(
            (came.total, came.lines, came.matched),
            (Dong::new(30_000), 2, Dong::new(30_000))
        );
        assert_eq!((went.total, went.listed), (Dong::new(1_100), Dong::new(1_100)));
        assert_eq!(house.find(two.id).await.standing(), Standing::Paid);
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_listed_until_a_person_decides() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(75_000).await;
        let rule = ExplanationRule {
            code: "bank-fee".to_owned(),
            direction: Direction::Out,
            text_begins: "phí".to_owned(),
            counterparty: None,
            amount_max: Dong::new(20_000),
        };
        let lines = vec![
            line(day(18), 75_000, "tien le phi cua chi Hoa", "FT1"),
            line(day(18), 12_000, "ung ho", "FT2"),
            line(day(18), -11_000, "PHI DICH VU", "FT3"),
        ];
        house
            .import_as(1, statement(lines), vec![rule])
            .await
            .expect("taken in");
        let (came, went) = sums(&house).await;
        assert_eq!(
            (came.listed, came.matched),
            (Dong::new(87_000), Dong::ZERO),
            "an amount alone settles nothing"
        );
        assert_eq!((went.explained, went.listed), (Dong::new(11_000), Dong::ZERO));
        let waits = listed(&house).await;
        assert_eq!(waits.len(), 2);
        let fits = waits
            .iter()
            .find(|row| row.part.amount == Dong::new(75_000))
            .expect("it is listed");
        assert_eq!(
            fits.part.candidates,
            vec![bill.id],
            "the bill of exactly this amount is named beside it"
        );
        let other = waits
            .iter()
            .find(|row| row.part.amount == Dong::new(12_000))
            .expect("it is listed");
        let store = house.payments.store();
        let (decided, reference) = (decision(&house, fits.part.id), bill.reference.clone());
        let again = decided.clone();
        let named = reference.clone();
        store
            .write(move |tx| assign(tx, &decided, &named))
            .await
            .expect("it is assigned");
        let twice = store.write(move |tx| assign(tx, &again, &reference)).await;
        assert!(
            matches!(twice, Err(PaymentError::PartDecided)),
            "of two who decide one is told"
        );
        assert_eq!(house.find(bill.id).await.standing(), Standing::Paid);
        assert_eq!(house.events(bill.subject, PAID).await, 1);
        let decided = decision(&house, other.part.id);
        store
            .write(move |tx| explain(tx, &decided))
            .await
            .expect("it is explained");
        assert!(listed(&house).await.is_empty());
        let (came, _) = sums(&house).await;
        assert_eq!(
            (came.matched, came.explained, came.listed),
            (Dong::new(75_000), Dong::new(12_000), Dong::ZERO)
        );
        let id = other.line.id;
        let parts = store.read(move |tx| store::parts(tx, id)).await.expect("read");
        assert_eq!(
            (parts.len(), parts[0].what, parts[0].class),
            (1, What::Explained, Class::Explained)
        );
        assert_eq!(parts[0].decided.as_ref().map(|one| one.1.as_str()), Some("Đỗ Thị Thu"));
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_paid_is_sealed() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        house
            .import(1, statement(vec![line(day(18), 5_000, "Hoa nop tien", "FT1")]))
            .await
            .expect("taken in");
        let row = listed(&house).await.remove(0);
        let id = row.line.id;
        let sealed = house
            .payments
            .store()
            .read(move |tx| store::detail(tx, id))
            .await
            .expect("read");
        assert!(
            !sealed.windows(3).any(|part| part == b"HOA" || part == b"Hoa"),
            "nothing of it stands in the open"
        );
        let purpose = identity::Purpose::for_system("test", id.uuid(), "");
        let text =
            crate::house::open(&house.payments.keys(), &purpose, &detail_context(id), &sealed).expect("it opens");
        assert!(text.contains("TRAN THI HOA") && text.contains("Hoa nop tien"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_statement_and_one_too_long_are_refused() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let mut other = statement(vec![line(day(18), 5_000, "x", "FT1")]);
        other.account = "999".to_owned();
        let refused = house.import(1, other).await;
        assert!(matches!(refused, Err(PaymentError::AccountDiffers(number)) if number == "999"));
        let mut spaced = statement(vec![line(day(18), 5_000, "x", "FT1")]);
        spaced.account = "101 759 5600".to_owned();
        assert!(house.import(2, spaced).await.is_ok(), "banks write spaces into numbers");
        let many = (0..20_001).map(|n| line(day(18), 1, "x", &n.to_string())).collect();
        assert!(matches!(
            house.import(3, statement(many)).await,
            Err(PaymentError::TooManyLines(20_000))
        ));
        assert_eq!(sums(&house).await.0.lines, 1, "nothing of a refused file is kept");
    })
    .await;
}

/// A month of payments of every kind, in overlapping files: every đồng of the statements is in the sums, in one class.
#[tokio::test(flavor = "multi_thread")]
async fn every_dong_is_matched_explained_or_listed() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let mut bills = Vec::new();
        for n in 0..12 {
            bills.push(house.bill(10_000 + n * 1_000).await);
        }
        let mut lines = Vec::new();
        for (n, bill) in (0_i64..).zip(&bills) {
            let reference = bill.reference.to_string();
            let on = day(1 + i8::try_from(n).expect("small"));
            let amount = bill.amount.get();
            match n % 6 {
                0 => lines.push(line(on, amount, &reference, &format!("A{n}"))),
                1 => lines.push(line(on, amount - 1, &reference.to_lowercase(), &format!("A{n}"))),
                2 => lines.push(line(on, amount + 7, &format!("x{reference}y"), &format!("A{n}"))),
                3 => lines.extend([line(on, amount, &reference, ""), line(on, amount, &reference, "")]),
                4 => lines.push(line(on, amount, "khong co ma", &format!("A{n}"))),
                _ => lines.push(line(on, -3_300, "PHI", &format!("A{n}"))),
            }
        }
        let (head, tail) = (lines[..9].to_vec(), lines[5..].to_vec());
        house.import(1, statement(head)).await.expect("taken in");
        house.import(2, statement(tail)).await.expect("taken in");
        let (came, went) = sums(&house).await;
        let of = |direction| -> Dong {
            let of = lines.iter().filter(|line| line.direction == direction);
            of.map(|line| line.amount).sum()
        };
        assert_eq!((came.total, went.total), (of(Direction::In), of(Direction::Out)));
        assert_eq!(came.lines + went.lines, i64::try_from(lines.len()).expect("small"));
        assert!(!came.matched.is_zero() && !came.explained.is_zero() && !came.listed.is_zero());
        house.check().await;
    })
    .await;
}
