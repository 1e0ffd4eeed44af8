//! What an offer of work does to a dossier: nothing but who is responsible, and that only when it is accepted. Pure.
//! It refuses to touch state, step and deadline.

use identity::AccountId;
use kernel::Timestamp;

use super::Offer;
use crate::dossier::state::{Action, State};
use crate::dossier::{Dossier, DossierError};

/// Whether work can go from one officer to another now: from reception to the decision, also while the applicant has the turn.
fn is_work(dossier: &Dossier) -> bool {
    dossier.state.clock_runs() || dossier.state.waits_for_applicant()
}

/// The dossier one revision later: somebody did something with it, and nothing of it changed.
pub(crate) fn touched(dossier: &Dossier, now: Timestamp) -> Dossier {
    let mut after = dossier.clone();
    after.revision += 1;
    after.changed_at = now;
    after
}

/// Offers the work to `to`: who has it now, and the dossier after it.
///
/// # Errors
/// `WrongState` where nobody works on it, `AssigneeUnknown` when nobody has it or `to` has it already.
pub(crate) fn offered(
    dossier: &Dossier,
    to: AccountId,
    now: Timestamp,
) -> Result<((AccountId, String), Dossier), DossierError> {
    if !is_work(dossier) {
        return Err(DossierError::WrongState {
            state: dossier.state,
            action: Action::Assign,
        });
    }
    let from = dossier.assignee.filter(|from| *from != to);
    let from = from.ok_or(DossierError::AssigneeUnknown)?;
    let name = dossier.assignee_name.clone().unwrap_or_default();
    Ok(((from, name), touched(dossier, now)))
}

/// Gives the work to `to` at once: who had it does not work there any more, or is away.
///
/// # Errors
/// As [`offered`].
pub(crate) fn taken_over(dossier: &Dossier, to: (AccountId, &str), now: Timestamp) -> Result<Dossier, DossierError> {
    let (_, mut after) = offered(dossier, to.0, now)?;
    (after.assignee, after.assignee_name) = (Some(to.0), Some(to.1.to_owned()));
    Ok(after)
}

/// Whether what was offered is still there to be taken.
pub(crate) fn is_on(dossier: &Dossier, offer: &Offer) -> bool {
    is_work(dossier) && dossier.assignee == Some(offer.from)
}

/// The dossier in the hands of the one who accepts.
///
/// # Errors
/// `OfferEnded` when it went on without her.
pub(crate) fn accepted(
    dossier: &Dossier,
    offer: &Offer,
    by: (AccountId, &str),
    now: Timestamp,
) -> Result<Dossier, DossierError> {
    if !is_on(dossier, offer) {
        return Err(DossierError::OfferEnded);
    }
    let mut after = touched(dossier, now);
    (after.assignee, after.assignee_name) = (Some(by.0), Some(by.1.to_owned()));
    Ok(after)
}

/// The dossier that waits for somebody again.
///
/// # Errors
/// `WrongState` unless it is being worked on: while the applicant has the turn nobody could take it.
pub(crate) fn given_back(dossier: &Dossier, now: Timestamp) -> Result<Dossier, DossierError> {
    if dossier.state != State::Processing {
        return Err(DossierError::WrongState {
            state: dossier.state,
            action: Action::Assign,
        });
    }
    let mut after = touched(dossier, now);
    (after.assignee, after.assignee_name) = (None, None);
    Ok(after)
}
