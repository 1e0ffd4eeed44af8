//! One change to many records at once: what is changed is looked at first, with how many there are and what becomes of them; then it
//! is one batch with one reason, which can be undone. Each record gets a version of its own, by the same rules as any other.
//! Refuses to overwrite: who changed a record after the list was looked at is passed over, and so is an undo of what was changed
//! since. People are not changed in bulk.

pub mod http;
mod jobs;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use definition::expression::Value;
use identity::{AccountId, UnitId};
use kernel::{Date, Timestamp};

use crate::kind::{Column, Kind};
use crate::record::{Act, Command, Record, RecordId, Source, rules};

pub use jobs::jobs;

kernel::define_id!(
    /// A bulk edit.
    pub struct BulkId
);

kernel::words! {
    /// How a bulk edit stands.
    State {
        /// Records are being changed.
        Running = "running",
        /// Every record was looked at.
        Done = "done",
        /// What it changed is being taken back.
        Undoing = "undoing",
        /// It was taken back.
        Undone = "undone",
    }
}

kernel::words! {
    /// What became of a record.
    RowState {
        /// Nothing yet.
        Waiting = "waiting",
        /// It has a version by this edit.
        Changed = "changed",
        /// It had the value already.
        Same = "same",
        /// Somebody changed it after the list was looked at.
        Passed = "passed",
        /// A rule refused it.
        Refused = "refused",
        /// The change was taken back.
        Undone = "undone",
        /// It was changed since: the change was not taken back.
        Kept = "kept",
    }
}

::store::value_via_display!(State);
::store::value_via_display!(RowState);

/// The job that works on a bulk edit.
pub(crate) const JOB: &str = "register.bulk";
/// Most records of one edit.
pub(crate) const RECORDS_MAX: u64 = 5_000;

/// A bulk edit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bulk {
    pub(crate) id: BulkId,
    pub(crate) system: String,
    pub(crate) kind: String,
    pub(crate) field: String,
    /// The new value as the interface writes it.
    pub(crate) value: serde_json::Value,
    pub(crate) reason: String,
    pub(crate) valid_from: Date,
    pub(crate) state: State,
    pub(crate) account: Option<AccountId>,
    pub(crate) who: String,
    pub(crate) unit: UnitId,
    pub(crate) undone_who: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
}

/// A record of a bulk edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) record: RecordId,
    pub(crate) seen: i64,
    pub(crate) state: RowState,
    pub(crate) revision: Option<i64>,
}

/// Fields that can be changed in bulk: those that are in use, name nobody and are no part of the key.
pub(crate) fn fields(kind: &Kind) -> Vec<&Column> {
    let is_free = |column: &&Column| {
        !column.field.retired && !column.shape.is_personal() && !kind.record.key.contains(&column.field.name)
    };
    kind.columns.iter().filter(is_free).collect()
}

impl Bulk {
    fn value(&self, kind: &Kind) -> Value {
        let column = kind.column(&self.field);
        let read = column.map(|column| crate::record::value::from_json(column.field, &self.value));
        read.and_then(Result::ok).unwrap_or(Value::Null)
    }

    /// The command that gives a record the new value.
    fn change(&self, kind: &Kind, record: &Record, seen: i64) -> Command {
        self.command(
            record,
            seen,
            (self.field.clone(), self.value(kind)),
            Act::Change,
            self.reason.clone(),
        )
    }

    /// The command that gives it back what it had before.
    fn back(&self, record: &Record, before: &Record, who: &str, words: String) -> Command {
        let old = before.values.get(&self.field).cloned().unwrap_or(Value::Null);
        let mut command = self.command(record, record.revision, (self.field.clone(), old), Act::Correct, words);
        who.clone_into(&mut command.who);
        command.valid_from = record.valid_from;
        command
    }

    fn command(&self, record: &Record, seen: i64, value: (String, Value), act: Act, reason: String) -> Command {
        Command {
            id: record.id,
            act,
            seen: Some(seen),
            // A version never begins before the one that it follows.
            valid_from: self.valid_from.max(record.valid_from),
            source: Source::Typed,
            origin: Some(format!("bulk:{}", self.id)),
            account: self.account,
            who: self.who.clone(),
            reason: Some(reason),
            unit: record.unit,
            shape: record.shape.clone(),
            values: std::iter::once(value).collect(),
            people: std::collections::BTreeMap::new(),
        }
    }
}

/// What an edit would do to one record: the value that it has, and why it would not change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Preview {
    pub(crate) record: Record,
    pub(crate) outcome: RowState,
    pub(crate) wrong: Vec<crate::error::Wrong>,
}

/// Looks at a record as the edit will.
pub(crate) fn preview(kind: &Kind, record: Record, field: &str, value: &Value, today: Date) -> Preview {
    let mut next = record.values.clone();
    if *value == Value::Null {
        next.remove(field);
    } else {
        next.insert(field.to_owned(), value.clone());
    }
    if next == record.values {
        return Preview {
            record,
            outcome: RowState::Same,
            wrong: Vec::new(),
        };
    }
    let wrong = rules::faults(kind, &next, today);
    Preview {
        outcome: if wrong.is_empty() {
            RowState::Changed
        } else {
            RowState::Refused
        },
        record,
        wrong,
    }
}
