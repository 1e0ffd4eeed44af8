//! What people live through from end to end, each in one browser that is handed from one to the next: the citizen who is asked
//! once for more and pays by transfer, the commune that needs a department's word, the dossier that becomes late and is
//! apologised for, the commune that is merged away, the administrator who changes a process under running dossiers.
//! Every page on the way is held to the rules of accessibility. Time is the test's own.

use std::sync::Arc;

use identity::session::Level;
use identity::unit::UnitKind;
use identity::{Role, UnitId};
use kernel::SignedDuration;
use testkit::ManualWorld;
use thirtyfour::By;

use crate::harness::browser::{Browser, Screen};
use crate::harness::wait;
use crate::support::province::{ABSENCE, BIRTH};
use crate::support::{Person, Province, Site, Staff, Visitor, filing, money, people};

/// A province that is served, its clock, its people, and the one browser.
struct Stage {
    province: Province,
    site: Site,
    staff: Staff,
    world: Arc<ManualWorld>,
    browser: Browser,
}

impl Stage {
    async fn open() -> Option<Self> {
        let province = Province::sqlite().await;
        let world = ManualWorld::new();
        let (site, staff) = Site::staffed(&province, world.clone()).await;
        let browser = Browser::start(Screen::DESK).await?;
        browser.open(site.url()).await;
        Some(Self {
            province,
            site,
            staff,
            world,
            browser,
        })
    }

    /// Hands the browser to somebody, with a session of this hour.
    async fn be(&self, person: &Person) -> Visitor {
        let level = if person.number.is_empty() {
            Level::PasswordTotp
        } else {
            Level::Oidc
        };
        let minted = self.site.app.identity.mint_session(person.account, level).await;
        let visitor = Visitor::signed_in(self.site.url(), &minted.unwrap());
        self.browser.wear(visitor.cookie().as_deref()).await;
        visitor
    }

    /// Opens a page and holds it to the rules.
    async fn look(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.site.url())).await;
        self.browser.is_accessible().await;
        self.browser.fits().await;
    }

    async fn sees(&self, words: &str) {
        self.browser.sees(words).await;
    }

    /// Fills in the form that goes to `action` and sends it; the page that follows is held to the rules.
    async fn send(&self, action: &str, fields: &[(&str, &str)]) {
        let form = format!("main form[action$=\"{action}\"]");
        for (name, value) in fields {
            self.answer(&form, name, value).await;
        }
        let before = self.browser.find(&form).await;
        self.browser
            .press(&format!("{form} button:not(.hidden):not([formnovalidate])"))
            .await;
        wait::until("the next page", wait::SHORT, || async {
            match before.tag_name().await {
                Ok(_) => Err(self.browser.text().await),
                Err(_) => Ok(()),
            }
        })
        .await;
        self.browser.is_accessible().await;
    }

    async fn answer(&self, form: &str, name: &str, value: &str) {
        let named = format!("{form} [name=\"{name}\"]");
        let field = self.browser.find(&named).await;
        let tag = field.tag_name().await.unwrap();
        let kind = field.attr("type").await.unwrap().unwrap_or_default();
        match (tag.as_str(), kind.as_str()) {
            ("select", _) => {
                let option = field.find(By::Css(format!("option[value=\"{value}\"]"))).await.unwrap();
                option.click().await.unwrap();
            }
            ("input", "radio" | "checkbox") => self.browser.press(&format!("{named}[value=\"{value}\"]")).await,
            // What is typed into a date depends on the language of the browser.
            ("input", "date") => {
                let script = "arguments[0].value = arguments[1];";
                let arguments = vec![field.to_json().unwrap(), value.into()];
                self.browser.driver().execute(script, arguments).await.unwrap();
            }
            ("input", "file") => field.send_keys(value).await.unwrap(),
            _ => {
                field.clear().await.unwrap();
                field.send_keys(value).await.unwrap();
            }
        }
    }

    /// Does what the page of a dossier offers: by its link and the form behind it, or by its button.
    async fn act(&self, dossier: &str, action: &str, fields: &[(&str, &str)]) {
        self.look(dossier).await;
        let link = format!("main a[href$=\"{dossier}/{action}\"]");
        if self.browser.has(&link).await {
            self.browser.press(&link).await;
            self.browser.find(&format!("main form[action$=\"/{action}\"]")).await;
            self.browser.is_accessible().await;
        }
        self.send(&format!("/{action}"), fields).await;
        let refused = self.browser.has(".summary-errors").await;
        assert!(!refused, "{action}: {}", self.browser.text().await);
    }

    /// A citizen files a report of absence page by page; gives the path of her dossier.
    async fn file(&self, citizen: &Person) -> String {
        self.be(citizen).await;
        self.look(&format!("/procedures/{ABSENCE}")).await;
        self.browser
            .press(&format!("a[href$=\"/procedures/{ABSENCE}/start\"]"))
            .await;
        self.browser
            .find(&format!("main form[action$=\"/procedures/{ABSENCE}/start\"]"))
            .await;
        self.send(&format!("/procedures/{ABSENCE}/start"), &[]).await;
        let unit = self.staff.commune.to_string();
        for (step, fields) in [
            ("who", &[("phone", citizen.phone.as_str()), ("address", "Thôn 3")][..]),
            ("form", &[("case", "none"), ("request", "Đi làm xa ba tháng")]),
            ("files", &[]),
            ("unit", &[("unit", unit.as_str())]),
            ("delivery", &[("delivery", "pick-up")]),
            ("review", &[("declared", "yes")]),
        ] {
            self.browser.find(&format!("main form[action$=\"/{step}\"]")).await;
            self.send(&format!("/{step}"), fields).await;
        }
        self.browser.find(".receipt").await;
        let path = self.browser.path().await;
        path.strip_suffix("/receipt")
            .expect("the receipt of a dossier")
            .to_owned()
    }

    /// Receives at the desk; the specialist takes it on.
    async fn take_on(&self, desk: &str) {
        self.be(&self.staff.desk).await;
        self.act(desk, "receive", &[]).await;
        self.be(&self.staff.specialist).await;
        self.act(desk, "claim", &[]).await;
    }

    /// Proposed, approved, given.
    async fn finish(&self, desk: &str) {
        self.be(&self.staff.specialist).await;
        self.act(desk, "propose", &[("outcome", "granted")]).await;
        self.be(&self.staff.leader).await;
        self.act(desk, "approve", &[]).await;
        self.be(&self.staff.desk).await;
        self.act(
            desk,
            "return",
            &[("delivery", "pick-up"), ("taken-by", "Người nộp"), ("proof", "receipt")],
        )
        .await;
    }

    async fn close(self) {
        assert_eq!(self.browser.console_faults().await, Vec::<String>::new());
        self.browser.quit().await;
        self.site.close().await;
        self.province.verify();
    }
}

/// The officers' page of a citizen's dossier.
fn desk_of(own: &str) -> String {
    own.replace("/my/", "/desk/")
}

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
