//! Copies of a province: backup and restore in the engine's own form, export and import in a form that either
//! engine reads. Backup and export run beside a serving process.

use crate::Error;
use crate::cli::Place;
use crate::config;
use crate::console::say;
use crate::place::{MIGRATIONS, open_store, store_config};
use crate::world::RealWorld;
use std::path::Path;
use std::sync::Arc;
use store::Mode;

/// `tinhso backup`
/// # Errors
/// What the store or the files say; no half backup is left under the name.
pub async fn backup(place: &Place, out: &Path) -> Result<(), Error> {
    let config = place.configuration()?;
    let store = open_store(&config, Mode::Beside).await?;
    let report = store::backup::backup(&store, &RealWorld::new(), out).await?;
    say(format_args!(
        "backup of {} in {:.1} s: {} files, {} bytes, in {}",
        report.summary.taken_at,
        report.took.as_secs_f64(),
        report.summary.files,
        report.summary.bytes,
        out.display()
    ));
    say("The keys are not in it. Without the key file nothing personal can be read: keep a copy of it elsewhere.");
    found("attachment missing from storage", &report.summary.missing)
}

/// `tinhso restore`
/// # Errors
/// A place that holds anything, another key file, a damaged backup.
pub async fn restore(place: &Place, from: &Path, province: Option<&str>) -> Result<(), Error> {
    let path = place.config_path();
    let config = if path.exists() {
        place.configuration()?
    } else if let Some(name) = province {
        crate::province::Province::find(name)?;
        place.new_configuration(name)?
    } else {
        return Err(Error::Config(format!(
            "{} is not there: name the province of the backup with --province NAME, or put its configuration back first",
            path.display()
        )));
    };
    let report = store::backup::restore(
        from,
        &store_config(&config, Mode::Serve),
        MIGRATIONS,
        Arc::new(RealWorld::new()),
    )
    .await?;
    if !path.exists() {
        config.write(&path)?;
        say(format_args!("wrote {}: check it before serving", path.display()));
    }
    say(format_args!(
        "restored in {:.1} s: {} files, {} bytes. State of {}: what was done in the {} s after it is lost.",
        report.took.as_secs_f64(),
        report.files,
        report.bytes,
        report.taken_at,
        report.loss.as_secs()
    ));
    found("attachment missing from the backup", &report.missing)
}

/// `tinhso export`
/// # Errors
/// An archive that exists, a store that cannot be read.
pub async fn export(place: &Place, out: &Path, salvage: bool) -> Result<(), Error> {
    let config = place.configuration()?;
    if salvage {
        return self::salvage(&config, out).await;
    }
    let store = open_store(&config, Mode::Beside).await?;
    let report = store::archive::export(&store, &RealWorld::new(), out).await?;
    say(format_args!(
        "exported the state of {} in {:.1} s: {} bytes in {}",
        report.taken_at,
        report.took.as_secs_f64(),
        report.bytes,
        out.display()
    ));
    Ok(())
}

async fn salvage(config: &config::Config, out: &Path) -> Result<(), Error> {
    let report = store::salvage::salvage(&store_config(config, Mode::Beside), &RealWorld::new(), out).await?;
    say(format_args!("salvaged what is readable into {}", out.display()));
    let words = |lost: &store::archive::Lost| {
        format!(
            "{}, rows {} to {}: {}",
            lost.table, lost.rowids.0, lost.rowids.1, lost.reason
        )
    };
    let lost: Vec<String> = report.manifest.lost.iter().map(words).collect();
    found("not readable", &lost)
}

/// `tinhso import`
/// # Errors
/// A database that is not empty, an archive of a newer version, other keys, a damaged archive.
pub async fn import(place: &Place, from: &Path) -> Result<(), Error> {
    let config = place.configuration()?;
    let report = store::archive::import_and_upgrade(
        store_config(&config, Mode::Serve),
        MIGRATIONS,
        Arc::new(RealWorld::new()),
        from,
    )
    .await?;
    say(format_args!(
        "imported the state of {} in {:.1} s; every sum agrees",
        report.taken_at,
        report.took.as_secs_f64()
    ));
    Ok(())
}

fn found(what: &str, list: &[String]) -> Result<(), Error> {
    if list.is_empty() {
        return Ok(());
    }
    for one in list.iter().take(50) {
        say(format_args!("  {what}: {one}"));
    }
    Err(Error::Found(format!("{} × {what}; the rest is whole", list.len())))
}
