//! Prints a table of how fast and how large the program is on this machine, against what is asked of it. Run it with
//! `cargo run --release -p bench`; nothing here is a test, and no test is timed. It writes to a temporary folder on the
//! disk of the target folder (or `--folder`), because what a memory disk acknowledges says nothing about fsync.

mod catalogue;
mod client;
mod desk;
mod features;
mod figures;
mod ledger;
mod mixed;
mod overload;
mod process;
mod province;
mod raw;
mod register;
mod stats;
mod submissions;
mod sync;
mod tiles;
mod transfer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use province::{Province, Session, Target};
use stats::Line;

/// Requests take and free memory on every core at once: `docs/decisions/0014-mimalloc-and-sqlite-flags.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "cargo run --release -p bench -- [--seconds N] [--folder DIR] [--postgres URL] [--postgres-desk URL] [--dossiers N] [--scale tour|province] [--facts N] [--without-sqlite] [--only submissions|pages|process|desk|overload|figures|sync|ledger|register|features|catalogue]";

/// Clients that submit at once.
const CLIENTS: usize = 64;

struct Options {
    seconds: u64,
    folder: PathBuf,
    /// An empty database for submissions and citizens' pages.
    postgres: Option<String>,
    /// Another one for officers' pages.
    postgres_desk: Option<String>,
    /// Dossiers that lie there when officers work.
    dossiers: u32,
    /// Whether they are a whole year of a province.
    scale: String,
    /// For how long twice as many people come as can be taken: ten minutes, or what `--seconds` says.
    overload_seconds: u64,
    /// Dossiers that leader's pages count.
    facts: u32,
    /// What PostgreSQL does alone is asked for.
    without_sqlite: bool,
    only: Option<String>,
    peers: Vec<features::Peer>,
}

fn options() -> Result<Options, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = own.ancestors().nth(2).unwrap_or(Path::new(".")).to_path_buf();
    let mut options = Options {
        seconds: 10,
        folder,
        postgres: None,
        postgres_desk: None,
        dossiers: 0,
        scale: "tour".to_owned(),
        overload_seconds: 600,
        facts: 500_000,
        without_sqlite: false,
        only: None,
        peers: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| USAGE.to_owned());
        match name.as_str() {
            "--seconds" => {
                options.seconds = value()?.parse().map_err(|_| USAGE.to_owned())?;
                options.overload_seconds = options.seconds;
            }
            "--folder" => options.folder = PathBuf::from(value()?),
            "--postgres" => options.postgres = Some(value()?),
            "--postgres-desk" => options.postgres_desk = Some(value()?),
            "--dossiers" => options.dossiers = value()?.parse().map_err(|_| USAGE.to_owned())?,
            "--scale" => options.scale = value()?,
            "--facts" => options.facts = value()?.parse().map_err(|_| USAGE.to_owned())?,
            "--without-sqlite" => options.without_sqlite = true,
            "--only" => options.only = Some(value()?),
            "--peer" => options.peers.push(features::Peer::read(&value()?)?),
            _ => return Err(USAGE.to_owned()),
        }
    }
    if options.dossiers == 0 {
        options.dossiers = if options.scale == "province" { 500_000 } else { 100_000 };
    }
    Ok(options)
}

fn main() -> ExitCode {
    // The program starts itself again for files of strangers: here it is this one.
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("read-stranger") {
        let ask = arguments.next().unwrap_or_default();
        let read = tinhso::run(tinhso::cli::Cli {
            command: tinhso::cli::Command::ReadStranger { ask },
        });
        return if read.is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    measured()
}

#[tokio::main]
async fn measured() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let options = options()?;
    if cfg!(debug_assertions) {
        say("note: this is a debug build; its figures say nothing");
    }
    let machine = stats::machine();
    let folder = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&options.folder)
        .map_err(|error| error.to_string())?;
    let wanted = |name: &str| options.only.as_deref().is_none_or(|only| only == name);
    let mut lines = Vec::new();
    if wanted("process") {
        lines.extend(process::measure(&folder.path().join("demo")).await?);
    }
    if wanted("sync") {
        if !options.without_sqlite {
            lines.extend(sync::measure("SQLite", &folder.path().join("sync"), None).await?);
        }
        // A database of its own: it is asked for by name.
        if let (Some(url), Some("sync")) = (&options.postgres, options.only.as_deref()) {
            let folder = folder.path().join("sync-postgres");
            lines.extend(sync::measure("PostgreSQL", &folder, Some(url)).await?);
        }
    }
    if wanted("submissions") || wanted("pages") {
        if !options.without_sqlite {
            lines.extend(engine("SQLite", &folder.path().join("sqlite"), None, &options).await?);
        }
        if let Some(url) = &options.postgres {
            lines.extend(engine("PostgreSQL", &folder.path().join("postgres"), Some(url), &options).await?);
        }
    }
    lines.extend(of_officers(&options, folder.path()).await?);
    lines.extend(registers(&options, folder.path()).await?);
    lines.extend(catalogue_of(&options, folder.path()).await?);
    lines.extend(maps(&options, folder.path()).await?);
    lines.extend(shared(&options, folder.path()).await?);
    lines.extend(log_and_crowds(&options, folder.path()).await?);
    say(&format!(
        "\nMachine: {machine}. Client and server share it.\n\n{}",
        stats::table(&lines)
    ));
    Ok(())
}

