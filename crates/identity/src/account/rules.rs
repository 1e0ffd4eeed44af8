//! Owns who may give which role, what a sign-in name may be and what a reason is. Pure.
//! Refuses changes of one's own rights, and higher rights from lower hands.

use kernel::Date;

use super::{AccountError, AccountId, Role};

/// Longest reason, in letters.
pub const REASON_MAX: usize = 500;
/// Longest name, in letters.
pub const NAME_MAX: usize = 100;

/// The roles that an officer in the role `by` may give and withdraw.
#[must_use]
pub fn grantable(by: Role) -> &'static [Role] {
    match by {
        Role::Admin => Role::ALL,
        Role::UnitAdmin => &[
            Role::Desk,
            Role::Specialist,
            Role::Leader,
            Role::Accountant,
            Role::UnitAdmin,
        ],
        Role::Desk | Role::Specialist | Role::Leader | Role::Accountant | Role::Auditor | Role::Operator => &[],
    }
}

/// Whether `by` (in the role) may give or withdraw `role` of `of`.
/// # Errors
/// `OwnAccount`, `RoleNotGrantable`.
pub fn may_grant(by: (AccountId, Role), of: AccountId, role: Role) -> Result<(), AccountError> {
    if by.0 == of {
        return Err(AccountError::OwnAccount);
    }
    if grantable(by.1).contains(&role) {
        Ok(())
    } else {
        Err(AccountError::RoleNotGrantable(role))
    }
}

/// A sign-in name in its stored form.
/// # Errors
/// `LoginInvalid` unless it is 3-64 of a-z, 0-9, `.`, `-`, `_`, beginning with a letter.
pub fn login(text: &str) -> Result<String, AccountError> {
    let login = text.trim().to_ascii_lowercase();
    let fits = (3..=64).contains(&login.len())
        && login.starts_with(|c: char| c.is_ascii_lowercase())
        && login
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b));
    if fits {
        Ok(login)
    } else {
        Err(AccountError::LoginInvalid)
    }
}

/// A name at work, trimmed and in NFC.
/// # Errors
/// `NameInvalid` when empty, longer than 100 letters or with control characters.
pub fn name(text: &str) -> Result<String, AccountError> {
    let name = kernel::fold::nfc(text.trim()).into_owned();
    let fits = !name.is_empty() && name.chars().count() <= NAME_MAX && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(AccountError::NameInvalid) }
}

/// A reason, trimmed.
/// # Errors
/// `ReasonNeeded` when empty or longer than 500 letters.
pub fn reason(text: &str) -> Result<String, AccountError> {
    let reason = text.trim();
    let fits = !reason.is_empty() && reason.chars().count() <= REASON_MAX;
    if fits {
        Ok(reason.to_owned())
    } else {
        Err(AccountError::ReasonNeeded)
    }
}

/// The days of a role in order.
/// # Errors
/// `DatesReversed` when the last lies before the first.
pub fn days(from: Date, to: Option<Date>) -> Result<(), AccountError> {
    if to.is_some_and(|to| to < from) {
        Err(AccountError::DatesReversed)
    } else {
        Ok(())
    }
}
