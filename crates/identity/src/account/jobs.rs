//! Owns the nightly look at accounts: officers' accounts unused for 45 days are disabled (TCVN 14423), with an audit row each.
//! It never deletes an account: what it did stays to be accounted for.

use crate::audit::{self, Actor, detail};
use crate::sign_in::rules::UNUSED_MAX;
use crate::{Identity, IdentityError, session};

use super::store;

impl Identity {
    /// Disables officers' accounts unused for 45 days and ends their sign-ins; says how many. Safe to run at any time.
    /// # Errors
    /// When the store fails.
    pub async fn disable_unused_accounts(&self) -> Result<usize, IdentityError> {
        let now = self.now();
        let before = now - UNUSED_MAX;
        self.store()
            .write(move |tx| {
                let unused = store::unused(tx, before)?;
                for account in &unused {
                    store::set_disabled(tx, *account, Some("unused"), now)?;
                    session::store::end_all(tx, *account, None)?;
                    let why = detail([("why", "unused".to_owned())]);
                    audit::append(tx, Actor::System, "account.disable", &account.to_string(), why, now)?;
                }
                Ok::<_, IdentityError>(unused.len())
            })
            .await
    }
}
