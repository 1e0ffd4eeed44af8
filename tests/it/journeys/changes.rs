//! What happens to dossiers when a commune is merged away, and when an administrator changes the process they run on.

use identity::unit::UnitKind;
use identity::{Role, UnitId};
use kernel::SignedDuration;

use super::{Stage, desk_of};
use crate::support::province::ABSENCE;
use crate::support::{filing, people};

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_commune_is_merged_and_its_dossier_goes_on() {
    let Some(stage) = Stage::open().await else { return };
    let app = stage.site.app.clone();
    let province = people::units_of(&app, UnitKind::Province)[0];
    let heir = other_commune(&stage);
    let admin = people::officer(&app, "admin", Role::Admin, province).await;
    let specialist = people::officer(&app, "kethua", Role::Specialist, heir).await;
    let leader = people::officer(&app, "lanhdaomoi", Role::Leader, heir).await;
    let citizen = people::citizen(&app, 4).await;
    let own = stage.file(&citizen).await;
    let desk = desk_of(&own);
    stage.take_on(&desk).await;
    stage.world.advance(SignedDuration::from_hours(24));
    stage.be(&admin).await;
    let unit = stage.staff.commune;
    stage.look(&format!("/admin/units/{unit}/change/merge")).await;
    let day = app.identity.now().local_date();
    let (day_of, month, year) = (day.day().to_string(), day.month().to_string(), day.year().to_string());
    stage
        .send(
            "/change/merge",
            &[
                ("other", &heir.to_string()),
                ("on-day", &day_of),
                ("on-month", &month),
                ("on-year", &year),
                ("reason", "NQ 1/NQ-HĐND về sắp xếp xã"),
            ],
        )
        .await;
    let done = casework::succession::jobs::succeed(&app.casework).await.unwrap();
    assert_eq!((done.moved, done.unclear), (1, 0));
    stage.be(&specialist).await;
    stage.look("/desk").await;
    assert!(stage.browser.has(&format!("main a[href=\"{desk}\"]")).await);
    stage.act(&desk, "claim", &[]).await;
    stage.act(&desk, "propose", &[("outcome", "granted")]).await;
    stage.be(&leader).await;
    stage.act(&desk, "approve", &[]).await;
    stage.be(&citizen).await;
    stage.look(&own).await;
    stage.sees("Chuyển về cơ quan kế thừa").await;
    stage.close().await;
}

/// The commune of the other desk officer.
fn other_commune(stage: &Stage) -> UnitId {
    people::units_of(&stage.site.app, UnitKind::Commune)[1]
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_an_administrator_changes_a_process_and_moves_what_runs() {
    let Some(stage) = Stage::open().await else { return };
    let app = stage.site.app.clone();
    let province = people::units_of(&app, UnitKind::Province)[0];
    let writer = people::officer(&app, "viet", Role::Admin, province).await;
    let approver = people::officer(&app, "duyet", Role::Admin, province).await;
    let citizen = people::citizen(&app, 5).await;
    let own = stage.file(&citizen).await;
    let desk = desk_of(&own);
    let process = format!("/admin/processes/{ABSENCE}");
    stage.be(&writer).await;
    stage.look(&process).await;
    stage.send(&process, &[]).await;
    stage.browser.find("main form [name=\"hours-1\"]").await;
    stage.browser.fits().await;
    stage
        .send(
            "/edit",
            &[("hours-1", "1"), ("note", "Bộ phận một cửa xong trong một giờ")],
        )
        .await;
    let version = stage.browser.path().await;
    stage.sees("Bộ phận một cửa xong trong một giờ").await;
    stage.browser.find("ol.course").await;
    stage.be(&approver).await;
    stage.look(&version).await;
    let day = app.identity.now().local_date();
    stage.send("/approve", &[("valid_from", &day.to_string())]).await;
    let code = filing::code_of(
        &stage.be(&citizen).await,
        own.rsplit('/').next().unwrap().parse().unwrap(),
    )
    .await;
    stage.be(&writer).await;
    stage.look(&format!("{version}/move")).await;
    stage.sees(&code).await;
    assert!(stage.browser.has("main form input[name=dossier]:checked").await);
    stage.send("/move", &[]).await;
    stage.look(&format!("{version}/move")).await;
    assert!(!stage.browser.text().await.contains(&code), "it is moved");
    stage.take_on(&desk).await;
    stage.finish(&desk).await;
    stage.close().await;
}
