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

/// People who fill in and send at once, at most.
const USERS: u32 = 2_000;

/// People who send as fast as they are answered while saturation is looked for.
const CLIENTS: usize = 96;

/// Status pages a second.
const STATUS_RATE: u32 = 50;

/// What became of the people.
#[derive(Default)]
struct Came {
    receipts: Vec<String>,
    /// How often somebody was shown her place.
    places: usize,
    /// People who were shown one.
    saw: usize,
    /// The furthest place that was shown.
    furthest: usize,
    /// How often somebody was told to come again without being held.
    turned_away: usize,
    /// On their way when the time was over.
    on_the_way: usize,
    failed: usize,
    last_failure: String,
    whole: Latencies,
}

impl Came {
    fn add(&mut self, other: Self) {
        self.receipts.extend(other.receipts);
        self.places += other.places;
        self.saw += other.saw;
        self.furthest = self.furthest.max(other.furthest);
        self.turned_away += other.turned_away;
        self.on_the_way += other.on_the_way;
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
    let pages = vec!["/track".to_owned(), own, "/my/dossiers".to_owned()];
    let none = Prepared { queues: Vec::new() };
    let (came, status) = tokio::join!(
        crowd(province.address, &sessions, &target, arrivals, time),
        mixed::run(province.address, pages, vec![owner], none, (STATUS_RATE, 0), time),
    );
    arriving.abort();
    let mut all = found.receipts;
    all.extend(came.receipts.iter().cloned());
    let lost = (lost(&province, &all).await?, all.len());
    province.stop().await;
    let arrived = arrived.load(Ordering::Relaxed);
    Ok(lines(engine, saturation, time, arrived, (&came, lost), &status))
}

fn lines(
    engine: &str,
    saturation: f64,
    time: Duration,
    arrived: usize,
    (came, (lost, acknowledged)): (&Came, (usize, usize)),
    status: &mixed::Mixed,
) -> Vec<Line> {
    let through = came.receipts.len();
    let p99 = status.pages.percentile(0.99);
    let seconds = time.as_secs();
    let each = |count: usize| count as f64 / time.as_secs_f64();
    let failure = if came.last_failure.is_empty() {
        String::new()
    } else {
        format!(" ({})", came.last_failure)
    };
    vec![
        Line::plain(
            &format!("saturation: whole submissions, {engine}"),
            format!("{saturation:.0}/s"),
            format!(
                "{CLIENTS} people at once, each begins a draft, answers five steps and sends: seven durable writes"
            ),
        ),
        Line::plain(
            &format!("offered for {seconds} s, {engine}"),
            format!("{:.0}/s", each(arrived)),
            format!(
                "{arrived} people arrived; at most {USERS} are on their way at once, the others wait outside; {through} came \
                 through ({:.0}/s), {} were on their way at the end, {} failed{failure}; {}",
                each(through),
                came.on_the_way,
                came.failed,
                came.whole.summary()
            ),
        ),
        Line::new(
            &format!("acknowledged and lost, {engine}"),
            format!("{lost} of {acknowledged}"),
            "none",
            lost == 0 && through > 0 && came.failed == 0,
            "every receipt is looked for in the table of dossiers",
        ),
        Line::new(
            &format!("status pages meanwhile, {engine}"),
            format!("p99 {:.0} ms", p99.as_secs_f64() * 1000.0),
            "p99 under 300 ms",
            p99 < Duration::from_millis(300) && status.failed == 0 && status.pages.count() > 0,
            format!(
                "/track, a dossier, /my/dossiers at {STATUS_RATE}/s: {} pages, {}; {} failed",
                status.pages.count(),
                status.pages.summary(),
                status.failed
            ),
        ),
        Line::new(
            &format!("people who saw their place in the line, {engine}"),
            format!("{} people, {} times", came.saw, came.places),
            "whoever waits",
            came.saw > 0 && came.turned_away == 0,
            format!(
                "the furthest had {} before them; {} times somebody was turned away without being held",
                came.furthest, came.turned_away
            ),
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
                    address,
                    http: Client::new(address),
                    session,
                    end,
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

/// Somebody with a browser that looks again when it is told to.
struct User {
    address: SocketAddr,
    http: Client,
    session: Session,
    /// When she gives up, because nobody measures any more.
    end: Instant,
    came: Came,
}

/// Why somebody did not come through.
enum Stopped {
    /// The time was over.
    Over,
    Failed(String),
}

impl User {
    async fn submit(&mut self, target: &Target, agency: &str) {
        let begun = Instant::now();
        let seen = self.came.places;
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
                Err(stopped) => {
                    self.stopped(stopped);
                    last = None;
                    break;
                }
            }
        }
        self.came.saw += usize::from(self.came.places > seen);
        if let Some(dossier) = last.as_deref().and_then(|path| path.strip_suffix("/receipt")) {
            self.came.receipts.push(dossier.to_owned());
            self.came.whole.add(begun.elapsed());
        }
    }

    fn stopped(&mut self, stopped: Stopped) {
        match stopped {
            Stopped::Over => self.came.on_the_way += 1,
            Stopped::Failed(words) => {
                self.came.failed += 1;
                self.came.last_failure = words;
            }
        }
    }

    /// Sends one form and looks again, as the page of the line does, until it is answered.
    async fn through(&mut self, path: &str, once: Uuid, fields: &str) -> Result<Answer, Stopped> {
        let body = format!("_csrf={}&_once={once}{fields}", self.session.csrf);
        let headers = format!("{}Accept: text/html\r\n", self.session.cookie);
        let wait = format!("/my/line/{once}");
        let mut is_held = false;
        while Instant::now() < self.end {
            let answer = if is_held {
                self.http.get(&wait, &headers).await
            } else {
                self.http.post(path, &headers, FORM, body.as_bytes()).await
            };
            let asked = if is_held { wait.as_str() } else { path };
            let answer = answer.map_err(|error| Stopped::Failed(format!("{asked}: {error}")))?;
            match answer.status {
                303 => return Ok(answer),
                202 => {
                    is_held = true;
                    self.came.places += 1;
                    self.came.furthest = self.came.furthest.max(place(&answer));
                }
                503 => self.came.turned_away += 1,
                other => return Err(Stopped::Failed(format!("{asked} of {path}: status {other}"))),
            }
            let seconds = answer.header("retry-after").and_then(|text| text.parse().ok());
            // Nobody keeps a connection while she waits.
            self.http = Client::new(self.address);
            tokio::time::sleep(Duration::from_secs(seconds.unwrap_or(2))).await;
        }
        Err(Stopped::Over)
    }
}

/// How many the page says are before who reads it.
fn place(answer: &Answer) -> usize {
    let page = String::from_utf8_lossy(&answer.body);
    let words = page.split("role=\"status\"").nth(1).unwrap_or_default();
    let words = words.split("</p>").next().unwrap_or_default();
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
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
