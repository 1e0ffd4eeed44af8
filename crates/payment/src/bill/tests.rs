//! How a bill stands, what its code says, and that references are drawn without gaps and doubles.

use kernel::{Dong, Timestamp};
use proptest::prelude::*;

use super::{Standing, rules};
use crate::PaymentError;
use crate::bill::Bill;
use crate::reconcile::{BillId, BillReference};
use crate::testing::{House, MIGRATIONS};
use crate::vietqr::{PurposeLimit, VietQr};
use crate::{Settings, bill};

fn bill_of(amount: i64, settled: i64, surplus: i64, refunded: i64, cancelled: bool) -> Bill {
    let at = Timestamp::from_micros(0);
    Bill {
        id: BillId::from_uuid(uuid::Uuid::nil()),
        reference: BillReference::issue("TS", 1).expect("a prefix"),
        subject: uuid::Uuid::nil(),
        subject_code: "H27.15-261118-0001".to_owned(),
        about: String::new(),
        unit: identity::UnitId::from_uuid(uuid::Uuid::nil()),
        unit_name: String::new(),
        desk: identity::UnitId::from_uuid(uuid::Uuid::nil()),
        account: None,
        person: None,
        payer_mask: String::new(),
        lines: Vec::new(),
        amount: Dong::new(amount),
        settled: Dong::new(settled),
        surplus: Dong::new(surplus),
        refunded: Dong::new(refunded),
        issued_at: at,
        issued_name: String::new(),
        paid_at: None,
        cancelled_at: cancelled.then_some(at),
        cancelled_name: None,
        revision: 1,
    }
}

#[test]
fn how_a_bill_stands_follows_from_its_sums() {
    for (sums, cancelled, standing, waiting) in [
        ((100, 0, 0, 0), false, Standing::Open, 100),
        ((100, 99, 0, 0), false, Standing::Partly, 1),
        ((100, 100, 0, 0), false, Standing::Paid, 0),
        ((100, 100, 1, 0), false, Standing::Over, 0),
        ((100, 100, 1, 1), false, Standing::Paid, 0),
        ((100, 100, 0, 40), false, Standing::Paid, 0),
        ((100, 100, 0, 100), false, Standing::Refunded, 0),
        ((100, 0, 0, 0), true, Standing::Cancelled, 0),
        ((100, 30, 0, 0), true, Standing::Over, 0),
        ((100, 30, 0, 30), true, Standing::Refunded, 0),
        ((100, 0, 100, 0), true, Standing::Over, 0),
    ] {
        let (amount, settled, surplus, refunded) = sums;
        let bill = bill_of(amount, settled, surplus, refunded, cancelled);
        assert_eq!(bill.standing(), standing, "{sums:?} {cancelled}");
        assert_eq!(bill.waiting(), Dong::new(waiting), "{sums:?} {cancelled}");
    }
}

proptest! {
    /// Whoever is told to pay owes something, and what is here is never below nothing.
    #[test]
    fn a_bill_waits_only_while_something_is_missing(amount in 1_i64..1_000, settled in 0_i64..1_000, surplus in 0_i64..50, cancelled: bool) {
        let settled = settled.min(amount);
        let bill = bill_of(amount, settled, surplus, 0, cancelled);
        let waits = matches!(bill.standing(), Standing::Open | Standing::Partly);
        prop_assert!(!waits || !bill.waiting().is_zero());
        prop_assert!(bill.waiting().get() + bill.settled.get() <= amount);
        prop_assert_eq!(rules::here(&bill).get(), settled + surplus);
    }
}

#[test]
fn the_code_carries_the_reference_and_what_is_missing() {
    let bill = bill_of(100_000, 40_000, 0, 0, false);
    let account = crate::account::PayAccount {
        id: crate::account::PayAccountId::from_uuid(uuid::Uuid::nil()),
        unit: bill.unit,
        bank_bin: "970436".parse().expect("a BIN"),
        bank_name: String::new(),
        number: "1017595600".parse().expect("a number"),
        holder: String::new(),
        statement_format: String::new(),
        notice_key: 0,
        opened_at: bill.issued_at,
        closed_at: None,
        revision: 1,
    };
    let short = Settings::default();
    let code = VietQr::parse(&bill.code(&account, &short).expect("a code")).expect("it reads back");
    assert_eq!(code.amount, Some(Dong::new(60_000)));
    assert_eq!(
        code.purpose.as_deref(),
        Some("TS0000001Z"),
        "the dossier's code does not fit whole"
    );
    assert_eq!(code.bill_number.as_deref(), Some("TS0000001Z"));
    let long = Settings {
        purpose_limit: PurposeLimit::new(50).expect("a limit"),
        ..short
    };
    let code = VietQr::parse(&bill.code(&account, &long).expect("a code")).expect("it reads back");
    assert_eq!(code.purpose.as_deref(), Some("TS0000001Z H27.15-261118-0001"));
}

#[tokio::test(flavor = "multi_thread")]
async fn references_are_drawn_one_after_the_other() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        assert!(
            matches!(house.prepare(house.id(), 0), Err(PaymentError::NothingDue)),
            "what is free makes no bill"
        );
        let once = house.id();
        let first = house.issue(once, 50_000).await;
        let second = house.bill(8_000).await;
        assert_eq!(first.reference, BillReference::issue("TS", 1).expect("a prefix"));
        assert_eq!(second.reference, BillReference::issue("TS", 2).expect("a prefix"));
        let again = house.issue(once, 50_000).await;
        assert_eq!(again.id, first.id, "a form that is sent twice makes one bill");
        assert_eq!(first.account, Some(house.account.id));
        assert_eq!(house.events(first.subject, "bill.issued").await, 1);
        let (id, now) = (second.id, house.now());
        let why = bill::seal_why(house.payments.identity(), id, "Nhầm thủ tục");
        let store = house.payments.store();
        let sealed = why.clone();
        store
            .write(move |tx| bill::cancel(tx, id, "Thu", &sealed, now))
            .await
            .expect("it is cancelled");
        let twice = store.write(move |tx| bill::cancel(tx, id, "Thu", &why, now)).await;
        assert!(matches!(twice, Err(PaymentError::BillEnded)));
        assert_eq!(house.find(id).await.standing(), Standing::Cancelled);
        house.check().await;
    })
    .await;
}
