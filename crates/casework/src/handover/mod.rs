//! Hand-over of work inside a unit: work that an officer has is offered to another one, and she stays responsible until the
//! other has accepted; whoever has work gives it back with a reason. Where the first one works there no more, nothing waits.
//! Refuses to move a deadline. Law: TT 21/2023/TT-BTTTT functions 1, 6 and 14.

pub mod http;
pub(crate) mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use view::waiting;

use identity::{AccountId, OfficerCaller};
use kernel::Timestamp;
use uuid::Uuid;

use crate::Casework;
use crate::desk::capacity;
use crate::dossier::state::{Action, Capacity};
use crate::dossier::store::{self as dossiers, NewEvent};
use crate::dossier::{Dossier, DossierError, DossierId, Event, EventId, command};
use crate::notice::{Notice, NoticeId, NoticeKind, store as inbox};

/// Work that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) dossier: DossierId,
    pub(crate) from: AccountId,
    pub(crate) from_name: String,
    pub(crate) to: AccountId,
    pub(crate) to_name: String,
    pub(crate) at: Timestamp,
    pub(crate) by: AccountId,
    pub(crate) by_name: String,
    pub(crate) event: EventId,
}

/// The action under which an offer stands in the history.
pub const OFFER: &str = "offer";
/// The action of who accepts.
pub const ACCEPT: &str = "accept";
/// The action of who does not take what was offered.
pub const DECLINE: &str = "decline";
/// The action of who gives her own work back.
pub const GIVE_BACK: &str = "give-back";

/// Scope of the idempotency keys.
const ONCE: &str = "handover";

/// Who does a step of a hand-over, and what the transaction needs, minted before it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    once: Uuid,
    account: AccountId,
    name: String,
    capacity: Capacity,
    unit: Option<(identity::UnitId, String)>,
    event: EventId,
    note: Option<Vec<u8>>,
    notices: Vec<NoticeId>,
    outbox: Uuid,
    now: Timestamp,
}

/// Officers told of one step at most.
const TOLD_MAX: usize = 5;

impl Step {
    /// A step of `officer` with her words.
    pub(crate) fn of(house: &Casework, officer: &OfficerCaller, once: Uuid, words: &str) -> Result<Self, DossierError> {
        let world = house.world().as_ref();
        let caller = identity::Caller::Officer(officer.clone());
        let event = EventId::new(world);
        let words = words.trim();
        let seal = |text: &str| {
            let sealed = house.keys().seal(world, &command::note_context(event), text.as_bytes());
            sealed.into_bytes()
        };
        Ok(Self {
            once,
            account: officer.account(),
            name: officer.name().to_owned(),
            capacity: capacity(&caller).ok_or(DossierError::NotAssignee)?,
            unit: officer
                .unit()
                .map(|unit| (unit, house.identity().unit_name(unit, kernel::Lang::Vi))),
            event,
            note: (!words.is_empty()).then(|| seal(words)),
            notices: (0..TOLD_MAX).map(|_| NoticeId::new(world)).collect(),
            outbox: kernel::id::uuid_v7(world),
            now: house.now(),
        })
    }
}

