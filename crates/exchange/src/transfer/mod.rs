//! Transfers: each change of a dossier that the portal is told, from the event of the outbox to the receipt. Owns how an event
//! becomes a transfer, how claimed ones are composed, and what answers make of them, each in one transaction for many.
//! Refuses to keep what names an applicant: that is composed when it is sent, for that purpose, with a record of the use.

pub(crate) mod compose;
pub(crate) mod hear;
pub(crate) mod http;
pub(crate) mod settle;
pub(crate) mod store;
mod told;
pub(crate) mod view;

use casework::dossier::DossierId;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::carried::Snapshot;
use crate::link::TakenBack;
use crate::machine::{Kind, Stand};
use crate::wire::Reason;

kernel::define_id!(
    /// One transfer; the same on every try: the idempotency key.
    pub struct TransferId
);

/// What a transfer carries beside its state: dates, and who did it as the public sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    /// Is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// Processing ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The result was handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<Timestamp>,
    /// The officer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub who: String,
    /// In which capacity.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub capacity: String,
    /// The officer's unit.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub division: String,
    /// Why a withdrawal at the portal was not carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<TakenBack>,
    /// Papers, results and fees.
    #[serde(skip_serializing_if = "Snapshot::is_empty")]
    pub(crate) carried: Snapshot,
}

/// A transfer as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id, and idempotency key.
    pub id: TransferId,
    /// The dossier.
    pub dossier: DossierId,
    /// Its place among the dossier's transfers.
    pub number: i64,
    /// What it carries.
    pub kind: Kind,
    /// How it stands.
    pub stand: Stand,
    /// The state that it tells.
    pub told: u8,
    /// The event behind it: `receive`, `approve`.
    pub action: String,
    /// What else it tells.
    pub facts: Facts,
    /// When the change was.
    pub at: Timestamp,
    /// Tries.
    pub tries: i64,
    /// First try.
    pub first_tried_at: Option<Timestamp>,
    /// Last try.
    pub tried_at: Option<Timestamp>,
    /// Was settled.
    pub settled_at: Option<Timestamp>,
    /// Why the last try was none.
    pub reason: Option<Reason>,
    /// What the other side said.
    pub said: Option<String>,
    /// The signed receipt.
    pub receipt: Option<String>,
}
