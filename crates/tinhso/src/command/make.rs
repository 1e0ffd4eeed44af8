//! Making a province: folders, keys, schema, areas, units, procedures. `init` and `demo` both come through
//! here, and running it again completes what an interruption left undone.

use crate::Error;
use crate::config::Config;
use crate::console::Step;
use crate::place::{MIGRATIONS, store_config};
use crate::world::RealWorld;
use casework::procedure::import::{Extent, import};
use identity::area::{self, seed};
use identity::unit;
use identity::unit::Profile;
use kernel::World;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use store::{Mode, Store};

/// Makes what is missing of the province that `config` names, and opens its store.
/// # Errors
/// Folders that cannot be written, keys that do not fit, a profile that does not exist.
pub async fn province(config: &Config, catalogue: Option<&Path>) -> Result<Store, Error> {
    folders(config)?;
    keys(config)?;
    let step = Step::start("database", 0);
    let world: Arc<dyn World> = Arc::new(RealWorld::new());
    let store = Store::open(store_config(config, Mode::Serve), MIGRATIONS, world).await?;
    step.done(match store.engine() {
        store::EngineKind::Sqlite => "SQLite, in the data folder",
        store::EngineKind::Postgres => "PostgreSQL",
    });
    load_areas(&store).await?;
    load_units(&store, &config.province).await?;
    match catalogue {
        Some(path) => {
            let file = std::fs::File::open(path).map_err(Error::io(format!("cannot read {}", path.display())))?;
            load_procedures(&store, BufReader::new(file)).await?;
        }
        None => load_shipped_procedures(&store).await?,
    }
    Ok(store)
}

fn folders(config: &Config) -> Result<(), Error> {
    std::fs::create_dir_all(&config.data).map_err(Error::io(format!(
        "cannot make the data folder {}",
        config.data.display()
    )))
}

/// Makes the key file when it is missing; one that is there is kept.
fn keys(config: &Config) -> Result<(), Error> {
    if config.keys.exists() {
        return Ok(());
    }
    store::keys::create(&config.keys, &RealWorld::new())?;
    Ok(())
}

/// Loads the country's areas: current ones, former ones, and who followed whom.
/// # Errors
/// When the store refuses.
pub async fn load_areas(store: &Store) -> Result<(), Error> {
    if store.read(area::is_loaded).await? {
        return Ok(());
    }
    let step = Step::start("areas", 0);
    let draft = Arc::new(seed::shipped()?);
    let count = draft.areas.len();
    store.write(move |tx| area::replace_all(tx, &draft)).await?;
    step.done(format_args!("{count} areas, former ones included"));
    Ok(())
}

/// Loads the units of a profile; those that are there stay as administrators left them.
/// # Errors
/// A profile that does not fit the areas.
pub async fn load_units(store: &Store, province: &str) -> Result<(), Error> {
    let step = Step::start("agencies and units", 0);
    let profile = Profile::shipped(province)?;
    let book = store.read(area::load).await?;
    let made = Arc::new(profile.units(&book)?);
    let (now, name, total) = (store.world().now(), province.to_owned(), made.units.len());
    let new = store.write(move |tx| unit::save_profile(tx, &made, &name, now)).await?;
    step.done(format_args!("{total} units, {new} new"));
    Ok(())
}

/// Loads the procedures that the binary carries.
/// # Errors
/// When the store refuses.
pub async fn load_shipped_procedures(store: &Store) -> Result<(), Error> {
    load_procedures(store, casework::catalogue::shipped()).await
}

async fn load_procedures(store: &Store, reader: impl BufRead) -> Result<(), Error> {
    let step = Step::start("procedures", 0);
    let world = store.world().clone();
    let report = import(store, world.as_ref(), reader, Extent::Partial, |lines| {
        step.at(lines as u64)
    })
    .await?;
    step.done(format_args!(
        "{} read, {} new, {} changed, {} not readable",
        report.lines,
        report.added,
        report.changed,
        report.faults.len()
    ));
    for (line, fault) in report.faults.iter().take(20) {
        crate::console::say(format_args!("    line {line}: {fault}"));
    }
    Ok(())
}
