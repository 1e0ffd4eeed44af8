//! A petition while many send at once: it is held until its turn like any form, and one that brings files is told its place.

use std::time::Duration;

use identity::session::Level;

use super::{REPORT, STORY};
use crate::testing::{MIGRATIONS, PNG, Province, hidden};

#[tokio::test(flavor = "multi_thread")]
async fn a_petition_waits_its_turn_and_one_with_files_is_told_its_place() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let account = province.citizen("042190001234", "Trần Thị Hoa").await;
        let mut hoa = province.browser(account, Level::Oidc).await;
        let commune = province.commune.to_string();
        let begin = "/my/petitions/new";
        let led = hoa.post(begin, begin, REPORT).await.expect(200);
        let mut fields = vec![
            ("against", commune.as_str()),
            ("target", "officer"),
            ("subject", "Đòi tiền khi nhận giấy"),
            ("story", STORY),
            ("phone", "0912345678"),
            ("address", "Tổ 3, phường Thành Sen"),
        ];
        fields.extend_from_slice(REPORT);
        let held_up = province.house.hold_up_submissions();
        let files: [(&str, &str, &[u8]); 1] = [("file", "Thư.png", PNG)];
        let refused = hoa
            .send_form(&led.body, "/my/petitions", &fields, &files)
            .await
            .expect(503);
        assert!(refused.headers.contains_key("retry-after"), "{:?}", refused.headers);
        refused.says("Chưa đến lượt").says("Số người trước bạn: 0");
        let (csrf, once) = (hidden(&led.body, "_csrf"), hidden(&led.body, "_once"));
        let waits = hoa.post_with("/my/petitions", &csrf, &once, &fields).await.expect(202);
        waits.says("Bạn ở đầu hàng");
        hoa.get("/my/petitions").await.expect(200).says("Bạn chưa gửi đơn nào");
        drop(held_up);
        let wait = format!("/my/line/{once}");
        let mut answer = hoa.get(&wait).await;
        for _ in 0..100 {
            if answer.status != 202 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            answer = hoa.get(&wait).await;
        }
        let filed = answer.expect(303).location;
        hoa.get(&filed).await.expect(200).says("Đòi tiền khi nhận giấy");
    })
    .await;
}
