//! Owns how long a sign-in lasts and what still stands before it is one. Pure: rows and the hour are arguments.
//! TCVN 14423 level 3: officers 15 idle minutes, administrators 5; citizens 30, with a warning on the page.

use jiff::SignedDuration;
use kernel::{Date, Timestamp};

use super::{Level, Session, Stage};
use crate::account::{Account, AccountKind, Assignment};

/// Idle time of an officer.
pub const IDLE_OFFICER: SignedDuration = SignedDuration::from_mins(15);
/// Idle time of an administrator.
pub const IDLE_ADMINISTRATOR: SignedDuration = SignedDuration::from_mins(5);
/// Idle time of a citizen or an organisation.
pub const IDLE_CITIZEN: SignedDuration = SignedDuration::from_mins(30);
/// A sign-in ends after this time even when used without pause.
pub const LIFE_MAX: SignedDuration = SignedDuration::from_hours(12);
/// A sign-in that is not complete (code, new password, second factor still missing) ends after this time.
pub const LIFE_PENDING: SignedDuration = SignedDuration::from_mins(15);
/// The last use is written at most this often.
pub const TOUCH_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// The idle time that holds for the account with the assignments of today.
#[must_use]
pub fn idle_limit(kind: AccountKind, assignments: &[Assignment]) -> SignedDuration {
    match kind {
        AccountKind::Citizen | AccountKind::Organisation => IDLE_CITIZEN,
        AccountKind::Officer if assignments.iter().any(|held| held.role.is_administrator()) => IDLE_ADMINISTRATOR,
        AccountKind::Officer => IDLE_OFFICER,
    }
}

/// When the session ends if nothing more happens.
#[must_use]
pub fn ends_at(session: &Session, idle: SignedDuration) -> Timestamp {
    (session.seen_at + idle).min(session.expires_at)
}

/// Whether it has ended. A clock set back does not lengthen it: a session from the future has ended.
#[must_use]
pub fn has_ended(session: &Session, idle: SignedDuration, now: Timestamp) -> bool {
    let before_it_began = now + TOUCH_EVERY * 5 < session.created_at;
    now >= ends_at(session, idle) || before_it_began
}

/// Whether the last use should be written again.
#[must_use]
pub fn needs_touch(session: &Session, now: Timestamp) -> bool {
    now.since(session.seen_at) >= TOUCH_EVERY
}

/// Absolute end of a session opened at `now`.
#[must_use]
pub fn expiry(stage: Stage, now: Timestamp) -> Timestamp {
    now + if stage == Stage::Full { LIFE_MAX } else { LIFE_PENDING }
}

/// What stands next before the work, after the proof `level` was given.
#[must_use]
pub fn next_stage(account: &Account, assignments: &[Assignment], level: Level) -> Stage {
    let has_totp = account.totp_confirmed_at.is_some();
    let must_have_totp = assignments.iter().any(|held| held.role.is_administrator());
    match level {
        Level::Oidc => Stage::Full,
        Level::Password if has_totp => Stage::Totp,
        Level::Password | Level::PasswordTotp if account.password_must_change => Stage::ChangePassword,
        Level::Password if must_have_totp => Stage::EnrolTotp,
        Level::Password | Level::PasswordTotp => Stage::Full,
    }
}

/// The assignments that hold on `day`, in a fixed order.
#[must_use]
pub fn held_on(mut all: Vec<Assignment>, day: Date) -> Vec<Assignment> {
    all.retain(|assignment| assignment.holds_on(day));
    all.sort_by_key(|assignment| (assignment.role, assignment.id));
    all
}

/// The index of the assignment to act under: the one chosen, or the only or first one.
#[must_use]
pub fn acting(session: &Session, held: &[Assignment]) -> Option<usize> {
    let chosen = session
        .acting
        .and_then(|id| held.iter().position(|assignment| assignment.id == id));
    chosen.or_else(|| (!held.is_empty()).then_some(0))
}

/// Browser and system from a user agent, coarse on purpose: enough to know one's own devices again.
#[must_use]
pub fn device(user_agent: &str) -> String {
    let pick = |names: &[(&str, &'static str)], other| {
        names
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map_or(other, |(_, name)| *name)
    };
    let browser = pick(
        &[
            ("Edg", "Edge"),
            ("coc_coc", "Cốc Cốc"),
            ("OPR/", "Opera"),
            ("Firefox", "Firefox"),
            ("Chrome", "Chrome"),
            ("Safari", "Safari"),
        ],
        "",
    );
    let system = pick(
        &[
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS", "macOS"),
            ("Linux", "Linux"),
        ],
        "",
    );
    [browser, system]
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}
