//! The consumer that keeps facts and cells right: for each event of a dossier it looks at the dossier as it is now, compares
//! with the fact that is kept, and adds the difference to the cells, in the transaction that moves the consumer on.
//! Refuses to count events: one that comes twice, or late, finds nothing to change.

use std::sync::Arc;

use casework::dossier::DossierId;
use kernel::Timestamp;
use kernel::calendar::WorkingCalendar;
use store::outbox::{Consumer, Delivered};
use store::{Store, StoreError, Tx};
use uuid::Uuid;

use super::Fact;
use super::store as table;
use crate::cause;
use crate::cause::cell::Parts;
use crate::cell::{Ledger, differences};

/// The name under which the consumer's place is kept.
pub const CONSUMER: &str = "indicator.fact";

/// The event by which others learn that a dossier ended late, with its longest holder.
pub const LATE: &str = "figure.late";

/// The event by which another room says, with evidence, to whom a lateness is put down. Its payload is `{"to": "person"}` or
/// `{"to": "system"}`, its subject the dossier.
pub const ATTRIBUTED: &str = "lateness.attributed";

/// What changes a fact.
const KINDS: &[&str] = &[
    "dossier.submitted",
    "dossier.receive",
    "dossier.refuse",
    "dossier.ask-supplement",
    "dossier.answer-supplement",
    "dossier.ask-fee",
    "dossier.confirm-fee",
    "dossier.assign",
    "dossier.claim",
    "dossier.forward",
    "dossier.propose",
    "dossier.approve",
    "dossier.send-back",
    "dossier.attach-result",
    "dossier.return",
    "dossier.extend",
    "dossier.stop",
    "dossier.withdraw",
    "dossier.succeeded",
    "dossier.move-process",
    "bill.issued",
    "bill.paid",
    "paper.issued",
    ATTRIBUTED,
];

/// Starts the consumer of this node.
#[must_use]
pub fn start(store: &Store, calendar: &Arc<WorkingCalendar>) -> Consumer {
    let calendar = calendar.clone();
    store.consume_all_in_tx(CONSUMER, KINDS, move |tx, delivered| take(tx, delivered, &calendar))
}

/// Takes events in their order. What they change in cells is written once for all of them.
pub(crate) fn take(tx: &mut Tx, delivered: &[Delivered], calendar: &WorkingCalendar) -> Result<(), StoreError> {
    let mut ledger = Ledger::default();
    for one in delivered {
        let event = &one.event;
        let dossier = DossierId::from_uuid(event.subject);
        if event.kind == ATTRIBUTED {
            let to = event.payload.get("to").and_then(serde_json::Value::as_str);
            table::attribute(tx, dossier, to.and_then(|to| to.parse().ok()), event.at)?;
        }
        // Made from the event's own id, so that a second delivery would emit the same one.
        let told = Uuid::from_u128(event.id.as_u128() ^ 0xf1);
        refresh(tx, dossier, calendar, (told, event.at), &mut ledger)?;
    }
    ledger.write(tx)
}

/// Brings the fact of a dossier up to what the dossier is now, and notes in the ledger what that changes in cells. Says whether
/// anything changed.
///
/// # Errors
/// When the store fails.
pub(crate) fn refresh(
    tx: &mut Tx,
    dossier: DossierId,
    calendar: &WorkingCalendar,
    (told, at): (Uuid, Timestamp),
    ledger: &mut Ledger,
) -> Result<bool, StoreError> {
    let Some(after) = table::of_dossier(tx, dossier)? else {
        return Ok(false);
    };
    let before = table::find(tx, dossier)?;
    if before.as_ref() == Some(&after) {
        return Ok(false);
    }
    table::put(tx, &after)?;
    for (key, difference) in differences(before.as_ref(), &after) {
        ledger.add(&key, &difference);
    }
    let is_late = |fact: &&Fact| fact.is_counted && fact.is_late;
    let was_late = before.as_ref().filter(is_late);
    if let Some(fact) = was_late
        && let Some(known) = cause::store::find(tx, dossier)?
    {
        ledger.causes.add(fact, known.cause, Parts::of(fact, &known).minus());
    }
    if is_late(&&after) {
        let found = cause::of(tx, &after, calendar)?;
        cause::store::put(tx, dossier, &found)?;
        ledger.causes.add(&after, found.cause, Parts::of(&after, &found));
        if was_late.is_none() {
            tell(tx, &after, &found, told, at)?;
        }
    } else if was_late.is_some() {
        cause::store::delete(tx, dossier)?;
    }
    Ok(true)
}

fn tell(tx: &mut Tx, fact: &Fact, found: &cause::Waited, told: Uuid, at: Timestamp) -> Result<(), StoreError> {
    tx.emit(&store::Event {
        id: told,
        kind: LATE.into(),
        subject: fact.dossier.uuid(),
        at,
        payload: serde_json::json!({
            "code": fact.code, "unit": fact.unit, "procedure": fact.procedure, "cause": found.cause.word(),
            "due_at": fact.due_at, "ended_at": fact.ended_at,
        }),
    })
}
