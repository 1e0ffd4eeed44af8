//! Who pays by transfer after one request for more, and who need not pay at all.

use identity::Role;

use super::{Stage, desk_of};
use crate::harness::wait;
use crate::support::province::BIRTH;
use crate::support::{money, people};

#[tokio::test(flavor = "multi_thread")]
async fn browser_a_citizen_is_asked_once_for_more_pays_and_gets_her_result() {
    let Some(stage) = Stage::open().await else { return };
    let app = stage.site.app.clone();
    let admin = people::officer(&app, "quantri", Role::UnitAdmin, stage.staff.commune).await;
    let accountant = people::officer(&app, "ketoan", Role::Accountant, stage.staff.commune).await;
    let account = money::account(&admin.at(stage.site.url()), stage.staff.commune).await;
    let runs = casework::fee::jobs::start(&app.casework);
    let citizen = people::citizen(&app, 1).await;
    let own = stage.file(&citizen).await;
    let desk = desk_of(&own);

    stage.be(&stage.staff.desk).await;
    let asked = [
        ("what-1", "Bản chụp mờ"),
        ("remedy-1", "Chụp lại cho rõ"),
        ("clause-1", "Điều 31 Luật 68/2020/QH14"),
        ("example-1", "Ảnh chụp thẳng, thấy đủ bốn góc"),
    ];
    stage.look(&format!("{desk}/ask-supplement")).await;
    one_more_row(&stage, &asked).await;
    let second = [
        ("what-2", "Thiếu ngày đi"),
        ("clause-2", "Điều 31 Luật 68/2020/QH14"),
        ("example-2", "Đi từ ngày 1 đến ngày 31 tháng 12"),
    ];
    stage.send("/ask-supplement", &second).await;
    stage.be(&citizen).await;
    stage.look(&own).await;
    stage.sees("Chụp lại cho rõ").await;
    stage.sees("Thiếu ngày đi").await;
    stage.act(&own, "supplement", &[("note", "Đã chụp lại")]).await;
    stage.take_on(&desk).await;

    stage
        .act(
            &desk,
            "ask-fee",
            &[
                ("name", "Lệ phí"),
                ("amount", "50.000"),
                ("basis", "NQ 01/2025/NQ-HĐND"),
            ],
        )
        .await;
    stage.be(&citizen).await;
    stage.look(&own).await;
    stage.sees("50.000 đ").await;
    stage.sees("Quét mã bằng ứng dụng ngân hàng").await;
    let text = stage.browser.text().await;
    let reference = text
        .split_whitespace()
        .find(|word| word.starts_with("TS0"))
        .expect("what to write into the transfer")
        .to_owned();
    let books = stage.be(&accountant).await;
    stage.look("/payments/statements").await;
    let statement = format!("day,text,amount\n18/11/2026,ND {reference} nop le phi,50000\n");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("saoke.csv");
    std::fs::write(&file, statement).unwrap();
    let id = account.rsplit('/').next().unwrap().to_owned();
    stage
        .send(
            "/payments/statements",
            &[("account", &id), ("file", file.to_str().unwrap())],
        )
        .await;
    stage.sees("Khớp từng đồng").await;
    drop(books);
    stage.be(&citizen).await;
    wait::until("the dossier runs on", wait::SHORT, || async {
        stage.browser.open(&format!("{}{own}", stage.site.url())).await;
        let text = stage.browser.text().await;
        if text.contains("Đã nhận đủ 50.000 đ") {
            Ok(())
        } else {
            Err(text)
        }
    })
    .await;
    stage.look(&own).await;
    stage.finish(&desk).await;
    stage.be(&citizen).await;
    stage.look(&own).await;
    stage.sees("Đã trả kết quả").await;
    runs.stop().await;
    stage.close().await;
}

