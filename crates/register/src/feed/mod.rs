//! What changed, since a place: each version of a record once, in one order that no later commit comes before. The order is that of
//! the outbox, whose numbers are given to committed events one after the other; a consumer writes them down in a transaction with
//! its own place. An import stands there as one row and is told record by record.
//! Refuses places that are no longer kept: a client that stayed away too long begins with the whole list.

pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use ::store::outbox::{Consumer, Delivered};
use ::store::{StoreError, Tx};
use identity::UnitId;
use kernel::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::error::RegisterError;
use crate::house::Register;
use crate::kind::Kind;
use crate::record::store as records;
use crate::record::{Record, RecordId};
use crate::{digest, hook};

/// The name under which the consumer's place is kept.
pub const CONSUMER: &str = "register.feed";
/// What is listened to.
const KINDS: &[&str] = &["record.changed", "record.imported", "record.import-undone"];
/// Days for which changes are kept.
const KEPT_DAYS: i64 = 90;

/// A place in the order of changes: a position, and within an import the last record that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    pub(crate) position: i64,
    pub(crate) within: Option<RecordId>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.within {
            None => write!(f, "{}", self.position),
            Some(record) => write!(f, "{}.{record}", self.position),
        }
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (position, within) = match text.split_once('.') {
            None => (text, None),
            Some((position, record)) => (position, Some(record.parse().map_err(drop)?)),
        };
        let position = position.parse().map_err(drop)?;
        if position < 0 {
            return Err(());
        }
        Ok(Self { position, within })
    }
}

/// A row of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) position: i64,
    pub(crate) record: Option<RecordId>,
    pub(crate) batch: Option<Uuid>,
    pub(crate) revision: Option<i64>,
    pub(crate) act: String,
    pub(crate) at: Timestamp,
}

/// What a client is told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// A version of a record, with the record as it is now.
    Version {
        place: Place,
        revision: i64,
        act: String,
        at: Timestamp,
        import: Option<Uuid>,
        record: Box<Record>,
    },
    /// All records of an import are gone.
    Undone { place: Place, at: Timestamp, import: Uuid },
}

/// A part of the order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub(crate) changes: Vec<Change>,
    /// Where the next part begins.
    pub(crate) next: Place,
    /// Whether there is one already.
    pub(crate) more: bool,
}

/// The order as it is now: what comes later comes after this place.
pub(crate) fn head(tx: &mut Tx) -> Result<Place, StoreError> {
    let position = store::head(tx)?;
    Ok(Place { position, within: None })
}

/// What changed after a place, at most about `limit` changes; records of these units, or of all.
///
/// # Errors
/// `Gone` for a place that is no longer kept.
pub(crate) fn after(
    tx: &mut Tx,
    kind: &Kind,
    units: Option<&[UnitId]>,
    place: Place,
    limit: u64,
) -> Result<Part, RegisterError> {
    // What is forgotten matters only to who had not read up to what is kept of this kind.
    let oldest = store::oldest(tx, kind)?.unwrap_or(i64::MAX);
    if place.position < oldest && place.position < store::pruned_to(tx)? {
        return Err(RegisterError::Gone);
    }
    let from = if place.within.is_some() {
        place.position - 1
    } else {
        place.position
    };
    let entries = store::entries(tx, kind, from, limit + 1)?;
    let mut more = entries.len() as u64 > limit;
    let (mut changes, mut next) = (Vec::new(), place);
    let seen = |unit: UnitId| units.is_none_or(|units| units.contains(&unit));
    for entry in entries.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
        let here = Place {
            position: entry.position,
            within: None,
        };
        if let (Some(batch), "add") = (entry.batch, entry.act.as_str()) {
            let within = place.within.filter(|_| entry.position == place.position);
            let room = limit.saturating_sub(changes.len() as u64);
            let (told, last) = batch_part(tx, kind, (batch, entry), within, room, &seen)?;
            changes.extend(told);
            if let Some(last) = last {
                // The import is longer than this part.
                next = Place {
                    within: Some(last),
                    ..here
                };
                more = true;
                break;
            }
        } else if let Some(batch) = entry.batch {
            changes.push(Change::Undone {
                place: here,
                at: entry.at,
                import: batch,
            });
        } else if let Some(id) = entry.record
            && let Some(record) = records::find(tx, kind, id)?.filter(|record| seen(record.unit))
        {
            changes.push(Change::Version {
                place: here,
                revision: entry.revision.unwrap_or(record.revision),
                act: entry.act.clone(),
                at: entry.at,
                import: None,
                record: Box::new(record),
            });
        }
        next = here;
        if changes.len() as u64 >= limit {
            more = more || entry.position != entries.last().map_or(0, |last| last.position);
            break;
        }
    }
    Ok(Part { changes, next, more })
}

