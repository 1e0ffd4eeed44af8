//! The built program as a process: how soon it serves, what memory it holds when idle, how large it is.
//! Measured on the release binary beside this one, with the demonstration loaded.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::stats::Line;

/// How long the program may take for anything before the measurement is given up.
const BOUND: Duration = Duration::from_secs(180);

/// The release binary: beside this program, in the same target folder.
pub(crate) fn binary() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let path = own.parent().unwrap_or(Path::new(".")).join("tinhso");
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("{} is not there: cargo build --release first", path.display()))
    }
}

/// A serving process. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Served {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) ready_after: Duration,
}

impl Served {
    /// Starts `tinhso demo` on a folder that holds the demonstration already, and waits until it answers.
    pub(crate) async fn start(data: &Path) -> Result<Self, String> {
        let address = free_address()?;
        let started = Instant::now();
        let child = Command::new(binary()?)
            .args(["demo", "--data"])
            .arg(data)
            .args(["--port", &address.port().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut served = Self {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        loop {
            let mut client = Client::new(address);
            if client.get("/readyz", "").await.is_ok_and(|answer| answer.status == 200) {
                served.ready_after = started.elapsed();
                return Ok(served);
            }
            if let Ok(Some(status)) = served.child.try_wait() {
                return Err(format!("the program ended with {status}"));
            }
            if started.elapsed() > BOUND {
                return Err("the program does not get ready".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Resident memory, in MiB.
    pub(crate) fn resident_mib(&self) -> Option<f64> {
        of_process(self.child.id(), "VmRSS:")
    }
}

/// What the system says of the memory of a process, in MiB.
fn of_process(process: u32, what: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes the demonstration in a folder and says how long that took, and how much memory at most, in MiB.
pub(crate) fn make_demo(data: &Path, further: &[&str]) -> Result<(Duration, Option<f64>), String> {
    let started = Instant::now();
    let mut child = Command::new(binary()?)
        .args(["demo", "--no-serve", "--data"])
        .arg(data)
        .args(further)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut peak = None;
    while child.try_wait().map_err(|error| error.to_string())?.is_none() {
        peak = of_process(child.id(), "VmHWM:").or(peak);
        std::thread::sleep(Duration::from_millis(100));
    }
    let took = started.elapsed();
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok((took, peak));
    }
    Err(format!(
        "the demonstration could not be made: {}",
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// Start, memory and size.
pub(crate) async fn measure(data: &Path) -> Result<Vec<Line>, String> {
    let (made, _) = make_demo(data, &[])?;
    let mut starts = Vec::new();
    for _ in 0..3 {
        starts.push(Served::start(data).await?.ready_after.as_secs_f64());
    }
    starts.sort_by(f64::total_cmp);
    let served = Served::start(data).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let memory = served.resident_mib().ok_or("no figure of memory")?;
    let size = std::fs::metadata(binary()?).map_err(|error| error.to_string())?.len() as f64 / f64::from(1 << 20);
    Ok(vec![
        Line::plain(
            "making the demonstration",
            format!("{:.1} s", made.as_secs_f64()),
            "units, people, procedures, dossiers",
        ),
        Line::new(
            "start to serving, demonstration loaded",
            format!("{:.2} s", starts[1]),
            "under 2 s",
            starts[1] < 2.0,
            "median of 3",
        ),
        Line::new(
            "idle memory",
            format!("{memory:.0} MiB"),
            "under 150 MB",
            memory < 143.0,
            "resident, 5 s after the start",
        ),
        Line::new(
            "release binary",
            format!("{size:.1} MiB"),
            "under 80 MB",
            size < 76.0,
            "stripped, everything embedded",
        ),
    ])
}

/// An address on loopback that was free a moment ago.
pub(crate) fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map_err(|error| error.to_string())
}
