//! An instance of a machine, what can be said to it, and what it answers. It owns the shapes alone: `run` decides.
//! Nothing here knows ids of dossiers or accounts; whoever keeps an instance keeps those beside it.

use super::{Effect, Performer, StateId};
use crate::expression::Value;
use crate::field::Unfit;
use kernel::Timestamp;
use kernel::calendar::Deadline;
use std::collections::BTreeMap;

/// Where a case stands. Engines store it whole, beside the version of its machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its state.
    pub state: StateId,
    /// When the case was opened.
    pub opened_at: Timestamp,
    /// When the state was entered first; coming back from a wait is no new entry.
    pub entered_at: Timestamp,
    /// When the state must be left.
    pub state_due: Option<Deadline>,
    /// When the case must be settled, once its clock has started.
    pub due: Option<Deadline>,
    /// The wait for the applicant, while there is one.
    pub pause: Option<Pause>,
    /// Agencies that were asked in this state.
    pub consultations: Vec<Consultation>,
    /// The process of another unit that was started in this state.
    pub child: Option<Child>,
    /// How often each action was taken.
    pub taken: BTreeMap<String, u32>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Whether the authority's own time had run out when it ended.
    pub is_late: bool,
}

/// A wait for the applicant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// When the clock was stopped.
    pub since: Timestamp,
    /// The state that was interrupted.
    pub resume: StateId,
    /// When that state had been entered.
    pub entered_at: Timestamp,
    /// When that state was due.
    pub state_due: Option<Deadline>,
}

/// A question to another agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consultation {
    /// The agency.
    pub agency: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Until when it has time; its clock does not stop.
    pub due: Deadline,
    /// What became of it.
    pub reply: Reply,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Not yet.
    Open,
    /// It answered.
    Answered(Timestamp),
    /// It did not answer in its time; nobody waits for it any more.
    Silent(Timestamp),
}

/// Another unit's process, with a clock of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Name of the procedure.
    pub procedure: String,
    /// The tier or agency that runs it.
    pub unit: String,
    /// When it was started.
    pub opened_at: Timestamp,
    /// When this case needs it back.
    pub due: Option<Deadline>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What can be said to an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Somebody takes an action.
    Act {
        /// Its name.
        action: String,
        /// What it asks for, by name.
        answers: BTreeMap<String, Value>,
    },
    /// An agency that was asked answers.
    Reply {
        /// The agency.
        agency: String,
    },
    /// The process of the other unit has ended.
    ChildEnded,
    /// Time has passed: silence is recorded. Always granted while the case is open.
    TimePassed,
}

/// What happened, in order. Engines write one row for each, in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An action was taken.
    Acted {
        /// Its name.
        action: String,
    },
    /// A state was entered.
    Entered {
        /// The state.
        state: StateId,
        /// When it must be left.
        due: Option<Deadline>,
    },
    /// The clock of the case started.
    ClockStarted {
        /// When it must be settled.
        due: Deadline,
    },
    /// The clock stopped: the applicant owes something.
    ClockStopped,
    /// The clock goes on.
    ClockResumed {
        /// When the case must now be settled.
        due: Option<Deadline>,
    },
    /// An agency was asked.
    Consulted {
        /// The agency.
        agency: String,
        /// Its time.
        due: Deadline,
    },
    /// An agency answered.
    Replied {
        /// The agency.
        agency: String,
    },
    /// An agency let its time pass.
    Silent {
        /// The agency.
        agency: String,
    },
    /// Another unit's process was started.
    HandedOver {
        /// Name of the procedure.
        procedure: String,
        /// Tier or agency.
        unit: String,
    },
    /// That process ended.
    ChildEnded,
    /// The case ended.
    Ended {
        /// After its time had run out.
        is_late: bool,
    },
}

/// The instance after a command, what happened, and what the engine has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The instance as it is now.
    pub instance: Instance,
    /// What happened.
    pub events: Vec<Event>,
    /// What follows.
    pub effects: Vec<Effect>,
}

/// Why a command is refused. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The case has ended.
    #[error("the case has ended")]
    Ended,
    /// The machine has no such action.
    #[error("the machine has no action {0}")]
    UnknownAction(String),
    /// The action exists, but not in this state.
    #[error("{action} cannot be taken in the state {state}")]
    WrongState {
        /// The action.
        action: String,
        /// The state.
        state: String,
    },
    /// None of the actor's capacities may take it.
    #[error("not for this role: {by:?} may")]
    WrongRole {
        /// Who may.
        by: Vec<Performer>,
    },
    /// It was taken before; a second time needs somebody else.
    #[error("a second time needs {0}")]
    NeedsLeader(Performer),
    /// The condition does not hold, or is unknown.
    #[error("the condition does not hold")]
    Guard,
    /// Answers are missing or unfit.
    #[error("answers are missing or unfit: {0:?}")]
    Answers(Vec<(String, Unfit)>),
    /// Agencies still have time to answer.
    #[error("still waiting for {0:?}")]
    Consulting(Vec<String>),
    /// Another unit's process has not ended.
    #[error("still waiting for {0}")]
    HandedOver(String),
    /// Nobody is waiting for this.
    #[error("nothing is asked of {0}")]
    NotAsked(String),
    /// The instance is not one of this machine, or time runs backwards.
    #[error("the instance does not belong here")]
    Foreign,
}

impl Refusal {
    /// A stable word, for cases, texts and interfaces.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::UnknownAction(_) => "unknown-action",
            Self::WrongState { .. } => "wrong-state",
            Self::WrongRole { .. } => "wrong-role",
            Self::NeedsLeader(_) => "needs-leader",
            Self::Guard => "guard",
            Self::Answers(_) => "answers",
            Self::Consulting(_) => "consulting",
            Self::HandedOver(_) => "handed-over",
            Self::NotAsked(_) => "not-asked",
            Self::Foreign => "foreign",
        }
    }

    /// Every word, for those who write cases.
    pub const WORDS: [&'static str; 11] = [
        "ended",
        "unknown-action",
        "wrong-state",
        "wrong-role",
        "needs-leader",
        "guard",
        "answers",
        "consulting",
        "handed-over",
        "not-asked",
        "foreign",
    ];
}
