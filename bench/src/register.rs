//! A register with all 903,461 real trees: the import of the whole file while officers open other pages and write, then the list
//! of the kind by every declared pair of filter and order. The real file lies beside the repository and is not shipped;
//! without it nothing is measured, and a line says so.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use identity::Role;
use register::import::Done;

use crate::client::Client;
use crate::province::Province;
use crate::stats::{Latencies, Line};

/// Longest time that the import may take.
const IMPORT_MAX: Duration = Duration::from_secs(90);
/// What other requests may take at p99 meanwhile.
const MEANWHILE_MAX: Duration = Duration::from_millis(200);
/// What a list may take at p99.
const LIST_MAX: Duration = Duration::from_millis(50);
/// How long words and counts of all trees may take.
const DIGEST_MAX: Duration = Duration::from_secs(600);
/// What all trees as CSV may take.
const EXPORT_MAX: Duration = Duration::from_secs(5);
const EXPORT_MB_MAX: u64 = 100;
/// How often each list is asked for.
const LISTS: usize = 40;
/// The list of trees.
const TREES: &str = "/registers/trees/tree";

pub(crate) fn real() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/trees/street-trees-903k.csv.gz")
}

/// Measures on one engine.
pub(crate) async fn measure(engine: &str, folder: &Path, database: Option<&str>) -> Result<Vec<Line>, String> {
    if !real().exists() {
        return Ok(vec![Line::plain(
            "register",
            "left out",
            "the real trees are not beside the repository",
        )]);
    }
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let file = folder.join("trees.csv");
    let rows = mended(&file)?;
    let province = Province::serve(folder, database).await?;
    let cookie = province
        .officer("chuyenvien", "Chuyên viên tỉnh", Role::Specialist)
        .await?;
    let mut lines = import(engine, &province, &cookie, &file, rows).await?;
    lines.push(digested(engine, &province, rows).await?);
    province.app.store.analyze().await.map_err(|error| error.to_string())?;
    lines.extend(lists(engine, &province, &cookie).await?);
    lines.extend(exports(engine, &province, rows).await?);
    province.stop().await;
    Ok(lines)
}

/// The real file under the columns of the register; sizes are ranges or missing, and stay so.
pub(crate) fn mended(path: &Path) -> Result<u64, String> {
    let words = |error: &dyn std::error::Error| error.to_string();
    let file = std::fs::File::open(real()).map_err(|error| words(&error))?;
    let source = BufReader::with_capacity(1 << 20, flate2::read::MultiGzDecoder::new(file));
    let mut out = csv::Writer::from_path(path).map_err(|error| words(&error))?;
    out.write_record(["tag", "species", "lon", "lat", "trunk_range", "height_range", "address"])
        .map_err(|error| words(&error))?;
    let mut rows = 0;
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(source);
    for record in reader.records() {
        let cells = record.map_err(|error| words(&error))?;
        let cell = |at: usize| cells.get(at).unwrap_or("").trim();
        let tag = format!("LA-{:0>6}", cell(0));
        let named = [cell(5), cell(4), "unknown"]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or("unknown");
        let short = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        out.write_record([
            &tag,
            &short(named, 200),
            cell(2),
            cell(3),
            &short(cell(6), 20),
            &short(cell(7), 20),
            &short(cell(8), 200),
        ])
        .map_err(|error| words(&error))?;
        rows += 1;
    }
    out.flush().map_err(|error| words(&error))?;
    Ok(rows)
}

pub(crate) async fn import(
    engine: &str,
    province: &Province,
    cookie: &str,
    file: &Path,
    rows: u64,
) -> Result<Vec<Line>, String> {
    let register = province.app.register.clone();
    let kind = register.kind("trees", "tree").map_err(|error| error.to_string())?;
    let unit = province
        .app
        .identity
        .units()
        .root(province.app.casework.now().local_date())
        .map(|unit| unit.id);
    let by = register::By {
        account: None,
        who: "Chuyên viên tỉnh".to_owned(),
        unit: unit.ok_or("the province has no root")?,
    };
    let stop = Arc::new(AtomicBool::new(false));
    let others = tokio::spawn(meanwhile(province.address, cookie.to_owned(), stop.clone()));
    let begun = Instant::now();
    let done = register.import(&kind, file, "trees.csv", by, Arc::new(|_, _| {})).await;
    let took = begun.elapsed();
    stop.store(true, Ordering::SeqCst);
    let (read, failed) = others.await.map_err(|error| error.to_string())?;
    match done.map_err(|error| error.to_string())? {
        Done::In { rows: taken, .. } if taken == rows => {}
        Done::In { rows: taken, .. } => return Err(format!("{taken} of {rows} trees came in")),
        Done::Paused => return Err("somebody stopped the import".to_owned()),
        Done::Faulty(faults) => return Err(format!("{} faults, the first {:?}", faults.total, faults.list.first())),
    }
    Ok(vec![
        Line::new(
            &format!("import of {rows} real trees, {engine}"),
            format!("{:.1} s", took.as_secs_f64()),
            "< 90 s",
            took < IMPORT_MAX,
            format!(
                "looked at whole, then written with versions and {} indexes",
                kind.filters.len() + 4
            ),
        ),
        Line::new(
            &format!("pages of others meanwhile, {engine}"),
            read.summary(),
            "p99 < 200 ms",
            read.percentile(0.99) < MEANWHILE_MAX && failed == 0,
            format!("{} requests, {failed} failed", read.count()),
        ),
    ])
}

