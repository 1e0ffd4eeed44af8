//! Refunds on both engines: no more than came, sent by the bank and read from its statement, or ordered back unasked.

use identity::AccountId;
use kernel::Dong;

use super::{Of, Order, Verdict, approve, cancel, order, refuse, store};
use crate::bill::{Standing, Way};
use crate::import::{What, store as lines};
use crate::reconcile::RefundId;
use crate::testing::{House, MIGRATIONS, day, line, statement};
use crate::{By, PaymentError};

fn ordered(house: &House, of: Of, amount: i64, way: Way) -> Order {
    Order {
        once: house.id(),
        id: RefundId::new(house.world.as_ref()),
        of,
        unit: house.unit,
        desk: house.desk,
        account: Some(house.account.id),
        way,
        amount: Dong::new(amount),
        target: b"sealed".to_vec(),
        prefix: "TS".to_owned(),
        by: house.by.clone(),
        now: house.now(),
        event: house.id(),
        parts: house.id(),
    }
}

/// A second officer's word about an order.
fn verdict(house: &House, id: RefundId) -> Verdict {
    Verdict {
        id,
        by: By {
            account: AccountId::new(house.world.as_ref()),
            name: "Trần Thị Hoa".to_owned(),
        },
        now: house.now(),
        event: house.id(),
        parts: house.id(),
    }
}

