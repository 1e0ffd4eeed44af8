//! Tills on both engines: cash settles a bill, a day is closed once and for good, a difference is explained.

use kernel::{Dong, SignedDuration};

use super::{CashId, Close, Taking, Till, TillId, close, give, store, take};
use crate::PaymentError;
use crate::bill::{Bill, PAID, PaymentId, Standing, Way};
use crate::past;
use crate::reconcile::RefundId;
use crate::refund;
use crate::testing::{House, MIGRATIONS};

fn taking(house: &House, bill: &Bill) -> Taking {
    let world = house.world.as_ref();
    Taking {
        once: house.id(),
        bill: bill.id,
        refund: None,
        desk: house.desk,
        desk_name: "Một cửa".to_owned(),
        till: TillId::new(world),
        cash: CashId::new(world),
        payment: PaymentId::new(world),
        event: house.id(),
        by: house.by.clone(),
        now: house.now(),
    }
}

async fn pay(house: &House, bill: &Bill) -> Result<Bill, PaymentError> {
    let taking = taking(house, bill);
    house.payments.store().write(move |tx| take(tx, &taking)).await
}

async fn newest(house: &House) -> Till {
    let desk = house.desk;
    let found = house.payments.store().read(move |tx| store::newest(tx, desk)).await;
    found.expect("read").expect("there is a till")
}

async fn shut(house: &House, counted: i64, handed_over: i64, why: Option<&str>) -> Result<Till, PaymentError> {
    let close_it = Close {
        till: newest(house).await.id,
        counted: Dong::new(counted),
        handed_over: Dong::new(handed_over),
        why: why.map(|why| why.as_bytes().to_vec()),
        by: house.by.clone(),
        now: house.now(),
        event: house.id(),
    };
    house.payments.store().write(move |tx| close(tx, &close_it)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn cash_settles_a_bill_once() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(8_000).await;
        let one = taking(&house, &bill);
        let again = one.clone();
        let store = house.payments.store();
        store.write(move |tx| take(tx, &one)).await.expect("taken");
        store
            .write(move |tx| take(tx, &again))
            .await
            .expect("the same form again changes nothing");
        assert_eq!(house.find(bill.id).await.standing(), Standing::Paid);
        assert_eq!(house.events(bill.subject, PAID).await, 1);
        assert!(matches!(pay(&house, &bill).await, Err(PaymentError::BillEnded)));
        let till = newest(&house).await.id;
        let sum = store.read(move |tx| store::sum(tx, till)).await.expect("read");
        assert_eq!(sum, Dong::new(8_000));
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_closed_once_and_for_good() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let (one, two, three) = (house.bill(8_000).await, house.bill(50_000).await, house.bill(9_000).await);
        pay(&house, &one).await.expect("taken");
        pay(&house, &two).await.expect("taken");
        assert!(matches!(shut(&house, 57_000, 57_000, None).await, Err(PaymentError::Difference(by)) if by == Dong::new(-1_000)));
        assert!(matches!(shut(&house, 57_000, 58_000, Some("Thối nhầm")).await, Err(PaymentError::HandedOver)));
        let closed = shut(&house, 57_000, 50_000, Some("Thối nhầm")).await.expect("closed");
        let closing = closed.closing.as_ref().expect("it is closed");
        assert_eq!((closing.expected, closing.difference()), (Dong::new(58_000), Dong::new(-1_000)));
        assert!(matches!(shut(&house, 58_000, 0, None).await, Err(PaymentError::TillClosed(_))), "once");
        assert!(matches!(pay(&house, &three).await, Err(PaymentError::TillClosed(_))), "nothing more today");
        assert_eq!(house.find(three.id).await.standing(), Standing::Open);
        house.world.advance(SignedDuration::from_hours(24));
        pay(&house, &three).await.expect("taken the day after");
        let next = newest(&house).await;
        assert_eq!(next.opening, Dong::new(7_000), "what was counted and not handed over lies there in the morning");
        house.world.advance(SignedDuration::from_hours(24));
        let four = house.bill(1_000).await;
        assert!(matches!(pay(&house, &four).await, Err(PaymentError::EarlierTill(day)) if day == next.day));
        shut(&house, 16_000, 16_000, None).await.expect("closed");
        pay(&house, &four).await.expect("taken");
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_missing_in_the_past_than_was_there() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(3_000).await;
        pay(&house, &bill).await.expect("taken");
        let cashier = past::Cashier {
            account: house.by.account,
            name: house.by.name.clone(),
            desk: house.desk,
            desk_name: "Một cửa".to_owned(),
        };
        let missing = Some((Dong::new(-5_000), "Trả lại thừa"));
        let till = newest(&house).await.id;
        let deed = past::Deed::close(&house.payments, till, &cashier, house.now(), missing);
        let closed = house.payments.store().write(move |tx| deed.perform(tx)).await;
        closed.expect("it is closed");
        let closing = newest(&house).await.closing.expect("it is closed");
        assert_eq!((closing.counted, closing.difference()), (Dong::ZERO, Dong::new(-3_000)));
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cash_goes_back_from_the_till() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(30_000).await;
        pay(&house, &bill).await.expect("taken");
        let order = refund::Order {
            once: house.id(),
            id: RefundId::new(house.world.as_ref()),
            of: refund::Of::Bill(bill.id),
            unit: house.unit,
            desk: house.desk,
            account: None,
            way: Way::Cash,
            amount: Dong::new(30_000),
            target: b"sealed".to_vec(),
            prefix: "TS".to_owned(),
            by: house.by.clone(),
            now: house.now(),
            event: house.id(),
            parts: house.id(),
        };
        let store = house.payments.store();
        let ordered = store.write(move |tx| refund::order(tx, &order)).await.expect("ordered");
        let early = taking(&house, &bill).back(ordered.id);
        let refused = store.write(move |tx| give(tx, &early)).await;
        assert!(
            matches!(refused, Err(PaymentError::RefundUnapproved)),
            "nothing goes before"
        );
        let verdict = refund::Verdict {
            id: ordered.id,
            by: crate::By {
                account: identity::AccountId::new(house.world.as_ref()),
                name: "Trần Thị Hoa".to_owned(),
            },
            now: house.now(),
            event: house.id(),
            parts: house.id(),
        };
        store
            .write(move |tx| refund::approve(tx, &verdict))
            .await
            .expect("approved");
        let back = taking(&house, &bill).back(ordered.id);
        store.write(move |tx| give(tx, &back)).await.expect("given back");
        let second = taking(&house, &bill).back(ordered.id);
        let again = store.write(move |tx| give(tx, &second)).await;
        assert!(matches!(again, Err(PaymentError::RefundEnded)), "once");
        assert_eq!(house.find(bill.id).await.standing(), Standing::Refunded);
        let till = shut(&house, 0, 0, None).await.expect("what went is no longer expected");
        assert_eq!(till.closing.map(|closing| closing.expected), Some(Dong::ZERO));
        house.check().await;
    })
    .await;
}
