//! Provinces for tests: keys, schema, areas, units and a handful of procedures, on either engine, made by the same code as
//! `tinhso init`. A `Site` serves one inside the test, on a real port, with the test's own clock.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::GzDecoder;
use kernel::World;
use store::EngineKind;
use testkit::pg::{self, TestDatabase};
use tinhso::{App, Config};

use super::{Staff, Visitor};
use crate::harness::{program, repository};

/// A procedure of the communes with a form of its own and one required paper: registration of a birth.
pub const BIRTH: &str = "1.001193";
/// A procedure of the communes with the general form, and papers of two cases: report of absence.
pub const ABSENCE: &str = "1.003677";
/// Which of its cases it is: the one with two papers.
pub const ABSENCE_CASE: (&str, &str) = (
    "case",
    "truong-hop-cong-dan-thuoc-quy-dinh-tai-diem-a-diem-b-khoan-1-dieu-31-luat-cu",
);

/// A procedure of the communes whose decision enters a record in a register: use of a pavement.
pub const PAVEMENT: &str = "1.013274";

/// Procedures that a test's province knows.
const PROCEDURES: &[&str] = &[BIRTH, ABSENCE, PAVEMENT, "1.004873", "2.000635"];

/// A province in a temporary folder, and on PostgreSQL in a database of its own.
pub struct Province {
    folder: tempfile::TempDir,
    pub config: Config,
    pub database: Option<TestDatabase>,
}

impl Province {
    /// Makes one; `None` where PostgreSQL is asked for and not at hand.
    pub async fn make(engine: EngineKind) -> Option<Self> {
        let province = Self::empty(engine)?;
        let catalogue = province.root().join("procedures.jsonl");
        write_catalogue(&catalogue);
        let store = tinhso::command::make::province(&province.config, Some(&catalogue))
            .await
            .unwrap();
        store.close().await;
        province.save();
        Some(province)
    }

    /// A folder, a configuration, and nothing else yet.
    pub fn empty(engine: EngineKind) -> Option<Self> {
        crate::harness::install_crypto();
        let database = match engine {
            EngineKind::Sqlite => None,
            EngineKind::Postgres => Some(pg::database()?),
        };
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::for_data("ha-tinh", &folder.path().join("data"));
        config.notices.letter = true;
        // This process is the tests; papers are typeset by the program that they are of.
        config.typesetter = Some(crate::harness::program::binary());
        config.database = database.as_ref().map(|database| database.url().to_owned());
        Some(Self {
            folder,
            config,
            database,
        })
    }

    /// As [`Province::make`] on SQLite.
    pub async fn sqlite() -> Self {
        Self::make(EngineKind::Sqlite).await.unwrap()
    }

    /// The temporary folder around data folder and key file.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Where `tinhso.toml` lies.
    pub fn config_path(&self) -> PathBuf {
        self.config.data.join(tinhso::config::FILE_NAME)
    }

    /// Writes the configuration as it stands.
    pub fn save(&self) {
        std::fs::create_dir_all(&self.config.data).unwrap();
        self.config.write(&self.config_path()).unwrap();
    }

    /// Opens it in this process with a world of the test's own.
    pub async fn open(&self, world: Arc<dyn World>) -> App {
        App::open(self.config.clone(), world).await.unwrap()
    }

    /// Opens it with the real clock, as the program does; for what is to be read by a program afterwards.
    pub async fn open_real(&self) -> App {
        self.open(Arc::new(tinhso::world::RealWorld::new())).await
    }

    /// Serves it in this process.
    pub async fn serve(&self, world: Arc<dyn World>) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = self.config.clone();
        config.listen.address = listener.local_addr().unwrap();
        let app = App::open(config, world).await.unwrap();
        Site::start(app, listener)
    }

    /// Starts the built program on it.
    pub async fn start_program(&self) -> program::Server {
        program::Server::start(&["serve", "--config", self.config_path().to_str().unwrap()]).await
    }

    /// Runs a command of the built program on it; `words` come first, then where it is.
    pub fn run(&self, words: &[&str], more: &[&str]) -> std::process::Output {
        let path = self.config_path();
        let place = ["--config", path.to_str().unwrap()];
        program::run(&[words, &place, more].concat())
    }

    /// Runs `tinhso verify`.
    ///
    /// # Panics
    /// When anything is wrong.
    pub fn verify(&self) {
        let done = self.run(&["verify"], &[]);
        assert!(done.status.success(), "verify found faults:\n{}", words_of(&done));
    }
}

/// Standard output and standard error of a command.
pub fn words_of(output: &std::process::Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Writes the few procedures that a test's province knows to `path`.
pub fn write_catalogue(path: &Path) {
    let packed = std::fs::File::open(repository().join("provinces/_catalogue/procedures.jsonl.gz")).unwrap();
    let mut file = std::fs::File::create(path).unwrap();
    for line in BufReader::new(GzDecoder::new(packed)).lines() {
        let line = line.unwrap();
        if PROCEDURES
            .iter()
            .any(|code| line.starts_with(&format!("{{\"code\":\"{code}\"")))
        {
            writeln!(file, "{line}").unwrap();
        }
    }
}

/// Runs `body` with a fresh province on SQLite, then with one on PostgreSQL where a cluster is at hand.
pub async fn both(body: impl AsyncFn(&Province)) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let Some(province) = Province::make(engine).await else {
            continue;
        };
        testkit::say(&format!("on {engine:?}"));
        body(&province).await;
    }
}

/// A province served inside the test.
pub struct Site {
    pub app: App,
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Site {
    fn start(app: App, listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let service = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self {
            app,
            url: format!("http://{address}"),
            task,
        }
    }

    /// A site and everybody who works there.
    pub async fn staffed(province: &Province, world: Arc<dyn World>) -> (Self, Staff) {
        let site = province.serve(world).await;
        let staff = Staff::of(&site.app).await;
        (site, staff)
    }

    /// Its address without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor::anonymous(&self.url)
    }

    /// Ends it and closes its store.
    pub async fn close(self) {
        self.task.abort();
        self.app.store.close().await;
    }
}
