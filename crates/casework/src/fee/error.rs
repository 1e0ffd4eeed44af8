//! What can go wrong where a dossier and its bill meet: the fault of either.
//! It adds none of its own.

use kernel::{ErrorKind, Fault};
use payment::PaymentError;
use store::StoreError;

use crate::dossier::DossierError;

/// A fee was not asked or confirmed.
#[derive(Debug, thiserror::Error)]
pub enum FeeError {
    /// What the dossier says.
    #[error(transparent)]
    Dossier(#[from] DossierError),
    /// What the bill says.
    #[error(transparent)]
    Payment(#[from] PaymentError),
}

impl From<StoreError> for FeeError {
    fn from(error: StoreError) -> Self {
        Self::Dossier(error.into())
    }
}

impl FeeError {
    fn fault(&self) -> &dyn Fault {
        match self {
            Self::Dossier(error) => error,
            Self::Payment(error) => error,
        }
    }
}

impl Fault for FeeError {
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
