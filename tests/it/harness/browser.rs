//! A headless Chromium set up as a person's screen: width, scripts on or off, light or dark, language. The helpers do
//! what a person does (read, type, press) and wait for what a person waits for; `axe` asks the accessibility rules.
//! Scripts off means the page's: the driver still looks at the page from outside.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::json;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::prelude::*;

use super::chromedriver::{Chromedriver, chromium};
use super::{install_crypto, repository, wait};

/// How a person's screen is set up.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Width in CSS pixels: 360 is a cheap phone, 1440 a desk.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// Whether pages may run scripts.
    pub scripts: bool,
    /// Whether the person prefers a dark page.
    pub dark: bool,
    /// The language that the browser asks for.
    pub lang: &'static str,
}

impl Screen {
    /// A desk: 1440 by 900, scripts on, light, Vietnamese.
    pub const DESK: Self = Self {
        width: 1440,
        height: 900,
        scripts: true,
        dark: false,
        lang: "vi",
    };
    /// A cheap phone: 360 by 740.
    pub const PHONE: Self = Self {
        width: 360,
        height: 740,
        ..Self::DESK
    };

    /// The same screen without scripts.
    pub const fn without_scripts(self) -> Self {
        Self { scripts: false, ..self }
    }

    /// The same screen, dark.
    pub const fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// The same screen in English.
    pub const fn english(self) -> Self {
        Self { lang: "en", ..self }
    }
}

/// A rule that the page breaks, as axe says it.
#[derive(Debug, Deserialize)]
pub struct Violation {
    /// The rule, e.g. `color-contrast`.
    pub id: String,
    /// How grave it is.
    pub impact: Option<String>,
    /// What the rule asks.
    pub help: String,
    /// Where: one entry for each element.
    pub nodes: Vec<ViolationNode>,
}

/// An element that breaks a rule.
#[derive(Debug, Deserialize)]
pub struct ViolationNode {
    /// Its HTML.
    pub html: String,
    /// What is wrong with it.
    #[serde(rename = "failureSummary", default)]
    pub summary: String,
}

/// A browser with one tab. End it with [`Browser::quit`]; a dropped one ends with its driver.
pub struct Browser {
    driver: WebDriver,
    screen: Screen,
    chromedriver: Chromedriver,
    profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a browser, or says that there is none here.
    ///
    /// # Panics
    /// When a browser is required and missing, or does not start.
    pub async fn start(screen: Screen) -> Option<Self> {
        Self::start_in(screen, tempfile::tempdir().unwrap()).await
    }

