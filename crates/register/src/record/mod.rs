//! A record and its versions: who said so, when, why, from where, from which day it holds and since when it is known. A change
//! adds a version; a correction replaces the last one and keeps it. Owns the commands; refuses to overwrite what somebody else
//! changed meanwhile, and versions that would hold in the future.

pub mod effect;
pub(crate) mod form;
pub mod http;
pub(crate) mod rules;
pub(crate) mod store;
pub mod value;
pub(crate) mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use ::store::{Event, Once, StoreError, Tx};
use definition::expression::Value;
use identity::person::{self, Prepared};
use identity::{AccountId, UnitId};
use kernel::{Date, Timestamp};
use uuid::Uuid;

use crate::error::{RegisterError, What, Wrong};
use crate::geometry::Shape;
use crate::house::Register;
use crate::kind::Kind;

kernel::define_id!(
    /// A record, the same in all its versions.
    pub struct RecordId
);

kernel::words! {
    /// What made a version.
    Act {
        /// The record was entered.
        Add = "add",
        /// Something is different since a day.
        Change = "change",
        /// What was recorded before was wrong.
        Correct = "correct",
    }
}

kernel::words! {
    /// From where a version came.
    Source {
        /// Typed by an officer.
        Typed = "typed",
        /// A file.
        Imported = "imported",
        /// The interface.
        Interface = "interface",
        /// A message of another agency.
        Message = "message",
        /// The effect of a case.
        CaseEffect = "case-effect",
    }
}

::store::value_via_display!(Act);
::store::value_via_display!(Source);

/// A record as it is in one version.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Number of the version, from 1.
    pub revision: i64,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Since when it is known.
    pub known_at: Timestamp,
    /// What made it.
    pub act: Act,
    /// From where it came.
    pub source: Source,
    /// Where there: the row of a file, the code of a case.
    pub origin: Option<String>,
    /// Who said so.
    pub account: Option<AccountId>,
    /// The name of that officer on that day.
    pub who: String,
    /// Why.
    pub reason: Option<String>,
    /// The unit that keeps the record.
    pub unit: UnitId,
    /// The import that brought it.
    pub batch: Option<Uuid>,
    /// Where it is.
    pub shape: Option<Shape>,
    /// Values of its fields; a person is the id of its record.
    pub values: BTreeMap<String, Value>,
}

/// A version of the past, or the one that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// The record in it.
    pub record: Record,
    /// Since when another one is the last; none for the last.
    pub superseded_at: Option<Timestamp>,
    /// Whether that one is a correction of it.
    pub voided: bool,
}

/// What somebody wants to be recorded.
#[derive(Debug, Clone)]
pub struct Command {
    /// The record.
    pub id: RecordId,
    /// What makes the version.
    pub act: Act,
    /// The revision it is based on; none for a new record.
    pub seen: Option<i64>,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// From where it comes.
    pub source: Source,
    /// Where there.
    pub origin: Option<String>,
    /// Who says so.
    pub account: Option<AccountId>,
    /// Her name.
    pub who: String,
    /// Why.
    pub reason: Option<String>,
    /// The unit that keeps a new record.
    pub unit: UnitId,
    /// Where it is.
    pub shape: Option<Shape>,
    /// Values, but for people.
    pub values: BTreeMap<String, Value>,
    /// People by field, found or entered in the same transaction. A field that is not here keeps its people; an empty list
    /// takes them away.
    pub people: BTreeMap<String, Vec<Prepared>>,
}

/// Writes one version, and tells those who listen. With a key of the form it does so once.
///
/// # Errors
/// What `rules` refuse; `Duplicate`, `NotFound`, `Stale`; what the store says.
pub fn write(
    tx: &mut Tx,
    kind: &Kind,
    command: &Command,
    once: Option<Uuid>,
    now: Timestamp,
) -> Result<(RecordId, i64), RegisterError> {
    // A key is its sender's, and for one record: nobody is answered with another's.
    let by = command.account.map(|account| account.to_string()).unwrap_or_default();
    let scope = match command.act {
        Act::Add => format!("register.{}:{by}", kind.table),
        Act::Change | Act::Correct => format!("register.{}:{by}:{}", kind.table, command.id),
    };
    if let Some(key) = once
        && let Once::Again(answer) = tx.once(&scope, key, now)?
    {
        let (id, revision) = answer.split_once(' ').unwrap_or((&answer, "1"));
        let id = id.parse().unwrap_or(command.id);
        return Ok((id, revision.parse().unwrap_or(1)));
    }
    let current = store::find(tx, kind, command.id)?;
    let mut record = rules::next(command, current.as_ref(), now)?;
    people(tx, kind, command, &mut record, now)?;
    let floor = match &current {
        Some(_) => store::floor(tx, kind, command.id)?,
        None => None,
    };
    rules::decide(kind, command, &record, current.as_ref(), floor, now.local_date())?;
    let key = rules::key_fold(kind, &record.values);
    if let Some(key) = &key
        && store::with_key(tx, kind, key)?.is_some_and(|other| other != record.id)
    {
        return Err(RegisterError::Duplicate);
    }
    if let Some(current) = current {
        store::supersede(tx, kind, &current, command.act == Act::Correct, now)?;
    }
    store::insert(tx, kind, std::slice::from_ref(&record))?;
    tx.emit(&Event {
        id: event_id(&record),
        kind: "record.changed".into(),
        subject: record.id.uuid(),
        at: now,
        payload: serde_json::json!({
            "system": kind.system.code, "kind": kind.record.name, "revision": record.revision, "act": record.act,
        }),
    })?;
    if let Some(key) = once {
        tx.once_done(&scope, key, &format!("{} {}", record.id, record.revision))?;
    }
    Ok((record.id, record.revision))
}

