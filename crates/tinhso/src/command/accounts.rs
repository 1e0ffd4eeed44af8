//! `tinhso accounts`: the way back in when no administrator can sign in.
//! It needs the data and the keys at hand, and leaves a row in the audit log.

use crate::Error;
use crate::app::App;
use crate::cli::{AccountsAction, Place};
use crate::console::say;
use crate::place::open_alone;
use identity::account::admin::By;

/// Runs the command. It writes an audit entry like any other reset.
/// # Errors
/// No such account; what the store says.
pub async fn run(place: &Place, action: AccountsAction) -> Result<(), Error> {
    let AccountsAction::Reset { name } = action;
    let config = place.configuration()?;
    let store = open_alone(
        &config,
        "an administrator does the same on the officer's page in /admin/accounts",
    )
    .await?;
    let app = App::over(config, store).await?;
    let Some(account) = app.identity.account_of_login(&name).await? else {
        return Err(Error::Found(format!("no account {name:?}")));
    };
    let password = app.identity.reset_password(&By::System, account).await?;
    app.identity.unlock_account(&By::System, account).await?;
    app.store.close().await;
    say(format_args!(
        "new password of {name}, shown once: {}",
        password.as_str()
    ));
    Ok(())
}