/// Records of an import after the last one that was told, and the last of them when there are more. What was changed since stands
/// later in the order as well.
fn batch_part(
    tx: &mut Tx,
    kind: &Kind,
    (batch, entry): (Uuid, &Entry),
    within: Option<RecordId>,
    room: u64,
    seen: &dyn Fn(UnitId) -> bool,
) -> Result<(Vec<Change>, Option<RecordId>), RegisterError> {
    let from = match within {
        Some(last) => last,
        None => first_of(tx, batch)?,
    };
    let found = records::of_batch(tx, kind, batch, from, room.max(1))?;
    let last = found
        .last()
        .map(|record| record.id)
        .filter(|_| found.len() as u64 == room.max(1));
    let told = found.into_iter().filter(|record| seen(record.unit));
    let told = told.map(|record| Change::Version {
        place: Place {
            position: entry.position,
            within: Some(record.id),
        },
        revision: record.revision,
        act: entry.act.clone(),
        at: entry.at,
        import: Some(batch),
        record: Box::new(record),
    });
    Ok((told.collect(), last))
}

/// The least id that a record of an import can have: ids begin with their time. A clock that was set back a little does no harm.
fn first_of(tx: &mut Tx, batch: Uuid) -> Result<RecordId, RegisterError> {
    let Some(began) = store::import_began(tx, batch)? else {
        return Ok(RecordId::from_uuid(Uuid::nil()));
    };
    let from = began - SignedDuration::from_hours(1);
    let millis = u64::try_from(from.as_micros() / 1_000).unwrap_or(0);
    Ok(RecordId::from_uuid(
        uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid(),
    ))
}

/// Starts writing changes down, and waking those who are told of them.
#[must_use]
pub fn start(register: &Register) -> Consumer {
    register.store().consume_all_in_tx(CONSUMER, KINDS, note)
}

/// Writes changes down.
pub(crate) fn note(tx: &mut Tx, events: &[Delivered]) -> Result<(), StoreError> {
    let mut woken: Vec<(String, String)> = Vec::new();
    for delivered in events {
        let (event, word) = (&delivered.event, |name: &str| {
            delivered.event.payload[name].as_str().unwrap_or_default().to_owned()
        });
        let (system, kind) = (word("system"), word("kind"));
        let (record, batch, act) = match event.kind.as_ref() {
            "record.changed" => (Some(event.subject), None, word("act")),
            "record.imported" => (None, Some(event.subject), "add".to_owned()),
            _ => (None, Some(event.subject), "undone".to_owned()),
        };
        let entry = Entry {
            position: delivered.position,
            record: record.map(RecordId::from_uuid),
            batch,
            revision: event.payload["revision"].as_i64(),
            act,
            at: event.at,
        };
        store::insert(tx, &system, &kind, &entry)?;
        if !woken.contains(&(system.clone(), kind.clone())) {
            woken.push((system, kind));
        }
    }
    let Some(last) = events.last() else { return Ok(()) };
    for (system, kind) in woken {
        hook::wake(tx, &system, &kind, &last.event)?;
        digest::plan(tx, &system, &kind, &last.event)?;
    }
    Ok(())
}

/// Forgets changes that are older than [`KEPT_DAYS`], but for the last of each kind.
///
/// # Errors
/// As [`Tx::execute`].
pub fn prune(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    store::prune(tx, now - SignedDuration::from_hours(24 * KEPT_DAYS))
}