    /// Starts a browser on the profile that another one left.
    ///
    /// # Panics
    /// As [`Browser::start`].
    pub async fn start_in(screen: Screen, profile: tempfile::TempDir) -> Option<Self> {
        install_crypto();
        let chromedriver = Chromedriver::start()?;
        let mut capabilities = DesiredCapabilities::chrome();
        capabilities.set_binary(chromium().unwrap().to_str().unwrap()).unwrap();
        for argument in [
            "--headless=new",
            // Tests run as root in containers, where Chromium has no sandbox to enter.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            // Maps are drawn by WebGL, here without a graphics card.
            "--enable-unsafe-swiftshader",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--disable-background-networking",
            "--no-first-run",
            &format!("--lang={}", screen.lang),
            &format!("--user-data-dir={}", profile.path().display()),
            &format!("--window-size={},{}", screen.width.max(500), screen.height),
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        let preferences = json!({ "intl.accept_languages": screen.lang });
        capabilities.add_experimental_option("prefs", preferences).unwrap();
        let driver = WebDriver::new(chromedriver.url(), capabilities).await.unwrap();
        let browser = Self {
            driver,
            screen,
            chromedriver,
            profile,
        };
        browser.emulate(screen).await;
        browser.allow_scripts(screen.scripts).await;
        Some(browser)
    }

    /// Lets pages run scripts or not, from now on. What the driver itself asks of a page is not one of its scripts.
    async fn allow_scripts(&self, allowed: bool) {
        let value = json!({ "value": !allowed });
        self.driver
            .cdp()
            .send_raw("Emulation.setScriptExecutionDisabled", value)
            .await
            .unwrap();
    }

    /// Narrower than a window may be, and the colour scheme: both are emulated.
    async fn emulate(&self, screen: Screen) {
        let metrics =
            json!({ "width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": false });
        self.driver
            .cdp()
            .send_raw("Emulation.setDeviceMetricsOverride", metrics)
            .await
            .unwrap();
        let scheme = if screen.dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.driver
            .cdp()
            .send_raw("Emulation.setEmulatedMedia", media)
            .await
            .unwrap();
    }

    /// Changes width, height and colour scheme of a running browser; scripts and language stay as started.
    pub async fn turn_to(&mut self, screen: Screen) {
        self.screen = Screen {
            scripts: self.screen.scripts,
            lang: self.screen.lang,
            ..screen
        };
        self.emulate(self.screen).await;
    }

    /// The driver underneath, for what has no helper.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// The screen it shows.
    pub fn screen(&self) -> Screen {
        self.screen
    }

    /// Where the driver listens.
    pub fn driver_url(&self) -> &str {
        self.chromedriver.url()
    }

    /// Opens an address.
    pub async fn open(&self, url: &str) {
        self.driver
            .goto(url)
            .await
            .unwrap_or_else(|error| panic!("cannot open {url}: {error}"));
    }

    /// Wears the session of a `name=value` cookie from now on, or none. The browser must be at the site.
    pub async fn wear(&self, cookie: Option<&str>) {
        self.driver.delete_all_cookies().await.unwrap();
        if let Some((name, value)) = cookie.and_then(|pair| pair.split_once('=')) {
            self.driver.add_cookie(Cookie::new(name, value)).await.unwrap();
        }
    }

    /// The address of the page.
    pub async fn url(&self) -> String {
        self.driver.current_url().await.unwrap().to_string()
    }

    /// The path of the page's address, without its query.
    pub async fn path(&self) -> String {
        self.driver.current_url().await.unwrap().path().to_owned()
    }

    /// The first element that the CSS selector names, once it is there.
    pub async fn find(&self, css: &str) -> WebElement {
        wait::until(css, wait::SHORT, || async {
            match self.driver.find(By::Css(css)).await {
                Ok(element) => Ok(element),
                Err(_) => Err(self.shown().await),
            }
        })
        .await
    }

    /// Where the browser is and what it shows, for the words of a failure.
    async fn shown(&self) -> String {
        let here = self.driver.current_url().await.map(|url| url.to_string());
        let text = match self.driver.find(By::Css("body")).await {
            Ok(body) => body.text().await,
            Err(error) => Err(error),
        };
        format!("{} shows:\n{}", here.unwrap_or_default(), text.unwrap_or_default())
    }

    /// Every element that the CSS selector names now.
    pub async fn all(&self, css: &str) -> Vec<WebElement> {
        self.driver.find_all(By::Css(css)).await.unwrap()
    }

    /// Whether there is such an element now.
    pub async fn has(&self, css: &str) -> bool {
        !self.all(css).await.is_empty()
    }

    /// The text of the page as a person reads it; of the next one when it comes in between.
    pub async fn text(&self) -> String {
        wait::until("a page to read", wait::SHORT, || async {
            let body = self
                .driver
                .find(By::Css("body"))
                .await
                .map_err(|error| error.to_string())?;
            body.text().await.map_err(|error| error.to_string())
        })
        .await
    }

    /// The text of an element.
    pub async fn text_of(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Waits until the page shows this text.
    pub async fn sees(&self, text: &str) {
        wait::until(text, wait::SHORT, || async {
            let shown = self.shown().await;
            if shown.contains(text) { Ok(()) } else { Err(shown) }
        })
        .await;
    }

    /// Waits until the path is this.
    pub async fn arrives_at(&self, path: &str) {
        wait::until(path, wait::SHORT, || async {
            let here = self.driver.current_url().await.map_err(|error| error.to_string())?;
            if here.path() == path {
                Ok(())
            } else {
                Err(format!("the page is {here}"))
            }
        })
        .await;
    }

    /// Types into the field of this name, in place of what stands there.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name=\"{name}\"]")).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses a file for the field of this name.
    pub async fn attach(&self, name: &str, path: &std::path::Path) {
        self.find(&format!("input[type=file][name=\"{name}\"]"))
            .await
            .send_keys(path.to_str().unwrap())
            .await
            .unwrap();
    }

    /// Chooses an option of a list by its value.
    pub async fn select(&self, name: &str, value: &str) {
        self.press(&format!("select[name=\"{name}\"] option[value=\"{value}\"]"))
            .await;
    }

    /// Marks a box or a choice by its value.
    pub async fn check(&self, name: &str, value: &str) {
        self.press(&format!("input[name=\"{name}\"][value=\"{value}\"]")).await;
    }

    /// Presses an element, scrolled into view.
    pub async fn press(&self, css: &str) {
        let element = self.find(css).await;
        element.scroll_into_view().await.unwrap();
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("cannot press {css}: {error}"));
    }

    /// Presses the link or button with this text.
    pub async fn press_text(&self, text: &str) {
        let quoted = text.replace('"', "");
        let path = format!(
            "//*[self::a or self::button or self::summary][contains(normalize-space(.), \"{quoted}\")] | //input[@type='submit' and @value=\"{quoted}\"]"
        );
        let element = wait::until(text, wait::SHORT, || async {
            self.driver
                .find(By::XPath(path.as_str()))
                .await
                .map_err(|error| error.to_string())
        })
        .await;
        element.scroll_into_view().await.unwrap();
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("cannot press {text:?}: {error}"));
    }

