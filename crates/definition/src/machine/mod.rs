//! The one machine: states, actions, who may take them and what follows. A workflow is written as a machine, a procedure's
//! steps compile to one. It owns the shape; `graph` proves it sound, `run` moves an instance through it.
//! It refuses a state that nothing leads to, that leads nowhere, or that may last for ever.

pub(crate) mod graph;
mod instance;
mod run;

use crate::effect::{Entry, PaperKind};
use crate::expression::{Formula, Value};
use crate::fault::Place;
use crate::field::Field;
use kernel::calendar::TimeLimit;
use std::fmt;

pub use instance::{Child, Command, Consultation, Decision, Event, Instance, Pause, Refusal, Reply};
pub use run::Moment;

/// Position of a state in its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub(crate) usize);

/// States and actions. Made by the checker alone, so every [`StateId`] in it is one of its states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// All states.
    pub(crate) states: Vec<State>,
    /// All actions.
    pub(crate) actions: Vec<Action>,
    /// The first state.
    pub(crate) start: StateId,
    /// Time for the whole case.
    pub settle: Option<TimeLimit>,
}

/// A state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its name.
    pub name: String,
    /// Nothing can happen any more.
    pub end: bool,
    /// The clock of the case stands: the applicant owes something.
    pub waits: bool,
    /// How long it may last, from when it was entered; working time or days.
    pub deadline: Option<TimeLimit>,
    /// Agencies that are asked when it is entered, side by side.
    pub consult: Vec<Consult>,
    /// Another process that is started when it is entered, and ends before it can be left onwards.
    pub hand_over: Option<HandOver>,
    /// Code 1-10 of the national portal, for states of procedures.
    pub national_code: Option<u8>,
    /// Where it stands.
    pub place: Place,
}

/// An agency to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consult {
    /// The agency.
    pub agency: String,
    /// Its time; silence after it is recorded, not waited for.
    pub quota: TimeLimit,
}

/// Another unit's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// Name of the procedure.
    pub procedure: String,
    /// The tier or agency that runs it.
    pub unit: String,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// The states in which it can be taken.
    pub from: Vec<StateId>,
    /// Where it leads.
    pub to: Target,
    /// Who may take it.
    pub by: Vec<Performer>,
    /// What must be answered with it.
    pub asks: Vec<Field>,
    /// What must be true.
    pub when: Option<Formula>,
    /// What follows, in order.
    pub then: Vec<Effect>,
    /// Who may take it a second time; anybody of `by` when nothing is said.
    pub again_by: Option<Performer>,
    /// The clock of the whole case starts with it.
    pub starts_clock: bool,
    /// It goes on: consultations must be in, a hand-over must have ended.
    pub onward: bool,
    /// Where it stands.
    pub place: Place,
}

/// Where an action leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To a state.
    State(StateId),
    /// Back to the state that a waiting state interrupted.
    Resume,
}

/// Who acts, relative to the case: `desk`, `specialist@commune`, `applicant`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Performer {
    /// The role.
    pub role: String,
    /// Tier or agency; the unit that has the case when nothing is said.
    pub unit: Option<String>,
}

impl fmt::Display for Performer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            Some(unit) => write!(f, "{}@{unit}", self.role),
            None => f.write_str(&self.role),
        }
    }
}

/// What follows from an action. Engines carry it out in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A document is issued.
    Issue {
        /// Its name.
        document: String,
        /// Which kind of paper it is.
        paper: PaperKind,
    },
    /// A field of the record that the case is about gets a value.
    Set {
        /// The field.
        field: String,
        /// Its value.
        value: Value,
    },
    /// What was granted is entered in a register, or changed there.
    Register(Box<Entry>),
    /// Somebody hears of it.
    Notify {
        /// `applicant` or a role.
        whom: String,
    },
    /// A pure function of the program.
    Hook {
        /// Its name.
        name: String,
    },
}

impl fmt::Display for Effect {
    /// As cases write it: `issue felling_permit`, `set health`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issue { document, .. } => write!(f, "issue {document}"),
            Self::Set { field, .. } => write!(f, "set {field}"),
            Self::Register(entry) => write!(f, "register {}", entry.register),
            Self::Notify { whom } => write!(f, "notify {whom}"),
            Self::Hook { name } => write!(f, "hook {name}"),
        }
    }
}

impl Machine {
    /// The states, in the order of the definition.
    #[must_use]
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// The actions, in the order of the definition.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// The first state.
    #[must_use]
    pub const fn start(&self) -> StateId {
        self.start
    }

    /// The state of an id of this machine.
    #[must_use]
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.0.min(self.states.len() - 1)]
    }

    /// The id of the state of that name.
    #[must_use]
    pub fn state_named(&self, name: &str) -> Option<StateId> {
        self.states.iter().position(|state| state.name == name).map(StateId)
    }

    /// The action of that name.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name == name)
    }
}
