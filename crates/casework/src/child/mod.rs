//! The child dossier: the part of a dossier that another unit took over, with its own number, state, steps and clock. Owns its
//! way from being sent to its answer, the stops of its clock, its reminders and whose lateness it is.
//! Refuses to be counted as a dossier (it is none: the applicant filed one), to stop its parent's clock, and a second unit in the
//! same chain. Who sent it stays responsible for following it up until the other unit has accepted.
//! Law: NĐ 118/2025/NĐ-CP (agencies that settle together, each in its time), TT 21/2023/TT-BTTTT functions 6 and 15.

mod act;
mod clock;
mod files;
mod form;
mod handed;
pub mod http;
pub(crate) mod jobs;
pub(crate) mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

pub(crate) use act::{end_all, hold_all, open, release_all, succeed};
pub(crate) use handed::HandedBySteps;

use identity::{AccountId, UnitId};
use kernel::calendar::TimeLimit;
use kernel::{ProcedureCode, Timestamp, words};

use crate::dossier::{DossierError, DossierId};
use crate::process::{Position, Process};

kernel::define_id!(
    /// A child dossier. It is the id of the request that it answers.
    pub struct ChildId
);

words! {
    /// Where a child dossier stands.
    ChildState {
        /// Sent; the other unit has not said a word yet.
        Sent = "sent",
        /// The other unit has it, no officer yet.
        Accepted = "accepted",
        /// An officer of it works on it.
        Processing = "processing",
        /// Its leader decides.
        Proposed = "proposed",
        /// The unit that sent it was asked; its clock stands still.
        Waiting = "waiting",
        /// Answered.
        Answered = "answered",
        /// Not its business; given back with the reason.
        GivenBack = "given-back",
        /// Sent on to a third unit.
        SentOn = "sent-on",
        /// The unit that sent it took it back.
        TakenBack = "taken-back",
        /// The dossier itself was decided, withdrawn or stopped.
        Ended = "ended",
    }
}

impl ChildState {
    /// Somebody still has to do something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Sent | Self::Accepted | Self::Processing | Self::Proposed | Self::Waiting
        )
    }
}

words! {
    /// What is done with a child dossier.
    ChildAction {
        /// The other unit takes it.
        Accept = "accept",
        /// An officer of it takes the work.
        Claim = "claim",
        /// Its leader gives the work to an officer.
        Assign = "assign",
        /// The unit that sent it is asked for something; the clock stands still.
        AskBack = "ask-back",
        /// That unit answers; the clock goes on.
        Reply = "reply",
        /// The step is done, the next one begins.
        Forward = "forward",
        /// The answer is laid before the leader.
        Propose = "propose",
        /// The leader wants it done again.
        SendBack = "send-back",
        /// The leader lets the answer go.
        Approve = "approve",
        /// It is not this unit's business.
        GiveBack = "give-back",
        /// It is a third unit's business.
        SendOn = "send-on",
        /// The unit that sent it needs it no more.
        TakeBack = "take-back",
    }
}

impl ChildAction {
    /// Whether the unit that sent it does this, not the one that has it.
    #[must_use]
    pub const fn is_senders(self) -> bool {
        matches!(self, Self::Reply | Self::TakeBack)
    }
}

words! {
    /// Why its clock stands still.
    StopCause {
        /// The dossier waits for its applicant.
        Parent = "parent",
        /// The unit that sent it was asked: that unit's time.
        Asked = "asked",
    }
}