/// Pages and a write, one after the other, twenty a second.
async fn meanwhile(address: std::net::SocketAddr, cookie: String, stop: Arc<AtomicBool>) -> (Latencies, usize) {
    let (mut read, mut failed, mut http) = (Latencies::default(), 0, Client::new(address));
    let pages = ["/desk", "/registers", TREES, "/account"];
    let headers = format!("{cookie}Accept: text/html\r\n");
    for at in 0_usize.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let begun = Instant::now();
        match http.get(pages[at % pages.len()], &headers).await {
            Ok(answer) if answer.status == 200 => read.add(begun.elapsed()),
            _ => failed += 1,
        }
        tokio::time::sleep(Duration::from_millis(50).saturating_sub(begun.elapsed())).await;
    }
    (read, failed)
}

/// Waits until words and counts of all trees are there: they are made beside the work, after the import.
async fn digested(engine: &str, province: &Province, rows: u64) -> Result<Line, String> {
    let begun = Instant::now();
    loop {
        let count = province
            .app
            .store
            .read(|tx| tx.one("SELECT count(*) FROM register_search_row", &[], |row| row.get::<i64>(0)));
        let done = count.await.map_err(|error| error.to_string())?.unsigned_abs() >= rows;
        if done || begun.elapsed() > DIGEST_MAX {
            return Ok(Line::new(
                &format!("words and counts of {rows} trees, {engine}"),
                format!("{:.1} s", begun.elapsed().as_secs_f64()),
                "< 600 s",
                done,
                "made beside the work after the import".to_owned(),
            ));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// What this process holds in memory, in kilobytes.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// All trees as files of every kind: how long it takes, and what it adds to the memory of the process.
async fn exports(engine: &str, province: &Province, rows: u64) -> Result<Vec<Line>, String> {
    let register = province.app.register.clone();
    let kind = register.kind("trees", "tree").map_err(|error| error.to_string())?;
    let mut lines = Vec::new();
    for format in register::export::Format::ALL {
        let (before, peak, stop) = (
            resident_kb(),
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let watch = {
            let (peak, stop) = (peak.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    peak.fetch_max(resident_kb(), Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                }
            })
        };
        let begun = Instant::now();
        let made = register
            .export(&kind, *format, register::export::Wanted::all(&kind))
            .await;
        let took = begun.elapsed();
        stop.store(true, Ordering::SeqCst);
        watch.join().map_err(|_| "the watch failed".to_owned())?;
        let made = made.map_err(|error| error.to_string())?;
        let grown = peak.load(Ordering::SeqCst).saturating_sub(before) / 1_024;
        let is_csv = *format == register::export::Format::Csv;
        let fits = made.rows == rows && (!is_csv || (took < EXPORT_MAX && grown < EXPORT_MB_MAX));
        lines.push(Line::new(
            &format!("all trees as {format}, {engine}"),
            format!("{:.1} s, {grown} MB more", took.as_secs_f64()),
            if is_csv { "< 5 s, < 100 MB" } else { "all rows" },
            fits,
            format!("{:.1} MB", made.bytes as f64 / 1e6),
        ));
    }
    Ok(lines)
}

async fn lists(engine: &str, province: &Province, cookie: &str) -> Result<Vec<Line>, String> {
    let mut http = Client::new(province.address);
    let headers = format!("{cookie}Accept: text/html\r\n");
    let mut lines = Vec::new();
    for (name, query) in [
        ("as it opens", ""),
        ("by health", "?health=good"),
        ("by health, none", "?health=dangerous"),
        ("by a common species", "?species=Lagerstroemia+indica"),
        ("by a species that is not there", "?species=khong+co"),
        ("by species in order", "?sort=species&dir=asc"),
        ("by health in order of species", "?health=good&sort=species&dir=asc"),
        (
            "by species, the day upwards",
            "?species=Lagerstroemia+indica&sort=inspected_on&dir=asc",
        ),
        ("found by a word of many", "?q=lagerstroemia"),
        ("found by two words", "?q=quercus+ilex"),
        ("found by a number", "?q=la+000123"),
        ("found by a begun word, by health", "?q=lagers&health=good"),
        ("found by a word of none", "?q=khongco"),
        ("as a chart by health", "/charts?by=health"),
        ("as a chart by species", "/charts?by=species"),
        ("as a chart by unit", "/charts?by=unit"),
        ("among all registers", "/.."),
    ] {
        let path = if query == "/.." {
            "/registers".to_owned()
        } else {
            format!("{TREES}{query}")
        };
        let mut taken = Latencies::default();
        for _ in 0..LISTS {
            let begun = Instant::now();
            let answer = http.get(&path, &headers).await.map_err(|error| error.to_string())?;
            if answer.status != 200 {
                return Err(format!("{path}: {}", answer.status));
            }
            taken.add(begun.elapsed());
        }
        lines.push(Line::new(
            &format!("list of trees {name}, {engine}"),
            taken.summary(),
            "p99 < 50 ms",
            taken.percentile(0.99) < LIST_MAX,
            "the whole page, one client",
        ));
    }
    Ok(lines)
}
