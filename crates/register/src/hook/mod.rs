//! Other programs that are told of changes: each delivery is signed, tried again with growing pauses, and begins where the last one
//! that was taken ended. One that keeps failing is disabled, which its page and the audit log say.
//! Refuses to speak to addresses inside networks of ours unless the operator allows it, and to follow to another address.
//! Signature: HMAC-SHA256 over `time.body` with the secret of the subscription, as hex, in `Tinhso-Signature: t=…,v1=…`.

pub mod http;
mod jobs;
mod reach;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use ::store::{Event, Job, StoreError, Tx};
use identity::{AccountId, UnitId};
use kernel::Timestamp;
use ring::hmac;
use uuid::Uuid;

use crate::house::Register;

pub use jobs::jobs;

kernel::define_id!(
    /// A subscription.
    pub struct HookId
);

kernel::words! {
    /// How a subscription stands.
    State {
        /// It is told.
        Active = "active",
        /// It failed too often.
        Disabled = "disabled",
        /// Somebody ended it.
        Ended = "ended",
    }
}

::store::value_via_display!(State);

/// The job that delivers to one subscription.
pub(crate) const JOB: &str = "register.tell";
/// Tries of one delivery before a subscription is disabled; the pauses between them grow.
pub(crate) const TRIES_MAX: u32 = 10;

/// A subscription: a program that is told what changes in one kind at a unit and below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hook {
    pub(crate) id: HookId,
    pub(crate) unit: UnitId,
    pub(crate) system: String,
    pub(crate) kind: String,
    pub(crate) url: String,
    pub(crate) state: State,
    /// The place in the order of changes after which the next delivery begins.
    pub(crate) place: String,
    pub(crate) failures: i64,
    pub(crate) last_error: Option<String>,
    pub(crate) told_at: Option<Timestamp>,
    pub(crate) account: Option<AccountId>,
    pub(crate) who: String,
    pub(crate) created_at: Timestamp,
}

/// The secret of a subscription: it follows from the keys of the province, so that nothing of it is stored.
pub(crate) fn secret(register: &Register, id: HookId) -> String {
    hex::encode(register.store().keys().mac("register.hook", id.uuid().as_bytes()))
}

/// The signature of a delivery.
pub(crate) fn signature(secret: &str, at: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("{at}.").as_bytes());
    context.update(body);
    format!("t={at},v1={}", hex::encode(context.sign().as_ref()))
}

/// Plans a delivery to everybody who is told of this kind, in the transaction that wrote the changes down.
pub(crate) fn wake(tx: &mut Tx, system: &str, kind: &str, event: &Event) -> Result<(), StoreError> {
    for hook in store::active(tx, system, kind)? {
        store::touch(tx, hook)?;
        let hash = ring::digest::digest(
            &ring::digest::SHA256,
            &[event.id.as_bytes().as_slice(), hook.uuid().as_bytes()].concat(),
        );
        let mut random = [0; 10];
        random.copy_from_slice(&hash.as_ref()[..10]);
        let millis = u64::try_from(event.at.as_micros() / 1_000).unwrap_or(0);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        tx.enqueue(&job(hook, ::store::jobs::JobId::from_uuid(id), event.at))?;
    }
    Ok(())
}

fn job(hook: HookId, id: ::store::jobs::JobId, now: Timestamp) -> Job {
    let payload = serde_json::json!({ "hook": hook });
    Job::with_id(id, JOB, payload, now)
        .unique(hook.to_string())
        .attempts(TRIES_MAX)
}

/// A delivery that somebody asks for, such as after an error was mended.
pub(crate) fn job_now(hook: HookId, id: Uuid, now: Timestamp) -> Job {
    job(hook, ::store::jobs::JobId::from_uuid(id), now)
}
