//! How fast the exchange tells the national portal: a province in this process, the simulated portal beside it without faults. An
//! outage is played: changes pile up while the portal is away, and the time is taken until it has shown that it has them all.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use casework::dossier::DossierId;
use exchange::PortalConfig;
use exchange::portal::{self, Running, Settings};
use tinhso::world::RealWorld;
use uuid::Uuid;

use crate::province::Province;
use crate::stats::Line;
use crate::submissions;

/// Dossiers of the outage.
const DOSSIERS: usize = 10_000;
/// Steps of each after its filing.
const STEPS: usize = 9;
/// Clients that file.
const CLIENTS: usize = 64;
/// Events written in one transaction.
const CHUNK: usize = 500;
/// Longest time for anything.
const BOUND: Duration = Duration::from_secs(900);

/// Plays the outage and measures.
pub(crate) async fn measure(engine: &str, folder: &Path, database: Option<&str>) -> Result<Vec<Line>, String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let password = folder.join("portal-password");
    std::fs::write(&password, "bench\n").map_err(|error| error.to_string())?;
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let portal_config = PortalConfig::at(&format!("http://{address}"), "H27", "tinh", &password);
    let portal = portal::start(listener, Arc::new(RealWorld::new()), Settings::default()).map_err(|e| e.to_string())?;
    portal.set_out(true);
    let province =
        Province::serve_with(folder, database, |config| config.exchange.portal = Some(portal_config)).await?;
    let changes = pile_up(engine, &province).await?;
    let lines = catch_up(engine, &province, &portal, changes).await?;
    province.stop().await;
    Ok(lines)
}

/// Files dossiers and has steps follow, while the portal is out; waits until every change was heard.
async fn pile_up(engine: &str, province: &Province) -> Result<i64, String> {
    crate::say(&format!("{engine}: filing {DOSSIERS} dossiers while the portal is out"));
    let target = province.target().await?;
    let accounts = u32::try_from(DOSSIERS / 19 + 64).unwrap_or(64);
    let sessions = province.citizens(accounts).await?;
    let prepared = submissions::prepare(province, &sessions, &target, DOSSIERS, CLIENTS).await?;
    let sent = submissions::send_all(province.address, prepared, BOUND).await;
    if sent.latencies.count() < DOSSIERS {
        return Err(format!(
            "{} of {DOSSIERS} were filed: {}",
            sent.latencies.count(),
            sent.last_refusal
        ));
    }
    let store = &province.app.store;
    let ids: Vec<DossierId> = store
        .read(|tx| tx.all("SELECT id FROM dossier ORDER BY id", &[], |row| row.get(0)))
        .await
        .map_err(|error: store::StoreError| error.to_string())?;
    for step in 0..STEPS {
        for part in ids.chunks(CHUNK) {
            let events: Vec<store::Event> = part.iter().map(|id| step_of(province, id.uuid(), step)).collect();
            store
                .write(move |tx| events.iter().try_for_each(|event| tx.emit(event)))
                .await
                .map_err(|error: store::StoreError| error.to_string())?;
        }
    }
    let changes = i64::try_from(ids.len() * (STEPS + 1)).unwrap_or(0);
    let heard = "SELECT count(*) FROM exchange_transfer";
    until(province, heard, changes).await?;
    Ok(changes)
}

/// A step as casework tells it: the state stays what it is.
fn step_of(province: &Province, dossier: Uuid, step: usize) -> store::Event {
    let kinds = ["dossier.assign", "dossier.claim", "dossier.forward"];
    let kind = kinds.get(step % kinds.len()).copied().unwrap_or("dossier.claim");
    store::Event::new(
        province.app.store.world().as_ref(),
        kind,
        dossier,
        serde_json::json!({ "state": "submitted", "national_code": 1 }),
    )
}

async fn catch_up(engine: &str, province: &Province, portal: &Running, changes: i64) -> Result<Vec<Line>, String> {
    portal.set_out(false);
    let began = Instant::now();
    let taken = "SELECT count(*) FROM exchange_transfer WHERE stand IN ('accepted', 'confirmed')";
    until(province, taken, changes).await?;
    let told = began.elapsed();
    let confirmed = "SELECT count(*) FROM exchange_transfer WHERE stand = 'confirmed'";
    until(province, confirmed, changes).await?;
    let seen = began.elapsed();
    let held = portal.with(|portal| portal.dossiers().len());
    let rate = changes as f64 / told.as_secs_f64().max(f64::EPSILON);
    let note =
        format!("{changes} changes of {held} dossiers; requests of at most 100, four at once; each with its receipt");
    Ok(vec![
        Line::new(
            &format!("transfers to the simulated national portal, {engine}"),
            format!("{rate:.0}/s"),
            "at least 500/s",
            rate >= 500.0,
            note,
        ),
        Line::new(
            &format!("caught up after an outage with {changes} changes, {engine}"),
            format!("{:.0} s", seen.as_secs_f64()),
            "under 5 minutes",
            seen < Duration::from_secs(300),
            format!("told after {:.0} s, then asked about and confirmed", told.as_secs_f64()),
        ),
    ])
}

/// Waits until a count has come so far.
async fn until(province: &Province, count: &'static str, wanted: i64) -> Result<(), String> {
    let began = Instant::now();
    loop {
        let now = province
            .app
            .store
            .read(move |tx| tx.one(count, &[], |row| row.get::<i64>(0)))
            .await
            .map_err(|error: store::StoreError| error.to_string())?;
        if now >= wanted {
            return Ok(());
        }
        if began.elapsed() > BOUND {
            return Err(format!("{now} of {wanted} after {BOUND:?}: {count}"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
