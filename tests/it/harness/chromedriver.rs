//! Chromium's driver as a process on a port of its own choosing. Without Chromium a browser test is skipped with a line;
//! with `TINHSO_TEST_BROWSER_REQUIRED=1`, as in `./test`, that is a failure.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The variable that turns a missing browser from a skip into a failure.
pub const REQUIRED: &str = "TINHSO_TEST_BROWSER_REQUIRED";

/// A running driver. Dropping it ends it and its browsers.
pub struct Chromedriver {
    child: Child,
    url: String,
}

impl Chromedriver {
    /// Starts a driver, or says that there is none.
    ///
    /// # Panics
    /// When it is required and missing, or does not start.
    pub fn start() -> Option<Self> {
        let (Some(driver), Some(_)) = (find("chromedriver"), chromium()) else {
            assert!(
                std::env::var_os(REQUIRED).is_none(),
                "{REQUIRED} is set, but Chromium or its driver is missing"
            );
            eprintln!("skipped: Chromium or its driver is missing (apt-get install chromium chromium-driver)");
            return None;
        };
        let mut child = Command::new(driver)
            .args(["--port=0", "--log-level=SEVERE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut port = None;
        let mut lines = lines.map_while(Result::ok);
        for line in lines.by_ref().take(20) {
            if let Some((_, rest)) = line.split_once("started successfully on port ") {
                port = Some(rest.trim_end_matches('.').to_owned());
                break;
            }
        }
        // The driver must never wait for a reader of its output.
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("http://127.0.0.1:{}", port.expect("the driver says its port"));
        Some(Self { child, url })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Chromium's program.
pub fn chromium() -> Option<PathBuf> {
    find("chromium")
        .or_else(|| find("chromium-browser"))
        .or_else(|| find("google-chrome"))
}

fn find(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path: &PathBuf| Path::exists(path))
}
