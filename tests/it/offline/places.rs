//! Who opens the desk's page on one machine: several officers, each with her own PIN, codes and copies; and a passkey of the
//! machine instead of the PIN. Passkeys bind to names, so that test asks for `localhost`; Chromium's own virtual
//! authenticator stands for finger or face.

use identity::Role;
use serde_json::json;

use super::{Desk, PIN, fill, save, write};
use crate::harness::browser::{Browser, Screen};
use crate::harness::wait;
use crate::support::{Person, people};

/// The search for procedures is in sight: the page is open.
const OPENED: &str = "#offline-choose:not([hidden]) #offline-found button";
const OTHER_PIN: &str = "nang len tren song";

/// Locks the page, and chooses an officer's place where there are several.
async fn lock(browser: &Browser) {
    browser.press("#offline-lock").await;
    browser.sees("Đang khoá").await;
}

async fn open_place(browser: &Browser, account: &str, pin: &str) {
    browser
        .press(&format!("#offline-seat option[value=\"{account}\"]"))
        .await;
    write(browser, "offline-pin", pin).await;
    browser.press("#offline-locked button").await;
}

/// Waits until so many items are listed, and the papers of so many of them can be printed again: those of who has the page open.
async fn lists(browser: &Browser, items: usize, own: usize) {
    wait::until("the items", wait::SHORT, || async {
        let all = browser.all("#offline-items li[data-state]").await.len();
        let opened = browser
            .all("#offline-items [data-print-again]:not([hidden])")
            .await
            .len();
        if (all, opened) == (items, own) {
            Ok(())
        } else {
            Err(format!("{all} items, {opened} of them open"))
        }
    })
    .await;
}

