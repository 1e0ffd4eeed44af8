//! Tills and refunds through the real router, on both engines, asked for what cannot be: sums that are none, more handed over than
//! there is, a till that is closed or somebody else's, money back of a bill that was never paid.

use identity::Role;
use identity::session::Level;

use super::{Cast, act, cast, check, in_work};
use crate::testing::{Browser, MIGRATIONS, Province};

/// A dossier with a fee of 8,000 đồng: asked for, and paid in cash if wanted.
async fn fee(cast: &mut Cast, dossier: &str, paid: bool) {
    let fields = [
        ("name", "Phí chứng thực"),
        ("amount", "8000"),
        ("basis", "TT 226/2016/TT-BTC"),
    ];
    act(&mut cast.specialist, dossier, "ask-fee", &fields).await.expect(303);
    if paid {
        act(&mut cast.desk, dossier, "confirm-fee", &[]).await.expect(303);
    }
}

/// The first address on a page that begins so.
async fn first(browser: &mut Browser, page: &str, begins: &str) -> String {
    let body = browser.get(page).await.expect(200).body;
    let at = body.find(begins).unwrap_or_else(|| panic!("no {begins} on {page}"));
    body[at..].split('"').next().expect("an address").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_is_closed_by_sums_that_are_some_and_once() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let dossier = in_work(&province, &mut cast).await;
        fee(&mut cast, &dossier, true).await;
        let till = first(&mut cast.desk, "/payments/till", "/payments/till/").await;
        let close = format!("{till}/close");
        // Nothing typed: both fields say so, at once.
        let empty = cast.desk.post(&till, &close, &[]).await.expect(422);
        empty.says("Đếm được").says("Nộp về");
        for (counted, handed_over) in [
            ("tám nghìn", "0"),
            ("-8000", "0"),
            ("8000,5", "0"),
            ("8000", "99999999999999999999"),
            ("8000", "<b>8000</b>"),
        ] {
            let fields = [
                ("counted", counted),
                ("handed-over", handed_over),
                ("why", "Lý do <gốc>"),
            ];
            let page = cast.desk.post(&till, &close, &fields).await.expect(422);
            // Nothing typed is lost, and nothing typed becomes markup.
            page.says("Lý do &lt;gốc&gt;").hides("<b>8000</b>");
        }
        let more = [("counted", "8000"), ("handed-over", "8001"), ("why", "")];
        let page = cast.desk.post(&till, &close, &more).await.expect(422);
        page.says("Không nộp về nhiều hơn số đếm được").says("value=\"8001\"");
        let blank = [("counted", "7000"), ("handed-over", "0"), ("why", "   ")];
        let page = cast.desk.post(&till, &close, &blank).await.expect(422);
        page.says("Chênh lệch").says("1.000").says("value=\"7000\"");

        // Another desk's officer does not find it; others see it and do not close it.
        let other = province.officer("khac", Role::Desk, province.other_desk).await;
        let mut other = province.browser(other, Level::Password).await;
        other.get(&till).await.expect(404);
        other
            .post("/desk", &close, &[("counted", "8000"), ("handed-over", "0")])
            .await
            .expect(404);
        cast.accountant.get(&till).await.expect(200).hides("/close");

        let told = [("counted", "8000"), ("handed-over", "8000"), ("why", "")];
        let page = cast.desk.get(&till).await.expect(200).body;
        cast.desk.send_form(&page, &close, &told, &[]).await.expect(303);
        // The second press of the same button is the first; another closing is none.
        let twice = cast.desk.send_form(&page, &close, &told, &[]).await.expect(303);
        assert_eq!(twice.location, till);
        let changed = [("counted", "9000"), ("handed-over", "0"), ("why", "Đếm lại")];
        let late = cast.desk.send_form(&page, &close, &changed, &[]).await.expect(409);
        late.says("đã khóa");
        let page = cast.desk.get(&till).await.expect(200);
        page.says("8.000 đ").hides("9.000").hides("Đếm lại").hides("/close");
        check(&province).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_of_which_nothing_can_go_back_says_why() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let mut cast = cast(&province).await;
        let dossier = in_work(&province, &mut cast).await;
        fee(&mut cast, &dossier, false).await;
        let bill = first(&mut cast.desk, &dossier, "/payments/bills/").await;
        let refund = format!("{bill}/refund");
        let page = cast.accountant.get(&refund).await.expect(200);
        page.says("chưa nhận đồng nào")
            .hides("nhiều nhất")
            .hides("name=\"amount\"");
        let fields = [
            ("amount", "1"),
            ("way", "cash"),
            ("to", "Trần Thị Hoa"),
            ("why", "Nhầm"),
        ];
        let refused = cast.accountant.post(&bill, &refund, &fields).await.expect(409);
        refused.says("chưa nhận đồng nào");

        act(&mut cast.desk, &dossier, "confirm-fee", &[]).await.expect(303);
        let most = cast.accountant.get(&refund).await.expect(200);
        most.says("nhiều nhất 8.000 đ");
        let over = [
            ("amount", "8001"),
            ("way", "cash"),
            ("to", "Trần Thị Hoa"),
            ("why", "Nhầm <phí>"),
        ];
        let refused = cast.accountant.post(&refund, &refund, &over).await.expect(422);
        refused.says("value=\"8001\"").says("Nhầm &lt;phí&gt;");
        let all = [
            ("amount", "8000"),
            ("way", "cash"),
            ("to", "Trần Thị Hoa"),
            ("why", "Nhầm"),
        ];
        let ordered = cast.accountant.post(&refund, &refund, &all).await.expect(303).location;
        let page = cast.accountant.get(&refund).await.expect(200);
        page.says("đã có lệnh hoàn trả").says(&ordered).hides("name=\"amount\"");
        check(&province).await;
    })
    .await;
}
