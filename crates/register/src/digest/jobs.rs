//! The job that brings digests up to date: first a walk over all records of a kind, some at a time so that others write in between,
//! then what changed since. It is planned with each change, and when the program starts.

use ::store::jobs::{JobError, JobId, JobRun};
use ::store::search::Query;
use ::store::{Event, Job, StoreError, Tx, Worker};
use kernel::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::store::{self, Deltas, Stand};
use super::{JOB, batch_sign, made_of};
use crate::error::RegisterError;
use crate::feed::{self, Change, Place};
use crate::house::Register;
use crate::kind::Kind;
use crate::record::{RecordId, store as records};

/// Records of one write.
const PART: u64 = 100;
/// Writes of one job; what is left is the next try's.
const WRITES_MAX: usize = 20_000;

/// Registers the handler of digests.
#[must_use]
pub fn jobs(worker: Worker, register: &Register) -> Worker {
    let register = register.clone();
    worker.on(JOB, move |run| {
        let register = register.clone();
        async move { work(&register, &run).await }
    })
}

fn job(system: &str, kind: &str, id: Uuid, now: Timestamp) -> Job {
    let payload = json!({ "system": system, "kind": kind });
    Job::with_id(JobId::from_uuid(id), JOB, payload, now).unique(format!("{system}/{kind}"))
}

/// Plans the digest of a kind that changed, in the transaction that wrote the change down.
pub(crate) fn plan(tx: &mut Tx, system: &str, kind: &str, event: &Event) -> Result<(), StoreError> {
    let hash = ring::digest::digest(
        &ring::digest::SHA256,
        format!("{}:{system}/{kind}", event.id).as_bytes(),
    );
    let mut random = [0; 10];
    random.copy_from_slice(&hash.as_ref()[..10]);
    let millis = u64::try_from(event.at.as_micros() / 1_000).unwrap_or(0);
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    store::touch(tx, system, kind, event.at)?;
    tx.enqueue(&job(system, kind, id, event.at)).map(|_| ())
}

/// Plans the digests of kinds that have none as they are defined now: at the start.
pub(crate) async fn plan_all(register: &Register) -> Result<(), RegisterError> {
    let (kinds, now, world) = (register.kinds().to_vec(), register.now(), register.world().clone());
    let ids: Vec<Uuid> = kinds.iter().map(|_| kernel::id::uuid_v7(world.as_ref())).collect();
    register
        .store()
        .write(move |tx| {
            for (kind, id) in kinds.iter().zip(&ids) {
                let stand = store::stand(tx, kind)?;
                if stand.is_none_or(|stand| !is_of(&stand, &made_of(kind)) || stand.walked.is_some()) {
                    tx.enqueue(&job(&kind.system.code, &kind.record.name, *id, now))?;
                }
            }
            Ok::<_, RegisterError>(())
        })
        .await
}

async fn work(register: &Register, run: &JobRun) -> Result<(), JobError> {
    let word = |name: &str| run.payload[name].as_str().unwrap_or_default().to_owned();
    let Ok(kind) = register.kind(&word("system"), &word("kind")) else {
        return Ok(());
    };
    for _ in 0..WRITES_MAX {
        let (of, now, run) = (kind.clone(), register.now(), run.clone());
        let fresh = kernel::id::uuid_v7(register.world().as_ref());
        let done = register
            .store()
            .write(move |tx| {
                let more = step(tx, &of, now, fresh)?;
                // In the same transaction as the last look, so that a change that comes now plans a job of its own.
                if !more {
                    run.finish_in(tx)?;
                }
                Ok::<_, RegisterError>(!more)
            })
            .await
            .map_err(JobError::retry)?;
        if done {
            return Ok(());
        }
    }
    Err(JobError::retry("there is more to digest"))
}

/// Brings the digest of a kind up to date: what the job does, for tests that cannot wait for it.
///
/// # Errors
/// What the store says.
#[cfg(test)]
pub(crate) async fn catch_up(register: &Register, kind: &std::sync::Arc<Kind>) -> Result<(), RegisterError> {
    loop {
        let (of, now) = (kind.clone(), register.now());
        let fresh = kernel::id::uuid_v7(register.world().as_ref());
        if !register.store().write(move |tx| step(tx, &of, now, fresh)).await? {
            return Ok(());
        }
    }
}

