//! `tinhso catalogue import`: procedures from our own JSON Lines or from the published source forms, with a
//! report of what was read and what was not.

use crate::Error;
use crate::cli::{CatalogueAction, Place};
use crate::console::say;
use crate::place::open_alone;
use casework::catalogue::{self, Edition, Reading};
use casework::procedure::import::{Extent, import};
use std::io::BufReader;
use std::path::Path;
use store::Store;

/// Faults printed one by one.
const FAULTS_SHOWN_MAX: usize = 200;

/// Runs the command.
/// # Errors
/// A file that cannot be read; what the store says.
pub async fn run(place: &Place, action: CatalogueAction) -> Result<(), Error> {
    let CatalogueAction::Import {
        files,
        source,
        copied_on,
        check,
    } = action;
    let store = if check {
        None
    } else {
        let beside = "with --check the files are read and reported beside it, and nothing is stored";
        Some(open_alone(&place.configuration()?, beside).await?)
    };
    for path in &files {
        let edition = Edition {
            source: source.clone().unwrap_or_else(|| name_of(path)),
            copied_on,
        };
        let reading = read(path, &edition)?;
        say(format_args!("{}:", path.display()));
        say(reading.report.table());
        for unread in reading.report.unread.iter().take(FAULTS_SHOWN_MAX) {
            say(format_args!(
                "  line {} {} {:?}: {}: {}",
                unread.line, unread.code, unread.field, unread.reason, unread.excerpt
            ));
        }
        if let Some(store) = &store {
            keep(store, &reading).await?;
        }
    }
    if let Some(store) = store {
        store.close().await;
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Reads a file of any of the forms, packed or not.
fn read(path: &Path, edition: &Edition) -> Result<Reading, Error> {
    let file = std::fs::File::open(path).map_err(Error::io(format!("cannot read {}", path.display())))?;
    catalogue::read(BufReader::new(file), edition).map_err(|e| Error::Config(format!("{}: {e}", path.display())))
}

async fn keep(store: &Store, reading: &Reading) -> Result<(), Error> {
    let mut lines = Vec::new();
    catalogue::write(&reading.procedures, &mut lines).map_err(|e| Error::Config(e.to_string()))?;
    let world = store.world().clone();
    let report = import(
        store,
        world.as_ref(),
        BufReader::new(lines.as_slice()),
        Extent::Partial,
        |_| {},
    )
    .await?;
    say(format_args!(
        "  stored: {} new, {} changed, {} unchanged",
        report.added, report.changed, report.unchanged
    ));
    Ok(())
}