/// Fills in the first row of a request for more, and asks for a second one: it comes without the page being left.
async fn one_more_row(stage: &Stage, first: &[(&str, &str)]) {
    let form = "main form[action$=\"/ask-supplement\"]";
    for (name, value) in first {
        stage.answer(form, name, value).await;
    }
    assert!(
        !stage.browser.has("[name=\"what-2\"]").await,
        "one row is enough for most"
    );
    stage.browser.press("[data-more] button").await;
    let fresh = stage.browser.find("[name=\"what-2\"]").await;
    let typed = stage.browser.find("[name=\"what-1\"]").await;
    assert_eq!(
        typed.value().await.unwrap().as_deref(),
        Some(first[0].1),
        "nothing typed is lost"
    );
    let focused = stage.browser.driver().active_element().await.unwrap();
    assert_eq!(
        focused.id().await.unwrap(),
        fresh.id().await.unwrap(),
        "the cursor goes on there"
    );
    stage.browser.is_accessible().await;
    stage.browser.fits().await;
}

/// Registration of a birth is free: the chain in which nothing waits for a payment.
#[tokio::test(flavor = "multi_thread")]
async fn browser_what_is_free_waits_for_no_payment() {
    let Some(stage) = Stage::open().await else { return };
    let app = stage.site.app.clone();
    let accountant = people::officer(&app, "ketoan", Role::Accountant, stage.staff.commune).await;
    let citizen = people::citizen(&app, 6).await;
    stage.be(&citizen).await;
    stage.look(&format!("/procedures/{BIRTH}")).await;
    stage.sees("Miễn phí").await;
    let start = format!("/procedures/{BIRTH}/start");
    stage.look(&start).await;
    stage.send(&start, &[]).await;
    let unit = stage.staff.commune.to_string();
    let child = [
        ("child-name", "Lê Minh An"),
        ("child-birthday-day", "1"),
        ("child-birthday-month", "11"),
        ("child-birthday-year", "2026"),
        ("child-sex", "female"),
        ("child-birthplace", "Bệnh viện tỉnh"),
        ("mother-name", "Trần Thị Hoa"),
    ];
    for (step, fields) in [
        ("who", &[("phone", citizen.phone.as_str()), ("address", "Thôn 3")][..]),
        ("form", &child[..]),
    ] {
        stage.browser.find(&format!("main form[action$=\"/{step}\"]")).await;
        stage.send(&format!("/{step}"), fields).await;
    }
    bring_on_paper(&stage).await;
    for (step, fields) in [
        ("unit", &[("unit", unit.as_str())][..]),
        ("delivery", &[("delivery", "pick-up")]),
        ("review", &[("declared", "yes")]),
    ] {
        stage.browser.find(&format!("main form[action$=\"/{step}\"]")).await;
        stage.send(&format!("/{step}"), fields).await;
    }
    stage.browser.find(".receipt").await;
    let path = stage.browser.path().await;
    let own = path
        .strip_suffix("/receipt")
        .expect("the receipt of a dossier")
        .to_owned();
    let desk = desk_of(&own);
    stage.take_on(&desk).await;
    // Nobody can ask a fee: the page says that there is none, and has no field for one.
    stage.look(&format!("{desk}/ask-fee")).await;
    stage.sees("Không phải nộp phí, lệ phí").await;
    assert!(!stage.browser.has("main [name=\"amount\"]").await);
    stage.finish(&desk).await;
    stage.be(&citizen).await;
    stage.look(&own).await;
    stage.sees("Đã trả kết quả").await;
    let text = stage.browser.text().await;
    assert!(!text.contains("Chờ nộp phí") && !text.contains("VietQR"), "{text}");
    stage.be(&accountant).await;
    stage.look("/payments").await;
    stage.sees("Không có khoản nào").await;
    stage.close().await;
}

/// What is not attached is brought on paper.
async fn bring_on_paper(stage: &Stage) {
    let form = "main form[action$=\"/files\"]";
    stage.browser.find(form).await;
    for at in 0..20 {
        let tick = format!("{form} input[name=\"paper-{at}\"]");
        if stage.browser.has(&tick).await {
            stage.browser.press(&tick).await;
        }
    }
    stage.send("/files", &[]).await;
}