/// A child dossier as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Its id.
    pub id: ChildId,
    /// The dossier it is part of.
    pub dossier: DossierId,
    /// Counted within the dossier, from 1.
    pub number: i64,
    /// The dossier's code with this number behind it.
    pub code: String,
    /// The one that was sent on to this unit.
    pub previous: Option<ChildId>,
    /// The unit that works on it.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Who sent it.
    pub from_name: String,
    /// Whose process it runs under; none for the one that all have.
    pub procedure: Option<ProcedureCode>,
    /// Version of that process.
    pub process: i64,
    /// Its time, as a limit.
    pub quota: String,
    /// The step at which it stands.
    pub position: Position,
    /// Where it stands.
    pub state: ChildState,
    /// The state that a question to the sender interrupted.
    pub resume: Option<ChildState>,
    /// Who works on it.
    pub assignee: Option<AccountId>,
    /// Her name.
    pub assignee_name: Option<String>,
    /// Who laid the answer before the leader.
    pub proposed_by: Option<AccountId>,
    /// Since when its clock runs.
    pub sent_at: Timestamp,
    /// The other unit must have accepted or given it back by then.
    pub accept_by: Timestamp,
    /// When it accepted.
    pub accepted_at: Option<Timestamp>,
    /// It accepted after `accept_by`.
    pub is_late_accept: bool,
    /// The answer is due.
    pub due_at: Timestamp,
    /// The calendar under the due date is confirmed.
    pub is_due_confirmed: bool,
    /// The dossier waits for its applicant.
    pub is_held: bool,
    /// Since when the clock stands still, for whatever cause.
    pub stopped_at: Option<Timestamp>,
    /// Working minutes during which it stood still.
    pub stopped_minutes: i64,
    /// Those of them after the due date.
    pub late_paused_minutes: i64,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// It ended after its due date.
    pub is_late: bool,
    /// Working minutes over while this unit had it: its lateness, nobody else's.
    pub late_minutes: i64,
    /// Working minutes from being sent to its end, without those that stood still.
    pub worked_minutes: Option<i64>,
    /// Last change.
    pub changed_at: Timestamp,
    /// Grows by one with each change.
    pub revision: i64,
}

impl Child {
    /// Somebody still has to do something.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    /// Its time as a limit.
    ///
    /// # Errors
    /// `Damaged` when the stored text is none.
    pub(crate) fn limit(&self) -> Result<TimeLimit, DossierError> {
        let read = self.quota.parse();
        read.map_err(|_| DossierError::Damaged(format!("{:?} is no time limit", self.quota)))
    }

    /// Working minutes over at `now` or at its end: whose unit it is, has this lateness.
    #[must_use]
    pub fn over(&self, now: Timestamp, calendar: &kernel::calendar::WorkingCalendar) -> i64 {
        if self.is_open() {
            clock::late_minutes(self, now, calendar)
        } else {
            self.late_minutes
        }
    }
}

/// One step of its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChildEvent {
    pub(crate) seq: i64,
    pub(crate) at: Timestamp,
    /// The word of a [`ChildAction`], or one of the steps that nobody takes by a form.
    pub(crate) action: String,
    pub(crate) from: Option<ChildState>,
    pub(crate) to: ChildState,
    pub(crate) step: String,
    pub(crate) account: Option<AccountId>,
    pub(crate) actor_name: Option<String>,
    pub(crate) unit_name: Option<String>,
    pub(crate) to_name: Option<String>,
    pub(crate) note: Option<Vec<u8>>,
}

/// One stop of its clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChildStop {
    pub(crate) cause: StopCause,
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) due_before: Timestamp,
    pub(crate) due_after: Option<Timestamp>,
}

/// Steps that no form takes: it was sent, its dossier began or ceased to wait, ended, or its unit was followed by another.
pub(crate) const SEND: &str = "send";
pub(crate) const HOLD: &str = "hold";
pub(crate) const RELEASE: &str = "release";
pub(crate) const END: &str = "end";
pub(crate) const SUCCEED: &str = "succeed";

/// The process that work handed over runs under, asked for before the transaction.
#[derive(Debug, Clone)]
pub(crate) struct Handed {
    pub(crate) procedure: Option<ProcedureCode>,
    pub(crate) process: Process,
    pub(crate) quota: TimeLimit,
}

/// Where the reason of a step is sealed.
pub(crate) fn note_context(child: ChildId, seq: i64) -> String {
    format!("child_event.note:{child}/{seq}")
}