async fn approved(house: &House, id: RefundId) {
    let verdict = verdict(house, id);
    let done = house.payments.store().write(move |tx| approve(tx, &verdict)).await;
    done.expect("approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_orders_does_not_approve_and_nothing_goes_before() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(50_000).await;
        let text = bill.reference.to_string();
        house
            .import(1, statement(vec![line(day(18), 60_000, &text, "FT1")]))
            .await
            .expect("taken in");
        let store = house.payments.store();
        let back = ordered(&house, Of::Bill(bill.id), 10_000, Way::Transfer);
        let refund = store.write(move |tx| order(tx, &back)).await.expect("ordered");
        assert!(refund.is_unapproved());
        let sent = line(day(19), -10_000, &format!("HOAN TRA {}", refund.reference), "FT2");
        house.import(2, statement(vec![sent])).await.expect("taken in");
        let units = [house.unit];
        let listed = store.read(move |tx| lines::listed(tx, &units, 10)).await.expect("read");
        assert_eq!(listed.len(), 1, "what went unapproved is for a person to look at");
        let own = Verdict {
            by: house.by.clone(),
            ..verdict(&house, refund.id)
        };
        for refused in [
            store
                .write({
                    let own = own.clone();
                    move |tx| approve(tx, &own)
                })
                .await,
            store.write(move |tx| refuse(tx, &own)).await,
        ] {
            assert!(matches!(refused, Err(PaymentError::RefundOwn)));
        }
        // Two officers at once: one wins, the other is told.
        let (one, other) = (verdict(&house, refund.id), verdict(&house, refund.id));
        let (one, other) = tokio::join!(
            store.write(move |tx| approve(tx, &one)),
            store.write(move |tx| refuse(tx, &other))
        );
        assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
        let told = one.err().or(other.err()).expect("one is told");
        assert!(matches!(told, PaymentError::RefundDecided), "{told}");
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_waits_for_a_decision_again() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        house
            .import(1, statement(vec![line(day(18), 33_000, "nham tai khoan", "FT1")]))
            .await
            .expect("taken in");
        let store = house.payments.store();
        let units = [house.unit];
        let listed = store.read(move |tx| lines::listed(tx, &units, 10)).await.expect("read");
        let all = ordered(&house, Of::Part(listed[0].part.id), 33_000, Way::Transfer);
        let refund = store.write(move |tx| order(tx, &all)).await.expect("ordered");
        let none = store.read(move |tx| lines::listed(tx, &units, 10)).await.expect("read");
        assert_eq!(none.len(), 0);
        let no = verdict(&house, refund.id);
        store.write(move |tx| refuse(tx, &no)).await.expect("refused");
        let again = store.read(move |tx| lines::listed(tx, &units, 10)).await.expect("read");
        assert_eq!((again.len(), again[0].part.what), (1, listed[0].part.what));
        let id = refund.id;
        let refund = store.read(move |tx| store::find(tx, id)).await.expect("read");
        assert_eq!(refund.refused_name.as_deref(), Some("Trần Thị Hoa"));
        assert!(refund.waiting().is_zero());
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_too_much_goes_back_by_the_bank() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(50_000).await;
        let text = bill.reference.to_string();
        house
            .import(1, statement(vec![line(day(18), 60_000, &text, "FT1")]))
            .await
            .expect("taken in");
        let store = house.payments.store();
        let too_much = ordered(&house, Of::Bill(bill.id), 60_001, Way::Transfer);
        let refused = store.write(move |tx| order(tx, &too_much)).await;
        assert!(matches!(refused, Err(PaymentError::RefundTooLarge(most)) if most == Dong::new(60_000)));
        let back = ordered(&house, Of::Bill(bill.id), 10_000, Way::Transfer);
        let again = back.clone();
        let refund = store.write(move |tx| order(tx, &back)).await.expect("ordered");
        let twice = store.write(move |tx| order(tx, &again)).await.expect("the same order");
        assert_eq!(twice.id, refund.id);
        let rest = ordered(&house, Of::Bill(bill.id), 50_001, Way::Transfer);
        assert!(
            store.write(move |tx| order(tx, &rest)).await.is_err(),
            "what is ordered already does not count twice"
        );
        assert_eq!(
            house.find(bill.id).await.standing(),
            Standing::Over,
            "an order moves no money"
        );
        approved(&house, refund.id).await;
        let sent = line(day(19), -10_000, &format!("HOAN TRA {}", refund.reference), "FT2");
        house.import(2, statement(vec![sent])).await.expect("taken in");
        let bill = house.find(bill.id).await;
        assert_eq!((bill.standing(), bill.refunded), (Standing::Paid, Dong::new(10_000)));
        let id = refund.id;
        let refund = store.read(move |tx| store::find(tx, id)).await.expect("read");
        assert!(refund.waiting().is_zero() && refund.sent_at.is_some());
        let now = house.now();
        assert!(matches!(
            store.write(move |tx| cancel(tx, id, now)).await,
            Err(PaymentError::RefundEnded)
        ));
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_of_nobody_goes_back_by_the_way_it_came() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        house
            .import(1, statement(vec![line(day(18), 33_000, "nham tai khoan", "FT1")]))
            .await
            .expect("taken in");
        let units = [house.unit];
        let store = house.payments.store();
        let listed = store.read(move |tx| lines::listed(tx, &units, 10)).await.expect("read");
        let part = listed[0].part.id;
        let some = ordered(&house, Of::Part(part), 1, Way::Transfer);
        assert!(
            store.write(move |tx| order(tx, &some)).await.is_err(),
            "all of it or nothing"
        );
        let all = ordered(&house, Of::Part(part), 33_000, Way::Transfer);
        let refund = store.write(move |tx| order(tx, &all)).await.expect("ordered");
        let id = listed[0].line.id;
        let parts = store.read(move |tx| lines::parts(tx, id)).await.expect("read");
        assert_eq!((parts[0].what, parts[0].refund), (What::GivenBack, Some(refund.id)));
        approved(&house, refund.id).await;
        let sent = line(day(19), -33_000, &refund.reference.to_string(), "FT2");
        house.import(2, statement(vec![sent])).await.expect("taken in");
        let id = refund.id;
        let refund = store.read(move |tx| store::find(tx, id)).await.expect("read");
        assert!(refund.waiting().is_zero());
        house.check().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_which_nothing_went_can_be_cancelled() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(50_000).await;
        let text = bill.reference.to_string();
        house
            .import(1, statement(vec![line(day(18), 50_000, &text, "FT1")]))
            .await
            .expect("taken in");
        let store = house.payments.store();
        let back = ordered(&house, Of::Bill(bill.id), 50_000, Way::Transfer);
        let refund = store.write(move |tx| order(tx, &back)).await.expect("ordered");
        let (id, now) = (refund.id, house.now());
        store.write(move |tx| cancel(tx, id, now)).await.expect("cancelled");
        let sent = line(day(19), -50_000, &refund.reference.to_string(), "FT2");
        house.import(2, statement(vec![sent])).await.expect("taken in");
        let units = [house.unit];
        let listed = store.read(move |tx| lines::listed(tx, &units, 10)).await.expect("read");
        assert_eq!(
            listed.len(),
            1,
            "money that went for a cancelled order is for a person to look at"
        );
        house.check().await;
    })
    .await;
}
