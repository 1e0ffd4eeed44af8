//! Owns what can go wrong with accounts and roles. The public words are in the text files; these are for the log and name
//! no person.

use kernel::{ErrorKind, Fault};
use store::StoreError;

use super::password::PasswordFault;
use super::{AccountId, Role};
use crate::policy::PolicyError;

/// What can go wrong with an account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No such account.
    #[error("account {0} does not exist")]
    Unknown(AccountId),
    /// The sign-in name is taken.
    #[error("the sign-in name is taken")]
    LoginTaken,
    /// The sign-in name is not 3-64 of a-z, 0-9, `.`, `-`, `_`, beginning with a letter.
    #[error("not a sign-in name")]
    LoginInvalid,
    /// The name at work is empty or too long.
    #[error("not a name")]
    NameInvalid,
    /// A reason must be given, of at most 500 letters.
    #[error("a reason is needed")]
    ReasonNeeded,
    /// The password breaks a rule.
    #[error("password refused: {0:?}")]
    Password(PasswordFault),
    /// The role may not be given by this officer.
    #[error("role {0} may not be given by this officer")]
    RoleNotGrantable(Role),
    /// Nobody changes the own rights or unlocks the own account.
    #[error("an officer acts on the own account")]
    OwnAccount,
    /// The account already has the role at the unit.
    #[error("role {0} at the unit is held already")]
    RoleHeld(Role),
    /// No such assignment, or withdrawn already.
    #[error("no such assignment")]
    AssignmentUnknown,
    /// The unit is not in force.
    #[error("the unit is not in force")]
    UnitUnknown,
    /// The last day lies before the first.
    #[error("the last day lies before the first")]
    DatesReversed,
    /// Only officers have passwords and roles.
    #[error("account {0} is not an officer's")]
    NotAnOfficer(AccountId),
    /// Who asked for it does not decide it.
    #[error("who asked does not decide")]
    SamePerson,
    /// No such proposal.
    #[error("no such proposal")]
    ProposalUnknown,
    /// Somebody decided it already.
    #[error("the proposal is decided")]
    ProposalDecided,
    /// The same is asked for already.
    #[error("the same waits already")]
    WaitsAlready,
    /// The account was opened and no second administrator approved it.
    #[error("account {0} was never approved")]
    NotApproved(AccountId),
    /// The one-time code is wrong.
    #[error("the one-time code is wrong")]
    CodeWrong,
    /// Setting up the second factor was not begun.
    #[error("no second factor is being set up")]
    TotpNotBegun,
    /// Not permitted.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something sealed could not be opened.
    #[error("a sealed value could not be opened: {0}")]
    Sealed(String),
    /// Too many sign-ins wait for their turn.
    #[error("too many passwords wait to be checked")]
    TooBusy,
    /// Hashing failed; says nothing of the password.
    #[error("hashing failed: {0}")]
    Hash(String),
}

impl Fault for AccountError {
    fn kind(&self) -> ErrorKind {
        match self {
            AccountError::Unknown(_) | AccountError::AssignmentUnknown | AccountError::ProposalUnknown => {
                ErrorKind::NotFound
            }
            AccountError::LoginTaken
            | AccountError::RoleHeld(_)
            | AccountError::TotpNotBegun
            | AccountError::ProposalDecided
            | AccountError::WaitsAlready
            | AccountError::NotApproved(_) => ErrorKind::Conflict,
            AccountError::LoginInvalid
            | AccountError::NameInvalid
            | AccountError::ReasonNeeded
            | AccountError::Password(_)
            | AccountError::UnitUnknown
            | AccountError::DatesReversed
            | AccountError::NotAnOfficer(_)
            | AccountError::CodeWrong => ErrorKind::Invalid,
            AccountError::RoleNotGrantable(_) | AccountError::OwnAccount | AccountError::SamePerson => {
                ErrorKind::Forbidden
            }
            AccountError::Policy(error) => error.kind(),
            AccountError::Store(error) => error.kind(),
            AccountError::TooBusy => ErrorKind::Busy { retry_after_s: 5 },
            AccountError::Sealed(_) | AccountError::Hash(_) => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            AccountError::Unknown(_) => "account-unknown",
            AccountError::LoginTaken => "account-login-taken",
            AccountError::LoginInvalid => "account-login-invalid",
            AccountError::NameInvalid => "account-name-invalid",
            AccountError::ReasonNeeded => "account-reason-needed",
            AccountError::Password(fault) => fault.code(),
            AccountError::RoleNotGrantable(_) => "account-role-not-grantable",
            AccountError::OwnAccount => "account-own-account",
            AccountError::RoleHeld(_) => "account-role-held",
            AccountError::AssignmentUnknown => "account-assignment-unknown",
            AccountError::UnitUnknown => "account-unit-unknown",
            AccountError::DatesReversed => "account-dates-reversed",
            AccountError::NotAnOfficer(_) => "account-not-an-officer",
            AccountError::SamePerson => "account-same-person",
            AccountError::ProposalUnknown => "account-proposal-unknown",
            AccountError::ProposalDecided => "account-proposal-decided",
            AccountError::WaitsAlready => "account-waits-already",
            AccountError::NotApproved(_) => "account-not-approved",
            AccountError::CodeWrong => "account-code-wrong",
            AccountError::TotpNotBegun => "account-totp-not-begun",
            AccountError::Policy(error) => error.code(),
            AccountError::Store(error) => error.code(),
            AccountError::TooBusy => "account-too-busy",
            AccountError::Sealed(_) | AccountError::Hash(_) => "account-internal",
        }
    }
}
