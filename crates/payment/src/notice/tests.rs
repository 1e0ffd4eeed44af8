//! Signatures and bodies of a bank's notices, and that a notice and the statement are one line.

use kernel::{Dong, SignedDuration};

use super::{NoticeBody, sign, verify};
use crate::PaymentError;
use crate::bill::{PAID, Standing};
use crate::import::{Batch, store, take_in};
use crate::testing::{House, MIGRATIONS, day, line, statement};
use testkit::ManualWorld;

#[test]
fn a_notice_is_signed_for_its_body_and_its_time() {
    use kernel::World as _;
    let (secret, world) = ([7; 32], ManualWorld::new());
    let now = world.now();
    let header = sign(&secret, b"{}", now);
    assert!(verify(&secret, &header, b"{}", now).is_ok());
    assert!(
        verify(&secret, &format!("v2=00, {header}"), b"{}", now).is_ok(),
        "newer signatures may stand beside it"
    );
    let off = |seconds| now + SignedDuration::from_secs(seconds);
    assert!(verify(&secret, &header, b"{}", off(300)).is_ok());
    for (secret, header, body, at) in [
        ([8; 32], header.as_str(), &b"{}"[..], now),
        (secret, header.as_str(), b"{ }", now),
        (secret, header.as_str(), b"{}", off(301)),
        (secret, header.as_str(), b"{}", off(-301)),
        (secret, "t=1,v1=00", b"{}", now),
        (secret, "v1=00", b"{}", now),
        (secret, "", b"{}", now),
        (secret, "t=-9223372036854775808,v1=zz", b"{}", now),
    ] {
        let refused = verify(&secret, header, body, at);
        assert!(matches!(refused, Err(PaymentError::Signature(_))), "{header}");
    }
}

#[test]
fn a_notice_that_says_nothing_readable_is_refused() {
    let good = r#"{"reference":"FT1","booked_on":"2026-11-18","amount":50000,"direction":"in","text":"TS0000001Z"}"#;
    let read = NoticeBody::read(good.as_bytes()).expect("it reads");
    assert_eq!((read.amount, read.booked_on), (Dong::new(50_000), day(18)));
    for (from, to) in [
        ("50000", "0"),
        ("50000", "-1"),
        ("50000", "1.5"),
        ("2026-11-18", "18/11/2026"),
        ("\"in\"", "\"credit\""),
        ("FT1", " "),
        ("\"text\"", "\"words\""),
        ("{", ""),
    ] {
        let bad = good.replacen(from, to, 1);
        assert!(
            matches!(NoticeBody::read(bad.as_bytes()), Err(PaymentError::Notice(_))),
            "{bad}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_and_the_statement_are_one_line() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let bill = house.bill(50_000).await;
        let told = line(day(18), 50_000, &bill.reference.to_string(), "FT1");
        let store = house.payments.store();
        for new in [1, 0] {
            let batch =
                Batch::of_notice(&house.payments, house.account.clone(), Vec::new(), told.clone()).expect("sealed");
            let taken = store.write(move |tx| take_in(tx, &batch)).await.expect("taken in");
            assert_eq!(taken.new, new, "a notice that comes again changes nothing");
        }
        assert_eq!(house.find(bill.id).await.standing(), Standing::Paid);
        let account = house.account.id;
        let unconfirmed = store
            .read(move |tx| store::unconfirmed(tx, account, day(1), day(30)))
            .await
            .expect("read");
        assert_eq!(unconfirmed, (1, Dong::new(50_000)));
        // The statement tells the same booking with a longer text.
        let booked = line(day(18), 50_000, &format!("CT DEN {} GD 1", bill.reference), "FT1");
        let taken = house.import(1, statement(vec![booked])).await.expect("taken in");
        let row = house.import_row(&taken).await;
        assert_eq!((row.lines_new, row.lines_known), (0, 1));
        let unconfirmed = store
            .read(move |tx| store::unconfirmed(tx, account, day(1), day(30)))
            .await
            .expect("read");
        assert_eq!(unconfirmed.0, 0, "the statement confirms it");
        assert_eq!(house.events(bill.subject, PAID).await, 1);
        house.check().await;
    })
    .await;
}
