//! Pages and interface of areas through the whole router.

use super::{replace_all, seed};
use crate::account::Role;
use crate::session::Level;
use crate::testing::{MIGRATIONS, Province};
use http::StatusCode;

#[tokio::test]
async fn the_page_and_the_interface_resolve_a_code() {
    let test = testkit::engines::sqlite(MIGRATIONS).await;
    let mut draft = seed::shipped().unwrap();
    // The old centre of Hà Nội is enough.
    draft.areas.retain(|key, area| {
        key == "01" || key == "001" || key.starts_with("000") || area.last().code.as_str() == "00008"
    });
    let there = draft.areas.clone();
    draft
        .successions
        .retain(|(old, new), _| there.contains_key(old) && there.contains_key(new));
    test.store().write(move |tx| replace_all(tx, &draft)).await.unwrap();
    let province = Province::on(&test).await;
    let admin = province.officer("quan", Role::Admin, province.root).await;
    let token = province.token(admin, Level::PasswordTotp).await;
    let mut browser = province.browser().with_session(&token);

    let table = [
        (
            "code=00022&date=30/06/2025",
            StatusCode::OK,
            &["Nay thuộc 2 đơn vị", "Phường Ngọc Hà", "Phường Đội Cấn"][..],
        ),
        (
            "code=00004&date=01/07/2025",
            StatusCode::OK,
            &["Đơn vị này nay vẫn còn", "Phường Ba Đình"],
        ),
        (
            "code=00019&date=2026-01-01",
            StatusCode::OK,
            &[
                "Chưa xác định được",
                "không có hiệu lực vào ngày đó",
                "Phường Điện Biên",
            ],
        ),
        (
            "code=00010&date=31/12/2022",
            StatusCode::OK,
            &["Có thể đã nhập vào", "Phường Trúc Bạch"],
        ),
        (
            "code=99999&date=31/12/2022",
            StatusCode::OK,
            &["Không danh sách nào có mã này"],
        ),
        ("code=00004&date=", StatusCode::OK, &["Hãy cho biết ngày dùng mã"]),
        (
            "code=4&date=01/07/2025",
            StatusCode::OK,
            &["Mã phải gồm 2, 3 hoặc 5 chữ số"],
        ),
        ("q=ba+dinh&on=any", StatusCode::OK, &["Quận Ba Đình", "Phường Ba Đình"]),
        ("q=%3Cscript%3E&on=x&page=0", StatusCode::OK, &["&lt;script&gt;"]),
    ];
    for (query, status, words) in table {
        let answer = browser.get(&format!("/admin/areas?{query}")).await;
        assert_eq!(answer.status, status, "{query}");
        for word in words {
            assert!(answer.body.contains(word), "{query}: no {word:?} in {}", answer.body);
        }
        assert!(!answer.body.contains('\u{27e6}'), "{query}: a text is missing");
    }
    // Without a day the list shows today, and says so; "all" shows what there ever was and stays so on the next page.
    let today = browser.get("/admin/areas?q=ba+dinh").await.body;
    assert!(
        today.contains("<option value=\"today\" selected>") && !today.contains("Quận Ba Đình"),
        "{today}"
    );
    let ever = browser.get("/admin/areas?q=ba+dinh&on=").await.body;
    assert!(
        ever.contains("<option value=\"any\" selected>") && ever.contains("Quận Ba Đình"),
        "{ever}"
    );
    let page = browser.get(&format!("/admin/areas/{}", super::area_id("00022"))).await;
    assert!(page.status == StatusCode::OK && page.body.contains("Nay thuộc") && page.body.contains("Phường Ngọc Hà"));
    let missing = browser
        .get(&format!("/admin/areas/{}", super::area_id("nothing")))
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);

    // The interface is for everybody.
    let mut nobody = province.browser();
    let answer = nobody.get("/api/areas/resolve?code=00022&date=2025-06-30").await;
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (json["outcome"].as_str(), json["seen"].as_bool()),
        (Some("several"), Some(true)),
        "{json}"
    );
    assert_eq!(
        (json["then"]["name"].as_str(), json["now"][1]["code"].as_str()),
        (Some("Phường Đội Cấn"), Some("00008"))
    );
    let answer = nobody.get("/api/areas/resolve?code=00010&date=2022-12-31").await;
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (json["reason"].as_str(), json["hint"]["code"].as_str()),
        (Some("no-successor"), Some("00004"))
    );
    let table = [
        ("code=00022", StatusCode::BAD_REQUEST),
        ("code=00022&date=tomorrow", StatusCode::UNPROCESSABLE_ENTITY),
        ("code=a&date=2025-06-30", StatusCode::UNPROCESSABLE_ENTITY),
    ];
    for (bad, status) in table {
        let answer = nobody.get(&format!("/api/areas/resolve?{bad}")).await;
        assert_eq!(answer.status, status, "{bad}");
    }
    let answer = nobody.get("/api/areas?q=ba%20dinh&level=commune").await;
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (json["total"].as_u64(), json["items"][0]["name_en"].as_str()),
        (Some(1), Some("Ba Dinh Ward")),
        "{json}"
    );
    assert_eq!(nobody.get("/admin/areas").await.status, StatusCode::SEE_OTHER);
}
