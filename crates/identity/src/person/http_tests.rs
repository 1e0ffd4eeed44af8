//! Pages of people through the whole router: nothing is shown whose use is not on record.

use super::{PersonDetails, find_or_create, prepare};
use crate::account::Role;
use crate::session::Level;
use crate::testing::{MIGRATIONS, Province, claimed};
use http::StatusCode;
use kernel::World;

const NUMBER: &str = "042190001234";

#[tokio::test]
async fn a_look_up_needs_a_reason_and_leaves_a_record() {
    testkit::engines(MIGRATIONS, async |test| {
        let province = Province::on(test).await;
        province
            .identity
            .open_citizen(&claimed(NUMBER, "Trần Thị Hoa"))
            .await
            .unwrap();
        let desk = province.officer("lan", Role::Desk, province.desk).await;
        let token = province.token(desk, Level::PasswordTotp).await;
        let mut browser = province.browser().with_session(&token);

        let page = browser.get("/admin/people").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(!page.body.contains('\u{27e6}'), "{}", page.body);
        let look_up = async |browser: &mut crate::testing::Browser, number: &str, reason: &str| {
            browser
                .post(
                    "/admin/people",
                    "/admin/people",
                    &[("number", number), ("reason", reason)],
                )
                .await
        };
        let uses = async || -> i64 {
            test.store()
                .read(|tx| tx.one("SELECT count(*) FROM data_use", &[], |row| row.get(0)))
                .await
                .unwrap()
        };
        let before = uses().await;
        let without = look_up(&mut browser, NUMBER, "").await;
        assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!without.body.contains("Trần Thị Hoa"));
        let nobody = look_up(&mut browser, "042190009999", "NĐ 118/2025").await;
        assert!(nobody.body.contains("Chưa có ai mang số này"), "{}", nobody.body);
        assert_eq!(uses().await, before, "nothing was shown");
        let found = look_up(&mut browser, NUMBER, "NĐ 118/2025/NĐ-CP, Điều 17").await;
        assert_eq!(found.status, StatusCode::OK, "{}", found.body);
        assert!(found.body.contains("Trần Thị Hoa") && found.body.contains(NUMBER));
        assert_eq!(uses().await, before + 1);

        // Somebody claims another name; an officer compares and decides.
        let keys = test.store().keys();
        let details = PersonDetails::new(NUMBER.parse().unwrap(), "Trần Thị Hòa Bình");
        let claim = prepare(&keys, test.world().as_ref(), &details).unwrap();
        let now = test.world().now();
        test.store()
            .write(move |tx| find_or_create(tx, &claim, "dossier", now))
            .await
            .unwrap();
        let list = browser.get("/admin/people/questions").await;
        assert!(
            list.body.contains("Tr*** T** H**") && !list.body.contains("Bình"),
            "{}",
            list.body
        );
        let at = list.body.find("/admin/people/questions/").expect("a question");
        let href = list.body[at..].split('"').next().unwrap().to_owned();
        let question = browser.get(&href).await;
        assert!(
            question.body.contains("Trần Thị Hoa") && question.body.contains("Trần Thị Hòa Bình"),
            "{}",
            question.body
        );
        assert!(!question.body.contains('\u{27e6}') && !list.body.contains('\u{27e6}'));
        assert!(uses().await > before + 1);
        let decided = browser
            .post(&href, &href, &[("decision", "accept"), ("reason", "giấy khai sinh")])
            .await;
        assert_eq!(
            (decided.status, decided.location.as_str()),
            (StatusCode::SEE_OTHER, "/admin/people/questions")
        );
        let found = look_up(&mut browser, NUMBER, "NĐ 118/2025/NĐ-CP, Điều 17").await;
        assert!(
            found.body.contains("Trần Thị Hòa Bình") && found.body.contains("17/05/1990"),
            "{}",
            found.body
        );
        assert_eq!(browser.get(&href).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}
