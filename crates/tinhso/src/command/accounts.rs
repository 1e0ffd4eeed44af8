//! `tinhso accounts`: the way back in when no administrator can sign in, and the second administrator who approves with the first.
//! It needs the data and the keys at hand, and leaves a row in the audit log.

use crate::Error;
use crate::app::App;
use crate::cli::{AccountsAction, Place};
use crate::console::say;
use crate::place::open_alone;
use identity::Role;
use identity::account::admin::{By, NewOfficer, NewRole};

/// Runs the command. It writes an audit entry like any other act.
/// # Errors
/// No such account; what the store says.
pub async fn run(place: &Place, action: AccountsAction) -> Result<(), Error> {
    let config = place.configuration()?;
    let store = open_alone(
        &config,
        "an administrator does the same on the officer's page in /admin/accounts",
    )
    .await?;
    let app = App::over(config, store).await?;
    match action {
        AccountsAction::Reset { name } => reset(&app, &name).await?,
        AccountsAction::OpenAdmin {
            name,
            full_name,
            reason,
        } => open_admin(&app, name, full_name, reason).await?,
    }
    app.store.close().await;
    Ok(())
}

async fn reset(app: &App, name: &str) -> Result<(), Error> {
    let Some(account) = app.identity.account_of_login(name).await? else {
        return Err(Error::Found(format!("no account {name:?}")));
    };
    let password = app.identity.reset_password(&By::System, account).await?;
    app.identity.unlock_account(&By::System, account).await?;
    say(format_args!(
        "new password of {name}, shown once: {}",
        password.as_str()
    ));
    Ok(())
}

async fn open_admin(app: &App, login: String, name: String, reason: String) -> Result<(), Error> {
    let day = app.identity.now().local_date();
    let book = app.identity.units();
    let Some(unit) = book.root(day).map(|unit| unit.id) else {
        return Err(Error::Found(
            "the province has no unit yet: run `tinhso units import`".to_owned(),
        ));
    };
    let role = NewRole {
        role: Role::Admin,
        unit,
        valid_from: None,
        valid_to: None,
        reason,
    };
    let new = NewOfficer {
        login: login.clone(),
        name,
        password: None,
        must_change: true,
        role,
    };
    let opened = app.identity.open_officer(&By::System, new).await?;
    say(format_args!(
        "password of {login}, shown once: {}",
        opened.password.as_str()
    ));
    Ok(())
}