/// A second officer of the desk, signed in at the same machine.
async fn second(desk: &Desk) -> Person {
    let second = people::officer(&desk.site.app, "motcuahai", Role::Desk, desk.staff.commune).await;
    desk.browser.wear(second.at(desk.line.url()).cookie().as_deref()).await;
    desk.show().await;
    second
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_two_officers_share_a_machine_and_each_opens_her_own() {
    let Some(desk) = Desk::open(Screen::DESK).await else {
        return;
    };
    desk.register().await;
    let first = &desk.staff.desk;
    let second = second(&desk).await;
    let browser = &desk.browser;
    browser.sees("Đang khoá").await;
    browser.find("#offline-add:not([hidden])").await;
    browser.is_accessible().await;
    browser.press("#offline-add").await;
    write(browser, "offline-pin-new", OTHER_PIN).await;
    write(browser, "offline-pin-again", OTHER_PIN).await;
    browser.press("#offline-register button").await;
    browser.find(OPENED).await;
    browser.sees("Còn 30 mã hồ sơ").await;

    desk.line.cut();
    desk.show().await;
    browser.sees("Mất mạng").await;
    browser.sees("Đang khoá").await;
    browser.is_accessible().await;
    browser.fits().await;
    open_place(browser, &first.account.to_string(), PIN).await;
    browser.find(OPENED).await;
    fill(browser, 1).await;
    let one = save(browser).await;
    assert!(browser.text_of("#offline-receipt").await.contains(&first.name));
    lists(browser, 1, 1).await;

    // Her PIN is not the other's, and what the other took stays closed to her.
    lock(browser).await;
    open_place(browser, &second.account.to_string(), PIN).await;
    browser.sees("Còn 9 lần thử").await;
    open_place(browser, &second.account.to_string(), OTHER_PIN).await;
    browser.find(OPENED).await;
    lists(browser, 1, 0).await;
    browser.sees(&first.name).await;
    fill(browser, 2).await;
    let two = save(browser).await;
    assert_ne!(one, two, "each place has codes of its own");
    assert!(browser.text_of("#offline-receipt").await.contains(&second.name));
    lists(browser, 2, 1).await;

    // Whoever is signed in sends both.
    desk.line.mend();
    let mut sent = desk.sent(2).await;
    sent.sort();
    let mut codes = vec![one, two];
    codes.sort();
    assert_eq!(sent, codes);
    assert_eq!(desk.count().await, 2);
    let page = second.at(desk.line.url()).page("/desk/offline/devices").await.text();
    assert!(page.contains(&first.name) && page.contains(&second.name), "{page}");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_place_that_is_chosen_while_another_one_opens_takes_nothing_of_it() {
    let Some(desk) = Desk::open(Screen::DESK).await else {
        return;
    };
    desk.register().await;
    let first = &desk.staff.desk;
    let second = second(&desk).await;
    let browser = &desk.browser;
    browser.find("#offline-add:not([hidden])").await;
    browser.press("#offline-add").await;
    write(browser, "offline-pin-new", OTHER_PIN).await;
    write(browser, "offline-pin-again", OTHER_PIN).await;
    browser.press("#offline-register button").await;
    browser.find(OPENED).await;
    desk.line.cut();
    desk.show().await;
    browser.sees("Đang khoá").await;

    // Her key is derived for a while; in that while somebody else's place is chosen.
    let script = format!(
        "const seat = document.getElementById('offline-seat');
         const choose = (account) => {{ seat.value = account; seat.dispatchEvent(new Event('change')); }};
         choose('{first}');
         document.getElementById('offline-pin').value = '{PIN}';
         document.querySelector('#offline-locked form').requestSubmit();
         choose('{second}');",
        first = first.account,
        second = second.account,
    );
    browser.driver().execute(script, Vec::new()).await.unwrap();
    browser.find(OPENED).await;
    fill(browser, 1).await;
    let code = save(browser).await;
    assert!(
        browser.text_of("#offline-receipt").await.contains(&first.name),
        "the place that was opened is the one that takes"
    );
    lists(browser, 1, 1).await;
    // What was sealed says whose it is, and can be read again by her alone.
    lock(browser).await;
    open_place(browser, &first.account.to_string(), PIN).await;
    browser.find(OPENED).await;
    browser.press("#offline-items [data-print-again]").await;
    browser.sees("Trần Thị Mưa").await;
    desk.line.mend();
    assert_eq!(desk.sent(1).await, [code]);
    desk.close().await;
}

/// Gives the machine an authenticator that knows its user; `gives_secrets` says whether it can do more than prove her.
async fn authenticator(browser: &Browser, gives_secrets: bool) -> String {
    let cdp = browser.driver().cdp();
    cdp.send_raw("WebAuthn.enable", json!({ "enableUI": false }))
        .await
        .unwrap();
    let options = json!({
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true, "hasPrf": gives_secrets,
    });
    let added = cdp
        .send_raw("WebAuthn.addVirtualAuthenticator", json!({ "options": options }))
        .await
        .unwrap();
    added["authenticatorId"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_passkey_opens_what_the_pin_opens_and_the_pin_still_does() {
    let Some(desk) = Desk::open_at(Screen::DESK, "localhost").await else {
        return;
    };
    let browser = &desk.browser;
    // A passkey that only proves who somebody is opens nothing: it is said so, and the PIN is enough.
    let poor = authenticator(browser, false).await;
    desk.show().await;
    browser.sees("Đăng ký máy này").await;
    write(browser, "offline-pin-new", PIN).await;
    write(browser, "offline-pin-again", PIN).await;
    browser.press("#offline-passkey-new").await;
    browser.is_accessible().await;
    browser.press("#offline-register button").await;
    browser.find(OPENED).await;
    browser.sees("Không tạo được khoá truy cập").await;
    lock(browser).await;
    assert!(!browser.find("#offline-passkey").await.is_displayed().await.unwrap());

    let cdp = browser.driver().cdp();
    cdp.send_raw(
        "WebAuthn.removeVirtualAuthenticator",
        json!({ "authenticatorId": poor }),
    )
    .await
    .unwrap();
    let good = authenticator(browser, true).await;
    write(browser, "offline-pin", PIN).await;
    browser.press("#offline-passkey-add").await;
    browser.press("#offline-locked button").await;
    browser.find(OPENED).await;
    // With the line down, nobody is asked but the machine.
    desk.line.cut();
    fill(browser, 1).await;
    let code = save(browser).await;
    browser.press("#offline-next").await;
    lock(browser).await;
    browser.is_accessible().await;
    browser.press("#offline-passkey").await;
    browser.find(OPENED).await;
    browser.press("#offline-items [data-print-again]").await;
    browser.sees("Trần Thị Mưa").await;

    // Somebody else at the same machine: no finger, no secret. The PIN opens as before.
    lock(browser).await;
    let gone = json!({ "authenticatorId": good });
    browser
        .driver()
        .cdp()
        .send_raw("WebAuthn.removeVirtualAuthenticator", gone)
        .await
        .unwrap();
    authenticator(browser, true).await;
    browser.press("#offline-passkey").await;
    browser.sees("Khoá truy cập không mở được").await;
    write(browser, "offline-pin", PIN).await;
    browser.press("#offline-locked button").await;
    browser.find(OPENED).await;
    desk.line.mend();
    assert_eq!(desk.sent(1).await, [code]);
    desk.close().await;
}
