//! Twice as many people as the program can take: first how many whole submissions a second come through, then twice as many
//! people arrive for as long as asked, each filling in a draft step by step and sending it, waiting in the line when told to.
//! What was acknowledged must be in the table, and who asks how things stand must be answered meanwhile.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::client::{Answer, Client};
use crate::mixed;
use crate::province::{Province, Session, Target};
use crate::stats::{Latencies, Line};
use crate::submissions::{self, FORM, Prepared, fresh};

/// People who fill in and send at once, at most: fewer than what may send at once, so that everybody gets a place in the line.
const USERS: u32 = 700;

/// People who send as fast as they are answered while saturation is looked for.
const CLIENTS: usize = 96;

/// Status pages a second.
const STATUS_RATE: u32 = 50;

/// How often somebody who waits asks again before it counts as lost.
const TRIES: usize = 400;

/// What became of the people.
#[derive(Default)]
struct Came {
    receipts: Vec<String>,
    waits: usize,
    turned_away: usize,
    failed: usize,
    last_failure: String,
    whole: Latencies,
}

impl Came {
    fn add(&mut self, other: Self) {
        self.receipts.extend(other.receipts);
        self.waits += other.waits;
        self.turned_away += other.turned_away;
        self.failed += other.failed;
        self.whole.extend(other.whole);
        if !other.last_failure.is_empty() {
            self.last_failure = other.last_failure;
        }
    }
}

/// Measures on one engine.
pub(crate) async fn measure(
    engine: &str,
    folder: &Path,
    database: Option<&str>,
    time: Duration,
) -> Result<Vec<Line>, String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let province = Province::serve(folder, database).await?;
    let target = Arc::new(province.target().await?);
    crate::say(&format!("{engine}: opening {USERS} accounts"));
    let sessions = province.citizens(USERS).await?;
    let few: Vec<Session> = sessions.iter().take(CLIENTS).cloned().collect();
    let looking = time.min(Duration::from_secs(15));
    crate::say(&format!("{engine}: looking for saturation"));
    let begun = Instant::now();
    let found = crowd(
        province.address,
        &few,
        &target,
        Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        looking,
    )
    .await;
    let saturation = found.receipts.len() as f64 / begun.elapsed().as_secs_f64();
    let own = found
        .receipts
        .first()
        .cloned()
        .ok_or_else(|| format!("nobody came through: {}", found.last_failure))?;
    let owner = owner_of(province.address, &few, &own).await?;
    crate::say(&format!(
        "{engine}: {saturation:.0} whole submissions/s; now twice as many for {} s",
        time.as_secs()
    ));
    let arrivals = Arc::new(Semaphore::new(0));
    let arrived = Arc::new(AtomicUsize::new(0));
    let arriving = tokio::spawn(arrive(arrivals.clone(), arrived.clone(), saturation * 2.0, time));
    let pages = vec!["/track".to_owned(), own, "/healthz".to_owned()];
    let none = Prepared { queues: Vec::new() };
    let (came, status) = tokio::join!(
        crowd(province.address, &sessions, &target, arrivals, time),
        mixed::run(province.address, pages, vec![owner], none, (STATUS_RATE, 0), time),
    );
    arriving.abort();
    let lost = lost(&province, &came.receipts).await?;
    province.stop().await;
    let arrived = arrived.load(Ordering::Relaxed);
    Ok(lines(engine, saturation, time, arrived, (&came, lost), &status))
}

fn lines(
    engine: &str,
    saturation: f64,
    time: Duration,
    arrived: usize,
    (came, lost): (&Came, usize),
    status: &mixed::Mixed,
) -> Vec<Line> {
    let through = came.receipts.len();
    let p99 = status.pages.percentile(0.99);
    let seconds = time.as_secs();
    vec![
        Line::plain(
            &format!("whole submissions until saturation, {engine}"),
            format!("{saturation:.0}/s"),
            format!(
                "{CLIENTS} people at once, each begins a draft, answers five steps and sends: seven durable writes"
            ),
        ),
        Line::new(
            &format!("acknowledged and lost at twice saturation for {seconds} s, {engine}"),
            format!("{lost} of {through}"),
            "none",
            lost == 0 && through > 0,
            format!(
                "{arrived} arrived, {through} came through ({:.0}/s), {} failed{}; {}",
                through as f64 / time.as_secs_f64(),
                came.failed,
                if came.last_failure.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", came.last_failure)
                },
                came.whole.summary()
            ),
        ),
        Line::new(
            &format!("status pages meanwhile, {engine}"),
            format!("p99 {:.0} ms", p99.as_secs_f64() * 1000.0),
            "p99 under 300 ms",
            p99 < Duration::from_millis(300) && status.failed == 0 && status.pages.count() > 0,
            format!(
                "/track, a dossier, /healthz at {STATUS_RATE}/s: {}; {} failed",
                status.pages.summary(),
                status.failed
            ),
        ),
        Line::plain(
            &format!("people who saw their place in the line, {engine}"),
            format!("{} times", came.waits),
            format!("{} times somebody was turned away without a place", came.turned_away),
        ),
    ]
}