/// The version of a record that holds.
///
/// # Errors
/// What the store says.
pub fn current(tx: &mut Tx, kind: &Kind, id: RecordId) -> Result<Option<Record>, StoreError> {
    store::find(tx, kind, id)
}

/// The record that has the key of these values; none where the kind has no key, or a field of it is empty.
///
/// # Errors
/// What the store says.
pub fn with_key(tx: &mut Tx, kind: &Kind, values: &BTreeMap<String, Value>) -> Result<Option<Record>, StoreError> {
    let Some(key) = rules::key_fold(kind, values) else {
        return Ok(None);
    };
    match store::with_key(tx, kind, &key)? {
        Some(id) => store::find(tx, kind, id),
        None => Ok(None),
    }
}

impl Register {
    /// Records what a command says; with a key of a form or of a client once, however often it is sent. Gives the record and its
    /// revision.
    ///
    /// # Errors
    /// As [`write`].
    pub async fn record(
        &self,
        kind: &Arc<Kind>,
        command: Command,
        once: Option<Uuid>,
    ) -> Result<(RecordId, i64), RegisterError> {
        let (kind, now) = (kind.clone(), self.now());
        let done = self
            .store()
            .write(move |tx| write(tx, &kind, &command, once, now))
            .await;
        match done {
            // Two clerks entered the same key at the same moment: the index saw it before we did.
            Err(RegisterError::Store(StoreError::Duplicate { .. })) => Err(RegisterError::Duplicate),
            done => done,
        }
    }

    /// Every version of a record, the last first; none when there is no such record.
    ///
    /// # Errors
    /// What the store says.
    pub async fn versions(&self, kind: &Arc<Kind>, id: RecordId) -> Result<Vec<Version>, StoreError> {
        let kind = kind.clone();
        self.store().read(move |tx| store::versions(tx, &kind, id)).await
    }
}

/// The version that held on the day `valid` as it was known at `known`.
#[must_use]
pub fn as_of(versions: &[Version], valid: Date, known: Timestamp) -> Option<&Version> {
    rules::as_of(versions, valid, known)
}

/// An id that a second run of the same write makes again.
fn event_id(record: &Record) -> Uuid {
    let hash = ring::digest::digest(
        &ring::digest::SHA256,
        format!("{}:{}", record.id, record.revision).as_bytes(),
    );
    let mut random = [0; 10];
    random.copy_from_slice(&hash.as_ref()[..10]);
    let millis = u64::try_from(record.known_at.as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Finds or enters the people of a command, and puts their ids where the fields are.
fn people(
    tx: &mut Tx,
    kind: &Kind,
    command: &Command,
    record: &mut Record,
    now: Timestamp,
) -> Result<(), RegisterError> {
    for column in kind.columns.iter().filter(|column| column.shape.is_personal()) {
        let name = &column.field.name;
        let Some(claims) = command.people.get(name) else {
            continue;
        };
        let mut ids = Vec::with_capacity(claims.len());
        for claim in claims {
            let found = person::find_or_create(tx, claim, "register", now)?.person();
            ids.push(Value::Text(found.to_string()));
        }
        let value = match (ids.len(), column.field.many) {
            (0, _) => Value::Null,
            (_, Some(_)) => Value::Many(ids),
            (1, None) => ids.remove(0),
            (_, None) => return Err(RegisterError::Invalid(vec![Wrong::new(name, What::Unreadable)])),
        };
        record.values.insert(name.clone(), value);
    }
    Ok(())
}
