//! How an account's declaration is read, and that a bank's account stands there once.

use super::{FORMAT_USUAL, PayAccount, PayAccountId, Reading, store};
use crate::PaymentError;
use crate::statement::{Direction, Format};
use crate::testing::{House, MIGRATIONS};

#[test]
fn a_declaration_is_read_or_says_what_is_wrong() {
    assert_eq!(Reading::parse(FORMAT_USUAL).expect("it reads").format, Format::Camt053);
    let whole = r#"
        format = "csv"
        [table]
        account = "1"
        dates = "dd/MM/yyyy"
        columns = { booked_on = "Ngày", text = "Nội dung" }
        amounts = { kind = "signed", column = "Số tiền" }
        [[explanations]]
        code = "bank-fee"
        direction = "out"
        text_begins = "phi"
        amount_max = 20000
    "#;
    let read = Reading::parse(whole).expect("it reads");
    assert!(matches!(read.format, Format::Csv(_)));
    assert_eq!(read.explanations[0].direction, Direction::Out);
    for bad in [
        "",
        "format = \"pdf\"",
        "format = \"csv\"",
        "format",
        "format = \"mt940\"\n[[explanations]]\ncode = 1",
    ] {
        assert!(matches!(Reading::parse(bad), Err(PaymentError::Format(_))), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_stands_there_once_and_its_keys_differ() {
    testkit::engines(MIGRATIONS, async |test| {
        let house = House::on(test).await;
        let twin = PayAccount {
            id: PayAccountId::new(house.world.as_ref()),
            ..house.account.clone()
        };
        let taken = house.payments.store().write(move |tx| store::insert(tx, &twin)).await;
        assert!(matches!(taken, Err(PaymentError::AccountTaken)));
        let keys = house.payments.keys();
        let renewed = PayAccount {
            notice_key: 2,
            ..house.account.clone()
        };
        assert_ne!(house.account.notice_secret(&keys), renewed.notice_secret(&keys));
        let off = PayAccount {
            notice_key: 0,
            ..house.account.clone()
        };
        assert_eq!(off.notice_secret(&keys), None);
    })
    .await;
}
