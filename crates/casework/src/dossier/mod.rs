//! A dossier: one request of one person under one procedure, with its state, its deadline, its papers and its history.
//! Owns every change of it; each change is one transaction that also writes who did it and an event for others.
//! Refuses to hold personal data in plain columns: what the applicant typed is one sealed value, look-up is by keyed index.
//! Law: NĐ 118/2025/NĐ-CP and TT 03/2025/TT-VPCP; Luật 91/2025/QH15 (personal data).

pub mod command;
mod error;
mod hand_over;
#[cfg(test)]
mod journeys;
pub mod rules;
pub mod state;
pub(crate) mod store;
pub mod submit;
#[cfg(test)]
pub(crate) mod tests;

use identity::{AccountId, PersonRef, UnitId};
use kernel::{DossierCode, ProcedureCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::intake::{Organisation, Paper, Party};
use crate::process::Position;
pub use error::DossierError;
pub use hand_over::{Carrier, HandOver, Proof, is_post_item};
use state::{Action, Capacity, Delivery, Entered, Outcome, Representation, State};

kernel::define_id!(
    /// A dossier. Addresses carry this, never the code: a code is printed on paper and guessed easily.
    pub struct DossierId
);
kernel::define_id!(
    /// Something typed and not yet sent.
    pub struct DraftId
);
kernel::define_id!(
    /// A file of a draft or a dossier.
    pub struct FileId
);
kernel::define_id!(
    /// One step in the history of a dossier.
    pub struct EventId
);
kernel::define_id!(
    /// One request for what is missing.
    pub struct SupplementId
);
kernel::define_id!(
    /// One stop of the clock.
    pub struct StopId
);
kernel::define_id!(
    /// One extension of a due date.
    pub struct ExtensionId
);

/// A dossier as it is stored, without its sealed parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Its id.
    pub id: DossierId,
    /// Its code, on every paper.
    pub code: DossierCode,
    /// The procedure and the version of it that holds for this dossier to its end.
    pub procedure: ProcedureCode,
    /// Version of the procedure.
    pub procedure_version: i64,
    /// The procedure's name on the day of filing.
    pub procedure_name: String,
    /// The competent agency.
    pub unit: UnitId,
    /// Its name on the day of filing.
    pub unit_name: String,
    /// The one-stop desk that receives and returns.
    pub desk: UnitId,
    /// Its name on the day of filing.
    pub desk_name: String,
    /// Whom it is about.
    pub person: PersonRef,
    /// The account that sent it; `None` when it came in on paper.
    pub account: Option<AccountId>,
    /// The applicant's name, masked ("Trần T. H.").
    pub person_mask: String,
    /// In which relation the sender stands to the person.
    pub representation: Representation,
    /// Who typed it.
    pub entered: Entered,
    /// How the result is wanted.
    pub delivery: Delivery,
    /// Where it stands.
    pub state: State,
    /// The state that a wait for the applicant interrupted.
    pub resume: Option<State>,
    /// The officer who works on it.
    pub assignee: Option<AccountId>,
    /// The officer's name.
    pub assignee_name: Option<String>,
    /// The officer who laid it before the leader.
    pub proposed_by: Option<AccountId>,
    /// What is proposed, then decided.
    pub outcome: Option<Outcome>,
    /// How often the applicant was asked for more.
    pub supplements: i64,
    /// Came in.
    pub submitted_at: Timestamp,
    /// The desk must have looked at it by then.
    pub check_by: Timestamp,
    /// Was received.
    pub received_at: Option<Timestamp>,
    /// Reception came after `check_by`.
    pub is_late_receipt: bool,
    /// The time limit that was applied ("3 working_days").
    pub time_limit: Option<String>,
    /// The result is due.
    pub due_at: Option<Timestamp>,
    /// The calendar under the due date is confirmed by the authorities.
    pub is_due_confirmed: bool,
    /// Since when the clock stands still.
    pub stopped_at: Option<Timestamp>,
    /// Was decided.
    pub decided_at: Option<Timestamp>,
    /// The result was handed over.
    pub returned_at: Option<Timestamp>,
    /// Decided after the due date.
    pub is_late: bool,
    /// Working minutes during which the clock stood still.
    pub stopped_minutes: i64,
    /// Working minutes from reception to decision, without those that stood still.
    pub worked_minutes: Option<i64>,
    /// Version of the internal process under which it runs to its end.
    pub process: i64,
    /// The step of the process at which it stands.
    pub position: Position,
    /// The unit that has it now; the competent one unless a step lies elsewhere.
    pub at: UnitId,
    /// Its name.
    pub at_name: String,
    /// How often its due date was extended.
    pub extensions: i64,
    /// Last change.
    pub changed_at: Timestamp,
    /// Grows by one with each change; two officers who act at once are told apart by it.
    pub revision: i64,
}

impl crate::Casework {
    /// A dossier as it stands, for another room that acts on it by the same rules.
    ///
    /// # Errors
    /// `NotFound`, or when the store fails.
    pub async fn dossier(&self, id: DossierId) -> Result<Dossier, DossierError> {
        self.store().read(move |tx| store::find(tx, id)).await
    }
}

