//! `tinhso catalogue import`: procedures from our own JSON Lines or from the published source forms, with a
//! report of what was read and what was not, and of whom a changed procedure touches. What is stored waits for somebody who
//! approves it on a page, but for the first catalogue of a province, which holds at once.

use crate::Error;
use crate::cli::{CatalogueAction, Place};
use crate::console::say;
use crate::place::{open_alone, open_store};
use casework::catalogue::{self, Edition, Reading};
use casework::procedure::import::{Extent, Terms, import_under};
use casework::procedure::version;
use std::io::BufReader;
use std::path::Path;
use store::{Mode, Store};

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
        valid_from,
        by,
        check,
    } = action;
    let store = if check {
        beside(place).await?
    } else {
        let beside = "with --check the files are read and reported beside it, and nothing is stored";
        Some(open_alone(&place.configuration()?, beside).await?)
    };
    let mut terms = Terms::proposed(valid_from, by);
    if let Some(store) = &store {
        // The first catalogue of a province replaces nothing that anybody relies on.
        terms.waits = !store.read(version::is_none).await?;
    }
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
            touched(store, &reading).await?;
            if !check {
                keep(store, &reading, &terms).await?;
            }
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

/// The province of the data folder, to be looked at; none where there is no province.
async fn beside(place: &Place) -> Result<Option<Store>, Error> {
    if !place.config_path().exists() && place.database.is_none() {
        return Ok(None);
    }
    Ok(Some(open_store(&place.configuration()?, Mode::Beside).await?))
}

/// Says which procedures would change, in what, and whom that touches before it holds.
async fn touched(store: &Store, reading: &Reading) -> Result<(), Error> {
    let procedures = reading.procedures.clone();
    let touches = store.read(move |tx| version::touches(tx, &procedures)).await?;
    let (mut drafts, mut dossiers) = (0, 0);
    for one in &touches {
        let what: Vec<&str> = one.what.iter().map(|what| what.word()).collect();
        drafts += one.drafts;
        dossiers += one.dossiers;
        say(format_args!(
            "  {}: changes {}; {} drafts, {} running dossiers",
            one.code,
            if what.is_empty() {
                "words alone".to_owned()
            } else {
                what.join(", ")
            },
            one.drafts,
            one.dossiers
        ));
    }
    say(format_args!(
        "  touched: {} procedures, {drafts} drafts that will be told, {dossiers} running dossiers that stay as they are",
        touches.len()
    ));
    Ok(())
}

async fn keep(store: &Store, reading: &Reading, terms: &Terms) -> Result<(), Error> {
    let mut lines = Vec::new();
    catalogue::write(&reading.procedures, &mut lines).map_err(|e| Error::Config(e.to_string()))?;
    let world = store.world().clone();
    let lines = BufReader::new(lines.as_slice());
    let report = import_under(store, world.as_ref(), lines, Extent::Partial, terms, |_| {}).await?;
    say(format_args!(
        "  stored: {} new, {} changed, {} unchanged; {} wait for approval on /admin/procedures",
        report.added, report.changed, report.unchanged, report.waiting
    ));
    Ok(())
}
