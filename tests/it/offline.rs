//! The desk that works with the line down, in a browser: from the form to the dossier with the line cut in between, a power cut
//! in the middle of a save, two tabs, a clock wrong by a day, a browser that keeps nothing, the lock after fifteen minutes.

use std::sync::Arc;
use std::time::Duration;

use store::EngineKind;
use thirtyfour::Key;
use tinhso::world::RealWorld;

use crate::harness::browser::{Browser, Screen};
use crate::harness::wait;
use crate::support::line::Line;
use crate::support::{Province, Site, Staff, Visitor};

mod places;

const PAGE: &str = "/desk/offline";
const PIN: &str = "mua roi tren pho";
/// A whole PNG of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";
/// A send waits for the page's next look at the line.
const LOOK: Duration = Duration::from_secs(40);

/// A desk whose line can be cut, and the officer's browser at it.
struct Desk {
    province: Province,
    site: Site,
    staff: Staff,
    line: Line,
    /// The line's address by the name that the browser is to use.
    url: String,
    browser: Browser,
}

impl Desk {
    async fn open(screen: Screen) -> Option<Self> {
        Self::open_at(screen, "127.0.0.1").await
    }

    async fn open_at(screen: Screen, host: &str) -> Option<Self> {
        let province = Province::make(EngineKind::Sqlite).await.unwrap();
        let (site, staff) = Site::staffed(&province, Arc::new(RealWorld::new())).await;
        let line = Line::to(site.url()).await;
        let browser = Browser::start(screen).await?;
        let desk = Self {
            province,
            site,
            staff,
            url: line.url().replace("127.0.0.1", host),
            line,
            browser,
        };
        desk.sign_in(&desk.browser).await;
        Some(desk)
    }

    async fn sign_in(&self, browser: &Browser) {
        browser.open(&format!("{}/track", self.url)).await;
        browser.wear(self.officer().cookie().as_deref()).await;
    }

    fn officer(&self) -> Visitor {
        self.staff.desk.at(self.line.url())
    }

    async fn show(&self) {
        self.browser.open(&format!("{}{PAGE}", self.url)).await;
    }

    /// Registers the browser and waits until it keeps its page.
    async fn register(&self) {
        self.show().await;
        self.browser.sees("Đăng ký máy này").await;
        write(&self.browser, "offline-pin-new", PIN).await;
        write(&self.browser, "offline-pin-again", PIN).await;
        self.browser.press("#offline-register button").await;
        self.browser.sees("Còn 30 mã hồ sơ").await;
        self.browser.find("#offline-app[data-kept=yes]").await;
        self.browser.find("#offline-found button").await;
    }

    async fn unlock(&self) {
        self.browser.sees("Đang khoá").await;
        write(&self.browser, "offline-pin", PIN).await;
        self.browser.press("#offline-locked button").await;
        self.browser.find("#offline-found button").await;
    }

    /// Waits until nothing of this device is waiting and so many became dossiers; gives their codes.
    async fn sent(&self, count: usize) -> Vec<String> {
        wait::until("everything is sent", LOOK, || async {
            let waits = self.browser.all("#offline-items li[data-state]").await.len();
            let sent = self.browser.all("#offline-sent a").await.len();
            if (waits, sent) == (0, count) {
                Ok(())
            } else {
                Err(format!(
                    "{waits} items wait, {sent} are sent: {}",
                    self.browser.text().await
                ))
            }
        })
        .await;
        let mut codes = Vec::new();
        for link in self.browser.all("#offline-sent a").await {
            codes.push(link.text().await.unwrap());
        }
        codes
    }

    async fn count(&self) -> i64 {
        let found = self
            .site
            .app
            .store
            .read(|tx| tx.one("SELECT count(*) FROM dossier", &[], |row| row.get::<i64>(0)))
            .await;
        found.unwrap()
    }

    async fn close(self) {
        self.browser.quit().await;
        self.site.close().await;
        self.province.verify();
    }
}

