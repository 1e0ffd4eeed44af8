//! A walk-in is helped at a desk: by keyboard alone in a browser, from choosing the procedure to the printed receipt; how long
//! a save takes on both engines; and the short way by which other tests take a dossier in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use identity::UnitId;
use reqwest::StatusCode;
use testkit::ManualWorld;
use thirtyfour::Key;
use tinhso::world::RealWorld;

use crate::harness::browser::{Browser, Screen};
use crate::harness::wait;
use crate::support::province::BIRTH;
use crate::support::{Province, Site, Visitor, both};

/// Where the form of a procedure is.
fn form_of(procedure: &str) -> String {
    format!("/desk/intake?procedure={procedure}")
}

/// A walk-in with all papers, taken in from paper; gives the address of the receipt, and how long the save took.
pub async fn take_in(officer: &Visitor, unit: UnitId, number: &str) -> (String, Duration) {
    let page = officer.page(&form_of(BIRTH)).await;
    let form = page.form("/desk/intake");
    let unit = unit.to_string();
    let fields = [
        ("person-id", number),
        ("name", "Trần Thị Quầy"),
        ("phone", "0912345678"),
        ("address", "Tổ 3, phường Thành Sen"),
        ("applicant", "person"),
        ("representation", "own"),
        ("all-papers", "yes"),
        ("unit", &unit),
        ("channel", "desk"),
        ("delivery", "pick-up"),
        ("entered", "officer"),
    ];
    let began = Instant::now();
    let answer = officer.upload(&form, &fields, &[]).await;
    let took = began.elapsed();
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    (answer.location(), took)
}

/// A number of the queue from the desk's kiosk; gives the address of its paper.
pub async fn take_number(officer: &Visitor) -> String {
    let page = officer.page("/desk/queue").await.text();
    let at = page.find("/queue/").expect("the page leads to the kiosk");
    let kiosk = page[at..]
        .split('"')
        .find(|part| part.contains("/kiosk?k="))
        .expect("an address with its key")
        .to_owned();
    let kiosk_page = officer.page(&kiosk).await;
    officer
        .submit(&kiosk_page, &kiosk, &[("lane", "file")])
        .await
        .location()
}

/// The id of what has the focus.
async fn focus(browser: &Browser) -> String {
    let active = browser.driver().active_element().await.unwrap();
    active.attr("id").await.unwrap().unwrap_or_default()
}

async fn focus_is(browser: &Browser, id: &str) {
    wait::until(id, wait::SHORT, || async {
        let here = focus(browser).await;
        if here == id {
            Ok(())
        } else {
            Err(format!("the focus is on {here:?}"))
        }
    })
    .await;
}

/// Types where the focus is, as a keyboard does.
async fn keys(browser: &Browser, keys: impl Into<thirtyfour::prelude::TypingData>) {
    let active = browser.driver().active_element().await.unwrap();
    active.send_keys(keys).await.unwrap();
}

/// Goes on by the tabulator until the focus is there.
async fn tab_to(browser: &Browser, id: &str) {
    for _ in 0..60 {
        if focus(browser).await == id {
            return;
        }
        keys(browser, Key::Tab + "").await;
    }
    panic!("the tabulator never reaches {id}");
}

/// Chooses a procedure by its name without diacritics, then by Enter.
async fn choose(browser: &Browser) {
    focus_is(browser, "intake-q").await;
    keys(browser, "dang ky khai sinh" + Key::Enter).await;
    browser.arrives_at("/desk/intake").await;
    wait::until("the first hit has the focus", wait::SHORT, || async {
        let active = browser
            .driver()
            .active_element()
            .await
            .map_err(|error| error.to_string())?;
        let href = active.attr("href").await.unwrap().unwrap_or_default();
        if href.contains("procedure=") { Ok(()) } else { Err(href) }
    })
    .await;
    let first = browser.driver().active_element().await.unwrap();
    assert!(first.text().await.unwrap().to_lowercase().contains("khai sinh"));
    keys(browser, Key::Enter + "").await;
    focus_is(browser, "intake-person-id").await;
}

