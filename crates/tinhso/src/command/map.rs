//! `tinhso map boundaries`: boundaries of areas from a file.
//! It refuses a file with any fault whole.

use crate::Error;
use crate::cli::{MapAction, Place};
use crate::console::say;
use crate::place::open_alone;

/// Runs the command.
/// # Errors
/// A file that cannot be read or has a fault; what the store says.
pub async fn run(place: &Place, action: MapAction) -> Result<(), Error> {
    let MapAction::Boundaries { file, source } = action;
    let bytes = std::fs::read(&file).map_err(Error::io(format!("cannot read {}", file.display())))?;
    let named = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let source = source.or(named).unwrap_or_default();
    let store = open_alone(&place.configuration()?, "boundaries are loaded while nobody draws them").await?;
    let loaded = map::area::load_into(&store, &bytes, &source).await;
    store.close().await;
    let loaded = loaded.map_err(|error| Error::Config(format!("{}: {error}", file.display())))?;
    say(format_args!(
        "{} boundaries: {} new, {} in the place of others",
        loaded.new + loaded.replaced,
        loaded.new,
        loaded.replaced
    ));
    Ok(())
}
