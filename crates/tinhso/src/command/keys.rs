//! `tinhso keys`: which keys there are, a new one, and sealing again under it. Keys themselves are never printed.
//! It drops no key: older ones stay for reading what they sealed.

use crate::Error;
use crate::cli::{KeysAction, Place};
use crate::console::{Step, say, table};
use crate::place::open_alone;
use crate::world::RealWorld;
use store::keys::{self, KeyFile};

/// Runs the command.
/// # Errors
/// A key file that is missing, open to others, or not the one of this province.
pub async fn run(place: &Place, action: KeysAction) -> Result<(), Error> {
    let config = place.configuration()?;
    match action {
        KeysAction::List => {
            let file = KeyFile::read(&config.keys)?;
            let active = file.active()?;
            let mut rows = vec![["key", "for", "made at", ""].map(str::to_owned).to_vec()];
            rows.extend(file.list().map(|(id, purpose, made)| {
                let mark = if id == active { "active" } else { "" };
                vec![
                    id.to_string(),
                    format!("{purpose:?}").to_lowercase(),
                    made.to_owned(),
                    mark.to_owned(),
                ]
            }));
            table(&rows);
        }
        KeysAction::Rotate => {
            let id = keys::rotate(&config.keys, &RealWorld::new())?;
            say(format_args!(
                "key {id} is made; a running server takes it into use within a day and seals again in the background"
            ));
        }
        KeysAction::Reseal => reseal(&config).await?,
    }
    Ok(())
}

async fn reseal(config: &crate::config::Config) -> Result<(), Error> {
    let store = open_alone(
        config,
        "it takes a new key into use and seals again by itself, within a day",
    )
    .await?;
    let step = Step::start("sealing again", 0);
    let progress = keys::reseal(&store, &RealWorld::new(), &crate::sealed_columns(), |done| {
        step.at(done.resealed)
    })
    .await?;
    step.done(format_args!(
        "{} values are under the active key now",
        progress.resealed
    ));
    store.close().await;
    Ok(())
}