/// Writes the dossier after a step, with its place in the history.
fn write(
    tx: &mut ::store::Tx,
    step: &Step,
    (before, after): (&Dossier, &Dossier),
    (action, to_name): (&'static str, Option<String>),
    for_whom: Option<&(AccountId, String)>,
) -> Result<(), DossierError> {
    dossiers::update(tx, after)?;
    let event = NewEvent {
        event: Event {
            id: step.event,
            seq: after.revision,
            at: step.now,
            action: action.to_owned(),
            from: Some(before.state),
            to: after.state,
            capacity: step.capacity,
            actor_name: Some(step.name.clone()),
            unit_name: step.unit.as_ref().map(|(_, name)| name.clone()),
            note: step.note.clone(),
            for_name: for_whom.map(|(_, name)| name.clone()),
            to_name,
        },
        for_account: for_whom.map(|(account, _)| *account),
        account: Some(step.account),
        unit: step.unit.as_ref().map(|(unit, _)| *unit),
    };
    dossiers::insert_event(tx, after.id, &event)?;
    tx.emit(&::store::Event {
        id: step.outbox,
        kind: format!("dossier.work-{action}").into(),
        subject: after.id.uuid(),
        at: step.now,
        payload: serde_json::json!({ "code": after.code, "unit": after.at, "assignee": after.assignee }),
    })?;
    Ok(())
}

/// Tells officers on their pages.
fn tell(
    tx: &mut ::store::Tx,
    step: &Step,
    dossier: &Dossier,
    kind: NoticeKind,
    whom: impl IntoIterator<Item = AccountId>,
) -> Result<(), DossierError> {
    for (account, id) in whom.into_iter().zip(&step.notices) {
        let notice = Notice {
            id: *id,
            account,
            dossier: dossier.id,
            dossier_code: dossier.code.to_string(),
            procedure_name: dossier.procedure_name.clone(),
            kind,
            at: step.now,
            read_at: None,
        };
        inbox::insert(tx, &notice, &dossier.code)?;
    }
    Ok(())
}

/// Gives the work that somebody has to another officer, or to who stands in for her: as an offer while the first one is there,
/// else at once.
///
/// # Errors
/// `Stale` when somebody acted meanwhile, `ReasonMissing` without a reason, and what the rules say.
pub(crate) fn reassign(
    tx: &mut ::store::Tx,
    step: &Step,
    (id, revision): (DossierId, i64),
    chosen: &(AccountId, String),
    at_once: bool,
) -> Result<Dossier, DossierError> {
    let before = dossiers::find(tx, id)?;
    if let ::store::Once::Again(_) = tx.once(ONCE, step.once, step.now)? {
        return Ok(before);
    }
    if before.revision != revision {
        return Err(DossierError::Stale {
            expected: revision,
            found: before.revision,
        });
    }
    if step.note.is_none() {
        return Err(DossierError::ReasonMissing);
    }
    let deputy = crate::absence::store::stand_in(tx, chosen.0, step.now.local_date())?;
    let (to, to_name) = deputy.clone().unwrap_or_else(|| chosen.clone());
    let away = deputy.map(|_| chosen);
    if at_once {
        let after = rules::taken_over(&before, (to, &to_name), step.now)?;
        write(
            tx,
            step,
            (&before, &after),
            (Action::Assign.word(), Some(to_name)),
            away,
        )?;
        store::drop(tx, id)?;
        tell(tx, step, &after, NoticeKind::WorkGiven, [to])?;
        tx.once_done(ONCE, step.once, "")?;
        return Ok(after);
    }
    let (from, after) = rules::offered(&before, to, step.now)?;
    write(tx, step, (&before, &after), (OFFER, Some(to_name.clone())), away)?;
    let offer = Offer {
        dossier: id,
        from: from.0,
        from_name: from.1,
        to,
        to_name,
        at: step.now,
        by: step.account,
        by_name: step.name.clone(),
        event: step.event,
    };
    store::put(tx, &offer)?;
    tell(tx, step, &after, NoticeKind::WorkOffered, [to])?;
    tx.once_done(ONCE, step.once, "")?;
    Ok(after)
}

/// Most offers shown above a work list.
const OFFERS_SHOWN: i64 = 20;

/// The work that waits for this officer's word: offered to her, or to somebody for whom she stands in.
pub(crate) fn waiting_for(
    tx: &mut ::store::Tx,
    officer: AccountId,
    away: &[(AccountId, String)],
) -> Result<Vec<Dossier>, ::store::StoreError> {
    let mut all = vec![officer];
    all.extend(away.iter().map(|(absent, _)| *absent));
    store::offered_to(tx, &all, OFFERS_SHOWN)
}

/// Whether the officer who has a dossier is there to stay responsible: she works at its unit or agency and is not away today.
///
/// # Errors
/// When the store fails.
pub(crate) async fn is_there(house: &Casework, dossier: &Dossier) -> Result<bool, DossierError> {
    let Some(officer) = dossier.assignee else {
        return Ok(false);
    };
    let day = house.now().local_date();
    let mut units = vec![dossier.at];
    units.extend(
        house
            .identity()
            .units()
            .agency_of(dossier.at, day)
            .map(|agency| agency.id),
    );
    house
        .store()
        .read(move |tx| {
            let works = identity::account::working(tx, &[officer], day)?;
            let here = works
                .iter()
                .any(|(_, unit, role)| units.contains(unit) && *role == identity::Role::Specialist);
            Ok(here && crate::absence::store::away(tx, &[officer], day)?.is_empty())
        })
        .await
}

/// For whom an officer takes or refuses what was offered: `None` for herself.
fn for_whom(
    tx: &mut ::store::Tx,
    step: &Step,
    owner: (AccountId, &str),
) -> Result<Option<(AccountId, String)>, DossierError> {
    if owner.0 == step.account {
        return Ok(None);
    }
    let away = crate::absence::store::stood_in_for(tx, step.account, step.now.local_date())?;
    let found = away.into_iter().find(|(officer, _)| *officer == owner.0);
    found.map(Some).ok_or(DossierError::NotAssignee)
}

/// Takes what was offered: from now on the work is hers.
///
/// # Errors
/// `OfferEnded` when it is on offer no more, `NotAssignee` when it was offered to somebody else.
pub(crate) fn accept(tx: &mut ::store::Tx, step: &Step, id: DossierId) -> Result<Dossier, DossierError> {
    let before = dossiers::find(tx, id)?;
    if let ::store::Once::Again(_) = tx.once(ONCE, step.once, step.now)? {
        return Ok(before);
    }
    let offer = store::of_dossier(tx, id)?.ok_or(DossierError::OfferEnded)?;
    let away = for_whom(tx, step, (offer.to, &offer.to_name))?;
    let after = rules::accepted(&before, &offer, (step.account, &step.name), step.now)?;
    write(tx, step, (&before, &after), (ACCEPT, None), away.as_ref())?;
    store::drop(tx, id)?;
    tell(tx, step, &after, NoticeKind::WorkAccepted, [offer.from])?;
    tx.once_done(ONCE, step.once, "")?;
    Ok(after)
}

/// Gives back what was offered, or one's own work, with the reason.
///
/// # Errors
/// `ReasonMissing`, `NotAssignee` when it is neither offered to her nor hers, `Stale` when somebody acted meanwhile.
pub(crate) fn give_back(
    tx: &mut ::store::Tx,
    step: &Step,
    (id, revision): (DossierId, i64),
    leaders: &[AccountId],
) -> Result<Dossier, DossierError> {
    let before = dossiers::find(tx, id)?;
    if let ::store::Once::Again(_) = tx.once(ONCE, step.once, step.now)? {
        return Ok(before);
    }
    if before.revision != revision {
        return Err(DossierError::Stale {
            expected: revision,
            found: before.revision,
        });
    }
    if step.note.is_none() {
        return Err(DossierError::ReasonMissing);
    }
    let offer = store::of_dossier(tx, id)?.filter(|offer| rules::is_on(&before, offer));
    let declines = match &offer {
        Some(offer) => for_whom(tx, step, (offer.to, &offer.to_name)).ok(),
        None => None,
    };
    let after = match (offer, declines) {
        (Some(offer), Some(away)) => {
            let after = rules::touched(&before, step.now);
            write(tx, step, (&before, &after), (DECLINE, None), away.as_ref())?;
            tell(tx, step, &after, NoticeKind::WorkDeclined, [offer.by])?;
            after
        }
        _ => {
            let assignee = before.assignee.ok_or(DossierError::NotAssignee)?;
            let away = for_whom(tx, step, (assignee, ""))?;
            let after = rules::given_back(&before, step.now)?;
            write(tx, step, (&before, &after), (GIVE_BACK, None), away.as_ref())?;
            let others = leaders.iter().copied().filter(|leader| *leader != step.account);
            tell(tx, step, &after, NoticeKind::WorkGivenBack, others)?;
            after
        }
    };
    store::drop(tx, id)?;
    tx.once_done(ONCE, step.once, "")?;
    Ok(after)
}
