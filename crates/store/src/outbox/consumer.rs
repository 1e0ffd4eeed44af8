//! The loop that brings events to one consumer: woken by commits of this node, polling for those of others, in batches,
//! tried again with growing pauses until the consumer takes them. An event that is refused holds up what follows it: order
//! is part of the promise, so that consumers with slow or doubtful work put a job into the queue instead.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use kernel::SignedDuration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Delivered,
    queue::{self, Batch, Lease},
};
use crate::{error::StoreError, store::Store, tx::Tx};

const BATCH: i64 = 100;
const POLL: Duration = Duration::from_secs(1);
const LEASE: SignedDuration = SignedDuration::from_secs(60);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Events of other kinds that are passed over before that is written down.
const PASSED_OVER: i64 = 500;

/// Why a consumer did not take a batch.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConsumeError(String);

impl ConsumeError {
    /// From whatever went wrong; the text goes to the log and to the operator.
    pub fn new(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}

impl From<StoreError> for ConsumeError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// A running consumer. Dropping it lets it run on; [`Consumer::stop`] ends it.
#[derive(Debug)]
pub struct Consumer {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Consumer {
    /// Ends the consumer after the batch it is at.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a consumer did not end well");
        }
    }
}

type Taken = Pin<Box<dyn Future<Output = Result<(), ConsumeError>> + Send>>;
type InTx = Arc<dyn Fn(&mut Tx, &[Delivered]) -> Result<(), StoreError> + Send + Sync>;

/// What a consumer does with events.
enum Handler {
    Outside(Box<dyn Fn(Vec<Delivered>) -> Taken + Send + Sync>),
    InTx(InTx),
}

