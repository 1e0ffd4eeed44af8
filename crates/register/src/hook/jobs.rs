//! Delivers changes to subscriptions: parts of the order of changes, each signed, from the place after the last one that was taken.
//! A part may arrive twice when its answer was lost; its `next` tells.

use std::sync::Arc;

use ::store::jobs::{JobError, JobRun};
use ::store::{Event, Worker};
use identity::{UnitId, audit};
use serde_json::json;

use super::reach::{self, Unreachable};
use super::{Hook, HookId, JOB, State, secret, signature, store};
use crate::error::RegisterError;
use crate::feed::{self, Part, Place};
use crate::house::Register;
use crate::kind::Kind;

/// Changes of one delivery.
const PART: u64 = 100;
/// Deliveries of one job; more wait for the next.
const PARTS_MAX: usize = 200;

/// Registers the handler of deliveries.
#[must_use]
pub fn jobs(worker: Worker, register: &Register) -> Worker {
    let register = register.clone();
    worker.on(JOB, move |run| {
        let register = register.clone();
        async move { deliver(&register, run).await }
    })
}

async fn deliver(register: &Register, run: JobRun) -> Result<(), JobError> {
    let id: HookId = serde_json::from_value(run.payload["hook"].clone()).map_err(JobError::hopeless)?;
    for _ in 0..PARTS_MAX {
        let Some(hook) = register.store().read(move |tx| store::get(tx, id)).await? else {
            return Ok(());
        };
        let Ok(kind) = register.kind(&hook.system, &hook.kind) else {
            return Ok(());
        };
        if hook.state != State::Active {
            return Ok(());
        }
        let part = match next(register, &kind, &hook).await {
            Ok(part) => part,
            Err(error) => return Err(JobError::retry(error)),
        };
        if part.next.to_string() == hook.place {
            // Looked at once more in the transaction that ends the job: what came meanwhile plans no other while this one runs.
            if finish(register, &run, &kind, &hook).await? {
                return Ok(());
            }
            continue;
        }
        let told = if part.changes.is_empty() {
            Ok(())
        } else {
            tell(register, &kind, &hook, &part).await
        };
        let (now, place) = (register.now(), part.next.to_string());
        match told {
            Ok(()) => {
                register
                    .store()
                    .write(move |tx| store::taken(tx, id, &place, now))
                    .await?
            }
            Err(why) => return Err(give_up(register, &run, &hook, &why).await?),
        }
    }
    Err(JobError::retry("there is more to tell"))
}

/// The units whose records a subscription is told of: its own and those below, those that live on in them too.
fn units(register: &Register, above: UnitId) -> Vec<UnitId> {
    let tree = register.identity().policy().tree();
    let below = tree
        .units()
        .iter()
        .copied()
        .filter(|unit| *unit != above && tree.is_within(*unit, above));
    let mut units: Vec<UnitId> = std::iter::once(above).chain(below).collect();
    let (book, mut at) = (register.identity().units(), 0);
    // The list grows while it is walked: what was merged may itself have followed others.
    while let Some(unit) = units.get(at).copied() {
        for (gone, _) in book.predecessors(unit) {
            if !units.contains(&gone) {
                units.push(gone);
            }
        }
        at += 1;
    }
    units
}

async fn next(register: &Register, kind: &Arc<Kind>, hook: &Hook) -> Result<Part, RegisterError> {
    let place: Place = hook.place.parse().unwrap_or_default();
    let (kind, units) = (kind.clone(), units(register, hook.unit));
    register
        .store()
        .read(move |tx| match feed::after(tx, &kind, Some(&units), place, PART) {
            // It was disabled for so long that changes are forgotten: it goes on with what is there.
            Err(RegisterError::Gone) => Ok(Part {
                changes: Vec::new(),
                next: feed::head(tx)?,
                more: false,
            }),
            part => part,
        })
        .await
}

async fn finish(register: &Register, run: &JobRun, kind: &Arc<Kind>, hook: &Hook) -> Result<bool, JobError> {
    let (run, kind, place) = (
        run.clone(),
        kind.clone(),
        hook.place.parse::<Place>().unwrap_or_default(),
    );
    let id = hook.id;
    let done = register
        .store()
        .write(move |tx| {
            store::touch(tx, id)?;
            if !feed::store::has_after(tx, &kind, place.position)? {
                run.finish_in(tx)?;
                return Ok::<_, ::store::StoreError>(true);
            }
            Ok(false)
        })
        .await?;
    Ok(done)
}

/// What a subscription is told.
pub(super) fn body(register: &Register, kind: &Kind, hook: &Hook, part: &Part) -> Vec<u8> {
    let items = crate::api::changes(register, kind, &part.changes);
    let body = json!({
        "hook": hook.id, "system": hook.system, "kind": hook.kind, "items": items, "next": part.next.to_string(),
    });
    body.to_string().into_bytes()
}

async fn tell(register: &Register, kind: &Kind, hook: &Hook, part: &Part) -> Result<(), Unreachable> {
    let inside = register.private_hooks();
    let url = reach::address(&hook.url, inside)?;
    let client = reach::client(&url, inside).await?;
    let (body, at) = (body(register, kind, hook, part), register.now().as_seconds());
    let signature = signature(&secret(register, hook.id), at, &body);
    let delivery = kernel::id::uuid_v7(register.world().as_ref());
    let answer = client
        .post(url)
        .header("content-type", "application/json")
        .header("tinhso-delivery", delivery.to_string())
        .header("tinhso-signature", signature)
        .body(body)
        .send()
        .await
        .map_err(|error| Unreachable::Connection(error.without_url().to_string()))?;
    // Its answer is not read: nothing of it is of use, and it may be long.
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(Unreachable::Connection(format!("HTTP {}", answer.status().as_u16())))
    }
}

/// Notes a failure; after the last try the subscription is disabled, and those who look after it can see why.
async fn give_up(register: &Register, run: &JobRun, hook: &Hook, why: &Unreachable) -> Result<JobError, JobError> {
    let (id, is_last, now, words) = (hook.id, run.is_last, register.now(), why.to_string());
    let event = Event {
        id: kernel::id::uuid_v7(register.world().as_ref()),
        kind: "hook.disabled".into(),
        subject: id.uuid(),
        at: now,
        payload: json!({ "system": hook.system, "kind": hook.kind, "unit": hook.unit }),
    };
    register
        .store()
        .write(move |tx| {
            store::failed(tx, id, &words)?;
            if is_last && store::set_state(tx, id, State::Disabled)? {
                tx.emit(&event)?;
                let detail = audit::detail([("why", "deliveries kept failing".to_owned())]);
                audit::append(tx, audit::Actor::System, "hook.disabled", &id.to_string(), detail, now)?;
            }
            Ok::<_, ::store::StoreError>(())
        })
        .await?;
    Ok(if is_last {
        JobError::hopeless(why)
    } else {
        JobError::retry(why)
    })
}