/// Lets people arrive at an even rate.
async fn arrive(arrivals: Arc<Semaphore>, arrived: Arc<AtomicUsize>, rate: f64, time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        let due = (begun.elapsed().as_secs_f64() * rate) as usize;
        let new = due.saturating_sub(arrived.load(Ordering::Relaxed));
        arrived.fetch_add(new, Ordering::Relaxed);
        arrivals.add_permits(new);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Everybody of `sessions` goes through whole submissions, one after another, whenever somebody has arrived.
async fn crowd(
    address: SocketAddr,
    sessions: &[Session],
    target: &Arc<Target>,
    arrivals: Arc<Semaphore>,
    time: Duration,
) -> Came {
    let end = Instant::now() + time;
    let tasks: Vec<_> = sessions
        .iter()
        .cloned()
        .enumerate()
        .map(|(at, session)| {
            let (target, arrivals) = (target.clone(), arrivals.clone());
            tokio::spawn(async move {
                let mut user = User {
                    http: Client::new(address),
                    session,
                    came: Came::default(),
                };
                let mut turn = at;
                while Instant::now() < end {
                    let wait = tokio::time::timeout_at(end.into(), arrivals.acquire()).await;
                    let Ok(Ok(permit)) = wait else { break };
                    permit.forget();
                    let agency = &target.agencies[turn % target.agencies.len()];
                    turn = turn.wrapping_add(7);
                    user.submit(&target, agency).await;
                }
                user.came
            })
        })
        .collect();
    let mut all = Came::default();
    for task in tasks {
        if let Ok(part) = task.await {
            all.add(part);
        }
    }
    all
}

/// Somebody with a browser that sends again by itself.
struct User {
    http: Client,
    session: Session,
    came: Came,
}

impl User {
    async fn submit(&mut self, target: &Target, agency: &str) {
        let begun = Instant::now();
        let id = fresh();
        let base = format!("/my/drafts/{id}");
        let mut steps = vec![(format!("/procedures/{}/start", target.procedure), id, String::new())];
        for (step, fields) in submissions::steps(target, agency) {
            steps.push((format!("{base}/{step}"), fresh(), fields));
        }
        steps.push((format!("{base}/review"), fresh(), "&declared=yes".to_owned()));
        let mut last = None;
        for (path, once, fields) in steps {
            match self.through(&path, once, &fields).await {
                Ok(answer) => last = answer.header("location").map(str::to_owned),
                Err(words) => {
                    self.came.failed += 1;
                    self.came.last_failure = words;
                    return;
                }
            }
        }
        match last.as_deref().and_then(|path| path.strip_suffix("/receipt")) {
            Some(dossier) => {
                self.came.receipts.push(dossier.to_owned());
                self.came.whole.add(begun.elapsed());
            }
            None => self.came.failed += 1,
        }
    }

    /// Sends one form until it is taken: the same key each time, as the page of the line does.
    async fn through(&mut self, path: &str, once: Uuid, fields: &str) -> Result<Answer, String> {
        let body = format!("_csrf={}&_once={once}{fields}", self.session.csrf);
        let headers = format!("{}Accept: text/html\r\n", self.session.cookie);
        for _ in 0..TRIES {
            let answer = self.http.post(path, &headers, FORM, body.as_bytes()).await;
            let answer = answer.map_err(|error| format!("{path}: {error}"))?;
            match answer.status {
                303 => return Ok(answer),
                503 => {
                    let has_place = String::from_utf8_lossy(&answer.body).contains("data-again");
                    self.came.waits += usize::from(has_place);
                    self.came.turned_away += usize::from(!has_place);
                    let seconds = answer.header("retry-after").and_then(|text| text.parse().ok());
                    tokio::time::sleep(Duration::from_secs(seconds.unwrap_or(2))).await;
                }
                other => return Err(format!("{path}: status {other}")),
            }
        }
        Err(format!("{path}: busy {TRIES} times"))
    }
}

/// Whose dossier it is.
async fn owner_of(address: SocketAddr, sessions: &[Session], dossier: &str) -> Result<Session, String> {
    for session in sessions {
        let answer = Client::new(address)
            .get(dossier, &format!("{}Accept: text/html\r\n", session.cookie))
            .await
            .map_err(|error| error.to_string())?;
        if answer.status == 200 {
            return Ok(session.clone());
        }
    }
    Err("nobody owns the first dossier".to_owned())
}

/// How many dossiers that were acknowledged are not in the table.
async fn lost(province: &Province, receipts: &[String]) -> Result<usize, String> {
    let all = province.app.store.read(|tx| {
        tx.all("SELECT id FROM dossier ORDER BY id LIMIT 10000000", &[], |row| {
            row.get::<Uuid>(0)
        })
    });
    let all: Result<Vec<Uuid>, store::StoreError> = all.await;
    let all = all.map_err(|error| error.to_string())?;
    let known: HashSet<String> = all.iter().map(ToString::to_string).collect();
    let is_lost = |path: &&String| !known.contains(path.rsplit('/').next().unwrap_or_default());
    Ok(receipts.iter().filter(is_lost).count())
}
