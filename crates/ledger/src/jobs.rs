//! The background of the log on one node: taking in what waits, asking witnesses, writing files. Three loops, so that none waits for
//! another, and no request for any of them. Whatever breaks off is begun anew.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::error::LedgerError;
use crate::house::Ledger;
use crate::publish;

/// Between two looks at what waits.
const IDLE: Duration = Duration::from_millis(200);
/// Between two looks at witnesses and files: every checkpoint more often would be work for nothing.
const SLOW: Duration = Duration::from_secs(1);
/// After a round that broke off.
const BROKEN: Duration = Duration::from_secs(2);

/// The running log of one node.
#[derive(Debug)]
pub struct Running {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Ends it after the rounds it is at.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "the log did not end well");
            }
        }
    }
}

/// Starts the log of this node.
#[must_use]
pub fn start(ledger: &Ledger) -> Running {
    let stop = CancellationToken::new();
    let mut tasks = vec![tokio::spawn(take_in(ledger.clone(), stop.clone()))];
    if !ledger.config().witnesses.is_empty() {
        tasks.push(tokio::spawn(ask(ledger.clone(), stop.clone())));
    }
    if ledger.config().folder.is_some() {
        tasks.push(tokio::spawn(write(ledger.clone(), stop.clone())));
    }
    Running { stop, tasks }
}

async fn take_in(ledger: Ledger, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let pause = match ledger.round().await {
            Ok(Some(_)) => Duration::ZERO,
            Ok(None) => IDLE,
            Err(error) => broken(&error),
        };
        rest(&stop, pause).await;
    }
}

async fn ask(ledger: Ledger, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            asked = ledger.witness_round() => asked,
        };
        let pause = match asked {
            Ok(_) => SLOW,
            Err(error) => broken(&error),
        };
        rest(&stop, pause).await;
    }
}

async fn write(ledger: Ledger, stop: CancellationToken) {
    let Some(folder) = ledger.config().folder.clone() else {
        return;
    };
    while !stop.is_cancelled() {
        let pause = match publish::write(&ledger, &folder).await {
            Ok(_) => SLOW,
            Err(error) => broken(&error),
        };
        rest(&stop, pause).await;
    }
}

fn broken(error: &LedgerError) -> Duration {
    match error {
        LedgerError::Damaged(_) => tracing::error!(%error, "nothing is added to the log"),
        _ => tracing::warn!(%error, "a round of the log broke off; tried again"),
    }
    BROKEN
}

async fn rest(stop: &CancellationToken, pause: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(pause) => {}
    }
}
