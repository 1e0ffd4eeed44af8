//! The desk: what an officer has to do today, and every dossier on the way. Owns work lists, the dossier page for officers,
//! the forms of the actions, and the day's registers.
//! Refuses personal data in lists (names are masked) and full data without a recorded use.
//! Law: NĐ 118/2025/NĐ-CP (one-stop desks), TT 03/2025/TT-VPCP (forms, register of dossiers).

pub(crate) mod act;
pub(crate) mod actions;
pub mod api;
pub(crate) mod choices;
pub mod defects;
pub mod http;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod view;

pub(crate) use view::row;

use identity::policy::Action;
use identity::unit::{UnitBook, UnitKind};
use identity::{Caller, Resource, Role, UnitId};

use crate::Casework;
use crate::dossier::state::{Capacity, State};
use crate::dossier::{Dossier, policy_action};
use crate::process::Process;
use kernel::words;

words! {
    /// A view of the work list.
    Tab {
        /// Everything open.
        All = "all",
        /// Mine.
        Mine = "mine",
        /// Of those for whom I stand in.
        StandIn = "stand-in",
        /// Past its moment.
        Overdue = "overdue",
        /// Its moment is today.
        Today = "today",
        /// The applicant has the turn.
        Waiting = "waiting",
        /// Decided, to be handed over.
        ToReturn = "to-return",
        /// Ended.
        Closed = "closed",
    }
}

words! {
    /// A register of a day.
    Register {
        /// Came in.
        Submitted = "submitted",
        /// Were received.
        Received = "received",
        /// Were received later than eight working hours.
        LateReceipt = "late-receipt",
        /// Were decided, refused, stopped or withdrawn.
        Decided = "decided",
        /// Were decided after the due date.
        Late = "late",
        /// Were handed over.
        Returned = "returned",
    }
}

words! {
    /// The colour of a deadline, as the list can be narrowed by it.
    Colour {
        /// Past its moment.
        Late = "late",
        /// Less than a working day is left.
        Soon = "soon",
        /// There is time.
        InTime = "in-time",
        /// The clock stands still.
        Stopped = "stopped",
    }
}

impl Tab {
    /// The states that the view shows.
    #[must_use]
    pub fn states(self) -> Vec<State> {
        let all = State::ALL.iter().copied();
        match self {
            Self::All | Self::Mine | Self::StandIn => all.filter(|state| !state.is_final()).collect(),
            Self::Overdue | Self::Today => all
                .filter(|state| state.clock_runs() || *state == State::Submitted)
                .collect(),
            Self::Waiting => all.filter(|state| state.waits_for_applicant()).collect(),
            Self::ToReturn => vec![State::Approved],
            Self::Closed => all.filter(|state| state.is_final()).collect(),
        }
    }
}

/// By which column a list is narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ScopeKind {
    /// The competent unit.
    Unit,
    /// The desk that receives and returns.
    Desk,
}

/// What an officer may see: units by one of the two columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) kind: ScopeKind,
    pub(crate) units: Vec<UnitId>,
}

impl Scope {
    /// The units at which `caller` may do `action`. Who acts at a desk sees what the desk received; everybody else sees what
    /// lies at the competent unit.
    pub(crate) fn of(house: &Casework, book: &UnitBook, caller: &Caller, action: Action) -> Self {
        let at_desk = caller
            .officer()
            .and_then(|officer| officer.unit())
            .and_then(|unit| book.get(unit))
            .is_some_and(|unit| unit.kind == UnitKind::Desk);
        let kind = if at_desk { ScopeKind::Desk } else { ScopeKind::Unit };
        Self {
            kind,
            units: house.identity().policy().scope(caller, action),
        }
    }

    /// The only unit, when there is only one.
    pub(crate) fn single(&self) -> Option<UnitId> {
        match self.units.as_slice() {
            [unit] => Some(*unit),
            _ => None,
        }
    }
}

/// What policy decides on when a dossier is touched: it lies at the unit that has it now, at the competent one and at its
/// desk.
pub(crate) fn resource(dossier: &Dossier) -> Resource {
    Resource::at(dossier.at)
        .and_at(dossier.unit)
        .and_at(dossier.desk)
        .in_state(dossier.state.national_code())
        .owned_by(dossier.person)
}

/// What policy decides on when somebody acts: the unit that has the dossier now does its step, and its desk receives and
/// returns.
pub(crate) fn acting(dossier: &Dossier) -> Resource {
    Resource::at(dossier.at)
        .and_at(dossier.desk)
        .in_state(dossier.state.national_code())
        .owned_by(dossier.person)
}

/// The capacity in which an officer acts, from the role acted in. Administrators and auditors have none.
pub(crate) fn capacity(caller: &Caller) -> Option<Capacity> {
    match caller.officer()?.role()? {
        Role::Desk => Some(Capacity::Desk),
        Role::Specialist => Some(Capacity::Specialist),
        Role::Leader => Some(Capacity::Leader),
        Role::Accountant | Role::UnitAdmin | Role::Admin | Role::Auditor | Role::Operator => None,
    }
}

/// The actions that both the machine and the policies open to this officer now; `stands_in` when she does so for the one who
/// works on it.
pub(crate) fn open_actions(
    house: &Casework,
    caller: &Caller,
    dossier: &Dossier,
    process: &Process,
    stands_in: bool,
) -> Vec<crate::dossier::state::Action> {
    let Some(capacity) = capacity(caller) else {
        return Vec::new();
    };
    let is_assignee = dossier.assignee.is_some() && (dossier.assignee == caller.account() || stands_in);
    let resource = acting(dossier);
    let policy = house.identity().policy();
    crate::dossier::rules::open_actions(dossier, process, &[capacity], is_assignee)
        .into_iter()
        .filter(|&action| policy.decide(caller, policy_action(action, dossier.state), &resource))
        .collect()
}