/// Whether a digest is made of what is wanted now.
fn is_of(stand: &Stand, wanted: &str) -> bool {
    stand
        .made_of
        .strip_prefix(wanted)
        .is_some_and(|rest| rest.starts_with(' '))
}

/// Some records more. Says whether there is more to do. `fresh` tells a making that begins from every other.
fn step(tx: &mut Tx, kind: &Kind, now: Timestamp, fresh: Uuid) -> Result<bool, RegisterError> {
    let wanted = made_of(kind);
    let stand = match store::stand(tx, kind)? {
        Some(stand) if is_of(&stand, &wanted) => stand,
        _ => {
            store::forget_counts(tx, kind)?;
            Stand {
                // Signs of this making are its own: what words of an earlier one hold is taken from nothing.
                made_of: format!("{wanted} {}", fresh.simple()),
                place: feed::head(tx)?.to_string(),
                walked: Some(Uuid::nil()),
            }
        }
    };
    let (next, more) = match stand.walked {
        Some(after) => walk(tx, kind, stand, after)?,
        None => follow(tx, kind, stand)?,
    };
    store::set_stand(tx, kind, &next, now)?;
    Ok(more)
}

fn walk(tx: &mut Tx, kind: &Kind, stand: Stand, after: Uuid) -> Result<(Stand, bool), RegisterError> {
    let page = store::walk(tx, kind, after, PART)?;
    let mut deltas = Deltas::default();
    for record in &page {
        store::digest(tx, kind, &stand.made_of, record.id, Some(record), &mut deltas)?;
    }
    store::apply(tx, kind, deltas)?;
    let walked = page.last().map(|record| record.id.uuid());
    Ok((Stand { walked, ..stand }, true))
}

fn follow(tx: &mut Tx, kind: &Kind, stand: Stand) -> Result<(Stand, bool), RegisterError> {
    let place: Place = stand.place.parse().unwrap_or_default();
    let part = match feed::after(tx, kind, None, place, PART) {
        Ok(part) => part,
        // It stood still for so long that changes are forgotten: everything anew.
        Err(RegisterError::Gone) => {
            let made_of = String::new();
            return Ok((Stand { made_of, ..stand }, true));
        }
        Err(error) => return Err(error),
    };
    let mut deltas = Deltas::default();
    let mut more = part.more;
    let mut next = part.next;
    for change in &part.changes {
        match change {
            Change::Version { record, .. } => {
                store::digest(tx, kind, &stand.made_of, record.id, Some(record), &mut deltas)?;
            }
            Change::Undone { import, place: at, .. } => {
                if undone(tx, kind, &stand.made_of, *import, &mut deltas)? {
                    // Some at a time: the same place once more.
                    next = Place {
                        position: at.position - 1,
                        within: None,
                    };
                    more = true;
                    break;
                }
            }
        }
    }
    store::apply(tx, kind, deltas)?;
    let is_end = next == place;
    let next = Stand {
        place: next.to_string(),
        ..stand
    };
    Ok((next, more || !is_end))
}

/// Takes away what is left of records of an import that are gone, some at a time. Says whether there is more.
fn undone(tx: &mut Tx, kind: &Kind, made_of: &str, import: Uuid, deltas: &mut Deltas) -> Result<bool, RegisterError> {
    let query = Query::words(&batch_sign(import));
    let mut before = None;
    let mut taken = 0;
    loop {
        let found = store::find(tx, &query, before, PART as u32)?;
        for (place, id) in &found {
            before = Some(*place);
            let record = records::find(tx, kind, *id)?;
            if record.is_none() {
                store::digest(tx, kind, made_of, RecordId::from_uuid(id.uuid()), None, deltas)?;
                taken += 1;
            }
        }
        if taken >= PART || found.len() < PART as usize {
            return Ok(taken >= PART);
        }
    }
}
