//! From the events of the outbox to transfers: a consumer, in one transaction with its place in the order, so that each event
//! becomes one transfer. What happened before the exchange was set up, or was never heard, is taken in by reconciliation.
//! Refuses to tell anybody what concerns the office alone: notes, offers of work.

use casework::dossier::DossierId;
use casework::dossier::state::State;
use identity::UnitId;
use kernel::Timestamp;
use store::outbox::{Consumer, Delivered};
use store::{Store, StoreError, Tx};
use uuid::Uuid;

use super::store as table;
use super::{Facts, Transfer, TransferId};
use crate::carried::store as carried;
use crate::link::store as links;
use crate::link::{Link, TakenBack};
use crate::machine::{Drift, Kind, Stand, rules};

/// The name under which the consumer's place is kept.
pub(crate) const CONSUMER: &str = "exchange.dossier";

/// The events that are heard: those of [`Kind::of_event`].
const KINDS: &[&str] = &[
    "dossier.submitted",
    "dossier.receive",
    "dossier.refuse",
    "dossier.approve",
    "dossier.return",
    "dossier.extend",
    "dossier.stop",
    "dossier.withdraw",
    "dossier.ask-supplement",
    "dossier.answer-supplement",
    "dossier.ask-fee",
    "dossier.confirm-fee",
    "dossier.assign",
    "dossier.claim",
    "dossier.forward",
    "dossier.propose",
    "dossier.send-back",
    "dossier.attach-result",
    "bill.paid",
];

/// Starts hearing.
pub(crate) fn start(store: &Store) -> Consumer {
    store.consume_in_tx(CONSUMER, KINDS, hear)
}

/// Makes the transfer of one event.
pub(crate) fn hear(tx: &mut Tx, delivered: &Delivered) -> Result<(), StoreError> {
    let event = &delivered.event;
    let Some(kind) = Kind::of_event(&event.kind) else {
        return Ok(());
    };
    let dossier = DossierId::from_uuid(event.subject);
    let id = TransferId::from_uuid(event.id);
    if table::is_known(tx, id)? {
        return Ok(());
    }
    let Some(told) = table::told(tx, dossier)? else {
        return Ok(());
    };
    let state = event.payload.get("national_code").and_then(serde_json::Value::as_u64);
    let state = state
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or_else(|| code_of(&told.state));
    let found = links::find(tx, dossier)?;
    let state = match &found {
        _ if event.kind != payment::bill::PAID => state,
        // A bill moves no dossier.
        Some(link) => link.track.ours,
        // The dossier is taken in by its own events, or by the sweep.
        None => return Ok(()),
    };
    let (mut link, kind) = match found {
        // It came from the portal: there it is registered.
        Some(_) if kind == Kind::Register => return Ok(()),
        Some(link) => (link, kind),
        None => {
            let link = Link::new(dossier, told.code.clone(), told.unit, state, event.at);
            links::insert(tx, &link)?;
            (link, Kind::Register)
        }
    };
    let action = event.kind.trim_start_matches("dossier.").replace('.', "-");
    let mut facts = told.facts;
    if kind != Kind::Progress {
        facts.carried = carried::snapshot(tx, dossier, &facts)?;
    }
    if let Some(due) = event
        .payload
        .get("due_at")
        .and_then(|at| serde_json::from_value(at.clone()).ok())
    {
        facts.due_at = due;
    }
    if let Some((who, capacity, division)) = table::step(tx, dossier, event.at, &action)? {
        facts.who = who.unwrap_or_default();
        facts.capacity = capacity;
        facts.division = division.unwrap_or_default();
    }
    let what = Change {
        id,
        kind,
        state,
        action,
        facts,
        at: event.at,
    };
    add(tx, &mut link, what, told.unit)
}

/// One change that is to be told.
pub(crate) struct Change {
    pub(crate) id: TransferId,
    pub(crate) kind: Kind,
    pub(crate) state: u8,
    pub(crate) action: String,
    pub(crate) facts: Facts,
    pub(crate) at: Timestamp,
}

/// The code of a stored state.
pub(crate) fn code_of(state: &str) -> u8 {
    state.parse::<State>().map_or(0, State::national_code)
}

/// Writes a change into the link and as a transfer.
fn add(tx: &mut Tx, link: &mut Link, change: Change, unit: UnitId) -> Result<(), StoreError> {
    let number = rules::changed(&mut link.track, change.state, change.at);
    remember(link, &change, unit);
    links::save(tx, link, None)?;
    table::insert(tx, &transfer_of(link, number, change))?;
    Ok(())
}