async fn write(browser: &Browser, id: &str, text: &str) {
    let field = browser.find(&format!("#{id}")).await;
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

/// Chooses birth registration and types a walk-in with all papers; `n` tells people apart.
async fn fill(browser: &Browser, n: u32) {
    write(browser, "offline-q", "khai sinh").await;
    browser.press("#offline-found button").await;
    write(browser, "intake-person-id", &format!("042190{:06}", 500_000 + n)).await;
    write(browser, "intake-name", "Trần Thị Mưa").await;
    write(browser, "intake-phone", "0912345678").await;
    write(browser, "intake-address", "Tổ 3, phường Thành Sen").await;
    browser.press("#intake-all-papers").await;
}

async fn save(browser: &Browser) -> String {
    let button = browser.find("#intake .actions button").await;
    button.scroll_into_view().await.unwrap();
    button.send_keys(Key::F9 + "").await.unwrap();
    browser.sees("Giấy tiếp nhận hồ sơ (lập khi mất mạng)").await;
    browser.text_of("#offline-receipt [data-paper=code]").await
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_walk_in_is_helped_with_the_line_down_from_form_to_sent() {
    let Some(desk) = Desk::open(Screen::DESK).await else {
        return;
    };
    desk.register().await;
    desk.browser.is_accessible().await;
    desk.line.cut();
    // The page opens from what the browser keeps, locked.
    desk.show().await;
    desk.browser.sees("Mất mạng").await;
    desk.unlock().await;
    fill(&desk.browser, 1).await;
    let scan = desk.province.root().join("to-khai.png");
    std::fs::write(&scan, PNG).unwrap();
    desk.browser.attach("scan-1", &scan).await;
    desk.browser.is_accessible().await;
    let code = save(&desk.browser).await;
    assert!(code.ends_with("-90001"), "{code}");
    let paper = desk.browser.text_of("#offline-receipt").await;
    for words in [
        "Trần Thị Mưa",
        "khai sinh",
        "trong ngày làm việc",
        desk.staff.desk.name.as_str(),
    ] {
        assert!(
            paper.to_lowercase().contains(&words.to_lowercase()),
            "{words:?} is not on: {paper}"
        );
    }
    desk.browser.is_accessible().await;
    desk.browser.sees("chờ gửi").await;
    assert_eq!(desk.count().await, 0);
    desk.line.mend();
    assert_eq!(desk.sent(1).await, [code.as_str()]);
    assert_eq!(desk.count().await, 1);
    desk.browser.press_text(&code).await;
    desk.browser.sees("Tiếp nhận khi mất mạng").await;
    desk.browser.sees("Giấy tiếp nhận hồ sơ và hẹn trả kết quả").await;
    // The worker answers for its own page alone.
    desk.line.cut();
    let _ = desk
        .browser
        .driver()
        .goto(format!("{}/desk/intake", desk.line.url()))
        .await;
    assert!(
        !desk.browser.has("#intake-q").await,
        "other pages do not pretend that the line is up"
    );
    desk.line.mend();
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_power_cut_in_the_middle_of_a_save_leaves_it_whole_or_not_there() {
    let Some(mut desk) = Desk::open(Screen::DESK).await else {
        return;
    };
    desk.register().await;
    desk.line.cut();
    // What was called saved before the cut is there after it; what was being saved is there whole, or not at all.
    fill(&desk.browser, 1).await;
    let saved = save(&desk.browser).await;
    for (n, delay_ms) in [(2_u32, 0_u64), (3, 15), (4, 40)] {
        desk.browser.press("#offline-next").await;
        fill(&desk.browser, n).await;
        let press = "document.getElementById('intake').requestSubmit();";
        desk.browser.driver().execute(press, vec![]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        let screen = desk.browser.screen();
        let Desk {
            province,
            site,
            staff,
            line,
            url,
            browser,
        } = desk;
        let profile = browser.power_cut();
        let browser = Browser::start_in(screen, profile).await.unwrap();
        desk = Desk {
            province,
            site,
            staff,
            line,
            url,
            browser,
        };
        desk.show().await;
        desk.unlock().await;
        desk.browser.sees(&saved).await;
        let items = desk.browser.all("#offline-items li[data-state=waiting]").await.len();
        assert!(items >= 1, "{items} items");
        // Each that is there opens again: its paper can be printed.
        for at in 1..=items {
            desk.browser
                .press(&format!("#offline-items li:nth-child({at}) [data-print-again]"))
                .await;
            desk.browser.sees("Trần Thị Mưa").await;
        }
    }
    let items = desk.browser.all("#offline-items li[data-state=waiting]").await.len();
    // A profile that was cut off may have lost the session; anybody of the desk signs in again.
    desk.line.mend();
    desk.sign_in(&desk.browser).await;
    desk.show().await;
    assert_eq!(desk.sent(items).await.len(), items);
    assert_eq!(desk.count().await, i64::try_from(items).unwrap());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_two_tabs_draw_two_codes_and_send_each_once() {
    let Some(desk) = Desk::open(Screen::DESK).await else {
        return;
    };
    desk.register().await;
    desk.line.cut();
    let first = desk.browser.driver().window().await.unwrap();
    fill(&desk.browser, 1).await;
    let second = desk.browser.driver().new_tab().await.unwrap();
    desk.browser.driver().switch_to_window(second.clone()).await.unwrap();
    desk.show().await;
    desk.unlock().await;
    fill(&desk.browser, 2).await;
    let two = save(&desk.browser).await;
    desk.browser.driver().switch_to_window(first).await.unwrap();
    let one = save(&desk.browser).await;
    assert_ne!(one, two);
    desk.line.mend();
    let mut codes = vec![one, two];
    codes.sort();
    let mut sent = desk.sent(2).await;
    sent.sort();
    assert_eq!(sent, codes);
    assert_eq!(desk.count().await, 2);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_storage_that_is_refused_is_told_in_words_at_once() {
    let Some(desk) = Desk::open(Screen::PHONE).await else {
        return;
    };
    desk.browser
        .before_each_page("IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };")
        .await;
    desk.show().await;
    desk.browser.sees("Máy này không tiếp nhận được khi mất mạng").await;
    desk.browser.sees("Trình duyệt không cho giữ dữ liệu").await;
    assert!(!desk.browser.find("#offline-app").await.is_displayed().await.unwrap());
    desk.browser.is_accessible().await;
    desk.browser.fits().await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_full_disk_is_told_and_what_was_typed_stays() {
    let Some(desk) = Desk::open(Screen::DESK).await else {
        return;
    };
    desk.register().await;
    fill(&desk.browser, 1).await;
    let full = "const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...all) {\
        if (this.name === 'items') throw new DOMException('full', 'QuotaExceededError'); return put.apply(this, all); };";
    desk.browser.driver().execute(full, vec![]).await.unwrap();
    desk.browser.press("#intake .actions button").await;
    desk.browser.sees("đã đầy").await;
    let name = desk.browser.find("#intake-name").await.prop("value").await.unwrap();
    assert_eq!(name.as_deref(), Some("Trần Thị Mưa"));
    assert_eq!(desk.count().await, 0);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_clock_wrong_by_a_day_is_told_and_the_paper_says_the_right_time() {
    let Some(desk) = Desk::open(Screen::DESK).await else {
        return;
    };
    desk.browser
        .before_each_page("const real = Date.now; Date.now = () => real.call(Date) - 86400000;")
        .await;
    desk.register().await;
    desk.browser.sees("Đồng hồ máy này chậm 1 ngày").await;
    desk.line.cut();
    fill(&desk.browser, 1).await;
    let code = save(&desk.browser).await;
    let today = kernel::World::now(&RealWorld::new()).local_date();
    let day = format!("{:02}/{:02}/{}", today.day(), today.month(), today.year());
    let time = desk.browser.text_of("#offline-receipt [data-paper=time]").await;
    assert!(time.contains(&day), "{time}");
    desk.line.mend();
    assert_eq!(desk.sent(1).await, [code]);
    let page = desk.officer().page("/desk/offline/devices").await.text();
    assert!(page.contains("theo giấy") && page.contains("chậm 1 ngày"), "{page}");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_what_is_refused_stays_until_an_officer_mends_it() {
    let Some(desk) = Desk::open(Screen::DESK).await else {
        return;
    };
    desk.register().await;
    desk.line.cut();
    fill(&desk.browser, 1).await;
    // The year of birth does not fit the number: only the server knows that rule.
    for (part, number) in [("day", "1"), ("month", "1"), ("year", "1985")] {
        desk.browser.fill(&format!("born-{part}"), number).await;
    }
    let code = save(&desk.browser).await;
    desk.browser.press("#offline-next").await;
    desk.line.mend();
    wait::until("it is refused", LOOK, || async {
        if desk.browser.has("#offline-items li[data-state=refused]").await {
            Ok(())
        } else {
            Err("not yet".to_owned())
        }
    })
    .await;
    desk.browser.is_accessible().await;
    assert_eq!(desk.count().await, 0);
    desk.browser.press("#offline-items [data-open]").await;
    desk.browser.sees("Máy chủ chưa nhận hồ sơ này").await;
    let name = desk.browser.find("#intake-name").await.prop("value").await.unwrap();
    assert_eq!(name.as_deref(), Some("Trần Thị Mưa"));
    for part in ["day", "month", "year"] {
        let field = desk.browser.find(&format!("[name=born-{part}]")).await;
        field.clear().await.unwrap();
    }
    assert_eq!(save(&desk.browser).await, code, "code and paper stay");
    assert_eq!(desk.sent(1).await, [code]);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_the_page_locks_after_fifteen_minutes_and_opens_by_the_pin_alone() {
    let Some(desk) = Desk::open(Screen::PHONE).await else {
        return;
    };
    desk.register().await;
    desk.line.cut();
    fill(&desk.browser, 1).await;
    let later = "const real = Date.now; Date.now = () => real.call(Date) + 16 * 60000;";
    desk.browser.driver().execute(later, vec![]).await.unwrap();
    desk.browser.sees("Đang khoá").await;
    let held = desk
        .browser
        .driver()
        .execute("return document.getElementById('intake-name').value", vec![])
        .await
        .unwrap();
    assert_eq!(held.json(), "", "nothing that was typed is left in the page");
    write(&desk.browser, "offline-pin", "khong phai ma nay").await;
    desk.browser.press("#offline-locked button").await;
    desk.browser.sees("Còn 9 lần thử").await;
    desk.browser.is_accessible().await;
    desk.browser.fits().await;
    write(&desk.browser, "offline-pin", PIN).await;
    desk.browser.press("#offline-locked button").await;
    desk.browser.find("#offline-walk:not([hidden])").await;
    let name = desk.browser.find("#intake-name").await.prop("value").await.unwrap();
    assert_eq!(name.as_deref(), Some("Trần Thị Mưa"));
    // Nothing on the device says it in clear.
    let plain = desk
        .browser
        .driver()
        .execute_async(
            "const done = arguments[0]; const q = indexedDB.open('tinhso-offline-desk'); q.onsuccess = () => {\
             const all = q.result.transaction(['kept', 'items']); const a = all.objectStore('kept').getAll(); const b = all.objectStore('items').getAll();\
             all.oncomplete = () => done(JSON.stringify([a.result, b.result])); };",
            vec![],
        )
        .await
        .unwrap();
    let plain = plain.json().as_str().unwrap().to_owned();
    assert!(
        !plain.contains("Trần Thị Mưa") && !plain.contains("0912345678"),
        "{plain}"
    );
    desk.line.mend();
    desk.close().await;
}
