//! The outbox: every state change appends an event in its own transaction; consumers (notices, indicators, webhooks, sync)
//! read each event at least once, in one order, and are idempotent. Events name subjects by id and hold no personal data.
//!
//! The order is a `position`. SQLite has one writer, so that an event gets it at once. On PostgreSQL a transaction may
//! commit after one that began later; there consumers number committed events, one at a time under a lock, so that a late
//! event comes later in the order instead of being skipped. Unlike an order by transaction id it survives a restored dump.

mod consumer;
mod queue;

use std::borrow::Cow;

use kernel::{Timestamp, World};
use uuid::Uuid;

use crate::{
    error::StoreError,
    tx::{EngineKind, Tx},
};

pub use consumer::{ConsumeError, Consumer};
pub use queue::ConsumerState;

/// A state change that others may want to know of. Made before the transaction, which may run more than once.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id: consumers tell a second delivery by it.
    pub id: Uuid,
    /// Its kind: `dossier.submitted`.
    pub kind: Cow<'static, str>,
    /// Whom it is about.
    pub subject: Uuid,
    /// When it happened.
    pub at: Timestamp,
    /// What else there is to know: ids and codes, never personal data.
    pub payload: serde_json::Value,
}

impl Event {
    /// An event of this moment.
    pub fn new(
        world: &dyn World,
        kind: impl Into<Cow<'static, str>>,
        subject: Uuid,
        payload: serde_json::Value,
    ) -> Self {
        Self {
            id: kernel::id::uuid_v7(world),
            kind: kind.into(),
            subject,
            at: world.now(),
            payload,
        }
    }
}

/// An event as consumers get it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// Its place in the order.
    pub position: i64,
    /// The event.
    pub event: Event,
}

impl Tx {
    /// Appends an event to the outbox, in this transaction.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn emit(&mut self, event: &Event) -> Result<(), StoreError> {
        let sql = match self.engine() {
            EngineKind::Sqlite => queue::EMIT_SQLITE,
            EngineKind::Postgres => queue::EMIT_POSTGRES,
        };
        self.execute(
            sql,
            &[&event.id, &event.kind, &event.subject, &event.at, &event.payload],
        )?;
        self.signal_outbox();
        Ok(())
    }

    /// The events about a subject, oldest first, at most `limit`.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn events_of(&mut self, subject: Uuid, limit: u32) -> Result<Vec<Event>, StoreError> {
        let select = "SELECT event, kind, subject, at, payload FROM outbox WHERE subject = $1 ORDER BY id LIMIT $2";
        self.all(select, &[&subject, &limit], |row| queue::event(row, 0))
    }

    /// Where each consumer stands.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn consumers(&mut self) -> Result<Vec<ConsumerState>, StoreError> {
        queue::consumers(self)
    }

    /// Forgets events from before `before` that every consumer has had. Says how many.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn prune_outbox(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        queue::prune(self, before)
    }
}
