//! The built program as a process: one-shot commands with their output, and servers on a free port that are ready when
//! the value is. Output goes to a file that a failing test prints. Dropping a server kills it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::{client, free_port, wait};

/// The program that `./test` built: `TINHSO_BINARY`, else the one beside this test's folder in the target folder.
///
/// # Panics
/// When it was not built.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("TINHSO_BINARY") {
        return PathBuf::from(path);
    }
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("tinhso");
    assert!(
        path.exists(),
        "{} is not there: build it with cargo build -p tinhso",
        path.display()
    );
    path
}

/// Runs a command of the program to its end, within two minutes.
pub fn run(arguments: &[&str]) -> Output {
    run_in(&[], arguments)
}

/// As [`run`], with variables of the environment.
///
/// # Panics
/// When it takes longer.
pub fn run_in(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    let mut child = command
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id();
    let (stdout, stderr) = (drain(child.stdout.take().unwrap()), drain(child.stderr.take().unwrap()));
    let status = exit_within(&mut child, wait::LONG)
        .unwrap_or_else(|| panic!("tinhso {} (process {id}) did not end", arguments.join(" ")));
    Output {
        status,
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
    }
}

/// Reads a pipe to its end beside the process, so that a full pipe stops nobody.
fn drain(mut pipe: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

fn exit_within(child: &mut Child, bound: Duration) -> Option<std::process::ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < bound {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

/// A serving program.
pub struct Server {
    child: Child,
    port: u16,
    log: PathBuf,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts `tinhso ARGUMENTS --port FREE` and waits until it says it is ready.
    pub async fn start(arguments: &[&str]) -> Self {
        Self::start_in(&[], arguments).await
    }

    /// As [`Server::start`], with variables of the environment.
    ///
    /// # Panics
    /// When it ends before it is ready, or is not ready in two minutes; with what it printed.
    pub async fn start_in(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut server = Self::spawn_in(variables, arguments);
        server.wait_ready(&arguments.join(" ")).await;
        server
    }

    async fn wait_ready(&mut self, what: &str) {
        let ready = format!("{}/readyz", self.url());
        let client = client();
        let start = Instant::now();
        loop {
            if client
                .get(&ready)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("tinhso {what} ended with {status}:\n{}", self.output());
            }
            assert!(
                start.elapsed() < wait::LONG,
                "tinhso {what} is not ready:\n{}",
                self.output()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Starts it and does not wait.
    pub fn spawn_in(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("output");
        let output = File::create(&log).unwrap();
        let port = free_port();
        let child = Command::new(binary())
            .args(arguments)
            .args(["--port", &port.to_string()])
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        Self {
            child,
            port,
            log,
            _folder: folder,
        }
    }

    /// Runs a command that ends in the program (by `exec`) listening on `port`, and waits until it says it is ready.
    ///
    /// # Panics
    /// When it ends before, or is not ready in two minutes; with what it printed.
    pub async fn adopt(mut command: Command, port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("output");
        let output = File::create(&log).unwrap();
        let child = command
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            port,
            log,
            _folder: folder,
        };
        server.wait_ready("(adopted)").await;
        server
    }

    /// Stops it without ending it: it does nothing more, and what it holds stays held.
    pub fn freeze(&mut self) {
        let asked = Command::new("kill")
            .args(["-STOP", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(asked.success(), "the server has ended by itself:\n{}", self.output());
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it printed so far.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it at once, as a power cut would end a process: it gets to write nothing more.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end (SIGTERM) and waits.
    ///
    /// # Panics
    /// When it does not end in 15 seconds.
    pub fn stop(&mut self) -> std::process::ExitStatus {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(asked.success(), "the server has ended by itself:\n{}", self.output());
        match exit_within(&mut self.child, wait::SHORT) {
            Some(status) => status,
            None => panic!("the server did not stop when asked:\n{}", self.output()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if std::thread::panicking() {
            eprintln!("the server printed:\n{}", self.output());
        }
    }
}
