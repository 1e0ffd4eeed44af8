//! Petitions and records of people for the walk over all pages: one petition at a commune, and a pair of records to compare.
//! They are made the way people make them, by posting forms.

use identity::{UnitId, person};
use reqwest::StatusCode;
use tinhso::App;

use super::{Person, Visitor, people};

/// Files a suggestion to a unit; it lies there.
pub async fn suggest(citizen: &Visitor, unit: UnitId) {
    let path = "/my/petitions/new";
    let page = citizen.page(path).await;
    let led = citizen.submit(&page, path, &[("want", "suggest")]).await;
    assert_eq!(led.status, StatusCode::OK, "{}", led.words());
    let unit = unit.to_string();
    let fields = [
        ("against", unit.as_str()),
        ("target", "decision"),
        ("subject", "Thêm ghế chờ"),
        ("story", "Người già phải đứng chờ lâu."),
        ("phone", "0912345678"),
        ("address", "Tổ 3"),
    ];
    let filed = citizen.submit(&led, "/my/petitions", &fields).await;
    assert_eq!(filed.status, StatusCode::SEE_OTHER, "{}", filed.words());
}

/// Puts a second record of the first citizen, without a number, beside hers; gives the page on which she is marked as deceased.
pub async fn double(app: &App, _: &Person) -> String {
    let claim = people::claimed(1);
    let mut details = person::PersonDetails::without_number(claim.name.clone());
    details.born = Some(claim.birth);
    let (keys, world) = (app.store.keys(), app.store.world().clone());
    let prepared = person::prepare(&keys, world.as_ref(), &details).unwrap();
    let now = world.now();
    let found = app
        .store
        .write(move |tx| {
            person::find_or_create(tx, &prepared, "counter", now)?;
            person::find(tx, &keys, &claim.number)
        })
        .await
        .unwrap();
    format!("/admin/people/{}/deceased", found.unwrap().id)
}
