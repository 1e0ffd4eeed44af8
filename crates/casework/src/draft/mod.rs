//! A draft: what a citizen has answered so far, one sealed value, saved at each step and resumed on any device.
//! Owns the order of the steps and the building of a dossier from the answers. Refuses to keep what is wrong: a step is
//! saved when it is right, and shown again as typed when it is not.
//! Law: NĐ 45/2020/NĐ-CP Điều 10 (filing online).

pub mod http;
pub mod jobs;
pub(crate) mod known;
pub mod lookup;
pub(crate) mod moved;
pub mod rules;
pub(crate) mod store;
pub(crate) mod view;

use std::collections::{BTreeMap, BTreeSet};

use identity::{AccountId, PersonRef};
use kernel::{ProcedureCode, Timestamp};
use serde::{Deserialize, Serialize};
use web::form::Values;

use crate::definitions::Pin;
pub use crate::dossier::DraftId;
use kernel::words;

/// Drafts that one account may keep at once.
pub const DRAFTS_MAX: usize = 20;

/// Days after the last change when a draft goes away.
pub const KEPT_DAYS: i64 = 30;

words! {
    /// One page of the way from "I want this" to "sent".
    Step {
        /// Who files, for whom, how to reach her.
        Who = "who",
        /// The procedure's own questions.
        Form = "form",
        /// The papers.
        Files = "files",
        /// Which unit settles it.
        Unit = "unit",
        /// How the result is wanted.
        Delivery = "delivery",
        /// Everything once more, then send.
        Review = "review",
    }
}

/// A draft as stored, without its sealed content.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// Whose it is.
    pub account: AccountId,
    /// The person behind the account.
    pub person: PersonRef,
    /// The procedure.
    pub procedure: ProcedureCode,
    /// The version it was begun under.
    pub procedure_version: i64,
    /// The procedure's name.
    pub procedure_name: String,
    /// The step to go on with.
    pub step: Step,
    /// Grows with each change.
    pub revision: i64,
    /// Begun.
    pub created_at: Timestamp,
    /// Last change.
    pub changed_at: Timestamp,
}

/// The answers so far, step by step. Stored sealed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Answers {
    /// The definition that it was begun under, when its procedure had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Pin>,
    /// What was answered at each finished step.
    pub steps: BTreeMap<String, Values>,
    /// Steps that were answered and must be looked at once more: what they ask has changed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub again: BTreeSet<String>,
    /// What it was begun under, when that has ended meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Begun>,
    /// What registers said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub looked: lookup::AllLooked,
}

/// A version of a procedure, with the definition of its form where it had one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The version of the procedure.
    pub version: i64,
    /// The definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Pin>,
}

impl Answers {
    /// The answers of a step, if it was finished.
    #[must_use]
    pub fn of(&self, step: Step) -> Option<&Values> {
        self.steps.get(step.word())
    }

    /// Keeps the answers of a step.
    pub fn set(&mut self, step: Step, values: Values) {
        self.again.remove(step.word());
        self.steps.insert(step.word().to_owned(), values);
    }
}
