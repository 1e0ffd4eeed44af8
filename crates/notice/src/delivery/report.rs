//! What providers report about messages they took: read as data, believed only with a signature over body and time.
//! The same report twice changes nothing; one about a message that we do not know is counted and passed over.
//! Refuses reports older than five minutes, so that a recorded one is of no use. RFC 2104 (HMAC).

use ::store::{StoreError, Tx};
use kernel::{SignedDuration, Timestamp};
use ring::hmac;
use serde_json::Value;

use super::rules;
use super::store::{self as table, End};
use super::{Reason, State};
use crate::channel::Channel;
use crate::channel::gateway::{cut, text_of};
use crate::config::ReportConfig;
use crate::error::NoticeError;

/// Clocks may differ by this much.
const SKEW: SignedDuration = SignedDuration::from_secs(300);
/// Reports of one call.
const REPORTS_MAX: usize = 500;

/// What a provider says of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub provider_id: String,
    /// Arrived, failed for good, or something that is not the end.
    pub arrived: Option<bool>,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Changed a delivery.
    pub changed: u32,
    /// Said what was known, or nothing final.
    pub unchanged: u32,
    /// About no message of ours.
    pub unknown: u32,
}

/// Whether the signature holds and the time is ours.
/// # Errors
/// `Signature`.
pub fn verify(secret: &str, timestamp: &str, signature: &str, body: &[u8], now: Timestamp) -> Result<(), NoticeError> {
    let seconds: i64 = timestamp.parse().map_err(|_| NoticeError::Signature)?;
    let skew = now.as_seconds().checked_sub(seconds).ok_or(NoticeError::Signature)?;
    if skew.unsigned_abs() > SKEW.as_secs().unsigned_abs() {
        return Err(NoticeError::Signature);
    }
    let tag = hex::decode(signature).map_err(|_| NoticeError::Signature)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signed = [timestamp.as_bytes(), b".", body].concat();
    hmac::verify(&key, &signed, &tag).map_err(|_| NoticeError::Signature)
}

/// Reads a body by the form that the configuration describes.
/// # Errors
/// `Report` when it is no JSON, or has no such places, or more than 500 reports.
pub fn read(config: &ReportConfig, body: &[u8]) -> Result<Vec<Report>, NoticeError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| NoticeError::Report)?;
    let one = [&body];
    let all: Vec<&Value> = match &config.list_pointer {
        None => one.to_vec(),
        Some(pointer) => body
            .pointer(pointer)
            .and_then(Value::as_array)
            .ok_or(NoticeError::Report)?
            .iter()
            .collect(),
    };
    if all.len() > REPORTS_MAX {
        return Err(NoticeError::Report);
    }
    all.into_iter().map(|one| read_one(config, one)).collect()
}

fn read_one(config: &ReportConfig, one: &Value) -> Result<Report, NoticeError> {
    let text = |pointer: &str| {
        one.pointer(pointer)
            .map(text_of)
            .filter(|text| !text.is_empty())
            .ok_or(NoticeError::Report)
    };
    let state = text(&config.state_pointer)?;
    let arrived = if config.delivered.contains(&state) {
        Some(true)
    } else if config.failed.contains(&state) {
        Some(false)
    } else {
        None
    };
    Ok(Report {
        provider_id: cut(&text(&config.id_pointer)?),
        arrived,
    })
}

/// Writes what the reports change.
pub(super) fn take(tx: &mut Tx, channel: Channel, reports: &[Report], now: Timestamp) -> Result<Taken, StoreError> {
    let mut taken = Taken::default();
    for report in reports {
        let Some((id, state, message)) = table::by_provider_id(tx, channel, &report.provider_id)? else {
            taken.unknown += 1;
            continue;
        };
        let change = report.arrived.and_then(|arrived| rules::reported(state, arrived));
        let Some((to, reason)) = change else {
            taken.unchanged += 1;
            continue;
        };
        let end = End {
            state: to,
            reason,
            detail: None,
            provider_id: None,
            cost_dong: 0,
            now,
        };
        if table::settle(tx, id, state, &end)? {
            taken.changed += 1;
            if to == State::Failed && reason == Some(Reason::Reported) {
                super::outcome::fall_back(tx, channel, message, now)?;
            }
        } else {
            taken.unchanged += 1;
        }
    }
    Ok(taken)
}