impl Store {
    /// Starts a consumer of events: `handler` gets batches in order, at least once. Its position is kept under `name`;
    /// with several nodes one of them delivers at a time. No kinds means all.
    pub fn consume<H, F>(&self, name: &'static str, kinds: &'static [&'static str], handler: H) -> Consumer
    where
        H: Fn(Vec<Delivered>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), ConsumeError>> + Send + 'static,
    {
        let handler = Handler::Outside(Box::new(move |events| Box::pin(handler(events))));
        Loop::start(self.clone(), name, kinds, handler)
    }

    /// Lets consumers begin behind every event that is there: what a load brings in has had its effect long ago.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn pass_over(&self, names: &[&'static str]) -> Result<(), StoreError> {
        if self.read(queue::has_unnumbered).await? {
            while self.claim(queue::number).await? {}
        }
        let (names, now) = (names.to_vec(), self.world().now());
        self.write(move |tx| names.iter().try_for_each(|name| queue::pass_over(tx, name, now)))
            .await
    }

    /// Starts a consumer whose whole effect is rows: `handler` runs in the transaction that moves the consumer on, so that
    /// each event has its effect once.
    pub fn consume_in_tx<H>(&self, name: &'static str, kinds: &'static [&'static str], handler: H) -> Consumer
    where
        H: Fn(&mut Tx, &Delivered) -> Result<(), StoreError> + Send + Sync + 'static,
    {
        self.consume_all_in_tx(name, kinds, move |tx, events| {
            events.iter().try_for_each(|event| handler(tx, event))
        })
    }

    /// The same for a consumer that writes once what a batch of events comes to: `handler` gets them all, in their order.
    pub fn consume_all_in_tx<H>(&self, name: &'static str, kinds: &'static [&'static str], handler: H) -> Consumer
    where
        H: Fn(&mut Tx, &[Delivered]) -> Result<(), StoreError> + Send + Sync + 'static,
    {
        Loop::start(self.clone(), name, kinds, Handler::InTx(Arc::new(handler)))
    }
}

struct Loop {
    store: Store,
    name: &'static str,
    kinds: &'static [&'static str],
    handler: Handler,
    holder: Uuid,
}

/// What a round did.
enum Round {
    /// It brought a batch, and there may be more.
    More,
    /// Nothing waits, or another node brings it.
    Idle,
}

impl Loop {
    fn start(store: Store, name: &'static str, kinds: &'static [&'static str], handler: Handler) -> Consumer {
        let holder = kernel::id::uuid_v7(store.world().as_ref());
        let stop = CancellationToken::new();
        let this = Self {
            store,
            name,
            kinds,
            handler,
            holder,
        };
        let task = tokio::spawn(this.run(stop.clone()));
        Consumer { stop, task }
    }

    async fn run(self, stop: CancellationToken) {
        let wakers = self.store.wakers().clone();
        let mut failures = 0_u32;
        let mut registered = false;
        while !stop.is_cancelled() {
            // Registered before the look, so that an event that comes during it is not missed.
            let woken = wakers.outbox.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let round = if registered {
                self.round().await
            } else {
                self.register().await
            };
            match round {
                Ok(Round::More) => {
                    registered = true;
                    failures = 0;
                }
                Ok(Round::Idle) => {
                    failures = 0;
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = woken => {}
                        () = tokio::time::sleep(POLL) => {}
                    }
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    metrics::counter!("store_outbox_failures_total", "consumer" => self.name).increment(1);
                    tracing::warn!(consumer = self.name, failures, %error, "events could not be delivered; tried again");
                    let pause = PAUSE_MAX.min(Duration::from_millis(250) * (1 << failures.min(10)));
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
    }

    async fn register(&self) -> Result<Round, ConsumeError> {
        let (name, now) = (self.name, self.store.world().now());
        self.store.write(move |tx| queue::register(tx, name, now)).await?;
        Ok(Round::More)
    }

    async fn round(&self) -> Result<Round, ConsumeError> {
        self.number().await?;
        let (name, kinds) = (self.name, self.kinds);
        let (position, waiting) = self
            .store
            .read(move |tx| {
                let position = queue::position(tx, name)?;
                queue::batch(tx, position, kinds, 1).map(|batch| (position, batch))
            })
            .await?;
        if waiting.events.is_empty() && waiting.upto - position < PASSED_OVER {
            return Ok(Round::Idle);
        }
        let lease = Lease {
            holder: self.holder,
            now: self.store.world().now(),
            time: LEASE,
        };
        let Some(position) = self.store.claim(move |tx| queue::take(tx, name, lease)).await? else {
            return Ok(Round::Idle);
        };
        let batch = self
            .store
            .read(move |tx| queue::batch(tx, position, kinds, BATCH))
            .await?;
        self.deliver(batch).await
    }

    async fn number(&self) -> Result<(), StoreError> {
        if self.store.read(queue::has_unnumbered).await? {
            while self.store.claim(queue::number).await? {}
        }
        Ok(())
    }

    async fn deliver(&self, batch: Batch) -> Result<Round, ConsumeError> {
        let (name, holder) = (self.name, self.holder);
        let (is_last, count) = (batch.is_last, batch.events.len());
        let done = match &self.handler {
            Handler::Outside(handler) => self.deliver_outside(handler, batch).await,
            Handler::InTx(handler) => self
                .deliver_in_tx(handler.clone(), batch)
                .await
                .map_err(ConsumeError::from),
        };
        if let Err(error) = done {
            let text = error.to_string();
            self.store
                .claim(move |tx| queue::failed(tx, name, holder, &text))
                .await?;
            return Err(error);
        }
        metrics::counter!("store_outbox_delivered_total", "consumer" => name).increment(count as u64);
        Ok(if is_last { Round::Idle } else { Round::More })
    }

    async fn deliver_outside(
        &self,
        handler: &(dyn Fn(Vec<Delivered>) -> Taken + Send + Sync),
        batch: Batch,
    ) -> Result<(), ConsumeError> {
        let (name, holder, upto) = (self.name, self.holder, batch.upto);
        if !batch.events.is_empty() {
            handler(batch.events).await?;
        }
        let now = self.store.world().now();
        // Another node has taken the consumer when this took too long: then it delivers these events again.
        self.store
            .claim(move |tx| queue::moved(tx, name, holder, upto, now))
            .await?;
        Ok(())
    }

    async fn deliver_in_tx(&self, handler: InTx, batch: Batch) -> Result<(), StoreError> {
        let (name, holder, now) = (self.name, self.holder, self.store.world().now());
        let batch = Arc::new(batch);
        self.store
            .write(move |tx| {
                // First: who does not hold the consumer any more may not let the events have their effect.
                if !queue::moved(tx, name, holder, batch.upto, now)? {
                    return Ok(());
                }
                handler(tx, &batch.events)
            })
            .await
    }
}
