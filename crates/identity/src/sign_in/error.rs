//! Owns what can go wrong while signing in. `Refused` is one answer for a wrong name, a wrong password, a locked and a disabled
//! account: the audit log knows which, the public does not.

use kernel::{ErrorKind, Fault};
use store::StoreError;

use crate::account::AccountError;
use crate::session::SessionError;

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Name, password, lock or disabling: not said which.
    #[error("sign-in refused")]
    Refused,
    /// The one-time code is wrong or was used before.
    #[error("the one-time code was refused")]
    CodeRefused,
    /// The step was not begun, or began too long ago.
    #[error("the sign-in has to begin again")]
    Expired,
    /// Too many tries from one place.
    #[error("too many tries, again in {retry_after_s} s")]
    TooMany {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// No such provider is configured.
    #[error("no such identity provider")]
    ProviderUnknown,
    /// The provider's configuration cannot be used.
    #[error("identity provider {id}: {reason}")]
    ProviderFaulty {
        /// Which.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// The provider does not answer, or not as the standard says.
    #[error("identity provider {id} cannot be used now: {reason}")]
    ProviderUnavailable {
        /// Which.
        id: String,
        /// What happened.
        reason: String,
    },
    /// The provider says no (the person cancelled).
    #[error("the identity provider refused: {0}")]
    ProviderRefused(String),
    /// State, nonce, signature, audience, issuer or time do not fit.
    #[error("the identity provider's answer is not valid: {0}")]
    AnswerInvalid(String),
    /// The answer lacks a claim that is needed, or it cannot be read.
    #[error("claim {0} is missing or cannot be read")]
    ClaimMissing(&'static str),
    /// Name or date of birth differ from the record with the same number.
    #[error("the identity does not fit the person on record")]
    IdentityDiffers,
    /// The person is marked as deceased. Who lives and reads this comes to the desk, and the mark is ended.
    #[error("the person is marked as deceased")]
    Deceased,
    /// An account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for SignInError {
    fn kind(&self) -> ErrorKind {
        match self {
            SignInError::Refused | SignInError::CodeRefused => ErrorKind::Invalid,
            SignInError::Expired => ErrorKind::Gone,
            SignInError::TooMany { retry_after_s } => ErrorKind::TooMany {
                retry_after_s: *retry_after_s,
            },
            SignInError::ProviderUnknown => ErrorKind::NotFound,
            SignInError::ProviderFaulty { .. } => ErrorKind::Internal,
            SignInError::ProviderUnavailable { .. } => ErrorKind::Unavailable,
            SignInError::ProviderRefused(_) | SignInError::AnswerInvalid(_) | SignInError::ClaimMissing(_) => {
                ErrorKind::Forbidden
            }
            SignInError::IdentityDiffers | SignInError::Deceased => ErrorKind::Forbidden,
            SignInError::Account(error) => error.kind(),
            SignInError::Session(error) => error.kind(),
            SignInError::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            SignInError::Refused => "sign-in-refused",
            SignInError::CodeRefused => "sign-in-code-refused",
            SignInError::Expired => "sign-in-expired",
            SignInError::TooMany { .. } => "sign-in-too-many",
            SignInError::ProviderUnknown => "sign-in-provider-unknown",
            SignInError::ProviderFaulty { .. } => "sign-in-provider-faulty",
            SignInError::ProviderUnavailable { .. } => "sign-in-provider-unavailable",
            SignInError::ProviderRefused(_) => "sign-in-provider-refused",
            SignInError::AnswerInvalid(_) => "sign-in-answer-invalid",
            SignInError::ClaimMissing(_) => "sign-in-claim-missing",
            SignInError::IdentityDiffers => "sign-in-identity-differs",
            SignInError::Deceased => "sign-in-deceased",
            SignInError::Account(error) => error.code(),
            SignInError::Session(error) => error.code(),
            SignInError::Store(error) => error.code(),
        }
    }
}