/// Officers' and leaders' pages.
async fn of_officers(options: &Options, folder: &Path) -> Result<Vec<Line>, String> {
    let wanted = |name: &str| options.only.as_deref().is_none_or(|only| only == name);
    let (mut lines, time) = (Vec::new(), Duration::from_secs(options.seconds));
    if wanted("desk") {
        let size = (options.scale.as_str(), options.dossiers);
        if !options.without_sqlite {
            lines.extend(desk::measure("SQLite", &folder.join("desk"), None, size, time).await?);
        }
        if let Some(url) = &options.postgres_desk {
            let folder = folder.join("desk-postgres");
            lines.extend(desk::measure("PostgreSQL", &folder, Some(url), size, time).await?);
        }
    }
    if wanted("figures") {
        if !options.without_sqlite {
            lines.extend(figures::measure("SQLite", &folder.join("figures"), None, options.facts, time).await?);
        }
        // A database of its own: it is asked for by name.
        if let (Some(url), Some("figures")) = (&options.postgres, options.only.as_deref()) {
            let folder = folder.join("figures-postgres");
            lines.extend(figures::measure("PostgreSQL", &folder, Some(url), options.facts, time).await?);
        }
    }
    Ok(lines)
}

/// 100,000 datasets come in first, so that it is asked for by name.
async fn catalogue_of(options: &Options, folder: &Path) -> Result<Vec<Line>, String> {
    if options.only.as_deref() != Some("catalogue") {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    if !options.without_sqlite {
        lines.extend(catalogue::measure("SQLite", &folder.join("catalogue"), None).await?);
    }
    if let Some(url) = &options.postgres {
        lines.extend(catalogue::measure("PostgreSQL", &folder.join("catalogue-postgres"), Some(url)).await?);
    }
    Ok(lines)
}

/// The public log, and more people than can be taken.
async fn log_and_crowds(options: &Options, folder: &Path) -> Result<Vec<Line>, String> {
    let only = options.only.as_deref();
    let mut lines = Vec::new();
    if only.is_none_or(|only| only == "ledger") {
        if !options.without_sqlite {
            lines.extend(ledger::measure("SQLite", &folder.join("ledger"), None).await?);
        }
        // A database of its own: it is asked for by name.
        if let (Some(url), Some("ledger")) = (&options.postgres, only) {
            lines.extend(ledger::measure("PostgreSQL", &folder.join("ledger-postgres"), Some(url)).await?);
        }
    }
    // It wants the machine for minutes, so that it is asked for by name.
    if only == Some("overload") {
        let time = Duration::from_secs(options.overload_seconds);
        if !options.without_sqlite {
            lines.extend(overload::measure("SQLite", &folder.join("overload"), None, time).await?);
        }
        if let Some(url) = &options.postgres {
            let folder = folder.join("overload-postgres");
            lines.extend(overload::measure("PostgreSQL", &folder, Some(url), time).await?);
        }
    }
    Ok(lines)
}

/// Tiles of all real trees: minutes of import first, so that they are asked for by name.
async fn maps(options: &Options, folder: &Path) -> Result<Vec<Line>, String> {
    if options.only.as_deref() != Some("tiles") {
        return Ok(Vec::new());
    }
    let (mut lines, time) = (Vec::new(), Duration::from_secs(options.seconds));
    if !options.without_sqlite {
        for (name, keeps) in [("tiles", false), ("tiles-kept", true)] {
            lines.extend(tiles::measure("SQLite", &folder.join(name), None, (keeps, time)).await?);
        }
    }
    if let Some(url) = &options.postgres {
        lines.extend(tiles::measure("PostgreSQL", &folder.join("tiles-postgres"), Some(url), (false, time)).await?);
    }
    Ok(lines)
}

/// Features of all real trees, beside peers that serve the same: asked for by name.
async fn shared(options: &Options, folder: &Path) -> Result<Vec<Line>, String> {
    if options.only.as_deref() != Some("features") {
        return Ok(Vec::new());
    }
    let (mut lines, how) = (
        Vec::new(),
        (Duration::from_secs(options.seconds), options.peers.as_slice()),
    );
    if !options.without_sqlite {
        lines.extend(features::measure("SQLite", &folder.join("features"), None, how).await?);
    }
    if let Some(url) = &options.postgres {
        lines.extend(features::measure("PostgreSQL", &folder.join("features-postgres"), Some(url), how).await?);
    }
    Ok(lines)
}

/// Minutes of writing: only when it is asked for by name.
async fn registers(options: &Options, folder: &Path) -> Result<Vec<Line>, String> {
    if options.only.as_deref() != Some("register") {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    if !options.without_sqlite {
        lines.extend(register::measure("SQLite", &folder.join("register"), None).await?);
    }
    if let Some(url) = &options.postgres {
        lines.extend(register::measure("PostgreSQL", &folder.join("register-postgres"), Some(url)).await?);
    }
    Ok(lines)
}

/// Submissions, mixed load and transfers on one engine.
async fn engine(name: &str, folder: &Path, database: Option<&str>, options: &Options) -> Result<Vec<Line>, String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let province = Province::serve(folder, database).await?;
    let target = province.target().await?;
    let time = Duration::from_secs(options.seconds);
    let count = options.seconds as usize * 4000;
    let mixed_count = options.seconds as usize * 120;
    say(&format!(
        "{name}: opening accounts and filling in {} drafts for {}",
        count + mixed_count,
        target.procedure
    ));
    let accounts = u32::try_from((count + mixed_count) / 19 + 64).unwrap_or(64);
    let sessions = province.citizens(accounts).await?;
    let mut lines = Vec::new();
    if options.only.as_deref() != Some("pages") {
        lines.extend(rates(name, folder, database, &province, &sessions, &target, (count, time)).await?);
    }
    if options.only.as_deref() != Some("submissions") {
        lines.extend(pages(name, &province, &sessions, &target, (mixed_count, time)).await?);
    }
    province.stop().await;
    Ok(lines)
}

async fn rates(
    name: &str,
    folder: &Path,
    database: Option<&str>,
    province: &Province,
    sessions: &[Session],
    target: &Target,
    (count, time): (usize, Duration),
) -> Result<Vec<Line>, String> {
    let prepared = submissions::prepare(province, sessions, target, count, CLIENTS).await?;
    let before = raw::weigh(&province.app.store).await?;
    let sent = submissions::send_all(province.address, prepared, time).await;
    let after = raw::weigh(&province.app.store).await?;
    let done = sent.latencies.count();
    if done == 0 {
        return Err(format!("nothing was submitted: {}", sent.last_refusal));
    }
    let (entries, bytes) = match (before, after) {
        (Some(before), Some(after)) => per_submission(raw::written(&before, &after), done),
        _ => (24, 4096),
    };
    let raw = raw::rate(folder, None, entries, bytes, time.min(Duration::from_secs(5))).await?;
    let rate = sent.rate();
    let agencies = target.agencies.len();
    let note = format!(
        "{done} by {CLIENTS} clients to {agencies} agencies, {} refused; {}",
        sent.refused,
        sent.latencies.summary()
    );
    let met = rate >= 1500.0 || database.is_some();
    let asked = if database.is_some() { "" } else { "at least 1,500/s" };
    let mut lines = vec![Line::new(
        &format!("durable submissions, {name}"),
        format!("{rate:.0}/s"),
        asked,
        met,
        note,
    )];
    if database.is_none() {
        let half = format!("{raw:.0}/s; submissions are {:.0}% of it", rate / raw * 100.0);
        let what = format!("raw group commit of the same bytes, {name}");
        let note = format!("{entries} entries of tables and indexes and {bytes} bytes each, 64 tasks");
        lines.push(Line::new(
            &what,
            half,
            "submissions at least half",
            rate * 2.0 >= raw,
            note,
        ));
    }
    Ok(lines)
}

/// Entries and bytes that one submission wrote.
fn per_submission(written: raw::Weight, done: usize) -> (usize, usize) {
    let each = |sum: i64| usize::try_from(sum.max(1)).unwrap_or(1).div_ceil(done);
    (each(written.entries), each(written.bytes))
}

async fn pages(
    name: &str,
    province: &Province,
    sessions: &[Session],
    target: &Target,
    (count, time): (usize, Duration),
) -> Result<Vec<Line>, String> {
    let prepared = submissions::prepare(province, sessions, target, count, 32).await?;
    let procedure = format!("/procedures/{}", target.procedure);
    let paths = [
        "/",
        "/procedures",
        "/procedures?q=khai+sinh",
        &procedure,
        "/my/dossiers",
        "/track",
    ];
    let all: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let mixed = mixed::run(province.address, all, sessions.to_vec(), prepared, (200, 100), time).await;
    let p99 = mixed.pages.percentile(0.99);
    let note = format!(
        "{} pages, {}; {} submissions meanwhile, {}; {} failed",
        mixed.pages.count(),
        mixed.pages.summary(),
        mixed.submissions.count(),
        mixed.submissions.summary(),
        mixed.failed
    );
    let figure = format!("p99 {:.1} ms", p99.as_secs_f64() * 1000.0);
    let met = p99 < Duration::from_millis(50) && mixed.failed == 0;
    let what = format!("citizen pages at 200/s beside 100 submissions/s, {name}");
    let mut lines = vec![Line::new(&what, figure, "p99 under 50 ms", met, note)];
    let visits = [("front page", "/".to_owned()), ("procedure page", procedure.clone())];
    lines.extend(transfer::measure(province.address, &visits).await?);
    Ok(lines)
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "the table is the output")]
fn say(line: &str) {
    println!("{line}");
}
