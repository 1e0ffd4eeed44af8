//! What answers make of claimed transfers and looks: many dossiers in one transaction, each under the token of its claim. An
//! answer that comes after the claim ran out changes nothing: another node has the dossier, and the key makes its try harmless.

use casework::dossier::DossierId;
use kernel::Timestamp;
use store::{StoreError, Tx};
use uuid::Uuid;

use super::TransferId;
use super::hear;
use super::store::{self as table, Tried};
use crate::link::store as links;
use crate::machine::{After, Drift, Kind, Settled, Stand, rules};
use crate::wire::{ItemVerdict, Reason, Sighted};

/// One transfer that was tried.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) id: TransferId,
    pub(crate) number: i64,
    pub(crate) told: u8,
    pub(crate) verdict: ItemVerdict,
    pub(crate) at: Timestamp,
    pub(crate) receipt: Option<String>,
    pub(crate) chance: u8,
}

/// What became of the claimed transfers of one dossier, in order.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) dossier: DossierId,
    pub(crate) outcomes: Vec<Outcome>,
    /// Nothing waited when it was claimed.
    pub(crate) is_idle: bool,
}

/// What a look at one dossier found.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub(crate) dossier: DossierId,
    /// None: the look was not answered.
    pub(crate) found: Option<Option<Sighted>>,
    /// Key of the mend, should there be one.
    pub(crate) mend: Uuid,
}

/// Writes what became of sent transfers. Says how many were taken.
pub(crate) fn sent(tx: &mut Tx, token: Uuid, all: &[Sent], now: Timestamp) -> Result<u64, StoreError> {
    let mut taken = 0;
    for one in all {
        if !links::holds(tx, one.dossier, token)? {
            continue;
        }
        let Some(mut link) = links::find(tx, one.dossier)? else {
            continue;
        };
        if one.is_idle && link.track.settled >= link.track.last {
            link.track.send_at = None;
        }
        for outcome in &one.outcomes {
            let head = (outcome.number, outcome.told);
            let settled = rules::answered(&mut link.track, head, &outcome.verdict, now, outcome.chance);
            taken += u64::from(settled == Settled::Accepted);
            if settled == Settled::Accepted && rules::is_end(outcome.told) {
                link.judge_at = Some(now);
            }
            table::tried(tx, &tried(outcome, &settled))?;
        }
        links::save(tx, &link, Some(token))?;
    }
    Ok(taken)
}

fn tried(outcome: &Outcome, settled: &Settled) -> Tried {
    let (reason, said) = match &outcome.verdict {
        ItemVerdict::Accepted => (None, None),
        ItemVerdict::Refused(said) => (Some(Reason::Refused), Some(said.clone())),
        ItemVerdict::Again(reason, said) => (Some(*reason), Some(said.clone()).filter(|said| !said.is_empty())),
    };
    Tried {
        id: outcome.id,
        stand: match settled {
            Settled::Accepted => Stand::Accepted,
            Settled::Waits => Stand::Waiting,
            Settled::Failed => Stand::Failed,
        },
        at: outcome.at,
        reason,
        said,
        receipt: outcome.receipt.clone(),
    }
}

/// Writes what looks found, and mends. Says how many differed.
pub(crate) fn looked(tx: &mut Tx, token: Uuid, all: &[Looked], now: Timestamp) -> Result<u64, StoreError> {
    let mut differed = 0;
    for one in all {
        if !links::holds(tx, one.dossier, token)? {
            continue;
        }
        let Some(mut link) = links::find(tx, one.dossier)? else {
            continue;
        };
        match &one.found {
            None => rules::unseen(&mut link.track, now),
            Some(found) => match rules::sighted(&mut link.track, found.as_ref(), now) {
                After::InStep => {
                    table::confirm(tx, one.dossier)?;
                    if link.cause.is_some() || link.ended_at.is_some() {
                        link.judge_at = Some(now);
                    }
                }
                After::Wait => {}
                After::TakenBack => link.taken_back(now),
                After::Mend(kind) => {
                    differed += 1;
                    hear::mend(tx, &mut link, kind, one.mend, now)?;
                }
            },
        }
        links::save(tx, &link, Some(token))?;
    }
    Ok(differed)
}

/// A person has a dossier told anew, whatever was refused before.
pub(crate) fn again(tx: &mut Tx, dossier: DossierId, key: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let Some(mut link) = links::find(tx, dossier)? else {
        return Ok(false);
    };
    let is_there = link.track.seen.is_some_and(|seen| seen.state.is_some()) && link.track.drift != Some(Drift::Missing);
    let kind = if is_there { Kind::Mend } else { Kind::Register };
    link.track.mends = 0;
    table::forgive(tx, dossier)?;
    hear::mend(tx, &mut link, kind, key, now)?;
    links::save(tx, &link, None)
}
