//! What people live through from end to end, each in one browser that is handed from one to the next. Here stands the stage and
//! what all do on it; `fees` has who pays and who need not, `waiting` who waits for an agency or too long, `changes` what
//! happens to dossiers when units and processes change under them.
//! Every page on the way is held to the rules of accessibility. Time is the test's own.

mod changes;
mod fees;
mod waiting;

use std::sync::Arc;

use identity::session::Level;
use testkit::ManualWorld;
use thirtyfour::By;

use crate::harness::browser::{Browser, Screen};
use crate::harness::wait;
use crate::support::province::ABSENCE;
use crate::support::{Person, Province, Site, Staff, Visitor};

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
