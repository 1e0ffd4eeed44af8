//! The first dossier going all the way, in a real browser, from the command that a new user types: `tinhso demo`. A citizen
//! finds a procedure without diacritics, signs in, files with an attachment; the desk receives, a specialist works, a leader
//! approves, the desk returns; the citizen sees each step. On both engines, with and without scripts, each page held to axe.

use std::path::Path;

use serde_json::Value;
use store::EngineKind;
use testkit::pg;

use crate::harness::browser::{Browser, Screen};
use crate::harness::program::Server;
use crate::support::filing::PDF;
use crate::support::province::ABSENCE_CASE;

/// Report of absence: settled by communes, with the general form; a paper may be attached.
const PROCEDURE: &str = "1.003677";

struct Demo {
    server: Server,
    accounts: Vec<Value>,
    _folder: tempfile::TempDir,
    _database: Option<pg::TestDatabase>,
}

impl Demo {
    /// Runs `tinhso demo` as a new user would, with few dossiers.
    async fn start(engine: EngineKind) -> Option<Self> {
        let database = match engine {
            EngineKind::Sqlite => None,
            EngineKind::Postgres => Some(pg::database()?),
        };
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut words = vec!["demo", "--dossiers", "12", "--data", data.to_str().unwrap()];
        if let Some(database) = &database {
            words.extend(["--database", database.url()]);
        }
        let server = Server::start(&words).await;
        let text = std::fs::read_to_string(data.join("demo-accounts.json")).unwrap();
        Some(Self {
            server,
            accounts: serde_json::from_str(&text).unwrap(),
            _folder: folder,
            _database: database,
        })
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    fn password(&self, login: &str) -> String {
        let found = self.accounts.iter().find(|account| account["login"] == login);
        found
            .and_then(|account| account["password"].as_str())
            .unwrap_or_else(|| panic!("no account {login}"))
            .to_owned()
    }

    fn citizen(&self) -> String {
        let found = self.accounts.iter().find(|account| account["role"] == "citizen");
        found.and_then(|account| account["login"].as_str()).unwrap().to_owned()
    }

    /// Signs an officer in by name and password.
    async fn officer(&self, browser: &Browser, login: &str) {
        browser.open(&self.url("/sign-in")).await;
        browser.fill("login", login).await;
        browser.fill("password", &self.password(login)).await;
        browser.press("form[action^=\"/sign-in\"] button:not(.hidden)").await;
        // She arrives where her work is, and only then goes on: an address typed before the answer is there would lose
        // against it.
        browser.arrives_at("/desk").await;
    }

    async fn sign_out(&self, browser: &Browser) {
        browser.open(&self.url("/account")).await;
        browser.press("header details.account summary").await;
        browser.press("form[action=\"/sign-out\"] button:not(.hidden)").await;
        browser.find("header a[href^=\"/sign-in\"]").await;
    }
}

/// What every page on the way is held to.
async fn good(browser: &Browser) {
    browser.is_accessible().await;
    browser.fits().await;
}

/// The citizen's part: from the search box to the receipt. Gives the dossier's code.
async fn file(demo: &Demo, browser: &Browser, paper: &Path) -> String {
    browser.open(&demo.url("/")).await;
    good(browser).await;
    browser.fill("q", "khai bao tam vang").await;
    browser.press("form[role=search] button").await;
    browser.arrives_at("/procedures").await;
    browser.sees("tạm vắng").await;
    good(browser).await;
    browser.open(&demo.url(&format!("/procedures/{PROCEDURE}"))).await;
    good(browser).await;
    browser
        .press(&format!("a[href$=\"/procedures/{PROCEDURE}/start\"]"))
        .await;
    sign_in_citizen(demo, browser).await;
    browser.arrives_at(&format!("/procedures/{PROCEDURE}/start")).await;
    good(browser).await;
    browser.press("main form button:not(.hidden)").await;
    answer_who(browser).await;
    answer_form(browser).await;
    answer_files(browser, paper).await;
    finish(browser).await;
    good(browser).await;
    receipt_code(&browser.text().await)
}

/// By the simulated provider: one press chooses a person.
async fn sign_in_citizen(demo: &Demo, browser: &Browser) {
    browser.press("a[href*=\"/sign-in/oidc/demo\"]").await;
    browser.arrives_at("/demo-identity/authorize").await;
    good(browser).await;
    browser.press_text(&demo.citizen()).await;
}

async fn answer_who(browser: &Browser) {
    browser.sees("Bạn nộp").await;
    good(browser).await;
    browser.check("representation", "own").await;
    browser.fill("phone", "0912345678").await;
    browser.fill("address", "Thôn Đông, xã Thạch Hà").await;
    browser
        .press("main form button:not(.hidden):not([formnovalidate])")
        .await;
}

async fn answer_form(browser: &Browser) {
    browser.find("[name=request]").await;
    good(browser).await;
    let (name, case) = ABSENCE_CASE;
    browser.press(&format!("[name={name}][value={case}]")).await;
    browser.fill("request", "Đi làm xa ba tháng tại Đà Nẵng").await;
    browser
        .press("main form button:not(.hidden):not([formnovalidate])")
        .await;
}

async fn answer_files(browser: &Browser, paper: &Path) {
    browser.find("input[type=file]").await;
    good(browser).await;
    browser.attach("file", paper).await;
    browser.press("form[action$=\"/files/add\"] button:not(.hidden)").await;
    browser.sees("phieu-khai-bao.pdf").await;
    good(browser).await;
    for at in 0..12 {
        // What is not attached is brought on paper.
        if browser.has(&format!("input[name=\"paper-{at}\"]")).await {
            browser.press(&format!("input[name=\"paper-{at}\"]")).await;
        }
    }
    browser.press("form[action$=\"/files\"] button:not(.hidden)").await;
}

async fn finish(browser: &Browser) {
    let choice = browser.find("select[name=unit]").await;
    good(browser).await;
    // The first ward by name is the tour's commune.
    let options = choice.find_all(thirtyfour::By::Tag("option")).await.unwrap();
    let mut wards = Vec::new();
    for option in options {
        let words = option.text().await.unwrap();
        if words.contains("phường") || words.contains("Phường") {
            wards.push((kernel::fold::sort_key(&words), option));
        }
    }
    wards.sort_by(|one, other| one.0.cmp(&other.0));
    wards.first().expect("the province has a ward").1.click().await.unwrap();
    browser.press("main form button:not(.hidden)").await;
    browser.find("input[name=delivery]").await;
    good(browser).await;
    browser.check("delivery", "pick-up").await;
    browser.press("main form button:not(.hidden)").await;
    browser.find("input[name=declared]").await;
    good(browser).await;
    browser.press("input[name=declared]").await;
    browser.press("form[action$=\"/review\"] button:not(.hidden)").await;
    browser.find(".receipt").await;
}

/// The code on the receipt: agency, day, number.
fn receipt_code(text: &str) -> String {
    let is_code = |word: &&str| word.starts_with('H') && word.split('-').count() == 3 && word.contains('.');
    let word = text.split_whitespace().find(is_code);
    word.unwrap_or_else(|| panic!("no code on the receipt:\n{text}"))
        .trim_end_matches(['.', ','])
        .to_owned()
}

/// Looks a dossier up as an officer does, and does what its page offers: every empty field that must be filled in is.
async fn act(demo: &Demo, browser: &Browser, code: &str, action: &str, file: &Path) {
    browser.open(&demo.url("/desk")).await;
    good(browser).await;
    browser.fill("q", code).await;
    browser.press("form[action=\"/desk\"] button.btn").await;
    let offered =
        format!("main aside a[href$=\"/{action}\"], main aside form[action$=\"/{action}\"] button:not(.hidden)");
    browser.find(&offered).await;
    browser.sees(code).await;
    good(browser).await;
    let asks = !browser.has(&format!("main aside form[action$=\"/{action}\"]")).await;
    browser.press(&offered).await;
    if asks {
        browser
            .find(&format!("main form[action$=\"/{action}\"] [name=revision]"))
            .await;
        fill_in(browser, file).await;
    }
    let done = format!("main:not(:has([href$=\"/{action}\"])):not(:has(form[action$=\"/{action}\"]))");
    browser.find(&done).await;
    good(browser).await;
}

/// Fills in whatever the form of an action asks for, and sends it.
async fn fill_in(browser: &Browser, file: &Path) {
    good(browser).await;
    for (field, typed) in [
        ("days", "3"),
        ("note", "Đủ giấy tờ, đúng quy định"),
        ("taken-by", "Người nộp"),
    ] {
        if browser.has(&format!("main form [name=\"{field}\"]")).await {
            browser.fill(field, typed).await;
        }
    }
    if browser.has("main form [name=outcome]").await {
        browser.check("outcome", "granted").await;
    }
    if browser.has("main form input[type=file]").await {
        browser.attach("file", file).await;
    }
    browser.press("main form button:not(.hidden)").await;
}

async fn the_whole_way(engine: EngineKind, screen: Screen) {
    let Some(demo) = Demo::start(engine).await else { return };
    let Some(browser) = Browser::start(screen).await else {
        return;
    };
    let papers = tempfile::tempdir().unwrap();
    let (paper, result) = (
        papers.path().join("phieu-khai-bao.pdf"),
        papers.path().join("giay-xac-nhan.pdf"),
    );
    std::fs::write(&paper, PDF).unwrap();
    std::fs::write(&result, PDF).unwrap();

    let code = file(&demo, &browser, &paper).await;
    demo.sign_out(&browser).await;
    for (login, actions) in [
        ("lan", &["receive"][..]),
        ("minh", &["claim", "propose"][..]),
        ("hoa", &["approve"][..]),
        ("lan", &["return"][..]),
    ] {
        demo.officer(&browser, login).await;
        for action in actions {
            act(&demo, &browser, &code, action, &result).await;
        }
        demo.sign_out(&browser).await;
    }
    browser.open(&demo.url("/sign-in?return_to=/my/dossiers")).await;
    sign_in_citizen(&demo, &browser).await;
    browser.sees(&code).await;
    browser
        .press("table tbody a[href^=\"/my/dossiers/\"], main a[href^=\"/my/dossiers/\"]")
        .await;
    browser.sees("Đã trả kết quả").await;
    good(&browser).await;
    browser.open(&demo.url("/my/data-use")).await;
    browser.sees("Nguyễn Thị Lan").await;
    good(&browser).await;
    assert_eq!(browser.console_faults().await, Vec::<String>::new());
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_first_dossier_on_sqlite_with_scripts() {
    the_whole_way(EngineKind::Sqlite, Screen::DESK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_first_dossier_on_postgres_without_scripts_on_a_phone() {
    the_whole_way(EngineKind::Postgres, Screen::PHONE.without_scripts().dark()).await;
}