    /// What axe finds wrong with the page as it stands.
    ///
    /// # Panics
    /// When axe does not run.
    pub async fn axe(&self) -> Vec<Violation> {
        // axe needs timers; the page's own scripts were not run when it was loaded, and are not run now.
        self.allow_scripts(true).await;
        let violations = self.run_axe().await;
        self.allow_scripts(self.screen.scripts).await;
        violations
    }

    async fn run_axe(&self) -> Vec<Violation> {
        self.driver.execute(axe_source(), vec![]).await.unwrap();
        let script = "const done = arguments[arguments.length - 1];\
            axe.run(document, { resultTypes: ['violations'] }).then(r => done({ ok: r.violations }), e => done({ error: String(e) }));";
        let result = self.driver.execute_async(script, vec![]).await.unwrap();
        let mut result: serde_json::Value = result.json().clone();
        assert!(result.get("error").is_none(), "axe failed: {result}");
        serde_json::from_value(result["ok"].take()).unwrap()
    }

    /// Fails with every rule that the page breaks.
    ///
    /// # Panics
    /// When it breaks one.
    pub async fn is_accessible(&self) {
        let violations = self.axe().await;
        if violations.is_empty() {
            return;
        }
        let mut text = format!(
            "{} ({:?}) breaks rules of accessibility:",
            self.url().await,
            self.screen
        );
        for violation in &violations {
            text += &format!(
                "\n- {} ({}): {}",
                violation.id,
                violation.impact.as_deref().unwrap_or("?"),
                violation.help
            );
            for node in &violation.nodes {
                text += &format!("\n    {}\n      {}", node.html, node.summary.replace('\n', "\n      "));
            }
        }
        panic!("{text}");
    }

    /// By how many pixels the page is wider than the screen: nobody should scroll sideways to read.
    pub async fn too_wide_px(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - window.innerWidth";
        let result = self.driver.execute(script, vec![]).await.unwrap();
        result.json().as_i64().unwrap().max(0)
    }

    /// Fails when the page is wider than the screen.
    ///
    /// # Panics
    /// When it is.
    pub async fn fits(&self) {
        let wide = self.too_wide_px().await;
        assert!(wide == 0, "{} is {wide} px wider than the screen", self.url().await);
    }

    /// What the page's console holds of faults: refused scripts and styles, missing files, thrown errors.
    pub async fn console_faults(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.unwrap_or_default();
        log.into_iter()
            .filter(|entry| entry.level == "SEVERE")
            .map(|entry| entry.message)
            .collect()
    }

    /// Writes a picture of the whole page to `target/screenshots/NAME.png` and gives its path.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let folder = match std::env::var_os("TINHSO_SCREENSHOTS") {
            Some(folder) => PathBuf::from(folder),
            None => std::env::current_exe()
                .unwrap()
                .ancestors()
                .nth(3)
                .unwrap()
                .join("screenshots"),
        };
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.png"));
        let metrics = self
            .driver
            .cdp()
            .send_raw("Page.getLayoutMetrics", json!({}))
            .await
            .unwrap();
        let height = metrics["cssContentSize"]["height"]
            .as_f64()
            .unwrap_or(900.0)
            .clamp(200.0, 8000.0);
        let clip = json!({ "x": 0, "y": 0, "width": self.screen.width, "height": height, "scale": 1 });
        let shot = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self
            .driver
            .cdp()
            .send_raw("Page.captureScreenshot", shot)
            .await
            .unwrap();
        let bytes = base64_decode(answer["data"].as_str().unwrap());
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs this before any script of every page that is opened from now on: a clock that is wrong, a storage that refuses.
    pub async fn before_each_page(&self, script: &str) {
        self.driver
            .cdp()
            .send_raw("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }))
            .await
            .unwrap();
    }

    /// Kills the browser as a power cut does: every process of it at once, without a word. Gives the profile it leaves.
    ///
    /// # Panics
    /// When a process cannot be killed.
    pub fn power_cut(self) -> tempfile::TempDir {
        let mark = format!("--user-data-dir={}", self.profile.path().display());
        for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
            let pid = entry.file_name().to_string_lossy().into_owned();
            let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            if pid.bytes().all(|b| b.is_ascii_digit()) && String::from_utf8_lossy(&words).contains(&mark) {
                // A child may be gone with its parent already.
                let _ = std::process::Command::new("kill").args(["-9", &pid]).status();
            }
        }
        let _ = self.driver.leak();
        // The next browser would take the lock of the dead one for a living one's.
        for lock in ["SingletonLock", "SingletonSocket", "SingletonCookie"] {
            let _ = std::fs::remove_file(self.profile.path().join(lock));
        }
        self.profile
    }

    /// Ends the browser.
    pub async fn quit(self) {
        self.driver.quit().await.unwrap();
    }
}

fn axe_source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| std::fs::read_to_string(repository().join("tests/assets/vendor/axe.min.js")).unwrap())
}

/// Standard base64 with padding, as the devtools protocol sends pictures.
fn base64_decode(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = chunk.iter().fold(0, |bits, byte| (bits << 6) | value(*byte)) << (6 * (4 - chunk.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}