async fn save_and_go_on(browser: &Browser) {
    tab_to(browser, "intake-all-papers").await;
    keys(browser, " ").await;
    keys(browser, Key::F9 + "").await;
    browser.sees("Đã tiếp nhận").await;
    browser.is_accessible().await;
    browser.sees("Giấy tiếp nhận hồ sơ và hẹn trả kết quả").await;
    // The next walk-in is one key away.
    keys(browser, Key::Enter + "").await;
    focus_is(browser, "intake-q").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_walk_in_is_helped_at_a_desk_by_keyboard_alone() {
    let province = Province::sqlite().await;
    let (site, staff) = Site::staffed(&province, Arc::new(RealWorld::new())).await;
    let Some(browser) = Browser::start(Screen::DESK).await else {
        return;
    };
    browser.open(site.url()).await;
    browser.wear(staff.desk.at(site.url()).cookie().as_deref()).await;
    browser.open(&format!("{}/desk/intake", site.url())).await;
    browser.is_accessible().await;
    let began = Instant::now();
    choose(&browser).await;
    // Twelve digits look the person up by themselves; she was never here, so her name is asked next.
    keys(&browser, "042190300014").await;
    focus_is(&browser, "intake-name").await;
    browser.sees("Chưa có trong dữ liệu của tỉnh").await;
    browser.is_accessible().await;
    keys(&browser, "Trần Thị Hoa" + Key::Tab).await;
    keys(&browser, "17" + Key::Tab).await;
    keys(&browser, "5" + Key::Tab).await;
    keys(&browser, "1990" + Key::Tab).await;
    keys(&browser, "0912345678" + Key::Tab).await;
    keys(&browser, "Tổ 3, phường Thành Sen").await;
    save_and_go_on(&browser).await;
    // The second time her number is enough.
    choose(&browser).await;
    keys(&browser, "042190300014").await;
    browser.sees("Đã tìm thấy").await;
    focus_is(&browser, "intake-all-papers").await;
    save_and_go_on(&browser).await;
    testkit::say(&format!("two walk-ins by keyboard took {:?}", began.elapsed()));
    assert_eq!(browser.console_faults().await, Vec::<String>::new());
    browser.quit().await;
    site.close().await;
    province.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_at_the_desk_takes_less_than_a_tenth_of_a_second() {
    both(async |province| {
        let (site, staff) = Site::staffed(province, ManualWorld::new()).await;
        let desk = staff.desk.at(site.url());
        let mut times = Vec::new();
        for n in 0..30 {
            times.push(
                take_in(&desk, staff.commune, &format!("042190{:06}", 400_000 + n))
                    .await
                    .1,
            );
        }
        times.sort_unstable();
        let (median, worst) = (times[15], times[29]);
        testkit::say(&format!("a save at the desk: median {median:?}, worst of 30 {worst:?}"));
        assert!(median < Duration::from_millis(100), "{median:?}");
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_the_wall_shows_a_number_without_being_asked() {
    let province = Province::sqlite().await;
    let (site, staff) = Site::staffed(&province, Arc::new(RealWorld::new())).await;
    let Some(browser) = Browser::start(Screen::DESK).await else {
        return;
    };
    let desk = staff.desk.at(site.url());
    let paper = take_number(&desk).await;
    let display = format!("{}/display", paper.split("/tickets/").next().unwrap());
    browser.open(&format!("{}{display}", site.url())).await;
    browser.sees("Chưa gọi số nào").await;
    let page = desk.page("/desk/queue").await;
    let called = desk
        .submit(&page, "/desk/queue", &[("do", "next"), ("counter", "2")])
        .await;
    assert_eq!(called.status, StatusCode::SEE_OTHER);
    browser.sees("A001").await;
    browser.sees("quầy 2").await;
    let said = browser.find("#board").await.attr("data-said").await.unwrap();
    assert_eq!(said.as_deref(), Some("Mời số A 0 0 1 đến quầy 2"), "what is called out");
    browser.is_accessible().await;
    browser.quit().await;
    site.close().await;
}
