//! Durable submissions: drafts are filled in beforehand, then 64 clients press *send* as fast as they are answered. Each
//! send goes through HTTP, session, form token, policy, sealing, and one durable transaction with every row of a dossier.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::client::{Answer, Client};
use crate::province::{Province, Session, Target};
use crate::stats::Latencies;

/// Drafts that one account may hold, less one.
const DRAFTS_PER_ACCOUNT: usize = 19;

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A draft that waits for its last press.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    session: Session,
    path: String,
}

/// Ready drafts, shared out to clients.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) queues: Vec<VecDeque<Ready>>,
}

/// What a run of submissions gave.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub(crate) latencies: Latencies,
    pub(crate) elapsed: Duration,
    pub(crate) refused: usize,
    pub(crate) last_refusal: String,
}

impl Sent {
    /// Submissions per second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.count() as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }
}

/// Fills in `count` drafts over HTTP, spread over agencies and over `clients` queues.
pub(crate) async fn prepare(
    province: &Province,
    sessions: &[Session],
    target: &Target,
    count: usize,
    clients: usize,
) -> Result<Prepared, String> {
    if sessions.len() * DRAFTS_PER_ACCOUNT < count {
        return Err(format!("{} accounts hold no {count} drafts", sessions.len()));
    }
    let address = province.address;
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let (sessions, target) = (sessions.to_vec(), target.clone());
            tokio::spawn(async move {
                let mut http = Client::new(address);
                let mut ready = VecDeque::new();
                for at in (client..count).step_by(clients) {
                    let session = &sessions[at % sessions.len()];
                    let agency = &target.agencies[at % target.agencies.len()];
                    ready.push_back(fill_in(&mut http, session, &target, agency).await?);
                }
                Ok::<_, String>(ready)
            })
        })
        .collect();
    let mut queues = Vec::new();
    for task in tasks {
        queues.push(task.await.map_err(|error| error.to_string())??);
    }
    Ok(Prepared { queues })
}

/// Begins a draft and answers every step but the last.
async fn fill_in(http: &mut Client, session: &Session, target: &Target, agency: &str) -> Result<Ready, String> {
    let id = fresh();
    let begin = post(
        http,
        session,
        &format!("/procedures/{}/start", target.procedure),
        id,
        "",
    )
    .await;
    expect_redirect(&begin, "start")?;
    let base = format!("/my/drafts/{id}");
    for (step, fields) in steps(target, agency) {
        let answer = post(http, session, &format!("{base}/{step}"), fresh(), &fields).await;
        expect_redirect(&answer, step)?;
    }
    Ok(Ready {
        session: session.clone(),
        path: format!("{base}/review"),
    })
}

/// The steps between the beginning and the review, with what is answered.
pub(crate) fn steps(target: &Target, agency: &str) -> [(&'static str, String); 5] {
    let papers: Vec<String> = (0..target.papers).map(|at| format!("&paper-{at}=yes")).collect();
    [
        (
            "who",
            "&representation=own&applicant=person&phone=0912345678&address=Th%C3%B4n+3%2C+x%C3%A3+%C4%90%E1%BB%A9c+Th%E1%BB%8D"
                .to_owned(),
        ),
        (
            "form",
            "&request=Xin+c%E1%BA%A5p+hai+b%E1%BA%A3n+sao+tr%C3%ADch+l%E1%BB%A5c+khai+sinh+cho+con".to_owned(),
        ),
        ("files", papers.concat()),
        ("unit", format!("&unit={agency}")),
        ("delivery", "&delivery=pick-up".to_owned()),
    ]
}

fn expect_redirect(answer: &io::Result<Answer>, step: &str) -> Result<(), String> {
    match answer {
        Ok(answer) if answer.status == 303 => Ok(()),
        Ok(answer) => Err(format!(
            "{step}: status {}\n{}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        )),
        Err(error) => Err(format!("{step}: {error}")),
    }
}

async fn post(http: &mut Client, session: &Session, path: &str, once: Uuid, fields: &str) -> io::Result<Answer> {
    let body = format!("_csrf={}&_once={once}{fields}", session.csrf);
    let headers = format!("{}Accept: text/html\r\n", session.cookie);
    http.post(path, &headers, FORM, body.as_bytes()).await
}

/// Presses *send* on one draft.
pub(crate) async fn send(http: &mut Client, ready: &Ready) -> io::Result<Answer> {
    post(http, &ready.session, &ready.path, fresh(), "&declared=yes").await
}

/// Sends everything, each client as fast as it is answered, until the time is over or nothing is left.
pub(crate) async fn send_all(address: SocketAddr, prepared: Prepared, most: Duration) -> Sent {
    let started = Instant::now();
    let tasks: Vec<_> = prepared
        .queues
        .into_iter()
        .map(|queue| tokio::spawn(send_queue(address, queue, started, most)))
        .collect();
    let mut sent = Sent::default();
    for task in tasks {
        let Ok(part) = task.await else { continue };
        sent.latencies.extend(part.latencies);
        sent.refused += part.refused;
        if !part.last_refusal.is_empty() {
            sent.last_refusal = part.last_refusal;
        }
    }
    sent.elapsed = started.elapsed();
    sent
}

async fn send_queue(address: SocketAddr, queue: VecDeque<Ready>, started: Instant, most: Duration) -> Sent {
    let mut http = Client::new(address);
    let mut sent = Sent::default();
    for ready in queue {
        if started.elapsed() > most {
            break;
        }
        let begun = Instant::now();
        match send(&mut http, &ready).await {
            Ok(answer) if answer.status == 303 => sent.latencies.add(begun.elapsed()),
            Ok(answer) => {
                sent.refused += 1;
                sent.last_refusal = format!("status {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
            }
            Err(error) => {
                sent.refused += 1;
                sent.last_refusal = error.to_string();
            }
        }
    }
    sent
}

pub(crate) fn fresh() -> Uuid {
    Uuid::from_u128(rand::random())
}
