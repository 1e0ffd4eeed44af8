//! An ordinary busy hour: citizens read pages at 200 requests a second while 100 submissions a second arrive. Requests
//! are due at fixed times whether or not earlier ones were answered, and latency counts from the time that was due.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::Client;
use crate::province::Session;
use crate::stats::Latencies;
use crate::submissions::{Prepared, send};

/// Connections that share the pages out.
const READERS: u32 = 32;

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Mixed {
    pub(crate) pages: Latencies,
    pub(crate) submissions: Latencies,
    pub(crate) failed: usize,
}

/// Runs both loads for `time`.
pub(crate) async fn run(
    address: SocketAddr,
    pages: Vec<String>,
    sessions: Vec<Session>,
    prepared: Prepared,
    per_second: (u32, u32),
    time: Duration,
) -> Mixed {
    let (page_rate, send_rate) = per_second;
    let start = Instant::now() + Duration::from_millis(200);
    let mut tasks = Vec::new();
    for reader in 0..READERS {
        let pages = pages.clone();
        let session = sessions[reader as usize % sessions.len()].clone();
        tasks.push(tokio::spawn(read_pages(
            address,
            pages,
            session,
            start,
            Pace::new(reader, READERS, page_rate),
            time,
        )));
    }
    let writers = u32::try_from(prepared.queues.len()).unwrap_or(1);
    for (writer, queue) in prepared.queues.into_iter().enumerate() {
        let pace = Pace::new(u32::try_from(writer).unwrap_or(0), writers, send_rate);
        tasks.push(tokio::spawn(async move {
            let mut http = Client::new(address);
            let mut mixed = Mixed::default();
            for (step, ready) in (0_u32..).zip(queue) {
                let due = start + pace.due(step);
                if due > start + time {
                    break;
                }
                tokio::time::sleep_until(due).await;
                match send(&mut http, &ready).await {
                    Ok(answer) if answer.status == 303 => mixed.submissions.add(due.elapsed()),
                    _ => mixed.failed += 1,
                }
            }
            mixed
        }));
    }
    let mut all = Mixed::default();
    for task in tasks {
        let Ok(part) = task.await else { continue };
        all.pages.extend(part.pages);
        all.submissions.extend(part.submissions);
        all.failed += part.failed;
    }
    all
}

/// When the requests of one of several are due, so that together they make an even rate.
#[derive(Debug, Clone, Copy)]
struct Pace {
    first: Duration,
    every: Duration,
}

impl Pace {
    fn new(one: u32, of: u32, per_second: u32) -> Self {
        let every = Duration::from_secs(1) * of / per_second.max(1);
        Self {
            first: every * one / of.max(1),
            every,
        }
    }

    fn due(self, step: u32) -> Duration {
        self.first + self.every * step
    }
}

async fn read_pages(
    address: SocketAddr,
    pages: Vec<String>,
    session: Session,
    start: Instant,
    pace: Pace,
    time: Duration,
) -> Mixed {
    let mut http = Client::new(address);
    let mut mixed = Mixed::default();
    let headers = format!("{}Accept: text/html\r\nAccept-Encoding: br, gzip\r\n", session.cookie);
    for step in 0_u32.. {
        let due = start + pace.due(step);
        if due > start + time {
            break;
        }
        tokio::time::sleep_until(due).await;
        let page = &pages[(step as usize)
            .wrapping_mul(7)
            .wrapping_add(pace.first.as_millis() as usize)
            % pages.len()];
        match http.get(page, &headers).await {
            Ok(answer) if answer.status == 200 => mixed.pages.add(due.elapsed()),
            _ => mixed.failed += 1,
        }
    }
    mixed
}
