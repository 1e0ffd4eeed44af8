//! What tests do to registers: a tree entered on its page, as a specialist does it.

use reqwest::StatusCode;

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
