//! Owns the one error that covers this crate, for callers that need not tell its parts apart.
//! It adds no fault of its own: kind, code and words are those of the part.

use kernel::{ErrorKind, Fault};

use crate::account::AccountError;
use crate::policy::PolicyError;
use crate::purpose::PurposeError;
use crate::session::SessionError;
use crate::sign_in::SignInError;

/// Anything that identity refuses or fails at.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A decision of policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A sealed field.
    #[error(transparent)]
    Purpose(#[from] PurposeError),
    /// An account or role.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A live sign-in.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Signing in.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// A record of a person or organisation.
    #[error(transparent)]
    Person(#[from] crate::person::PersonError),
    /// The areas.
    #[error(transparent)]
    Area(#[from] crate::area::AreaError),
    /// The units.
    #[error(transparent)]
    Unit(#[from] crate::unit::UnitError),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl IdentityError {
    fn fault(&self) -> &dyn Fault {
        match self {
            IdentityError::Policy(error) => error,
            IdentityError::Purpose(error) => error,
            IdentityError::Account(error) => error,
            IdentityError::Session(error) => error,
            IdentityError::SignIn(error) => error,
            IdentityError::Person(error) => error,
            IdentityError::Area(error) => error,
            IdentityError::Unit(error) => error,
            IdentityError::Store(error) => error,
        }
    }
}

impl Fault for IdentityError {
    fn kind(&self) -> ErrorKind {
        self.fault().kind()
    }

    fn code(&self) -> &'static str {
        self.fault().code()
    }

    fn args(&self) -> Vec<(&'static str, String)> {
        self.fault().args()
    }
}