impl Dossier {
    /// Whether somebody still has to do something with it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.state.is_final()
    }

    /// By what lists are ordered: the due date, and before reception the moment by which it has to be received.
    #[must_use]
    pub fn sort_at(&self) -> Timestamp {
        self.due_at.unwrap_or(self.check_by)
    }

    /// The moment the next officer has to keep, or `None` when the applicant has the turn or nobody has.
    #[must_use]
    pub fn runs_until(&self) -> Option<Timestamp> {
        match self.state {
            State::Submitted => Some(self.check_by),
            state if state.clock_runs() => self.due_at,
            _ => None,
        }
    }
}

/// What the applicant typed. Stored sealed, as one value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Content {
    /// The applicant's full name.
    pub name: String,
    /// 12-digit number.
    pub person_id: String,
    /// Telephone.
    pub phone: String,
    /// E-mail, may be empty.
    pub email: String,
    /// Address.
    pub address: String,
    /// When filed for somebody else: that person's name and number, and the ground of the right to do so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub represented: Option<Represented>,
    /// The definition whose form was answered, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<crate::definitions::Pin>,
    /// Answers by field name, in the order of the form.
    pub answers: serde_json::Map<String, serde_json::Value>,
    /// Answers that a register filled in, and from where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Postal address for the result, when it goes by post.
    #[serde(default)]
    pub post_address: String,
    /// The applicant's day of birth, as `2026-11-22`; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub birthday: String,
    /// The organisation that applies; the applicant is then the person who acts for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Organisation>,
    /// Who applies together with the applicant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Party>,
    /// What was brought on paper, when an officer took it in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<Paper>,
    /// Number of the postal item in which it came; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub post_item: String,
}

/// From which record of a register an answer came, as of which day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The answer.
    pub field: String,
    /// What the register is called.
    pub register: kernel::Bilingual,
    /// Its system and kind.
    pub kind: (String, String),
    /// The record.
    pub record: uuid::Uuid,
    /// Its version.
    pub revision: i64,
    /// The day on which it was looked up.
    pub as_of: kernel::Date,
    /// What the register said, when the applicant typed something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

/// The person somebody files for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Represented {
    /// Full name.
    pub name: String,
    /// 12-digit number; may be empty for a newborn.
    pub person_id: String,
    /// The nine digits of an old identity card; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub old_id: String,
    /// "Mother", "power of attorney no. …".
    pub ground: String,
    /// Day of birth, as `2026-11-22`; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub birthday: String,
    /// What ties a guardian to the person: a word of [`crate::intake::Tie`]; empty for a proxy.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tie: String,
}

/// One step of a dossier's history, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Order within the dossier, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What: the word of an [`Action`], or `submit`.
    pub action: String,
    /// State before; `None` for the first.
    pub from: Option<State>,
    /// State after.
    pub to: State,
    /// In which capacity.
    pub capacity: Capacity,
    /// The officer's name as shown to the public; `None` for the applicant.
    pub actor_name: Option<String>,
    /// The officer's unit.
    pub unit_name: Option<String>,
    /// The reason, sealed.
    pub note: Option<Vec<u8>>,
    /// For whom the officer acted, when she stood in for somebody who was away.
    pub for_name: Option<String>,
    /// To whom work went.
    pub to_name: Option<String>,
}

/// One thing that is missing or wrong, as a request for more, a refusal or a denial lists it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Defect {
    /// What is missing or wrong, in plain words.
    pub what: String,
    /// What to do about it; may be empty.
    #[serde(default)]
    pub remedy: String,
    /// The clause that asks for it; empty only in what was written before it had to be there.
    #[serde(default)]
    pub clause: String,
    /// What it looks like when it is right; empty only as the clause is.
    #[serde(default)]
    pub example: String,
}

impl Defect {
    /// It says by which clause, and what would be right.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.clause.trim().is_empty() && !self.example.trim().is_empty()
    }
}

/// Masks a name for lists: the family name stays, every other syllable becomes its first letter.
///
/// ```
/// assert_eq!(casework::dossier::mask_name("Trần Thị Hoa"), "Trần T. H.");
/// ```
#[must_use]
pub fn mask_name(name: &str) -> String {
    let name = kernel::fold::nfc(name);
    let mut words = name.split_whitespace();
    let Some(family) = words.next() else {
        return String::new();
    };
    let mut mask: String = family.chars().take(40).collect();
    for word in words.take(8) {
        mask.push(' ');
        mask.extend(word.chars().take(1).flat_map(char::to_uppercase));
        mask.push('.');
    }
    mask
}

/// The policy action that stands behind an action of the machine.
#[must_use]
pub const fn policy_action(action: Action, state: State) -> identity::Action {
    match action {
        Action::Receive | Action::Refuse | Action::ConfirmFee => identity::Action::DossierReceive,
        Action::AskSupplement | Action::AskFee => identity::Action::DossierRequestMore,
        Action::AnswerSupplement => identity::Action::DossierSubmitFor,
        Action::Assign => identity::Action::DossierAssign,
        Action::AttachResult if matches!(state, State::Approved) => identity::Action::DossierDeliver,
        Action::Claim | Action::Forward | Action::Propose | Action::AttachResult => identity::Action::DossierProcess,
        Action::Approve | Action::SendBack | Action::Extend => identity::Action::DossierApprove,
        Action::Return => identity::Action::DossierDeliver,
        Action::Stop => identity::Action::DossierStop,
        Action::Withdraw => identity::Action::DossierWithdraw,
    }
}
