//! The same thing done to many dossiers of a work list: taken, given out, received. Each dossier is a transaction of its own and
//! policy is asked for each; what was not done is told with its reason, and nothing is half done. Refuses more than a stated
//! number at a go. Law: TT 21/2023/TT-BTTTT function 14 (one officer is responsible for each dossier).

pub mod http;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use identity::AccountId;
use kernel::Timestamp;
use uuid::Uuid;

use crate::desk::Tab;
use crate::desk::store::{Filter, Officers};
use crate::dossier::state::Action;
use crate::dossier::{DossierError, DossierId};
use kernel::words;

words! {
    /// What is done to each.
    Deed {
        /// The desk receives it.
        Receive = "receive",
        /// The officer takes it herself.
        Claim = "claim",
        /// The leader gives it to an officer, or takes it from one and gives it to another.
        Assign = "assign",
    }
}

impl Deed {
    /// The action of the machine.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Receive => Action::Receive,
            Self::Claim => Action::Claim,
            Self::Assign => Action::Assign,
        }
    }
}

/// Most dossiers of one go: as many as a page of the list has, twice.
pub const AT_ONCE: usize = 100;

/// A dossier that was marked, at the revision that the page showed.
pub(crate) type Marked = (DossierId, i64);

/// Reads what a page marks a dossier by.
pub(crate) fn marked(text: &str) -> Option<Marked> {
    let (id, revision) = text.split_once(':')?;
    Some((id.parse().ok()?, revision.parse().ok()?))
}

/// The idempotency key of one dossier of a go: pressed twice, it is done once.
pub(crate) fn key_of(once: Uuid, dossier: DossierId) -> Uuid {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(once.as_bytes());
    context.update(dossier.uuid().as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&context.finish().as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What became of one dossier.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) dossier: DossierId,
    /// Its code; none when this officer may not know of it.
    pub(crate) code: Option<String>,
    pub(crate) result: Result<Became, DossierError>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Became {
    /// It is done.
    Done,
    /// It waits for the word of the officer to whom it was offered.
    Offered,
}

/// The open dossiers of one officer that can go to another, the nearest deadline first, at most as many as one go takes.
pub(crate) fn open_of(officer: AccountId) -> Filter {
    let mut states = Tab::All.states();
    states.retain(|state| *state != crate::dossier::state::State::Approved);
    Filter {
        is_open: true,
        states,
        from: Timestamp::MIN,
        until: Timestamp::MAX,
        procedure: None,
        officers: Officers::These(vec![officer]),
        after: (Timestamp::MIN, DossierId::from_uuid(Uuid::nil())),
        limit: i64::try_from(AT_ONCE).unwrap_or(i64::MAX),
    }
}
