//! In a real browser: somebody files at the simulated portal, the dossier is received and settled here, and its end appears there,
//! while messages are lost and doubled; the operator's page shows the drift while it lasts, and that it went.

use std::net::TcpListener;
use std::sync::Arc;

use exchange::portal::{self, Fault, Settings};
use identity::Role;
use tinhso::world::RealWorld;

use super::set_up;
use crate::harness::browser::{Browser, Screen};
use crate::harness::wait;
use crate::support::{Province, Site, filing, people};

/// Presses a button of an officer's page with what the page asks.
async fn act(site: &Site, who: &people::Person, id: &str, action: &str, fields: &[(&str, &str)]) {
    let files: &[(&str, &[u8])] = if action == "propose" {
        &[("ket-qua.pdf", filing::PDF)]
    } else {
        &[]
    };
    let answer = filing::act(&who.at(site.url()), id, action, fields, files).await;
    assert_eq!(
        answer.status,
        reqwest::StatusCode::SEE_OTHER,
        "{action}: {}",
        answer.words()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_dossier_of_the_portal_is_settled_here_while_messages_are_lost_and_doubled() {
    let Some(browser) = Browser::start(Screen::DESK).await else {
        return;
    };
    let mut province = Province::sqlite().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    set_up(&mut province, &format!("http://{}", listener.local_addr().unwrap()));
    let world: Arc<RealWorld> = Arc::new(RealWorld::new());
    let (site, staff) = Site::staffed(&province, world.clone()).await;
    let settings = Settings {
        seed: 20_261_122,
        faults: vec![Fault::Lost, Fault::Doubled],
        permille: 250,
        province: Some(site.url().to_owned()),
        ..Settings::default()
    };
    let simulated = portal::start(listener, world, settings).unwrap();
    let running = exchange::start(&site.app.exchange).unwrap();
    let root = people::units_of(&site.app, identity::unit::UnitKind::Province)[0];
    let operator = people::officer(&site.app, "vanhanh", Role::Operator, root).await;

    // A citizen files at the portal.
    let day = site.app.identity.now().local_date();
    let agency = site
        .app
        .identity
        .units()
        .agency_of(staff.commune, day)
        .and_then(|unit| unit.code_on(day))
        .unwrap()
        .to_string();
    browser.open(&simulated.url()).await;
    browser.fill("agency", &agency).await;
    browser.fill("name", "Trần Thị Cổng").await;
    browser.press("form button").await;
    browser.sees("G22.99.18-").await;
    let national = browser.text_of("tbody th").await;

    // It arrives here, and is on the desk's work list.
    let link = wait::until("it is here", wait::LONG, || async {
        let link = site.app.exchange.link_of(&national).await.unwrap();
        link.ok_or_else(|| "not yet".to_owned())
    })
    .await;
    let id = link.dossier.to_string();
    browser.open(site.url()).await;
    browser.wear(staff.desk.at(site.url()).cookie().as_deref()).await;
    browser.open(&format!("{}/desk", site.url())).await;
    browser.sees(&link.code).await;

    // The portal goes out while it is worked on: the drift page says so.
    simulated.set_out(true);
    let officer = staff.specialist.account.to_string();
    act(&site, &staff.desk, &id, "receive", &[("days", "3")]).await;
    act(&site, &staff.leader, &id, "assign", &[("officer", &officer)]).await;
    act(&site, &staff.specialist, &id, "propose", &[("outcome", "granted")]).await;
    act(&site, &staff.leader, &id, "approve", &[]).await;
    browser.wear(operator.at(site.url()).cookie().as_deref()).await;
    wait::until("the drift page shows it", wait::LONG, || async {
        browser.open(&format!("{}/admin/exchange", site.url())).await;
        let text = browser.text().await;
        let shows = text.contains(&link.code) && text.contains("Chờ gửi") && text.contains("Đường truyền đang lỗi");
        if shows { Ok(()) } else { Err(text) }
    })
    .await;
    browser.is_accessible().await;

    // It comes back, and the end appears there though messages are lost and doubled.
    simulated.set_out(false);
    wait::until("the end is there", wait::LONG, || async {
        let held = simulated.with(|portal| portal.dossiers()[&national].state);
        if held == 9 {
            Ok(())
        } else {
            Err(format!("{held} there"))
        }
    })
    .await;
    wait::until("it is in step and confirmed", wait::LONG, || async {
        browser
            .open(&format!("{}/admin/exchange/dossiers/{id}", site.url()))
            .await;
        let text = browser.text().await;
        if text.contains("Đã xác nhận") && text.contains("Khớp") {
            Ok(())
        } else {
            Err(text)
        }
    })
    .await;
    browser.is_accessible().await;
    browser.open(&format!("{}/admin/exchange", site.url())).await;
    browser.sees("Không có hồ sơ nào lệch.").await;
    browser.open(&simulated.url()).await;
    assert_eq!(browser.text_of("td[data-state]").await, "9");
    assert_eq!(browser.all("tbody tr").await.len(), 1, "none is double");
    browser.quit().await;
    running.stop().await;
    site.close().await;
}
