//! Pages and interface of units through the whole router.

use crate::account::Role;
use crate::session::Level;
use crate::testing::{MIGRATIONS, Province};
use http::StatusCode;

#[tokio::test]
async fn an_administrator_changes_a_unit_and_others_cannot() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        let admin = province.officer("quan", Role::Admin, province.root).await;
        let token = province.token(admin, Level::PasswordTotp).await;
        let mut browser = province.browser().with_session(&token);

        let list = browser.get("/admin/units?q=thanh+sen").await;
        assert_eq!(list.status, StatusCode::OK, "{}", list.body);
        assert!(list.body.contains("Bộ phận một cửa phường Thành Sen") && list.body.contains("change/open"));
        let tree = browser.get("/admin/units/tree").await;
        assert!(
            tree.body.contains("Xã Thạch Hà") && tree.body.contains("<details>"),
            "{}",
            tree.body
        );
        let own = format!("/admin/units/{}", province.commune);
        let page = browser.get(&own).await;
        assert!(
            page.body.contains("change/merge") && page.body.contains("Phòng Kinh tế"),
            "{}",
            page.body
        );

        for act in ["open", "rename", "recode", "move", "merge", "close"] {
            let form = browser.get(&format!("{own}/change/{act}")).await;
            assert_eq!(form.status, StatusCode::OK, "{act}: {}", form.body);
            for answer in [&form, &page, &list, &tree] {
                assert!(
                    !answer.body.contains('\u{27e6}'),
                    "{act}: a text is missing in {}",
                    answer.body
                );
            }
        }
        assert_eq!(
            browser.get(&format!("{own}/change/explode")).await.status,
            StatusCode::NOT_FOUND
        );

        let to = format!("{own}/change/rename");
        let empty = browser
            .post(&to, &to, &[("name", "Phường Mới"), ("on-day", "1"), ("on-month", "1")])
            .await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            empty.body.contains("Phường Mới") && empty.body.contains("Lý do"),
            "what was typed stays: {}",
            empty.body
        );
        let day = [("on-day", "1"), ("on-month", "7"), ("on-year", "2025")];
        let mut early = vec![("name", "Phường Mới"), ("reason", "QĐ 5")];
        early.extend(day);
        let refused = browser.post(&to, &to, &early).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        assert!(
            refused.body.contains("đã có thay đổi từ ngày 01/07/2025"),
            "{}",
            refused.body
        );
        let fields = [
            ("name", "Phường Mới"),
            ("reason", "QĐ 5"),
            ("on-day", "1"),
            ("on-month", "1"),
            ("on-year", "2027"),
        ];
        for _ in 0..2 {
            // The second send of the same form is the first one's answer.
            let done = browser.post(&to, &to, &fields).await;
            assert_eq!(
                (done.status, done.location.as_str()),
                (StatusCode::SEE_OTHER, own.as_str()),
                "{}",
                done.body
            );
        }
        let page = browser.get(&own).await;
        assert!(
            page.body.contains("Đổi tên, từ 01/01/2027") && page.body.contains("QĐ 5"),
            "{}",
            page.body
        );
        assert!(
            page.body.contains("<h1>Phường Thành Sen</h1>"),
            "the new name is not in force yet"
        );

        let answer = province.browser().get("/api/units?q=thanh%20sen&kind=desk").await;
        let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (json["total"].as_u64(), json["items"][0]["parent_name"].as_str()),
            (Some(1), Some("Phường Thành Sen"))
        );

        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let token = province.token(desk, Level::Password).await;
        let mut other = province.browser().with_session(&token);
        assert_eq!(other.get(&to).await.status, StatusCode::FORBIDDEN);
        let page = other.get("/my/sessions").await.body;
        let csrf = if page.contains("_csrf") {
            crate::testing::hidden(&page, "_csrf")
        } else {
            String::new()
        };
        assert_eq!(other.post_with(&to, &csrf, &fields).await.status, StatusCode::FORBIDDEN);
    })
    .await;
}
