//! Owns the removal of sign-ins that ended by time.
//! It ends nobody who is within her time.

use crate::{Identity, IdentityError};

use super::rules::IDLE_CITIZEN;
use super::store;

impl Identity {
    /// Removes sign-ins that ended by time; says how many. Safe to run at any time.
    /// # Errors
    /// When the store fails.
    pub async fn sweep_sessions(&self) -> Result<u64, IdentityError> {
        let now = self.now();
        // The longest idle time of all: what is older has ended for everybody.
        let idle_before = now - IDLE_CITIZEN;
        Ok(self.store().write(move |tx| store::sweep(tx, now, idle_before)).await?)
    }
}
