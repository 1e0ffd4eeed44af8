//! `tinhso init`: a province for real. Makes keys, database, units and procedures, writes the configuration,
//! and opens the first administrator's account with a password shown once.

use crate::Error;
use crate::app::App;
use crate::cli::InitArgs;
use crate::command::make;
use crate::console::say;
use identity::Role;
use identity::account::admin::{By, NewOfficer, NewRole};
use identity::unit::Profile;

/// Runs the command.
/// # Errors
/// A folder that holds a province already, or what making one says.
pub async fn run(args: InitArgs) -> Result<(), Error> {
    let path = args.place.config_path();
    if path.exists() {
        return Err(Error::Taken(format!(
            "{} is there already: this province is made. Serve it with: tinhso serve --config {0}",
            path.display()
        )));
    }
    let config = args.place.new_configuration(&args.province)?;
    crate::province::Province::find(&config.province)?;
    let store = make::province(&config, args.catalogue.as_deref()).await?;
    let app = App::over(config.clone(), store).await?;
    let opened = app
        .identity
        .open_officer(
            &By::System,
            NewOfficer {
                login: args.admin.clone(),
                name: args.admin.clone(),
                password: None,
                must_change: true,
                role: NewRole {
                    role: Role::Admin,
                    unit: Profile::shipped(&config.province)?.unit_id("province"),
                    valid_from: None,
                    valid_to: None,
                    reason: "tinhso init".to_owned(),
                },
            },
        )
        .await;
    let opened = match opened {
        Ok(opened) => Some(opened),
        // An interrupted init is finished by another one; the account of the first stays.
        Err(identity::IdentityError::Account(identity::account::AccountError::LoginTaken)) => None,
        Err(error) => return Err(error.into()),
    };
    app.store.close().await;
    config.write(&path)?;
    say(format_args!(
        "\nThe province is made. Its keys are in {}: keep a copy apart from the data.",
        config.keys.display()
    ));
    match opened {
        Some(opened) => say(format_args!(
            "First administrator: {} with the password {} (shown once, changed at the first sign-in).",
            args.admin,
            opened.password.as_str()
        )),
        None => say(format_args!(
            "The account {} is there already; tinhso accounts reset gives it a new password.",
            args.admin
        )),
    }
    say(format_args!("Serve it with: tinhso serve --config {}", path.display()));
    Ok(())
}
