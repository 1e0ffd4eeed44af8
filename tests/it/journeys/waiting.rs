//! A commune that waits for a department's word, and a dossier that becomes late and is apologised for.

use identity::Role;
use identity::unit::UnitKind;
use kernel::SignedDuration;

use super::{Stage, desk_of};
use crate::support::people;

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_commune_asks_a_department_and_waits_for_its_word() {
    let Some(stage) = Stage::open().await else { return };
    let app = stage.site.app.clone();
    let department = people::units_of(&app, UnitKind::Department)[0];
    let expert = people::officer(&app, "sotuphap", Role::Specialist, department).await;
    let citizen = people::citizen(&app, 2).await;
    let own = stage.file(&citizen).await;
    let desk = desk_of(&own);
    stage.take_on(&desk).await;
    stage
        .act(
            &desk,
            "coordinate",
            &[
                ("unit", &department.to_string()),
                ("kind", "opinion"),
                ("hours", "8"),
                ("question", "Có vướng mắc gì về nơi cư trú không?"),
            ],
        )
        .await;
    stage.be(&expert).await;
    stage.look("/desk/coordination").await;
    stage.browser.press("main a[href*=\"/desk/coordination/\"]").await;
    stage.sees("nơi cư trú").await;
    stage.browser.is_accessible().await;
    stage.send("/accept", &[]).await;
    stage
        .send("/answer", &[("opinion", "agree"), ("note", "Không có gì vướng mắc")])
        .await;
    stage.be(&stage.staff.specialist).await;
    stage.look(&desk).await;
    stage.browser.press("main a[href*=\"/desk/coordination/\"]").await;
    stage.sees("Không có gì vướng mắc").await;
    stage.be(&citizen).await;
    stage.look(&own).await;
    stage.finish(&desk).await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_late_dossier_is_apologised_for_and_still_given() {
    let Some(stage) = Stage::open().await else { return };
    let app = stage.site.app.clone();
    let citizen = people::citizen(&app, 3).await;
    let own = stage.file(&citizen).await;
    let desk = desk_of(&own);
    stage.take_on(&desk).await;
    // Before the day passes the leader apologises and names another.
    stage.be(&stage.staff.leader).await;
    stage
        .act(&desk, "extend", &[("days", "1"), ("note", "Phải xác minh tại nơi đến")])
        .await;
    stage.be(&citizen).await;
    stage.look(&own).await;
    stage.sees("Phải xác minh tại nơi đến").await;
    // That day passes too: nothing can be put off any more, and the result is given all the same.
    stage.world.advance(SignedDuration::from_hours(24 * 10));
    stage.be(&stage.staff.leader).await;
    stage.look(&desk).await;
    stage.sees("quá").await;
    assert!(!stage.browser.has(&format!("main a[href$=\"{desk}/extend\"]")).await);
    stage.look("/desk?tab=overdue").await;
    assert!(stage.browser.has(&format!("main a[href=\"{desk}\"]")).await);
    stage.finish(&desk).await;
    stage.be(&citizen).await;
    stage.look(&own).await;
    stage.sees("Đã trả kết quả").await;
    stage.close().await;
}