/// What the link keeps of a change: the dates that decide about lateness.
fn remember(link: &mut Link, change: &Change, unit: UnitId) {
    link.our_at = change.at;
    link.unit = unit;
    link.due_at = change.facts.due_at.or(link.due_at);
    if rules::is_end(change.state) && link.ended_at.is_none() {
        link.ended_at = change.facts.ended_at.or(Some(change.at));
        link.judge_at = Some(change.at);
    } else if link.ended_at.is_none() {
        link.judge_at = link.due_at;
    }
}

fn transfer_of(link: &Link, number: i64, change: Change) -> Transfer {
    Transfer {
        id: change.id,
        dossier: link.dossier,
        number,
        kind: change.kind,
        stand: Stand::Waiting,
        told: change.state,
        action: change.action,
        facts: Facts {
            ended_at: link.ended_at.filter(|_| rules::is_end(change.state)),
            ..change.facts
        },
        at: change.at,
        tries: 0,
        first_tried_at: None,
        tried_at: None,
        settled_at: None,
        reason: None,
        said: None,
        receipt: None,
    }
}

/// The action of a transfer that no event stands behind.
pub(crate) const MEND: &str = "mend";

/// The action of the answer to a withdrawal that cannot be carried out.
const NOT_WITHDRAWN: &str = "withdraw-refused";

/// Tells the whole state of today anew; what waits is carried by it.
pub(crate) fn mend(tx: &mut Tx, link: &mut Link, kind: Kind, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
    mend_for(tx, link, (kind, None), id, now)
}

/// As [`mend`], with why the portal is not followed in a withdrawal.
pub(crate) fn mend_for(
    tx: &mut Tx,
    link: &mut Link,
    (kind, why_not): (Kind, Option<TakenBack>),
    id: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut told) = table::told(tx, link.dossier)? else {
        return Ok(());
    };
    told.facts.carried = carried::snapshot(tx, link.dossier, &told.facts)?;
    told.facts.why_not = why_not;
    table::supersede(tx, link.dossier, now)?;
    link.track.ours = code_of(&told.state);
    let number = rules::mend(&mut link.track, now);
    let change = Change {
        id: TransferId::from_uuid(id),
        kind,
        state: link.track.ours,
        action: if why_not.is_some() { NOT_WITHDRAWN } else { MEND }.to_owned(),
        facts: told.facts,
        at: told.changed_at,
    };
    remember(link, &change, told.unit);
    let mended = transfer_of(link, number, Change { at: now, ..change });
    table::insert(tx, &mended).map(|_| ())
}

/// Takes in open dossiers of which the exchange never heard: `ids` are keys for them, one each. Says how many.
pub(crate) fn adopt(tx: &mut Tx, ids: &[Uuid], now: Timestamp) -> Result<usize, StoreError> {
    let limit = i64::try_from(ids.len()).unwrap_or(0);
    let unlinked = table::unlinked(tx, limit)?;
    for (dossier, id) in unlinked.iter().zip(ids) {
        let Some(mut told) = table::told(tx, *dossier)? else {
            continue;
        };
        told.facts.carried = carried::snapshot(tx, *dossier, &told.facts)?;
        let state = code_of(&told.state);
        let mut link = Link::new(*dossier, told.code, told.unit, state, told.changed_at);
        links::insert(tx, &link)?;
        let change = Change {
            id: TransferId::from_uuid(*id),
            kind: Kind::Register,
            state,
            action: MEND.to_owned(),
            facts: told.facts,
            at: now,
        };
        add(tx, &mut link, change, told.unit)?;
    }
    Ok(unlinked.len())
}

/// A linked dossier whose change was never heard is told anew.
pub(crate) fn unheard(tx: &mut Tx, dossier: DossierId, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let (Some(mut link), Some(told)) = (links::find(tx, dossier)?, table::told(tx, dossier)?) else {
        return Ok(false);
    };
    if link.track.ours == code_of(&told.state) {
        return Ok(false);
    }
    link.track.drift = Some(Drift::Unheard);
    link.track.drift_since = Some(link.track.drift_since.unwrap_or(now));
    mend(tx, &mut link, Kind::Mend, id, now)?;
    links::save(tx, &link, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_that_is_heard_becomes_a_transfer() {
        for kind in KINDS {
            assert!(Kind::of_event(kind).is_some(), "{kind}");
        }
        for action in casework::dossier::state::Action::ALL {
            assert!(
                KINDS.contains(&format!("dossier.{action}").as_str()),
                "{action} is not told"
            );
        }
        assert_eq!((code_of("approved"), code_of("nothing")), (9, 0));
    }
}
