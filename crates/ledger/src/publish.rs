//! The log as files in a folder, as any web server can give them out: tiles first, the checkpoint last, each file whole or not there.
//! Killed in the middle, the next run writes the same files again; the checkpoint names nothing that is not there.
//! Standard: c2sp.org/tlog-tiles.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use store::StoreError;

use crate::checkpoint::Checkpoint;
use crate::error::LedgerError;
use crate::house::Ledger;
use crate::log::{head, served};
use crate::tile::{Kind, TileName};

/// Name of the checkpoint's file.
pub const CHECKPOINT: &str = "checkpoint";
/// Tiles that are read in one transaction.
const CHUNK: usize = 64;

/// Writes what the folder does not have yet. Says how many entries it has now.
///
/// # Errors
/// `Folder` when it cannot be written, or holds another log; the store's.
pub async fn write(ledger: &Ledger, folder: &Path) -> Result<u64, LedgerError> {
    let (reader, folder) = (ledger.clone(), folder.to_owned());
    let newest = ledger
        .store()
        .read(move |tx| match head(tx)? {
            Some(head) => Ok::<_, LedgerError>(Some((head.size, reader.cosigned_note(tx, &head)?.0.to_string()))),
            None => Ok(None),
        })
        .await?;
    let Some((size, note)) = newest else { return Ok(0) };
    let (there, origin) = (folder.clone(), ledger.key().name().to_owned());
    let before = on_disk(move || written(&there, &origin)).await?;
    if before.as_ref().is_some_and(|(_, text)| *text == note) {
        return Ok(size);
    }
    let before = before.map_or(0, |(size, _)| size);
    if before > size {
        let what = format!("{} holds {before} entries, the log has {size}", folder.display());
        return Err(LedgerError::Folder(what));
    }
    let kinds = TileName::levels(size).chain([Kind::Entries]);
    let names: Vec<TileName> = kinds
        .flat_map(|kind| TileName::all(kind, size, first_after(kind, before)))
        .collect();
    for part in names.chunks(CHUNK) {
        let asked = part.to_vec();
        let read = ledger.store().read(move |tx| {
            let contents = asked.into_iter().map(|name| Ok((name, served(tx, name)?)));
            contents.collect::<Result<Vec<_>, StoreError>>()
        });
        let contents = read.await?;
        let folder = folder.clone();
        on_disk(move || {
            for (name, content) in contents {
                let content = content.ok_or_else(|| LedgerError::Damaged(format!("{name} is missing")))?;
                put(&folder, &name.to_string(), &content)?;
            }
            Ok(())
        })
        .await?;
    }
    on_disk(move || put(&folder, CHECKPOINT, note.as_bytes())).await?;
    Ok(size)
}

/// The first tile of a kind that a log of `size` entries had not whole.
fn first_after(kind: Kind, size: u64) -> u64 {
    let level = match kind {
        Kind::Level(level) => u32::from(level),
        Kind::Entries => 0,
    };
    size.checked_shr(8 * (level + 1)).unwrap_or(0)
}

/// How far the files in a folder go, and their checkpoint.
fn written(folder: &Path, origin: &str) -> Result<Option<(u64, String)>, LedgerError> {
    let path = folder.join(CHECKPOINT);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LedgerError::Folder(format!("{}: {error}", path.display()))),
    };
    let (checkpoint, note) =
        Checkpoint::read(&bytes).map_err(|error| LedgerError::Folder(format!("{}: {error}", path.display())))?;
    if checkpoint.origin != origin {
        let what = format!("{} holds the log {}", folder.display(), checkpoint.origin);
        return Err(LedgerError::Folder(what));
    }
    Ok(Some((checkpoint.size, note.to_string())))
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, LedgerError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| LedgerError::Folder(error.to_string()))?
}

/// Writes a file whole or not at all, and durably.
fn put(folder: &Path, name: &str, content: &[u8]) -> Result<(), LedgerError> {
    let path = folder.join(name);
    let faulty = |error: std::io::Error| LedgerError::Folder(format!("{}: {error}", path.display()));
    let parent = path.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    fs::create_dir_all(&parent).map_err(faulty)?;
    let mut aside = PathBuf::from(&path).into_os_string();
    aside.push(".new");
    let aside = PathBuf::from(aside);
    let mut file = File::create(&aside).map_err(faulty)?;
    file.write_all(content).map_err(faulty)?;
    file.sync_all().map_err(faulty)?;
    fs::rename(&aside, &path).map_err(faulty)?;
    File::open(&parent).and_then(|parent| parent.sync_all()).map_err(faulty)
}
