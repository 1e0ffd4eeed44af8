//! Owns `Indicators`, the handle that the binary makes once: the dossiers it counts, and through them store, clock and policy.
//! Refuses nothing; what may be seen is decided by policy.

use std::sync::Arc;

use casework::Casework;
use identity::Identity;
use kernel::Timestamp;
use store::outbox::Consumer;
use store::{Store, StoreError};

use crate::Reported;

/// The figures of one province. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Indicators(Arc<House>);

#[derive(Clone, Debug)]
struct House {
    casework: Casework,
    reported: Reported,
}

impl Indicators {
    /// Makes the handle and registers texts and navigation. Reads nothing yet.
    #[must_use]
    pub fn new(casework: &Casework) -> Self {
        web::i18n::register(&[crate::TEXT]);
        Self(Arc::new(House {
            casework: casework.clone(),
            reported: Reported::default(),
        }))
    }

    /// The same with what the province published.
    #[must_use]
    pub fn with_reported(self, reported: Reported) -> Self {
        let casework = self.0.casework.clone();
        Self(Arc::new(House { casework, reported }))
    }

    /// What the province published about its figures.
    #[must_use]
    pub fn reported(&self) -> &Reported {
        &self.0.reported
    }

    /// The dossiers that are counted.
    #[must_use]
    pub fn casework(&self) -> &Casework {
        &self.0.casework
    }

    /// Who asks and what they may.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.0.casework.identity()
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.0.casework.store()
    }

    /// The hour.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.casework.now()
    }

    /// Makes facts and cells anew from the dossiers; see [`crate::rebuild`].
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rebuild(&self, progress: impl FnMut(u64)) -> Result<u64, StoreError> {
        crate::rebuild(self.store(), self.0.casework.calendar(), progress).await
    }

    /// Makes facts and cells if that was never done. Says whether it was done now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ensure(&self) -> Result<bool, StoreError> {
        crate::fact::ensure(self.store(), self.0.casework.calendar()).await
    }

    /// Starts what keeps facts and cells right while the province is served.
    #[must_use]
    pub fn start(&self) -> Consumer {
        crate::fact::jobs::start(self.store(), self.0.casework.calendar())
    }
}
