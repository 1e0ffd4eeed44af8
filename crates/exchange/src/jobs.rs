//! The background of the exchange on one node: the consumer that hears events, and the loop of rounds. Ends after the round it is
//! at. Refuses to run where no portal is set up.

use std::time::Duration;

use store::outbox::Consumer;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Exchange;
use crate::transfer::hear;

/// Between two rounds when nothing was due.
const IDLE: Duration = Duration::from_millis(250);
/// After a round that the store broke off.
const BROKEN: Duration = Duration::from_secs(2);

/// The running exchange of one node.
#[derive(Debug)]
pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
    consumer: Consumer,
}

impl Running {
    /// Ends it after the round it is at.
    pub async fn stop(self) {
        self.stop.cancel();
        self.consumer.stop().await;
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the exchange did not end well");
        }
    }
}

/// Starts the exchange of this node; none where no portal is set up.
#[must_use]
pub fn start(exchange: &Exchange) -> Option<Running> {
    exchange.portal().ok()?;
    let stop = CancellationToken::new();
    let consumer = hear::start(exchange.store());
    let task = tokio::spawn(run(exchange.clone(), stop.clone()));
    Some(Running { stop, task, consumer })
}

async fn run(exchange: Exchange, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let pause = match exchange.round().await {
            Ok(round) if round.is_idle() => IDLE,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::warn!(%error, "a round of the exchange broke off; tried again");
                BROKEN
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
