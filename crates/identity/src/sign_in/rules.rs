//! Owns small decisions of signing in: where one may be sent back to, when failures lock, when an account counts as unused.
//! Refuses ways back that leave this site (open redirects). Pure.

use jiff::SignedDuration;
use kernel::Timestamp;

use crate::account::Account;

/// Failures in a row that lock an account.
pub const FAILURES_MAX: i64 = 5;
/// How long it stays locked unless an administrator unlocks it.
pub const LOCK_TIME: SignedDuration = SignedDuration::from_mins(15);
/// An officer's account unused for so long is disabled.
pub const UNUSED_MAX: SignedDuration = SignedDuration::from_hours(45 * 24);

/// Longest way back that is kept.
const RETURN_TO_MAX: usize = 2_000;

/// The local path to go back to, or the home page: one `/`, no scheme, no host, no control characters, not a sign-in page.
#[must_use]
pub fn return_to(text: Option<&str>) -> String {
    let home = || "/".to_owned();
    let Some(text) = text else { return home() };
    let is_local = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
    let is_clean =
        text.len() <= RETURN_TO_MAX && text.chars().all(|c| !c.is_control() && c != '\\' && !c.is_whitespace());
    let is_loop = ["/sign-in", "/sign-out"].iter().any(|path| text.starts_with(path));
    if is_local && is_clean && !is_loop {
        text.to_owned()
    } else {
        home()
    }
}

/// Percent-encodes what may not stand in a query value.
#[must_use]
pub fn encode_query(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    encoded
}

/// Whether an account was unused for 45 days.
#[must_use]
pub fn is_unused(account: &Account, now: Timestamp) -> bool {
    now.since(account.used_at) >= UNUSED_MAX
}

/// What a failure does to the count: how many now, and until when it locks.
#[must_use]
pub fn after_failure(account: &Account, now: Timestamp) -> (i64, Option<Timestamp>) {
    if account.is_locked(now) {
        return (account.failures, account.locked_until);
    }
    let failures = account.failures + 1;
    if failures >= FAILURES_MAX {
        (0, Some(now + LOCK_TIME))
    } else {
        (failures, None)
    }
}
