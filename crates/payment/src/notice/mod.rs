//! Notices of a bank: the bank (or a provider between) tells of a booking the moment it happens, signed with a key of its
//! own for each account. The same booking on a statement later is the same line.
//! It refuses a notice that is not signed rightly or is older than five minutes. Signature: HMAC-SHA256 over time and body.

pub mod http;
#[cfg(test)]
mod tests;

use kernel::{Date, Dong, Timestamp};
use ring::hmac;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::PaymentError;
use crate::statement::{Direction, Line, TEXT_CHARS_MAX};

/// The header with time and signature: `t=1763780000,v1=` and 64 hexadecimal digits.
pub const HEADER: &str = "x-tinhso-signature";
/// How far the time of a signature may be from ours, in seconds.
const SECONDS_OFF_MAX: i64 = 300;
/// The most bytes of a notice.
pub(crate) const BYTES_MAX: usize = 16 * 1024;

/// A booking that the bank tells of.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeBody {
    /// The bank's own number of the booking: the one that its statement will have.
    reference: String,
    /// Day of the booking, `2026-11-18`.
    booked_on: String,
    /// Whole đồng, more than nothing.
    amount: i64,
    /// `in` when money came, `out` when it went.
    direction: String,
    /// Text of the transfer.
    #[serde(default)]
    text: String,
    /// Who paid or was paid.
    #[serde(default)]
    counterparty: Option<String>,
}

impl NoticeBody {
    /// Reads a notice as a line of a statement.
    ///
    /// # Errors
    /// `Notice` says which part cannot be.
    pub(crate) fn read(bytes: &[u8]) -> Result<Line, PaymentError> {
        let fault = |why: &str| PaymentError::Notice(why.to_owned());
        let body: Self = serde_json::from_slice(bytes).map_err(|error| PaymentError::Notice(error.to_string()))?;
        let booked_on: Date = body.booked_on.parse().map_err(|_| fault("booked_on"))?;
        let direction: Direction = body.direction.parse().map_err(|_| fault("direction"))?;
        let long = |text: &str| text.chars().count() > TEXT_CHARS_MAX;
        if body.reference.trim().is_empty() || long(&body.reference) {
            return Err(fault("reference"));
        }
        if body.amount <= 0 {
            return Err(fault("amount"));
        }
        if long(&body.text) || body.counterparty.as_deref().is_some_and(long) {
            return Err(fault("text"));
        }
        Ok(Line {
            number: 1,
            booked_on,
            amount: Dong::new(body.amount),
            direction,
            counterparty: body.counterparty,
            text: body.text,
            bank_reference: Some(body.reference.trim().to_owned()),
        })
    }
}

/// Whether `header` signs `body` with `secret` at about `now`.
///
/// # Errors
/// `Signature` says what does not fit.
pub(crate) fn verify(secret: &[u8; 32], header: &str, body: &[u8], now: Timestamp) -> Result<(), PaymentError> {
    let (mut time, mut signature) = (None, None);
    for piece in header.split(',') {
        match piece.trim().split_once('=') {
            Some(("t", value)) => time = value.parse::<i64>().ok(),
            Some(("v1", value)) => signature = hex::decode(value).ok(),
            _ => {}
        }
    }
    let time = time.ok_or(PaymentError::Signature("no time"))?;
    let signature = signature.ok_or(PaymentError::Signature("no signature"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::verify(&key, &signed(time, body), &signature).map_err(|_| PaymentError::Signature("does not fit"))?;
    let off = (now.as_micros() / 1_000_000).saturating_sub(time).saturating_abs();
    if off > SECONDS_OFF_MAX {
        return Err(PaymentError::Signature("the time is too far off"));
    }
    Ok(())
}

/// What is signed: the time, a dot, the body.
fn signed(time: i64, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{time}.").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The header that signs `body` at `now`: what a bank's program computes.
#[must_use]
pub fn sign(secret: &[u8; 32], body: &[u8], now: Timestamp) -> String {
    let time = now.as_micros() / 1_000_000;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    format!("t={time},v1={}", hex::encode(hmac::sign(&key, &signed(time, body))))
}
