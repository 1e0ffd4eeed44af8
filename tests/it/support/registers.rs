//! What tests do to registers: a tree entered on its page, as a specialist does it.

use reqwest::StatusCode;
use tinhso::App;

use super::Visitor;

/// The register of trees.
pub const TREES: &str = "/registers/trees/tree";

/// Enters a tree with a keeper; gives its path.
pub async fn plant(specialist: &Visitor, tag: &str) -> String {
    let new = format!("{TREES}/new");
    let page = specialist.page(&new).await;
    let fields = [
        ("f-tag", tag),
        ("f-species", "Sao đen"),
        ("f-trunk_cm", "120"),
        ("f-height_m", "14,5"),
        ("f-health", "good"),
        ("f-keeper", "Nguyễn Văn Chăm"),
        ("longitude", "105,9"),
        ("latitude", "18,342"),
    ];
    let answer = specialist.submit(&page, &new, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    answer.location()
}

/// Approves what the shipped rules publish.
pub async fn publish(app: &App) {
    let by = opendata::Publisher {
        account: None,
        who: "Lãnh đạo tỉnh".to_owned(),
    };
    for kind in app.register.kinds() {
        if let Some(rule) = register::open::rule_digest(kind) {
            app.opendata.approve(kind, &rule, &by).await.unwrap();
        }
    }
}

/// Begins one change to all trees; gives its path.
pub async fn change_many(specialist: &Visitor) -> String {
    let bulk = format!("{TREES}/bulk");
    let page = specialist.page(&format!("{bulk}?field=address")).await;
    let look = specialist
        .submit(
            &page,
            &bulk,
            &[("value", "Đường 26 Tháng 3"), ("reason", "Đổi tên đường")],
        )
        .await;
    let begun = specialist.submit(&look, &format!("{bulk}/confirm"), &[]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.words());
    begun.location()
}

/// Hands a file in on its page; gives the path of its own page.
pub async fn hand_in(specialist: &Visitor, name: &str, bytes: &[u8]) -> String {
    let import = format!("{TREES}/import");
    let page = specialist.page(&import).await;
    let file = ("file", name, "application/octet-stream", bytes);
    let answer = specialist.upload(&page.form(&import), &[], &[file]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    answer.location()
}
