//! What makes an absence sound, and who stands in at last when deputies are away themselves. Pure.
//! It refuses circles: where everybody in a row is away, work stays where it was given.

use identity::AccountId;
use kernel::Date;

use super::{Absence, AbsenceError};

/// Longest absence, in days: longer is a move.
pub(crate) const DAYS_MAX: i64 = 366;

/// Deputies of deputies that are followed.
pub(crate) const CHAIN_MAX: usize = 5;

/// Whether a new absence can be entered on `today` beside those that `known` of the same officer.
///
/// # Errors
/// Each variant says what to change.
pub(crate) fn check(new: &Absence, known: &[Absence], today: Date) -> Result<(), AbsenceError> {
    if new.until < new.from {
        return Err(AbsenceError::Order);
    }
    if new.until < today {
        return Err(AbsenceError::Past);
    }
    let days = new
        .from
        .until(new.until)
        .map_or(i64::MAX, |span| i64::from(span.get_days()));
    if days >= DAYS_MAX {
        return Err(AbsenceError::TooLong(DAYS_MAX));
    }
    if new.deputy == new.officer {
        return Err(AbsenceError::OwnDeputy);
    }
    let meets = |old: &&Absence| old.ended.is_none() && old.from <= new.until && new.from <= old.until;
    if known.iter().any(|old| meets(&old)) {
        return Err(AbsenceError::Overlaps);
    }
    Ok(())
}

/// Who stands in for `officer`: her deputy, or the deputy's when that one is away too. `None` when she is there herself, or
/// when nobody in the row is.
///
/// # Errors
/// What `find` says.
pub(crate) fn stand_in<E>(
    officer: AccountId,
    mut find: impl FnMut(AccountId) -> Result<Option<Absence>, E>,
) -> Result<Option<(AccountId, String)>, E> {
    let mut next = None;
    let mut at = officer;
    for _ in 0..CHAIN_MAX {
        match find(at)? {
            None => return Ok(next),
            Some(away) if away.deputy == officer => return Ok(None),
            Some(away) => {
                at = away.deputy;
                next = Some((away.deputy, away.deputy_name));
            }
        }
    }
    Ok(None)
}
